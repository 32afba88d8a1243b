// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/site_family.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <ranges>
#include <set>
#include <string>
#include <utility>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/family.hpp"

namespace kedge::campaign {

namespace {

// Time of the model on the coarser grid in that of one spectrum, and for a case of a family, which
// gets a model of its own for it, on the grid itself.
constexpr double kSecondGrid = 0.6;
constexpr double kOwnOnFirst = 0.85;

// Fewer than these are done sooner one by one.
constexpr int kFewestMembers = 5;

/// What cases that differ in screening and dilatation only have in common.
std::string kind_of(const CaseParameters& parameters) {
  std::string common;
  for (const auto& [key, value] : parameters.values) {
    if (key != "absorber.screening" && key != "absorber.dilatorb") {
      common += key + '=' + value + ';';
    }
  }
  return common;
}

}  // namespace

std::vector<bool> first_of_their_kind(const std::vector<CaseParameters>& cases) {
  std::set<std::string> seen;
  std::vector<bool> out;
  for (const CaseParameters& parameters : cases) {
    out.push_back(seen.insert(kind_of(parameters)).second);
  }
  return out;
}

std::vector<std::size_t> families(const io::Input& input,
                                  const std::vector<CaseParameters>& cases) {
  struct Open {
    std::size_t number = 0;
    int members = 0;
    int most = 1;
  };
  const bool automatic = input.engine.family_size == 0;
  const auto common = [automatic](const CaseParameters& parameters) {
    std::string kind = kind_of(parameters);
    if (automatic) kind += fmt::format("dilatorb={};", parameters.dilatorb);
    return kind;
  };
  std::map<std::string, int> of_kind;
  for (const CaseParameters& parameters : cases) ++of_kind[common(parameters)];
  std::map<std::string, Open> open;  // by what the members have in common
  std::vector<std::size_t> out;
  std::size_t count = 0;
  for (const CaseParameters& parameters : cases) {
    const std::string kind = common(parameters);
    Open& family = open[kind];
    if (reduced_energies(input)) {
      const int all = of_kind[kind];
      family.most = !automatic ? input.engine.family_size : all >= kFewestMembers ? all : 1;
    }
    if (family.members == 0 || family.members == family.most) family = {count++, 0, family.most};
    ++family.members;
    out.push_back(family.number);
  }
  return out;
}

double family_cost(int members) {
  // Measured on the molecule with eleven screenings (benchmarks/parameter_family): the basis, the
  // operator of a member that others are interpolated between, any member.
  constexpr double kBasis = 1.0;
  constexpr double kNode = 0.25;
  constexpr double kMember = 0.19;
  // A list of one parameter, or a map of both.
  const int nodes = members <= 12 ? std::min(members, 5) : 15;
  return members == 1 ? 1.0 : kBasis + kNode * nodes + kMember * members;
}

double time_share(const io::Input& input, const std::vector<CaseParameters>& cases) {
  std::map<std::size_t, int> members;
  const std::vector<std::size_t> family_of = families(input, cases);
  for (const std::size_t family : family_of) ++members[family];
  double sum = 0.0;
  for (const auto& [family, count] : members) sum += family_cost(count);
  if (wants_grid_error(input) && reduced_energies(input)) {
    const std::vector<bool> first = first_of_their_kind(cases);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (input.engine.grid_error != "yes" && !first[i]) continue;
      sum += kSecondGrid + (members.at(family_of[i]) > 1 ? kOwnOnFirst : 0.0);
    }
  }
  return sum / static_cast<double>(cases.size());
}

double family_memory(const io::Input& input, const std::vector<CaseParameters>& cases) {
  constexpr double kShared =
      2.6;  // 0.91 GB at most for ten screenings where 0.37 are foreseen for one
  std::vector<std::size_t> numbers = families(input, cases);
  std::ranges::sort(numbers);
  return std::ranges::adjacent_find(numbers) == numbers.end() ? 1.0 : kShared;
}

namespace {

// Steps of the second grid in those of the first: the coarser one halves the unknowns, where its
// lattice still resolves the waves in the spheres.
constexpr std::array<double, 2> kCoarser = {1.25, 1.12};
// The place of the nodes in small spheres makes the error of one step differ from its law by as
// much. Source: P. J. Roache, J. Fluids Eng. 116, 405 (1994), for grids whose order is known.
constexpr double kGridSafety = 1.25;
// Of its reduced model: what is left counts 1.25^4 - 1 = 1.4 times less, and mostly no second model
// is made for a narrow state.
constexpr double kCoarseTolerance = 0.03;
// Half width at half maximum of the Lorentzian through which the two are compared [eV]: a state
// narrower than that which lies a little elsewhere is no error of a spectrum that is measured with
// such a resolution. Values at energies 0.25 eV apart hold all of a narrow state, to exp(-2 pi) of
// it wherever it lies; means over cells would not, next to a joint of two.
constexpr double kSmearing = 0.25;

/// S of one q summed over l.
double sum_over_l(const EnergyResult& result, std::size_t q, std::size_t n_q) {
  const auto orders = static_cast<std::ptrdiff_t>(result.s.size() / n_q);
  const auto first = result.s.begin() + static_cast<std::ptrdiff_t>(q) * orders;
  return std::accumulate(first, first + orders, 0.0);
}

}  // namespace

