// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kedge/fdm/engine.hpp"

namespace kedge::fdm {

/// What one solve is foreseen to cost.
struct SolveForecast {
  int border_columns = 0;
  double seconds = 0.0;             ///< mean over the energy window
  double memory_per_rank_gb = 0.0;  ///< peak resident memory
};

/// Foresees cost from the symbolic factorisation with the border at both ends of the window of
/// energies: operations of the factorisation and of the solves, over the rates that this machine
/// reaches in them, taken as fixed fractions of its dgemm rate, measured here in about 0.2 s.
/// @note Collective on the communicator of the engine
[[nodiscard]] SolveForecast forecast(Engine& engine, int ranks);

/// Rate of a large dgemm on this core [flop/s]. @note Rank-local
[[nodiscard]] double dgemm_rate();

}  // namespace kedge::fdm
