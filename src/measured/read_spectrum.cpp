// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/read_spectrum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/text_file.hpp"
#include "kedge/measured/read_nexus.hpp"

namespace kedge::measured {

namespace {

constexpr std::size_t kFewestPoints = 3;
constexpr double kSmallestSpanEv = 2.0;

[[noreturn]] void refuse(const TextTable& table, std::size_t row, const std::string& what) {
  throw Error(ErrorKind::input, fmt::format("{}:{}: {}", table.source, table.lines[row], what));
}

[[noreturn]] void refuse(const TextTable& table, const std::string& what) {
  throw Error(ErrorKind::input, fmt::format("'{}': {}", table.source, what));
}

/// Which columns, 0-based, make one spectrum.
struct Columns {
  std::size_t intensity = 1;
  std::optional<std::size_t> error;
};

std::size_t chosen_column(const TextTable& table, int number, const char* option) {
  if (number < 2 || static_cast<std::size_t>(number) > table.columns.size()) {
    refuse(table, fmt::format("{} {}: wanted a column from 2 to {}", option, number,
                              table.columns.size()));
  }
  return static_cast<std::size_t>(number) - 1;
}

/// Number of the column that the header calls so.
std::optional<std::size_t> named(const TextTable& table, const std::string& label) {
  const auto found = std::find(table.labels.begin(), table.labels.end(), label);
  if (found == table.labels.end() || found == table.labels.begin()) return std::nullopt;
  return static_cast<std::size_t>(found - table.labels.begin());
}

std::vector<Columns> columns_of(const TextTable& table, const ReadOptions& options) {
  const std::size_t n = table.columns.size();
  if (n < 2) refuse(table, 0, "1 column, wanted energy and intensity");
  std::vector<Columns> result;
  switch (options.layout) {
    case Layout::single: {
      Columns only;
      if (options.intensity_column) {
        only.intensity = chosen_column(table, *options.intensity_column, "--column");
      }
      if (options.error_column) {
        only.error = chosen_column(table, *options.error_column, "--error-column");
        if (only.error == only.intensity) {
          refuse(table,
                 fmt::format("--error-column {}: holds the intensity", *options.error_column));
        }
      } else if (const auto intensity = named(table, "intensity");
                 intensity && !options.intensity_column) {
        only.intensity = *intensity;
        only.error = named(table, "error");
        if (n == 3 && only.intensity == 1) only.error = 2;
      } else if (n == 3 && named(table, "from_fermi") == 1U && !options.intensity_column) {
        only.intensity = 2;  // kedge export
      } else if (n == 3 && !options.intensity_column) {
        only.error = 2;
      } else if (n > 3 && !options.intensity_column) {
        refuse(table, 0,
               fmt::format("{} columns: say which holds the intensity (--column), or how several "
                           "analysers stand side by side (--layout)",
                           n));
      }
      return {only};
    }
    case Layout::counts:
      for (std::size_t c = 1; c < n; ++c) result.push_back({c, std::nullopt});
      return result;
    case Layout::interleaved:
    case Layout::blocked: {
      if (n % 2 == 0) {
        refuse(table, 0,
               fmt::format("{} columns: the energy and a pair for each analyser make an odd number",
                           n));
      }
      const std::size_t analysers = (n - 1) / 2;
      for (std::size_t a = 0; a < analysers; ++a) {
        if (options.layout == Layout::interleaved) {
          result.push_back({1 + 2 * a, 2 + 2 * a});
        } else {
          result.push_back({1 + a, 1 + analysers + a});
        }
      }
      return result;
    }
  }
  throw Error(ErrorKind::internal, "unknown layout");
}

/// "kev" of "Energy (keV)", "E_keV" or "keV": the letters at the end, brackets apart, if a sign
/// stands before them or nothing.
std::string unit_at_end(std::string text) {
  std::erase_if(text, [](char c) { return c == ')' || c == ']' || c == ' '; });
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  auto begin = text.size();
  while (begin > 0 && is_letter(text[begin - 1])) --begin;
  std::string unit = text.substr(begin);
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return unit;
}

/// Factor to eV; `told` is false where the unit is only the default one.
struct Unit {
  double to_ev = 1.0;
  bool told = false;
};

Unit unit_of(const TextTable& table, const ReadOptions& options) {
  if (options.unit == "eV") return {1.0, true};
  if (options.unit == "keV") return {1000.0, true};
  if (options.unit != "auto") {
    throw Error(ErrorKind::input, fmt::format("--unit {}: wanted eV, keV or auto", options.unit));
  }
  if (table.labels.empty()) return {};
  const bool in_field = !table.units.front().empty();
  const std::string& text = in_field ? table.units.front() : table.labels.front();
  const std::string unit = unit_at_end(text);
  if (unit == "kev") return {1000.0, true};
  if (unit == "ev" || unit == "electronvolt") return {1.0, true};
  // A label need not end with a unit; what says that it is one must not be taken for eV.
  if (in_field || unit == "mev") {
    refuse(table, fmt::format("energies in '{}', wanted eV or keV; if they are, say --unit", text));
  }
  return {};
}

bool only_zeros(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return value == 0.0; });
}

