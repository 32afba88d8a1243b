// SPDX-License-Identifier: BSD-3-Clause
/// Several result files against several measured spectra, absorption among them; everything made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "kedge/campaign/rank_cases.hpp"
#include "kedge/core/error.hpp"

namespace {

using namespace kedge::campaign;
using kedge::Error;
using kedge::ErrorKind;
using kedge::io::Status;
using testing::ElementsAre;
using testing::HasSubstr;

/// One site whose resonance moves by 2 eV for each electron of screening, at `place` for none;
/// absorption has it twice as wide. Levels are the same, so the axis is too.
OpenedResults made(const std::string& element, double place,
                   const std::vector<double>& screenings) {
  OpenedResults opened;
  opened.file = element + ".h5";
  auto& results = opened.results;
  auto& header = results.header;
  header.element = element;
  header.edge = std::string("K");
  header.lmax = 0;
  header.q_per_angstrom = {4.5};
  header.sites = {{1, element, element + "1", {}, 1}};
  header.cases = {{"absorber.screening", "electron", screenings.size() > 1, screenings}};
  for (int i = 0; i <= 80; ++i) header.energy_ev.push_back(0.25 * i);
  for (const double screening : screenings) {
    results.levels.push_back({-5.0, -190.0, -10.0});
    for (const double e : header.energy_ev) {
      const double x = e - place - 2.0 * screening;
      results.s.push_back(0.02 * std::exp(-x * x) + 0.005);
      results.xanes.push_back(3.0 * std::exp(-x * x / 4.0) + 1.0);
    }
  }
  results.done.assign(results.s.size(), Status::done);
  opened.settings.core_hole_width_ev = 0.3;
  opened.fine = FineBroadening(header.energy_ev, opened.settings, kFineStepEv);
  return opened;
}

/// The first case as measured: moved, scaled, with Gaussian noise, 2 to 16 eV above the edge.
kedge::measured::Spectrum measured_from(const OpenedResults& opened, std::size_t i_q,
                                        double shift_ev, double scale, double noise,
                                        unsigned seed) {
  const auto curve = fine_case_curve(opened, 0, i_q, -1);
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  kedge::measured::Spectrum data;
  data.name = opened.results.header.element;
  for (int i = 0; i <= 70; ++i) {
    const double energy = energy_loss_ev(opened.results).front() + 2.0 + 0.2 * i;
    data.energy_ev.push_back(energy);
    data.intensity.push_back(scale * curve.at(energy - shift_ev).y + noise * normal(random));
    data.error.push_back(noise);
  }
  return data;
}

std::string message_of(const std::vector<ComparedFile>& files) {
  try {
    (void)joint_cases(files);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "";
}

TEST(JointCases, AgreeInWhatFilesShare) {
  const auto boron = made("B", 4.0, {1.0, 0.8, 0.6});
  const auto carbon = made("C", 5.0, {0.6, 0.8, 0.5});
  const auto held = made("N", 5.0, {0.7});
  const std::vector<ComparedFile> files = {
      {CaseCurves(boron)}, {CaseCurves(carbon)}, {CaseCurves(held)}};
  // 0.8 and 0.6 are there in both; a value that a file holds is no condition.
  EXPECT_THAT(joint_cases(files), ElementsAre(JointCase{1, 1, 0}, JointCase{2, 0, 0}));
  EXPECT_EQ(shared_name(files, 1, "absorber.screening"), "absorber.screening");
  EXPECT_EQ(shared_name(files, 2, "absorber.screening"), "absorber.screening_file3");
  const std::vector<std::string> own = {"absorber.screening"};
  const std::vector<ComparedFile> apart = {{CaseCurves(boron), own}, {CaseCurves(carbon), own}};
  EXPECT_EQ(joint_cases(apart).size(), 9U);
  EXPECT_EQ(shared_name(apart, 1, "absorber.screening"), "absorber.screening_file2");
  const auto other = made("C", 5.0, {0.9, 0.7});
  EXPECT_THAT(message_of({{CaseCurves(boron)}, {CaseCurves(other)}}),
              HasSubstr("no case of 'C.h5'"));
}

TEST(RankCases, TwoEdgesHaveOneScreeningAndTwoShifts) {
  const std::vector<double> screenings = {1.0, 0.9, 0.8, 0.7, 0.6};
  const auto boron = made("B", 4.0, screenings);
  const auto carbon = made("C", 5.0, screenings);
  // Shift and screening move a spectrum alike; the slope of a resonance on an edge that stays tells
  // them apart, so the absorption of boron fixes nothing more. Truth between the cases.
  const std::vector<MeasuredSpectrum> data = {
      {measured_from(made("B", 4.0, {0.73}), 0, 0.0, 300.0, 0.01, 1), 0, 0},
      {measured_from(made("B", 4.0, {0.73}), kAbsorption, 0.0, 2.0, 0.01, 2), kAbsorption, 0},
      {measured_from(made("C", 5.0, {0.73}), 0, 0.0, 1e5, 3.0, 3), 0, 1}};
  std::vector<ComparedFile> files;
  files.push_back({CaseCurves(boron)});
  files.push_back({CaseCurves(carbon)});
  kedge::measured::FitSettings settings;
  settings.lowest_shift_ev = -2.0;
  settings.highest_shift_ev = 2.0;
  const auto ranking = rank_cases(files, data, settings);
  ASSERT_EQ(ranking.cases.size(), 5U);
  EXPECT_LE(ranking.cases[0].fit.chi2, ranking.cases[1].fit.chi2);
  EXPECT_EQ(ranking.cases[0].cases[0], ranking.cases[0].cases[1]);
  const auto best = best_parameters(files, data, settings, ranking);
  ASSERT_TRUE(best.has_value());
  EXPECT_THAT(best->keys, ElementsAre("absorber.screening"));
  // Five standard deviations, interpolation included, and these far below the spacing of the cases.
  EXPECT_NEAR(best->fit.parameters[0].value, 0.73, 5.0 * best->sigma(0));
  EXPECT_LT(best->sigma(0), 0.05);
  for (std::size_t t = 0; t < data.size(); ++t) {
    EXPECT_NEAR(best->fit.targets[t].shift_ev.value, 0.0, 5.0 * best->shift_sigma_ev(t));
  }
  // Two spectra of one file have one shift, another file its own.
  EXPECT_EQ(best->fit.targets[0].shift_ev.value, best->fit.targets[1].shift_ev.value);
  EXPECT_NE(best->fit.targets[0].shift_ev.value, best->fit.targets[2].shift_ev.value);
  const auto common = best_parameters(files, data, settings, ranking, SharedShift::all);
  EXPECT_EQ(common->fit.targets[0].shift_ev.value, common->fit.targets[2].shift_ev.value);
  // One unknown less: nothing can be known less well.
  EXPECT_LE(common->fit.parameters[0].sigma, best->fit.parameters[0].sigma * 1.01);
}

TEST(RankCases, CasesWithoutAPartnerAreTold) {
  const auto boron = made("B", 4.0, {1.0, 0.8, 0.6});
  const auto carbon = made("C", 5.0, {0.8, 0.6});
  const std::vector<MeasuredSpectrum> data = {{measured_from(boron, 0, 0.0, 1.0, 0.01, 1), 0, 0},
                                              {measured_from(carbon, 0, 0.0, 1.0, 0.01, 2), 0, 1}};
  std::vector<ComparedFile> files;
  files.push_back({CaseCurves(boron)});
  files.push_back({CaseCurves(carbon)});
  const auto ranking = rank_cases(files, data, {});
  EXPECT_EQ(ranking.cases.size(), 2U);
  EXPECT_THAT(ranking.notes, ElementsAre(HasSubstr("1 of 3 cases of 'B.h5' are not ranked")));
}

TEST(RankCases, AbsorptionThatIsNotThereIsNamed) {
  auto boron = made("B", 4.0, {1.0, 0.8});
  const std::vector<MeasuredSpectrum> data = {
      {measured_from(boron, kAbsorption, 0.0, 1.0, 0.01, 1), kAbsorption, 0}};
  boron.results.xanes.assign(boron.results.xanes.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<ComparedFile> files;
  files.push_back({CaseCurves(boron)});
  try {
    (void)rank_cases(files, data, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), HasSubstr("no absorption"));
  }
}

}  // namespace
