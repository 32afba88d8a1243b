// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "kedge/core/error.hpp"
#include "kedge/io/hdf5.hpp"
#include "kedge/io/results_file.hpp"
#include "results_layout.hpp"

namespace kedge::io {

namespace {

void check_format(hid_t file, const std::filesystem::path& path) {
  if (H5Aexists(file, "format_version") <= 0 || !hdf5::exists(file, "entry")) {
    throw Error(ErrorKind::io,
                fmt::format("'{}' is an HDF5 file, but not one of kedge", path.string()));
  }
  const std::int64_t version = hdf5::integer_attribute(file, "format_version");
  if (version != kFormatVersion) {
    throw Error(
        ErrorKind::io,
        fmt::format("'{}' has format version {}, this kedge reads version {}; use the kedge "
                    "that wrote it",
                    path.string(), version, kFormatVersion));
  }
}

double read_value(hid_t parent, const std::string& path) {
  return hdf5::read_doubles(parent, path).at(0);
}

std::vector<CaseColumn> read_cases(hid_t entry) {
  std::vector<CaseColumn> columns;
  if (!hdf5::exists(entry, "cases/columns")) return columns;
  for (const std::string& key : hdf5::read_texts(entry, "cases/columns")) {
    const auto dataset = hdf5::open_dataset(entry, "cases/" + key);
    CaseColumn column;
    column.key = key;
    if (H5Aexists(dataset.get(), "units") > 0) {
      column.units = hdf5::text_attribute(dataset.get(), "units");
    }
    column.swept = hdf5::integer_attribute(dataset.get(), "swept") != 0;
    if (hdf5::is_text(entry, "cases/" + key)) {
      column.texts = hdf5::read_texts(entry, "cases/" + key);
    } else {
      column.values = hdf5::read_doubles(entry, "cases/" + key);
    }
    columns.push_back(column);
  }
  return columns;
}

std::vector<SiteRecord> read_sites(hid_t entry) {
  const auto numbers = hdf5::read_integers(entry, "sites/atom_number");
  const auto multiplicities = hdf5::read_integers(entry, "sites/multiplicity");
  const auto elements = hdf5::read_texts(entry, "sites/element");
  const auto labels = hdf5::read_texts(entry, "sites/label");
  const auto positions = hdf5::read_doubles(entry, "sites/position");
  std::vector<SiteRecord> sites(numbers.size());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    sites[i].atom_number = static_cast<int>(numbers[i]);
    sites[i].multiplicity = static_cast<int>(multiplicities.at(i));
    sites[i].element = elements.at(i);
    sites[i].label = labels.at(i);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      sites[i].position_angstrom[axis] = positions.at(3 * i + axis);
    }
  }
  return sites;
}

void read_case_sites(hid_t entry, ResultsHeader& header) {
  if (hdf5::exists(entry, "cases/site_atom_number")) {
    const auto numbers = hdf5::read_integers(entry, "cases/site_atom_number");
    const auto multiplicities = hdf5::read_integers(entry, "cases/site_multiplicity");
    const auto positions = hdf5::read_doubles(entry, "cases/site_position");
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      header.case_sites.push_back(
          {static_cast<int>(numbers[i]),
           static_cast<int>(multiplicities.at(i)),
           {positions.at(3 * i), positions.at(3 * i + 1), positions.at(3 * i + 2)}});
    }
  }
  if (hdf5::exists(entry, "cases/distance")) {
    header.distance_names = hdf5::read_texts(entry, "cases/distance_to");
    header.distances = hdf5::read_doubles(entry, "cases/distance");
  }
}

std::vector<std::string> read_overrides(hid_t entry) {
  const auto intensity = hdf5::open_dataset(entry, "data/intensity");
  if (H5Aexists(intensity.get(), "broadening_overrides") <= 0) return {};
  std::istringstream lines(hdf5::text_attribute(intensity.get(), "broadening_overrides"));
  std::vector<std::string> overrides;
  for (std::string line; std::getline(lines, line);) overrides.push_back(line);
  return overrides;
}

std::vector<SiteAdjustment> read_adjustments(hid_t entry) {
  const auto intensity = hdf5::open_dataset(entry, "data/intensity");
  if (H5Aexists(intensity.get(), "site_adjustments") <= 0) return {};
  std::istringstream lines(hdf5::text_attribute(intensity.get(), "site_adjustments"));
  std::vector<SiteAdjustment> adjustments;
  for (SiteAdjustment one; lines >> one.weight >> one.shift_ev;) adjustments.push_back(one);
  return adjustments;
}

