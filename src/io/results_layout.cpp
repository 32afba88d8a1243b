// SPDX-License-Identifier: BSD-3-Clause
#include "results_layout.hpp"

#include <fmt/format.h>

#include "kedge/core/version.hpp"
#include "kedge/io/hdf5.hpp"

namespace kedge::io {

std::string data_group(std::size_t i_q) {
  return i_q == 0 ? "data" : fmt::format("data_{}", i_q + 1);
}

std::string average_group(std::size_t i_q) {
  return i_q == 0 ? "average" : fmt::format("average_{}", i_q + 1);
}

namespace {

void put_axes(hid_t dataset, const std::vector<std::string>& axes) {
  hdf5::put_attribute(dataset, "axes", axes);
}

void put_doubles(hid_t parent, const std::string& name, const std::vector<double>& values,
                 const std::string& units, bool writer) {
  const hdf5::Dataset dataset = hdf5::create_doubles(parent, name, {values.size()}, units);
  if (writer) hdf5::write(dataset, values);
}

void put_integers(hid_t parent, const std::string& name, const std::vector<std::int64_t>& values,
                  bool writer) {
  const hdf5::Dataset dataset = hdf5::create_integers(parent, name, {values.size()});
  if (writer) hdf5::write(dataset, values);
}

std::vector<std::int64_t> counting(std::size_t n, std::int64_t first) {
  std::vector<std::int64_t> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = first + static_cast<std::int64_t>(i);
  return values;
}

/// Creates the whole content of a new file. `writer`: this rank writes the values that are known
/// already.
class Layout {
 public:
  Layout(hid_t file, const ResultsHeader& header, bool writer)
      : file_(file), header_(header), writer_(writer) {}

  void create() {
    hdf5::put_attribute(file_, "NX_class", "NXroot");
    hdf5::put_attribute(file_, "default", "entry");
    hdf5::put_attribute(file_, "creator", fmt::format("kedge {}", kVersion));
    hdf5::put_attribute(file_, "format_version", std::int64_t{kFormatVersion});
    const hdf5::Group entry = hdf5::create_group(file_, "entry", "NXentry");
    hdf5::put_attribute(entry.get(), "default", "data");
    hdf5::put_text(entry.get(), "title", header_.title, writer_);
    hdf5::put_text(entry.get(), "element", header_.element, writer_);
    hdf5::put_text(entry.get(), "edge", header_.edge, writer_);
    (void)hdf5::create_bytes(entry.get(), "is_experimental", {});  // 0: false
    for (std::size_t i = 0; i < header_.q_per_angstrom.size(); ++i) create_data(entry.get(), i);
    if (!header_.weights().empty()) {
      for (std::size_t i = 0; i < header_.q_per_angstrom.size(); ++i) {
        create_average(entry.get(), i);
      }
    }
    create_absorption(entry.get());
    create_raw(entry.get());
    create_cases(entry.get());
    create_sites(entry.get());
    create_process(entry.get());
  }

 private:
  /// An NXdata group of broadened spectra, (rows, energy).
  struct Sums {
    std::string group;
    std::string signal = "intensity";
    std::string units = "1/eV";
    std::string long_name;
    std::string energy_name = "Energy loss (eV)";
    std::string title;
    std::string row_name = "case";
    std::vector<std::int64_t> rows;  ///< numbers of the cases, from 1
  };

  hdf5::Group create_sums(hid_t entry, const Sums& sums) {
    hdf5::Group data = hdf5::create_group(entry, sums.group, "NXdata");
    const std::size_t n_energy = header_.energy_ev.size();
    hdf5::put_attribute(data.get(), "signal", sums.signal);
    put_axes(data.get(), {sums.row_name, "energy"});
    hdf5::put_attribute(data.get(), "title",
                        fmt::format("{}, {} {} edge, {}", header_.title, header_.element,
                                    header_.edge, sums.title));
    const auto values =
        hdf5::create_doubles(data.get(), sums.signal, {sums.rows.size(), n_energy}, sums.units);
    hdf5::put_attribute(values.get(), "interpretation", "spectrum");
    hdf5::put_attribute(values.get(), "long_name",
                        fmt::format("{} ({})", sums.long_name, sums.units));
    const auto energy = hdf5::create_doubles(data.get(), "energy", {n_energy}, "eV");
    hdf5::put_attribute(energy.get(), "long_name", sums.energy_name);
    put_integers(data.get(), sums.row_name, sums.rows, writer_);
    return data;
  }

