# SPDX-License-Identifier: BSD-3-Clause
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=10 --match=NeVeRmAtCh
  OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT COMMIT)
  set(COMMIT unknown)
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
