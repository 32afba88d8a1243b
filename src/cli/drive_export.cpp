// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <limits>
#include <optional>

#include "drivers.hpp"
#include "kedge/campaign/opened_results.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/io/text_columns.hpp"
#include "kedge/parallel/collectively.hpp"
#include "kedge/parallel/communicator.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

/// Writes the text files of one result file.
class Exporter {
 public:
  Exporter(const CommandLine& line, const Log& log)
      : opened_(campaign::open_results(line.file, line.settings)),
        results_(opened_.results),
        header_(opened_.results.header),
        broadening_(results_, opened_.settings,
                    header_.n_cases() * header_.sites.size() * header_.q_per_angstrom.size()),
        stem_(output_stem(line)),
        log_(log) {
    warn_of_gaps(results_, log_);
  }

  void columns(bool with_raw) {
    if (campaign::has_absorption(results_)) {
      write("absorption",
            about(campaign::kAbsorption, "broadened cross section, mean per absorber"),
            sums(campaign::kAbsorption));
    }
    for (std::size_t i_q = 0; i_q < header_.q_per_angstrom.size(); ++i_q) {
      write("sum" + suffix(i_q), about(i_q, "broadened site sum, mean per absorber"), sums(i_q));
      for (std::size_t i_case = 0; i_case < header_.n_cases(); ++i_case) {
        const std::string end = suffix(i_q) + case_suffix(i_case);
        write("sites" + end, about(i_q, "broadened spectra of the sites, not shifted", i_case),
              sites(i_case, i_q));
        write("l" + end, about(i_q, "broadened site sum by angular momentum", i_case),
              momenta(i_case, i_q));
        if (!with_raw) continue;
        auto lines = about(i_q, "raw spectra of the sites: neither broadened nor cut", i_case);
        lines.erase(lines.begin() + 1);  // widths that were not used
        write("raw" + end, lines, raw(i_case, i_q));
      }
    }
  }

  void xdi() {
    for (std::size_t i_q = 0; i_q < header_.q_per_angstrom.size(); ++i_q) xdi(i_q);
    if (campaign::has_absorption(results_)) xdi(campaign::kAbsorption);
  }

  /// A campaign writes thousands of files: the first are named as they are written, the others
  /// counted.
  void tell_rest() const {
    if (n_files_ > kNamed) {
      log_.line(fmt::format("and {} more files, the last {}", n_files_ - kNamed, last_));
    }
  }

 private:
  static constexpr int kNamed = 20;

  void xdi(std::size_t i_q) {
    const bool absorption = i_q == campaign::kAbsorption;
    for (std::size_t i_case = 0; i_case < header_.n_cases(); ++i_case) {
      auto sum = campaign::case_sum(results_, i_case, i_q, -1, broadening_);
      const std::string name =
          (absorption ? "absorption" : "sum" + suffix(i_q)) + case_suffix(i_case);
      if (sum.empty()) {
        log_.warning(fmt::format("no file for {}: too few energies are done", name));
        continue;
      }
      std::vector<std::pair<std::string, std::string>> fields = {
          {"Element.symbol", header_.element},
          {"Element.edge", header_.edge},
          {"Sample.name", header_.title},
          {"Kedge.case", fmt::format("{}", i_case + 1)},
          {"Kedge.git_commit", results_.git_commit}};
      if (!absorption) {
        fields.emplace_back("Xrs.q", fmt::format("{:g} 1/Angstrom", header_.q_per_angstrom[i_q]));
      }
      for (const io::CaseColumn& column : header_.cases) {
        std::string key = column.key;  // the name of a field has one dot
        for (char& c : key) c = c == '.' ? '_' : c;
        fields.emplace_back("Kedge." + key, column.text(i_case));
      }
      save(name + ".xdi",
           io::xdi_text(
               fields,
               {absorption ? "computed absorption cross section, mean per absorber; " +
                                 io::oscillator_strength_text()
                           : "computed S(q, E), mean per absorber; energy is the energy loss",
                campaign::describe(opened_.settings)},
               {{"energy", "eV", campaign::energy_loss_ev(results_)},
                {absorption ? "mu" : "intensity", unit(i_q), std::move(sum)}}));
    }
  }

  /// Of the spectra of one q, or of absorption.
  [[nodiscard]] static std::string unit(std::size_t i_q) {
    return i_q == campaign::kAbsorption ? "Mbarn" : "1/eV";
  }

  [[nodiscard]] std::string suffix(std::size_t i_q) const {
    return i_q == 0 ? "" : fmt::format("_q{}", i_q + 1);
  }
  [[nodiscard]] std::string case_suffix(std::size_t i_case) const {
    return header_.n_cases() == 1 ? "" : fmt::format("_case{}", i_case + 1);
  }

