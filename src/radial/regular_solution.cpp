// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/radial/regular_solution.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"

namespace kedge::radial {
namespace {

constexpr int kNodesPerElement = 14;

struct Boundary {
  double mismatch = 0.0;  // P' - P (decaying logarithmic derivative), scaled
  int nodes = 0;
};

Boundary boundary_at_end(const math::SpectralMesh& mesh, std::span<const double> potential, double nuclear_charge,
                         int l, double energy, bool relativistic) {
  const RegularSolution s = regular_solution(mesh, potential, nuclear_charge, l, energy, relativistic);
  Boundary b;
  for (std::size_t i = 1; i < s.p.size(); ++i) {
    if (s.p[i] * s.p[i - 1] < 0.0) ++b.nodes;
  }
  const double r = mesh.r().back();
  const double v = potential.back();
  const double decay = std::sqrt(std::max(0.0, l * (l + 1) / (r * r) + 2.0 * (v - energy)));
  const double slope = s.p.back() / r + 2.0 * s.q.back();
  b.mismatch = (slope + decay * s.p.back()) / std::hypot(slope, decay * s.p.back() + 1e-300);
  return b;
}

}  // namespace

math::SpectralMesh atomic_mesh(double nuclear_charge, double sphere_radius, double outer_radius) {
  const double first = 1e-5 / std::max(1.0, nuclear_charge);
  // A growth of 2.5 keeps the nearest singularity (the nucleus) far enough from each element.
  const int count = static_cast<int>(std::ceil(std::log(sphere_radius / first) / std::log(2.5)));
  std::vector<double> edges;
  for (int i = 0; i <= count; ++i) {
    edges.push_back(i == count ? sphere_radius : first * std::pow(sphere_radius / first, static_cast<double>(i) / count));
  }
  if (outer_radius > sphere_radius) {
    const int outer = static_cast<int>(std::ceil((outer_radius - sphere_radius) / (0.5 * sphere_radius)));
    for (int i = 1; i <= outer; ++i) edges.push_back(sphere_radius + (outer_radius - sphere_radius) * i / outer);
  }
  return math::SpectralMesh(std::move(edges), kNodesPerElement);
}

RegularSolution regular_solution(const math::SpectralMesh& mesh, std::span<const double> potential,
                                 double nuclear_charge, int l, double energy, bool relativistic) {
  const int n = mesh.nodes_per_element();
  const double half_c2 = relativistic ? 0.5 * kFineStructure * kFineStructure : 0.0;
  const auto mass = [&](std::size_t i) { return 1.0 + half_c2 * (energy - potential[i]); };

  RegularSolution s;
  s.p.resize(mesh.size());
  s.q.resize(mesh.size());
  const double r0 = mesh.r().front();
  // P ~ r^a (1 + b r), the value at the first node scaled to one: the rest of the solution follows from it.
  const double z_over_c = relativistic ? nuclear_charge * kFineStructure : 0.0;
  const double a = relativistic ? std::sqrt(l * (l + 1) + 1.0 - z_over_c * z_over_c) : l + 1.0;
  const double b = relativistic ? 0.0 : -nuclear_charge / (l + 1.0);
  double p = 1.0 + b * r0;
  double q = ((a - 1.0) + a * b * r0) / (2.0 * mass(0) * r0);

  Eigen::MatrixXd matrix(2 * (n - 1), 2 * (n - 1));
  Eigen::VectorXd rhs(2 * (n - 1));
  const Eigen::MatrixXd& derivative = mesh.unit_derivative();
  for (int e = 0; e < mesh.elements(); ++e) {
    const auto first = static_cast<std::size_t>(e * n);
    const double length = mesh.edges()[static_cast<std::size_t>(e) + 1] - mesh.edges()[static_cast<std::size_t>(e)];
    s.p[first] = p;
    s.q[first] = q;
    matrix.setZero();
    for (int i = 1; i < n; ++i) {
      const auto k = first + static_cast<std::size_t>(i);
      const double r = mesh.r()[k];
      const double m = mass(k);
      // Equations multiplied by r, so that no term is singular in the first element.
      const int row_p = i - 1;
      const int row_q = n - 1 + i - 1;
      for (int j = 1; j < n; ++j) {
        matrix(row_p, j - 1) = r * derivative(i, j) / length;
        matrix(row_q, n - 1 + j - 1) = r * derivative(i, j) / length;
      }
      matrix(row_p, row_p) -= 1.0;
      matrix(row_p, row_q) -= 2.0 * m * r;
      matrix(row_q, row_q) += 1.0;
      matrix(row_q, row_p) -= l * (l + 1) / (2.0 * m * r) + r * (potential[k] - energy);
      rhs(row_p) = -r * derivative(i, 0) / length * p;
      rhs(row_q) = -r * derivative(i, 0) / length * q;
    }
    const Eigen::VectorXd x = matrix.partialPivLu().solve(rhs);
    for (int i = 1; i < n; ++i) {
      s.p[first + static_cast<std::size_t>(i)] = x(i - 1);
      s.q[first + static_cast<std::size_t>(i)] = x(n - 1 + i - 1);
    }
    p = x(n - 2);
    q = x(2 * n - 3);
    // r^(l+1) grows by many decades over the mesh: rescale everything so far to keep the numbers near one.
    const double size = std::max(std::abs(p), std::abs(q) * mesh.r()[first + static_cast<std::size_t>(n) - 1]);
    const double scale = 1.0 / size;
    for (std::size_t k = 0; k < first + static_cast<std::size_t>(n); ++k) {
      s.p[k] *= scale;
      s.q[k] *= scale;
    }
    p *= scale;
    q *= scale;
  }
  return s;
}

double core_energy(const math::SpectralMesh& mesh, std::span<const double> potential, double nuclear_charge, int n,
                   int l, double guess, bool relativistic) {
  const int wanted = n - l - 1;
  // Too few nodes, or the right number with the tail not yet turned: the energy is too low. The tail turns where the
  // mismatch, positive for a solution that grows away on the side of its last lobe, changes sign.
  const auto too_low = [&](double energy) {
    const Boundary b = boundary_at_end(mesh, potential, nuclear_charge, l, energy, relativistic);
    if (b.nodes != wanted) return b.nodes < wanted;
    const double sign = wanted % 2 == 0 ? 1.0 : -1.0;
    return sign * b.mismatch > 0.0;
  };
  double low = guess - 0.05;
  double high = guess + 0.05;
  for (int i = 0; i < 100 && !too_low(low); ++i) low -= 0.05;
  for (int i = 0; i < 100 && too_low(high); ++i) high += 0.05;
  if (!too_low(low) || too_low(high)) {
    throw Error(ErrorKind::numerical,
                fmt::format("no core state n = {}, l = {} within 5 hartree of {:.4f} hartree", n, l, guess));
  }
  while (high - low > 1e-12 * std::abs(guess)) {
    const double middle = 0.5 * (low + high);
    (too_low(middle) ? low : high) = middle;
    if (middle == low && middle == high) break;
    if (high - low < 1e-10) break;
  }
  return 0.5 * (low + high);
}

}  // namespace kedge::radial
