// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "kedge/atom/atom.hpp"
#include "kedge/atom/lda.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/mixing.hpp"
#include "log_mesh.hpp"
#include "radial_orbital.hpp"

namespace kedge::atom {
namespace {

constexpr int kMostIterations = 300;
constexpr double kMixedFraction = 0.4;
constexpr std::size_t kMixingDepth = 7;

void check(int atomic_number, const Configuration& configuration) {
  if (atomic_number < 1 || atomic_number > kLargestAtomicNumber) {
    throw Error(ErrorKind::input, fmt::format("atomic number {}: elements 1 to {} are known",
                                              atomic_number, kLargestAtomicNumber));
  }
  double electrons = 0.0;
  for (const Shell& shell : configuration) {
    const double capacity = 2.0 * (2 * shell.l + 1);
    if (shell.l < 0 || shell.l >= shell.n ||
        !(shell.occupation >= 0.0 && shell.occupation <= capacity * (1.0 + 1e-12))) {
      throw Error(
          ErrorKind::input,
          fmt::format("configuration \"{}\" of {}: shell n = {}, l = {} with {} electrons is "
                      "impossible (0 <= l < n, 0 to {} electrons)",
                      to_string(configuration), element_symbol(atomic_number), shell.n, shell.l,
                      shell.occupation, capacity));
    }
    electrons += shell.occupation;
  }
  if (electrons <= 0.0) {
    throw Error(ErrorKind::input,
                fmt::format("configuration \"{}\" of {} has no electrons", to_string(configuration),
                            element_symbol(atomic_number)));
  }
}

/// r V of the Thomas-Fermi atom with the tail -(charge + 1)/r that an electron of the atom feels.
/// Source of the fit of the screening function: R. Latter, Phys. Rev. 99, 510 (1955).
std::vector<double> thomas_fermi_rv(const LogMesh& mesh, double z, double charge) {
  std::vector<double> rv(mesh.r.size());
  for (std::size_t i = 0; i < rv.size(); ++i) {
    const double x = mesh.r[i] * std::cbrt(128.0 * z / (9.0 * kPi * kPi));
    const double s = std::sqrt(x);
    const double denominator =
        1.0 +
        s * (0.02747 + s * (1.243 + s * (-0.1486 + s * (0.2302 + s * (0.007298 + s * 0.006944)))));
    rv[i] = -std::max(z / denominator, std::min(z, charge + 1.0));
  }
  return rv;
}

/// Everything that follows from the density of one step.
struct Fields {
  std::vector<double> density, hartree_rv, xc_energy, xc_potential;
  std::vector<double> rv;  ///< r (-Z/r + V_H + V_xc)
};

class SelfConsistency {
 public:
  SelfConsistency(int atomic_number, const Configuration& configuration, const AtomOptions& options)
      : z_(atomic_number),
        configuration_(configuration),
        lda_(options.functional, options.relativistic_exchange),
        relativity_(options.relativity),
        mesh_(make_log_mesh(atomic_number)),
        orbitals_(configuration.size()) {
    charge_ = z_;
    for (const Shell& shell : configuration_) charge_ -= shell.occupation;
  }

  [[nodiscard]] Atom run() {
    std::vector<double> rv = thomas_fermi_rv(mesh_, z_, charge_);
    math::AndersonMixer mixer(kMixedFraction, kMixingDepth);
    const double tolerance = 1e-10 * std::max(z_, 10.0);  // of r V [hartree bohr]
    double change = 0.0;
    for (int iteration = 0; iteration < kMostIterations; ++iteration) {
      const bool genuine = solve_orbitals(rv);
      const Fields fields = fields_of_density();
      change = 0.0;
      for (std::size_t i = 0; i < rv.size(); ++i) {
        change = std::max(change, std::abs(fields.rv[i] - rv[i]));
      }
      if (genuine && change < tolerance) return finish(fields, rv);
      rv = mixer.next(rv, fields.rv);
    }
    throw Error(
        ErrorKind::numerical,
        fmt::format(
            "atom {} with {}: not self-consistent after {} iterations, r V still changes by {:.1e} "
            "hartree bohr; try other occupations",
            element_symbol(static_cast<int>(z_)), to_string(configuration_), kMostIterations,
            change));
  }

 private:
  [[nodiscard]] std::optional<RadialOrbital> bound(std::span<const double> rv,
                                                   std::size_t k) const {
    const double guess = orbitals_[k] ? orbitals_[k]->energy : 0.0;
    const RadialPotential potential{&mesh_, z_, rv, relativity_};
    return find_bound_orbital(potential, configuration_[k].n, configuration_[k].l, guess);
  }

