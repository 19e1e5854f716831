# relais_test(NAME SOURCES ... [DEPENDS module ...] [THIRD_PARTY ...] [DISCOVER] [LABELS ...]
#             [TIMEOUT seconds])
#   A GoogleTest program. It runs as one ctest entry, or, with DISCOVER, as one entry a test, for
#   tests that are slow enough to be worth running side by side. TIMEOUT: of a long campaign.
function(relais_test NAME)
  cmake_parse_arguments(arg "DISCOVER" "TIMEOUT" "SOURCES;DEPENDS;THIRD_PARTY;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(RELAIS_SANITIZE)
    math(EXPR arg_TIMEOUT "12 * ${arg_TIMEOUT}")  # what sanitizers cost, and some
  endif()
  file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  add_executable(${NAME} ${arg_SOURCES})
  relais_include_root(${NAME} ${path} PRIVATE)
  relais_link(${NAME} ${path} PRIVATE DEPENDS ${arg_DEPENDS} THIRD_PARTY ${arg_THIRD_PARTY})
  target_link_libraries(${NAME} PRIVATE GTest::gtest_main)
  target_compile_definitions(${NAME} PRIVATE
    RELAIS_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data" RELAIS_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    RELAIS_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(arg_DISCOVER)
    gtest_discover_tests(${NAME} DISCOVERY_TIMEOUT 60
      PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
  else()
    add_test(NAME ${NAME} COMMAND ${NAME})
    set_tests_properties(${NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  endif()
endfunction()
