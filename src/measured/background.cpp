// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "kedge/core/error.hpp"
#include "kedge/measured/least_squares.hpp"
#include "kedge/measured/reduce.hpp"
#include "kedge/spectrum/curve.hpp"

namespace kedge::measured {

namespace {

constexpr double kUnitEv = 10.0;
/// Largest |t| of a Pearson VII: 1/m is then within 0.001 of an end, from which no measurement
/// tells it.
constexpr double kLastShape = 7.6;

/// A background as a function of parameters, with a first guess. Values in the unit `height`.
struct Model {
  Eigen::VectorXd start;
  /// At these energies; with the derivatives by the parameters (energy, parameter) unless null.
  std::function<Eigen::ArrayXd(const Eigen::VectorXd& p, const Eigen::ArrayXd& energies,
                               Eigen::MatrixXd* gradient)>
      value;
};

Model polynomial(int degree, double middle) {
  return {Eigen::VectorXd::Zero(degree + 1),
          [middle](const Eigen::VectorXd& p, const Eigen::ArrayXd& energies,
                   Eigen::MatrixXd* gradient) {
            const Eigen::ArrayXd x = (energies - middle) / kUnitEv;
            Eigen::ArrayXd power = Eigen::ArrayXd::Ones(x.size());
            Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(x.size());
            for (Eigen::Index k = 0; k < p.size(); ++k) {
              sum += p[k] * power;
              if (gradient != nullptr) gradient->col(k) = power;
              power *= x;
            }
            return sum;
          }};
}

/// p0 (1 + a x^2)^(-m) + p3 with x = (energy - centre) / width, a = 2^(1/m) - 1.
/// Parameters: height, centre and log of the width (in units of the range), constant, t, with
/// 1/m = 2 / (1 + exp(-t)): from Gaussian to twice as far-reaching as a Lorentzian, never beyond.
Model pearson7(const Spectrum& spectrum, const std::vector<std::size_t>& used, double height) {
  const double low = spectrum.energy_ev.front();
  const double range = spectrum.energy_ev.back() - low;
  // The highest point of the background is the first guess of its centre; with the windows on one
  // flank only, that is the end towards the peak.
  std::size_t top = used.front();
  for (const std::size_t i : used) {
    if (spectrum.intensity[i] > spectrum.intensity[top]) top = i;
  }
  Model model;
  model.start.resize(5);
  model.start << spectrum.intensity[top] / height, (spectrum.energy_ev[top] - low) / range,
      std::log(0.3), 0.0, -1.0;
  model.value = [low, range](const Eigen::VectorXd& p, const Eigen::ArrayXd& energies,
                             Eigen::MatrixXd* gradient) {
    const double width = std::exp(p[2]);
    const double inverse_m = std::max(2.0 / (1.0 + std::exp(-p[4])), 1e-6);
    const double a = std::expm1(std::numbers::ln2 * inverse_m);
    const Eigen::ArrayXd x = ((energies - low) / range - p[1]) / width;
    const Eigen::ArrayXd base = 1.0 + a * x.square();
    const Eigen::ArrayXd log_base = (a * x.square()).log1p();
    const Eigen::ArrayXd peak = (-log_base / inverse_m).exp();
    if (gradient != nullptr) {
      const Eigen::ArrayXd by_x = -2.0 * a / inverse_m * p[0] * peak * x / base;
      const double da = std::numbers::ln2 * (a + 1.0);          // by 1/m
      const double by_t = inverse_m * (1.0 - 0.5 * inverse_m);  // d(1/m)/dt
      gradient->col(0) = peak;
      gradient->col(1) = -by_x / width;
      gradient->col(2) = -by_x * x;
      gradient->col(4) =
          by_t / inverse_m * p[0] * peak * (log_base / inverse_m - da * x.square() / base);
      gradient->col(3).setOnes();
    }
    return Eigen::ArrayXd(p[0] * peak + p[3]);
  };
  return model;
}

Model given_curve(const Spectrum& curve, const Spectrum& spectrum) {
  if (curve.energy_ev.front() > spectrum.energy_ev.front() ||
      curve.energy_ev.back() < spectrum.energy_ev.back()) {
    throw Error(
        ErrorKind::input,
        fmt::format("background '{}' spans {:g} to {:g} eV, wanted at least {:g} to {:g} as "
                    "'{}'",
                    curve.name, curve.energy_ev.front(), curve.energy_ev.back(),
                    spectrum.energy_ev.front(), spectrum.energy_ev.back(), spectrum.name));
  }
  double largest = 0.0;
  for (const double y : curve.intensity) largest = std::max(largest, std::abs(y));
  Model model;
  model.start = Eigen::Vector2d(1.0, 0.0);
  model.value = [&curve, largest](const Eigen::VectorXd& p, const Eigen::ArrayXd& energies,
                                  Eigen::MatrixXd* gradient) {
    const Eigen::ArrayXd shape = energies.unaryExpr([&](double energy) {
      return spectrum::linear_at(curve.energy_ev, curve.intensity, energy) / largest;
    });
    if (gradient != nullptr) *gradient << shape, Eigen::ArrayXd::Ones(shape.size());
    return Eigen::ArrayXd(p[0] * shape + p[1]);
  };
  return model;
}

/// The last parameter held, so that it is none any more.
Model last_held(const Model& model, double at) {
  const Eigen::Index n = model.start.size() - 1;
  return {model.start.head(n),
          [value = model.value, n, at](const Eigen::VectorXd& p, const Eigen::ArrayXd& energies,
                                       Eigen::MatrixXd* gradient) {
            Eigen::VectorXd all(n + 1);
            all << p, at;
            if (gradient == nullptr) return value(all, energies, nullptr);
            Eigen::MatrixXd by_all(energies.size(), n + 1);
            const Eigen::ArrayXd values = value(all, energies, &by_all);
            *gradient = by_all.leftCols(n);
            return values;
          }};
}

std::vector<std::size_t> points_inside(const Spectrum& spectrum,
                                       const std::vector<spectrum::Window>& windows) {
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < spectrum.size(); ++i) {
    for (const spectrum::Window& window : windows) {
      if (spectrum.energy_ev[i] < window.low || spectrum.energy_ev[i] > window.high) continue;
      used.push_back(i);
      break;
    }
  }
  return used;
}

}  // namespace

