#include "model/syntax/foreign_names.h"
#include "model/syntax/parser_class.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace quiesce::model::syntax {

ExpressionPtr Parser::make_binary(BinaryOperator op, Span op_span, ExpressionPtr left, ExpressionPtr right) {
  const Span span = cover(left->whole(), right->whole());
  auto expression = std::make_unique<Expression>();
  expression->kind = Binary{op, op_span, std::move(left), std::move(right)};
  expression->span = span;
  return expression;
}

ExpressionPtr Parser::parse_condition() {
  ExpressionPtr condition = parse_expression();
  if (is("=")) fail("E0106", peek().span, "expected '==' to compare, found '='");
  return condition;
}

ExpressionPtr Parser::parse_formula() {
  const struct Within {
    bool& flag;
    const bool before;
    ~Within() { flag = before; }
  } within{in_formula_, in_formula_};
  in_formula_ = true;
  return parse_condition();
}

ExpressionPtr Parser::parse_expression() {
  if (expressions_++ == 0) operators_ = 0;
  const struct Leave {
    int& count;
    ~Leave() { --count; }
  } leave{expressions_};
  return parse_conditional();
}

ExpressionPtr Parser::parse_conditional() {
  Nest nest(*this);
  ExpressionPtr condition = parse_implication();
  if (in_formula_ && infix_of_time() == TemporalOperator::LeadsTo) {
    return parse_infix_of_time(TemporalOperator::LeadsTo, std::move(condition), &Parser::parse_implication);
  }
  if (!is("?")) return condition;
  count_operator();
  role(TokenRole::Ternary);
  advance();
  may_break(kTernary);
  ExpressionPtr then = parse_expression();
  if (!is(":")) {
    expected("':' and the other value", std::holds_alternative<Quantifier>(then->kind)
                                            ? "a quantifier without a body needs parentheses here"
                                            : "");
  }
  role(TokenRole::Ternary);
  advance();
  may_break(kTernary);
  ExpressionPtr otherwise = parse_conditional();
  const Span span = cover(condition->whole(), otherwise->whole());
  auto expression = std::make_unique<Expression>();
  expression->kind = Conditional{std::move(condition), std::move(then), std::move(otherwise)};
  expression->span = span;
  return expression;
}

ExpressionPtr Parser::parse_implication() {
  ExpressionPtr left = parse_disjunction();
  if (!is("=>")) return left;
  Nest nest(*this);
  count_operator();
  const Span op = peek().span;
  advance();
  may_break(kImplies);
  return make_binary(BinaryOperator::Implies, op, std::move(left), parse_implication());
}

ExpressionPtr Parser::parse_disjunction() {
  ExpressionPtr left = parse_conjunction();
  while (is("||")) {
    count_operator();
    const Span op = peek().span;
    advance();
    may_break(kOr);
    left = make_binary(BinaryOperator::Or, op, std::move(left), parse_conjunction());
  }
  return left;
}

ExpressionPtr Parser::parse_conjunction() {
  ExpressionPtr left = parse_until();
  while (is("&&")) {
    count_operator();
    const Span op = peek().span;
    advance();
    may_break(kAnd);
    left = make_binary(BinaryOperator::And, op, std::move(left), parse_until());
  }
  return left;
}

std::optional<TemporalOperator> Parser::prefix_of_time() const {
  if (!in_formula_ || !is_name() || !begins_value(peek(1))) return std::nullopt;
  if (infix_word(peek(1)) && peek(2).kind != TokenKind::Punctuation) return std::nullopt;  // 'next until x': a name
  for (const TemporalOperator op :
       {TemporalOperator::Next, TemporalOperator::Eventually, TemporalOperator::Always, TemporalOperator::Previously,
        TemporalOperator::Once, TemporalOperator::Historically}) {
    if (peek().is_word(temporal_word(op))) return op;
  }
  return std::nullopt;
}

