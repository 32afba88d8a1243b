// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include "kedge/spectrum/site_sum.hpp"
#include "support.hpp"

namespace kedge::spectrum {
namespace {

using test::even;
using test::expect_error;
using test::values;
using testing::DoubleNear;
using testing::ElementsAre;

/// A straight line keeps its shape under linear interpolation, so sums are known in closed form.
SiteSpectrum straight(double binding, int multiplicity, double slope) {
  SiteSpectrum site;
  site.energy_rel_fermi_ev = even(-2.0, 8.0, 41);
  site.intensity = values(site.energy_rel_fermi_ev, [slope](double e) { return slope * (e + 2); });
  site.core_binding_rel_fermi_ev = binding;
  site.multiplicity = multiplicity;
  return site;
}

TEST(SiteSum, BindingIsMeasuredFromTheFermiLevel) {
  EXPECT_DOUBLE_EQ(core_binding_rel_fermi_ev(-190.0, -4.5), 185.5);
}

TEST(SiteSum, ShiftsAreFromTheLeastBoundSite) {
  const std::vector<SiteSpectrum> sites = {straight(186.0, 1, 1), straight(185.2, 1, 1),
                                           straight(187.1, 1, 1)};
  // Rounding of differences of numbers of order 200.
  EXPECT_THAT(chemical_shifts_ev(sites),
              ElementsAre(DoubleNear(0.8, 1e-12), 0.0, DoubleNear(1.9, 1e-12)));
}

TEST(SiteSum, MeanPerAbsorberOfShiftedLines) {
  const std::vector<SiteSpectrum> sites = {straight(186.0, 1, 2.0), straight(185.25, 3, 1.0)};
  const SiteSum sum = sum_sites(sites, 188.0);
  ASSERT_EQ(sum.loss_ev.size(), 41U);
  EXPECT_DOUBLE_EQ(sum.loss_ev.front(), 186.0);
  EXPECT_DOUBLE_EQ(sum.loss_ev.back(), 196.0);
  for (std::size_t i = 0; i < sum.loss_ev.size(); ++i) {
    const double energy = sum.loss_ev[i] - 188.0;
    const double first = energy - 0.75 >= -2.0 ? 2.0 * (energy - 0.75 + 2.0) : 0.0;
    EXPECT_NEAR(sum.intensity[i], (first + 3.0 * (energy + 2.0)) / 4.0, 1e-12);  // rounding
  }
}

TEST(SiteSum, OneSiteIsItself) {
  const std::vector<SiteSpectrum> sites = {straight(186.0, 4, 1.5)};
  const SiteSum sum = sum_sites(sites, 188.0);
  EXPECT_EQ(sum.intensity, sites[0].intensity);
  EXPECT_THAT(sum.shift_ev, ElementsAre(0.0));
}

TEST(SiteSum, GridReachesTheEarliestStartAndEndsKeepTheirValue) {
  SiteSpectrum early;
  early.energy_rel_fermi_ev = {-3.6, 2.0};
  early.intensity = {1.0, 1.0};
  early.core_binding_rel_fermi_ev = 185.5;
  const std::vector<SiteSpectrum> sites = {straight(185.0, 1, 1.0), early};
  const SiteSum sum = sum_sites(sites, 0.0);
  // Start of the second site: -3.1; from -2 in steps of 0.25 down to -3.25.
  ASSERT_EQ(sum.loss_ev.size(), 46U);
  EXPECT_DOUBLE_EQ(sum.loss_ev[0], -3.25);
  EXPECT_EQ(sum.intensity[0], 0.0);               // before both
  EXPECT_DOUBLE_EQ(sum.intensity[1], 0.5);        // second site alone
  EXPECT_DOUBLE_EQ(sum.intensity[45], 0.5 * 11);  // (10 + 1) / 2: the second ended at 2.5
}

TEST(SiteSum, ExtraShiftAndWeightLeaveTheAxisInPlace) {
  std::vector<SiteSpectrum> sites = {straight(185.0, 1, 1.0), straight(186.0, 1, 1.0)};
  // The least bound site neither weighs nor stays, yet its Fermi level is still the edge.
  sites[0].multiplicity = 0.0;
  sites[0].extra_shift_ev = 0.4;
  sites[1].extra_shift_ev = -0.5;
  const SiteSum sum = sum_sites(sites, 188.0);
  EXPECT_DOUBLE_EQ(sum.loss_ev.front(), 186.0);
  EXPECT_DOUBLE_EQ(sum.shift_ev[1], 0.5);
  // At 4 eV the second site, moved by 1 - 0.5 eV, has its value at 3.5 eV; rounding only.
  EXPECT_NEAR(sum.intensity[24], 5.5, 1e-12);
}

TEST(SiteSum, WrongInputIsNamed) {
  expect_error(ErrorKind::input, "no sites", [] { (void)sum_sites({}, 188.0); });
  std::vector<SiteSpectrum> sites = {straight(185.0, 1, 1.0), straight(185.0, -1, 1.0)};
  expect_error(ErrorKind::input, "absorber 2: multiplicity -1",
               [&] { (void)sum_sites(sites, 188.0); });
  sites[0].multiplicity = sites[1].multiplicity = 0.0;
  expect_error(ErrorKind::input, "weight 0", [&] { (void)sum_sites(sites, 188.0); });
  sites[1].multiplicity = 1;
  sites[1].intensity[3] = NAN;
  expect_error(ErrorKind::numerical, "absorber 2", [&] { (void)sum_sites(sites, 188.0); });
}

}  // namespace
}  // namespace kedge::spectrum