/// Mean of the rows of one energy; their errors as those of a mean.
void average_repeated(Spectrum& spectrum) {
  Spectrum merged;
  std::size_t repeated = 0;
  for (std::size_t first = 0; first < spectrum.size();) {
    std::size_t end = first;
    double sum = 0.0;
    double square = 0.0;
    for (; end < spectrum.size() && spectrum.energy_ev[end] == spectrum.energy_ev[first]; ++end) {
      sum += spectrum.intensity[end];
      if (!spectrum.error.empty()) square += spectrum.error[end] * spectrum.error[end];
    }
    const auto count = static_cast<double>(end - first);
    merged.energy_ev.push_back(spectrum.energy_ev[first]);
    merged.intensity.push_back(sum / count);
    if (!spectrum.error.empty()) merged.error.push_back(std::sqrt(square) / count);
    repeated += end - first - 1;
    first = end;
  }
  if (repeated > 0) {
    spectrum.notes.push_back(fmt::format("{} repeated energies averaged", repeated));
  }
  spectrum.energy_ev = std::move(merged.energy_ev);
  spectrum.intensity = std::move(merged.intensity);
  spectrum.error = std::move(merged.error);
}

void check_order(const TextTable& table, const ReadOptions& options, bool descending) {
  const std::vector<double>& energy = table.columns[0];
  for (std::size_t i = 1; i < energy.size(); ++i) {
    if (energy[i] == energy[i - 1]) {
      if (options.average_repeated) continue;
      refuse(
          table, i,
          fmt::format("energy {} stands also in line {}; take one out, or let --repeated average "
                      "take their mean",
                      energy[i], table.lines[i - 1]));
    }
    if ((energy[i] < energy[i - 1]) != descending) {
      refuse(table, i,
             fmt::format("energy {} after {}: wanted one order throughout; sort the rows",
                         energy[i], energy[i - 1]));
    }
  }
}

void check_span(const TextTable& table, const Unit& unit) {
  const auto [low, high] = std::ranges::minmax(table.columns[0]);
  if (unit.told || high - low >= kSmallestSpanEv) return;
  refuse(table,
         fmt::format("energies from {} to {} without a unit; if they are keV say --unit keV, "
                     "else --unit eV",
                     low, high));
}

}  // namespace

Layout layout(const std::string& name) {
  if (name == "single") return Layout::single;
  if (name == "counts") return Layout::counts;
  if (name == "interleaved") return Layout::interleaved;
  if (name == "blocked") return Layout::blocked;
  throw Error(ErrorKind::input,
              fmt::format("--layout {}: wanted single, counts, interleaved or blocked", name));
}

std::vector<Spectrum> spectra_of(const TextTable& table, const std::string& stem,
                                 const ReadOptions& options) {
  const std::vector<Columns> choice = columns_of(table, options);
  const Unit unit = unit_of(table, options);
  const bool descending = table.columns[0].front() > table.columns[0].back();
  check_order(table, options, descending);
  check_span(table, unit);
  std::vector<Spectrum> spectra;
  for (const Columns& columns : choice) {
    Spectrum spectrum;
    spectrum.name = choice.size() == 1 ? stem : fmt::format("{} {}", stem, spectra.size() + 1);
    for (const double energy : table.columns[0]) spectrum.energy_ev.push_back(energy * unit.to_ev);
    spectrum.intensity = table.columns[columns.intensity];
    if (only_zeros(spectrum.intensity)) {
      if (choice.size() == 1) {
        refuse(table, fmt::format("column {}: all values are 0", columns.intensity + 1));
      }
      spectrum.notes.emplace_back(
          "all values are 0");  // of one analyser: it has no weight in the mean
    }
    if (columns.error) {
      spectrum.error = table.columns[*columns.error];
      for (std::size_t i = 0; i < spectrum.error.size(); ++i) {
        if (spectrum.error[i] > 0.0) continue;
        refuse(table, i,
               fmt::format("column {}: the error is {}, wanted more than 0", *columns.error + 1,
                           spectrum.error[i]));
      }
    } else if (options.layout == Layout::counts) {
      for (const double counts : spectrum.intensity) {
        spectrum.error.push_back(std::sqrt(std::max(counts, 1.0)));
      }
    }
    if (unit.to_ev != 1.0) spectrum.notes.emplace_back("energies converted from keV");
    if (descending) {
      std::reverse(spectrum.energy_ev.begin(), spectrum.energy_ev.end());
      std::reverse(spectrum.intensity.begin(), spectrum.intensity.end());
      std::reverse(spectrum.error.begin(), spectrum.error.end());
      spectrum.notes.emplace_back("decreasing energies reversed");
    }
    if (options.average_repeated) average_repeated(spectrum);
    if (spectrum.size() < kFewestPoints) {
      refuse(table, fmt::format("{} energies, wanted {} or more", spectrum.size(), kFewestPoints));
    }
    spectra.push_back(std::move(spectrum));
  }
  return spectra;
}

std::vector<Spectrum> read_spectra(const std::string& file, const ReadOptions& options) {
  if (is_nexus(file)) {
    const NexusName name = nexus_name(file);
    return spectra_of(read_nexus(file, options.layout), name.file.stem().string(), options);
  }
  return spectra_of(parse_table(read_text_file(file, "file of measured data"), file),
                    std::filesystem::path(file).stem().string(), options);
}

}  // namespace kedge::measured