std::optional<TemporalOperator> Parser::infix_word(const Token& token) {
  for (const TemporalOperator op : {TemporalOperator::Until, TemporalOperator::WeakUntil, TemporalOperator::Release,
                                    TemporalOperator::Since, TemporalOperator::LeadsTo}) {
    if (token.is_word(temporal_word(op)) || token.is(temporal_word(op))) return op;  // 'until' is a keyword
  }
  return std::nullopt;
}

std::optional<TemporalOperator> Parser::infix_of_time() const {
  if (!in_formula_ || peek(1).is(":")) return std::nullopt;
  return infix_word(peek());
}

ExpressionPtr Parser::parse_infix_of_time(TemporalOperator op, ExpressionPtr left,
                                          ExpressionPtr (Parser::*parse_right)()) {
  Nest nest(*this);
  count_operator();
  const Span op_span = peek().span;
  role(TokenRole::Word);
  advance();
  may_break(op == TemporalOperator::LeadsTo ? kImplies : kCompare);
  ExpressionPtr right = (this->*parse_right)();
  auto expression = std::make_unique<Expression>();
  expression->span = cover(left->whole(), right->whole());
  expression->kind = Temporal{op, op_span, std::move(left), std::move(right)};
  return expression;
}

/// Groups to the right: 'p until q until r' is 'p until (q until r)'.
ExpressionPtr Parser::parse_until() {
  ExpressionPtr left = parse_comparison();
  const std::optional<TemporalOperator> op = infix_of_time();
  if (!op || *op == TemporalOperator::LeadsTo) return left;
  return parse_infix_of_time(*op, std::move(left), &Parser::parse_until);
}

std::optional<BinaryOperator> Parser::comparison_operator() const {
  if (is("==")) return BinaryOperator::Equal;
  if (is("!=")) return BinaryOperator::NotEqual;
  if (is("<")) return BinaryOperator::Less;
  if (is("<=")) return BinaryOperator::LessEqual;
  if (is(">")) return BinaryOperator::Greater;
  if (is(">=")) return BinaryOperator::GreaterEqual;
  if (is("in")) return BinaryOperator::In;
  // Names everywhere else: nothing but these operators stands between two names on one line.
  if (!peek().first_on_line && (is_name(1) || peek(1).is("self")) && !peek(1).first_on_line) {
    if (peek().is_word("within")) return BinaryOperator::Within;
    if (peek().is_word("beside")) return BinaryOperator::Beside;
  }
  return std::nullopt;
}

ExpressionPtr Parser::parse_comparison() {
  ExpressionPtr left = parse_bits();
  const std::optional<BinaryOperator> op = comparison_operator();
  if (!op) return left;
  count_operator();
  const Span op_span = peek().span;
  advance();
  if (is("=") && peek().span.begin == op_span.end) {
    fail("E0105", peek().span, "expected an expression after " + describe(tokens_[pos_ - 1]) + ", found '='",
         "values are compared with '==' and '!='");
  }
  if (*op == BinaryOperator::Less && is(">") && peek().span.begin == op_span.end) {
    fail("E0105", cover(op_span, peek().span), "there is no operator '<>'", "values are compared with '==' and '!='");
  }
  // Both sides of these stand on one line.
  if (*op != BinaryOperator::Within && *op != BinaryOperator::Beside) may_break(kCompare);
  ExpressionPtr right = parse_bits();
  ExpressionPtr result;
  if (*op == BinaryOperator::In && is("..")) {
    advance();
    ExpressionPtr high = parse_bits();
    const Span span = cover(left->whole(), high->whole());
    result = std::make_unique<Expression>();
    result->kind = InRange{std::move(left), Range{std::move(right), std::move(high)}};
    result->span = span;
  } else {
    result = make_binary(*op, op_span, std::move(left), std::move(right));
  }
  if (comparison_operator()) {
    fail("E0107", peek().span, "comparisons do not chain: found a second one, " + quoted(peek().text),
         "write 'a < b && b < c', or use parentheses");
  }
  return result;
}

