// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kedge/campaign/computed_curves.hpp"
#include "kedge/campaign/site_spectra.hpp"

namespace {

using kedge::io::Results;
using kedge::io::Status;
using testing::HasSubstr;

constexpr std::size_t kEnergies = 81;

/// One case, two equal boron sites whose core levels differ by 1 eV; S(E) = l + 1 everywhere, plus
/// a peak at 5 eV.
Results two_sites() {
  Results results;
  auto& header = results.header;
  header.element = std::string("B");
  header.edge = std::string("K");
  header.lmax = 1;
  header.q_per_angstrom = {4.5};
  header.sites = {{1, "B", "B1", {}, 1}, {2, "B", "B2", {}, 1}};
  header.cases = {{"absorber.screening", "electron", true, {0.5}}};
  for (std::size_t i = 0; i < kEnergies; ++i) {
    header.energy_ev.push_back(0.25 * static_cast<double>(i));
  }
  for (int site = 0; site < 2; ++site) {
    results.levels.push_back({-7.0, site == 0 ? -180.0 : -181.0, -10.0});
    for (int l = 0; l <= 1; ++l) {
      for (const double e : header.energy_ev) {
        results.s.push_back((l + 1) * std::exp(-(e - 5.0) * (e - 5.0)));
      }
    }
  }
  results.done.assign(2 * kEnergies, Status::done);
  return results;
}

kedge::spectrum::BroadeningSettings sharp() {
  kedge::spectrum::BroadeningSettings settings;
  settings.model = kedge::spectrum::WidthModel::none;
  settings.instrument_ev = 0.0;
  return settings;
}

kedge::campaign::OpenedResults opened(Results results) {
  kedge::campaign::FineBroadening fine(results.header.energy_ev, sharp(),
                                       kedge::campaign::kFineStepEv);
  return {"", std::move(results), sharp(), std::move(fine)};
}

TEST(SiteSpectra, SumOverMomentaAndEachOfThem) {
  const Results results = two_sites();
  const kedge::campaign::GridBroadening broadening(results, sharp(), 2);
  const auto sum = kedge::campaign::site_spectrum(results, {0, 0, 0, -1}, broadening);
  const auto p = kedge::campaign::site_spectrum(results, {0, 0, 0, 1}, broadening);
  // Without any width the spectrum is the raw one; 20 is the node at 5 eV. Rounding only.
  EXPECT_NEAR(sum[20], 3.0, 1e-12);
  EXPECT_NEAR(p[20], 2.0, 1e-12);
}

TEST(SiteSpectra, MatrixOfManySpectraBroadensAsOneByOne) {
  Results results = two_sites();
  kedge::spectrum::BroadeningSettings settings;
  settings.core_hole_width_ev = 0.3;
  const kedge::campaign::GridBroadening one(results, settings, 1);
  const kedge::campaign::GridBroadening many(results, settings, 1000);
  // The second site lacks an energy: no matrix does that.
  results.done[kEnergies + 20] = Status::failed;
  for (const std::size_t i_site : {0U, 1U}) {
    const auto expected = kedge::campaign::site_spectrum(results, {0, i_site, 0, -1}, one);
    const auto found = kedge::campaign::site_spectrum(results, {0, i_site, 0, -1}, many);
    ASSERT_EQ(found.size(), kEnergies);
    for (std::size_t i = 0; i < kEnergies; ++i) {
      EXPECT_NEAR(found[i], expected[i], 1e-12);  // rounding; the peak is 3
    }
  }
}

TEST(SiteSpectra, AbsorptionIsBroadenedAndSummedAsS) {
  Results results = two_sites();
  // As the sum over l of S, times 7: so are the sums, but for rounding.
  for (int site = 0; site < 2; ++site) {
    for (std::size_t i = 0; i < kEnergies; ++i) {
      const double e = results.header.energy_ev[i];
      results.xanes.push_back(21.0 * std::exp(-(e - 5.0) * (e - 5.0)));
    }
  }
  kedge::spectrum::BroadeningSettings settings = sharp();
  settings.core_hole_width_ev = 0.3;
  const auto sums = kedge::campaign::broadened_sums(results, settings).spectra;
  ASSERT_EQ(sums.absorption.intensity.size(), kEnergies);
  EXPECT_EQ(sums.absorption.energy_loss_ev, sums.by_q[0].energy_loss_ev);
  for (std::size_t i = 0; i < kEnergies; ++i) {
    EXPECT_NEAR(sums.absorption.intensity[i], 7.0 * sums.by_q[0].intensity[i], 1e-12);
  }
  results.xanes[3] = std::nan("");
  EXPECT_FALSE(kedge::campaign::has_absorption(results));
}

TEST(SiteSpectra, DeeperCoreLevelMovesTheSiteUp) {
  Results results = two_sites();
  const auto sums = kedge::campaign::broadened_sums(results, sharp());
  ASSERT_EQ(sums.spectra.by_q.size(), 1U);
  EXPECT_TRUE(sums.notes.empty());
  const auto& curve = sums.spectra.by_q[0].intensity;
  EXPECT_TRUE(sums.spectra.absorption.intensity.empty());  // the file has none
  // Site 1 peaks at 5 eV, site 2 at 6 eV; both nodes of the grid, mean of two: 3/2 (1 + exp(-1)).
  EXPECT_NEAR(curve[20], 1.5 * (1.0 + std::exp(-1.0)), 1e-12);
  EXPECT_NEAR(curve[24], curve[20], 1e-12);
  // The tabulated boron K edge, 188 eV, is the Fermi level of the least bound site.
  EXPECT_NEAR(sums.spectra.by_q[0].energy_loss_ev[0], 188.0, 0.5);
}

TEST(SiteSpectra, EdgesFromTheVacuumTakeTheFermiLevelAlong) {
  // Nitrogen, whose tabulated edge counts from the vacuum: two cases with Fermi levels of -7 and
  // -5 eV have their peak, 5 eV above each, at different losses.
  Results results = two_sites();
  auto& header = results.header;
  header.element = "N";
  header.sites.resize(1);
  header.cases[0].values = {1.0, 0.5};
  results.levels[1] = {-5.0, -180.0, -10.0};
  const auto sums = kedge::campaign::broadened_sums(results, sharp()).spectra;
  const auto& losses = sums.by_q[0].energy_loss_ev;
  EXPECT_NEAR(losses[0], 409.9 - 7.0, 0.1);  // the tables differ by that
  const auto at = [&](std::size_t i_case, std::size_t i) {
    return sums.by_q[0].intensity[i_case * kEnergies + i];
  };
  EXPECT_NEAR(at(0, 20), 3.0, 1e-12);  // nodes of the grid, both
  EXPECT_NEAR(at(1, 28), 3.0, 1e-12);
  const auto open = opened(results);
  const auto fine = kedge::campaign::fine_case_curve(open, 1, 0, -1);
  EXPECT_NEAR(fine.at(losses[28]).y, 3.0, 1e-3);  // its step
  EXPECT_NEAR(kedge::campaign::fine_site_curve(open, {1, 0, 0, -1}).at(losses[28]).y, 3.0, 1e-3);
}

TEST(SiteSpectra, FailedEnergiesAreBridgedAndTold) {
  Results results = two_sites();
  results.done[20] = Status::failed;
  results.s[20] = std::nan("");
  const auto sums = kedge::campaign::broadened_sums(results, sharp());
  ASSERT_EQ(sums.notes.size(), 1U);
  EXPECT_THAT(sums.notes[0], HasSubstr("bridge"));
  for (const double value : sums.spectra.by_q[0].intensity) EXPECT_TRUE(std::isfinite(value));
}

// Two structures of one site each, weights 1 and 3: the same as two sites of these multiplicities
// in one structure.
TEST(SiteSpectra, AverageOverStructuresIsTheWeightedSumOfTheirSites) {
  Results results = two_sites();
  auto& header = results.header;
  header.sites.resize(1);
  header.cases = {{"structure.frame", "", true, {1.0, 2.0}}, {"weight", "", false, {1.0, 3.0}}};
  const auto sums = kedge::campaign::broadened_sums(results, sharp());
  ASSERT_EQ(sums.spectra.averages.size(), 1U);
  ASSERT_EQ(sums.spectra.averages[0].intensity.size(), kEnergies);
  // Peaks of height 3 at 5 and at 6 eV, Gaussians of unit width; rounding only.
  EXPECT_NEAR(sums.spectra.averages[0].intensity[20],
              (1.0 * 3.0 + 3.0 * 3.0 * std::exp(-1.0)) / 4.0, 1e-12);
  EXPECT_NEAR(sums.spectra.averages[0].intensity[24],
              (1.0 * 3.0 * std::exp(-1.0) + 3.0 * 3.0) / 4.0, 1e-12);
}

TEST(SiteSpectra, UserWeighsAndMovesSites) {
  Results results = two_sites();
  results.adjustments = {{1.0, 0.0}, {3.0, 0.5}};
  const auto curve = kedge::campaign::broadened_sums(results, sharp()).spectra.by_q[0].intensity;
  // Site 1 peaks at 5 eV, site 2 at 6 + 0.5 eV with weight 3; all nodes of the grid, rounding only.
  const double apart = std::exp(-1.5 * 1.5);
  EXPECT_NEAR(curve[20], 3.0 * (1.0 + 3.0 * apart) / 4.0, 1e-12);
  EXPECT_NEAR(curve[26], 3.0 * (apart + 3.0) / 4.0, 1e-12);
  EXPECT_EQ(kedge::campaign::describe(results), "B2 (atom 2) weight 3, shift 0.5 eV");
}

TEST(SiteSpectra, SumOfSitesMovedByHalfAStepIsNotFlattened) {
  Results results = two_sites();
  results.adjustments = {{0.0, 0.0}, {1.0, 0.125}};
  const auto curve = kedge::campaign::broadened_sums(results, sharp()).spectra.by_q[0].intensity;
  // Site 2 alone, at 6.125 eV. The cubic errs by less than h^3/24 of the third derivative of a
  // Gaussian of unit width, 0.3 % of its height; straight lines by h^2/8 of the second, 1.6 %.
  for (std::size_t i = 4; i + 4 < kEnergies; ++i) {
    const double e = 0.25 * static_cast<double>(i) - 6.125;
    EXPECT_NEAR(curve[i], 3.0 * std::exp(-e * e), 3.0 * 0.003) << i;
  }
}

TEST(SiteSpectra, UnfinishedCurveEndsWhereItIsKnown) {
  Results results = two_sites();
  for (std::size_t i = 61; i < kEnergies; ++i) results.done[kEnergies + i] = Status::missing;
  const auto file = opened(results);
  const auto last = [](const kedge::measured::UniformCurve& curve) {
    return curve.first + curve.step * static_cast<double>(curve.y.size() - 1);
  };
  const double edge = kedge::campaign::energy_loss_ev(results).front();
  // Site 2, 1 eV more bound, is done up to 15 eV; the fine axis has a point there, but for
  // rounding.
  EXPECT_NEAR(last(kedge::campaign::fine_site_curve(file, {0, 0, 0, -1})), edge + 20.0, 1e-9);
  EXPECT_NEAR(last(kedge::campaign::fine_site_curve(file, {0, 1, 0, -1})), edge + 16.0, 1e-9);
  EXPECT_NEAR(last(kedge::campaign::fine_case_curve(file, 0, 0, -1)), edge + 16.0, 1e-9);
}

TEST(SiteSpectra, AbsentSiteIsNoGap) {
  Results results = two_sites();
  results.header.case_sites = {{1, 1, {}}, {0, 1, {}}};
  for (std::size_t i = kEnergies; i < 2 * kEnergies; ++i) results.done[i] = Status::absent;
  const auto sums = kedge::campaign::broadened_sums(results, sharp());
  EXPECT_TRUE(sums.notes.empty());
  EXPECT_NEAR(sums.spectra.by_q[0].intensity[20], 3.0, 1e-12);  // the first site alone
}

TEST(SiteSpectra, CaseWithoutASiteHasNoSum) {
  Results results = two_sites();
  for (std::size_t i = 0; i < kEnergies; ++i) results.done[i] = Status::missing;
  const auto sums = kedge::campaign::broadened_sums(results, sharp());
  EXPECT_TRUE(std::isnan(sums.spectra.by_q[0].intensity[0]));
  EXPECT_THAT(kedge::campaign::peak_table(opened(results), 0), HasSubstr("no complete spectrum"));
}

TEST(SiteSpectra, TwoEnergiesAreTooFewForPeaks) {
  Results results = two_sites();
  results.header.energy_ev.resize(2);
  EXPECT_THAT(kedge::campaign::peak_table(opened(results), 0), HasSubstr("too few energies"));
}

TEST(SiteSpectra, PeakTableGivesLossAndEnergyFromFermi) {
  Results results = two_sites();
  results.header.sites.resize(1);
  results.done.resize(kEnergies);
  results.s.resize(2 * kEnergies);
  const std::string table = kedge::campaign::peak_table(opened(results), 0);
  EXPECT_THAT(table, HasSubstr(" 5.00 "));
  EXPECT_THAT(table, HasSubstr("absorber.screening = 0.5"));
}

TEST(SiteSpectra, EnergiesOfAReducedModelHaveAResolution) {
  kedge::io::Input input;
  for (int i = 0; i < 40; ++i) input.energy.grid_ev.push_back(i < 30 ? 0.3 * i : 8.7 + (i - 29));
  input.engine.energies = "direct";
  EXPECT_EQ(kedge::campaign::energy_resolution_ev(input), std::vector<double>(40, 0.0));
  input.engine.energies = "reduced";
  const auto fwhm = kedge::campaign::energy_resolution_ev(input);
  // 2.3548 h sqrt(0.36 + 1/6)
  EXPECT_NEAR(fwhm[5], 0.5127, 1e-4);
  EXPECT_NEAR(fwhm[39], 1.7090, 1e-4);
  EXPECT_GT(fwhm[29], fwhm[28]);
  EXPECT_LT(fwhm[29], fwhm[30]);
  input.engine.energy_cell_ev = 0.0;
  EXPECT_EQ(kedge::campaign::energy_resolution_ev(input), std::vector<double>(40, 0.0));
}

TEST(SiteSpectra, AutoCoreHoleComesFromTheTable) {
  kedge::io::Input input;
  // Boron K in the fit that the table uses for light elements: 0.152 eV.
  EXPECT_NEAR(kedge::campaign::broadening_settings(input, "B").core_hole_width_ev, 0.152, 5e-4);
  input.broadening.core_hole_ev = 0.4;
  EXPECT_EQ(kedge::campaign::broadening_settings(input, "B").core_hole_width_ev, 0.4);
}

}  // namespace
