// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/rank_cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kedge/core/error.hpp"
#include "kedge/spectrum/comparison.hpp"

namespace kedge::campaign {

namespace {

/// @param parameters  of the fit, that each file depends on; empty: none
std::vector<measured::FitTarget> targets_of(
    const std::vector<MeasuredSpectrum>& data, const std::vector<measured::CurveFamily>& families,
    SharedShift shared, const std::vector<std::vector<std::size_t>>& parameters = {}) {
  std::vector<std::size_t> groups;  // numbers of the shifts, in the order they turn up
  std::vector<measured::FitTarget> targets;
  for (std::size_t t = 0; t < data.size(); ++t) {
    const std::size_t wanted = shared == SharedShift::all    ? 0
                               : shared == SharedShift::file ? data[t].i_file
                                                             : t;
    auto found = std::find(groups.begin(), groups.end(), wanted);
    if (found == groups.end()) found = groups.insert(groups.end(), wanted);
    measured::FitTarget target{&data[t].spectrum, &families[t]};
    target.shift_group = static_cast<std::size_t>(found - groups.begin());
    target.window = data[t].window;
    if (!parameters.empty()) target.parameters = parameters[data[t].i_file];
    targets.push_back(target);
  }
  return targets;
}

/// Nodes of one parameter that take part in an interpolation: `count` of them from `first` on.
struct NodeRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

measured::CurveFamily family_of(CaseCurves& curves, std::size_t i_q, const SweepGrid& grid,
                                const std::vector<NodeRange>& ranges) {
  std::vector<measured::ParameterSpline> splines;
  std::vector<measured::UniformCurve> used;
  std::vector<double> offsets;
  for (std::size_t d = 0; d < ranges.size(); ++d) {
    const auto begin = grid.nodes[d].begin() + static_cast<std::ptrdiff_t>(ranges[d].first);
    splines.emplace_back(
        std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(ranges[d].count)));
  }
  for (std::size_t node = 0; node < grid.cases.size(); ++node) {
    bool inside = true;
    std::size_t rest = node;
    for (std::size_t d = ranges.size(); d-- > 0;) {
      const std::size_t i = rest % grid.nodes[d].size();
      rest /= grid.nodes[d].size();
      inside = inside && i >= ranges[d].first && i < ranges[d].first + ranges[d].count;
    }
    if (!inside) continue;
    used.push_back(curves.at(i_q, grid.cases[node]));
    offsets.push_back(curves.offsets(i_q, grid)[node]);
  }
  return {std::move(splines), used, std::move(offsets)};
}

/// The `count` nodes nearest to a value, in a row.
NodeRange nearest_nodes(const std::vector<double>& nodes, double value, std::size_t count) {
  NodeRange best{0, count};
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t first = 0; first + count <= nodes.size(); ++first) {
    const double middle = 0.5 * (nodes[first] + nodes[first + count - 1]);
    if (std::abs(middle - value) >= smallest) continue;
    smallest = std::abs(middle - value);
    best.first = first;
  }
  return best;
}

/// The node one step back along the fastest parameter that is not at its first node.
std::size_t node_before(const SweepGrid& grid, std::size_t node) {
  std::size_t stride = 1;
  std::size_t rest = node;
  for (std::size_t d = grid.nodes.size(); d-- > 0;) {
    if (rest % grid.nodes[d].size() > 0) return node - stride;
    rest /= grid.nodes[d].size();
    stride *= grid.nodes[d].size();
  }
  return node;
}

/// What is to be added to the axis of a curve to bring its features to those of the reference; 0 if
/// the best is an end of the search.
double aligning_shift(const measured::UniformCurve& reference,
                      const measured::UniformCurve& curve) {
  const auto points = [](const measured::UniformCurve& one) {
    std::vector<double> x;
    for (std::size_t i = 0; i < one.y.size(); ++i) {
      x.push_back(one.first + one.step * static_cast<double>(i));
    }
    return x;
  };
  const std::vector<double> x = points(reference);
  const std::vector<double> other_x = points(curve);
  spectrum::ShiftSearch search;
  search.lowest = -4.0;
  search.highest = 4.0;
  // Neighbours mostly look alike where they are. A spectrum that resembles its neighbour as much
  // somewhere else gains nothing there.
  search.near_enough = 0.99;
  const auto found = spectrum::find_shift({x, reference.y}, {other_x, curve.y}, search);
  return found.at_limit ? 0.0 : found.shift;
}

}  // namespace

const measured::UniformCurve& CaseCurves::at(std::size_t i_q, std::size_t i_case) {
  auto& row = curves_[row_of(i_q)];
  for (std::size_t i = row.size(); i < opened_.results.header.n_cases(); ++i) {
    row.push_back(fine_case_curve(opened_, i, i_q, -1));
  }
  return row[i_case];
}

