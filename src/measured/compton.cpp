// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/compton.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <charconv>
#include <cmath>

#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/bessel.hpp"

namespace kedge::measured {

namespace {

/// Momenta dense near zero and far enough for the tails: p = sinh, up to 60 / bohr.
std::vector<double> momentum_mesh() {
  constexpr int kPoints = 600;
  const double last = std::asinh(60.0 / 0.5);
  std::vector<double> mesh;
  for (int i = 0; i < kPoints; ++i) mesh.push_back(0.5 * std::sinh(last * i / (kPoints - 1)));
  return mesh;
}

/// chi(k) = sqrt(2/pi) int u r j_l(k r) dr. The logarithmic mesh has less than six points a wave
/// beyond r = 1/(k h), h its step in ln r; there an even mesh takes over, the two weighed by a
/// smooth step so that both sums are of smooth functions without ends, where trapezoids have no
/// error.
class BesselTransform {
 public:
  BesselTransform(const atom::LogMesh& mesh, const atom::Orbital& orbital)
      : mesh_(mesh), u_(orbital.u), bessel_(static_cast<std::size_t>(orbital.l) + 1) {
    double largest = 0.0;
    const auto part = [&](std::size_t i) { return std::abs(u_[i]) * mesh.r[i] * mesh.r[i]; };
    for (std::size_t i = 0; i < u_.size(); ++i) largest = std::max(largest, part(i));
    // Half of a logarithmic mesh lies next to the nucleus, where all of it together adds less than
    // 1e-8.
    const auto matters = [&](std::size_t i) { return part(i) >= 1e-12 * largest; };
    while (first_ + 1 < u_.size() && !matters(first_)) ++first_;
    last_ = u_.size();
    while (last_ > first_ + 1 && !matters(last_ - 1)) --last_;
  }

  [[nodiscard]] double squared(double k) {
    constexpr double kEvenStep = 0.3;  // k dr
    const double change =
        1.0 / (mesh_.step * std::max(k, 1e-6));  // to the even mesh, complete here
    const double far = mesh_.r[last_ - 1];
    double sum = 0.0;
    for (std::size_t i = first_; i < last_ && mesh_.r[i] < change; ++i) {
      const double r = mesh_.r[i];
      sum += (1.0 - even_part(r / change)) * u_[i] * r * r * mesh_.step * wave(k * r);  // dr = r h
    }
    const double step = kEvenStep / k;
    for (double r = (std::floor(0.5 * change / step) + 1.0) * step; r < far; r += step) {
      sum += even_part(r / change) * u_at(r) * r * step * wave(k * r);
    }
    return 2.0 / kPi * sum * sum;
  }