ExpressionPtr Parser::parse_bits() { return parse_chain("|", BinaryOperator::BitOr, &Parser::parse_bits_xor); }
ExpressionPtr Parser::parse_bits_xor() { return parse_chain("^", BinaryOperator::BitXor, &Parser::parse_bits_and); }
ExpressionPtr Parser::parse_bits_and() { return parse_chain("&", BinaryOperator::BitAnd, &Parser::parse_shift); }

/// Operands with the same sign between them, grouped to the left.
ExpressionPtr Parser::parse_chain(std::string_view sign, BinaryOperator op, ExpressionPtr (Parser::*parse_operand)()) {
  ExpressionPtr left = (this->*parse_operand)();
  while (is(sign)) {
    count_operator();
    const Span span = peek().span;
    advance();
    may_break(kSum);
    left = make_binary(op, span, std::move(left), (this->*parse_operand)());
  }
  return left;
}

/// '>>' is two tokens, since types end with '>'.
bool Parser::is_shift_right() const { return is(">") && peek(1).is(">") && peek(1).span.begin == peek().span.end; }

ExpressionPtr Parser::parse_shift() {
  ExpressionPtr left = parse_sum();
  while (is("<<") || is_shift_right()) {
    count_operator();
    const BinaryOperator op = is("<<") ? BinaryOperator::ShiftLeft : BinaryOperator::ShiftRight;
    Span span = peek().span;
    if (op == BinaryOperator::ShiftRight) {
      role(TokenRole::PrefixOperator);  // no space between its two tokens
      span = cover(span, peek(1).span);
      advance();
    }
    advance();
    may_break(kSum);
    left = make_binary(op, span, std::move(left), parse_sum());
  }
  return left;
}

ExpressionPtr Parser::parse_sum() {
  ExpressionPtr left = parse_product();
  while (is("+") || is("-")) {
    increment();
    count_operator();
    const BinaryOperator op = is("+") ? BinaryOperator::Add : BinaryOperator::Subtract;
    const Span span = peek().span;
    advance();
    may_break(kSum);
    left = make_binary(op, span, std::move(left), parse_product());
  }
  return left;
}

ExpressionPtr Parser::parse_product() {
  ExpressionPtr left = parse_unary();
  while (is("*") || is("/") || is("%")) {
    if (peek(1).is("=") && peek(1).span.begin == peek().span.end) {
      const std::string op(peek().text);
      fail("E0105", cover(peek().span, peek(1).span), "there is no operator '" + op + "='",
           "write 'x = x " + op + " ...'");
    }
    count_operator();
    const BinaryOperator op = is("*")   ? BinaryOperator::Multiply
                              : is("/") ? BinaryOperator::Divide
                                        : BinaryOperator::Remainder;
    const Span span = peek().span;
    advance();
    may_break(kProduct);
    left = make_binary(op, span, std::move(left), parse_unary());
  }
  return left;
}

ExpressionPtr Parser::parse_unary() {
  if (const std::optional<TemporalOperator> op = prefix_of_time()) {
    Nest nest(*this);
    count_operator();
    const std::size_t begin = pos_;
    const Span op_span = peek().span;
    role(TokenRole::Word);
    advance();
    ExpressionPtr operand = parse_comparison();  // 'always x == 3' is 'always (x == 3)'
    return make(begin, Temporal{*op, op_span, nullptr, std::move(operand)});
  }
  if (!is("!") && !is("-")) return parse_postfix();
  Nest nest(*this);
  count_operator();
  const std::size_t begin = pos_;
  const UnaryOperator op = is("!") ? UnaryOperator::Not : UnaryOperator::Minus;
  role(TokenRole::PrefixOperator);
  advance();
  ExpressionPtr operand = parse_unary();
  return make(begin, Unary{op, std::move(operand)});
}

