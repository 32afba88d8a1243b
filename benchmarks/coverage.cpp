// SPDX-License-Identifier: BSD-3-Clause
/// How far the error bars of kedge compare can be trusted, and how fast comparison and reduction
/// are.
///     coverage FOLDER [SEEDS [DEGREE]]
/// FOLDER was filled by benchmarks/coverage/make_cases.sh. Measured spectra are made from a truth
/// that is none of the cases (screening 0.68, Na moved by 0.06 Angstrom): computed spectrum moved
/// by 0.43 eV, on the flank of a Compton peak half as high, with counting noise. Screening and
/// place of Na are then looked for among the 25 cases, the background fitted by a polynomial of
/// DEGREE, cubic by default: at 1e6 counts a quadratic one misses the flank by enough to move the
/// shift. Beside the scatter stands the smallest one possible.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <random>

#include "kedge/campaign/rank_cases.hpp"
#include "kedge/io/hdf5.hpp"
#include "kedge/measured/least_squares.hpp"
#include "kedge/measured/reduce.hpp"
#include "kedge/parallel/runtime.hpp"

namespace {

using namespace kedge;

constexpr double kTrueScreening = 0.68;
constexpr double kTrueDistance = 0.06;
constexpr double kTrueShift = 0.43;
constexpr double kWantedShiftError = 0.03;  // [eV]
constexpr double kConfidence95 = 1.959964;
constexpr std::array<const char*, 5> kDistances = {"-0.2", "-0.1", "0.0", "0.1", "0.2"};

/// The files of one place of Na each as one result with a second swept parameter.
campaign::OpenedResults merged(const std::string& folder) {
  campaign::OpenedResults all;
  io::CaseColumn distance{"na_distance", "Angstrom", true, {}};
  for (const char* name : kDistances) {
    auto one = campaign::open_results(folder + "/na_" + name + ".h5", {});
    const std::size_t n = one.results.header.n_cases();
    distance.values.insert(distance.values.end(), n, std::stod(name));
    if (all.results.header.sites.empty()) {
      all = std::move(one);
      continue;
    }
    auto& to = all.results;
    const auto& from = one.results;
    to.s.insert(to.s.end(), from.s.begin(), from.s.end());
    to.done.insert(to.done.end(), from.done.begin(), from.done.end());
    to.levels.insert(to.levels.end(), from.levels.begin(), from.levels.end());
    for (std::size_t c = 0; c < to.header.cases.size(); ++c) {
      auto& values = to.header.cases[c].values;
      const auto& more = from.header.cases[c].values;
      values.insert(values.end(), more.begin(), more.end());
    }
  }
  all.results.header.cases.push_back(distance);
  return all;
}

/// Compton peak of q = 4.5 1/Angstrom: centre q^2/2 = 77 eV, 60 eV wide.
double compton(double energy, double counts) {
  return 0.5 * counts *
         std::exp(-0.5 *
                  (std::pow((energy - 77.0) / 60.0, 2) - std::pow((190.0 - 77.0) / 60.0, 2)));
}

double highest_point(const measured::UniformCurve& curve) {
  return *std::max_element(curve.y.begin(), curve.y.end());
}

/// Points of the measurement [eV].
double energy_of(int i) {
  return 184.0 + 0.2 * i;
}
constexpr int kLastPoint = 110;

/// 184 to 206 eV by 0.2 eV; `counts` at the highest point of the edge alone.
measured::Spectrum measurement(const measured::UniformCurve& truth, double counts, unsigned seed) {
  std::mt19937_64 random(seed);
  measured::Spectrum data;
  data.name = "made";
  const double highest = highest_point(truth);
  for (int i = 0; i <= kLastPoint; ++i) {
    const double energy = energy_of(i);
    const double mean =
        counts * truth.at(energy - kTrueShift).y / highest + compton(energy, counts);
    const double value = static_cast<double>(std::poisson_distribution<long>(mean)(random));
    data.energy_ev.push_back(energy);
    data.intensity.push_back(value);
    data.error.push_back(std::sqrt(std::max(value, 1.0)));
  }
  return data;
}

/// Smallest standard deviations that any unbiased estimate can have (Cramer-Rao), from the Fisher
/// matrix of counts n_i of Poisson mean m_i(u) at the truth,
///   F_kl = sum_i (dm_i/du_k) (dm_i/du_l) / m_i,   sigma_k >= sqrt((F^-1)_kk),
/// for unknowns u: screening, place of Na, shift, scale and a background of this degree.
struct Bounds {
  std::array<double, 3> all_free{};  ///< screening, Na, shift
  double shift_alone = 0.0;          ///< if screening and Na were known
  double correlation = 0.0;          ///< of shift and screening, all free
};

Bounds cramer_rao(campaign::CaseCurves& curves, double counts, int degree) {
  const campaign::SweepGrid grid = campaign::sweep_grid(curves.opened().results.header);
  std::vector<measured::ParameterSpline> splines;
  for (const auto& nodes : grid.nodes) splines.emplace_back(nodes);
  std::vector<measured::UniformCurve> cases;
  for (const std::size_t i_case : grid.cases) cases.push_back(curves.at(0, i_case));
  const measured::CurveFamily family(splines, cases, curves.offsets(0, grid));
  const auto at_truth = family.at(Eigen::Vector2d(kTrueScreening, kTrueDistance));
  const double scale = counts / highest_point(at_truth.curve);
  Eigen::MatrixXd j(kLastPoint + 1, 4 + degree + 1);
  for (int i = 0; i <= kLastPoint; ++i) {
    const double energy = energy_of(i);
    const double x = energy - kTrueShift;
    const auto value = at_truth.curve.at(x);
    j(i, 0) = scale * at_truth.slopes[0].at(x).y;
    j(i, 1) = scale * at_truth.slopes[1].at(x).y;
    j(i, 2) = -scale * value.slope;
    j(i, 3) = scale * value.y;
    for (int k = 0; k <= degree; ++k) j(i, 4 + k) = counts * std::pow((energy - 195.0) / 10.0, k);
    j.row(i) /= std::sqrt(scale * value.y + compton(energy, counts));
  }
  const Eigen::MatrixXd covariance = measured::inverse_normal(j);
  Bounds bounds;
  for (int k = 0; k < 3; ++k) {
    bounds.all_free[static_cast<std::size_t>(k)] = std::sqrt(covariance(k, k));
  }
  bounds.correlation = covariance(0, 2) / std::sqrt(covariance(0, 0) * covariance(2, 2));
  bounds.shift_alone = std::sqrt(measured::inverse_normal(j.rightCols(j.cols() - 2))(0, 0));
  return bounds;
}

/// Of this process: the machine may be shared.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

struct Statistics {
  int within = 0;
  double off = 0.0;
  double squares = 0.0;
  double pulls = 0.0;
  double sigma = 0.0;
  double interpolation = 0.0;
};

void coverage(const std::string& folder, int seeds, int background_degree) {
  const auto opened = merged(folder);
  const auto true_file = campaign::open_results(folder + "/truth.h5", {});
  const auto truth = campaign::fine_case_curve(true_file, 0, 0, -1);
  std::vector<campaign::ComparedFile> files;
  files.push_back({campaign::CaseCurves(opened)});
  measured::FitSettings settings;
  settings.background_degree = background_degree;
  settings.lowest_shift_ev = -3.0;
  settings.highest_shift_ev = 3.0;
  fmt::print(
      "counts   parameter             truth   mean      rms error  Cramer-Rao  mean sigma  of it "
      "interpol.  "
      "within 95 %  rms pull\n");
  for (const double counts : {1e4, 1e5, 1e6}) {
    std::array<Statistics, 3> all;
    double chi2 = 0.0;
    double truth_chi2 = 0.0;
    std::array<double, 2> missed{};
    for (int seed = 1; seed <= seeds; ++seed) {
      const std::vector<campaign::MeasuredSpectrum> data = {
          {measurement(truth, counts, static_cast<unsigned>(seed)), 0}};
      const measured::CurveFamily itself(truth);
      truth_chi2 +=
          measured::fit_curves({{&data.front().spectrum, &itself}}, settings).reduced_chi2() /
          seeds;
      const auto ranking = campaign::rank_cases(files, data, settings);
      const auto best = campaign::best_parameters(files, data, settings, ranking);
      chi2 += best->fit.reduced_chi2() / seeds;
      for (std::size_t d = 0; d < 2; ++d) missed[d] += 100.0 * best->missed[d] / seeds;
      for (std::size_t d = 0; d < 3; ++d) {
        const double value =
            d < 2 ? best->fit.parameters[d].value : best->fit.targets[0].shift_ev.value;
        const double sigma = d < 2 ? best->sigma(d) : best->shift_sigma_ev();
        const double wanted = d == 0 ? kTrueScreening : d == 1 ? kTrueDistance : kTrueShift;
        const double off = value - wanted;
        all[d].off += off / seeds;
        all[d].squares += off * off / seeds;
        all[d].sigma += sigma / seeds;
        all[d].pulls += off * off / (sigma * sigma) / seeds;
        all[d].interpolation +=
            (d < 2 ? best->interpolation_error[d] : best->shift_interpolation_error_ev[0]) / seeds;
        if (std::abs(off) <= kConfidence95 * sigma) ++all[d].within;
      }
    }
    const Bounds bounds = cramer_rao(files.front().curves, counts, settings.background_degree);
    const std::array<std::string, 3> names = {"screening (electron)", "Na (Angstrom)",
                                              "shift (eV)"};
    const std::array<double, 3> wanted = {kTrueScreening, kTrueDistance, kTrueShift};
    for (std::size_t d = 0; d < 3; ++d) {
      fmt::print(
          "{:<8.0e} {:<20}  {:>5.2f}  {:>8.5f}  {:>9.5f}  {:>10.5f}  {:>10.5f}  {:>15.5f}  "
          "{:>9.1f} %  "
          "{:>8.2f}\n",
          counts, names[d], wanted[d], wanted[d] + all[d].off, std::sqrt(all[d].squares),
          bounds.all_free[d], all[d].sigma, all[d].interpolation, 100.0 * all[d].within / seeds,
          std::sqrt(all[d].pulls));
    }
    // Signal and background have the same counts as a factor: the bound falls as their inverse
    // root.
    fmt::print(
        "         bound of the shift with screening and Na known {:.5f} eV; correlation of shift "
        "and screening {:.3f}; "
        "a bound of {} eV takes {:.1e} counts\n",
        bounds.shift_alone, bounds.correlation, kWantedShiftError,
        counts * std::pow(bounds.all_free[2] / kWantedShiftError, 2));
    fmt::print(
        "         mean chi2/degree {:.3f}, of the truth itself {:.3f}; nearest case left out is "
        "missed by {:.2f} and {:.2f} "
        "%\n",
        chi2, truth_chi2, missed[0], missed[1]);
  }
}

void speed(const std::string& folder) {
  const auto opened = campaign::open_results(folder + "/na_0.0.h5", {});
  const auto curve = campaign::fine_case_curve(opened, 0, 0, -1);  // makes the matrix, too
  const auto data = measurement(curve, 1e5, 1);
  measured::FitSettings settings;
  settings.background_degree = 1;
  settings.fit_width = true;
  double start = cpu_seconds();
  for (int i = 0; i < 1000; ++i) {
    const auto broadened = campaign::fine_site_curve(
        opened, {0, static_cast<std::size_t>(i) % opened.results.header.sites.size(), 0, -1});
    const measured::CurveFamily family(broadened);
    (void)measured::fit_curves({{&data, &family}}, settings);
  }
  fmt::print("broadening and comparing 1000 one-site cases: {:.2f} s of processor time\n",
             cpu_seconds() - start);

  start = cpu_seconds();
  for (unsigned i = 0; i < 100; ++i) {
    measured::Spectrum wide;
    wide.name = "wide";
    std::mt19937 random(i);
    for (int k = 0; k < 500; ++k) {
      const double energy = 150.0 + 0.3 * k;
      const double mean = 1e4 * std::exp(-0.5 * std::pow((energy - 400.0) / 120.0, 2)) +
                          (energy > 188.0 ? 300.0 : 0.0) + 50.0;
      wide.energy_ev.push_back(energy);
      wide.intensity.push_back(std::poisson_distribution<int>(mean)(random));
      wide.error.push_back(std::sqrt(wide.intensity.back() + 1.0));
    }
    const auto background = measured::fit_background(wide, {{150.0, 187.0}},
                                                     *measured::background_choice("polynomial2"));
    (void)measured::reduced(wide, background, measured::Normalisation::area, {185.0, 230.0});
  }
  fmt::print("reducing 100 spectra of 500 points: {:.2f} s of processor time\n",
             cpu_seconds() - start);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print("coverage FOLDER [SEEDS [DEGREE]]\n");
    return 2;
  }
  io::hdf5::start();
  const parallel::Runtime runtime(argc, argv);
  coverage(argv[1], argc > 2 ? std::stoi(argv[2]) : 200, argc > 3 ? std::stoi(argv[3]) : 3);
  speed(argv[1]);
  return 0;
}
