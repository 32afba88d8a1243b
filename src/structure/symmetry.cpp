// SPDX-License-Identifier: BSD-3-Clause
#include "symmetry.hpp"

#include <fmt/format.h>
#include <spglib.h>

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/structure/cluster.hpp"

namespace kedge::structure {
namespace {

/// Images of one site closer than this are the same atom.
constexpr double kMerge = bohr_from_angstrom(0.05);
/// Tolerance on positions handed to spglib.
constexpr double kPrecision = bohr_from_angstrom(0.01);

/// The lattice translation that brings v closest to zero is removed; right where v is close to a
/// lattice vector, which is all that the comparisons here need.
Eigen::Vector3d modulo_lattice(const Eigen::Vector3d& v_frac) {
  return v_frac - Eigen::Vector3d(v_frac.array().round());
}

Eigen::Vector3d apply(const SymmetryOperation& operation, const Eigen::Vector3d& position_frac) {
  return operation.rotation.cast<double>() * position_frac + operation.translation;
}

bool same_operation(const SymmetryOperation& a, const SymmetryOperation& b, double tolerance_frac) {
  return a.rotation == b.rotation &&
         modulo_lattice(a.translation - b.translation).cwiseAbs().maxCoeff() < tolerance_frac;
}

bool contains(const std::vector<SymmetryOperation>& operations, const SymmetryOperation& wanted,
              double tolerance_frac) {
  return std::any_of(operations.begin(), operations.end(), [&](const auto& operation) {
    return same_operation(operation, wanted, tolerance_frac);
  });
}

/// Arrays in the layout of spglib.
struct SpglibLattice {
  double vectors[3][3];
  explicit SpglibLattice(const Eigen::Matrix3d& cell) {
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) vectors[i][j] = cell(i, j);
    }
  }
};
using SpglibRotation = std::array<std::array<int, 3>, 3>;
using SpglibVector = std::array<double, 3>;

std::string spglib_message() {
  return spg_get_error_message(spg_get_error_code());
}

/// The site symmetry group of a site, and the site moved onto its special position.
struct SpecialPosition {
  Eigen::Vector3d position_frac;
  std::size_t order = 0;
};

SpecialPosition special_position(const Eigen::Matrix3d& cell,
                                 const std::vector<SymmetryOperation>& operations,
                                 const Eigen::Vector3d& position_frac) {
  Eigen::Vector3d sum = Eigen::Vector3d::Zero();
  std::size_t order = 0;
  for (const auto& operation : operations) {
    const Eigen::Vector3d moved = modulo_lattice(apply(operation, position_frac) - position_frac);
    if ((cell * moved).norm() < kMerge) {
      sum += moved;
      ++order;
    }
  }
  return {position_frac + sum / static_cast<double>(order), order};
}

Eigen::Vector3d into_cell(const Eigen::Vector3d& position_frac) {
  // Without the margin -1e-17 would become 1 - 1e-17 and leave the half-open cell by rounding.
  constexpr double kMargin = 1e-9;
  return position_frac - Eigen::Vector3d((position_frac.array() + kMargin).floor());
}

}  // namespace

void check_operations(const std::vector<SymmetryOperation>& operations, const Eigen::Matrix3d& cell,
                      const std::string& where) {
  // Translations of space groups are multiples of 1/24 in files: 1e-3 tells them apart.
  constexpr double kTranslationTolerance = 1e-3;
  const Eigen::Matrix3d metric = cell.transpose() * cell;
  const double largest = metric.cwiseAbs().maxCoeff();
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Eigen::Matrix3d rotation = operations[i].rotation.cast<double>();
    const Eigen::Matrix3d change = rotation.transpose() * metric * rotation - metric;
    if (change.cwiseAbs().maxCoeff() > 1e-3 * largest) {
      throw Error(ErrorKind::input, fmt::format("{}: symmetry operation {} does not leave the cell "
                                                "unchanged; check cell lengths and angles against "
                                                "the space group",
                                                where, i + 1));
    }
    for (std::size_t j = 0; j < operations.size(); ++j) {
      if (j < i && same_operation(operations[i], operations[j], kTranslationTolerance)) {
        throw Error(ErrorKind::input, fmt::format("{}: symmetry operation {} repeats operation {}",
                                                  where, i + 1, j + 1));
      }
      const SymmetryOperation product{operations[i].rotation * operations[j].rotation,
                                      apply(operations[i], operations[j].translation)};
      if (!contains(operations, product, kTranslationTolerance)) {
        throw Error(ErrorKind::input,
                    fmt::format("{}: the {} symmetry operations form no group: operation {} after "
                                "operation {} is not in the list; the list may be cut short",
                                where, operations.size(), i + 1, j + 1));
      }
    }
  }
}

int space_group_number(const std::vector<SymmetryOperation>& operations,
                       const Eigen::Matrix3d& cell) {
  std::vector<SpglibRotation> rotations(operations.size());
  std::vector<SpglibVector> translations(operations.size());
  for (std::size_t n = 0; n < operations.size(); ++n) {
    for (int i = 0; i < 3; ++i) {
      const auto row = static_cast<std::size_t>(i);
      translations[n][row] = operations[n].translation[i];
      for (int j = 0; j < 3; ++j) {
        rotations[n][row][static_cast<std::size_t>(j)] = operations[n].rotation(i, j);
      }
    }
  }
  SpglibLattice lattice(cell);
  const auto type = spg_get_spacegroup_type_from_symmetry(
      reinterpret_cast<int(*)[3][3]>(rotations.data()),
      reinterpret_cast<double(*)[3]>(translations.data()), static_cast<int>(operations.size()),
      lattice.vectors, kPrecision);
  if (type.number == 0) {
    throw Error(ErrorKind::external,
                fmt::format("spglib finds no space group for the {} symmetry operations: {}",
                            operations.size(), spglib_message()));
  }
  return type.number;
}

