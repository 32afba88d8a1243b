// SPDX-License-Identifier: BSD-3-Clause
#include <numeric>
#include <random>

#include "kedge/measured/reduce.hpp"
#include "support.hpp"

namespace {

using kedge::ErrorKind;
using kedge::measured::Background;
using kedge::measured::background_choice;
using kedge::measured::fit_background;
using kedge::measured::Normalisation;
using kedge::measured::Reduced;
using kedge::measured::Spectrum;
using kedge::measured::test::expect_error;

Spectrum made(double first, double step, int count, double (*y)(double), double error) {
  Spectrum spectrum;
  spectrum.name = "made";
  for (int i = 0; i < count; ++i) {
    const double x = first + step * i;
    spectrum.energy_ev.push_back(x);
    spectrum.intensity.push_back(y(x));
    if (error > 0.0) spectrum.error.push_back(error);
  }
  return spectrum;
}

double area(const Spectrum& spectrum) {
  double sum = 0.0;
  for (std::size_t i = 1; i < spectrum.size(); ++i) {
    sum += 0.5 * (spectrum.intensity[i] + spectrum.intensity[i - 1]) *
           (spectrum.energy_ev[i] - spectrum.energy_ev[i - 1]);
  }
  return sum;
}

TEST(ElasticLine, CentreAndWidthOfAGaussian) {
  const auto scan = made(
      9689.0, 0.1, 31,
      [](double x) { return 5.0 + 1000.0 * std::exp(-0.5 * std::pow((x - 9690.234) / 0.3, 2)); },
      0.0);
  const auto line = kedge::measured::fit_elastic_line(scan);
  // An exact Gaussian: what is put in comes out, as far as chi^2 stops (1e-10).
  EXPECT_NEAR(line.centre_ev, 9690.234, 1e-5);
  EXPECT_NEAR(line.fwhm_ev, 0.3 * 2.354820045, 1e-4);
  const auto half = made(
      9690.3, 0.1, 20, [](double x) { return 1e4 - x; }, 0.0);
  expect_error(ErrorKind::input, "whole line",
               [&] { (void)kedge::measured::fit_elastic_line(half); });
}

TEST(MomentumTransfer, BackwardAndElastic) {
  // hbar c = 1973.2698 eV Angstrom. At 180 degrees the wave numbers add.
  const double k = 9690.0 / 1973.269804;
  EXPECT_NEAR(kedge::measured::momentum_transfer(9690.0, 0.0, 180.0), 2.0 * k, 1e-6);
  EXPECT_NEAR(kedge::measured::momentum_transfer(9690.0, 0.0, 60.0), k, 1e-6);
  EXPECT_NEAR(kedge::measured::momentum_transfer(9690.0, 190.0, 180.0),
              2.0 * k + 190.0 / 1973.269804, 1e-6);
}

TEST(PhotonFactor, DividesByTheRatioOfEnergies) {
  const auto flat = made(
      0.0, 100.0, 5, [](double) { return 2.0; }, 0.1);
  const auto result = kedge::measured::without_photon_factor(flat, 10000.0);
  EXPECT_DOUBLE_EQ(result.intensity[3], 2.0 * 1.03);
  EXPECT_DOUBLE_EQ(result.error[3], 0.1 * 1.03);
}

TEST(Analysers, MeanIsUnbiasedAndItsErrorRight) {
  // Poisson counts with mean 4: weights by point would give less than the mean.
  std::mt19937 random(5);
  std::poisson_distribution<int> poisson(4.0);
  std::vector<Spectrum> analysers(10);
  for (auto& one : analysers) {
    one.name = "a";
    for (int i = 0; i < 400; ++i) {
      one.energy_ev.push_back(i);
      one.intensity.push_back(poisson(random));
      one.error.push_back(std::sqrt(std::max(one.intensity.back(), 1.0)));
    }
  }
  const auto result = kedge::measured::average_analysers(analysers);
  const double mean =
      std::accumulate(result.mean.intensity.begin(), result.mean.intensity.end(), 0.0) / 400.0;
  // sqrt(4 / 4000) = 0.03 of scatter, four times that; weights by point would be off by about 1.
  EXPECT_NEAR(mean, 4.0, 0.13);
  // Each error is that of a mean of ten, sqrt(4 / 10) = 0.63, within the scatter of ten counts.
  EXPECT_NEAR(result.mean.error[7], 0.63, 0.3);
  EXPECT_NEAR(std::accumulate(result.weights.begin(), result.weights.end(), 0.0), 1.0, 1e-12);
  analysers[3].error.clear();
  expect_error(ErrorKind::input, "no errors",
               [&] { (void)kedge::measured::average_analysers(analysers); });
}

// The same spectrum through analysers that let 1, 0.1 and none of it pass: what is known of it is
// what their sum of counts tells.
TEST(Analysers, WeakOnesWeighAsTheyCount) {
  std::vector<Spectrum> analysers(3);
  const double efficiency[] = {1.0, 0.1, 0.0};
  for (std::size_t a = 0; a < 3; ++a) {
    analysers[a].name = "a";
    for (int i = 0; i < 11; ++i) {
      const double counts = efficiency[a] * (1000.0 + 100.0 * i);
      analysers[a].energy_ev.push_back(i);
      analysers[a].intensity.push_back(counts);
      analysers[a].error.push_back(std::sqrt(std::max(counts, 1.0)));
    }
  }
  const auto result = kedge::measured::average_analysers(analysers);
  EXPECT_TRUE(result.efficiencies_known);
  EXPECT_NEAR(result.weights[0], 0.5, 1e-12);
  EXPECT_NEAR(result.weights[1], 0.5, 1e-12);
  EXPECT_EQ(result.weights[2], 0.0);
  EXPECT_NEAR(result.mean.error[5] / result.mean.intensity[5], 1.0 / std::sqrt(1650.0), 1e-12);
  // Half a step beside the others, as a line elsewhere puts it: as good as before.
  for (double& energy : analysers[1].energy_ev) energy += 0.5;
  const auto beside = kedge::measured::average_analysers(analysers);
  // Fewer points are common to all, by less than one in ten.
  EXPECT_NEAR(beside.weights[1], 0.5, 0.01);
  // Differences have no mean to go by: inverse squared errors, 4 to 1.
  std::vector<Spectrum> differences = {made(
                                           0.0, 1.0, 5, [](double x) { return x - 3.0; }, 0.1),
                                       made(
                                           0.0, 1.0, 5, [](double x) { return x - 3.0; }, 0.2)};
  const auto mean = kedge::measured::average_analysers(differences);
  EXPECT_FALSE(mean.efficiencies_known);
  EXPECT_NEAR(mean.weights[0], 0.8, 1e-12);
  expect_error(ErrorKind::input, "are 0 from 0 to 10 eV", [&] {
    (void)kedge::measured::average_analysers({analysers[2], analysers[2]});
  });
}

/// Scatter of the slope of a line fitted to many measurements, over the standard deviation that
/// their errors promise.
template <class Resample>
double scatter_over_error(Resample resample) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  double squares = 0.0;
  double promised = 0.0;
  constexpr int kRepeats = 2000;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto noisy = [&](double first, double step, int count) {
      auto spectrum = made(
          first, step, count, [](double) { return 1000.0; }, 3.0);
      for (double& y : spectrum.intensity) y += 3.0 * normal(random);
      return spectrum;
    };
    const Spectrum data = resample(noisy);
    double sum = 0.0;
    double weight = 0.0;
    for (std::size_t i = 0; i < data.size(); ++i) {
      const double x = data.energy_ev[i] - 120.0;
      sum += x * (data.intensity[i] - 1000.0) / (data.error[i] * data.error[i]);
      weight += x * x / (data.error[i] * data.error[i]);
    }
    squares += sum * sum / (weight * weight);
    promised += 1.0 / weight;
  }
  return std::sqrt(squares / promised);
}

