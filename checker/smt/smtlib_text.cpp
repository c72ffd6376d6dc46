#include "checker/smt/smtlib_text.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/guarded/open_initial.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kLongestInline = 40;  // characters of a term that is written where it is used

/// The function of integers, likewise.
const char* function_of_integers(BinaryOp op) {
  switch (op) {
    case BinaryOp::Less:
      return "<";
    case BinaryOp::LessEqual:
      return "<=";
    case BinaryOp::Greater:
      return ">";
    case BinaryOp::GreaterEqual:
      return ">=";
    case BinaryOp::Add:
      return "+";
    case BinaryOp::Subtract:
      return "-";
    case BinaryOp::Multiply:
      return "*";
    case BinaryOp::Equal:
      return "=";
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::NotEqual:
    case BinaryOp::Divide:
    case BinaryOp::Modulo:
      break;
  }
  return "";
}

std::string integer_literal(std::int64_t value) {
  if (value >= 0) return std::to_string(value);
  return fmt::format("(- {})", ~static_cast<std::uint64_t>(value) + 1);
}

/// The function of bit-vectors for an operation that needs no care.
const char* function_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::Less:
      return "bvslt";
    case BinaryOp::LessEqual:
      return "bvsle";
    case BinaryOp::Greater:
      return "bvsgt";
    case BinaryOp::GreaterEqual:
      return "bvsge";
    case BinaryOp::Add:
      return "bvadd";
    case BinaryOp::Subtract:
      return "bvsub";
    case BinaryOp::Multiply:
      return "bvmul";
    case BinaryOp::Divide:
      return "bvsdiv";
    case BinaryOp::Modulo:
      return "bvsrem";
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::Equal:
    case BinaryOp::NotEqual:
      break;
  }
  return "";
}

[[noreturn]] std::string not_a_formula() {
  QUIESCE_CHECK(false) << "a part that formulas of guarded systems do not have";
  std::abort();
}

}  // namespace

SmtLibText::SmtLibText(const GuardedSystem& guarded, unsigned width, Style style)
    : guarded_(guarded),
      table_(guarded.system.expressions),
      width_(width),
      style_(style),
      number_sort_(fmt::format("(_ BitVec {})", width)),
      reads_unbounded_(reads_unbounded(guarded.system)) {
  find_truths();
}

void SmtLibText::find_truths() {
  is_truth_.resize(table_.size());
  for (std::size_t i = 0; i < table_.size(); ++i) {
    is_truth_[i] =
        std::visit(Overloaded{
                       [](const ConstantExpr& e) { return e.value == 0 || e.value == 1; },
                       [&](const LoadExpr& e) { return is_truth_cell(e.place.cells.front()); },
                       [](const UnaryExpr& e) { return e.op == UnaryOp::Not; },
                       [&](const BinaryExpr&) { return table_.is_boolean(ExprId(i)); },
                       [&](const ConditionalExpr& e) { return is_truth(e.then_value) && is_truth(e.else_value); },
                       [](const auto&) { return false; },
                   },
                   table_[ExprId(i)]);
  }
}

bool SmtLibText::is_truth_cell(CellId cell) const {
  if (is_condition(cell)) return true;
  const Cell& one = guarded_.system.at(cell);
  return one.lo == 0 && one.hi == 1;
}

bool SmtLibText::is_integer_cell(CellId cell) const {
  return !is_truth_cell(cell) && (style_ == Style::Clauses || is_unbounded(guarded_.system.at(cell)));
}

std::string SmtLibText::sort_of(CellId cell) const {
  if (is_truth_cell(cell)) return "Bool";
  return is_integer_cell(cell) ? "Int" : number_sort_;
}

std::string SmtLibText::literal(std::int64_t value) const {
  const auto bits = static_cast<std::uint64_t>(value);
  return fmt::format("(_ bv{} {})", width_ >= 64 ? bits : bits & ((std::uint64_t{1} << width_) - 1), width_);
}

// -------------------------------------------------------------------------------------------------- states

