// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/projector_basis.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::fdm {
namespace {

constexpr int kSubdivision = 4; // fine steps per grid step

/// Fine samples along one axis and their interpolation weights on the nodes.
struct Axis {
  int first_node = 0;  // node number of column 0
  int nodes = 0;
  std::vector<int> start;                          // of each fine sample: first of its interpolation nodes, from first_node
  std::vector<std::vector<double>> weight;
};

std::vector<double> lagrange(double t, int points) {
  // Nodes at 0 .. points-1, evaluated at t.
  std::vector<double> w(static_cast<std::size_t>(points));
  for (int a = 0; a < points; ++a) {
    double product = 1.0;
    for (int b = 0; b < points; ++b) {
      if (b != a) product *= (t - b) / (a - b);
    }
    w[static_cast<std::size_t>(a)] = product;
  }
  return w;
}

/// @param centre  in units of the grid step, from node 0
Axis make_axis(double centre, int half, int subdivision, int points) {
  Axis axis;
  std::vector<int> base;
  for (int f = -half; f <= half; ++f) {
    const double x = centre + static_cast<double>(f) / subdivision;
    const int node = static_cast<int>(std::floor(x)) - points / 2 + 1;
    base.push_back(node);
    axis.weight.push_back(lagrange(x - node, points));
  }
  axis.first_node = base.front();
  axis.nodes = base.back() + points - base.front();
  for (const int node : base) axis.start.push_back(node - axis.first_node);
  return axis;
}

/// Carries the last index of `in` (outer, fine) to the nodes: out (outer, node).
void restrict_last(const std::vector<double>& in, std::size_t outer, const Axis& axis, std::vector<double>& out) {
  const std::size_t fine = axis.start.size();
  const auto nodes = static_cast<std::size_t>(axis.nodes);
  out.assign(outer * nodes, 0.0);
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t f = 0; f < fine; ++f) {
      const double value = in[o * fine + f];
      if (value == 0.0) continue;
      double* target = out.data() + o * nodes + static_cast<std::size_t>(axis.start[f]);
      for (std::size_t p = 0; p < axis.weight[f].size(); ++p) target[p] += axis.weight[f][p] * value;
    }
  }
}

/// (a, b, c) -> (c, a, b), so that three restrictions of the last index serve all axes and restore the order.
void rotate_axes(const std::vector<double>& in, std::size_t ab, std::size_t c, std::vector<double>& out) {
  out.resize(in.size());
  for (std::size_t i = 0; i < ab; ++i) {
    for (std::size_t k = 0; k < c; ++k) out[k * ab + i] = in[i * c + k];
  }
}

}  // namespace

