// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/fdm/engine.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/fdm/atom_on_grid.hpp"
#include "kedge/fdm/filtered_sphere.hpp"
#include "kedge/fdm/outer_sphere.hpp"
#include "kedge/fdm/stencil.hpp"
#include "kedge/parallel/check.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;
using Clock = std::chrono::steady_clock;

// Near V0 k R + margin leaves out orders that a cluster of any shape still couples to: 1.5 to 3 % of the s density of N2 and B6.
constexpr int kLeastOuterOrder = 9;

constexpr double kGhostLimit = 1e-4;  // amplitudes lose this many digits at most to the projectors

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void sum_over_ranks(MPI_Comm comm, double* data, std::size_t count) {
  parallel::check_mpi(MPI_Allreduce(MPI_IN_PLACE, data, static_cast<int>(count), MPI_DOUBLE, MPI_SUM, comm));
}

/// The border of the operator at one energy, this rank's rows: projector columns of all atoms, then the real parts of
/// the outer channels, then the imaginary parts that matter. A = K + border N^-1 border^T in complex channels.
struct Border {
  struct Atom {
    std::vector<Eigen::Index> rows;  // local rows that the projectors touch
    Eigen::MatrixXd columns;         // (rows, harmonics)
    Eigen::Index first = 0;          // first border column
  };
  std::vector<Atom> atoms;
  std::vector<Eigen::Index> shell;  // local rows of the outer shell
  OuterSphere::Columns outer;
  Eigen::Index projectors = 0;
  Eigen::Index channels = 0;

  [[nodiscard]] Eigen::Index size() const { return projectors + channels + outer.imaginary.cols(); }

  /// Adds columns [first, first + count) times weights(count, k) to dense rows: out += border * weights.
  void add_to(const Eigen::Ref<const Eigen::MatrixXd>& weights, Eigen::Index first, Eigen::MatrixXd& out) const {
    const Eigen::Index last = first + weights.rows();
    const auto add = [&](const Eigen::MatrixXd& columns, Eigen::Index start, const std::vector<Eigen::Index>& rows) {
      const Eigen::Index from = std::max(first, start);
      const Eigen::Index to = std::min(last, start + columns.cols());
      if (from >= to) return;
      const Eigen::MatrixXd part = columns.middleCols(from - start, to - from) * weights.middleRows(from - first, to - from);
      for (std::size_t i = 0; i < rows.size(); ++i) out.row(rows[i]) += part.row(static_cast<Eigen::Index>(i));
    };
    for (const Atom& atom : atoms) add(atom.columns, atom.first, atom.rows);
    add(outer.real, projectors, shell);
    add(outer.imaginary, projectors + channels, shell);
  }

  /// border^T x of this rank's rows.
  void transpose_times(const Eigen::MatrixXd& x, Eigen::Ref<Eigen::MatrixXd> out) const {
    Eigen::MatrixXd gathered;
    const auto gather = [&](const std::vector<Eigen::Index>& rows) {
      gathered.resize(static_cast<Eigen::Index>(rows.size()), x.cols());
      for (Eigen::Index c = 0; c < x.cols(); ++c) {
        for (std::size_t i = 0; i < rows.size(); ++i) gathered(static_cast<Eigen::Index>(i), c) = x(rows[i], c);
      }
    };
    for (const Atom& atom : atoms) {
      gather(atom.rows);
      out.middleRows(atom.first, atom.columns.cols()).noalias() = atom.columns.transpose() * gathered;
    }
    gather(shell);
    out.middleRows(projectors, channels).noalias() = outer.real.transpose() * gathered;
    out.bottomRows(outer.imaginary.cols()).noalias() = outer.imaginary.transpose() * gathered;
  }

  /// From real border columns to complex channels, S^T t with U_c = Re + i Im.
  [[nodiscard]] Eigen::MatrixXcd to_channels(const Eigen::MatrixXcd& t) const {
    Eigen::MatrixXcd out = t.topRows(projectors + channels);
    for (std::size_t i = 0; i < outer.imaginary_channel.size(); ++i) {
      out.row(projectors + outer.imaginary_channel[i]) +=
          Complex(0.0, 1.0) * t.row(projectors + channels + static_cast<Eigen::Index>(i));
    }
    return out;
  }

  /// From complex channel coefficients to those of the real columns, S z.
  [[nodiscard]] Eigen::VectorXcd to_columns(const Eigen::VectorXcd& z) const {
    Eigen::VectorXcd out = Eigen::VectorXcd::Zero(size());
    out.head(projectors + channels) = z;
    for (std::size_t i = 0; i < outer.imaginary_channel.size(); ++i) {
      out(projectors + channels + static_cast<Eigen::Index>(i)) =
          Complex(0.0, 1.0) * z(projectors + outer.imaginary_channel[i]);
    }
    return out;
  }
};

}  // namespace

