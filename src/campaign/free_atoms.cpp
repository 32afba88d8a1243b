// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/free_atoms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/sphere_radii.hpp"
#include "kedge/structure/cluster.hpp"

namespace kedge::campaign {

namespace {

/// "2p" -> n = 2, l = 1; "auto" -> n = 0.
atom::Shell named_shell(const std::string& text) {
  if (text == "auto") return {};
  return atom::with_shells({}, text + "0").front();
}

const structure::Site& site_at(const structure::Structure& structure, int site) {
  return structure.sites.at(static_cast<std::size_t>(site));
}

/// 0-based site of the 1-based atom number, or nothing if the text is an element.
std::optional<int> numbered_site(const std::string& name) {
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number - 1;
}

/// First site that a name of an element or atom means; such names come from the parser. Empty if a
/// vacancy may have taken it out.
/// @throws Error{input} if there is none
std::optional<int> first_site(const structure::Structure& structure, const std::string& name,
                              const char* key) {
  const int count = static_cast<int>(structure.sites.size());
  if (const auto site = numbered_site(name)) {
    if (*site >= 0 && *site < count) {
      return site_at(structure, *site).atomic_number == 0 ? std::nullopt : site;
    }
    throw Error(ErrorKind::input, fmt::format("{}: there is no atom {}, wanted a number from 1 to "
                                              "{} or an element of {}",
                                              key, name, count, structure.source));
  }
  const auto number = atomic_number(name);
  for (int site = 0; site < count; ++site) {
    if (number && site_at(structure, site).atomic_number == *number) return site;
  }
  const bool vacancies = std::any_of(structure.sites.begin(), structure.sites.end(),
                                     [](const auto& site) { return site.atomic_number == 0; });
  if (vacancies) return std::nullopt;
  throw Error(ErrorKind::input,
              fmt::format("{}: there is no {} in {}", key, name, structure.source));
}

void check_configurations(const io::Input& input, const structure::Structure& structure) {
  for (const auto& [name, shells] : input.atoms.configuration) {
    const auto site = first_site(structure, name, "atoms.configuration");
    if (!site) continue;
    const int z = site_at(structure, *site).atomic_number;
    try {
      (void)atom::solve_atom(z, atom::with_shells(atom::ground_state(z), shells),
                             atom_options(input));
    } catch (const Error& error) {
      throw Error(ErrorKind::input,
                  fmt::format("atoms.configuration = {}:{}: {}", name, shells, error.what()));
    }
  }
}

/// The self-consistent atom does not depend on screening and dilatation, which change its density
/// afterwards; so the extremes of the lists stand for all cases.
std::vector<CaseParameters> extreme_cases(const io::Input& input) {
  const auto& screening = input.absorber.screening;
  const auto& dilatorb = input.absorber.dilatorb;
  const auto larger = [](double a, double b) { return std::abs(a) < std::abs(b); };
  const double stretch = *std::max_element(dilatorb.begin(), dilatorb.end(), larger);
  const auto [least, most] = std::minmax_element(screening.begin(), screening.end());
  if (*least == *most) return {{*least, stretch}};
  return {{*least, stretch}, {*most, stretch}};
}

void check_excitation(const io::Input& input, int atomic_number,
                      const atom::Configuration& ground) {
  for (const CaseParameters& parameters : extreme_cases(input)) {
    const atom::Excitation excited = excitation(input, parameters);
    const atom::Shell& screening = excited.screening_orbital;
    if (excited.hole && screening.n == excited.core.n && screening.l == excited.core.l) {
      throw Error(ErrorKind::input,
                  fmt::format("absorber.screening_orbital = {} is the core shell of the {} edge: "
                              "its electron would fill the hole; wanted a valence orbital",
                              input.absorber.screening_orbital, input.edge.name));
    }
    const atom::Atom atom = atom::excited_atom(atomic_number, ground, excited, atom_options(input));
    for (const atom::Orbital& orbital : atom.orbitals) {
      const double capacity = 2.0 * (2 * orbital.l + 1);
      if (orbital.occupation <= capacity + 1e-9) continue;
      throw Error(
          ErrorKind::input,
          fmt::format("absorber.screening = {:g} puts {:g} electrons into {}{}, which holds "
                      "{:g}; wanted less, or another absorber.screening_orbital",
                      parameters.screening, orbital.occupation, orbital.n, "spdfgh"[orbital.l],
                      capacity));
    }
  }
}

void check_absorbers(const io::Input& input, const structure::Structure& structure,
                     const std::vector<int>& absorbers) {
  std::set<std::string> tried;
  for (const int site : absorbers) {
    const structure::Site& absorber = site_at(structure, site);
    const atom::Configuration ground = configuration(input, absorber.atomic_number, site);
    if (!tried.insert(atom::to_string(ground)).second) continue;
    try {
      check_excitation(input, absorber.atomic_number, ground);
    } catch (Error& error) {
      error.add_context(fmt::format("absorber {} (atom {})", absorber.label, site + 1));
      throw;
    }
  }
}

/// Given muffin tins may overlap as far as potential.muffin_tin_overlap may ask, and never reach a
/// nucleus: the mean over their surface would then be that of its singularity.
void check_muffin_tins(const io::Input& input, const structure::Structure& structure,
                       const std::vector<int>& absorbers) {
  constexpr double kMostOverlap = 1.3;     // sum of two radii over the distance
  constexpr double kNearestNucleus = 0.9;  // radius over the distance
  const auto& given = input.potential.muffin_tin_radius_angstrom;
  for (const auto& [name, angstrom] : given) {
    (void)first_site(structure, name, "potential.muffin_tin_radius");
  }
  if (given.empty()) return;
  const double radius = bohr_from_angstrom(input.structure.radius_angstrom);
  for (const int site : absorbers) {
    const structure::Cluster cluster = structure::cut_cluster(structure, site, radius, radius);
    const std::vector<double> radii = given_muffin_tin_radii(input, cluster);
    for (std::size_t a = 0; a < radii.size(); ++a) {
      for (std::size_t b = 0; b < radii.size(); ++b) {
        if (a == b || radii[a] == 0.0) continue;
        const double scale = 1.0 + input.potential.muffin_tin_overlap;
        const double d = (cluster.atoms[a].position_cart - cluster.atoms[b].position_cart).norm();
        if (scale * radii[a] <= kNearestNucleus * d &&
            scale * (radii[a] + radii[b]) <= kMostOverlap * d) {
          continue;
        }
        throw Error(
            ErrorKind::input,
            fmt::format("potential.muffin_tin_radius: the spheres of atoms {} and {}, {:.4f} "
                        "Angstrom apart, have radii of "
                        "{:g} and {:g} Angstrom{}; wanted a sum of at most {:g} and each at most "
                        "{:g} of the distance",
                        cluster.atoms[a].site + 1, cluster.atoms[b].site + 1, angstrom_from_bohr(d),
                        angstrom_from_bohr(scale * radii[a]), angstrom_from_bohr(scale * radii[b]),
                        radii[b] == 0.0 ? " (0: by rule)" : "", kMostOverlap, kNearestNucleus));
      }
    }
  }
}

void check_spheres(const io::Input& input, const structure::Structure& structure,
                   const std::vector<int>& absorbers) {
  const auto& given = input.engine.sphere_radius_angstrom;
  if (given.empty()) return;
  std::map<int, double> by_element;
  for (const auto& [name, angstrom] : given) {
    const auto site = first_site(structure, name, "engine.sphere_radius");
    if (numbered_site(name)) {
      const std::string instead =
          site ? fmt::format(", {}:{:g}", element_symbol(site_at(structure, *site).atomic_number),
                             angstrom)
               : "";
      throw Error(ErrorKind::input,
                  fmt::format("engine.sphere_radius = {}:{:g}: the spheres of the grid are those "
                              "of an element; give them by element{}",
                              name, angstrom, instead));
    }
    if (!site) continue;
    by_element[site_at(structure, *site).atomic_number] = bohr_from_angstrom(angstrom);
  }
  const double radius = bohr_from_angstrom(input.structure.radius_angstrom);
  for (const int site : absorbers) {
    const structure::Cluster cluster = structure::cut_cluster(structure, site, radius, radius);
    std::vector<potential::Nucleus> nuclei;
    for (int a = 0; a < cluster.n_scatterers; ++a) {
      const auto& atom = cluster.atoms[static_cast<std::size_t>(a)];
      nuclei.push_back({atom.position_cart, atom.atomic_number});
    }
    (void)fdm::sphere_radii(nuclei, by_element);
  }
}

}  // namespace

atom::AtomOptions atom_options(const io::Input& input) {
  atom::AtomOptions options;
  options.relativity =
      input.atoms.relativity == "none" ? atom::Relativity::none : atom::Relativity::scalar;
  if (input.atoms.functional == "vosko-wilk-nusair") {
    options.functional = atom::Functional::vosko_wilk_nusair;
  }
  if (input.atoms.functional == "perdew-wang") {
    options.functional = atom::Functional::perdew_wang;
  }
  return options;
}

std::vector<double> given_muffin_tin_radii(const io::Input& input,
                                           const structure::Cluster& cluster) {
  const auto& given = input.potential.muffin_tin_radius_angstrom;
  std::vector<double> radii;
  for (int a = 0; a < cluster.n_scatterers; ++a) {
    const auto& atom = cluster.atoms[static_cast<std::size_t>(a)];
    auto found = given.find(std::to_string(atom.site + 1));
    if (found == given.end()) found = given.find(std::string(element_symbol(atom.atomic_number)));
    radii.push_back(found == given.end() ? 0.0 : bohr_from_angstrom(found->second));
  }
  return radii;
}

atom::Configuration configuration(const io::Input& input, int atomic_number, int site) {
  const auto& given = input.atoms.configuration;
  auto found = given.find(std::to_string(site + 1));
  if (found == given.end()) found = given.find(std::string(element_symbol(atomic_number)));
  const atom::Configuration ground = atom::ground_state(atomic_number);
  return found == given.end() ? ground : atom::with_shells(ground, found->second);
}

atom::Excitation excitation(const io::Input& input, const CaseParameters& parameters) {
  atom::Excitation excited;
  excited.core = atom::core_level_of_edge(input.edge.name);
  excited.hole = input.absorber.core_hole;
  excited.screening = parameters.screening;
  excited.screening_orbital = named_shell(input.absorber.screening_orbital);
  excited.dilatation = parameters.dilatorb;
  excited.dilated_orbital = named_shell(input.absorber.dilated_orbital);
  return excited;
}

void check_given_radii(const io::Input& input, const structure::Structure& structure,
                       const std::vector<int>& absorbers) {
  check_muffin_tins(input, structure, absorbers);
  check_spheres(input, structure, absorbers);
}

void check_atoms(const io::Input& input, const structure::Structure& structure,
                 const std::vector<int>& absorbers) {
  check_given_radii(input, structure, absorbers);
  check_configurations(input, structure);
  check_absorbers(input, structure, absorbers);
}

}  // namespace kedge::campaign
