// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/scattering/state_counter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::scattering {
namespace {

using Complex = std::complex<double>;

constexpr int kNodes = 48;         // of the fit, which costs next to nothing
constexpr std::size_t kFirst = 8;  // samples of the first interval
constexpr int kForeseen = 2;       // samples in a row that the fit must have foreseen
constexpr int kMost =
    60;  // samples of one interval, where rounding would keep the fit from settling

struct Node {
  Complex energy;
  Complex weight;
};

/// Half a circle with nodes that crowd at both ends, where states may be near: angle pi (1 - cos(pi
/// (1 + x)/2))/2.
std::vector<Node> arc(double from, double to) {
  const math::Rule rule = math::gauss_legendre(kNodes);
  const double radius = 0.5 * (to - from);
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < rule.x.size(); ++i) {
    const double s = 0.5 * kPi * (1.0 + rule.x[i]);
    const double angle = 0.5 * kPi * (1.0 + std::cos(s));  // from pi at the lower end to 0
    const Complex arm = radius * std::polar(1.0, angle);
    nodes.push_back(
        {0.5 * (from + to) + arm, Complex(0.0, -rule.w[i] * 0.25 * kPi * kPi * std::sin(s)) * arm});
  }
  return nodes;
}

}  // namespace

void StateCounter::solve(Complex energy) {
  const std::vector<SiteGreen> green = engine_.green_of_all(energy);
  Complex all = 0.0;
  Complex absorber = 0.0;
  for (std::size_t a = 0; a < green.size(); ++a) {
    const Complex one = integrated_green(green[a], engine_.mesh(static_cast<int>(a))).sum();
    all += one;
    if (a == 0) absorber = one;
  }
  samples_.push_back(energy);
  values_.conservativeResize(static_cast<Eigen::Index>(samples_.size()), 2);
  values_.row(values_.rows() - 1) << all, absorber;
  fits_[2] = std::move(fits_[1]);
  fits_[1] = std::move(fits_[0]);
  fits_[0].emplace(samples_, values_);
}

void StateCounter::refine(const std::vector<double>& edges, double tolerance) {
  std::vector<Node> nodes;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const std::vector<Node> more = arc(edges[i], edges[i + 1]);
    nodes.insert(nodes.end(), more.begin(), more.end());
  }
  if (samples_.empty()) {
    for (std::size_t i = 0; i < kFirst; ++i) {
      solve(nodes[(2 * i + 1) * nodes.size() / (2 * kFirst)].energy);
    }
  }
  int foreseen = 0;
  for (int added = 0; foreseen < kForeseen; ++added) {
    if (added == kMost) {
      throw Error(
          ErrorKind::numerical,
          fmt::format(
              "states between {:.2f} and {:.2f} eV: {} solves do not count them to {:g} electrons; "
              "give the Fermi level (energy.fermi) or another structure.radius",
              ev_from_hartree(edges.front()), ev_from_hartree(edges.back()), kMost, tolerance));
    }
    // The fit has changed most where it is least known; one that misses a narrow state does not
    // know it, and so the value there counts too.
    double change = 0.0;
    double largest = -1.0;
    const Node* worst = nullptr;
    for (const Node& node : nodes) {
      if (std::find(samples_.begin(), samples_.end(), node.energy) != samples_.end()) continue;
      const Eigen::VectorXcd f = (*fits_[0])(node.energy);
      const double part = 2.0 / kPi * std::abs(node.weight) *
                          std::max((f - (*fits_[1])(node.energy)).cwiseAbs().sum(),
                                   (f - (*fits_[2])(node.energy)).cwiseAbs().sum());
      change += part;
      if (part > largest) {
        largest = part;
        worst = &node;
      }
    }
    if (worst == nullptr) return;
    const Eigen::VectorXcd expected = (*fits_[0])(worst->energy);
    solve(worst->energy);
    const double miss = (values_.row(values_.rows() - 1).transpose() - expected).cwiseAbs().sum();
    const bool good =
        change < tolerance && kNodes / 4 * 2.0 / kPi * std::abs(worst->weight) * miss < tolerance;
    foreseen = good ? foreseen + 1 : 0;
  }
}

States StateCounter::between(double from, double to) const {
  States sum;
  for (const Node& node : arc(from, to)) {
    const Eigen::VectorXcd f = (*fits_[0])(node.energy);
    sum.all -= 2.0 / kPi * (node.weight * f(0)).imag();
    sum.absorber -= 2.0 / kPi * (node.weight * f(1)).imag();
  }
  return sum;
}

}  // namespace kedge::scattering
