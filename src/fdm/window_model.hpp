// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "energy_band.hpp"
#include "operator_table.hpp"
#include "parameter_places.hpp"
#include "reduced_model.hpp"

namespace kedge::fdm {

/// The reduced model of a window of kinetic energies outside and of a family of potentials: one basis, one table of operators, solved band by
/// band. @note Collective on the frame's communicator: constructor and solve()
class WindowModel {
 public:
  /// A potential of the family on the grid; what is not a member's own lives as long as the place is held.
  struct Place {
    std::shared_ptr<const potential::PotentialModel> model;
    std::unique_ptr<GridProblem> owned;
    GridProblem* problem = nullptr;
  };
  using PlaceAt = std::function<Place(const Parameters& at)>;

  /// What is wanted of one potential of the family.
  struct Member {
    Parameters parameters{};
    const AtomOnGrid* absorber = nullptr;
    std::vector<double> energies;   ///< [hartree from the vacuum]
    std::vector<EnergyCell> cells;  ///< of each, in kinetic energy outside; none: not wanted
  };

  WindowModel(std::shared_ptr<GridFrame> frame, const ParameterPlaces& places, const PlaceAt& at, const std::vector<Member>& members,
              const WindowSettings& settings);

  /// Snapshots and nodes for this window [hartree of kinetic energy]. @note Rank-local
  [[nodiscard]] static WindowReport size(const GridFrame& frame, double low, double high, std::size_t places, const WindowSettings& settings);

  struct Density {
    Eigen::MatrixXd rho;      ///< mean over the cell
    double difference = 0.0;  ///< of its trace from that of a smaller model
    std::vector<Eigen::MatrixXd> waves;  ///< of the absorber at the energy
  };
  /// Densities of all members at all their energies.
  [[nodiscard]] std::vector<std::vector<Density>> solve(const std::vector<Member>& members);
  [[nodiscard]] const WindowReport& report() const { return report_; }

 private:
  struct Band {
    double low, high;    // energies it serves
    double bottom, top;  // cells of those reach so far
  };
  /// The table of a band over few columns that serve the whole family.
  struct BandTable {
    Eigen::MatrixXd columns;  // in those of the window
    OperatorTable table;
  };
  [[nodiscard]] OperatorTable table();
  /// The projected operator of one potential as it is.
  [[nodiscard]] ProjectedOperator projected(const GridProblem& problem, double wave_number) const;
  /// What the interpolation between places errs by: the largest difference of the trace of the density, smeared, between the interpolated
  /// operator and the true one of the member farthest from the places, where its density is largest.
  [[nodiscard]] double tested(const std::vector<Member>& members, const std::vector<std::vector<Density>>& densities) const;
  [[nodiscard]] std::vector<Band> bands(const std::vector<Member>& members) const;
  [[nodiscard]] Eigen::Index columns(Level level) const;
  [[nodiscard]] BandTable band_table(const Band& band, Level level) const;
  [[nodiscard]] EnergyBand energy_band(const Band& band, const BandTable* narrow, const Parameters& at, Level level) const;

  std::shared_ptr<GridFrame> frame_;
  ParameterPlaces places_;
  PlaceAt at_;
  std::function<void()> between_steps_;
  std::vector<double> asked_snapshots_;
  double low_, high_;  // of all cells
  WindowReport report_;  // filled in by what follows
  ReducedModel basis_;
  OperatorTable table_;
};

}  // namespace kedge::fdm
