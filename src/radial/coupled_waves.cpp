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
constexpr double kSettled = 1e-11;  // of the largest P: far below the 1e-6 of the angular quadrature of the potential

int order_of(int harmonic) { return static_cast<int>(std::sqrt(static_cast<double>(harmonic) + 0.5)); }

Eigen::VectorXd column(const std::vector<double>& x) {
  return Eigen::Map<const Eigen::VectorXd>(x.data(), static_cast<Eigen::Index>(x.size()));
}

/// Regular and irregular solution of one l, with unit Wronskian.
struct Pair {
  Eigen::VectorXd f, fq, g, gq;
};

Pair solution_pair(const math::SpectralMesh& mesh, std::span<const double> potential, double nuclear_charge, int l,
                   double sphere_radius, double energy, bool relativistic) {
  const RegularSolution regular = regular_solution(mesh, potential, nuclear_charge, l, energy, relativistic);
  std::vector<double> square(mesh.size());
  for (std::size_t i = 0; i < square.size(); ++i) square[i] = regular.p[i] * regular.p[i];
  const double scale = 1.0 / std::sqrt(mesh.integrate(square, sphere_radius));
  Pair out;
  out.f = scale * column(regular.p);
  out.fq = scale * column(regular.q);
  const double p = out.f(out.f.size() - 1);
  const double q = out.fq(out.fq.size() - 1);
  const double norm = p * p + q * q;
  const RegularSolution irregular = irregular_solution(mesh, potential, l, energy, relativistic, -q / norm, p / norm);
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
      for (int m = 1; m < static_cast<int>(multipoles.cols()); ++m) g(m, a + n * b) = gaunt(a, m, b);
    }
  }
  return multipoles * g;
}

CoupledWaves coupled_waves(const math::SpectralMesh& mesh, std::span<const double> potential, const Eigen::MatrixXd& coupling,
                           double nuclear_charge, int lmax, double sphere_radius, double energy, bool relativistic) {
  const int n = math::harmonic_count(lmax);
  const auto nodes = static_cast<Eigen::Index>(mesh.size());
  std::vector<Pair> of_l;
  for (int l = 0; l <= lmax; ++l) {
    of_l.push_back(solution_pair(mesh, potential, nuclear_charge, l, sphere_radius, energy, relativistic));
  }
  std::vector<std::pair<int, int>> coupled;
  for (int b = 0; b < n; ++b) {
    for (int a = 0; a < n; ++a) {
      if (coupling.col(a + n * b).cwiseAbs().maxCoeff() > 0.0) coupled.emplace_back(a, b);
    }
  }
  CoupledWaves out;
  for (int i = 0; i < n; ++i) {
    Eigen::MatrixXd p = Eigen::MatrixXd::Zero(nodes, n);
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(nodes, n);
    Eigen::MatrixXd b = Eigen::MatrixXd::Zero(nodes, n);
    p.col(i) = of_l[static_cast<std::size_t>(order_of(i))].f;
    a.col(i).setOnes();
    double change = coupled.empty() ? 0.0 : 1.0;
    for (int round = 0; change > kSettled; ++round) {
      if (round == kMostRounds) {
        throw Error(ErrorKind::numerical, fmt::format("the coupled radial waves of an atom with Z = {} did not settle (last change {:.1e}); "
                                                      "give it a smaller engine.sphere_radius", nuclear_charge, change));
      }
      Eigen::MatrixXd source = Eigen::MatrixXd::Zero(nodes, n);
      for (const auto& [row, col] : coupled) source.col(row).array() += coupling.col(row + n * col).array() * p.col(col).array();
      for (int h = 0; h < n; ++h) {
        const Pair& pair = of_l[static_cast<std::size_t>(order_of(h))];
        a.col(h) = pair.g.array() * source.col(h).array();
        b.col(h) = pair.f.array() * source.col(h).array();
      }
      a = -mesh.running_integral(a);
      b = mesh.running_integral(b);
      a.col(i).array() += 1.0;
      Eigen::MatrixXd next(nodes, n);
      for (int h = 0; h < n; ++h) {
        const Pair& pair = of_l[static_cast<std::size_t>(order_of(h))];
        next.col(h) = pair.f.array() * a.col(h).array() + pair.g.array() * b.col(h).array();
      }
      change = (next - p).cwiseAbs().maxCoeff() / next.cwiseAbs().maxCoeff();
      p = std::move(next);
    }
    Eigen::MatrixXd q(nodes, n);
    for (int h = 0; h < n; ++h) {
      const Pair& pair = of_l[static_cast<std::size_t>(order_of(h))];
      q.col(h) = pair.fq.array() * a.col(h).array() + pair.gq.array() * b.col(h).array();
    }
    out.p.push_back(std::move(p));
    out.q.push_back(std::move(q));
  }
  return out;
}

std::vector<Eigen::MatrixXd> uncoupled(const std::vector<std::vector<double>>& p_of_l) {
  const int lmax = static_cast<int>(p_of_l.size()) - 1;
  std::vector<Eigen::MatrixXd> waves;
  for (int i = 0; i < math::harmonic_count(lmax); ++i) {
    const std::vector<double>& p = p_of_l[static_cast<std::size_t>(order_of(i))];
    Eigen::MatrixXd wave = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(p.size()), math::harmonic_count(lmax));
    wave.col(i) = column(p);
    waves.push_back(std::move(wave));
  }
  return waves;
}

}  // namespace kedge::radial