  /// Solves the occupied orbitals. On the way to self-consistency the potential may fail to bind
  /// one; that one is then taken from the potential with the tail -(charge + 1)/r. @return false if
  /// that was needed
  bool solve_orbitals(const std::vector<double>& rv) {
    bool genuine = true;
    std::vector<double> with_tail;
    for (std::size_t k = 0; k < configuration_.size(); ++k) {
      if (configuration_[k].occupation == 0.0) continue;
      auto orbital = bound(rv, k);
      if (!orbital) {
        genuine = false;
        if (with_tail.empty()) {
          with_tail = rv;
          for (double& value : with_tail) value = std::min(value, -(charge_ + 1.0));
        }
        if (++failures_ < kMostUnbound) orbital = bound(with_tail, k);
      }
      if (!orbital) {
        throw Error(
            ErrorKind::numerical,
            fmt::format("atom {} with {} (charge {:g}): the local-density potential does not bind "
                        "the orbital "
                        "n = {}, l = {} by more than {} hartree; take fewer electrons",
                        element_symbol(static_cast<int>(z_)), to_string(configuration_), charge_,
                        configuration_[k].n, configuration_[k].l, kWeakestBinding));
      }
      orbitals_[k] = std::move(orbital);
    }
    return genuine;
  }

  [[nodiscard]] Fields fields_of_density() const {
    Fields f;
    const std::size_t n = mesh_.r.size();
    f.density.assign(n, 0.0);
    for (std::size_t k = 0; k < configuration_.size(); ++k) {
      if (configuration_[k].occupation == 0.0) continue;
      for (std::size_t i = 0; i < n; ++i) {
        f.density[i] += configuration_[k].occupation * orbitals_[k]->probability[i];
      }
    }
    for (std::size_t i = 0; i < n; ++i) f.density[i] /= 4.0 * kPi * mesh_.r[i] * mesh_.r[i];
    f.hartree_rv = hartree_times_r(mesh_, f.density);
    f.xc_energy.resize(n);
    f.xc_potential.resize(n);
    lda_.evaluate(f.density, f.xc_energy, f.xc_potential);
    f.rv.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      f.rv[i] = -z_ + f.hartree_rv[i] + mesh_.r[i] * f.xc_potential[i];
    }
    return f;
  }

  /// E = sum f eps - integral n V + integral n (-Z/r + V_H/2 + eps_xc), V the potential of the
  /// orbitals.
  [[nodiscard]] double total_energy(const Fields& f, std::span<const double> rv) const {
    std::vector<double> integrand(mesh_.r.size());
    for (std::size_t i = 0; i < integrand.size(); ++i) {
      const double r = mesh_.r[i];
      integrand[i] =
          4.0 * kPi * r * f.density[i] * (-rv[i] - z_ + 0.5 * f.hartree_rv[i] + r * f.xc_energy[i]);
    }
    double energy = integral(mesh_, integrand);
    for (std::size_t k = 0; k < configuration_.size(); ++k) {
      if (orbitals_[k]) energy += configuration_[k].occupation * orbitals_[k]->energy;
    }
    return energy;
  }

  [[nodiscard]] Atom finish(const Fields& fields, const std::vector<double>& rv) {
    Atom atom;
    atom.atomic_number = static_cast<int>(z_);
    atom.charge = charge_;
    atom.total_energy = total_energy(fields, rv);
    for (std::size_t k = 0; k < configuration_.size(); ++k) {
      const Shell& shell = configuration_[k];
      if (shell.occupation == 0.0) orbitals_[k] = bound(rv, k);
      if (!orbitals_[k]) continue;
      Orbital orbital{shell.n, shell.l, shell.occupation, orbitals_[k]->energy,
                      orbitals_[k]->large};
      normalise(orbital.u);
      atom.orbitals.push_back(std::move(orbital));
    }
    atom.density = fields.density;
    atom.electrostatic.resize(mesh_.r.size());
    for (std::size_t i = 0; i < mesh_.r.size(); ++i) {
      atom.electrostatic[i] = (fields.hartree_rv[i] - z_) / mesh_.r[i];
    }
    atom.mesh = std::move(mesh_);
    return atom;
  }

  void normalise(std::vector<double>& u) const {
    std::vector<double> square(u.size());
    std::transform(u.begin(), u.end(), square.begin(), [](double value) { return value * value; });
    const double scale = 1.0 / std::sqrt(integral(mesh_, square));
    for (double& value : u) value *= scale;
  }

  static constexpr int kMostUnbound = 40;

  double z_;
  double charge_ = 0.0;
  Configuration configuration_;
  Lda lda_;
  Relativity relativity_;
  LogMesh mesh_;
  std::vector<std::optional<RadialOrbital>> orbitals_;
  int failures_ = 0;
};

}  // namespace

Atom solve_atom(int atomic_number, const Configuration& configuration, const AtomOptions& options) {
  check(atomic_number, configuration);
  return SelfConsistency(atomic_number, configuration, options).run();
}

}  // namespace kedge::atom
