// SPDX-License-Identifier: BSD-3-Clause
/// How long kedge broaden takes for many spectra, from the file on disk to the file on disk.
///     broaden_speed FOLDER [CASES [SITES [ENERGIES]]]     (default 100 x 10 spectra of 137
///     energies)
/// Made spectra: what is measured does not depend on where they come from.
#include <ctime>

#include "benchmark.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/io/hdf5.hpp"
#include "kedge/io/results_file.hpp"

namespace {

using namespace kedge;

struct Size {
  std::size_t cases = 100;
  std::size_t sites = 10;
  std::size_t energies = 137;
};

io::ResultsHeader header_of(const Size& size) {
  io::ResultsHeader header;
  header.element = std::string("B");
  header.edge = std::string("K");
  header.q_per_angstrom = {4.5};
  header.lmax = 3;
  io::CaseColumn screening{"absorber.screening", "electron", true, {}};
  for (std::size_t i = 0; i < size.cases; ++i) {
    screening.values.push_back(1.0 - 0.01 * static_cast<double>(i));
  }
  header.cases = {screening};
  for (std::size_t i = 0; i < size.sites; ++i) {
    header.sites.push_back({static_cast<int>(i) + 1, "B", fmt::format("B{}", i + 1), {}, 1});
  }
  for (std::size_t i = 0; i < size.energies; ++i) {
    header.energy_ev.push_back(-5.0 + 0.25 * static_cast<double>(i));
  }
  return header;
}

/// Edge with a peak for each l, levels that differ from site to site; all energies done.
void fill(const std::filesystem::path& file, const Size& size) {
  const io::ResultsHeader header = header_of(size);
  io::ResultsFile out(MPI_COMM_SELF, file, header);
  for (std::size_t c = 0; c < size.cases; ++c) {
    for (std::size_t i = 0; i < size.sites; ++i) {
      out.write_levels(c, i, {-5.0, -185.0 - 0.1 * static_cast<double>(i), -12.0});
      for (std::size_t e = 0; e < size.energies; ++e) {
        const double x = header.energy_ev[e] - 3.0;
        out.write_energy(
            c, i, e,
            {io::Status::done, std::vector<double>(4, 0.01 + 0.1 / (1.0 + x * x)), 1.0, 0.0});
      }
    }
  }
  out.close();
  io::rename_finished(file, true);
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) /
         CLOCKS_PER_SEC;  // of this process: the machine may be shared
}

void run(int argc, char** argv) {
  Size size;
  if (argc > 2) size.cases = std::stoul(argv[2]);
  if (argc > 3) size.sites = std::stoul(argv[3]);
  if (argc > 4) size.energies = std::stoul(argv[4]);
  const std::filesystem::path file = std::filesystem::path(argv[1]) / "broaden_speed.h5";
  fill(file, size);
  spectrum::BroadeningSettings settings;
  settings.core_hole_width_ev = 0.15;
  for (const bool adjusted : {false, true}) {
    const auto wall = std::chrono::steady_clock::now();
    const double start = cpu_seconds();
    io::Results results = io::read_results(file);
    const double read = cpu_seconds();
    if (adjusted) results.adjustments.assign(size.sites, {0.5, 0.3});
    const auto sums = campaign::broadened_sums(results, settings);
    const double broadened = cpu_seconds();
    io::rewrite_spectra(file, sums.spectra, "benchmark", {}, results.adjustments);
    fmt::print(
        "{} spectra of {} energies{}: read {:.3f} s, broaden and sum {:.3f} s, write {:.3f} s of "
        "processor time; "
        "{:.3f} s by the clock\n",
        size.cases * size.sites, size.energies, adjusted ? ", weights and shifts of sites" : "",
        read - start, broadened - read, cpu_seconds() - broadened, benchmark::seconds_since(wall));
  }
  std::filesystem::remove(file);
}

}  // namespace

int main(int argc, char** argv) {
  kedge::io::hdf5::start();
  return kedge::benchmark::run_main(argc, argv, 1,
                                    "broaden_speed FOLDER [CASES [SITES [ENERGIES]]]", run);
}