struct Engine::Parts {
  MPI_Comm comm;
  const potential::PotentialModel& model;
  Settings settings;
  std::vector<double> stencil;
  grid::SphereGrid grid;
  GridOperator op;
  std::vector<AtomOnGrid> atoms;
  std::unique_ptr<OuterSphere> outer;
  std::unique_ptr<potential::Samples> samples;  // at this rank's nodes
  std::vector<int> sphere_of_node;              // scatterer whose sphere holds the node, or -1; local rows
  std::vector<double> radius_in_sphere;
  std::vector<double> inside;                   // filtered theta(R - r); local rows
  SolveProfile profile;

  Parts(MPI_Comm comm_in, const potential::PotentialModel& model_in, Settings settings_in);
  [[nodiscard]] int lmax_at(double energy) const;
  [[nodiscard]] std::vector<double> diagonal(double energy, const std::vector<AtomAtEnergy>& at) const;
  [[nodiscard]] Border border(double energy, double outer_level, const std::vector<AtomAtEnergy>& at) const;
  [[nodiscard]] double residual(const Border& b, const std::vector<AtomAtEnergy>& at, const Eigen::MatrixXcd& inner,
                                const Eigen::PartialPivLU<Eigen::MatrixXcd>& lu, const Eigen::MatrixXcd& t);
};

Engine::Parts::Parts(MPI_Comm comm_in, const potential::PotentialModel& model_in, Settings settings_in)
    : comm(comm_in),
      model(model_in),
      settings(std::move(settings_in)),
      stencil(second_derivative(settings.order)),
      grid(settings.spacing, settings.radius + settings.margin_steps * settings.spacing,
           settings.spacing * settings.shift),
      op(comm, grid, stencil) {
  const auto& scatterers = model.scatterers();
  std::vector<double> window;
  for (int i = 0; i <= 6; ++i) {
    window.push_back(settings.lowest_energy + (settings.highest_energy - settings.lowest_energy) * i / 6.0);
  }
  std::vector<AtomicSphere> spheres;
  for (std::size_t a = 0; a < scatterers.size(); ++a) {
    spheres.push_back({scatterers[a].position_cart, settings.sphere_radius[a]});
  }
  for (std::size_t a = 0; a < scatterers.size(); ++a) {
    AtomOnGrid::Parameters p;
    p.scatterer = static_cast<int>(a);
    p.sphere_radius = settings.sphere_radius[a];
    p.mesh_radius = a == 0 ? std::max(settings.absorber_mesh_radius, p.sphere_radius) : p.sphere_radius;
    p.lmax = settings.lmax[a];
    p.relativistic = settings.relativistic;
    p.one_centre = settings.one_centre;
    atoms.emplace_back(model, grid, p, spheres, stencil, window);
  }
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    if (atoms[a].depth().independence >= kGhostLimit) continue;
    throw Error(ErrorKind::numerical,
                fmt::format("the projectors of atom {} (Z = {}) are nearly dependent on its local potential in this energy window "
                            "(independence {:.1e}, wanted {:.0e}): change its radius with engine.sphere_radius",
                            a + 1, scatterers[a].atomic_number, atoms[a].depth().independence, kGhostLimit));
  }
  outer = std::make_unique<OuterSphere>(grid, stencil, lmax_at(settings.highest_energy), op.first_row(), op.last_row());

  std::vector<Eigen::Vector3d> points;
  for (std::int32_t n = op.first_row(); n < op.last_row(); ++n) {
    points.push_back(grid.position(n));
    sphere_of_node.push_back(-1);
    radius_in_sphere.push_back(0.0);
    for (std::size_t a = 0; a < scatterers.size(); ++a) {
      const double r = (points.back() - scatterers[a].position_cart).norm();
      if (r < settings.sphere_radius[a]) {
        sphere_of_node.back() = static_cast<int>(a);
        radius_in_sphere.back() = r;
      }
    }
  }
  samples = model.sample(points, sphere_of_node);
  const std::vector<double> all_inside = filtered_sphere(grid, settings.radius);
  inside.assign(all_inside.begin() + op.first_row(), all_inside.begin() + op.last_row());
}

int Engine::Parts::lmax_at(double energy) const {
  if (settings.outer_lmax >= 0) return settings.outer_lmax;
  const double kinetic = std::max(0.0, energy - model.outer_level(energy));
  const int from_wave_number = static_cast<int>(std::ceil(std::sqrt(2.0 * kinetic) * settings.radius)) + settings.outer_margin;
  return std::max(from_wave_number, kLeastOuterOrder);
}

