// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/structure/read_structure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"
#include "kedge/core/text_file.hpp"
#include "kedge/structure/read_cif.hpp"
#include "kedge/structure/read_xyz.hpp"

namespace kedge::structure {

std::vector<Structure> parse_structures(std::string_view text, const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".xyz") return parse_xyz_frames(text, path.string());
  if (extension == ".cif") return {parse_cif(text, path.string())};
  throw Error(ErrorKind::input,
              fmt::format("structure file {}: extension \"{}\" found, .xyz (molecule) or .cif "
                          "(crystal) wanted",
                          path.string(), extension));
}

Structure parse_structure(std::string_view text, const std::filesystem::path& path) {
  std::vector<Structure> frames = parse_structures(text, path);
  if (frames.size() == 1) return std::move(frames.front());
  throw Error(ErrorKind::input,
              fmt::format("{} has {} frames, wanted one", path.string(), frames.size()));
}

Structure read_structure(const std::filesystem::path& path) {
  return parse_structure(read_text_file(path, "structure file"), path);
}

std::string sum_formula(const Structure& structure) {
  std::map<std::string, int> counts;
  for (const Site& site : structure.sites) {
    if (site.atomic_number == 0) continue;
    ++counts[std::string(element_symbol(site.atomic_number))];
  }
  std::string formula;
  const auto append = [&](const std::string& symbol) {
    const auto entry = counts.find(symbol);
    if (entry == counts.end()) return;
    formula += symbol;
    if (entry->second > 1) formula += std::to_string(entry->second);
    counts.erase(entry);
  };
  if (counts.contains("C")) {
    append("C");
    append("H");
  }
  while (!counts.empty()) append(std::string(counts.begin()->first));
  return formula;
}

}  // namespace kedge::structure
