// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/grid_projectors.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::fdm {
namespace {

// Beyond its sphere an atom's dual functions reach this far: nodes enough to tell waves of l = 3
// apart in a sphere of two steps.
constexpr double kDualSteps = 1.5;
constexpr double kLeastIndependence = 1e-10;  // of the waves at these nodes: amplitudes lose half
                                              // of their digits

/// 1 inside the sphere, 0 beyond support, with two continuous derivatives between.
double reach(double distance, double radius, double support) {
  const double s = std::clamp((distance - radius) / support, 0.0, 1.0);
  return 1.0 - s * s * s * (10.0 - s * (15.0 - 6.0 * s));
}

double weight_at(const Eigen::Vector3d& r, const std::vector<AtomicSphere>& spheres,
                 std::size_t atom, double support) {
  for (std::size_t a = 0; a < spheres.size(); ++a) {
    if ((r - spheres[a].centre).norm() < spheres[a].radius) return a == atom ? 1.0 : 0.0;
  }
  return reach((r - spheres[atom].centre).norm(), spheres[atom].radius, support);
}

}  // namespace

GridProjectors::GridProjectors(const grid::SphereGrid& grid, Stencil stencil,
                               const std::vector<AtomicSphere>& spheres, std::size_t atom, int lmax,
                               int multipole_lmax, double support)
    : spacing_(grid.spacing()), stencil_(std::move(stencil)) {
  const AtomicSphere& own = spheres[atom];
  const double farthest = own.radius + support;
  const Eigen::Vector3d middle = (own.centre - grid.shift()) / spacing_;
  const int half = static_cast<int>(farthest / spacing_) + 1;
  std::array<std::int32_t, 3> base{};
  for (std::size_t k = 0; k < 3; ++k) {
    base[k] = static_cast<std::int32_t>(std::lround(middle[static_cast<Eigen::Index>(k)]));
  }

  std::map<std::array<std::int32_t, 3>, std::int32_t> number;
  std::vector<std::array<std::int32_t, 3>> points;
  const auto point = [&](const std::array<std::int32_t, 3>& p) {
    const auto [entry, is_new] = number.try_emplace(p, static_cast<std::int32_t>(points.size()));
    if (is_new) points.push_back(p);
    return entry->second;
  };
  const auto moved = [](std::array<std::int32_t, 3> node, const std::array<int, 3>& offset) {
    for (std::size_t axis = 0; axis < 3; ++axis) node[axis] += offset[axis];
    return node;
  };
  const auto reaches_sphere = [&](const std::array<std::int32_t, 3>& node) {
    return std::ranges::any_of(stencil_.neighbours, [&](const Stencil::Neighbour& n) {
      return (grid.position(moved(node, n.offset)) - own.centre).norm() < own.radius;
    });
  };
  for (int i = -half; i <= half; ++i) {
    for (int j = -half; j <= half; ++j) {
      for (int k = -half; k <= half; ++k) {
        const std::array<std::int32_t, 3> node = {base[0] + i, base[1] + j, base[2] + k};
        const Eigen::Vector3d r = grid.position(node);
        if ((r - own.centre).norm() >= farthest) continue;
        const std::int32_t unknown = grid.index(node);
        if (unknown < 0) continue;
        const double w = weight_at(r, spheres, atom, support);
        if (w <= 0.0 && !reaches_sphere(node)) continue;
        nodes_.push_back(unknown);
        weight_.push_back(w);
        dual_weight_.push_back(weight_at(r, spheres, atom, kDualSteps * spacing_));
        centre_point_.push_back(point(node));
        for (const Stencil::Neighbour& n : stencil_.neighbours) {
          neighbour_.push_back(point(moved(node, n.offset)));
        }
      }
    }
  }
  const int count = math::harmonic_count(lmax);
  harmonics_.resize(static_cast<Eigen::Index>(points.size()), count);
  std::vector<double> y(static_cast<std::size_t>(count));
  for (std::size_t p = 0; p < points.size(); ++p) {
    const Eigen::Vector3d r = grid.position(points[p]) - own.centre;
    radius_.push_back(r.norm());
    math::real_harmonics(r, lmax, y);
    harmonics_.row(static_cast<Eigen::Index>(p)) =
        Eigen::Map<const Eigen::RowVectorXd>(y.data(), count);
  }
  const std::size_t per_node = stencil_.neighbours.size();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (radius_[static_cast<std::size_t>(centre_point_[i])] < own.radius) continue;
    const auto first = neighbour_.begin() + static_cast<std::ptrdiff_t>(i * per_node);
    std::copy_if(first, first + static_cast<std::ptrdiff_t>(per_node), std::back_inserter(reached_),
                 [&](std::int32_t p) { return radius_[static_cast<std::size_t>(p)] < own.radius; });
  }
  std::sort(reached_.begin(), reached_.end());
  reached_.erase(std::unique(reached_.begin(), reached_.end()), reached_.end());
  y.resize(static_cast<std::size_t>(math::harmonic_count(multipole_lmax)));
  potential_harmonics_.resize(static_cast<Eigen::Index>(points.size()),
                              static_cast<Eigen::Index>(y.size()));
  for (std::size_t p = 0; p < points.size(); ++p) {
    math::real_harmonics(grid.position(points[p]) - own.centre, multipole_lmax, y);
    potential_harmonics_.row(static_cast<Eigen::Index>(p)) =
        Eigen::Map<const Eigen::RowVectorXd>(y.data(), potential_harmonics_.cols());
  }
}