ResultsHeader read_header(hid_t entry) {
  ResultsHeader header;
  header.title = hdf5::read_text(entry, "title");
  header.element = hdf5::read_text(entry, "element");
  header.edge = hdf5::read_text(entry, "edge");
  header.energy_ev = hdf5::read_doubles(entry, "raw/energy");
  if (hdf5::exists(entry, "raw/resolution")) {  // files of early versions have none
    header.resolution_ev = hdf5::read_doubles(entry, "raw/resolution");
  } else {
    header.resolution_ev.assign(header.energy_ev.size(), 0.0);
  }
  header.q_per_angstrom = hdf5::read_doubles(entry, "raw/q");
  header.lmax = static_cast<int>(hdf5::read_integers(entry, "raw/l").size()) - 1;
  header.cases = read_cases(entry);
  header.sites = read_sites(entry);
  read_case_sites(entry, header);
  header.input_text = hdf5::read_text(entry, "process/input");
  header.input_name = hdf5::read_text(entry, "process/input_name");
  const auto names = hdf5::read_texts(entry, "process/library_names");
  const auto versions = hdf5::read_texts(entry, "process/library_versions");
  for (std::size_t i = 0; i < names.size(); ++i) {
    header.libraries.emplace_back(names[i], versions.at(i));
  }
  header.ranks = static_cast<int>(hdf5::read_integers(entry, "process/ranks").at(0));
  header.ranks_per_solve =
      static_cast<int>(hdf5::read_integers(entry, "process/ranks_per_solve").at(0));
  if (hdf5::exists(entry, "raw/dos")) {
    for (const std::int64_t atom : hdf5::read_integers(entry, "raw/dos_atom")) {
      header.dos_atoms.push_back(static_cast<int>(atom));
    }
    header.dos_energy_ev = hdf5::read_doubles(entry, "raw/dos_energy");
  }
  if (hdf5::exists(entry, "process/structure")) {  // files of early versions have none
    header.structure_name = hdf5::read_text(entry, "process/structure_name");
    header.structure_text = hdf5::read_text(entry, "process/structure");
  }
  if (hdf5::exists(entry, "process/more_structures")) {
    const auto structure_names = hdf5::read_texts(entry, "process/more_structure_names");
    const auto texts = hdf5::read_texts(entry, "process/more_structures");
    for (std::size_t i = 0; i < texts.size(); ++i) {
      header.more_structures.emplace_back(structure_names.at(i), texts[i]);
    }
  }
  return header;
}

/// What belongs together must have one size, or a damaged file would be read out of bounds.
void check_sizes(const Results& results, const std::filesystem::path& path) {
  const ResultsHeader& header = results.header;
  const std::size_t sites = header.n_cases() * header.sites.size();
  const std::size_t n_energy = header.energy_ev.size();
  const std::size_t n_l = static_cast<std::size_t>(header.lmax + 1);
  const std::size_t n_q = header.q_per_angstrom.size();
  bool fits = sites > 0 && n_energy > 0 && header.resolution_ev.size() == n_energy && n_q > 0 &&
              n_l > 0 && results.s.size() == sites * n_q * n_l * n_energy &&
              results.dos.size() ==
                  sites * header.dos_atoms.size() * kDosMomenta * header.dos_energy_ev.size() &&
              results.xanes.size() == sites * n_energy &&
              results.residual.size() == sites * n_energy &&
              results.done.size() == sites * n_energy && results.levels.size() == sites;
  for (const CaseColumn& column : header.cases) {
    fits = fits && column.size() == header.n_cases();
  }
  fits = fits && (header.case_sites.empty() || header.case_sites.size() == sites) &&
         header.distances.size() == sites * header.distance_names.size() &&
         (results.adjustments.empty() || results.adjustments.size() == header.sites.size());
  const std::size_t n_groups = fits ? header.average_groups().size() : 0;
  for (const SpectraRecord& average : results.averages) {
    fits = fits && average.energy_loss_ev.size() == n_energy &&
           average.intensity.size() == n_groups * n_energy;
  }
  for (const SpectraRecord& spectra : results.spectra) {
    fits = fits && spectra.energy_loss_ev.size() == n_energy &&
           spectra.intensity.size() == header.n_cases() * n_energy;
  }
  if (!fits) {
    throw Error(ErrorKind::io, fmt::format("'{}' is damaged: the sizes of its datasets do not fit "
                                           "together",
                                           path.string()));
  }
}

}  // namespace

std::size_t Results::count(Status status) const {
  return static_cast<std::size_t>(std::count(done.begin(), done.end(), status));
}

std::size_t Results::index(std::size_t i_case, std::size_t i_site, std::size_t i_energy) const {
  return (i_case * header.sites.size() + i_site) * header.energy_ev.size() + i_energy;
}

