// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/atom_on_grid.hpp"

#include <Eigen/LU>
#include <array>
#include <cmath>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/radial/regular_solution.hpp"

namespace kedge::fdm {
namespace {

// Near the nucleus the potential of the other atoms hardly depends on direction; at the sphere a neighbour's nucleus
// is about 1.5 radii away, and degree 23 leaves less than 1e-4 of its potential.
constexpr std::array<int, 2> kAngularNodes = {6, 12};
constexpr double kCoarseBelow = 0.25;  // of the sphere radius

// How far beyond its sphere an atom mends the stencil's error on its waves. With less the error grows (one sphere of 0.55 Angstrom at a
// step of 0.25: 10, 2.9 and 1.1 % in p for 1, 2 and 3 steps); more costs border entries and gains nothing in molecules.
constexpr double kSupportSteps = 3.0;

}  // namespace

AtomOnGrid::AtomOnGrid(const potential::PotentialModel& model, const grid::SphereGrid& grid,
                       const Parameters& parameters, const std::vector<AtomicSphere>& spheres,
                       const std::vector<double>& stencil, std::span<const double> window)
    : model_(model),
      parameters_(parameters),
      gaunt_(parameters.lmax, 2 * parameters.lmax, parameters.lmax),
      projectors_(grid, stencil, spheres, static_cast<std::size_t>(parameters.scatterer), parameters.lmax,
                  kSupportSteps * grid.spacing()) {
  const auto& nucleus = model.scatterers()[static_cast<std::size_t>(parameters.scatterer)];
  nuclear_charge_ = nucleus.atomic_number;
  mesh_ = radial::atomic_mesh(nuclear_charge_, parameters.sphere_radius, parameters.mesh_radius);

  std::array<math::AngularRule, 2> rules;
  const int multipole_lmax = 2 * parameters.lmax;
  std::vector<double> y(static_cast<std::size_t>(math::harmonic_count(multipole_lmax)));
  for (std::size_t k = 0; k < rules.size(); ++k) {
    rules[k] = math::angular_rule(kAngularNodes[k]);
    Eigen::MatrixXd weighted(static_cast<Eigen::Index>(rules[k].weight.size()), static_cast<Eigen::Index>(y.size()));
    for (std::size_t i = 0; i < rules[k].weight.size(); ++i) {
      math::real_harmonics(rules[k].direction[i], multipole_lmax, y);
      for (std::size_t j = 0; j < y.size(); ++j) {
        weighted(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = rules[k].weight[i] * y[j];
      }
    }
    weighted_harmonics_.push_back(std::move(weighted));
  }
  std::vector<Eigen::Vector3d> points;
  for (const double r : mesh_.r()) {
    const int rule = r < kCoarseBelow * parameters.sphere_radius ? 0 : 1;
    rule_of_node_.push_back(rule);
    first_sample_.push_back(points.size());
    for (const auto& n : rules[static_cast<std::size_t>(rule)].direction) points.push_back(nucleus.position_cart + r * n);
    own_.push_back(model.own(parameters.scatterer, r));
  }
  first_sample_.push_back(points.size());
  const std::vector<int> own_atom(points.size(), parameters.scatterer);
  samples_ = model.sample(points, own_atom);
  // The depth of Vt is fixed once, for the middle of the window's potential, so that spectra are smooth in energy.
  std::vector<double> v = own_;
  const Eigen::MatrixXd w = multipoles(window[window.size() / 2]);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] += w(static_cast<Eigen::Index>(i), 0);
  depth_ = choose_depth(mesh_, v, nuclear_charge_, parameters.sphere_radius, parameters.lmax, window,
                        parameters.relativistic, outside(window[window.size() / 2]));
}

std::optional<JoinedPotential> AtomOnGrid::outside(double energy) const {
  const auto level = model_.level_outside(parameters_.scatterer, parameters_.sphere_radius, energy);
  if (!level) return std::nullopt;
  return JoinedPotential{*level, 0.0, 0.0};
}

Eigen::MatrixXd AtomOnGrid::multipoles(double energy) const {
  std::vector<double> v(first_sample_.back());
  samples_->evaluate(energy, v);
  const auto count = weighted_harmonics_.front().cols();
  Eigen::MatrixXd w(static_cast<Eigen::Index>(mesh_.size()), count);
  for (std::size_t i = 0; i < mesh_.size(); ++i) {
    const auto& rule = weighted_harmonics_[static_cast<std::size_t>(rule_of_node_[i])];
    const Eigen::Map<const Eigen::VectorXd> values(v.data() + first_sample_[i], rule.rows());
    w.row(static_cast<Eigen::Index>(i)) = values.transpose() * rule;
  }
  w.col(0) /= std::sqrt(4.0 * kPi);  // the mean rather than the coefficient of Y_00
  return w;
}

Eigen::MatrixXd AtomOnGrid::one_centre(const PseudoAtom& pseudo, const Eigen::MatrixXd& w) const {
  const int n = harmonics();
  Eigen::MatrixXd d = Eigen::MatrixXd::Zero(n, n);
  if (!parameters_.one_centre) return d;
  const double rc = parameters_.sphere_radius;
  const int lmax = parameters_.lmax;
  std::vector<double> integrand(mesh_.size());
  std::vector<std::vector<double>> smooth;
  for (int l = 0; l <= lmax; ++l) {
    std::vector<double> values;
    for (const double r : mesh_.r()) values.push_back(r <= rc ? pseudo.smooth_function(l, r) : 0.0);
    smooth.push_back(std::move(values));
  }
  for (int l1 = 0; l1 <= lmax; ++l1) {
    for (int l2 = l1; l2 <= lmax; ++l2) {
      const auto a = static_cast<std::size_t>(l1);
      const auto b = static_cast<std::size_t>(l2);
      for (int multipole = std::max(1, l2 - l1); multipole <= l1 + l2; ++multipole) {
        if ((l1 + l2 + multipole) % 2 != 0) continue;
        for (int m = -multipole; m <= multipole; ++m) {
          const int lm = math::harmonic_index(multipole, m);
          for (std::size_t i = 0; i < mesh_.size(); ++i) {
            integrand[i] = (pseudo.channels[a].u[i] * pseudo.channels[b].u[i] - smooth[a][i] * smooth[b][i]) *
                           w(static_cast<Eigen::Index>(i), lm);
          }
          const double integral = mesh_.integrate(integrand, rc);
          for (int m1 = -l1; m1 <= l1; ++m1) {
            for (int m2 = -l2; m2 <= l2; ++m2) {
              const int i1 = math::harmonic_index(l1, m1);
              const int i2 = math::harmonic_index(l2, m2);
              const double term = gaunt_(i1, lm, i2) * integral;
              d(i1, i2) += term;
              if (l1 != l2) d(i2, i1) += term;
            }
          }
        }
      }
    }
  }
  return d;
}

AtomAtEnergy AtomOnGrid::at(double energy) const {
  const Eigen::MatrixXd w = multipoles(energy);
  AtomAtEnergy out;
  out.spherical_rest.assign(w.col(0).begin(), w.col(0).end());
  std::vector<double> v = own_;
  for (std::size_t i = 0; i < v.size(); ++i) v[i] += out.spherical_rest[i];
  out.pseudo = build_pseudo_atom(mesh_, v, nuclear_charge_, parameters_.sphere_radius, parameters_.lmax,
                                 depth_.depth, energy, parameters_.relativistic, outside(energy));

  GridProjectors::Values projectors = projectors_.at(out.pseudo, energy);
  const Eigen::MatrixXd& b = projectors.b;
  const Eigen::MatrixXd strength = b + one_centre(out.pseudo, w);
  out.amplitude = strength.partialPivLu().solve(b);
  const Eigen::MatrixXd product = b * out.amplitude;
  out.inverse_strength = 0.5 * (product + product.transpose());
  out.columns = std::move(projectors.columns);
  return out;
}

}  // namespace kedge::fdm
