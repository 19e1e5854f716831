# What `cmake --install` puts below its prefix beside the programs and the kinds, which their own
# folders install: the service, its user and folders, an example configuration, manual pages, docs.
set(relais_units
  "broker/app/relais-broker@.service.in|lib/systemd/system/relais-broker@.service"
  "broker/app/relais.sysusers|lib/sysusers.d/relais.conf"
  "broker/app/relais.tmpfiles|lib/tmpfiles.d/relais.conf")
foreach(row IN LISTS relais_units)
  string(REPLACE "|" ";" row "${row}")
  list(GET row 0 input)
  list(GET row 1 output)
  install(CODE "
    set(INPUT \"${CMAKE_SOURCE_DIR}/${input}\")
    set(OUTPUT \"${output}\")
    set(BIN \"${CMAKE_INSTALL_BINDIR}\")
    set(DOC \"${CMAKE_INSTALL_DOCDIR}\")
    include(\"${CMAKE_SOURCE_DIR}/tools/cmake/install_unit.cmake\")")
endforeach()

install(FILES broker/config/example.toml DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/relais)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}
  FILES_MATCHING PATTERN "*.md" PATTERN man EXCLUDE)
file(GLOB relais_man_pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.[1-8])
foreach(page IN LISTS relais_man_pages)
  get_filename_component(section ${page} LAST_EXT)
  string(SUBSTRING ${section} 1 1 section)
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

# `relais` writes its completions itself: they follow its commands.
if(TARGET relais)
  set(relais_completions
    "bash|bash-completion/completions/relais"
    "zsh|zsh/site-functions/_relais"
    "fish|fish/vendor_completions.d/relais.fish")
  foreach(row IN LISTS relais_completions)
    string(REPLACE "|" ";" row "${row}")
    list(GET row 0 shell)
    list(GET row 1 output)
    install(CODE "
      set(PROGRAM \"$<TARGET_FILE:relais>\")
      set(SHELL \"${shell}\")
      set(OUTPUT \"${CMAKE_INSTALL_DATADIR}/${output}\")
      include(\"${CMAKE_SOURCE_DIR}/tools/cmake/install_completion.cmake\")")
  endforeach()
endif()
