// SPDX-License-Identifier: BSD-3-Clause
/// Finite differences against multiple scattering in the same muffin-tin potential.
/// Usage: cross_check SYSTEM SPACING[,SPACING...] ENERGY[,ENERGY...] [order=4] [compact=1] [lmax=2]
/// [absorber_lmax=3] [ms_lmax=6] [radii=grid|mt] [outer_lmax=-1]
///   [beyond=0] [radius=0] [scale=1] [shift=0.1,0.2,0.3]
/// SYSTEM: n1, n2, b6, lif:FILE.cif, xyz:FILE.xyz:SITE (1-based). Spacings in Angstrom, energies in
/// eV above V0. `beyond`: the outer sphere this much [Angstrom] beyond the rim of the last muffin
/// tin. `radii`: touching spheres by the rule of the grid, or the muffin-tin rule made smaller
/// where spheres would overlap. `radius`: of all spheres [Angstrom]; `scale`: a factor on them;
/// `shift`: of the nodes against the absorber, in steps. Prints rho_l = trace over m [1/hartree]
/// and relative differences in per cent: to multiple scattering with the channels of the grid, and
/// to that with ms_lmax.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "benchmark.hpp"
#include "kedge/atom/radial_function.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/engine.hpp"
#include "kedge/fdm/sphere_radii.hpp"
#include "kedge/parallel/communicator.hpp"
#include "kedge/potential/muffin_tin_potential.hpp"
#include "kedge/potential/superposition.hpp"
#include "kedge/scattering/engine.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/read_structure.hpp"

namespace {

using namespace kedge;
using benchmark::numbers;
using benchmark::seconds_since;

structure::Cluster cluster_of(const std::string& system) {
  structure::Cluster c;
  const auto add = [&c](int z, double x, double y, double w) {
    c.atoms.push_back(
        {z, Eigen::Vector3d(x, y, w) / kBohrAngstrom, static_cast<int>(c.atoms.size())});
    c.n_scatterers = static_cast<int>(c.atoms.size());
  };
  if (system == "n2") {
    add(7, 0.0, 0.0, 0.0);
    add(7, 0.3, 0.5, 0.9311);  // 1.098 Angstrom, off the axes
    return c;
  }
  if (system == "n1") {
    add(7, 0.0, 0.0, 0.0);
    return c;
  }
  if (system == "b6") {
    const double a = 1.70 / std::sqrt(2.0);
    for (const double s : {1.0, -1.0}) {
      add(5, s * a - a, 0.0, 0.0);
      add(5, -a, s * a, 0.0);
      add(5, -a, 0.0, s * a);
    }
    return c;
  }
  const auto second = system.find(':', 4);
  const std::string file = system.substr(4, second == std::string::npos ? second : second - 4);
  const structure::Structure s = structure::read_structure(file);
  const double radius = bohr_from_angstrom(system.starts_with("lif") ? 4.5 : 5.0);
  int site = 0;
  if (system.starts_with("lif")) site = structure::select_absorbers(s, "F").front();
  if (second != std::string::npos) site = std::atoi(system.c_str() + second + 1) - 1;
  return structure::cut_cluster(s, site, radius, radius + 14.0);
}

/// Radii made smaller where two spheres would overlap, sharing the distance in proportion.
std::vector<double> without_overlap(const std::vector<potential::Nucleus>& nuclei,
                                    std::vector<double> radii) {
  const std::vector<double> wanted = radii;
  for (std::size_t a = 0; a < radii.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const double share =
          (nuclei[a].position_cart - nuclei[b].position_cart).norm() / (wanted[a] + wanted[b]);
      radii[a] = std::min(radii[a], share * wanted[a]);
      radii[b] = std::min(radii[b], share * wanted[b]);
    }
  }
  return radii;
}

std::vector<double> traces(const radial::ChannelAmplitudes& a, int lmax) {
  std::vector<double> out;
  for (int l = 0; l <= lmax; ++l) {
    out.push_back(a.rho.block(l * l, l * l, 2 * l + 1, 2 * l + 1).trace());
  }
  return out;
}

