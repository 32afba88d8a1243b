// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "kedge/fdm/engine.hpp"
#include "reduced_model.hpp"

namespace kedge::fdm {

/// Amplitudes at all energies of a window from one reduced model; see Engine::solve_window().
[[nodiscard]] WindowResult solve_window(GridProblem& problem, const std::vector<double>& energies, const WindowSettings& settings);

/// Snapshots and nodes for a window of energies. @note Rank-local
[[nodiscard]] WindowReport window_size(const GridProblem& problem, double lowest, double highest, const WindowSettings& settings);

}  // namespace kedge::fdm
