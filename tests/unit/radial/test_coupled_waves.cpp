// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/core/units.hpp"
#include "kedge/radial/coupled_waves.hpp"
#include "kedge/radial/regular_solution.hpp"

namespace kedge::radial {
namespace {

constexpr double kCharge = 5.0;
constexpr double kRadius = 1.3;
constexpr double kEnergy = 0.4;
constexpr int kLmax = 2;

struct Problem {
  math::SpectralMesh mesh = atomic_mesh(kCharge, kRadius, 1.6);
  std::vector<double> potential;
  Eigen::MatrixXd multipoles;
  Eigen::MatrixXd coupling;
  CoupledWaves waves;

  explicit Problem(bool relativistic) {
    multipoles = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(mesh.size()),
                                       math::harmonic_count(2 * kLmax));
    for (std::size_t i = 0; i < mesh.size(); ++i) {
      const double r = mesh.r()[i];
      potential.push_back(-kCharge / r * std::exp(-r) + 0.2 * r);
      for (int l = 1; l <= 2 * kLmax; ++l) {
        for (int m = -l; m <= l; ++m) {
          // As strong as next to a neighbour in a molecule: about 1 hartree at the sphere.
          multipoles(static_cast<Eigen::Index>(i), math::harmonic_index(l, m)) =
              std::pow(r / kRadius, l) * std::cos(3.0 * l + m);
        }
      }
    }
    coupling = couplings(math::Gaunt(kLmax, 2 * kLmax, kLmax), multipoles, kLmax);
    waves =
        coupled_waves(mesh, potential, coupling, kCharge, kLmax, kRadius, kEnergy, relativistic);
  }
};

TEST(CoupledWaves, SolveTheCoupledEquations) {
  for (const bool relativistic : {false, true}) {
    const Problem p(relativistic);
    const int n = math::harmonic_count(kLmax);
    const int nodes = p.mesh.nodes_per_element();
    const double half_c2 = relativistic ? 0.5 * kFineStructure * kFineStructure : 0.0;
    for (int e = 0; e < p.mesh.elements(); ++e) {
      const double a = p.mesh.edges()[static_cast<std::size_t>(e)];
      const double b = p.mesh.edges()[static_cast<std::size_t>(e) + 1];
      if (a < 0.02) {
        continue;  // nearer the nucleus the harmonics hardly couple, and waves fall as r^(l+1)
      }
      for (int i = 0; i < n; ++i) {
        const Eigen::MatrixXd pe = p.waves.p.block(n * i, e * nodes, n, nodes).transpose();
        const Eigen::MatrixXd qe = p.waves.q.block(n * i, e * nodes, n, nodes).transpose();
        const Eigen::MatrixXd dp = p.mesh.unit_derivative() * pe / (b - a);
        const Eigen::MatrixXd dq = p.mesh.unit_derivative() * qe / (b - a);
        const double largest = qe.cwiseAbs().maxCoeff() / a + pe.cwiseAbs().maxCoeff();
        for (int k = 0; k < nodes; ++k) {
          const int node = e * nodes + k;
          const double r = p.mesh.r()[static_cast<std::size_t>(node)];
          const double v = p.potential[static_cast<std::size_t>(node)];
          const double mass = 1.0 + half_c2 * (kEnergy - v);
          const Eigen::MatrixXd coupling = p.coupling.row(node).reshaped(n, n);
          const Eigen::VectorXd source = coupling * pe.row(k).transpose();
          for (int h = 0; h < n; ++h) {
            const int l = static_cast<int>(std::sqrt(h + 0.5));
            // Differentiating the interpolant of degree 13 in elements that grow 2.5 times loses
            // two digits of its 1e-7.
            EXPECT_NEAR(dp(k, h), pe(k, h) / r + 2.0 * mass * qe(k, h), 2e-5 * largest);
            EXPECT_NEAR(dq(k, h),
                        -qe(k, h) / r +
                            (l * (l + 1) / (2.0 * mass * r * r) + v - kEnergy) * pe(k, h) +
                            source(h),
                        2e-5 * largest);
          }
        }
      }
    }
  }
}

TEST(CoupledWaves, RegularWavesHaveNoFluxBetweenThem) {
  const Problem p(true);
  const auto last = static_cast<Eigen::Index>(p.mesh.size()) - 1;
  const Eigen::MatrixXd pl = p.waves.p_at(last);
  const Eigen::MatrixXd ql = p.waves.q_at(last);
  for (const Eigen::Index i : {0, 5}) {
    for (Eigen::Index j = 0; j < p.waves.count(); ++j) {
      const double flux = pl.col(i).dot(ql.col(j)) - ql.col(i).dot(pl.col(j));
      EXPECT_NEAR(flux, 0.0, 1e-6 * pl.col(i).norm() * ql.col(j).norm());  // as above
    }
  }
}

TEST(CoupledWaves, SphericalPotentialCouplesNothing) {
  Problem p(true);
  const Eigen::MatrixXd none = Eigen::MatrixXd::Zero(p.coupling.rows(), p.coupling.cols());
  const CoupledWaves waves =
      coupled_waves(p.mesh, p.potential, none, kCharge, kLmax, kRadius, kEnergy, true);
  for (int i = 0; i < math::harmonic_count(kLmax); ++i) {
    Eigen::MatrixXd others = waves.one_by_one()[static_cast<std::size_t>(i)];
    EXPECT_GT(others.col(i).norm(), 0.1);
    others.col(i).setZero();
    EXPECT_EQ(others.norm(), 0.0);
  }
}

}  // namespace
}  // namespace kedge::radial
