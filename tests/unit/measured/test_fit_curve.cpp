// SPDX-License-Identifier: BSD-3-Clause
#include <random>

#include "kedge/measured/fit_curve.hpp"
#include "kedge/measured/mixture.hpp"
#include "support.hpp"

namespace {

using kedge::measured::CurveFamily;
using kedge::measured::fit_curves;
using kedge::measured::fit_mixture;
using kedge::measured::FitSettings;
using kedge::measured::gaussian_smoothed;
using kedge::measured::ParameterSpline;
using kedge::measured::Spectrum;
using kedge::measured::UniformCurve;
using kedge::measured::test::expect_error;
using kedge::measured::test::two_peaks;

/// scale curve(E - shift) + background, 185 to 208 eV by 0.25 eV, with errors.
Spectrum measured(const UniformCurve& curve, double scale, double shift, double constant,
                  double slope, double noise = 0.0, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Spectrum data;
  data.name = "made";
  for (int i = 0; i <= 92; ++i) {
    const double e = 185.0 + 0.25 * i;
    data.energy_ev.push_back(e);
    data.intensity.push_back(scale * curve.at(e - shift).y + constant + slope * (e - 196.5) / 10.0 +
                             noise * normal(random));
    data.error.push_back(noise > 0.0 ? noise : 0.01);
  }
  return data;
}

TEST(FitCurve, FindsShiftScaleWidthAndBackground) {
  const UniformCurve curve = two_peaks();
  const double width = 0.9;
  const UniformCurve wide = gaussian_smoothed(curve, width * width / (8.0 * std::log(2.0)));
  const Spectrum data = measured(wide, 3.0, 1.37, 0.5, 0.2);
  const CurveFamily family(curve);
  FitSettings settings;
  settings.fit_width = true;
  settings.background_degree = 1;
  const auto fit = fit_curves({{&data, &family}}, settings);
  EXPECT_TRUE(fit.converged);
  EXPECT_FALSE(fit.shift_at_limit);
  // Without noise it must find what was put in; chi^2 changes by 1e-10 where it stops.
  EXPECT_NEAR(fit.targets[0].shift_ev.value, 1.37, 1e-4);
  EXPECT_NEAR(fit.width_ev.value, width, 1e-3);
  EXPECT_NEAR(fit.targets[0].scale.value, 3.0, 1e-3);
  EXPECT_NEAR(fit.targets[0].background[0].value, 0.5, 1e-3);
  EXPECT_NEAR(fit.targets[0].background[1].value, 0.2, 1e-3);
  EXPECT_LT(fit.targets[0].metrics.r_factor, 1e-8);
  EXPECT_GT(fit.targets[0].metrics.spearman, 0.999);
  EXPECT_EQ(fit.targets[0].points_beyond, 0);
}

TEST(FitCurve, ANarrowerMeasurementHoldsTheWidthAtZero) {
  const UniformCurve curve = two_peaks();
  const UniformCurve wide = gaussian_smoothed(curve, 0.5);
  const Spectrum data = measured(curve, 1.0, 0.0, 0.0, 0.0);
  const CurveFamily family(wide);
  FitSettings settings;
  settings.fit_width = true;
  const auto fit = fit_curves({{&data, &family}}, settings);
  EXPECT_EQ(fit.width_ev.value, 0.0);
  EXPECT_TRUE(std::isnan(fit.width_ev.sigma));
}

TEST(FitCurve, UnknownErrorsComeFromTheResiduals) {
  Spectrum data = measured(two_peaks(), 1.0, 0.3, 0.0, 0.0, 0.02);
  const CurveFamily family(two_peaks());
  const auto known = fit_curves({{&data, &family}}, {});
  data.error.clear();
  const auto unknown = fit_curves({{&data, &family}}, {});
  EXPECT_FALSE(unknown.errors_known);
  // Both scale with the noise: chi^2 per degree is 1 within its own spread, sqrt(2/91) = 0.15.
  EXPECT_NEAR(unknown.targets[0].shift_ev.sigma / known.targets[0].shift_ev.sigma, 1.0, 0.3);
}

/// Curves whose second peak moves with the parameter, at 5 nodes.
CurveFamily moving_family() {
  std::vector<UniformCurve> curves;
  for (const double p : {0.0, 0.25, 0.5, 0.75, 1.0}) curves.push_back(two_peaks(197.0 + p));
  return {{ParameterSpline({0.0, 0.25, 0.5, 0.75, 1.0})}, curves, std::vector<double>(5, 0.0)};
}

TEST(FitCurve, ParameterBetweenTheCasesWithinItsError) {
  const CurveFamily family = moving_family();
  int within = 0;
  double pull = 0.0;
  constexpr int kSeeds = 400;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const Spectrum data = measured(two_peaks(197.6), 2.0, -0.7, 0.4, 0.1, 0.03, seed);
    FitSettings settings;
    settings.background_degree = 1;
    const auto fit = fit_curves({{&data, &family}}, settings, Eigen::VectorXd::Constant(1, 0.5));
    ASSERT_TRUE(fit.converged);
    const double off = (fit.parameters[0].value - 0.6) / fit.parameters[0].sigma;
    if (std::abs(off) < 1.96) ++within;
    pull += off * off;
  }
  // 95 % expected; the spread of 100 draws is 2.2 %, four times that allowed.
  EXPECT_GE(within, 86);
  // Mean squared pull is 1 within sqrt(2/100) = 0.14, four times that allowed.
  EXPECT_NEAR(pull / kSeeds, 1.0, 0.57);
}

