// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include "molecule.hpp"

namespace kedge::physics {
namespace {

TEST(EngineRanks, TheSameDensityOnAnyNumberOfRanks) {
  // Only the order of sums and of MUMPS's pivots changes: rounding 1e-16 times the condition of K,
  // which is at most about 1e4 (sqrt of 1/residual).
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  auto settings = molecule_settings(*model, 0.35, 4, 0.0, 25.0);
  settings.shift = {0.1, 0.2, 0.3};
  fdm::Engine together(MPI_COMM_WORLD, *model, settings);
  fdm::Engine alone(MPI_COMM_SELF, *model, settings);
  for (const double energy_ev : {-4.0, 3.0, 24.0}) {  // below and above the outer level of -2 eV
    const auto a = together.solve(hartree_from_ev(energy_ev));
    const auto b = alone.solve(hartree_from_ev(energy_ev));
    const double scale = std::max(b.rho.cwiseAbs().maxCoeff(), 1e-3);
    EXPECT_LT((a.rho - b.rho).cwiseAbs().maxCoeff(), 1e-8 * scale) << energy_ev;
    EXPECT_EQ(a.waves, b.waves);
    // the same numbers, to the last bit, on every rank
    Eigen::MatrixXd lowest = a.rho, highest = a.rho;
    MPI_Allreduce(MPI_IN_PLACE, lowest.data(), static_cast<int>(lowest.size()), MPI_DOUBLE, MPI_MIN,
                  MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, highest.data(), static_cast<int>(highest.size()), MPI_DOUBLE,
                  MPI_MAX, MPI_COMM_WORLD);
    EXPECT_LT((highest - lowest).cwiseAbs().maxCoeff(), 1e-12 * scale);
  }
}

}  // namespace
}  // namespace kedge::physics
