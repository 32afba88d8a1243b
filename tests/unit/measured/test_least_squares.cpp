// SPDX-License-Identifier: BSD-3-Clause
#include <numeric>

#include "kedge/measured/least_squares.hpp"
#include "kedge/measured/metrics.hpp"
#include "kedge/measured/parameter_spline.hpp"
#include "kedge/measured/uniform_curve.hpp"
#include "support.hpp"

namespace {

using kedge::measured::discrete_gaussian;
using kedge::measured::least_squares;
using kedge::measured::nonnegative_least_squares;
using kedge::measured::ParameterSpline;
using kedge::measured::UniformCurve;

// J. L. Meyer's and others' test set of NIST StRD: Misra1a, certified to 11 digits.
TEST(LeastSquares, NistMisra1a) {
  const std::vector<double> y = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                                 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};
  const std::vector<double> x = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                                 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};
  const auto fit = least_squares(
      Eigen::Vector2d(500.0, 1e-4), Eigen::Vector2d(100.0, 1e-4), 14,
      kedge::measured::PlainResiduals([&](const Eigen::VectorXd& b, Eigen::VectorXd& r) {
        for (int i = 0; i < 14; ++i) {
          r[i] = b[0] * (1.0 - std::exp(-b[1] * x[static_cast<std::size_t>(i)])) -
                 y[static_cast<std::size_t>(i)];
        }
      }));
  EXPECT_TRUE(fit.converged);
  EXPECT_EQ(fit.degrees, 12);
  // Certified values and standard deviations; it stops at relative changes of 1e-10 of chi^2, so
  // parameters are good to about its square root, the deviations less.
  EXPECT_NEAR(fit.parameters[0], 238.94212918, 1e-3);
  EXPECT_NEAR(fit.parameters[1], 5.5015643181e-4, 1e-8);
  EXPECT_NEAR(fit.chi2, 1.2455138894e-1, 1e-8);
  EXPECT_NEAR(std::sqrt(fit.covariance(0, 0) * fit.chi2 / 12), 2.7070075241, 1e-3);
  EXPECT_NEAR(std::sqrt(fit.covariance(1, 1) * fit.chi2 / 12), 7.2668688436e-6, 1e-8);
}

TEST(LeastSquares, ParametersThatDoTheSameAreTold) {
  kedge::measured::test::expect_error(kedge::ErrorKind::numerical, "same thing", [] {
    (void)least_squares(
        Eigen::Vector2d(1.0, 1.0), Eigen::Vector2d(1.0, 1.0), 5,
        kedge::measured::PlainResiduals([](const Eigen::VectorXd& b, Eigen::VectorXd& r) {
          for (int i = 0; i < 5; ++i) r[i] = (b[0] + b[1]) * i - 2.0 * i + (i % 2);
        }));
  });
}

TEST(NonnegativeLeastSquares, HoldsAtZeroWhatWouldBeNegative) {
  Eigen::MatrixXd a(4, 3);
  a << 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 2, 1;
  // b = 2 a_0 - a_1 + 3 a_2: unbounded the answer, bounded in the second another.
  const Eigen::VectorXd b = 2.0 * a.col(0) - a.col(1) + 3.0 * a.col(2);
  const auto free = nonnegative_least_squares(a, b, 1);
  EXPECT_NEAR(free[1], -1.0, 1e-10);  // rounding
  const auto x = nonnegative_least_squares(a, b, 3);
  EXPECT_EQ(x[1], 0.0);
  // Karush-Kuhn-Tucker: no gradient along the positive ones, downhill only into the forbidden.
  const Eigen::VectorXd gradient = a.transpose() * (b - a * x);
  EXPECT_LE(gradient[1], 1e-10);
  for (const int k : {0, 2}) {
    EXPECT_GE(x[k], 0.0);
    if (x[k] > 0.0) {
      EXPECT_NEAR(gradient[k], 0.0, 1e-10);
    }
  }
}

TEST(DiscreteGaussian, UnitSumAndItsVarianceForAnyWidth) {
  for (const double t : {0.0, 1e-6, 0.01, 0.3, 1.0, 17.0, 900.0}) {
    const auto weights = discrete_gaussian(t);
    double sum = weights[0];
    double variance = 0.0;
    for (std::size_t n = 1; n < weights.size(); ++n) {
      sum += 2.0 * weights[n];
      variance += 2.0 * weights[n] * static_cast<double>(n * n);
    }
    EXPECT_NEAR(sum, 1.0, 1e-13) << t;
    // Weights below 1e-16 are left out; times n^2 and their number that is 1e-11 at most.
    EXPECT_NEAR(variance, t, 1e-11 * (1.0 + t)) << t;
  }
  // exp(-1) I_0(1) = 0.46575960759, Abramowitz and Stegun table 9.8.
  EXPECT_NEAR(discrete_gaussian(1.0)[0], 0.4657596076, 1e-10);
}

