// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Eigen/Core>

namespace kedge::fdm {

/// Adds to the orthonormal columns v what is new in x.
/// @param smallest  what of a column of unit length is left beside v and worth a column of its own
void append_orthonormal(Eigen::MatrixXd& v, Eigen::MatrixXd x, double smallest);

}  // namespace kedge::fdm
