# SPDX-License-Identifier: BSD-3-Clause
# version.hpp carries the version and the git commit of the sources; regenerated at each build, rewritten only if changed.
set(KEDGE_GENERATED ${PROJECT_BINARY_DIR}/generated)
add_custom_target(kedge_version_header
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
          -DTEMPLATE=${PROJECT_SOURCE_DIR}/cmake/version.hpp.in
          -DOUTPUT=${KEDGE_GENERATED}/kedge/core/version.hpp -P ${PROJECT_SOURCE_DIR}/cmake/write_version.cmake
  BYPRODUCTS ${KEDGE_GENERATED}/kedge/core/version.hpp)
target_include_directories(kedge_settings INTERFACE ${KEDGE_GENERATED})
