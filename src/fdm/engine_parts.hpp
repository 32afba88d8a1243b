// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "grid_problem.hpp"
#include "kedge/fdm/engine.hpp"

namespace kedge::fdm {

struct Engine::Parts {
  GridProblem problem;
  SolveProfile profile;
};

}  // namespace kedge::fdm
