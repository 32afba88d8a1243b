// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/atom_waves.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace kedge::fdm {
namespace {

// kappa r_c. The multipoles of a bond, l up to 6, grow as r^l towards the neighbour; continued they
// bend the waves more than the lattice can follow, cut at once they leave a joint in the waves that
// the molecule does not have. B12's S at 4 and 10 eV moves between steps of 0.25 and 0.15 Angstrom
// by 17 and 2.8 % with 6, by 4.3 and 0.8 % with 10, by 8.8 and 1.9 % with 20; at a step of 0.15 the
// three differ by 2 % at 10 eV.
constexpr double kMultipoleDecay = 10.0;
constexpr double kStep = 0.03;  // [bohr]: fourth order leaves 1e-7
// Of r_c. On a grid of 0.25 Angstrom D faded out from 0.6 to 0.3 or from 0.8 to 0.5 serves p of a
// LiF cluster as well (0.1, 0.5 %) at order 4, but not at order 6, whose stencil reaches deeper
// (1.3, 1.2 and, with these, 0.3 %).
constexpr double kFadedFrom = 0.4;
constexpr double kFadedTo = 0.1;

int order_of(Eigen::Index harmonic) {
  return static_cast<int>(std::sqrt(static_cast<double>(harmonic) + 0.5));
}

/// Factors of value, slope and curvature at r_c in a multipole beyond the sphere.
Eigen::RowVector3d multipole_beyond(double r, double radius) {
  const double kappa = kMultipoleDecay / radius;
  const double x = r - radius;
  const double kx = kappa * x;
  const double decay = std::exp(-kx);
  return {(1.0 + kx * (1.0 + 0.5 * kx)) * decay, x * (1.0 + kx) * decay, 0.5 * x * x * decay};
}

/// Barrier and couplings of the coupled equations F'' = W F beyond the sphere, W = l(l+1)/r^2 + 2
/// (V_0 - E) + 2 sum_k c_k(r) D_k.
struct Couplings {
  const PseudoAtom& spherical;
  double energy = 0.0;
  Eigen::VectorXd barrier;                  // l(l+1)
  Eigen::MatrixXd value, slope, curvature;  // of 2 V_LL' at r_c

  Couplings(const SmoothPotential& potential, const math::Gaunt& gaunt, double energy_in, int lmax)
      : spherical(potential.spherical), energy(energy_in) {
    const Eigen::Index n = math::harmonic_count(lmax);
    barrier.resize(n);
    for (Eigen::Index h = 0; h < n; ++h) barrier(h) = order_of(h) * (order_of(h) + 1);
    const Eigen::MatrixXd coupling = 2.0 * radial::couplings(gaunt, potential.joined, lmax);
    value = coupling.row(0).reshaped(n, n);
    slope = coupling.row(1).reshaped(n, n);
    curvature = coupling.row(2).reshaped(n, n);
  }
  [[nodiscard]] Eigen::MatrixXd at(double r) const {
    const Eigen::RowVector3d c = multipole_beyond(r, spherical.radius);
    Eigen::MatrixXd w = c(0) * value + c(1) * slope + c(2) * curvature;
    w.diagonal().array() +=
        barrier.array() / (r * r) + 2.0 * (spherical.extended_potential(r) - energy);
    return w;
  }
  /// W continued inwards from beyond, by the value and the derivatives at r_c.
  [[nodiscard]] Eigen::MatrixXd continued(double r) const {
    const double x = r - spherical.radius;
    const auto& v = spherical.joined;
    Eigen::MatrixXd w = value + x * (slope + 0.5 * x * curvature);
    w.diagonal().array() += barrier.array() / (r * r) +
                            2.0 * (v[0] + x * (v[1] + x / 2.0 * (v[2] + x / 3.0 * v[3])) - energy);
    return w;
  }
  /// dW/dr at r_c.
  [[nodiscard]] Eigen::MatrixXd slope_at_sphere() const {
    Eigen::MatrixXd w = slope;
    w.diagonal().array() +=
        2.0 * spherical.joined[1] - 2.0 * barrier.array() / std::pow(spherical.radius, 3);
    return w;
  }
};

/// F'' = W F from value and slope at `start` on, by the method of Runge, Kutta and Nystroem.
template <class Couple>
RadialTable integrate(Eigen::MatrixXd f, Eigen::MatrixXd df, double start, double step,
                      std::size_t count, Couple w) {
  RadialTable table{start, step, {}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    table.value.push_back(f);
    table.slope.push_back(df);
    const double r = start + step * static_cast<double>(i);
    const Eigen::MatrixXd middle = w(r + 0.5 * step);
    const Eigen::MatrixXd k1 = w(r) * f;
    const Eigen::MatrixXd k2 = middle * (f + 0.5 * step * df);
    const Eigen::MatrixXd k3 = middle * (f + 0.5 * step * df + 0.25 * step * step * k1);
    const Eigen::MatrixXd k4 = w(r + step) * (f + step * df + 0.5 * step * step * k2);
    f += step * (df + step / 6.0 * (k1 + k2 + k3));
    df += step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
  }
  return table;
}

}  // namespace

