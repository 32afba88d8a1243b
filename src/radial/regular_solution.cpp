// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/radial/regular_solution.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kedge/core/error.hpp"
#include "kedge/core/units.hpp"
#include "kedge/math/complex_lu.hpp"

namespace kedge::radial {
namespace {

constexpr int kNodesPerElement = 14;

struct Boundary {
  double mismatch = 0.0;  // P' - P (decaying logarithmic derivative), scaled
  int nodes = 0;
};

Boundary boundary_at_end(const math::SpectralMesh& mesh, std::span<const double> potential,
                         double nuclear_charge, int l, double energy, bool relativistic) {
  const RegularSolution s =
      regular_solution(mesh, potential, nuclear_charge, l, energy, relativistic);
  Boundary b;
  for (std::size_t i = 1; i < s.p.size(); ++i) {
    if (s.p[i] * s.p[i - 1] < 0.0) ++b.nodes;
  }
  const double r = mesh.r().back();
  const double v = potential.back();
  const double decay = std::sqrt(std::max(0.0, l * (l + 1) / (r * r) + 2.0 * (v - energy)));
  const double slope = s.p.back() / r + 2.0 * s.q.back();
  b.mismatch = (slope + decay * s.p.back()) / std::hypot(slope, decay * s.p.back() + 1e-300);
  return b;
}

/// The pair of radial equations collocated in one element, values at one of its ends given.
template <class Scalar>
class Collocation {
 public:
  static constexpr int kUnknowns = kNodesPerElement - 1;
  using Matrix = Eigen::Matrix<Scalar, kUnknowns, kUnknowns>;
  using RealMatrix = Eigen::Matrix<double, kUnknowns, kUnknowns>;
  using Vector = Eigen::Matrix<Scalar, kUnknowns, 1>;

  Collocation(const math::SpectralMesh& mesh, std::span<const double> potential, int l,
              Scalar energy, bool relativistic)
      : mesh_(mesh),
        potential_(potential),
        l_(l),
        energy_(energy),
        half_c2_(relativistic ? 0.5 * kFineStructure * kFineStructure : 0.0) {
    if (mesh.nodes_per_element() != kNodesPerElement) {
      throw Error(
          ErrorKind::internal,
          fmt::format("a radial mesh with {} nodes in an element; those of atomic_mesh() have {}",
                      mesh.nodes_per_element(), kNodesPerElement));
    }
  }

  /// M at a node.
  [[nodiscard]] Scalar mass(std::size_t i) const {
    return 1.0 + half_c2_ * (energy_ - potential_[i]);
  }

  /// Fills element e of `s`, with P = p, Q = q at its node `known`, the first or the last.
  void solve(int e, int known, Scalar p, Scalar q, Solution<Scalar>& s) {
    constexpr int n = kNodesPerElement;
    const auto first = static_cast<std::size_t>(e * n);
    const double length =
        mesh_.edges()[static_cast<std::size_t>(e) + 1] - mesh_.edges()[static_cast<std::size_t>(e)];
    const Eigen::MatrixXd& derivative = mesh_.unit_derivative();
    const int skip = known == 0 ? 1 : 0;  // unknown k belongs to node k + skip
    // With D the derivative times r: (D - 1) P - 2 M r Q = b_p and (D + 1) Q - g P = b_q,
    // multiplied by r so that no term is singular in the first element. Q of the first goes into
    // the second: one system for P, half as large.
    for (int row = 0; row < n - 1; ++row) {
      const int i = row + skip;
      const auto k = first + static_cast<std::size_t>(i);
      const double r = mesh_.r()[k];
      const Scalar m = mass(k);
      for (int j = 0; j < n - 1; ++j) d_(row, j) = r * derivative(i, j + skip) / length;
      weight_(row) = 1.0 / (2.0 * m * r);
      diagonal_(row) =
          static_cast<double>(l_ * (l_ + 1)) / (2.0 * m * r) + r * (potential_[k] - energy_);
      const double from_end = -r * derivative(i, known) / length;
      rhs_p_(row) = from_end * p;
      rhs_q_(row) = from_end * q;
    }
    const auto one = RealMatrix::Identity();
    const RealMatrix lower = d_ - one;
    const RealMatrix upper = d_ + one;
    const Matrix weighted = weight_.asDiagonal() * lower.template cast<Scalar>();
    Matrix matrix = product(upper, weighted);
    matrix.diagonal() -= diagonal_;
    const Vector moved = weight_.cwiseProduct(rhs_p_);
    Vector right = rhs_q_;
    right.noalias() += upper.template cast<Scalar>().lazyProduct(moved);
    const Vector x = solved(matrix, right);
    Vector y = -moved;
    y.noalias() += weighted.lazyProduct(x);
    s.p[first + static_cast<std::size_t>(known)] = p;
    s.q[first + static_cast<std::size_t>(known)] = q;
    for (int j = 0; j < n - 1; ++j) {
      s.p[first + static_cast<std::size_t>(j + skip)] = x(j);
      s.q[first + static_cast<std::size_t>(j + skip)] = y(j);
    }
  }

