// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/grid_projectors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>

#include "kedge/fdm/stencil.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::fdm {
namespace {

/// 1 inside the sphere, 0 beyond support, with two continuous derivatives between.
double reach(double distance, double radius, double support) {
  const double s = std::clamp((distance - radius) / support, 0.0, 1.0);
  return 1.0 - s * s * s * (10.0 - s * (15.0 - 6.0 * s));
}

double weight_at(const Eigen::Vector3d& r, const std::vector<AtomicSphere>& spheres, std::size_t atom, double support) {
  for (std::size_t a = 0; a < spheres.size(); ++a) {
    if ((r - spheres[a].centre).norm() < spheres[a].radius) return a == atom ? 1.0 : 0.0;
  }
  return reach((r - spheres[atom].centre).norm(), spheres[atom].radius, support);
}

double potential_at(const SmoothPotential& potential, const math::SpectralMesh& mesh, double r,
                    const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& harmonics) {
  const double radius = potential.spherical.radius;
  double v = potential.spherical.extended_potential(r);
  if (r < radius) {
    const Eigen::RowVectorXd w = mesh.interpolate_rows(potential.multipoles, r);
    return v + w.tail(w.size() - 1).dot(harmonics.tail(w.size() - 1));
  }
  const Eigen::RowVectorXd w = multipole_beyond(r, radius) * potential.joined;
  return v + w.tail(w.size() - 1).dot(harmonics.tail(w.size() - 1));
}

}  // namespace

GridProjectors::GridProjectors(const grid::SphereGrid& grid, const std::vector<double>& stencil,
                               const std::vector<AtomicSphere>& spheres, std::size_t atom, int lmax, int multipole_lmax,
                               double support)
    : spacing_(grid.spacing()), stencil_(stencil) {
  const AtomicSphere& own = spheres[atom];
  const double farthest = own.radius + support;
  const Eigen::Vector3d middle = (own.centre - grid.shift()) / spacing_;
  const int half = static_cast<int>(farthest / spacing_) + 1;
  std::array<std::int32_t, 3> base{};
  for (std::size_t k = 0; k < 3; ++k) base[k] = static_cast<std::int32_t>(std::lround(middle[static_cast<Eigen::Index>(k)]));

  std::map<std::array<std::int32_t, 3>, std::int32_t> number;
  std::vector<std::array<std::int32_t, 3>> points;
  const auto point = [&](const std::array<std::int32_t, 3>& p) {
    const auto [entry, is_new] = number.try_emplace(p, static_cast<std::int32_t>(points.size()));
    if (is_new) points.push_back(p);
    return entry->second;
  };
  const int stencil_reach = static_cast<int>(stencil.size()) - 1;
  const auto reaches_sphere = [&](const Eigen::Vector3d& r) {
    for (int axis = 0; axis < 3; ++axis) {
      for (int step = -stencil_reach; step <= stencil_reach; ++step) {
        if ((r + step * spacing_ * Eigen::Vector3d::Unit(axis) - own.centre).norm() < own.radius) return true;
      }
    }
    return false;
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
        if (w <= 0.0 && !reaches_sphere(r)) continue;
        nodes_.push_back(unknown);
        weight_.push_back(w);
        centre_point_.push_back(point(node));
        for (std::size_t axis = 0; axis < 3; ++axis) {
          for (int step = 1; step <= stencil_reach; ++step) {
            for (const int sign : {-1, 1}) {
              auto neighbour = node;
              neighbour[axis] += sign * step;
              neighbour_.push_back(point(neighbour));
            }
          }
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
    harmonics_.row(static_cast<Eigen::Index>(p)) = Eigen::Map<const Eigen::RowVectorXd>(y.data(), count);
  }
  const std::size_t per_node = 6 * (stencil.size() - 1);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (radius_[static_cast<std::size_t>(centre_point_[i])] < own.radius) continue;
    const auto first = neighbour_.begin() + static_cast<std::ptrdiff_t>(i * per_node);
    std::copy_if(first, first + static_cast<std::ptrdiff_t>(per_node), std::back_inserter(reached_),
                 [&](std::int32_t p) { return radius_[static_cast<std::size_t>(p)] < own.radius; });
  }
  std::sort(reached_.begin(), reached_.end());
  reached_.erase(std::unique(reached_.begin(), reached_.end()), reached_.end());
  y.resize(static_cast<std::size_t>(math::harmonic_count(multipole_lmax)));
  node_harmonics_.resize(static_cast<Eigen::Index>(nodes_.size()), static_cast<Eigen::Index>(y.size()));
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto p = static_cast<std::size_t>(centre_point_[i]);
    math::real_harmonics(grid.position(points[p]) - own.centre, multipole_lmax, y);
    node_harmonics_.row(static_cast<Eigen::Index>(i)) = Eigen::Map<const Eigen::RowVectorXd>(y.data(), node_harmonics_.cols());
  }
}

double GridProjectors::farthest() const { return *std::max_element(radius_.begin(), radius_.end()); }

GridProjectors::Values GridProjectors::at(const AtomWaves& waves, const SmoothPotential& potential, const math::SpectralMesh& mesh,
                                          double energy) const {
  const Eigen::MatrixXd wave = waves.at(radius_, harmonics_);
  const Eigen::MatrixXd inner = waves.inner_part(radius_, harmonics_, wave, reached_);
  const auto count = static_cast<Eigen::Index>(nodes_.size());
  Values out;
  out.columns.resize(count, wave.cols());
  Eigen::MatrixXd at_node(count, wave.cols());
  const double kinetic = -0.5 / (spacing_ * spacing_);
  const std::size_t per_node = 6 * (stencil_.size() - 1);
  for (Eigen::Index i = 0; i < count; ++i) {
    const auto n = static_cast<std::size_t>(i);
    const double r = radius_[static_cast<std::size_t>(centre_point_[n])];
    const double local = energy - potential_at(potential, mesh, r, node_harmonics_.row(i));
    const double diagonal = 3.0 * kinetic * stencil_[0] - local + dispersion_correction(local, spacing_, stencil_.size());
    at_node.row(i) = wave.row(centre_point_[n]);
    Eigen::RowVectorXd image = diagonal * at_node.row(i);
    Eigen::RowVectorXd across = Eigen::RowVectorXd::Zero(wave.cols());
    for (std::size_t k = 0; k < per_node; ++k) {
      const std::size_t step = (k / 2) % (stencil_.size() - 1) + 1;
      const std::int32_t p = neighbour_[n * per_node + k];
      image += kinetic * stencil_[step] * wave.row(p);
      if (r >= waves.radius) across += kinetic * stencil_[step] * inner.row(p);
    }
    out.columns.row(i) = -weight_[n] * image - (1.0 - weight_[n]) * across;
  }
  const double volume = spacing_ * spacing_ * spacing_;
  const Eigen::MatrixXd b = volume * (out.columns.transpose() * at_node);
  out.asymmetry = (b - b.transpose()).norm() / b.norm();
  out.b = 0.5 * (b + b.transpose());
  out.columns *= std::sqrt(volume);
  return out;
}

}  // namespace kedge::fdm
