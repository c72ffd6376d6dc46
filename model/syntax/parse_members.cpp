#include "model/base/patience.h"
#include "model/syntax/parser_class.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quiesce::model::syntax {

std::vector<MemberPtr> Parser::parse_members(const std::string& of, bool in_system, Span* braces) {
  Nest nest(*this);
  std::vector<MemberPtr> members;
  const std::size_t open = pos_;
  const int depth = depth_;
  if (is("{") || !only_brace_missing()) {
    open_block();
  } else {
    ++depth_;  // as if it stood there; the header has complained
  }
  while (true) {
    skip_semicolons();
    if (is("}")) {
      close_block();
      break;
    }
    if (at_end() || begins_declaration()) {
      unclosed(open, of, depth);
      break;
    }
    const std::size_t begin = pos_;
    try {
      members.push_back(parse_member(in_system));
    } catch (const Failure&) {
      recover(begin, depth + 1, !tokens_[begin].is("if"));
    }
  }
  if (braces != nullptr) *braces = span_from(open);
  return members;
}

MemberPtr Parser::parse_member(bool in_system) {
  ask_patience(peek().span);
  const std::size_t begin = pos_;
  auto member = std::make_unique<Member>();
  member->doc = take_doc();
  if (is("const")) {
    member->kind = parse_constant();
  } else if (begins_function()) {
    member->kind = parse_function();
  } else if (is("action")) {
    member->kind = parse_action();
  } else if (is("handler") || (peek().is_word("urgent") && peek(1).is("handler"))) {
    member->kind = parse_handler();
  } else if (is("thread")) {
    member->kind = parse_thread();
  } else if (is("invariant") || is("never") || is("reachable") || is("deadlock_free")) {
    member->kind = parse_property();
  } else if (begins_temporal_property()) {
    member->kind = parse_temporal_property();
  } else if (peek().is_word("busy") && peek(1).is("when")) {
    advance();
    advance();
    member->kind = Busy{parse_condition()};
  } else if (is("with") && begins_settings()) {
    if (!in_system) {
      fail("E0114", peek().span,
           "values of parameters belong in a system or outside of all machines, before the checks");
    }
    member->kind = parse_settings();
  } else if (peek().is_word("initially") && peek(1).is("{")) {
    role(TokenRole::Word);
    advance();
    member->kind = Initially{parse_block()};
  } else if (is("on") && !peek(1).is(":") && !peek(1).is("=")) {
    member->kind = parse_reaction();
  } else if (is("if")) {
    member->kind = parse_conditional_members(in_system);
  } else if ((peek().is_word("cpus") || peek().is_word("pin")) && !peek(1).is(":") && !peek(1).is("[")) {
    const bool cpus = peek().is_word("cpus");
    role(TokenRole::Word);
    if (!in_system) fail("E0114", peek().span, quoted(peek().text) + " belongs inside a system");
    advance();
    if (cpus) {
      member->kind = Cpus{parse_expression()};
    } else {
      member->kind = Pin{parse_expression()};
    }
  } else if (peek().is_word("open") && is_name(1) && !peek(1).first_on_line) {
    role(TokenRole::Word);
    const Span open = peek().span;
    advance();
    parse_variable_or_instance(*member);
    auto* variable = std::get_if<Variable>(&member->kind);
    if (variable == nullptr) fail("E0114", open, "only a variable can be open", "an instance is never assigned");
    variable->open = true;
  } else if (begins_leads_to()) {
    member->kind = parse_leads_to();
  } else if (is_name() && (peek(1).is(":") || peek(1).is("["))) {
    parse_variable_or_instance(*member);
  } else {
    no_member();
  }
  member->span = span_from(begin);
  skip_semicolons();
  item(begin);
  return member;
}

void Parser::parse_variable_or_instance(Member& member) {
  Name name = parse_name("a name");
  std::optional<InstanceIndex> index;
  if (is("[")) index = parse_instance_index();
  if (!is(":")) expected("':'");
  advance();
  // An instance is a name with arguments; only its parenthesis tells it from a variable.
  if (is_name() && !type_word()) {
    const std::size_t begin = pos_;
    if (is_foreign_type(peek().text)) no_such_type();
    if (peek().first_on_line && (peek(1).is(":") || peek(1).is("["))) expected("a type or a machine");
    QualifiedName qualified = parse_qualified("a type or a machine");
    not_generic(qualified);
    if (is("(") && !peek().first_on_line) {
      Instance instance;
      instance.name = std::move(name);
      instance.index = std::move(index);
      instance.machine = std::move(qualified);
      const std::size_t arguments = pos_;
      instance.arguments = parse_arguments();
      instance.arguments_span = span_from(arguments);
      if (is("=")) fail("E0119", peek().span, "an instance has no value", "what it starts with are its arguments");
      member.kind = std::move(instance);
      return;
    }
    if (index) expected("'(' and arguments", "an array of instances is written 'name[n]: Machine(...)'");
    TypePtr type = finish_type(begin, NamedType{std::move(qualified)});
    member.kind = finish_variable(std::move(name), std::move(type));
    return;
  }
  if (index) {
    expected("a machine with its arguments", "an array of values is written 'name: array<type, size>'");
  }
  TypePtr type = parse_type();
  member.kind = finish_variable(std::move(name), std::move(type));
}

