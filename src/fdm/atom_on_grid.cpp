// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/atom_on_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "kedge/core/units.hpp"
#include "kedge/math/hermitian_eigen.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/radial/regular_solution.hpp"

namespace kedge::fdm {
namespace {

// Near the nucleus the potential of the other atoms hardly depends on direction; at the sphere a
// neighbour's nucleus is about 1.5 radii away, and degree 23 leaves less than 1e-4 of its
// potential.
constexpr std::array<int, 2> kAngularNodes = {6, 12};
constexpr double kCoarseBelow = 0.25;  // of the sphere radius
constexpr double kSphericalBelow = 1e-3;

}  // namespace

AtomOnGrid::AtomOnGrid(const potential::PotentialModel& model,
                       std::shared_ptr<const GridProjectors> projectors,
                       const Parameters& parameters, std::span<const double> window)
    : model_(model),
      parameters_(parameters),
      gaunt_(parameters.lmax, 2 * parameters.lmax, parameters.lmax),
      projectors_(std::move(projectors)) {
  const auto& nucleus = model.scatterers()[static_cast<std::size_t>(parameters.scatterer)];
  nuclear_charge_ = nucleus.atomic_number;
  mesh_ = radial::atomic_mesh(nuclear_charge_, parameters.sphere_radius, parameters.mesh_radius);

  std::array<math::AngularRule, 2> rules;
  const int multipole_lmax = 2 * parameters.lmax;
  std::vector<double> y(static_cast<std::size_t>(math::harmonic_count(multipole_lmax)));
  for (std::size_t k = 0; k < rules.size(); ++k) {
    rules[k] = math::angular_rule(kAngularNodes[k]);
    Eigen::MatrixXd weighted(static_cast<Eigen::Index>(rules[k].weight.size()),
                             static_cast<Eigen::Index>(y.size()));
    for (std::size_t i = 0; i < rules[k].weight.size(); ++i) {
      math::real_harmonics(rules[k].direction[i], multipole_lmax, y);
      for (std::size_t j = 0; j < y.size(); ++j) {
        weighted(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
            rules[k].weight[i] * y[j];
      }
    }
    weighted_harmonics_.push_back(std::move(weighted));
  }
  std::vector<Eigen::Vector3d> points;
  for (const double r : mesh_.r()) {
    const int rule = r < kCoarseBelow * parameters.sphere_radius ? 0 : 1;
    rule_of_node_.push_back(rule);
    first_sample_.push_back(points.size());
    for (const auto& n : rules[static_cast<std::size_t>(rule)].direction) {
      points.push_back(nucleus.position_cart + r * n);
    }
    own_.push_back(model.own(parameters.scatterer, r));
  }
  first_sample_.push_back(points.size());
  const std::vector<int> own_atom(points.size(), parameters.scatterer);
  samples_ = model.sample(points, own_atom);
  // Slopes and curvatures at the sphere, the same at all energies: those of the energy-dependent
  // potential jump where its cusp passes the sphere.
  std::vector<double> reference(first_sample_.back());
  samples_->evaluate_ground_state(reference);
  const Eigen::MatrixXd smooth = multipoles_of(reference);
  const double inside = parameters.sphere_radius * (1.0 - 1e-13);
  slope_.resize(smooth.cols());
  curvature_.resize(smooth.cols());
  for (Eigen::Index m = 0; m < smooth.cols(); ++m) {
    std::vector<double> w(smooth.col(m).begin(), smooth.col(m).end());
    if (m == 0) {
      for (std::size_t i = 0; i < w.size(); ++i) w[i] += own_[i];
    }
    const std::vector<double> d = mesh_.derivatives(w, inside, m == 0 ? 4 : 3);
    slope_(m) = d[1];
    curvature_(m) = d[2];
    if (m == 0) third_ = d[3];
  }
  if (parameters.depth) {
    depth_.depth = *parameters.depth;
    return;
  }
  // The depth of Vt is fixed once, for the middle of the window's potential, so that spectra are
  // smooth in energy.
  const double middle = window[window.size() / 2];
  const Eigen::MatrixXd w = multipoles(middle);
  const std::vector<double> v = spherical(w);
  depth_ = choose_depth(mesh_, v, nuclear_charge_, parameters.sphere_radius, parameters.lmax,
                        window, parameters.relativistic, joined(middle, v));
}

std::vector<double> AtomOnGrid::spherical(const Eigen::MatrixXd& w) const {
  std::vector<double> v = own_;
  for (std::size_t i = 0; i < v.size(); ++i) v[i] += w(static_cast<Eigen::Index>(i), 0);
  return v;
}

JoinedPotential AtomOnGrid::joined(double energy, const std::vector<double>& spherical) const {
  const auto level = model_.level_outside(parameters_.scatterer, parameters_.sphere_radius, energy);
  if (level) return {*level, 0.0, 0.0, 0.0};
  return {mesh_.interpolate(spherical, parameters_.sphere_radius * (1.0 - 1e-13)), slope_(0),
          curvature_(0), third_};
}

Eigen::MatrixXd AtomOnGrid::multipoles(double energy) const {
  std::vector<double> v(first_sample_.back());
  samples_->evaluate(energy, v);
  return multipoles_of(v);
}

Eigen::MatrixXd AtomOnGrid::multipoles_of(const std::vector<double>& v) const {
  const auto count = weighted_harmonics_.front().cols();
  Eigen::MatrixXd w(static_cast<Eigen::Index>(mesh_.size()), count);
  for (std::size_t i = 0; i < mesh_.size(); ++i) {
    const auto& rule = weighted_harmonics_[static_cast<std::size_t>(rule_of_node_[i])];
    const Eigen::Map<const Eigen::VectorXd> values(v.data() + first_sample_[i], rule.rows());
    w.row(static_cast<Eigen::Index>(i)) = values.transpose() * rule;
  }
  w.col(0) /= std::sqrt(4.0 * kPi);  // the mean rather than the coefficient of Y_00
  // Towards the nucleus a multipole falls as r^l; what the quadrature leaves there would meet the
  // irregular waves.
  for (std::size_t i = 0;
       i < mesh_.size() && mesh_.r()[i] < kSphericalBelow * parameters_.sphere_radius; ++i) {
    w.row(static_cast<Eigen::Index>(i)).tail(count - 1).setZero();
  }
  return w;
}

AtomAtEnergy AtomOnGrid::at(double energy) const {
  AtomAtEnergy out;
  SmoothPotential smooth;
  smooth.multipoles = multipoles(energy);
  out.spherical_rest.assign(smooth.multipoles.col(0).begin(), smooth.multipoles.col(0).end());
  const std::vector<double> v = spherical(smooth.multipoles);
  smooth.spherical =
      build_pseudo_atom(mesh_, v, nuclear_charge_, parameters_.sphere_radius, parameters_.lmax,
                        depth_.depth, energy, parameters_.relativistic, joined(energy, v));
  smooth.joined = Eigen::MatrixXd::Zero(3, smooth.multipoles.cols());
  if (!model_.level_outside(parameters_.scatterer, parameters_.sphere_radius, energy)) {
    smooth.joined.row(0) =
        mesh_.interpolate_rows(smooth.multipoles, parameters_.sphere_radius * (1.0 - 1e-13));
    smooth.joined.row(1) = slope_.transpose();
    smooth.joined.row(2) = curvature_.transpose();
  }
  const radial::CoupledWaves waves = radial::coupled_waves(
      mesh_, v, radial::couplings(gaunt_, smooth.multipoles, parameters_.lmax), nuclear_charge_,
      parameters_.lmax, parameters_.sphere_radius, energy, parameters_.relativistic);
  const AtomWaves joined =
      join_waves(mesh_, waves, smooth, gaunt_, energy, projectors_->farthest());
  GridProjectors::Values projectors = projectors_->at(joined, smooth, mesh_, gaunt_, energy);
  for (const PseudoChannel& channel : smooth.spherical.channels) {
    if (channel.l >= kFirstDual) break;
    const Eigen::Index first = channel.l * channel.l;
    const Eigen::Index count = 2 * channel.l + 1;
    const auto block =
        math::hermitian_eigen(Eigen::MatrixXd(projectors.b.block(first, first, count, count)));
    out.channels.push_back({channel.b, block.values.minCoeff(), block.values.maxCoeff()});
  }
  out.local = smooth.spherical;
  if (parameters_.scatterer == 0) out.waves = waves.one_by_one();
  out.strength = std::move(projectors.b);
  out.columns = std::move(projectors.columns);
  return out;
}

}  // namespace kedge::fdm