void RadialTable::at(double r, Eigen::MatrixXd& out) const {
  const double u = (r - start) / step;
  const auto i = std::min(static_cast<std::size_t>(std::max(u, 0.0)), value.size() - 2);
  const double t = u - static_cast<double>(i);
  const double t2 = t * t;
  const double t3 = t2 * t;
  out = (2.0 * t3 - 3.0 * t2 + 1.0) * value[i] + ((t3 - 2.0 * t2 + t) * step) * slope[i] +
        (3.0 * t2 - 2.0 * t3) * value[i + 1] + ((t3 - t2) * step) * slope[i + 1];
}

AtomWaves join_waves(const math::SpectralMesh& mesh, const radial::CoupledWaves& true_waves,
                     const SmoothPotential& potential, const math::Gaunt& gaunt, double energy,
                     double farthest) {
  static_assert(kSmoothTerms == 4, "value, slope and two more derivatives are joined");
  const Eigen::Index n = true_waves.count();
  const double rc = potential.spherical.radius;
  const Couplings couplings(potential, gaunt, energy, order_of(n - 1));

  // The last node of the element that ends at r_c.
  const auto& edges = mesh.edges();
  const auto edge = std::min_element(edges.begin(), edges.end(), [&](double a, double b) {
    return std::abs(a - rc) < std::abs(b - rc);
  });
  const Eigen::Index node = (edge - edges.begin()) * mesh.nodes_per_element() - 1;
  std::array<Eigen::MatrixXd, kSmoothTerms> derivative;  // by r/r_c
  derivative[0] = true_waves.p_at(node);
  // Beyond the sphere the grid is non-relativistic.
  derivative[1] = derivative[0] / rc + 2.0 * true_waves.q_at(node);
  const Eigen::MatrixXd w = couplings.at(rc);
  derivative[2] = w * derivative[0];
  derivative[3] = couplings.slope_at_sphere() * derivative[0] + w * derivative[1];

  AtomWaves waves;
  waves.radius = rc;
  for (auto& s : waves.smooth) s.resize(n, n);
  for (int l = 0; l * l < n; ++l) {
    Eigen::Matrix4d matrix;
    for (int k = 0; k < kSmoothTerms; ++k) {
      for (int term = 0; term < kSmoothTerms; ++term) {
        double falling = 1.0;
        for (int j = 0; j < k; ++j) falling *= l + 1 + 2 * term - j;
        matrix(k, term) = falling * std::pow(rc, -k);
      }
    }
    const Eigen::Matrix4d inverse = matrix.inverse();
    for (int term = 0; term < kSmoothTerms; ++term) {
      auto rows = waves.smooth[static_cast<std::size_t>(term)].middleRows(l * l, 2 * l + 1);
      rows.setZero();
      for (int k = 0; k < kSmoothTerms; ++k) {
        rows +=
            inverse(term, k) * derivative[static_cast<std::size_t>(k)].middleRows(l * l, 2 * l + 1);
      }
    }
  }
  const auto steps = [](double distance) {
    return static_cast<std::size_t>(std::ceil(std::max(0.0, distance) / kStep)) + 2;
  };
  waves.beyond = integrate(derivative[0], derivative[1], rc, kStep, steps(farthest - rc),
                           [&](double r) { return couplings.at(r); });
  waves.continued =
      integrate(derivative[0], derivative[1], rc, -kStep, steps((1.0 - kFadedTo) * rc),
                [&](double r) { return couplings.continued(r); });
  return waves;
}

