// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/atom/radial_function.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/potential/exchange_correlation.hpp"
#include "kedge/potential/potential_model.hpp"
#include "kedge/radial/regular_solution.hpp"

namespace kedge::physics {

/// One spherical scatterer at the origin in a constant potential: what has an exact solution.
class OneSphere final : public potential::PotentialModel {
 public:
  /// @param potential  V(r) [hartree], equal to `level` beyond some radius
  OneSphere(int atomic_number, std::function<double(double)> potential, double level)
      : nuclei_{{Eigen::Vector3d::Zero(), atomic_number}},
        potential_(std::move(potential)),
        level_(level) {}

  [[nodiscard]] const std::vector<potential::Nucleus>& scatterers() const override {
    return nuclei_;
  }
  [[nodiscard]] double own(int, double r) const override { return potential_(r); }
  [[nodiscard]] std::unique_ptr<potential::Samples> sample(
      std::span<const Eigen::Vector3d> points, std::span<const int> own_atom) const override {
    auto samples = std::make_unique<Fixed>();
    for (std::size_t i = 0; i < points.size(); ++i) {
      samples->v.push_back(own_atom[i] == 0 ? 0.0 : potential_(points[i].norm()));
    }
    return samples;
  }
  [[nodiscard]] double outer_level(double) const override { return level_; }

 private:
  struct Fixed final : potential::Samples {
    std::vector<double> v;
    void evaluate(double, std::span<double> out) const override {
      std::copy(v.begin(), v.end(), out.begin());
    }
  };
  std::vector<potential::Nucleus> nuclei_;
  std::function<double(double)> potential_;
  double level_;
};

/// Potential of a free atom with ground-state exchange-correlation, brought to its value V0 at
/// `outer_radius` by a switch that acts over the last 1.5 Angstrom: V = V0 + w (V_atom - V0), w = 1
/// - s^4 (35 - 84 s + 70 s^2 - 20 s^3), three continuous derivatives.
class FreeAtom {
 public:
  FreeAtom(int atomic_number, double outer_radius)
      : outer_radius_(outer_radius),
        field_(atom::solve_atom(atomic_number, atom::ground_state(atomic_number), {})),
        xc_(atom::Functional::hedin_lundqvist),
        level_(bare(outer_radius)) {}

  [[nodiscard]] double level() const { return level_; }
  [[nodiscard]] double operator()(double r) const {
    const double width = bohr_from_angstrom(1.5);
    const double s = std::clamp((r - outer_radius_ + width) / width, 0.0, 1.0);
    const double w = 1.0 - s * s * s * s * (35.0 - s * (84.0 - s * (70.0 - 20.0 * s)));
    return w == 0.0 ? level_ : level_ + w * (bare(r) - level_);
  }

