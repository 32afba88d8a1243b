// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/structure/cluster.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <set>
#include <string_view>
#include <tuple>

#include "images.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"

namespace kedge::structure {
namespace {

const Site& site_at(const Structure& structure, int index) {
  return structure.sites.at(static_cast<std::size_t>(index));
}

/// Distances and coordinates in steps of 1e-6 bohr: atoms of one shell compare equal in spite of
/// rounding, so the order of a cluster does not depend on the machine.
constexpr double kStep = 1e-6;
std::int64_t in_steps(double length) {
  return std::llround(length / kStep);
}

auto order_key(const ClusterAtom& atom) {
  const auto& r = atom.position_cart;
  return std::tuple(in_steps(r.norm()), atom.site, in_steps(r.x()), in_steps(r.y()),
                    in_steps(r.z()));
}

std::string elements_present(const Structure& structure) {
  std::set<int> numbers;
  for (const Site& site : structure.sites) {
    if (site.atomic_number > 0) numbers.insert(site.atomic_number);  // 0: a vacancy
  }
  std::string text;
  for (const int number : numbers) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", element_symbol(number));
  }
  return text;
}

[[noreturn]] void fail_absorber(const Structure& structure, const std::string& text,
                                const std::string& problem) {
  throw Error(ErrorKind::input,
              fmt::format("[structure] absorber = {}: {}; wanted an element of {} ({}) or atom "
                          "numbers from 1 to {}, such as 2,3,12 or 2-12",
                          text, problem, structure.source, elements_present(structure),
                          structure.sites.size()));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// 1-based atom number, or -1 if the text is none.
int parse_number(std::string_view text) {
  text = trimmed(text);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value > 0 ? value : -1;
}

std::vector<int> sites_of_element(const Structure& structure, int number) {
  std::vector<int> chosen;
  for (std::size_t i = 0; i < structure.sites.size(); ++i) {
    const int index = static_cast<int>(i);
    const Site& site = structure.sites[i];
    if (site.atomic_number == number && site.equivalence_class == index) chosen.push_back(index);
  }
  return chosen;
}

std::vector<int> sites_of_numbers(const Structure& structure, const std::string& text) {
  const int count = static_cast<int>(structure.sites.size());
  std::set<int> chosen;
  std::string_view rest = text;
  for (bool more = true; more;) {
    const auto comma = rest.find(',');
    const std::string_view piece = trimmed(rest.substr(0, comma));
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
    const auto dash = piece.find('-');
    const int first = parse_number(piece.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : parse_number(piece.substr(dash + 1));
    if (first < 0 || last < first) {
      fail_absorber(structure, text,
                    fmt::format("\"{}\" is neither an element nor an atom number", piece));
    }
    if (last > count) {
      fail_absorber(structure, text, fmt::format("there is no atom {}", last));
    }
    for (int number = first; number <= last; ++number) {
      if (!chosen.insert(number - 1).second) {
        fail_absorber(structure, text, fmt::format("atom {} is given twice", number));
      }
    }
  }
  return {chosen.begin(), chosen.end()};
}

void check_one_element_one_of_each_class(const Structure& structure, const std::string& text,
                                         const std::vector<int>& chosen) {
  std::set<int> classes;
  const Site& first = site_at(structure, chosen.front());
  for (const int index : chosen) {
    const Site& site = site_at(structure, index);
    if (site.atomic_number != first.atomic_number) {
      fail_absorber(structure, text,
                    fmt::format("atom {} is {} but atom {} is {}; one element at a time",
                                chosen.front() + 1, element_symbol(first.atomic_number), index + 1,
                                element_symbol(site.atomic_number)));
    }
    if (!classes.insert(site.equivalence_class).second) {
      fail_absorber(structure, text,
                    fmt::format("atom {} ({}) is symmetry-equivalent to another one chosen; name "
                                "one of each class, it counts for all",
                                index + 1, site.label));
    }
  }
}

}  // namespace

Cluster cut_cluster(const Structure& structure, int absorber_site, double radius,
                    double superposition_radius) {
  if (!(radius > 0.0) || !(superposition_radius >= radius)) {
    throw Error(ErrorKind::input,
                fmt::format("cluster radius {:.4g} Angstrom, superposition radius {:.4g} Angstrom: "
                            "wanted 0 < cluster radius <= superposition radius",
                            angstrom_from_bohr(radius), angstrom_from_bohr(superposition_radius)));
  }
  const Eigen::Vector3d origin = site_at(structure, absorber_site).position_cart;
  const Eigen::Matrix3d inverse =
      structure.periodic ? Eigen::Matrix3d(structure.cell.inverse()) : Eigen::Matrix3d::Zero();
  Cluster cluster;
  for (std::size_t i = 0; i < structure.sites.size(); ++i) {
    const Site& site = structure.sites[i];
    if (site.atomic_number == 0) continue;
    const auto add = [&](const Eigen::Vector3d& position) {
      cluster.atoms.push_back({site.atomic_number, position, static_cast<int>(i)});
    };
    const Eigen::Vector3d offset = site.position_cart - origin;
    if (structure.periodic) {
      for_each_image(structure.cell, inverse, offset, superposition_radius + kStep, add);
    } else {
      add(offset);
    }
  }
  std::sort(cluster.atoms.begin(), cluster.atoms.end(),
            [](const auto& a, const auto& b) { return order_key(a) < order_key(b); });
  // An atom on the limit within one step is inside, so that a shell is never split by rounding.
  const auto limit = in_steps(radius) + 1;
  const auto end = std::find_if(
      cluster.atoms.begin(), cluster.atoms.end(),
      [limit](const auto& atom) { return in_steps(atom.position_cart.norm()) > limit; });
  cluster.n_scatterers = static_cast<int>(end - cluster.atoms.begin());
  return cluster;
}

std::vector<int> select_absorbers(const Structure& structure, const std::string& text) {
  const std::string symbol(trimmed(text));
  if (symbol.empty()) fail_absorber(structure, text, "nothing is given");
  std::vector<int> chosen;
  if (const auto number = atomic_number(symbol)) {
    chosen = sites_of_element(structure, *number);
    if (chosen.empty()) fail_absorber(structure, text, fmt::format("there is no {}", symbol));
  } else {
    chosen = sites_of_numbers(structure, symbol);
    check_one_element_one_of_each_class(structure, text, chosen);
  }
  return chosen;
}

int multiplicity(const Structure& structure, int site) {
  const int wanted = site_at(structure, site).equivalence_class;
  return static_cast<int>(
      std::count_if(structure.sites.begin(), structure.sites.end(),
                    [wanted](const Site& other) { return other.equivalence_class == wanted; }));
}

ClosestPair closest_pair(const Structure& structure) {
  ClosestPair closest;
  closest.distance = std::numeric_limits<double>::infinity();
  const auto consider = [&closest](double distance, std::size_t first, std::size_t second) {
    if (distance < closest.distance) {
      closest = {distance, static_cast<int>(first), static_cast<int>(second)};
    }
  };
  const auto vacant = [&](std::size_t i) { return structure.sites[i].atomic_number == 0; };
  Eigen::Matrix3d inverse = Eigen::Matrix3d::Zero();
  if (structure.periodic && !structure.sites.empty()) {
    inverse = structure.cell.inverse();
    consider(structure.cell.colwise().norm().minCoeff(), 0, 0);
  }
  if (!structure.periodic) {
    // In the order of x, an atom need only be held against those within the closest distance yet.
    std::vector<std::size_t> order(structure.sites.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto place = [&](std::size_t i) -> const Eigen::Vector3d& {
      return structure.sites[i].position_cart;
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::tuple(place(a).x(), a) < std::tuple(place(b).x(), b);
    });
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (vacant(order[i])) continue;
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        const Eigen::Vector3d offset = place(order[j]) - place(order[i]);
        if (offset.x() >= closest.distance) break;
        if (vacant(order[j])) continue;
        consider(offset.norm(), std::min(order[i], order[j]), std::max(order[i], order[j]));
      }
    }
    return closest;
  }
  for (std::size_t i = 0; i < structure.sites.size(); ++i) {
    if (vacant(i)) continue;
    for (std::size_t j = i; j < structure.sites.size(); ++j) {
      if (vacant(j)) continue;
      const Eigen::Vector3d offset =
          structure.sites[j].position_cart - structure.sites[i].position_cart;
      for_each_image(structure.cell, inverse, offset, closest.distance,
                     [&](const Eigen::Vector3d& image) {
                       const bool itself = i == j && image.norm() < 1e-9;
                       if (!itself) consider(image.norm(), i, j);
                     });
    }
  }
  return closest;
}

void check_distances(const Structure& structure) {
  constexpr double kSmallestAngstrom = 0.5;  // the shortest bond, that of H2, has 0.74
  const ClosestPair closest = closest_pair(structure);
  if (angstrom_from_bohr(closest.distance) >= kSmallestAngstrom) return;
  throw Error(
      ErrorKind::input,
      fmt::format("{}: atoms {} ({}) and {} ({}) are {:.4f} Angstrom apart, at least {} Angstrom "
                  "wanted; check that lengths are in Angstrom and remove duplicate sites",
                  structure.source, closest.first + 1, site_at(structure, closest.first).label,
                  closest.second + 1, site_at(structure, closest.second).label,
                  angstrom_from_bohr(closest.distance), kSmallestAngstrom));
}

}  // namespace kedge::structure
