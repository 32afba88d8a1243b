// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "drivers.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/version.hpp"
#include "kedge/io/svg_plot.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/measured/compton.hpp"
#include "kedge/measured/read_spectrum.hpp"
#include "kedge/measured/reduce.hpp"
#include "kedge/measured/write_reduced.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

/// Energies of the incident beam lie above any loss that XRS measures.
constexpr double kLowestIncidentEv = 1000.0;
const std::string kCompton = "compton:";

class Reducer {
 public:
  Reducer(const CommandLine& line, const Log& log)
      : line_(line), log_(log), reading_(read_options(line)) {
    const std::string axis = text_of(line, "axis");
    if (axis != "loss" && axis != "incident") {
      throw Error(ErrorKind::input, fmt::format("--axis {}: wanted loss or incident", axis));
    }
    incident_ = axis == "incident";
    if (incident_ && !has(line, "elastic")) {
      throw Error(ErrorKind::input, "--axis incident wants --elastic: a scan or its energies");
    }
    if (!incident_ && has(line, "elastic")) {
      throw Error(ErrorKind::input,
                  "--elastic would be ignored: the energies are losses already (--axis)");
    }
    analyser_ev_ = number_of(line, "analyser-energy");
    if (analyser_ev_ && *analyser_ev_ < kLowestIncidentEv) {
      throw Error(ErrorKind::input, fmt::format("--analyser-energy {:g}: wanted eV, {:g} or more",
                                                *analyser_ev_, kLowestIncidentEv));
    }
    angle_ = number_of(line, "angle");
    if (angle_ && (*angle_ <= 0.0 || *angle_ > 180.0)) {
      throw Error(ErrorKind::input,
                  fmt::format("--angle {:g}: wanted degrees in (0, 180]", *angle_));
    }
    if (angle_ && !incident_ && !analyser_ev_) {
      throw Error(ErrorKind::input, "--angle wants --analyser-energy, too, to give q");
    }
    choose_background();
    normalisation_ = measured::normalisation(text_of(line, "normalise"));
    const auto window = window_of(line, "window");
    if (normalisation_ != measured::Normalisation::none) {
      if (!window) throw Error(ErrorKind::input, "--normalise wants --window low:high");
      window_ = *window;
    }
    if (has(line, "rebin")) {
      rebin_ = numbers_of(line, "rebin", ':');
      if (rebin_.size() != 3) {
        throw Error(ErrorKind::input,
                    fmt::format("--rebin {}: wanted first:step:last", text_of(line, "rebin")));
      }
    }
    read_elastic();
  }

  void reduce_all() {
    if (has(line_, "subtract")) {
      std::vector<std::string> not_told;  // the same as of the others
      subtracted_ = reduced(on_loss_axis(text_of(line_, "subtract")), not_told);
    }
    std::vector<std::string> files = {line_.file.string()};
    files.insert(files.end(), line_.more_files.begin(), line_.more_files.end());
    if (has(line_, "average")) {
      std::vector<measured::Spectrum> all;
      for (const std::string& file : files) {
        for (auto& one : on_loss_axis(file)) all.push_back(std::move(one));
      }
      finish(std::move(all), output_stem(line_));
      return;
    }
    const std::vector<std::string> stems = stems_of(files);
    for (std::size_t i = 0; i < files.size(); ++i) finish(on_loss_axis(files[i]), stems[i]);
  }

 private:
  /// What the results of each file are called. @throws Error{input} if two are called the same
  [[nodiscard]] std::vector<std::string> stems_of(const std::vector<std::string>& files) const {
    std::vector<std::string> stems;
    std::map<std::filesystem::path, std::string> taken;
    for (const std::string& file : files) {
      CommandLine one = line_;
      one.file = file;
      std::string stem = output_stem(one);
      if (has(line_, "output") && files.size() > 1) {
        stem += "_" + std::filesystem::path(file).stem().string();
      }
      const auto [other, is_new] =
          taken.emplace(std::filesystem::absolute(stem).lexically_normal(), file);
      if (!is_new) {
        throw Error(ErrorKind::input,
                    fmt::format("'{}' and '{}' would both be written to '{}...'; reduce them one "
                                "by one, or together with --average",
                                other->second, file, stem));
      }
      stems.push_back(std::move(stem));
    }
    return stems;
  }

  void choose_background() {
    const std::string name = text_of(line_, "background");
    const auto known = measured::background_choice(name);
    if (known) {
      background_ = *known;
    } else if (name.rfind(kCompton, 0) == 0) {
      const std::string formula = name.substr(kCompton.size());
      (void)measured::composition(formula);
      if (!angle_) {
        throw Error(ErrorKind::input,
                    "--background compton:FORMULA wants --angle, since q decides");
      }
      compton_.emplace(formula);
      background_.model = measured::BackgroundModel::curve;
    } else {
      std::error_code ignored;
      if (!std::filesystem::exists(name, ignored)) {
        throw Error(ErrorKind::input,
                    fmt::format("--background {}: no model of this name and no file; wanted none, "
                                "constant, linear, polynomial2 to polynomial6, pearson7, "
                                "compton:FORMULA or a file",
                                name));
      }
      background_.model = measured::BackgroundModel::curve;
      background_.curve = measured::read_spectra(name).front();
    }
    background_windows_ = windows_of(line_, "background-window");
    if (background_windows_.empty() && background_.model != measured::BackgroundModel::none) {
      throw Error(
          ErrorKind::input,
          "--background wants --background-window low:high,...: where nothing else is seen");
    }
  }

