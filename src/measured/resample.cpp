// SPDX-License-Identifier: BSD-3-Clause
#include "resample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/measured/reduce.hpp"

namespace kedge::measured {

namespace {

/// Range of energies that all spectra have.
spectrum::Window common_range(const std::vector<Spectrum>& spectra) {
  spectrum::Window common{spectra.front().energy_ev.front(), spectra.front().energy_ev.back()};
  for (const Spectrum& one : spectra) {
    common.low = std::max(common.low, one.energy_ev.front());
    common.high = std::min(common.high, one.energy_ev.back());
  }
  return common;
}

/// Mean intensity and mean squared error of the points of a spectrum within a window.
struct Means {
  double intensity = 0.0;
  double square = 0.0;
};

Means means_within(const Spectrum& spectrum, const spectrum::Window& window) {
  Means sum;
  double count = 0.0;
  for (std::size_t i = 0; i < spectrum.size(); ++i) {
    if (spectrum.energy_ev[i] < window.low || spectrum.energy_ev[i] > window.high) continue;
    count += 1.0;
    sum.intensity += spectrum.intensity[i];
    sum.square += spectrum.error[i] * spectrum.error[i];
  }
  if (count == 0.0) {
    throw Error(
        ErrorKind::input,
        fmt::format("analysers: '{}' has no point from {:g} to {:g} eV, where all have values",
                    spectrum.name, window.low, window.high));
  }
  return {sum.intensity / count, sum.square / count};
}

/// Part of a measured point in a point of another axis: value_row = sum over the points of part *
/// y_point.
struct Share {
  std::size_t row = 0;
  std::size_t point = 0;
  double part = 0.0;
};

/// Variances with which the points of the new axis, each taken for itself, weigh in the fit of a
/// smooth curve as much as the measured ones do. They share measured points, covariance T D T^T;
/// the rows of that added up,
///   v_i = sum_k T_ik D_k sum_j T_jk,
/// give the variance of a sum over many points. Where none is shared that is the variance of the
/// point itself.
std::vector<double> independent_variances(const std::vector<Share>& shares, std::size_t n_rows,
                                          const std::vector<double>& error) {
  std::vector<double> taken(error.size(), 0.0);  // sum_j T_jk
  for (const Share& one : shares) taken[one.point] += one.part;
  std::vector<double> variance(n_rows, 0.0);
  for (const Share& one : shares) {
    variance[one.row] += one.part * error[one.point] * error[one.point] * taken[one.point];
  }
  return variance;
}

std::vector<Share> shares_between(const std::vector<Between>& places) {
  std::vector<Share> shares;
  for (std::size_t row = 0; row < places.size(); ++row) {
    shares.push_back({row, places[row].i, 1.0 - places[row].fraction});
    shares.push_back({row, places[row].i + 1, places[row].fraction});
  }
  return shares;
}

/// Scaled to the mean by least squares, chi^2 per point.
double chi2_against(const std::vector<double>& y, const std::vector<double>& error,
                    const std::vector<double>& mean) {
  double products = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    products += y[i] * mean[i] / (error[i] * error[i]);
    squares += mean[i] * mean[i] / (error[i] * error[i]);
  }
  const double scale = squares > 0.0 ? products / squares : 0.0;
  double chi2 = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double residual = (y[i] - scale * mean[i]) / error[i];
    chi2 += residual * residual;
  }
  return chi2 / static_cast<double>(y.size());
}

}  // namespace

Between between(std::span<const double> x, double at) {
  const auto above = std::upper_bound(x.begin() + 1, x.end() - 1, at);
  const auto i = static_cast<std::size_t>(above - x.begin()) - 1;
  return {i, (at - x[i]) / (x[i + 1] - x[i])};
}