struct SiteFamily::Parts {
  MPI_Comm comm;
  std::vector<CaseInput> cases;
  const structure::Structure& structure;
  int site;
  std::vector<std::unique_ptr<SiteCalculation>> calculations;
  bool planned = false;                 // the energies of the model are known
  std::unique_ptr<fdm::Family> family;  // null: no energy goes through a model
  // of each case: its energies in the model [eV from the Fermi level]
  std::vector<std::vector<double>> grid;
  std::vector<std::map<double, EnergyResult>> reduced;
  std::vector<std::vector<EnergyResult>> smeared;  // likewise, through a Lorentzian, if wanted
  std::vector<double> grid_error;                  // of each case
  // estimated error of the energies at which the model does not do
  std::vector<std::map<double, double>> refused;
  fdm::WindowReport report;
  std::function<void()> between_steps;

  /// The grid of the finite differences is that of the case whose energies reach highest above the
  /// level outside.
  [[nodiscard]] std::size_t reference() const {
    std::size_t best = 0;
    double highest = 0.0;
    for (std::size_t i = 0; i < calculations.size(); ++i) {
      const double energy = calculations[i]->energy(cases[i].input.energy.grid_ev.back());
      const double kinetic = energy - calculations[i]->potential()->outer_level(energy);
      if (i == 0 || kinetic > highest) best = i;
      highest = std::max(highest, kinetic);
    }
    return best;
  }

  /// Picks the energies of the model and makes it; none is made where no case has two for it.
  void make_family() {
    planned = true;
    std::vector<fdm::FamilyMember> members;
    for (std::size_t i = 0; i < calculations.size(); ++i) {
      const SiteCalculation& one = *calculations[i];
      fdm::FamilyMember member{
          {cases[i].parameters.screening, cases[i].parameters.dilatorb}, one.potential(), {}};
      grid.emplace_back();
      const std::vector<double>& all = cases[i].input.energy.grid_ev;
      std::ranges::copy_if(all, std::back_inserter(grid.back()), [&](double e) {
        return fdm::in_reach_of_window(*member.model, one.energy(e));
      });
      for (const double e : grid.back()) member.energies.push_back(one.energy(e));
      if (member.energies.size() < 2) {
        member.energies.clear();
        grid.back().clear();
      }
      members.push_back(std::move(member));
    }
    if (std::ranges::all_of(grid, [](const auto& energies) { return energies.empty(); })) return;
    family =
        std::make_unique<fdm::Family>(calculations[reference()]->engine(), std::move(members),
                                      window_settings(cases[0].input.engine.reduction_tolerance));
  }

  [[nodiscard]] bool solved(std::size_t i) const {
    return !reduced[i].empty() || !refused[i].empty();
  }

  void solve_grid(std::size_t i) {
    const SiteCalculation& calculation = *calculations[i];
    std::vector<EnergyResult> found(grid[i].size());
    std::vector<EnergyResult> through_lorentzian(grid[i].size());
    const fdm::WindowResult window =
        family->solve(i, [&](std::size_t e, fdm::ChannelAmplitudes amplitudes,
                             const Eigen::MatrixXd& of_lorentzian) {
          if (of_lorentzian.size() > 0) {
            fdm::ChannelAmplitudes wide = amplitudes;
            wide.rho = of_lorentzian;
            through_lorentzian[e] = calculation.spectra_of(std::move(wide), grid[i][e]);
          }
          found[e] = calculation.spectra_of(std::move(amplitudes), grid[i][e]);
        });
    report = window.report;
    const double tolerance = cases[i].input.engine.reduction_tolerance;
    for (std::size_t e = 0; e < grid[i].size(); ++e) {
      if (!(window.error[e] <= tolerance)) {
        refused[i][grid[i][e]] = window.error[e];
        continue;
      }
      found[e].residual = window.error[e];
      if (!through_lorentzian[e].s.empty()) smeared[i].push_back(std::move(through_lorentzian[e]));
      reduced[i][grid[i][e]] = std::move(found[e]);
    }
  }

  [[nodiscard]] fdm::WindowSettings window_settings(double tolerance) const {
    fdm::WindowSettings settings = fdm::window_settings(tolerance);
    settings.between_steps = between_steps;
    settings.widest_cell = hartree_from_ev(cases[0].input.engine.energy_cell_ev);
    if (wants_grid_error(cases[0].input)) settings.smearing = hartree_from_ev(kSmearing);
    return settings;
  }

