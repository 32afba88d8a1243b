// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include "kedge/spectrum/peaks.hpp"
#include "support.hpp"

namespace kedge::spectrum {
namespace {

using test::even;
using test::values;

TEST(Peaks, ParabolaIsFoundExactly) {
  const std::vector<double> x = {0.0, 1.0, 1.2, 2.1, 3.0};
  const auto y = values(x, [](double e) { return 5.0 - 2.0 * (e - 1.37) * (e - 1.37); });
  const auto peaks = find_peaks(x, y);
  ASSERT_EQ(peaks.size(), 1U);
  EXPECT_NEAR(peaks[0].position, 1.37, 1e-13);  // rounding
  EXPECT_NEAR(peaks[0].height, 5.0, 1e-13);
}

TEST(Peaks, PositionOfAGaussianConverges) {
  double previous = 0.0;
  for (const int count : {41, 81}) {
    const auto x = even(0.0, 10.0, count);
    const auto peaks =
        find_peaks(x, values(x, [](double e) { return std::exp(-(e - 5.06) * (e - 5.06)); }));
    ASSERT_EQ(peaks.size(), 1U);
    const double error = std::abs(peaks[0].position - 5.06);
    // Third-order term of the Gaussian at distance t <= h/2 of the top: about 2/3 t h^2.
    const double h = 10.0 / (count - 1);
    EXPECT_LT(error, h * h * h / 3.0);
    if (previous > 0.0) {
      EXPECT_LT(error, previous / 3.0);  // half the step: a third or less of the error
    }
    previous = error;
  }
}

TEST(Peaks, Prominences) {
  const auto x = even(0.0, 8.0, 9);
  const std::vector<double> y = {0, 1, 0.5, 3, 1, 2, 1.5, 2.5, 0};
  const auto peaks = find_peaks(x, y, 0.0);
  ASSERT_EQ(peaks.size(), 4U);
  // scipy 1.10.1 signal.find_peaks(y, prominence=0): 0.5, 3, 0.5, 1.5, plus the rise of each top
  // from the highest point to the vertex of its parabola.
  const std::vector<double> by_points = {0.5, 3.0, 0.5, 1.5};
  const std::vector<double> heights = {1.0, 3.0, 2.0, 2.5};
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    EXPECT_GE(peaks[i].height, heights[i]);
    EXPECT_NEAR(peaks[i].prominence, by_points[i] + peaks[i].height - heights[i], 1e-14);
    EXPECT_NEAR(peaks[i].position, 1.0 + 2.0 * static_cast<double>(i), 0.5);  // within its cell
  }
  EXPECT_EQ(find_peaks(x, y, 0.4).size(), 2U);
}

TEST(Peaks, FlatTopCountsOnceAndEndsAndShouldersDoNot) {
  const auto x = even(0.0, 7.0, 8);
  const auto flat = find_peaks(x, std::vector<double>{9, 1, 2, 2, 2, 1, 1, 4});
  ASSERT_EQ(flat.size(), 1U);
  EXPECT_DOUBLE_EQ(flat[0].position, 3.0);
  EXPECT_DOUBLE_EQ(flat[0].height, 2.0);
  EXPECT_DOUBLE_EQ(flat[0].prominence, 1.0);
  EXPECT_TRUE(find_peaks(x, std::vector<double>{0, 1, 2, 2, 3, 3, 3, 3}).empty());
}

}  // namespace
}  // namespace kedge::spectrum
