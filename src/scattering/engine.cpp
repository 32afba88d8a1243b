// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/scattering/engine.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "kedge/core/units.hpp"
#include "kedge/math/bessel.hpp"
#include "kedge/math/spherical_harmonics.hpp"
#include "kedge/radial/coupled_waves.hpp"
#include "kedge/scattering/propagator.hpp"

namespace kedge::scattering {
namespace {

using Complex = std::complex<double>;
using Waves = std::vector<PartialWave>;  // of one site, by l

constexpr double kLeastKinetic = 1e-9;  // [hartree]: k = 0 itself has no outgoing wave

double away_from_zero(double kinetic) {
  return std::abs(kinetic) < kLeastKinetic ? kLeastKinetic : kinetic;
}

}  // namespace

struct Engine::Parts {
  MPI_Comm comm;
  const potential::MuffinTinPotential& model;
  Settings settings;
  Propagator propagator;
  std::vector<Eigen::Index> first;  // row of each site, then the order

  Parts(MPI_Comm comm_in, const potential::MuffinTinPotential& model_in, Settings settings_in)
      : comm(comm_in),
        model(model_in),
        settings(std::move(settings_in)),
        propagator(*std::max_element(settings.lmax.begin(), settings.lmax.end())) {
    first.push_back(0);
    for (const int lmax : settings.lmax) first.push_back(first.back() + math::harmonic_count(lmax));
  }

  [[nodiscard]] std::size_t sites() const { return settings.lmax.size(); }

  void free_block(Complex k, std::size_t n, std::size_t m, Eigen::Ref<Eigen::MatrixXcd> out) const {
    if (n == m) {
      out.setZero();
      return;
    }
    const auto& nuclei = model.scatterers();
    propagator.block(k, nuclei[n].position_cart - nuclei[m].position_cart, settings.lmax[n],
                     model.radii()[n], settings.lmax[m], model.radii()[m], out);
  }

  /// (1 - g t) X = b; refers to `waves`.
  [[nodiscard]] DenseSystem system(Complex k, const std::vector<Waves>& waves,
                                   Eigen::MatrixXcd b) const {
    DenseSystem system;
    system.size = first.back();
    system.rhs = std::move(b);
    for (std::size_t n = 0; n < sites(); ++n) {
      for (std::size_t m = 0; m < sites(); ++m) {
        system.blocks.push_back(
            {first[n], first[m], first[n + 1] - first[n], first[m + 1] - first[m]});
      }
    }
    system.fill = [this, k, &waves](const MatrixBlock& block, Eigen::Ref<Eigen::MatrixXcd> out) {
      const auto n = site_of(block.row);
      const auto m = site_of(block.column);
      free_block(k, n, m, out);
      for (Eigen::Index c = 0; c < out.cols(); ++c) {
        const auto l = static_cast<std::size_t>(std::sqrt(static_cast<double>(c) + 0.5));
        out.col(c) *= -waves[m][l].t;
      }
      if (n == m) out.diagonal().setOnes();
    };
    return system;
  }

  [[nodiscard]] Eigen::MatrixXcd solve(Complex k, const std::vector<Waves>& waves,
                                       Eigen::MatrixXcd b) const {
    return solve_dense(comm, system(k, waves, std::move(b)), settings.method);
  }

  [[nodiscard]] std::size_t site_of(Eigen::Index row) const {
    return static_cast<std::size_t>(std::upper_bound(first.begin(), first.end(), row) -
                                    first.begin()) -
           1;
  }

  /// Columns of g that belong to one site.
  [[nodiscard]] Eigen::MatrixXcd free_columns(Complex k, std::size_t m) const {
    Eigen::MatrixXcd out(first.back(), first[m + 1] - first[m]);
    for (std::size_t n = 0; n < sites(); ++n) {
      free_block(k, n, m, out.middleRows(first[n], first[n + 1] - first[n]));
    }
    return out;
  }

  /// Waves of all sites at a real energy; the absorber's radial functions go to `u`.
  [[nodiscard]] std::vector<Waves> real_waves(double energy, double kinetic,
                                              std::vector<std::vector<double>>& u) const {
    std::vector<Waves> all;
    for (std::size_t a = 0; a < sites(); ++a) {
      const int i = static_cast<int>(a);
      Waves waves;
      for (int l = 0; l <= settings.lmax[a]; ++l) {
        RealWave w = real_wave(model.mesh(i), model.spherical(i, energy),
                               model.scatterers()[a].atomic_number, l, energy, kinetic,
                               settings.relativistic);
        waves.push_back(w.wave);
        if (a == 0) u.push_back(std::move(w.p));
      }
      all.push_back(std::move(waves));
    }
    return all;
  }

