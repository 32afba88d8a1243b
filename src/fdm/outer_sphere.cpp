// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/outer_sphere.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "kedge/math/bessel.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::fdm {
namespace {

constexpr double kNegligible = 1e-4;  // imaginary part of a wave relative to its real part; shows
                                      // as 1e-4 of its amplitude at most

// Low orders carry all of the density just above the outer level, however small their imaginary
// part.
constexpr int kAlwaysKept = 4;

}  // namespace

OuterSphere::OuterSphere(const grid::SphereGrid& grid, const Stencil& stencil, int lmax,
                         std::int32_t first, std::int32_t last)
    : lmax_(lmax), reference_radius_(grid.radius()), reach_(stencil.reach() * grid.spacing()) {
  std::map<std::array<std::int32_t, 3>, std::int32_t> ghost_number;
  std::vector<std::array<std::int32_t, 3>> ghosts;
  for (std::int32_t n = first; n < last; ++n) {
    bool in_shell = false;
    for (const Stencil::Neighbour& coupled : stencil.neighbours) {
      auto neighbour = grid.node(n);
      for (std::size_t axis = 0; axis < 3; ++axis) neighbour[axis] += coupled.offset[axis];
      if (grid.index(neighbour) >= 0) continue;
      const auto [entry, is_new] =
          ghost_number.try_emplace(neighbour, static_cast<std::int32_t>(ghosts.size()));
      if (is_new) ghosts.push_back(neighbour);
      if (!in_shell) shell_.push_back(n);
      in_shell = true;
      couplings_.push_back(
          {static_cast<std::int32_t>(shell_.size()) - 1, entry->second, coupled.weight});
    }
  }
  for (const std::int32_t n : shell_) shell_points_.push_back(grid.position(n));
  for (const auto& ghost : ghosts) ghost_points_.push_back(grid.position(ghost));
  std::ranges::stable_sort(couplings_, {}, &Coupling::ghost);
}

OuterSphere::Columns OuterSphere::columns(std::complex<double> k, int lmax) const {
  using Complex = std::complex<double>;
  const int channels = math::harmonic_count(lmax);
  const auto shell_size = static_cast<Eigen::Index>(shell_.size());
  const auto orders = static_cast<std::size_t>(lmax + 1);

  // Harmonics at a point, made where they are needed: kept for all points they would take as much
  // memory as the columns.
  std::vector<double> y(static_cast<std::size_t>(channels));
  std::vector<Complex> wave(orders);
  const auto wave_at = [&](const Eigen::Vector3d& point) {
    math::real_harmonics(point, lmax, y);
    math::outgoing_ratio(k, point.norm(), reference_radius_, wave);
  };
  RowMajor real = RowMajor::Zero(shell_size, channels);
  RowMajor imaginary = RowMajor::Zero(shell_size, channels);
  std::int32_t ghost = -1;
  for (const Coupling& c : couplings_) {
    if (c.ghost != ghost) wave_at(ghost_points_[static_cast<std::size_t>(c.ghost)]);
    ghost = c.ghost;
    double* re = real.row(c.shell).data();
    double* im = imaginary.row(c.shell).data();
    for (int l = 0, channel = 0; l <= lmax; ++l) {
      const Complex weight = c.value * wave[static_cast<std::size_t>(l)];
      for (int m = -l; m <= l; ++m, ++channel) {
        re[channel] += weight.real() * y[static_cast<std::size_t>(channel)];
        im[channel] += weight.imag() * y[static_cast<std::size_t>(channel)];
      }
    }
  }

  Columns out;
  out.lmax = lmax;
  // Far above l = k R the wave is evanescent and real to rounding: its imaginary part need not be
  // solved for. Judged by the radial function at the farthest ghosts, so that all ranks of a solve
  // agree.
  std::vector<Complex> far(orders);
  math::outgoing_ratio(k, reference_radius_ + reach_, reference_radius_, far);
  for (int l = 0, channel = 0; l <= lmax; ++l) {
    const bool kept = (l <= kAlwaysKept && k.real() > 1e-12) ||
                      std::abs(far[static_cast<std::size_t>(l)].imag()) >
                          kNegligible * std::abs(far[static_cast<std::size_t>(l)].real());
    for (int m = -l; m <= l; ++m, ++channel) {
      if (kept) out.imaginary_channel.push_back(channel);
    }
  }
  out.real = real;
  real.resize(0, 0);
  out.imaginary = imaginary(Eigen::all, out.imaginary_channel);
  imaginary.resize(0, 0);

  // H at the interior nodes; W = H^T U in real products, some thousand nodes at a time.
  constexpr Eigen::Index kRows = 2048;
  Eigen::MatrixXd rr = Eigen::MatrixXd::Zero(channels, channels);
  Eigen::MatrixXd ir = rr;
  Eigen::MatrixXd ri = Eigen::MatrixXd::Zero(channels, out.imaginary.cols());
  Eigen::MatrixXd ii = ri;
  for (Eigen::Index first = 0; first < shell_size; first += kRows) {
    const Eigen::Index rows = std::min(kRows, shell_size - first);
    Eigen::MatrixXd inner_real(rows, channels);
    Eigen::MatrixXd inner_imaginary(rows, channels);
    for (Eigen::Index i = 0; i < rows; ++i) {
      wave_at(shell_points_[static_cast<std::size_t>(first + i)]);
      for (int l = 0, channel = 0; l <= lmax; ++l) {
        for (int m = -l; m <= l; ++m, ++channel) {
          const Complex value =
              wave[static_cast<std::size_t>(l)] * y[static_cast<std::size_t>(channel)];
          inner_real(i, channel) = value.real();
          inner_imaginary(i, channel) = value.imag();
        }
      }
    }
    rr.noalias() += inner_real.transpose() * out.real.middleRows(first, rows);
    ir.noalias() += inner_imaginary.transpose() * out.real.middleRows(first, rows);
    ri.noalias() += inner_real.transpose() * out.imaginary.middleRows(first, rows);
    ii.noalias() += inner_imaginary.transpose() * out.imaginary.middleRows(first, rows);
  }
  Eigen::MatrixXcd product(channels, channels);
  product.real() = rr;
  product.imag() = ir;
  for (std::size_t c = 0; c < out.imaginary_channel.size(); ++c) {
    const auto column = static_cast<Eigen::Index>(c);
    product.col(out.imaginary_channel[c]).real() -= ii.col(column);
    product.col(out.imaginary_channel[c]).imag() += ri.col(column);
  }
  out.w = 0.5 * (product + product.transpose());
  return out;
}

}  // namespace kedge::fdm
