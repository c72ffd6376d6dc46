// The door to Z3: nothing else in the tree includes its headers. Formulas come in as SMT-LIB 2 text (smtlib_text.h), so
// that what Z3 is asked can be written to a file and asked of another solver as it is.
//
// Order of calls: read() any number of times; then assert_that() and check(), in any order; value() and is_true() after
// a check() that was Satisfiable, core() after one that was Unsatisfiable, until the next call of check() or
// assert_that().
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker/result/search_control.h"

namespace quiesce::checker {

enum class Answer { Unsatisfiable, Satisfiable, Unknown };

/// A formula or number that a solver holds.
struct Term {
  std::uint32_t number = 0;
  bool operator==(const Term&) const = default;
};

/// One Z3 of its own: shares nothing with others. Not thread safe.
class Solver {
 public:
  /// Which of Z3's solvers: one that prepares each question thoroughly, the same with integers, or one that answers
  /// many small questions of either.
  enum class Kind { Thorough, Integers, Incremental };

  /// When `control` says stop, the answer that is being looked for becomes Unknown, within a quarter of a second, and
  /// so do all later ones.
  Solver(const SearchControl& control, Kind kind);
  ~Solver();
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  /// Reads a text of declarations, definitions and assertions: the formulas of its assertions in their order (the
  /// argument of `value` where one is `(value N)`). They are not asserted yet. Variables of equal name and sort in
  /// several texts are one. What Z3 cannot read is a mistake of ours (QUIESCE_CHECK).
  std::vector<Term> read(const std::string& smtlib2);

  Term negation(Term formula);
  Term all_of(const std::vector<Term>& formulas);
  Term any_of(const std::vector<Term>& formulas);
  /// That a number (or formula) has this value.
  Term is(Term term, std::int64_t value);
  /// That a number is at most, or at least, this value, with its sign. Requires: the value has a place in its bits.
  Term at_most(Term number, std::int64_t value);
  Term at_least(Term number, std::int64_t value);

  void assert_that(Term formula);

  /// Whether all that was asserted and all of `also` can be true together. `time`: of this question; wall time.
  Answer check(const std::vector<Term>& also = {}, std::optional<std::chrono::milliseconds> time = {});

  /// The value in the model that was found, as a signed number (1 and 0 for truth).
  std::int64_t value(Term term) const;
  /// The same of an integer; nothing where it has more than 64 bits.
  std::optional<std::int64_t> integer(Term term) const;
  bool is_true(Term formula) const { return value(formula) != 0; }

  /// After check() that was Unsatisfiable: those of `also` that it took, which need not be the fewest.
  std::vector<Term> core() const;

 private:
  struct Z3;
  std::unique_ptr<Z3> z3_;
};

/// "4.8.12", of the library that is linked.
std::string solver_version();

}  // namespace quiesce::checker
