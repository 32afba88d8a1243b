// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <tuple>

#include "kedge/spectrum/comparison.hpp"
#include "support.hpp"

namespace kedge::spectrum {
namespace {

using test::even;
using test::expect_error;
using test::values;

/// Two bands and an edge.
double model(double e) {
  return 0.5 + std::atan(e) / 3.2 + 1.2 * std::exp(-(e - 3.0) * (e - 3.0)) +
         0.7 * std::exp(-(e - 7.5) * (e - 7.5) / 3.0);
}

TEST(Correlation, ValuesOfScipy) {
  const std::vector<double> a = {1, 2, 3, 4, 5, 6, 7.5};
  const std::vector<double> b = {2, 1, 4, 4, 7, 6, 30};
  // scipy 1.10.1 stats.pearsonr and spearmanr (one tie); rounding of short sums.
  EXPECT_NEAR(pearson(a, b), 0.786664736492763, 1e-14);
  EXPECT_NEAR(spearman(a, b), 0.91895621194947, 1e-14);
}

TEST(Correlation, Limits) {
  const std::vector<double> a = {1, 2, 3};
  const std::vector<double> rising = {1, 10, 1000};
  const std::vector<double> falling = {5, 3, 1};
  const std::vector<double> constant = {2, 2, 2};
  EXPECT_DOUBLE_EQ(spearman(a, rising), 1.0);
  EXPECT_DOUBLE_EQ(pearson(a, falling), -1.0);
  EXPECT_EQ(pearson(a, constant), 0.0);
}

TEST(FindShift, KnownShiftScaleAndBackground) {
  const auto x = even(185.0, 205.0, 201);
  const auto y = values(x, [](double e) { return model(e - 188.0); });
  const auto curve_x = even(-6.0, 20.0, 521);
  const auto curve_y = values(curve_x, [](double e) { return 4.0 + 3.0 * model(e); });
  ShiftSearch search;
  search.lowest = 180.0;
  search.highest = 195.0;
  const ShiftResult result = find_shift({x, y}, {curve_x, curve_y}, search);
  // Linear interpolation on steps h = 0.1 eV errs by h^2/8 f'' (f'' about 2), symmetric about a
  // band, so the shift errs by far less than h^2/8 = 1.3e-3 eV.
  EXPECT_NEAR(result.shift, 188.0, 1.3e-3);
  EXPECT_GT(result.pearson, 0.99999);
  EXPECT_GT(result.spearman, 0.9999);
  EXPECT_FALSE(result.at_limit);
  ASSERT_EQ(result.peaks.size(), 2U);
  for (const PeakPair& pair : result.peaks) {
    // Shift error, and parabolas through points h = 0.1 eV apart: h^3 = 1e-3.
    EXPECT_NEAR(pair.difference(), 0.0, 3e-3);
  }
}

TEST(FindShift, WindowAndMovedPeak) {
  const auto x = even(-5.0, 15.0, 401);
  const auto y = values(x, model);
  const auto moved = values(x, [](double e) {
    return 0.5 + std::atan(e) / 3.2 + 1.2 * std::exp(-(e - 3.0) * (e - 3.0)) +
           0.7 * std::exp(-(e - 8.5) * (e - 8.5) / 3.0);
  });
  ShiftSearch search;
  search.window = Window{-3.0, 5.0};
  const ShiftResult first = find_shift({x, y}, {x, moved}, search);
  // The window holds the first band only, to which the tail of the second adds a slope.
  EXPECT_NEAR(first.shift, 0.0, 0.05);
  EXPECT_DOUBLE_EQ(first.overlap.high, 5.0);
  ASSERT_EQ(first.peaks.size(), 1U);
}

// The maximum next to no shift is taken where it is good enough, else the best of all shifts; both
// are what the search of all finds.
TEST(FindShift, NearShiftThatIsGoodEnough) {
  const auto x = even(-5.0, 15.0, 401);
  const auto moved = values(x, [](double e) { return model(e - 0.7); });
  // Half a band next to that of the reference, the whole one 4 eV away.
  const auto band = values(x, [](double e) { return std::exp(-e * e); });
  const auto far = values(x, [](double e) {
    return 0.5 * std::exp(-(e - 0.5) * (e - 0.5)) + std::exp(-(e - 4.0) * (e - 4.0));
  });
  const auto y = values(x, model);
  for (const auto& [reference, curve, shift] :
       {std::tuple{y, moved, -0.7}, std::tuple{band, far, -4.0}}) {
    ShiftSearch search;
    const double best = find_shift({x, reference}, {x, curve}, search).shift;
    EXPECT_NEAR(best, shift, 0.05);  // the other band moves the maximum
    search.near_enough = 0.99;
    EXPECT_EQ(find_shift({x, reference}, {x, curve}, search).shift, best);
    search.near_enough = 0.2;
    EXPECT_NEAR(find_shift({x, reference}, {x, curve}, search).shift, shift == -0.7 ? -0.7 : -0.5,
                0.05);
  }
}

TEST(FindShift, BestShiftAtTheEndOfTheSearchIsFlagged) {
  const auto x = even(-5.0, 15.0, 401);
  const auto y = values(x, model);
  const auto late = values(x, [](double e) { return model(e - 1.0); });
  ShiftSearch search;
  search.lowest = -0.5;
  search.highest = 0.5;
  const ShiftResult result = find_shift({x, y}, {x, late}, search);
  EXPECT_TRUE(result.at_limit);
  EXPECT_NEAR(result.shift, -0.5, 1e-6);  // golden section ends this close to the limit
}

TEST(FindShift, WrongInputIsNamed) {
  const auto x = even(0.0, 10.0, 11);
  const auto far = even(100.0, 110.0, 11);
  const auto y = values(x, model);
  expect_error(ErrorKind::input, "energy axes", [&] { (void)find_shift({x, y}, {far, y}); });
  ShiftSearch search;
  search.window = Window{20.0, 30.0};
  expect_error(ErrorKind::input, "window", [&] { (void)find_shift({x, y}, {x, y}, search); });
}

}  // namespace
}  // namespace kedge::spectrum
