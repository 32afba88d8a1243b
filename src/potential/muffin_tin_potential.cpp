// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/potential/muffin_tin_potential.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"
#include "kedge/radial/regular_solution.hpp"

namespace kedge::potential {
namespace {

// As in the finite differences: near the nucleus the other atoms' potential hardly depends on
// direction.
constexpr double kCoarseBelow = 0.25;  // of the radius
constexpr double kRim = 1.0 + 1e-10;   // a point as near as this to the sphere is on it

/// One sphere: directions of the mean at each mesh node, and V_base there without the own part.
struct Sphere {
  math::SpectralMesh mesh;
  std::vector<double> own;
  std::unique_ptr<Samples> samples;
  std::vector<int> rule_of_node;
  std::size_t points = 0;
};

}  // namespace

struct MuffinTinPotential::Parts {
  const PotentialModel& base;
  std::vector<double> radii;
  std::array<math::AngularRule, 2> rules;
  std::vector<Sphere> spheres;
  double energy = std::numeric_limits<double>::quiet_NaN();  // of what is kept
  std::vector<std::vector<double>> rest;                     // mean without the own part
  std::vector<std::vector<double>> whole;
  double level = 0.0;

  void evaluate(double at) {
    if (at == energy || (std::isfinite(energy) && !base.depends_on_energy())) return;
    level = base.outer_level(at);
    for (std::size_t a = 0; a < spheres.size(); ++a) {
      const Sphere& sphere = spheres[a];
      std::vector<double> v(sphere.points);
      sphere.samples->evaluate(at, v);
      std::size_t k = 0;
      for (std::size_t i = 0; i < sphere.mesh.size(); ++i) {
        double sum = 0.0;
        for (const double w : rules[static_cast<std::size_t>(sphere.rule_of_node[i])].weight) {
          sum += w * v[k++];
        }
        rest[a][i] = sum / (4.0 * kPi);
        whole[a][i] = rest[a][i] + sphere.own[i];
      }
    }
    energy = at;
  }
};

namespace {

class MuffinTinSamples final : public Samples {
 public:
  MuffinTinSamples(MuffinTinPotential::Parts& parts, std::span<const Eigen::Vector3d> points,
                   std::span<const int> own_atom)
      : parts_(parts) {
    const auto& nuclei = parts.base.scatterers();
    for (std::size_t i = 0; i < points.size(); ++i) {
      Point p;
      for (std::size_t a = 0; a < nuclei.size() && p.sphere < 0; ++a) {
        const double r = (points[i] - nuclei[a].position_cart).norm();
        // On the surface the caller's word decides: a solver that takes the point for outside has
        // no projector there.
        if (r > parts.radii[a] * (own_atom[i] == static_cast<int>(a) ? kRim : 1.0 / kRim)) continue;
        p.sphere = static_cast<int>(a);
        p.r = r;
      }
      if (p.sphere >= 0 && own_atom[i] != p.sphere) p.shift += parts.base.own(p.sphere, p.r);
      if (own_atom[i] >= 0 && own_atom[i] != p.sphere) {
        const double r =
            (points[i] - nuclei[static_cast<std::size_t>(own_atom[i])].position_cart).norm();
        p.shift -= parts.base.own(own_atom[i], r);
      }
      points_.push_back(p);
    }
  }

  void evaluate(double energy, std::span<double> v) const override {
    parts_.evaluate(energy);
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const Point& p = points_[i];
      const auto a = static_cast<std::size_t>(p.sphere);
      v[i] = p.shift + (p.sphere < 0 ? parts_.level
                                     : parts_.spheres[a].mesh.interpolate(parts_.rest[a], p.r));
    }
  }

 private:
  struct Point {
    int sphere = -1;  // that holds it
    double r = 0.0;
    double shift = 0.0;  // electrostatic parts to add to the spherical rest
  };
  MuffinTinPotential::Parts& parts_;
  std::vector<Point> points_;
};

}  // namespace

MuffinTinPotential::MuffinTinPotential(const PotentialModel& base, std::vector<double> radii,
                                       AngularNodes nodes)
    : parts_(new Parts{
          base, std::move(radii), {}, {}, std::numeric_limits<double>::quiet_NaN(), {}, {}, 0.0}) {
  Parts& p = *parts_;
  p.rules = {math::angular_rule(nodes.near), math::angular_rule(nodes.far)};
  for (std::size_t a = 0; a < p.radii.size(); ++a) {
    const Nucleus& nucleus = base.scatterers()[a];
    Sphere sphere;
    sphere.mesh = radial::atomic_mesh(nucleus.atomic_number, p.radii[a], p.radii[a]);
    std::vector<Eigen::Vector3d> points;
    for (const double r : sphere.mesh.r()) {
      sphere.rule_of_node.push_back(r < kCoarseBelow * p.radii[a] ? 0 : 1);
      for (const auto& n :
           p.rules[static_cast<std::size_t>(sphere.rule_of_node.back())].direction) {
        points.push_back(nucleus.position_cart + r * n);
      }
      sphere.own.push_back(base.own(static_cast<int>(a), r));
    }
    sphere.points = points.size();
    const std::vector<int> own_atom(points.size(), static_cast<int>(a));
    sphere.samples = base.sample(points, own_atom);
    p.rest.emplace_back(sphere.mesh.size());
    p.whole.emplace_back(sphere.mesh.size());
    p.spheres.push_back(std::move(sphere));
  }
}

MuffinTinPotential::~MuffinTinPotential() = default;

const std::vector<Nucleus>& MuffinTinPotential::scatterers() const {
  return parts_->base.scatterers();
}
double MuffinTinPotential::own(int a, double r) const {
  return parts_->base.own(a, r);
}
double MuffinTinPotential::outer_level(double energy) const {
  return parts_->base.outer_level(energy);
}
const std::vector<double>& MuffinTinPotential::radii() const {
  return parts_->radii;
}

std::unique_ptr<Samples> MuffinTinPotential::sample(std::span<const Eigen::Vector3d> points,
                                                    std::span<const int> own_atom) const {
  return std::make_unique<MuffinTinSamples>(*parts_, points, own_atom);
}

std::optional<double> MuffinTinPotential::level_outside(int a, double r, double energy) const {
  if (r < parts_->radii[static_cast<std::size_t>(a)] / kRim) return std::nullopt;
  return outer_level(energy);
}

const math::SpectralMesh& MuffinTinPotential::mesh(int a) const {
  return parts_->spheres[static_cast<std::size_t>(a)].mesh;
}

const std::vector<double>& MuffinTinPotential::spherical(int a, double energy) const {
  parts_->evaluate(energy);
  return parts_->whole[static_cast<std::size_t>(a)];
}

}  // namespace kedge::potential
