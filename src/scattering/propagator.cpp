// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/scattering/propagator.hpp"

#include <cmath>

#include "kedge/core/units.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/math/spherical_harmonics.hpp"

namespace kedge::scattering {

using Complex = std::complex<double>;

std::vector<Complex> wave_scales(Complex k, double radius, int lmax) {
  std::vector<Complex> s = {1.0};
  for (int l = 1; l <= lmax; ++l) s.push_back(s.back() * k * radius / (2.0 * l + 1.0));
  return s;
}

Propagator::Propagator(int lmax) : lmax_(lmax) {
  const math::Gaunt gaunt(lmax, lmax, 2 * lmax);
  for (int l1 = 0; l1 <= lmax; ++l1) {
    for (int m1 = -l1; m1 <= l1; ++m1) {
      for (int l2 = 0; l2 <= lmax; ++l2) {
        for (int m2 = -l2; m2 <= l2; ++m2) {
          first_.push_back(terms_.size());
          for (int l = std::abs(l1 - l2); l <= l1 + l2; l += 2) {
            const double sign = ((l1 - l2 + l) / 2) % 2 == 0 ? 1.0 : -1.0;
            for (int m = -l; m <= l; ++m) {
              const int harmonic = math::harmonic_index(l, m);
              const double c =
                  gaunt(math::harmonic_index(l1, m1), math::harmonic_index(l2, m2), harmonic);
              if (std::abs(c) > 1e-12) terms_.push_back({harmonic, 4.0 * kPi * sign * c});
            }
          }
        }
      }
    }
  }
  first_.push_back(terms_.size());
}

void Propagator::block(Complex k, const Eigen::Vector3d& displacement, int lmax_n, double scale_n,
                       int lmax_m, double scale_m, Eigen::Ref<Eigen::MatrixXcd> out) const {
  const int top = lmax_n + lmax_m;
  std::vector<Complex> h(static_cast<std::size_t>(top) + 1);
  math::spherical_h(k * displacement.norm(), h);
  std::vector<double> y(static_cast<std::size_t>(math::harmonic_count(top)));
  math::real_harmonics(displacement, top, y);
  std::vector<Complex> wave(y.size());
  const Complex prefactor = Complex(0.0, -2.0) * k;
  for (int l = 0; l <= top; ++l) {
    for (int m = -l; m <= l; ++m) {
      const auto i = static_cast<std::size_t>(math::harmonic_index(l, m));
      wave[i] = prefactor * h[static_cast<std::size_t>(l)] * y[i];
    }
  }
  const auto s_n = wave_scales(k, scale_n, lmax_n);
  const auto s_m = wave_scales(k, scale_m, lmax_m);
  const int stride = math::harmonic_count(lmax_);
  for (int l2 = 0, column = 0; l2 <= lmax_m; ++l2) {
    for (int m2 = -l2; m2 <= l2; ++m2, ++column) {
      for (int l1 = 0, row = 0; l1 <= lmax_n; ++l1) {
        const Complex scale = s_n[static_cast<std::size_t>(l1)] * s_m[static_cast<std::size_t>(l2)];
        for (int m1 = -l1; m1 <= l1; ++m1, ++row) {
          const auto pair = static_cast<std::size_t>(row * stride + column);
          Complex sum = 0.0;
          for (std::size_t t = first_[pair]; t < first_[pair + 1]; ++t) {
            sum += terms_[t].weight * wave[static_cast<std::size_t>(terms_[t].harmonic)];
          }
          out(row, column) = scale * sum;
        }
      }
    }
  }
}

}  // namespace kedge::scattering
