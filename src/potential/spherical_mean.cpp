// SPDX-License-Identifier: BSD-3-Clause
#include "spherical_mean.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace kedge::potential {
namespace {

constexpr int kNodes = 24;  // the mean changes by less than 1e-6 of its value from 24 to 48

double core_radius(const atom::AtomicField& field) {
  constexpr double kOneRydberg = 0.5;  // [hartree]
  double low = 1e-3;
  double high = 20.0;
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    (field(middle).electrostatic < -kOneRydberg ? low : high) = middle;
  }
  return low;
}

}  // namespace

SphericalMean::SphericalMean(const structure::Cluster& cluster,
                             std::span<const std::shared_ptr<const atom::AtomicField>> fields)
    : cluster_(cluster), fields_(fields), rule_(math::gauss_legendre(kNodes)) {
  std::map<const atom::AtomicField*, double> known;
  for (const auto& field : fields) {
    const auto [entry, added] = known.try_emplace(field.get(), 0.0);
    if (added) entry->second = core_radius(*field);
    core_.push_back(entry->second);
  }
}

atom::AtomicField::Value SphericalMean::operator()(std::size_t atom, double r) const {
  atom::AtomicField::Value sum = (*fields_[atom])(r);
  for (std::size_t b = 0; b < fields_.size(); ++b) {
    if (b == atom) continue;
    const atom::AtomicField& field = *fields_[b];
    const double d = (cluster_.atoms[b].position_cart - cluster_.atoms[atom].position_cart).norm();
    const double nearest = std::abs(d - r);
    if (nearest >= field.cutoff() && field.charge() == 0.0) continue;
    const double farthest = d + r;
    const double outside = std::clamp(core_[b], nearest, farthest);
    const double scale = 1.0 / (2.0 * d * r);
    if (outside > nearest) {
      const auto core = field(core_[b]);
      const double weight = scale * 0.5 * (outside * outside - nearest * nearest);
      sum.electrostatic += weight * core.electrostatic;
      sum.density += weight * core.density;
    }
    const double half = 0.5 * (farthest - outside);
    for (std::size_t i = 0; i < rule_.x.size(); ++i) {
      const double s = outside + half * (1.0 + rule_.x[i]);
      const auto value = field(s);
      const double weight = scale * half * rule_.w[i] * s;
      sum.electrostatic += weight * value.electrostatic;
      sum.density += weight * value.density;
    }
  }
  return sum;
}

}  // namespace kedge::potential