  void create_data(hid_t entry, std::size_t i_q) {
    Sums sums;
    sums.group = data_group(i_q);
    sums.long_name = "Broadened site sum";
    sums.title = fmt::format("q = {:g} 1/Angstrom", header_.q_per_angstrom[i_q]);
    sums.rows = counting(header_.n_cases(), 1);
    const hdf5::Group data = create_sums(entry, sums);
    const auto q = hdf5::create_doubles(data.get(), "q", {}, "1/Angstrom");
    if (writer_) hdf5::write(q, std::span<const double>(&header_.q_per_angstrom[i_q], 1));
  }

  void create_absorption(hid_t entry) {
    Sums sums;
    sums.group = kAbsorptionGroup;
    sums.signal = kCrossSection;
    sums.units = "Mbarn";
    sums.long_name = "Broadened absorption cross section, mean of the sites";
    sums.energy_name = "Photon energy (eV)";
    sums.title = "absorption";
    sums.rows = counting(header_.n_cases(), 1);
    const auto put_strength = [&](const hdf5::Group& data) {
      put_oscillator_strength(hdf5::open_dataset(data.get(), sums.signal).get());
    };
    put_strength(create_sums(entry, sums));
    if (header_.weights().empty()) return;
    sums.group = kAbsorptionAverageGroup;
    sums.long_name = "Broadened absorption cross section, weighted average over structures";
    sums.title = "absorption, average over structures";
    average_rows(sums);
    put_strength(create_sums(entry, sums));
  }

  static void put_oscillator_strength(hid_t cross_section) {
    hdf5::put_attribute(cross_section, "normalised", oscillator_strength_text());
  }

  /// Average over frames or files, one row for each group of cases that agree in everything else.
  void create_average(hid_t entry, std::size_t i_q) {
    Sums sums;
    sums.group = average_group(i_q);
    sums.long_name = "Broadened site sum, weighted average over structures";
    sums.title =
        fmt::format("q = {:g} 1/Angstrom, average over structures", header_.q_per_angstrom[i_q]);
    average_rows(sums);
    (void)create_sums(entry, sums);
  }

  void average_rows(Sums& sums) const {
    sums.row_name = "first_case";
    sums.rows.clear();
    for (const auto& group : header_.average_groups()) {
      sums.rows.push_back(static_cast<std::int64_t>(group.front()) + 1);
    }
  }

