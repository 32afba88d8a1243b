// SPDX-License-Identifier: BSD-3-Clause
#include "interpolation_axis.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kedge/core/units.hpp"

namespace kedge::fdm {

InterpolationAxis::InterpolationAxis(std::vector<double> nodes)
    : nodes_(std::move(nodes)), weights_(nodes_.size(), 1.0) {
  const double scale = nodes_.back() - nodes_.front();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (std::size_t j = 0; j < nodes_.size(); ++j) {
      if (j != i) weights_[i] *= scale / (nodes_[i] - nodes_[j]);
    }
  }
}

InterpolationAxis InterpolationAxis::chebyshev(double first, double last, int nodes) {
  std::vector<double> x;
  for (int i = 0; i < nodes; ++i) {
    x.push_back(0.5 * (first + last) - 0.5 * (last - first) * std::cos(kPi * (i + 0.5) / nodes));
  }
  return {std::move(x)};
}

InterpolationAxis InterpolationAxis::lobatto(double first, double last, int nodes) {
  std::vector<double> x;
  for (int i = 0; i < nodes; ++i) {
    x.push_back(0.5 * (first + last) - 0.5 * (last - first) * std::cos(kPi * i / (nodes - 1)));
  }
  return {std::move(x)};
}

InterpolationAxis InterpolationAxis::through(std::vector<double> nodes) {
  return {std::move(nodes)};
}

template <class Scalar>
std::vector<Scalar> InterpolationAxis::coefficients_at(Scalar x) const {
  const double close = 1e-12 * std::max(1.0, std::abs(nodes_.back() - nodes_.front()));
  std::vector<Scalar> c(nodes_.size(), Scalar(0.0));
  Scalar total = 0.0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    const Scalar distance = x - nodes_[i];
    if (std::abs(distance) < close) {
      std::fill(c.begin(), c.end(), Scalar(0.0));
      c[i] = 1.0;
      return c;
    }
    c[i] = weights_[i] / distance;
    total += c[i];
  }
  for (Scalar& f : c) f /= total;
  return c;
}

std::vector<double> InterpolationAxis::coefficients(double x) const {
  return coefficients_at(x);
}
std::vector<std::complex<double>> InterpolationAxis::coefficients(std::complex<double> x) const {
  return coefficients_at(x);
}

}  // namespace kedge::fdm
