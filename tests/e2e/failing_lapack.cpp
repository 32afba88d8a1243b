// SPDX-License-Identifier: BSD-3-Clause
/// To be loaded before the program (LD_PRELOAD): a zgetrf that reports a singular matrix at chosen
/// calls of each process, listed in KEDGE_FAILING_CALLS ("3,7", counted from 1), and passes all
/// others on to LAPACK.
#include <dlfcn.h>

#include <complex>
#include <cstdlib>
#include <cstring>

namespace {

int calls = 0;

bool is_listed(int number) {
  const char* list = std::getenv("KEDGE_FAILING_CALLS");
  while (list != nullptr && *list != '\0') {
    char* end = nullptr;
    if (std::strtol(list, &end, 10) == number) return true;
    list = *end == ',' ? end + 1 : nullptr;
  }
  return false;
}

}  // namespace

extern "C" void zgetrf_(const int* m, const int* n, std::complex<double>* a, const int* lda,
                        int* pivots, int* info) {
  using Function = void (*)(const int*, const int*, std::complex<double>*, const int*, int*, int*);
  static void* const found = dlsym(RTLD_NEXT, "zgetrf_");
  Function lapack = nullptr;
  std::memcpy(&lapack, &found, sizeof lapack);
  lapack(m, n, a, lda, pivots, info);
  if (is_listed(++calls)) *info = 1;
}