// Points that share counts promise together no more than was measured. Scatter of 2000 values: 1.6
// %, three times that.
TEST(Resampled, ErrorsHoldInAFit) {
  EXPECT_NEAR(scatter_over_error([](auto noisy) {
                return kedge::measured::rebinned(noisy(100.0, 0.5, 81), 101.0, 0.7, 139.0);
              }),
              1.0, 0.05);
  EXPECT_NEAR(scatter_over_error([](auto noisy) {
                return kedge::measured::rebinned(noisy(100.0, 0.5, 81), 101.0, 0.3, 139.0);
              }),
              1.0, 0.05);
  // Coarser, finer and as fine as the axis of the first, each half a step beside it.
  for (const double step : {0.25, 0.5, 1.0}) {
    EXPECT_NEAR(scatter_over_error([&](auto noisy) {
                  const auto first = noisy(100.0, 0.5, 81);
                  return kedge::measured::average_analysers(
                             {first, noisy(99.75, step, static_cast<int>(42.0 / step))})
                      .mean;
                }),
                1.0, 0.05)
        << step;
  }
}

TEST(Rebin, KeepsTheAreaAndPropagatesErrors) {
  const auto fine = made(
      100.0, 0.1, 201, [](double x) { return 3.0 + x; }, 0.2);
  const auto coarse = kedge::measured::rebinned(fine, 101.0, 0.5, 119.0);
  ASSERT_EQ(coarse.size(), 37U);
  // The mean of a line over a cell is its value in the middle; 5 cells of 0.1 fill one of 0.5:
  // variance 5 (0.1 0.2)^2 / 0.5^2.
  EXPECT_NEAR(coarse.intensity[4], 3.0 + 103.0, 1e-9);
  EXPECT_NEAR(coarse.error[4], std::sqrt(5.0) * 0.02 / 0.5, 1e-9);  // rounding of the borders
  expect_error(ErrorKind::input, "positive step",
               [&] { (void)kedge::measured::rebinned(fine, 101.0, 0.0, 119.0); });
  expect_error(ErrorKind::input, "5000 at most",
               [&] { (void)kedge::measured::rebinned(fine, 101.0, 1e-9, 119.0); });
  expect_error(ErrorKind::input, "leaves 0 points",
               [&] { (void)kedge::measured::rebinned(fine, 300.0, 0.5, 310.0); });
}

