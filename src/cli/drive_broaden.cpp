// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "drivers.hpp"
#include "kedge/campaign/computed_curves.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/output_lock.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "site_options.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

int drive_broaden(MPI_Comm world, const CommandLine& line, const Log& log) {
  check_broadening_settings(line);
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    io::Results results = io::read_results(line.file);
    const io::OutputLock lock(line.file);
    const io::Input input = io::parse_input(
        results.header.input_text, line.file.string() + ":/entry/process/input", {}, line.settings);
    const auto settings = campaign::broadening_settings(input, results.header);
    results.adjustments =
        site_adjustments(line, results.header);  // those of an earlier time go, as its widths do
    auto sums = campaign::broadened_sums(results, settings);
    std::string how = campaign::describe(settings);
    if (!results.adjustments.empty()) how += "; sites: " + campaign::describe(results);
    log.line("Broadening: " + how);
    for (const std::string& note : sums.notes) {
      log.warning(note);
      how += "; " + note;
    }
    io::rewrite_spectra(line.file, sums.spectra, how, line.settings, results.adjustments);
    const campaign::OpenedResults opened = campaign::open_results(line.file, {});
    for (std::size_t i_q = 0; i_q < opened.results.header.q_per_angstrom.size(); ++i_q) {
      log.line(campaign::peak_table(opened, i_q));
    }
    log.line(fmt::format("Written to /entry/data of {}", line.file.string()));
  });
  return 0;
}

}  // namespace kedge::cli