// Curves that move by 2 eV from case to case, farther than their peaks are wide.
TEST(CurveFamily, OffsetsCarryFarFeatures) {
  std::vector<UniformCurve> curves;
  const std::vector<double> offsets = {-2.0, 0.0, 2.0, 4.0};
  for (const double offset : offsets) {
    curves.push_back(two_peaks());
    curves.back().first += offset;
  }
  const ParameterSpline spline({0.0, 1.0, 2.0, 3.0});
  const CurveFamily family({spline}, curves, offsets);
  const auto between = family.at(Eigen::VectorXd::Constant(1, 1.3));
  for (const double x : {190.0, 192.6, 195.0, 199.1}) {
    // Half a step of 0.05 eV between the grids at most: third order, 1e-5.
    EXPECT_NEAR(between.curve.at(x).y, two_peaks().at(x - 0.6).y, 1e-4);
    const double step = 1e-4;
    const auto next = family.at(Eigen::VectorXd::Constant(1, 1.3 + step));
    // The slope is a central difference on the grid: h^2/6 of the third derivative, 1e-3 of ...
    EXPECT_NEAR((next.curve.at(x).y - between.curve.at(x).y) / step, between.slopes[0].at(x).y,
                5e-3);
  }
  EXPECT_NEAR(family.at(Eigen::VectorXd::Constant(1, 3.0)).curve.at(196.0).y, curves[3].at(196.0).y,
              1e-5);
}

TEST(FitCurve, TwoSpectraShareShiftAndParameter) {
  const CurveFamily family = moving_family();
  const Spectrum one = measured(two_peaks(197.3), 2.0, 0.4, 0.0, 0.0, 0.01, 3);
  const Spectrum two = measured(two_peaks(197.3), 5.0, 0.4, 1.0, 0.0, 0.02, 4);
  FitSettings settings;
  settings.background_degree = 0;
  const auto joint =
      fit_curves({{&one, &family}, {&two, &family}}, settings, Eigen::VectorXd::Constant(1, 0.5));
  const auto alone = fit_curves({{&one, &family}}, settings, Eigen::VectorXd::Constant(1, 0.5));
  EXPECT_LT(joint.parameters[0].sigma, alone.parameters[0].sigma);
  // Five standard deviations: once in two million draws.
  EXPECT_NEAR(joint.parameters[0].value, 0.3, 5.0 * joint.parameters[0].sigma);
  EXPECT_NEAR(joint.targets[1].scale.value, 5.0, 5.0 * joint.targets[1].scale.sigma);
}

