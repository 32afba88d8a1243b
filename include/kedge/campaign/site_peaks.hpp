// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "kedge/campaign/opened_results.hpp"
#include "kedge/structure/structure.hpp"

/// Peaks of single sites, and how they go with the distance to other atoms. Rank-local.
namespace kedge::campaign {

/// The structure kept in a result file.
/// @throws Error{input} if the file is of an early version and has none
[[nodiscard]] structure::Structure stored_structure(const io::ResultsHeader& header);

/// Nearest atom of a kind.
struct Neighbour {
  int atom_number = 0;           ///< 1-based; of the site whose image it is
  double distance_angstrom = 0;  ///< NaN if there is none within 15 Angstrom
};

/// For each computed site the nearest atom of an element ("Na") or the nearest image of one atom
/// ("25"), the site itself left out.
/// @throws Error{input} if the structure has no such element or atom
[[nodiscard]] std::vector<Neighbour> nearest_atoms(const structure::Structure& structure,
                                                   const io::ResultsHeader& header,
                                                   const std::string& to);

struct SitePeak {
  std::size_t i_case = 0;
  std::size_t i_site = 0;
  int number = 0;           ///< 1: the first above the edge
  double loss_ev = 0.0;     ///< position, with the chemical shift of the site
  double height = 0.0;      ///< [1/eV]
  double prominence = 0.0;  ///< [1/eV]
  double area = 0.0;        ///< integral down to zero between the lowest points beside the peak
};

/// Peaks of the broadened spectrum of each site of each case on the fine axis
/// (computed_curves.hpp), in order of case, site and energy.
/// @param smallest_prominence  as a part of the height range of the site, see spectrum::find_peaks
[[nodiscard]] std::vector<SitePeak> site_peaks(const OpenedResults& opened, std::size_t i_q,
                                               double smallest_prominence);

}  // namespace kedge::campaign
