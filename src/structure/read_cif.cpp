// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/structure/read_cif.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <cmath>
#include <cstring>
#include <gemmi/cif.hpp>
#include <gemmi/numb.hpp>
#include <gemmi/symmetry.hpp>
#include <map>
#include <optional>

#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/units.hpp"
#include "kedge/structure/cluster.hpp"
#include "site_element.hpp"
#include "symmetry.hpp"

namespace kedge::structure {
namespace {

namespace cif = gemmi::cif;

constexpr double kLargestCell = 1e4;      // Angstrom
constexpr double kLargestFraction = 1e3;  // of a cell; beyond, digits of the place in it are lost

/// One data block, asked by tag. Each quantity has one name in the older core dictionary and may
/// have others; the first that is present counts. "." and "?" are no values.
class CifBlock {
 public:
  CifBlock(cif::Block& block, std::string name) : block_(&block), name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& title() const { return block_->name; }

  [[nodiscard]] cif::Column column(const std::vector<std::string>& tags) const {
    for (const auto& tag : tags) {
      if (auto found = block_->find_values(tag); found.item() != nullptr) return found;
    }
    return {nullptr, 0};
  }

  /// The only value of a tag.
  [[nodiscard]] std::optional<std::string> value(const std::vector<std::string>& tags) const {
    const auto found = column(tags);
    if (found.length() != 1 || cif::is_null(found.at(0))) return std::nullopt;
    return found.str(0);
  }

  [[nodiscard]] std::string where(const cif::Column& column) const {
    if (column.item() == nullptr) return name_;
    return fmt::format("{}:{}", name_, column.item()->line_number);
  }

  [[noreturn]] static void fail(const std::string& where, const std::string& message) {
    throw Error(ErrorKind::input, fmt::format("{}: {}", where, message));
  }

  /// A number that must be there; a standard uncertainty in brackets is dropped.
  [[nodiscard]] double number(const std::vector<std::string>& tags) const {
    const auto found = column(tags);
    if (found.length() != 1 || cif::is_null(found.at(0))) {
      fail(name_, fmt::format("data block {} has no {}; wanted lengths and angles of the cell",
                              block_->name, tags.front()));
    }
    const double parsed = cif::as_number(found.at(0));
    if (!std::isfinite(parsed)) {
      fail(where(found), fmt::format("{} is \"{}\", wanted a number", tags.front(), found.str(0)));
    }
    return parsed;
  }