  void create_raw(hid_t entry) {
    const hdf5::Group raw = hdf5::create_group(entry, "raw", "NXcollection");
    const std::size_t n_case = header_.n_cases();
    const std::size_t n_site = header_.sites.size();
    const std::size_t n_energy = header_.energy_ev.size();
    const auto n_l = static_cast<std::size_t>(header_.lmax) + 1;
    put_doubles(raw.get(), "energy", header_.energy_ev, "eV", writer_);
    hdf5::put_attribute(hdf5::open_dataset(raw.get(), "energy").get(), "long_name",
                        "Energy from the Fermi level (eV)");
    put_doubles(raw.get(), "resolution", header_.resolution_ev, "eV", writer_);
    put_doubles(raw.get(), "q", header_.q_per_angstrom, "1/Angstrom", writer_);
    put_integers(raw.get(), "l", counting(n_l, 0), writer_);
    const auto s = hdf5::create_doubles(
        raw.get(), "S", {n_case, n_site, header_.q_per_angstrom.size(), n_l, n_energy}, "1/eV");
    put_axes(s.get(), {"case", "site", "q", "l", "energy"});
    const hdf5::Shape per_energy = {n_case, n_site, n_energy};
    const auto xanes = hdf5::create_doubles(raw.get(), "xanes", per_energy, "Mbarn");
    put_axes(xanes.get(), {"case", "site", "energy"});
    put_oscillator_strength(xanes.get());
    put_axes(hdf5::create_doubles(raw.get(), "residual", per_energy, "").get(),
             {"case", "site", "energy"});
    const auto done = hdf5::create_bytes(raw.get(), "done", per_energy);
    put_axes(done.get(), {"case", "site", "energy"});
    if (writer_ && !header_.case_sites.empty()) {
      std::vector<std::uint8_t> status;
      for (const Status one : header_.initial_status()) {
        status.push_back(static_cast<std::uint8_t>(one));
      }
      hdf5::write(done, {{0, 0, 0}, {n_case, n_site, n_energy}},
                  std::span<const std::uint8_t>(status));
    }
    for (const char* level : {"fermi", "core_level", "v0"}) {
      const auto dataset = hdf5::create_doubles(raw.get(), level, {n_case, n_site}, "eV");
      put_axes(dataset.get(), {"case", "site"});
      hdf5::put_attribute(dataset.get(), "zero", "vacuum");
    }
    if (!header_.dos_atoms.empty()) {
      put_doubles(raw.get(), "dos_energy", header_.dos_energy_ev, "eV", writer_);
      put_integers(raw.get(), "dos_atom", {header_.dos_atoms.begin(), header_.dos_atoms.end()},
                   writer_);
      const auto dos = hdf5::create_doubles(
          raw.get(), "dos",
          {n_case, n_site, header_.dos_atoms.size(), kDosMomenta, header_.dos_energy_ev.size()},
          "1/eV");
      put_axes(dos.get(), {"case", "site", "dos_atom", "l", "dos_energy"});
    }
    for (const auto& [name, unit] :
         {std::pair("scf_iterations", ""), std::pair("scf_change", "electron"),
          std::pair("grid_error", ""), std::pair("grid_resolution", ""),
          std::pair("grid_shift", "eV")}) {
      put_axes(hdf5::create_doubles(raw.get(), name, {n_case, n_site}, unit).get(),
               {"case", "site"});
    }
  }

  void create_cases(hid_t entry) {
    const hdf5::Group cases = hdf5::create_group(entry, "cases", "NXcollection");
    std::vector<std::string> keys;
    for (const CaseColumn& column : header_.cases) {
      if (column.texts.empty()) {
        put_doubles(cases.get(), column.key, column.values, column.units, writer_);
      } else {
        hdf5::put_texts(cases.get(), column.key, column.texts, writer_);
      }
      const auto dataset = hdf5::open_dataset(cases.get(), column.key);
      hdf5::put_attribute(dataset.get(), "swept", std::int64_t{column.swept ? 1 : 0});
      keys.push_back(column.key);
    }
    if (!keys.empty()) hdf5::put_texts(cases.get(), "columns", keys, writer_);
    create_case_sites(cases.get());
  }

  /// Where the absorbers are in each case, and how far from the atoms that were asked for.
  void create_case_sites(hid_t cases) {
    const std::size_t n_site = header_.sites.size();
    if (!header_.case_sites.empty()) {
      std::vector<std::int64_t> numbers;
      std::vector<std::int64_t> multiplicities;
      std::vector<double> positions;
      for (const CaseSite& site : header_.case_sites) {
        numbers.push_back(site.atom_number);
        multiplicities.push_back(site.multiplicity);
        positions.insert(positions.end(), site.position_angstrom.begin(),
                         site.position_angstrom.end());
      }
      const hdf5::Shape shape = {header_.n_cases(), n_site};
      const auto number = hdf5::create_integers(cases, "site_atom_number", shape);
      const auto multiplicity = hdf5::create_integers(cases, "site_multiplicity", shape);
      const auto position =
          hdf5::create_doubles(cases, "site_position", {header_.n_cases(), n_site, 3}, "Angstrom");
      put_axes(number.get(), {"case", "site"});
      put_axes(multiplicity.get(), {"case", "site"});
      put_axes(position.get(), {"case", "site", "xyz"});
      if (writer_) {
        hdf5::write(number, numbers);
        hdf5::write(multiplicity, multiplicities);
        hdf5::write(position, positions);
      }
    }
    if (header_.distance_names.empty()) return;
    hdf5::put_texts(cases, "distance_to", header_.distance_names, writer_);
    const auto distance = hdf5::create_doubles(
        cases, "distance", {header_.n_cases(), n_site, header_.distance_names.size()}, "Angstrom");
    put_axes(distance.get(), {"case", "site", "distance_to"});
    hdf5::put_attribute(distance.get(), "long_name",
                        "Distance from the absorber to the nearest such atom (Angstrom)");
    if (writer_) hdf5::write(distance, header_.distances);
  }