const std::vector<double>& CaseCurves::offsets(std::size_t i_q, const SweepGrid& grid) {
  auto& row = offsets_[row_of(i_q)];
  if (!row.empty()) return row;
  for (std::size_t node = 0; node < grid.cases.size(); ++node) {
    if (node == 0) {
      row.push_back(0.0);
      continue;
    }
    const std::size_t before = node_before(grid, node);
    const measured::UniformCurve& reference = at(i_q, grid.cases[before]);
    const measured::UniformCurve& curve = at(i_q, grid.cases[node]);
    row.push_back(row[before] - aligning_shift(reference, curve));
  }
  return row;
}

namespace {

/// One note for each file that has cases without a partner.
std::vector<std::string> notes_on_partners(const std::vector<ComparedFile>& files,
                                           const std::vector<JointCase>& joint) {
  std::vector<std::string> notes;
  for (std::size_t f = 0; f < files.size(); ++f) {
    const OpenedResults& opened = files[f].curves.opened();
    std::vector<bool> used(opened.results.header.n_cases(), false);
    for (const JointCase& cases : joint) used[cases[f]] = true;
    const auto alone = std::count(used.begin(), used.end(), false);
    if (alone == 0) continue;
    notes.push_back(fmt::format(
        "{} of {} cases of '{}' are not ranked: another file has none with their values of the "
        "common keys",
        alone, used.size(), opened.file.string()));
  }
  return notes;
}

}  // namespace

SharedShift shared_shift(const std::string& name) {
  if (name == "all") return SharedShift::all;
  if (name == "file") return SharedShift::file;
  if (name == "spectrum") return SharedShift::spectrum;
  throw Error(ErrorKind::input,
              fmt::format("--shared-shift {}: wanted all, file or spectrum", name));
}

Ranking rank_cases(std::vector<ComparedFile>& files, const std::vector<MeasuredSpectrum>& data,
                   const measured::FitSettings& settings, SharedShift shared) {
  Ranking ranking;
  const std::vector<JointCase> joint = joint_cases(files);
  ranking.notes = notes_on_partners(files, joint);
  for (const JointCase& cases : joint) {
    std::string name;
    for (const std::size_t i_case : cases) {
      name += fmt::format("{}{}", name.empty() ? "" : " + ", i_case + 1);
    }
    std::vector<measured::CurveFamily> families;
    for (const MeasuredSpectrum& one : data) {
      const measured::UniformCurve& curve = files[one.i_file].curves.at(one.i_q, cases[one.i_file]);
      if (!curve.y.empty()) families.emplace_back(curve);
    }
    if (families.size() < data.size()) {
      ranking.notes.push_back(
          fmt::format("case {} is left out: a site has fewer than two energies", name));
      continue;
    }
    try {
      ranking.cases.push_back(
          {cases, measured::fit_curves(targets_of(data, families, shared), settings)});
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::numerical) throw;
      ranking.notes.push_back(fmt::format("case {} is left out: {}", name, error.what()));
    }
  }
  if (ranking.cases.empty()) {
    throw Error(ErrorKind::input,
                fmt::format("'{}' has no case that can be compared{}",
                            files.front().curves.opened().file.string(),
                            ranking.notes.empty() ? "" : "; " + ranking.notes[0]));
  }
  std::stable_sort(
      ranking.cases.begin(), ranking.cases.end(),
      [](const RankedCase& a, const RankedCase& b) { return a.fit.chi2 < b.fit.chi2; });
  return ranking;
}

namespace {

/// Node of each parameter nearest to its value.
std::vector<std::size_t> nearest_node(const SweepGrid& grid, const Eigen::VectorXd& values) {
  std::vector<std::size_t> node;
  for (std::size_t d = 0; d < grid.nodes.size(); ++d) {
    node.push_back(nearest_nodes(grid.nodes[d], values[static_cast<Eigen::Index>(d)], 1).first);
  }
  return node;
}

std::size_t flat_index(const SweepGrid& grid, const std::vector<std::size_t>& node) {
  std::size_t index = 0;
  for (std::size_t d = 0; d < node.size(); ++d) index = index * grid.nodes[d].size() + node[d];
  return index;
}

/// See BestParameters::missed.
double missed_along(CaseCurves& curves, std::size_t i_q, const SweepGrid& grid, std::size_t d,
                    std::vector<std::size_t> node) {
  const std::size_t n = grid.nodes[d].size();
  if (n < 4) return std::numeric_limits<double>::quiet_NaN();
  const std::size_t left_out = std::clamp<std::size_t>(node[d], 1, n - 2);
  std::vector<double> nodes;
  std::vector<double> offsets;
  std::vector<measured::UniformCurve> used;
  measured::UniformCurve wanted;
  for (std::size_t k = 0; k < n; ++k) {
    node[d] = k;
    const std::size_t index = flat_index(grid, node);
    const measured::UniformCurve& curve = curves.at(i_q, grid.cases[index]);
    if (k == left_out) {
      wanted = curve;
      continue;
    }
    nodes.push_back(grid.nodes[d][k]);
    offsets.push_back(curves.offsets(i_q, grid)[index]);
    used.push_back(curve);
  }
  const measured::CurveFamily family({measured::ParameterSpline(nodes)}, used, offsets);
  const auto found = family.at(Eigen::VectorXd::Constant(1, grid.nodes[d][left_out])).curve;
  double highest = 0.0;
  double off = 0.0;
  for (std::size_t i = 0; i < wanted.y.size(); ++i) {
    const double x = wanted.first + wanted.step * static_cast<double>(i);
    highest = std::max(highest, wanted.y[i]);
    if (x <= found.last()) off = std::max(off, std::abs(wanted.y[i] - found.at(x).y));
  }
  return highest > 0.0 ? off / highest : 0.0;
}

}  // namespace

