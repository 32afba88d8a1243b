// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/fermi_level.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::campaign {
namespace {

constexpr double kCountingRadius = bohr_from_angstrom(5.0);
constexpr double kGap = hartree_from_ev(20.0);
constexpr double kShareOfGap = 0.55;
constexpr double kAboveV0 = hartree_from_ev(2.0);  // where the search begins
/// Exact to degree 3 near the nucleus and 11 beyond: the level moves by less than 0.01 eV with more.
constexpr potential::AngularNodes kNodes = {2, 6};

/// Energies of the orbitals of each atom, moved by the potential of the other atoms at its nucleus.
std::vector<std::vector<double>> levels_in_cluster(const SiteAtoms& atoms, std::size_t n_scatterers) {
  const auto& places = atoms.cluster().atoms;
  const auto fields = atoms.fields(true);
  std::vector<std::vector<double>> levels(n_scatterers);
  for (std::size_t a = 0; a < n_scatterers; ++a) {
    double shift = 0.0;
    for (std::size_t b = 0; b < places.size(); ++b) {
      if (b != a) shift += (*fields[b])((places[b].position_cart - places[a].position_cart).norm()).electrostatic;
    }
    for (const atom::Orbital& orbital : atoms.atom(static_cast<int>(a)).orbitals) levels[a].push_back(orbital.energy + shift);
  }
  return levels;
}

}  // namespace

CountingModel counting_model(MPI_Comm comm, const io::Input& input, const SiteAtoms& atoms,
                             const potential::SuperposedPotential& model) {
  const structure::Cluster& cluster = atoms.cluster();
  int count = 0;
  scattering::Settings settings;
  std::vector<double> radii;
  while (count < cluster.n_scatterers) {
    const auto a = static_cast<std::size_t>(count);
    if (cluster.atoms[a].position_cart.norm() > kCountingRadius) break;  // in the order of their distance
    settings.lmax.push_back(cluster.atoms[a].atomic_number > 54 ? 3 : 2);
    radii.push_back(model.muffin_tin_radii()[a] * (1.0 + input.potential.muffin_tin_overlap));
    ++count;
  }
  settings.relativistic = input.atoms.relativity == "scalar";
  settings.method = scattering::DenseMethod::lapack;  // the same digits on any number of ranks
  CountingModel out;
  out.ground_state = model.ground_state(count);
  out.muffin_tin = std::make_unique<potential::MuffinTinPotential>(*out.ground_state, radii, kNodes);
  out.engine = std::make_unique<scattering::Engine>(comm, *out.muffin_tin, settings);
  return out;
}

double valence_bottom(const SiteAtoms& atoms, int n_scatterers) {
  std::vector<double> levels;
  for (const auto& of_atom : levels_in_cluster(atoms, static_cast<std::size_t>(n_scatterers))) {
    levels.insert(levels.end(), of_atom.begin(), of_atom.end());
  }
  std::sort(levels.begin(), levels.end(), std::greater<>());
  std::size_t i = 0;
  while (i + 1 < levels.size() && levels[i] - levels[i + 1] < kGap) ++i;
  const double gap = i + 1 < levels.size() ? levels[i] - levels[i + 1] : 2.0 * kGap;
  return levels[i] - std::min(kShareOfGap * gap, kGap);
}

std::vector<double> valence_electrons(const SiteAtoms& atoms, const potential::SuperposedPotential& model,
                                      const potential::MuffinTinPotential& muffin_tin, double bottom) {
  const auto& excitation = atoms.excitation();
  const auto levels = levels_in_cluster(atoms, muffin_tin.radii().size());
  const math::Rule rule = math::gauss_legendre(8);  // the neighbours' tails are smooth inside the sphere
  std::vector<double> electrons;
  for (std::size_t a = 0; a < levels.size(); ++a) {
    const int i = static_cast<int>(a);
    const double radius = muffin_tin.radii()[a];
    const atom::Atom& atom = atoms.atom(i);
    const auto inside = [&](auto density) {  // integral dr of a function on the logarithmic mesh, dr = r d(ln r)
      double sum = 0.0;
      for (std::size_t k = 0; k < atom.mesh.r.size() && atom.mesh.r[k] <= radius; ++k) {
        sum += density(k) * atom.mesh.r[k] * atom.mesh.step;
      }
      return sum;
    };
    double sum = inside([&](std::size_t k) { return 4.0 * kPi * atom.mesh.r[k] * atom.mesh.r[k] * atom.density[k]; });
    for (std::size_t k = 0; k < rule.x.size(); ++k) {
      const double r = 0.5 * radius * (1.0 + rule.x[k]);
      sum += 0.5 * radius * rule.w[k] * 4.0 * kPi * r * r * model.density_of_others(i, r);
    }
    for (std::size_t o = 0; o < atom.orbitals.size(); ++o) {
      const atom::Orbital& orbital = atom.orbitals[o];
      if (levels[a][o] <= bottom) {
        sum -= orbital.occupation * inside([&](std::size_t k) { return orbital.u[k] * orbital.u[k]; });
      } else if (i == 0 && excitation.hole && orbital.n == excitation.core.n && orbital.l == excitation.core.l) {
        sum += 1.0;
      }
    }
    electrons.push_back(sum);
  }
  return electrons;
}

double fermi_level(MPI_Comm comm, const io::Input& input, const SiteAtoms& atoms,
                   const potential::SuperposedPotential& model) {
  const CountingModel counting = counting_model(comm, input, atoms, model);
  scattering::Filling filling;
  filling.bottom = valence_bottom(atoms, static_cast<int>(counting.muffin_tin->radii().size()));
  filling.start = std::max(model.interstitial_level(), filling.bottom) + kAboveV0;
  for (const double e : valence_electrons(atoms, model, *counting.muffin_tin, filling.bottom)) filling.electrons += e;
  return scattering::out_of_band(*counting.engine, scattering::fill_states(*counting.engine, filling).fermi);
}

}  // namespace kedge::campaign
