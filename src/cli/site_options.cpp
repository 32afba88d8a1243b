// SPDX-License-Identifier: BSD-3-Clause
#include "site_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "kedge/core/error.hpp"
#include "kedge/core/text.hpp"
#include "kedge/core/text_file.hpp"
#include "kedge/measured/text_table.hpp"
#include "spectra_options.hpp"

namespace kedge::cli {

namespace {

/// Weights and shifts as far as they were given.
struct Given {
  std::vector<std::optional<double>> weight;
  std::vector<std::optional<double>> shift_ev;
};

/// @param where  option or file and line, for messages
std::size_t site_of(double atom, const io::ResultsHeader& header, const std::string& where) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < header.sites.size(); ++i) {
    if (static_cast<double>(header.sites[i].atom_number) == atom) return i;
    known.push_back(std::to_string(header.sites[i].atom_number));
  }
  throw Error(ErrorKind::input,
              fmt::format("{}: atom {:g} is no absorbing site of the file; it has {}", where, atom,
                          join(known, ", ")));
}

void set(std::optional<double>& place, double value, double atom, const std::string& where) {
  if (place) {
    throw Error(ErrorKind::input,
                fmt::format("{}: atom {:g} is given twice; wanted once", where, atom));
  }
  place = value;
}

void set_weight(Given& given, std::size_t i_site, double value, double atom,
                const std::string& where) {
  if (value < 0.0) {
    throw Error(ErrorKind::input,
                fmt::format("{}: weight {:g} of atom {:g}; wanted 0 or more", where, value, atom));
  }
  set(given.weight[i_site], value, atom, where);
}

void set_shift(Given& given, std::size_t i_site, double value, double atom,
               const std::string& where) {
  constexpr double kFarthestEv = 200.0;  // beyond any chemical shift
  if (std::abs(value) > kFarthestEv) {
    throw Error(ErrorKind::input,
                fmt::format("{}: shift {:g} eV of atom {:g}; wanted -{:g} to {:g}", where, value,
                            atom, kFarthestEv, kFarthestEv));
  }
  set(given.shift_ev[i_site], value, atom, where);
}

void read_option(const CommandLine& line, const std::string& option,
                 const io::ResultsHeader& header, Given& given) {
  for (const auto& [atom, value] : assignments_of(line, option)) {
    const std::string where = fmt::format("--{} {}", option, text_of(line, option));
    const std::size_t i_site = site_of(atom, header, where);
    if (option == "site-weight") {
      set_weight(given, i_site, value, atom, where);
    } else {
      set_shift(given, i_site, value, atom, where);
    }
  }
}

void read_site_table(const std::string& name, const io::ResultsHeader& header, Given& given) {
  const measured::TextTable table = measured::parse_table(read_text_file(name, "site table"), name);
  if (table.columns.size() != 3) {
    throw Error(ErrorKind::input,
                fmt::format("{}:{}: {} columns, wanted 3: atom, weight, shift [eV]", name,
                            table.lines.front(), table.columns.size()));
  }
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string where = fmt::format("{}:{}", name, table.lines[row]);
    const double atom = table.columns[0][row];
    const std::size_t i_site = site_of(atom, header, where);
    set_weight(given, i_site, table.columns[1][row], atom, where);
    set_shift(given, i_site, table.columns[2][row], atom, where);
  }
}

}  // namespace

std::vector<io::SiteAdjustment> site_adjustments(const CommandLine& line,
                                                 const io::ResultsHeader& header) {
  if (!has(line, "site-weight") && !has(line, "site-shift") && !has(line, "site-table")) return {};
  const std::size_t n = header.sites.size();
  Given given{std::vector<std::optional<double>>(n), std::vector<std::optional<double>>(n)};
  if (has(line, "site-table")) read_site_table(text_of(line, "site-table"), header, given);
  for (const char* option : {"site-weight", "site-shift"}) {
    if (has(line, option)) read_option(line, option, header, given);
  }
  std::vector<io::SiteAdjustment> adjustments;
  for (std::size_t i = 0; i < n; ++i) {
    adjustments.push_back({given.weight[i].value_or(1.0), given.shift_ev[i].value_or(0.0)});
  }
  if (std::all_of(adjustments.begin(), adjustments.end(),
                  [](const auto& one) { return one.weight == 0.0; })) {
    throw Error(ErrorKind::input, "every site has weight 0; wanted one above 0");
  }
  return adjustments;
}

}  // namespace kedge::cli