TEST(Background, LinearWithItsCovariance) {
  const auto data = made(
      180.0, 1.0, 31, [](double x) { return 10.0 + 0.5 * (x - 180.0); }, 0.3);
  const auto fit = fit_background(data, {{180.0, 186.0}}, *background_choice("linear"));
  EXPECT_NEAR(fit.value[30], 25.0, 1e-6);
  // Textbook: variance at x of a line through n even points, sigma^2 [1/n + (x - <x>)^2 / S_xx]
  // with n = 7, S_xx = 28.
  for (const int i : {0, 3, 30}) {
    const double expected = 0.09 * (1.0 / 7.0 + (i - 3.0) * (i - 3.0) / 28.0);
    EXPECT_NEAR(fit.covariance(i, i), expected, 1e-5 * expected);
  }
}

TEST(Background, Pearson7UnderAnEdge) {
  // A Compton peak at 400 eV with an edge at 190 eV on its flank; fitted before and far above.
  const auto compton = [](double x) {
    const double u = (x - 400.0) / 150.0;
    return 1000.0 * std::pow(1.0 + u * u * (std::pow(2.0, 1.0 / 3.0) - 1.0), -3.0) + 20.0;
  };
  const auto data = made(
      120.0, 2.0, 291,
      [](double x) {
        const double u = (x - 400.0) / 150.0;
        const double edge = x > 188.0 ? 60.0 * std::exp(-(x - 188.0) / 20.0) : 0.0;
        return 1000.0 * std::pow(1.0 + u * u * (std::pow(2.0, 1.0 / 3.0) - 1.0), -3.0) + 20.0 +
               edge;
      },
      3.0);
  const auto fit =
      fit_background(data, {{120.0, 186.0}, {340.0, 700.0}}, *background_choice("pearson7"));
  for (std::size_t i = 0; i < data.size(); i += 20) {
    // exp(-7.6) of the edge is left in the window, 0.03; chi^2 pulls the curve by about that.
    EXPECT_NEAR(fit.value[i], compton(data.energy_ev[i]), 0.3) << data.energy_ev[i];
  }
}