 private:
  cif::Block* block_;
  std::string name_;
};

/// The tag of the older dictionary, category and item joined by "_", and that of the newer, by ".".
std::vector<std::string> both(const std::string& category, const std::string& item) {
  return {category + "_" + item, category + "." + item};
}

/// Columns a, b, c; a along x, b in the x-y plane.
Eigen::Matrix3d read_cell(const CifBlock& block) {
  Eigen::Vector3d length;
  Eigen::Vector3d cosine;
  const std::array<const char*, 3> length_items = {"length_a", "length_b", "length_c"};
  const std::array<const char*, 3> angle_items = {"angle_alpha", "angle_beta", "angle_gamma"};
  for (int i = 0; i < 3; ++i) {
    const auto axis = static_cast<std::size_t>(i);
    const double angstrom = block.number(both("_cell", length_items[axis]));
    const double degrees = block.number(both("_cell", angle_items[axis]));
    if (angstrom <= 0.0 || angstrom > kLargestCell || degrees <= 0.0 || degrees >= 180.0) {
      CifBlock::fail(
          block.name(),
          fmt::format("cell {} = {} Angstrom, {} = {} degrees; wanted a positive length "
                      "up to {:g} Angstrom and an angle from 0 to 180",
                      length_items[axis], angstrom, angle_items[axis], degrees, kLargestCell));
    }
    length[i] = bohr_from_angstrom(angstrom);
    // Exact zero for the right angle, so that orthogonal cells stay orthogonal to the last digit.
    cosine[i] = degrees == 90.0 ? 0.0 : std::cos(degrees * kPi / 180.0);
  }
  const double sine_gamma = std::sqrt(1.0 - cosine[2] * cosine[2]);
  const double cy = (cosine[0] - cosine[1] * cosine[2]) / sine_gamma;
  const double cz_squared = 1.0 - cosine[1] * cosine[1] - cy * cy;
  if (cz_squared <= 1e-6) {
    CifBlock::fail(block.name(), "the three cell angles cannot meet in one cell; check them");
  }
  Eigen::Matrix3d cell = Eigen::Matrix3d::Zero();
  cell.col(0) = length[0] * Eigen::Vector3d::UnitX();
  cell.col(1) = length[1] * Eigen::Vector3d(cosine[2], sine_gamma, 0.0);
  cell.col(2) = length[2] * Eigen::Vector3d(cosine[1], cy, std::sqrt(cz_squared));
  return cell;
}

SymmetryOperation from_gemmi(const gemmi::Op& op) {
  SymmetryOperation operation;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto row = static_cast<int>(i);
    operation.translation[row] = static_cast<double>(op.tran[i]) / gemmi::Op::DEN;
    for (std::size_t j = 0; j < 3; ++j) {
      operation.rotation(row, static_cast<int>(j)) = op.rot[i][j] / gemmi::Op::DEN;
    }
  }
  return operation;
}

std::vector<SymmetryOperation> from_hall(const std::string& symbol) {
  std::vector<SymmetryOperation> operations;
  for (const gemmi::Op& op : gemmi::symops_from_hall(symbol.c_str())) {
    operations.push_back(from_gemmi(op));
  }
  return operations;
}

/// The space group of a Hermann-Mauguin symbol, refused if the symbol leaves the setting open.
const gemmi::SpaceGroup& group_of_symbol(const std::string& symbol, const std::string& where) {
  const gemmi::SpaceGroup* group = gemmi::find_spacegroup_by_name(symbol);
  if (group == nullptr) {
    CifBlock::fail(where, fmt::format("space group \"{}\" is not known; add the list of symmetry "
                                      "operations, _space_group_symop_operation_xyz",
                                      symbol));
  }
  int settings = 0;
  for (const auto& other : gemmi::spacegroup_tables::main) {
    if (std::strcmp(other.hm, group->hm) == 0) ++settings;
  }
  if (settings > 1 && symbol.find(':') == std::string::npos) {
    CifBlock::fail(where, fmt::format("space group \"{}\" has {} settings and the file does not "
                                      "say which; add the list of symmetry operations, "
                                      "_space_group_symop_operation_xyz, or a symbol such as "
                                      "\"{}\"",
                                      symbol, settings, group->xhm()));
  }
  return *group;
}

struct Symmetry {
  std::vector<SymmetryOperation> operations;
  std::string where;
};

const std::vector<std::string> kHallTags = {"_space_group_name_Hall", "_space_group.name_Hall",
                                            "_symmetry_space_group_name_Hall"};
const std::vector<std::string> kSymbolTags = {
    "_space_group_name_H-M_alt", "_space_group.name_H-M_alt", "_symmetry_space_group_name_H-M",
    "_space_group_name_H-M_full", "_space_group.name_H-M_full"};
const std::vector<std::string> kNumberTags = {"_space_group_IT_number", "_space_group.IT_number",
                                              "_symmetry_Int_Tables_number"};

Symmetry read_symmetry(const CifBlock& block) {
  Symmetry symmetry;
  const auto listed =
      block.column({"_space_group_symop_operation_xyz", "_space_group_symop.operation_xyz",
                    "_symmetry_equiv_pos_as_xyz"});
  if (listed.length() > 0) {
    symmetry.where = block.where(listed);
    for (int n = 0; n < listed.length(); ++n) {
      try {
        symmetry.operations.push_back(from_gemmi(gemmi::parse_triplet(listed.str(n))));
      } catch (const std::exception& fault) {
        CifBlock::fail(symmetry.where, fmt::format("symmetry operation {} is \"{}\": {}; wanted a "
                                                   "triplet such as -x,y+1/2,z",
                                                   n + 1, listed.str(n), fault.what()));
      }
    }
  } else if (const auto hall = block.value(kHallTags)) {
    symmetry.where = block.where(block.column(kHallTags));
    try {
      symmetry.operations = from_hall(*hall);
    } catch (const std::exception& fault) {
      CifBlock::fail(symmetry.where, fmt::format("Hall symbol \"{}\": {}", *hall, fault.what()));
    }
  } else if (const auto symbol = block.value(kSymbolTags)) {
    symmetry.where = block.where(block.column(kSymbolTags));
    symmetry.operations = from_hall(group_of_symbol(*symbol, symmetry.where).hall);
  } else {
    CifBlock::fail(block.name(),
                   "no symmetry is given; add the list of symmetry operations, "
                   "_space_group_symop_operation_xyz ('x,y,z' alone if all atoms of "
                   "the cell are listed)");
  }
  return symmetry;
}

void check_space_group_of_file(const CifBlock& block, const Symmetry& symmetry,
                               const Eigen::Matrix3d& cell) {
  const auto number_text = block.value(kNumberTags);
  const auto symbol = block.value(kSymbolTags);
  const gemmi::SpaceGroup* named = symbol ? gemmi::find_spacegroup_by_name(*symbol) : nullptr;
  if (!number_text && named == nullptr) return;
  const int found = space_group_number(symmetry.operations, cell);
  const auto refuse = [&](const std::vector<std::string>& tags, const std::string& given) {
    CifBlock::fail(block.where(block.column(tags)),
                   fmt::format("the file names space group {}, but its {} symmetry operations form "
                               "number {}; correct one of them",
                               given, symmetry.operations.size(), found));
  };
  if (number_text && cif::as_number(*number_text) != found) refuse(kNumberTags, *number_text);
  if (named != nullptr && named->number != found) {
    refuse(kSymbolTags, fmt::format("{} (number {})", *symbol, named->number));
  }
}

/// One row of the atom_site loop.
class SiteRow {
 public:
  SiteRow(const CifBlock& block, const cif::Column& anchor, int row)
      : block_(&block), row_(row), where_(block.where(anchor)), label_(text("label")) {
    if (label_.empty()) label_ = fmt::format("number {}", row + 1);
  }

