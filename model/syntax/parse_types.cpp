#include "model/syntax/parser_class.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace quiesce::model::syntax {
namespace {

/// 'a.b.c' read as an expression, as the name that it may be.
bool to_qualified(const Expression& expression, QualifiedName& name) {
  if (expression.parenthesised) return false;
  if (const auto* simple = std::get_if<NameExpression>(&expression.kind)) {
    name.parts.push_back(simple->name);
  } else if (const auto* field = std::get_if<FieldAccess>(&expression.kind)) {
    if (!to_qualified(*field->object, name)) return false;
    name.parts.push_back(field->name);
  } else {
    return false;
  }
  name.span = expression.span;
  return true;
}

}  // namespace

bool Parser::type_word() const {
  const Token& token = peek();
  const Token& next = peek(1);
  if (token.is("bool") || token.is("int") || token.is("Level") || token.is("ref") || token.is("fn")) return true;
  if (token.is("Cpu")) return !next.is("(");
  if (!is_name()) return false;
  if (one_of(token.text, {"set", "queue", "array"})) return next.is("<");
  if (token.text == "fair") return next.is_word("mutex") && !next.first_on_line;
  return token.text == "mutex" || token.text == "spinlock" || token.text == "handover";
}

TypePtr Parser::finish_type(std::size_t begin, decltype(Type::kind) kind) {
  auto type = std::make_unique<Type>();
  type->kind = std::move(kind);
  type->span = span_from(begin);
  if (!is("?")) return type;
  role(TokenRole::OptionalMark);
  advance();
  auto optional = std::make_unique<Type>();
  optional->kind = OptionalType{std::move(type)};
  optional->span = span_from(begin);
  return optional;
}

void Parser::open_type_bracket() {
  role(TokenRole::TypeBracket);
  expect("<");
}

void Parser::close_type_bracket() {
  if (is(">=") && peek().text.size() == 2) {
    // 'set<Cpu>= {}': what the lexer took for one operator is two tokens here.
    Token assign = tokens_[pos_];
    assign.text.remove_prefix(1);
    ++assign.span.begin;
    assign.first_on_line = false;
    tokens_[pos_].text = tokens_[pos_].text.substr(0, 1);
    --tokens_[pos_].span.end;
    tokens_.insert(tokens_.begin() + static_cast<std::ptrdiff_t>(pos_) + 1, std::move(assign));
    layout_.insert(layout_.begin() + static_cast<std::ptrdiff_t>(pos_) + 1, TokenLayout{});
  }
  role(TokenRole::TypeBracket);
  expect(">");
}

TypePtr Parser::parse_type() {
  Nest nest(*this);
  const std::size_t begin = pos_;
  if (!type_word()) {
    if (peek().kind == TokenKind::Integer || is("-")) {
      expected("a type", "a range of numbers is written 'int lo..hi'");
    }
    if (is("*")) expected("a type", "a reference is written 'ref Machine'");
    if (is("struct") || is("enum")) {
      expected("a type", "the name of the " + std::string(peek().text) + " alone is its type");
    }
    if (is_name() && is_foreign_type(peek().text)) no_such_type();
    QualifiedName name = parse_qualified("a type");
    not_generic(name);
    return finish_type(begin, NamedType{std::move(name)});
  }
  if (accept("bool")) return finish_type(begin, BoolType{});
  if (accept("Level")) return finish_type(begin, LevelType{});
  if (accept("Cpu")) return finish_type(begin, CpuType{});
  if (is("int")) return parse_int_type();
  if (accept("ref")) return finish_type(begin, RefType{parse_qualified("the name of a machine or interface")});
  if (is("fn")) return parse_function_type();
  if (accept_word("fair")) {
    advance();
    return finish_type(begin, MutexType{true});
  }
  if (accept_word("mutex")) return finish_type(begin, MutexType{false});
  if (accept_word("spinlock")) {
    SpinlockType lock;
    if (is("(") && !peek().first_on_line) {
      advance();
      Bracket bracket(*this);
      lock.level = parse_expression();
      expect(")");
    }
    return finish_type(begin, std::move(lock));
  }
  if (accept_word("handover")) {
    HandoverType handover;
    if (is("<") && !peek().first_on_line) {
      open_type_bracket();
      handover.element = parse_type();
      close_type_bracket();
    }
    return finish_type(begin, std::move(handover));
  }
  if (accept_word("set")) {
    open_type_bracket();
    SetType set{parse_type()};
    close_type_bracket();
    return finish_type(begin, std::move(set));
  }
  if (accept_word("queue")) {
    open_type_bracket();
    QueueType queue;
    queue.element = parse_type();
    if (!is(","))
      expected("',' and the most elements the queue can hold", is(">") ? "write 'queue<type, capacity>'" : "");
    advance();
    queue.capacity = parse_sum_of_type();
    close_type_bracket();
    return finish_type(begin, std::move(queue));
  }
  accept_word("array");
  open_type_bracket();
  ArrayType array;
  array.element = parse_type();
  if (!is(",")) expected("',' and the index", is(">") ? "write 'array<type, size>'" : "");
  advance();
  array.index = parse_domain(false, true);
  close_type_bracket();
  return finish_type(begin, std::move(array));
}

