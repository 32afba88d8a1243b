# SPDX-License-Identifier: BSD-3-Clause
# Every library comes from Debian 12; configuration stops where a package is of the wrong kind.
find_package(PkgConfig REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(fmt 9 REQUIRED)

# One process can hold one PETSc: take the real-scalar build even where the system default is another.
if(NOT DEFINED ENV{PETSC_DIR} AND EXISTS /usr/lib/petscdir/petsc-real/lib/pkgconfig)
  set(ENV{PKG_CONFIG_PATH} "/usr/lib/petscdir/petsc-real/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
elseif(DEFINED ENV{PETSC_DIR})
  set(ENV{PKG_CONFIG_PATH}
      "$ENV{PETSC_DIR}/$ENV{PETSC_ARCH}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
endif()
pkg_search_module(PETSC REQUIRED IMPORTED_TARGET PETSc petsc)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5-openmpi)
pkg_check_modules(SPGLIB REQUIRED IMPORTED_TARGET spglib)
# Not by its CMake file, which names the static library: 12 MB to copy into each program.
pkg_check_modules(LIBXC REQUIRED IMPORTED_TARGET libxc>=5)
find_path(GEMMI_INCLUDE gemmi/cif.hpp REQUIRED)
find_package(BLAS REQUIRED)
find_package(LAPACK REQUIRED)
find_library(SCALAPACK_LIBRARY NAMES scalapack-openmpi scalapack REQUIRED)
find_library(SMUMPS_LIBRARY NAMES smumps REQUIRED)

# PkgConfig targets carry their include folders as ordinary ones: mark them as system folders, so that their
# headers do not trip our warnings. The options they were built with are not ours.
foreach(target PkgConfig::PETSC PkgConfig::HDF5 PkgConfig::SPGLIB PkgConfig::LIBXC)
  get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  if(folders)
    set_target_properties(${target} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${folders}")
  endif()
  set_target_properties(${target} PROPERTIES INTERFACE_COMPILE_OPTIONS "")
endforeach()

include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_LIBRARIES PkgConfig::PETSC MPI::MPI_C)
check_c_source_compiles("
  #include <petscconf.h>
  #if defined(PETSC_USE_COMPLEX) || !defined(PETSC_USE_REAL_DOUBLE) || !defined(PETSC_HAVE_MUMPS)
  #error wrong PETSc
  #endif
  int main(void) { return 0; }" KEDGE_PETSC_FITS)
if(NOT KEDGE_PETSC_FITS)
  message(FATAL_ERROR "kedge needs PETSc with real double scalars and MUMPS (Debian: petsc-dev, libpetsc-real-dev)")
endif()
set(CMAKE_REQUIRED_LIBRARIES PkgConfig::HDF5 MPI::MPI_C)
check_c_source_compiles("
  #include <hdf5.h>
  #ifndef H5_HAVE_PARALLEL
  #error serial HDF5
  #endif
  int main(void) { return 0; }" KEDGE_HDF5_FITS)
if(NOT KEDGE_HDF5_FITS)
  message(FATAL_ERROR "kedge needs parallel HDF5 (Debian: libhdf5-openmpi-dev)")
endif()
unset(CMAKE_REQUIRED_LIBRARIES)
