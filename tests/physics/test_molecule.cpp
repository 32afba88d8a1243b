// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include <Eigen/Eigenvalues>

#include "kedge/transition/matrix_elements.hpp"
#include "molecule.hpp"

namespace kedge::physics {
namespace {

std::vector<double> traces(const fdm::ChannelAmplitudes& a) {
  std::vector<double> out;
  for (int l = 0; l <= a.lmax; ++l) {
    out.push_back(a.rho.block(l * l, l * l, 2 * l + 1, 2 * l + 1).trace());
  }
  return out;
}

const std::vector<double> kEnergiesEv = {3.0, 8.0, 18.0,
                                         28.0};  // from the vacuum, outer level -2 eV

/// Largest relative change of the trace of rho over rotations of the molecule and shifts of the
/// grid, by l.
std::vector<double> spread(double spacing_angstrom) {
  std::vector<std::vector<double>> lowest(kEnergiesEv.size()), highest(kEnergiesEv.size());
  struct Placement {
    Eigen::Vector3d angles, shift;
  };
  for (const Placement& p :
       {Placement{{0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}}, Placement{{0.4, 0.9, 0.2}, {0.5, 0.5, 0.5}},
        Placement{{1.1, 0.3, 2.0}, {0.1, 0.2, 0.3}},
        Placement{{0.7, 1.5, 0.5}, {0.5, 0.1, 0.27}}}) {
    const Eigen::Matrix3d rotation = (Eigen::AngleAxisd(p.angles.x(), Eigen::Vector3d::UnitZ()) *
                                      Eigen::AngleAxisd(p.angles.y(), Eigen::Vector3d::UnitX()) *
                                      Eigen::AngleAxisd(p.angles.z(), Eigen::Vector3d::UnitZ()))
                                         .toRotationMatrix();
    const auto model = superposed(borane(rotation));
    auto settings =
        molecule_settings(*model, spacing_angstrom, 4, kEnergiesEv.front(), kEnergiesEv.back());
    settings.shift = p.shift;
    fdm::Engine engine(MPI_COMM_SELF, *model, settings);
    for (std::size_t e = 0; e < kEnergiesEv.size(); ++e) {
      const auto a = engine.solve(hartree_from_ev(kEnergiesEv[e]));
      const auto t = traces(a);
      if (lowest[e].empty()) lowest[e] = highest[e] = t;
      for (std::size_t l = 0; l < t.size(); ++l) {
        lowest[e][l] = std::min(lowest[e][l], t[l]);
        highest[e][l] = std::max(highest[e][l], t[l]);
      }
    }
  }
  std::vector<double> largest(lowest.front().size(), 0.0);
  for (std::size_t e = 0; e < kEnergiesEv.size(); ++e) {
    for (std::size_t l = 0; l < largest.size(); ++l) {
      largest[l] = std::max(largest[l], highest[e][l] / lowest[e][l] - 1.0);
    }
  }
  return largest;
}

TEST(Molecule, RotatingAndShiftingChangesAsMuchAsTheGridErrs) {
  const std::vector<double> coarse = spread(0.25);
  const std::vector<double> fine = spread(0.20);
  // Two engines are to agree within 2 (d: 3) and 1 %; a third of that is wanted of one against
  // itself.
  const std::vector<double> coarse_limit = {7e-3, 7e-3, 1e-2};
  constexpr double kFineLimit = 4e-3;
  for (std::size_t l = 0; l < coarse.size(); ++l) {
    RecordProperty("spread_l" + std::to_string(l),
                   std::to_string(coarse[l]) + " " + std::to_string(fine[l]));
    EXPECT_LT(coarse[l], coarse_limit[l]) << "l " << l;
    EXPECT_LT(fine[l], kFineLimit) << "l " << l;
  }
}

TEST(Molecule, MoreChannelsMatterLittle) {
  // What the potential of the neighbours makes of the waves of an atom beyond its projectors'
  // harmonics is left to the grid, which errs for it by the difference between the smooth and the
  // true potential at high l only: 2 % for one order less, where taking it away cost 10 %.
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  auto settings = molecule_settings(*model, 0.25, 4, kEnergiesEv.front(), kEnergiesEv.back());
  fdm::Engine fewer(MPI_COMM_SELF, *model, settings);
  for (int& lmax : settings.lmax) ++lmax;
  fdm::Engine more(MPI_COMM_SELF, *model, settings);
  for (const double energy_ev : kEnergiesEv) {
    const auto a = traces(fewer.solve(hartree_from_ev(energy_ev)));
    const auto b = traces(more.solve(hartree_from_ev(energy_ev)));
    for (std::size_t l = 0; l < a.size(); ++l) {
      EXPECT_NEAR(a[l], b[l], 0.02 * b[l]) << energy_ev << " eV, l " << l;
    }
  }
}

TEST(Molecule, ALatticeTooCoarseForItsWavesIsSeen) {
  // Waves of l = 2 in the sphere of boron: known to a quarter at a step of 0.25 Angstrom, lost
  // where few nodes are left in the sphere. Those of l = 3, lost at 0.42 Angstrom, have dual
  // functions and no part in it.
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  const auto resolution = [&](double spacing_angstrom) {
    auto settings =
        molecule_settings(*model, spacing_angstrom, 4, kEnergiesEv.front(), kEnergiesEv.back());
    settings.lmax[0] = 3;
    return fdm::Engine(MPI_COMM_SELF, *model, settings).least_resolution();
  };
  EXPECT_GT(resolution(0.25), 0.75);
  EXPECT_LT(resolution(0.46), fdm::kResolved);
}

TEST(Molecule, WavesOfLThreeNeedNoFinerLattice) {
  // Their B vanishes between 0.30 and 0.42 Angstrom; the dual functions do without its inverse.
  // What waves of l <= 2, which err by some per cent at such steps, scatter into them is 5 % of the
  // largest.
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  const auto of_l3 = [&](double spacing_angstrom) {
    auto settings =
        molecule_settings(*model, spacing_angstrom, 4, kEnergiesEv.front(), kEnergiesEv.back());
    settings.lmax[0] = 3;
    fdm::Engine engine(MPI_COMM_SELF, *model, settings);
    std::vector<double> out;
    for (const double energy_ev : kEnergiesEv) {
      out.push_back(traces(engine.solve(hartree_from_ev(energy_ev)))[3]);
    }
    return out;
  };
  const std::vector<double> fine = of_l3(0.20);
  const double largest = *std::ranges::max_element(fine);
  for (const double spacing_angstrom : {0.30, 0.36}) {
    const std::vector<double> coarse = of_l3(spacing_angstrom);
    for (std::size_t e = 0; e < fine.size(); ++e) {
      EXPECT_NEAR(coarse[e], fine[e], 0.05 * largest) << spacing_angstrom << ' ' << kEnergiesEv[e];
    }
  }
}

TEST(Molecule, DensityIsSymmetricAndPositive) {
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  auto settings = molecule_settings(*model, 0.25, 4, kEnergiesEv.front(), kEnergiesEv.back());
  settings.shift = {0.1, 0.2, 0.3};
  fdm::Engine engine(MPI_COMM_SELF, *model, settings);
  for (const double energy_ev : kEnergiesEv) {
    const auto a = engine.solve(hartree_from_ev(energy_ev));
    EXPECT_EQ((a.rho - a.rho.transpose()).norm(), 0.0);
    const Eigen::VectorXd scale = a.rho.diagonal().cwiseSqrt().cwiseInverse();
    const Eigen::MatrixXd scaled = scale.asDiagonal() * a.rho * scale.asDiagonal();
    const Eigen::VectorXd values =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(scaled).eigenvalues();
    // positive to the discretisation error, in units of the diagonal
    EXPECT_GT(values.minCoeff(), -0.02) << energy_ev;
  }
}

TEST(Molecule, NoDensityBelowTheOuterLevel) {
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  const auto settings = molecule_settings(*model, 0.3, 4, -8.0, 3.0);
  fdm::Engine engine(MPI_COMM_SELF, *model, settings);
  for (const double energy_ev : {-7.0, -3.0}) {
    // all real: no imaginary part at all
    EXPECT_EQ(engine.solve(hartree_from_ev(energy_ev)).rho.norm(), 0.0) << energy_ev;
  }
}

TEST(Molecule, RamanBecomesAbsorptionAtSmallMomentum) {
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  auto settings = molecule_settings(*model, 0.3, 4, kEnergiesEv.front(), kEnergiesEv.back());
  settings.shift = {0.1, 0.2, 0.3};
  fdm::Engine engine(MPI_COMM_SELF, *model, settings);
  auto a = engine.solve(hartree_from_ev(8.0));
  const atom::Atom boron = atom::solve_atom(5, atom::ground_state(5), {});
  const transition::FinalStates states{a.lmax, std::move(a.rho), std::move(a.waves)};
  const double w = hartree_from_ev(196.0);
  for (const char* edge : {"K", "L1"}) {
    const auto core =
        transition::core_orbital(boron, atom::core_level_of_edge(edge), engine.absorber_mesh());
    const double limit =
        transition::absorption(engine.absorber_mesh(), core, states, w, {}, false) /
        (4.0 * kPi * kPi * kFineStructure * w);
    const auto deviation = [&](double q) {
      double sum = 0.0;
      for (const double s : transition::dynamic_structure_factor(engine.absorber_mesh(), core,
                                                                 states, q, {}, true)) {
        sum += s;
      }
      return sum / (q * q) / limit - 1.0;
    };
    EXPECT_NEAR(deviation(1e-3), 0.0, 1e-4) << edge;
    EXPECT_NEAR(deviation(0.04) / deviation(0.02), 4.0, 0.05) << edge;
  }
}

}  // namespace
}  // namespace kedge::physics
