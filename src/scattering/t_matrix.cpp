// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/scattering/t_matrix.hpp"

#include <cmath>

#include "kedge/math/bessel.hpp"
#include "kedge/radial/regular_solution.hpp"
#include "kedge/scattering/propagator.hpp"

namespace kedge::scattering {
namespace {

using Complex = std::complex<double>;

/// Free waves at the radius: j, h and their derivatives by r.
struct FreeWaves {
  Complex j, h, dj, dh;
};

FreeWaves free_waves(Complex k, double radius, int l) {
  const Complex z = k * radius;
  std::vector<Complex> j(static_cast<std::size_t>(l) + 2);
  std::vector<Complex> h(j.size());
  math::spherical_j(z, j);
  math::spherical_h(z, h);
  const auto i = static_cast<std::size_t>(l);
  const double order = l;
  return {j[i], h[i], k * (order / z * j[i] - j[i + 1]), k * (order / z * h[i] - h[i + 1])};
}

/// @param p, slope  P and P' at the radius, seen from outside
PartialWave match(Complex k, double radius, int l, Complex p, Complex slope) {
  const FreeWaves w = free_waves(k, radius, l);
  const Complex scale = wave_scales(k, radius, l).back();
  const Complex f = p / radius;
  const Complex df = slope / radius - p / (radius * radius);
  const Complex with_h = df * w.h - f * w.dh;
  const Complex two_ikt = (df * w.j - f * w.dj) / with_h;
  PartialWave wave;
  wave.l = l;
  wave.t = two_ikt / (Complex(0.0, 2.0) * k) / (scale * scale);
  wave.factor = Complex(0.0, -1.0) / (k * radius * radius * with_h) / scale;
  wave.s_matrix = 1.0 - 2.0 * two_ikt;
  return wave;
}

}  // namespace

Complex wave_number(Complex kinetic) {
  const Complex k = std::sqrt(2.0 * kinetic);
  return k.imag() < 0.0 ? -k : k;
}

RealWave real_wave(const math::SpectralMesh& mesh, std::span<const double> potential,
                   double nuclear_charge, int l, double energy, double kinetic, bool relativistic) {
  auto solution =
      radial::regular_solution(mesh, potential, nuclear_charge, l, energy, relativistic);
  std::vector<double> square;
  for (const double p : solution.p) square.push_back(p * p);
  const double radius = mesh.edges().back();
  const double scale = 1.0 / std::sqrt(mesh.integrate(square, radius));
  for (double& p : solution.p) p *= scale;
  RealWave out;
  const double p = solution.p.back();
  out.wave =
      match(wave_number(kinetic), radius, l, p, p / radius + 2.0 * scale * solution.q.back());
  out.p = std::move(solution.p);
  return out;
}

ComplexWave complex_wave(const math::SpectralMesh& mesh, std::span<const double> potential,
                         double nuclear_charge, int l, Complex energy, Complex kinetic,
                         bool relativistic) {
  auto solution =
      radial::regular_solution(mesh, potential, nuclear_charge, l, energy, relativistic);
  Complex norm = 0.0;
  for (std::size_t i = 0; i < mesh.size(); ++i) {
    norm += mesh.weights()[i] * solution.p[i] * solution.p[i];
  }
  const double radius = mesh.edges().back();
  const Complex scale = 1.0 / std::sqrt(norm);
  for (Complex& p : solution.p) p *= scale;
  ComplexWave out;
  const Complex k = wave_number(kinetic);
  const Complex p = solution.p.back();
  out.wave = match(k, radius, l, p, p / radius + 2.0 * scale * solution.q.back());
  out.p = std::move(solution.p);

  const FreeWaves w = free_waves(k, radius, l);
  const Complex s = wave_scales(k, radius, l).back();
  // r h and Q = (P' - P/r)/2 = r h'/2, outside M = 1
  out.irregular = radial::irregular_solution(mesh, potential, l, energy, relativistic,
                                             s * radius * w.h, 0.5 * s * radius * w.dh)
                      .p;
  return out;
}

}  // namespace kedge::scattering
