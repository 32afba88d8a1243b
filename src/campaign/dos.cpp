// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/dos.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <sstream>
#include <string>

#include "kedge/campaign/fermi_level.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/io/results_file.hpp"

namespace kedge::campaign {

std::vector<int> dos_atoms(const io::Input& input,
                           std::span<const structure::Structure> structures) {
  if (input.dos.atoms == "none") return {};
  std::set<int> numbers;
  std::istringstream names(input.dos.atoms);
  for (std::string name; std::getline(names, name, ',');) {
    name.erase(0, name.find_first_not_of(" \t"));
    name.erase(name.find_last_not_of(" \t") + 1);
    const std::size_t before = numbers.size();
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool is_number = error == std::errc() && end == name.data() + name.size();
    const auto element = atomic_number(name);
    bool found = false;
    for (const structure::Structure& structure : structures) {
      for (std::size_t i = 0; i < structure.sites.size(); ++i) {
        const int own = static_cast<int>(i) + 1;
        if (is_number ? own != number : !element || structure.sites[i].atomic_number != *element) {
          continue;
        }
        numbers.insert(own);
        found = true;
      }
    }
    if (!found || numbers.size() == before) {
      throw Error(
          ErrorKind::input,
          fmt::format(
              "dos.atoms = {}: '{}' is {}; wanted elements and atom numbers of {}, each once",
              input.dos.atoms, name, found ? "named twice" : "not in the structure",
              structures.front().source));
    }
  }
  for (const structure::Structure& structure : structures) {
    if (*numbers.rbegin() <= static_cast<int>(structure.sites.size())) continue;
    throw Error(ErrorKind::input,
                fmt::format("dos.atoms = {}: {} has no atom {}; wanted atoms that all structures "
                            "have",
                            input.dos.atoms, structure.source, *numbers.rbegin()));
  }
  return {numbers.begin(), numbers.end()};
}

std::vector<double> projected_dos(MPI_Comm comm, const io::Input& input,
                                  const structure::Structure& structure, const SiteAtoms& atoms,
                                  const potential::SuperposedPotential& model, double fermi) {
  const std::vector<int> wanted = dos_atoms(input, {&structure, 1});
  if (wanted.empty()) return {};
  const CountingModel counting = counting_model(comm, input, atoms, model, kStatesRadius);
  const std::size_t n_energy = input.dos.grid_ev.size();
  const std::size_t per_atom = io::kDosMomenta * n_energy;
  std::vector<double> dos(wanted.size() * per_atom, std::numeric_limits<double>::quiet_NaN());
  const auto& places = atoms.cluster().atoms;
  for (std::size_t e = 0; e < n_energy; ++e) {
    const std::complex<double> energy(fermi + hartree_from_ev(input.dos.grid_ev[e]),
                                      hartree_from_ev(input.dos.width_ev));
    const auto green = counting.engine->green_of_all(energy);
    for (std::size_t w = 0; w < wanted.size(); ++w) {
      const auto is_it = [&](const structure::ClusterAtom& atom) {
        return atom.site + 1 == wanted[w];
      };
      const auto a = static_cast<std::size_t>(std::find_if(places.begin(), places.end(), is_it) -
                                              places.begin());
      if (a >= green.size()) continue;
      const Eigen::VectorXd states =
          density_of_states(green[a], counting.engine->mesh(static_cast<int>(a)));
      for (int l = 0; l < static_cast<int>(io::kDosMomenta); ++l) {
        const bool there = (l + 1) * (l + 1) <= states.size();
        dos[w * per_atom + static_cast<std::size_t>(l) * n_energy + e] =
            there ? 2.0 * states.segment(l * l, 2 * l + 1).sum() / kHartreeEv : 0.0;
      }
    }
  }
  return dos;
}

}  // namespace kedge::campaign
