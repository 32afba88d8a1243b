// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/report/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "covalent_radius.hpp"
#include "kedge/campaign/computed_curves.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/spectrum/peaks.hpp"

namespace kedge::report {

namespace {

/// Rows of a map: 5 pixels high, as narrow as the eye tells them apart.
constexpr std::size_t kMostRows = 100;

io::Plot frame(const campaign::OpenedResults& opened, std::size_t i_q, const std::string& what) {
  const auto& header = opened.results.header;
  const bool absorption = i_q == campaign::kAbsorption;
  io::Plot plot;
  plot.title = fmt::format(
      "{}, {}: {}", heading(header),
      absorption ? "absorption" : fmt::format("q = {:g} Å⁻¹", header.q_per_angstrom[i_q]), what);
  plot.x_label = absorption ? "Photon energy (eV)" : "Energy loss (eV)";
  plot.y_label = absorption ? "Cross section per absorber (Mbarn)" : "S(q, E) per absorber (1/eV)";
  return plot;
}

/// Adds a fine curve from the first computed energy on; nothing for an empty one.
void add(io::Plot& plot, const campaign::OpenedResults& opened, const std::string& label,
         const measured::UniformCurve& curve, std::optional<std::size_t> colour = {},
         const std::string& group = "") {
  if (curve.y.empty()) return;
  io::PlotCurve drawn{label, {}, {}, false};
  drawn.colour = colour;
  drawn.group = group;
  const double low = campaign::energy_loss_ev(opened.results).front();
  for (std::size_t i = 0; i < curve.y.size(); ++i) {
    const double x = curve.first + curve.step * static_cast<double>(i);
    if (x < low - 1e-9) continue;
    drawn.x.push_back(x);
    drawn.y.push_back(curve.y[i]);
  }
  plot.curves.push_back(std::move(drawn));
}

std::string chosen_case(const io::ResultsHeader& header, std::size_t i_case) {
  const std::string name = campaign::short_case_name(header, i_case);
  return name.empty() ? "" : fmt::format(", case {} ({})", i_case + 1, name);
}

measured::UniformCurve sum_of(const campaign::OpenedResults& opened, std::size_t i_case,
                              std::size_t i_q, int l = -1) {
  return campaign::fine_case_curve(opened, i_case, i_q, l);
}

}  // namespace

std::string heading(const io::ResultsHeader& header) {
  return fmt::format("{}, {} {} edge", header.title, header.element, header.edge);
}

std::string case_label(const io::ResultsHeader& header, std::size_t i_case) {
  constexpr std::size_t kLongest = 42;  // letters that a legend shows
  const std::string name = campaign::short_case_name(header, i_case);
  if (name.empty()) return "sum of sites";
  return name.size() <= kLongest ? name : fmt::format("{}: {}", i_case + 1, name);
}

std::string site_label(const io::SiteRecord& site) {
  return fmt::format("{} (atom {})", site.label, site.atom_number);
}

io::Plot averages_figure(const campaign::OpenedResults& opened, std::size_t i_q) {
  const auto& header = opened.results.header;
  io::Plot plot = frame(opened, i_q, "weighted average over structures");
  const auto groups = header.average_groups();
  if (groups.empty()) return plot;
  const campaign::GridBroadening broadening(opened.results, opened.settings,
                                            header.n_cases() * header.sites.size());
  for (const auto& group : groups) {
    std::string name;
    for (const io::CaseColumn& column : header.cases) {
      if (!column.swept || column.key == "structure.file" || column.key == "structure.frame") {
        continue;
      }
      name += fmt::format("{}{} = {}", name.empty() ? "" : ", ", column.key,
                          column.text(group.front()));
    }
    std::vector<double> y = campaign::weighted_sum(opened.results, group, i_q, broadening);
    if (y.empty()) continue;
    plot.curves.push_back({name.empty() ? "average" : name,
                           campaign::energy_loss_ev(opened.results), std::move(y), false});
  }
  return plot;
}

io::Plot density_of_states_figure(const campaign::OpenedResults& opened, std::size_t i_case) {
  const auto& header = opened.results.header;
  const std::size_t n_energy = header.dos_energy_ev.size();
  io::Plot plot;
  plot.title = fmt::format("{}: density of states about atom {}{}", header.title,
                           header.sites.front().atom_number, chosen_case(header, i_case));
  plot.x_label = "Energy from the Fermi level (eV)";
  plot.y_label = "States in the muffin tin (1/eV)";
  const std::size_t first = i_case * header.sites.size() * header.dos_atoms.size();
  for (std::size_t a = 0; a < header.dos_atoms.size(); ++a) {
    for (std::size_t l = 0; l < io::kDosMomenta; ++l) {
      const auto from = opened.results.dos.begin() +
                        static_cast<std::ptrdiff_t>(((first + a) * io::kDosMomenta + l) * n_energy);
      std::vector<double> y(from, from + static_cast<std::ptrdiff_t>(n_energy));
      const bool any = std::any_of(
          y.begin(), y.end(), [](double value) { return value != 0.0 && std::isfinite(value); });
      if (!any) continue;
      plot.curves.push_back({fmt::format("atom {}, l = {}", header.dos_atoms[a], l),
                             header.dos_energy_ev, std::move(y), false});
    }
  }
  return plot;
}

io::Plot sums_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                     const std::vector<std::size_t>& cases) {
  const auto& header = opened.results.header;
  io::Plot plot = frame(opened, i_q, "broadened site sum");
  for (std::size_t k = 0; k < cases.size(); ++k) {
    add(plot, opened, case_label(header, cases[k]), sum_of(opened, cases[k], i_q), k);
  }
  if (header.n_cases() == 1 && plot.curves.size() == 1) {
    auto& curve = plot.curves.front();
    std::swap(curve.group, curve.label);  // the title says what it is: no legend
    for (const auto& peak : spectrum::find_peaks(curve.x, curve.y, 0.05)) {
      plot.markers.push_back({peak.position, fmt::format("{:.1f}", peak.position)});
    }
  }
  return plot;
}