std::optional<BackgroundChoice> background_choice(const std::string& name) {
  if (name == "none") return BackgroundChoice{BackgroundModel::none, 0, {}};
  if (name == "constant") return BackgroundChoice{BackgroundModel::constant, 0, {}};
  if (name == "linear") return BackgroundChoice{BackgroundModel::linear, 1, {}};
  if (name == "pearson7") return BackgroundChoice{BackgroundModel::pearson7, 0, {}};
  for (int degree = 2; degree <= 6; ++degree) {
    if (name == fmt::format("polynomial{}", degree)) {
      return BackgroundChoice{BackgroundModel::polynomial, degree, {}};
    }
  }
  return std::nullopt;
}

Background fit_background(const Spectrum& spectrum, const std::vector<spectrum::Window>& windows,
                          const BackgroundChoice& choice) {
  const auto n = static_cast<Eigen::Index>(spectrum.size());
  if (spectrum.size() > kMostPoints) {
    throw Error(ErrorKind::input, fmt::format("'{}' has {} points from {:g} to {:g} eV, wanted {} "
                                              "at most; --rebin makes fewer of them",
                                              spectrum.name, n, spectrum.energy_ev.front(),
                                              spectrum.energy_ev.back(), kMostPoints));
  }
  Background result;
  if (choice.model == BackgroundModel::none) {
    result.value.assign(spectrum.size(), 0.0);
    result.covariance = Eigen::MatrixXd::Zero(n, n);
    return result;
  }
  const std::vector<std::size_t> used = points_inside(spectrum, windows);
  if (used.size() < 3) {
    throw Error(
        ErrorKind::input,
        fmt::format("background: {} points of '{}' ({:g} to {:g} eV) lie inside the windows, "
                    "wanted 3 or more; change --background-window",
                    used.size(), spectrum.name, spectrum.energy_ev.front(),
                    spectrum.energy_ev.back()));
  }
  double height = 0.0;
  for (const std::size_t i : used) height = std::max(height, std::abs(spectrum.intensity[i]));
  if (height == 0.0) height = 1.0;
  const double middle = 0.5 * (spectrum.energy_ev[used.front()] + spectrum.energy_ev[used.back()]);
  Model model = choice.model == BackgroundModel::pearson7 ? pearson7(spectrum, used, height)
                : choice.model == BackgroundModel::curve  ? given_curve(*choice.curve, spectrum)
                                                          : polynomial(choice.degree, middle);
  const auto rows = static_cast<int>(used.size());
  if (rows <= model.start.size()) {
    throw Error(
        ErrorKind::input,
        fmt::format("background: {} points of '{}' lie inside the windows for {} parameters; "
                    "widen --background-window or take a simpler model",
                    rows, spectrum.name, model.start.size()));
  }
  const Eigen::Map<const Eigen::ArrayXd> energies(spectrum.energy_ev.data(), n);
  const Eigen::Map<const Eigen::ArrayXd> intensities(spectrum.intensity.data(), n);
  const Eigen::ArrayXd inside = energies(used);
  const Eigen::ArrayXd measured = intensities(used);
  Eigen::ArrayXd weight = Eigen::ArrayXd::Constant(rows, 1.0 / height);
  if (!spectrum.error.empty()) {
    weight = Eigen::Map<const Eigen::ArrayXd>(spectrum.error.data(), n)(used).inverse();
  }
  const ResidualFunction residuals = [&](const Eigen::VectorXd& p, Eigen::VectorXd& r,
                                         Eigen::MatrixXd* jacobian) {
    r = weight * (height * model.value(p, inside, jacobian) - measured);
    if (jacobian != nullptr) jacobian->array().colwise() *= height * weight;
  };
  LeastSquares fit;
  std::optional<double> shape_held;
  try {
    if (choice.model == BackgroundModel::pearson7) {
      // A flank often asks for a Gaussian, or for more than a Lorentzian: at the end of its range
      // the shape changes nothing.
      const double shape = minimum(model.start, rows, residuals).parameters[4];
      if (std::abs(shape) > kLastShape) shape_held = std::copysign(kLastShape, shape);
      if (shape_held) model = last_held(model, *shape_held);
    }
    fit = least_squares(model.start, rows, residuals);
  } catch (Error& error) {
    error.add_context(fmt::format("background of '{}'", spectrum.name));
    throw;
  }
  if (!fit.converged) {
    throw Error(ErrorKind::numerical,
                fmt::format("background of '{}': the fit did not converge; take a simpler model or "
                            "wider windows",
                            spectrum.name));
  }
  if (choice.model == BackgroundModel::curve && fit.parameters[0] <= 0.0) {
    throw Error(
        ErrorKind::numerical,
        fmt::format("background of '{}': the curve '{}' would be taken {:.3g} times; it falls "
                    "where the data rise. Take another curve or other windows",
                    spectrum.name, choice.curve->name, fit.parameters[0]));
  }
  double factor = fit.chi2 / fit.degrees;
  if (!spectrum.error.empty()) factor = std::max(1.0, factor);
  const Eigen::MatrixXd covariance = factor * fit.covariance;
  result.parameters = fit.parameters;
  result.sigma = covariance.diagonal().cwiseSqrt();
  if (shape_held) {
    result.parameters.conservativeResize(5);
    result.parameters[4] = *shape_held;
    result.sigma.conservativeResize(5);
    result.sigma[4] = 0.0;
  }
  result.chi2 = fit.chi2;
  result.degrees = fit.degrees;
  result.fitted = used;
  if (!spectrum.error.empty()) result.from_errors = 1.0 / factor;
  if (spectrum.error.empty()) result.residual_error = height * std::sqrt(fit.chi2 / fit.degrees);
  Eigen::MatrixXd gradient(n, fit.parameters.size());
  result.value.resize(spectrum.size());
  Eigen::Map<Eigen::ArrayXd>(result.value.data(), n) =
      height * model.value(fit.parameters, energies, &gradient);
  gradient *= height;
  result.covariance = gradient * covariance * gradient.transpose();
  return result;
}

