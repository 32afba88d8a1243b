// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace kedge {

/// What kind of fault ended the work; main() maps it to the exit code.
enum class ErrorKind {
  input,      ///< the user's input is wrong: exit code 2
  io,         ///< a file or the disk failed: 3
  numerical,  ///< a computation did not converge or broke a law: 4
  external,   ///< PETSc, MPI, HDF5 or another library failed: 5
  internal,   ///< a fault of kedge itself: 6
  stopped     ///< stopped on request; resume to go on: 75
};

/// The one exception type of kedge.
///
/// The message says what happened, where, the value found, the value wanted and the next step.
/// Callers may add context while the exception unwinds: try { ... } catch (Error& e) {
/// e.add_context("site 12"); throw; }
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message);

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

  /// Puts "context: " before the message.
  void add_context(std::string_view context) { message_.insert(0, std::string(context) + ": "); }

 private:
  ErrorKind kind_;
  std::string message_;
};

/// Exit code of the program for an error of this kind.
[[nodiscard]] int exit_code(ErrorKind kind) noexcept;

/// The exception being handled as an Error: an Error as it is, want of memory as Error{external}
/// with what to do about it, any other std::exception as Error{internal}. Anything else goes on
/// unwinding. @pre called in a catch block
[[nodiscard]] Error current_error();

/// Name of the kind as printed before the message: "input error", "file error", ...
[[nodiscard]] std::string_view name(ErrorKind kind) noexcept;

}  // namespace kedge
