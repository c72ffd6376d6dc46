#include "model/guarded/formula_text.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"

namespace quiesce::model {

namespace {

constexpr int kMostDepth = 500;

constexpr std::array<std::pair<BinaryOp, const char*>, 13> kOperators = {{{BinaryOp::And, "&&"},
                                                                          {BinaryOp::Or, "||"},
                                                                          {BinaryOp::Equal, "=="},
                                                                          {BinaryOp::NotEqual, "!="},
                                                                          {BinaryOp::Less, "<"},
                                                                          {BinaryOp::LessEqual, "<="},
                                                                          {BinaryOp::Greater, ">"},
                                                                          {BinaryOp::GreaterEqual, ">="},
                                                                          {BinaryOp::Add, "+"},
                                                                          {BinaryOp::Subtract, "-"},
                                                                          {BinaryOp::Multiply, "*"},
                                                                          {BinaryOp::Divide, "/"},
                                                                          {BinaryOp::Modulo, "%"}}};

const char* word_of(BinaryOp op) {
  for (const auto& [one, word] : kOperators) {
    if (one == op) return word;
  }
  return "";
}

class Reader {
 public:
  Reader(GuardedSystem& guarded, const std::string& text) : guarded_(guarded), text_(text) {}

  std::optional<ExprId> read() {
    const auto result = formula(0);
    return result && at_ == text_.size() ? result : std::nullopt;
  }

 private:
  ExprTable& table() { return guarded_.system.expressions; }

  std::string word() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != ' ' && text_[end] != '(' && text_[end] != ')') ++end;
    return text_.substr(std::exchange(at_, end), end - at_);
  }

  bool accept(char c) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::optional<ExprId> formula(int depth) {
    if (depth > kMostDepth) return std::nullopt;
    if (!accept('(')) return atom(word());
    const std::string op = word();
    std::vector<ExprId> operands;
    while (!accept(')')) {
      if (at_ >= text_.size()) return std::nullopt;
      const auto operand = formula(depth + 1);
      if (!operand) return std::nullopt;
      operands.push_back(*operand);
    }
    return applied(op, operands);
  }

  std::optional<ExprId> applied(const std::string& op, const std::vector<ExprId>& operands) {
    if (operands.size() == 1 && op == "!") return table().negation(operands[0]);
    if (operands.size() == 1 && op == "-") return table().add(UnaryExpr{UnaryOp::Negate, operands[0]});
    if (operands.size() == 3 && op == "?") return table().conditional(operands[0], operands[1], operands[2]);
    for (const auto& [one, name] : kOperators) {
      if (operands.size() == 2 && op == name) return table().binary(one, operands[0], operands[1]);
    }
    return std::nullopt;
  }

  std::optional<ExprId> atom(const std::string& word) {
    const bool is_cell = word.starts_with('c');
    std::int64_t number = 0;
    const char* begin = word.data() + (is_cell ? 1 : 0);
    const char* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(begin, end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    if (!is_cell) return table().constant(number);
    if (number < 0 || number >= static_cast<std::int64_t>(guarded_.system.cells.size())) return std::nullopt;
    const CellId cell(static_cast<std::size_t>(number));
    const auto& constant = guarded_.constant[cell.value];
    return constant ? table().constant(*constant) : table().load(cell);
  }

  GuardedSystem& guarded_;
  const std::string& text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string formula_text(const ExprTable& table, ExprId formula) {
  const auto part = [&](ExprId id) { return formula_text(table, id); };
  return std::visit(
      Overloaded{
          [](const ConstantExpr& e) { return std::to_string(e.value); },
          [](const LoadExpr& e) { return fmt::format("c{}", e.place.cells.front().value); },
          [&](const UnaryExpr& e) { return fmt::format("({} {})", e.op == UnaryOp::Not ? "!" : "-", part(e.operand)); },
          [&](const BinaryExpr& e) { return fmt::format("({} {} {})", word_of(e.op), part(e.left), part(e.right)); },
          [&](const ConditionalExpr& e) {
            return fmt::format("(? {} {} {})", part(e.condition), part(e.then_value), part(e.else_value));
          },
          [](const auto&) -> std::string {
            QUIESCE_CHECK(false) << "a part that formulas of guarded systems do not have";
            return "";
          },
      },
      table[formula]);
}

Expected<ExprId> read_formula(GuardedSystem& guarded, const std::string& text) {
  const auto result = Reader(guarded, text).read();
  if (!result) return unexpected(fmt::format("'{}' is no formula of the system", text));
  return *result;
}

}  // namespace quiesce::model
