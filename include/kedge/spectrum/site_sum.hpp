// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

namespace kedge::spectrum {

/// Broadened spectrum of one absorbing site.
struct SiteSpectrum {
  std::vector<double> energy_rel_fermi_ev;  ///< from the Fermi level of this site's cluster [eV]
  std::vector<double> intensity;            ///< per absorber, any unit
  /// Binding of the core level from the same Fermi level, positive [eV]: core_binding_rel_fermi_ev.
  double core_binding_rel_fermi_ev = 0.0;
  double multiplicity =
      1.0;  ///< sites of the structure that this one stands for, times its weight, >= 0
  double extra_shift_ev = 0.0;  ///< moves the site on the loss axis besides its chemical shift
};

/// Binding B = E_F - E_core [eV] of a core level; both energies from the same zero (the vacuum).
[[nodiscard]] double core_binding_rel_fermi_ev(double core_level_rel_vacuum_ev,
                                               double fermi_rel_vacuum_ev);

/// Chemical shift of each site, B_i - min_j B_j >= 0 [eV]: the least bound site stays in place,
/// the others move to higher energy loss.
[[nodiscard]] std::vector<double> chemical_shifts_ev(std::span<const SiteSpectrum> sites);

/// Spectrum of all sites on one axis.
struct SiteSum {
  std::vector<double> loss_ev;    ///< absolute energy loss [eV]
  std::vector<double> intensity;  ///< mean per absorber, unit of the sites
  std::vector<double> shift_ev;   ///< chemical shift of each site, and its extra shift [eV]
};

/// Aligns the sites by their core levels and takes the mean per absorber:
///   loss_i(E) = E_edge + E + B_i - min_j B_j + d_i,   S(loss) = sum_i m_i S_i(loss) / sum_i m_i,
/// E from the Fermi level of site i, m_i multiplicity, d_i extra shift (zero unless the user gives
/// one). E_edge, the tabulated edge of the element, is thus the Fermi level of the least bound site
/// on the loss axis, be its weight zero or its d_i not; differences between sites come from the
/// computed core levels.
///
/// The common grid is that of the least bound site (the first of several), extended to lower loss
/// in steps of its first interval where another site begins earlier. Sites are interpolated
/// by cubics; a site is zero below its first energy and keeps its last value above its last one.
/// @param edge_energy_ev  E_edge [eV]
/// @throws Error{input} if there are no sites, a multiplicity is negative or all are zero; and of
///         check_curve
[[nodiscard]] SiteSum sum_sites(std::span<const SiteSpectrum> sites, double edge_energy_ev);

}  // namespace kedge::spectrum
