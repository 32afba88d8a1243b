// SPDX-License-Identifier: BSD-3-Clause
#include "kedge/io/libraries.hpp"

#include <dlfcn.h>
#include <dmumps_c.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <mpi.h>
#include <petscsys.h>

#include <Eigen/Core>
#include <array>
#include <boost/version.hpp>
#include <gemmi/version.hpp>

namespace kedge::io {

namespace {

/// A function of a library that may or may not be loaded; null if it is not.
template <class Function>
Function* loaded(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

std::string mpi_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  (void)MPI_Get_library_version(text.data(), &length);
  const std::string all(text.data());
  return all.substr(0, all.find_first_of(",\n"));
}

std::string hdf5_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  (void)H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace

std::string blas_description() {
  if (auto* config = loaded<char*()>("openblas_get_config")) return config();
  void* routine = dlsym(RTLD_DEFAULT, "dgemm_");
  Dl_info info{};
  if (routine != nullptr && dladdr(routine, &info) != 0 && info.dli_fname != nullptr) {
    return fmt::format("unknown, from {} (not OpenBLAS: expect slow solves)", info.dli_fname);
  }
  return "unknown";
}

std::vector<std::pair<std::string, std::string>> libraries() {
  std::vector<std::pair<std::string, std::string>> found = {
      {"PETSc",
       fmt::format("{}.{}.{}", PETSC_VERSION_MAJOR, PETSC_VERSION_MINOR, PETSC_VERSION_SUBMINOR)},
      {"MUMPS", MUMPS_VERSION},
      {"HDF5", hdf5_version()},
      {"MPI", mpi_version()},
      {"BLAS", blas_description()},
  };
  if (auto* version = loaded<const char*()>("xc_version_string")) {
    found.emplace_back("libxc", version());
  }
  found.emplace_back("gemmi", GEMMI_VERSION);
  auto* major = loaded<int()>("spg_get_major_version");
  auto* minor = loaded<int()>("spg_get_minor_version");
  auto* micro = loaded<int()>("spg_get_micro_version");
  if (major != nullptr && minor != nullptr && micro != nullptr) {
    found.emplace_back("spglib", fmt::format("{}.{}.{}", major(), minor(), micro()));
  }
  found.emplace_back("Eigen", fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
                                          EIGEN_MINOR_VERSION));
  found.emplace_back("fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                                        FMT_VERSION % 100));
  found.emplace_back("Boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100000,
                                          BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100));
  return found;
}

}  // namespace kedge::io
