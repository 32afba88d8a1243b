// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/radial/coupled_waves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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
  Eigen::MatrixXd g = Eigen::MatrixXd::Zero(multipoles.cols(), n * n);
  for (int b = 0; b < n; ++b) {
    for (int a = 0; a < n; ++a) {
      for (int m = 1; m < static_cast<int>(multipoles.cols()); ++m) {
        g(m, a + n * b) = gaunt(a, m, b);
      }
    }
  }
  return multipoles * g;
}

CoupledWaves coupled_waves(const math::SpectralMesh& mesh, std::span<const double> potential,
                           const Eigen::MatrixXd& coupling, double nuclear_charge, int lmax,
                           double sphere_radius, double energy, bool relativistic) {
  const int n = math::harmonic_count(lmax);
  const auto nodes = static_cast<Eigen::Index>(mesh.size());
  std::vector<Pair> of_l;
  for (int l = 0; l <= lmax; ++l) {
    of_l.push_back(
        solution_pair(mesh, potential, nuclear_charge, l, sphere_radius, energy, relativistic));
  }
  std::vector<std::pair<int, int>> coupled;
  for (int b = 0; b < n; ++b) {
    for (int a = 0; a < n; ++a) {
      if (coupling.col(a + n * b).cwiseAbs().maxCoeff() > 0.0) coupled.emplace_back(a, b);
    }
  }
  // All waves side by side, component h of wave i in column h + n i.
  const auto pair_of = [&](Eigen::Index c) -> const Pair& {
    return of_l[static_cast<std::size_t>(order_of(static_cast<int>(c % n)))];
  };
  const Eigen::Index all = n * n;
  Eigen::MatrixXd p = Eigen::MatrixXd::Zero(nodes, all);
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(nodes, all);
  Eigen::MatrixXd b = Eigen::MatrixXd::Zero(nodes, all);
  for (int i = 0; i < n; ++i) {
    p.col(i + n * i) = pair_of(i).f;
    a.col(i + n * i).setOnes();
  }
  Eigen::MatrixXd source(nodes, all);
  Eigen::MatrixXd next(nodes, all);
  double change = coupled.empty() ? 0.0 : 1.0;
  for (int round = 0; change > kSettled; ++round) {
    if (round == kMostRounds) {
      throw Error(ErrorKind::numerical, fmt::format("the coupled radial waves of an atom with Z = "
                                                    "{} did not settle (last change {:.1e}); "
                                                    "give it a smaller engine.sphere_radius",
                                                    nuclear_charge, change));
    }
    source.setZero();
    for (const auto& [row, col] : coupled) {
      const auto w = coupling.col(row + n * col).array();
      for (int i = 0; i < n; ++i) source.col(row + n * i).array() += w * p.col(col + n * i).array();
    }
    for (Eigen::Index c = 0; c < all; ++c) {
      a.col(c) = pair_of(c).g.array() * source.col(c).array();
      b.col(c) = pair_of(c).f.array() * source.col(c).array();
    }
    a = -mesh.running_integral(a);
    b = mesh.running_integral(b);
    for (int i = 0; i < n; ++i) a.col(i + n * i).array() += 1.0;
    for (Eigen::Index c = 0; c < all; ++c) {
      next.col(c) =
          pair_of(c).f.array() * a.col(c).array() + pair_of(c).g.array() * b.col(c).array();
    }
    change = 0.0;
    for (int i = 0; i < n; ++i) {
      const auto columns = Eigen::seqN(n * i, n);
      change = std::max(change,
                        (next(Eigen::all, columns) - p(Eigen::all, columns)).cwiseAbs().maxCoeff() /
                            next(Eigen::all, columns).cwiseAbs().maxCoeff());
    }
    p.swap(next);
  }
  CoupledWaves out;
  for (int i = 0; i < n; ++i) {
    Eigen::MatrixXd q(nodes, n);
    for (int h = 0; h < n; ++h) {
      q.col(h) = pair_of(h).fq.array() * a.col(h + n * i).array() +
                 pair_of(h).gq.array() * b.col(h + n * i).array();
    }
    out.p.emplace_back(p.middleCols(n * i, n));
    out.q.push_back(std::move(q));
  }
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