 private:
  /// 0 up to 1/2, 1 from 1 on, three continuous derivatives.
  [[nodiscard]] static double even_part(double x) {
    const double s = std::clamp(2.0 * x - 1.0, 0.0, 1.0);
    return s * s * s * s * (35.0 + s * (-84.0 + s * (70.0 - 20.0 * s)));
  }
  [[nodiscard]] double wave(double x) {
    math::spherical_j(x, bessel_);
    return bessel_.back();
  }
  /// Cubic through the four points about r in ln r.
  [[nodiscard]] double u_at(double r) const {
    const double place = std::log(r / mesh_.r.front()) / mesh_.step;
    const auto i = std::min(static_cast<std::size_t>(std::max(place, 1.0)), u_.size() - 3);
    const double t = place - static_cast<double>(i);
    return u_[i - 1] * t * (t - 1.0) * (2.0 - t) / 6.0 +
           u_[i] * (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0 -
           u_[i + 1] * (t + 1.0) * t * (t - 2.0) / 2.0 +
           u_[i + 2] * (t + 1.0) * t * (t - 1.0) / 6.0;
  }

  const atom::LogMesh& mesh_;
  const std::vector<double>& u_;
  std::size_t first_ = 0;  // what matters
  std::size_t last_ = 0;
  std::vector<double> bessel_;
};

/// Binding of a subshell [eV], positive.
double binding_ev(int atomic_number, const atom::Orbital& orbital) {
  const std::string edge = orbital.n == 1   ? "K"
                           : orbital.n != 2 ? ""
                           : orbital.l == 0 ? "L1"
                                            : "L3";
  if (!edge.empty()) {
    try {
      return atom::edge_energy_ev(atomic_number, edge);
    } catch (const Error&) {  // the table has no such edge: a valence shell
    }
  }
  return -ev_from_hartree(orbital.energy);
}

}  // namespace

ComptonProfile::ComptonProfile(const atom::LogMesh& mesh, const atom::Orbital& orbital)
    : momenta_(momentum_mesh()), values_(momenta_.size(), 0.0) {
  BesselTransform transform(mesh, orbital);
  std::vector<double> integrand;
  for (const double k : momenta_) integrand.push_back(k > 0.0 ? transform.squared(k) * k : 0.0);
  for (std::size_t i = momenta_.size() - 1; i-- > 0;) {
    values_[i] =
        values_[i + 1] + 0.25 * (integrand[i] + integrand[i + 1]) * (momenta_[i + 1] - momenta_[i]);
  }
}

double ComptonProfile::at(double momentum) const {
  assert(momentum >= 0.0);
  const auto above = std::upper_bound(momenta_.begin(), momenta_.end(), momentum);
  if (above == momenta_.end()) return 0.0;
  const auto i = static_cast<std::size_t>(above - momenta_.begin());
  const double f = (momentum - momenta_[i - 1]) / (momenta_[i] - momenta_[i - 1]);
  return (1.0 - f) * values_[i - 1] + f * values_[i];
}

std::vector<std::pair<int, double>> composition(const std::string& formula) {
  std::vector<std::pair<int, double>> atoms;
  const auto refuse = [&](std::size_t at) {
    throw Error(ErrorKind::input,
                fmt::format("formula '{}': no element at '{}'; wanted something like NaCB11H12",
                            formula, formula.substr(at, 12)));
  };
  std::size_t at = 0;
  while (at < formula.size()) {
    if (formula[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t length =
        at + 1 < formula.size() && std::islower(static_cast<unsigned char>(formula[at + 1])) != 0
            ? 2
            : 1;
    const auto number = std::isupper(static_cast<unsigned char>(formula[at])) != 0
                            ? atomic_number(formula.substr(at, length))
                            : std::nullopt;
    if (!number) refuse(at);
    at += length;
    double count = 1.0;
    // Only a digit begins a number: from_chars takes the symbols of niobium and indium behind
    // others for NaN and infinity.
    if (at < formula.size() && (formula[at] == '.' || formula[at] == '-' ||
                                std::isdigit(static_cast<unsigned char>(formula[at])) != 0)) {
      const char* end = formula.data() + formula.size();
      const auto [rest, code] = std::from_chars(formula.data() + at, end, count);
      if (code == std::errc()) at = static_cast<std::size_t>(rest - formula.data());
    }
    if (!(count > 0.0) || !std::isfinite(count)) refuse(at);
    atoms.emplace_back(*number, count);
  }
  if (atoms.empty()) refuse(0);
  return atoms;
}

ComptonBackground::ComptonBackground(const std::string& formula) : formula_(formula) {
  for (const auto& [number, count] : composition(formula)) {
    const auto solved = atom::solve_atom(number, atom::ground_state(number), {});
    for (const atom::Orbital& orbital : solved.orbitals) {
      if (orbital.occupation <= 0.0) continue;
      subshells_.push_back({count * orbital.occupation, binding_ev(number, orbital),
                            ComptonProfile(solved.mesh, orbital)});
    }
  }
}

Spectrum ComptonBackground::at(const std::vector<double>& loss_ev,
                               const std::vector<double>& q_per_angstrom) const {
  assert(loss_ev.size() == q_per_angstrom.size() && !loss_ev.empty());
  Spectrum result;
  result.name = "Compton scattering of " + formula_;
  result.energy_ev = loss_ev;
  result.intensity.assign(loss_ev.size(), 0.0);
  bool any = false;
  for (const Subshell& shell : subshells_) {
    if (shell.binding_ev > loss_ev.front()) continue;
    any = true;
    for (std::size_t i = 0; i < loss_ev.size(); ++i) {
      const double q = per_bohr_from_per_angstrom(q_per_angstrom[i]);
      const double momentum = std::abs(hartree_from_ev(loss_ev[i]) / q - 0.5 * q);
      // J is per bohr of momentum, S per hartree of energy: dw = q dp.
      result.intensity[i] += shell.electrons * shell.profile.at(momentum) / (q * kHartreeEv);
    }
  }
  if (!any) {
    throw Error(ErrorKind::input,
                fmt::format("Compton background of {}: no subshell is bound by less than {:g} eV",
                            formula_, loss_ev.front()));
  }
  return result;
}

}  // namespace kedge::measured
