// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/core/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "kedge/core/error.hpp"

namespace kedge {

std::string read_text_file(const std::filesystem::path& file, std::string_view what,
                           std::size_t largest) {
  const auto refuse = [&](const std::string& message) { throw Error(ErrorKind::input, message); };
  struct Close {
    void operator()(std::FILE* stream) const { (void)std::fclose(stream); }
  };
  errno = 0;
  const std::unique_ptr<std::FILE, Close> stream(std::fopen(file.c_str(), "rb"));
  if (!stream && errno == ENOENT) refuse(fmt::format("there is no {} '{}'", what, file.string()));
  std::string text;
  std::array<char, 65536> block{};
  while (stream && text.size() <= largest) {
    const std::size_t count = std::fread(block.data(), 1, block.size(), stream.get());
    text.append(block.data(), count);
    if (count < block.size()) break;
  }
  if (!stream || std::ferror(stream.get()) != 0) {
    const int reason = errno;
    std::error_code ignored;
    refuse(std::filesystem::is_directory(file, ignored)
               ? fmt::format("'{}' is a folder, no {}", file.string(), what)
               : fmt::format("cannot read the {} '{}': {}", what, file.string(),
                             std::strerror(reason)));
  }
  if (text.size() > largest) {
    refuse(fmt::format("the {} '{}' is larger than {:g} MB", what, file.string(),
                       static_cast<double>(largest) / 1e6));
  }
  return text;
}

}  // namespace kedge