InstanceIndex Parser::parse_instance_index() {
  InstanceIndex index;
  const std::size_t begin = pos_;
  advance();
  Bracket bracket(*this);
  if (is_name() && peek(1).is(":")) {
    index.variable = parse_name("a name");
    advance();
  }
  index.domain = parse_domain(false, true);
  if (!is("]")) expected("']'");
  advance();
  index.span = span_from(begin);
  return index;
}

Variable Parser::finish_variable(Name name, TypePtr type) {
  Variable variable;
  variable.name = std::move(name);
  variable.type = std::move(type);
  if (is("[") && !peek().first_on_line) expected("'=' or the next member", "an array is written 'array<type, size>'");
  if (is("(") && !peek().first_on_line)
    expected("'=' or the next member", "this is a type, not a machine: leave out '()'");
  if (!accept("=")) return variable;
  may_break(kClause);
  variable.initial = parse_initial();
  return variable;
}

Initial Parser::parse_initial() {
  const std::size_t begin = pos_;
  Initial initial;
  if (accept("any")) {
    initial.any = true;
    if (accept_clause("where")) initial.where = parse_condition();
  } else {
    initial.value = parse_expression();
  }
  initial.span = span_from(begin);
  return initial;
}

std::vector<Fairness> Parser::parse_fairness() {
  std::vector<Fairness> fairness;
  while (true) {
    if (peek().is_word("strong") || peek().is_word("fair") || peek().is_word("unfair") || peek().is_word("sporadic")) {
      may_break(kClause);
    }
    if (accept_word("fair")) {
      fairness.push_back(Fairness::Fair);
    } else if (accept_word("unfair")) {
      fairness.push_back(Fairness::Unfair);
    } else if (accept_word("sporadic")) {
      fairness.push_back(Fairness::Sporadic);
    } else if (accept_word("strong")) {
      if (!accept_word("fair")) expected("'fair'");
      fairness.push_back(Fairness::StrongFair);
    } else {
      return fairness;
    }
  }
}

Action Parser::parse_action() {
  Action action;
  const bool good = header_of_block([&] {
    expect("action");
    action.name = parse_name("the name of an action");
    if (is("(")) {
      fail("E0100", peek().span, "expected 'when', '{' or '=' after " + quoted(action.name.text) + ", found '('",
           "an action has no parameters; choose values in it with 'choose'");
    }
    if (accept_clause("when")) action.when = parse_expression();
    action.fairness = parse_fairness();
    if (is("=")) {
      // 'action a when x = y {' compares, since an action has only one body.
      const std::size_t equals = pos_;
      advance();
      may_break(kClause);
      action.expression = parse_expression();
      if (action.when != nullptr && is("{") && !peek().first_on_line) {
        fail("E0106", tokens_[equals].span, "expected '==' to compare, found '='");
      }
    } else if (!is("{")) {
      if (is("at") || is("on")) {
        expected("'when', '{' or '='", "an action has no level and no CPU: it is a step of hardware or environment");
      }
      expected("'when', '{' or '='");
    }
  });
  if (!good || action.expression == nullptr) action.block = parse_block();
  if (!good) throw Failure{};
  return action;
}

Handler Parser::parse_handler() {
  Handler handler;
  const bool good = header_of_block([&] {
    handler.urgent = accept_word("urgent");
    expect("handler");
    handler.name = parse_name("the name of a handler");
    if (is("(")) {
      fail("E0100", peek().span, "expected 'at' after " + quoted(handler.name.text) + ", found '('",
           "a handler has no parameters: it reads what it needs from variables");
    }
    if (!is("at")) {
      expected("'at' and the level", "for example 'handler " + handler.name.text + " at 5 when condition { ... }'");
    }
    may_break(kClause);
    advance();
    handler.level = parse_expression();
    if (accept_clause("on")) handler.on = parse_expression();
    if (accept_clause("when")) handler.when = parse_condition();
    if (peek().is_word("concurrent")) {
      may_break(kClause);
      role(TokenRole::Word);
      advance();
      handler.concurrent = parse_expression();
    }
    handler.fairness = parse_fairness();
    if (is("at") || is("on") || is("when") || peek().is_word("concurrent")) {
      fail("E0116", peek().span, quoted(peek().text) + " is given twice or too late",
           "the parts of a handler come in the order at, on, when, concurrent, fairness");
    }
    if (!is("{")) expected("'{'");
  });
  if (peek(1).is_word("accept") && peek(2).is("{")) {
    handler.body = parse_block(&handler.accept);
  } else {
    handler.body = parse_block();
  }
  if (!good) throw Failure{};
  return handler;
}

Reaction Parser::parse_reaction() {
  Reaction reaction;
  const bool good = header_of_block([&] {
    expect("on");
    reaction.event = parse_formula();
    if (accept_clause("when")) reaction.when = parse_condition();
    if (!is("{")) expected("'when' or '{'");
  });
  reaction.block = parse_block();
  if (!good) throw Failure{};
  return reaction;
}