// In an exact fit of points of equal error s, moving point j by d moves the background at i by
// cov(i, j) d / s^2.
TEST(Background, CovarianceOfPearson7IsItsAnswerToThePoints) {
  const auto peak = [](double x) {
    const double u = (x - 300.0) / 80.0;
    return 1000.0 * std::pow(1.0 + u * u * (std::pow(2.0, 0.6) - 1.0), -1.0 / 0.6) + 20.0;
  };
  const std::vector<kedge::spectrum::Window> windows = {{120.0, 186.0}, {240.0, 520.0}};
  auto data = made(120.0, 2.0, 201, peak, 3.0);
  const auto exact = fit_background(data, windows, *background_choice("pearson7"));
  data.intensity[90] += 0.1;  // at the peak
  const auto moved = fit_background(data, windows, *background_choice("pearson7"));
  for (std::size_t i = 0; i < data.size(); i += 20) {
    const double expected = exact.covariance(static_cast<Eigen::Index>(i), 90) * 0.1 / 9.0;
    // Second order in the move: 0.1 of 1000, relative to the largest answer.
    EXPECT_NEAR(moved.value[i] - exact.value[i], expected,
                1e-3 * exact.covariance(90, 90) * 0.1 / 9.0)
        << data.energy_ev[i];
  }
}

TEST(Background, ShapeOfPearson7IsHeldAtItsEnd) {
  const auto gaussian = [](double x) {
    return 1000.0 * std::exp(-(x - 300.0) * (x - 300.0) / 9000.0) + 20.0;
  };
  const auto data = made(120.0, 2.0, 201, gaussian, 3.0);
  const auto fit =
      fit_background(data, {{120.0, 186.0}, {240.0, 520.0}}, *background_choice("pearson7"));
  EXPECT_EQ(fit.sigma[4], 0.0);
  // 1/m = 0.001 instead of 0 changes the peak by 0.001 times about half of its height at most.
  for (std::size_t i = 0; i < data.size(); i += 20) {
    EXPECT_NEAR(fit.value[i], gaussian(data.energy_ev[i]), 0.5);
  }
}

TEST(Background, GivenCurveTimesAFactor) {
  const auto curve = made(
      100.0, 5.0, 60, [](double x) { return std::sqrt(x); }, 0.0);
  const auto data = made(
      150.0, 1.0, 100, [](double x) { return 7.0 * std::sqrt(x) + 3.0; }, 0.1);
  kedge::measured::BackgroundChoice choice;
  choice.model = kedge::measured::BackgroundModel::curve;
  choice.curve = curve;
  const auto fit = fit_background(data, {{150.0, 200.0}}, choice);
  // The curve is linear between points 5 eV apart: 7 * 25/8 * (1/4) 150^-1.5 = 3e-3.
  EXPECT_NEAR(fit.value[99], data.intensity[99], 1e-2);
  choice.curve = made(
      160.0, 5.0, 10, [](double x) { return x; }, 0.0);
  expect_error(ErrorKind::input, "spans", [&] {
    (void)fit_background(data, {{150.0, 200.0}}, choice);
  });
}

TEST(Background, ACurveTakenNegativelyIsRefused) {
  kedge::measured::BackgroundChoice choice;
  choice.model = kedge::measured::BackgroundModel::curve;
  choice.curve = made(
      100.0, 5.0, 60, [](double x) { return x; }, 0.0);
  const auto data = made(
      150.0, 1.0, 100, [](double x) { return 500.0 - x; }, 0.1);
  expect_error(ErrorKind::numerical, "-", [&] {
    (void)fit_background(data, {{150.0, 200.0}}, choice);
  });
}

TEST(Background, Errors) {
  const auto dense = made(
      180.0, 0.001, 5001, [](double) { return 1.0; }, 0.3);
  expect_error(ErrorKind::input, "--rebin",
               [&] { (void)fit_background(dense, {}, *background_choice("none")); });
  const auto data = made(
      180.0, 1.0, 31, [](double x) { return x; }, 0.3);
  expect_error(ErrorKind::input, "0 points", [&] {
    (void)fit_background(data, {{10.0, 20.0}}, *background_choice("linear"));
  });
  expect_error(ErrorKind::input, "parameters", [&] {
    (void)fit_background(data, {{180.0, 183.0}}, *background_choice("polynomial6"));
  });
  EXPECT_FALSE(background_choice("polynomial9"));
}

