// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/measured/least_squares.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <unsupported/Eigen/LevenbergMarquardt>
#include <vector>

#include "kedge/core/error.hpp"

namespace kedge::measured {

namespace {

struct Functor : Eigen::DenseFunctor<double> {
  Functor(int n_parameters, int n_residuals, const ResidualFunction& wanted)
      : Eigen::DenseFunctor<double>(n_parameters, n_residuals), function(wanted) {}
  int operator()(const InputType& parameters, ValueType& residuals) const {
    function(parameters, residuals, nullptr);
    return 0;
  }
  int df(const InputType& parameters, JacobianType& jacobian) const {
    Eigen::VectorXd residuals(values());
    function(parameters, residuals, &jacobian);
    return 0;
  }
  const ResidualFunction& function;
};

}  // namespace

Eigen::MatrixXd inverse_normal(const Eigen::MatrixXd& jacobian) {
  const Eigen::VectorXd norm = jacobian.colwise().norm();
  if (norm.minCoeff() <= 0.0) {
    throw Error(ErrorKind::numerical,
                "fit: a parameter changes nothing in the window; widen it or fit fewer parameters");
  }
  const Eigen::MatrixXd scaled = jacobian * norm.cwiseInverse().asDiagonal();
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(scaled);
  qr.setThreshold(1e-7);
  if (qr.rank() < static_cast<Eigen::Index>(norm.size())) {
    throw Error(
        ErrorKind::numerical,
        "fit: two parameters do the same thing in the window; widen it or fit fewer of them");
  }
  // (A^T A)^-1 = P R^-1 R^-T P^T: by A^T A half of the digits would go.
  const Eigen::MatrixXd r_inverse =
      qr.matrixR()
          .topRows(norm.size())
          .triangularView<Eigen::Upper>()
          .solve(Eigen::MatrixXd::Identity(norm.size(), norm.size()).eval());
  const Eigen::MatrixXd half =
      norm.cwiseInverse().asDiagonal() * (qr.colsPermutation() * r_inverse);
  return half * half.transpose();
}

LeastSquares minimum(const Eigen::VectorXd& start, int n_residuals,
                     const ResidualFunction& function) {
  const auto n = static_cast<int>(start.size());
  Functor functor(n, n_residuals, function);
  Eigen::LevenbergMarquardt<Functor> method(functor);
  // Relative changes of chi^2 and of the parameters at which it stops: far below any error bar.
  method.setFtol(1e-10);
  method.setXtol(1e-10);
  method.setMaxfev(1000);
  method.setFactor(
      1.0);  // first steps within the size of the start: MINPACK's 100 jumps out of valleys
  LeastSquares fit;
  fit.parameters = start;
  const auto status = method.minimize(fit.parameters);
  fit.converged = status == Eigen::LevenbergMarquardtSpace::RelativeReductionTooSmall ||
                  status == Eigen::LevenbergMarquardtSpace::RelativeErrorTooSmall ||
                  status == Eigen::LevenbergMarquardtSpace::RelativeErrorAndReductionTooSmall ||
                  status == Eigen::LevenbergMarquardtSpace::CosinusTooSmall ||
                  status == Eigen::LevenbergMarquardtSpace::FtolTooSmall ||
                  status == Eigen::LevenbergMarquardtSpace::XtolTooSmall ||
                  status == Eigen::LevenbergMarquardtSpace::GtolTooSmall;
  return fit;
}

LeastSquares least_squares(const Eigen::VectorXd& start, int n_residuals,
                           const ResidualFunction& function) {
  LeastSquares fit = minimum(start, n_residuals, function);
  Eigen::VectorXd residuals(n_residuals);
  Eigen::MatrixXd jacobian(n_residuals, start.size());
  function(fit.parameters, residuals, &jacobian);
  fit.chi2 = residuals.squaredNorm();
  fit.degrees = n_residuals - static_cast<int>(start.size());
  fit.covariance = inverse_normal(jacobian);
  return fit;
}

LeastSquares least_squares(const Eigen::VectorXd& start, const Eigen::VectorXd& scales,
                           int n_residuals, const PlainResiduals& function) {
  const ResidualFunction with_jacobian = [&](const Eigen::VectorXd& parameters,
                                             Eigen::VectorXd& residuals,
                                             Eigen::MatrixXd* jacobian) {
    function(parameters, residuals);
    if (jacobian == nullptr) return;
    constexpr double kRelativeStep = 1e-6;
    Eigen::VectorXd up(n_residuals);
    Eigen::VectorXd down(n_residuals);
    for (Eigen::Index k = 0; k < parameters.size(); ++k) {
      const double step = kRelativeStep * scales[k];
      Eigen::VectorXd moved = parameters;
      moved[k] = parameters[k] + step;
      function(moved, up);
      moved[k] = parameters[k] - step;
      function(moved, down);
      jacobian->col(k) = (up - down) / (2.0 * step);
    }
  };
  return least_squares(start, n_residuals, ResidualFunction(with_jacobian));
}

Eigen::VectorXd nonnegative_least_squares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b,
                                          int n_bounded) {
  const auto n = a.cols();
  std::vector<bool> passive(static_cast<std::size_t>(n), false);
  for (Eigen::Index k = n_bounded; k < n; ++k) passive[static_cast<std::size_t>(k)] = true;
  const auto solve_passive = [&] {
    std::vector<Eigen::Index> columns;
    for (Eigen::Index k = 0; k < n; ++k) {
      if (passive[static_cast<std::size_t>(k)]) columns.push_back(k);
    }
    Eigen::VectorXd full = Eigen::VectorXd::Zero(n);
    if (columns.empty()) return full;
    const Eigen::MatrixXd part = a(Eigen::all, columns);
    const Eigen::VectorXd solution = part.colPivHouseholderQr().solve(b);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      full[columns[i]] = solution[static_cast<Eigen::Index>(i)];
    }
    return full;
  };
  Eigen::VectorXd x = solve_passive();
  // Rounding of the gradient relative to the sizes it is made of.
  const double tolerance = 1e-12 * a.colwise().norm().maxCoeff() * b.norm();
  for (Eigen::Index step = 0; step < 3 * n + 10; ++step) {
    const Eigen::VectorXd gradient = a.transpose() * (b - a * x);
    Eigen::Index best = -1;
    for (Eigen::Index k = 0; k < n_bounded; ++k) {
      if (passive[static_cast<std::size_t>(k)] || gradient[k] <= tolerance) continue;
      if (best < 0 || gradient[k] > gradient[best]) best = k;
    }
    if (best < 0) return x;
    passive[static_cast<std::size_t>(best)] = true;
    while (true) {
      const Eigen::VectorXd wanted = solve_passive();
      double fraction = 1.0;
      for (Eigen::Index k = 0; k < n_bounded; ++k) {
        if (!passive[static_cast<std::size_t>(k)] || wanted[k] > 0.0) continue;
        fraction = std::min(fraction, x[k] / std::max(x[k] - wanted[k], 1e-300));
      }
      x += fraction * (wanted - x);
      if (fraction >= 1.0) break;
      for (Eigen::Index k = 0; k < n_bounded; ++k) {
        if (!passive[static_cast<std::size_t>(k)] || wanted[k] > 0.0) continue;
        if (x[k] > 1e-14 * x.cwiseAbs().maxCoeff()) continue;
        passive[static_cast<std::size_t>(k)] = false;
        x[k] = 0.0;
      }
    }
  }
  throw Error(ErrorKind::numerical,
              "mixture: the weights found no end; leave out components that look alike");
}

}  // namespace kedge::measured
