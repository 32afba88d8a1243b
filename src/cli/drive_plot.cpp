// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "cases_to_draw.hpp"
#include "drivers.hpp"
#include "kedge/campaign/opened_results.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/report/figures.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

/// Draws the figures of one result file next to it.
class Plotter {
 public:
  Plotter(const CommandLine& line, const Log& log)
      : opened_(campaign::open_results(line.file, {})),
        i_case_(campaign::case_index(opened_.results.header, line.plotted_case)),
        stem_(output_stem(line)),
        drawn_(cases_to_draw(line, opened_.results.header, i_case_, nullptr, log)),
        log_(log) {}

  void draw_all() const {
    warn_of_gaps(opened_.results, log_);
    const auto& header = opened_.results.header;
    for (std::size_t i_q = 0; i_q < header.q_per_angstrom.size(); ++i_q) {
      const std::string q = i_q == 0 ? "" : fmt::format("_q{}", i_q + 1);
      draw(report::sums_figure(opened_, i_q, drawn_.cases), "sum" + q);
      draw(report::sites_figure(opened_, i_q, i_case_), "sites" + q);
      draw(report::momenta_figure(opened_, i_q, i_case_), "l" + q);
      if (!header.average_groups().empty()) {
        draw(report::averages_figure(opened_, i_q), "average" + q);
      }
      if (header.n_cases() < 2) continue;
      draw(report::stack_figure(opened_, i_q, drawn_.cases), "stack" + q);
      draw(report::difference_figure(opened_, i_q, i_case_, drawn_.cases), "difference" + q);
      int number = 0;
      for (const auto& map : report::sweep_maps(opened_, i_q, i_case_)) {
        ++number;
        save(io::svg(map), "map" + q + (number == 1 ? "" : fmt::format("_{}", number)));
      }
    }
    if (campaign::has_absorption(opened_.results)) {
      draw(report::sums_figure(opened_, campaign::kAbsorption, drawn_.cases), "absorption");
    }
    if (!header.dos_atoms.empty()) draw(report::density_of_states_figure(opened_, i_case_), "dos");
    if (!header.structure_text.empty()) save(report::structure_figure(opened_), "structure");
  }

 private:
  void draw(const io::Plot& plot, const std::string& suffix) const {
    if (plot.curves.empty()) {
      log_.warning(fmt::format("no figure '{}_{}.svg': too few energies are done", stem_, suffix));
      return;
    }
    save(io::svg(plot), suffix);
  }

  void save(const std::string& drawn, const std::string& suffix) const {
    const std::string path = fmt::format("{}_{}.svg", stem_, suffix);
    io::write_text(path, drawn);
    log_.line(path);
  }

  campaign::OpenedResults opened_;
  std::size_t i_case_;
  std::string stem_;
  report::DrawnCases drawn_;
  const Log& log_;
};

}  // namespace

int drive_plot(MPI_Comm world, const CommandLine& line, const Log& log) {
  if (line.plotted_case < 1) {
    throw Error(ErrorKind::input,
                fmt::format("--case {}: wanted a number from 1 on", line.plotted_case));
  }
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) == 0) Plotter(line, log).draw_all();
  });
  return 0;
}

}  // namespace kedge::cli
