// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/math/spectral_mesh.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "kedge/core/units.hpp"

namespace kedge::math {

// Nodes, barycentric weights, differentiation matrix: J.-P. Berrut, L. N. Trefethen, SIAM Rev. 46,
// 501 (2004); quadrature: C. W. Clenshaw, A. R. Curtis, Numer. Math. 2, 197 (1960).
SpectralMesh::SpectralMesh(std::vector<double> edges, int nodes_per_element)
    : edges_(std::move(edges)), n_(nodes_per_element) {
  assert(edges_.size() >= 2 && n_ >= 4);
  const int last = n_ - 1;
  for (int i = 0; i < n_; ++i) {
    unit_nodes_.push_back(0.5 * (1.0 - std::cos(kPi * i / last)));
    const double end = (i == 0 || i == last) ? 0.5 : 1.0;
    barycentric_.push_back(i % 2 == 0 ? end : -end);
  }
  derivative_.resize(n_, n_);
  for (int i = 0; i < n_; ++i) {
    double diagonal = 0.0;
    for (int j = 0; j < n_; ++j) {
      if (i == j) continue;
      const auto a = static_cast<std::size_t>(i);
      const auto b = static_cast<std::size_t>(j);
      derivative_(i, j) = barycentric_[b] / barycentric_[a] / (unit_nodes_[a] - unit_nodes_[b]);
      diagonal -= derivative_(i, j);
    }
    derivative_(i, i) = diagonal;
  }
  // Integrals from 0 through Chebyshev coefficients (Clenshaw and Curtis, Eq. 2).
  Eigen::MatrixXd to_coefficients(n_, n_);
  Eigen::MatrixXd at_nodes(n_, n_);
  for (int k = 0; k < n_; ++k) {
    for (int i = 0; i < n_; ++i) {
      const double ends = (i == 0 || i == last ? 0.5 : 1.0) * (k == 0 || k == last ? 0.5 : 1.0);
      to_coefficients(k, i) = 2.0 / last * ends * std::cos(kPi * k * (last - i) / last);
    }
  }
  // integral_(-1)^x T_k, dt = dx / 2.
  for (int i = 0; i < n_; ++i) {
    const double angle = kPi * (last - i) / last;
    const auto antiderivative = [](int k, double a) {
      if (k == 0) return std::cos(a);
      if (k == 1) return 0.25 * std::cos(2.0 * a);
      return 0.5 * (std::cos((k + 1) * a) / (k + 1) - std::cos((k - 1) * a) / (k - 1));
    };
    for (int k = 0; k < n_; ++k) {
      at_nodes(i, k) = 0.5 * (antiderivative(k, angle) - antiderivative(k, kPi));
    }
  }
  integral_ = at_nodes * to_coefficients;
  std::vector<double> unit_weights(static_cast<std::size_t>(n_));
  for (int i = 0; i < n_; ++i) {
    double sum = 0.0;
    for (int k = 0; k <= last; k += 2) {
      const double end = (k == 0 || k == last) ? 0.5 : 1.0;
      sum += end * std::cos(kPi * k * i / last) * 2.0 / (1.0 - static_cast<double>(k) * k);
    }
    const double end = (i == 0 || i == last) ? 0.5 : 1.0;
    unit_weights[static_cast<std::size_t>(i)] = end * sum / last;
  }
  for (int e = 0; e < elements(); ++e) {
    const double a = edges_[static_cast<std::size_t>(e)];
    const double b = edges_[static_cast<std::size_t>(e) + 1];
    for (std::size_t i = 0; i < unit_nodes_.size(); ++i) {
      r_.push_back(a + (b - a) * unit_nodes_[i]);
      weights_.push_back((b - a) * unit_weights[i]);
    }
  }
}

int SpectralMesh::element_of(double r) const {
  const auto above = std::upper_bound(edges_.begin() + 1, edges_.end() - 1, r);
  return static_cast<int>(above - edges_.begin()) - 1;
}

Eigen::RowVectorXd SpectralMesh::interpolation_weights(int e, double r) const {
  const double a = edges_[static_cast<std::size_t>(e)];
  const double b = edges_[static_cast<std::size_t>(e) + 1];
  const double t = std::clamp((r - a) / (b - a), 0.0, 1.0);
  Eigen::RowVectorXd w = Eigen::RowVectorXd::Zero(n_);
  for (std::size_t i = 0; i < unit_nodes_.size(); ++i) {
    const double distance = t - unit_nodes_[i];
    if (distance == 0.0) {
      w.setZero();
      w(static_cast<Eigen::Index>(i)) = 1.0;
      return w;
    }
    w(static_cast<Eigen::Index>(i)) = barycentric_[i] / distance;
  }
  return w / w.sum();
}

double SpectralMesh::interpolate(std::span<const double> values, double r) const {
  const int e = element_of(r);
  return interpolation_weights(e, r).dot(Eigen::Map<const Eigen::RowVectorXd>(
      values.data() + static_cast<std::ptrdiff_t>(e) * n_, n_));
}

Eigen::RowVectorXd SpectralMesh::interpolate_rows(const Eigen::MatrixXd& values, double r) const {
  const int e = element_of(r);
  return interpolation_weights(e, r) * values.middleRows(e * n_, n_);
}

Eigen::MatrixXd SpectralMesh::interpolate_rows(const Eigen::MatrixXd& values,
                                               std::span<const double> radii) const {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(radii.size()), values.cols());
  for (std::size_t i = 0; i < radii.size(); ++i) {
    const int e = element_of(radii[i]);
    out.row(static_cast<Eigen::Index>(i)).noalias() =
        interpolation_weights(e, radii[i]) * values.middleRows(e * n_, n_);
  }
  return out;
}

std::vector<double> SpectralMesh::derivatives(std::span<const double> values, double r,
                                              int count) const {
  const auto e = static_cast<std::size_t>(element_of(r));
  const double length = edges_[e + 1] - edges_[e];
  Eigen::VectorXd nodal =
      Eigen::Map<const Eigen::VectorXd>(values.data() + e * static_cast<std::size_t>(n_), n_);
  std::vector<double> all(size(), 0.0);
  std::vector<double> out;
  for (int k = 0; k < count; ++k) {
    Eigen::Map<Eigen::VectorXd>(all.data() + e * static_cast<std::size_t>(n_), n_) = nodal;
    out.push_back(interpolate(all, r));
    nodal = derivative_ * nodal / length;
  }
  return out;
}

double SpectralMesh::integrate(std::span<const double> values, double limit) const {
  double sum = 0.0;
  for (int e = 0; e < elements(); ++e) {
    if (edges_[static_cast<std::size_t>(e) + 1] > limit * (1.0 + 1e-12)) break;
    for (int i = 0; i < n_; ++i) {
      const auto k = static_cast<std::size_t>(e * n_ + i);
      sum += weights_[k] * values[k];
    }
  }
  return sum;
}

Eigen::MatrixXd SpectralMesh::running_integral(const Eigen::MatrixXd& values) const {
  Eigen::MatrixXd out(values.rows(), values.cols());
  Eigen::RowVectorXd before = Eigen::RowVectorXd::Zero(values.cols());
  for (int e = 0; e < elements(); ++e) {
    const double length =
        edges_[static_cast<std::size_t>(e) + 1] - edges_[static_cast<std::size_t>(e)];
    auto part = out.middleRows(e * n_, n_);
    part.noalias() = length * integral_ * values.middleRows(e * n_, n_);
    part.rowwise() += before;
    before = part.row(n_ - 1);
  }
  return out;
}

}  // namespace kedge::math
