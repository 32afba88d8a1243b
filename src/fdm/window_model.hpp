// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "energy_band.hpp"
#include "interpolation_axis.hpp"
#include "projection.hpp"
#include "reduced_model.hpp"

namespace kedge::fdm {

/// Energies on one side of the level outside [hartree from it].
struct EnergyRange {
  double low = 0.0;
  double high = 0.0;
};

/// The reduced model of a window of kinetic energies outside: one basis, for one potential or
/// several on the same atoms. Of each potential the window is cut into bands; few columns of the
/// basis span the solutions of a band, and between these the operator is projected at some energies
/// and interpolated in the outer_variable(). A copy shares grid and factor and can be refined
/// alone.
/// @note Collective on the frame's communicator: all but report() and size()
class WindowModel {
 public:
  /// @param sides  of the level outside, one or two: all cells that will be asked for lie in them
  WindowModel(std::shared_ptr<GridFrame> frame, const std::vector<EnergyRange>& sides,
              const WindowSettings& settings);

  /// Bands and snapshots for a window. @note Rank-local
  [[nodiscard]] static WindowReport size(const GridFrame& frame,
                                         const std::vector<EnergyRange>& sides,
                                         std::size_t potentials, const WindowSettings& settings);
  /// Kinetic energies of the snapshots to begin with. @note Rank-local
  [[nodiscard]] static std::vector<double> first_snapshots(const GridFrame& frame,
                                                           const std::vector<EnergyRange>& sides,
                                                           std::size_t potentials,
                                                           const WindowSettings& settings);

  /// One snapshot more. @param kinetic  outside [hartree]
  void add_snapshot(GridProblem& problem, double kinetic);
  /// To be called after the last snapshot, and again after further ones.
  void finish_basis();

  struct Density {
    Eigen::MatrixXd rho;                 ///< through the Gaussian of the cell
    double difference = 0.0;             ///< of its trace from that of a smaller model
    std::vector<Eigen::MatrixXd> waves;  ///< of the absorber at the energy
    Eigen::MatrixXd smeared;             ///< rho through a Lorentzian, if asked for
  };
  /// Densities of one potential.
  /// @param energies  [hartree from the vacuum]
  /// @param cells     of each, in kinetic energy outside
  [[nodiscard]] std::vector<Density> solve(const GridProblem& problem,
                                           const std::vector<double>& energies,
                                           const std::vector<EnergyCell>& cells);
  [[nodiscard]] const WindowReport& report() const { return report_; }

 private:
  struct Side {
    EnergyRange range;
    InterpolationAxis axis;           // of its outer waves, in the outer_variable()
    std::vector<OuterOverlap> waves;  // at the nodes
  };
  struct Band {
    double low, high;    // energies it serves
    double bottom, top;  // cells of those reach so far
    double widest_cell = 0.0;
  };
  /// The operator of a band between few columns Q V.
  struct BandModel {
    Eigen::MatrixXd v;
    EnergyBand band;
    double error = 0.0;  // of the trace of the density, against all of Q
  };
  /// Of one potential: the model over all columns of the basis, and a smaller one over its nested
  /// ones with half of the nodes.
  struct BandModels {
    BandModel full, fewer;
  };
  /// What the operator at one node is made of.
  struct Node {
    const NodeData* data;
    const OuterOverlap* outer;
  };
  class Nodes;  // of bands that touch
  [[nodiscard]] std::vector<Band> bands(const std::vector<EnergyCell>& cells) const;
  [[nodiscard]] BandModels band_models(const Band& band, Nodes& nodes);
  [[nodiscard]] BandModel band_model(const InterpolationAxis& axis, Eigen::MatrixXd v, double error,
                                     const std::vector<Node>& nodes) const;
  [[nodiscard]] OuterOverlap outer_at(double w) const;
  [[nodiscard]] Density density(const AtomOnGrid& absorber, double energy, const EnergyCell& cell,
                                const BandModels& models) const;
  void between_steps() const;

  std::shared_ptr<GridFrame> frame_;
  std::function<void()> between_steps_;
  double band_scale_;
  int nodes_;  // of a band, Lobatto's; the smaller model has every second
  double smallest_column_;
  double smearing_;
  WindowReport report_;
  std::vector<std::vector<Eigen::Index>> atom_rows_;
  ReducedModel basis_;
  std::vector<Side> sides_;
};

}  // namespace kedge::fdm