ExpressionPtr Parser::parse_postfix() {
  const std::size_t begin = pos_;
  ExpressionPtr expression = parse_primary();
  while (true) {
    if (is(".")) {
      count_operator();
      const bool is_number = tokens_[pos_ - 1].kind == TokenKind::Integer && peek(1).kind == TokenKind::Integer;
      if (is_number && peek(1).span.begin == peek().span.end) {
        fail("E0100", cover(tokens_[pos_ - 1].span, peek(1).span), "expected a whole number, found one with a '.'",
             "all numbers are whole; a range is written 'lo..hi'");
      }
      advance();
      Name name = parse_member_name();
      expression = make(begin, FieldAccess{std::move(expression), std::move(name)});
    } else if (is("[") && !peek().first_on_line) {
      count_operator();
      advance();
      Bracket bracket(*this);
      ExpressionPtr index = parse_expression();
      if (!is("]")) expected("']'");
      advance();
      expression = make(begin, IndexAccess{std::move(expression), std::move(index)});
    } else if (is("(") && !peek().first_on_line) {
      count_operator();
      const std::size_t open = pos_;
      std::vector<Argument> arguments = parse_arguments();
      const Span span = span_from(open);
      expression = make(begin, Call{std::move(expression), std::move(arguments), span});
    } else if (is("->") && is_name(1) && !peek().first_on_line) {
      fail("E0118", peek().span, "expected '.' before " + quoted(peek(1).text) + ", found '->'",
           "members are reached with '.', also through references");
    } else {
      return expression;
    }
  }
}

std::vector<Argument> Parser::parse_arguments() {
  std::vector<Argument> arguments;
  expect("(");
  Bracket bracket(*this);
  may_break(kOpen);
  while (!is(")")) {
    const std::size_t begin = pos_;
    Argument argument;
    if (is_name() && peek(1).is(":")) {
      argument.name = parse_name("a name");
      advance();
    } else if (is_name() && peek(1).is("=")) {
      fail("E0106", peek(1).span, "expected ':' after the name of an argument, found '='",
           "arguments are named 'name: value', values are compared with '=='");
    }
    argument.value = parse_expression();
    argument.span = span_from(begin);
    arguments.push_back(std::move(argument));
    if (!accept(",")) break;
    may_break(kComma);
  }
  if (!is(")")) expected("',' or ')'");
  layout_[pos_].break_depth = 0;
  advance();
  return arguments;
}

bool Parser::begins_value(const Token& token) {
  switch (token.kind) {
    case TokenKind::Identifier:
    case TokenKind::Integer:
    case TokenKind::String:
    case TokenKind::Bad:
      return true;
    case TokenKind::Keyword:
      return one_of(token.text,
                    {"true", "false", "null", "self", "forall", "exists", "at", "Cpu", "bool", "int", "Level"});
    case TokenKind::Punctuation:
      return one_of(token.text, {"(", "[", "{", "!", "-"});
    case TokenKind::End:
      break;
  }
  return false;
}

