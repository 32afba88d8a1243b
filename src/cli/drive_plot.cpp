// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "drivers.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/svg_plot.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/spectrum/peaks.hpp"

namespace kedge::cli {

namespace {

/// Draws the figures of one result file next to it.
class Plotter {
 public:
  Plotter(const std::filesystem::path& file, std::size_t i_case, const Log& log)
      : file_(file),
        log_(log),
        results_(io::read_results(file)),
        input_(io::parse_input(results_.header.input_text, file.string() + ":/entry/process/input",
                               {}, results_.broadening_overrides)),
        settings_(campaign::broadening_settings(input_, results_.header.element)),
        i_case_(i_case) {
    if (i_case_ >= results_.header.n_cases()) {
      throw Error(ErrorKind::input, fmt::format("--case {}: wanted a case from 1 to {}",
                                                i_case_ + 1, results_.header.n_cases()));
    }
  }

  void draw_all() {
    for (std::size_t i_q = 0; i_q < results_.header.q_per_angstrom.size(); ++i_q) {
      const std::string q = i_q == 0 ? "" : fmt::format("_q{}", i_q + 1);
      draw(sums(i_q), "sum" + q);
      draw(sites(i_q), "sites" + q);
      draw(momenta(i_q), "l" + q);
    }
    if (!results_.header.dos_atoms.empty()) draw(densities_of_states(), "dos");
  }

 private:
  [[nodiscard]] io::Plot frame(std::size_t i_q, const std::string& what) const {
    const auto& header = results_.header;
    io::Plot plot;
    plot.title = fmt::format("{}, {} {} edge, q = {:g} Å⁻¹: {}", header.title, header.element,
                             header.edge, header.q_per_angstrom[i_q], what);
    plot.x_label = "Energy loss (eV)";
    plot.y_label = "S(q, E) per absorber (1/eV)";
    return plot;
  }

  void add(io::Plot& plot, const std::string& label, std::vector<double> y) const {
    if (y.empty()) return;
    plot.curves.push_back({label, campaign::energy_loss_ev(results_), std::move(y), false});
  }

  [[nodiscard]] std::string chosen_case() const {
    const std::string name = campaign::case_name(results_.header, i_case_);
    return name.empty() ? "" : fmt::format(", case {} ({})", i_case_ + 1, name);
  }

  [[nodiscard]] io::Plot sums(std::size_t i_q) const {
    const auto& header = results_.header;
    io::Plot plot = frame(i_q, "broadened site sum");
    for (std::size_t i = 0; i < header.n_cases(); ++i) {
      const std::string name = campaign::case_name(header, i);
      add(plot, name.empty() ? "sum of sites" : name,
          campaign::case_sum(results_, i, i_q, -1, settings_));
    }
    if (plot.curves.size() == 1 && header.energy_ev.size() > 2) {
      const auto& curve = plot.curves.front();
      for (const auto& peak : spectrum::find_peaks(curve.x, curve.y, 0.05)) {
        plot.markers.push_back({peak.position, fmt::format("{:.1f}", peak.position)});
      }
    }
    return plot;
  }

  /// Each site on its own place of the loss axis is told by the sum; here all stand at the
  /// tabulated edge.
  [[nodiscard]] io::Plot sites(std::size_t i_q) const {
    io::Plot plot = frame(i_q, "sites, not shifted" + chosen_case());
    for (std::size_t i = 0; i < results_.header.sites.size(); ++i) {
      const io::SiteRecord& site = results_.header.sites[i];
      add(plot, fmt::format("{} (atom {})", site.label, site.atom_number),
          campaign::site_spectrum(results_, {i_case_, i, i_q, -1}, settings_));
    }
    return plot;
  }

  [[nodiscard]] io::Plot momenta(std::size_t i_q) const {
    io::Plot plot = frame(i_q, "angular momenta" + chosen_case());
    add(plot, "sum", campaign::case_sum(results_, i_case_, i_q, -1, settings_));
    for (int l = 0; l <= results_.header.lmax; ++l) {
      add(plot, fmt::format("l = {}", l), campaign::case_sum(results_, i_case_, i_q, l, settings_));
    }
    return plot;
  }

  /// Atoms about the first absorber, one curve for each l.
  [[nodiscard]] io::Plot densities_of_states() const {
    const auto& header = results_.header;
    const std::size_t n_energy = header.dos_energy_ev.size();
    io::Plot plot;
    plot.title = fmt::format("{}: density of states about atom {}{}", header.title, header.sites.front().atom_number, chosen_case());
    plot.x_label = "Energy from the Fermi level (eV)";
    plot.y_label = "States in the muffin tin (1/eV)";
    const std::size_t first = i_case_ * header.sites.size() * header.dos_atoms.size();
    for (std::size_t a = 0; a < header.dos_atoms.size(); ++a) {
      for (std::size_t l = 0; l < io::kDosMomenta; ++l) {
        const auto from = results_.dos.begin() + static_cast<std::ptrdiff_t>(((first + a) * io::kDosMomenta + l) * n_energy);
        std::vector<double> y(from, from + static_cast<std::ptrdiff_t>(n_energy));
        const bool any = std::any_of(y.begin(), y.end(), [](double value) { return value != 0.0 && std::isfinite(value); });
        if (any) plot.curves.push_back({fmt::format("atom {}, l = {}", header.dos_atoms[a], l), header.dos_energy_ev, std::move(y), false});
      }
    }
    return plot;
  }

  void draw(const io::Plot& plot, const std::string& suffix) const {
    std::filesystem::path name = file_.stem();  // of FILE.h5 and of FILE.h5.part alike
    if (name.extension() == ".h5") name = name.stem();
    const std::filesystem::path path =
        file_.parent_path() / fmt::format("{}_{}.svg", name.string(), suffix);
    if (plot.curves.empty()) {
      log_.warning(fmt::format("no figure '{}': too few energies are done", path.string()));
      return;
    }
    std::ofstream stream(path);
    stream << io::svg(plot);
    stream.close();
    if (!stream) throw Error(ErrorKind::io, fmt::format("cannot write '{}'", path.string()));
    log_.line(path.string());
  }

  std::filesystem::path file_;
  const Log& log_;
  io::Results results_;
  io::Input input_;
  spectrum::BroadeningSettings settings_;
  std::size_t i_case_;
};

}  // namespace

int drive_plot(MPI_Comm world, const CommandLine& line, const Log& log) {
  if (line.plotted_case < 1) {
    throw Error(ErrorKind::input,
                fmt::format("--case {}: wanted a number from 1 on", line.plotted_case));
  }
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    Plotter(line.file, static_cast<std::size_t>(line.plotted_case) - 1, log).draw_all();
  });
  return 0;
}

}  // namespace kedge::cli
