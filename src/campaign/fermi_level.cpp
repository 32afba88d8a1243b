// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/fermi_level.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "kedge/core/units.hpp"
#include "kedge/transition/matrix_elements.hpp"

namespace kedge::campaign {
namespace {

constexpr double kLevelRadius = bohr_from_angstrom(3.5);
constexpr double kGap = hartree_from_ev(20.0);
constexpr double kShareOfGap = 0.55;
constexpr double kAboveV0 = hartree_from_ev(2.0);  // where the search begins
/// Exact to degree 3 near the nucleus and 11 beyond: the level moves by less than 0.01 eV with
/// more.
constexpr potential::AngularNodes kNodes = {2, 6};

/// Energies of the orbitals of each atom, moved by the potential of the other atoms at its nucleus.
std::vector<std::vector<double>> levels_in_cluster(const SiteAtoms& atoms,
                                                   std::size_t n_scatterers) {
  const auto& places = atoms.cluster().atoms;
  const auto fields = atoms.fields(true);
  std::vector<std::vector<double>> levels(n_scatterers);
  for (std::size_t a = 0; a < n_scatterers; ++a) {
    double shift = 0.0;
    for (std::size_t b = 0; b < places.size(); ++b) {
      if (b != a) {
        shift +=
            (*fields[b])((places[b].position_cart - places[a].position_cart).norm()).electrostatic;
      }
    }
    for (const atom::Orbital& orbital : atoms.atom(static_cast<int>(a)).orbitals) {
      levels[a].push_back(orbital.energy + shift);
    }
  }
  return levels;
}

}  // namespace

CountingModel counting_model(MPI_Comm comm, const io::Input& input, const SiteAtoms& atoms,
                             const potential::SuperposedPotential& model, double radius) {
  const structure::Cluster& cluster = atoms.cluster();
  int count = 0;
  scattering::Settings settings;
  std::vector<double> radii;
  while (count < cluster.n_scatterers) {
    const auto a = static_cast<std::size_t>(count);
    if (cluster.atoms[a].position_cart.norm() > radius) break;  // in the order of their distance
    const int number = cluster.atoms[a].atomic_number;
    settings.lmax.push_back(number > 54 ? 3 : number > 2 ? 2 : 1);
    radii.push_back(model.muffin_tin_radii()[a] * (1.0 + input.potential.muffin_tin_overlap));
    ++count;
  }
  settings.relativistic = input.atoms.relativity == "scalar";
  settings.method = scattering::DenseMethod::lapack;  // the same digits on any number of ranks
  CountingModel out;
  out.ground_state = model.ground_state(count);
  out.muffin_tin =
      std::make_unique<potential::MuffinTinPotential>(*out.ground_state, radii, kNodes);
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

std::vector<std::vector<double>> superposed_valence(const SiteAtoms& atoms,
                                                    const potential::SuperposedPotential& model,
                                                    const potential::MuffinTinPotential& muffin_tin,
                                                    double bottom) {
  constexpr int kNodes = 10;  // the neighbours' tails are smooth inside the sphere
  const auto& excitation = atoms.excitation();
  const auto levels = levels_in_cluster(atoms, muffin_tin.radii().size());
  std::vector<std::vector<double>> all;
  for (std::size_t a = 0; a < levels.size(); ++a) {
    const int i = static_cast<int>(a);
    const math::SpectralMesh& mesh = muffin_tin.mesh(i);
    const math::SpectralMesh coarse({0.0, muffin_tin.radii()[a]}, kNodes);
    std::vector<double> tails;
    for (const double r : coarse.r()) tails.push_back(model.density_of_others(i, r));
    const atom::Atom& atom = atoms.atom(i);
    const atom::AtomicField field(atom);
    std::vector<double> density;
    for (const double r : mesh.r()) {
      density.push_back(4.0 * kPi * r * r * (field(r).density + coarse.interpolate(tails, r)));
    }
    const auto add = [&](const atom::Orbital& orbital, double electrons) {
      const auto u = transition::core_orbital(atom, {orbital.n, orbital.l, 0.0}, mesh).u;
      for (std::size_t k = 0; k < u.size(); ++k) density[k] += electrons * u[k] * u[k];
    };
    for (std::size_t o = 0; o < atom.orbitals.size(); ++o) {
      const atom::Orbital& orbital = atom.orbitals[o];
      const bool hole = i == 0 && excitation.hole && orbital.n == excitation.core.n &&
                        orbital.l == excitation.core.l;
      if (levels[a][o] <= bottom) {
        add(orbital, -orbital.occupation);
      } else if (hole) {
        add(orbital, 1.0);
      }
    }
    all.push_back(std::move(density));
  }
  return all;
}

std::vector<double> electrons_in_spheres(const potential::MuffinTinPotential& muffin_tin,
                                         const std::vector<std::vector<double>>& density) {
  std::vector<double> electrons;
  for (std::size_t a = 0; a < density.size(); ++a) {
    const std::vector<double>& weights = muffin_tin.mesh(static_cast<int>(a)).weights();
    electrons.push_back(
        std::inner_product(weights.begin(), weights.end(), density[a].begin(), 0.0));
  }
  return electrons;
}

double first_guess(const potential::PotentialModel& counted, double bottom) {
  return std::max(counted.outer_level(0.0), bottom) + kAboveV0;
}

double fermi_level(MPI_Comm comm, const io::Input& input, const SiteAtoms& atoms,
                   const potential::SuperposedPotential& model, std::optional<double> filled_to) {
  const CountingModel counting =
      counting_model(comm, input, atoms, model, filled_to ? kStatesRadius : kLevelRadius);
  scattering::StateCounter counter(*counting.engine);
  if (filled_to) return scattering::out_of_band(counter, *filled_to);
  const potential::MuffinTinPotential& muffin_tin = *counting.muffin_tin;
  scattering::Filling filling;
  filling.bottom = valence_bottom(atoms, static_cast<int>(muffin_tin.radii().size()));
  filling.start = first_guess(*counting.ground_state, filling.bottom);
  const auto electrons = electrons_in_spheres(
      muffin_tin, superposed_valence(atoms, model, muffin_tin, filling.bottom));
  filling.electrons = std::accumulate(electrons.begin(), electrons.end(), 0.0);
  return scattering::out_of_band(counter, scattering::fill_states(counter, filling).fermi);
}

}  // namespace kedge::campaign