  [[nodiscard]] AsymmetricSite read() const {
    refuse_unsupported();
    AsymmetricSite site;
    site.label = label_;
    const std::string type = text("type_symbol");
    const auto element = element_of_label(type.empty() ? label_ : type);
    if (!element) {
      fail(fmt::format("\"{}\" is no element; wanted a symbol in _atom_site_type_symbol",
                       type.empty() ? label_ : type));
    }
    site.atomic_number = *element;
    for (int axis = 0; axis < 3; ++axis) {
      const std::string item = fmt::format("fract_{}", "xyz"[axis]);
      const std::string value = text(item);
      site.position_frac[axis] = cif::as_number(value);
      if (value.empty() || !(std::abs(site.position_frac[axis]) <= kLargestFraction)) {
        fail(fmt::format("_atom_site_{} is \"{}\", wanted a number from {:g} to {:g}", item, value,
                         -kLargestFraction, kLargestFraction));
      }
    }
    return site;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    CifBlock::fail(where_, fmt::format("site {}: {}", label_, message));
  }

  /// Value of this row, empty if the column is missing or the value is "." or "?".
  [[nodiscard]] std::string text(const std::string& item) const {
    const auto column = block_->column(both("_atom_site", item));
    if (column.length() <= row_ || cif::is_null(column.at(row_))) return {};
    return column.str(row_);
  }

  void refuse_unsupported() const {
    const std::string occupancy = text("occupancy");
    // Written with a few digits: 0.9999 is meant as less than one.
    if (!occupancy.empty() && !(std::abs(cif::as_number(occupancy) - 1.0) < 1e-6)) {
      fail(
          fmt::format("occupancy {}, wanted 1; choose one of the disordered arrangements and "
                      "write it as an ordered structure",
                      occupancy));
    }
    for (const char* item : {"disorder_group", "disorder_assembly"}) {
      if (const std::string group = text(item); !group.empty()) {
        fail(
            fmt::format("{} {}: disordered structures are refused; keep the sites of one "
                        "arrangement and set the column to \".\"",
                        item, group));
      }
    }
    if (text("calc_flag") == "dum") fail("it is a dummy site; remove it");
  }