  /// Wave number and waves of all sites at a complex energy.
  struct ComplexWaves {
    Complex k;
    std::vector<std::vector<ComplexWave>> radial;  // of each site, by l
    std::vector<Waves> waves;                      // their scattering
  };
  [[nodiscard]] ComplexWaves complex_waves(Complex energy) const {
    const Complex kinetic = energy - model.outer_level(energy.real());
    ComplexWaves all;
    all.k = wave_number(kinetic);
    for (std::size_t a = 0; a < sites(); ++a) {
      const int i = static_cast<int>(a);
      auto& radial = all.radial.emplace_back();
      auto& waves = all.waves.emplace_back();
      for (int l = 0; l <= settings.lmax[a]; ++l) {
        radial.push_back(complex_wave(model.mesh(i), model.spherical(i, energy.real()),
                                      model.scatterers()[a].atomic_number, l, energy, kinetic,
                                      settings.relativistic));
        waves.push_back(radial.back().wave);
      }
    }
    return all;
  }

  /// Green function of site a from its block of (1 - g t)^-1 g.
  [[nodiscard]] SiteGreen site_green(std::size_t a, Eigen::MatrixXcd g, ComplexWaves& all) const {
    to_normalised(g, settings.lmax[a],
                  [&](int l) { return all.waves[a][static_cast<std::size_t>(l)]; });
    return {std::move(g), std::move(all.radial[a]), all.k};
  }

