// SPDX-License-Identifier: BSD-3-Clause
#include "shell_waves.hpp"

#include <algorithm>
#include <cmath>

#include "grid_frame.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/math/complex_lu.hpp"
#include "kedge/math/spherical_harmonics.hpp"
#include "kedge/parallel/check.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

constexpr int kFewestRadii = 5;
constexpr double kLeftOfWave = 3e-5;

/// Radii for points on one side of R, the same on all ranks. Without (R/r)^(l+1) a wave of high
/// order is nearly constant and one of low order turns by x = k times the thickness of the points:
/// n radii of Chebyshev leave 2 (x/4)^n/n! of it.
InterpolationAxis radii(MPI_Comm comm, const std::vector<Eigen::Vector3d>& points, double reference,
                        double side, double largest_k) {
  double farthest = 0.0;
  for (const Eigen::Vector3d& p : points) {
    farthest = std::max(farthest, std::abs(p.norm() - reference));
  }
  parallel::check_mpi(MPI_Allreduce(MPI_IN_PLACE, &farthest, 1, MPI_DOUBLE, MPI_MAX, comm));
  const double quarter = 0.25 * largest_k * farthest;
  int count = kFewestRadii;
  while (2.0 * std::pow(quarter, count) / std::tgamma(count + 1.0) > kLeftOfWave) ++count;
  return InterpolationAxis::chebyshev(reference, reference + side * farthest, count);
}

/// Of each channel (R/r)^(l+1) Y_L at a point.
class PointHarmonics {
 public:
  PointHarmonics(int lmax, double reference)
      : lmax_(lmax),
        reference_(reference),
        y_(static_cast<std::size_t>(math::harmonic_count(lmax))) {}
  const Eigen::Map<const Eigen::RowVectorXd> at(const Eigen::Vector3d& point) {
    math::real_harmonics(point, lmax_, y_);
    const double ratio = reference_ / point.norm();
    double power = ratio;
    for (int l = 0; l <= lmax_; ++l, power *= ratio) {
      for (int m = -l; m <= l; ++m)
        y_[static_cast<std::size_t>(math::harmonic_index(l, m))] *= power;
    }
    return {y_.data(), static_cast<Eigen::Index>(y_.size())};
  }

 private:
  int lmax_;
  double reference_;
  std::vector<double> y_;
};

/// g_l(k, r) of each channel at the radii: (channels, radii).
Eigen::MatrixXcd radial_values(Complex k, const InterpolationAxis& radii, double reference,
                               int lmax) {
  Eigen::MatrixXcd out(math::harmonic_count(lmax), static_cast<Eigen::Index>(radii.nodes().size()));
  std::vector<Complex> ratio(static_cast<std::size_t>(lmax + 1));
  for (Eigen::Index t = 0; t < out.cols(); ++t) {
    const double r = radii.nodes()[static_cast<std::size_t>(t)];
    math::outgoing_ratio(k, r, reference, ratio);
    double power = r / reference;
    for (int l = 0; l <= lmax; ++l, power *= r / reference) {
      out.col(t).segment(l * l, 2 * l + 1).setConstant(power * ratio[static_cast<std::size_t>(l)]);
    }
  }
  return out;
}

void sum(MPI_Comm comm, Eigen::MatrixXd& m) {
  sum_over_ranks(comm, m.data(), static_cast<std::size_t>(m.size()));
}

}  // namespace