double GridProjectors::slope_squared(std::size_t node, const Eigen::VectorXd& v) const {
  Eigen::Vector3d twice = Eigen::Vector3d::Zero();
  for (std::size_t k = 0; k < stencil_.neighbours.size(); ++k) {
    const auto& offset = stencil_.neighbours[k].offset;
    const Eigen::Vector3d step(offset[0], offset[1], offset[2]);
    if (step.squaredNorm() != 1.0) continue;
    twice += v(neighbour_[node * stencil_.neighbours.size() + k]) * step;
  }
  return twice.squaredNorm() / (4.0 * spacing_ * spacing_);
}

double GridProjectors::farthest() const {
  return *std::max_element(radius_.begin(), radius_.end());
}

GridProjectors::Waves GridProjectors::waves_at_points(const AtomWaves& waves,
                                                      const SmoothPotential& potential,
                                                      const math::SpectralMesh& mesh,
                                                      const math::Gaunt& gaunt,
                                                      double energy) const {
  const Eigen::MatrixXd multipoles = multipoles_at(potential, mesh, radius_);
  const Eigen::Index others = multipoles.cols() - 1;
  const Eigen::ArrayXd not_spherical = multipoles.rightCols(others)
                                           .cwiseProduct(potential_harmonics_.rightCols(others))
                                           .rowwise()
                                           .sum();
  auto [wave, bent] = waves.at(radius_, harmonics_, multipoles, gaunt);
  Waves out;
  out.left_out = (not_spherical.matrix().asDiagonal() * wave - bent).transpose();
  out.potential.resize(wave.rows());
  Eigen::VectorXd amplitude(wave.rows());
  for (Eigen::Index p = 0; p < wave.rows(); ++p) {
    out.potential(p) =
        potential.spherical.extended_potential(radius_[static_cast<std::size_t>(p)]) +
        not_spherical(p) - energy;
    amplitude(p) = stencil_.amplitude(out.potential(p));
  }
  out.wave = (amplitude.asDiagonal() * wave).transpose();
  return out;
}

Eigen::MatrixXd GridProjectors::part_in_sphere(const Eigen::MatrixXd& wave, const AtomWaves& waves,
                                               const SmoothPotential& potential,
                                               double energy) const {
  Eigen::MatrixXd inner = Eigen::MatrixXd::Zero(wave.rows(), wave.cols());
  for (const std::int32_t p : reached_) {
    const double r = radius_[static_cast<std::size_t>(p)];
    const double left = waves.fading(r);
    if (left == 0.0) continue;
    const double beyond = stencil_.amplitude(
        continued_potential_at(potential, r, potential_harmonics_.row(p)) - energy);
    inner.col(p) =
        left * (wave.col(p) - beyond * waves.continued_at(r, harmonics_.row(p)).transpose());
  }
  return inner;
}

