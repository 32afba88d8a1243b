// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "kedge/atom/atom.hpp"
#include "kedge/core/elements.hpp"
#include "kedge/core/error.hpp"

namespace kedge::atom {
namespace {

constexpr std::string_view kLetters = "spdfgh";

/// Shells beyond the rare gas before each element, Z = 1 .. 103.
constexpr std::array<std::string_view, kLargestAtomicNumber> kOuterShells = {
    "1s1", "1s2",
    // [He]
    "2s1", "2s2", "2s2 2p1", "2s2 2p2", "2s2 2p3", "2s2 2p4", "2s2 2p5", "2s2 2p6",
    // [Ne]
    "3s1", "3s2", "3s2 3p1", "3s2 3p2", "3s2 3p3", "3s2 3p4", "3s2 3p5", "3s2 3p6",
    // [Ar]
    "4s1", "4s2", "3d1 4s2", "3d2 4s2", "3d3 4s2", "3d5 4s1", "3d5 4s2", "3d6 4s2", "3d7 4s2",
    "3d8 4s2", "3d10 4s1", "3d10 4s2", "3d10 4s2 4p1", "3d10 4s2 4p2", "3d10 4s2 4p3",
    "3d10 4s2 4p4", "3d10 4s2 4p5", "3d10 4s2 4p6",
    // [Kr]
    "5s1", "5s2", "4d1 5s2", "4d2 5s2", "4d4 5s1", "4d5 5s1", "4d5 5s2", "4d7 5s1", "4d8 5s1",
    "4d10", "4d10 5s1", "4d10 5s2", "4d10 5s2 5p1", "4d10 5s2 5p2", "4d10 5s2 5p3", "4d10 5s2 5p4",
    "4d10 5s2 5p5", "4d10 5s2 5p6",
    // [Xe]
    "6s1", "6s2", "5d1 6s2", "4f1 5d1 6s2", "4f3 6s2", "4f4 6s2", "4f5 6s2", "4f6 6s2", "4f7 6s2",
    "4f7 5d1 6s2", "4f9 6s2", "4f10 6s2", "4f11 6s2", "4f12 6s2", "4f13 6s2", "4f14 6s2",
    "4f14 5d1 6s2", "4f14 5d2 6s2", "4f14 5d3 6s2", "4f14 5d4 6s2", "4f14 5d5 6s2", "4f14 5d6 6s2",
    "4f14 5d7 6s2", "4f14 5d9 6s1", "4f14 5d10 6s1", "4f14 5d10 6s2", "4f14 5d10 6s2 6p1",
    "4f14 5d10 6s2 6p2", "4f14 5d10 6s2 6p3", "4f14 5d10 6s2 6p4", "4f14 5d10 6s2 6p5",
    "4f14 5d10 6s2 6p6",
    // [Rn]
    "7s1", "7s2", "6d1 7s2", "6d2 7s2", "5f2 6d1 7s2", "5f3 6d1 7s2", "5f4 6d1 7s2", "5f6 7s2",
    "5f7 7s2", "5f7 6d1 7s2", "5f9 7s2", "5f10 7s2", "5f11 7s2", "5f12 7s2", "5f13 7s2", "5f14 7s2",
    "5f14 7s2 7p1"};

constexpr std::array kRareGases = {2, 10, 18, 36, 54, 86};

[[noreturn]] void refuse(std::string_view piece, std::string_view text, std::string_view reason) {
  throw Error(ErrorKind::input,
              fmt::format("configuration \"{}\": cannot use \"{}\": {}; write shells as n, one of "
                          "spdf, and the number of electrons, for example \"2s2 2p1.5\"",
                          text, piece, reason));
}

Shell parse_shell(std::string_view piece, std::string_view text) {
  Shell shell;
  const char* const end = piece.data() + piece.size();
  const auto principal = std::from_chars(piece.data(), end, shell.n);
  if (principal.ec != std::errc{} || shell.n < 1 || shell.n > 9) {
    refuse(piece, text, "it does not begin with a principal quantum number 1 .. 9");
  }
  const auto letter = principal.ptr == end ? std::string_view::npos : kLetters.find(*principal.ptr);
  if (letter == std::string_view::npos) {
    refuse(piece, text, "no letter s, p, d, f after the number");
  }
  shell.l = static_cast<int>(letter);
  if (shell.l >= shell.n) refuse(piece, text, "there is no such shell (l must be below n)");
  const char* const number = principal.ptr + 1;
  const auto electrons = std::from_chars(number, end, shell.occupation);
  if (electrons.ec != std::errc{} || electrons.ptr != end) {
    refuse(piece, text, "the number of electrons is missing or malformed");
  }
  const double capacity = 2.0 * (2 * shell.l + 1);
  if (!(shell.occupation >= 0.0 && shell.occupation <= capacity)) {
    refuse(piece, text, fmt::format("it must hold 0 to {} electrons", capacity));
  }
  return shell;
}

void sort_by_quantum_numbers(Configuration& configuration) {
  std::sort(configuration.begin(), configuration.end(),
            [](const Shell& a, const Shell& b) { return a.n != b.n ? a.n < b.n : a.l < b.l; });
}

void require_element(int atomic_number) {
  if (atomic_number < 1 || atomic_number > kLargestAtomicNumber) {
    throw Error(ErrorKind::input, fmt::format("atomic number {}: elements 1 to {} are known",
                                              atomic_number, kLargestAtomicNumber));
  }
}

}  // namespace

Configuration ground_state(int atomic_number) {
  require_element(atomic_number);
  Configuration core;
  for (const int rare_gas : kRareGases) {
    if (rare_gas < atomic_number) {
      core = with_shells(core, std::string(kOuterShells[static_cast<std::size_t>(rare_gas - 1)]));
    }
  }
  return with_shells(core, std::string(kOuterShells[static_cast<std::size_t>(atomic_number - 1)]));
}

Configuration with_shells(Configuration base, const std::string& text) {
  constexpr std::string_view separators = " \t\r\n,";
  std::string_view rest = text;
  while (true) {
    const auto first = rest.find_first_not_of(separators);
    if (first == std::string_view::npos) break;
    rest.remove_prefix(first);
    const std::string_view piece = rest.substr(0, rest.find_first_of(separators));
    rest.remove_prefix(piece.size());
    const Shell shell = parse_shell(piece, text);
    const auto same = std::find_if(base.begin(), base.end(), [&](const Shell& other) {
      return other.n == shell.n && other.l == shell.l;
    });
    if (same != base.end()) {
      same->occupation = shell.occupation;
    } else {
      base.push_back(shell);
    }
  }
  sort_by_quantum_numbers(base);
  return base;
}

std::string to_string(const Configuration& configuration) {
  std::string text;
  for (const Shell& shell : configuration) {
    const auto l = static_cast<std::size_t>(shell.l);
    text += fmt::format("{}{}{}{:g}", text.empty() ? "" : " ", shell.n,
                        l < kLetters.size() ? kLetters[l] : '?', shell.occupation);
  }
  return text;
}

Shell screening_shell(int atomic_number) {
  require_element(atomic_number);
  struct UpTo {
    int last, n, l;
  };
  constexpr std::array<UpTo, 17> table = {{{3, 2, 0},
                                           {9, 2, 1},
                                           {11, 3, 0},
                                           {17, 3, 1},
                                           {20, 4, 0},
                                           {30, 3, 2},
                                           {35, 4, 1},
                                           {38, 5, 0},
                                           {48, 4, 2},
                                           {53, 5, 1},
                                           {56, 6, 0},
                                           {71, 4, 3},
                                           {80, 5, 2},
                                           {85, 6, 1},
                                           {88, 7, 0},
                                           {101, 5, 3},
                                           {kLargestAtomicNumber, 6, 2}}};
  const auto row = std::find_if(table.begin(), table.end(),
                                [&](const UpTo& entry) { return atomic_number <= entry.last; });
  return {row->n, row->l, 0.0};
}

}  // namespace kedge::atom
