// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/self_consistent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kedge/campaign/fermi_level.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/mixing.hpp"

namespace kedge::campaign {
namespace {

constexpr double kConverged =
    0.005;  // electrons; in the potential at a neighbour, 2 Angstrom away, 0.04 eV
constexpr std::size_t kMixingDepth = 8;
constexpr int kPathPoints = 24;

using Densities = std::vector<std::vector<double>>;  // 4 pi r^2 n on the mesh of each sphere

/// A free atom with a spherical change of its density inside a sphere, and its electrostatic
/// potential.
std::shared_ptr<const atom::AtomicField> changed_field(const atom::Atom& free,
                                                       const math::SpectralMesh& mesh,
                                                       const std::vector<double>& change) {
  std::vector<double> density(change.size());  // dn itself, which is smooth at the nucleus
  for (std::size_t k = 0; k < change.size(); ++k) {
    density[k] = change[k] / (4.0 * kPi * mesh.r()[k] * mesh.r()[k]);
  }
  atom::Atom atom = free;
  const std::vector<double>& r = atom.mesh.r;
  const double radius = mesh.edges().back();
  const auto inside =
      static_cast<std::size_t>(std::upper_bound(r.begin(), r.end(), radius) - r.begin());
  // Q(r) = integral_0^r 4 pi r^2 dn dr and U(r) = integral_0^r 4 pi r dn dr: trapezoids in ln r,
  // the last one shorter.
  std::vector<double> q_to(inside);
  std::vector<double> u_to(inside);
  double q = 0.0;
  double u = 0.0;
  double last = 0.0;  // 4 pi r^3 dn and r of the point before
  double last_r = r.front();
  const auto integrate_to = [&](double to, double dn) {
    const double next = 4.0 * kPi * to * to * to * dn;
    const double step = 0.5 * std::log(to / last_r);
    q += step * (last + next);
    u += step * (last / last_r + next / to);
    last = next;
    last_r = to;
  };
  for (std::size_t i = 0; i < inside; ++i) {
    const double dn = mesh.interpolate(density, r[i]);
    atom.density[i] += dn;
    integrate_to(r[i], dn);
    q_to[i] = q;
    u_to[i] = u;
  }
  integrate_to(radius, density.back());
  for (std::size_t i = 0; i < inside; ++i) atom.electrostatic[i] += q_to[i] / r[i] + u - u_to[i];
  for (std::size_t i = inside; i < r.size(); ++i) atom.electrostatic[i] += q / r[i];
  atom.charge -= q;
  return std::make_shared<const atom::AtomicField>(atom);
}

/// The self-consistent loop of one cluster.
class Loop {
 public:
  Loop(MPI_Comm comm, const io::Input& input, const SiteAtoms& atoms)
      : comm_(comm), input_(input), atoms_(atoms), mixer_(input.potential.mixing, kMixingDepth) {
    result_.fields = atoms.fields(true);
    build();
    result_.muffin_tin_radii = model_->muffin_tin_radii();
    filling_.bottom = valence_bottom(atoms, static_cast<int>(spheres()));
    filling_.start = first_guess(*counting_.ground_state, filling_.bottom);
    superposed_ = superposed_valence(atoms, *model_, *counting_.muffin_tin, filling_.bottom);
    const auto electrons = electrons_in_spheres(*counting_.muffin_tin, superposed_);
    filling_.electrons = std::accumulate(electrons.begin(), electrons.end(), 0.0);
    for (const auto& density : superposed_) change_.emplace_back(density.size());
  }

  SelfConsistency run(int most_iterations) {
    while (true) {
      const Densities out = occupied();
      result_.changes.push_back(difference(out));
      if (result_.changes.back() < kConverged) break;
      if (result_.changes.size() >= static_cast<std::size_t>(most_iterations)) {
        throw not_converged();
      }
      mix(out);
      build();
    }
    result_.charge_change = electrons_in_spheres(*counting_.muffin_tin, change_);
    return result_;
  }

