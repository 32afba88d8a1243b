// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/text_file.hpp"
#include "kedge/core/units.hpp"

namespace {

TEST(OneLine, LeavesAnOrdinaryTextAlone) {
  EXPECT_EQ(kedge::one_line("q = 4.5 1/Å", 40), "q = 4.5 1/Å");
}

TEST(OneLine, HasNoControlCharacters) {
  EXPECT_EQ(kedge::one_line("a\nb\x1b[31m\r\t", 40), "a?b?[31m??");
}

TEST(OneLine, LeavesOutTheMiddleOfALongText) {
  const std::string line = kedge::one_line("begin" + std::string(1000, 'x') + "end", 20);
  EXPECT_EQ(line.size(), 20U);
  EXPECT_EQ(line.substr(0, 5), "begin");
  EXPECT_EQ(line.substr(17), "end");
}

TEST(Letters, AreUtf8AndAQuestionMarkForWhatIsNot) {
  EXPECT_EQ(kedge::letters("a\xC3\xA9\xE9z"),
            (std::vector<std::string>{"a", "\xC3\xA9", "?", "z"}));
}

TEST(Markup, EscapesWhatXmlMeans) {
  EXPECT_EQ(kedge::markup("a<b>&\"c' \xE9"), "a&lt;b&gt;&amp;&quot;c&#39; ?");
}

TEST(TextFile, TellsWhyThereIsNone) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto reason = [](const std::filesystem::path& file, std::size_t largest = 10) {
    try {
      return kedge::read_text_file(file, "recipe", largest);
    } catch (const kedge::Error& error) {
      EXPECT_EQ(error.kind(), kedge::ErrorKind::input);
      return std::string(error.what());
    }
  };
  EXPECT_EQ(reason("/dev/null"), "");
  EXPECT_EQ(reason("/nowhere/at.all"), "there is no recipe '/nowhere/at.all'");
  EXPECT_NE(reason(folder).find("is a folder, no recipe"), std::string::npos);
  EXPECT_NE(reason("/dev/zero").find("larger than"), std::string::npos);
}

TEST(Units, CrossSectionOfOneElectron) {
  // Fano and Cooper give 109.8 Mbarn eV.
  EXPECT_NEAR(kedge::kMbarnEvPerElectron, 109.761, 5e-4);  // its last digit
}

}  // namespace
