// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/core/error.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace kedge {

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {
  // A NUL quoted from a broken file would end what() there.
  std::replace(message_.begin(), message_.end(), '\0', '?');
}

Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return {ErrorKind::external,
            "the memory of this machine does not suffice; use fewer ranks on it, a smaller "
            "structure.radius or a larger "
            "engine.spacing (kedge check foresees the memory)"};
  } catch (const std::exception& error) {
    return {ErrorKind::internal, error.what()};
  }
}

int exit_code(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::input:
      return 2;
    case ErrorKind::io:
      return 3;
    case ErrorKind::numerical:
      return 4;
    case ErrorKind::external:
      return 5;
    case ErrorKind::internal:
      return 6;
    case ErrorKind::stopped:
      return 75;
  }
  return 6;
}

std::string_view name(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::input:
      return "input error";
    case ErrorKind::io:
      return "file error";
    case ErrorKind::numerical:
      return "numerical error";
    case ErrorKind::external:
      return "library error";
    case ErrorKind::internal:
      return "internal error";
    case ErrorKind::stopped:
      return "stopped";
  }
  return "internal error";
}

}  // namespace kedge
