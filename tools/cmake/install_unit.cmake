# Run by `cmake --install`: writes a file whose paths depend on the prefix chosen there, which the
# configure step does not know. Wants INPUT (a .in file), OUTPUT (below the prefix), BIN, DOC.
set(relais_root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
set(BIN "${CMAKE_INSTALL_PREFIX}/${BIN}")
set(DOC "${CMAKE_INSTALL_PREFIX}/${DOC}")
configure_file("${INPUT}" "${relais_root}/${OUTPUT}" @ONLY)
message(STATUS "Installing: ${relais_root}/${OUTPUT}")
