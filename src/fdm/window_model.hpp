// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "band_nodes.hpp"
#include "energy_band.hpp"
#include "interpolation_axis.hpp"
#include "projection.hpp"
#include "reduced_model.hpp"
#include "solution_columns.hpp"
#include "window_plan.hpp"

namespace kedge::fdm {

/// The reduced model of a window of kinetic energies outside: one basis, for one potential or
/// several on the same atoms. The window is cut into bands; few columns of the basis span the
/// solutions of a band, and between these the operators of some potentials are projected at some
/// energies. That of any potential is interpolated in the outer_variable() and between those. A
/// copy shares grid and factor and can be refined alone.
/// @note Collective on the frame's communicator: all but report()
class WindowModel {
 public:
  /// @param sides  of the level outside, one or two: all cells that will be asked for lie in them
  WindowModel(std::shared_ptr<GridFrame> frame, const std::vector<EnergyRange>& sides,
              const WindowSettings& settings);

  /// One snapshot more. @param kinetic  outside [hartree]  @param solves  of it
  void add_snapshot(GridProblem& problem, double kinetic, int solves);
  /// To be called after the last snapshot, and again after further ones.
  void finish_basis();

  /// The operators of a band between few columns Q V.
  struct BandModel {
    Eigen::MatrixXd v;
    InterpolationAxis axis;                // nodes in the outer_variable()
    std::vector<ProjectedOperator> nodes;  // the operator of the first potential there
    double error = 0.0;                    // of the trace of the density, against all of Q
    // What the others differ by from the first changes less with energy: fewer nodes, at each of
    // them the differences of all others.
    InterpolationAxis difference_axis;
    std::vector<std::vector<OperatorDifference>> differences = {};
  };
  /// What serves the energies of a band: the model over all columns of the basis, and a smaller one
  /// over its nested ones with half of the nodes and fewer potentials.
  struct BandModels {
    double low, high;    // energies it serves
    double bottom, top;  // cells of those reach so far
    double widest_cell = 0.0;
    std::optional<BandModel> full = {};
    std::optional<BandModel> fewer = {};
  };
  /// What potentials count in a member of a family, 1 in all; of the smaller models the first.
  struct Shares {
    std::vector<double> full = {1.0};
    std::vector<double> fewer = {1.0};
  };
  /// Operators of some potentials, between which those of a family are interpolated, for all bands
  /// that have cells.
  /// @param potentials  what the others differ by from the first is projected at half of the nodes
  /// @param few         of the potentials, the first, that the smaller models have
  /// @param use         of each band in turn
  void project(const std::vector<const GridProblem*>& potentials, std::size_t few,
               const std::vector<EnergyCell>& cells, const std::function<void(BandModels)>& use);

  struct Density {
    Eigen::MatrixXd rho;                 ///< through the Gaussian of the cell
    double difference = 0.0;             ///< of its trace from that of a smaller model
    std::vector<Eigen::MatrixXd> waves;  ///< of the absorber at the energy
    Eigen::MatrixXd smeared;             ///< rho through a Lorentzian, if asked for
  };
  /// @param i_energy  of those asked for
  using Take = std::function<void(std::size_t i_energy, Density found)>;
  /// Densities of one potential, handed over one by one.
  /// @param bands     of project(), for cells that include these
  /// @param energies  [hartree from the vacuum]
  /// @param cells     of each, in kinetic energy outside
  void solve(const std::vector<BandModels>& bands, const Shares& shares, const AtomOnGrid& absorber,
             const std::vector<double>& energies, const std::vector<EnergyCell>& cells,
             const Take& take);
  /// The same of one potential alone, whose bands are projected, used and left one after the other.
  void solve_alone(const GridProblem& problem, const AtomOnGrid& absorber,
                   const std::vector<double>& energies, const std::vector<EnergyCell>& cells,
                   const Take& take);
  [[nodiscard]] const WindowReport& report() const { return report_; }

 private:
  [[nodiscard]] std::vector<BandModels> bands(const std::vector<EnergyCell>& cells) const;
  /// Columns of a band, those of the smaller model first among the others.
  struct BandColumns {
    SolutionColumns nested;  // of the nested columns of the basis
    SolutionColumns full;
  };
  /// @param count  of the potentials, the first, that they are chosen for
  /// @param axis, outer  of the first potential's nodes
  [[nodiscard]] BandColumns choose_columns(BandNodes& potentials, std::size_t count,
                                           const InterpolationAxis& axis,
                                           const std::vector<OuterOverlap>& outer,
                                           double height) const;
  void project_band(BandModels& band, BandNodes& potentials, std::size_t few);
  /// @param outer  at the nodes of the first potential
  void fill(BandModel& band, const std::vector<OuterOverlap>& outer,
            const BandNodes& potentials) const;
  /// Over the first columns, with half of the nodes and fewer of the other potentials.
  [[nodiscard]] static BandModel smaller(const BandModel& full, Eigen::Index columns,
                                         std::size_t others);
  /// The operator of one potential in a band.
  struct MemberBand {
    Eigen::MatrixXd v;
    EnergyBand band;
    double error = 0.0;  // as of BandModel
  };
  [[nodiscard]] MemberBand member_band(const BandModel& model, const std::vector<double>& shares,
                                       double height) const;
  /// Above the real axis, where the columns of a band are tested.
  [[nodiscard]] static double test_height(const BandModels& band);
  [[nodiscard]] Density density(const AtomOnGrid& absorber, double energy, const EnergyCell& cell,
                                const MemberBand& full, const MemberBand& fewer) const;
  /// Those whose cells a band serves.
  void solve_band(const BandModels& band, const Shares& shares, const AtomOnGrid& absorber,
                  const std::vector<double>& energies, const std::vector<EnergyCell>& cells,
                  const Take& take);
  void between_steps() const;

  std::shared_ptr<GridFrame> frame_;
  std::function<void()> between_steps_;
  double band_scale_;
  int nodes_;  // of a band that is not narrow, Lobatto's; the smaller model has every second
  double smallest_column_;
  double smearing_;
  WindowReport report_;
  ReducedModel basis_;
  std::vector<EnergyRange> sides_;
};

}  // namespace kedge::fdm
