// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/report/page.hpp"

#include <fmt/format.h>

#include <cmath>

#include "comparison_section.hpp"
#include "html.hpp"
#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/progress.hpp"
#include "kedge/core/text.hpp"
#include "kedge/io/svg_plot.hpp"
#include "kedge/report/figures.hpp"
#include "kedge/report/fit_figures.hpp"

namespace kedge::report {

namespace {

constexpr const char* kStyle = R"(
body { font-family: Helvetica, Arial, sans-serif; color: #222; max-width: 1080px; margin: 1.5em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; margin: .6em 0; font-size: .85em; } .wide { overflow-x: auto; }
th, td { padding: .2em .7em; text-align: right; white-space: nowrap; border-bottom: 1px solid #e4e4e4; } .name { text-align: left; }
th { border-bottom: 2px solid #222; } figure { margin: 1em 0; overflow-x: auto; text-align: center; } svg { max-width: 100%; height: auto; }
h3 { font-size: 1.05em; } .warning { border-left: 4px solid #d55e00; padding-left: .6em; }
.boxes { position: sticky; top: 0; max-height: 30vh; overflow-y: auto; background: #fff; padding: .5em 0; border-bottom: 1px solid #ccc; }
.boxes div { margin: .2em 0; line-height: 1.5; } .boxes label { margin-right: 1em; white-space: nowrap; } .swatch { width: 1.9em; height: .4em; vertical-align: middle; margin-right: .3em; }
.boxes button { margin-right: .6em; } .hidden { display: none; } .faint { opacity: .25; }
pre { background: #f6f6f6; padding: 1em; overflow-x: auto; font-size: .85em; }
@media print { .boxes { display: none; } figure { break-inside: avoid; } }
)";

// A box shows or hides everything with its name: curves and legends vanish, atoms become faint.
constexpr const char* kScript = R"(
function apply(box) {
  document.querySelectorAll('[data-curve]').forEach(function (part) {
    if (part.getAttribute('data-curve') !== box.value) return;
    part.classList.toggle(part.classList.contains('atom') ? 'faint' : 'hidden', !box.checked);
  });
}
var boxes = Array.prototype.slice.call(document.querySelectorAll('input[type=checkbox]'));
boxes.forEach(function (box) { box.addEventListener('change', function () { apply(box); }); apply(box); });
document.querySelectorAll('button').forEach(function (button) {
  button.addEventListener('click', function () {
    boxes.forEach(function (box) {
      if (box.name !== button.name) return;
      box.checked = button.value === 'all';
      apply(box);
    });
  });
});
)";

class Page {
 public:
  Page(const campaign::OpenedResults& opened, std::size_t i_case, const DrawnCases& drawn,
       const FittedCases* fitted)
      : opened_(opened),
        header_(opened.results.header),
        i_case_(i_case),
        drawn_(drawn),
        fitted_(fitted) {}

  std::string make() {
    out_ = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
        "name=\"viewport\" "
        "content=\"width=device-width\">\n<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
        "<h1>{0}</h1>\n",
        markup(heading(header_)), kStyle);
    summary();
    boxes();
    comparison();
    figures();
    if (figures_ == 0) {
      throw Error(ErrorKind::input,
                  fmt::format("'{}' has no spectrum yet; see kedge info", opened_.file.string()));
    }
    sites();
    peaks();
    process();
    return out_ + fmt::format("<script>{}</script>\n</body>\n</html>\n", kScript);
  }

 private:
  void summary() {
    const auto& results = opened_.results;
    out_ += fmt::format(
        "<p>{} case{}, {} site{}, {} energies; {} energies done, {} missing, {} failed.<br>"
        "Broadening: {}.</p>\n",
        header_.n_cases(), header_.n_cases() == 1 ? "" : "s", header_.sites.size(),
        header_.sites.size() == 1 ? "" : "s", header_.energy_ev.size(),
        results.count(io::Status::done), results.count(io::Status::missing),
        results.count(io::Status::failed), markup(campaign::describe(opened_.settings)));
    if (!drawn_.note.empty()) out_ += "<p>" + markup(drawn_.note) + ".</p>\n";
  }

  void box(const std::string& group, const std::string& label, std::size_t colour) {
    out_ += fmt::format(
        "<label><input type=\"checkbox\" name=\"{}\" value=\"{}\" checked>{}{}</label>\n", group,
        markup(label), swatch(colour), markup(label));
  }

  void buttons(const std::string& group, const std::string& text) {
    out_ += fmt::format(
        "<b>{1}</b> <button type=\"button\" name=\"{0}\" value=\"all\">all</button>"
        "<button type=\"button\" name=\"{0}\" value=\"none\">none</button>\n",
        group, text);
  }

  void boxes() {
    out_ += "<div class=\"boxes\">\n";
    if (header_.n_cases() > 1) {
      out_ += "<div>";
      buttons("case", "Cases");
      for (std::size_t k = 0; k < drawn_.cases.size(); ++k) {
        box("case", case_label(header_, drawn_.cases[k]), k);
      }
      out_ += "</div>\n";
    }
    out_ += "<div>";
    buttons("site", "Sites");
    for (std::size_t i = 0; i < header_.sites.size(); ++i) {
      box("site", site_label(header_.sites[i]), i);
    }
    out_ += "</div>\n</div>\n";
  }

  void figure(const std::string& drawn) {
    out_ += "<figure>\n" + drawn + "</figure>\n";
    ++figures_;
  }
  void figure(io::Plot plot) {
    if (plot.curves.empty()) return;
    plot.title = without_heading(plot.title);
    figure(io::svg(plot));
  }

  /// Title of a figure on this page, whose own title says the rest.
  [[nodiscard]] std::string without_heading(const std::string& title) const {
    const std::string start = heading(header_) + ", ";
    return title.rfind(start, 0) == 0 ? title.substr(start.size()) : title;
  }

  void comparison() {
    if (fitted_ == nullptr) return;
    out_ += "<h2>Measured and computed</h2>\n";
    const campaign::RankedCase& best = fitted_->ranking.cases.front();
    for (std::size_t t = 0; t < fitted_->data.size(); ++t) {
      if (header_.n_cases() > 1) figure(fits_figure(opened_, *fitted_, t, drawn_.cases));
      const std::string name = campaign::short_case_name(header_, best.cases.front());
      figure(fit_figure(best.fit.targets[t],
                        fmt::format("{} and {}", fitted_->data[t].spectrum.name,
                                    name.empty() ? "computed" : "the best case, " + name),
                        fitted_->settings.background_degree >= 0));
    }
    out_ += comparison_section(opened_, drawn_.cases, *fitted_);
  }

  void figures() {
    for (std::size_t i_q = 0; i_q < header_.q_per_angstrom.size(); ++i_q) {
      out_ += fmt::format("<h2>q = {:g} Å⁻¹</h2>\n", header_.q_per_angstrom[i_q]);
      figure(sums_figure(opened_, i_q, drawn_.cases));
      figure(sites_figure(opened_, i_q, i_case_));
      figure(momenta_figure(opened_, i_q, i_case_));
      figure(stack_figure(opened_, i_q, drawn_.cases));
      figure(difference_figure(opened_, i_q, i_case_, drawn_.cases));
      for (auto& map : sweep_maps(opened_, i_q, i_case_)) {
        map.title = without_heading(map.title);
        figure(io::svg(map));
      }
    }
    if (!campaign::has_absorption(opened_.results)) return;
    const io::Plot absorption = sums_figure(opened_, campaign::kAbsorption, drawn_.cases);
    if (!absorption.curves.empty()) out_ += "<h2>Absorption</h2>\n";
    figure(absorption);
  }

  void sites() {
    out_ += "<h2>Structure and sites</h2>\n";
    if (header_.structure_text.empty()) {
      out_ += "<p>The file holds no structure (early version).</p>\n";
    } else {
      out_ += "<figure>\n" + structure_figure(opened_) + "</figure>\n";
    }
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < header_.sites.size(); ++i) {
      const auto& site = header_.sites[i];
      const auto& levels = opened_.results.levels[i_case_ * header_.sites.size() + i];
      rows.push_back(
          {swatch(i) + markup(site.label), fmt::format("{}", site.atom_number),
           fmt::format("{}", site.multiplicity), fmt::format("{:.4f}", site.position_angstrom[0]),
           fmt::format("{:.4f}", site.position_angstrom[1]),
           fmt::format("{:.4f}", site.position_angstrom[2]), fmt::format("{:.3f}", levels.fermi_ev),
           fmt::format("{:.3f}", levels.core_level_ev)});
    }
    out_ += html_table({"site", "atom", "multiplicity", "x (Å)", "y (Å)", "z (Å)",
                        "Fermi level (eV)", "core level (eV)"},
                       rows);
    out_ += fmt::format("<p>Levels of case {}, from the vacuum.</p>\n", i_case_ + 1);
  }

  void peaks() {
    out_ += "<h2>Peaks of the site sums</h2>\n";
    for (std::size_t i_q = 0; i_q < header_.q_per_angstrom.size(); ++i_q) {
      out_ += "<pre>" + markup(campaign::peak_table(opened_, i_q)) + "</pre>\n";
    }
  }

  void process() {
    const auto& results = opened_.results;
    out_ += fmt::format("<h2>How it was made</h2>\n<p>{} ({}), {} rank{}, {} per solve{}.</p>\n",
                        markup(results.program), markup(results.git_commit), header_.ranks,
                        header_.ranks == 1 ? "" : "s", header_.ranks_per_solve,
                        std::isfinite(results.timings.wall_seconds)
                            ? ", " + duration_text(results.timings.wall_seconds)
                            : "");
    std::string libraries;
    for (const auto& [name, version] : header_.libraries) {
      libraries += (libraries.empty() ? "" : "; ") + name + " " + version;
    }
    out_ += "<p>" + markup(libraries) + "</p>\n<h2>Resolved input</h2>\n<pre>" +
            markup(header_.input_text) + "</pre>\n";
  }

  const campaign::OpenedResults& opened_;
  const io::ResultsHeader& header_;
  std::size_t i_case_;
  const DrawnCases& drawn_;
  const FittedCases* fitted_;  ///< may be null
  std::string out_;
  int figures_ = 0;
};

}  // namespace

std::string page(const campaign::OpenedResults& opened, std::size_t i_case, const DrawnCases& drawn,
                 const FittedCases* fitted) {
  return Page(opened, i_case, drawn, fitted).make();
}

}  // namespace kedge::report
