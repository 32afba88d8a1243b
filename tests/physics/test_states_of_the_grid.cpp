// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include "molecule.hpp"

namespace kedge::physics {
namespace {

TEST(StatesOfTheGrid, LeaveNoTraceInTheDensity) {
  // The operator without border has eigenvalues of its own, states of the sphere with hard walls,
  // at which its inverse is infinite and the true operator is not. One of them is found from the
  // number of states below, then solved at.
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  auto settings = molecule_settings(*model, 0.35, 4, 0.0, 25.0);
  settings.shift = {0.1, 0.2, 0.3};
  fdm::Engine engine(MPI_COMM_WORLD, *model, settings);
  const auto states_below = [&](double energy) {
    (void)engine.solve(energy);
    return engine.profile().states_below;
  };
  double low = hartree_from_ev(6.0);
  double high = hartree_from_ev(12.0);
  const int below = states_below(low);
  ASSERT_GT(states_below(high), below);
  while (high - low > 1e-9) {
    const double middle = 0.5 * (low + high);
    (states_below(middle) > below ? high : low) = middle;
  }
  const auto there = engine.solve(high);
  // The density is smooth over 0.05 hartree here, so that the mean of its values 1e-4 to both sides
  // errs by (1e-4/0.05)^2 = 4e-6 of it.
  const Eigen::MatrixXd mean =
      0.5 * (engine.solve(high - 1e-4).rho + engine.solve(high + 1e-4).rho);
  EXPECT_LT((there.rho - mean).cwiseAbs().maxCoeff(), 1e-5 * mean.cwiseAbs().maxCoeff());
}

}  // namespace
}  // namespace kedge::physics
