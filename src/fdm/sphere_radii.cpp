// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/sphere_radii.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"

namespace kedge::fdm {

double preferred_sphere_radius(int atomic_number) {
  double angstrom = 1.1;
  if (atomic_number <= 2) {
    angstrom = 0.55;
  } else if (atomic_number <= 4) {
    angstrom = 0.9;
  } else if (atomic_number <= 10) {
    angstrom = 0.75;
  } else if (atomic_number <= 18) {
    angstrom = 0.95;
  }
  return bohr_from_angstrom(angstrom);
}

double sphere_share(int atomic_number) {
  return (atomic_number <= 2 ? 1.0 : 0.87) * preferred_sphere_radius(atomic_number);
}

std::vector<double> sphere_radii(const std::vector<potential::Nucleus>& scatterers,
                                 const std::map<int, double>& given) {
  const auto is_given = [&](std::size_t a) { return given.contains(scatterers[a].atomic_number); };
  std::vector<double> preferred;
  for (std::size_t a = 0; a < scatterers.size(); ++a) {
    const int z = scatterers[a].atomic_number;
    preferred.push_back(is_given(a) ? given.at(z) : preferred_sphere_radius(z));
  }
  std::vector<double> radius = preferred;
  for (std::size_t a = 0; a < scatterers.size(); ++a) {
    for (std::size_t b = 0; b < scatterers.size(); ++b) {
      if (a == b) continue;
      const double d = (scatterers[a].position_cart - scatterers[b].position_cart).norm();
      if (is_given(a) && is_given(b) && preferred[a] + preferred[b] > d) {
        throw Error(ErrorKind::input,
                    fmt::format("engine.sphere_radius: spheres of {} and {} overlap, {:.3f} + "
                                "{:.3f} Angstrom at a distance "
                                "of {:.3f}; give smaller radii",
                                element_symbol(scatterers[a].atomic_number),
                                element_symbol(scatterers[b].atomic_number),
                                angstrom_from_bohr(preferred[a]), angstrom_from_bohr(preferred[b]),
                                angstrom_from_bohr(d)));
      }
      if (is_given(a)) continue;
      const double own_share = sphere_share(scatterers[a].atomic_number);
      const double other_share = sphere_share(scatterers[b].atomic_number);
      const double room =
          is_given(b) ? d - preferred[b] : d * own_share / (own_share + other_share);
      radius[a] = std::min(radius[a], room);
    }
    if (radius[a] <= 0.0) {
      throw Error(ErrorKind::input,
                  fmt::format("engine.sphere_radius leaves no room for {} (atom {} of the cluster)",
                              element_symbol(scatterers[a].atomic_number), a + 1));
    }
  }
  return radius;
}

}  // namespace kedge::fdm