io::Plot sites_figure(const campaign::OpenedResults& opened, std::size_t i_q, std::size_t i_case) {
  const auto& header = opened.results.header;
  io::Plot plot =
      frame(opened, i_q, "sites at their chemical shifts" + chosen_case(header, i_case));
  for (std::size_t i = 0; i < header.sites.size(); ++i) {
    add(plot, opened, site_label(header.sites[i]),
        campaign::fine_site_curve(opened, {i_case, i, i_q, -1}), i);
  }
  return plot;
}

io::Plot momenta_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                        std::size_t i_case) {
  const auto& header = opened.results.header;
  io::Plot plot = frame(opened, i_q, "angular momenta" + chosen_case(header, i_case));
  add(plot, opened, "sum", sum_of(opened, i_case, i_q));
  for (int l = 0; l <= header.lmax; ++l) {
    add(plot, opened, fmt::format("l = {}", l), sum_of(opened, i_case, i_q, l));
  }
  return plot;
}

io::Plot stack_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                      const std::vector<std::size_t>& cases) {
  const auto& header = opened.results.header;
  io::Plot plot = frame(opened, i_q, "cases, stacked");
  if (header.n_cases() < 2) return plot;
  double largest = 0.0;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    add(plot, opened, case_label(header, cases[k]), sum_of(opened, cases[k], i_q), k);
    if (plot.curves.empty()) continue;
    for (const double y : plot.curves.back().y) largest = std::max(largest, y);
  }
  // Curves of one family overlap little at half of their height apart.
  plot.stack_offset = 0.5 * largest;
  plot.height = std::max(600, 200 + 70 * static_cast<int>(plot.curves.size()));
  return plot;
}

namespace {

/// curve - base where both are known: not all cases may have all energies.
measured::UniformCurve minus(const measured::UniformCurve& curve,
                             const measured::UniformCurve& base) {
  constexpr double kRounding = 1e-6;  // of a step
  measured::UniformCurve out{curve.first, curve.step, {}};
  for (std::size_t i = 0; i < curve.y.size(); ++i) {
    const double x = curve.first + curve.step * static_cast<double>(i);
    if (x < base.first - kRounding * base.step || x > base.last() + kRounding * base.step) continue;
    if (out.y.empty()) out.first = x;
    out.y.push_back(curve.y[i] - base.at(x).y);
  }
  return out;
}

}  // namespace

io::Plot difference_figure(const campaign::OpenedResults& opened, std::size_t i_q,
                           std::size_t i_case, const std::vector<std::size_t>& cases) {
  const auto& header = opened.results.header;
  const std::string name = campaign::short_case_name(header, i_case);
  io::Plot plot = frame(
      opened, i_q,
      fmt::format("difference from case {}{}", i_case + 1, name.empty() ? "" : " (" + name + ")"));
  plot.y_label = "Difference of S(q, E) (1/eV)";
  if (header.n_cases() < 2) return plot;
  const auto base = sum_of(opened, i_case, i_q);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    if (cases[k] == i_case || base.y.empty()) continue;
    add(plot, opened, case_label(header, cases[k]), minus(sum_of(opened, cases[k], i_q), base), k);
  }
  return plot;
}

