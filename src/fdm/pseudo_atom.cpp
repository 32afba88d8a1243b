// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/pseudo_atom.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>

#include "kedge/radial/regular_solution.hpp"

namespace kedge::fdm {
namespace {

/// d^k/ds^k s^power at s = 1.
double falling(int power, int k) {
  double product = 1.0;
  for (int i = 0; i < k; ++i) product *= power - i;
  return product;
}

/// Coefficients of sum_i c_i s^(lead + 2i) whose derivatives 0 .. n-1 at s = 1 are given.
std::vector<double> join(std::span<const double> derivatives, int lead) {
  const auto n = static_cast<int>(derivatives.size());
  Eigen::MatrixXd matrix(n, n);
  Eigen::VectorXd rhs(n);
  for (int k = 0; k < n; ++k) {
    rhs(k) = derivatives[static_cast<std::size_t>(k)];
    for (int i = 0; i < n; ++i) matrix(k, i) = falling(lead + 2 * i, k);
  }
  const Eigen::VectorXd c = matrix.partialPivLu().solve(rhs);
  return {c.begin(), c.end()};
}

/// Vt: value, slope and curvature of V at r_c (here per s = r/r_c) and the value at the origin.
std::vector<double> local_coefficients(std::span<const double> v, double depth) {
  const double at_origin = v[0] + depth;
  const std::array<double, 3> rest = {v[0] - at_origin, v[1], v[2]};
  std::vector<double> c = join(rest, 2);
  c.insert(c.begin(), at_origin);
  return c;
}

/// Derivatives 0 .. kSmoothTerms-1 at r_c, per s = r/r_c, of a solution of u'' = w u from w and its
/// derivatives by r.
std::vector<double> solution_derivatives(double value, double slope, std::span<const double> w,
                                         double rc) {
  std::vector<double> d = {value, slope};
  while (d.size() < kSmoothTerms) {
    const std::size_t k = d.size() - 2;  // u^(k+2) = sum_j binomial(k, j) w^(j) u^(k-j)
    double sum = 0.0;
    double binomial = 1.0;
    for (std::size_t j = 0; j <= k; ++j) {
      sum += binomial * w[j] * d[k - j];
      binomial *= static_cast<double>(k - j) / static_cast<double>(j + 1);
    }
    d.push_back(sum);
  }
  double scale = 1.0;
  for (double& x : d) {
    x *= scale;
    scale *= rc;
  }
  return d;
}

/// integral over s of (sum a_i s^(l+1+2i)) (sum b_j s^(l+1+2j)).
double overlap(int l, std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      sum += a[i] * b[j] / (2.0 * l + 3.0 + 2.0 * static_cast<double>(i + j));
    }
  }
  return sum;
}

/// Power series in s of the regular solution of Vt at this energy.
std::vector<double> local_solution(int l, std::span<const double> local, double radius,
                                   double energy) {
  std::vector<double> w = {1.0};
  for (int i = 1; i < 40; ++i) {
    double source = -energy * w[static_cast<std::size_t>(i - 1)];
    for (int k = 0; k < static_cast<int>(local.size()) && k < i; ++k) {
      source += local[static_cast<std::size_t>(k)] * w[static_cast<std::size_t>(i - 1 - k)];
    }
    const int power = l + 1 + 2 * i;
    w.push_back(2.0 * radius * radius * source / (power * (power - 1) - l * (l + 1)));
  }
  return w;
}

JoinedPotential joined(const math::SpectralMesh& mesh, std::span<const double> potential, double rc,
                       const std::optional<JoinedPotential>& outside) {
  if (outside) return *outside;
  const std::vector<double> v = mesh.derivatives(potential, rc * (1.0 - 1e-13), 4);
  return {v[0], v[1], v[2], v[3]};
}

}  // namespace

double PseudoAtom::local_potential(double r) const {
  const double s2 = (r / radius) * (r / radius);
  double value = 0.0;
  for (std::size_t j = local.size(); j-- > 0;) value = value * s2 + local[j];
  return value;
}

double PseudoAtom::smooth_function(int l, double r) const {
  const auto& c = channels[static_cast<std::size_t>(l)].smooth;
  const double s = r / radius;
  double value = 0.0;
  for (std::size_t i = c.size(); i-- > 0;) value = value * s * s + c[i];
  return value * std::pow(s, l + 1);
}

double PseudoAtom::extended_potential(double r) const {
  if (r < radius) return local_potential(r);
  const double d1 = radius * joined[1];
  const double d2 = radius * radius * joined[2];
  const double d3 = radius * radius * radius * joined[3];
  // Derivatives by u = r_c/r - 1, for which r = r_c/(1 + u).
  const double u = radius / r - 1.0;
  return joined[0] - u * (d1 - u / 2.0 * (d2 + 2.0 * d1 - u / 3.0 * (d3 + 6.0 * (d2 + d1))));
}

