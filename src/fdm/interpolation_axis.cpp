// SPDX-License-Identifier: BSD-3-Clause
#include "interpolation_axis.hpp"

#include <algorithm>
#include <cmath>

#include "kedge/core/units.hpp"

namespace kedge::fdm {
namespace {

std::vector<double> blending_weights(int nodes, int degree) {
  std::vector<double> w;
  for (int k = 0; k < nodes; ++k) {
    double sum = 0.0;
    for (int i = std::max(0, k - degree); i <= std::min(k, nodes - 1 - degree); ++i) {
      double binomial = 1.0;
      for (int j = 0; j < k - i; ++j) binomial *= static_cast<double>(degree - j) / (j + 1);
      sum += binomial;
    }
    w.push_back(k % 2 == 0 ? sum : -sum);
  }
  return w;
}

/// Of the polynomial through all nodes.
std::vector<double> polynomial_weights(const std::vector<double>& x) {
  std::vector<double> w(x.size(), 1.0);
  const double scale = x.back() - x.front();
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (j != i) w[i] *= scale / (x[i] - x[j]);
    }
  }
  return w;
}

}  // namespace

InterpolationAxis InterpolationAxis::blended(double first, double last, int nodes) {
  constexpr int kDegree = 6;
  constexpr int kLowerDegree = 3;
  InterpolationAxis axis;
  for (int i = 0; i < nodes; ++i) axis.nodes_.push_back(first + (last - first) * i / (nodes - 1));
  axis.full_ = blending_weights(nodes, kDegree);
  axis.lower_ = blending_weights(nodes, kLowerDegree);
  return axis;
}

InterpolationAxis InterpolationAxis::chebyshev(double first, double last, int nodes) {
  InterpolationAxis axis;
  for (int i = 0; i < nodes; ++i) {
    axis.nodes_.push_back(0.5 * (first + last) - 0.5 * (last - first) * std::cos(kPi * (i + 0.5) / nodes));
  }
  axis.full_ = polynomial_weights(axis.nodes_);
  axis.lower_ = axis.full_;
  return axis;
}

InterpolationAxis InterpolationAxis::lobatto(double first, double last, int nodes) {
  InterpolationAxis axis;
  for (int i = 0; i < nodes; ++i) axis.nodes_.push_back(0.5 * (first + last) - 0.5 * (last - first) * std::cos(kPi * i / (nodes - 1)));
  axis.full_ = polynomial_weights(axis.nodes_);
  axis.lower_ = axis.full_;
  return axis;
}

InterpolationAxis InterpolationAxis::single(double node) {
  InterpolationAxis axis;
  axis.nodes_ = {node};
  axis.full_ = {1.0};
  axis.lower_ = {1.0};
  return axis;
}

std::vector<double> InterpolationAxis::coefficients(double x, Level level) const {
  const std::vector<double>& w = level == Level::full ? full_ : lower_;
  const double close = 1e-12 * std::max(1.0, std::abs(nodes_.back() - nodes_.front()));
  std::vector<double> c(nodes_.size(), 0.0);
  double total = 0.0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (w[i] == 0.0) continue;
    const double distance = x - nodes_[i];
    if (std::abs(distance) < close) {
      std::fill(c.begin(), c.end(), 0.0);
      c[i] = 1.0;
      return c;
    }
    c[i] = w[i] / distance;
    total += c[i];
  }
  for (double& f : c) f /= total;
  return c;
}

}  // namespace kedge::fdm
