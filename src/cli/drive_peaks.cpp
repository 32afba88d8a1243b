// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <limits>

#include "drivers.hpp"
#include "kedge/campaign/site_peaks.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/report/figures.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

void write_peaks(const CommandLine& line, double prominence, const Log& log) {
  const auto opened = campaign::open_results(line.file, line.settings);
  const auto& header = opened.results.header;
  warn_of_gaps(opened.results, log);
  const std::size_t chosen = campaign::case_index(header, line.plotted_case);
  const std::string to = text_of(line, "to");
  const std::string stem = output_stem(line);
  std::vector<campaign::Neighbour> nearest(header.sites.size(),
                                           {0, std::numeric_limits<double>::quiet_NaN()});
  if (!to.empty()) {
    if (!header.case_sites.empty()) {
      throw Error(ErrorKind::input,
                  fmt::format("--to {}: the cases of '{}' differ in structure, and the file holds "
                              "it as it was read; give cases.distances = {} in the input, which "
                              "puts the distances of each case into /entry/cases/distance",
                              to, line.file.string(), to));
    }
    nearest = campaign::nearest_atoms(campaign::stored_structure(header), header, to);
  }
  for (std::size_t i_q = 0; i_q < header.q_per_angstrom.size(); ++i_q) {
    const auto peaks = campaign::site_peaks(opened, i_q, prominence);
    std::vector<io::TextColumn> table = {
        {"case", "", {}},          {"atom", "", {}},       {"peak", "", {}},
        {"energy_loss", "eV", {}}, {"height", "1/eV", {}}, {"prominence", "1/eV", {}},
        {"area", "", {}},          {"neighbour", "", {}},  {"distance", "Angstrom", {}}};
    log.line(
        fmt::format("Peaks of the sites, {} {} edge, q = {:g} 1/Angstrom\n"
                    "  case  atom  label     peak  loss (eV)  height (1/eV)       area  "
                    "neighbour  distance (A)",
                    header.element, header.edge, header.q_per_angstrom[i_q]));
    for (const auto& peak : peaks) {
      const auto& site = header.sites[peak.i_site];
      const auto& neighbour = nearest[peak.i_site];
      const std::vector<double> row = {static_cast<double>(peak.i_case + 1),
                                       static_cast<double>(site.atom_number),
                                       static_cast<double>(peak.number),
                                       peak.loss_ev,
                                       peak.height,
                                       peak.prominence,
                                       peak.area,
                                       static_cast<double>(neighbour.atom_number),
                                       neighbour.distance_angstrom};
      for (std::size_t c = 0; c < row.size(); ++c) table[c].values.push_back(row[c]);
      if (peak.i_case != chosen) continue;
      log.line(fmt::format(
          "  {:>4}  {:>4}  {:<8}  {:>4}  {:>9.2f}  {:>13.4e}  {:>9.3e}  {:>9}  {:>12}",
          peak.i_case + 1, site.atom_number, site.label, peak.number, peak.loss_ev, peak.height,
          peak.area, to.empty() ? "-" : fmt::format("{}", neighbour.atom_number),
          to.empty() ? "-" : fmt::format("{:.4f}", neighbour.distance_angstrom)));
    }
    const std::string q = i_q == 0 ? "" : fmt::format("_q{}", i_q + 1);
    std::vector<std::string> about = {
        fmt::format("{}: peaks of the broadened spectra of the sites, q = {:g} 1/Angstrom",
                    header.title, header.q_per_angstrom[i_q]),
        campaign::describe(opened.settings)};
    if (!to.empty()) about.push_back("distance: nearest " + to);
    io::write_text(stem + "_peaks" + q + ".dat", io::columns_text(about, table));
    log.line(stem + "_peaks" + q + ".dat");
    if (to.empty()) continue;
    const auto plot = report::distance_figure(opened, i_q, chosen, to, nearest, peaks);
    if (plot.curves.empty()) {
      log.warning("no figure of peaks against distance: no site has both");
      continue;
    }
    io::write_text(stem + "_peaks" + q + ".svg", io::svg(plot));
    log.line(stem + "_peaks" + q + ".svg");
  }
}

}  // namespace

int drive_peaks(MPI_Comm world, const CommandLine& line, const Log& log) {
  check_broadening_settings(line);
  const double prominence = number_of(line, "prominence").value_or(0.0);
  if (prominence < 0.0 || prominence >= 1.0) {
    throw Error(ErrorKind::input,
                fmt::format("--prominence {:g}: wanted a part from 0 to 1", prominence));
  }
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) == 0) write_peaks(line, prominence, log);
  });
  return 0;
}

}  // namespace kedge::cli