// Two edges that share one parameter, each with a shift of its own; the second has a parameter
// besides.
TEST(FitCurve, TargetsShareWhatTheyHaveInCommon) {
  const std::vector<double> nodes = {196.0, 198.0, 200.0, 202.0};
  std::vector<UniformCurve> first;
  std::vector<UniformCurve> second;  // shared parameter, then one that raises the curve
  for (const double node : nodes) {
    first.push_back(two_peaks(node));
    for (const double height : {0.0, 1.0}) {
      UniformCurve curve = two_peaks(node);
      for (std::size_t i = 0; i < curve.y.size(); ++i) {
        const double x = curve.first + curve.step * static_cast<double>(i);
        curve.y[i] += height * std::exp(-(x - 188.0) * (x - 188.0));
      }
      second.push_back(std::move(curve));
    }
  }
  const ParameterSpline shared(nodes);
  const CurveFamily one({shared}, first, std::vector<double>(first.size(), 0.0));
  const CurveFamily two({shared, ParameterSpline({0.0, 1.0})}, second,
                        std::vector<double>(second.size(), 0.0));
  Eigen::VectorXd truth(2);
  truth << 198.6, 0.3;
  const Spectrum low = measured(one.at(truth.head(1)).curve, 2.0, 0.7, 0.0, 0.0, 0.01, 3);
  const Spectrum high = measured(two.at(truth).curve, 50.0, -0.4, 0.0, 0.0, 0.5, 4);
  Eigen::VectorXd start(2);
  start << 198.0, 0.5;
  const auto fit = fit_curves({{&low, &one, 0, {0}}, {&high, &two, 1, {0, 1}}}, {}, start);
  EXPECT_TRUE(fit.converged);
  // Five standard deviations, and these small enough to mean something.
  EXPECT_NEAR(fit.parameters[0].value, truth[0], 5.0 * fit.parameters[0].sigma);
  EXPECT_NEAR(fit.parameters[1].value, truth[1], 5.0 * fit.parameters[1].sigma);
  EXPECT_LT(fit.parameters[0].sigma, 0.1);
  EXPECT_NEAR(fit.targets[0].shift_ev.value, 0.7, 5.0 * fit.targets[0].shift_ev.sigma);
  EXPECT_NEAR(fit.targets[1].shift_ev.value, -0.4, 5.0 * fit.targets[1].shift_ev.sigma);
  EXPECT_LT(fit.targets[1].shift_ev.sigma, 0.05);
  // Alone, each knows the shared parameter less well: independent data, inverse variances add.
  const auto alone = fit_curves({{&low, &one}}, {}, start.head(1));
  const auto other = fit_curves({{&high, &two}}, {}, start);
  const auto inverse_square = [](double sigma) { return 1.0 / (sigma * sigma); };
  // To first order; the derivatives are taken at slightly different places.
  EXPECT_NEAR(inverse_square(fit.parameters[0].sigma) / (inverse_square(alone.parameters[0].sigma) +
                                                         inverse_square(other.parameters[0].sigma)),
              1.0, 0.15);
}

TEST(FitCurve, UnitsOfSpectraWithoutErrorsDoNotMatter) {
  const UniformCurve curve = two_peaks();
  const CurveFamily family(curve);
  Spectrum small = measured(curve, 0.01, 0.5, 0.0, 0.0);
  Spectrum large = measured(curve, 1e4, 0.7, 0.0, 0.0);
  small.error.clear();
  large.error.clear();
  const auto fit = fit_curves({{&small, &family}, {&large, &family}}, {});
  // Alike but for shift and unit: the common shift lies in the middle.
  EXPECT_NEAR(fit.targets[0].shift_ev.value, 0.6, 2e-3);
  large.error.assign(large.size(), 1.0);
  expect_error(kedge::ErrorKind::input, "all or none", [&] {
    (void)fit_curves({{&small, &family}, {&large, &family}}, {});
  });
}

TEST(FitCurve, Errors) {
  const UniformCurve curve = two_peaks();
  const CurveFamily family(curve);
  Spectrum data = measured(curve, 1.0, 0.0, 0.0, 0.0);
  FitSettings settings;
  settings.window = kedge::spectrum::Window{300.0, 400.0};
  expect_error(kedge::ErrorKind::input, "0 points from 300 to 400 eV", [&] {
    (void)fit_curves({{&data, &family}}, settings);
  });
  settings.window = kedge::spectrum::Window{190.0, 190.6};
  settings.background_degree = 2;
  expect_error(kedge::ErrorKind::input, "unknowns", [&] {
    (void)fit_curves({{&data, &family}}, settings);
  });
}

