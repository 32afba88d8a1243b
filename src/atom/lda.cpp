// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/atom/lda.hpp"

#include <fmt/format.h>
#include <xc.h>

#include <cassert>
#include <vector>

#include "kedge/core/error.hpp"

namespace kedge::atom {
namespace {

int correlation_identifier(Functional functional) {
  switch (functional) {
    case Functional::hedin_lundqvist:
      return XC_LDA_C_HL;
    case Functional::vosko_wilk_nusair:
      return XC_LDA_C_VWN;
    case Functional::perdew_wang:
      return XC_LDA_C_PW;
  }
  throw Error(ErrorKind::internal, "unknown exchange-correlation functional");
}

}  // namespace

void Lda::Deleter::operator()(xc_func_type* functional) const noexcept {
  xc_func_end(functional);
  xc_func_free(functional);
}

Lda::Handle Lda::make(int identifier) {
  xc_func_type* const functional = xc_func_alloc();
  if (functional == nullptr || xc_func_init(functional, identifier, XC_UNPOLARIZED) != 0) {
    if (functional != nullptr) xc_func_free(functional);
    throw Error(ErrorKind::external, fmt::format("libxc {} does not provide functional {}",
                                                 xc_version_string(), identifier));
  }
  return Handle(functional);
}

Lda::Lda(Functional functional, bool relativistic_exchange)
    : exchange_(make(relativistic_exchange ? XC_LDA_X_REL : XC_LDA_X)),
      correlation_(make(correlation_identifier(functional))) {}

void Lda::evaluate(std::span<const double> density, std::span<double> energy_per_electron,
                   std::span<double> potential) const {
  assert(energy_per_electron.size() == density.size() && potential.size() == density.size());
  const std::size_t n = density.size();
  std::vector<double> energy(n), derivative(n);
  xc_lda_exc_vxc(exchange_.get(), n, density.data(), energy_per_electron.data(), potential.data());
  xc_lda_exc_vxc(correlation_.get(), n, density.data(), energy.data(), derivative.data());
  for (std::size_t i = 0; i < n; ++i) {
    energy_per_electron[i] += energy[i];
    potential[i] += derivative[i];
  }
}

}  // namespace kedge::atom
