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

/// h_l^+(k r) / h_l^+(k R) Y_L at one point after another: kept for all points they would take as
/// much memory as the columns.
class OutgoingWaves {
 public:
  OutgoingWaves(std::complex<double> k, double reference_radius, int lmax)
      : k_(k),
        reference_radius_(reference_radius),
        lmax_(lmax),
        radial_(static_cast<std::size_t>(lmax + 1)),
        harmonics_(static_cast<std::size_t>(math::harmonic_count(lmax))) {}

  void move_to(const Eigen::Vector3d& point) {
    math::real_harmonics(point, lmax_, harmonics_);
    math::outgoing_ratio(k_, point.norm(), reference_radius_, radial_);
  }

  /// Calls take(channel, radial function, harmonic) for each channel.
  template <class Take>
  void for_each(const Take& take) const {
    for (int l = 0, channel = 0; l <= lmax_; ++l) {
      const std::complex<double> radial = radial_[static_cast<std::size_t>(l)];
      for (int m = -l; m <= l; ++m, ++channel) {
        take(channel, radial, harmonics_[static_cast<std::size_t>(channel)]);
      }
    }
  }

 private:
  std::complex<double> k_;
  double reference_radius_;
  int lmax_;
  std::vector<std::complex<double>> radial_;
  std::vector<double> harmonics_;
};

/// Channels whose waves have an imaginary part worth solving for: far above l = k R the wave is
/// evanescent and real to rounding. @param farthest  distance of the ghosts, the same on all ranks
/// of a solve, so that they agree
std::vector<int> channels_with_imaginary_part(std::complex<double> k, double farthest,
                                              double reference_radius, int lmax) {
  std::vector<std::complex<double>> far(static_cast<std::size_t>(lmax + 1));
  math::outgoing_ratio(k, farthest, reference_radius, far);
  std::vector<int> kept;
  for (int l = 0, channel = 0; l <= lmax; ++l) {
    const std::complex<double> wave = far[static_cast<std::size_t>(l)];
    const bool keep = (l <= kAlwaysKept && k.real() > 1e-12) ||
                      std::abs(wave.imag()) > kNegligible * std::abs(wave.real());
    for (int m = -l; m <= l; ++m, ++channel) {
      if (keep) kept.push_back(channel);
    }
  }
  return kept;
}

/// W = H^T U, symmetrised, H at the nodes of the shell: in real products, some thousand nodes at a
/// time.
Eigen::MatrixXcd wronskian(OutgoingWaves& waves, const std::vector<Eigen::Vector3d>& shell_points,
                           const OuterSphere::Columns& u) {
  constexpr Eigen::Index kRows = 2048;
  const auto shell_size = static_cast<Eigen::Index>(shell_points.size());
  const Eigen::Index channels = u.real.cols();
  Eigen::MatrixXd rr = Eigen::MatrixXd::Zero(channels, channels);
  Eigen::MatrixXd ir = rr;
  Eigen::MatrixXd ri = Eigen::MatrixXd::Zero(channels, u.imaginary.cols());
  Eigen::MatrixXd ii = ri;
  for (Eigen::Index first = 0; first < shell_size; first += kRows) {
    const Eigen::Index rows = std::min(kRows, shell_size - first);
    Eigen::MatrixXd inner_real(rows, channels);
    Eigen::MatrixXd inner_imaginary(rows, channels);
    for (Eigen::Index i = 0; i < rows; ++i) {
      waves.move_to(shell_points[static_cast<std::size_t>(first + i)]);
      waves.for_each([&](int channel, std::complex<double> radial, double harmonic) {
        const std::complex<double> value = radial * harmonic;
        inner_real(i, channel) = value.real();
        inner_imaginary(i, channel) = value.imag();
      });
    }
    rr.noalias() += inner_real.transpose() * u.real.middleRows(first, rows);
    ir.noalias() += inner_imaginary.transpose() * u.real.middleRows(first, rows);
    ri.noalias() += inner_real.transpose() * u.imaginary.middleRows(first, rows);
    ii.noalias() += inner_imaginary.transpose() * u.imaginary.middleRows(first, rows);
  }
  Eigen::MatrixXcd product(channels, channels);
  product.real() = rr;
  product.imag() = ir;
  for (std::size_t c = 0; c < u.imaginary_channel.size(); ++c) {
    const auto column = static_cast<Eigen::Index>(c);
    product.col(u.imaginary_channel[c]).real() -= ii.col(column);
    product.col(u.imaginary_channel[c]).imag() += ri.col(column);
  }
  return 0.5 * (product + product.transpose());
}

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
  OutgoingWaves waves(k, reference_radius_, lmax);
  const auto shell_size = static_cast<Eigen::Index>(shell_.size());
  RowMajor real = RowMajor::Zero(shell_size, math::harmonic_count(lmax));
  RowMajor imaginary = RowMajor::Zero(shell_size, real.cols());
  std::int32_t ghost = -1;
  for (const Coupling& c : couplings_) {
    if (c.ghost != ghost) waves.move_to(ghost_points_[static_cast<std::size_t>(c.ghost)]);
    ghost = c.ghost;
    double* re = real.row(c.shell).data();
    double* im = imaginary.row(c.shell).data();
    waves.for_each([&](int channel, std::complex<double> radial, double harmonic) {
      const std::complex<double> weight = c.value * radial;
      re[channel] += weight.real() * harmonic;
      im[channel] += weight.imag() * harmonic;
    });
  }

  Columns out;
  out.lmax = lmax;
  out.imaginary_channel =
      channels_with_imaginary_part(k, reference_radius_ + reach_, reference_radius_, lmax);
  out.real = real;
  real.resize(0, 0);
  out.imaginary = imaginary(Eigen::all, out.imaginary_channel);
  imaginary.resize(0, 0);
  out.w = wronskian(waves, shell_points_, out);
  return out;
}

}  // namespace kedge::fdm