ShellWaves::ShellWaves(MPI_Comm comm, const OuterSphere& outer, double largest_k,
                       Precision precision)
    : comm_(comm),
      outer_(outer),
      precision_(precision),
      inner_(radii(comm, outer.shell_points(), outer.reference_radius(), -1.0, largest_k)),
      ghost_(radii(comm, outer.ghost_points(), outer.reference_radius(), 1.0, largest_k)) {
  const auto& points = outer_.shell_points();
  const auto rows = static_cast<Eigen::Index>(points.size());
  Eigen::MatrixXd harmonics(rows, math::harmonic_count(outer_.lmax()));
  const auto inner_count = static_cast<Eigen::Index>(inner_.nodes().size());
  Eigen::MatrixXd polynomials(rows, inner_count);
  PointHarmonics of_point(outer_.lmax(), outer_.reference_radius());
  for (Eigen::Index i = 0; i < rows; ++i) {
    const Eigen::Vector3d& point = points[static_cast<std::size_t>(i)];
    harmonics.row(i) = of_point.at(point);
    const std::vector<double> p = inner_.coefficients(point.norm());
    for (Eigen::Index s = 0; s < inner_count; ++s) {
      polynomials(i, s) = p[static_cast<std::size_t>(s)];
    }
  }
  for (std::size_t t = 0; t < ghost_.nodes().size(); ++t) {
    const Eigen::MatrixXd ghosts = coupled_to_ghosts(t);
    for (Eigen::Index s = 0; s < inner_count; ++s) {
      const Eigen::MatrixXd weighted = polynomials.col(s).asDiagonal() * ghosts;
      w_.push_back(transpose_product(precision_, harmonics, weighted));
      sum(comm_, w_.back());
    }
  }
}

Eigen::MatrixXd ShellWaves::coupled_to_ghosts(std::size_t t) const {
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> out = decltype(out)::Zero(
      static_cast<Eigen::Index>(outer_.shell().size()), math::harmonic_count(outer_.lmax()));
  PointHarmonics of_point(outer_.lmax(), outer_.reference_radius());
  Eigen::RowVectorXd there;
  std::int32_t ghost = -1;
  for (const OuterSphere::Coupling& c : outer_.couplings()) {
    if (c.ghost != ghost) {
      const Eigen::Vector3d& point = outer_.ghost_points()[static_cast<std::size_t>(c.ghost)];
      const double polynomial = ghost_.coefficients(point.norm())[t];
      there = polynomial * of_point.at(point);
    }
    ghost = c.ghost;
    out.row(c.shell) += c.value * there;
  }
  return out;
}

std::vector<Eigen::MatrixXd> ShellWaves::overlaps(const Eigen::MatrixXd& at_shell) const {
  std::vector<Eigen::MatrixXd> out;
  for (std::size_t t = 0; t < ghost_.nodes().size(); ++t) {
    out.push_back(transpose_product(precision_, coupled_to_ghosts(t), at_shell));
    sum(comm_, out.back());
  }
  return out;
}

OuterOverlap ShellWaves::at(Complex k, const std::vector<Eigen::MatrixXd>& overlaps) const {
  const int lmax = outer_.lmax();
  const double reference = outer_.reference_radius();
  const Eigen::MatrixXcd inner = radial_values(k, inner_, reference, lmax);
  const Eigen::MatrixXcd ghost = radial_values(k, ghost_, reference, lmax);
  const Eigen::Index channels = inner.rows();
  Eigen::MatrixXcd u = Eigen::MatrixXcd::Zero(channels, overlaps.front().cols());
  Eigen::MatrixXcd w = Eigen::MatrixXcd::Zero(channels, channels);
  for (std::size_t t = 0; t < ghost_.nodes().size(); ++t) {
    const Eigen::MatrixXd& part = overlaps[t];
    u.real() += ghost.col(static_cast<Eigen::Index>(t)).real().asDiagonal() * part;
    u.imag() += ghost.col(static_cast<Eigen::Index>(t)).imag().asDiagonal() * part;
    for (Eigen::Index s = 0; s < inner.cols(); ++s) {
      const Eigen::MatrixXd& w_st = w_[static_cast<std::size_t>(s) + inner_.nodes().size() * t];
      for (Eigen::Index c = 0; c < channels; ++c) {
        const Eigen::ArrayXd column = w_st.col(c);
        const Eigen::ArrayXcd factor =
            ghost(c, static_cast<Eigen::Index>(t)) * inner.col(s).array();
        w.col(c).real().array() += factor.real() * column;
        w.col(c).imag().array() += factor.imag() * column;
      }
    }
  }
  w = (0.5 * (w + w.transpose())).eval();
  return {u, math::ComplexLu(w).solve(u)};
}

}  // namespace kedge::fdm
