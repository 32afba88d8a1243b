// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <complex>
#include <vector>

#include "kedge/fdm/bordered_factor.hpp"
#include "kedge/fdm/outer_sphere.hpp"

namespace kedge::fdm {

using Complex = std::complex<double>;

/// The border of the operator at one energy, this rank's rows: projector columns of all atoms, then
/// the real parts of the outer channels, then the imaginary parts that matter. A = K + border N^-1
/// border^T in complex channels.
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

  /// As the factorisation takes them; they refer to this border.
  [[nodiscard]] std::vector<BorderBlock> blocks() const {
    std::vector<BorderBlock> out;
    for (const Atom& atom : atoms) out.push_back({atom.rows, atom.columns, atom.first});
    out.push_back({shell, outer.real, projectors});
    out.push_back({shell, outer.imaginary, projectors + channels});
    return out;
  }

  /// All values but the absorber's given back; what is left still turns channels into columns.
  void drop_columns() {
    for (std::size_t a = 1; a < atoms.size(); ++a) {
      atoms[a].columns.resize(0, atoms[a].columns.cols());
    }
    outer.real.resize(0, outer.real.cols());
    outer.imaginary.resize(0, outer.imaginary.cols());
  }

  /// Adds columns [first, first + count) times weights(count, k) to dense rows: out += border *
  /// weights.
  void add_to(const Eigen::Ref<const Eigen::MatrixXd>& weights, Eigen::Index first,
              Eigen::MatrixXd& out) const {
    const Eigen::Index last = first + weights.rows();
    const auto add = [&](const Eigen::MatrixXd& columns, Eigen::Index start,
                         const std::vector<Eigen::Index>& rows) {
      const Eigen::Index from = std::max(first, start);
      const Eigen::Index to = std::min(last, start + columns.cols());
      if (from >= to) return;
      const Eigen::MatrixXd part =
          columns.middleCols(from - start, to - from) * weights.middleRows(from - first, to - from);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        out.row(rows[i]) += part.row(static_cast<Eigen::Index>(i));
      }
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
        for (std::size_t i = 0; i < rows.size(); ++i) {
          gathered(static_cast<Eigen::Index>(i), c) = x(rows[i], c);
        }
      }
    };
    for (const Atom& atom : atoms) {
      gather(atom.rows);
      out.middleRows(atom.first, atom.columns.cols()).noalias() =
          atom.columns.transpose() * gathered;
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
  [[nodiscard]] Eigen::MatrixXcd to_columns(const Eigen::MatrixXcd& z) const {
    Eigen::MatrixXcd out(size(), z.cols());
    out.topRows(projectors + channels) = z;
    for (std::size_t i = 0; i < outer.imaginary_channel.size(); ++i) {
      out.row(projectors + channels + static_cast<Eigen::Index>(i)) =
          Complex(0.0, 1.0) * z.row(projectors + outer.imaginary_channel[i]);
    }
    return out;
  }
};

}  // namespace kedge::fdm