  void read_elastic() {
    if (!incident_) return;
    const std::string text = text_of(line_, "elastic");
    std::error_code ignored;
    if (std::filesystem::exists(text, ignored)) {
      for (const auto& scan : measured::read_spectra(text, reading_)) {
        check_incident(scan);
        const auto elastic = measured::fit_elastic_line(scan);
        log_.line(fmt::format("Elastic line of {}: {:.3f} +- {:.3f} eV, width {:.3f} eV", scan.name,
                              elastic.centre_ev, elastic.centre_sigma_ev, elastic.fwhm_ev));
        elastic_ev_.push_back(elastic.centre_ev);
      }
    } else {
      elastic_ev_ = numbers_of(line_, "elastic", ',');
    }
    for (const double energy : elastic_ev_) {
      if (energy >= kLowestIncidentEv) continue;
      throw Error(ErrorKind::input, fmt::format("--elastic: {:g} eV; wanted {:g} eV or more",
                                                energy, kLowestIncidentEv));
    }
  }

  static void check_incident(const measured::Spectrum& scan) {
    if (scan.energy_ev.front() >= kLowestIncidentEv) return;
    throw Error(
        ErrorKind::input,
        fmt::format("'{}' begins at {:g} eV, no energy of an incident beam; if it is keV say "
                    "--unit keV, if it is a loss leave out --axis incident",
                    scan.name, scan.energy_ev.front()));
  }

