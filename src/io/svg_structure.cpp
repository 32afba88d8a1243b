// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/svg_structure.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <Eigen/Geometry>
#include <algorithm>
#include <numeric>

#include "kedge/core/error.hpp"
#include "kedge/io/svg_plot.hpp"
#include "plot_axis.hpp"
#include "svg_text.hpp"

namespace kedge::io {

namespace {

constexpr double kTitleRoom = 44.0;
constexpr double kMargin = 40.0;

/// Positions in the view: x to the right, y up, z towards the eye.
std::vector<Eigen::Vector3d> viewed(const std::vector<DrawnAtom>& atoms) {
  std::vector<Eigen::Vector3d> points;
  Eigen::Vector3d mean = Eigen::Vector3d::Zero();
  for (const DrawnAtom& atom : atoms) {
    points.emplace_back(atom.position_angstrom[0], atom.position_angstrom[1],
                        atom.position_angstrom[2]);
    mean += points.back() / static_cast<double>(atoms.size());
  }
  Eigen::Matrix3d moments = Eigen::Matrix3d::Zero();
  for (Eigen::Vector3d& point : points) {
    point -= mean;
    moments += point * point.transpose();
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(moments);
  Eigen::Matrix3d view;
  view.row(0) = solver.eigenvectors().col(2).transpose();
  view.row(1) = solver.eigenvectors().col(1).transpose();
  view.row(2) = view.row(0).cross(view.row(1));
  // A quarter turn out of symmetry planes, so that fewer atoms hide behind others.
  const Eigen::Matrix3d tilt = (Eigen::AngleAxisd(0.30, Eigen::Vector3d::UnitY()) *
                                Eigen::AngleAxisd(0.25, Eigen::Vector3d::UnitX()))
                                   .toRotationMatrix();
  for (Eigen::Vector3d& point : points) point = tilt * (view * point);
  return points;
}

/// Black or white, whichever is read better on this colour "#rrggbb": white on dark ones.
std::string letters_on(const std::string& fill) {
  const auto part = [&](std::size_t at) { return std::stoi(fill.substr(at, 2), nullptr, 16); };
  // Luma of ITU-R BT.601, 0 to 255.
  const double luma = 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5);
  return luma > 140.0 ? "#222222" : "#ffffff";
}

}  // namespace

std::string svg_structure(const std::vector<DrawnAtom>& atoms, const std::string& title,
                          int width) {
  if (atoms.empty()) throw Error(ErrorKind::input, "drawing of the structure: there is no atom");
  const auto points = viewed(atoms);
  Range x;
  Range y;
  for (const auto& point : points) {
    x.include(point.x());
    y.include(point.y());
  }
  const double scale = (width - 2.0 * kMargin) / std::max(x.width(), 2.0);
  const double height = kTitleRoom + 2.0 * kMargin + scale * y.width();
  const double x_middle = 0.5 * (x.low + x.high);
  const auto px = [&](std::size_t i) { return 0.5 * width + scale * (points[i].x() - x_middle); };
  const auto py = [&](std::size_t i) {
    return kTitleRoom + kMargin + scale * (y.high - points[i].y());
  };
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1:.0f}\" viewBox=\"0 0 "
      "{0} "
      "{1:.0f}\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\">\n<title>{2}</title>\n"
      "<rect width=\"{0}\" height=\"{1:.0f}\" fill=\"#ffffff\"/>\n"
      "<text x=\"{3}\" y=\"28\" text-anchor=\"middle\" font-size=\"17\" font-weight=\"bold\" "
      "fill=\"#222222\">{2}</text>\n",
      width, height, escaped(title), width / 2);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    for (std::size_t j = i + 1; j < atoms.size(); ++j) {
      const double reach = 1.2 * (atoms[i].radius_angstrom + atoms[j].radius_angstrom);
      if ((points[i] - points[j]).norm() > reach) continue;
      out += fmt::format(
          "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#b0b0b0\" "
          "stroke-width=\"3\"/>\n",
          px(i), py(i), px(j), py(j));
    }
  }
  std::vector<std::size_t> order(atoms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return points[a].z() < points[b].z(); });
  for (const std::size_t i : order) {
    const DrawnAtom& atom = atoms[i];
    const double radius = std::clamp(0.38 * scale * atom.radius_angstrom, 7.0, 24.0);
    const std::string fill = atom.colour ? curve_colour(*atom.colour) : "#e6e6e6";
    const std::string dash = atom.colour ? curve_dashes(*atom.colour) : "";
    out += fmt::format(
        "<g class=\"atom\" data-curve=\"{}\"><circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" "
        "fill=\"{}\" stroke=\"#222222\" stroke-width=\"{}\"{}/>",
        escaped(atom.curve), px(i), py(i), radius, fill, dash.empty() ? 1 : 3,
        dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash));
    out += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" font-size=\"{}\" "
        "fill=\"{}\">{}</text></g>\n",
        px(i), py(i) + 4.0, radius < 12.0 ? 10 : 13, letters_on(fill), escaped(atom.label));
  }
  return out + "</svg>\n";
}

}  // namespace kedge::io
