// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/site_peaks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "kedge/campaign/computed_curves.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/spectrum/peaks.hpp"
#include "kedge/structure/cluster.hpp"
#include "kedge/structure/read_structure.hpp"

namespace kedge::campaign {

namespace {

constexpr double kFarthestAngstrom = 15.0;

/// Chosen atoms: those of an element, or one.
struct Target {
  int atomic_number = 0;
  int site = -1;
};

Target target_of(const structure::Structure& structure, const std::string& to) {
  int number = 0;
  const auto [end, code] = std::from_chars(to.data(), to.data() + to.size(), number);
  if (code == std::errc() && end == to.data() + to.size()) {
    if (number >= 1 && number <= static_cast<int>(structure.sites.size())) return {0, number - 1};
    throw Error(ErrorKind::input,
                fmt::format("--to {}: wanted an atom from 1 to {}", to, structure.sites.size()));
  }
  const auto element = atomic_number(to);
  for (const auto& site : structure.sites) {
    if (element && site.atomic_number == *element) return {*element, -1};
  }
  throw Error(ErrorKind::input,
              fmt::format("--to {}: the structure has no such element; give an element in it or an "
                          "atom number",
                          to));
}

/// Integral of a fine curve between its lowest points on both sides of a peak.
double peak_area(const measured::UniformCurve& curve, double position) {
  const auto top = static_cast<std::size_t>((position - curve.first) / curve.step + 0.5);
  std::size_t left = std::min(top, curve.y.size() - 1);
  std::size_t right = left;
  while (left > 0 && curve.y[left - 1] <= curve.y[left]) --left;
  while (right + 1 < curve.y.size() && curve.y[right + 1] <= curve.y[right]) ++right;
  double sum = 0.0;
  for (std::size_t i = left; i < right; ++i) {
    sum += 0.5 * (curve.y[i] + curve.y[i + 1]) * curve.step;
  }
  return sum;
}

}  // namespace

structure::Structure stored_structure(const io::ResultsHeader& header) {
  if (header.structure_text.empty()) {
    throw Error(ErrorKind::input,
                "the result file holds no structure (early version); compute it again");
  }
  return structure::parse_structures(header.structure_text, header.structure_name)
      .front();  // of many frames the first
}

std::vector<Neighbour> nearest_atoms(const structure::Structure& structure,
                                     const io::ResultsHeader& header, const std::string& to) {
  const Target target = target_of(structure, to);
  std::vector<Neighbour> result;
  for (const io::SiteRecord& site : header.sites) {
    Neighbour nearest{0, std::numeric_limits<double>::quiet_NaN()};
    const double radius = bohr_from_angstrom(kFarthestAngstrom);
    const auto cluster = structure::cut_cluster(structure, site.atom_number - 1, radius, radius);
    for (const auto& atom : cluster.atoms) {
      const double distance = angstrom_from_bohr(atom.position_cart.norm());
      const bool wanted =
          target.site >= 0 ? atom.site == target.site : atom.atomic_number == target.atomic_number;
      if (!wanted || distance < 1e-6 || distance > kFarthestAngstrom) continue;
      if (nearest.atom_number != 0 && distance >= nearest.distance_angstrom) continue;
      nearest = {atom.site + 1, distance};
    }
    result.push_back(nearest);
  }
  return result;
}

std::vector<SitePeak> site_peaks(const OpenedResults& opened, std::size_t i_q,
                                 double smallest_prominence) {
  std::vector<SitePeak> peaks;
  const auto& header = opened.results.header;
  for (std::size_t i_case = 0; i_case < header.n_cases(); ++i_case) {
    for (std::size_t i_site = 0; i_site < header.sites.size(); ++i_site) {
      const auto curve = fine_site_curve(opened, {i_case, i_site, i_q, -1});
      if (curve.y.empty()) continue;
      std::vector<double> x;
      for (std::size_t i = 0; i < curve.y.size(); ++i) {
        x.push_back(curve.first + curve.step * static_cast<double>(i));
      }
      int number = 0;
      for (const auto& peak : spectrum::find_peaks(x, curve.y, smallest_prominence)) {
        peaks.push_back({i_case, i_site, ++number, peak.position, peak.height, peak.prominence,
                         peak_area(curve, peak.position)});
      }
    }
  }
  return peaks;
}

}  // namespace kedge::campaign
