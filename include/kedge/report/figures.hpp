// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kedge/campaign/opened_results.hpp"
#include "kedge/campaign/site_peaks.hpp"
#include "kedge/io/svg_map.hpp"
#include "kedge/io/svg_plot.hpp"
#include "kedge/io/svg_structure.hpp"
#include "kedge/report/fitted_cases.hpp"

/// The figures of a result file, broadened on the fine axis (computed_curves.hpp). Site number n
/// has the colour of curve n in all of them, and so has case n of those drawn. A figure for which
/// too few energies are done has no curves. Rank-local.
namespace kedge::report {

/// Weighted average over files and frames, a curve for each group of cases that differ in nothing
/// else.
[[nodiscard]] io::Plot averages_figure(const campaign::OpenedResults& opened, std::size_t i_q);

/// Projected densities of states of one case, a curve for each atom and l that has states.
[[nodiscard]] io::Plot density_of_states_figure(const campaign::OpenedResults& opened,
                                                std::size_t i_case);

/// Broadened site sum of the cases given, as for all figures of several cases; peaks marked if the
/// file has one case. i_q may be campaign::kAbsorption, if campaign::has_absorption().
[[nodiscard]] io::Plot sums_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                                   const std::vector<std::size_t>& cases);
/// Each site of one case where it stands in the sum, moved by its chemical shift.
[[nodiscard]] io::Plot sites_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                                    std::size_t i_case);
/// Parts of the site sum of one case by angular momentum.
[[nodiscard]] io::Plot momenta_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                                      std::size_t i_case);
/// Cases stacked above each other in their order; no curves for a single case.
[[nodiscard]] io::Plot stack_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                                    const std::vector<std::size_t>& cases);
/// Other cases minus one case; no curves for a single case.
[[nodiscard]] io::Plot difference_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                                         std::size_t i_case, const std::vector<std::size_t>& cases);
/// Energy against each swept parameter, the others as in one case; of more than 100 values evenly
/// spread ones. Empty if nothing is swept.
[[nodiscard]] std::vector<io::ColourMap> sweep_maps(const campaign::OpenedResults& opened,
                                                    std::size_t i_q, std::size_t i_case);
/// Points of a measured spectrum and what each of the cases became when it was fitted to them.
[[nodiscard]] io::Plot fits_figure(const campaign::OpenedResults& opened, const FittedCases& fitted,
                                   std::size_t i_data, const std::vector<std::size_t>& cases);
/// Height of the first peak of each site of one case against the distance to its nearest atom.
[[nodiscard]] io::Plot distance_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                                       std::size_t i_case, const std::string& to,
                                       const std::vector<campaign::Neighbour>& nearest,
                                       const std::vector<campaign::SitePeak>& peaks);
/// The structure kept in the file with the computed sites in the colours of their curves.
[[nodiscard]] std::string structure_figure(const campaign::OpenedResults& opened);

/// What the title of every figure begins with: "NaCB11H12 (molecule.xyz), B K edge".
[[nodiscard]] std::string heading(const io::ResultsHeader& header);

/// Label of a case in all figures: "screening = 0.5, dilatorb = 0", a long one with its number
/// before it, so that a legend that is cut still tells cases apart.
[[nodiscard]] std::string case_label(const io::ResultsHeader& header, std::size_t i_case);

/// Label of a site in all figures: "B12 (atom 12)".
[[nodiscard]] std::string site_label(const io::SiteRecord& site);

}  // namespace kedge::report