TEST(Mixture, WeightsOfASeriesWithinTheirErrors) {
  const std::vector<UniformCurve> components = {two_peaks(196.0), two_peaks(198.0),
                                                two_peaks(200.0)};
  std::vector<Spectrum> series;
  const std::vector<double> first = {0.9, 0.5, 0.1};
  for (std::size_t j = 0; j < first.size(); ++j) {
    UniformCurve sum = components[0];
    for (std::size_t i = 0; i < sum.y.size(); ++i) {
      sum.y[i] = first[j] * components[0].y[i] + (1.0 - first[j]) * components[1].y[i];
    }
    series.push_back(measured(sum, 4.0, 0.6, 0.3, 0.0, 0.01, static_cast<unsigned>(j) + 7));
  }
  FitSettings settings;
  settings.background_degree = 0;
  const auto fit = fit_mixture({&series[0], &series[1], &series[2]}, components, settings);
  EXPECT_NEAR(fit.shift_ev.value, 0.6, 5.0 * fit.shift_ev.sigma);
  for (std::size_t j = 0; j < first.size(); ++j) {
    const auto& fractions = fit.spectra[j].fractions;
    EXPECT_NEAR(fractions[0].value, first[j], 5.0 * fractions[0].sigma);
    // The third is not there: zero, or small within its error. Held or not, the error is that of
    // the same least squares, whatever the seed, but for the weights that change a little.
    EXPECT_GE(fractions[2].value, 0.0);
    EXPECT_LT(fractions[2].value, 5.0 * fractions[2].sigma);
    EXPECT_NEAR(fractions[2].sigma, fit.spectra[0].fractions[2].sigma, 0.2 * fractions[2].sigma);
  }
}

// All spectra together tell the common shift, so that each leaves less to its weights.
TEST(Mixture, ErrorsAreThoseOfOneCommonShift) {
  const std::vector<UniformCurve> components = {two_peaks(196.0), two_peaks(196.8)};
  std::vector<Spectrum> series;
  std::vector<const Spectrum*> pointers;
  constexpr int kSpectra = 6;
  for (unsigned j = 0; j < kSpectra; ++j) {
    UniformCurve sum = components[0];
    for (std::size_t i = 0; i < sum.y.size(); ++i) {
      sum.y[i] = 0.5 * (components[0].y[i] + components[1].y[i]);
    }
    series.push_back(measured(sum, 4.0, 0.3, 0.0, 0.0, 0.01, j + 3));
  }
  for (const Spectrum& one : series) pointers.push_back(&one);
  const auto fit = fit_mixture(pointers, components, {});
  // The Jacobian of all weights and the shift, derivatives by differences.
  const auto rows = static_cast<Eigen::Index>(series[0].size());
  Eigen::MatrixXd jacobian = Eigen::MatrixXd::Zero(kSpectra * rows, 2 * kSpectra + 1);
  for (Eigen::Index j = 0; j < kSpectra; ++j) {
    const auto& weights = fit.spectra[static_cast<std::size_t>(j)].weights;
    for (Eigen::Index i = 0; i < rows; ++i) {
      const double e = series[0].energy_ev[static_cast<std::size_t>(i)] - fit.shift_ev.value;
      for (Eigen::Index k = 0; k < 2; ++k) {
        const auto value = components[static_cast<std::size_t>(k)].at(e);
        jacobian(j * rows + i, 2 * j + k) = value.y / 0.01;
        jacobian(j * rows + i, 2 * kSpectra) -=
            weights[static_cast<std::size_t>(k)].value * value.slope / 0.01;
      }
    }
  }
  const Eigen::MatrixXd covariance = (jacobian.transpose() * jacobian).inverse();
  // chi2 / degree above one counts for each spectrum by itself: 1 +- 0.15, a tenth of the error.
  EXPECT_NEAR(fit.shift_ev.sigma, std::sqrt(covariance(12, 12)), 0.2 * fit.shift_ev.sigma);
  for (Eigen::Index j = 0; j < kSpectra; ++j) {
    const double sigma = fit.spectra[static_cast<std::size_t>(j)].weights[0].sigma;
    EXPECT_NEAR(sigma, std::sqrt(covariance(2 * j, 2 * j)), 0.25 * sigma);
  }
}

