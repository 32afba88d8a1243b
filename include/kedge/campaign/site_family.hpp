// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <functional>
#include <memory>
#include <vector>

#include "kedge/campaign/site_calculation.hpp"
#include "kedge/io/input.hpp"
#include "kedge/structure/structure.hpp"

namespace kedge::campaign {

/// One case, with the input that has its values.
struct CaseInput {
  io::Input input;
  CaseParameters parameters;
};

/// Number of the family of each case: cases that differ in screening and dilatation of the absorber
/// only share one, up to engine.family_size of them, where the energies come from a reduced model
/// (auto: those of one dilatation, where that saves time);
/// else each is a family of its own. Cases of a family follow one another in the order of the
/// cases, and do not depend on what is computed already or by how many ranks. @note Rank-local
[[nodiscard]] std::vector<std::size_t> families(const io::Input& input,
                                                const std::vector<CaseParameters>& cases);

/// True for the first of the cases that differ in screening and dilatation only: the error of their
/// grid is alike. @note Rank-local
[[nodiscard]] std::vector<bool> first_of_their_kind(const std::vector<CaseParameters>& cases);

/// Foreseen time of a family of this size in units of that of one case alone.
[[nodiscard]] double family_cost(int members);

/// Foreseen time of all cases in units of that of as many spectra alone: a family shares the model,
/// and the error of the grid is estimated for some or all. @note Rank-local
[[nodiscard]] double time_share(const io::Input& input, const std::vector<CaseParameters>& cases);

/// Foreseen memory in units of that of a case alone. @note Rank-local
[[nodiscard]] double family_memory(const io::Input& input,
                                   const std::vector<CaseParameters>& cases);

/// One absorber site in the cases of a family. With a reduced model the first solve makes the model
/// of all, and the first solve of a case all its energies above the level outside; the others are
/// solved one by one.
class SiteFamily {
 public:
  /// @note Collective on comm (the ranks of one solve), which must outlive the object, as the
  /// structure must
  SiteFamily(MPI_Comm comm, std::vector<CaseInput> cases, const structure::Structure& structure,
             int site);
  ~SiteFamily();
  SiteFamily(const SiteFamily&) = delete;
  SiteFamily& operator=(const SiteFamily&) = delete;

  [[nodiscard]] SiteCalculation& calculation(std::size_t i_case);
  /// Solves one energy [eV from the Fermi level] of one case; the result is valid on all ranks.
  /// @throws Error{numerical} at an energy at which the reduced model is not within
  /// engine.reduction_tolerance. @note Collective on comm
  [[nodiscard]] EnergyResult solve(std::size_t i_case, double energy_rel_fermi_ev);
  /// Error of the grid of a case's spectra, estimated: 1.25 times the largest |S(c h) - S(h)|/(c^p
  /// - 1) of the energies, c = 1.25 or 1.12, p the order of the stencil, both through a Lorentzian
  /// of 0.5 eV, relative to the largest S, worst of all q. NaN: not asked for, before the case is
  /// solved, without a reduced model or where the coarser one does not hold. Solves on the second
  /// grid when it is first asked for. @note Collective on comm
  [[nodiscard]] double grid_error(std::size_t i_case);
  /// Of the grid on which a case was solved. @note Collective on comm
  [[nodiscard]] GridQuality grid_quality(std::size_t i_case) const;
  /// True if a solve has only to hand over what the model gave already. @note Rank-local
  [[nodiscard]] bool at_hand(std::size_t i_case, double energy_rel_fermi_ev) const;
  /// To be called between the steps of the model, on all ranks of comm; what it throws, the same on
  /// all, ends the solve.
  void between_steps(std::function<void()> call);
  /// Of the reduced model at the last solve that used it.
  [[nodiscard]] const fdm::WindowReport& report() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kedge::campaign
