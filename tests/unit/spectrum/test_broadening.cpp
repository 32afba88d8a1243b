// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kedge/spectrum/broadening.hpp"
#include "support.hpp"

namespace kedge::spectrum {
namespace {

using std::numbers::pi;
using test::even;
using test::expect_error;
using test::values;

/// A line of unit area at `centre`: a triangle of half base d. Its own variance d^2/6 changes a
/// shape of scale s by about d^2/(6 s^2).
struct Line {
  std::vector<double> x;
  std::vector<double> y;
};
Line line_at(double centre, double d) {
  return {{centre - 5.0, centre - d, centre, centre + d, centre + 5.0}, {0, 0, 1.0 / d, 0, 0}};
}

BroadeningSettings plain(double core_hole, double instrument) {
  BroadeningSettings settings;
  settings.core_hole_width_ev = core_hole;
  settings.model = WidthModel::none;
  settings.instrument_ev = instrument;
  return settings;
}

double area(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0.0;
  for (std::size_t i = 1; i < x.size(); ++i) sum += 0.5 * (y[i] + y[i - 1]) * (x[i] - x[i - 1]);
  return sum;
}

TEST(FinalStateWidth, ArctangentValues) {
  BroadeningSettings settings;
  // e - 1/e^2 = 0 at the centre: half of Gamma_max = 15 eV.
  EXPECT_NEAR(final_state_width_ev(30.0, settings), 7.5, 1e-14);
  // e = 2: 15 [1/2 + atan(pi/3 * 15/30 * 1.75)/pi].
  EXPECT_NEAR(final_state_width_ev(60.0, settings), 15.0 * (0.5 + std::atan(pi / 6.0 * 1.75) / pi),
              1e-13);
  EXPECT_EQ(final_state_width_ev(0.0, settings), 0.0);
  EXPECT_EQ(final_state_width_ev(-3.0, settings), 0.0);
  EXPECT_LT(final_state_width_ev(1e-3, settings), 1e-6);  // e^2 growth: 9 * 1e-9 * 15 / ...
  settings.cut_ev = 2.0;
  EXPECT_NEAR(final_state_width_ev(32.0, settings), 7.5, 1e-14);
}

TEST(FinalStateWidth, SeahDenchAndNone) {
  BroadeningSettings settings;
  settings.model = WidthModel::seah_dench;
  // Half of Gamma_max at E = Gamma_max / A = 75 eV.
  EXPECT_NEAR(final_state_width_ev(75.0, settings), 7.5, 1e-14);
  EXPECT_NEAR(final_state_width_ev(1e-6, settings) / 1e-6, 0.2, 1e-8);  // A E (1 - A E/Gamma_max)
  settings.model = WidthModel::none;
  EXPECT_EQ(final_state_width_ev(75.0, settings), 0.0);
  EXPECT_EQ(width_model("seah-dench"), WidthModel::seah_dench);
  EXPECT_EQ(width_model("arctangent"), WidthModel::arctangent);
  EXPECT_EQ(width_model("none"), WidthModel::none);
  expect_error(ErrorKind::input, "seah-dench", [] { (void)width_model("linear"); });
}

TEST(Broadening, LineBecomesALorentzian) {
  const Line line = line_at(20.0, 1e-3);
  const auto output = even(15.0, 25.0, 101);
  const auto shape = lorentzian_broadened(line.x, line.y, output, plain(0.4, 0.0));
  for (std::size_t i = 0; i < output.size(); ++i) {
    const double x = output[i] - 20.0;
    // d^2/(6 b^2) = 4e-6 of the height 1.6.
    EXPECT_NEAR(shape[i], 0.2 / pi / (x * x + 0.04), 1e-5);
  }
}

TEST(Broadening, LineBecomesAGaussian) {
  const Line line = line_at(20.0, 1e-3);
  const auto output = even(15.0, 25.0, 101);
  const double sigma = 0.7 / std::sqrt(8.0 * std::numbers::ln2);
  const auto shape = broadened(line.x, line.y, output, plain(0.0, 0.7));
  for (std::size_t i = 0; i < output.size(); ++i) {
    const double u = (output[i] - 20.0) / sigma;
    // d^2/(6 sigma^2) = 2e-6 of the height 1.3.
    EXPECT_NEAR(shape[i], std::exp(-0.5 * u * u) / (sigma * std::sqrt(2.0 * pi)), 5e-6);
  }
}

TEST(Broadening, WhatTheEnergiesBlurIsLeftOutOfTheGaussian) {
  // A line seen by energies 0.25 eV apart through Gaussians of 0.6 of that, wherever it lies.
  const double step = 0.25;
  const double seen = 0.6 * step;
  const double own = std::sqrt(8.0 * std::numbers::ln2 * (seen * seen + step * step / 6.0));
  const double sigma = 0.7 / std::sqrt(8.0 * std::numbers::ln2);
  const auto x = even(10.0, 30.0, 81);
  const auto output = even(17.0, 23.0, 121);
  auto settings = plain(0.0, 0.7);
  settings.resolution = {{x.front(), x.back()}, {own, own}};
  for (const double at : {20.0, 20.0625, 20.125}) {
    std::vector<double> y;
    for (const double e : x) {
      const double u = (e - at) / seen;
      y.push_back(std::exp(-0.5 * u * u) / (seen * std::sqrt(2.0 * pi)));
    }
    const auto shape = broadened(x, y, output, settings);
    for (std::size_t i = 0; i < output.size(); ++i) {
      const double u = (output[i] - at) / sigma;
      // What the energies alias of the line, exp[-(2 pi/h)^2 a b/(2 (a + b))] with a and b the
      // variances seen and added, 0.9 %, and as much for straight lines being no Gaussian.
      EXPECT_NEAR(shape[i], std::exp(-0.5 * u * u) / (sigma * std::sqrt(2.0 * pi)),
                  0.02 / (sigma * std::sqrt(2.0 * pi)))
          << at;
    }
  }
  settings.instrument_ev = 0.5 * own;
  EXPECT_EQ(kedge::spectrum::missing_gaussian_ev(20.0, settings), 0.0);
  EXPECT_EQ(broadened(x, x, x, settings), x) << "no more than the energies have themselves";
  settings.resolution = {{0.0, 10.0}, {0.0, 0.3}};
  EXPECT_DOUBLE_EQ(kedge::spectrum::missing_gaussian_ev(5.0, plain(0.0, 0.7)), 0.7);
  settings.instrument_ev = 0.25;
  EXPECT_DOUBLE_EQ(kedge::spectrum::missing_gaussian_ev(5.0, settings), 0.2);  // 3-4-5
}

TEST(Broadening, LineBecomesAVoigt) {
  // scipy 1.10.1, special.voigt_profile(x, 0.7 / sqrt(8 ln 2), 0.4 / 2).
  const std::vector<std::pair<double, double>> reference = {{0.0, 0.84326569815151},
                                                            {0.3, 0.627000531157404},
                                                            {1.0, 0.0858426032743928},
                                                            {3.0, 0.00725819328541821}};
  const Line line = line_at(20.0, 1e-3);
  for (const auto& [x, expected] : reference) {
    for (const double side : {-1.0, 1.0}) {
      const std::vector<double> output = {20.0 + side * x};
      // Held linear on sigma/30: at most 1e-4 of the height (docstring); here b < sigma, whence
      // 2e-4.
      EXPECT_NEAR(broadened(line.x, line.y, output, plain(0.4, 0.7))[0], expected, 2e-4);
    }
  }
}

TEST(Broadening, WidthOfTheOutputEnergyCounts) {
  // The width at an energy E follows from E alone, not from where the line sits.
  const Line line = line_at(20.0, 1e-3);
  BroadeningSettings settings;
  settings.core_hole_width_ev = 0.2;
  for (const double energy : {10.0, 20.0, 40.0}) {
    const double b = 0.5 * (0.2 + final_state_width_ev(energy, settings));
    const std::vector<double> output = {energy};
    const double x = energy - 20.0;
    // (d/b)^2/6 of the height, b > 0.4 eV.
    EXPECT_NEAR(lorentzian_broadened(line.x, line.y, output, settings)[0], b / pi / (x * x + b * b),
                2e-6);
  }
}

TEST(Broadening, GaussianConservesArea) {
  // A feature inside the range on an uneven grid.
  std::vector<double> x = even(0.0, 10.0, 21);
  for (const double extra : {4.01, 4.03, 4.3, 6.27}) x.push_back(extra);
  std::sort(x.begin(), x.end());
  const auto y = values(x, [](double e) { return e > 3.6 && e < 6.6 ? 1.0 + std::sin(7 * e) : 0; });
  const auto output = even(-5.0, 15.0, 8001);
  const auto result = gaussian_broadened(x, y, output, 0.7);
  // Trapezoid rule on a smooth function that vanishes at both ends: exact to rounding.
  EXPECT_NEAR(area(output, result), area(x, y), 1e-10);
}

TEST(Broadening, LorentzianConservesAreaButForItsTails) {
  const Line line = line_at(20.0, 1e-3);
  const auto output = even(0.0, 40.0, 8001);
  const auto result = broadened(line.x, line.y, output, plain(0.4, 0.7));
  // Within +-20 eV of the centre: (2/pi) atan(20/0.2). An interval h = 0.01 eV of the intermediate
  // grid errs by h^3 f''/12 with f'' = 2/(pi b^3) = 80: 7e-6, at the few places where it is uneven.
  EXPECT_NEAR(area(output, result), 2.0 / pi * std::atan(20.0 / 0.2), 2e-5);
}

TEST(Broadening, NoWidthIsTheIdentity) {
  const std::vector<double> x = {1.0, 1.5, 4.0, 4.25};
  const std::vector<double> y = {2.0, -1.0, 3.0, 0.5};
  EXPECT_EQ(broadened(x, y, x, plain(0.0, 0.0)), y);
  EXPECT_EQ(gaussian_broadened(x, y, x, 0.0), y);
  const std::vector<double> between = {2.75};
  EXPECT_DOUBLE_EQ(broadened(x, y, between, plain(0.0, 0.0))[0], 1.0);
}

TEST(Broadening, GridDoesNotMatterWhereTheCurveIsTheSame) {
  const std::vector<double> x = {0.0, 2.0, 3.0, 10.0};
  const std::vector<double> y = {1.0, 4.0, 2.0, 2.5};
  std::vector<double> dense = even(0.0, 10.0, 501);
  const auto dense_y = values(dense, [&](double e) {
    std::size_t i = 1;
    while (e > x[i]) ++i;
    return y[i - 1] + (e - x[i - 1]) * (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
  });
  BroadeningSettings settings;
  settings.core_hole_width_ev = 0.15;
  const auto output = even(-2.0, 12.0, 71);
  const auto sparse_lorentzian = lorentzian_broadened(x, y, output, settings);
  const auto dense_lorentzian = lorentzian_broadened(dense, dense_y, output, settings);
  const auto sparse_all = broadened(x, y, output, settings);
  const auto dense_all = broadened(dense, dense_y, output, settings);
  for (std::size_t i = 0; i < output.size(); ++i) {
    EXPECT_NEAR(sparse_lorentzian[i], dense_lorentzian[i], 1e-12);  // closed form: rounding
    // The intermediate grids differ: two errors of 1e-4 of the height 4.
    EXPECT_NEAR(sparse_all[i], dense_all[i], 8e-4);
  }
}

TEST(Broadening, OccupiedStatesAreCutAndTheEndGoesOn) {
  const std::vector<double> x = {-5.0, 1.0, 20.0};
  const std::vector<double> y = {3.0, 3.0, 3.0};
  BroadeningSettings settings = plain(0.4, 0.0);
  const auto output = even(-4.0, 20.0, 25);
  // A step of height 3 at the cut: 3 [1/2 + atan((E - E_cut)/b)/pi], with no second edge at the
  // end.
  for (const double cut : {0.0, 1.0, 1.5}) {
    settings.cut_ev = cut;
    const auto result = lorentzian_broadened(x, y, output, settings);
    for (std::size_t i = 0; i < output.size(); ++i) {
      // Rounding of a sum of terms of order 10.
      EXPECT_NEAR(result[i], 3.0 * (0.5 + std::atan((output[i] - cut) / 0.2) / pi), 1e-13);
    }
  }
  // Nothing is known below the first energy, so an earlier cut changes nothing.
  settings.cut_ev = -8.0;
  const std::vector<double> first = {-5.0};
  EXPECT_NEAR(lorentzian_broadened(x, y, first, settings)[0], 1.5, 1e-13);
}

TEST(Broadening, StepWithGaussianAlone) {
  const std::vector<double> x = {-5.0, 20.0};
  const std::vector<double> y = {2.0, 2.0};
  const double sigma = 0.7 / std::sqrt(8.0 * std::numbers::ln2);
  const auto output = even(-2.0, 19.0, 43);
  const auto result = broadened(x, y, output, plain(0.0, 0.7));
  for (std::size_t i = 0; i < output.size(); ++i) {
    EXPECT_NEAR(result[i], std::erfc(-output[i] / sigma / std::numbers::sqrt2), 1e-14);  // rounding
  }
  // A hole of 1e-5 eV moves the step by its tail, (b/pi) integral g/|x| or about 2e-5 of the
  // height, and it is held in steps of 1e-6 sigma at the edge.
  const auto nearly = broadened(x, y, output, plain(1e-5, 0.7));
  for (std::size_t i = 0; i < output.size(); ++i) EXPECT_NEAR(nearly[i], result[i], 1e-4);
}

TEST(Broadening, WrongInputIsNamed) {
  const std::vector<double> x = {0.0, 1.0, 2.0};
  const std::vector<double> y = {0.0, 1.0, 2.0};
  const std::vector<double> unordered = {0.0, 2.0, 1.0};
  const std::vector<double> missing = {0.0, std::numeric_limits<double>::quiet_NaN(), 2.0};
  BroadeningSettings settings;
  expect_error(ErrorKind::input, "increasing", [&] { (void)broadened(unordered, y, x, settings); });
  expect_error(ErrorKind::numerical, "missing energies",
               [&] { (void)broadened(x, missing, x, settings); });
  settings.cut_ev = 2.0;
  expect_error(ErrorKind::input, "cut = 2", [&] { (void)broadened(x, y, x, settings); });
  settings.cut_ev = 0.0;
  settings.core_hole_width_ev = -0.1;
  expect_error(ErrorKind::input, "core_hole = -0.1", [&] { (void)broadened(x, y, x, settings); });
  expect_error(ErrorKind::input, "instrument", [&] { (void)gaussian_broadened(x, y, x, -1.0); });
}

}  // namespace
}  // namespace kedge::spectrum
