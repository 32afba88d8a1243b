// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"

namespace kedge::campaign {

namespace {

/// A number that is the whole text.
std::optional<double> number(const std::string& text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::size_t count_cases(const io::Input& input) {
  constexpr double kMostCases = 1e6;
  if (input.sweeps.empty()) return 1;
  const std::size_t length = input.sweeps.front().values.size();
  double product = 1.0;
  for (const io::Sweep& sweep : input.sweeps) {
    product *= static_cast<double>(sweep.values.size());
    if (!input.cases.zip || sweep.values.size() == length) continue;
    throw Error(ErrorKind::input,
                fmt::format("cases.combine = zip: {} has {} values and {} has {}; wanted lists of "
                            "one length, or combine = product",
                            input.sweeps.front().key, length, sweep.key, sweep.values.size()));
  }
  if (input.cases.zip) return length;
  if (product > kMostCases) {
    throw Error(
        ErrorKind::input,
        fmt::format(
            "the lists make {:.9g} cases, at most {:.9g} are allowed (cases x sites x energies "
            "are the solves); shorten the lists",
            product, kMostCases));
  }
  return static_cast<std::size_t>(product);
}

/// True for keys that change where the atoms are, rather than how much of them is computed.
bool changes_structure(const std::string& key) {
  return key.starts_with("structure.") && key != "structure.radius";
}

}  // namespace

std::vector<CaseParameters> cases(const io::Input& input) {
  const std::size_t n_cases = count_cases(input);
  std::vector<CaseParameters> all;
  std::map<std::string, std::size_t> structures;
  for (std::size_t i_case = 0; i_case < n_cases; ++i_case) {
    CaseParameters parameters{
        input.absorber.screening.front(), input.absorber.dilatorb.front(), {}, 0};
    std::string structure;
    std::size_t block =
        n_cases;  // cases over which the value of the present sweep goes through its list once
    for (const io::Sweep& sweep : input.sweeps) {
      const std::size_t length = sweep.values.size();
      block = input.cases.zip ? 1 : block / length;
      const std::string& value = sweep.values[i_case / block % length];
      parameters.values.emplace_back(sweep.key, value);
      if (sweep.key == "absorber.screening") parameters.screening = number(value).value();
      if (sweep.key == "absorber.dilatorb") parameters.dilatorb = number(value).value();
      if (changes_structure(sweep.key)) structure += sweep.key + '=' + value + ';';
    }
    parameters.i_structure = structures.emplace(structure, structures.size()).first->second;
    all.push_back(std::move(parameters));
  }
  return all;
}

io::Input input_of_case(const io::Input& input, const CaseParameters& parameters) {
  io::Input one = io::with_values(input, parameters.values);
  const auto& levels = input.energy.fermi_by_screening_ev;
  if (!levels.empty()) {
    const auto& screening = input.absorber.screening;
    const auto same = std::find(screening.begin(), screening.end(), parameters.screening);
    one.energy.fermi_ev = levels.at(static_cast<std::size_t>(same - screening.begin()));
    one.energy.fermi_by_screening_ev.clear();
  }
  return one;
}

namespace {

bool is_swept(const io::Input& input, const std::string& key) {
  return std::ranges::any_of(input.sweeps,
                             [&](const io::Sweep& sweep) { return sweep.key == key; });
}

/// Weight of each value of the list of frames or files.
std::vector<double> weights(const io::Input& input, const io::Sweep& structures) {
  const std::string& text = input.structure.weights;
  if (text == "equal") return std::vector<double>(structures.values.size(), 1.0);
  std::vector<double> found;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    std::string part = text.substr(start, end - start);
    std::erase_if(part, [](char c) { return c == ' ' || c == '\t'; });
    const auto value = number(part);
    if (!value || !(*value > 0.0 && *value < 1e6)) {
      throw Error(
          ErrorKind::input,
          fmt::format("structure.weights: found '{}', wanted none, equal, or numbers above 0",
                      part));
    }
    found.push_back(*value);
    start = end + 1;
  }
  if (found.size() != structures.values.size()) {
    throw Error(ErrorKind::input,
                fmt::format("structure.weights has {} values and {} has {}; wanted one for each",
                            found.size(), structures.key, structures.values.size()));
  }
  return found;
}

/// Weight of each case in the average over structures.
io::CaseColumn weight_column(const io::Input& input, const std::vector<CaseParameters>& all) {
  const auto structures = std::ranges::find_if(input.sweeps, [](const io::Sweep& sweep) {
    return sweep.key == "structure.frame" || sweep.key == "structure.file";
  });
  if (structures == input.sweeps.end()) {
    throw Error(ErrorKind::input,
                "structure.weights: there is one structure only, so there is nothing to average; "
                "wanted several "
                "frames or files, or weights = none");
  }
  const std::vector<double> of_value = weights(input, *structures);
  const auto i_sweep = static_cast<std::size_t>(structures - input.sweeps.begin());
  io::CaseColumn column{"weight", "", false, {}, {}};
  for (std::size_t i_case = 0; i_case < all.size(); ++i_case) {
    const auto& list = structures->values;
    const auto place = static_cast<std::size_t>(
        std::ranges::find(list, all[i_case].values[i_sweep].second) - list.begin());
    // Side by side a value may come twice, with another weight.
    column.values.push_back(of_value[input.cases.zip ? i_case : place]);
  }
  return column;
}

}  // namespace

std::vector<io::CaseColumn> case_columns(const io::Input& input) {
  const std::vector<CaseParameters> all = cases(input);
  io::CaseColumn screening{
      "absorber.screening", "electron", is_swept(input, "absorber.screening"), {}, {}};
  io::CaseColumn dilatorb{"absorber.dilatorb", "", is_swept(input, "absorber.dilatorb"), {}, {}};
  for (const CaseParameters& parameters : all) {
    screening.values.push_back(parameters.screening);
    dilatorb.values.push_back(parameters.dilatorb);
  }
  std::vector<io::CaseColumn> columns = {screening, dilatorb};
  for (std::size_t i = 0; i < input.sweeps.size(); ++i) {
    const io::Sweep& sweep = input.sweeps[i];
    if (sweep.key == "absorber.screening" || sweep.key == "absorber.dilatorb") continue;
    io::CaseColumn column{sweep.key, io::unit_of(sweep.key), true, {}, {}};
    const bool numbers = std::ranges::all_of(
        sweep.values, [](const std::string& text) { return number(text).has_value(); });
    for (const CaseParameters& parameters : all) {
      const std::string& text = parameters.values[i].second;
      if (numbers) {
        column.values.push_back(*number(text));
      } else {
        column.texts.push_back(text);
      }
    }
    columns.push_back(std::move(column));
  }
  if (input.structure.weights != "none") columns.push_back(weight_column(input, all));
  return columns;
}

}  // namespace kedge::campaign
