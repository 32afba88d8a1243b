// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/fdm/family.hpp"
#include "kedge/parallel/communicator.hpp"
#include "molecule.hpp"

namespace kedge::physics {
namespace {

// One order of the outer sphere at all energies, so that direct solves are of the very operator
// that is reduced.
constexpr int kOuterLmax = 11;

std::unique_ptr<fdm::Engine> engine_of(MPI_Comm comm, const potential::PotentialModel& model) {
  auto settings = molecule_settings(model, 0.3, 4, 0.0, 26.0);
  settings.outer_lmax = kOuterLmax;
  return std::make_unique<fdm::Engine>(comm, model, settings);
}

std::vector<double> window() {
  std::vector<double> energies;
  for (double e = 0.0; e <= 26.0; e += 0.5) energies.push_back(hartree_from_ev(e));
  return energies;
}

/// Every `step`-th energy against a direct solve.
fdm::WindowReport expect_direct_solves(const fdm::WindowSettings& settings, std::size_t step) {
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  const auto engine = engine_of(MPI_COMM_WORLD, *model);
  const std::vector<double> energies = window();
  const fdm::WindowResult result = engine->solve_window(energies, settings);
  double largest = 0.0;
  for (const auto& a : result.amplitudes) largest = std::max(largest, a.rho.trace());
  for (std::size_t i = 0; i < energies.size(); i += step) {
    const fdm::ChannelAmplitudes direct = engine->solve(energies[i]);
    const double error = (result.amplitudes[i].rho - direct.rho).trace() / largest;
    EXPECT_LE(std::abs(error), result.error[i]) << energies[i];
    EXPECT_LE(std::abs(error), 2e-3) << energies[i];  // what a spectrum is wanted to
    // Every channel, not only the sum.
    EXPECT_LE((result.amplitudes[i].rho - direct.rho).norm() / largest, 5e-3) << energies[i];
    for (std::size_t w = 0; w < direct.waves.size(); ++w) {
      EXPECT_EQ(direct.waves[w], result.amplitudes[i].waves[w]);
    }
  }
  return result.report;
}

TEST(EnergyWindow, FollowsDirectSolvesWithinItsEstimate) {
  const fdm::WindowReport report = expect_direct_solves({}, 3);
  EXPECT_EQ(report.columns, 2 * 9 * 4 * report.snapshots);  // one basis, 9 waves
}

// As in a large sphere, where one basis would have too many columns.
TEST(EnergyWindow, ConsistsOfStretchesWithBasesOfTheirOwn) {
  fdm::WindowSettings settings;
  settings.states /= 12.0;
  const fdm::WindowReport report = expect_direct_solves(settings, 6);
  EXPECT_LT(report.columns, 2 * 9 * report.solves);
}

/// Densities at energies from `first` on, through the Gaussians of cells as wide as their step.
struct Seen {
  double first, step;  // [eV]
  std::vector<double> density;
  double worst_error = 0.0;  // estimated

