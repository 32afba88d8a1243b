// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <functional>
#include <string_view>

namespace kedge::parallel {

/// Runs a rank-local step that may fail on some ranks only: either it succeeds on all ranks of
/// comm, or every rank throws the same Error (that of the lowest failing rank). `what` names the
/// step in the message.
/// @note Collective on comm
void collectively(MPI_Comm comm, std::string_view what, const std::function<void()>& step);

}  // namespace kedge::parallel
