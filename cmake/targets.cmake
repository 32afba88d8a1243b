# SPDX-License-Identifier: BSD-3-Clause
# kedge_settings: warnings and options shared by every target of this project.
add_library(kedge_settings INTERFACE)
target_include_directories(kedge_settings INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(kedge_settings INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
# Dense products go to the installed BLAS, which knows the processor. In every file or in none: the linker keeps one copy of each of Eigen's
# functions, whichever it meets first.
target_compile_definitions(kedge_settings INTERFACE EIGEN_USE_BLAS)
target_link_libraries(kedge_settings INTERFACE BLAS::BLAS)
target_compile_options(kedge_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${KEDGE_WERROR}>:-Werror>)
target_compile_definitions(kedge_settings INTERFACE
  $<$<BOOL:${KEDGE_ASSERTIONS}>:_GLIBCXX_ASSERTIONS>)
# One set of instructions for all files, for the same reason. A spectrum takes an eighth less with AVX2 than without.
set(KEDGE_MARCH "${KEDGE_CPU}")
if(KEDGE_CPU STREQUAL "auto")
  include(CheckCXXSourceRuns)
  check_cxx_source_runs("int main() { return __builtin_cpu_supports(\"avx2\") && __builtin_cpu_supports(\"fma\") && __builtin_cpu_supports(\"bmi2\") ? 0 : 1; }"
    KEDGE_HAS_AVX2)
  set(KEDGE_MARCH "$<$<BOOL:${KEDGE_HAS_AVX2}>:x86-64-v3>")
endif()
target_compile_options(kedge_settings INTERFACE $<$<BOOL:${KEDGE_MARCH}>:-march=${KEDGE_MARCH}>)
# Many programs and files of templates: the quicker linker, and a compiler that does not look for memory to reuse before it
# holds 1 GB (a twentieth of its time).
include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=gold KEDGE_HAS_GOLD)
if(KEDGE_HAS_GOLD)
  target_link_options(kedge_settings INTERFACE -fuse-ld=gold)
endif()
target_compile_options(kedge_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1048576>)
if(KEDGE_ASSERTIONS)
  target_compile_options(kedge_settings INTERFACE -UNDEBUG)
endif()
if(KEDGE_SANITIZE)
  target_compile_options(kedge_settings INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(kedge_settings INTERFACE -fsanitize=address,undefined)
endif()

if(KEDGE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "KEDGE_FUZZ wants clang: configure with -DCMAKE_CXX_COMPILER=clang++; found ${CMAKE_CXX_COMPILER_ID}")
  endif()
  target_compile_options(kedge_settings INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer)
  target_link_options(kedge_settings INTERFACE -fsanitize=address,undefined)
endif()

# kedge_precompile(TARGET HEADER LIBRARY ...)
# The headers that most files include, read once for all targets: half of the time of a small file. They hide a missing
# #include: the preset "audit" builds without.
function(kedge_precompile target header)
  if(NOT KEDGE_PRECOMPILE)
    return()
  endif()
  get_filename_component(name ${header} NAME_WE)
  set(carrier kedge_${name})
  if(NOT TARGET ${carrier})
    file(WRITE ${PROJECT_BINARY_DIR}/generated/${name}.cpp "")
    add_library(${carrier} OBJECT ${PROJECT_BINARY_DIR}/generated/${name}.cpp)
    target_link_libraries(${carrier} PRIVATE kedge_settings fmt::fmt Eigen3::Eigen ${ARGN})
    target_precompile_headers(${carrier} PRIVATE ${header})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${carrier})
endfunction()

# kedge_unite(TARGET FILE ...)
# With KEDGE_UNITY the files of a target are compiled eight at a time, and templates that several of them use once: a quarter
# to a half of the time. Not FILE ..., which give names to what is theirs alone that others of the target use as well
# (or in which GCC 12 would see overruns of strings that are none).
function(kedge_unite target)
  if(NOT KEDGE_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  if(ARGN)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  # To the compiler each of the files is a header, whose local types should not be members.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()

# kedge_domain(NAME SOURCES a.cpp ... [ALONE b.cpp ...] USES core math ... LIBRARIES fmt::fmt ...)
# One OBJECT library for one domain of the source tree. A domain sees only the domains it names; since these are
# OBJECT libraries, CMake refuses a cycle between them. ALONE: those of SOURCES that kedge_unite leaves out.
function(kedge_domain name)
  cmake_parse_arguments(arg "" "" "SOURCES;ALONE;USES;LIBRARIES" ${ARGN})
  add_library(kedge_${name} OBJECT ${arg_SOURCES})
  target_link_libraries(kedge_${name} PUBLIC kedge_settings ${arg_LIBRARIES})
  kedge_precompile(kedge_${name} ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp)
  kedge_unite(kedge_${name} ${arg_ALONE})
  foreach(used ${arg_USES})
    target_link_libraries(kedge_${name} PUBLIC kedge_${used})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY KEDGE_DOMAINS kedge_${name})
endfunction()

# kedge_test(NAME SOURCES ... [ALONE ...] LABEL unit|physics|mpi|e2e|long [RANKS 1 2 3] [TIMEOUT seconds])
# One GoogleTest executable, registered once for each number of ranks.
function(kedge_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;ALONE;RANKS" ${ARGN})
  if(NOT arg_RANKS)
    set(arg_RANKS 1)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE kedge::kedge kedge_test_support)
  kedge_precompile(${name} ${PROJECT_SOURCE_DIR}/tests/support/precompiled_tests.hpp GTest::gtest GTest::gmock)
  kedge_unite(${name} ${arg_ALONE})
  foreach(ranks ${arg_RANKS})
    if(ranks EQUAL 1)
      add_test(NAME ${name} COMMAND ${name})
      set(test ${name})
    else()
      set(test ${name}_np${ranks})
      add_test(NAME ${test} COMMAND ${MPIEXEC_EXECUTABLE} --oversubscribe -np ${ranks} $<TARGET_FILE:${name}>)
    endif()
    set_tests_properties(${test} PROPERTIES LABELS ${arg_LABEL} PROCESSORS ${ranks} TIMEOUT ${arg_TIMEOUT}
      ENVIRONMENT "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMPI_MCA_btl_vader_single_copy_mechanism=none;OMPI_MCA_ess_singleton_isolated=1;OMPI_MCA_rmaps_base_oversubscribe=1;OPENBLAS_NUM_THREADS=1;KEDGE_SOURCE_DIR=${PROJECT_SOURCE_DIR};KEDGE_PROGRAM=${PROJECT_BINARY_DIR}/kedge")
  endforeach()
endfunction()
