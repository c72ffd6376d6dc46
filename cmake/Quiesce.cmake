# What every target of this repository shares: language level, warnings, include root. Folders call
# quiesce_library() and quiesce_executable() and nothing else, so that flags are set in one place.

# An interface target that carries the flags of our own code (never of third-party code).
add_library(quiesce_options INTERFACE)
target_compile_features(quiesce_options INTERFACE cxx_std_20)
target_include_directories(quiesce_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(quiesce_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow
  # A new kind of node must fail to compile wherever kinds are told apart, in every build.
  -Werror=switch
  $<$<BOOL:${QUIESCE_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 raises these two inside its own <string>, <variant> and <optional> at -O2 and above (GCC bugs
  # 105651 and 80635). Clang and the sanitizer presets look for the same mistakes in our code.
  target_compile_options(quiesce_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
  if(CMAKE_UNITY_BUILD)
    # It takes every file but the one that the compiler was given for a header, in which this would be a mistake.
    target_compile_options(quiesce_options INTERFACE -Wno-subobject-linkage)
  endif()
endif()

if(QUIESCE_SANITIZE)
  add_compile_options("-fsanitize=${QUIESCE_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options("-fsanitize=${QUIESCE_SANITIZE}")
endif()

# quiesce_library(<floor>_<folder> [SOURCES a.cpp ...] [ALONE a.cpp ...] [HEADERS a.h ...] [DEPENDS target ...]
#                 [PRIVATE_DEPENDS target ...])
#
# Makes the static library quiesce_<floor>_<folder> of the calling folder (the prefix "quiesce_" may be
# written or left out). Without SOURCES all *.cpp files of the folder are taken. A folder without any
# source becomes an interface library. ALONE lists sources that cannot stand in one translation unit with others
# (unity builds compile eight together). HEADERS lists the public headers (file set HEADERS). DEPENDS reach the
# dependents of the library too, PRIVATE_DEPENDS do not. A dependency may be defined later.
function(quiesce_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ALONE;HEADERS;DEPENDS;PRIVATE_DEPENDS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "quiesce_library(${name}): unexpected '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  string(REGEX REPLACE "^quiesce_" "" name "${name}")
  set(target "quiesce_${name}")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS "*.cpp")
  endif()
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    target_link_libraries(${target} PUBLIC quiesce_options ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE quiesce_options ${arg_DEPENDS} ${arg_PRIVATE_DEPENDS})
  endif()
  if(arg_ALONE)
    set_source_files_properties(${arg_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  if(arg_HEADERS)
    set(scope PUBLIC)
    if(NOT arg_SOURCES)
      set(scope INTERFACE)
    endif()
    target_sources(${target} ${scope}
      FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${arg_HEADERS})
  endif()
endfunction()

# quiesce_executable(<name> SOURCES a.cpp ... [DEPENDS target ...]): an executable with our flags.
function(quiesce_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE quiesce_options ${arg_DEPENDS})
endfunction()
