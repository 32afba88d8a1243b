// SPDX-License-Identifier: BSD-3-Clause
#include "site_element.hpp"

#include <cctype>

#include "kedge/core/elements.hpp"

namespace kedge::structure {

std::optional<int> element_of_symbol(std::string_view symbol) {
  if (symbol == "D" || symbol == "T") return 1;
  return atomic_number(symbol);
}

std::optional<int> element_of_label(std::string_view label) {
  std::size_t letters = 0;
  while (letters < label.size() && std::isalpha(static_cast<unsigned char>(label[letters])) != 0) {
    ++letters;
  }
  return element_of_symbol(label.substr(0, letters));
}

}  // namespace kedge::structure
