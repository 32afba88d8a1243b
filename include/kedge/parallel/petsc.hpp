// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <petscmat.h>
#include <petscvec.h>

#include <utility>

namespace kedge::parallel {

/// Owner of one PETSc handle: get() to use it, put() for calls that create it. Destroyed
/// collectively, in scope order; skipped once PETSc is finalised.
template <class Handle, PetscErrorCode (*destroy)(Handle*)>
class PetscOwner {
 public:
  PetscOwner() = default;
  ~PetscOwner() { reset(); }
  PetscOwner(const PetscOwner&) = delete;
  PetscOwner& operator=(const PetscOwner&) = delete;
  PetscOwner(PetscOwner&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  PetscOwner& operator=(PetscOwner&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }

  [[nodiscard]] Handle get() const { return handle_; }
  [[nodiscard]] explicit operator bool() const { return handle_ != nullptr; }
  /// Address for a creating call; what was held is destroyed first.
  [[nodiscard]] Handle* put() {
    reset();
    return &handle_;
  }
  void reset() noexcept {
    PetscBool finalized = PETSC_FALSE;
    (void)PetscFinalized(&finalized);
    if (handle_ != nullptr && finalized == PETSC_FALSE) (void)destroy(&handle_);
    handle_ = nullptr;
  }

 private:
  Handle handle_ = nullptr;
};

using Matrix = PetscOwner<Mat, MatDestroy>;
using Vector = PetscOwner<Vec, VecDestroy>;
using IndexSet = PetscOwner<IS, ISDestroy>;

}  // namespace kedge::parallel
