// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/potential/superposition.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "interstitial.hpp"
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

/// Of the potential between the atoms.
struct InterstitialMean {
  double ground_state = 0.0;  // its mean [hartree from the vacuum]
  std::vector<WeightedField> fields;
};

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
  // of the region between the atoms, made when it is asked for
  mutable std::optional<InterstitialMean> interstitial;
  // V_out at multiples of kLevelStep, filled as it is asked for
  mutable std::map<long, double> level_at;
  std::vector<std::size_t> all_atoms;
  math::AngularRule directions = math::angular_rule(8);

  Parts(const structure::Cluster& cluster_in, SuperpositionSettings settings_in)
      : settings(std::move(settings_in)), cluster(cluster_in), xc(settings.functional) {
    if (settings.energy_dependent) ratio.emplace(settings.plasmon_damping);
    for (std::size_t a = 0; a < cluster.atoms.size(); ++a) all_atoms.push_back(a);
  }

  /// Electrostatic potential and density at a point; `without` leaves out the electrostatic part of
  /// one atom, whose value goes to `own`.
  struct Sum {
    double electrostatic = 0.0, own = 0.0, density = 0.0;
  };
  /// @param reaching  atoms that may count there
  [[nodiscard]] Sum at(const Eigen::Vector3d& point, int without,
                       std::span<const std::size_t> reaching) const {
    Sum sum;
    for (const std::size_t a : reaching) {
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

  [[nodiscard]] Sum at(const Eigen::Vector3d& point, int without) const {
    return at(point, without, all_atoms);
  }

  /// Atoms whose fields do not vanish at all points of a ball, in their order.
  [[nodiscard]] std::vector<std::size_t> reaching(const Eigen::Vector3d& centre,
                                                  double radius) const {
    std::vector<std::size_t> out;
    for (const std::size_t a : all_atoms) {
      const atom::AtomicField& field = *settings.field[a];
      const double distance = (centre - cluster.atoms[a].position_cart).norm();
      if (distance < field.cutoff() + radius || field.charge() != 0.0) out.push_back(a);
    }
    return out;
  }

  /// At points of which those that follow one another lie close together.
  /// @param own_atom  of each point; empty: none
  [[nodiscard]] std::vector<LocalField> fields_at(std::span<const Eigen::Vector3d> points,
                                                  std::span<const int> own_atom) const {
    constexpr std::size_t kTogether = 64;  // share the atoms that reach them
    std::vector<LocalField> out;
    out.reserve(points.size());
    for (std::size_t first = 0; first < points.size(); first += kTogether) {
      const auto block = points.subspan(first, std::min(kTogether, points.size() - first));
      Eigen::Vector3d centre = Eigen::Vector3d::Zero();
      for (const Eigen::Vector3d& p : block) centre += p / static_cast<double>(block.size());
      double radius = 0.0;
      for (const Eigen::Vector3d& p : block) radius = std::max(radius, (p - centre).norm());
      const std::vector<std::size_t> near = reaching(centre, radius);
      for (std::size_t i = 0; i < block.size(); ++i) {
        const int own = own_atom.empty() ? -1 : own_atom[first + i];
        out.push_back(field_of(at(block[i], own, near)));
      }
    }
    return out;
  }
  [[nodiscard]] LocalField field_of(const Sum& sum) const {
    const double r_s = wigner_seitz_radius(std::max(sum.density, kDensityFloor));
    const double ground_state = xc.at_rs(r_s);
    return {sum.electrostatic, ground_state, sum.electrostatic + sum.own + ground_state, r_s};
  }
  [[nodiscard]] double potential(const LocalField& f, double energy) const {
    return f.electrostatic + energy_dependent_xc(*ratio, f.ground_state, f.level, f.r_s, energy);
  }

  /// Between the first n_scatterers atoms.
  [[nodiscard]] InterstitialMean mean_between(int n_scatterers) const {
    const Interstitial between = interstitial_lattice(cluster, spheres, n_scatterers);
    const std::vector<LocalField> fields = fields_at(between.points, {});
    InterstitialMean out;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      out.ground_state += between.share[i] * fields[i].level;
    }
    out.fields = merged(fields, between.share);
    return out;
  }
  [[nodiscard]] const InterstitialMean& between() const {
    if (!interstitial) interstitial = mean_between(cluster.n_scatterers);
    return *interstitial;
  }

  /// V_out at a multiple of kLevelStep.
  [[nodiscard]] double level(long multiple) const {
    const auto [entry, is_new] = level_at.try_emplace(multiple, 0.0);
    if (is_new) {
      for (const WeightedField& f : between().fields) {
        entry->second += f.share * potential(f.field, kLevelStep * static_cast<double>(multiple));
      }
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
      : parts_(parts),
        energy_dependent_(energy_dependent),
        points_(parts.fields_at(points, own_atom)) {}

  void evaluate(double energy, std::span<double> v) const override {
    if (!energy_dependent_) return evaluate_ground_state(v);
    for (std::size_t i = 0; i < points_.size(); ++i) v[i] = parts_.potential(points_[i], energy);
  }

  void evaluate_ground_state(std::span<double> v) const override {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      v[i] = points_[i].electrostatic + points_[i].ground_state;
    }
  }

 private:
  const SuperposedPotential::Parts& parts_;
  bool energy_dependent_;
  std::vector<LocalField> points_;
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
  if (!parts_->settings.energy_dependent) return parts_->between().ground_state;
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
  return parts_->between().ground_state;
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
  const double level = n_scatterers < parts_->cluster.n_scatterers
                           ? parts_->mean_between(n_scatterers).ground_state
                           : parts_->between().ground_state;
  return std::make_unique<GroundState>(*this, *parts_, n_scatterers, level);
}

}  // namespace kedge::potential