AtomWaves::Samples AtomWaves::at(const std::vector<double>& r, const Eigen::MatrixXd& harmonics,
                                 const Eigen::MatrixXd& multipoles,
                                 const math::Gaunt& gaunt) const {
  const Eigen::Index n = harmonics.cols();
  const auto points = static_cast<Eigen::Index>(r.size());
  // sum_L Y_L <Y_L|sum_M w_M Y_M|Y_L'>, for all points at once.
  Eigen::MatrixXd bent_harmonics = Eigen::MatrixXd::Zero(points, n);
  Eigen::ArrayXd product(points);
  for (Eigen::Index m = 1; m < multipoles.cols(); ++m) {
    for (Eigen::Index b = 0; b < n; ++b) {
      product.setZero();
      bool any = false;
      for (Eigen::Index a = 0; a < n; ++a) {
        const double g = gaunt(static_cast<int>(a), static_cast<int>(m), static_cast<int>(b));
        if (g == 0.0) continue;
        product += g * harmonics.col(a).array();
        any = true;
      }
      if (any) bent_harmonics.col(b).array() += product * multipoles.col(m).array();
    }
  }

  Samples out{Eigen::MatrixXd(points, n), Eigen::MatrixXd(points, n)};
  std::vector<Eigen::Index> inside;
  Eigen::MatrixXd parts(n, n);  // Ft_Li/r
  Eigen::MatrixXd both(2, n);
  for (Eigen::Index p = 0; p < points; ++p) {
    const double x = r[static_cast<std::size_t>(p)];
    if (x < radius) {
      inside.push_back(p);
      continue;
    }
    beyond.at(x, parts);
    both.row(0) = harmonics.row(p) / x;
    both.row(1) = bent_harmonics.row(p) / x;
    const Eigen::MatrixXd f = both * parts;
    out.wave.row(p) = f.row(0);
    out.bent.row(p) = f.row(1);
  }
  // Ft/r = (r/r_c)^l/r_c sum_k smooth_k (r/r_c)^(2k)
  const auto count = static_cast<Eigen::Index>(inside.size());
  Eigen::ArrayXd s(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    s(i) = r[static_cast<std::size_t>(inside[static_cast<std::size_t>(i)])] / radius;
  }
  const auto expand = [&](const Eigen::MatrixXd& y) -> Eigen::MatrixXd {
    Eigen::MatrixXd term = y(inside, Eigen::all);
    Eigen::ArrayXd power = Eigen::ArrayXd::Constant(count, 1.0 / radius);
    for (int l = 0; l * l < n; ++l, power *= s) {
      term.middleCols(l * l, 2 * l + 1).array().colwise() *= power;
    }
    Eigen::MatrixXd sum = term * smooth[kSmoothTerms - 1];
    for (std::size_t k = kSmoothTerms - 1; k-- > 0;) {
      sum.array().colwise() *= s * s;
      sum.noalias() += term * smooth[k];
    }
    return sum;
  };
  out.wave(inside, Eigen::all) = expand(harmonics);
  out.bent(inside, Eigen::all) = expand(bent_harmonics);
  return out;
}

Eigen::RowVectorXd AtomWaves::continued_at(
    double r, const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& y) const {
  Eigen::MatrixXd parts;
  continued.at(r, parts);
  return y / r * parts;
}

double AtomWaves::fading(double r) const {
  const double s = std::clamp((r / radius - kFadedTo) / (kFadedFrom - kFadedTo), 0.0, 1.0);
  return s * s * s * (10.0 - s * (15.0 - 6.0 * s));
}

Eigen::MatrixXd multipoles_at(const SmoothPotential& potential, const math::SpectralMesh& mesh,
                              const std::vector<double>& r) {
  const double radius = potential.spherical.radius;
  std::vector<double> inside;
  std::vector<Eigen::Index> rows;
  Eigen::MatrixXd out(static_cast<Eigen::Index>(r.size()), potential.multipoles.cols());
  for (std::size_t p = 0; p < r.size(); ++p) {
    if (r[p] < radius) {
      inside.push_back(r[p]);
      rows.push_back(static_cast<Eigen::Index>(p));
    } else {
      out.row(static_cast<Eigen::Index>(p)).noalias() =
          multipole_beyond(r[p], radius) * potential.joined;
    }
  }
  out(rows, Eigen::all) = mesh.interpolate_rows(potential.multipoles, inside);
  return out;
}

double continued_potential_at(
    const SmoothPotential& potential, double r,
    const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& harmonics) {
  const double x = r - potential.spherical.radius;
  const auto& v = potential.spherical.joined;
  const Eigen::RowVectorXd w = Eigen::RowVector3d(1.0, x, 0.5 * x * x) * potential.joined;
  return v[0] + x * (v[1] + x / 2.0 * (v[2] + x / 3.0 * v[3])) +
         w.tail(w.size() - 1).dot(harmonics.tail(w.size() - 1));
}

}  // namespace kedge::fdm