std::span<const double> Results::s_of(std::size_t i_case, std::size_t i_site, std::size_t i_q,
                                      std::size_t l) const {
  const std::size_t n_l = static_cast<std::size_t>(header.lmax) + 1;
  const std::size_t n_energy = header.energy_ev.size();
  const std::size_t row =
      ((i_case * header.sites.size() + i_site) * header.q_per_angstrom.size() + i_q) * n_l + l;
  return std::span<const double>(s).subspan(row * n_energy, n_energy);
}

bool is_results(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || !hdf5::is_hdf5(path)) return false;
  const hdf5::File file = hdf5::open_file(path, false);
  return H5Aexists(file.get(), "format_version") > 0 && hdf5::exists(file.get(), "entry/raw/S");
}

Results read_results(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    const bool unfinished = std::filesystem::exists(part_file(path), ignored);
    throw Error(ErrorKind::io,
                fmt::format("there is no file '{}'{}", path.string(),
                            unfinished ? fmt::format("; the run is unfinished: see '{}'",
                                                     part_file(path).string())
                                       : ""));
  }
  if (::access(path.c_str(), R_OK) != 0) {
    const std::string reason = std::strerror(errno);
    throw Error(ErrorKind::io, fmt::format("cannot read '{}': {}", path.string(), reason));
  }
  if (!hdf5::is_hdf5(path)) {
    throw Error(
        ErrorKind::io,
        fmt::format("'{}' is not an HDF5 file, wanted a result file of kedge", path.string()));
  }
  const hdf5::File file = hdf5::open_file(path, false);
  check_format(file.get(), path);
  Results results;
  results.program = hdf5::text_attribute(file.get(), "creator");
  const hdf5::Group entry(
      hdf5::check(H5Gopen2(file.get(), "entry", H5P_DEFAULT), "opening /entry"));
  const hid_t id = entry.get();
  results.header = read_header(id);
  results.git_commit = hdf5::read_text(id, "process/git_commit");
  results.s = hdf5::read_doubles(id, "raw/S");
  if (!results.header.dos_atoms.empty()) results.dos = hdf5::read_doubles(id, "raw/dos");
  results.xanes = hdf5::read_doubles(id, "raw/xanes");
  results.residual = hdf5::read_doubles(id, "raw/residual");
  for (const std::uint8_t status : hdf5::read_bytes(id, "raw/done")) {
    results.done.push_back(static_cast<Status>(status));
  }
  const auto fermi = hdf5::read_doubles(id, "raw/fermi");
  const auto core_level = hdf5::read_doubles(id, "raw/core_level");
  const auto v0 = hdf5::read_doubles(id, "raw/v0");
  for (std::size_t i = 0; i < fermi.size(); ++i) {
    results.levels.push_back({fermi[i], core_level.at(i), v0.at(i)});
  }
  if (hdf5::exists(id, "raw/scf_iterations")) {  // files of earlier versions have none
    const auto iterations = hdf5::read_doubles(id, "raw/scf_iterations");
    const auto change = hdf5::read_doubles(id, "raw/scf_change");
    for (std::size_t i = 0; i < results.levels.size(); ++i) {
      results.levels[i].scf_iterations = iterations.at(i);
      results.levels[i].scf_change = change.at(i);
    }
  }
  for (const auto& [name, field] : {std::pair("raw/grid_error", &GridRecord::error),
                                    std::pair("raw/grid_resolution", &GridRecord::resolution),
                                    std::pair("raw/grid_shift", &GridRecord::shift_ev)}) {
    if (!hdf5::exists(id, name)) continue;  // likewise
    const std::vector<double> values = hdf5::read_doubles(id, name);
    for (std::size_t i = 0; i < results.levels.size(); ++i) {
      results.levels[i].grid.*field = values.at(i);
    }
  }
  for (std::size_t i = 0; i < results.header.q_per_angstrom.size(); ++i) {
    const std::string group = data_group(i);
    results.spectra.push_back(
        {hdf5::read_doubles(id, group + "/energy"), hdf5::read_doubles(id, group + "/intensity")});
  }
  for (std::size_t i = 0; hdf5::exists(id, average_group(i)); ++i) {
    const std::string group = average_group(i);
    results.averages.push_back(
        {hdf5::read_doubles(id, group + "/energy"), hdf5::read_doubles(id, group + "/intensity")});
  }
  results.broadening_overrides = read_overrides(id);
  results.adjustments = read_adjustments(id);
  results.timings.wall_seconds = read_value(id, "process/wall_time");
  results.timings.setup_seconds = read_value(id, "process/setup_time");
  results.timings.solve_seconds = read_value(id, "process/solve_time");
  results.timings.peak_memory_gb = read_value(id, "process/peak_memory");
  if (hdf5::exists(id, "process/failures")) {
    results.failures = hdf5::read_texts(id, "process/failures");
    std::erase(results.failures, "");
  }
  check_sizes(results, path);
  return results;
}

}  // namespace kedge::io