ProjectorBasis project_basis(const grid::SphereGrid& grid, const Eigen::Vector3d& centre, double sphere_radius,
                             int lmax, int terms, int points) {
  const double h = grid.spacing();
  const int half = static_cast<int>(sphere_radius / h * kSubdivision);
  const Eigen::Vector3d c = (centre - grid.shift()) / h;
  const std::array<Axis, 3> axis = {make_axis(c.x(), half, kSubdivision, points), make_axis(c.y(), half, kSubdivision, points),
                                    make_axis(c.z(), half, kSubdivision, points)};
  const auto fine = static_cast<std::size_t>(2 * half + 1);

  const int harmonics = math::harmonic_count(lmax);
  const auto columns = static_cast<std::size_t>(harmonics * terms);
  std::vector<std::vector<double>> samples(columns, std::vector<double>(fine * fine * fine, 0.0));
  std::vector<double> y(static_cast<std::size_t>(harmonics));
  const double weight = 1.0 / (kSubdivision * kSubdivision * kSubdivision);
  std::size_t point = 0;
  for (int i = -half; i <= half; ++i) {
    for (int j = -half; j <= half; ++j) {
      for (int k = -half; k <= half; ++k, ++point) {
        const Eigen::Vector3d r = Eigen::Vector3d(i, j, k) * (h / kSubdivision);
        const double s = r.norm() / sphere_radius;
        if (s >= 1.0) continue;
        math::real_harmonics(r, lmax, y);
        double power_l = weight;
        for (int l = 0; l <= lmax; ++l, power_l *= s) {
          for (int m = -l; m <= l; ++m) {
            const int harmonic = math::harmonic_index(l, m);
            double value = power_l * y[static_cast<std::size_t>(harmonic)];
            for (int t = 0; t < terms; ++t, value *= s * s) {
              samples[static_cast<std::size_t>(harmonic * terms + t)][point] = value;
            }
          }
        }
      }
    }
  }

  ProjectorBasis basis;
  basis.lmax = lmax;
  basis.terms = terms;
  const auto nx = static_cast<std::size_t>(axis[0].nodes);
  const auto ny = static_cast<std::size_t>(axis[1].nodes);
  const auto nz = static_cast<std::size_t>(axis[2].nodes);
  std::vector<std::size_t> touched;
  std::vector<double> a;
  std::vector<double> b;
  std::vector<std::vector<double>> restricted(columns);
  for (std::size_t column = 0; column < columns; ++column) {
    restrict_last(samples[column], fine * fine, axis[2], a);
    rotate_axes(a, fine * fine, nz, b);
    restrict_last(b, nz * fine, axis[1], a);
    rotate_axes(a, nz * fine, ny, b);
    restrict_last(b, ny * nz, axis[0], a);
    rotate_axes(a, ny * nz, nx, restricted[column]);
    samples[column].clear();
    samples[column].shrink_to_fit();
  }
  for (std::size_t n = 0; n < nx * ny * nz; ++n) {
    bool used = false;
    for (std::size_t column = 0; column < columns && !used; ++column) used = restricted[column][n] != 0.0;
    if (!used) continue;
    // After the three turns the order is (x, y, z) again.
    const auto ix = static_cast<std::int32_t>(n / (ny * nz)) + axis[0].first_node;
    const auto iy = static_cast<std::int32_t>(n / nz % ny) + axis[1].first_node;
    const auto iz = static_cast<std::int32_t>(n % nz) + axis[2].first_node;
    const std::int32_t unknown = grid.index({ix, iy, iz});
    if (unknown < 0) continue;  // the far tail of the interpolation, beyond the grid
    basis.nodes.push_back(unknown);
    touched.push_back(n);
  }
  basis.values.resize(static_cast<Eigen::Index>(touched.size()), static_cast<Eigen::Index>(columns));
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t n = 0; n < touched.size(); ++n) {
      basis.values(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(column)) = restricted[column][touched[n]];
    }
  }
  return basis;
}

std::vector<double> filtered_sphere(const grid::SphereGrid& grid, double radius) {
  std::vector<double> inside(static_cast<std::size_t>(grid.size()));
  const double h = grid.spacing();
  // Weight of the fine samples in X_i is the interpolation kernel about node i; a linear kernel (two points per axis)
  // reaches one step only and never leaves [0, 1].
  constexpr int kFine = 8;
  for (std::int32_t n = 0; n < grid.size(); ++n) {
    const Eigen::Vector3d centre = grid.position(n);
    const double distance = centre.norm();
    double& value = inside[static_cast<std::size_t>(n)];
    if (distance < radius - 1.8 * h) {
      value = 1.0;
      continue;
    }
    if (distance > radius + 1.8 * h) continue;
    double sum = 0.0;
    double norm = 0.0;
    for (int i = -kFine; i <= kFine; ++i) {
      for (int j = -kFine; j <= kFine; ++j) {
        for (int k = -kFine; k <= kFine; ++k) {
          const Eigen::Vector3d offset = Eigen::Vector3d(i, j, k) / kFine;
          const double w = (1.0 - std::abs(offset.x())) * (1.0 - std::abs(offset.y())) * (1.0 - std::abs(offset.z()));
          norm += w;
          if ((centre + h * offset).squaredNorm() < radius * radius) sum += w;
        }
      }
    }
    value = sum / norm;
  }
  return inside;
}

}  // namespace kedge::fdm
