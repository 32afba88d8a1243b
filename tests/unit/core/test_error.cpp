// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"

namespace {

using kedge::Error;
using kedge::ErrorKind;

TEST(Error, ExitCodesAreThoseOfTheManual) {
  EXPECT_EQ(kedge::exit_code(ErrorKind::input), 2);
  EXPECT_EQ(kedge::exit_code(ErrorKind::io), 3);
  EXPECT_EQ(kedge::exit_code(ErrorKind::numerical), 4);
  EXPECT_EQ(kedge::exit_code(ErrorKind::external), 5);
  EXPECT_EQ(kedge::exit_code(ErrorKind::internal), 6);
  EXPECT_EQ(kedge::exit_code(ErrorKind::stopped), 75);
}

TEST(Error, ContextStandsBeforeTheMessage) {
  Error error(ErrorKind::numerical, "no convergence");
  error.add_context("energy 3 eV");
  error.add_context("site 12");
  EXPECT_STREQ(error.what(), "site 12: energy 3 eV: no convergence");
}

TEST(Error, NulQuotedFromAFileDoesNotCutTheMessage) {
  const Error error(ErrorKind::input, std::string("found \"") + '\0' + "\", wanted a number");
  EXPECT_STREQ(error.what(), "found \"?\", wanted a number");
}

TEST(Error, CurrentErrorTellsWantOfMemoryFromFaults) {
  const auto kind_of = [](const auto& exception) {
    try {
      throw exception;
    } catch (const std::exception&) {
      return kedge::current_error().kind();
    }
  };
  EXPECT_EQ(kind_of(Error(ErrorKind::io, "no file")), ErrorKind::io);
  EXPECT_EQ(kind_of(std::bad_alloc()), ErrorKind::external);
  EXPECT_EQ(kind_of(std::out_of_range("at")), ErrorKind::internal);
}

TEST(Elements, SymbolsGoBothWays) {
  for (int z = 1; z <= kedge::kLargestAtomicNumber; ++z) {
    EXPECT_EQ(kedge::atomic_number(kedge::element_symbol(z)), z);
  }
  EXPECT_EQ(kedge::atomic_number("NA"), 11);
  EXPECT_FALSE(kedge::atomic_number("Xx").has_value());
}

}  // namespace