  /// Multiplies scattered waves by the factors that turn R into p, on both sides.
  template <class WaveOf>
  static void to_normalised(Eigen::MatrixXcd& g, int lmax, WaveOf wave) {
    for (int l = 0; l <= lmax; ++l) {
      g.middleRows(l * l, 2 * l + 1) *= wave(l).factor;
      g.middleCols(l * l, 2 * l + 1) *= wave(l).factor;
    }
  }
};

Engine::Engine(MPI_Comm comm, const potential::MuffinTinPotential& model, Settings settings)
    : parts_(std::make_unique<Parts>(comm, model, std::move(settings))) {}
Engine::~Engine() = default;

radial::ChannelAmplitudes Engine::solve(double energy) {
  const Parts& p = *parts_;
  radial::ChannelAmplitudes out;
  out.energy = energy;
  out.lmax = p.settings.lmax.front();
  out.outer_level = p.model.outer_level(energy);
  const double kinetic = away_from_zero(energy - out.outer_level);
  const Complex k = wave_number(kinetic);
  std::vector<std::vector<double>> u;
  const std::vector<Waves> waves = p.real_waves(energy, kinetic, u);
  out.waves = radial::uncoupled(u);
  const DenseSystem system = p.system(k, waves, p.free_columns(k, 0));
  const Eigen::MatrixXcd x = solve_dense(p.comm, system, p.settings.method);
  out.residual = relative_residual(p.comm, system, x);
  Eigen::MatrixXcd g = x.topRows(p.first[1]);
  Parts::to_normalised(g, out.lmax, [&](int l) { return waves[0][static_cast<std::size_t>(l)]; });
  // The atom alone: R and H have the same phase but for the imaginary part of H, so that Im(-2ik R
  // H) = -2k |R|^2.
  out.rho = -(1.0 / kPi) * 0.5 * (g + g.transpose()).imag();
  const auto scale = wave_scales(k, p.model.radii()[0], out.lmax);
  for (int l = 0; l <= out.lmax; ++l) {
    const auto i = static_cast<std::size_t>(l);
    const double alone = 2.0 * k.real() / kPi * std::norm(waves[0][i].factor * scale[i]);
    for (int c = l * l; c < (l + 1) * (l + 1); ++c) out.rho(c, c) += alone;
  }
  if (kinetic < 0.0) {
    out.rho.setZero();  // bound states are poles; rounding is all that an imaginary part could be
  }
  return out;
}

SiteGreen Engine::green(Complex energy) {
  const Parts& p = *parts_;
  auto all = p.complex_waves(energy);
  return p.site_green(0, p.solve(all.k, all.waves, p.free_columns(all.k, 0)).topRows(p.first[1]),
                      all);
}

std::vector<SiteGreen> Engine::green_of_all(Complex energy) {
  const Parts& p = *parts_;
  auto all = p.complex_waves(energy);
  Eigen::MatrixXcd columns(p.first.back(), p.first.back());
  for (std::size_t m = 0; m < p.sites(); ++m) {
    columns.middleCols(p.first[m], p.first[m + 1] - p.first[m]) = p.free_columns(all.k, m);
  }
  const Eigen::MatrixXcd x = p.solve(all.k, all.waves, std::move(columns));
  std::vector<SiteGreen> out;
  for (std::size_t a = 0; a < p.sites(); ++a) {
    const Eigen::Index n = p.first[a + 1] - p.first[a];
    out.push_back(p.site_green(a, x.block(p.first[a], p.first[a], n, n), all));
  }
  return out;
}

Eigen::MatrixXcd Engine::s_matrix(double energy, int lmax) {
  const Parts& p = *parts_;
  const double kinetic = energy - p.model.outer_level(energy);
  const Complex k = wave_number(kinetic);
  std::vector<std::vector<double>> unused;
  const std::vector<Waves> waves = p.real_waves(energy, kinetic, unused);
  // J: j_L of the origin about site n, 4 pi sum i^(l' - l + l'') C j_l''(kR) Y_L''(R), R the
  // position of the site; it is the propagator with h -> j, without -2ik. Scaled by s on the side
  // of the site.
  const int columns = math::harmonic_count(lmax);
  Eigen::MatrixXcd j(p.first.back(), columns);
  const int top = *std::max_element(p.settings.lmax.begin(), p.settings.lmax.end());
  const math::Gaunt gaunt(top, lmax, top + lmax);
  std::vector<double> bessel(static_cast<std::size_t>(top + lmax + 1));
  std::vector<double> y(static_cast<std::size_t>(math::harmonic_count(top + lmax)));
  for (std::size_t n = 0; n < p.sites(); ++n) {
    const Eigen::Vector3d r = p.model.scatterers()[n].position_cart;
    math::spherical_j(k.real() * r.norm(), bessel);
    math::real_harmonics(r, top + lmax, y);
    const auto s = wave_scales(k, p.model.radii()[n], p.settings.lmax[n]);
    for (int l1 = 0, row = 0; l1 <= p.settings.lmax[n]; ++l1) {
      for (int m1 = -l1; m1 <= l1; ++m1, ++row) {
        for (int l2 = 0, column = 0; l2 <= lmax; ++l2) {
          for (int m2 = -l2; m2 <= l2; ++m2, ++column) {
            double sum = 0.0;
            for (int l = std::abs(l1 - l2); l <= l1 + l2; l += 2) {
              const double sign = ((l1 - l2 + l) / 2) % 2 == 0 ? 1.0 : -1.0;
              for (int m = -l; m <= l; ++m) {
                const int i = math::harmonic_index(l, m);
                sum += sign * gaunt(row, column, i) * bessel[static_cast<std::size_t>(l)] *
                       y[static_cast<std::size_t>(i)];
              }
            }
            j(p.first[n] + row, column) = 4.0 * kPi * sum * s[static_cast<std::size_t>(l1)];
          }
        }
      }
    }
  }
  const Eigen::MatrixXcd x = p.solve(k, waves, j);
  Eigen::MatrixXcd weighted = x;
  for (std::size_t n = 0; n < p.sites(); ++n) {
    for (int l = 0; l <= p.settings.lmax[n]; ++l) {
      weighted.middleRows(p.first[n] + l * l, 2 * l + 1) *= waves[n][static_cast<std::size_t>(l)].t;
    }
  }
  return Eigen::MatrixXcd::Identity(columns, columns) -
         Complex(0.0, 4.0) * k * (j.transpose() * weighted);
}

Eigen::Index Engine::order() const {
  return parts_->first.back();
}
const math::SpectralMesh& Engine::absorber_mesh() const {
  return parts_->model.mesh(0);
}
const math::SpectralMesh& Engine::mesh(int a) const {
  return parts_->model.mesh(a);
}

Eigen::VectorXcd integrated_green(const SiteGreen& green, const math::SpectralMesh& mesh) {
  Eigen::VectorXcd out(green.g.rows());
  for (const ComplexWave& w : green.waves) {
    Complex product = 0.0;
    for (std::size_t i = 0; i < mesh.size(); ++i) {
      product += mesh.weights()[i] * w.p[i] * w.irregular[i];
    }
    const Complex alone = Complex(0.0, -2.0) * green.k * w.wave.factor * product;
    for (int c = w.wave.l * w.wave.l; c < (w.wave.l + 1) * (w.wave.l + 1); ++c) {
      out(c) = green.g(c, c) + alone;
    }
  }
  return out;
}

std::vector<Complex> radial_green(const SiteGreen& green) {
  std::vector<Complex> out(green.waves.front().p.size());
  for (const ComplexWave& w : green.waves) {
    const int m = 2 * w.wave.l + 1;
    const Complex scattered = green.g.diagonal().segment(w.wave.l * w.wave.l, m).sum();
    const Complex alone = static_cast<double>(m) * Complex(0.0, -2.0) * green.k * w.wave.factor;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += w.p[i] * (scattered * w.p[i] + alone * w.irregular[i]);
    }
  }
  return out;
}

Eigen::VectorXd density_of_states(const SiteGreen& green, const math::SpectralMesh& mesh) {
  return -(1.0 / kPi) * integrated_green(green, mesh).imag();
}

}  // namespace kedge::scattering
