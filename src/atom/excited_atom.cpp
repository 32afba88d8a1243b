// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kedge/atom/atom.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "log_mesh.hpp"

namespace kedge::atom {
namespace {

double capacity(int l) {
  return 2.0 * (2 * l + 1);
}

std::string label(int n, int l) {
  return to_string({{n, l, 1.0}}).substr(0, 2);
}

template <class Shells>
auto find_shell(Shells& shells, int n, int l) {
  return std::find_if(shells.begin(), shells.end(),
                      [=](const auto& shell) { return shell.n == n && shell.l == l; });
}

[[noreturn]] void refuse(int atomic_number, const Configuration& configuration,
                         const std::string& reason) {
  throw Error(ErrorKind::input,
              fmt::format("excited atom {} with {}: {}", element_symbol(atomic_number),
                          to_string(configuration), reason));
}

void remove_core_electron(int atomic_number, Configuration& configuration, const CoreLevel& core) {
  const auto shell = find_shell(configuration, core.n, core.l);
  if (shell == configuration.end() || shell->occupation < 1.0) {
    refuse(atomic_number, configuration,
           fmt::format("there is no {} electron to excite", label(core.n, core.l)));
  }
  shell->occupation -= 1.0;
}

/// The shell that takes up one electron: the one named, or the default of the element with the way
/// out of full shells.
Shell choose_screening_shell(int atomic_number, const Configuration& configuration,
                             const Excitation& excitation) {
  const auto has_room = [&](int n, int l) {
    const auto shell = find_shell(configuration, n, l);
    return shell == configuration.end() || shell->occupation + 1.0 <= capacity(l) + 1e-12;
  };
  const Shell& named = excitation.screening_orbital;
  if (named.n != 0) {
    if (named.l < 0 || named.l >= named.n) {
      refuse(atomic_number, configuration,
             fmt::format("there is no screening orbital n = {}, l = {}", named.n, named.l));
    }
    if (!has_room(named.n, named.l)) {
      refuse(atomic_number, configuration,
             fmt::format("the screening orbital {} has no room for one electron more",
                         label(named.n, named.l)));
    }
    return named;
  }
  const Shell usual = screening_shell(atomic_number);
  if (has_room(usual.n, usual.l)) return usual;
  int outermost = 0;
  for (const Shell& shell : configuration) {
    if (shell.occupation > 0.0) outermost = std::max(outermost, shell.n);
  }
  for (int l = 0; l < std::min(outermost, 2); ++l) {
    if (has_room(outermost, l)) return {outermost, l, 0.0};
  }
  return {outermost + 1, 0, 0.0};
}

void add_electron(Configuration& configuration, const Shell& shell) {
  const auto present = find_shell(configuration, shell.n, shell.l);
  if (present != configuration.end()) {
    present->occupation += 1.0;
  } else {
    configuration.push_back({shell.n, shell.l, 1.0});
  }
}

/// u'(r) = N u(r/(1+c)).
std::vector<double> stretched(const LogMesh& mesh, const Orbital& orbital, double dilatation) {
  std::vector<double> u(mesh.r.size()), square(mesh.r.size());
  for (std::size_t i = 0; i < u.size(); ++i) {
    u[i] = interpolate(mesh, orbital.u, mesh.r[i] / (1.0 + dilatation), orbital.l + 1);
    square[i] = u[i] * u[i];
  }
  const double scale = 1.0 / std::sqrt(integral(mesh, square));
  for (double& value : u) value *= scale;
  return u;
}

/// Gives an orbital another shape and occupation; the density follows.
void replace(Atom& atom, Orbital& orbital, std::vector<double> u, double occupation) {
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double r = atom.mesh.r[i];
    const double electrons =
        occupation * u[i] * u[i] - orbital.occupation * orbital.u[i] * orbital.u[i];
    atom.density[i] += electrons / (4.0 * kPi * r * r);
  }
  orbital.u = std::move(u);
  orbital.occupation = occupation;
}

Orbital& require_orbital(Atom& atom, const Configuration& configuration, const Shell& shell) {
  const auto orbital = find_shell(atom.orbitals, shell.n, shell.l);
  if (orbital == atom.orbitals.end()) {
    refuse(atom.atomic_number, configuration,
           fmt::format("it has no orbital n = {}, l = {} to change", shell.n, shell.l));
  }
  return *orbital;
}

}  // namespace

Atom excited_atom(int atomic_number, const Configuration& ground, const Excitation& excitation,
                  const AtomOptions& options) {
  Configuration configuration = ground;
  Shell screening = excitation.screening_orbital.n != 0 ? excitation.screening_orbital
                                                        : screening_shell(atomic_number);
  double removed = 0.0;  // electrons taken out of the screening orbital
  if (excitation.hole) {
    remove_core_electron(atomic_number, configuration, excitation.core);
    screening = choose_screening_shell(atomic_number, configuration, excitation);
    add_electron(configuration, screening);
    removed = 1.0 - excitation.screening;
    const double left = find_shell(configuration, screening.n, screening.l)->occupation - removed;
    if (!(left >= -1e-12)) {
      refuse(atomic_number, configuration,
             fmt::format("screening = {} would leave {} electrons in {}; it must be at least {}",
                         excitation.screening, left, label(screening.n, screening.l),
                         excitation.screening - left));
    }
  }
  if (!(excitation.dilatation > -1.0)) {
    refuse(atomic_number, configuration,
           fmt::format("dilatation {} must be above -1", excitation.dilatation));
  }
  const Shell dilated = excitation.dilated_orbital.n != 0 ? excitation.dilated_orbital : screening;

  Atom atom = solve_atom(atomic_number, configuration, options);
  if (removed == 0.0 && excitation.dilatation == 0.0) return atom;

  if (excitation.dilatation != 0.0) {
    Orbital& orbital = require_orbital(atom, configuration, dilated);
    replace(atom, orbital, stretched(atom.mesh, orbital, excitation.dilatation),
            orbital.occupation);
  }
  if (removed != 0.0) {
    Orbital& orbital = require_orbital(atom, configuration, screening);
    replace(atom, orbital, orbital.u, std::max(orbital.occupation - removed, 0.0));
  }
  atom.charge += removed;
  const std::vector<double> hartree_rv = hartree_times_r(atom.mesh, atom.density);
  for (std::size_t i = 0; i < hartree_rv.size(); ++i) {
    atom.electrostatic[i] = (hartree_rv[i] - atomic_number) / atom.mesh.r[i];
  }
  atom.total_energy = std::numeric_limits<double>::quiet_NaN();
  return atom;
}

}  // namespace kedge::atom