  /// The spectrum of a case, whose energies are known, by models of its own on both grids.
  void compare_grids(std::size_t i) {
    const io::Input& input = cases[i].input;
    std::vector<double> energies;
    for (const auto& [energy, result] : reduced[i]) energies.push_back(energy);
    if (energies.size() < 2) return;
    const auto wanted = [this](std::size_t k) { return !grid[k].empty() && !solved(k); };
    if (std::ranges::none_of(std::views::iota(std::size_t{0}, cases.size()), wanted)) {
      family->release_basis();  // a tenth of a gigabyte beside the other grid's
    }
    std::vector<EnergyResult> fine = smeared[i];
    std::vector<EnergyResult> coarse;
    double falls = 0.0;
    try {
      // What a member of a family errs by is no error of the grid.
      if (cases.size() > 1) {
        fine = calculations[i]->solve_alone(calculations[reference()]->engine(), energies,
                                            window_settings(input.engine.reduction_tolerance));
      }
      const fdm::WindowSettings settings =
          window_settings(std::max(input.engine.reduction_tolerance, kCoarseTolerance));
      for (const double coarser : kCoarser) {
        coarse = calculations[i]->solve_on(
            coarser * bohr_from_angstrom(input.engine.spacing_angstrom), energies, settings);
        falls = std::pow(coarser, input.engine.order) - 1.0;
        if (!coarse.empty()) break;
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::numerical) throw;
      return;  // a spectrum without an estimate is better than none; the same on all ranks
    }
    if (coarse.empty()) return;
    const std::size_t n_q = input.xrs.q_per_angstrom.size();
    grid_error[i] = 0.0;
    for (std::size_t q = 0; q < n_q; ++q) {
      double largest = 0.0;
      double difference = 0.0;
      for (std::size_t e = 0; e < energies.size(); ++e) {
        const double here = sum_over_l(fine[e], q, n_q);
        largest = std::max(largest, here);
        difference = std::max(difference, std::abs(sum_over_l(coarse[e], q, n_q) - here));
      }
      grid_error[i] = std::max(grid_error[i], kGridSafety * difference / falls / largest);
    }
  }
};

SiteFamily::SiteFamily(MPI_Comm comm, std::vector<CaseInput> cases,
                       const structure::Structure& structure, int site)
    : parts_(new Parts{comm,
                       std::move(cases),
                       structure,
                       site,
                       {},
                       false,
                       nullptr,
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {}}) {
  Parts& p = *parts_;
  for (const CaseInput& one : p.cases) {
    p.calculations.push_back(
        std::make_unique<SiteCalculation>(comm, one.input, structure, site, one.parameters));
  }
  p.reduced.resize(p.cases.size());
  p.refused.resize(p.cases.size());
  p.smeared.resize(p.cases.size());
  p.grid_error.assign(p.cases.size(), std::numeric_limits<double>::quiet_NaN());
}

SiteFamily::~SiteFamily() = default;

SiteCalculation& SiteFamily::calculation(std::size_t i_case) {
  return *parts_->calculations.at(i_case);
}
const fdm::WindowReport& SiteFamily::report() const {
  return parts_->report;
}

double SiteFamily::grid_error(std::size_t i_case) {
  Parts& p = *parts_;
  const bool open = std::isnan(p.grid_error.at(i_case)) &&
                    wants_grid_error(p.cases[i_case].input) && !p.reduced[i_case].empty();
  if (open) p.compare_grids(i_case);
  return p.grid_error[i_case];
}

GridQuality SiteFamily::grid_quality(std::size_t i_case) const {
  const Parts& p = *parts_;
  return p.calculations.at(p.family ? p.reference() : i_case)->grid_quality();
}

bool SiteFamily::at_hand(std::size_t i_case, double energy_rel_fermi_ev) const {
  const Parts& p = *parts_;
  if (!p.family || std::ranges::find(p.grid[i_case], energy_rel_fermi_ev) == p.grid[i_case].end()) {
    return false;
  }
  return p.solved(i_case);
}

void SiteFamily::between_steps(std::function<void()> call) {
  parts_->between_steps = std::move(call);
}

EnergyResult SiteFamily::solve(std::size_t i_case, double energy_rel_fermi_ev) {
  Parts& p = *parts_;
  if (reduced_energies(p.cases[i_case].input)) {
    if (!p.planned) p.make_family();
    const bool in_model =
        std::ranges::find(p.grid[i_case], energy_rel_fermi_ev) != p.grid[i_case].end();
    if (in_model) {
      if (!p.solved(i_case)) p.solve_grid(i_case);
      const auto refused = p.refused[i_case].find(energy_rel_fermi_ev);
      if (refused == p.refused[i_case].end()) return p.reduced[i_case].at(energy_rel_fermi_ev);
      throw Error(ErrorKind::numerical,
                  fmt::format("the reduced model keeps an estimated error of {:.1e} here (wanted "
                              "engine.reduction_tolerance = {:.1e}): take "
                              "engine.energies = direct",
                              refused->second, p.cases[i_case].input.engine.reduction_tolerance));
    }
  }
  return p.calculations[i_case]->solve(energy_rel_fermi_ev);
}

}  // namespace kedge::campaign
