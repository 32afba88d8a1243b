// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace kedge::report {

/// Covalent radius [Angstrom] from gemmi's table (B. Cordero et al., Dalton Trans. 2832 (2008)).
[[nodiscard]] double covalent_radius_angstrom(const std::string& symbol);

}  // namespace kedge::report
