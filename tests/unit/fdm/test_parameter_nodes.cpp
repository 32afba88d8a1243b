// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "../../../src/fdm/parameter_nodes.hpp"

namespace kedge::fdm {
namespace {

std::vector<Parameters> map_of(int n_first, int n_second) {
  std::vector<Parameters> out;
  for (int i = 0; i < n_first; ++i) {
    for (int j = 0; j < n_second; ++j) out.push_back({0.1 * i, 0.25 * j});
  }
  return out;
}

double at(const std::vector<double>& c, const ParameterNodes& nodes,
          const std::vector<Parameters>& members, const auto& function) {
  double sum = 0.0;
  for (std::size_t i = 0; i < c.size(); ++i) sum += c[i] * function(members[nodes.nodes()[i]]);
  return sum;
}

// All polynomials of the degree come out exactly, rounding aside, of either degree.
TEST(ParameterNodes, ReproducePolynomials) {
  const std::vector<Parameters> members = map_of(11, 5);
  const ParameterNodes nodes(members, 2, 3);
  ASSERT_EQ(nodes.nodes().size(), 10U);
  EXPECT_EQ(nodes.few(), 6U);
  for (const Parameters& member : members) {
    for (const int degree : {2, 3}) {
      const std::vector<double> c =
          degree == 3 ? nodes.coefficients(member) : nodes.lower_coefficients(member);
      EXPECT_NEAR(std::accumulate(c.begin(), c.end(), 0.0), 1.0, 1e-13);
      const auto polynomial = [degree](const Parameters& p) {
        return 0.3 - p[0] + 2.0 * p[0] * p[1] + (degree == 3 ? p[0] * p[1] * p[1] : p[1] * p[1]);
      };
      EXPECT_NEAR(at(c, nodes, members, polynomial), polynomial(member), 1e-12);
    }
  }
}

// Members spread as screenings are: ends and middle first, and no node counts many times what it
// gives: the sum of |c| bounds by what deviations from a polynomial are amplified. 4.3 for the 6
// and 4 nodes of a map; discrete Leja points, each polynomial with a node of its own, have 6.2.
TEST(ParameterNodes, AreWellPlaced) {
  const ParameterNodes line(map_of(11, 1), 2, 3);
  ASSERT_EQ(line.nodes().size(), 4U);
  EXPECT_EQ(line.nodes().front(), 5U);  // the others differ least from it
  EXPECT_EQ(std::set<std::size_t>(line.nodes().begin(), line.nodes().begin() + 3),
            (std::set<std::size_t>{0, 5, 10}));
  const std::vector<Parameters> members = map_of(11, 5);
  const ParameterNodes plane(members, 2, 3);
  for (const Parameters& member : members) {
    double sum = 0.0;
    for (const double c : plane.coefficients(member)) sum += std::abs(c);
    EXPECT_LT(sum, 5.0);
  }
  // The degrees of families: 3.6 for the five nodes of a line, of which four serve the third degree
  // as well; the same limit.
  const std::vector<Parameters> screenings = map_of(11, 1);
  const ParameterNodes family(screenings, 3, 4);
  ASSERT_EQ(family.nodes().size(), 5U);
  for (const Parameters& member : screenings) {
    double sum = 0.0;
    for (const double c : family.coefficients(member)) sum += std::abs(c);
    EXPECT_LT(sum, 5.0);
  }
}

// Where there are fewer members than polynomials, or they differ in one parameter only, each
// different one is a node and counts for itself.
TEST(ParameterNodes, FewMembersStandForThemselves) {
  const std::vector<Parameters> members = {{0.2, 0.0}, {0.2, 0.0}, {0.7, 0.0}, {0.7, 0.5}};
  const ParameterNodes nodes(members, 2, 3);
  EXPECT_EQ(nodes.nodes().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<double> c = nodes.coefficients(members[nodes.nodes()[i]]);
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(c[j], i == j ? 1.0 : 0.0, 1e-13);
  }
  const ParameterNodes one(std::vector<Parameters>{{0.2, 0.1}}, 2, 3);
  EXPECT_EQ(one.coefficients({0.2, 0.1}), std::vector<double>{1.0});
}

}  // namespace
}  // namespace kedge::fdm
