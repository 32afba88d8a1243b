// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/potential/superposition.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::potential {
namespace {

constexpr double kDensityFloor =
    1e-10;  // [1/bohr^3]: exchange-correlation vanishes with the density

/// Even polynomial that continues a function inside a radius: value, slope and curvature agree
/// there.
struct Clip {
  double radius = 0.0;
  std::array<double, 3> electrostatic{};  // of (r/radius)^0, ^2, ^4
  std::array<double, 3> density{};

  static std::array<double, 3> join(double f, double slope, double curvature) {
    // f = a + b + c, f' = 2b + 4c, f'' = 2b + 12c per s = r/radius
    const double c = (curvature - slope) / 8.0;
    const double b = (slope - 4.0 * c) / 2.0;
    return {f - b - c, b, c};
  }
  Clip(const atom::AtomicField& field, double r) : radius(r) {
    const double h = 0.01;
    const auto m = field(r * (1 - h));
    const auto o = field(r);
    const auto p = field(r * (1 + h));
    electrostatic = join(o.electrostatic, (p.electrostatic - m.electrostatic) / (2 * h),
                         (p.electrostatic - 2 * o.electrostatic + m.electrostatic) / (h * h));
    density = join(o.density, (p.density - m.density) / (2 * h),
                   (p.density - 2 * o.density + m.density) / (h * h));
  }
  [[nodiscard]] atom::AtomicField::Value operator()(double r) const {
    const double s2 = (r / radius) * (r / radius);
    return {electrostatic[0] + s2 * (electrostatic[1] + s2 * electrostatic[2]),
            density[0] + s2 * (density[1] + s2 * density[2])};
  }
};

// Of the table of V_out [hartree].
constexpr double kLevelStep = 0.01;

}  // namespace

struct SuperposedPotential::Parts {
  SuperpositionSettings settings;
  structure::Cluster cluster;
  std::vector<Nucleus> scatterers;
  std::vector<std::optional<Clip>> clips;  // of each atom; none for scatterers
  GroundStateXc xc;
  std::optional<SelfEnergyRatio> ratio;  // a table of 0.1 s, only where energies ask for it
  std::vector<double> radii;
  std::vector<double> spheres;  // of all atoms: muffin tins, beyond the scatterers clip radii
  std::vector<RadiusRule> rules;
  std::unique_ptr<Samples> interstitial;
  std::vector<double> interstitial_share;  // of its points in V0
  double ground_state_level = 0.0;
  // V_out at multiples of kLevelStep, filled as it is asked for
  mutable std::map<long, double> level_at;
  math::AngularRule directions = math::angular_rule(8);

  Parts(const structure::Cluster& cluster_in, SuperpositionSettings settings_in)
      : settings(std::move(settings_in)), cluster(cluster_in), xc(settings.functional) {
    if (settings.energy_dependent) ratio.emplace(settings.plasmon_damping);
  }

  /// Electrostatic potential and density at a point; `without` leaves out the electrostatic part of
  /// one atom, whose value goes to `own`.
  struct Sum {
    double electrostatic = 0.0, own = 0.0, density = 0.0;
  };
  [[nodiscard]] Sum at(const Eigen::Vector3d& point, int without) const {
    Sum sum;
    for (std::size_t a = 0; a < cluster.atoms.size(); ++a) {
      const atom::AtomicField& field = *settings.field[a];
      const double r2 = (point - cluster.atoms[a].position_cart).squaredNorm();
      const double cutoff = field.cutoff();
      if (r2 >= cutoff * cutoff && field.charge() == 0.0) continue;
      const double r = std::sqrt(r2);
      const bool clipped = clips[a] && r < clips[a]->radius;
      const auto value = clipped ? (*clips[a])(r) : field(r);
      sum.density += value.density;
      (static_cast<int>(a) == without ? sum.own : sum.electrostatic) += value.electrostatic;
    }
    return sum;
  }

  /// V_out at a multiple of kLevelStep.
  [[nodiscard]] double level(long multiple) const {
    const auto [entry, is_new] = level_at.try_emplace(multiple, 0.0);
    if (is_new) {
      std::vector<double> v(interstitial_share.size());
      interstitial->evaluate(kLevelStep * static_cast<double>(multiple), v);
      entry->second = std::inner_product(v.begin(), v.end(), interstitial_share.begin(), 0.0);
    }
    return entry->second;
  }

