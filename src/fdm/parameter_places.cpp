// SPDX-License-Identifier: BSD-3-Clause
#include "parameter_places.hpp"

#include <algorithm>
#include <cmath>

#include "kedge/core/error.hpp"

namespace kedge::fdm {

ParameterPlaces::ParameterPlaces(const std::vector<Parameters>& members, int nodes) {
  std::vector<Parameters> distinct = members;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::size_t grid = 1;
  std::array<double, 2> low{};
  std::array<double, 2> high{};
  for (std::size_t i = 0; i < low.size(); ++i) {
    const auto [least, most] = std::ranges::minmax_element(distinct, {}, [i](const Parameters& p) { return p[i]; });
    low[i] = (*least)[i];
    high[i] = (*most)[i];
    if (low[i] < high[i]) grid *= static_cast<std::size_t>(nodes);
  }
  if (distinct.size() <= grid) {
    places_ = std::move(distinct);
    return;
  }
  for (std::size_t i = 0; i < low.size(); ++i) {
    axes_.push_back(low[i] < high[i] ? InterpolationAxis::lobatto(low[i], high[i], nodes) : InterpolationAxis::single(low[i]));
  }
  for (const double x : axes_[0].nodes()) {
    for (const double y : axes_[1].nodes()) places_.push_back({x, y});
  }
}

std::vector<double> ParameterPlaces::coefficients(const Parameters& at) const {
  std::vector<double> out;
  if (axes_.empty()) {
    const auto found = std::ranges::find(places_, at);
    if (found == places_.end()) throw Error(ErrorKind::internal, "parameters that are no member of the family");
    out.assign(places_.size(), 0.0);
    out[static_cast<std::size_t>(found - places_.begin())] = 1.0;
    return out;
  }
  const std::vector<double> second = axes_[1].coefficients(at[1], Level::full);
  for (const double x : axes_[0].coefficients(at[0], Level::full)) {
    for (const double y : second) out.push_back(x * y);
  }
  return out;
}

double ParameterPlaces::remoteness(const Parameters& at) const {
  double most = 0.0;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const std::vector<double>& nodes = axes_[i].nodes();
    if (nodes.size() == 1) continue;
    double product = 1.0;
    for (const double x : nodes) product *= (at[i] - x) / (nodes.back() - nodes.front());
    most = std::max(most, std::abs(product));
  }
  return most;
}

std::vector<std::size_t> ParameterPlaces::outermost() const {
  std::vector<std::size_t> out;
  if (axes_.empty()) {
    for (std::size_t i = 0; i < places_.size(); ++i) out.push_back(i);
    return out;
  }
  const std::size_t n0 = axes_[0].nodes().size();
  const std::size_t n1 = axes_[1].nodes().size();
  for (const std::size_t i : {std::size_t{0}, n0 - 1}) {
    for (const std::size_t j : {std::size_t{0}, n1 - 1}) out.push_back(i * n1 + j);
  }
  out.push_back(n0 / 2 * n1 + n1 / 2);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace kedge::fdm
