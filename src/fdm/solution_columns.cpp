// SPDX-License-Identifier: BSD-3-Clause
#include "solution_columns.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "orthonormal_columns.hpp"
#include "outer_variable.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

// Solutions for the absorber's projectors and for these again. With one fewer at the ends the error
// at a narrow state of B12 is three times as large.
constexpr int kBandSolves = 2;
}  // namespace

void add_solution_columns(const InterpolationAxis& axis, const std::array<ProjectedOperator, 3>& at,
                          double height, double smallest, SolutionColumns& out) {
  for (const ProjectedOperator& p : at) {
    append_orthonormal(out.v, absorber_solutions(p, kBandSolves), smallest);
  }
  std::array<ProjectedOperator, 3> few = at;
  for (ProjectedOperator& p : few) p = restricted(p, out.v);
  const double low = axis.nodes().front();
  const double high = axis.nodes().back();
  for (const double x : {0.25, 0.75}) {
    const Complex energy(kinetic_at(low + x * (high - low)), height);
    const std::vector<Complex> c = axis.coefficients(outer_variable(energy));
    const double error = std::abs(density_of(absorber_green(combined(few, c))).trace() -
                                  density_of(absorber_green(combined(at, c))).trace());
    out.error = std::max(out.error, error);
  }
}

}  // namespace kedge::fdm