  [[nodiscard]] std::vector<std::string> about(std::size_t i_q, const std::string& what,
                                               std::optional<std::size_t> i_case = {}) const {
    std::vector<std::string> lines = {
        fmt::format("{}, {} {} edge, {}: {}", header_.title, header_.element, header_.edge,
                    i_q == campaign::kAbsorption
                        ? "absorption"
                        : fmt::format("q = {:g} 1/Angstrom", header_.q_per_angstrom[i_q]),
                    what),
        campaign::describe(opened_.settings),
        fmt::format("{} ({}), {}", results_.program, results_.git_commit,
                    opened_.file.filename().string())};
    if (i_q == campaign::kAbsorption) lines.push_back(io::oscillator_strength_text());
    for (std::size_t i = 0; i < header_.n_cases(); ++i) {
      if (i_case && *i_case != i) continue;
      const std::string name = campaign::case_name(header_, i);
      if (!name.empty()) lines.push_back(fmt::format("case {}: {}", i + 1, name));
    }
    return lines;
  }

  /// Energy loss, or that of the photon, and energy from the Fermi level.
  [[nodiscard]] std::vector<io::TextColumn> axes(const std::string& name = "energy_loss") const {
    return {{name, "eV", campaign::energy_loss_ev(results_)},
            {"from_fermi", "eV", header_.energy_ev}};
  }

  /// Adds a column; a spectrum that is not there is NaN all along.
  void add(std::vector<io::TextColumn>& table, const std::string& label, std::vector<double> values,
           const std::string& unit = "1/eV") const {
    values.resize(header_.energy_ev.size(), std::numeric_limits<double>::quiet_NaN());
    table.push_back({label, unit, std::move(values)});
  }

  [[nodiscard]] std::vector<io::TextColumn> sums(std::size_t i_q) const {
    auto table = axes(i_q == campaign::kAbsorption ? "photon_energy" : "energy_loss");
    for (std::size_t i = 0; i < header_.n_cases(); ++i) {
      add(table, fmt::format("case_{}", i + 1),
          campaign::case_sum(results_, i, i_q, -1, broadening_), unit(i_q));
    }
    return table;
  }

  [[nodiscard]] std::string site_label(std::size_t i_site) const {
    return fmt::format("{}_atom{}", header_.sites[i_site].label, header_.sites[i_site].atom_number);
  }

  [[nodiscard]] std::vector<io::TextColumn> sites(std::size_t i_case, std::size_t i_q) const {
    auto table = axes();
    for (std::size_t i = 0; i < header_.sites.size(); ++i) {
      add(table, site_label(i),
          campaign::site_spectrum(results_, {i_case, i, i_q, -1}, broadening_));
    }
    return table;
  }

  [[nodiscard]] std::vector<io::TextColumn> momenta(std::size_t i_case, std::size_t i_q) const {
    auto table = axes();
    for (int l = 0; l <= header_.lmax; ++l) {
      add(table, fmt::format("l_{}", l), campaign::case_sum(results_, i_case, i_q, l, broadening_));
    }
    return table;
  }

  [[nodiscard]] std::vector<io::TextColumn> raw(std::size_t i_case, std::size_t i_q) const {
    auto table = axes();
    for (std::size_t i = 0; i < header_.sites.size(); ++i) {
      std::vector<double> values(header_.energy_ev.size(), 0.0);
      for (int l = 0; l <= header_.lmax; ++l) {
        const auto part = results_.s_of(i_case, i, i_q, static_cast<std::size_t>(l));
        for (std::size_t e = 0; e < values.size(); ++e) values[e] += part[e];
      }
      add(table, site_label(i), std::move(values));
    }
    return table;
  }

  void write(const std::string& name, const std::vector<std::string>& about_lines,
             const std::vector<io::TextColumn>& table) {
    save(name + ".dat", io::columns_text(about_lines, table));
  }

  void save(const std::string& name, const std::string& text) {
    last_ = stem_ + "_" + name;
    io::write_text(last_, text);
    if (++n_files_ <= kNamed) log_.line(last_);
  }

  campaign::OpenedResults opened_;
  const io::Results& results_;
  const io::ResultsHeader& header_;
  campaign::GridBroadening broadening_;
  std::string stem_;
  const Log& log_;
  int n_files_ = 0;
  std::string last_;  ///< path of the last file
};

}  // namespace

int drive_export(MPI_Comm world, const CommandLine& line, const Log& log) {
  const std::string format = text_of(line, "format");
  if (format != "columns" && format != "xdi" && format != "both") {
    throw Error(ErrorKind::input, fmt::format("--format {}: wanted columns, xdi or both", format));
  }
  check_broadening_settings(line);
  parallel::collectively(world, "", [&] {
    if (parallel::rank(world) != 0) return;
    Exporter exporter(line, log);
    if (format != "xdi") exporter.columns(has(line, "raw"));
    if (format != "columns") exporter.xdi();
    exporter.tell_rest();
  });
  return 0;
}

}  // namespace kedge::cli
