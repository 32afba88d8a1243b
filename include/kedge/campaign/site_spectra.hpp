// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <string>
#include <vector>

#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"
#include "kedge/spectrum/broadening.hpp"

/// From the raw spectra of a result file to broadened spectra; no solve, always possible again.
/// Rank-local.
namespace kedge::campaign {

/// The widths of the input, with the tabulated core-hole width where it says auto.
/// @throws Error{input} if the table has no such edge
[[nodiscard]] spectrum::BroadeningSettings broadening_settings(const io::Input& input,
                                                               const std::string& element);
/// The same with the resolution of the raw spectra of a result file.
[[nodiscard]] spectrum::BroadeningSettings broadening_settings(const io::Input& input,
                                                               const io::ResultsHeader& header);

/// ResultsHeader::resolution_ev of a calculation: with a reduced model of the energies
/// sqrt[8 ln 2 (s^2 + h^2/6)], s the Gaussian of their cells (fdm::kCellSigma) and h their
/// distance, h^2/6 the variance of the hat function that straight lines between values amount to;
/// else 0.
[[nodiscard]] std::vector<double> energy_resolution_ev(const io::Input& input);

/// The settings as one line for people: "core hole 0.152 eV, arctangent (...), instrument 0.7 eV".
[[nodiscard]] std::string describe(const spectrum::BroadeningSettings& settings);

/// Weights and shifts that the user gave to sites, as one line: "B12 (atom 12) weight 0.5, shift
/// 0.3 eV; ..."; "" without.
[[nodiscard]] std::string describe(const io::Results& results);

/// In place of a momentum transfer i_q: the absorption cross section. It has no parts by l.
inline constexpr std::size_t kAbsorption = static_cast<std::size_t>(-1);

/// Which raw spectrum.
struct SpectrumIndex {
  std::size_t i_case = 0;
  std::size_t i_site = 0;
  std::size_t i_q = 0;  ///< or kAbsorption
  int l = -1;           ///< -1: sum over l
};

/// S(E) of one site as computed, the energies that are done only.
struct RawSpectrum {
  std::vector<double> energy_ev;  ///< from the Fermi level
  std::vector<double> intensity;  ///< per absorber [1/eV], absorption [Mbarn]
};
/// @throws Error{input} for absorption that is not in the file
[[nodiscard]] RawSpectrum raw_spectrum(const io::Results& results, const SpectrumIndex& index);

/// Broadening on the energies of a result file. It is linear, so that one matrix, made of the hat
/// functions of the piecewise-linear spectrum, does every spectrum that misses no energy.
class GridBroadening {
 public:
  /// @param n_spectra  how many are expected: the matrix is made where it pays
  GridBroadening(const io::Results& results, const spectrum::BroadeningSettings& settings,
                 std::size_t n_spectra);

  /// On all energies of the file; those missing are bridged by straight lines, beyond the last that
  /// is there its value goes on. Empty if fewer than two are there, or it is
  /// unfinished and has none above the cut.
  /// @throws Error{input} if the cut leaves nothing of a whole spectrum
  [[nodiscard]] std::vector<double> of(const RawSpectrum& raw) const;

 private:
  std::vector<double> energy_ev_;
  spectrum::BroadeningSettings settings_;
  Eigen::MatrixXd matrix_;  ///< (energy, energy), or empty
};

/// Broadened S(E) of one site on the energies of the file, per absorber [1/eV]. Energies that
/// failed or are missing are left out and bridged by straight lines; empty if fewer than two are
/// there.
[[nodiscard]] std::vector<double> site_spectrum(const io::Results& results,
                                                const SpectrumIndex& index,
                                                const GridBroadening& broadening);

/// Fermi level of the least bound site of a case [eV from the vacuum]; NaN if no site is begun.
[[nodiscard]] double least_bound_fermi_ev(const io::Results& results, std::size_t i_case);

/// By how much spectra whose least bound site has this Fermi level are moved on the loss axis of
/// the file [eV]: of elements whose edges count from the vacuum (atom::edge_is_from_vacuum) by its
/// distance from that of the first case, of the others not at all.
[[nodiscard]] double shift_from_file_axis_ev(const io::Results& results, double fermi_ev);

/// Energy loss of the energies of the file: tabulated edge + energy from the Fermi level [eV], and
/// for an edge that counts from the vacuum + the Fermi level of the first case, counted from there.
/// That is where the site with the least bound core level stands; see spectrum::sum_sites.
[[nodiscard]] std::vector<double> energy_loss_ev(const io::Results& results);

/// Site sum of one case on energy_loss_ev(), aligned by the core levels, mean per absorber [1/eV];
/// l = -1: sum over l. Weights and shifts of results.adjustments count, here and in all sums below.
/// Empty if a site has no spectrum.
/// @throws Error{input} if all sites of the case have weight zero
[[nodiscard]] std::vector<double> case_sum(const io::Results& results, std::size_t i_case,
                                           std::size_t i_q, int l,
                                           const GridBroadening& broadening);

/// Average of a group of cases (io::ResultsHeader::average_groups): the mean over all their sites,
/// each with its multiplicity times the weight of its case, aligned by the core levels as the sites
/// of one structure are. Empty if a site has no spectrum.
[[nodiscard]] std::vector<double> weighted_sum(const io::Results& results,
                                               const std::vector<std::size_t>& group,
                                               std::size_t i_q, const GridBroadening& broadening);

/// Every energy or site that had to be bridged or left out in the spectra of a file.
[[nodiscard]] std::vector<std::string> notes_on_gaps(const io::Results& results);

struct BroadenedSums {
  io::BroadenedSpectra spectra;    ///< NaN for a case that lacks a whole site, or absorption
  std::vector<std::string> notes;  ///< notes_on_gaps()
};

/// True if the absorption of every energy that is done is in the file.
[[nodiscard]] bool has_absorption(const io::Results& results);

/// Site sums of all cases, for each q and of the absorption.
[[nodiscard]] BroadenedSums broadened_sums(const io::Results& results,
                                           const spectrum::BroadeningSettings& settings);

/// "absorber.screening = 0.5, absorber.dilatorb = 0", the swept parameters of a case; "" if nothing
/// is swept.
[[nodiscard]] std::string case_name(const io::ResultsHeader& header, std::size_t i_case);

/// The same without the sections, for legends: "screening = 0.5, dilatorb = 0"; a key whose last
/// part another swept key has too keeps its section.
[[nodiscard]] std::string short_case_name(const io::ResultsHeader& header, std::size_t i_case);

}  // namespace kedge::campaign
