// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <utility>

#include "../../../src/fdm/shell_waves.hpp"
#include "kedge/fdm/stencil.hpp"
#include "kedge/math/complex_lu.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

// Against the waves point by point, above, just above and below the level outside: the radii leave
// 3e-5 of a wave, single precision 1e-6, and what OuterSphere leaves out of the imaginary parts
// 1e-4.
TEST(ShellWaves, AreThoseOfTheOuterSphere) {
  constexpr int kLmax = 11;
  const double spacing = 0.56;
  const grid::SphereGrid grid(spacing, 7.0, spacing * Eigen::Vector3d(0.1, 0.4, -0.3));
  for (const auto& [stencil, precision] :
       {std::pair(make_stencil(4, true, spacing), Precision::fp32),
        std::pair(make_stencil(8, false, spacing), Precision::fp64)}) {
    const OuterSphere sphere(grid, stencil, kLmax, 0, grid.size());
    const ShellWaves waves(MPI_COMM_SELF, sphere, 1.3, precision);
    const auto rows = static_cast<Eigen::Index>(sphere.shell().size());
    const Eigen::MatrixXd at_shell = Eigen::MatrixXd::Random(rows, 7);
    const auto overlaps = waves.overlaps(at_shell);
    for (const Complex k : {Complex(0.09, 0.0), Complex(0.7, 0.0), Complex(1.3, 0.0),
                            Complex(0.0, 0.09), Complex(0.0, 0.5)}) {
      const OuterSphere::Columns exact = sphere.columns(k, kLmax);
      Eigen::MatrixXcd columns = exact.real.cast<Complex>();
      for (std::size_t i = 0; i < exact.imaginary_channel.size(); ++i) {
        columns.col(exact.imaginary_channel[i]) +=
            Complex(0.0, 1.0) * exact.imaginary.col(static_cast<Eigen::Index>(i));
      }
      const Eigen::MatrixXcd u = columns.transpose() * at_shell.cast<Complex>();
      const Eigen::MatrixXcd term = u.transpose() * math::ComplexLu(exact.w).solve(u);
      const OuterOverlap found = waves.at(k, overlaps);
      EXPECT_LT((found.u - u).norm(), 2e-4 * u.norm()) << k;
      const Eigen::MatrixXcd found_term = found.u.transpose() * found.wu;
      EXPECT_LT((found_term - term).norm(), 2e-4 * term.norm()) << k;
    }
  }
}

}  // namespace
}  // namespace kedge::fdm