std::vector<double> Engine::Parts::diagonal(double energy, const std::vector<AtomAtEnergy>& at) const {
  std::vector<double> v(sphere_of_node.size());
  samples->evaluate(energy, v);
  const double outside = model.outer_level(energy);
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (sphere_of_node[i] >= 0) {
      const auto a = static_cast<std::size_t>(sphere_of_node[i]);
      const double r = radius_in_sphere[i];
      // Vt in place of the spherical part; the non-spherical rest stays.
      v[i] += at[a].pseudo.local_potential(r) - atoms[a].mesh().interpolate(at[a].spherical_rest, r);
    }
    v[i] = outside + inside[i] * (v[i] - outside) - energy;
    v[i] += dispersion_correction(-v[i], settings.spacing, stencil.size());
  }
  return v;
}

Border Engine::Parts::border(double energy, double outer_level, const std::vector<AtomAtEnergy>& at) const {
  Border b;
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    Border::Atom part;
    part.first = b.projectors;
    std::vector<Eigen::Index> kept;
    const auto& nodes = atoms[a].nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i] < op.first_row() || nodes[i] >= op.last_row()) continue;
      part.rows.push_back(nodes[i] - op.first_row());
      kept.push_back(static_cast<Eigen::Index>(i));
    }
    part.columns = at[a].columns(kept, Eigen::all);
    b.projectors += part.columns.cols();
    b.atoms.push_back(std::move(part));
  }
  for (const std::int32_t n : outer->shell()) b.shell.push_back(n - op.first_row());
  const Complex k = std::sqrt(Complex(2.0 * (energy - outer_level), 0.0));
  b.outer = outer->columns(k, std::min(lmax_at(energy), outer->lmax()));
  b.channels = b.outer.real.cols();
  sum_over_ranks(comm, reinterpret_cast<double*>(b.outer.w.data()), 2 * static_cast<std::size_t>(b.outer.w.size()));
  return b;
}

double Engine::Parts::residual(const Border& b, const std::vector<AtomAtEnergy>& at, const Eigen::MatrixXcd& inner,
                               const Eigen::PartialPivLU<Eigen::MatrixXcd>& lu, const Eigen::MatrixXcd& t) {
  // psi = K^-1 (s - border z), z = (N + T)^-1 border^T K^-1 s, for the s-wave projector of the absorber as source.
  const Eigen::VectorXcd z = lu.solve(Eigen::VectorXcd(t.col(0)));
  Eigen::VectorXcd coefficients = b.to_columns(-z);
  coefficients(0) += 1.0;
  Eigen::MatrixXd weights(b.size(), 2);
  weights << coefficients.real(), coefficients.imag();
  const Eigen::Index rows = op.last_row() - op.first_row();
  Eigen::MatrixXd rhs = Eigen::MatrixXd::Zero(rows, 2);
  b.add_to(weights, 0, rhs);
  Eigen::MatrixXd psi;
  op.solve(rhs, psi);

  Eigen::MatrixXd projections(b.size(), 2);
  b.transpose_times(psi, projections);
  sum_over_ranks(comm, projections.data(), static_cast<std::size_t>(projections.size()));
  const Eigen::MatrixXcd joined = projections.col(0).cast<Complex>() + Complex(0.0, 1.0) * projections.col(1).cast<Complex>();
  const Eigen::VectorXcd along = b.to_channels(joined);
  // Strengths times projections: N^-1 border^T psi, block by block.
  Eigen::VectorXcd strength_times(along.size());
  for (std::size_t a = 0; a < at.size(); ++a) {
    const Eigen::Index n = at[a].inverse_strength.rows();
    strength_times.segment(b.atoms[a].first, n) =
        at[a].inverse_strength.cast<Complex>().partialPivLu().solve(along.segment(b.atoms[a].first, n));
  }
  strength_times.tail(b.channels) =
      inner.bottomRightCorner(b.channels, b.channels).partialPivLu().solve(along.tail(b.channels));
  Eigen::VectorXcd back = b.to_columns(strength_times);
  back(0) -= 1.0;
  weights << back.real(), back.imag();
  Eigen::MatrixXd r = Eigen::MatrixXd::Zero(rows, 2);
  b.add_to(weights, 0, r);
  Eigen::VectorXd image;
  for (Eigen::Index c = 0; c < 2; ++c) {
    op.multiply(psi.col(c), image);
    r.col(c) += image;
  }
  double norms[2] = {r.squaredNorm(), b.atoms[0].columns.col(0).squaredNorm()};
  sum_over_ranks(comm, norms, 2);
  return std::sqrt(norms[0] / norms[1]);
}

Engine::Engine(MPI_Comm comm, const potential::PotentialModel& model, Settings settings)
    : parts_(std::make_unique<Parts>(comm, model, std::move(settings))) {}
Engine::~Engine() = default;