  [[nodiscard]] double energy(std::size_t i) const { return first + step * static_cast<double>(i); }
  /// At one energy through the Gaussian of wider cells.
  [[nodiscard]] double through(double energy_ev, double cell_ev) const {
    const double variance = fdm::kCellSigma * fdm::kCellSigma * (cell_ev * cell_ev - step * step);
    double sum = 0.0;
    for (std::size_t i = 0; i < density.size(); ++i) {
      const double x = energy(i) - energy_ev;
      sum += density[i] * step * std::exp(-0.5 * x * x / variance);
    }
    return sum / std::sqrt(2.0 * kPi * variance);
  }
};

Seen seen(fdm::Engine& engine, double first, double step, int count) {
  std::vector<double> energies;
  for (int i = 0; i < count; ++i) energies.push_back(hartree_from_ev(first + step * i));
  fdm::WindowSettings settings;
  settings.widest_cell = hartree_from_ev(2.0);
  const fdm::WindowResult result = engine.solve_window(energies, settings);
  Seen out{first, step, {}};
  for (const auto& a : result.amplitudes) out.density.push_back(a.rho.trace());
  out.worst_error = *std::ranges::max_element(result.error);
  return out;
}

// The same energies of a coarse grid from a fine one, where the density rises and falls by a third:
// both are the spectrum through a Gaussian, wherever structure lies between their energies.
TEST(EnergyWindow, EachEnergySeesTheSpectrumThroughItsGaussian) {
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  const auto engine = engine_of(MPI_COMM_WORLD, *model);
  const Seen coarse = seen(*engine, 1.5, 1.0, 3);
  const Seen fine = seen(*engine, -0.5, 0.1, 61);  // four standard deviations beyond
  for (std::size_t i = 0; i < 3; ++i) {
    // The normalisation of the waves is taken at the energy of a cell, which leaves second order in
    // its width; the limit is half of what each model may err by (WindowSettings::tolerance).
    const double wanted = fine.through(coarse.energy(i), 1.0);
    EXPECT_NEAR(coarse.density[i], wanted, 5e-3 * wanted) << coarse.energy(i);
  }
}

// Bound states between the energies of a grid count in full, wherever they lie in its cells: on the
// real axis there is nothing of them to see.
TEST(EnergyWindow, BoundStatesBelowTheOuterLevelCount) {
  const auto model = superposed_with_hole(borane(Eigen::Matrix3d::Identity()), 1.0);
  fdm::Engine engine(MPI_COMM_WORLD, *model, molecule_settings(*model, 0.3, 4, -10.0, 2.0));
  // The level outside is at -2.0 eV.
  const Seen coarse = seen(engine, -9.0, 0.5, 3);
  const Seen fine = seen(engine, -10.0, 0.1, 31);
  EXPECT_EQ(engine.solve(hartree_from_ev(-8.5)).rho.trace(), 0.0);
  EXPECT_LE(coarse.worst_error, fdm::WindowSettings().tolerance);
  EXPECT_LE(fine.worst_error, fdm::WindowSettings().tolerance);
  double most = 0.0;
  for (std::size_t i = 0; i < coarse.density.size(); ++i)
    most = std::max(most, fine.through(coarse.energy(i), coarse.step));
  EXPECT_GT(most * hartree_from_ev(coarse.step), 0.1);  // of a state in the absorber's sphere
  for (std::size_t i = 0; i < coarse.density.size(); ++i) {
    // How the normalisation of the waves changes over a cell counts in second order of its width;
    // the fine energies hold a state to 0.2 % (fdm::kCellSigma).
    EXPECT_NEAR(coarse.density[i], fine.through(coarse.energy(i), coarse.step), 1e-2 * most)
        << coarse.energy(i);
  }
}

// Seven screenings on one basis, against models of their own; and in whatever order they are asked
// for.
TEST(EnergyWindow, FamilyFollowsModelsOfItsMembers) {
  const auto cluster = borane(Eigen::Matrix3d::Identity());
  std::vector<fdm::FamilyMember> members;
  for (int i = 0; i < 7; ++i) {
    const fdm::Parameters at = {0.4 + 0.1 * i, 0.0};
    fdm::FamilyMember member{at, superposed_with_hole(cluster, at[0]), {}};
    for (double e = 2.0; e <= 22.0; e += 0.5) {
      member.energies.push_back(hartree_from_ev(e) + member.model->outer_level(0.0));
    }
    members.push_back(std::move(member));
  }
  const auto engine = engine_of(MPI_COMM_WORLD, *members.back().model);
  fdm::Family family(*engine, members, {});
  fdm::WindowResult last;
  for (const std::size_t i : {1U, 5U}) {
    const fdm::WindowResult together = family.solve(i);
    const fdm::WindowResult alone = fdm::Family(*engine, {members[i]}, {}).solve(0);
    double largest = 0.0;
    for (const auto& a : alone.amplitudes) largest = std::max(largest, a.rho.trace());
    for (std::size_t e = 0; e < members[i].energies.size(); ++e) {
      const double error = (together.amplitudes[e].rho - alone.amplitudes[e].rho).trace() / largest;
      EXPECT_LE(std::abs(error), together.error[e] + alone.error[e]) << i << " " << e;
      EXPECT_LE(std::abs(error), 5e-3) << i << " " << e;  // a quarter of what a sweep is wanted to
    }
    last = together;
  }
  const fdm::WindowResult first = fdm::Family(*engine, members, {}).solve(5);
  // On several ranks MUMPS adds up what arrives in the order in which it does, in single precision:
  // states lie up to 2e-6 hartree elsewhere, which changes rho by as much relative to the 0.1
  // hartree in which it varies here.
  const double allowed = parallel::size(MPI_COMM_WORLD) == 1 ? 0.0 : 1e-4;
  for (std::size_t e = 0; e < first.amplitudes.size(); ++e) {
    EXPECT_LE((first.amplitudes[e].rho - last.amplitudes[e].rho).norm(),
              allowed * last.amplitudes[e].rho.norm())
        << e;
  }
}

// An energy at which no model does must not take the others with it: the result tells it by its
// error, which holds there as elsewhere.
TEST(EnergyWindow, WhatIsLeftIsToldByItsError) {
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  const auto engine = engine_of(MPI_COMM_WORLD, *model);
  fdm::WindowSettings settings;
  settings.tolerance = 1e-9;  // below what is added for what no model sees
  const std::vector<double> energies = {hartree_from_ev(5.0), hartree_from_ev(6.0)};
  const fdm::WindowResult result = engine->solve_window(energies, settings);
  EXPECT_EQ(result.report.models, 6);
  ASSERT_EQ(result.amplitudes.size(), 2U);
  double largest = 0.0;
  for (const auto& a : result.amplitudes) largest = std::max(largest, a.rho.trace());
  for (std::size_t i = 0; i < 2; ++i) {
    const double error =
        (result.amplitudes[i].rho - engine->solve(energies[i]).rho).trace() / largest;
    EXPECT_LE(std::abs(error), result.error[i]) << i;
    // Six models, each with a snapshot more at one of the two energies: the last is well within
    // what the first is asked for.
    EXPECT_LT(result.error[i], fdm::WindowSettings().tolerance) << i;
  }
}

// What ends the making of a basis half way leaves nothing behind for the next call.
TEST(EnergyWindow, CanBeAskedAgainAfterAFailure) {
  const std::shared_ptr<const potential::PotentialModel> model =
      superposed(borane(Eigen::Matrix3d::Identity()));
  const auto engine = engine_of(MPI_COMM_WORLD, *model);
  const std::vector<double> energies = {hartree_from_ev(5.0), hartree_from_ev(8.0)};
  int steps = 0;
  fdm::WindowSettings settings;
  settings.between_steps = [&steps] {
    if (++steps == 2) throw Error(ErrorKind::numerical, "the second snapshot");
  };
  fdm::Family family(*engine, {{{}, model, energies}}, settings);
  EXPECT_THROW((void)family.solve(0), Error);
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(family.solve(0).amplitudes.size(), 2U);
}

TEST(EnergyWindow, ReachEndsAtTheOuterLevel) {
  const auto model = superposed(borane(Eigen::Matrix3d::Identity()));
  EXPECT_FALSE(fdm::in_reach_of_window(*model, hartree_from_ev(-2.0)));  // the outer level itself
  EXPECT_TRUE(fdm::in_reach_of_window(*model, hartree_from_ev(-1.5)));
  EXPECT_TRUE(fdm::in_reach_of_window(*model, hartree_from_ev(-2.5)));
}

}  // namespace
}  // namespace kedge::physics