double BestParameters::sigma(std::size_t parameter) const {
  const double interpolation = interpolation_error[parameter];
  return std::hypot(fit.parameters[parameter].sigma,
                    std::isfinite(interpolation) ? interpolation : 0.0);
}

double BestParameters::shift_sigma_ev(std::size_t spectrum) const {
  return std::hypot(fit.targets[spectrum].shift_ev.sigma, shift_interpolation_error_ev[spectrum]);
}

namespace {

/// The sweeps of all files with their parameters in one list.
struct JointSweep {
  std::vector<SweepGrid> grids;                      ///< by file
  std::vector<std::vector<std::size_t>> parameters;  ///< (file)(key of its grid): number in `keys`
  std::vector<std::string> keys;
  std::vector<std::string> units;
};

JointSweep joint_sweep(const std::vector<ComparedFile>& files) {
  JointSweep sweep;
  for (std::size_t f = 0; f < files.size(); ++f) {
    sweep.grids.push_back(sweep_grid(files[f].curves.opened().results.header));
    const SweepGrid& grid = sweep.grids.back();
    sweep.parameters.emplace_back();
    for (std::size_t d = 0; d < grid.keys.size(); ++d) {
      const std::string name = shared_name(files, f, grid.keys[d]);
      const auto found = std::find(sweep.keys.begin(), sweep.keys.end(), name);
      sweep.parameters.back().push_back(static_cast<std::size_t>(found - sweep.keys.begin()));
      if (found != sweep.keys.end()) continue;
      sweep.keys.push_back(name);
      sweep.units.push_back(grid.units[d]);
    }
  }
  return sweep;
}

double value_in_case(const io::ResultsHeader& header, const std::string& key, std::size_t i_case) {
  for (const io::CaseColumn& column : header.cases) {
    if (column.key == key) return column.values[i_case];
  }
  throw Error(ErrorKind::internal, fmt::format("no swept key '{}'", key));
}

using Ranges = std::vector<std::vector<NodeRange>>;  ///< (file)(key of its grid)

Ranges all_nodes(const JointSweep& sweep) {
  Ranges ranges;
  for (const SweepGrid& grid : sweep.grids) {
    ranges.emplace_back();
    for (const auto& nodes : grid.nodes) ranges.back().push_back({0, nodes.size()});
  }
  return ranges;
}

/// Interpolation one order lower along one parameter, about its value; empty if it has two cases
/// only in every file that has it.
std::optional<Ranges> lowered(const JointSweep& sweep, std::size_t parameter, double value) {
  Ranges ranges = all_nodes(sweep);
  bool any = false;
  for (std::size_t f = 0; f < sweep.grids.size(); ++f) {
    for (std::size_t d = 0; d < ranges[f].size(); ++d) {
      const std::size_t count = ranges[f][d].count;
      if (sweep.parameters[f][d] != parameter || count < 3) continue;
      ranges[f][d] = nearest_nodes(sweep.grids[f].nodes[d], value, count == 3 ? 2 : 3);
      any = true;
    }
  }
  return any ? std::optional(ranges) : std::nullopt;
}

/// See BestParameters::missed.
std::vector<double> missed_cases(std::vector<ComparedFile>& files,
                                 const std::vector<MeasuredSpectrum>& data, const JointSweep& sweep,
                                 const Eigen::VectorXd& values) {
  std::vector<double> missed(sweep.keys.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t f = 0; f < files.size(); ++f) {
    const auto first =
        std::find_if(data.begin(), data.end(), [&](const auto& one) { return one.i_file == f; });
    if (first == data.end()) continue;
    const SweepGrid& grid = sweep.grids[f];
    Eigen::VectorXd own(static_cast<Eigen::Index>(grid.keys.size()));
    for (std::size_t d = 0; d < grid.keys.size(); ++d) {
      own[static_cast<Eigen::Index>(d)] = values[static_cast<Eigen::Index>(sweep.parameters[f][d])];
    }
    for (std::size_t d = 0; d < grid.keys.size(); ++d) {
      double& largest = missed[sweep.parameters[f][d]];
      // fmax: a number wins over NaN.
      largest = std::fmax(
          largest, missed_along(files[f].curves, first->i_q, grid, d, nearest_node(grid, own)));
    }
  }
  return missed;
}

}  // namespace

