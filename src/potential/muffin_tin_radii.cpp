// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/potential/muffin_tin_radii.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "kedge/core/units.hpp"
#include "spherical_mean.hpp"

namespace kedge::potential {
namespace {

constexpr double kDensityFloor =
    1e-15;  // [1/bohr^3]: exchange-correlation vanishes with the density

/// Spherical potential about one atom, held at its first maximum.
class RisingPotential {
 public:
  RisingPotential(const SphericalMean& mean, const GroundStateXc& xc, std::size_t atom,
                  double reach) {
    const double ratio = std::pow(reach / kFirst, 1.0 / (kPoints - 1));
    double r = kFirst;
    for (int i = 0; i < kPoints; ++i, r *= ratio) {
      const auto value = mean(atom, r);
      const double v = value.electrostatic +
                       xc.at_rs(wigner_seitz_radius(std::max(value.density, kDensityFloor)));
      if (i > 1 && v <= v_.back()) {
        end_at_maximum(v, ratio);
        break;
      }
      r_.push_back(r);
      v_.push_back(v);
    }
  }

  [[nodiscard]] double operator()(double r) const {
    if (r >= r_.back()) return v_.back();
    const auto above = std::upper_bound(r_.begin() + 1, r_.end() - 1, r) - r_.begin();
    const auto i = static_cast<std::size_t>(above) - 1;
    return v_[i] + (r - r_[i]) / (r_[i + 1] - r_[i]) * (v_[i + 1] - v_[i]);
  }

  /// Radius at which it reaches the level, or that of its maximum.
  [[nodiscard]] double radius_at(double level) const {
    const auto above = std::lower_bound(v_.begin(), v_.end(), level) - v_.begin();
    const auto i = static_cast<std::size_t>(above);
    if (i == v_.size()) return r_.back();
    if (i == 0) return r_.front();
    return r_[i - 1] + (level - v_[i - 1]) / (v_[i] - v_[i - 1]) * (r_[i] - r_[i - 1]);
  }

 private:
  /// Replaces the last point by the maximum of the parabola, in ln r, through the last two and the
  /// next, `falling`.
  void end_at_maximum(double falling, double ratio) {
    const double before = v_[v_.size() - 2];
    const double slope = 0.5 * (falling - before);
    const double curvature = falling - 2.0 * v_.back() + before;
    if (curvature >= 0.0) return;  // flat
    const double steps = -slope / curvature;
    r_.back() *= std::pow(ratio, steps);
    v_.back() += 0.5 * slope * steps;
  }

  static constexpr double kFirst = 0.02;  // [bohr]: far inside any sphere
  static constexpr int kPoints = 400;     // steps of 1.5 %: radii to 1e-4
  std::vector<double> r_, v_;
};

/// Potential at which two rising potentials cross when their centres are `apart`.
double crossing_level(const RisingPotential& a, const RisingPotential& b, double apart) {
  double low = 0.0;
  double high = apart;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (a(middle) < b(apart - middle) ? low : high) = middle;
  }
  return a(0.5 * (low + high));
}

/// Radius of the sphere that holds as many electrons of the superposed density as the free atom
/// has.
double norman_radius(const SphericalMean& mean, std::size_t atom, double electrons) {
  constexpr double kStep =
      0.02;  // [bohr]; the midpoint rule errs by 1e-3 in the core, by less in radii
  constexpr double kFarthest = 10.0;  // of an atom that is hardly there
  double held = 0.0;
  for (double r = 0.5 * kStep; r < kFarthest; r += kStep) {
    const double shell = 4.0 * kPi * r * r * mean(atom, r).density * kStep;
    if (held + shell >= electrons) return r - 0.5 * kStep + kStep * (electrons - held) / shell;
    held += shell;
  }
  return kFarthest;
}

struct Neighbour {
  std::size_t atom = 0;
  double distance = std::numeric_limits<double>::infinity();
};

Neighbour nearest_neighbour(const structure::Cluster& cluster, std::size_t a) {
  Neighbour nearest;
  for (std::size_t b = 0; b < cluster.atoms.size(); ++b) {
    const double d = (cluster.atoms[b].position_cart - cluster.atoms[a].position_cart).norm();
    // Of equal distances the first: rounding must not decide which of two kinds is the neighbour.
    if (b != a && d < nearest.distance - 1e-6) nearest = {b, d};
  }
  return nearest;
}

struct Range {
  double low, high;
};

/// Radii, in units of half the distance, that are taken.
Range window(const RadiusCandidate& atom) {
  if (atom.atomic_number == 1) return {0.45, 1.75};
  return atom.neighbour_number == 1 ? Range{0.99, 1.75} : Range{0.25, 1.5};
}

bool fits(const RadiusCandidate& atom, double radius) {
  const Range range = window(atom);
  return radius > 0.5 * range.low * atom.distance && radius < 0.5 * range.high * atom.distance;
}

void add_norman_radii(const structure::Cluster& cluster,
                      std::span<const std::shared_ptr<const atom::AtomicField>> fields,
                      const SphericalMean& mean, std::vector<RadiusCandidate>& atoms) {
  std::map<std::size_t, double> known;
  const auto norman = [&](std::size_t a) {
    const auto [entry, added] = known.try_emplace(a, 0.0);
    if (added) {
      entry->second = norman_radius(mean, a, cluster.atoms[a].atomic_number - fields[a]->charge());
    }
    return entry->second;
  };
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    const double d = atoms[a].distance;
    const double ratio = norman(nearest_neighbour(cluster, a).atom) / norman(a);
    atoms[a].norman = std::min(0.75 * d, d / (1.0 + ratio));
  }
}

}  // namespace

