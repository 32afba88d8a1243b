// SPDX-License-Identifier: BSD-3-Clause
#include "log_mesh.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "kedge/core/units.hpp"

namespace kedge::atom {

LogMesh make_log_mesh(int atomic_number) {
  constexpr double kStep = 0.01;
  constexpr double kLast = 150.0;
  LogMesh mesh;
  mesh.first = 1e-5 / atomic_number;
  mesh.step = kStep;
  const auto size = static_cast<std::size_t>(std::ceil(std::log(kLast / mesh.first) / kStep)) + 1;
  mesh.r.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    mesh.r[i] = mesh.first * std::exp(kStep * static_cast<double>(i));
  }
  return mesh;
}

std::vector<double> cumulative_integral(const LogMesh& mesh, std::span<const double> f) {
  const std::size_t n = mesh.r.size();
  assert(f.size() == n && n > 6);
  // integral over one interval of the polynomial through six points, three on each side; at the
  // ends of the mesh the integrand is negligible and the points missing are taken as 0.
  constexpr std::array<double, 3> kWeights = {802.0 / 1440.0, -93.0 / 1440.0, 11.0 / 1440.0};
  const auto integrand = [&](std::size_t i) { return i < n ? f[i] * mesh.r[i] : 0.0; };
  std::vector<double> sum(n);
  sum[0] = 0.5 * integrand(0);
  for (std::size_t i = 0; i + 1 < n; ++i) {
    double interval = 0.0;
    for (std::size_t k = 0; k < kWeights.size(); ++k) {
      // i - k wraps to a huge index below the mesh, where integrand() is 0
      interval += kWeights[k] * (integrand(i - k) + integrand(i + 1 + k));
    }
    sum[i + 1] = sum[i] + mesh.step * interval;
  }
  return sum;
}

double integral(const LogMesh& mesh, std::span<const double> f) {
  double sum = 0.0;
  for (std::size_t i = 0; i < mesh.r.size(); ++i) sum += f[i] * mesh.r[i];
  return sum * mesh.step;
}

double interpolate(const LogMesh& mesh, std::span<const double> f, double r, int power) {
  constexpr int kPoints = 6;
  const auto n = static_cast<std::ptrdiff_t>(mesh.r.size());
  if (r <= mesh.first) return f[0] * std::pow(r / mesh.first, power);
  if (r >= mesh.r.back()) return 0.0;
  const double x = std::log(r / mesh.first) / mesh.step;
  const auto start = std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(x) - 2, 0, n - kPoints);
  const double t = x - static_cast<double>(start);
  double value = 0.0;
  for (int i = 0; i < kPoints; ++i) {
    double weight = 1.0;
    for (int j = 0; j < kPoints; ++j) {
      if (j != i) weight *= (t - j) / (i - j);
    }
    value += weight * f[static_cast<std::size_t>(start + i)];
  }
  return value;
}

std::vector<double> hartree_times_r(const LogMesh& mesh, std::span<const double> density) {
  const std::size_t n = mesh.r.size();
  std::vector<double> shell(n), potential(n);
  for (std::size_t i = 0; i < n; ++i) {
    potential[i] = 4.0 * kPi * mesh.r[i] * density[i];
    shell[i] = potential[i] * mesh.r[i];
  }
  const std::vector<double> inside = cumulative_integral(mesh, shell);
  const std::vector<double> outside = cumulative_integral(mesh, potential);
  for (std::size_t i = 0; i < n; ++i) {
    potential[i] = inside[i] + mesh.r[i] * (outside[n - 1] - outside[i]);
  }
  return potential;
}

}  // namespace kedge::atom
