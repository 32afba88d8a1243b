// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "kedge/campaign/work_plan.hpp"

namespace {

using kedge::campaign::plan_work;
using kedge::campaign::WorkShape;
using kedge::campaign::WorkUnit;
using kedge::io::Status;

std::size_t total(const WorkShape& shape) {
  return shape.n_cases * shape.n_sites * shape.n_energies;
}

/// How often each energy is planned.
std::vector<int> visits(const WorkShape& shape, const std::vector<WorkUnit>& units) {
  std::vector<int> count(total(shape), 0);
  for (const WorkUnit& unit : units) {
    for (const std::size_t i : unit.energies) {
      ++count[(unit.i_case * shape.n_sites + unit.i_site) * shape.n_energies + i];
    }
  }
  return count;
}

TEST(WorkPlan, EveryMissingOrFailedEnergyComesOnce) {
  const WorkShape shape{2, 3, 7};
  std::vector<Status> done(total(shape), Status::missing);
  for (std::size_t i = 0; i < done.size(); i += 3) done[i] = Status::done;
  done[1] = Status::failed;
  for (const std::size_t groups : {1U, 2U, 5U, 40U, 1000U}) {
    const auto count = visits(shape, plan_work(shape, done, groups));
    for (std::size_t i = 0; i < done.size(); ++i) {
      EXPECT_EQ(count[i], done[i] == Status::done ? 0 : 1);
    }
  }
}

TEST(WorkPlan, ManySitesStayWhole) {
  const WorkShape shape{3, 11, 60};
  EXPECT_EQ(plan_work(shape, std::vector<Status>(total(shape)), 3).size(), 33U);
}

TEST(WorkPlan, OneSiteIsSplitOverTheGroups) {
  const WorkShape shape{1, 1, 60};
  const auto units = plan_work(shape, std::vector<Status>(total(shape)), 4);
  ASSERT_EQ(units.size(), 4U);
  for (const WorkUnit& unit : units) EXPECT_EQ(unit.energies.size(), 15U);
}

TEST(WorkPlan, WholeSpectraAreNotSplit) {
  // Their energies share one reduced model.
  const WorkShape shape{1, 1, 60};
  const auto units = plan_work(shape, std::vector<Status>(total(shape)), 4, {}, true);
  ASSERT_EQ(units.size(), 1U);
  EXPECT_EQ(units[0].energies.size(), 60U);
}

TEST(WorkPlan, ThreeSitesOnTwoGroupsLeaveNobodyIdle) {
  const WorkShape shape{1, 3, 60};
  const auto units = plan_work(shape, std::vector<Status>(total(shape)), 2);
  EXPECT_EQ(units.size() % 2, 0U);
}

TEST(WorkPlan, NothingLeftGivesNoUnits) {
  const WorkShape shape{1, 2, 3};
  EXPECT_TRUE(plan_work(shape, std::vector<Status>(6, Status::done), 2).empty());
}

TEST(WorkPlan, UnitsWithMostEnergiesComeFirst) {
  const WorkShape shape{1, 3, 5};
  std::vector<Status> done(total(shape), Status::missing);
  for (std::size_t i = 0; i < 4; ++i) done[i] = Status::done;  // one energy left of the first site
  done[5] = done[6] = Status::done;                            // three of the second
  const auto units = plan_work(shape, done, 1);
  ASSERT_EQ(units.size(), 3U);
  EXPECT_EQ(units[0].i_site, 2U);
  EXPECT_EQ(units[1].i_site, 1U);
  EXPECT_EQ(units[2].i_site, 0U);
}

TEST(WorkPlan, ExpensiveSolvesComeFirstAndEqualOnesKeepTheirOrder) {
  const WorkShape shape{2, 2, 4};
  const auto units = plan_work(shape, std::vector<Status>(total(shape)), 2, {1.0, 3.0, 1.0, 3.0});
  std::vector<std::size_t> pairs;
  for (const WorkUnit& unit : units) pairs.push_back(unit.i_case * 2 + unit.i_site);
  EXPECT_EQ(pairs, (std::vector<std::size_t>{1, 3, 0, 2}));
}

TEST(WorkPlan, CasesOfAFamilyAreTakenTogetherSiteBySite) {
  const WorkShape shape{3, 2, 4};
  std::vector<Status> done(total(shape), Status::missing);
  for (std::size_t i = 0; i < 8; ++i) done[i] = Status::done;  // case 0 is there
  // Cases 0 and 2 are one family, case 1 another.
  const auto families =
      kedge::campaign::join_families(plan_work(shape, done, 2, {}, true), {0, 1, 0}, shape);
  ASSERT_EQ(families.size(), 4U);
  for (const auto& family : families) {
    ASSERT_EQ(family.size(), 1U);
    EXPECT_EQ(family[0].energies.size(), 4U);
  }
  const auto whole = kedge::campaign::join_families(
      plan_work(shape, std::vector<Status>(total(shape)), 2, {}, true), {0, 1, 0}, shape);
  ASSERT_EQ(whole.size(), 4U);
  // The larger families first, their cases in order.
  for (const std::size_t i : {0U, 1U}) {
    ASSERT_EQ(whole[i].size(), 2U);
    EXPECT_EQ(whole[i][0].i_case, 0U);
    EXPECT_EQ(whole[i][1].i_case, 2U);
    EXPECT_EQ(whole[i][0].i_site, whole[i][1].i_site);
  }
}

// One long site and four short ones, taken by two groups as they become free: both end together,
// where the order of the sites would leave one group alone with the long one.
TEST(WorkPlan, LargestFirstLeavesASmallRest) {
  const WorkShape shape{1, 5, 1};
  const std::vector<double> costs = {1.0, 1.0, 1.0, 1.0, 4.0};
  double busy[2] = {0.0, 0.0};
  for (const WorkUnit& unit : plan_work(shape, std::vector<Status>(total(shape)), 2, costs)) {
    double& first_free = busy[busy[0] <= busy[1] ? 0 : 1];
    first_free += 2.0 * costs[unit.i_site];
  }
  EXPECT_EQ(busy[0], busy[1]);
}

}  // namespace
