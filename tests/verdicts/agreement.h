// What the tests of this folder say about a design: its expectations are met, and everything that can answer a question
// about it gives the same answer.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/load.h"

namespace quiesce::checker {

/// One line '// plain: states 12 steps 17 depth 6' of a design.
struct Numbers {
  std::uint64_t states = 0;
  std::uint64_t steps = 0;
  std::uint32_t depth = 0;

  bool operator==(const Numbers&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Numbers& numbers);

/// The numbers that a design pins, one for each case, in the order of the text.
std::vector<Numbers> pinned_numbers(const std::string& text);

/// All designs in folders 'designs' below `directory` (relative to the repository), as paths relative to the
/// repository, sorted.
std::vector<std::string> designs_below(const std::string& directory);

/// The text of a file of the repository.
std::string read_design(const std::string& path);

/// A valid name of a test for the design at `path`: "lock_orders", "wdm_button" for "specs/wdm/designs/button.qsm".
std::string test_name(const std::string& path);

/// A design loaded twice: exactly as docs/semantics.md says, and reduced.
struct Twice {
  std::unique_ptr<LoadedDesign> plain;
  std::unique_ptr<LoadedDesign> reduced;

  std::vector<CheckCase*> plain_cases;    // of all checks, in the order of the text
  std::vector<CheckCase*> reduced_cases;  // the same, in the same order
};

/// Loads `text`; a failure of the test, and no cases, when it is wrong.
Twice load_twice(const std::string& path, const std::string& text);

/// Verdicts by rule, with the length of the shortest run where there is one: "violated, 7 steps".
std::map<std::string, std::string> verdicts(const CheckCase& case_, const SearchResult& result, bool with_lengths);

SearchResult search(const CheckCase& case_, Engine engine, const Limits& limits = {});

Numbers numbers_of(const SearchResult& result);

/// Expects both systems of a case to be well formed.
void expect_valid(const CheckCase& plain, const CheckCase& reduced);

/// Expects the expectation of the text to be met.
void expect_expectation(const CheckCase& case_, const SearchResult& result);

/// Expects `cut`, the result of a search that was cut short, to say unknown or what `whole` says.
void expect_only_loses(const CheckCase& case_, const SearchResult& cut, const SearchResult& whole);

/// Expects that a search cut short says unknown or what `whole` says, never anything else.
void expect_limits_only_lose(const CheckCase& case_, const SearchResult& whole, Engine engine);

/// Expects the canonical text of a design to be the same system.
void expect_formatted_means_the_same(const std::string& path, const std::string& text, const Twice& design);

}  // namespace quiesce::checker
