// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/measured/least_squares.hpp"
#include "kedge/measured/reduce.hpp"

namespace kedge::measured {

ElasticLine fit_elastic_line(const Spectrum& scan) {
  const auto top = static_cast<std::size_t>(
      std::max_element(scan.intensity.begin(), scan.intensity.end()) - scan.intensity.begin());
  if (top == 0 || top + 1 >= scan.size()) {
    throw Error(ErrorKind::input,
                fmt::format("elastic line: the largest value of '{}' is at its end, {:g} eV; the "
                            "scan must cover the whole line",
                            scan.name, scan.energy_ev[top]));
  }
  const double floor = std::ranges::min(scan.intensity);
  const double limit = floor + 0.1 * (scan.intensity[top] - floor);
  std::size_t first = top;
  std::size_t last = top;
  while (first > 0 && scan.intensity[first] > limit) --first;
  while (last + 1 < scan.size() && scan.intensity[last] > limit) ++last;
  const auto count = static_cast<int>(last - first + 1);
  if (count < 5) {
    throw Error(
        ErrorKind::input,
        fmt::format("elastic line: {} points of '{}' lie on the line at {:g} eV, wanted 5 or "
                    "more",
                    count, scan.name, scan.energy_ev[top]));
  }
  const double width = std::max(scan.energy_ev[last] - scan.energy_ev[first], 1e-9);
  const double height = scan.intensity[top] - floor;
  // Centre and sigma in units of the width about the top, heights in units of the height.
  Eigen::VectorXd start(4);
  start << 0.0, 0.25, 1.0, 0.0;
  const auto fit = least_squares(
      start, Eigen::VectorXd::Constant(4, 0.1), count,
      PlainResiduals([&](const Eigen::VectorXd& p, Eigen::VectorXd& r) {
        for (int i = 0; i < count; ++i) {
          const std::size_t at = first + static_cast<std::size_t>(i);
          const double x = (scan.energy_ev[at] - scan.energy_ev[top]) / width - p[0];
          const double model = p[2] * std::exp(-0.5 * x * x / (p[1] * p[1])) + p[3];
          const double y = (scan.intensity[at] - floor) / height;
          r[i] = scan.error.empty() ? model - y : (model - y) * height / scan.error[at];
        }
      }));
  if (!fit.converged || std::abs(fit.parameters[0]) > 1.0) {
    throw Error(ErrorKind::numerical,
                fmt::format("elastic line: no Gaussian fits '{}' about {:g} eV", scan.name,
                            scan.energy_ev[top]));
  }
  // Shot noise or not, the line is no exact Gaussian: the residuals set the scale.
  const double scale = fit.chi2 / std::max(fit.degrees, 1);
  return {scan.energy_ev[top] + width * fit.parameters[0],
          width * std::sqrt(scale * fit.covariance(0, 0)),
          width * std::abs(fit.parameters[1]) * std::sqrt(8.0 * std::numbers::ln2)};
}

Spectrum energy_loss(const Spectrum& scan, double elastic_centre_ev) {
  Spectrum loss = scan;
  for (double& energy : loss.energy_ev) energy -= elastic_centre_ev;
  return loss;
}

double momentum_transfer(double analyser_ev, double loss_ev, double angle_degrees) {
  // k = w / c in atomic units.
  const double per_angstrom = 1.0 / (kHartreeEv * kSpeedOfLight * kBohrAngstrom);
  const double k1 = (analyser_ev + loss_ev) * per_angstrom;
  const double k2 = analyser_ev * per_angstrom;
  return std::sqrt(k1 * k1 + k2 * k2 - 2.0 * k1 * k2 * std::cos(angle_degrees * kPi / 180.0));
}

Spectrum without_photon_factor(const Spectrum& loss, double analyser_ev) {
  Spectrum result = loss;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double factor = (analyser_ev + result.energy_ev[i]) / analyser_ev;
    result.intensity[i] *= factor;
    if (!result.error.empty()) result.error[i] *= factor;
  }
  return result;
}

}  // namespace kedge::measured
