# The libraries we stand on, all from the distribution (scripts/packages.txt). Each has one door in the
# tree; tests/architecture/ checks who includes what.
#
#   fmt::fmt                      text, everywhere
#   Boost::headers                Boost.Graph: model/system, model/elaborate, checker
#   CLI11::CLI11                  cli
#   tl::expected                  std::expected before C++23, behind model/base/expected.h
#   nlohmann_json::nlohmann_json  checker/report, checker/export, cli
#   quiesce_cadical               CaDiCaL, the SAT solver: checker/sat
#   hwy::hwy                      Highway, vector instructions: checker/store, checker/successor
#   quiesce_z3                    Z3, satisfiability modulo theories: checker/smt
#   GTest::gmock_main, rapidcheck, rapidcheck_gtest   tests
#
# xxHash is used as a header (XXH_INLINE_ALL) and needs no target.
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(CLI11 2.1 CONFIG REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(hwy 1.0 CONFIG REQUIRED)
find_package(tl-expected 1.0 CONFIG REQUIRED)
find_path(QUIESCE_XXHASH_INCLUDE xxhash.h REQUIRED)
# The Debian package has a header and a static library, and no CMake package.
find_path(QUIESCE_CADICAL_INCLUDE cadical.hpp REQUIRED)
find_library(QUIESCE_CADICAL_LIBRARY cadical REQUIRED)
add_library(quiesce_cadical UNKNOWN IMPORTED GLOBAL)
set_target_properties(quiesce_cadical PROPERTIES
  IMPORTED_LOCATION "${QUIESCE_CADICAL_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${QUIESCE_CADICAL_INCLUDE}")
# Debian's libz3-dev brings no CMake package.
find_path(QUIESCE_Z3_INCLUDE z3.h REQUIRED)
find_library(QUIESCE_Z3_LIBRARY z3 REQUIRED)
add_library(quiesce_z3 INTERFACE)
target_include_directories(quiesce_z3 SYSTEM INTERFACE "${QUIESCE_Z3_INCLUDE}")
target_link_libraries(quiesce_z3 INTERFACE "${QUIESCE_Z3_LIBRARY}")
if(BUILD_TESTING)
  find_package(GTest 1.12 REQUIRED)
  find_package(rapidcheck CONFIG REQUIRED)
endif()