StateTerms SmtLibText::declare(const std::string& state) {
  StateTerms result;
  for (std::size_t i = 0; i < guarded_.system.cells.size(); ++i) {
    if (guarded_.constant[i]) {
      result.cells.emplace_back();
      continue;
    }
    result.cells.push_back(fmt::format("{}{}", state, i));
    text_ += fmt::format("(declare-const {} {})\n", result.cells.back(), sort_of(CellId(i)));
  }
  return result;
}

void SmtLibText::declare_members() {
  for (std::size_t i = 0; i < guarded_.stuck->members.size(); ++i) {
    comment(fmt::format("m{}: {} is in the set", i, guarded_.stuck->members[i]));
    text_ += fmt::format("(declare-const m{} Bool)\n", i);
  }
}

StateTerms SmtLibText::after(StateTerms& before, const std::vector<Update>& updates) {
  StateTerms result;
  result.cells = before.cells;
  for (const Update& one : updates) {
    if (guarded_.constant[one.cell.value]) continue;  // it is kept
    std::string& term = result.cells[one.cell.value];
    if (is_truth_cell(one.cell) && !is_integer(one.value)) {
      term = truth(before, one.value);
    } else if (is_integer_cell(one.cell)) {
      term = integer(before, one.value);
    } else {
      term = is_integer(one.value) ? as_number(integer(before, one.value), one.cell) : number(before, one.value);
    }
  }
  return result;
}

std::string SmtLibText::number(const StateTerms& state, CellId cell) const {
  if (guarded_.constant[cell.value]) return literal(*guarded_.constant[cell.value]);
  const std::string& term = state.cells[cell.value];
  return is_truth_cell(cell) ? fmt::format("(ite {} {} {})", term, literal(1), literal(0)) : term;
}

std::string SmtLibText::holds(const StateTerms& state, CellId cell, std::int64_t value) const {
  if (guarded_.constant[cell.value]) return *guarded_.constant[cell.value] == value ? "true" : "false";
  const std::string& term = state.cells[cell.value];
  if (is_truth_cell(cell)) return value != 0 ? term : negation(term);
  if (is_integer_cell(cell)) return fmt::format("(= {} {})", term, integer_literal(value));
  return fmt::format("(= {} {})", term, literal(value));
}

std::string SmtLibText::bit(const StateTerms& state, CellId cell, unsigned bit) {
  const std::int64_t lo = guarded_.system.at(cell).lo;
  if (guarded_.constant[cell.value]) {
    const auto above = static_cast<std::uint64_t>(*guarded_.constant[cell.value] - lo);
    return bit < 64 && (above >> bit & 1) != 0 ? "true" : "false";
  }
  const std::string& term = state.cells[cell.value];
  if (is_truth_cell(cell)) return bit == 0 ? term : "false";
  if (bit >= width_) return "false";
  if (const auto value = value_of(term))
    return ((*value - static_cast<std::uint64_t>(lo)) >> bit & 1) != 0 ? "true" : "false";
  std::string& name = bits_[fmt::format("{} {} {}", term, lo, bit)];
  if (!name.empty()) return name;
  const std::string above = lo == 0 ? term : fmt::format("(bvsub {} {})", term, literal(lo));
  const std::string written = fmt::format("(= ((_ extract {0} {0}) {1}) #b1)", bit, above);
  if (style_ == Style::Clauses) return written;  // definitions go with the next clause
  name = fmt::format("b{}", bits_.size());
  text_ += fmt::format("(define-fun {} () Bool {})\n", name, written);
  return name;
}

/// The bits of a literal as literal() writes it; none: the term is another one.
std::optional<std::uint64_t> SmtLibText::value_of(const std::string& term) {
  constexpr std::string_view kBegin = "(_ bv";
  if (term.compare(0, kBegin.size(), kBegin) != 0) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(term.data() + kBegin.size(), term.data() + term.size(), value);
  if (error != std::errc() || *end != ' ') return std::nullopt;
  return value;
}

std::string SmtLibText::in_domain(const StateTerms& state, CellId id) const {
  if (guarded_.constant[id.value] || is_truth_cell(id) || is_unbounded(guarded_.system.at(id))) return "";
  const Cell& cell = guarded_.system.at(id);
  const std::string& term = state.cells[id.value];
  return fmt::format("(and (bvsle {1} {0}) (bvsle {0} {2}))", term, literal(cell.lo), literal(cell.hi));
}

