// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/outer_sphere.hpp"

#include <array>
#include <map>

#include "kedge/math/bessel.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::fdm {

OuterSphere::OuterSphere(const grid::SphereGrid& grid, const std::vector<double>& stencil, int lmax,
                         std::int32_t first, std::int32_t last)
    : lmax_(lmax), reference_radius_(grid.radius()) {
  const double factor = -0.5 / (grid.spacing() * grid.spacing());
  std::map<std::array<std::int32_t, 3>, std::int32_t> ghost_number;
  std::vector<std::array<std::int32_t, 3>> ghosts;
  for (std::int32_t n = first; n < last; ++n) {
    bool in_shell = false;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (int step = 1; step < static_cast<int>(stencil.size()); ++step) {
        for (const int sign : {-1, 1}) {
          auto neighbour = grid.node(n);
          neighbour[axis] += sign * step;
          if (grid.index(neighbour) >= 0) continue;
          const auto [entry, is_new] = ghost_number.try_emplace(neighbour, static_cast<std::int32_t>(ghosts.size()));
          if (is_new) ghosts.push_back(neighbour);
          if (!in_shell) shell_.push_back(n);
          in_shell = true;
          couplings_.push_back({static_cast<std::int32_t>(shell_.size()) - 1, entry->second,
                                factor * stencil[static_cast<std::size_t>(step)]});
        }
      }
    }
  }
  const int channels = math::harmonic_count(lmax);
  shell_harmonics_.resize(static_cast<Eigen::Index>(shell_.size()), channels);
  ghost_harmonics_.resize(static_cast<Eigen::Index>(ghosts.size()), channels);
  const auto row = [&](RowMajor& matrix, std::size_t i, const Eigen::Vector3d& r) {
    math::real_harmonics(r, lmax, {matrix.data() + i * static_cast<std::size_t>(channels), static_cast<std::size_t>(channels)});
  };
  for (std::size_t i = 0; i < shell_.size(); ++i) {
    const Eigen::Vector3d r = grid.position(shell_[i]);
    shell_radius_.push_back(r.norm());
    row(shell_harmonics_, i, r);
  }
  for (std::size_t i = 0; i < ghosts.size(); ++i) {
    const Eigen::Vector3d r = grid.position(ghosts[i]);
    ghost_radius_.push_back(r.norm());
    row(ghost_harmonics_, i, r);
  }
}

OuterSphere::Columns OuterSphere::columns(std::complex<double> k, int lmax) const {
  using Complex = std::complex<double>;
  const int channels = math::harmonic_count(lmax);
  const auto shell_size = static_cast<Eigen::Index>(shell_.size());
  const auto orders = static_cast<std::size_t>(lmax + 1);

  std::vector<Complex> ghost_wave(ghost_radius_.size() * orders);
  for (std::size_t g = 0; g < ghost_radius_.size(); ++g) {
    math::outgoing_ratio(k, ghost_radius_[g], reference_radius_, {ghost_wave.data() + g * orders, orders});
  }
  RowMajor real = RowMajor::Zero(shell_size, channels);
  RowMajor imaginary = RowMajor::Zero(shell_size, channels);
  for (const Coupling& c : couplings_) {
    const Complex* wave = ghost_wave.data() + static_cast<std::size_t>(c.ghost) * orders;
    const double* y = ghost_harmonics_.row(c.ghost).data();
    double* re = real.row(c.shell).data();
    double* im = imaginary.row(c.shell).data();
    for (int l = 0, channel = 0; l <= lmax; ++l) {
      const double a = c.value * wave[l].real();
      const double b = c.value * wave[l].imag();
      for (int m = -l; m <= l; ++m, ++channel) {
        re[channel] += a * y[channel];
        im[channel] += b * y[channel];
      }
    }
  }

  Columns out;
  out.lmax = lmax;
  Eigen::MatrixXcd inner(shell_size, channels);
  std::vector<Complex> wave(orders);
  for (Eigen::Index i = 0; i < shell_size; ++i) {
    math::outgoing_ratio(k, shell_radius_[static_cast<std::size_t>(i)], reference_radius_, wave);
    for (int l = 0, channel = 0; l <= lmax; ++l) {
      for (int m = -l; m <= l; ++m, ++channel) {
        inner(i, channel) = wave[static_cast<std::size_t>(l)] * shell_harmonics_(i, channel);
      }
    }
  }
  out.real = real;
  // Far above l = k R the wave is evanescent and real to rounding: its imaginary part need not be solved for.
  for (int channel = 0; channel < channels; ++channel) {
    if (imaginary.col(channel).norm() > 1e-7 * real.col(channel).norm()) out.imaginary_channel.push_back(channel);
  }
  out.imaginary.resize(shell_size, static_cast<Eigen::Index>(out.imaginary_channel.size()));
  for (std::size_t c = 0; c < out.imaginary_channel.size(); ++c) {
    out.imaginary.col(static_cast<Eigen::Index>(c)) = imaginary.col(out.imaginary_channel[c]);
  }
  Eigen::MatrixXcd u = out.real.cast<Complex>();
  for (std::size_t c = 0; c < out.imaginary_channel.size(); ++c) {
    u.col(out.imaginary_channel[c]) += Complex(0.0, 1.0) * out.imaginary.col(static_cast<Eigen::Index>(c));
  }
  const Eigen::MatrixXcd product = inner.transpose() * u;
  out.w = 0.5 * (product + product.transpose());
  return out;
}

}  // namespace kedge::fdm
