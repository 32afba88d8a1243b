// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/report/page.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/progress.hpp"
#include "kedge/io/svg_plot.hpp"
#include "kedge/report/figures.hpp"

namespace kedge::report {

namespace {

constexpr const char* kStyle = R"(
body { font-family: Helvetica, Arial, sans-serif; color: #222; max-width: 1240px; margin: 1.5em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; margin: .6em 0; } th, td { padding: .2em .8em; text-align: right; border-bottom: 1px solid #e4e4e4; }
th { border-bottom: 2px solid #222; } figure { margin: 1em 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
.boxes { position: sticky; top: 0; background: #fff; padding: .5em 0; border-bottom: 1px solid #ccc; }
.boxes label { margin-right: 1em; white-space: nowrap; } .swatch { display: inline-block; width: 1.6em; border-top: 3px solid; vertical-align: middle; margin-right: .3em; }
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

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

class Page {
 public:
  Page(const campaign::OpenedResults& opened, std::size_t i_case,
       const std::optional<measured::Spectrum>& data)
      : opened_(opened), header_(opened.results.header), i_case_(i_case), data_(data) {}

  std::string make() {
    const std::string title =
        fmt::format("{}, {} {} edge", header_.title, header_.element, header_.edge);
    out_ = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
        "name=\"viewport\" "
        "content=\"width=device-width\">\n<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
        "<h1>{0}</h1>\n",
        escaped(title), kStyle);
    summary();
    boxes();
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
        "<p>{} cases, {} sites, {} energies; {} energies done, {} missing, {} failed.<br>"
        "Broadening: {}.</p>\n",
        header_.n_cases(), header_.sites.size(), header_.energy_ev.size(),
        results.count(io::Status::done), results.count(io::Status::missing),
        results.count(io::Status::failed), escaped(campaign::describe(opened_.settings)));
  }

  void box(const std::string& group, const std::string& label, std::size_t colour) {
    const std::string dash = io::curve_dashes(colour);
    out_ += fmt::format(
        "<label><input type=\"checkbox\" name=\"{}\" value=\"{}\" checked><span class=\"swatch\" "
        "style=\"border-color:{};border-top-style:{}\"></span>{}</label>\n",
        group, escaped(label), io::curve_colour(colour), dash.empty() ? "solid" : "dashed",
        escaped(label));
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
      for (std::size_t i = 0; i < header_.n_cases(); ++i) {
        box("case", case_label(header_, i), i);
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
  void figure(const io::Plot& plot) {
    if (!plot.curves.empty()) figure(io::svg(plot));
  }

  void figures() {
    for (std::size_t i_q = 0; i_q < header_.q_per_angstrom.size(); ++i_q) {
      out_ += fmt::format("<h2>q = {:g} Å⁻¹</h2>\n", header_.q_per_angstrom[i_q]);
      if (data_ && i_q == 0) figure(measured_figure(opened_, i_q, *data_));
      figure(sums_figure(opened_, i_q));
      figure(sites_figure(opened_, i_q, i_case_));
      figure(momenta_figure(opened_, i_q, i_case_));
      figure(stack_figure(opened_, i_q));
      figure(difference_figure(opened_, i_q, i_case_));
      for (const auto& map : sweep_maps(opened_, i_q, i_case_)) figure(io::svg(map));
    }
    if (!campaign::has_absorption(opened_.results)) return;
    const io::Plot absorption = sums_figure(opened_, campaign::kAbsorption);
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
    out_ +=
        "<table><tr><th>atom</th><th>label</th><th>multiplicity</th><th>x (Å)</th><th>y (Å)</th>"
        "<th>z (Å)</th><th>Fermi level (eV)</th><th>core level (eV)</th></tr>\n";
    for (std::size_t i = 0; i < header_.sites.size(); ++i) {
      const auto& site = header_.sites[i];
      const auto& levels = opened_.results.levels[i_case_ * header_.sites.size() + i];
      out_ += fmt::format(
          "<tr><td>{}</td><td>{}</td><td>{}</td><td>{:.4f}</td><td>{:.4f}</td><td>{:.4f}</td>"
          "<td>{:.3f}</td><td>{:.3f}</td></tr>\n",
          site.atom_number, escaped(site.label), site.multiplicity, site.position_angstrom[0],
          site.position_angstrom[1], site.position_angstrom[2], levels.fermi_ev,
          levels.core_level_ev);
    }
    out_ += fmt::format("</table>\n<p>Levels of case {}, from the vacuum.</p>\n", i_case_ + 1);
  }

  void peaks() {
    out_ += "<h2>Peaks of the site sums</h2>\n";
    for (std::size_t i_q = 0; i_q < header_.q_per_angstrom.size(); ++i_q) {
      out_ += "<pre>" + escaped(campaign::peak_table(opened_.results, i_q)) + "</pre>\n";
    }
  }

  void process() {
    const auto& results = opened_.results;
    out_ += fmt::format("<h2>How it was made</h2>\n<p>{} ({}), {} ranks, {} per solve{}.</p>\n",
                        escaped(results.program), escaped(results.git_commit), header_.ranks,
                        header_.ranks_per_solve,
                        std::isfinite(results.timings.wall_seconds)
                            ? ", " + duration_text(results.timings.wall_seconds)
                            : "");
    out_ += "<p>";
    for (const auto& [name, version] : header_.libraries) {
      out_ += escaped(name + " " + version) + "; ";
    }
    out_ += "</p>\n<h2>Resolved input</h2>\n<pre>" + escaped(header_.input_text) + "</pre>\n";
  }

  const campaign::OpenedResults& opened_;
  const io::ResultsHeader& header_;
  std::size_t i_case_;
  const std::optional<measured::Spectrum>& data_;
  std::string out_;
  int figures_ = 0;
};

}  // namespace

std::string page(const campaign::OpenedResults& opened, std::size_t i_case,
                 const std::optional<measured::Spectrum>& data) {
  return Page(opened, i_case, data).make();
}

}  // namespace kedge::report
