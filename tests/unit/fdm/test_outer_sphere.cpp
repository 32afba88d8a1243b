// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/fdm/outer_sphere.hpp"
#include "kedge/fdm/stencil.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;
constexpr int kLmax = 4;

/// h_l(k r)/h_l(k R) Y_L for all channels at a point.
Eigen::VectorXcd outgoing(Complex k, const Eigen::Vector3d& r, double radius) {
  std::vector<Complex> wave(kLmax + 1);
  math::outgoing_ratio(k, r.norm(), radius, wave);
  std::vector<double> y(static_cast<std::size_t>(math::harmonic_count(kLmax)));
  math::real_harmonics(r, kLmax, y);
  Eigen::VectorXcd out(math::harmonic_count(kLmax));
  for (int l = 0; l <= kLmax; ++l) {
    for (int m = -l; m <= l; ++m) {
      const int channel = math::harmonic_index(l, m);
      out(channel) = wave[static_cast<std::size_t>(l)] * y[static_cast<std::size_t>(channel)];
    }
  }
  return out;
}

Eigen::MatrixXcd complex_columns(const OuterSphere::Columns& c) {
  Eigen::MatrixXcd u = c.real.cast<Complex>();
  for (std::size_t i = 0; i < c.imaginary_channel.size(); ++i) {
    u.col(c.imaginary_channel[i]) +=
        Complex(0.0, 1.0) * c.imaginary.col(static_cast<Eigen::Index>(i));
  }
  return u;
}

Eigen::MatrixXcd shell_waves(const OuterSphere& sphere, const grid::SphereGrid& grid, Complex k) {
  Eigen::MatrixXcd psi(static_cast<Eigen::Index>(sphere.shell().size()),
                       math::harmonic_count(kLmax));
  for (std::size_t i = 0; i < sphere.shell().size(); ++i) {
    psi.row(static_cast<Eigen::Index>(i)) =
        outgoing(k, grid.position(sphere.shell()[i]), grid.radius()).transpose();
  }
  return psi;
}

TEST(OuterSphere, CouplesTheShellToOutgoingGhosts) {
  // U = C H: what the full stencil adds at a node for the values outside the grid, by hand.
  const grid::SphereGrid grid(0.5, 4.0, Eigen::Vector3d(0.1, 0.2, -0.05));
  const Complex k(1.1, 0.0);
  for (const Stencil& stencil :
       {make_stencil(4, true, 0.5), make_stencil(4, false, 0.5), make_stencil(6, true, 0.5)}) {
    const OuterSphere sphere(grid, stencil, kLmax, 0, grid.size());
    const Eigen::MatrixXcd u = complex_columns(sphere.columns(k, kLmax));
    std::size_t row = 0;
    for (std::int32_t n = 0; n < grid.size(); ++n) {
      Eigen::VectorXcd expected = Eigen::VectorXcd::Zero(math::harmonic_count(kLmax));
      bool in_shell = false;
      for (const auto& [offset, weight] : stencil.neighbours) {
        auto node = grid.node(n);
        for (std::size_t axis = 0; axis < 3; ++axis) node[axis] += offset[axis];
        if (grid.index(node) >= 0) continue;
        in_shell = true;
        expected += weight * outgoing(k, grid.position(node), grid.radius());
      }
      if (!in_shell) continue;
      ASSERT_LT(row, sphere.shell().size());
      ASSERT_EQ(sphere.shell()[row], n);
      // imaginary parts below 1e-4 of a channel are left out on purpose
      EXPECT_LT(
          (u.row(static_cast<Eigen::Index>(row)).transpose() - expected).cwiseAbs().maxCoeff(),
          1e-3);
      ++row;
    }
    EXPECT_EQ(row, sphere.shell().size());
  }
}