std::string SmtLibText::in_domain(const StateTerms& state) const {
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < guarded_.system.cells.size(); ++i) {
    std::string one = in_domain(state, CellId(i));
    if (!one.empty()) terms.push_back(std::move(one));
  }
  return all_of(terms);
}

std::string SmtLibText::begins_open(StateTerms& state) {
  const OpenInitial open = open_initial(guarded_.system);
  std::vector<std::string> terms;
  for (const auto& [cell, value] : open.values)
    terms.push_back(fmt::format("(= {} {})", state.cells[cell.value], integer(state, value)));
  for (const CellId cell : open.resting) terms.push_back(holds(state, cell, 0));
  for (const ExprId condition : open.conditions) terms.push_back(truth(state, condition));
  return all_of(terms);
}

std::string SmtLibText::scheduled(const StateTerms& state) const {
  const TransitionSystem& system = guarded_.system;
  std::vector<std::string> terms;
  for (const Context& context : system.contexts) {
    const bool stays_pinned = context.kind == ContextKind::Handler && context.start_level >= system.pin_level;
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      const std::string ended = holds(state, context.location_cell[a], 0);
      const std::string on_none = holds(state, context.cpu_cell[a], 0);
      const std::string pins =
          fmt::format("(bvsge {} {})", number(state, context.level_cell[a]), literal(system.pin_level));
      terms.push_back(fmt::format("(ite {} {} (=> {} {}))", ended, on_none, pins, negation(on_none)));
      if (stays_pinned) terms.push_back(fmt::format("(or {} {})", ended, pins));
    }
  }
  return all_of(terms);
}

// ------------------------------------------------------------------------------------------------ formulas

std::string SmtLibText::truth(StateTerms& state, ExprId id) {
  if (const auto known = state.truths.find(id); known != state.truths.end()) return known->second;
  std::string term = shared(written_truth(state, id), "Bool");
  state.truths.emplace(id, term);
  return term;
}

std::string SmtLibText::number(StateTerms& state, ExprId id) {
  if (const auto known = state.numbers.find(id); known != state.numbers.end()) return known->second;
  std::string term = shared(written_number(state, id), number_sort_);
  state.numbers.emplace(id, term);
  return term;
}

std::string SmtLibText::is(StateTerms& state, ExprId id, std::int64_t value) {
  if (is_integer(id)) return fmt::format("(= {} {})", integer(state, id), integer_literal(value));
  return fmt::format("(= {} {})", number(state, id), literal(value));
}

std::string SmtLibText::integer(StateTerms& state, ExprId id) {
  if (const auto known = state.integers.find(id); known != state.integers.end()) return known->second;
  std::string term = shared(written_integer(state, id), "Int");
  state.integers.emplace(id, term);
  return term;
}

std::string SmtLibText::written_integer(StateTerms& state, ExprId id) {
  std::int64_t value = 0;
  if (table_.is_constant(id, &value)) return integer_literal(value);
  if (is_truth(id)) return fmt::format("(ite {} 1 0)", truth(state, id));
  if (!is_integer(id)) return as_integer(number(state, id));
  return std::visit(Overloaded{
                        [&](const LoadExpr& e) { return state.cells[e.place.cells.front().value]; },
                        [&](const UnaryExpr& e) { return fmt::format("(- {})", integer(state, e.operand)); },
                        [&](const BinaryExpr& e) { return written_integer(state, e); },
                        [&](const ConditionalExpr& e) {
                          return fmt::format("(ite {} {} {})", truth(state, e.condition), integer(state, e.then_value),
                                             integer(state, e.else_value));
                        },
                        [](const auto&) -> std::string { return not_a_formula(); },
                    },
                    table_[id]);
}

