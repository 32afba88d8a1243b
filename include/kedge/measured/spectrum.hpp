// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace kedge::measured {

/// A measured spectrum. Every reader gives energies in eV, strictly increasing, all values finite.
struct Spectrum {
  std::string name;               ///< for tables and figures
  std::vector<double> energy_ev;  ///< loss, or incident energy before reduction
  std::vector<double> intensity;
  std::vector<double> error;       ///< standard deviation, > 0; empty: unknown
  std::vector<std::string> notes;  ///< every rule that was applied to accept the data

  [[nodiscard]] std::size_t size() const { return energy_ev.size(); }
};

}  // namespace kedge::measured
