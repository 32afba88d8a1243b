// SPDX-License-Identifier: BSD-3-Clause
#include "covalent_radius.hpp"

#include <gemmi/elem.hpp>

namespace kedge::report {

double covalent_radius_angstrom(const std::string& symbol) {
  return static_cast<double>(gemmi::Element(symbol).covalent_r());
}

}  // namespace kedge::report
