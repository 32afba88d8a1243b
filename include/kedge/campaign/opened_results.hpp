// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <filesystem>
#include <string>
#include <vector>

#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"
#include "kedge/measured/uniform_curve.hpp"
#include "kedge/spectrum/broadening.hpp"

namespace kedge::campaign {

/// Broadening of spectra that are known at the same energies, on an even axis from 10 eV below the
/// first energy to the last. It is linear in the spectrum, so one matrix serves them all: made by
/// broadening each hat function of the piecewise-linear spectrum once there are many spectra for
/// their energies. Not for use by several threads.
///
/// Where the half width of the core hole is 1.2 steps or more and the resolution of the raw
/// spectrum is everywhere the same, the Lorentzian part is held on the even axis and the Gaussian
/// is the discrete one (measured::discrete_gaussian), whose error against the integral is exp(-2
/// pi 1.2) = 5e-4 of an edge at most; else spectrum::broadened does it.
class FineBroadening {
 public:
  FineBroadening() = default;
  FineBroadening(std::vector<double> energy_rel_fermi_ev,
                 const spectrum::BroadeningSettings& settings, double step_ev);

  /// Broadened spectrum, axis from the Fermi level. @param intensity  at the energies given
  [[nodiscard]] measured::UniformCurve of(const std::vector<double>& intensity) const;
  /// The same for a spectrum that lacks some energies, without the matrix.
  [[nodiscard]] measured::UniformCurve of(const std::vector<double>& energy_rel_fermi_ev,
                                          const std::vector<double>& intensity) const;

 private:
  std::vector<double> energy_rel_fermi_ev_;
  spectrum::BroadeningSettings settings_;
  double first_ = 0.0;
  double step_ = 1.0;
  std::size_t count_ = 0;
  mutable Eigen::MatrixXd matrix_;  ///< (point, energy); empty until it pays
  mutable std::size_t asked_ = 0;   ///< spectra broadened without it
};

/// A result file with what its spectra are broadened with: the start of everything that needs no
/// solve.
struct OpenedResults {
  std::filesystem::path file;
  io::Results results;
  spectrum::BroadeningSettings settings;
  FineBroadening fine;
};

/// Reads a result file. The widths are those of its input, changed by the settings with which it
/// was broadened last, changed by `overrides` (section.key=value of [broadening]).
/// @throws Error{io} or Error{input}, see read_results and parse_input   @note Rank-local
[[nodiscard]] OpenedResults open_results(const std::filesystem::path& file,
                                         const std::vector<std::string>& overrides);

/// Index of a case given by its number from 1 on. @throws Error{input} if there is no such case
[[nodiscard]] std::size_t case_index(const io::ResultsHeader& header, int number);

}  // namespace kedge::campaign