 private:
  static constexpr bool kComplex = !std::is_same_v<Scalar, double>;

  [[nodiscard]] static Matrix product(const RealMatrix& a, const Matrix& b) {
    if constexpr (kComplex) {
      Matrix out;
      const RealMatrix real = b.real();
      const RealMatrix imaginary = b.imag();
      out.real() = a.lazyProduct(real);
      out.imag() = a.lazyProduct(imaginary);
      return out;
    } else {
      return a.lazyProduct(b);
    }
  }

  [[nodiscard]] static Vector solved(const Matrix& matrix, const Vector& rhs) {
    // Eigen takes the modulus of every complex candidate for a pivot, which costs more than the
    // elimination.
    if constexpr (kComplex) {
      return math::ComplexLu(matrix).solve(rhs);
    } else {
      return matrix.partialPivLu().solve(rhs);
    }
  }

  const math::SpectralMesh& mesh_;
  std::span<const double> potential_;
  int l_;
  Scalar energy_;
  double half_c2_;
  RealMatrix d_;
  Vector weight_, diagonal_, rhs_p_, rhs_q_;
};

template <class Scalar>
Solution<Scalar> outward(const math::SpectralMesh& mesh, std::span<const double> potential,
                         double nuclear_charge, int l, Scalar energy, bool relativistic) {
  const int n = mesh.nodes_per_element();
  Solution<Scalar> s;
  s.p.resize(mesh.size());
  s.q.resize(mesh.size());
  Collocation<Scalar> element(mesh, potential, l, energy, relativistic);
  const double r0 = mesh.r().front();
  // P ~ r^a (1 + b r), the value at the first node scaled to one: the rest of the solution follows
  // from it.
  const double z_over_c = relativistic ? nuclear_charge * kFineStructure : 0.0;
  const double a = relativistic ? std::sqrt(l * (l + 1) + 1.0 - z_over_c * z_over_c) : l + 1.0;
  const double b = relativistic ? 0.0 : -nuclear_charge / (l + 1.0);
  Scalar p = 1.0 + b * r0;
  Scalar q = ((a - 1.0) + a * b * r0) / (2.0 * element.mass(0) * r0);
  for (int e = 0; e < mesh.elements(); ++e) {
    element.solve(e, 0, p, q, s);
    const auto last = static_cast<std::size_t>((e + 1) * n) - 1;
    // r^(l+1) grows by many decades over the mesh: rescale everything so far to keep the numbers
    // near one.
    const double scale = 1.0 / std::max(std::abs(s.p[last]), std::abs(s.q[last]) * mesh.r()[last]);
    for (std::size_t k = 0; k <= last; ++k) {
      s.p[k] *= scale;
      s.q[k] *= scale;
    }
    p = s.p[last];
    q = s.q[last];
  }
  return s;
}

template <class Scalar>
Solution<Scalar> inward(const math::SpectralMesh& mesh, std::span<const double> potential, int l,
                        Scalar energy, bool relativistic, Scalar p_end, Scalar q_end) {
  Solution<Scalar> s;
  s.p.resize(mesh.size());
  s.q.resize(mesh.size());
  Collocation<Scalar> element(mesh, potential, l, energy, relativistic);
  for (int e = mesh.elements() - 1; e >= 0; --e) {
    element.solve(e, mesh.nodes_per_element() - 1, p_end, q_end, s);
    const auto first = static_cast<std::size_t>(e * mesh.nodes_per_element());
    p_end = s.p[first];
    q_end = s.q[first];
  }
  return s;
}

}  // namespace

math::SpectralMesh atomic_mesh(double nuclear_charge, double sphere_radius, double outer_radius) {
  const double first = 1e-5 / std::max(1.0, nuclear_charge);
  // A growth of 2.5 keeps the nearest singularity (the nucleus) far enough from each element.
  const int count = static_cast<int>(std::ceil(std::log(sphere_radius / first) / std::log(2.5)));
  std::vector<double> edges;
  for (int i = 0; i <= count; ++i) {
    edges.push_back(i == count
                        ? sphere_radius
                        : first * std::pow(sphere_radius / first, static_cast<double>(i) / count));
  }
  if (outer_radius > sphere_radius) {
    const int outer =
        static_cast<int>(std::ceil((outer_radius - sphere_radius) / (0.5 * sphere_radius)));
    for (int i = 1; i <= outer; ++i) {
      edges.push_back(sphere_radius + (outer_radius - sphere_radius) * i / outer);
    }
  }
  return math::SpectralMesh(std::move(edges), kNodesPerElement);
}

RegularSolution regular_solution(const math::SpectralMesh& mesh, std::span<const double> potential,
                                 double nuclear_charge, int l, double energy, bool relativistic) {
  return outward<double>(mesh, potential, nuclear_charge, l, energy, relativistic);
}

ComplexSolution regular_solution(const math::SpectralMesh& mesh, std::span<const double> potential,
                                 double nuclear_charge, int l, std::complex<double> energy,
                                 bool relativistic) {
  return outward<std::complex<double>>(mesh, potential, nuclear_charge, l, energy, relativistic);
}

RegularSolution irregular_solution(const math::SpectralMesh& mesh,
                                   std::span<const double> potential, int l, double energy,
                                   bool relativistic, double p_end, double q_end) {
  return inward<double>(mesh, potential, l, energy, relativistic, p_end, q_end);
}

ComplexSolution irregular_solution(const math::SpectralMesh& mesh,
                                   std::span<const double> potential, int l,
                                   std::complex<double> energy, bool relativistic,
                                   std::complex<double> p_end, std::complex<double> q_end) {
  return inward<std::complex<double>>(mesh, potential, l, energy, relativistic, p_end, q_end);
}

double core_energy(const math::SpectralMesh& mesh, std::span<const double> potential,
                   double nuclear_charge, int n, int l, double guess, bool relativistic) {
  const int wanted = n - l - 1;
  // Too few nodes, or the right number with the tail not yet turned: the energy is too low. The
  // tail turns where the mismatch, positive for a solution that grows away on the side of its last
  // lobe, changes sign.
  const auto too_low = [&](double energy) {
    const Boundary b = boundary_at_end(mesh, potential, nuclear_charge, l, energy, relativistic);
    if (b.nodes != wanted) return b.nodes < wanted;
    const double sign = wanted % 2 == 0 ? 1.0 : -1.0;
    return sign * b.mismatch > 0.0;
  };
  double low = guess - 0.05;
  double high = guess + 0.05;
  for (int i = 0; i < 100 && !too_low(low); ++i) low -= 0.05;
  for (int i = 0; i < 100 && too_low(high); ++i) high += 0.05;
  if (!too_low(low) || too_low(high)) {
    throw Error(ErrorKind::numerical,
                fmt::format("no core state n = {}, l = {} within 5 hartree of {:.4f} hartree", n, l,
                            guess));
  }
  while (high - low > 1e-12 * std::abs(guess)) {
    const double middle = 0.5 * (low + high);
    (too_low(middle) ? low : high) = middle;
    if (middle == low && middle == high) break;
    if (high - low < 1e-10) break;
  }
  return 0.5 * (low + high);
}

}  // namespace kedge::radial