  void create_sites(hid_t entry) {
    const hdf5::Group sites = hdf5::create_group(entry, "sites", "NXcollection");
    std::vector<std::int64_t> numbers;
    std::vector<std::int64_t> multiplicities;
    std::vector<std::string> elements;
    std::vector<std::string> labels;
    std::vector<double> positions;
    for (const SiteRecord& site : header_.sites) {
      numbers.push_back(site.atom_number);
      multiplicities.push_back(site.multiplicity);
      elements.push_back(site.element);
      labels.push_back(site.label);
      positions.insert(positions.end(), site.position_angstrom.begin(),
                       site.position_angstrom.end());
    }
    put_integers(sites.get(), "atom_number", numbers, writer_);
    put_integers(sites.get(), "multiplicity", multiplicities, writer_);
    hdf5::put_texts(sites.get(), "element", elements, writer_);
    hdf5::put_texts(sites.get(), "label", labels, writer_);
    const auto dataset =
        hdf5::create_doubles(sites.get(), "position", {header_.sites.size(), 3}, "Angstrom");
    if (writer_) hdf5::write(dataset, positions);
  }

  void create_process(hid_t entry) {
    const hdf5::Group process = hdf5::create_group(entry, "process", "NXprocess");
    hdf5::put_text(process.get(), "program", "kedge", writer_);
    hdf5::put_text(process.get(), "version", kVersion, writer_);
    hdf5::put_text(process.get(), "git_commit", kGitCommit, writer_);
    hdf5::put_text(process.get(), "input_name", header_.input_name, writer_);
    hdf5::put_text(process.get(), "input", header_.input_text, writer_);
    hdf5::put_text(process.get(), "structure_name", header_.structure_name, writer_);
    hdf5::put_text(process.get(), "structure", header_.structure_text, writer_);
    if (!header_.more_structures.empty()) {
      std::vector<std::string> structure_names;
      std::vector<std::string> texts;
      for (const auto& [name, text] : header_.more_structures) {
        structure_names.push_back(name);
        texts.push_back(text);
      }
      hdf5::put_texts(process.get(), "more_structure_names", structure_names, writer_);
      hdf5::put_texts(process.get(), "more_structures", texts, writer_);
    }
    std::vector<std::string> names;
    std::vector<std::string> versions;
    for (const auto& [name, version] : header_.libraries) {
      names.push_back(name);
      versions.push_back(version);
    }
    hdf5::put_texts(process.get(), "library_names", names, writer_);
    hdf5::put_texts(process.get(), "library_versions", versions, writer_);
    put_integers(process.get(), "ranks", {header_.ranks}, writer_);
    put_integers(process.get(), "ranks_per_solve", {header_.ranks_per_solve}, writer_);
    for (const char* time : {"wall_time", "setup_time", "solve_time"}) {
      (void)hdf5::create_doubles(process.get(), time, {}, "s");
    }
    (void)hdf5::create_doubles(process.get(), "peak_memory", {}, "GB");
    (void)hdf5::create_texts(process.get(), "failures", kFailureLines, kFailureLength);
  }

  hid_t file_;
  const ResultsHeader& header_;
  bool writer_;
};

}  // namespace

void create_layout(hid_t file, const ResultsHeader& header, bool writer) {
  Layout(file, header, writer).create();
}

}  // namespace kedge::io
