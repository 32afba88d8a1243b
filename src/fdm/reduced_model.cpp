// SPDX-License-Identifier: BSD-3-Clause
#include "reduced_model.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/quadrature.hpp"

namespace kedge::fdm {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

constexpr double kNodeDistance = 0.075;  // [hartree], 2 eV
constexpr int kLeastNodes = 6;
constexpr int kFirstSnapshots = 3;
constexpr double kReach = 0.13;          // [hartree]: how far a factorisation serves as preconditioner
constexpr double kThreshold = 1e-4;      // [hartree]: nodes keep away from the outer level, where k vanishes

/// Rows of a dense matrix.
Eigen::MatrixXd gathered(const Eigen::MatrixXd& x, const std::vector<Eigen::Index>& rows) {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(rows.size()), x.cols());
  for (Eigen::Index c = 0; c < x.cols(); ++c) {
    for (std::size_t i = 0; i < rows.size(); ++i) out(static_cast<Eigen::Index>(i), c) = x(rows[i], c);
  }
  return out;
}

template <class Matrix>
void sum(MPI_Comm comm, Matrix& m) {
  constexpr std::size_t doubles = sizeof(typename Matrix::Scalar) / sizeof(double);
  sum_over_ranks(comm, reinterpret_cast<double*>(m.data()), doubles * static_cast<std::size_t>(m.size()));
}

}  // namespace

ReducedModel::ReducedModel(GridProblem& problem, const std::vector<double>& energies, const ReductionSettings& settings)
    : problem_(problem), settings_(settings), lmax_(std::min(problem.lmax_at(energies.back()), problem.outer->lmax())) {
  auto start = Clock::now();
  make_nodes(energies);
  report_.setup_seconds = seconds_since(start);
  start = Clock::now();
  std::vector<Node*> nodes;
  for (Segment& s : segments_) {
    for (Node& n : s.nodes) nodes.push_back(&n);
  }
  report_.nodes = static_cast<int>(nodes.size());
  double largest_trace = 0.0;
  const Eigen::Index rows = problem_.op.last_row() - problem_.op.first_row();
  q_.resize(rows, 0);
  outer_q_.resize(OuterSphere::kRadialTerms * math::harmonic_count(lmax_), 0);
  double response = 0.0;  // error of Z over the square of the residual, the largest seen
  while (true) {
    Node* worst = nullptr;
    if (report_.snapshots < kFirstSnapshots) {
      // The first ones stand where Chebyshev's points would put them.
      const double place = 0.5 - 0.5 * std::cos(kPi * (report_.snapshots + 0.5) / kFirstSnapshots);
      worst = nodes[static_cast<std::size_t>(place * static_cast<double>(nodes.size() - 1) + 0.5)];
    } else {
      report_.residual = 0.0;
      for (Node* n : nodes) {
        const Eigen::MatrixXcd r = residual(*n);
        double norms[2] = {r.squaredNorm(), n->source.squaredNorm()};
        sum_over_ranks(problem_.comm, norms, 2);
        n->residual = std::sqrt(norms[0] / norms[1]);
        if (n->residual > report_.residual) worst = n;
        report_.residual = std::max(report_.residual, n->residual);
      }
      report_.estimate = response * report_.residual * report_.residual;
      if (std::getenv("KX_VERBOSE")) {
        fmt::print("  basis {:4d}  residual {:.2e} at {:.2f} eV  estimate {:.2e}  {:.2f} s\n", q_.cols(), report_.residual,
                   ev_from_hartree(worst->energy), report_.estimate, seconds_since(start));
        std::fflush(stdout);
      }
      if (response > 0.0 && report_.estimate < settings_.tolerance) break;
      if (q_.cols() > settings_.most_columns) {
        throw Error(ErrorKind::numerical,
                    fmt::format("the reduced model of the energies needs more than {} columns for an error of {:.1e} (reached {:.1e}): "
                                "use engine.energies = direct or a narrower energy.grid",
                                settings_.most_columns, settings_.tolerance, report_.estimate));
      }
    }
    Eigen::MatrixXcd before;
    if (q_.cols() > 0) before = worst->p.transpose() * worst->a.partialPivLu().solve(worst->p.cast<Complex>());
    Eigen::MatrixXcd p = Eigen::MatrixXcd::Zero(rows, worst->source.cols());
    for (std::size_t i = 0; i < worst->atoms[0].rows.size(); ++i) {
      p.row(worst->atoms[0].rows[i]) = worst->source.row(static_cast<Eigen::Index>(i)).cast<Complex>();
    }
    const auto factor_start = Clock::now();
    const FactoredOperator factored(problem_, worst->energy, lmax_);  // the operator of the nodes
    report_.factor_seconds += seconds_since(factor_start);
    const Eigen::MatrixXcd x = factored.solve(p);
    Eigen::MatrixXcd exact = p.transpose() * x;
    sum(problem_.comm, exact);
    largest_trace = std::max(largest_trace, std::abs(exact.imag().trace()));
    if (report_.snapshots >= kFirstSnapshots) {
      const double error = (exact - before).imag().diagonal().cwiseAbs().sum() / largest_trace;
      response = std::max(response, error / (worst->residual * worst->residual));
    }
    ++report_.snapshots;
    if (extend(split(x)) == 0) break;
    // The factorisation is at hand: corrections at the nodes near it cost a tenth of a snapshot.
    for (Node* n : nodes) {
      if (n == worst || std::abs(n->energy - worst->energy) > kReach) continue;
      extend(split(factored.solve(residual(*n))));
      ++report_.corrections;
    }
  }
  report_.basis_columns = static_cast<int>(q_.cols());
  report_.basis_seconds = seconds_since(start) - report_.factor_seconds;
}

