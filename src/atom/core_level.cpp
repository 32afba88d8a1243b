// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core_level_tables.hpp"
#include "kedge/atom/atom.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"

namespace kedge::atom {
namespace {

struct Edge {
  std::string_view name;
  CoreLevel level;
  int column;  ///< in the tables, -1: not tabulated
};

constexpr std::array<Edge, 12> kEdges = {{{"K", {1, 0, 2.0}, 0},
                                          {"L1", {2, 0, 2.0}, 1},
                                          {"L2", {2, 1, 2.0}, 2},
                                          {"L3", {2, 1, 4.0}, 3},
                                          {"L23", {2, 1, 6.0}, 3},
                                          {"M1", {3, 0, 2.0}, -1},
                                          {"M2", {3, 1, 2.0}, -1},
                                          {"M3", {3, 1, 4.0}, -1},
                                          {"M23", {3, 1, 6.0}, -1},
                                          {"M4", {3, 2, 4.0}, -1},
                                          {"M5", {3, 2, 6.0}, -1},
                                          {"M45", {3, 2, 10.0}, -1}}};

const Edge& find_edge(const std::string& name) {
  const auto edge = std::find_if(kEdges.begin(), kEdges.end(),
                                 [&](const Edge& entry) { return entry.name == name; });
  if (edge != kEdges.end()) return *edge;
  std::string known;
  for (const Edge& entry : kEdges) known += fmt::format(" {}", entry.name);
  throw Error(ErrorKind::input, fmt::format("unknown edge \"{}\"; known:{}", name, known));
}

[[noreturn]] void not_tabulated(std::string_view quantity, int atomic_number,
                                const std::string& edge, std::string_view next_step) {
  const bool element = atomic_number >= 1 && atomic_number <= kLargestAtomicNumber;
  throw Error(ErrorKind::input,
              fmt::format("no tabulated {} for the {} edge of {} (Z = {}); {}", quantity, edge,
                          element ? element_symbol(atomic_number) : "no element", atomic_number,
                          next_step));
}

}  // namespace

CoreLevel core_level_of_edge(const std::string& edge) {
  return find_edge(edge).level;
}

double edge_energy_ev(int atomic_number, const std::string& edge) {
  const int column = find_edge(edge).column;
  const bool in_table =
      column >= 0 && atomic_number >= 1 && atomic_number <= static_cast<int>(kEdgeEnergies.size());
  const double energy = in_table ? kEdgeEnergies[static_cast<std::size_t>(atomic_number - 1)]
                                                [static_cast<std::size_t>(column)]
                                 : 0.0;
  if (energy == 0.0) {
    not_tabulated("energy", atomic_number, edge, "choose another edge.name");
  }
  return energy;
}

bool edge_is_from_vacuum(int atomic_number) {
  constexpr std::array kGases = {1, 2, 7, 8, 9, 10, 17, 18, 36, 54, 86};
  return std::ranges::find(kGases, atomic_number) != kGases.end();
}

double core_hole_width_ev(int atomic_number, const std::string& edge) {
  const int column = find_edge(edge).column;
  if (column == 0 && atomic_number >= 1 && atomic_number < kFirstTabulatedWidth) {
    const double e = edge_energy_ev(atomic_number, edge);
    return 0.13007 + e * (1.1544e-4 + e * (9.2262e-9 - e * 3.2344e-14));
  }
  const int row = atomic_number - kFirstTabulatedWidth;
  if (column < 0 || row < 0 || row >= static_cast<int>(kCoreHoleWidths.size())) {
    not_tabulated("core-hole width", atomic_number, edge, "give broadening.core_hole in eV");
  }
  return kCoreHoleWidths[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
}

}  // namespace kedge::atom
