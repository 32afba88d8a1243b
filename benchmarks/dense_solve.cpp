// SPDX-License-Identifier: BSD-3-Clause
/// Time and memory of one energy of multiple scattering against the radius of the cluster, LAPACK
/// against ScaLAPACK: the places of the atoms in LiF (rock salt, a = 4.0263 Angstrom) within each
/// radius, l <= 3, 16 right-hand sides; matrix and solve, all but the radial functions. Usage:
/// [mpirun -np N] dense_solve RADIUS[,RADIUS...]   in Angstrom
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "benchmark.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/parallel/memory.hpp"
#include "kedge/scattering/dense_solver.hpp"
#include "kedge/scattering/propagator.hpp"

namespace {

using namespace kedge;

constexpr int kLmax = 3;
constexpr Eigen::Index kWaves = (kLmax + 1) * (kLmax + 1);

std::vector<Eigen::Vector3d> rock_salt(double radius_angstrom) {
  constexpr double kSpacing = bohr_from_angstrom(0.5 * 4.0263);
  const double radius = bohr_from_angstrom(radius_angstrom);
  const int half = static_cast<int>(radius / kSpacing) + 1;
  std::vector<Eigen::Vector3d> places;
  for (int i = -half; i <= half; ++i) {
    for (int j = -half; j <= half; ++j) {
      for (int k = -half; k <= half; ++k) {
        const Eigen::Vector3d place = kSpacing * Eigen::Vector3d(i, j, k);
        if (place.norm() <= radius) places.push_back(place);
      }
    }
  }
  return places;
}

scattering::DenseSystem cluster(const std::vector<Eigen::Vector3d>& places,
                                const scattering::Propagator& propagator) {
  const auto sites = static_cast<Eigen::Index>(places.size());
  scattering::DenseSystem s;
  s.size = sites * kWaves;
  for (Eigen::Index n = 0; n < sites; ++n) {
    for (Eigen::Index m = 0; m < sites; ++m) {
      s.blocks.push_back({n * kWaves, m * kWaves, kWaves, kWaves});
    }
  }
  s.fill = [&propagator, &places](const scattering::MatrixBlock& b,
                                  Eigen::Ref<Eigen::MatrixXcd> out) {
    if (b.row == b.column) {
      out.setIdentity();
      return;
    }
    propagator.block(1.1,
                     places[static_cast<std::size_t>(b.row / kWaves)] -
                         places[static_cast<std::size_t>(b.column / kWaves)],
                     kLmax, 1.9, kLmax, 1.9, out);
    out *= std::complex<double>(0.3, 0.2);  // in place of the t matrices
  };
  s.rhs = Eigen::MatrixXcd::Identity(s.size, kWaves);
  return s;
}

void run(int /*argc*/, char** argv) {
  const bool print = parallel::rank(MPI_COMM_WORLD) == 0;
  const scattering::Propagator propagator(kLmax);
  if (print) {
    fmt::print("{:>8} {:>8} {:>8} {:>8} {:>10} {:>12} {:>8} {:>10}\n", "Angstrom", "atoms", "order",
               "ranks", "LAPACK s", "ScaLAPACK s", "ratio", "GB a rank");
  }
  for (const double radius : benchmark::numbers(argv[1])) {
    const std::vector<Eigen::Vector3d> places = rock_salt(radius);
    const scattering::DenseSystem system = cluster(places, propagator);
    double seconds[2];
    // ScaLAPACK first: the peak of memory is then that of the distributed matrix
    double memory = 0.0;
    for (const int k : {1, 0}) {
      MPI_Barrier(MPI_COMM_WORLD);
      const auto start = std::chrono::steady_clock::now();
      (void)scattering::solve_dense(
          MPI_COMM_WORLD, system,
          k == 0 ? scattering::DenseMethod::lapack : scattering::DenseMethod::scalapack);
      seconds[k] = benchmark::seconds_since(start);
      if (k == 1) memory = parallel::peak_memory_gb();
    }
    if (print) {
      fmt::print("{:>8} {:>8} {:>8} {:>8} {:>10.2f} {:>12.2f} {:>8.2f} {:>10.2f}\n", radius,
                 places.size(), system.size, parallel::size(MPI_COMM_WORLD), seconds[0], seconds[1],
                 seconds[1] / seconds[0], memory);
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(argc, argv, 1, "dense_solve RADIUS[,RADIUS...]", run);
}