double step_with_peak(double x) {
  return 50.0 + (x > 188.0 ? 20.0 + 30.0 * std::exp(-(x - 192.0) * (x - 192.0) / 4.0) : 0.0);
}

TEST(Reduced, AreaAndStepAreOne) {
  const auto data = made(170.0, 0.5, 81, step_with_peak, 1.0);
  const auto background = fit_background(data, {{170.0, 187.0}}, *background_choice("constant"));
  const auto by_area =
      kedge::measured::reduced(data, background, Normalisation::area, {170.0, 210.0});
  EXPECT_NEAR(area(by_area.spectrum), 1.0, 1e-12);
  const auto by_step =
      kedge::measured::reduced(data, background, Normalisation::step, {200.0, 210.0});
  EXPECT_NEAR(by_step.spectrum.intensity[70], 1.0, 1e-3);  // exp(-16) of the peak is left
  expect_error(ErrorKind::input, "more than 0", [&] {
    (void)kedge::measured::reduced(data, background, Normalisation::step, {170.0, 175.0});
  });
}

TEST(Reduced, ErrorsOfTheFitNameTheSpectrum) {
  const auto flat = made(
      170.0, 0.5, 81, [](double) { return 0.0; }, 1.0);
  expect_error(ErrorKind::numerical, "background of 'made': fit:", [&] {
    (void)fit_background(flat, {{170.0, 187.0}}, *background_choice("pearson7"));
  });
}

// The covariance of the whole chain against the scatter of many measurements.
TEST(Reduced, ErrorsAreThoseOfRepeatedMeasurements) {
  const auto truth = made(170.0, 1.0, 41, step_with_peak, 1.0);
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  constexpr int kRepeats = 800;
  std::vector<double> sum(truth.size(), 0.0);
  std::vector<double> squares(truth.size(), 0.0);
  Reduced last;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    Spectrum data = truth;
    for (double& y : data.intensity) y += normal(random);
    const auto background = fit_background(data, {{170.0, 187.0}}, *background_choice("linear"));
    last = kedge::measured::reduced(data, background, Normalisation::area, {180.0, 205.0});
    for (std::size_t i = 0; i < truth.size(); ++i) {
      sum[i] += last.spectrum.intensity[i];
      squares[i] += last.spectrum.intensity[i] * last.spectrum.intensity[i];
    }
  }
  for (std::size_t i = 0; i < truth.size(); i += 5) {
    const double mean = sum[i] / kRepeats;
    const double deviation = std::sqrt(squares[i] / kRepeats - mean * mean);
    // 2.5 % scatter of a deviation from 800 draws, and chi^2 / degree in each last covariance,
    // which scatters by sqrt(2/16) where above one: 40 % at most.
    EXPECT_NEAR(last.spectrum.error[i] / deviation, 1.1, 0.4) << truth.energy_ev[i];
  }
}

TEST(Reduced, SharesErrorsWithThePointsOfTheBackground) {
  // A constant through n points with error e is their mean: e^2 (1 - 1/n) of each of these and
  // -e^2/n between them, nothing between them and the others, and e^2 (1 + 1/n) of those.
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  Spectrum data = made(
      170.0, 1.0, 30, [](double) { return 5.0; }, 2.0);
  for (std::size_t i = 0; i < data.size(); ++i) {
    // Twelve points less scattered than their errors, so that these are not scaled.
    data.intensity[i] += i < 12 ? 0.5 * normal(random) : 10.0;
  }
  const auto background = fit_background(data, {{170.0, 181.0}}, *background_choice("constant"));
  ASSERT_EQ(background.fitted.size(), 12U);
  const Eigen::MatrixXd c =
      kedge::measured::reduced(data, background, Normalisation::none, {}).covariance;
  const double square = 4.0;
  EXPECT_NEAR(c(3, 3), square * (1.0 - 1.0 / 12.0), 1e-9);  // rounding
  EXPECT_NEAR(c(3, 7), -square / 12.0, 1e-9);
  EXPECT_NEAR(c(3, 20), 0.0, 1e-9);
  EXPECT_NEAR(c(20, 25), square / 12.0, 1e-9);
  EXPECT_NEAR(c(20, 20), square * (1.0 + 1.0 / 12.0), 1e-9);
}

