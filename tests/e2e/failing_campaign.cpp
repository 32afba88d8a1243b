// SPDX-License-Identifier: BSD-3-Clause
/// A campaign whose solver breaks on the last rank only, in the middle of the work:
/// failing_campaign FILE.h5
#include <unistd.h>

#include <cstdio>

#include "kedge/campaign/cases.hpp"
#include "kedge/campaign/run_campaign.hpp"
#include "kedge/core/error.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/runtime.hpp"

namespace {

using kedge::campaign::EnergyResult;
using kedge::campaign::SiteLevels;

class BreakingSolver : public kedge::campaign::SiteSolver {
 public:
  explicit BreakingSolver(bool breaks) : breaks_(breaks) {}
  [[nodiscard]] SiteLevels levels() const override { return {}; }
  [[nodiscard]] EnergyResult solve(double /*energy*/) override {
    // The ranks that stay whole are slow: however late the last one starts, work is left for it.
    (void)usleep(breaks_ ? 20000 : 200000);
    if (breaks_ && ++solves_ == 3) {
      throw kedge::Error(kedge::ErrorKind::external, "the library broke");
    }
    return {{1.0}, 1.0, 0.0};
  }

 private:
  bool breaks_;
  int solves_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  const kedge::parallel::Runtime runtime(argc, argv);
  const bool last =
      kedge::parallel::rank(MPI_COMM_WORLD) == kedge::parallel::size(MPI_COMM_WORLD) - 1;
  const auto input = kedge::io::parse_input(
      "[structure]\nfile = a.xyz\nabsorber = B\n[energy]\ngrid = 0:1:99\nfermi = -7\n"
      "[xrs]\nq = 4.5\nlmax = 0\n[engine]\nenergies = direct\n",
      "job.ini", "", {});
  kedge::io::ResultsHeader header;
  header.energy_ev = input.energy.grid_ev;
  header.resolution_ev.assign(header.energy_ev.size(), 0.0);
  header.q_per_angstrom = input.xrs.q_per_angstrom;
  header.cases = kedge::campaign::case_columns(input);
  header.sites = {{1, "B", "B1", {}, 1}};
  header.input_text = kedge::io::resolved_text(input);
  header.libraries = {{"none", "0"}};
  try {
    (void)kedge::campaign::run_campaign(
        MPI_COMM_WORLD, input, {0}, header,
        [&](MPI_Comm, const std::vector<kedge::campaign::CaseInput>&, int) {
          std::vector<std::unique_ptr<kedge::campaign::SiteSolver>> solvers;
          solvers.push_back(std::make_unique<BreakingSolver>(last));
          return solvers;
        },
        {argv[1], false, false}, kedge::Log(nullptr));
  } catch (const kedge::Error& error) {
    (void)std::fprintf(stderr, "caught: %s\n", error.what());
    return kedge::exit_code(error.kind());
  }
  return 0;
}
