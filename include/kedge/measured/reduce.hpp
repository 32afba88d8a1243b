// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "kedge/measured/spectrum.hpp"
#include "kedge/spectrum/comparison.hpp"

/// From measured x-ray Raman scans to a background-free, normalised S(q, E). Each step is a
/// function of its own; all energies in eV. Rank-local.
namespace kedge::measured {

/// Points of a spectrum that can be reduced: their covariance matrix takes 200 MB.
inline constexpr std::size_t kMostPoints = 5000;

/// Centre and width of the elastic line.
struct ElasticLine {
  double centre_ev = 0.0;
  double centre_sigma_ev = 0.0;
  double fwhm_ev = 0.0;  ///< of a Gaussian
};

/// Fits a Gaussian on a constant to a scan over the elastic line (Levenberg-Marquardt), between the
/// points where it falls to a tenth of its height.
/// @throws Error{input} if the maximum is an end of the scan; Error{numerical} if it does not fit
[[nodiscard]] ElasticLine fit_elastic_line(const Spectrum& scan);

/// Energies become losses E - centre. @pre energies of the incident beam at a fixed analyser
[[nodiscard]] Spectrum energy_loss(const Spectrum& scan, double elastic_centre_ev);

/// Momentum transfer [1/Angstrom] at a loss: with incident energy w1 = w2 + loss and wave numbers
/// k = w / (hbar c),   q^2 = k1^2 + k2^2 - 2 k1 k2 cos(2 theta).
/// @param analyser_ev  w2   @param angle_degrees  2 theta between the two beams
[[nodiscard]] double momentum_transfer(double analyser_ev, double loss_ev, double angle_degrees);

/// Divides by w2/w1: the double differential cross section is S(q, w) (dsigma/dOmega)_Thomson
/// w2/w1.
///
/// Source: W. Schuelke, Electron Dynamics by Inelastic X-Ray Scattering (2007), section 2.1.
[[nodiscard]] Spectrum without_photon_factor(const Spectrum& loss, double analyser_ev);

/// Mean of the analysers on the loss axis of the first one, where all of them have values; the
/// others are interpolated linearly. Interpolated neighbours share counts: their errors are those
/// with which they weigh as much as the points measured, not their scatter, which is smaller by up
/// to a root of two. Each analyser has one weight for its whole spectrum (weights by point would
/// follow the noise of counts and lower the mean): its mean intensity over the mean of its squared
/// errors, the best weight where all analysers see the same spectrum c_a s(E) with efficiencies c_a
/// of their own. For counts it is the same for all, their sum; the inverse squared errors alone
/// would give the most to the analyser that counts least. If an analyser has a mean below zero,
/// nothing tells efficiencies and all are taken equal.
struct AnalyserMean {
  Spectrum mean;
  std::vector<double> weights;  ///< of each analyser, sum 1
  bool efficiencies_known = true;
  /// chi^2 per point of each analyser against the mean after one scale factor; far above 1: it
  /// differs
  std::vector<double> chi2;
};
/// @throws Error{input} if an analyser has no errors, all are zero, or fewer than 3 points are
/// common to all
[[nodiscard]] AnalyserMean average_analysers(const std::vector<Spectrum>& analysers);

/// Values over even cells of width step from first on: the mean of the points weighed by the part
/// of their own cell that lies inside: to the midpoints of the neighbours, but in a hole of the
/// data no farther than a step or three times the distance to the nearer neighbour. Cells with no
/// data are left out at the ends, an error inside. Errors as those of average_analysers(), for
/// cells that share a point.
/// @throws Error{input} for a step that is not positive, more cells than kMostPoints, an empty
/// range or an empty cell inside
[[nodiscard]] Spectrum rebinned(const Spectrum& spectrum, double first, double step, double last);

/// What lies under the edge.
enum class BackgroundModel {
  none,
  constant,
  linear,
  polynomial,  ///< of a degree
  pearson7,    ///< Pearson VII on a constant, for the Compton peak
  curve        ///< a curve given, times a factor, plus a constant
};

/// "none", "constant", "linear", "polynomialN" (N = 2 to 6), "pearson7"; other names are no model.
struct BackgroundChoice {
  BackgroundModel model = BackgroundModel::linear;
  int degree = 1;
  std::optional<Spectrum> curve;  ///< for BackgroundModel::curve
};
[[nodiscard]] std::optional<BackgroundChoice> background_choice(const std::string& name);

/// A fitted background at every point of a spectrum, with all its uncertainties.
struct Background {
  std::vector<double> value;
  Eigen::MatrixXd covariance;  ///< of `value`, shape (point, point)
  Eigen::VectorXd parameters;
  Eigen::VectorXd sigma;  ///< of the parameters
  double chi2 = 0.0;
  int degrees = 0;
  std::vector<std::size_t> fitted;  ///< points in the windows
  /// Part of the covariance that comes from the errors of these points; the rest of it is for what
  /// the model misses.
  double from_errors = 1.0;
  /// Where the data have no errors: root of the mean squared residual in the windows, an estimate
  /// of the error of every point. 0 otherwise.
  double residual_error = 0.0;
};

/// Fits a background to the points inside the windows (before the edge, and far above it for models
/// with a tail) and continues it over the whole spectrum:
///   constant, line, polynomial in (E - E_mid) / 10 eV;
///   Pearson VII  h [1 + ((E - E0) / w)^2 (2^(1/m) - 1)]^(-m) + c;   m = 1 Lorentzian, large m
///   Gaussian, and held so where it runs there (or to m = 1/2): sigma of that parameter 0;
///   curve        a B(E) + c.
/// Covariance of the values G C G^T, with C the covariance of the parameters (scaled by
/// max(1, chi^2 / degrees) where errors are known, by chi^2 / degrees where not) and G the
/// derivatives.
/// @throws Error{input} if the spectrum has more than kMostPoints, the windows hold too few, or the
/// curve does not cover the spectrum;
///         Error{numerical} if the fit does not converge, its parameters cannot be told apart, or
///         the curve gets a negative factor
[[nodiscard]] Background fit_background(const Spectrum& spectrum,
                                        const std::vector<spectrum::Window>& windows,
                                        const BackgroundChoice& choice);

/// How the result is scaled.
enum class Normalisation {
  none,
  area,  ///< unit integral over the window (trapezoids)
  step   ///< unit mean over the window, above the edge
};
[[nodiscard]] Normalisation normalisation(const std::string& name);

/// A reduced spectrum with the covariance of all its points.
struct Reduced {
  Spectrum spectrum;           ///< error = root of the diagonal of covariance; empty: not known
  Eigen::MatrixXd covariance;  ///< counting, background and normalisation together
  std::vector<double> statistical_error;  ///< counting alone; empty: not known
  std::vector<double> background;         ///< in the unit of the result
  double scale = 1.0;                     ///< result = scale * (measured - background)
};

/// Subtracts the background and normalises; y = s (m - b), covariance
///   C = s^2 (D + B - f (P B + B P))
/// with counting D (diagonal; without the other terms but B where errors are unknown), background
/// B, P the points it was fitted to, whose errors b shares (cov(m, b) = f P B; f =
/// Background::from_errors): less than D at these, D + B at the others. Then, since s = 1 / sum_i
/// a_i (m_i - b_i) depends on the same points,
///   C' = J C J^T,   J = 1 - y a^T.
/// @throws Error{input} if the window holds fewer than 2 points, or what it holds is not positive
[[nodiscard]] Reduced reduced(const Spectrum& spectrum, const Background& background,
                              Normalisation normalisation, const spectrum::Window& window);

/// first - second on the axis of the first, where both exist; the second is interpolated linearly,
/// its counting errors as those of average_analysers(). Covariances add (independent measurements);
/// no errors where one of the two has none.
/// @throws Error{input} if fewer than 3 points are common
[[nodiscard]] Reduced difference(const Reduced& first, const Reduced& second);

}  // namespace kedge::measured