TEST(Mixture, UnitsOfASpectrumWithoutErrorsDoNotDecideTheShift) {
  const std::vector<UniformCurve> components = {two_peaks(196.0), two_peaks(200.0)};
  std::vector<Spectrum> series = {measured(components[0], 4.0, 0.2, 0.0, 0.0, 0.05, 3),
                                  measured(components[0], 4.0, 0.8, 0.0, 0.0, 0.05, 4)};
  expect_error(kedge::ErrorKind::input, "all or none", [&] {
    Spectrum without = series[1];
    without.error.clear();
    (void)fit_mixture({&series[0], &without}, components, {});
  });
  for (Spectrum& one : series) one.error.clear();
  const double shift = fit_mixture({&series[0], &series[1]}, components, {}).shift_ev.value;
  for (double& y : series[1].intensity) y *= 1000.0;
  EXPECT_NEAR(fit_mixture({&series[0], &series[1]}, components, {}).shift_ev.value, shift,
              1e-4);             // of the search
  EXPECT_NEAR(shift, 0.5, 0.1);  // half way: both tell the same
}

TEST(Mixture, ExactDataTellAllWeights) {
  const std::vector<UniformCurve> components = {two_peaks(196.0), two_peaks(200.0)};
  Spectrum exact = measured(components[0], 4.0, 0.0, 0.0, 0.0);
  exact.error.clear();
  FitSettings settings;
  settings.lowest_shift_ev = 0.0;
  settings.highest_shift_ev = 0.0;
  for (const bool shifted : {false, true}) {
    if (shifted) settings.highest_shift_ev = 0.2;
    const auto fit = fit_mixture({&exact}, components, settings).spectra[0];
    // Held at zero or a rounding above it, its error is known and small.
    EXPECT_LT(fit.fractions[1].value, 1e-6);
    EXPECT_LT(fit.fractions[1].sigma, 1e-3);
  }
}

TEST(Mixture, ASpectrumOfNothingLeavesTheOthers) {
  const std::vector<UniformCurve> components = {two_peaks(196.0), two_peaks(200.0)};
  const Spectrum good = measured(components[0], 4.0, 0.2, 0.0, 0.0, 0.01, 3);
  Spectrum negative = good;
  for (double& y : negative.intensity) y = -1.0;
  const auto fit = fit_mixture({&good, &negative}, components, {});
  EXPECT_NEAR(fit.shift_ev.value, 0.2, 5.0 * fit.shift_ev.sigma);
  EXPECT_NEAR(fit.spectra[0].fractions[0].value, 1.0, 5.0 * fit.spectra[0].fractions[1].sigma);
  EXPECT_EQ(fit.spectra[1].weights[0].value, 0.0);
}

TEST(Mixture, ErrorOfAComponentHeldAtZero) {
  const std::vector<UniformCurve> components = {two_peaks(196.0), two_peaks(200.0)};
  FitSettings settings;
  settings.lowest_shift_ev = 0.0;
  settings.highest_shift_ev = 0.0;
  constexpr int kSeeds = 400;
  int held = 0;
  double squares = 0.0;
  double sigma_free = 0.0;
  double sigma_held = 0.0;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const Spectrum data = measured(components[0], 4.0, 0.0, 0.0, 0.0, 0.01, seed);
    const auto fit = fit_mixture({&data}, components, settings).spectra[0];
    (fit.weights[1].value > 0.0 ? sigma_free : sigma_held) = fit.weights[1].sigma;
    if (fit.weights[1].value <= 0.0) {
      ++held;
      EXPECT_EQ(fit.fractions[0].value, 1.0);
      EXPECT_EQ(fit.fractions[0].sigma, fit.fractions[1].sigma);  // what the other could take
    }
    squares += std::pow(fit.weights[1].value, 2);
  }
  // Without the bound half of the weights would be negative: binomial, 200 +- 10, five deviations.
  EXPECT_NEAR(held, kSeeds / 2, 50);
  // The design is the same for all seeds; the errors differ by the root of max(1, chi2 / degree),
  // and chi2 / degree of 91 degrees is 1 +- 0.15: a quarter is four deviations.
  EXPECT_NEAR(sigma_held, sigma_free, 0.25 * sigma_free);
  // The other half scatters by sigma: a seed gives sigma^2 / 2 with variance 5/4 sigma^4, so all
  // give 200 +- 22; five deviations.
  EXPECT_NEAR(squares / (sigma_free * sigma_free), 200.0, 110.0);
}

}  // namespace
