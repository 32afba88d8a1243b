// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kedge/atom/atom.hpp"
#include "kedge/measured/spectrum.hpp"

namespace kedge::measured {

/// Isotropic Compton profile of one subshell, one electron:
///   J(p) = 1/2 integral_|p|^inf |chi(k)|^2 k dk,
///   chi(k) = sqrt(2/pi) integral u(r) j_l(k r) r dr,   integral |chi|^2 k^2 dk = 1,
/// so that J integrates to one over all p. For hydrogen J(p) = 8 / [3 pi (1 + p^2)^3].
/// Source: F. Biggs, L. B. Mendelsohn, J. B. Mann, At. Data Nucl. Data Tables 16, 201 (1975).
class ComptonProfile {
 public:
  ComptonProfile(const atom::LogMesh& mesh, const atom::Orbital& orbital);

  /// J [bohr] at a momentum p >= 0 [1/bohr], between the points of a mesh; zero past its end.
  [[nodiscard]] double at(double momentum) const;

 private:
  std::vector<double> momenta_;
  std::vector<double> values_;
};

/// "Na C B11 H12" or "NaCB11H12" taken apart: atomic number and how many.
/// @throws Error{input} for anything else
[[nodiscard]] std::vector<std::pair<int, double>> composition(const std::string& formula);

/// Compton scattering of free atoms in the impulse approximation, the background of an edge:
///   S(q, w) = sum over atoms and subshells f J(w/q - q/2) / q     (atomic units),
/// of those subshells that are bound by less than the smallest loss; deeper ones make edges of
/// their own and are no background. Binding energies are the tabulated edges (K, L1, L2, L3), else
/// the Kohn-Sham levels. Atoms are those of kedge (scalar-relativistic, local density).
class ComptonBackground {
 public:
  /// Solves the atoms, which is most of the work. @throws Error{input} for what composition() does
  /// not take
  explicit ComptonBackground(const std::string& formula);

  /// @param loss_ev  strictly increasing   @param q_per_angstrom  momentum transfer at each loss
  /// @return S [1/eV] per formula unit   @throws Error{input} if no subshell is left
  [[nodiscard]] Spectrum at(const std::vector<double>& loss_ev,
                            const std::vector<double>& q_per_angstrom) const;

 private:
  struct Subshell {
    double electrons;
    double binding_ev;
    ComptonProfile profile;
  };
  std::string formula_;
  std::vector<Subshell> subshells_;
};

}  // namespace kedge::measured
