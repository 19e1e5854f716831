# Options, warnings and hardening shared by every target.
include(GNUInstallDirs)
option(RELAIS_TESTS "Build the tests" ON)
option(RELAIS_BENCH "Build the benchmarks" OFF)
option(RELAIS_FUZZ "Build the fuzz targets for libFuzzer (clang), not to replay their corpus" OFF)
set(RELAIS_SANITIZE "" CACHE STRING "As -fsanitize= takes them: address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

find_program(RELAIS_CCACHE ccache)
if(RELAIS_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${RELAIS_CCACHE})
endif()

# One interface target carries the flags, so that generated and test code can differ on purpose.
add_library(relais_flags INTERFACE)
target_compile_definitions(relais_flags INTERFACE RELAIS_VERSION="${PROJECT_VERSION}")
target_compile_options(relais_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Werror -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees uninitialised bytes in every moved std::variant (GCC bug 105562 and its kin).
  target_compile_options(relais_flags INTERFACE -Wno-maybe-uninitialized)
  if(CMAKE_UNITY_BUILD)
    # A private class of a source takes that for a header's where sources are compiled together.
    target_compile_options(relais_flags INTERFACE -Wno-subobject-linkage)
  endif()
  if(RELAIS_SANITIZE)
    # What the checks add to resize() it takes for a write beyond the largest object.
    target_compile_options(relais_flags INTERFACE -Wno-stringop-overflow)
  endif()
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # What std::stable_sort of libstdc++ 12 itself calls; g++ warns of uses that are ours.
  target_compile_options(relais_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo)$" AND NOT RELAIS_SANITIZE)
  target_compile_options(relais_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
    -fcf-protection -fstack-clash-protection)
  target_link_options(relais_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
if(RELAIS_SANITIZE)
  target_compile_options(relais_flags INTERFACE -fsanitize=${RELAIS_SANITIZE}
    -fno-sanitize-recover=all)
  target_link_options(relais_flags INTERFACE -fsanitize=${RELAIS_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # In the program itself, as clang does it: a shared runtime refuses to come after a library that
    # LD_PRELOAD names, and the process tests preload some.
    target_link_options(relais_flags INTERFACE -static-libasan -static-libtsan -static-libubsan)
  endif()
endif()
# For what is preloaded into programs that know no sanitizer: to be linked after relais_flags.
add_library(relais_unsanitized INTERFACE)
if(RELAIS_SANITIZE)
  target_compile_options(relais_unsanitized INTERFACE -fno-sanitize=all)
  target_link_options(relais_unsanitized INTERFACE -fno-sanitize=all)
endif()
if(RELAIS_FUZZ)
  target_compile_options(relais_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
include(CheckPIESupported)
check_pie_supported()
