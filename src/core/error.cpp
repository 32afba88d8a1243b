// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/core/error.hpp"

namespace kedge {

int exit_code(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::input: return 2;
    case ErrorKind::io: return 3;
    case ErrorKind::numerical: return 4;
    case ErrorKind::external: return 5;
    case ErrorKind::internal: return 6;
    case ErrorKind::stopped: return 75;
  }
  return 6;
}

std::string_view name(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::input: return "input error";
    case ErrorKind::io: return "file error";
    case ErrorKind::numerical: return "numerical error";
    case ErrorKind::external: return "library error";
    case ErrorKind::internal: return "internal error";
    case ErrorKind::stopped: return "stopped";
  }
  return "internal error";
}

}  // namespace kedge