  /// Spherical mean of V about atom a.
  [[nodiscard]] double potential_mean(int a, double r) const {
    const Eigen::Vector3d& centre = cluster.atoms[static_cast<std::size_t>(a)].position_cart;
    double sum = 0.0;
    for (std::size_t i = 0; i < directions.weight.size(); ++i) {
      const Sum s = at(centre + r * directions.direction[i], a);
      sum += directions.weight[i] *
             (s.electrostatic + xc.at_rs(wigner_seitz_radius(std::max(s.density, kDensityFloor))));
    }
    return (*settings.field[static_cast<std::size_t>(a)])(r).electrostatic + sum / (4.0 * kPi);
  }
  /// Spherical mean of the density about atom a.
  [[nodiscard]] double density_mean(int a, double r) const {
    const Eigen::Vector3d& centre = cluster.atoms[static_cast<std::size_t>(a)].position_cart;
    double sum = 0.0;
    for (std::size_t i = 0; i < directions.weight.size(); ++i) {
      sum += directions.weight[i] * at(centre + r * directions.direction[i], a).density;
    }
    return sum / (4.0 * kPi);
  }
};

namespace {

class SuperposedSamples final : public Samples {
 public:
  SuperposedSamples(const SuperposedPotential::Parts& parts,
                    std::span<const Eigen::Vector3d> points, std::span<const int> own_atom,
                    bool energy_dependent)
      : parts_(parts), energy_dependent_(energy_dependent) {
    points_.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto sum = parts.at(points[i], own_atom[i]);
      const double r_s = wigner_seitz_radius(std::max(sum.density, kDensityFloor));
      const double ground_state = parts.xc.at_rs(r_s);
      points_.push_back(
          {sum.electrostatic, ground_state, sum.electrostatic + sum.own + ground_state, r_s});
    }
  }

  void evaluate(double energy, std::span<double> v) const override {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const Point& p = points_[i];
      const double exchange = energy_dependent_ ? energy_dependent_xc(*parts_.ratio, p.ground_state,
                                                                      p.level, p.r_s, energy)
                                                : p.ground_state;
      v[i] = p.electrostatic + exchange;
    }
  }

  void evaluate_ground_state(std::span<double> v) const override {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      v[i] = points_[i].electrostatic + points_[i].ground_state;
    }
  }

  /// Mean with ground-state exchange-correlation.
  [[nodiscard]] double ground_state_mean(const std::vector<double>& share) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      sum += share[i] * (points_[i].electrostatic + points_[i].ground_state);
    }
    return sum;
  }

 private:
  struct Point {
    double electrostatic, ground_state;  // the latter exchange-correlation
    double level, r_s;                   // V_gs with what the atom itself adds
  };
  const SuperposedPotential::Parts& parts_;
  bool energy_dependent_;
  std::vector<Point> points_;
};

/// A superposition as the occupied states see it.
class GroundState final : public PotentialModel {
 public:
  GroundState(const SuperposedPotential& whole, const SuperposedPotential::Parts& parts,
              int n_scatterers, double level)
      : whole_(whole),
        parts_(parts),
        scatterers_(parts.scatterers.begin(), parts.scatterers.begin() + n_scatterers),
        level_(level) {}
  [[nodiscard]] const std::vector<Nucleus>& scatterers() const override { return scatterers_; }
  [[nodiscard]] double own(int a, double r) const override { return whole_.own(a, r); }
  [[nodiscard]] std::unique_ptr<Samples> sample(std::span<const Eigen::Vector3d> points,
                                                std::span<const int> own_atom) const override {
    return std::make_unique<SuperposedSamples>(parts_, points, own_atom, false);
  }
  [[nodiscard]] double outer_level(double /*energy*/) const override { return level_; }
  [[nodiscard]] bool depends_on_energy() const override { return false; }

 private:
  const SuperposedPotential& whole_;
  const SuperposedPotential::Parts& parts_;
  std::vector<Nucleus> scatterers_;
  double level_;
};