ExpressionPtr Parser::parse_primary() {
  const std::size_t begin = pos_;
  const Token& token = peek();
  if (token.kind == TokenKind::Integer) {
    const IntegerLiteral literal{token.number};
    advance();
    return make(begin, literal);
  }
  if (is_name()) return parse_name_expression();
  if (accept("true")) return make(begin, BoolLiteral{true});
  if (accept("false")) return make(begin, BoolLiteral{false});
  if (accept("null")) return make(begin, NullLiteral{});
  if (accept("self")) return make(begin, SelfExpression{});
  if (is("(")) {
    advance();
    ExpressionPtr inner;
    {
      Bracket bracket(*this);
      inner = parse_expression();
    }
    if (is("=")) fail("E0106", peek().span, "expected '==' to compare, found '='");
    if (is(",")) expected("')'", "there are no tuples; use a struct");
    if (!is(")")) expected("')'");
    advance();
    inner->parenthesised = true;
    inner->parentheses = span_from(begin);
    return inner;
  }
  if (is("{") && (peek(1).kind != TokenKind::Keyword || begins_value(peek(1)))) return parse_set();
  if (is("[")) return parse_array();
  if (is("forall") || is("exists")) {
    return parse_quantifier(is("forall") ? QuantifierKind::Forall : QuantifierKind::Exists);
  }
  if (accept("at")) {
    if (!is_name() && !is("self")) expected("a label");
    ExpressionPtr target = parse_postfix();
    return make(begin, ContextQuery{ContextQueryKind::At, std::move(target)});
  }
  if (is("Cpu")) {
    advance();
    if (!is("(")) expected("'('", "'Cpu' is a type; 'Cpu(0)' is a CPU");
    advance();
    Bracket bracket(*this);
    ExpressionPtr number = parse_expression();
    if (!is(")")) expected("')'");
    advance();
    return make(begin, CpuConstant{std::move(number)});
  }
  if (token.kind == TokenKind::String) {
    const ForeignName* called = pos_ > 1 && tokens_[pos_ - 1].is("(") ? foreign_name(tokens_[pos_ - 2].text) : nullptr;
    expected("an expression", called != nullptr ? foreign_advice(*called) : "texts stand in rules only");
  }
  if ((is("<") || is(">")) && pos_ > 0 && tokens_[pos_ - 1].is(token.text)) {
    expected("an expression", "there are no operations on bits");
  }
  if (is("bool") || is("int") || is("Level") || is("ref")) {
    expected("an expression", quoted(token.text) + " is a type, not a value");
  }
  if (is("if") && !token.first_on_line)
    expected("an expression", "a choice between values is written 'condition ? a : b'");
  if (is("any")) expected("an expression", "'any' is an initial value of a variable; in statements use 'choose'");
  if (is("+")) expected("an expression", "there is no sign '+'");
  if (is("&") && (is_name(1) || peek(1).is("self"))) address();
  if (is("&&") || is("*") || is("&")) expected("an expression", "there are no pointers; references are taken by name");
  expected("an expression");
}

ExpressionPtr Parser::parse_set() {
  const std::size_t begin = pos_;
  advance();
  Bracket bracket(*this);
  SetLiteral set;
  if (!is("}")) {
    do {
      if (!set.elements.empty()) may_break(kComma);
      set.elements.push_back(parse_expression());
    } while (accept(","));
  }
  if (!is("}")) expected("',' or '}'");
  advance();
  return make(begin, std::move(set));
}

ExpressionPtr Parser::parse_array() {
  const std::size_t begin = pos_;
  advance();
  Bracket bracket(*this);
  Nest nest(*this);
  ArrayLiteral array;
  if (accept("for")) {
    array.variable = parse_name("the name of the index");
    if (!is(":")) expected("':' and the value of an element", "a value for each index is written '[for i: 2 * i]'");
    advance();
    array.element = parse_expression();
    if (!is("]")) expected("']'");
  } else {
    do {
      if (!array.elements.empty()) may_break(kComma);
      array.elements.push_back(parse_expression());
    } while (accept(","));
    if (!is("]")) expected("',' or ']'");
  }
  advance();
  return make(begin, std::move(array));
}

