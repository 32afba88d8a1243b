// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string>
#include <vector>

namespace kedge::spectrum {

/// How the width of the final state grows with its energy.
enum class WidthModel {
  none,        ///< core-hole width only
  arctangent,  ///< rises about the centre energy
  seah_dench   ///< rises linearly, then saturates
};

/// "none", "arctangent" or "seah-dench".   @throws Error{input} for another name
[[nodiscard]] WidthModel width_model(const std::string& name);

/// The Gaussian through which values at some energies see the spectrum already, straight lines
/// between them included. Empty: none.
struct Resolution {
  std::vector<double> energy_ev;  ///< from the Fermi level, strictly increasing
  std::vector<double> fwhm_ev;    ///< there; linear in between, constant beyond
};

/// All widths are full widths at half maximum [eV]; energies are from the Fermi level [eV].
struct BroadeningSettings {
  double core_hole_width_ev = 0.0;  ///< Gamma_hole
  WidthModel model = WidthModel::arctangent;
  double gamma_max_ev = 15.0;  ///< Gamma_max, both models
  double centre_ev = 30.0;     ///< E_centre of the arctangent
  double width_ev = 30.0;      ///< E_width of the arctangent
  double seah_dench_a = 0.2;   ///< A, dimensionless
  double instrument_ev = 0.7;  ///< w of the Gaussian; 0: none
  Resolution resolution;       ///< of the raw spectrum: w is what it is broadened to
  double cut_ev = 0.0;         ///< E_cut: states below are occupied; 0: the Fermi level
};

/// Width of the final state [eV], zero up to E_cut; with E counted from E_cut:
///   arctangent  Gamma_f = Gamma_max {1/2 + (1/pi) atan[(pi/3) (Gamma_max/E_width) (e - 1/e^2)]},
///               e = E / E_centre
///   Seah-Dench  Gamma_f = A E Gamma_max / (Gamma_max + A E)
/// The arctangent reaches Gamma_max/2 at E = E_centre, the other at E = Gamma_max / A.
/// Source: forms and defaults of FDMNES, version of January 2021; M. P. Seah, W. A. Dench, Surf.
/// Interface Anal. 1, 2 (1979) for the mean free paths behind the second. In both, E_cut takes the
/// place of the Fermi level.
/// @throws Error{input} for negative or not finite settings
[[nodiscard]] double final_state_width_ev(double energy_rel_fermi_ev,
                                          const BroadeningSettings& settings);

/// Cuts the occupied states off and convolves with a Lorentzian whose width belongs to the output
/// energy E:
///   S'(E) = (1/pi) integral_{E_cut}^inf S(x) b / [(x - E)^2 + b^2] dx,
///   b = (Gamma_hole + Gamma_f(E)) / 2.
/// S is linear between its points, zero below the first point and below E_cut, and keeps its last
/// value up to infinity, so that the end of the grid makes no false edge. Each interval is
/// integrated in closed form: with S = s + m (x - E),
///   (s/pi) atan[(x - E)/b] + (m b / 2 pi) ln[(x - E)^2 + b^2]  between its ends;
/// grids need not be uniform. b = 0 gives S itself.
/// @param energies_rel_fermi_ev  strictly increasing [eV]   @param intensity  as long, any unit
/// @param output_rel_fermi_ev  where the result is wanted [eV], any order
/// @throws Error{input} for bad settings, or if E_cut lies above all energies; and of check_curve
[[nodiscard]] std::vector<double> lorentzian_broadened(
    std::span<const double> energies_rel_fermi_ev, std::span<const double> intensity,
    std::span<const double> output_rel_fermi_ev, const BroadeningSettings& settings);

/// Convolves with a Gaussian of unit area and full width at half maximum w, sigma = w/sqrt(8 ln 2):
///   S'(E) = integral S(x) exp[-(x - E)^2 / 2 sigma^2] / (sigma sqrt(2 pi)) dx.
/// S is linear between its points and keeps its end values on both sides; integrated in closed form
/// by error functions, so the area is kept whatever the grid. w = 0 gives S itself.
/// @param fwhm_ev  w >= 0 [eV]   @throws Error{input} if it is not; and of check_curve
[[nodiscard]] std::vector<double> gaussian_broadened(std::span<const double> energies_ev,
                                                     std::span<const double> intensity,
                                                     std::span<const double> output_ev,
                                                     double fwhm_ev);

/// Width of the Gaussian that is missing at an energy [eV]: sqrt[w^2 - r(E)^2], r the resolution of
/// the raw spectrum; 0 where r is wider than w.
[[nodiscard]] double missing_gaussian_ev(double energy_rel_fermi_ev,
                                         const BroadeningSettings& settings);

/// The measured shape: lorentzian_broadened, then the Gaussian of the instrument, as far as the raw
/// spectrum is not seen through one already (missing_gaussian_ev).
///
/// Between the two steps the Lorentzian result, smooth on the scale b(E), is held on a grid of its
/// own with steps max(sigma, b)/30, refined towards the edge at E_cut; taken as linear there, it
/// is off by (step/scale)^2 / 12 = 1e-4 of a peak height. (Widths below 1/3000 of the whole range
/// are held more coarsely: the grid has 1e5 points at most, besides those of the input.)
/// Parameters, ends and errors as for the two functions.
[[nodiscard]] std::vector<double> broadened(std::span<const double> energies_rel_fermi_ev,
                                            std::span<const double> intensity,
                                            std::span<const double> output_rel_fermi_ev,
                                            const BroadeningSettings& settings);

}  // namespace kedge::spectrum