void ReducedModel::make_nodes(const std::vector<double>& energies) {
  const auto is_above = [&](double e) { return e > problem_.model.outer_level(e); };
  const double distance = settings_.energy_per_node > 0.0 ? settings_.energy_per_node : kNodeDistance;
  for (const bool above : {false, true}) {
    std::vector<double> mine;
    for (const double e : energies) {
      if (is_above(e) == above) mine.push_back(e);
    }
    if (mine.empty()) continue;
    Segment s;
    s.above = above;
    s.level = problem_.model.outer_level(0.5 * (mine.front() + mine.back()));
    s.lowest = mine.front();
    s.highest = mine.back();
    const auto variable = [&](double e) { return std::sqrt(2.0 * std::max(kThreshold, above ? e - s.level : s.level - e)); };
    double first = variable(s.lowest);
    double last = variable(s.highest);
    const int count = kLeastNodes + static_cast<int>((s.highest - s.lowest) / distance);
    // Chebyshev points of the first kind, spread so that the outermost stand on the ends of the segment.
    const double middle = 0.5 * (first + last);
    const double half = std::max(0.5 * std::abs(last - first) / std::cos(0.5 * kPi / count), 1e-3);
    for (int i = 0; i < count; ++i) {
      const double angle = kPi * (i + 0.5) / count;
      const double x = std::max(middle - half * std::cos(angle), std::sqrt(2.0 * kThreshold));
      const double e = s.level + (above ? 0.5 : -0.5) * x * x;
      s.nodes.push_back(make_node(e, s.level));
      s.nodes.back().variable = x;
      s.weights.push_back((i % 2 == 0 ? 1.0 : -1.0) * std::sin(angle));
    }
    segments_.push_back(std::move(s));
  }
}

ReducedModel::Node ReducedModel::make_node(double energy, double /*level*/) const {
  Node n;
  n.energy = energy;
  const std::vector<AtomAtEnergy> at = problem_.atoms_at(energy);
  const std::vector<double> d = problem_.diagonal(energy, at);
  n.diagonal = Eigen::Map<const Eigen::VectorXd>(d.data(), static_cast<Eigen::Index>(d.size()));
  const Complex k = std::sqrt(Complex(2.0 * (energy - problem_.model.outer_level(energy)), 0.0));
  n.atoms = problem_.projector_blocks(at);
  for (const AtomAtEnergy& a : at) n.strength.push_back(a.inverse_strength.inverse());
  n.coefficients = problem_.outer->radial_coefficients(k, lmax_);
  Eigen::MatrixXcd w = problem_.outer->columns(k, lmax_).w;
  sum(problem_.comm, w);
  n.outer_strength = w.inverse();
  n.source = n.atoms[0].columns * at[0].b.inverse();
  n.direct = at[0].strength.inverse();
  n.projections.resize(n.atoms.back().first + n.atoms.back().columns.cols(), 0);
  return n;
}

Eigen::MatrixXd ReducedModel::outer_projections(const Eigen::MatrixXd& v) const {
  std::vector<Eigen::Index> shell;
  for (const std::int32_t n : problem_.outer->shell()) shell.push_back(n - problem_.op.first_row());
  const Eigen::MatrixXd on_shell = gathered(v, shell);
  const Eigen::Index channels = math::harmonic_count(lmax_);
  Eigen::MatrixXd out(OuterSphere::kRadialTerms * channels, v.cols());
  for (int t = 0; t < OuterSphere::kRadialTerms; ++t) {
    out.middleRows(t * channels, channels).noalias() = problem_.outer->radial_term(t, lmax_).transpose() * on_shell;
  }
  sum(problem_.comm, out);
  return out;
}

