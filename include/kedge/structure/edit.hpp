// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kedge/structure/structure.hpp"

/// Changes of a structure that make the cases of a campaign.
namespace kedge::structure {

/// A direction in space, given as a vector or by atoms (0-based) of the structure.
struct Direction {
  enum class Kind {
    vector,       ///< `vector`, Cartesian
    from_centre,  ///< from the centre of `atoms` to the centre of the displaced atoms
    to_centre,    ///< the opposite
    normal        ///< normal of the plane through three atoms, to the side of the displaced atoms
  };
  Kind kind = Kind::vector;
  Eigen::Vector3d vector = Eigen::Vector3d::UnitZ();
  std::vector<int> atoms;
};

/// What is done to a structure, in the order of the members. Atoms are 0-based sites of the
/// structure as it was read.
struct Edit {
  double strain = 0.0;  ///< every length along strain_along grows by this fraction
  std::optional<Eigen::Vector3d> strain_along;  ///< unit vector; empty: all directions alike
  std::vector<int> displaced;                   ///< these move together, without rotation
  Direction along;
  double distance = 0.0;                   ///< [bohr]
  std::vector<std::pair<int, int>> swaps;  ///< pairs that exchange their places, one after another
  std::vector<int> vacancies;              ///< these atoms are taken out

  [[nodiscard]] bool empty() const {
    return strain == 0.0 && (displaced.empty() || distance == 0.0) && swaps.empty() &&
           vacancies.empty();
  }
};

/// The structure after the edit. Sites keep their numbers, labels and elements: a swap exchanges
/// the places of two atoms, which is the same as exchanging their elements, and an absorber stays
/// with its element. A vacancy leaves a site of atomic number 0. In a crystal the atoms named are
/// changed in every cell, and the equivalence classes are found anew. Centres are means of
/// positions; in a crystal each atom of a group counts at its image nearest to the first displaced
/// atom.
/// @throws Error{input} for an atom that does not exist, a direction that is not defined, a swap of
/// an atom with itself or with one of the same element (which changes nothing), and atoms closer
/// than 0.5 Angstrom
[[nodiscard]] Structure edited(const Structure& structure, const Edit& edit);

/// The unit vector that a displacement follows. @throws Error{input} if it is not defined
[[nodiscard]] Eigen::Vector3d displacement_direction(const Structure& structure, const Edit& edit);

/// Distance from a site to the nearest atom of the kind [bohr], periodic images included; NaN if
/// there is none.
/// @param target  an element, or a 1-based atom number   @throws Error{input} if it is neither
[[nodiscard]] double nearest_distance(const Structure& structure, int site,
                                      const std::string& target);

/// Sites that are equivalent in both structures (of the same sites): the common refinement of their
/// classes.
[[nodiscard]] std::vector<int> common_classes(const Structure& one,
                                              const std::vector<int>& classes_of_other);

/// "1-3,7" -> 0, 1, 2, 6. @throws Error{input} for anything but atom numbers and ranges, or a
/// number given twice
[[nodiscard]] std::vector<int> parse_atoms(std::string_view text);

/// "1<->7", several joined by '+'; "none": no swap. @throws Error{input}
[[nodiscard]] std::vector<std::pair<int, int>> parse_swaps(std::string_view text);

/// "13", several joined by '+'; "none": no vacancy. @throws Error{input}
[[nodiscard]] std::vector<int> parse_vacancies(std::string_view text);

/// "0, 0, 1", "from 1-12", "to 1-12" or "normal 7,8,12". @throws Error{input}
[[nodiscard]] Direction parse_direction(std::string_view text);

/// A list of swaps with its ranges written out: "none, 1<->2-4" -> "none", "1<->2", "1<->3",
/// "1<->4". @throws Error{input}
[[nodiscard]] std::vector<std::string> list_of_swaps(std::string_view text);

/// A list of vacancies with its ranges written out: "none, 13-15" -> "none", "13", "14", "15".
/// @throws Error{input}
[[nodiscard]] std::vector<std::string> list_of_vacancies(std::string_view text);

}  // namespace kedge::structure
