// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "energy_band.hpp"
#include "operator_table.hpp"
#include "parameter_places.hpp"
#include "reduced_model.hpp"

namespace kedge::fdm {

/// The reduced model of a window of kinetic energies outside and of a family of potentials: one basis, one table of operators, cut into bands.
/// @note Collective on the frame's communicator: constructor and Member::density()
class WindowModel {
 public:
  /// A potential of the family on the grid; what is not a member's own lives as long as the place is held.
  struct Place {
    std::shared_ptr<const potential::PotentialModel> model;
    std::unique_ptr<GridProblem> owned;
    GridProblem* problem = nullptr;
  };
  using PlaceAt = std::function<Place(std::size_t place)>;

  /// @param cells  of all members, whose densities will be asked for
  WindowModel(std::shared_ptr<GridFrame> frame, const ParameterPlaces& places, const PlaceAt& at, const std::vector<EnergyCell>& cells,
              const WindowSettings& settings);

  /// Snapshots and nodes for this window [hartree of kinetic energy]. @note Rank-local
  [[nodiscard]] static WindowReport size(const GridFrame& frame, double low, double high, std::size_t places, const WindowSettings& settings);

  /// One member: its bands, made as energies fall into them.
  class Member {
   public:
    /// Mean density over a cell, and in `difference` how far the smaller model is from it.
    [[nodiscard]] Eigen::MatrixXd density(const EnergyCell& cell, const AtomAtEnergy& absorber, double& difference);

   private:
    friend class WindowModel;
    struct Pair {
      std::unique_ptr<EnergyBand> full, lower;
    };
    const WindowModel* model_ = nullptr;
    std::vector<double> full_, lower_;  // what each place counts
    std::vector<Pair> bands_;
  };
  [[nodiscard]] Member member(const Parameters& at) const;
  [[nodiscard]] const WindowReport& report() const { return report_; }

 private:
  struct BandTable {
    Eigen::MatrixXd columns;  // in those of the window
    std::optional<OperatorTable> table;
  };
  struct Band {
    double low, high;            // energies it serves
    double bottom, top;          // cells of those reach so far
    BandTable full, lower;       // of a family; empty for one potential, which the window's table serves
  };
  [[nodiscard]] OperatorTable table(const PlaceAt& at);
  void cut_into_bands(const std::vector<EnergyCell>& cells);
  [[nodiscard]] BandTable band_table(const Band& band, Level level) const;
  [[nodiscard]] EnergyBand energy_band(const Band& band, const std::vector<double>& of_place, Level level) const;

  std::shared_ptr<GridFrame> frame_;
  ParameterPlaces places_;
  double low_, high_;  // of all cells
  WindowReport report_;  // filled in by what follows
  ReducedModel basis_;
  OperatorTable table_;
  std::vector<Band> bands_;
};

}  // namespace kedge::fdm
