// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kedge/core/error.hpp"
#include "kedge/io/svg_map.hpp"
#include "kedge/io/svg_plot.hpp"

namespace kedge::io {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

int count(const std::string& text, const std::string& word) {
  int found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

Plot simple() {
  Plot plot;
  plot.title = "B K edge";
  plot.x_label = "energy loss (eV)";
  plot.y_label = "S (1/eV)";
  plot.curves = {{"model", {188.0, 190.0, 192.0}, {0.0, 1.0, 0.5}, false}};
  return plot;
}

TEST(SvgPlot, HasFrameCurveTextsAndTicks) {
  const std::string drawn = svg(simple());
  EXPECT_THAT(drawn, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(drawn, testing::EndsWith("</svg>\n"));
  EXPECT_EQ(count(drawn, "class=\"curve\""), 1);
  for (const char* text : {">B K edge<", ">energy loss (eV)<", ">S (1/eV)<", ">model<", ">188.0<",
                           ">192.0<", ">0.0<", ">1.0<"}) {
    EXPECT_THAT(drawn, HasSubstr(text));
  }
  EXPECT_EQ(count(drawn, "<svg"), count(drawn, "</svg>"));
  EXPECT_EQ(count(drawn, "<text"), count(drawn, "</text>"));
}

TEST(SvgPlot, TextsAreEscaped) {
  Plot plot = simple();
  plot.title = "a < b & \"c\" > 'd'\n\x01";
  plot.curves[0].label = "broken \xC5ngstrom, good \u00C5ngstrom";
  const std::string drawn = svg(plot);
  EXPECT_THAT(drawn, HasSubstr("a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;  <"));
  EXPECT_THAT(drawn, HasSubstr("broken ?ngstrom, good \u00C5ngstrom"));
}

TEST(SvgPlot, MissingValuesLeaveGaps) {
  Plot plot = simple();
  plot.curves[0].x = {0, 1, 2, 3, 4, 5};
  plot.curves[0].y = {1, 2, kNan, 2, std::numeric_limits<double>::infinity(), 1};
  const std::string drawn = svg(plot);
  EXPECT_EQ(count(drawn, "nan"), 0);
  EXPECT_EQ(count(drawn, "inf"), 0);
  const auto path = drawn.substr(drawn.find(" d=\""));
  EXPECT_EQ(count(path.substr(0, path.find("fill")), "M"), 3);
}

TEST(SvgPlot, TwelveCurvesDifferInColourOrDash) {
  Plot plot = simple();
  for (int n = 2; n <= 12; ++n) {
    plot.curves.push_back(plot.curves[0]);
    plot.curves.back().label = "case " + std::to_string(n);
  }
  const std::string drawn = svg(plot);
  EXPECT_EQ(count(drawn, "class=\"curve\""), 12);
  EXPECT_EQ(count(drawn, "stroke=\"#0072B2\" stroke-width=\"2\"/>"), 1);  // legend, curve 1
  EXPECT_EQ(count(drawn, "stroke=\"#0072B2\" stroke-width=\"2\" stroke-dasharray=\"8 4\"/>"), 1);
  EXPECT_THAT(drawn, HasSubstr(">case 12<"));
}

TEST(SvgPlot, StackedCurvesHaveNoNumbersOnTheYAxis) {
  Plot plot = simple();
  plot.curves.push_back({"second", {188.0, 192.0}, {0.25, 0.25}, true});
  plot.stack_offset = 1.0;
  const std::string drawn = svg(plot);
  EXPECT_THAT(drawn, Not(HasSubstr(">0.0<")));
  EXPECT_LT(drawn.find(">second<"), drawn.find(">model<"));
  EXPECT_EQ(count(drawn, "r=\"2.6\""), 2);
}

TEST(SvgPlot, ErrorBarsLabelsAndFixedColours) {
  Plot plot = simple();
  plot.curves[0].points = true;
  plot.curves[0].y_error = {0.1, kNan, 0.1};
  plot.curves[0].point_labels = {"B2", "B3", "B4"};
  plot.curves[0].colour = 8;  // the second colour, dashed if it were a line
  const std::string drawn = svg(plot);
  EXPECT_EQ(count(drawn, "stroke-opacity"), 2);
  EXPECT_THAT(drawn, HasSubstr(">B3<"));
  EXPECT_THAT(drawn, HasSubstr("class=\"curve\" data-curve=\"model\" fill=\"#D55E00\""));
  EXPECT_THAT(drawn, HasSubstr("class=\"legend\" data-curve=\"model\""));
  plot.curves[0].y_error.pop_back();
  EXPECT_THROW((void)svg(plot), Error);
}

TEST(SvgPlot, SmallNumbersTakeOutAPowerOfTen) {
  Plot plot = simple();
  plot.curves[0].y = {0.0, 4e-4, 1e-4};
  EXPECT_THAT(svg(plot), HasSubstr("\u00D710\u207B\u2076<"));
}

TEST(SvgPlot, MarkersThatWouldTouchStandInRows) {
  Plot plot = simple();
  plot.markers = {{190.0, "190.00 eV"}, {190.1, "190.10 eV"}, {300.0, "out of range"}};
  const std::string drawn = svg(plot);
  EXPECT_EQ(count(drawn, "class=\"marker\""), 2);
  EXPECT_THAT(drawn, Not(HasSubstr("out of range")));
  const auto height_of = [&](const std::string& label) {
    const auto start = drawn.rfind("<text", drawn.find(">" + label + "<"));
    const auto y = drawn.find(" y=\"", start) + 4;
    return std::stod(drawn.substr(y));
  };
  EXPECT_GT(std::abs(height_of("190.00 eV") - height_of("190.10 eV")), 14.0);  // font size
}

TEST(SvgPlot, NothingToDrawIsAnError) {
  Plot plot = simple();
  plot.curves[0].y = {kNan, kNan, kNan};
  EXPECT_THROW((void)svg(plot), Error);
  plot = simple();
  plot.curves[0].y.pop_back();
  EXPECT_THROW((void)svg(plot), Error);
  plot = simple();
  plot.curves[0].y = {2.0, 2.0, 2.0};  // constant: drawn, not divided by zero
  EXPECT_EQ(count(svg(plot), "nan"), 0);
}

ColourMap map_of(const std::vector<double>& rows) {
  ColourMap map;
  map.x = {188.0, 190.0, 192.0};
  map.y = rows;
  map.values.assign(rows.size(), {0.0, 1.0, 0.5});
  return map;
}

TEST(SvgMap, HighRowsHaveTheirValuesBesideThem) {
  const std::string drawn = svg(map_of({-0.35, 0.0, 0.27}));
  for (const char* value : {">\u22120.35</text>", ">0</text>", ">0.27</text>"}) {
    EXPECT_EQ(count(drawn, value), 1) << value;
  }
  EXPECT_EQ(count(drawn, ">0.1</text>"), 0);
}

TEST(SvgMap, LowRowsHaveRoundNumbers) {
  std::vector<double> rows;
  for (int i = 0; i < 100; ++i) rows.push_back(0.013 * i);
  const std::string drawn = svg(map_of(rows));
  EXPECT_EQ(count(drawn, ">0.013</text>"), 0);
  EXPECT_EQ(count(drawn, ">1.2</text>"), 1);  // the colours end at 1
}

}  // namespace
}  // namespace kedge::io
