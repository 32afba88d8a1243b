// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/transition/matrix_elements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::transition {
namespace {

using Complex = std::complex<double>;
constexpr int kPoints = 6;

double integral(const math::SpectralMesh& mesh, const std::vector<double>& a,
                const std::vector<double>& b, const std::vector<double>& weight) {
  double sum = 0.0;
  for (std::size_t i = 0; i < mesh.size(); ++i) sum += mesh.weights()[i] * a[i] * b[i] * weight[i];
  return sum;
}

/// integral P_c P_Li weight dr: shape (i, L).
Eigen::MatrixXd wave_integrals(const math::SpectralMesh& mesh, const CoreOrbital& core,
                               const FinalStates& states, const std::vector<double>& weight) {
  Eigen::RowVectorXd factor(static_cast<Eigen::Index>(mesh.size()));
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    factor(static_cast<Eigen::Index>(i)) = mesh.weights()[i] * core.u[i] * weight[i];
  }
  const auto n = static_cast<Eigen::Index>(states.waves.size());
  Eigen::MatrixXd out(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    out.row(i) = factor * states.waves[static_cast<std::size_t>(i)];
  }
  return out;
}

/// G(c, K, L) of every final harmonic L.
Eigen::VectorXd angular_factors(const math::Gaunt& gaunt, int core, int transferred,
                                int harmonics) {
  Eigen::VectorXd out(harmonics);
  for (int final = 0; final < harmonics; ++final) out(final) = gaunt(core, transferred, final);
  return out;
}

/// by_l += factor sum_ij a_i^* rho_ij a_j over the pairs of final waves, by the l of these; terms
/// that mix two l are shared equally between them.
void add_strength(const Eigen::VectorXcd& amplitude, const FinalStates& states, double factor,
                  std::vector<double>& by_l) {
  for (int l1 = 0; l1 <= states.lmax; ++l1) {
    for (int l2 = 0; l2 <= states.lmax; ++l2) {
      const auto a = amplitude.segment(l1 * l1, 2 * l1 + 1);
      const auto b = amplitude.segment(l2 * l2, 2 * l2 + 1);
      const Eigen::MatrixXcd rho =
          states.rho.block(l1 * l1, l2 * l2, 2 * l1 + 1, 2 * l2 + 1).cast<Complex>();
      const double value = factor * (a.adjoint() * rho * b)(0, 0).real();
      by_l[static_cast<std::size_t>(l1)] += 0.5 * value;
      by_l[static_cast<std::size_t>(l2)] += 0.5 * value;
    }
  }
}

}  // namespace

CoreOrbital core_orbital(const atom::Atom& atom, const atom::CoreLevel& level,
                         const math::SpectralMesh& mesh) {
  const auto found =
      std::find_if(atom.orbitals.begin(), atom.orbitals.end(),
                   [&](const atom::Orbital& o) { return o.n == level.n && o.l == level.l; });
  if (found == atom.orbitals.end()) {
    throw Error(
        ErrorKind::input,
        fmt::format("atom with Z = {} has no core orbital n = {}, l = {}; choose another edge",
                    atom.atomic_number, level.n, level.l));
  }
  CoreOrbital core{level, {}};
  const auto& u = found->u;
  const auto last = static_cast<int>(u.size()) - kPoints;
  for (const double r : mesh.r()) {
    const double x = std::log(r / atom.mesh.first) / atom.mesh.step;
    if (x < 0.0) {
      core.u.push_back(u.front() * std::pow(r / atom.mesh.first, level.l + 1));
      continue;
    }
    const int start = std::clamp(static_cast<int>(x) - kPoints / 2 + 1, 0, last);
    double value = 0.0;
    for (int a = 0; a < kPoints; ++a) {
      double w = 1.0;
      for (int b = 0; b < kPoints; ++b) {
        if (b != a) w *= (x - start - b) / (a - b);
      }
      value += w * u[static_cast<std::size_t>(start + a)];
    }
    core.u.push_back(x > static_cast<double>(u.size()) ? 0.0 : value);
  }
  return core;
}

