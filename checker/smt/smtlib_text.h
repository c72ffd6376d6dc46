// Formulas of a guarded system as SMT-LIB 2 text: the one encoding for Z3, for cvc5 and for certificates.
//
// A cell with the domain 0..1 is a Bool, one without bounds an Int, each other cell a bit-vector; all bit-vectors have
// one width, in which no formula overflows while cells are in their domains (number_width.h). What reads an Int is an
// Int: bit-vectors become one where they meet it, bit by bit. Shared parts become definitions, written when they are
// first used, so that the text holds what the assertions need and no more. Equal calls in equal order give equal text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// One state in the text: for each cell what stands for it.
struct StateTerms {
  std::vector<std::string> cells;                           // a variable or a definition; "" where the cell is constant
  std::unordered_map<model::ExprId, std::string> truths;    // formulas that were already written
  std::unordered_map<model::ExprId, std::string> numbers;   // the same, as numbers
  std::unordered_map<model::ExprId, std::string> integers;  // the same, as integers
};

/// Builds a text. Formulas are written with recursion as deep as they are nested.
class SmtLibText {
 public:
  /// What is written. Clauses: every number that is not 0 or 1 only is an Int, and shared parts are kept for closed()
  /// instead of written, since a definition of its own cannot mention variables that are bound.
  enum class Style { Script, Clauses };

  /// `width`: number_width(guarded), or more; measuring it again for each of many texts would cost. Clauses have none.
  SmtLibText(const model::GuardedSystem& guarded, unsigned width, Style style = Style::Script);

  /// Declares the variables of a state: "s12" for cell 12 of the state "s".
  StateTerms declare(const std::string& state);

  /// Declares the members of the set of core.stuck (GuardedStuck): "m3" for member 3.
  void declare_members();

  /// The state after `updates` at once, of which the values are those in `before`.
  StateTerms after(StateTerms& before, const std::vector<model::Update>& updates);

  /// A term that is true where the formula is not 0, and the value of the formula.
  std::string truth(StateTerms& state, model::ExprId formula);
  std::string number(StateTerms& state, model::ExprId formula);

  /// That the value of the formula is this.
  std::string is(StateTerms& state, model::ExprId formula, std::int64_t value);

  /// The value of the formula as an Int.
  std::string integer(StateTerms& state, model::ExprId formula);

  /// A term for the number in a cell, and for a bit of it (0 = lowest) above the least number of its domain: "true" or
  /// "false" where it is known.
  std::string number(const StateTerms& state, model::CellId cell) const;
  std::string bit(const StateTerms& state, model::CellId cell, unsigned bit);

  /// That a cell holds this number of its domain.
  std::string holds(const StateTerms& state, model::CellId cell, std::int64_t value) const;

  /// That each cell holds a number of its domain: assumption (1) of model/guarded/guarded_system.h.
  std::string in_domain(const StateTerms& state) const;
  /// That one cell does; "" where every value of its term is one.
  std::string in_domain(const StateTerms& state, model::CellId cell) const;
  /// That numbers without bounds are as they begin (model/guarded/open_initial.h).
  std::string begins_open(StateTerms& state);
  /// Assumptions (2) and (3).
  std::string scheduled(const StateTerms& state) const;

  /// `term` within all definitions that are kept, as `let`s; they are forgotten, and with them the states that were
  /// used.
  std::string closed(std::string term);

  void comment(const std::string& line);
  void assert_that(const std::string& term);
  /// `(assert (value TERM))` with an uninterpreted function: how a number is handed to Solver::read().
  void assert_value(const std::string& number);
  /// A line as it is.
  void line(const std::string& text);

  /// The literal of a number.
  std::string literal(std::int64_t value) const;
  std::string sort_of(model::CellId cell) const;

  const std::string& text() const { return text_; }

  static std::string negation(const std::string& term);
  static std::string all_of(const std::vector<std::string>& terms);
  static std::string any_of(const std::vector<std::string>& terms);

 private:
  bool is_condition(model::CellId cell) const { return cell.value >= guarded_.system.cells.size(); }
  bool is_truth_cell(model::CellId cell) const;
  bool is_truth(model::ExprId id) const { return is_truth_[id.value] != 0; }
  bool is_integer(model::ExprId id) const {
    return !is_truth(id) && (style_ == Style::Clauses || reads_unbounded_[id.value] != 0);
  }
  bool is_integer_cell(model::CellId cell) const;
  void find_truths();

  std::string written_truth(StateTerms& state, model::ExprId id);
  std::string written_number(StateTerms& state, model::ExprId id);
  std::string written_integer(StateTerms& state, model::ExprId id);
  std::string written_integer(StateTerms& state, const model::BinaryExpr& expr);
  std::string as_integer(const std::string& number);
  std::string as_number(const std::string& integer, model::CellId target);
  std::string written(StateTerms& state, const model::BinaryExpr& expr);
  std::string equal(StateTerms& state, model::ExprId left, model::ExprId right);
  std::string quotient(StateTerms& state, const model::BinaryExpr& expr);

  static std::optional<std::uint64_t> value_of(const std::string& term);

  /// `term`, or a name for it where it is long.
  std::string shared(const std::string& term, const std::string& sort);

  const model::GuardedSystem& guarded_;
  const model::ExprTable& table_;
  unsigned width_;
  Style style_;
  std::string number_sort_;
  std::vector<char> is_truth_;         // by expression: its value is 0 or 1 while cells are in their domains
  std::vector<char> reads_unbounded_;  // by expression
  std::size_t definitions_ = 0;
  std::unordered_map<std::string, std::string> bits_;  // what they are of -> their names
  bool has_value_function_ = false;
  std::vector<std::pair<std::string, std::string>> kept_;  // name and term
  std::string text_;
};

}  // namespace quiesce::checker