TEST(Reduced, HasNoErrorsWhereNothingTellsThem) {
  const auto data = made(170.0, 1.0, 41, step_with_peak, 0.0);
  const auto result =
      kedge::measured::reduced(data, fit_background(data, {}, *background_choice("none")),
                               Normalisation::area, {180.0, 205.0});
  EXPECT_TRUE(result.spectrum.error.empty());
  EXPECT_TRUE(result.statistical_error.empty());
  const auto none = kedge::measured::difference(result, result);
  EXPECT_TRUE(none.spectrum.error.empty());
}

TEST(Rebinned, AHoleIsNoData) {
  auto data = made(
      100.0, 1.0, 41, [](double x) { return x; }, 1.0);
  const auto other = made(
      180.0, 1.0, 41, [](double x) { return x; }, 1.0);
  for (std::size_t i = 0; i < other.size(); ++i) {
    data.energy_ev.push_back(other.energy_ev[i]);
    data.intensity.push_back(other.intensity[i]);
    data.error.push_back(1.0);
  }
  expect_error(ErrorKind::input, "no data of 'made' below 177",
               [&] { (void)kedge::measured::rebinned(data, 100.0, 1.0, 220.0); });
  EXPECT_EQ(kedge::measured::rebinned(data, 185.0, 1.0, 215.0).size(), 31U);
  // Points that lie farther apart on one side are none.
  auto uneven = made(
      100.0, 1.0, 11, [](double x) { return x; }, 1.0);
  for (int i = 1; i <= 50; ++i) {
    uneven.energy_ev.push_back(110.0 + 0.2 * i);
    uneven.intensity.push_back(1.0);
    uneven.error.push_back(1.0);
  }
  EXPECT_EQ(kedge::measured::rebinned(uneven, 101.0, 0.2, 119.0).size(), 91U);
}

TEST(Difference, ValuesAndErrors) {
  const auto data = made(170.0, 0.5, 81, step_with_peak, 1.0);
  const auto other = made(170.25, 0.5, 60, step_with_peak, 2.0);
  const Background none = fit_background(data, {}, *background_choice("none"));
  const Background none_too = fit_background(other, {}, *background_choice("none"));
  const auto one = kedge::measured::reduced(data, none, Normalisation::none, {});
  const auto two = kedge::measured::reduced(other, none_too, Normalisation::none, {});
  const auto apart = kedge::measured::difference(one, two);
  ASSERT_EQ(apart.spectrum.energy_ev.front(), 170.5);
  EXPECT_NEAR(apart.spectrum.intensity[0], 0.0, 1e-12);
  // As many points as measured, each of which weighs with error 2; with error 1 on top: sqrt(5).
  EXPECT_NEAR(apart.spectrum.error[3], std::sqrt(5.0), 1e-12);
  EXPECT_NEAR(apart.statistical_error[3], std::sqrt(5.0), 1e-12);
  // Covariances of backgrounds between the points, too. Point r is r + 1 of the first and half way
  // from r to r + 1 of the second.
  const auto with_line = [](const Spectrum& spectrum) {
    const Background line =
        fit_background(spectrum, {{170.0, 187.0}}, *background_choice("linear"));
    return kedge::measured::reduced(spectrum, line, Normalisation::area, {180.0, 199.0});
  };
  const Reduced first = with_line(data);
  const Reduced second = with_line(other);
  const Reduced both = kedge::measured::difference(first, second);
  const Eigen::MatrixXd& c = second.covariance;
  for (const auto& [r, s] : {std::pair{2, 4}, std::pair{5, 50}, std::pair{50, 5}}) {
    const double interpolated = 0.25 * (c(r, s) + c(r + 1, s) + c(r, s + 1) + c(r + 1, s + 1));
    EXPECT_NEAR(both.covariance(r, s), first.covariance(r + 1, s + 1) + interpolated,
                1e-12 * both.covariance(2, 2));
  }
  const auto far = made(400.0, 0.5, 60, step_with_peak, 2.0);
  const auto three = kedge::measured::reduced(
      far, fit_background(far, {}, *background_choice("none")), Normalisation::none, {});
  expect_error(ErrorKind::input, "in common",
               [&] { (void)kedge::measured::difference(one, three); });
}

}  // namespace