std::vector<io::ColourMap> sweep_maps(const campaign::OpenedResults& opened, std::size_t i_q,
                                      std::size_t i_case) {
  std::vector<io::ColourMap> maps;
  const auto& header = opened.results.header;
  for (const io::CaseColumn& column : header.cases) {
    if (!column.swept || !column.texts.empty()) continue;  // a map has a scale of numbers
    io::ColourMap map;
    map.title = frame(opened, i_q, "sweep of " + column.key).title;
    map.x_label = "Energy loss (eV)";
    map.y_label =
        column.units.empty() ? column.key : fmt::format("{} ({})", column.key, column.units);
    map.value_label = "S(q, E) per absorber (1/eV)";
    std::vector<std::pair<double, std::size_t>> rows;
    for (std::size_t i = 0; i < header.n_cases(); ++i) {
      bool same = true;
      for (const io::CaseColumn& other : header.cases) {
        if (!other.swept) continue;  // a weight is no parameter
        same = same && (&other == &column || other.text(i) == other.text(i_case));
      }
      if (same) rows.emplace_back(column.values[i], i);
    }
    std::sort(rows.begin(), rows.end());
    if (rows.size() > kMostRows) {
      for (std::size_t k = 0; k < kMostRows; ++k) {
        rows[k] = rows[k * (rows.size() - 1) / (kMostRows - 1)];
      }
      rows.resize(kMostRows);
    }
    // Every other fine point, 0.1 eV: a pixel of the figure is about as wide.
    const std::vector<double> losses = campaign::energy_loss_ev(opened.results);
    const double step = 2.0 * campaign::kFineStepEv;
    for (double x = losses.front(); x <= losses.back(); x += step) map.x.push_back(x);
    for (const auto& [value, i] : rows) {
      const auto curve = campaign::fine_case_curve(opened, i, i_q, -1);
      if (curve.y.empty()) continue;
      std::vector<double> line;
      for (const double x : map.x) {
        const bool known = x >= curve.first && x <= curve.last();
        line.push_back(known ? curve.at(x).y : std::numeric_limits<double>::quiet_NaN());
      }
      map.y.push_back(value);
      map.values.push_back(std::move(line));
    }
    if (map.y.size() >= 2) maps.push_back(std::move(map));
  }
  return maps;
}

io::Plot fits_figure(const campaign::OpenedResults& opened, const FittedCases& fitted,
                     std::size_t i_data, const std::vector<std::size_t>& cases) {
  const auto& header = opened.results.header;
  const campaign::MeasuredSpectrum& one = fitted.data[i_data];
  io::Plot plot = frame(opened, one.i_q, one.spectrum.name + " and the fit of each case");
  plot.y_label = "Intensity, as measured";
  const measured::TargetFit& best = fitted.ranking.cases.front().fit.targets[i_data];
  io::PlotCurve points{"measured", best.energy_ev, best.measured, true};
  points.y_error = best.error;
  points.colour = io::kBlackCurve;
  plot.curves.push_back(std::move(points));
  // In the order of the cases, as in all figures.
  std::vector<const measured::TargetFit*> fits(header.n_cases(), nullptr);
  for (const campaign::RankedCase& ranked : fitted.ranking.cases) {
    fits[ranked.cases.front()] = &ranked.fit.targets[i_data];
  }
  for (std::size_t k = 0; k < cases.size(); ++k) {
    const measured::TargetFit* const fit = fits[cases[k]];
    if (fit == nullptr) continue;
    io::PlotCurve curve{case_label(header, cases[k]), fit->energy_ev, fit->model, false};
    curve.colour = k;
    plot.curves.push_back(std::move(curve));
  }
  return plot;
}

io::Plot distance_figure(const campaign::OpenedResults& opened, std::size_t i_q, std::size_t i_case,
                         const std::string& to, const std::vector<campaign::Neighbour>& nearest,
                         const std::vector<campaign::SitePeak>& peaks) {
  const auto& header = opened.results.header;
  io::Plot plot = frame(opened, i_q, "first peak of each site" + chosen_case(header, i_case));
  plot.x_label = fmt::format("Distance to the nearest {} (Å)", to);
  plot.y_label = "Height of the first peak (1/eV)";
  for (const campaign::SitePeak& peak : peaks) {
    if (peak.i_case != i_case || peak.number != 1) continue;
    const double distance = nearest[peak.i_site].distance_angstrom;
    if (!std::isfinite(distance)) continue;
    const io::SiteRecord& site = header.sites[peak.i_site];
    io::PlotCurve point{site_label(site), {distance}, {peak.height}, true};
    point.point_labels = {site.label};
    point.colour = peak.i_site;
    plot.curves.push_back(std::move(point));
  }
  return plot;
}

std::string structure_figure(const campaign::OpenedResults& opened) {
  const auto& header = opened.results.header;
  const auto structure = campaign::stored_structure(header);
  std::vector<io::DrawnAtom> atoms;
  for (std::size_t i = 0; i < structure.sites.size(); ++i) {
    const auto& site = structure.sites[i];
    io::DrawnAtom atom;
    const std::string symbol(element_symbol(site.atomic_number));
    atom.label = site.atomic_number == 1 ? "H" : site.label;
    atom.radius_angstrom = covalent_radius_angstrom(symbol);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      atom.position_angstrom[axis] =
          angstrom_from_bohr(site.position_cart[static_cast<Eigen::Index>(axis)]);
    }
    for (std::size_t k = 0; k < header.sites.size(); ++k) {
      const auto representative = static_cast<std::size_t>(header.sites[k].atom_number) - 1;
      if (representative >= structure.sites.size() ||
          structure.sites[representative].equivalence_class != site.equivalence_class) {
        continue;
      }
      atom.colour = k;
      atom.curve = site_label(header.sites[k]);
    }
    atoms.push_back(std::move(atom));
  }
  std::string title = header.structure_name + ", sites in the colours of their curves";
  if (!header.case_sites.empty()) title += "; as read, without what cases change";
  return io::svg_structure(atoms, title);
}

}  // namespace kedge::report