AnalyserMean average_analysers(const std::vector<Spectrum>& analysers) {
  AnalyserMean result;
  const spectrum::Window common = common_range(analysers);
  result.mean.name = analysers.front().name;
  for (const double energy : analysers.front().energy_ev) {
    if (energy >= common.low && energy <= common.high) result.mean.energy_ev.push_back(energy);
  }
  const std::size_t n = result.mean.energy_ev.size();
  if (n < 3) {
    throw Error(ErrorKind::input,
                fmt::format("analysers: {} points of '{}' lie where all have values, from {:g} to "
                            "{:g} eV; wanted 3 or more",
                            n, analysers.front().name, common.low, common.high));
  }
  std::vector<std::vector<double>> values;
  std::vector<std::vector<double>> errors;     // scatter of the interpolated points
  std::vector<std::vector<double>> variances;  // with which they weigh
  for (const Spectrum& one : analysers) {
    if (one.error.empty()) {
      throw Error(
          ErrorKind::input,
          fmt::format("analysers: '{}' has no errors to weigh it with; give an error column, "
                      "or --layout counts",
                      one.name));
    }
    values.emplace_back();
    errors.emplace_back();
    std::vector<Between> places;
    for (const double energy : result.mean.energy_ev) {
      const Between at = between(one.energy_ev, energy);
      places.push_back(at);
      const double f = at.fraction;
      values.back().push_back((1.0 - f) * one.intensity[at.i] + f * one.intensity[at.i + 1]);
      errors.back().push_back(std::hypot((1.0 - f) * one.error[at.i], f * one.error[at.i + 1]));
    }
    variances.push_back(independent_variances(shares_between(places), n, one.error));
  }
  // Of the points as measured: between two points the error is smaller by up to a root of two,
  // since neighbours then share counts, and an analyser tells no more for lying half a step beside
  // the others.
  std::vector<Means> means;
  for (const Spectrum& one : analysers) means.push_back(means_within(one, common));
  result.efficiencies_known =
      std::ranges::all_of(means, [](const Means& mean) { return mean.intensity >= 0.0; });
  double total = 0.0;
  for (const Means& mean : means) {
    result.weights.push_back((result.efficiencies_known ? mean.intensity : 1.0) / mean.square);
    total += result.weights.back();
  }
  if (!(total > 0.0)) {
    throw Error(
        ErrorKind::input,
        fmt::format("analysers: all values of '{}' and the others are 0 from {:g} to {:g} eV",
                    analysers.front().name, common.low, common.high));
  }
  result.mean.intensity.assign(n, 0.0);
  std::vector<double> variance(n, 0.0);
  for (std::size_t a = 0; a < analysers.size(); ++a) {
    result.weights[a] /= total;
    for (std::size_t i = 0; i < n; ++i) {
      result.mean.intensity[i] += result.weights[a] * values[a][i];
      variance[i] += result.weights[a] * result.weights[a] * variances[a][i];
    }
  }
  for (const double square : variance) result.mean.error.push_back(std::sqrt(square));
  for (std::size_t a = 0; a < analysers.size(); ++a) {
    result.chi2.push_back(chi2_against(values[a], errors[a], result.mean.intensity));
  }
  return result;
}

namespace {

/// What a point stands for [eV].
struct OwnCell {
  double low = 0.0;
  double high = 0.0;
};

/// To the midpoints of the neighbours, but in a hole of the data no farther than a step or three
/// times the distance to the nearer neighbour.
std::vector<OwnCell> own_cells(const std::vector<double>& energy_ev, double step) {
  constexpr double kFarthest = 3.0;
  const std::size_t n = energy_ev.size();
  std::vector<OwnCell> cells(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double above =
        i + 1 < n ? energy_ev[i + 1] - energy_ev[i] : energy_ev[i] - energy_ev[i - 1];
    const double below = i > 0 ? energy_ev[i] - energy_ev[i - 1] : above;
    const double most = std::max(step, kFarthest * std::min(above, below));
    cells[i] = {energy_ev[i] - std::min(0.5 * below, most),
                energy_ev[i] + std::min(0.5 * above, most)};
  }
  return cells;
}

}  // namespace

Spectrum rebinned(const Spectrum& spectrum, double first, double step, double last) {
  if (!(step > 0.0) || !(last >= first)) {
    throw Error(ErrorKind::input,
                fmt::format("rebinning from {:g} by {:g} to {:g} eV: wanted a positive step and an "
                            "increasing range",
                            first, step, last));
  }
  const std::size_t n = spectrum.size();
  if (!((last - first) / step < kMostPoints)) {
    throw Error(ErrorKind::input,
                fmt::format("rebinning from {:g} by {:g} to {:g} eV: {:g} cells, wanted {} at most",
                            first, step, last, (last - first) / step, kMostPoints));
  }
  const std::vector<OwnCell> own = own_cells(spectrum.energy_ev, step);
  Spectrum result;
  result.name = spectrum.name;
  result.notes = spectrum.notes;
  const auto cells = static_cast<std::size_t>(std::floor((last - first) / step + 1e-9)) + 1;
  bool gap = false;
  std::vector<Share> shares;
  for (std::size_t c = 0; c < cells; ++c) {
    const double centre = first + step * static_cast<double>(c);
    const double low = centre - 0.5 * step;
    const double high = centre + 0.5 * step;
    double weight = 0.0;
    double sum = 0.0;
    std::vector<Share> parts;
    auto i = static_cast<std::size_t>(std::ranges::upper_bound(own, low, {}, &OwnCell::high) -
                                      own.begin());
    for (; i < n && own[i].low < high; ++i) {
      const double part = std::min(high, own[i].high) - std::max(low, own[i].low);
      if (part <= 0.0) continue;
      weight += part;
      sum += part * spectrum.intensity[i];
      parts.push_back({result.size(), i, part});
    }
    // Half a cell of data is the least that stands for its middle.
    if (weight < 0.5 * step) {
      gap = gap || !result.energy_ev.empty();
      continue;
    }
    if (gap) {
      throw Error(ErrorKind::input,
                  fmt::format("rebinning: no data of '{}' below {:g} eV", spectrum.name, centre));
    }
    result.energy_ev.push_back(centre);
    result.intensity.push_back(sum / weight);
    for (Share& one : parts) {
      one.part /= weight;
      shares.push_back(one);
    }
  }
  if (result.size() < 3) {
    throw Error(ErrorKind::input,
                fmt::format("rebinning from {:g} to {:g} eV leaves {} points of '{}', wanted 3 or "
                            "more",
                            first, last, result.size(), spectrum.name));
  }
  if (!spectrum.error.empty()) {
    for (const double variance : independent_variances(shares, result.size(), spectrum.error)) {
      result.error.push_back(std::sqrt(variance));
    }
  }
  return result;
}

