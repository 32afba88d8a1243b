// SPDX-License-Identifier: BSD-3-Clause
#include "key_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/units.hpp"

namespace kedge::io {

namespace {

std::array<double, 3> unit_vector(const Value& value) {
  const double length = std::hypot(value.numbers[0], value.numbers[1], value.numbers[2]);
  return {value.numbers[0] / length, value.numbers[1] / length, value.numbers[2] / length};
}

/// Keys of the grid and of the reduced model for this error of S. What the step errs by is of the
/// stencil's fourth order. Of the eleven borons of NaCB11H12 it is told as 1.005 % of the largest S
/// at 0.25 Angstrom where it is most, a safety of 1.25 included; the rest is to spare
/// (docs/accuracy.md).
void set_accuracy(Input::Engine& engine, double accuracy) {
  constexpr double kCoarsest = 0.35;  // [Angstrom]: the smallest spheres are 1.5 steps wide
  constexpr double kStep = 0.25;      // [Angstrom]
  constexpr double kErrorThere = 0.0105;
  engine.accuracy = accuracy;
  engine.spacing_angstrom = std::min(kCoarsest, kStep * std::pow(accuracy / kErrorThere, 0.25));
  engine.reduction_tolerance = std::max(5e-3, accuracy);
}

/// Seconds of "90" (minutes), "1:30:00" or "2-01:30:00".
double duration_seconds(const std::string& text) {
  const auto refuse = [&]() -> Error {
    return {ErrorKind::input,
            fmt::format("found '{}', wanted minutes, h:mm:ss or days-h:mm:ss, more than 0", text)};
  };
  std::vector<double> parts;
  std::string_view rest = text;
  const auto dash = rest.find('-');
  const bool has_days = dash != std::string_view::npos && dash > 0;
  for (bool more = true; more;) {
    const auto end =
        std::min(rest.find_first_of(parts.empty() && has_days ? "-" : ":"), rest.size());
    double value = 0.0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + end, value);
    if (error != std::errc() || stop != rest.data() + end || !(value >= 0.0)) throw refuse();
    parts.push_back(value);
    more = end < rest.size();
    if (more) rest.remove_prefix(end + 1);
  }
  double seconds = -1.0;
  if (parts.size() == 1) seconds = 60.0 * parts[0];
  if (!has_days && parts.size() == 3) seconds = 3600.0 * parts[0] + 60.0 * parts[1] + parts[2];
  if (has_days && parts.size() == 4) {
    seconds = 86400.0 * parts[0] + 3600.0 * parts[1] + 60.0 * parts[2] + parts[3];
  }
  if (!(seconds > 0.0 && seconds < 1e9)) throw refuse();
  return seconds;
}

/// Parts of a text between commas, without blanks.
std::vector<std::string> names(const std::string& text) {
  std::vector<std::string> found(1);
  for (const char c : text) {
    if (c == ',') {
      found.emplace_back();
    } else if (c != ' ' && c != '\t') {
      found.back() += c;
    }
  }
  return found;
}

std::optional<double> unless_word(const Value& value) {
  if (value.is_word) return std::nullopt;
  return value.numbers.front();
}

std::vector<Key> make_table() {
  using enum ValueType;
  // clang-format off
  return {
      {"structure", "file", text, "", "", {}, {},
       "Structure file, .xyz or .cif; a relative path starts at the folder of the input file",
       [](Input& in, const Value& v) { in.structure.file = v.text; }},
      {"structure", "absorber", text, "", "", {}, {},
       "Absorbing atoms: an element (in a crystal one site of each symmetry class), or "
       "1-based atom numbers and ranges of them, 2,3,12 or 2-12",
       [](Input& in, const Value& v) { in.structure.absorber = v.text; }},
      {"structure", "radius", number, "Angstrom", "5.0", {0.0, 30.0, true}, {},
       "Radius of the cluster around each absorber",
       [](Input& in, const Value& v) { in.structure.radius_angstrom = v.numbers[0]; }},
      {"structure", "frame", integer, "", "all", {1.0, 1e7}, {"all"},
       "Structure of an .xyz file that holds several, counted from 1; all: each makes a case",
       [](Input& in, const Value& v) { in.structure.frame = v.is_word ? 0 : static_cast<int>(v.numbers[0]); }},
      {"structure", "weights", text, "", "none", {}, {"none", "equal"},
       "Average over the cases of different frames or files, with these weights: equal, or one number for each; none: no average",
       [](Input& in, const Value& v) { in.structure.weights = v.text; }},
      {"structure", "strain", number, "", "0", {-0.3, 0.3}, {},
       "Fraction by which all lengths grow",
       [](Input& in, const Value& v) { in.structure.edit.strain = v.numbers[0]; }},
      {"structure", "strain_along", vector, "", "isotropic", {-1e3, 1e3}, {"isotropic"},
       "Direction of the strain in Cartesian axes x, y, z; isotropic: all directions alike",
       [](Input& in, const Value& v) {
         in.structure.edit.strain_along.reset();
         if (v.is_word) return;
         const std::array<double, 3> along = unit_vector(v);
         in.structure.edit.strain_along = Eigen::Vector3d(along[0], along[1], along[2]);
       }},
      {"structure", "displace", text, "", "none", {}, {"none"},
       "Atoms that are displaced together: 25, or 1-12,25",
       [](Input& in, const Value& v) {
         in.structure.edit.displaced.clear();
         if (!v.is_word) in.structure.edit.displaced = structure::parse_atoms(v.text);
       }},
      {"structure", "displace_along", text, "", "none", {}, {"none"},
       "Direction of the displacement: x, y, z; from 1-12 or to 1-12 (the line through the centres of these atoms and of the "
       "displaced ones); normal 7,8,12 (of the plane of three atoms, to the side of the displaced ones)",
       [](Input& in, const Value& v) {
         in.structure.edit.along = v.is_word ? structure::Direction{} : structure::parse_direction(v.text);
       }},
      {"structure", "displace_by", number, "Angstrom", "0", {-50.0, 50.0}, {},
       "Length of the displacement",
       [](Input& in, const Value& v) { in.structure.edit.distance = bohr_from_angstrom(v.numbers[0]); }},
      {"structure", "swap", text, "", "none", {}, {"none"},
       "Two atoms that exchange their places, 1<->7; 1<->2-12 is a list of eleven, 1<->7+3<->5 does both at once",
       [](Input& in, const Value& v) { in.structure.edit.swaps = structure::parse_swaps(v.text); }},
      {"structure", "vacancy", text, "", "none", {}, {"none"},
       "Atom that is taken out, 25; 13-24 is a list of twelve, 24+25 takes out both",
       [](Input& in, const Value& v) { in.structure.edit.vacancies = structure::parse_vacancies(v.text); }},

      {"cases", "combine", choice, "", "product", {}, {"product", "zip"},
       "How lists make cases: product: all combinations, the list that comes first changing slowest; zip: the first values of all "
       "lists together, then the second ones, and so on",
       [](Input& in, const Value& v) { in.cases.zip = v.text == "zip"; }},
      {"cases", "distances", text, "", "none", {}, {"none"},
       "Atoms (elements or numbers: Na, 1) whose distance from each absorber is tabulated; of an element the nearest atom",
       [](Input& in, const Value& v) { in.cases.distances = v.is_word ? std::vector<std::string>() : names(v.text); }},

      {"edge", "name", choice, "", "K", {},
       {"K", "L1", "L2", "L3", "L23", "M1", "M2", "M3", "M23", "M4", "M5", "M45"},
       "Edge: the core shell that is excited. Edge energies are tabulated for K and L only: M edges are refused",
       [](Input& in, const Value& v) { in.edge.name = v.text; }},

      {"absorber", "screening", numbers, "electron", "1.0", {-1.0, 2.0}, {},
       "Electrons put back into the screening orbital of the absorber with a core hole; a "
       "list makes cases",
       [](Input& in, const Value& v) { in.absorber.screening = v.numbers; }},
      {"absorber", "dilatorb", numbers, "", "0.0", {-0.5, 3.0}, {},
       "Stretch c of the valence orbital, u'(r) = N u(r/(1+c)); a list makes cases",
       [](Input& in, const Value& v) { in.absorber.dilatorb = v.numbers; }},
      {"absorber", "screening_orbital", orbital, "", "auto", {}, {"auto"},
       "Orbital that receives the screening charge; auto: by element (2p for B to F)",
       [](Input& in, const Value& v) { in.absorber.screening_orbital = v.text; }},
      {"absorber", "dilated_orbital", orbital, "", "auto", {}, {"auto"},
       "Orbital stretched by dilatorb; auto: the screening orbital",
       [](Input& in, const Value& v) { in.absorber.dilated_orbital = v.text; }},
      {"absorber", "core_hole", flag, "", "yes", {}, {},
       "Take one electron out of the core shell; no: ground-state absorber",
       [](Input& in, const Value& v) { in.absorber.core_hole = v.numbers[0] != 0.0; }},
      {"absorber", "core_orbital", choice, "", "ground", {}, {"ground", "excited"},
       "Core orbital in the matrix elements: of the ground-state or of the excited atom",
       [](Input& in, const Value& v) { in.absorber.core_orbital = v.text; }},

      {"atoms", "relativity", choice, "", "scalar", {}, {"scalar", "none"},
       "Scalar-relativistic or non-relativistic atoms",
       [](Input& in, const Value& v) { in.atoms.relativity = v.text; }},
      {"atoms", "functional", choice, "", "hedin-lundqvist", {},
       {"hedin-lundqvist", "vosko-wilk-nusair", "perdew-wang"},
       "Exchange-correlation of the atoms and of the ground-state cluster potential (Dirac "
       "exchange and this correlation)",
       [](Input& in, const Value& v) { in.atoms.functional = v.text; }},
      {"atoms", "configuration", shells_map, "", "ground", {}, {"ground"},
       "Shells that replace those of the neutral ground state, by element or atom: B:2s2 2p1, "
       "12:2s1 2p2",
       [](Input& in, const Value& v) { in.atoms.configuration = v.map; }},

      {"potential", "energy_dependent", flag, "", "yes", {}, {},
       "Multiply exchange-correlation by the Hedin-Lundqvist factor of the photoelectron "
       "energy",
       [](Input& in, const Value& v) { in.potential.energy_dependent = v.numbers[0] != 0.0; }},
      {"potential", "plasmon_damping", number, "", "0.1", {0.0, 0.9}, {},
       "Half width of the plasmons in that factor over their energy (0.02 in Na and Al, 0.1 in Si and Ge, 0.15 in Li); 0: "
       "plasmons that live for ever, and a cusp in the potential where an electron begins to emit them",
       [](Input& in, const Value& v) { in.potential.plasmon_damping = v.numbers[0]; }},
      {"potential", "outer", number, "eV", "auto", {-100.0, 100.0}, {"auto", "vacuum"},
       "Potential outside the cluster, from the vacuum; auto: the interstitial level V0; "
       "vacuum: 0",
       [](Input& in, const Value& v) {
         in.potential.outer_ev = v.text == "vacuum" ? 0.0 : unless_word(v);
       }},

      {"potential", "muffin_tin_radius", number_map, "Angstrom", "auto", {0.2, 4.0}, {"auto"},
       "Muffin-tin radii by element or atom: B:0.88, 12:0.9. They bound the spheres of multiple "
       "scattering and the region whose mean is V0; auto: where all potentials reach one level, or by "
       "the ratio of Norman radii",
       [](Input& in, const Value& v) {
         for (const auto& [atom, radius] : v.map) {
           in.potential.muffin_tin_radius_angstrom[atom] = std::strtod(radius.c_str(), nullptr);
         }
       }},
      {"potential", "muffin_tin_overlap", number, "", "0.1", {0.0, 0.3}, {},
       "Multiple scattering: its spheres are this fraction larger than the muffin-tin radii, given or by "
       "rule, and overlap; results move by 1 to 2 eV for 0.1 in a cage of light atoms",
       [](Input& in, const Value& v) { in.potential.muffin_tin_overlap = v.numbers[0]; }},

      {"potential", "self_consistent", flag, "", "no", {}, {},
       "Feed the density of the occupied states in the muffin tins back until it stays, core hole "
       "and screening in place; no: superposed free atoms",
       [](Input& in, const Value& v) { in.potential.self_consistent = v.numbers[0] != 0.0; }},
      {"potential", "mixing", number, "", "0.3", {0.0, 1.0, true}, {},
       "Self-consistent potential: share of the new density in a step, before Anderson's acceleration",
       [](Input& in, const Value& v) { in.potential.mixing = v.numbers[0]; }},

      {"energy", "grid", grid, "eV", "", {-200.0, 2000.0}, {},
       "Energies from the Fermi level: values and ranges start:step:stop in increasing order, "
       "-5:0.25:12, 12:0.5:30",
       [](Input& in, const Value& v) {
         in.energy.grid_ev = v.numbers;
         in.energy.grid_text = v.text;
       }},
      {"energy", "fermi", numbers, "eV", "auto", {-100.0, 100.0}, {"auto"},
       "Fermi level from the vacuum (negative); auto: occupied states of each case and site are "
       "counted with multiple scattering. A list has one value for each value of "
       "absorber.screening, in the same order, and makes no cases of its own",
       [](Input& in, const Value& v) {
         if (v.numbers.size() == 1) in.energy.fermi_ev = v.numbers[0];
         if (v.numbers.size() > 1) in.energy.fermi_by_screening_ev = v.numbers;
       }},

      {"dos", "atoms", text, "", "none", {}, {},
       "Atoms whose projected density of states is computed about each absorber, by multiple "
       "scattering: elements and 1-based atom numbers, B, 25; none: no density of states",
       [](Input& in, const Value& v) { in.dos.atoms = v.text; }},
      {"dos", "grid", grid, "eV", "-15:0.25:10", {-200.0, 200.0}, {},
       "Energies of the density of states from the Fermi level",
       [](Input& in, const Value& v) { in.dos.grid_ev = v.numbers; }},
      {"dos", "width", number, "eV", "0.25", {0.0, 5.0, true}, {},
       "Density of states: half width at half maximum of the Lorentzian of each state",
       [](Input& in, const Value& v) { in.dos.width_ev = v.numbers[0]; }},

      {"xrs", "q", numbers, "1/Angstrom", "", {0.0, 50.0, true}, {},
       "Momentum transfer; a list gives several spectra from one solve",
       [](Input& in, const Value& v) { in.xrs.q_per_angstrom = v.numbers; }},
      {"xrs", "lmax", integer, "", "3", {0.0, 4.0}, {},
       "Largest angular momentum of the final states; each l is also stored",
       [](Input& in, const Value& v) { in.xrs.lmax = static_cast<int>(v.numbers[0]); }},
      {"xrs", "direction", vector, "", "powder", {-1e3, 1e3}, {"powder"},
       "Direction of q in Cartesian axes x, y, z (in a crystal a along x, b in the plane of x and y), seen by all equivalent sites each in "
       "its own way; powder: average over all directions",
       [](Input& in, const Value& v) { if (!v.is_word) in.xrs.direction = unit_vector(v); }},
      {"xrs", "orthogonal_monopole", flag, "", "yes", {}, {},
       "Orthogonalise the l = 0 transition operator to the core orbital; no: as FDMNES does",
       [](Input& in, const Value& v) { in.xrs.orthogonal_monopole = v.numbers[0] != 0.0; }},

      {"xanes", "polarization", vector, "", "isotropic", {-1e3, 1e3}, {"isotropic"},
       "Polarisation of the light for the absorption spectrum, in axes as those of xrs.direction; isotropic: average over all directions",
       [](Input& in, const Value& v) { if (!v.is_word) in.xanes.polarization = unit_vector(v); }},
      {"xanes", "quadrupole", flag, "", "no", {}, {},
       "Add the electric quadrupole to the isotropic absorption spectrum",
       [](Input& in, const Value& v) { in.xanes.quadrupole = v.numbers[0] != 0.0; }},

      {"engine", "kind", choice, "", "fdm", {}, {"fdm", "ms"},
       "fdm: finite differences in the true shape of the potential; ms: multiple scattering in "
       "its muffin-tin version, much faster",
       [](Input& in, const Value& v) { in.engine.kind = v.text; }},
      {"engine", "spacing", number, "Angstrom", "auto", {0.05, 0.6}, {"auto"},
       "Finite differences: step of the real-space grid; auto: 0.25, or by engine.accuracy",
       [](Input& in, const Value& v) {
         if (!v.is_word) in.engine.spacing_angstrom = v.numbers[0];
       }},
      {"engine", "order", choice, "", "4", {}, {"4", "6", "8"},
       "Finite differences: order of the Laplacian",
       [](Input& in, const Value& v) { in.engine.order = std::atoi(v.text.c_str()); }},
      {"engine", "stencil", choice, "", "auto", {}, {"auto", "star"},
       "Finite differences: auto: at order 4 the compact Laplacian of the 19 points within one step, a star of points along the axes at "
       "orders 6 and 8; star: at order 4 too, less accurate and dearer",
       [](Input& in, const Value& v) { in.engine.stencil = v.text; }},
      {"engine", "energies", choice, "", "auto", {}, {"auto", "direct", "reduced"},
       "Finite differences: a factorisation for every energy (direct), or a few of them and a reduced model of the whole grid of energies "
       "with an estimate of its error (reduced); auto: reduced from 24 energies on. Energies within 0.01 eV of the level outside "
       "are always direct; of a bound state below it direct energies show nothing",
       [](Input& in, const Value& v) { in.engine.energies = v.text; }},
      {"engine", "reduction_tolerance", number, "", "auto", {5e-3, 0.1}, {"auto"},
       "Finite differences: largest estimated error of the reduced model, relative to the largest density of the window; auto: 0.01, or by "
       "engine.accuracy",
       [](Input& in, const Value& v) {
         if (!v.is_word) in.engine.reduction_tolerance = v.numbers[0];
       }},
      {"engine", "accuracy", number, "", "none", {2e-3, 0.04}, {"none"},
       "Finite differences: error of S wanted, relative to its largest value, of the grid and of the reduced model each; picks their keys that "
       "are auto: the step is 0.294 Angstrom for 0.02, 0.247 for 0.01, 0.35 at most",
       [](Input& in, const Value& v) {
         if (!v.is_word) set_accuracy(in.engine, v.numbers[0]);
       }},
      {"engine", "grid_error", choice, "", "auto", {}, {"auto", "yes", "no"},
       "Finite differences with a reduced model: estimate the error of the grid by a second model on a grid of 1.25 times the step "
       "(1.12 where that is too coarse for the spheres of the atoms, none where this is too), some 60 % more time (a case that shares its model gets one of its own on both grids); yes: of every spectrum; auto: with engine.accuracy, and of cases that differ in screening or dilatation only in the first",
       [](Input& in, const Value& v) { in.engine.grid_error = v.text; }},
      {"engine", "precision", choice, "", "single", {}, {"single", "double"},
       "Finite differences with a reduced model: precision of its basis and of what is projected on it. Single leaves up to 1e-4 of the largest S at narrow states, "
       "by which runs with different parallel.ranks_per_solve differ; with double they agree to rounding, for two thirds more time and a tenth more memory. Direct solves are in double either way",
       [](Input& in, const Value& v) { in.engine.precision = v.text; }},
      {"engine", "energy_cell", number, "eV", "1.0", {0.0, 5.0}, {},
       "Finite differences: with a reduced model each energy sees the spectrum through a Gaussian with 0.6 of the distance to its "
       "neighbours as standard deviation, so that a narrow state counts in full wherever it lies, and [broadening] adds what is missing "
       "to instrument; largest such distance, 0: the values at the energies. Direct solves always give those",
       [](Input& in, const Value& v) { in.engine.energy_cell_ev = v.numbers[0]; }},
      {"engine", "family_size", integer, "", "auto", {1.0, 1000.0}, {"auto"},
       "Finite differences: most cases of a site, differing in screening and dilatorb only, that share one reduced model, whose "
       "operator is interpolated between few of them (5 of a list, 15 of a map). A family is one unit of work. auto: those that differ "
       "in screening only, where there are 5 or more; ten take half of their time alone, with twice the memory. 1: none, for more ranks "
       "than sites x families",
       [](Input& in, const Value& v) {
         in.engine.family_size = v.is_word ? 0 : static_cast<int>(v.numbers[0]);
       }},
      {"engine", "atom_lmax", integer, "", "2", {0.0, 4.0}, {},
       "Finite differences: largest angular momentum of the projectors of the atoms (H, He: one less, "
       "at least 1; absorber: at least xrs.lmax)",
       [](Input& in, const Value& v) { in.engine.atom_lmax = static_cast<int>(v.numbers[0]); }},
      {"engine", "outer_radius", number, "Angstrom", "auto", {0.5, 100.0}, {"auto"},
       "Finite differences: radius of the computed sphere, beyond which the potential is the level outside. Never less than that of "
       "the cluster and the rims of its atoms' spheres, which is auto; atoms beyond the cluster keep their potential there, but for "
       "their cores",
       [](Input& in, const Value& v) { in.engine.outer_radius_angstrom = v.is_word ? 0.0 : v.numbers[0]; }},
      {"engine", "outer_lmax", integer, "", "auto", {0.0, 60.0}, {"auto"},
       "Finite differences: largest angular momentum of the waves outside the cluster, the same at all energies; auto: from "
       "the largest wave number and the radius, at least 13 (9 on spheres of few steps)",
       [](Input& in, const Value& v) {
         in.engine.outer_lmax = v.is_word ? -1 : static_cast<int>(v.numbers[0]);
       }},
      {"engine", "ms_lmax", integer, "", "auto", {0.0, 8.0}, {"auto"},
       "Multiple scattering: largest angular momentum of the partial waves of every atom; auto: "
       "by the wave number at the highest energy and the muffin-tin radius, 2 to 4 for light "
       "atoms",
       [](Input& in, const Value& v) {
         in.engine.ms_lmax = v.is_word ? -1 : static_cast<int>(v.numbers[0]);
       }},
      {"engine", "sphere_radius", number_map, "Angstrom", "auto", {0.2, 3.0}, {"auto"},
       "Finite differences: radii of the atomic spheres by element: B:0.7, H:0.45",
       [](Input& in, const Value& v) {
         for (const auto& [atom, radius] : v.map) {
           in.engine.sphere_radius_angstrom[atom] = std::strtod(radius.c_str(), nullptr);
         }
       }},
      {"engine", "grid_offset", vector, "step", "0, 0, 0", {-0.5, 0.5}, {},
       "Finite differences: position of a grid node relative to the absorber",
       [](Input& in, const Value& v) {
         in.engine.grid_offset = {v.numbers[0], v.numbers[1], v.numbers[2]};
       }},

      {"parallel", "ranks_per_solve", integer, "", "auto", {1.0, 4096.0}, {"auto"},
       "MPI ranks that share one solve; auto: 1, so that energies and sites are spread over "
       "the ranks",
       [](Input& in, const Value& v) {
         in.parallel.ranks_per_solve = v.is_word ? 0 : static_cast<int>(v.numbers[0]);
       }},

      {"parallel", "time_limit", text, "", "auto", {}, {"auto", "none"},
       "Time that the run may take: minutes, h:mm:ss or days-h:mm:ss; it then stops in good order (exit code 75) before the next "
       "energy or reduced model would pass it. auto: until the end of the Slurm job, if there is one",
       [](Input& in, const Value& v) {
         in.parallel.time_limit_auto = v.text == "auto";
         in.parallel.time_limit_seconds.reset();
         if (!v.is_word) in.parallel.time_limit_seconds = duration_seconds(v.text);
       }},
      {"parallel", "flush_interval", number, "s", "30", {0.0, 86400.0}, {},
       "Time between two orders to put what was computed on the disk itself: what a failure of the machine may cost; "
       "each spectrum or family from a reduced model is put there when it is over. A killed run loses nothing but what is in work",
       [](Input& in, const Value& v) { in.parallel.flush_interval_seconds = v.numbers[0]; }},

      {"parallel", "scratch", text, "", "none", {}, {"none"},
       "Finite differences: folder on a disk of the node for the factors of the sparse solves: an eighth to a quarter of the memory of a spectrum at "
       "5 Angstrom, a third of that of an energy at 8; a relative path starts where the program does. A killed run leaves a folder "
       "kedge-... in it. none: in memory. Network file systems are too slow for it, and what lies in /dev/shm is memory",
       [](Input& in, const Value& v) { in.parallel.scratch = v.is_word ? "" : v.text; }},

      {"broadening", "core_hole", number, "eV", "auto", {0.0, 50.0}, {"auto"},
       "Width of the core hole, full width at half maximum; auto: tabulated value of the edge",
       [](Input& in, const Value& v) { in.broadening.core_hole_ev = unless_word(v); }},
      {"broadening", "model", choice, "", "arctangent", {}, {"arctangent", "seah-dench", "none"},
       "Energy-dependent width added to that of the core hole",
       [](Input& in, const Value& v) { in.broadening.model = v.text; }},
      {"broadening", "gamma_max", number, "eV", "15", {0.0, 100.0}, {},
       "Width far above the edge, of both models",
       [](Input& in, const Value& v) { in.broadening.gamma_max_ev = v.numbers[0]; }},
      {"broadening", "centre", number, "eV", "30", {0.0, 1000.0, true}, {},
       "Arctangent model: energy from broadening.cut at which the width is half of gamma_max",
       [](Input& in, const Value& v) { in.broadening.centre_ev = v.numbers[0]; }},
      {"broadening", "width", number, "eV", "30", {0.0, 1000.0, true}, {},
       "Arctangent model: energy range of the rise",
       [](Input& in, const Value& v) { in.broadening.width_ev = v.numbers[0]; }},
      {"broadening", "seah_dench_a", number, "", "0.2", {0.0, 10.0}, {},
       "Seah-Dench model: slope a of the width with energy",
       [](Input& in, const Value& v) { in.broadening.seah_dench_a = v.numbers[0]; }},
      {"broadening", "instrument", number, "eV", "0.7", {0.0, 50.0}, {},
       "Resolution of the instrument, Gaussian, full width at half maximum",
       [](Input& in, const Value& v) { in.broadening.instrument_ev = v.numbers[0]; }},
      {"broadening", "cut", number, "eV", "auto", {-200.0, 200.0}, {"auto"},
       "States below this energy from the Fermi level are occupied and cut; auto: 0, the "
       "Fermi level",
       [](Input& in, const Value& v) { in.broadening.cut_ev = unless_word(v); }},

      {"output", "file", text, "", "auto", {}, {"auto"},
       "Result file; a relative path starts at the folder where kedge is started; auto: name "
       "of the input file with .h5",
       [](Input& in, const Value& v) { in.output.file = v.text; }},
  };
  // clang-format on
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Interval::to_string() const {
  return fmt::format("{}{:g}, {:g}]", low_open ? "(" : "[", low, high);
}

const std::vector<Key>& key_table() {
  static const std::vector<Key> table = make_table();
  return table;
}

bool makes_cases(const Key& key) {
  // The energies, momentum transfers and sites are axes of the result file; the others say how
  // cases are made, stored and summed.
  constexpr std::string_view kShared[] = {"structure.absorber",
                                          "structure.weights",
                                          "edge.name",
                                          "energy.grid",
                                          "energy.fermi",
                                          "xrs.q",
                                          "xrs.lmax"};
  for (const std::string_view section : {"cases", "dos", "parallel", "broadening", "output"}) {
    if (key.section == section) return false;
  }
  return std::find(std::begin(kShared), std::end(kShared), key.full_name()) == std::end(kShared);
}

std::string type_text(const Key& key) {
  const auto base = [&]() -> std::string {
    switch (key.type) {
      case ValueType::text:
        return "text";
      case ValueType::choice:
        return "one of " + join(key.words, ", ");
      case ValueType::flag:
        return "yes or no";
      case ValueType::integer:
        return "whole number";
      case ValueType::number:
        return "number";
      case ValueType::numbers:
        return "numbers, or ranges start:step:stop";
      case ValueType::grid:
        return "numbers and ranges start:step:stop, increasing";
      case ValueType::vector:
        return "three numbers x, y, z";
      case ValueType::number_map:
        // Spheres of the grid are those of an element.
        return key.full_name() == "engine.sphere_radius" ? "list of element:number"
                                                         : "list of element:number or atom:number";
      case ValueType::shells_map:
        return "list of element:shells or atom:shells";
      case ValueType::orbital:
        return "orbital such as 2p";
    }
    return "";
  }();
  if (key.type == ValueType::choice || key.words.empty()) return base;
  return base + ", or " + join(key.words, " or ");
}

std::string nearest_key(const std::string& section, const std::string& name) {
  std::string best;
  std::size_t best_distance =
      name.size() + 2;  // more than half of the letters differ: no misspelling
  for (const Key& key : key_table()) {
    std::size_t distance = edit_distance(name, key.name) * 2;
    if (key.section != section) distance += 1;
    if (distance < best_distance) {
      best_distance = distance;
      best = fmt::format("the nearest known key is {} in [{}]", key.name, key.section);
    }
  }
  if (!best.empty()) return best;
  for (const Key& key : key_table()) {
    if (key.section != section) continue;
    best += fmt::format("{}{}", best.empty() ? "it has " : ", ", key.name);
  }
  return best;
}

std::string nearest_section(const std::string& section) {
  const auto nearest =
      std::min_element(key_table().begin(), key_table().end(), [&](const Key& a, const Key& b) {
        return edit_distance(section, a.section) < edit_distance(section, b.section);
      });
  return std::string(nearest->section);
}

bool is_section(std::string_view section) {
  return std::any_of(key_table().begin(), key_table().end(),
                     [&](const Key& key) { return key.section == section; });
}

}  // namespace kedge::io
