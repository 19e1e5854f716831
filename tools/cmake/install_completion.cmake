# Run by `cmake --install`: asks PROGRAM for its completion of SHELL and writes it to OUTPUT, below
# the prefix.
set(relais_file "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${OUTPUT}")
execute_process(COMMAND "${PROGRAM}" completion "${SHELL}"
  OUTPUT_VARIABLE relais_script RESULT_VARIABLE relais_status)
if(NOT relais_status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} completion ${SHELL}: ${relais_status}")
endif()
file(WRITE "${relais_file}" "${relais_script}")
message(STATUS "Installing: ${relais_file}")