std::optional<BestParameters> best_parameters(std::vector<ComparedFile>& files,
                                              const std::vector<MeasuredSpectrum>& data,
                                              const measured::FitSettings& settings,
                                              const Ranking& ranking, SharedShift shared) {
  const JointSweep sweep = joint_sweep(files);
  const std::size_t n = sweep.keys.size();
  if (n == 0) return std::nullopt;
  for (const MeasuredSpectrum& one : data) {
    for (const std::size_t i_case : sweep.grids[one.i_file].cases) {
      if (files[one.i_file].curves.at(one.i_q, i_case).y.empty()) return std::nullopt;
    }
  }
  const auto fit_with = [&](const Ranges& ranges, const Eigen::VectorXd& start) {
    std::vector<measured::CurveFamily> families;
    for (const MeasuredSpectrum& one : data) {
      families.push_back(family_of(files[one.i_file].curves, one.i_q, sweep.grids[one.i_file],
                                   ranges[one.i_file]));
    }
    return measured::fit_curves(targets_of(data, families, shared, sweep.parameters), settings,
                                start);
  };
  BestParameters best;
  best.keys = sweep.keys;
  best.units = sweep.units;
  Eigen::VectorXd start(static_cast<Eigen::Index>(n));
  for (std::size_t f = 0; f < files.size(); ++f) {
    for (std::size_t d = 0; d < sweep.grids[f].keys.size(); ++d) {
      start[static_cast<Eigen::Index>(sweep.parameters[f][d])] =
          value_in_case(files[f].curves.opened().results.header, sweep.grids[f].keys[d],
                        ranking.cases.front().cases[f]);
    }
  }
  best.fit = fit_with(all_nodes(sweep), start);
  for (std::size_t d = 0; d < n; ++d) {
    start[static_cast<Eigen::Index>(d)] = best.fit.parameters[d].value;
  }
  best.missed = missed_cases(files, data, sweep, start);
  std::vector<double> squares(n, 0.0);
  std::vector<double> shift_squares(data.size(), 0.0);
  for (std::size_t d = 0; d < n; ++d) {
    const auto ranges = lowered(sweep, d, best.fit.parameters[d].value);
    if (!ranges) {
      squares[d] = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    const auto other = fit_with(*ranges, start);
    for (std::size_t e = 0; e < n; ++e) {
      squares[e] += std::pow(other.parameters[e].value - best.fit.parameters[e].value, 2);
    }
    for (std::size_t t = 0; t < data.size(); ++t) {
      shift_squares[t] +=
          std::pow(other.targets[t].shift_ev.value - best.fit.targets[t].shift_ev.value, 2);
    }
  }
  for (const double square : squares) best.interpolation_error.push_back(std::sqrt(square));
  for (const double square : shift_squares) {
    best.shift_interpolation_error_ev.push_back(std::sqrt(square));
  }
  return best;
}

Components site_components(const OpenedResults& opened, std::size_t i_case, std::size_t i_q) {
  Components components;
  const auto& sites = opened.results.header.sites;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    auto curve = fine_site_curve(opened, {i_case, i, i_q, -1});
    if (curve.y.empty()) continue;
    components.labels.push_back(fmt::format("{}_atom{}", sites[i].label, sites[i].atom_number));
    components.legends.push_back(fmt::format("{} (atom {})", sites[i].label, sites[i].atom_number));
    components.curves.push_back(std::move(curve));
  }
  return components;
}

Components case_components(const OpenedResults& opened, std::size_t i_q) {
  Components components;
  for (std::size_t i = 0; i < opened.results.header.n_cases(); ++i) {
    auto curve = fine_case_curve(opened, i, i_q, -1);
    if (curve.y.empty()) continue;
    components.labels.push_back(fmt::format("case_{}", i + 1));
    const std::string name = short_case_name(opened.results.header, i);
    components.legends.push_back(name.empty() ? components.labels.back() : name);
    components.curves.push_back(std::move(curve));
  }
  return components;
}

}  // namespace kedge::campaign