 private:
  [[nodiscard]] double bare(double r) const {
    const auto value = field_(r);
    return value.electrostatic +
           xc_.at_rs(potential::wigner_seitz_radius(std::max(value.density, 1e-10)));
  }
  double outer_radius_;
  atom::AtomicField field_;
  potential::GroundStateXc xc_;
  double level_;
};

/// Exact rho_l of one sphere, for the radial function with integral_0^(r_c) u^2 dr = 1.
///
/// Beyond the potential u = A r [cos d j_l(kr) - sin d n_l(kr)], and the regular state of unit
/// density per hartree is sqrt(2k/pi) r [cos d j_l - sin d n_l]: rho_l = (2k/pi)/A^2.
inline std::vector<double> exact_density(const potential::PotentialModel& model,
                                         double sphere_radius, double outer_radius, int lmax,
                                         double energy, bool relativistic) {
  const int z = model.scatterers().front().atomic_number;
  const auto mesh = radial::atomic_mesh(z, sphere_radius, outer_radius);
  std::vector<double> v;
  for (const double r : mesh.r()) v.push_back(model.own(0, r));
  const double level = model.outer_level(energy);
  const double k = std::sqrt(2.0 * (energy - level));
  const double x = k * outer_radius;
  std::vector<double> j(static_cast<std::size_t>(lmax + 2));
  std::vector<double> n(j.size());
  math::spherical_j(x, j);
  math::spherical_n(x, n);
  std::vector<double> rho;
  for (int l = 0; l <= lmax; ++l) {
    const auto i = static_cast<std::size_t>(l);
    const auto u = radial::regular_solution(mesh, v, z, l, energy, relativistic);
    std::vector<double> square;
    for (const double p : u.p) square.push_back(p * p);
    const double norm = mesh.integrate(square, sphere_radius);
    const double mass =
        1.0 + (relativistic ? 0.5 * kFineStructure * kFineStructure * (energy - level) : 0.0);
    // F = u/r and F' against j, n; the Wronskian j n' - j' n = 1/x^2 (per x).
    const double value = u.p.back() / outer_radius;
    const double slope = 2.0 * mass * u.q.back() / outer_radius;
    const double dj = l / x * j[i] - j[i + 1];
    const double dn = l / x * n[i] - n[i + 1];
    const double a = x * x * (value * dn - n[i] * slope / k);
    const double b = x * x * (j[i] * slope / k - value * dj);
    rho.push_back(2.0 * k / kPi * norm / (a * a + b * b));
  }
  return rho;
}

/// Worst deviations of one sphere's rho from the exact one, over grid offsets and energies, for
/// each l.
struct Deviation {
  std::vector<double> diagonal;                ///< max |rho_LL/exact - 1|
  std::vector<double> at_energy_ev;            ///< kinetic energy of the worst case
  std::vector<std::vector<double>> by_energy;  ///< the same for each energy: [energy][l]
  double off_diagonal = 0.0;                   ///< max |rho_LL'|/max(exact_L, exact_L')
  double residual = 0.0;
  double independence = 1.0;
};

struct SphereCase {
  double spacing_angstrom = 0.25;
  double sphere_radius = 0.0;  ///< [bohr]
  double outer_radius = 0.0;   ///< [bohr]
  int lmax = 2;
  int order = 4;
  bool relativistic = true;
  std::vector<double> kinetic_ev;  ///< above the outer level
  std::vector<Eigen::Vector3d> offsets = {{0.5, 0.5, 0.5}, {0.1, 0.2, 0.3}, {0.5, 0.1, 0.27}};
};

inline Deviation deviation(const potential::PotentialModel& model, const SphereCase& c) {
  const auto count = static_cast<std::size_t>(c.lmax + 1);
  Deviation worst;
  worst.diagonal.assign(count, 0.0);
  worst.at_energy_ev.assign(count, 0.0);
  worst.by_energy.assign(c.kinetic_ev.size(), worst.diagonal);
  const double level = model.outer_level(0.0);
  fdm::Settings s;
  s.spacing = bohr_from_angstrom(c.spacing_angstrom);
  s.order = c.order;
  s.radius = c.outer_radius;
  s.sphere_radius = {c.sphere_radius};
  s.lmax = {c.lmax};
  s.relativistic = c.relativistic;
  s.lowest_energy = level + hartree_from_ev(c.kinetic_ev.front());
  s.highest_energy = level + hartree_from_ev(c.kinetic_ev.back());
  for (const auto& offset : c.offsets) {
    s.shift = offset;
    fdm::Engine engine(MPI_COMM_SELF, model, s);
    worst.independence = std::min(worst.independence, engine.least_independence());
    for (std::size_t e = 0; e < c.kinetic_ev.size(); ++e) {
      const double kinetic = c.kinetic_ev[e];
      const double energy = level + hartree_from_ev(kinetic);
      const auto exact =
          exact_density(model, c.sphere_radius, c.outer_radius, c.lmax, energy, c.relativistic);
      const auto found = engine.solve(energy);
      worst.residual = std::max(worst.residual, found.residual);
      for (int a = 0, l = 0; l <= c.lmax; ++l) {
        for (int m = -l; m <= l; ++m, ++a) {
          const auto i = static_cast<std::size_t>(l);
          const double error = std::abs(found.rho(a, a) / exact[i] - 1.0);
          worst.by_energy[e][i] = std::max(worst.by_energy[e][i], error);
          if (error > worst.diagonal[i]) {
            worst.diagonal[i] = error;
            worst.at_energy_ev[i] = kinetic;
          }
          for (int b = 0, l2 = 0; l2 <= c.lmax; ++l2) {
            for (int m2 = -l2; m2 <= l2; ++m2, ++b) {
              if (a == b) continue;
              const double scale = std::max(exact[i], exact[static_cast<std::size_t>(l2)]);
              worst.off_diagonal = std::max(worst.off_diagonal, std::abs(found.rho(a, b)) / scale);
            }
          }
        }
      }
    }
  }
  return worst;
}

}  // namespace kedge::physics