/// Division rounds towards zero, where `div` of SMT-LIB leaves a remainder that is never negative; by zero it is 0.
std::string SmtLibText::written_integer(StateTerms& state, const BinaryExpr& expr) {
  const std::string left = integer(state, expr.left);
  const std::string right = integer(state, expr.right);
  if (expr.op != BinaryOp::Divide && expr.op != BinaryOp::Modulo)
    return fmt::format("({} {} {})", function_of_integers(expr.op), left, right);
  if (expr.op == BinaryOp::Modulo) {  // the remainder has the sign of the dividend
    return fmt::format("(ite (= {1} 0) 0 (ite (>= {0} 0) (mod {0} {1}) (- (mod (- {0}) {1}))))", left, right);
  }
  return fmt::format("(ite (= {1} 0) 0 (ite (>= {0} 0) (div {0} {1}) (- (div (- {0}) {1}))))", left, right);
}

/// A bit-vector as the integer that it means, with its sign.
std::string SmtLibText::as_integer(const std::string& number) {
  const std::string name = shared(number, number_sort_);
  std::string result = "(+";
  for (unsigned bit = 0; bit < width_; ++bit) {
    const std::string weight = std::to_string(std::uint64_t{1} << bit);
    result += fmt::format(" (ite (= ((_ extract {0} {0}) {1}) #b1) {2} 0)", bit, name,
                          bit + 1 == width_ ? "(- " + weight + ")" : weight);
  }
  return result + " 0)";
}

/// A number that is to be stored in a cell with bounds: a new variable, which is the integer where that fits.
std::string SmtLibText::as_number(const std::string& integer, CellId target) {
  const std::string name = fmt::format("v{}", ++definitions_);
  const std::string sort = sort_of(target);
  text_ += fmt::format("(declare-const {} {})\n", name, sort);
  const Cell& cell = guarded_.system.at(target);
  const std::string stored = sort == "Bool" ? fmt::format("(ite {} 1 0)", name) : as_integer(name);
  text_ += fmt::format("(assert (=> (and (<= {0} {2}) (<= {2} {1})) (= {3} {2})))\n", integer_literal(cell.lo),
                       integer_literal(cell.hi), integer, stored);
  return name;
}

std::string SmtLibText::written_truth(StateTerms& state, ExprId id) {
  if (is_integer(id)) return fmt::format("(not (= {} 0))", integer(state, id));
  if (!is_truth(id)) return fmt::format("(not (= {} {}))", number(state, id), literal(0));
  return std::visit(Overloaded{
                        [](const ConstantExpr& e) -> std::string { return e.value != 0 ? "true" : "false"; },
                        [&](const LoadExpr& e) {
                          const CellId cell = e.place.cells.front();
                          if (!is_condition(cell)) return holds(state, cell, 1);
                          const NamedCondition* condition = guarded_.condition(cell);
                          return condition != nullptr ? truth(state, condition->formula)
                                                      : fmt::format("m{}", guarded_.member(cell));
                        },
                        [&](const UnaryExpr& e) { return negation(truth(state, e.operand)); },
                        [&](const BinaryExpr& e) { return written(state, e); },
                        [&](const ConditionalExpr& e) {
                          return fmt::format("(ite {} {} {})", truth(state, e.condition), truth(state, e.then_value),
                                             truth(state, e.else_value));
                        },
                        [](const auto&) -> std::string { return not_a_formula(); },
                    },
                    table_[id]);
}

std::string SmtLibText::written_number(StateTerms& state, ExprId id) {
  const auto as_number = [&] { return fmt::format("(ite {} {} {})", truth(state, id), literal(1), literal(0)); };
  return std::visit(Overloaded{
                        [&](const ConstantExpr& e) { return literal(e.value); },
                        [&](const LoadExpr& e) {
                          const CellId cell = e.place.cells.front();
                          return is_condition(cell) ? as_number() : number(state, cell);
                        },
                        [&](const UnaryExpr& e) {
                          return e.op == UnaryOp::Not ? as_number()
                                                      : fmt::format("(bvneg {})", number(state, e.operand));
                        },
                        [&](const BinaryExpr& e) { return is_truth(id) ? as_number() : written(state, e); },
                        [&](const ConditionalExpr& e) {
                          return fmt::format("(ite {} {} {})", truth(state, e.condition), number(state, e.then_value),
                                             number(state, e.else_value));
                        },
                        [](const auto&) -> std::string { return not_a_formula(); },
                    },
                    table_[id]);
}