PseudoAtom build_pseudo_atom(const math::SpectralMesh& mesh, std::span<const double> potential,
                             double nuclear_charge, double sphere_radius, int lmax, double depth,
                             double energy, bool relativistic,
                             const std::optional<JoinedPotential>& outside) {
  PseudoAtom atom;
  atom.radius = sphere_radius;
  const double rc = sphere_radius;
  const JoinedPotential v = joined(mesh, potential, rc, outside);
  atom.joined = v;
  atom.local = local_coefficients(std::array{v[0], v[1] * rc, v[2] * rc * rc}, depth);

  std::vector<double> integrand(mesh.size());
  for (int l = 0; l <= lmax; ++l) {
    PseudoChannel channel;
    channel.l = l;
    auto solution =
        radial::regular_solution(mesh, potential, nuclear_charge, l, energy, relativistic);
    for (std::size_t i = 0; i < integrand.size(); ++i) integrand[i] = solution.p[i] * solution.p[i];
    const double scale = 1.0 / std::sqrt(mesh.integrate(integrand, rc));
    for (double& p : solution.p) p *= scale;
    channel.u = std::move(solution.p);

    // Derivatives at r_c from the radial equation; beyond the sphere the grid is non-relativistic.
    const double p = mesh.interpolate(channel.u, rc * (1.0 - 1e-13));
    const double q = scale * mesh.interpolate(solution.q, rc * (1.0 - 1e-13));
    const double centrifugal = l * (l + 1);
    const std::array<double, 4> beyond = {v[0] - energy, v[1], v[2], v[3]};
    std::array<double, 4> w{};
    double barrier = centrifugal / (rc * rc);
    for (std::size_t k = 0; k < w.size(); ++k) {
      w[k] = barrier + 2.0 * beyond[k];
      barrier *= -(static_cast<double>(k) + 2.0) / rc;
    }
    const double slope = p / rc + 2.0 * q;
    channel.smooth = join(solution_derivatives(p, slope, w, rc), l + 1);

    std::vector<double> chi(kProjectorTerms, 0.0);  // of s^(l+1+2j)
    for (int i = 0; i < kSmoothTerms; ++i) {
      const double c = channel.smooth[static_cast<std::size_t>(i)];
      const int power = l + 1 + 2 * i;
      chi[static_cast<std::size_t>(i)] += energy * c;
      if (i > 0) {
        chi[static_cast<std::size_t>(i - 1)] +=
            c * (power * (power - 1) - centrifugal) / (2.0 * rc * rc);
      }
      for (int k = 0; k < kLocalTerms; ++k) {
        chi[static_cast<std::size_t>(i + k)] -= c * atom.local[static_cast<std::size_t>(k)];
      }
    }
    channel.b = rc * overlap(l, channel.smooth, chi);
    const std::vector<double> alone = local_solution(l, atom.local, rc, energy);
    channel.independence = std::abs(overlap(l, chi, alone)) / std::sqrt(overlap(l, alone, alone)) /
                           (std::sqrt(overlap(l, chi, chi)) +
                            std::sqrt(overlap(l, channel.smooth, channel.smooth)) / (rc * rc));
    for (double& x : chi) x /= rc;
    channel.projector = std::move(chi);
    atom.channels.push_back(std::move(channel));
  }
  return atom;
}

DepthChoice choose_depth(const math::SpectralMesh& mesh, std::span<const double> potential,
                         double nuclear_charge, double sphere_radius, int lmax,
                         std::span<const double> energies, bool relativistic,
                         const std::optional<JoinedPotential>& outside) {
  // The depth that the three conditions at r_c would give with one term less is the smoothest Vt;
  // stay near it.
  const double rc = sphere_radius;
  const JoinedPotential v = joined(mesh, potential, rc, outside);
  const std::vector<double> natural = join(std::array{v[0], v[1] * rc, v[2] * rc * rc}, 0);
  DepthChoice best;
  best.independence = -1.0;
  for (const double offset : {0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.0, -2.0}) {
    const double depth = natural[0] - v[0] + offset;
    double least = 1.0;
    for (const double energy : energies) {
      const PseudoAtom atom =
          build_pseudo_atom(mesh, potential, nuclear_charge, rc, std::min(lmax, kFirstDual - 1),
                            depth, energy, relativistic, outside);
      for (const auto& channel : atom.channels) least = std::min(least, channel.independence);
    }
    // A curved Vt costs grid accuracy: a candidate away from the natural depth must be clearly
    // better.
    if (least > best.independence * 1.2 + 1e-12) {
      best.depth = depth;
      best.independence = least;
    }
    if (best.independence > 0.3) break;
  }
  return best;
}

}  // namespace kedge::fdm