std::vector<double> dynamic_structure_factor(const math::SpectralMesh& mesh,
                                             const CoreOrbital& core, const FinalStates& states,
                                             double q, const Directions& directions,
                                             bool orthogonal_monopole) {
  const int lc = core.level.l;
  const int kmax = states.lmax + lc;
  const auto orders = static_cast<std::size_t>(kmax + 1);
  std::vector<std::vector<double>> j(orders, std::vector<double>(mesh.size()));
  std::vector<double> at_point(orders);
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    math::spherical_j(q * mesh.r()[i], at_point);
    for (std::size_t k = 0; k < orders; ++k) j[k][i] = at_point[k];
  }
  if (orthogonal_monopole) {
    const double mean = integral(mesh, core.u, core.u, j[0]) /
                        integral(mesh, core.u, core.u, std::vector<double>(mesh.size(), 1.0));
    for (double& x : j[0]) x -= mean;
  }
  std::vector<Eigen::MatrixXd> radial;
  for (const auto& function : j) radial.push_back(wave_integrals(mesh, core, states, function));
  const math::Gaunt gaunt(lc, kmax, states.lmax);
  const int harmonics = math::harmonic_count(states.lmax);
  std::vector<double> by_l(static_cast<std::size_t>(states.lmax + 1), 0.0);
  const auto count = static_cast<Eigen::Index>(directions.size());
  Eigen::MatrixXd y(math::harmonic_count(kmax), count);  // Y_K of each direction
  for (Eigen::Index d = 0; d < count; ++d) {
    math::real_harmonics(directions[static_cast<std::size_t>(d)], kmax,
                         {y.col(d).data(), static_cast<std::size_t>(y.rows())});
  }
  const double factor = core.level.degeneracy / (2.0 * lc + 1.0);
  for (int mc = -lc; mc <= lc; ++mc) {
    const int c = math::harmonic_index(lc, mc);
    Eigen::MatrixXcd total = Eigen::MatrixXcd::Zero(harmonics, count);
    for (int k = 0; k <= kmax; ++k) {
      for (int m = -k; m <= k; ++m) {
        const int operator_harmonic = math::harmonic_index(k, m);
        const Eigen::VectorXcd amplitude = radial[static_cast<std::size_t>(k)] *
                                           angular_factors(gaunt, c, operator_harmonic, harmonics);
        if (count > 0) {
          total +=
              4.0 * kPi * std::pow(Complex(0.0, 1.0), k) * amplitude * y.row(operator_harmonic);
        } else {
          add_strength(amplitude, states, 4.0 * kPi * factor, by_l);
        }
      }
    }
    for (Eigen::Index d = 0; d < count; ++d) {
      add_strength(total.col(d), states, factor / static_cast<double>(count), by_l);
    }
  }
  return by_l;
}

double absorption(const math::SpectralMesh& mesh, const CoreOrbital& core,
                  const FinalStates& states, double photon_energy, const Directions& polarizations,
                  bool quadrupole) {
  const int lc = core.level.l;
  const math::Gaunt gaunt(lc, 2, states.lmax);
  const int harmonics = math::harmonic_count(states.lmax);
  const double factor =
      4.0 * kPi * kPi * kFineStructure * photon_energy * core.level.degeneracy / (2.0 * lc + 1.0);
  std::vector<double> by_l(static_cast<std::size_t>(states.lmax + 1), 0.0);
  const auto count = static_cast<Eigen::Index>(polarizations.size());
  Eigen::MatrixXd components(3, count);  // m = -1, 0, 1 of each
  for (Eigen::Index d = 0; d < count; ++d) {
    const Eigen::Vector3d e = polarizations[static_cast<std::size_t>(d)].normalized();
    components.col(d) << e.y(), e.z(), e.x();
  }

  for (int rank = 1; rank <= (quadrupole && count == 0 ? 2 : 1); ++rank) {
    std::vector<double> power;
    for (const double r : mesh.r()) power.push_back(std::pow(r, rank));
    const Eigen::MatrixXd radial = wave_integrals(mesh, core, states, power);
    // eps.r = r sqrt(4 pi/3) sum_m eps_m Y_1m, mean over directions 1/3; (eps.r)(k.r) is r^2 sqrt(4
    // pi/15) times a unit vector in the space of Y_2m, mean over directions 1/5.
    const double angular = rank == 1 ? 4.0 * kPi / 3.0 : 4.0 * kPi / 15.0;
    const double mean = rank == 1 ? 1.0 / 3.0 : 1.0 / 5.0;
    const double retardation = rank == 1 ? 1.0 : std::pow(0.5 * kFineStructure * photon_energy, 2);
    for (int mc = -lc; mc <= lc; ++mc) {
      Eigen::MatrixXcd total = Eigen::MatrixXcd::Zero(harmonics, count);
      for (int m = -rank; m <= rank; ++m) {
        const Eigen::VectorXcd amplitude =
            radial * angular_factors(gaunt, math::harmonic_index(lc, mc),
                                     math::harmonic_index(rank, m), harmonics);
        if (count > 0) {
          total += amplitude * components.row(m + 1);
        } else {
          add_strength(amplitude, states, factor * angular * mean * retardation, by_l);
        }
      }
      for (Eigen::Index d = 0; d < count; ++d) {
        add_strength(total.col(d), states, factor * angular / static_cast<double>(count), by_l);
      }
    }
  }
  double sum = 0.0;
  for (const double x : by_l) sum += x;
  return sum;
}

}  // namespace kedge::transition
