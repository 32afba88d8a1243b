// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/campaign/opened_results.hpp"

#include <fmt/format.h>

#include "kedge/campaign/site_spectra.hpp"
#include "kedge/core/error.hpp"

namespace kedge::campaign {

OpenedResults open_results(const std::filesystem::path& file,
                           const std::vector<std::string>& overrides) {
  OpenedResults opened{file, io::read_results(file), {}};
  std::vector<std::string> all = opened.results.broadening_overrides;
  all.insert(all.end(), overrides.begin(), overrides.end());
  const io::Input input = io::parse_input(opened.results.header.input_text,
                                          file.string() + ":/entry/process/input", {}, all);
  opened.settings = broadening_settings(input, opened.results.header.element);
  return opened;
}

std::size_t case_index(const io::ResultsHeader& header, int number) {
  if (number < 1 || static_cast<std::size_t>(number) > header.n_cases()) {
    throw Error(ErrorKind::input,
                fmt::format("--case {}: wanted a case from 1 to {}", number, header.n_cases()));
  }
  return static_cast<std::size_t>(number) - 1;
}

}  // namespace kedge::campaign
