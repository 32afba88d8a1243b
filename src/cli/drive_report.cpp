// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "drivers.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/measured/read_spectrum.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/report/page.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

int drive_report(MPI_Comm world, const CommandLine& line, const Log& log) {
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    const auto opened = campaign::open_results(line.file, {});
    const std::size_t i_case = campaign::case_index(opened.results.header, line.plotted_case);
    std::optional<measured::Spectrum> data;
    if (has(line, "data")) {
      auto spectra = measured::read_spectra(text_of(line, "data"));
      data = std::move(spectra.front());
    }
    const std::string file =
        has(line, "output") ? text_of(line, "output") : output_stem(line) + ".html";
    io::write_text(file, report::page(opened, i_case, data));
    log.line(file);
  });
  return 0;
}

}  // namespace kedge::cli