  const CifBlock* block_;
  int row_;
  std::string where_;
  std::string label_;
};

std::vector<AsymmetricSite> read_sites(const CifBlock& block) {
  const auto x = block.column(both("_atom_site", "fract_x"));
  if (x.length() == 0) {
    CifBlock::fail(block.name(), fmt::format("data block {} has no _atom_site_fract_x; wanted "
                                             "fractional coordinates of the atoms",
                                             block.title()));
  }
  std::vector<AsymmetricSite> sites;
  for (int row = 0; row < x.length(); ++row) sites.push_back(SiteRow(block, x, row).read());
  return sites;
}

/// Counts of "C B11 H12 Na", each times z; empty if the formula has anything but plain counts.
std::map<int, int> formula_counts(const std::string& formula, int z) {
  constexpr double kLargest = 1e6;  // beyond this it is a fault of the file, left to other checks
  std::map<int, int> counts;
  std::size_t at = 0;
  while (at < formula.size()) {
    const auto end = std::min(formula.find_first_of(" \t\n", at), formula.size());
    const std::string word = formula.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    const auto digits = std::min(word.find_first_of("0123456789"), word.size());
    const auto element = element_of_symbol(word.substr(0, digits));
    const double count = digits == word.size() ? 1.0 : cif::as_number(word.substr(digits));
    if (!element || count != std::floor(count) || !(count >= 0.0 && count < kLargest)) return {};
    counts[*element] += static_cast<int>(count) * z;
  }
  return counts;
}

void check_formula(const CifBlock& block, const Structure& structure) {
  const auto formula = block.value(both("_chemical_formula", "sum"));
  const auto z = block.value(both("_cell", "formula_units_Z"));
  if (!formula || !z || !(cif::as_number(*z) >= 1.0 && cif::as_number(*z) < 1000.0)) return;
  const auto wanted = formula_counts(*formula, static_cast<int>(cif::as_number(*z)));
  if (wanted.empty()) return;
  std::map<int, int> found;
  for (const Site& site : structure.sites) ++found[site.atomic_number];
  for (int element = 1; element <= kLargestAtomicNumber; ++element) {
    const auto count = [element](const std::map<int, int>& counts) {
      const auto entry = counts.find(element);
      return entry == counts.end() ? 0 : entry->second;
    };
    if (count(wanted) == count(found)) continue;
    CifBlock::fail(block.name(),
                   fmt::format("the cell holds {} atoms of {}, but formula \"{}\" times Z = {} "
                               "wants {}; add the missing atoms (hydrogen?), or correct the "
                               "symmetry, _chemical_formula_sum or _cell_formula_units_Z",
                               count(found), element_symbol(element), *formula, *z, count(wanted)));
  }
}

/// The only block of the file with atoms.
cif::Block& block_with_atoms(cif::Document& document, const std::string& name) {
  cif::Block* chosen = nullptr;
  for (cif::Block& block : document.blocks) {
    if (!block.has_tag("_atom_site_fract_x") && !block.has_tag("_atom_site.fract_x")) continue;
    if (chosen != nullptr) {
      CifBlock::fail(name, fmt::format("data blocks {} and {} both hold atoms; put the wanted one "
                                       "into a file of its own",
                                       chosen->name, block.name));
    }
    chosen = &block;
  }
  if (chosen == nullptr) {
    CifBlock::fail(name,
                   "no data block has _atom_site_fract_x; wanted fractional coordinates of "
                   "the atoms");
  }
  return *chosen;
}

cif::Document parse_document(std::string_view text, const std::string& name) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  try {
    return cif::read_memory(text.data(), text.size(), name.c_str());
  } catch (const std::exception& fault) {
    throw Error(ErrorKind::input, fmt::format("{}; this is no valid CIF", fault.what()));
  }
}

}  // namespace

Structure parse_cif(std::string_view text, const std::string& name) {
  cif::Document document = parse_document(text, name);
  const CifBlock block(block_with_atoms(document, name), name);
  const Eigen::Matrix3d cell = read_cell(block);
  const Symmetry symmetry = read_symmetry(block);
  check_operations(symmetry.operations, cell, symmetry.where);
  check_space_group_of_file(block, symmetry, cell);

  Structure structure = expand(cell, symmetry.operations, read_sites(block), name);
  structure.title = block.title();
  structure.source = name;
  check_distances(structure);
  check_formula(block, structure);
  check_expanded_symmetry(structure, symmetry.operations);
  return structure;
}

}  // namespace kedge::structure