TEST(UniformCurve, InterpolatesAndSmooths) {
  UniformCurve curve{-10.0, 0.05, {}};
  for (int i = 0; i <= 400; ++i) curve.y.push_back(std::exp(-std::pow(-10.0 + 0.05 * i, 2) / 2.0));
  // Third order: f''' h^3 / 24 is 1e-5 here.
  EXPECT_NEAR(curve.at(0.52).y, std::exp(-0.52 * 0.52 / 2.0), 1e-5);
  EXPECT_NEAR(curve.at(0.52).slope, -0.52 * std::exp(-0.52 * 0.52 / 2.0), 1e-3);
  EXPECT_EQ(curve.at(99.0).y, curve.y.back());
  // A Gaussian of variance 1 and one of variance 3 make one of variance 4, height 1/2. The second
  // difference that drives it is off by h^2/12 of the fourth derivative: 1e-3 of 3/4 of ...
  const UniformCurve wide = kedge::measured::gaussian_smoothed(curve, 3.0);
  EXPECT_NEAR(wide.at(0.0).y, 0.5, 1e-3);
  // Twice the slope by the variance is the second derivative, exactly so on the grid.
  const double step = 1e-4;
  const UniformCurve more = kedge::measured::gaussian_smoothed(curve, 3.0 + step);
  const UniformCurve bend = kedge::measured::second_derivative(wide);
  EXPECT_NEAR((more.y[220] - wide.y[220]) / step, 0.5 * bend.y[220], 1e-6);
}

TEST(ParameterSpline, CubicsAreExactAndSlopesRight) {
  for (const std::vector<double>& nodes :
       {std::vector<double>{0.0, 1.0}, std::vector<double>{0.0, 1.0, 3.0},
        std::vector<double>{-1.0, 0.0, 0.5, 2.0, 2.5}}) {
    const ParameterSpline spline(nodes);
    const int power = static_cast<int>(std::min<std::size_t>(nodes.size() - 1, 3));
    for (const double t : {nodes.front(), 0.3, 0.9, nodes.back(), nodes.back() + 0.2}) {
      const auto weights = spline.at(t);
      double value = 0.0;
      double slope = 0.0;
      for (std::size_t k = 0; k < nodes.size(); ++k) {
        value += weights.value[static_cast<Eigen::Index>(k)] * std::pow(nodes[k], power);
        slope += weights.slope[static_cast<Eigen::Index>(k)] * std::pow(nodes[k], power);
      }
      // Not-a-knot splines hold the whole power; rounding only.
      EXPECT_NEAR(value, std::pow(t, power), 1e-11);
      EXPECT_NEAR(slope, power * std::pow(t, power - 1), 1e-11);
    }
  }
}

TEST(Metrics, ByHand) {
  const std::vector<double> x = {0.0, 1.0, 2.0};
  const std::vector<double> y = {1.0, 1.0, 1.0};
  const std::vector<double> f = {0.0, 1.0, 2.0};
  const auto same = kedge::measured::metrics(x, f, f);
  EXPECT_DOUBLE_EQ(same.r_factor, 0.0);
  EXPECT_DOUBLE_EQ(same.cosine, 1.0);
  EXPECT_DOUBLE_EQ(same.spearman, 1.0);
  EXPECT_DOUBLE_EQ(same.d1, 0.0);
  EXPECT_DOUBLE_EQ(same.d2, 0.0);
  const auto apart = kedge::measured::metrics(x, y, f);
  // Sum of squares 1 + 0 + 1 over 3; both have area 1 over the window, |y - f| = 1, 0, 1 integrates
  // to 1/2 and |Y - F| = 0, 1/4, 0 to 1/8.
  EXPECT_DOUBLE_EQ(apart.r_factor, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(apart.cosine, 3.0 / std::sqrt(15.0));
  EXPECT_DOUBLE_EQ(apart.d1, 25.0);
  EXPECT_DOUBLE_EQ(apart.d2, 12.5);
}

}  // namespace
