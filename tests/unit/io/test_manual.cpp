// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "kedge/io/input.hpp"

TEST(Manual, DocsInputIsUpToDate) {
  const char* source = std::getenv("KEDGE_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  std::ifstream stream(std::string(source) + "/docs/input.md");
  std::ostringstream text;
  text << stream.rdbuf();
  // `kedge keys` ends its last line with a line break of its own.
  EXPECT_EQ(text.str(), kedge::io::manual() + "\n") << "regenerate: kedge keys > docs/input.md";
}
