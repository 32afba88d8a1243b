// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/radial/coupled_waves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kedge/core/error.hpp"
#include "kedge/radial/regular_solution.hpp"

namespace kedge::radial {
namespace {

constexpr int kMostRounds = 60;
constexpr double kSettled =
    1e-10;  // of the largest P: far below the 1e-6 of the angular quadrature of the potential

int order_of(int harmonic) {
  return static_cast<int>(std::sqrt(static_cast<double>(harmonic) + 0.5));
}

Eigen::VectorXd column(const std::vector<double>& x) {
  return Eigen::Map<const Eigen::VectorXd>(x.data(), static_cast<Eigen::Index>(x.size()));
}

/// Regular and irregular solution of one l, with unit Wronskian.
struct Pair {
  Eigen::VectorXd f, fq, g, gq;
};

Pair solution_pair(const math::SpectralMesh& mesh, std::span<const double> potential,
                   double nuclear_charge, int l, double sphere_radius, double energy,
                   bool relativistic) {
  const RegularSolution regular =
      regular_solution(mesh, potential, nuclear_charge, l, energy, relativistic);
  std::vector<double> square(mesh.size());
  for (std::size_t i = 0; i < square.size(); ++i) square[i] = regular.p[i] * regular.p[i];
  const double scale = 1.0 / std::sqrt(mesh.integrate(square, sphere_radius));
  Pair out;
  out.f = scale * column(regular.p);
  out.fq = scale * column(regular.q);
  const double p = out.f(out.f.size() - 1);
  const double q = out.fq(out.fq.size() - 1);
  const double norm = p * p + q * q;
  const RegularSolution irregular =
      irregular_solution(mesh, potential, l, energy, relativistic, -q / norm, p / norm);
  out.g = column(irregular.p);
  out.gq = column(irregular.q);
  return out;
}

}  // namespace

Eigen::MatrixXd couplings(const math::Gaunt& gaunt, const Eigen::MatrixXd& multipoles, int lmax) {
  const int n = math::harmonic_count(lmax);
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(multipoles.rows(), n * n);
  for (int b = 0; b < n; ++b) {
    for (int a = 0; a < n; ++a) {
      for (int m = 1; m < static_cast<int>(multipoles.cols()); ++m) {
        const double g = gaunt(a, m, b);
        if (g != 0.0) out.col(a + n * b) += g * multipoles.col(m);
      }
    }
  }
  return out;
}

CoupledWaves coupled_waves(const math::SpectralMesh& mesh, std::span<const double> potential,
                           const Eigen::MatrixXd& coupling, double nuclear_charge, int lmax,
                           double sphere_radius, double energy, bool relativistic) {
  const int n = math::harmonic_count(lmax);
  const auto nodes = static_cast<Eigen::Index>(mesh.size());
  Eigen::MatrixXd f(n, nodes), fq(n, nodes), g(n, nodes), gq(n, nodes);  // of each harmonic
  for (int l = 0; l <= lmax; ++l) {
    const Pair of_l =
        solution_pair(mesh, potential, nuclear_charge, l, sphere_radius, energy, relativistic);
    for (int h = l * l; h < (l + 1) * (l + 1); ++h) {
      f.row(h) = of_l.f.transpose();
      fq.row(h) = of_l.fq.transpose();
      g.row(h) = of_l.g.transpose();
      gq.row(h) = of_l.gq.transpose();
    }
  }
  // All waves at a node as one matrix, (component, wave); nodes side by side.
  const auto at = [n](auto& columns, Eigen::Index k) {
    using Matrix = std::conditional_t<std::is_const_v<std::remove_reference_t<decltype(columns)>>,
                                      const Eigen::MatrixXd, Eigen::MatrixXd>;
    return Eigen::Map<Matrix>(columns.col(k).data(), n, n);
  };
  const Eigen::Index all = n * n;
  const Eigen::Index per_element = mesh.nodes_per_element();
  CoupledWaves out{Eigen::MatrixXd(all, nodes), Eigen::MatrixXd(all, nodes)};
  Eigen::MatrixXd here(all, per_element);
  Eigen::MatrixXd a(all, per_element);
  Eigen::MatrixXd b(all, per_element);
  Eigen::MatrixXd next(all, per_element);
  Eigen::MatrixXd to_a(all, per_element);
  Eigen::MatrixXd to_b(all, per_element);
  Eigen::MatrixXd source(n, n);
  Eigen::VectorXd a_before = Eigen::MatrixXd::Identity(n, n).reshaped();
  Eigen::VectorXd b_before = Eigen::VectorXd::Zero(all);
  for (int e = 0; e < mesh.elements(); ++e) {
    const Eigen::Index first = e * per_element;
    const double length =
        mesh.edges()[static_cast<std::size_t>(e) + 1] - mesh.edges()[static_cast<std::size_t>(e)];
    const Eigen::MatrixXd w = coupling.middleRows(first, per_element).transpose();
    const bool alone = (w.array() == 0.0).all();
    a.colwise() = a_before;
    b.colwise() = b_before;
    // f a + g b, or of the small components, at each node of the element.
    const auto combine = [&](const Eigen::MatrixXd& with_a, const Eigen::MatrixXd& with_b,
                             auto&& to) {
      for (Eigen::Index k = 0; k < per_element; ++k) {
        at(to, k) = with_a.col(first + k).asDiagonal() * at(a, k);
        at(to, k) += with_b.col(first + k).asDiagonal() * at(b, k);
      }
    };
    combine(f, g, here);
    double change = alone ? 0.0 : 1.0;
    for (int round = 0; change > kSettled; ++round) {
      if (round == kMostRounds) {
        throw Error(ErrorKind::numerical,
                    fmt::format("the coupled radial waves of an atom with Z = {} did not settle "
                                "(last change {:.1e}); give it a smaller engine.sphere_radius",
                                nuclear_charge, change));
      }
      for (Eigen::Index k = 0; k < per_element; ++k) {
        source.noalias() = at(w, k) * at(here, k);
        at(to_a, k) = g.col(first + k).asDiagonal() * source;
        at(to_b, k) = f.col(first + k).asDiagonal() * source;
      }
      a.noalias() = -length * to_a * mesh.unit_integral().transpose();
      b.noalias() = length * to_b * mesh.unit_integral().transpose();
      a.colwise() += a_before;
      b.colwise() += b_before;
      combine(f, g, next);
      change = 0.0;
      for (int i = 0; i < n; ++i) {
        const auto rows = Eigen::seqN(n * i, n);
        change = std::max(change,
                          (next(rows, Eigen::all) - here(rows, Eigen::all)).cwiseAbs().maxCoeff() /
                              next(rows, Eigen::all).cwiseAbs().maxCoeff());
      }
      here.swap(next);
    }
    out.p.middleCols(first, per_element) = here;
    combine(fq, gq, out.q.middleCols(first, per_element));
    a_before = a.rightCols(1);
    b_before = b.rightCols(1);
  }
  return out;
}

std::vector<Eigen::MatrixXd> CoupledWaves::one_by_one() const {
  std::vector<Eigen::MatrixXd> out;
  const Eigen::Index n = count();
  for (Eigen::Index i = 0; i < n; ++i) out.emplace_back(p.middleRows(n * i, n).transpose());
  return out;
}

std::vector<Eigen::MatrixXd> uncoupled(const std::vector<std::vector<double>>& p_of_l) {
  const int lmax = static_cast<int>(p_of_l.size()) - 1;
  std::vector<Eigen::MatrixXd> waves;
  for (int i = 0; i < math::harmonic_count(lmax); ++i) {
    const std::vector<double>& p = p_of_l[static_cast<std::size_t>(order_of(i))];
    Eigen::MatrixXd wave =
        Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(p.size()), math::harmonic_count(lmax));
    wave.col(i) = column(p);
    waves.push_back(std::move(wave));
  }
  return waves;
}

}  // namespace kedge::radial
