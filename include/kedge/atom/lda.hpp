// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <span>

#include "kedge/atom/atom.hpp"

struct xc_func_type;  // of libxc

namespace kedge::atom {

/// Local exchange-correlation energy and potential of the unpolarised electron gas, from libxc.
class Lda {
 public:
  explicit Lda(Functional functional, bool relativistic_exchange = false);

  /// Overwrites both outputs; below the density threshold of libxc (1e-24) they are 0.
  /// @param[in] density  n [1/bohr^3], >= 0
  /// @param[out] energy_per_electron  eps_xc(n) [hartree], shape of density
  /// @param[out] potential  V_xc(n) = d(n eps_xc)/dn [hartree], shape of density
  void evaluate(std::span<const double> density, std::span<double> energy_per_electron,
                std::span<double> potential) const;

 private:
  struct Deleter {
    void operator()(xc_func_type* functional) const noexcept;
  };
  using Handle = std::unique_ptr<xc_func_type, Deleter>;
  static Handle make(int identifier);

  Handle exchange_;
  Handle correlation_;
};

}  // namespace kedge::atom