Thread Parser::parse_thread() {
  Thread thread;
  const bool good = header_of_block([&] {
    expect("thread");
    thread.name = parse_name("the name of a thread");
    if (is("(")) {
      fail("E0100", peek().span, "expected 'at' or '{' after " + quoted(thread.name.text) + ", found '('",
           "a thread has no parameters: it reads what it needs from variables");
    }
    if (accept_clause("at")) thread.level = parse_expression();
    thread.fairness = parse_fairness();
    if (is("when")) {
      fail("E0100", peek().span, "expected '{', found 'when'", "a thread always exists; let it begin with 'await'");
    }
    if (!is("{")) expected("'{'");
  });
  thread.body = parse_block();
  if (!good) throw Failure{};
  return thread;
}

Property Parser::parse_property() {
  Property property;
  if (accept("deadlock_free")) {
    property.kind = PropertyKind::DeadlockFree;
    return property;
  }
  property.kind = is("invariant") ? PropertyKind::Invariant
                  : is("never")   ? PropertyKind::Never
                                  : PropertyKind::Reachable;
  advance();
  parse_property_name(property);
  property.condition = parse_condition();
  return property;
}

void Parser::parse_property_name(Property& property) {
  std::size_t ahead = 0;
  while (is_rule_name(ahead) && peek(ahead + 1).is(".")) ahead += 2;
  if ((!is_name(ahead) && (ahead == 0 || peek(ahead).kind != TokenKind::Keyword)) || !peek(ahead + 1).is(":")) return;
  property.rule = parse_rule_name("the name of a rule");
  advance();
  may_break(kClause);
}

bool Parser::begins_temporal_property() const {
  if (!is_name() || !one_of(peek().text, {"ltl", "terminates", "progress", "always_possible"})) return false;
  const Token& next = peek(1);
  const bool has_formula = peek().text == "ltl" || peek().text == "always_possible";
  if (has_formula && is_rule_name(1)) return true;
  return begins_value(next) && !next.is("[") && (has_formula || !next.is("("));
}

Property Parser::parse_temporal_property() {
  Property property;
  const std::string_view word = peek().text;
  role(TokenRole::Word);
  advance();
  if (word == "terminates") {
    property.kind = PropertyKind::Terminates;
    property.condition = parse_target("the name of a thread");
  } else if (word == "progress") {
    property.kind = PropertyKind::Progress;
    property.condition = parse_target("a label");
  } else if (word == "ltl") {
    property.kind = PropertyKind::Ltl;
    parse_property_name(property);
    property.condition = parse_formula();
  } else {
    property.kind = PropertyKind::AlwaysPossible;
    parse_property_name(property);
    property.condition = parse_formula();  // events may stand in it; words of time are refused where types are checked
  }
  return property;
}

bool Parser::begins_leads_to() const {
  std::size_t ahead = 0;
  while (is_name(ahead) && peek(ahead + 1).is(".")) ahead += 2;
  if (!is_name(ahead) || !peek(ahead + 1).is(":")) return false;
  int braces = 0;  // of sets
  for (ahead += 2;; ++ahead) {
    const Token& token = peek(ahead);
    if (token.kind == TokenKind::End || token.is("=")) return false;
    if (token.is("{")) ++braces;
    if (token.is("}") && --braces < 0) return false;
    if (braces > 0) continue;
    if (token.is_word("leads_to") && !peek(ahead + 1).is(":") && !token.first_on_line) return true;
    const bool is_word = token.kind == TokenKind::Identifier || token.kind == TokenKind::Keyword;
    const Token& before = peek(ahead - 1);
    const bool goes_on =  // the line before ends with an operator, or a quantifier does
        token.is("where") || (before.kind == TokenKind::Punctuation && !one_of(before.text, {")", "]", "}"})) ||
        before.is("in") || infix_word(before).has_value();
    const bool is_type = token.is("fn") && peek(ahead + 1).is("(");
    if ((token.first_on_line && is_word && !goes_on) || (is_member_keyword(token) && !is_type)) return false;
  }
}

Property Parser::parse_leads_to() {
  Property property;
  property.kind = PropertyKind::Ltl;
  parse_property_name(property);
  property.condition = parse_formula();
  return property;
}

ConditionalMembers Parser::parse_conditional_members(bool in_system) {
  Nest nest(*this);
  ConditionalMembers result;
  expect("if");
  result.condition = parse_condition();
  if (!is("{")) expected("'{'");
  result.then = parse_members("this 'if'", in_system, &result.then_span);
  if (!is("else")) return result;
  advance();
  result.has_else = true;
  if (is("if")) {
    result.else_if = true;
    const std::size_t begin = pos_;
    auto member = std::make_unique<Member>();
    member->kind = parse_conditional_members(in_system);
    member->span = span_from(begin);
    result.otherwise_span = member->span;
    result.otherwise.push_back(std::move(member));
  } else {
    if (!is("{")) expected("'{' or 'if'");
    result.otherwise = parse_members("this 'else'", in_system, &result.otherwise_span);
  }
  return result;
}

}  // namespace quiesce::model::syntax
