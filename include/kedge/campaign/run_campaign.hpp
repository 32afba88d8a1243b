// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kedge/campaign/site_calculation.hpp"
#include "kedge/campaign/site_family.hpp"
#include "kedge/core/log.hpp"
#include "kedge/io/input.hpp"
#include "kedge/io/results_file.hpp"

namespace kedge::campaign {

/// What a campaign needs of the solver of one site; SiteCalculation is the real one, tests bring
/// their own.
class SiteSolver {
 public:
  virtual ~SiteSolver() = default;
  [[nodiscard]] virtual SiteLevels levels() const = 0;
  /// Density of states (atom, l, energy) of the atoms of [dos]; empty without any.
  [[nodiscard]] virtual std::vector<double> dos() const { return {}; }
  /// Estimated error of the grid, asked for when all energies are in the file
  /// (SiteFamily::grid_error()); NaN: none.
  /// @note Collective on the communicator the solver was made with
  [[nodiscard]] virtual double grid_error() { return std::numeric_limits<double>::quiet_NaN(); }
  /// Asked for with the error. @note Collective on the communicator the solver was made with
  [[nodiscard]] virtual GridQuality grid_quality() { return {}; }
  /// One energy [eV from the Fermi level]. @throws Error{numerical}: this energy failed, the rest
  /// goes on.
  /// @note Collective on the communicator the solver was made with
  [[nodiscard]] virtual EnergyResult solve(double energy_rel_fermi_ev) = 0;
  /// True if solve() has only to hand over what is known already, as the other energies of a
  /// reduced model. @note Rank-local
  [[nodiscard]] virtual bool at_hand(double /*energy_rel_fermi_ev*/) const { return false; }
  /// Gives what a long solve calls between its steps, on all ranks together; it ends the solve by
  /// an Error{stopped}, the same on all.
  virtual void between_steps(std::function<void()> /*call*/) {}
};

/// Makes the solvers of one absorber (0-based site), one for each case of a family (families();
/// often a single case), which may share what they like. The cases and the communicator outlive the
/// solvers. @note Collective on group
using SolverFactory = std::function<std::vector<std::unique_ptr<SiteSolver>>(
    MPI_Comm group, const std::vector<CaseInput>& cases, int site)>;

struct CampaignOptions {
  std::filesystem::path output;  ///< FILE.h5
  bool resume =
      false;  ///< go on with FILE.h5.part, or with the missing and failed energies of FILE.h5
  bool overwrite = false;  ///< replace FILE.h5 and FILE.h5.part
  std::vector<double> solve_costs =
      {};  ///< foreseen time of one energy (case, site), relative; empty: all alike
};

struct CampaignOutcome {
  std::size_t total = 0;
  std::size_t done = 0;
  std::size_t done_before = 0;  ///< by earlier runs
  std::size_t failed = 0;
  bool stopped = false;               ///< asked to stop before the end; FILE.h5.part can be resumed
  bool out_of_time = false;           ///< stopped by the time limit
  std::vector<std::string> failures;  ///< one line for each energy that failed in this run
};

/// Solves every energy of every site of every case and writes FILE.h5.part as it goes; the caller
/// adds the broadened spectra and renames it.
///
/// The ranks are split into groups of parallel.ranks_per_solve; the groups take units of work
/// (plan_work, largest first) from a shared counter until none is left. An energy or set-up that
/// fails numerically is tried once more, the energies of a unit with a fresh set-up of their case
/// alone at its end, and then stored as failed; the rest goes on. Before an energy that would pass
/// the time limit the job stops as if it were asked to. What a reduced model gives at once is
/// written at once and never given up; a model in work is given up when the time is over, or when a
/// stop is asked for and it would take longer than some seconds. Any other failure ends the whole
/// job with its message: with more than one rank through MPI_Abort, since the other groups may be
/// deep in their own solves.
/// @param header  content of the file that is known beforehand; header.sites goes with `sites`
/// @param sites   0-based sites of the absorbers
/// @throws Error{input} if --resume meets the file of another input, Error{io} if the file cannot
/// be written
/// @note Collective on world
[[nodiscard]] CampaignOutcome run_campaign(MPI_Comm world, const io::Input& input,
                                           const std::vector<int>& sites,
                                           const io::ResultsHeader& header,
                                           const SolverFactory& make_solver,
                                           const CampaignOptions& options, const Log& log);

/// Ranks that share one solve. @throws Error{input} if it does not divide the number of ranks.
[[nodiscard]] int ranks_per_solve(const io::Input& input, int n_ranks);

}  // namespace kedge::campaign