std::string SmtLibText::written(StateTerms& state, const BinaryExpr& expr) {
  switch (expr.op) {
    case BinaryOp::And:
      return fmt::format("(and {} {})", truth(state, expr.left), truth(state, expr.right));
    case BinaryOp::Or:
      return fmt::format("(or {} {})", truth(state, expr.left), truth(state, expr.right));
    case BinaryOp::Equal:
      return equal(state, expr.left, expr.right);
    case BinaryOp::NotEqual:
      return negation(equal(state, expr.left, expr.right));
    case BinaryOp::Divide:
    case BinaryOp::Modulo:
      return quotient(state, expr);
    case BinaryOp::Less:
    case BinaryOp::LessEqual:
    case BinaryOp::Greater:
    case BinaryOp::GreaterEqual:
    case BinaryOp::Add:
    case BinaryOp::Subtract:
    case BinaryOp::Multiply:
      break;
  }
  if (style_ == Style::Clauses || is_integer(expr.left) || is_integer(expr.right)) return written_integer(state, expr);
  return fmt::format("({} {} {})", function_of(expr.op), number(state, expr.left), number(state, expr.right));
}

std::string SmtLibText::equal(StateTerms& state, ExprId left, ExprId right) {
  if (is_integer(left) || is_integer(right))
    return fmt::format("(= {} {})", integer(state, left), integer(state, right));
  if (!is_truth(left) || !is_truth(right)) return fmt::format("(= {} {})", number(state, left), number(state, right));
  std::int64_t value = 0;
  if (table_.is_constant(left, &value)) std::swap(left, right);
  if (!table_.is_constant(right, &value)) return fmt::format("(= {} {})", truth(state, left), truth(state, right));
  return value != 0 ? truth(state, left) : negation(truth(state, left));
}

/// Rounds towards zero, as bvsdiv and bvsrem do; by zero it is 0.
std::string SmtLibText::quotient(StateTerms& state, const BinaryExpr& expr) {
  const std::string divisor = number(state, expr.right);
  return fmt::format("(ite (= {0} {1}) {1} ({2} {3} {0}))", divisor, literal(0), function_of(expr.op),
                     number(state, expr.left));
}

std::string SmtLibText::shared(const std::string& term, const std::string& sort) {
  if (term.size() <= kLongestInline) return term;
  const std::string name = fmt::format("d{}", ++definitions_);
  if (style_ == Style::Clauses) {
    kept_.emplace_back(name, term);
  } else {
    text_ += fmt::format("(define-fun {} () {} {})\n", name, sort, term);
  }
  return name;
}

std::string SmtLibText::closed(std::string term) {
  std::string result;
  for (const auto& [name, meaning] : kept_) result += fmt::format("(let (({} {})) ", name, meaning);
  result += term + std::string(kept_.size(), ')');
  kept_.clear();
  return result;
}

// ---------------------------------------------------------------------------------------------------- text

void SmtLibText::comment(const std::string& text) {
  std::string harmless = text;
  std::replace_if(
      harmless.begin(), harmless.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text_ += "; " + harmless + "\n";
}

void SmtLibText::assert_that(const std::string& term) { text_ += fmt::format("(assert {})\n", term); }

void SmtLibText::assert_value(const std::string& number) {
  if (!std::exchange(has_value_function_, true)) text_ += fmt::format("(declare-fun value ({}) Bool)\n", number_sort_);
  text_ += fmt::format("(assert (value {}))\n", number);
}

void SmtLibText::line(const std::string& text) { text_ += text + "\n"; }

std::string SmtLibText::negation(const std::string& term) {
  if (term == "true") return "false";
  if (term == "false") return "true";
  return "(not " + term + ")";
}

namespace {

/// The terms below `function`, or `empty`.
std::string chain(const char* function, const std::vector<std::string>& terms, const char* empty) {
  if (terms.empty()) return empty;
  if (terms.size() == 1) return terms.front();
  std::string result = fmt::format("({}", function);
  for (const std::string& term : terms) result += " " + term;
  return result + ")";
}

}  // namespace

std::string SmtLibText::all_of(const std::vector<std::string>& terms) { return chain("and", terms, "true"); }
std::string SmtLibText::any_of(const std::vector<std::string>& terms) { return chain("or", terms, "false"); }

}  // namespace quiesce::checker
