# relais_module(PATH SOURCES ... [DEPENDS module ...] [THIRD_PARTY name ...])
#   A static library for the folder PATH (from the top of the tree). Its headers are included by
#   that path ("core/base/result.h") and only by targets that depend on it: each module has its own
#   include root, a folder of the build tree that holds one link, to the module's folder.
# relais_program(NAME PATH SOURCES ... [DEPENDS ...] [THIRD_PARTY ...])
#   The same for an executable.

function(relais_target_name PATH OUT)
  string(REPLACE "/" "_" name "${PATH}")
  set(${OUT} "relais_${name}" PARENT_SCOPE)
endfunction()

function(relais_include_root TARGET PATH SCOPE)
  set(root ${CMAKE_BINARY_DIR}/roots/${TARGET})
  get_filename_component(parent ${root}/${PATH} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${PATH} ${root}/${PATH} SYMBOLIC)
  target_include_directories(${TARGET} ${SCOPE} ${root})
endfunction()

function(relais_link TARGET PATH SCOPE)
  cmake_parse_arguments(arg "" "" "DEPENDS;THIRD_PARTY" ${ARGN})
  foreach(dep IN LISTS arg_DEPENDS)
    relais_check_layer(${PATH} ${dep})
    relais_target_name(${dep} dep_target)
    target_link_libraries(${TARGET} ${SCOPE} ${dep_target})
  endforeach()
  foreach(name IN LISTS arg_THIRD_PARTY)
    relais_check_third_party(${PATH} ${name})
    target_link_libraries(${TARGET} PRIVATE ${relais_third_party_${name}})
  endforeach()
  target_link_libraries(${TARGET} PRIVATE relais_flags Threads::Threads)
endfunction()

function(relais_module PATH)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;THIRD_PARTY" ${ARGN})
  relais_target_name(${PATH} target)
  add_library(${target} STATIC ${arg_SOURCES})
  relais_include_root(${target} ${PATH} PUBLIC)
  relais_link(${target} ${PATH} PUBLIC DEPENDS ${arg_DEPENDS} THIRD_PARTY ${arg_THIRD_PARTY})
endfunction()

function(relais_program NAME PATH)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;THIRD_PARTY" ${ARGN})
  add_executable(${NAME} ${arg_SOURCES})
  relais_include_root(${NAME} ${PATH} PRIVATE)
  relais_link(${NAME} ${PATH} PRIVATE DEPENDS ${arg_DEPENDS} THIRD_PARTY ${arg_THIRD_PARTY})
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()