 private:
  [[nodiscard]] std::size_t spheres() const { return counting_.muffin_tin->radii().size(); }
  [[nodiscard]] const math::SpectralMesh& mesh(std::size_t a) const {
    return counting_.muffin_tin->mesh(static_cast<int>(a));
  }

  void build() {
    auto settings = superposition_settings(input_, atoms_.cluster(), result_.fields);
    if (!result_.muffin_tin_radii.empty()) settings.muffin_tin_radius = result_.muffin_tin_radii;
    counting_ = {};  // refers to the model
    model_ =
        std::make_unique<potential::SuperposedPotential>(atoms_.cluster(), std::move(settings));
    counting_ = counting_model(comm_, input_, atoms_, *model_, kStatesRadius);
  }

  /// Change of the density that the states of the present potential make.
  Densities occupied() {
    scattering::StateCounter counter(*counting_.engine);
    const scattering::FilledStates filled = scattering::fill_states(counter, filling_);
    const scattering::Electrons electrons = electrons_on(
        *counting_.engine, scattering::path_to_level(filling_.bottom, filled.end, kPathPoints));
    result_.fermi = filled.fermi;
    filling_.start = filled.end;
    const double scale = filling_.electrons / electrons.total();
    Densities out = electrons.density;
    for (std::size_t a = 0; a < out.size(); ++a) {
      for (std::size_t k = 0; k < out[a].size(); ++k) {
        out[a][k] = scale * out[a][k] - superposed_[a][k];
      }
    }
    return out;
  }

  [[nodiscard]] double difference(const Densities& out) const {
    double largest = 0.0;
    for (std::size_t a = 0; a < out.size(); ++a) {
      double sum = 0.0;
      for (std::size_t k = 0; k < out[a].size(); ++k) {
        sum += mesh(a).weights()[k] * std::abs(out[a][k] - change_[a][k]);
      }
      largest = std::max(largest, sum);
    }
    return largest;
  }

  /// The mixer's sum of squares is the integral of the square over r.
  void mix(const Densities& out) {
    std::vector<double> input;
    std::vector<double> output;
    for (std::size_t a = 0; a < out.size(); ++a) {
      for (std::size_t k = 0; k < out[a].size(); ++k) {
        const double root = std::sqrt(mesh(a).weights()[k]);
        input.push_back(root * change_[a][k]);
        output.push_back(root * out[a][k]);
      }
    }
    const std::vector<double> next = mixer_.next(input, output);
    std::size_t n = 0;
    for (std::size_t a = 0; a < out.size(); ++a) {
      for (std::size_t k = 0; k < out[a].size(); ++k) {
        change_[a][k] = next[n++] / std::sqrt(mesh(a).weights()[k]);
      }
    }
    for (std::size_t a = 0; a < out.size(); ++a) {
      result_.fields[a] = changed_field(atoms_.atom(static_cast<int>(a)), mesh(a), change_[a]);
    }
  }

  [[nodiscard]] Error not_converged() const {
    std::string last;
    const std::size_t count = result_.changes.size();
    for (std::size_t i = count - std::min<std::size_t>(count, 3); i < count; ++i) {
      last += fmt::format(" {:.4f}", result_.changes[i]);
    }
    return Error(
        ErrorKind::numerical,
        fmt::format(
            "the self-consistent potential has not settled in {} iterations: the density of a "
            "sphere still changes by{} "
            "electrons, wanted below {}; try potential.mixing = {:g} or another structure.radius",
            count, last, kConverged, 0.5 * input_.potential.mixing));
  }

  MPI_Comm comm_;
  const io::Input& input_;
  const SiteAtoms& atoms_;
  math::AndersonMixer mixer_;
  SelfConsistency result_;
  std::unique_ptr<potential::SuperposedPotential> model_;
  CountingModel counting_;
  scattering::Filling filling_;
  Densities superposed_;
  Densities change_;  // of the present potential
};

}  // namespace

SelfConsistency self_consistent(MPI_Comm comm, const io::Input& input, const SiteAtoms& atoms,
                                int most_iterations) {
  return Loop(comm, input, atoms).run(most_iterations);
}

}  // namespace kedge::campaign