Eigen::MatrixXd GridProjectors::residuals(const Waves& at_point, const Eigen::MatrixXd& inner,
                                          double sphere_radius) const {
  const double mean = stencil_.source_mean();
  const Eigen::MatrixXd with_source = at_point.wave + mean * at_point.left_out;
  Eigen::MatrixXd columns(at_point.wave.rows(), static_cast<Eigen::Index>(nodes_.size()));
  Eigen::VectorXd image(columns.rows());
  Eigen::VectorXd across(columns.rows());
  const std::size_t per_node = stencil_.neighbours.size();
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const std::int32_t centre = centre_point_[n];
    const bool beyond = radius_[static_cast<std::size_t>(centre)] >= sphere_radius;
    const double diagonal =
        stencil_.diagonal(at_point.potential(centre), slope_squared(n, at_point.potential));
    image = (stencil_.centre + diagonal) * at_point.wave.col(centre) -
            (1.0 - mean * stencil_.centre) * at_point.left_out.col(centre);
    across.setZero();
    for (std::size_t k = 0; k < per_node; ++k) {
      const double weight = stencil_.neighbours[k].weight;
      const std::int32_t p = neighbour_[n * per_node + k];
      image += weight * with_source.col(p);
      if (beyond) across += weight * inner.col(p);
    }
    columns.col(static_cast<Eigen::Index>(n)) = -weight_[n] * image - (1.0 - weight_[n]) * across;
  }
  return columns.transpose();
}

void GridProjectors::add_duals(const Eigen::MatrixXd& at_node, double sphere_radius,
                               Values& values) const {
  const Eigen::Index waves = at_node.cols();
  const Eigen::Index duals = waves - std::min<Eigen::Index>(waves, kFirstDual * kFirstDual);
  if (duals == 0) return;
  const auto weight = Eigen::Map<const Eigen::VectorXd>(dual_weight_.data(), at_node.rows());
  const Eigen::MatrixXd weighted = weight.asDiagonal() * at_node;
  const Eigen::MatrixXd overlap = spacing_ * spacing_ * spacing_ * (at_node.transpose() * weighted);
  const Eigen::LLT<Eigen::MatrixXd> llt(overlap);
  if (llt.info() != Eigen::Success || llt.rcond() < kLeastIndependence) {
    throw Error(ErrorKind::numerical,
                fmt::format("the grid has too few nodes in a sphere of {:.2f} Angstrom to tell its "
                            "{} waves apart: take a smaller engine.spacing or atom_lmax",
                            sphere_radius * kBohrAngstrom, waves));
  }
  values.columns.conservativeResize(at_node.rows(), waves + duals);
  values.columns.rightCols(duals) =
      weighted * llt.solve(Eigen::MatrixXd::Identity(waves, waves)).rightCols(duals);
  Eigen::MatrixXd n = Eigen::MatrixXd::Zero(waves + duals, waves + duals);
  n.topLeftCorner(waves, waves) = values.b;
  n.block(waves - duals, waves, duals, duals).setIdentity();
  n.block(waves, waves - duals, duals, duals).setIdentity();
  values.b = std::move(n);
}

GridProjectors::Values GridProjectors::at(const AtomWaves& waves, const SmoothPotential& potential,
                                          const math::SpectralMesh& mesh, const math::Gaunt& gaunt,
                                          double energy) const {
  const Waves at_point = waves_at_points(waves, potential, mesh, gaunt, energy);
  Values out;
  out.columns =
      residuals(at_point, part_in_sphere(at_point.wave, waves, potential, energy), waves.radius);
  const Eigen::MatrixXd at_node = at_point.wave(Eigen::all, centre_point_).transpose();
  const double volume = spacing_ * spacing_ * spacing_;
  const Eigen::MatrixXd b = volume * (out.columns.transpose() * at_node);
  out.asymmetry = (b - b.transpose()).norm() / b.norm();
  out.b = 0.5 * (b + b.transpose());
  add_duals(at_node, waves.radius, out);
  out.columns *= std::sqrt(volume);
  return out;
}

}  // namespace kedge::fdm