/// Deviation of U^T psi from W c over all outgoing psi, relative to W.
double wronskian_error(double spacing, int order, bool compact, Complex k) {
  const grid::SphereGrid grid(spacing, 4.0, spacing * Eigen::Vector3d(0.1, 0.4, -0.3));
  const OuterSphere sphere(grid, make_stencil(order, compact, spacing), kLmax, 0, grid.size());
  const auto columns = sphere.columns(k, kLmax);
  const Eigen::MatrixXcd difference =
      complex_columns(columns).transpose() * shell_waves(sphere, grid, k) - columns.w;
  return difference.norm() / columns.w.norm();
}

TEST(OuterSphere, OutgoingWavesSatisfyTheBoundaryCondition) {
  // U^T psi = W c for psi = H c. What is left is the antisymmetric part of H_in^T C H, the discrete
  // Wronskian of two outgoing waves: a sum of stencil errors, relative to W about h k^(-1) e_p (k
  // h)^(p+2), 4e-4 for p = 4 at k h = 0.8, and falling at least as h^p (a tenth is left for the
  // ragged surface).
  for (const Complex k :
       {Complex(0.3, 0.0), Complex(1.1, 0.0), Complex(1.7, 0.0), Complex(0.0, 0.6)}) {
    for (const auto& [order, compact] :
         {std::pair(4, true), std::pair(4, false), std::pair(6, false)}) {
      const double coarse = wronskian_error(0.47, order, compact, k),
                   fine = wronskian_error(0.28, order, compact, k);
      EXPECT_LT(coarse, 4e-4) << k << ' ' << order << compact;
      EXPECT_GT(coarse / fine, 0.9 * std::pow(0.47 / 0.28, order)) << k << ' ' << order << compact;
    }
  }
}

TEST(OuterSphere, RefusesIncomingWaves) {
  const grid::SphereGrid grid(0.4, 4.0, Eigen::Vector3d(0.04, 0.16, -0.12));
  const OuterSphere sphere(grid, make_stencil(4, true, grid.spacing()), kLmax, 0, grid.size());
  const auto columns = sphere.columns(1.1, kLmax);
  const Eigen::MatrixXcd incoming = shell_waves(sphere, grid, 1.1).conjugate();
  const Eigen::MatrixXcd difference = complex_columns(columns).transpose() * incoming - columns.w;
  for (int l = 0; l <= 2; ++l) {  // beyond l = k R waves do not propagate
    const int channel = math::harmonic_index(l, 0);
    EXPECT_GT(std::abs(difference(channel, channel)), 0.1 * std::abs(columns.w(channel, channel)))
        << l;
  }
}

TEST(OuterSphere, SymmetricAndAdditiveOverRanks) {
  const grid::SphereGrid grid(0.5, 4.0, Eigen::Vector3d(0.1, 0.2, -0.05));
  const Stencil c = make_stencil(4, true, grid.spacing());
  const auto whole = OuterSphere(grid, c, kLmax, 0, grid.size()).columns(0.9, kLmax);
  EXPECT_EQ((whole.w - whole.w.transpose()).norm(), 0.0);
  const std::int32_t cut = grid.size() / 3;
  const auto low = OuterSphere(grid, c, kLmax, 0, cut).columns(0.9, kLmax);
  const auto high = OuterSphere(grid, c, kLmax, cut, grid.size()).columns(0.9, kLmax);
  // What is negligible is judged by each rank's own part.
  EXPECT_LT((low.w + high.w - whole.w).norm(), 1e-4 * whole.w.norm());
  EXPECT_EQ(low.real.rows() + high.real.rows(), whole.real.rows());
}

TEST(OuterSphere, RealBelowTheOuterLevel) {
  const grid::SphereGrid grid(0.5, 4.0, Eigen::Vector3d(0.1, 0.2, -0.05));
  const OuterSphere sphere(grid, make_stencil(4, true, grid.spacing()), kLmax, 0, grid.size());
  const auto columns = sphere.columns(Complex(0.0, 0.5), kLmax);
  EXPECT_TRUE(columns.imaginary_channel.empty());
  EXPECT_EQ(columns.w.imag().norm(), 0.0);
}

}  // namespace
}  // namespace kedge::fdm