ExpressionPtr Parser::parse_name_expression() {
  const std::size_t begin = pos_;
  const Token& token = peek();
  const bool call = peek(1).is("(") && !peek(1).first_on_line;
  if (call) {
    if (token.text == "level") return parse_context_query(ContextQueryKind::Level);
    if (token.text == "pin_level") return parse_context_query(ContextQueryKind::PinLevel);
    if (token.text == "cpu") return parse_context_query(ContextQueryKind::Cpu);
    if (token.text == "running") return parse_context_query(ContextQueryKind::Running);
    if (token.text == "idle") return parse_context_query(ContextQueryKind::Idle);
    if (token.text == "inside") return parse_context_query(ContextQueryKind::Inside);
    if (token.text == "cpu_of") return parse_context_query(ContextQueryKind::CpuOf);
    if (token.text == "enabled") return parse_context_query(ContextQueryKind::Enabled);
    if (in_formula_ && !peek(2).is(")")) {
      if (token.text == "level_of") return parse_context_query(ContextQueryKind::LevelOf);
      if (token.text == "called") return parse_context_query(ContextQueryKind::Called);
      if (token.text == "returned") return parse_context_query(ContextQueryKind::Returned);
      if (token.text == "accepted") return parse_context_query(ContextQueryKind::Accepted);
    }
  }
  if (token.text == "count" && is_name(1) && !peek(1).first_on_line) return parse_quantifier(QuantifierKind::Count);
  if (one_of(token.text, {"NULL", "nullptr", "nil", "None"})) {
    fail("E0117", token.span, "expected an expression, found " + quoted(token.text), "write 'null'");
  }
  if (one_of(token.text, {"TRUE", "True", "FALSE", "False"})) {
    fail("E0117", token.span, "expected an expression, found " + quoted(token.text),
         token.text[0] == 'T' ? "write 'true'" : "write 'false'");
  }
  const Token& next = peek(1);
  if (token.text == "new" && next.kind == TokenKind::Identifier && !next.first_on_line) {
    fail("E0117", token.span, "expected an expression, found 'new'",
         "instances are members of a machine, as in 'x: " + std::string(next.text) +
             "(...)', and exist from the beginning; one of an 'object machine' begins its life with 'init x'");
  }
  if (token.text == "not" && !next.first_on_line && begins_value(next) && !next.is("(") && !next.is("-") &&
      !next.is("{")) {
    fail("E0105", token.span, "expected an expression, found 'not'", "write '!'");
  }
  NameExpression name{parse_name("a name")};
  return make(begin, std::move(name));
}

ExpressionPtr Parser::parse_context_query(ContextQueryKind kind) {
  const std::size_t begin = pos_;
  const std::string word(peek().text);
  advance();
  advance();
  ContextQuery query{kind, nullptr};
  if (kind == ContextQueryKind::PinLevel) {
    if (!is(")")) expected("')'", "'pin_level()' is the level from which contexts are pinned");
  } else if (kind == ContextQueryKind::Level || kind == ContextQueryKind::Cpu) {
    if (!is(")"))
      expected("')'", "'" + word + "()' speaks of the context that asks" +
                          (kind == ContextQueryKind::Cpu ? "; of another: 'cpu_of(h)'" : ""));
  } else {
    if (!is_name() && !is("self")) {
      const bool asks_function = kind == ContextQueryKind::Called || kind == ContextQueryKind::Returned;
      expected(kind == ContextQueryKind::Enabled ? "the name of an action"
               : asks_function                   ? "the name of a function"
                                                 : "the name of a handler or thread");
    }
    Bracket bracket(*this);
    query.target = parse_postfix();
    if (!is(")")) expected("')'");
  }
  advance();
  return make(begin, std::move(query));
}

ExpressionPtr Parser::parse_quantifier(QuantifierKind kind) {
  const std::size_t begin = pos_;
  advance();
  Nest nest(*this);
  Quantifier quantifier;
  quantifier.kind = kind;
  quantifier.variable = parse_name("the name of a variable");
  if (!is(":")) expected("':' and a type or machine", is("in") ? "write 'x: lo..hi'" : "");
  advance();
  quantifier.domain = parse_domain(true, false);
  if (is("where")) {
    may_break(kTernary);
    advance();
    quantifier.where = parse_condition();
  }
  if (accept(":")) {
    may_break(kTernary);
    quantifier.body = parse_expression();
  } else if (kind != QuantifierKind::Count && quantifier.where == nullptr && (is("|") || is(",") || is("."))) {
    expected("':' and a condition");
  }
  return make(begin, std::move(quantifier));
}

}  // namespace quiesce::model::syntax
