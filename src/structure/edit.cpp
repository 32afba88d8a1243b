// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/structure/edit.hpp"

#include <fmt/format.h>

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "images.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/structure/cluster.hpp"
#include "symmetry.hpp"

namespace kedge::structure {
namespace {

constexpr double kUndefined =
    1e-6;  // bohr or bohr^2: shorter vectors are rounding, not a direction

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::input, message);
}

void check_atom(const Structure& structure, int atom, const char* key) {
  if (atom >= 0 && static_cast<std::size_t>(atom) < structure.sites.size()) return;
  refuse(fmt::format("{}: there is no atom {} in {}, wanted 1 to {}", key, atom + 1,
                     structure.source, structure.sites.size()));
}

Site& site_at(Structure& structure, int site) {
  return structure.sites[static_cast<std::size_t>(site)];
}

const Site& site_at(const Structure& structure, int site) {
  return structure.sites[static_cast<std::size_t>(site)];
}

/// The image of a position that is nearest to another one; a molecule has but one.
Eigen::Vector3d nearest_image(const Structure& structure, const Eigen::Vector3d& position,
                              const Eigen::Vector3d& to) {
  if (!structure.periodic) return position;
  // The diagonal of the cell bounds the distance to the nearest image.
  const double reach = structure.cell.colwise().norm().sum();
  Eigen::Vector3d nearest = position - to;
  for_each_image(structure.cell, structure.cell.inverse(), position - to, reach,
                 [&](const Eigen::Vector3d& image) {
                   if (image.norm() < nearest.norm() - kUndefined) nearest = image;
                 });
  return to + nearest;
}

Eigen::Vector3d centre(const Structure& structure, const std::vector<int>& atoms,
                       const Eigen::Vector3d& near) {
  Eigen::Vector3d sum = Eigen::Vector3d::Zero();
  for (const int atom : atoms) {
    sum += nearest_image(structure, site_at(structure, atom).position_cart, near);
  }
  return sum / static_cast<double>(atoms.size());
}

void apply_strain(Structure& structure, const Edit& edit) {
  if (edit.strain == 0.0) return;
  Eigen::Matrix3d stretch = (1.0 + edit.strain) * Eigen::Matrix3d::Identity();
  if (edit.strain_along) {
    const Eigen::Vector3d n = edit.strain_along->normalized();
    stretch = Eigen::Matrix3d::Identity() + edit.strain * n * n.transpose();
  }
  if (structure.periodic) structure.cell = stretch * structure.cell;
  for (Site& site : structure.sites) site.position_cart = stretch * site.position_cart;
}

void apply_displacement(Structure& structure, const Edit& edit) {
  if (edit.displaced.empty() || edit.distance == 0.0) return;
  const Eigen::Vector3d shift = edit.distance * displacement_direction(structure, edit);
  for (const int atom : edit.displaced) site_at(structure, atom).position_cart += shift;
}

void apply_swaps(Structure& structure, const Edit& edit) {
  for (const auto& [first, second] : edit.swaps) {
    check_atom(structure, first, "structure.swap");
    check_atom(structure, second, "structure.swap");
    Site& one = site_at(structure, first);
    Site& other = site_at(structure, second);
    if (one.atomic_number == other.atomic_number) {
      refuse(
          fmt::format("structure.swap: atoms {} and {} are both {}, so nothing would change; "
                      "wanted two elements",
                      first + 1, second + 1, element_symbol(one.atomic_number)));
    }
    std::swap(one.position_cart, other.position_cart);
  }
}

void apply_vacancies(Structure& structure, const Edit& edit) {
  for (const int atom : edit.vacancies) {
    check_atom(structure, atom, "structure.vacancy");
    site_at(structure, atom).atomic_number = 0;
  }
  const bool any = std::any_of(structure.sites.begin(), structure.sites.end(),
                               [](const Site& s) { return s.atomic_number > 0; });
  if (!any) refuse("structure.vacancy takes out every atom");
}

}  // namespace