void run(int argc, char** argv) {
  std::map<std::string, std::string> options = {
      {"order", "4"},   {"compact", "1"},  {"lmax", "2"},           {"absorber_lmax", "3"},
      {"ms_lmax", "6"}, {"radii", "grid"}, {"outer_lmax", "-1"},    {"beyond", "0"},
      {"radius", "0"},  {"scale", "1"},    {"shift", "0.1,0.2,0.3"}};
  for (int i = 4; i < argc; ++i) {
    const std::string text = argv[i];
    const auto option = options.find(text.substr(0, text.find('=')));
    if (option == options.end() || text.find('=') == std::string::npos) {
      throw Error(ErrorKind::input, fmt::format("unknown option \"{}\"", text));
    }
    option->second = text.substr(text.find('=') + 1);
  }
  const structure::Cluster cluster = cluster_of(argv[1]);
  std::map<int, std::shared_ptr<const atom::AtomicField>> fields;
  potential::SuperpositionSettings settings;
  for (const auto& a : cluster.atoms) {
    auto& field = fields[a.atomic_number];
    if (!field) {
      field = std::make_shared<const atom::AtomicField>(
          atom::solve_atom(a.atomic_number, atom::ground_state(a.atomic_number), {}));
    }
    settings.field.push_back(field);
  }
  const potential::SuperposedPotential base(cluster, settings);
  const auto& nuclei = base.scatterers();
  std::vector<double> radii = options["radii"] == "grid"
                                  ? fdm::sphere_radii(nuclei, {})
                                  : without_overlap(nuclei, base.muffin_tin_radii());
  if (std::atof(options["radius"].c_str()) > 0.0) {
    radii.assign(radii.size(), bohr_from_angstrom(std::atof(options["radius"].c_str())));
  }
  for (double& r : radii) r *= std::atof(options["scale"].c_str());
  const potential::MuffinTinPotential model(base, radii);
  const std::vector<double> energies = numbers(argv[3]);
  // V0 depends on the energy through exchange and correlation: energies above its ground-state
  // value.
  const double level = base.interstitial_level();

  fdm::Settings grid;
  grid.order = std::atoi(options["order"].c_str());
  grid.compact = options["compact"] != "0";
  grid.sphere_radius = radii;
  const auto shift = numbers(options["shift"]);
  grid.shift = {shift[0], shift[1], shift[2]};
  scattering::Settings same;
  scattering::Settings converged;
  double reach = 0.0;
  for (std::size_t a = 0; a < nuclei.size(); ++a) {
    reach = std::max(reach, nuclei[a].position_cart.norm() + radii[a]);
    const int lmax = std::atoi(options["lmax"].c_str()) - (nuclei[a].atomic_number <= 2 ? 1 : 0);
    grid.lmax.push_back(a == 0 ? std::atoi(options["absorber_lmax"].c_str()) : lmax);
    converged.lmax.push_back(std::atoi(options["ms_lmax"].c_str()));
  }
  same.lmax = grid.lmax;
  grid.radius = reach + bohr_from_angstrom(std::atof(options["beyond"].c_str()));
  grid.outer_lmax = std::atoi(options["outer_lmax"].c_str());
  grid.lowest_energy = level + hartree_from_ev(energies.front());
  grid.highest_energy = level + hartree_from_ev(energies.back());
  fmt::print("{}: {} atoms, R = {:.2f} Angstrom, V0 = {:.3f} eV, absorber radius {:.3f} Angstrom\n",
             argv[1], nuclei.size(), angstrom_from_bohr(reach), ev_from_hartree(level),
             angstrom_from_bohr(radii[0]));
  scattering::Engine ms_same(MPI_COMM_WORLD, model, same);
  scattering::Engine ms(MPI_COMM_WORLD, model, converged);
  std::map<double, std::vector<double>> a;
  std::map<double, std::vector<double>> b;
  double ms_seconds = 0.0;
  for (const double e : energies) {
    const double energy = level + hartree_from_ev(e);
    a[e] = traces(ms_same.solve(energy), 2);
    const auto start = std::chrono::steady_clock::now();
    b[e] = traces(ms.solve(energy), 2);
    ms_seconds += seconds_since(start);
    fmt::print(
        "  ms {:6.2f} eV  lmax as grid {:.5g} {:.5g} {:.5g}   converged {:.5g} {:.5g} {:.5g}\n", e,
        a[e][0], a[e][1], a[e][2], b[e][0], b[e][1], b[e][2]);
  }
  fmt::print("  multiple scattering: order {}, {:.3f} s per energy\n", ms.order(),
             ms_seconds / static_cast<double>(energies.size()));
  for (const double h : numbers(argv[2])) {
    grid.spacing = bohr_from_angstrom(h);
    fdm::Engine engine(MPI_COMM_WORLD, model, grid);
    for (const double e : energies) {
      const auto start = std::chrono::steady_clock::now();
      const auto f = traces(engine.solve(level + hartree_from_ev(e)), 2);
      fmt::print("  h {:.2f} {:6.2f} eV  same lmax", h, e);
      for (std::size_t l = 0; l < 3; ++l) fmt::print(" {:+7.2f}", 100.0 * (f[l] / a[e][l] - 1.0));
      fmt::print("   converged");
      for (std::size_t l = 0; l < 3; ++l) fmt::print(" {:+7.2f}", 100.0 * (f[l] / b[e][l] - 1.0));
      fmt::print("   {:.1f} s\n", seconds_since(start));
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  return kedge::benchmark::run_main(
      argc, argv, 3, "cross_check SYSTEM SPACING[,SPACING...] ENERGY[,ENERGY...] [key=value ...]",
      run);
}
