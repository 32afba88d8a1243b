// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace kedge::atom {

/// Logarithmic radial mesh r_i = r_0 exp(i h), i = 0 .. n-1 [bohr].
struct LogMesh {
  double first = 0.0;  ///< r_0
  double step = 0.0;   ///< h
  std::vector<double> r;
};

/// One subshell of a configuration.
struct Shell {
  int n = 0;
  int l = 0;
  double occupation = 0.0;  ///< electrons of both spins, any real value >= 0
};
using Configuration = std::vector<Shell>;

enum class Relativity { none, scalar };
enum class Functional {
  hedin_lundqvist,   ///< Dirac exchange + Hedin-Lundqvist correlation (default)
  vosko_wilk_nusair, ///< Dirac exchange + VWN (RPA parametrisation of NIST SRD 141)
  perdew_wang        ///< Dirac exchange + PW92
};

struct AtomOptions {
  Relativity relativity = Relativity::scalar;
  Functional functional = Functional::hedin_lundqvist;
};

/// One subshell of a solved atom; u = r R(r), integral u^2 dr = 1 (large component only if scalar-relativistic).
struct Orbital {
  int n = 0;
  int l = 0;
  double occupation = 0.0;
  double energy = 0.0;      ///< Kohn-Sham eigenvalue [hartree]
  std::vector<double> u;    ///< on the mesh
};

/// A spherical atom or ion.
struct Atom {
  int atomic_number = 0;
  LogMesh mesh;
  std::vector<Orbital> orbitals;
  std::vector<double> density;        ///< n(r) [electrons/bohr^3] on the mesh
  std::vector<double> electrostatic;  ///< v(r) = -Z/r + V_Hartree(r), felt by an electron [hartree]; -> -charge/r outside
  double charge = 0.0;                ///< Z minus the number of electrons
  double total_energy = 0.0;          ///< [hartree]
};

/// Ground-state configuration of a neutral atom.
/// @throws Error{input} outside Z = 1 .. 103
[[nodiscard]] Configuration ground_state(int atomic_number);

/// Parses "2s2 2p1.5 3s0": these shells replace or extend `base`.
/// @throws Error{input} naming the piece of text that is wrong.
[[nodiscard]] Configuration with_shells(Configuration base, const std::string& text);

/// "1s2 2s2 2p1"
[[nodiscard]] std::string to_string(const Configuration& configuration);

/// Self-consistent spherical Kohn-Sham atom with the given occupations (need not be neutral).
/// @throws Error{numerical} if it does not converge, naming the atom and the last change.
[[nodiscard]] Atom solve_atom(int atomic_number, const Configuration& configuration, const AtomOptions& options);

/// Edge name -> core shell: K = 1s, L1 = 2s, L2/L3/L23 = 2p, M1 = 3s, M2/M3/M23 = 3p, M4/M5/M45 = 3d.
/// `degeneracy` is the number of core electrons of the edge (K 2, L2 2, L3 4, L23 6, ...).
struct CoreLevel {
  int n = 1;
  int l = 0;
  double degeneracy = 2.0;
};
[[nodiscard]] CoreLevel core_level_of_edge(const std::string& edge);  ///< @throws Error{input}

/// Default orbital that receives the screening charge (n, l) for an absorber of this element.
[[nodiscard]] Shell screening_shell(int atomic_number);

/// Tabulated edge energies [eV] and core-hole widths [eV, full width at half maximum].
[[nodiscard]] double edge_energy_ev(int atomic_number, const std::string& edge);
[[nodiscard]] double core_hole_width_ev(int atomic_number, const std::string& edge);

/// How the absorber is excited: method, section 2.
struct Excitation {
  CoreLevel core;
  bool hole = true;            ///< false: ground-state absorber
  double screening = 1.0;      ///< s: electrons put back
  Shell screening_orbital;     ///< n = 0: the default of the table
  double dilatation = 0.0;     ///< c of u'(r) = N u(r/(1+c))
  Shell dilated_orbital;       ///< n = 0: the screening orbital
};

/// The excited absorber. Solved self-consistently neutral (one core electron moved to the screening orbital); then
/// (1 - s) electrons are taken out of the screening orbital with frozen orbitals, rho -= (1-s) u^2/(4 pi r^2), and the
/// stretch u' of the valence orbital is applied before the Poisson step, rho += pop (u'^2 - u^2)/(4 pi r^2).
/// @throws Error{input} if an orbital named is not in the atom or the occupation would be negative.
[[nodiscard]] Atom excited_atom(int atomic_number, const Configuration& ground, const Excitation& excitation,
                                const AtomOptions& options);

}  // namespace kedge::atom
