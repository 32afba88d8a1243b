// SPDX-License-Identifier: BSD-3-Clause
/// Time and memory of the dense solve of multiple scattering against its order, LAPACK against ScaLAPACK: a cubic lattice of
/// scatterers of l <= 3, 16 right-hand sides. Usage: [mpirun -np N] dense_solve SITES[,SITES...]
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "benchmark.hpp"
#include "kedge/core/error.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/scattering/dense_solver.hpp"
#include "kedge/scattering/propagator.hpp"

namespace {

using namespace kedge;

constexpr int kLmax = 3;
constexpr Eigen::Index kWaves = (kLmax + 1) * (kLmax + 1);

scattering::DenseSystem lattice(Eigen::Index sites, const scattering::Propagator& propagator) {
  scattering::DenseSystem s;
  s.size = sites * kWaves;
  for (Eigen::Index n = 0; n < sites; ++n) {
    for (Eigen::Index m = 0; m < sites; ++m) s.blocks.push_back({n * kWaves, m * kWaves, kWaves, kWaves});
  }
  const auto side = static_cast<Eigen::Index>(std::ceil(std::cbrt(static_cast<double>(sites))));
  const auto position = [side](Eigen::Index n) {
    const double spacing = 3.8;  // bohr, the distance of nearest neighbours in LiF
    return Eigen::Vector3d(spacing * Eigen::Vector3d(static_cast<double>(n % side), static_cast<double>(n / side % side),
                                                     static_cast<double>(n / side / side)));
  };
  s.fill = [&propagator, position](const scattering::MatrixBlock& b, Eigen::Ref<Eigen::MatrixXcd> out) {
    if (b.row == b.column) {
      out.setIdentity();
      return;
    }
    propagator.block(1.1, position(b.row / kWaves) - position(b.column / kWaves), kLmax, 1.9, kLmax, 1.9, out);
    out *= std::complex<double>(0.3, 0.2);  // in place of the t matrices
  };
  s.rhs = Eigen::MatrixXcd::Identity(s.size, kWaves);
  return s;
}

void run(int /*argc*/, char** argv) {
  const bool print = parallel::rank(MPI_COMM_WORLD) == 0;
  const scattering::Propagator propagator(kLmax);
  if (print) fmt::print("{:>8} {:>8} {:>10} {:>12} {:>10}\n", "order", "ranks", "LAPACK s", "ScaLAPACK s", "GB a rank");
  for (const double sites : benchmark::numbers(argv[1])) {
    const scattering::DenseSystem system = lattice(static_cast<Eigen::Index>(sites), propagator);
    double seconds[2];
    // ScaLAPACK first: the peak of memory is then that of the distributed matrix
    double memory = 0.0;
    for (const int k : {1, 0}) {
      MPI_Barrier(MPI_COMM_WORLD);
      const auto start = std::chrono::steady_clock::now();
      (void)scattering::solve_dense(MPI_COMM_WORLD, system,
                                    k == 0 ? scattering::DenseMethod::lapack : scattering::DenseMethod::scalapack);
      seconds[k] = benchmark::seconds_since(start);
      if (k == 1) memory = parallel::peak_memory_gb();
    }
    if (print) {
      fmt::print("{:>8} {:>8} {:>10.2f} {:>12.2f} {:>10.2f}\n", system.size, parallel::size(MPI_COMM_WORLD), seconds[0],
                 seconds[1], memory);
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(argc, argv, 1, "dense_solve SITES[,SITES...]", run);
}