/// A lattice between atoms.
struct Interstitial {
  std::vector<Eigen::Vector3d> points;
  std::vector<double> share;  // of the mean, 1 in all
};

/// The region between the first n_scatterers atoms. A point next to its rim counts with the part of
/// its cell that lies inside, as if the rim were flat: V0 changes smoothly with the radii of the
/// atoms, and with it the potential as a function of what the radii depend on.
/// @param radii  of all atoms of the cluster
Interstitial interstitial_lattice(const structure::Cluster& cluster, std::span<const double> radii,
                                  int n_scatterers) {
  const auto n = static_cast<std::size_t>(n_scatterers);
  double farthest = 0.0;
  for (std::size_t a = 0; a < n; ++a) {
    farthest = std::max(farthest, cluster.atoms[a].position_cart.norm());
  }
  const double largest = *std::max_element(radii.begin(), radii.begin() + n_scatterers);
  if (n == 1) farthest = 2.0 * largest;
  // A finer lattice changes V0 of B12 by 2 meV, of LiF by 20 (docs/accuracy.md).
  const double step = bohr_from_angstrom(0.125);
  const int half = static_cast<int>(farthest / step) + 2;
  const auto part = [step](double beyond) { return std::clamp(beyond / step + 0.5, 0.0, 1.0); };
  // Little is left in a dense packing: shrink the spheres by a tenth until there is some.
  for (double shrink = 1.0; shrink > 0.3; shrink *= 0.9) {
    const auto inside = [&](const Eigen::Vector3d& r) {
      const double reached = part(farthest - r.norm());
      double between = 1.0;
      double near = 0.0;
      for (std::size_t a = 0; a < cluster.atoms.size() && reached * between > 0.0; ++a) {
        const double d = (r - cluster.atoms[a].position_cart).norm();
        between *= part(d - shrink * radii[a]);
        if (a < n) near = std::max(near, part(2.0 * largest - d));
      }
      // The farthest atom's rim and that of the absorber's surroundings may be one.
      return between * std::min(reached, near);
    };
    Interstitial out;
    double sum = 0.0;
    for (int i = -half; i <= half; ++i) {
      for (int j = -half; j <= half; ++j) {
        for (int k = -half; k <= half; ++k) {
          const Eigen::Vector3d r = step * Eigen::Vector3d(i, j, k);
          const double share = inside(r);
          if (share <= 0.0) continue;
          out.points.push_back(r);
          out.share.push_back(share);
          sum += share;
        }
      }
    }
    if (sum <= 20.0) continue;
    for (double& share : out.share) share /= sum;
    return out;
  }
  return {{Eigen::Vector3d::Zero()}, {1.0}};
}

/// Radii by rule, or those given.
std::vector<MuffinTinRadius> muffin_tin_radii_of(const SuperposedPotential::Parts& parts) {
  const SuperpositionSettings& settings = parts.settings;
  const auto n = static_cast<std::size_t>(parts.cluster.n_scatterers);
  const auto& given = settings.muffin_tin_radius;
  const bool all_given =
      given.size() >= n && std::all_of(given.begin(), given.begin() + parts.cluster.n_scatterers,
                                       [](double r) { return r > 0.0; });
  std::vector<MuffinTinRadius> radii(n);
  if (!all_given) {
    radii = muffin_tin_radii(parts.cluster, settings.field, parts.xc, settings.muffin_tin_overlap);
  }
  for (std::size_t a = 0; a < std::min(radii.size(), settings.muffin_tin_radius.size()); ++a) {
    if (settings.muffin_tin_radius[a] > 0.0) {
      radii[a] = {settings.muffin_tin_radius[a], RadiusRule::given};
    }
  }
  return radii;
}

}  // namespace

