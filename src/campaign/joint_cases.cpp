// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kedge/campaign/rank_cases.hpp"
#include "kedge/core/error.hpp"

namespace kedge::campaign {

namespace {

constexpr std::size_t kMostJointCases = 100000;

const std::vector<io::CaseColumn>& columns_of(const ComparedFile& file) {
  return file.curves.opened().results.header.cases;
}

const io::CaseColumn* find_column(const ComparedFile& file, const std::string& key) {
  for (const io::CaseColumn& column : columns_of(file)) {
    if (column.key == key) return &column;
  }
  return nullptr;
}

/// True if the file has this key in common with others that sweep it: a value that a file holds
/// fixed is a choice of its own.
bool is_shared(const ComparedFile& file, const std::string& key) {
  const io::CaseColumn* column = find_column(file, key);
  return column != nullptr && column->swept &&
         std::find(file.own_keys.begin(), file.own_keys.end(), key) == file.own_keys.end();
}

bool same_value(const io::CaseColumn& a, std::size_t i, const io::CaseColumn& b, std::size_t j) {
  if (a.texts.empty() != b.texts.empty()) return false;
  if (!a.texts.empty()) return a.texts[i] == b.texts[j];
  // Values come from lists such as 1:0.1:2 in two inputs: equal but for rounding.
  return std::abs(a.values[i] - b.values[j]) <=
         1e-9 * std::max(std::abs(a.values[i]), std::abs(b.values[j]));
}

/// True if case j of the last file agrees with what was chosen in the files before it.
bool agrees(const std::vector<ComparedFile>& files, const JointCase& before, std::size_t j) {
  const ComparedFile& last = files[before.size()];
  for (const io::CaseColumn& column : columns_of(last)) {
    if (!is_shared(last, column.key)) continue;
    for (std::size_t f = 0; f < before.size(); ++f) {
      if (!is_shared(files[f], column.key)) continue;
      if (!same_value(*find_column(files[f], column.key), before[f], column, j)) return false;
    }
  }
  return true;
}

}  // namespace

std::string shared_name(const std::vector<ComparedFile>& files, std::size_t i_file,
                        const std::string& key) {
  if (is_shared(files[i_file], key)) return key;
  for (std::size_t f = 0; f < files.size(); ++f) {
    if (f != i_file && find_column(files[f], key) != nullptr) {
      return fmt::format("{}_file{}", key, i_file + 1);
    }
  }
  return key;
}

std::vector<JointCase> joint_cases(const std::vector<ComparedFile>& files) {
  std::vector<JointCase> joint = {{}};
  for (const ComparedFile& file : files) {
    const std::size_t n_cases = file.curves.opened().results.header.n_cases();
    std::vector<JointCase> longer;
    for (const JointCase& before : joint) {
      for (std::size_t j = 0; j < n_cases; ++j) {
        if (!agrees(files, before, j)) continue;
        longer.push_back(before);
        longer.back().push_back(j);
        if (longer.size() > kMostJointCases) {
          throw Error(
              ErrorKind::input,
              fmt::format("more than {} combinations of cases; leave out a file or --own keys",
                          kMostJointCases));
        }
      }
    }
    if (longer.empty()) {
      throw Error(
          ErrorKind::input,
          fmt::format("no case of '{}' has the values of a case of the files before it in the keys "
                      "that both "
                      "sweep; sweep the same values, or name keys that are not common with --own",
                      file.curves.opened().file.string()));
    }
    joint = std::move(longer);
  }
  return joint;
}

}  // namespace kedge::campaign
