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
  hedin_lundqvist,    ///< Dirac exchange + Hedin-Lundqvist correlation (default)
  vosko_wilk_nusair,  ///< Dirac exchange + VWN fit to Ceperley-Alder ("VWN5"), that of NIST SRD 141
  perdew_wang         ///< Dirac exchange + PW92
};

struct AtomOptions {
  Relativity relativity = Relativity::scalar;
  Functional functional = Functional::hedin_lundqvist;
  /// Replaces Dirac exchange by its relativistic form, A. H. MacDonald and S. H. Vosko, J. Phys. C
  /// 12, 2977 (1979). Off by default; the scalar-relativistic column of NIST SRD 141 has it on.
  bool relativistic_exchange = false;
};

/// One subshell of a solved atom; u = r R(r), integral u^2 dr = 1 (large component only if
/// scalar-relativistic), positive towards the nucleus.
struct Orbital {
  int n = 0;
  int l = 0;
  double occupation = 0.0;
  double energy = 0.0;    ///< Kohn-Sham eigenvalue [hartree]
  std::vector<double> u;  ///< on the mesh
};

/// A spherical atom or ion.
/// The density of a scalar-relativistic atom contains the small component of its orbitals (Koelling
/// and Harmon, J. Phys. C 10, 3107 (1977)), so that it differs from sum f u^2/(4 pi r^2) by
/// about (Z alpha/2)^2 near the nucleus; both integrate to the same number of electrons.
struct Atom {
  int atomic_number = 0;
  LogMesh mesh;
  std::vector<Orbital> orbitals;
  std::vector<double> density;        ///< n(r) [electrons/bohr^3] on the mesh
  std::vector<double> electrostatic;  ///< v(r) = -Z/r + V_Hartree(r), felt by an electron
                                      ///< [hartree]; -> -charge/r outside
  double charge = 0.0;                ///< Z minus the number of electrons
  double total_energy = 0.0;          ///< [hartree]
};

/// Ground-state configuration of a neutral atom, shells in the order of n, then l.
/// Source: Kotochigova et al., Phys. Rev. A 55, 191 (1997), table I, for Z <= 92; beyond, the NIST
/// Atomic Spectra Database (Lr: 7s2 7p1).
/// @throws Error{input} outside Z = 1 .. 103
[[nodiscard]] Configuration ground_state(int atomic_number);

/// Parses "2s2 2p1.5 3s0" (blanks or commas between shells): these shells replace or extend `base`.
/// @throws Error{input} naming the piece of text that is wrong.
[[nodiscard]] Configuration with_shells(Configuration base, const std::string& text);

/// "1s2 2s2 2p1"
[[nodiscard]] std::string to_string(const Configuration& configuration);

/// Self-consistent spherical Kohn-Sham atom with the given occupations (need not be neutral),
/// spin-unpolarised local density, point nucleus.
///
/// Radial equations for P = r g and Q = c r f in x = ln r, with M = 1 + (E - V)/(2 c^2) (M = 1:
/// Schroedinger):
///   dP/dx = P + 2 M r Q,   dQ/dx = -Q + [l(l+1)/(2 M r) + r (V - E)] P.
/// Integrated by a sixth-order Adams-Moulton formula; total and orbital energies are converged to
/// 1e-7 hartree. Empty shells are solved in the final potential and left out if it does not bind
/// them.
/// @throws Error{input} if an occupation is negative or exceeds 2 (2l+1), or l >= n
/// @throws Error{numerical} if it does not converge, naming the atom and the last change, or if the
///   potential does not bind an occupied orbital (as happens for negative ions)
/// Source: D. D. Koelling and B. N. Harmon, J. Phys. C 10, 3107 (1977), without spin-orbit
/// coupling.
[[nodiscard]] Atom solve_atom(int atomic_number, const Configuration& configuration,
                              const AtomOptions& options);