Eigen::MatrixXcd ReducedModel::outer_sum(const Node& node, const Eigen::MatrixXd& g) const {
  const Eigen::Index channels = math::harmonic_count(lmax_);
  Eigen::MatrixXcd out = Eigen::MatrixXcd::Zero(channels, g.cols());
  for (int t = 0; t < OuterSphere::kRadialTerms; ++t) {
    for (int l = 0; l <= lmax_; ++l) {
      out.middleRows(l * l, 2 * l + 1) += node.coefficients(l, t) * g.middleRows(t * channels + l * l, 2 * l + 1);
    }
  }
  return out;
}

Eigen::MatrixXcd ReducedModel::residual(const Node& node) const {
  const Eigen::Index rows = problem_.op.last_row() - problem_.op.first_row();
  Eigen::MatrixXcd out = Eigen::MatrixXcd::Zero(rows, node.source.cols());
  const auto add_source = [&] {
    for (std::size_t i = 0; i < node.atoms[0].rows.size(); ++i) {
      out.row(node.atoms[0].rows[i]) += node.source.row(static_cast<Eigen::Index>(i)).cast<Complex>();
    }
  };
  if (q_.cols() == 0) {
    add_source();
    return out;
  }
  const Eigen::MatrixXcd y = node.a.partialPivLu().solve(node.p.cast<Complex>());
  const Eigen::MatrixXd v = q_ * split(y);
  Eigen::MatrixXd image = problem_.op.kinetic(v);
  image += node.diagonal.asDiagonal() * v;
  const Eigen::MatrixXd along = node.projections * split(y);
  for (std::size_t a = 0; a < node.atoms.size(); ++a) {
    const Border::Atom& atom = node.atoms[a];
    const Eigen::MatrixXd part = atom.columns * (node.strength[a] * along.middleRows(atom.first, atom.columns.cols()));
    for (std::size_t i = 0; i < atom.rows.size(); ++i) image.row(atom.rows[i]) += part.row(static_cast<Eigen::Index>(i));
  }
  out = -joined(image);
  add_source();
  // U W^-1 U^T v on the shell.
  const Eigen::MatrixXcd z = node.outer_strength * (outer_sum(node, outer_q_) * y);
  const Eigen::Index channels = math::harmonic_count(lmax_);
  Eigen::MatrixXd on_shell = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(problem_.outer->shell().size()), 2 * z.cols());
  for (int t = 0; t < OuterSphere::kRadialTerms; ++t) {
    Eigen::MatrixXcd weighted(channels, z.cols());
    for (int l = 0; l <= lmax_; ++l) weighted.middleRows(l * l, 2 * l + 1) = node.coefficients(l, t) * z.middleRows(l * l, 2 * l + 1);
    on_shell.noalias() += problem_.outer->radial_term(t, lmax_) * split(weighted);
  }
  const Eigen::MatrixXcd shell_image = joined(on_shell);
  for (std::size_t i = 0; i < problem_.outer->shell().size(); ++i) {
    out.row(problem_.outer->shell()[i] - problem_.op.first_row()) -= shell_image.row(static_cast<Eigen::Index>(i));
  }
  return out;
}

