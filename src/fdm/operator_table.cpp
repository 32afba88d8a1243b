// SPDX-License-Identifier: BSD-3-Clause
#include "operator_table.hpp"

namespace kedge::fdm {
namespace {

using Complex = std::complex<double>;

/// Products of coefficients in wave number and place, in the order of the pairs.
std::vector<double> pairs(const std::vector<double>& of_node, const std::vector<double>& of_place) {
  std::vector<double> c;
  for (const double x : of_node) {
    for (const double y : of_place) c.push_back(x * y);
  }
  return c;
}

AtomsAtNode interpolated(const std::vector<AtomsAtNode>& atoms, const std::vector<double>& c, Eigen::Index columns) {
  AtomsAtNode out;
  Eigen::MatrixXf y = Eigen::MatrixXf::Zero(atoms[0].y.rows(), columns);
  for (const Eigen::MatrixXd& b : atoms[0].b) out.b.push_back(Eigen::MatrixXd::Zero(b.rows(), b.cols()));
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c[i] == 0.0) continue;
    y += static_cast<float>(c[i]) * atoms[i].y.leftCols(columns);
    for (std::size_t a = 0; a < out.b.size(); ++a) out.b[a] += c[i] * atoms[i].b[a];
  }
  out.y = std::move(y);
  return out;
}

/// Columns of `flat`, square matrices of `whole` columns, combined: the first n rows and columns of the sum.
Eigen::MatrixXf combined(const Eigen::MatrixXf& flat, const Eigen::VectorXd& d, Eigen::Index whole, Eigen::Index n) {
  Eigen::VectorXf sum;
  if ((d.array() != 0.0).count() * 2 < d.size()) {
    sum = Eigen::VectorXf::Zero(flat.rows());
    for (Eigen::Index m = 0; m < d.size(); ++m) {
      if (d(m) != 0.0) sum += static_cast<float>(d(m)) * flat.col(m);
    }
  } else {
    sum = flat * d.cast<float>();
  }
  return Eigen::Map<const Eigen::MatrixXf>(sum.data(), whole, whole).topLeftCorner(n, n);
}

Eigen::MatrixXcf interpolated(const std::vector<Eigen::MatrixXcf>& outer, const std::vector<double>& c, Eigen::Index columns) {
  Eigen::MatrixXcf out = Eigen::MatrixXcf::Zero(columns, columns);
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c[i] != 0.0) out += static_cast<float>(c[i]) * outer[i].topLeftCorner(columns, columns);
  }
  return out;
}

}  // namespace

ProjectedOperator OperatorTable::at(double wave_number, const std::vector<double>& of_place, Level level, Eigen::Index n) const {
  const std::vector<double> c = pairs(k.coefficients(wave_number, level), of_place);
  AtomsAtNode here = interpolated(atoms, c, n);
  ProjectedOperator out;
  const Eigen::MatrixXcf waves = interpolated(outer, k_outer.coefficients(wave_number, level), n);
  const Eigen::VectorXd d = diagonal * Eigen::Map<const Eigen::VectorXd>(c.data(), static_cast<Eigen::Index>(c.size()));
  const Eigen::MatrixXf local = combined(modes, d, columns(), n);
  out.rest = waves.cast<Complex>();
  out.rest.real() += fixed.topLeftCorner(n, n) + local.cast<double>();
  out.y = here.y.cast<double>();
  out.b = std::move(here.b);
  return out;
}

OperatorTable OperatorTable::on(const InterpolationAxis& axis, Level level, Eigen::Index n) const {
  const auto n_pairs = static_cast<Eigen::Index>(axis.nodes().size() * places);
  OperatorTable out{axis, axis, places, fixed.topLeftCorner(n, n), {}, {}, Eigen::MatrixXd::Identity(n_pairs, n_pairs), {}};
  Eigen::MatrixXf d(modes.cols(), n_pairs);
  Eigen::Index pair = 0;
  for (const double wave_number : axis.nodes()) {
    out.outer.push_back(interpolated(outer, k_outer.coefficients(wave_number, level), n));
    const std::vector<double> of_node = k.coefficients(wave_number, level);
    for (std::size_t place = 0; place < places; ++place) {
      std::vector<double> of_place(places, 0.0);
      of_place[place] = 1.0;
      const std::vector<double> c = pairs(of_node, of_place);
      out.atoms.push_back(interpolated(atoms, c, n));
      d.col(pair++) = (diagonal * Eigen::Map<const Eigen::VectorXd>(c.data(), static_cast<Eigen::Index>(c.size()))).cast<float>();
    }
  }
  const Eigen::MatrixXf local = modes * d;
  out.modes.resize(n * n, n_pairs);
  for (Eigen::Index i = 0; i < n_pairs; ++i) {
    Eigen::Map<Eigen::MatrixXf>(out.modes.col(i).data(), n, n) =
        Eigen::Map<const Eigen::MatrixXf>(local.col(i).data(), columns(), columns()).topLeftCorner(n, n);
  }
  return out;
}

OperatorTable OperatorTable::restricted(const Eigen::MatrixXd& v) const {
  const Eigen::MatrixXf w = v.cast<float>();
  const Eigen::MatrixXf transposed = w.transpose();
  OperatorTable out{k, k_outer, places, v.transpose() * fixed * v, {}, {}, diagonal, {}};
  for (const Eigen::MatrixXcf& waves : outer) {
    const Eigen::MatrixXf real = transposed * (waves.real() * w).eval();
    const Eigen::MatrixXf imaginary = transposed * (waves.imag() * w).eval();
    Eigen::MatrixXcf both(w.cols(), w.cols());
    both.real() = real;
    both.imag() = imaginary;
    out.outer.push_back(std::move(both));
  }
  out.modes.resize(w.cols() * w.cols(), modes.cols());
  for (Eigen::Index m = 0; m < modes.cols(); ++m) {
    const Eigen::MatrixXf half = Eigen::Map<const Eigen::MatrixXf>(modes.col(m).data(), w.rows(), w.rows()) * w;
    Eigen::Map<Eigen::MatrixXf>(out.modes.col(m).data(), w.cols(), w.cols()).noalias() = transposed * half;
  }
  for (const AtomsAtNode& node : atoms) out.atoms.push_back({node.y * w, node.b});
  return out;
}

}  // namespace kedge::fdm
