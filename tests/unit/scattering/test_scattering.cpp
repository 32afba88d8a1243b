// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include <Eigen/Eigenvalues>
#include <Eigen/Geometry>

#include "../../physics/support.hpp"
#include "../../support/spheres.hpp"
#include "kedge/scattering/engine.hpp"

namespace kedge::physics {
namespace {

using Complex = std::complex<double>;

constexpr double kLevel = -0.1;

/// Yukawa-like well of a nucleus, with a step of a few eV at its radius.
std::function<double(double)> well(double charge, double range) {
  return [=](double r) { return -charge / r * std::exp(-r / range) - 0.15; };
}

Spheres two_atoms(const Eigen::Matrix3d& rotation) {
  const Eigen::Vector3d bond = rotation * Eigen::Vector3d(0.4, -1.0, 2.4);
  return Spheres(
      {{{Eigen::Vector3d::Zero(), 5}, 1.3, well(5.0, 0.7)}, {{bond, 3}, 1.2, well(3.0, 0.9)}},
      kLevel);
}

scattering::Settings non_relativistic(std::vector<int> lmax) {
  scattering::Settings s;
  s.lmax = std::move(lmax);
  s.relativistic = false;
  return s;
}

TEST(Scattering, FreeElectrons) {
  // An empty sphere scatters nothing: rho_LL = (2k/pi) integral (r j_l)^2 dr, to rounding (1e-15
  // seen; the collocation may leave 1e-10).
  const Spheres nothing({{{Eigen::Vector3d::Zero(), 0}, 2.0, [](double) { return kLevel; }},
                         {{Eigen::Vector3d(0.0, 0.0, 4.0), 0}, 2.0, [](double) { return kLevel; }}},
                        kLevel);
  const potential::MuffinTinPotential model(nothing, nothing.radii());
  scattering::Engine engine(MPI_COMM_SELF, model, non_relativistic({3, 3}));
  for (const double kinetic : {0.01, 0.4, 1.5}) {
    const auto found = engine.solve(kLevel + kinetic);
    const OneSphere alone(
        0, [](double) { return kLevel; }, kLevel);
    const auto exact = exact_density(alone, 2.0, 2.0, 3, kLevel + kinetic, false);
    for (int c = 0, l = 0; l <= 3; ++l) {
      for (int m = -l; m <= l; ++m, ++c) {
        EXPECT_NEAR(found.rho(c, c) / exact[static_cast<std::size_t>(l)], 1.0, 1e-10);
      }
    }
  }
}

TEST(Scattering, OneSphereAgainstTheRadialSolution) {
  // Both use the same collocation; the Wronskian of the test (real j, n) is another path: rounding
  // of order 1e-9.
  const auto v = well(5.0, 0.7);
  const Spheres one({{{Eigen::Vector3d::Zero(), 5}, 1.3, v}}, kLevel);
  const potential::MuffinTinPotential model(one, one.radii());
  const double radius = 1.3;
  scattering::Engine engine(MPI_COMM_SELF, model, non_relativistic({3}));
  const OneSphere whole(5, v, kLevel);
  for (const double kinetic : {0.02, 0.5, 1.4}) {
    const auto found = engine.solve(kLevel + kinetic);
    const auto exact = exact_density(whole, radius, radius, 3, kLevel + kinetic, false);
    for (int l = 0; l <= 3; ++l) {
      EXPECT_NEAR(found.rho(l * l, l * l) / exact[static_cast<std::size_t>(l)], 1.0, 1e-8)
          << kinetic << ' ' << l;
      const auto wave = scattering::real_wave(model.mesh(0), model.spherical(0, 0.0), 5.0, l,
                                              kLevel + kinetic, kinetic, false);
      // |exp(2 i delta)| = 1: real radial functions, to rounding
      EXPECT_NEAR(std::abs(wave.wave.s_matrix), 1.0, 1e-10);
    }
  }
}

TEST(Scattering, RotatingTwoAtomsTurnsTheDensity) {
  // Traces over m and eigenvalues do not change: everything is done in closed form, so to rounding
  // of a 50-wave solve.
  const Eigen::Matrix3d turn = (Eigen::AngleAxisd(0.7, Eigen::Vector3d::UnitZ()) *
                                Eigen::AngleAxisd(1.2, Eigen::Vector3d::UnitX()))
                                   .toRotationMatrix();
  Eigen::VectorXd eigenvalues[2];
  for (int i = 0; i < 2; ++i) {
    const Spheres atoms = two_atoms(i == 0 ? Eigen::Matrix3d::Identity() : turn);
    const potential::MuffinTinPotential model(atoms, atoms.radii());
    scattering::Engine engine(MPI_COMM_SELF, model, non_relativistic({4, 4}));
    const auto found = engine.solve(kLevel + 0.5);
    EXPECT_EQ((found.rho - found.rho.transpose()).norm(), 0.0);
    eigenvalues[i] = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(found.rho).eigenvalues();
    EXPECT_GT(eigenvalues[i].minCoeff(),
              -1e-10 * eigenvalues[i].maxCoeff());  // positive: sum of |amplitude|^2
  }
  // The angular mean of the model has weights of degree 11 and up, good to 1e-12 here since the
  // wells are spherical.
  EXPECT_LT((eigenvalues[0] - eigenvalues[1]).cwiseAbs().maxCoeff(),
            1e-9 * eigenvalues[0].maxCoeff());
}

TEST(Scattering, ConvergesWithTheNumberOfWaves) {
  // t_l of spheres of 1.3 bohr at k = 1 falls by about (kb)^2/(2l+1)^2 an order: each order gains a
  // factor of 3 at least.
  const Spheres atoms = two_atoms(Eigen::Matrix3d::Identity());
  const potential::MuffinTinPotential model(atoms, atoms.radii());
  std::vector<double> rho;
  for (const int lmax : {2, 3, 4, 5, 8}) {
    scattering::Engine engine(MPI_COMM_SELF, model, non_relativistic({lmax, lmax}));
    rho.push_back(engine.solve(kLevel + 0.5).rho.topLeftCorner(9, 9).trace());
  }
  const auto error = [&](std::size_t i) { return std::abs(rho[i] / rho.back() - 1.0); };
  EXPECT_LT(error(0), 0.05);
  EXPECT_LT(error(2), error(0) / 3.0);
  EXPECT_LT(error(3), 1e-3);
}

TEST(Scattering, ClusterIsUnitary) {
  // |S| = 1 in the multi-centre form. What is missed are waves of l > 12 about the origin, (e k
  // R/2l)^2l = 1e-10 for a cluster of R = 4 bohr at k = 1; one digit for strong spheres. Its
  // diagonal is the optical theorem, Im f = k/(4 pi) sigma, wave by wave.
  const Spheres atoms = two_atoms(Eigen::Matrix3d::Identity());
  const potential::MuffinTinPotential model(atoms, atoms.radii());
  scattering::Engine engine(MPI_COMM_SELF, model, non_relativistic({4, 4}));
  const Eigen::MatrixXcd s = engine.s_matrix(kLevel + 0.5, 12);
  const Eigen::MatrixXcd unit = s.adjoint() * s;
  EXPECT_LT((unit - Eigen::MatrixXcd::Identity(s.rows(), s.cols())).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_GT((s - Eigen::MatrixXcd::Identity(s.rows(), s.cols())).cwiseAbs().maxCoeff(), 0.1);
}

TEST(Scattering, ComplexEnergyIsThePoissonIntegralOfTheRealAxis) {
  // n(E + i eta) equal to the Lorentzian convolution of n on the real axis means that n is harmonic
  // in the upper half plane and continuous to the axis. Both are tested: the mean over a circle is
  // the value at its centre (64 points converge exponentially: the nearest singularity lies on the
  // axis, at 1/0.7 of the radius: 0.7^64 = 1e-10; the collocation keeps 1e-8), and n at E + i 1e-7
  // is rho(E).
  const Spheres atoms = two_atoms(Eigen::Matrix3d::Identity());
  const potential::MuffinTinPotential model(atoms, atoms.radii());
  scattering::Engine engine(MPI_COMM_SELF, model, non_relativistic({3, 3}));
  const auto density = [&](Complex z) {
    return scattering::density_of_states(engine.green(z), engine.absorber_mesh());
  };
  for (const Complex centre : {Complex(kLevel + 0.5, 0.08), Complex(kLevel - 0.15, 0.05)}) {
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(16);
    const double radius = 0.7 * centre.imag();
    const int points = 64;
    for (int i = 0; i < points; ++i) {
      mean += density(centre + std::polar(radius, 2.0 * kPi * (i + 0.5) / points)) / points;
    }
    const Eigen::VectorXd at_centre = density(centre);
    EXPECT_LT((mean - at_centre).cwiseAbs().maxCoeff(), 1e-7 * at_centre.cwiseAbs().maxCoeff())
        << centre;
    EXPECT_GT(at_centre.minCoeff(), 0.0);
  }
  const Eigen::VectorXd near = density(Complex(kLevel + 0.5, 1e-7));
  const Eigen::VectorXd on_axis = engine.solve(kLevel + 0.5).rho.diagonal();
  // n changes by about its value over 0.1 hartree: 1e-6 over 1e-7
  EXPECT_LT((near - on_axis).cwiseAbs().maxCoeff(), 1e-5 * on_axis.maxCoeff());
}

TEST(Scattering, AllSitesContainTheAbsorber) {
  const Spheres atoms = two_atoms(Eigen::Matrix3d::Identity());
  const potential::MuffinTinPotential model(atoms, atoms.radii());
  scattering::Engine engine(MPI_COMM_SELF, model, non_relativistic({3, 2}));
  const Complex z(kLevel + 0.3, 0.05);
  const auto all = engine.green_of_all(z);
  const auto one = engine.green(z);
  EXPECT_LT((all[0].g - one.g).cwiseAbs().maxCoeff(),
            1e-10 * one.g.cwiseAbs().maxCoeff());  // rounding
  EXPECT_EQ(all[1].g.rows(), 9);
}

}  // namespace
}  // namespace kedge::physics