ChannelAmplitudes Engine::solve(double energy) {
  Parts& p = *parts_;
  if (energy > p.settings.highest_energy + 1e-9) {
    throw Error(ErrorKind::internal, fmt::format("energy {:.3f} hartree is above the window the grid was made for", energy));
  }
  auto start = Clock::now();
  const auto lap = [&start](double& into) {
    into = seconds_since(start);
    start = Clock::now();
  };
  std::vector<AtomAtEnergy> at;
  for (const AtomOnGrid& atom : p.atoms) at.push_back(atom.at(energy));
  const double outer_level = p.model.outer_level(energy);
  p.op.set_diagonal(p.diagonal(energy, at));
  lap(p.profile.potential);
  const Border b = p.border(energy, outer_level, at);
  lap(p.profile.border);
  p.op.factor();
  lap(p.profile.factor);

  // T = border^T K^-1 border, block by block: K^-1 border itself is never held whole.
  Eigen::MatrixXd t(b.size(), b.size());
  Eigen::MatrixXd rhs;
  Eigen::MatrixXd x;
  for (Eigen::Index first = 0; first < b.size(); first += kRightHandSides) {
    const Eigen::Index count = std::min<Eigen::Index>(kRightHandSides, b.size() - first);
    rhs.setZero(p.op.last_row() - p.op.first_row(), count);
    b.add_to(Eigen::MatrixXd::Identity(count, count), first, rhs);
    p.op.solve(rhs, x);
    b.transpose_times(x, t.middleCols(first, count));
  }
  sum_over_ranks(p.comm, t.data(), static_cast<std::size_t>(t.size()));
  lap(p.profile.solve);

  const Eigen::Index size = b.projectors + b.channels;
  const Eigen::MatrixXcd half = b.to_channels(t.cast<Complex>());
  const Eigen::MatrixXcd transposed = half.transpose();
  const Eigen::MatrixXcd channels_t = b.to_channels(transposed);
  Eigen::MatrixXcd inner = Eigen::MatrixXcd::Zero(size, size);
  for (std::size_t a = 0; a < at.size(); ++a) {
    const Eigen::Index n = at[a].inverse_strength.rows();
    inner.block(b.atoms[a].first, b.atoms[a].first, n, n) = at[a].inverse_strength.cast<Complex>();
  }
  inner.bottomRightCorner(b.channels, b.channels) = b.outer.w;
  const Eigen::PartialPivLU<Eigen::MatrixXcd> lu(inner + 0.5 * (channels_t + channels_t.transpose()));
  const Eigen::Index n = at[0].inverse_strength.rows();
  const Eigen::MatrixXcd unit = Eigen::MatrixXcd::Identity(size, n);
  const Eigen::MatrixXcd m = lu.solve(unit).topRows(n);

  ChannelAmplitudes out;
  out.energy = energy;
  out.outer_level = outer_level;
  out.lmax = p.atoms[0].lmax();
  const Eigen::MatrixXd rho = at[0].amplitude * m.imag() * at[0].amplitude.transpose() * (-1.0 / kPi);
  out.rho = 0.5 * (rho + rho.transpose());
  for (auto& channel : at[0].pseudo.channels) out.u.push_back(channel.u);
  lap(p.profile.dense);
  out.residual = p.residual(b, at, inner, lu, channels_t);
  lap(p.profile.residual);
  p.profile.border_columns = static_cast<int>(b.size());
  p.profile.outer_channels = static_cast<int>(b.channels);
  return out;
}

FactorCost Engine::analyse() { return parts_->op.analyse(); }
std::int32_t Engine::unknowns() const { return parts_->grid.size(); }
std::int32_t Engine::projectors() const {
  std::int32_t sum = 0;
  for (const auto& atom : parts_->atoms) sum += atom.harmonics();
  return sum;
}
std::int32_t Engine::shell_nodes() const { return static_cast<std::int32_t>(parts_->outer->shell().size()); }

int Engine::border_columns(double fraction) const {
  const Settings& s = parts_->settings;
  const double energy = s.lowest_energy + fraction * (s.highest_energy - s.lowest_energy);
  const int lmax = parts_->lmax_at(energy);
  // The imaginary parts of the last few orders are negligible.
  const int propagating = energy > parts_->model.outer_level(energy) ? std::max(0, lmax - 1) : -1;
  return projectors() + math::harmonic_count(lmax) + math::harmonic_count(propagating);
}

int Engine::outer_lmax(double energy) const { return parts_->lmax_at(energy); }
const SolveProfile& Engine::profile() const { return parts_->profile; }
const math::SpectralMesh& Engine::absorber_mesh() const { return parts_->atoms[0].mesh(); }
double Engine::least_independence() const {
  double least = 1.0;
  for (const auto& atom : parts_->atoms) least = std::min(least, atom.depth().independence);
  return least;
}

}  // namespace kedge::fdm