Reduced difference(const Reduced& first, const Reduced& second) {
  const Spectrum& one = first.spectrum;
  const Spectrum& two = second.spectrum;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (one.energy_ev[i] >= two.energy_ev.front() && one.energy_ev[i] <= two.energy_ev.back()) {
      rows.push_back(i);
    }
  }
  if (rows.size() < 3) {
    throw Error(
        ErrorKind::input,
        fmt::format("difference: '{}' and '{}' have {} energies in common, wanted 3 or more",
                    one.name, two.name, rows.size()));
  }
  const auto n = static_cast<Eigen::Index>(rows.size());
  std::vector<Between> places;
  Reduced result;
  result.spectrum.name = one.name + " minus " + two.name;
  for (Eigen::Index r = 0; r < n; ++r) {
    const std::size_t i = rows[static_cast<std::size_t>(r)];
    const Between at = between(two.energy_ev, one.energy_ev[i]);
    places.push_back(at);
    const double other =
        (1.0 - at.fraction) * two.intensity[at.i] + at.fraction * two.intensity[at.i + 1];
    result.spectrum.energy_ev.push_back(one.energy_ev[i]);
    result.spectrum.intensity.push_back(one.intensity[i] - other);
    result.background.push_back(0.0);
  }
  const bool told = !one.error.empty() && !two.error.empty();
  const bool counted = !first.statistical_error.empty() && !second.statistical_error.empty();
  std::vector<double> counting(rows.size(), 0.0);
  Eigen::MatrixXd common = second.covariance;  // background and normalisation
  if (!second.statistical_error.empty()) {
    counting = independent_variances(shares_between(places), rows.size(), second.statistical_error);
    common.diagonal() -=
        Eigen::Map<const Eigen::VectorXd>(second.statistical_error.data(), common.rows())
            .cwiseAbs2();
  }
  // C1 + T C2 T^T, row by row: T interpolates, two numbers in each of its rows.
  const auto interpolated = [](const auto& values, const Between& at) {
    const auto i = static_cast<Eigen::Index>(at.i);
    return (1.0 - at.fraction) * values[i] + at.fraction * values[i + 1];
  };
  result.covariance.resize(n, n);
  for (Eigen::Index r = 0; r < n; ++r) {
    const Between& at = places[static_cast<std::size_t>(r)];
    const auto i = static_cast<Eigen::Index>(at.i);
    const Eigen::VectorXd row =
        (1.0 - at.fraction) * common.col(i) + at.fraction * common.col(i + 1);
    for (Eigen::Index s = 0; s < n; ++s) {
      const auto to = static_cast<std::size_t>(s);
      result.covariance(s, r) =
          first.covariance(static_cast<Eigen::Index>(rows[to]),
                           static_cast<Eigen::Index>(rows[static_cast<std::size_t>(r)])) +
          interpolated(row, places[to]);
    }
    const auto at_r = static_cast<std::size_t>(r);
    result.covariance(r, r) += counting[at_r];
    if (counted) {
      result.statistical_error.push_back(
          std::hypot(first.statistical_error[rows[at_r]], std::sqrt(counting[at_r])));
    }
    if (told) result.spectrum.error.push_back(std::sqrt(std::max(0.0, result.covariance(r, r))));
  }
  return result;
}

}  // namespace kedge::measured