Structure expand(const Eigen::Matrix3d& cell, const std::vector<SymmetryOperation>& operations,
                 const std::vector<AsymmetricSite>& sites, const std::string& where) {
  Structure structure;
  structure.periodic = true;
  structure.cell = cell;
  for (const AsymmetricSite& site : sites) {
    const auto special = special_position(cell, operations, site.position_frac);
    const std::size_t first = structure.sites.size();
    std::vector<Eigen::Vector3d> images;
    for (std::size_t n = 0; n < operations.size(); ++n) {
      const Eigen::Vector3d image = into_cell(apply(operations[n], special.position_frac));
      const bool known = std::any_of(images.begin(), images.end(), [&](const auto& other) {
        return (cell * modulo_lattice(image - other)).norm() < 0.5 * kMerge;
      });
      if (known) continue;
      images.push_back(image);
      structure.sites.push_back({site.atomic_number, cell * image,
                                 n == 0 ? site.label : fmt::format("{}_{}", site.label, n + 1),
                                 static_cast<int>(first)});
    }
    if (images.size() * special.order != operations.size()) {
      throw Error(ErrorKind::input,
                  fmt::format("{}: site {} is close to a special position but not on it: {} images "
                              "and {} operations that keep it, whose product should be {}; give "
                              "its coordinates with more digits",
                              where, site.label, images.size(), special.order, operations.size()));
    }
  }
  return structure;
}

namespace {

using Dataset = std::unique_ptr<SpglibDataset, decltype(&spg_free_dataset)>;

/// What spglib finds of the atoms of a cell; a vacant site counts as an atom of its own kind.
Dataset find_symmetry(const Structure& structure) {
  const Eigen::Matrix3d inverse = structure.cell.inverse();
  std::vector<SpglibVector> positions;
  std::vector<int> types;
  for (const Site& site : structure.sites) {
    const Eigen::Vector3d frac = inverse * site.position_cart;
    positions.push_back({frac[0], frac[1], frac[2]});
    types.push_back(site.atomic_number);
  }
  SpglibLattice lattice(structure.cell);
  Dataset dataset(spg_get_dataset(lattice.vectors, reinterpret_cast<double(*)[3]>(positions.data()),
                                  types.data(), static_cast<int>(types.size()), kPrecision),
                  &spg_free_dataset);
  if (!dataset) {
    throw Error(ErrorKind::external, fmt::format("{}: spglib finds no symmetry of the cell: {}",
                                                 structure.source, spglib_message()));
  }
  return dataset;
}

std::vector<SymmetryOperation> operations_of(const SpglibDataset& dataset) {
  std::vector<SymmetryOperation> out(static_cast<std::size_t>(dataset.n_operations));
  for (std::size_t n = 0; n < out.size(); ++n) {
    for (int i = 0; i < 3; ++i) {
      out[n].translation[i] = dataset.translations[n][i];
      for (int j = 0; j < 3; ++j) out[n].rotation(i, j) = dataset.rotations[n][i][j];
    }
  }
  return out;
}

}  // namespace

std::vector<Eigen::Matrix3d> rotations_within_class(const Structure& structure, int site) {
  if (!structure.periodic) return {Eigen::Matrix3d::Identity()};
  const Dataset dataset = find_symmetry(structure);
  const std::vector<SymmetryOperation> operations = operations_of(*dataset);
  const Eigen::Matrix3d inverse = structure.cell.inverse();
  const Site& from = structure.sites.at(static_cast<std::size_t>(site));
  const Eigen::Vector3d start = inverse * from.position_cart;
  std::vector<Eigen::Matrix3d> out;
  for (const Site& to : structure.sites) {
    if (to.equivalence_class != from.equivalence_class) continue;
    const Eigen::Vector3d end = inverse * to.position_cart;
    const auto miss = [&](const SymmetryOperation& operation) {
      return (structure.cell * modulo_lattice(apply(operation, start) - end)).norm();
    };
    const auto best = std::ranges::min_element(operations, {}, miss);
    if (miss(*best) > kMerge) {
      throw Error(ErrorKind::external,
                  fmt::format("{}: spglib finds no operation that carries {} onto {}",
                              structure.source, from.label, to.label));
    }
    out.emplace_back(structure.cell * best->rotation.cast<double>() * inverse);
  }
  return out;
}

void find_classes(Structure& structure) {
  const Dataset dataset = find_symmetry(structure);
  for (std::size_t i = 0; i < structure.sites.size(); ++i) {
    structure.sites[i].equivalence_class = dataset->equivalent_atoms[i];
  }
}

void check_expanded_symmetry(const Structure& structure,
                             const std::vector<SymmetryOperation>& operations) {
  const Dataset dataset = find_symmetry(structure);
  const std::vector<SymmetryOperation> found = operations_of(*dataset);
  const double tolerance_frac = 2.0 * kPrecision / structure.cell.colwise().norm().minCoeff();
  for (std::size_t n = 0; n < operations.size(); ++n) {
    if (contains(found, operations[n], tolerance_frac)) continue;
    throw Error(ErrorKind::input,
                fmt::format("{}: symmetry operation {} of the file is not among the {} that spglib "
                            "finds in the expanded cell (space group {}, {}); check the operations "
                            "and coordinates",
                            structure.source, n + 1, found.size(), dataset->international_symbol,
                            dataset->spacegroup_number));
  }
}

}  // namespace kedge::structure