SuperposedPotential::SuperposedPotential(const structure::Cluster& cluster,
                                         SuperpositionSettings settings)
    : parts_(std::make_unique<Parts>(cluster, std::move(settings))) {
  Parts& p = *parts_;
  const auto n = static_cast<std::size_t>(cluster.n_scatterers);
  for (std::size_t a = 0; a < n; ++a) {
    p.scatterers.push_back({cluster.atoms[a].position_cart, cluster.atoms[a].atomic_number});
  }
  p.clips.resize(cluster.atoms.size());
  for (const MuffinTinRadius& found : muffin_tin_radii_of(p)) {
    p.radii.push_back(found.touching);
    p.rules.push_back(found.rule);
  }
  std::vector<double>& all_radii = p.spheres;
  all_radii = p.radii;
  for (std::size_t a = n; a < cluster.atoms.size(); ++a) {
    // The radius that a scatterer of the same element has, else three quarters of an Angstrom.
    double radius = p.settings.clip_radius;
    for (std::size_t b = 0; b < n && radius == 0.0; ++b) {
      if (cluster.atoms[b].atomic_number == cluster.atoms[a].atomic_number) radius = p.radii[b];
    }
    all_radii.push_back(radius > 0.0 ? radius : bohr_from_angstrom(0.75));
    p.clips[a].emplace(*p.settings.field[a], all_radii.back());
  }
  Interstitial between = interstitial_lattice(cluster, all_radii, cluster.n_scatterers);
  const std::vector<int> complete(between.points.size(), -1);
  auto samples =
      std::make_unique<SuperposedSamples>(p, between.points, complete, p.settings.energy_dependent);
  p.ground_state_level = samples->ground_state_mean(between.share);
  p.interstitial = std::move(samples);
  p.interstitial_share = std::move(between.share);
}

SuperposedPotential::~SuperposedPotential() = default;

const std::vector<Nucleus>& SuperposedPotential::scatterers() const {
  return parts_->scatterers;
}

double SuperposedPotential::own(int a, double r) const {
  return (*parts_->settings.field[static_cast<std::size_t>(a)])(r).electrostatic;
}

std::unique_ptr<Samples> SuperposedPotential::sample(std::span<const Eigen::Vector3d> points,
                                                     std::span<const int> own_atom) const {
  return std::make_unique<SuperposedSamples>(*parts_, points, own_atom,
                                             parts_->settings.energy_dependent);
}

double SuperposedPotential::outer_level(double energy) const {
  if (parts_->settings.outer_level) return *parts_->settings.outer_level;
  if (!parts_->settings.energy_dependent) return parts_->ground_state_level;
  // A cubic through the four nearest: each is a mean over some ten thousand points, and an energy
  // of given kinetic energy is found by secants.
  const auto below = static_cast<long>(std::floor(energy / kLevelStep));
  const double t = energy / kLevelStep - static_cast<double>(below);
  return parts_->level(below - 1) * (-t * (t - 1.0) * (t - 2.0) / 6.0) +
         parts_->level(below) * ((t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0) +
         parts_->level(below + 1) * (-(t + 1.0) * t * (t - 2.0) / 2.0) +
         parts_->level(below + 2) * ((t + 1.0) * t * (t - 1.0) / 6.0);
}

double SuperposedPotential::interstitial_level() const {
  return parts_->ground_state_level;
}
const std::vector<double>& SuperposedPotential::muffin_tin_radii() const {
  return parts_->radii;
}
const std::vector<RadiusRule>& SuperposedPotential::radius_rules() const {
  return parts_->rules;
}

double SuperposedPotential::spherical_mean(int a, double r) const {
  return parts_->potential_mean(a, r);
}

double SuperposedPotential::density_of_others(int a, double r) const {
  return parts_->density_mean(a, r) -
         (*parts_->settings.field[static_cast<std::size_t>(a)])(r).density;
}

std::unique_ptr<PotentialModel> SuperposedPotential::ground_state(int n_scatterers) const {
  double level = parts_->ground_state_level;
  if (n_scatterers < parts_->cluster.n_scatterers) {
    const Interstitial between =
        interstitial_lattice(parts_->cluster, parts_->spheres, n_scatterers);
    const std::vector<int> complete(between.points.size(), -1);
    level = SuperposedSamples(*parts_, between.points, complete, false)
                .ground_state_mean(between.share);
  }
  return std::make_unique<GroundState>(*this, *parts_, n_scatterers, level);
}

}  // namespace kedge::potential