ExpressionPtr Parser::parse_sum_of_type() {
  Bracket bracket(*this);
  return parse_sum();
}

TypePtr Parser::parse_int_type() {
  const std::size_t begin = pos_;
  advance();
  const bool number =
      !peek().first_on_line && (peek().kind == TokenKind::Integer || peek().kind == TokenKind::Identifier || is("-") ||
                                is("(") || is("self") || peek().kind == TokenKind::Bad);
  if (!number) return finish_type(begin, IntType{});  // without bounds
  if (is("(") && peek(1).kind == TokenKind::Integer && peek(2).is("..")) {
    fail(
        "E0109", peek().span, "expected a range after 'int', found '('",
        "a range has no parentheses: write 'int " + std::string(peek(1).text) + ".." + std::string(peek(3).text) + "'");
  }
  IntType type;
  type.range.low = parse_sum_of_type();
  if (!is("..")) {
    expected("'..' and the greatest value", "write 'int lo..hi' with the values that it can take, as in 'int 0..3'");
  }
  advance();
  type.range.high = parse_sum_of_type();
  type.wraps = !peek().first_on_line && accept_word("wrap");
  return finish_type(begin, std::move(type));
}

TypePtr Parser::parse_function_type() {
  const std::size_t begin = pos_;
  advance();
  FunctionType type;
  expect("(");
  {
    Bracket bracket(*this);
    while (!is(")")) {
      type.parameters.push_back(parse_type());
      if (!accept(",")) break;
      may_break(kComma);
      if (is(")")) expected("a type");
    }
  }
  if (!is(")")) expected("',' or ')'", is(":") ? "the parameters of a function type have no names" : "");
  advance();
  if (accept("->")) type.result = parse_type();
  return finish_type(begin, std::move(type));
}

Domain Parser::parse_domain(bool range_allowed, bool expression_allowed) {
  const std::size_t begin = pos_;
  Domain domain;
  if (type_word()) {
    domain.kind = parse_type();
    domain.span = span_from(begin);
    return domain;
  }
  ExpressionPtr low = parse_sum();
  if (is("..")) {
    if (!range_allowed) {
      fail("E0100", peek().span, "expected a type or a number, found a range", "write 'int lo..hi'");
    }
    advance();
    Range range;
    range.low = std::move(low);
    range.high = parse_sum();
    domain.kind = std::move(range);
    domain.span = span_from(begin);
    return domain;
  }
  QualifiedName name;
  if (to_qualified(*low, name)) {
    if (is("?")) {
      domain.kind = finish_type(begin, NamedType{std::move(name)});
    } else {
      domain.kind = std::move(name);
    }
  } else if (expression_allowed) {
    domain.kind = std::move(low);
  } else {
    expected("'..' and the upper end", "a quantifier ranges over a type, a machine or 'lo..hi'");
  }
  domain.span = span_from(begin);
  return domain;
}

}  // namespace quiesce::model::syntax