Normalisation normalisation(const std::string& name) {
  if (name == "none") return Normalisation::none;
  if (name == "area") return Normalisation::area;
  if (name == "step") return Normalisation::step;
  throw Error(ErrorKind::input, fmt::format("--normalise {}: wanted none, area or step", name));
}

Reduced reduced(const Spectrum& spectrum, const Background& background, Normalisation normalisation,
                const spectrum::Window& window) {
  const auto n = static_cast<Eigen::Index>(spectrum.size());
  const bool errors = !spectrum.error.empty();
  Eigen::VectorXd bare(n);
  Eigen::MatrixXd covariance = background.covariance;
  if (errors) {
    // b = H m with the points m that were fitted: cov(m, b) = D H^T = B there, 0 elsewhere.
    const Eigen::MatrixXd b = background.from_errors * background.covariance;
    for (const std::size_t k : background.fitted) {
      const auto at = static_cast<Eigen::Index>(k);
      covariance.row(at) -= b.row(at);
      covariance.col(at) -= b.col(at);
    }
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    bare[i] = spectrum.intensity[at] - background.value[at];
    if (errors) covariance(i, i) += spectrum.error[at] * spectrum.error[at];
  }
  // Without errors and without a background nothing is known.
  const bool told = errors || background.degrees > 0;
  Eigen::VectorXd weight = Eigen::VectorXd::Zero(n);  // a_i
  if (normalisation != Normalisation::none) {
    std::vector<Eigen::Index> inside;
    for (Eigen::Index i = 0; i < n; ++i) {
      const double energy = spectrum.energy_ev[static_cast<std::size_t>(i)];
      if (energy >= window.low && energy <= window.high) inside.push_back(i);
    }
    if (inside.size() < 2) {
      throw Error(
          ErrorKind::input,
          fmt::format("normalisation: {} points of '{}' lie from {:g} to {:g} eV, wanted 2 or "
                      "more; change --window",
                      inside.size(), spectrum.name, window.low, window.high));
    }
    for (std::size_t k = 0; k < inside.size(); ++k) {
      if (normalisation == Normalisation::step) {
        weight[inside[k]] = 1.0 / static_cast<double>(inside.size());
      } else if (k > 0) {
        const double width = spectrum.energy_ev[static_cast<std::size_t>(inside[k])] -
                             spectrum.energy_ev[static_cast<std::size_t>(inside[k - 1])];
        weight[inside[k]] += 0.5 * width;
        weight[inside[k - 1]] += 0.5 * width;
      }
    }
  }
  Reduced result;
  result.spectrum = spectrum;
  if (normalisation != Normalisation::none) {
    const double total = weight.dot(bare);
    if (!(total > 0.0)) {
      throw Error(ErrorKind::input,
                  fmt::format("normalisation: what is left of '{}' from {:g} to {:g} eV adds up to "
                              "{:g}, wanted more than 0; look at the background",
                              spectrum.name, window.low, window.high, total));
    }
    result.scale = 1.0 / total;
  }
  const Eigen::VectorXd y = result.scale * bare;
  result.covariance = result.scale * result.scale * covariance;
  if (normalisation != Normalisation::none) {
    // J C J^T with J = 1 - y a^T, written out: C - y (C a)^T - (C a) y^T + (a C a) y y^T = C - y
    // v^T - v y^T with v = C a - (a C a) y / 2. In units of the result a stays as it is, since y
    // has unit total.
    const Eigen::VectorXd ca = result.covariance * weight;
    const Eigen::VectorXd v = ca - 0.5 * weight.dot(ca) * y;
    result.covariance.noalias() -= y * v.transpose();
    result.covariance.noalias() -= v * y.transpose();
  }
  result.spectrum.error.clear();
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    result.spectrum.intensity[at] = y[i];
    if (told) {
      result.spectrum.error.push_back(std::sqrt(std::max(0.0, result.covariance(i, i))));
    }
    if (errors) result.statistical_error.push_back(result.scale * spectrum.error[at]);
    result.background.push_back(result.scale * background.value[at]);
  }
  return result;
}

}  // namespace kedge::measured
