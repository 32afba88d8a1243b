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

void check_data(const OpenedResults& opened, const std::vector<MeasuredSpectrum>& data) {
  const std::size_t n_q = opened.results.header.q_per_angstrom.size();
  for (const MeasuredSpectrum& one : data) {
    if (one.i_q < n_q) continue;
    throw Error(ErrorKind::input,
                fmt::format("--q {}: the file has momentum transfers 1 to {}", one.i_q + 1, n_q));
  }
}

std::vector<measured::FitTarget> targets_of(const std::vector<MeasuredSpectrum>& data,
                                            const std::vector<measured::CurveFamily>& families) {
  std::vector<measured::FitTarget> targets;
  for (std::size_t t = 0; t < data.size(); ++t) {
    targets.push_back({&data[t].spectrum, &families[t]});
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
  const auto found = spectrum::find_shift({x, reference.y}, {other_x, curve.y}, search);
  return found.at_limit ? 0.0 : found.shift;
}

}  // namespace

const measured::UniformCurve& CaseCurves::at(std::size_t i_q, std::size_t i_case) {
  auto& row = curves_[i_q];
  for (std::size_t i = row.size(); i < opened_.results.header.n_cases(); ++i) {
    row.push_back(fine_case_curve(opened_, i, i_q, -1));
  }
  return row[i_case];
}

const std::vector<double>& CaseCurves::offsets(std::size_t i_q, const SweepGrid& grid) {
  auto& row = offsets_[i_q];
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

Ranking rank_cases(CaseCurves& curves, const std::vector<MeasuredSpectrum>& data,
                   const measured::FitSettings& settings) {
  const OpenedResults& opened = curves.opened();
  check_data(opened, data);
  Ranking ranking;
  for (std::size_t i_case = 0; i_case < opened.results.header.n_cases(); ++i_case) {
    std::vector<measured::CurveFamily> families;
    for (const MeasuredSpectrum& one : data) {
      const measured::UniformCurve& curve = curves.at(one.i_q, i_case);
      if (!curve.y.empty()) families.emplace_back(curve);
    }
    if (families.size() < data.size()) {
      ranking.notes.push_back(
          fmt::format("case {} is left out: a site has fewer than two energies", i_case + 1));
      continue;
    }
    try {
      ranking.cases.push_back({i_case, measured::fit_curves(targets_of(data, families), settings)});
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::numerical) throw;
      ranking.notes.push_back(fmt::format("case {} is left out: {}", i_case + 1, error.what()));
    }
  }
  if (ranking.cases.empty()) {
    throw Error(ErrorKind::input,
                fmt::format("'{}' has no case that can be compared{}", opened.file.string(),
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

double BestParameters::shift_sigma_ev() const {
  return std::hypot(fit.shift_ev.sigma, shift_interpolation_error_ev);
}

std::optional<BestParameters> best_parameters(CaseCurves& curves,
                                              const std::vector<MeasuredSpectrum>& data,
                                              const measured::FitSettings& settings,
                                              const Ranking& ranking) {
  BestParameters best;
  const io::ResultsHeader& header = curves.opened().results.header;
  best.grid = sweep_grid(header);
  const std::size_t n = best.grid.keys.size();
  if (n == 0 || ranking.cases.size() < header.n_cases()) return std::nullopt;
  std::vector<NodeRange> all(n);
  for (std::size_t d = 0; d < n; ++d) all[d].count = best.grid.nodes[d].size();

  const auto fit_with = [&](const std::vector<NodeRange>& ranges, const Eigen::VectorXd& start) {
    std::vector<measured::CurveFamily> families;
    for (const MeasuredSpectrum& one : data) {
      families.push_back(family_of(curves, one.i_q, best.grid, ranges));
    }
    return measured::fit_curves(targets_of(data, families), settings, start);
  };
  Eigen::VectorXd start(static_cast<Eigen::Index>(n));
  for (std::size_t d = 0; d < n; ++d) {
    for (const io::CaseColumn& column : header.cases) {
      if (column.key != best.grid.keys[d]) continue;
      start[static_cast<Eigen::Index>(d)] = column.values[ranking.cases.front().i_case];
    }
  }
  best.fit = fit_with(all, start);
  for (std::size_t d = 0; d < n; ++d)
    start[static_cast<Eigen::Index>(d)] = best.fit.parameters[d].value;
  for (std::size_t d = 0; d < n; ++d) {
    best.missed.push_back(
        missed_along(curves, data.front().i_q, best.grid, d, nearest_node(best.grid, start)));
  }
  std::vector<double> squares(n, 0.0);
  double shift_square = 0.0;
  for (std::size_t d = 0; d < n; ++d) {
    if (all[d].count < 3) {
      squares[d] = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    std::vector<NodeRange> fewer = all;
    fewer[d] =
        nearest_nodes(best.grid.nodes[d], best.fit.parameters[d].value, all[d].count == 3 ? 2 : 3);
    const auto other = fit_with(fewer, start);
    for (std::size_t e = 0; e < n; ++e) {
      squares[e] += std::pow(other.parameters[e].value - best.fit.parameters[e].value, 2);
    }
    shift_square += std::pow(other.shift_ev.value - best.fit.shift_ev.value, 2);
  }
  for (const double square : squares) best.interpolation_error.push_back(std::sqrt(square));
  best.shift_interpolation_error_ev = std::sqrt(shift_square);
  return best;
}

Components site_components(const OpenedResults& opened, std::size_t i_case, std::size_t i_q) {
  Components components;
  const auto& sites = opened.results.header.sites;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    auto curve = fine_site_curve(opened, {i_case, i, i_q, -1});
    if (curve.y.empty()) continue;
    components.labels.push_back(fmt::format("{}_atom{}", sites[i].label, sites[i].atom_number));
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
    components.curves.push_back(std::move(curve));
  }
  return components;
}

}  // namespace kedge::campaign