bool level_fits(const RadiusCandidate& atom) {
  return fits(atom, atom.level);
}

std::vector<MuffinTinRadius> choose_radii(std::span<const RadiusCandidate> atoms, double overlap) {
  const bool norman = std::any_of(atoms.begin(), atoms.end(), [](const RadiusCandidate& atom) {
    return atom.atomic_number != 1 && !level_fits(atom) && fits(atom, atom.norman);
  });
  std::vector<MuffinTinRadius> radii;
  for (const RadiusCandidate& atom : atoms) {
    const bool hydrogen = atom.atomic_number == 1;
    if (!hydrogen && !level_fits(atom) && !fits(atom, atom.norman)) {
      radii.push_back({0.5 * atom.distance, RadiusRule::half_distance});
    } else if (norman) {
      radii.push_back({atom.norman, RadiusRule::norman});
    } else if (hydrogen && !level_fits(atom)) {
      radii.push_back({std::min(0.5 * atom.distance, bohr_from_angstrom(0.8) / (1.0 + overlap)),
                       RadiusRule::hydrogen});
    } else {
      radii.push_back({atom.level / (1.0 + overlap), RadiusRule::level});
    }
  }
  return radii;
}

std::vector<MuffinTinRadius> muffin_tin_radii(
    const structure::Cluster& cluster,
    std::span<const std::shared_ptr<const atom::AtomicField>> fields, const GroundStateXc& xc,
    double overlap) {
  if (cluster.atoms.size() == 1) return {{bohr_from_angstrom(1.0), RadiusRule::alone}};
  const SphericalMean mean(cluster, fields);
  std::vector<RadiusCandidate> atoms;
  double level = 0.0;
  for (std::size_t a = 0; a < static_cast<std::size_t>(cluster.n_scatterers); ++a) {
    const Neighbour nearest = nearest_neighbour(cluster, a);
    const double apart = (1.0 + overlap) * nearest.distance;
    const RisingPotential v(mean, xc, a, apart);
    if (a == 0) level = crossing_level(v, RisingPotential(mean, xc, nearest.atom, apart), apart);
    atoms.push_back({cluster.atoms[a].atomic_number, cluster.atoms[nearest.atom].atomic_number,
                     nearest.distance, std::min(v.radius_at(level), nearest.distance), 0.0});
  }
  if (!std::all_of(atoms.begin(), atoms.end(), level_fits)) {
    add_norman_radii(cluster, fields, mean, atoms);
  }
  return choose_radii(atoms, overlap);
}

}  // namespace kedge::potential