Eigen::Vector3d displacement_direction(const Structure& structure, const Edit& edit) {
  for (const int atom : edit.displaced) check_atom(structure, atom, "structure.displace");
  for (const int atom : edit.along.atoms) check_atom(structure, atom, "structure.displace_along");
  if (edit.along.kind == Direction::Kind::vector) return edit.along.vector.normalized();
  const Eigen::Vector3d first = site_at(structure, edit.displaced.front()).position_cart;
  const Eigen::Vector3d moved = centre(structure, edit.displaced, first);
  const Eigen::Vector3d fixed = centre(structure, edit.along.atoms, first);
  if (edit.along.kind != Direction::Kind::normal) {
    const Eigen::Vector3d away = moved - fixed;
    if (away.norm() < kUndefined) {
      refuse(
          "structure.displace_along: the displaced atoms have their centre where the group has its "
          "own, so no line leads "
          "from one to the other");
    }
    return edit.along.kind == Direction::Kind::from_centre ? away.normalized() : -away.normalized();
  }
  const auto corner = [&](std::size_t i) -> Eigen::Vector3d {
    return nearest_image(structure, site_at(structure, edit.along.atoms[i]).position_cart, first);
  };
  const Eigen::Vector3d normal = (corner(1) - corner(0)).cross(corner(2) - corner(0));
  if (normal.norm() < kUndefined) {
    refuse("structure.displace_along: the three atoms of the plane lie on one line");
  }
  const Eigen::Vector3d unit = normal.normalized();
  // In the plane itself there is no side; then the order of the three atoms decides, by the right
  // hand.
  return unit.dot(moved - fixed) < -kUndefined ? Eigen::Vector3d(-unit) : unit;
}

Structure edited(const Structure& structure, const Edit& edit) {
  Structure made = structure;
  if (!edit.displaced.empty()) {
    (void)displacement_direction(structure, edit);  // so that a slip shows at distance 0 too
  }
  if (edit.empty()) return made;
  apply_strain(made, edit);
  apply_displacement(made, edit);
  apply_swaps(made, edit);
  apply_vacancies(made, edit);
  check_distances(made);
  if (made.periodic) find_classes(made);
  return made;
}

double nearest_distance(const Structure& structure, int site, const std::string& target) {
  int number = 0;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), number);
  const bool is_number = error == std::errc() && end == target.data() + target.size();
  const auto element = atomic_number(target);
  if (!is_number && !element) {
    refuse(fmt::format("cases.distances: '{}' is neither an element nor an atom number", target));
  }
  if (is_number) check_atom(structure, number - 1, "cases.distances");
  double nearest = std::numeric_limits<double>::quiet_NaN();
  const Eigen::Vector3d origin = site_at(structure, site).position_cart;
  for (std::size_t i = 0; i < structure.sites.size(); ++i) {
    const Site& other = structure.sites[i];
    if (other.atomic_number == 0) continue;
    if (is_number ? static_cast<int>(i) != number - 1 : other.atomic_number != *element) continue;
    if (static_cast<int>(i) == site) {
      // To itself: 0 by its number; by its element the nearest other one is meant, in a crystal
      // possibly its own image.
      if (is_number) return 0.0;
      if (!structure.periodic) continue;
      const double reach = structure.cell.colwise().norm().minCoeff();  // one is there
      for_each_image(structure.cell, structure.cell.inverse(), Eigen::Vector3d::Zero(), reach,
                     [&](const Eigen::Vector3d& image) {
                       const bool itself = image.norm() < 1e-9;
                       if (!itself && !(nearest <= image.norm())) nearest = image.norm();
                     });
      continue;
    }
    const double distance = (nearest_image(structure, other.position_cart, origin) - origin).norm();
    if (!(nearest <= distance)) nearest = distance;
  }
  return nearest;
}

std::vector<int> common_classes(const Structure& one, const std::vector<int>& classes_of_other) {
  std::map<std::pair<int, int>, int> first;
  std::vector<int> classes;
  for (std::size_t i = 0; i < one.sites.size(); ++i) {
    const std::pair key(one.sites[i].equivalence_class, classes_of_other.at(i));
    classes.push_back(first.emplace(key, static_cast<int>(i)).first->second);
  }
  return classes;
}

}  // namespace kedge::structure