/// Edge name -> core shell: K = 1s, L1 = 2s, L2/L3/L23 = 2p, M1 = 3s, M2/M3/M23 = 3p, M4/M5/M45 =
/// 3d. `degeneracy` is the number of core electrons of the edge (K 2, L2 2, L3 4, L23 6, ...).
struct CoreLevel {
  int n = 1;
  int l = 0;
  double degeneracy = 2.0;
};
[[nodiscard]] CoreLevel core_level_of_edge(const std::string& edge);  ///< @throws Error{input}

/// Default orbital that receives the screening charge (n, l; occupation 0) for an absorber of this
/// element: 2s for Z <= 3, 2p for 4-9, 3s for 10-11, 3p for 12-17, 4s for 18-20, 3d for 21-30, ...
/// @throws Error{input} outside Z = 1 .. 103
[[nodiscard]] Shell screening_shell(int atomic_number);

/// Tabulated edge energy [eV]: K for Z = 1 .. 92, L1, L2, L3 where the element has them; L23 means
/// L3. Relative to the Fermi level of metals, the valence band top of semiconductors, the vacuum
/// for rare gases and H2, N2, O2, F2, Cl2.
/// Source: G. P. Williams in X-Ray Data Booklet (Lawrence Berkeley National Laboratory, 2009),
///   table 1-1.
/// @throws Error{input} if the table has no such edge.
[[nodiscard]] double edge_energy_ev(int atomic_number, const std::string& edge);

/// True for the elements whose tabulated edges count from the vacuum: of the others they count from
/// the Fermi level or the top of the valence band.
[[nodiscard]] bool edge_is_from_vacuum(int atomic_number);

/// Core-hole width [eV], full width at half maximum, for K, L1, L2, L3; L23 means L3.
/// Z >= 10: M. O. Krause and J. H. Oliver, J. Phys. Chem. Ref. Data 8, 329 (1979), table 1. L2, L3
/// of Ne and Na are below its resolution and set to 0.001 eV, as Mg in it.
/// K of Z < 10: a cubic in the edge energy as FDMNES has it (B 0.152, C 0.164, O 0.195),
///   0.13007 + 1.1544e-4 E + 9.2262e-9 E^2 - 3.2344e-14 E^3, E in eV.
/// @throws Error{input} if the table has no such edge.
[[nodiscard]] double core_hole_width_ev(int atomic_number, const std::string& edge);

/// How the absorber is excited: method, section 2.
struct Excitation {
  CoreLevel core;
  bool hole = true;         ///< false: ground-state absorber (screening is then not used)
  double screening = 1.0;   ///< s: electrons put back
  Shell screening_orbital;  ///< n = 0: the default of the table
  double dilatation = 0.0;  ///< c of u'(r) = N u(r/(1+c)), > -1
  Shell dilated_orbital;    ///< n = 0: the screening orbital
};

/// The excited absorber: one core electron moved to the screening orbital (n, l), solved
/// self-consistently with the charge q0 of `ground` (0 for a neutral atom) and then changed with
/// frozen orbitals:
///   stretch        u'(r) = N u(r/(1+c)) replaces u of the dilated orbital, integral u'^2 dr = 1;
///   ionisation     the screening orbital keeps f - (1 - s) of its f electrons.
/// Each change adds (f' u'^2 - f u^2)/(4 pi r^2) to the density, and the Poisson equation is solved
/// for the result: charge = q0 + 1 - s with the Coulomb tail -charge/r. s = 1 and c = 0 give the
/// self-consistent atom itself. The default screening orbital gives way, if it is full, to the
/// first outer shell with room (Cu: 4s) or the next shell (Zn: 4p); an orbital named by the caller
/// must have room. The level energies stay those of the self-consistent atom; total_energy is NaN
/// if the density was changed.
/// @throws Error{input} if an orbital named is not in the atom, the core level is empty, the
///   screening orbital is full, an occupation would become negative or c <= -1
/// @throws Error{numerical} from solve_atom
[[nodiscard]] Atom excited_atom(int atomic_number, const Configuration& ground,
                                const Excitation& excitation, const AtomOptions& options);

}  // namespace kedge::atom