Eigen::Index ReducedModel::extend(const Eigen::MatrixXd& columns) {
  // Twice against the basis, then the directions of the rest that carry weight.
  Eigen::MatrixXd x = columns;
  double before = x.squaredNorm();
  sum_over_ranks(problem_.comm, &before, 1);
  for (int pass = 0; pass < 2 && q_.cols() > 0; ++pass) {
    Eigen::MatrixXd overlap = q_.transpose() * x;
    sum(problem_.comm, overlap);
    x.noalias() -= q_ * overlap;
  }
  Eigen::MatrixXd gram = x.transpose() * x;
  sum(problem_.comm, gram);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(gram);
  constexpr double kKept = 1e-8;  // of the largest weight
  Eigen::Index kept = 0;
  while (kept < gram.cols() && eigen.eigenvalues()(gram.cols() - 1 - kept) > kKept * std::max(eigen.eigenvalues().maxCoeff(), 1e-8 * before)) ++kept;
  if (kept == 0) return 0;
  Eigen::MatrixXd q = x * eigen.eigenvectors().rightCols(kept);
  for (int pass = 0; pass < 2; ++pass) {  // the small ones lost digits
    if (q_.cols() > 0) {
      Eigen::MatrixXd overlap = q_.transpose() * q;
      sum(problem_.comm, overlap);
      q.noalias() -= q_ * overlap;
    }
    Eigen::MatrixXd own = q.transpose() * q;
    sum(problem_.comm, own);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> e(own);
    q = (q * (e.eigenvectors() * e.eigenvalues().cwiseMax(1e-300).cwiseSqrt().cwiseInverse().asDiagonal())).eval();
  }
  const Eigen::Index old = q_.cols();
  const Eigen::Index all = old + kept;
  q_.conservativeResize(Eigen::NoChange, all);
  q_.rightCols(kept) = q;
  outer_q_.conservativeResize(Eigen::NoChange, all);
  outer_q_.rightCols(kept) = outer_projections(q);
  const Eigen::MatrixXd kinetic = problem_.op.kinetic(q);
  for (Segment& s : segments_) {
    for (Node& n : s.nodes) {
      n.projections.conservativeResize(Eigen::NoChange, all);
      Eigen::MatrixXd projections(n.projections.rows(), kept);
      for (const Border::Atom& atom : n.atoms) {
        projections.middleRows(atom.first, atom.columns.cols()) = atom.columns.transpose() * gathered(q, atom.rows);
      }
      sum(problem_.comm, projections);
      n.projections.rightCols(kept) = projections;
      Eigen::MatrixXd block = q_.transpose() * (kinetic + n.diagonal.asDiagonal() * q);
      Eigen::MatrixXd p = gathered(q, n.atoms[0].rows).transpose() * n.source;
      sum(problem_.comm, block);
      sum(problem_.comm, p);
      for (std::size_t a = 0; a < n.atoms.size(); ++a) {
        const auto rows = Eigen::seqN(n.atoms[a].first, n.atoms[a].columns.cols());
        block += n.projections(rows, Eigen::all).transpose() * (n.strength[a] * projections(rows, Eigen::all));
      }
      const Eigen::MatrixXcd u = outer_sum(n, outer_q_);
      const Eigen::MatrixXcd full = block + u.transpose() * (n.outer_strength * u.rightCols(kept));
      n.a.conservativeResize(all, all);
      n.a.rightCols(kept) = full;
      n.a.bottomRows(kept) = full.transpose();
      n.p.conservativeResize(all, n.source.cols());
      n.p.bottomRows(kept) = p;
    }
  }
  return kept;
}

Eigen::MatrixXcd ReducedModel::z_at(const Segment& s, Complex energy) const {
  Complex x = std::sqrt(2.0 * (s.above ? energy - s.level : s.level - energy));
  // Barycentric interpolation in x.
  std::vector<Complex> weight;
  Complex total = 0.0;
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    Complex distance = x - s.nodes[i].variable;
    if (std::abs(distance) < 1e-13) distance = 1e-13;
    weight.push_back(s.weights[i] / distance);
    total += weight.back();
  }
  Eigen::MatrixXcd a = Eigen::MatrixXcd::Zero(q_.cols(), q_.cols());
  Eigen::MatrixXcd p = Eigen::MatrixXcd::Zero(q_.cols(), s.nodes.front().p.cols());
  Eigen::MatrixXcd direct = Eigen::MatrixXcd::Zero(p.cols(), p.cols());
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    const Complex w = weight[i] / total;
    a += w * s.nodes[i].a;
    p += w * s.nodes[i].p;
    direct += w * s.nodes[i].direct;
  }
  return direct - p.transpose() * a.partialPivLu().solve(p);
}

ChannelAmplitudes ReducedModel::solve(double energy, double half_width) const {
  const bool above = energy > problem_.model.outer_level(energy);
  const auto s = std::find_if(segments_.begin(), segments_.end(), [&](const Segment& x) { return x.above == above; });
  if (s == segments_.end()) throw Error(ErrorKind::internal, "energy outside the window of the reduced model");
  ChannelAmplitudes out;
  out.energy = energy;
  out.outer_level = problem_.model.outer_level(energy);
  out.lmax = problem_.atoms[0].lmax();
  Eigen::MatrixXd rho;
  if (half_width <= 0.0) {
    rho = z_at(*s, energy).imag();
  } else {
    // mean = (1/2h) integral over the half circle E + h exp(i theta), theta from pi to 0.
    const math::Rule rule = math::gauss_legendre(6);
    rho = Eigen::MatrixXd::Zero(math::harmonic_count(out.lmax), math::harmonic_count(out.lmax));
    for (std::size_t i = 0; i < rule.x.size(); ++i) {
      const Complex turn = std::polar(1.0, 0.5 * kPi * (rule.x[i] + 1.0));
      rho += (Complex(0.0, -0.25 * kPi * rule.w[i]) * turn * z_at(*s, energy + half_width * turn)).imag();
    }
  }
  out.rho = -0.5 / kPi * (rho + rho.transpose());
  const AtomAtEnergy absorber = problem_.atoms[0].at(energy);
  for (const auto& channel : absorber.pseudo.channels) out.u.push_back(channel.u);
  const auto nearest = std::min_element(s->nodes.begin(), s->nodes.end(), [&](const Node& a, const Node& b) {
    return std::abs(a.energy - energy) < std::abs(b.energy - energy);
  });
  out.residual = nearest->residual;
  return out;
}

}  // namespace kedge::fdm