  /// Spectra of the analysers of one file on the loss axis, without the factor w2/w1.
  std::vector<measured::Spectrum> on_loss_axis(const std::string& file) const {
    std::vector<measured::Spectrum> spectra = measured::read_spectra(file, reading_);
    if (incident_ && elastic_ev_.size() != 1 && elastic_ev_.size() != spectra.size()) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}' has {} analysers and --elastic {} lines, wanted one or as many",
                              file, spectra.size(), elastic_ev_.size()));
    }
    for (std::size_t a = 0; a < spectra.size(); ++a) {
      double analyser = analyser_ev_.value_or(0.0);
      if (incident_) {
        check_incident(spectra[a]);
        const double centre = elastic_ev_[elastic_ev_.size() == 1 ? 0 : a];
        spectra[a] = measured::energy_loss(spectra[a], centre);
        if (!analyser_ev_) analyser = centre;
      }
      if (analyser > 0.0) spectra[a] = measured::without_photon_factor(spectra[a], analyser);
    }
    return spectra;
  }

  [[nodiscard]] double analyser_energy() const {
    return analyser_ev_ ? *analyser_ev_ : elastic_ev_.empty() ? 0.0 : elastic_ev_.front();
  }

  [[nodiscard]] std::vector<double> q_at(const std::vector<double>& losses) const {
    std::vector<double> q;
    for (const double loss : losses) {
      q.push_back(measured::momentum_transfer(analyser_energy(), loss, *angle_));
    }
    return q;
  }

  /// Rebinning, average, background, normalisation; `how` collects what was done.
  measured::Reduced reduced(std::vector<measured::Spectrum> analysers,
                            std::vector<std::string>& how) const {
    measured::Spectrum spectrum;
    for (const auto& one : analysers) {
      for (const std::string& note : one.notes) how.push_back(one.name + ": " + note);
    }
    if (!rebin_.empty()) {
      // Before the mean: cells that all have in common need no interpolation.
      for (auto& one : analysers) one = measured::rebinned(one, rebin_[0], rebin_[1], rebin_[2]);
      how.push_back(
          fmt::format("rebinned from {:g} by {:g} to {:g} eV", rebin_[0], rebin_[1], rebin_[2]));
    }
    if (analysers.size() == 1) {
      spectrum = std::move(analysers.front());
    } else {
      auto mean = measured::average_analysers(analysers);
      for (std::size_t a = 0; a < analysers.size(); ++a) {
        how.push_back(fmt::format("{}: weight {:.4f}, chi2 per point against the mean {:.3f}",
                                  analysers[a].name, mean.weights[a], mean.chi2[a]));
      }
      if (!mean.efficiencies_known) {
        how.emplace_back("an analyser has a mean below zero: weights by the errors alone");
      }
      spectrum = std::move(mean.mean);
      spectrum.name = fmt::format("mean of {} analysers, {} to {}", analysers.size(),
                                  analysers.front().name, analysers.back().name);
    }
    auto choice = background_;
    if (compton_) choice.curve = compton_->at(spectrum.energy_ev, q_at(spectrum.energy_ev));
    const auto background = measured::fit_background(spectrum, background_windows_, choice);
    std::string text = "background " + text_of(line_, "background");
    for (Eigen::Index k = 0; k < background.parameters.size(); ++k) {
      text += fmt::format(", p{} = {:.6g} ", k + 1, background.parameters[k]);
      text += background.sigma[k] > 0.0 ? fmt::format("+- {:.2g}", background.sigma[k])
                                        : "held at its end";
    }
    if (background.degrees > 0 && !spectrum.error.empty()) {
      text += fmt::format(", chi2/degree {:.3f}", background.chi2 / background.degrees);
    }
    how.push_back(text);
    if (spectrum.error.empty() && background.residual_error > 0.0) {
      spectrum.error.assign(spectrum.size(), background.residual_error);
      how.push_back("errors unknown: taken equal, from the residuals of the background");
    }
    auto result = measured::reduced(spectrum, background, normalisation_, window_);
    how.push_back(
        fmt::format("normalised: {}, scale {:.6g}", text_of(line_, "normalise"), result.scale));
    return result;
  }

  void finish(std::vector<measured::Spectrum> analysers, const std::string& stem) const {
    std::vector<std::string> how = {fmt::format("reduced by kedge {} ({})", kVersion, kGitCommit)};
    if (incident_) {
      for (const double energy : elastic_ev_) {
        how.push_back(fmt::format("elastic line at {:.3f} eV", energy));
      }
    }
    if (analyser_energy() > 0.0) how.emplace_back("divided by w2/w1");
    auto result = reduced(std::move(analysers), how);
    if (subtracted_) {
      result = measured::difference(result, *subtracted_);
      how.push_back("minus " + text_of(line_, "subtract") + ", reduced the same way");
    }
    save(result, how, stem + (has(line_, "subtract") ? "_difference" : "_reduced"));
  }

  void save(const measured::Reduced& result, std::vector<std::string> how,
            const std::string& stem) const {
    const measured::Spectrum& spectrum = result.spectrum;
    std::vector<io::TextColumn> table = {{"energy_loss", "eV", spectrum.energy_ev},
                                         {"intensity", "", spectrum.intensity}};
    if (!spectrum.error.empty()) table.push_back({"error", "", spectrum.error});
    if (!result.statistical_error.empty()) {
      table.push_back({"statistical_error", "", result.statistical_error});
    }
    table.push_back({"background", "", result.background});
    if (spectrum.error.empty()) how.emplace_back("errors not known");
    if (angle_) {
      std::vector<double> q = q_at(spectrum.energy_ev);
      how.push_back(fmt::format("q from {:.4f} to {:.4f} 1/Angstrom over the loss axis", q.front(),
                                q.back()));
      table.push_back({"q", "1/Angstrom", std::move(q)});
    }
    for (const std::string& line : how) log_.line("  " + line);
    io::write_text(stem + ".dat", io::columns_text(how, table));
    measured::write_nexus(stem + ".h5", result, how);
    io::write_text(stem + ".svg", figure(result));
    for (const char* end : {".dat", ".h5", ".svg"}) log_.line(stem + end);
  }

  [[nodiscard]] std::string figure(const measured::Reduced& result) const {
    const measured::Spectrum& spectrum = result.spectrum;
    io::Plot plot;
    plot.title = spectrum.name;
    plot.x_label = "Energy loss (eV)";
    plot.y_label =
        normalisation_ == measured::Normalisation::area ? "Intensity (1/eV)" : "Intensity";
    io::PlotCurve curve{has(line_, "subtract") ? "difference" : "reduced", spectrum.energy_ev,
                        spectrum.intensity, true};
    curve.y_error = spectrum.error;
    plot.curves.push_back(std::move(curve));
    const double largest = *std::max_element(result.background.begin(), result.background.end());
    const double top = *std::max_element(spectrum.intensity.begin(), spectrum.intensity.end());
    // A background many times the edge would flatten the figure of the edge.
    if (largest > 0.0 && largest < 5.0 * top) {
      plot.curves.push_back({"background taken off", spectrum.energy_ev, result.background, false});
    }
    return io::svg(plot);
  }

  const CommandLine& line_;
  const Log& log_;
  measured::ReadOptions reading_;
  bool incident_ = false;
  std::optional<double> analyser_ev_;
  std::optional<double> angle_;
  std::vector<double> elastic_ev_;
  measured::BackgroundChoice background_;
  std::optional<measured::ComptonBackground> compton_;  ///< its atoms serve all files
  std::vector<spectrum::Window> background_windows_;
  measured::Normalisation normalisation_ = measured::Normalisation::none;
  spectrum::Window window_;
  std::vector<double> rebin_;
  std::optional<measured::Reduced> subtracted_;
};

}  // namespace

int drive_reduce(MPI_Comm world, const CommandLine& line, const Log& log) {
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) == 0) Reducer(line, log).reduce_all();
  });
  return 0;
}

}  // namespace kedge::cli
