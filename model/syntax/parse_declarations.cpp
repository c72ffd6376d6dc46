#include "model/syntax/parser_class.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace quiesce::model::syntax {

Constant Parser::parse_constant() {
  Constant constant;
  expect("const");
  if ((is("int") || is("bool")) && is_name(1)) c_style_declaration(false);
  constant.name = parse_name("the name of a constant");
  if (accept(":")) constant.type = parse_type();
  expect("=");
  may_break(kClause);
  constant.value = parse_expression();
  return constant;
}

ModuleParameter Parser::parse_module_parameter() {
  ModuleParameter parameter;
  expect("param");
  parameter.name = parse_name("the name of a parameter");
  expect(":");
  parameter.type = parse_type();
  if (!is("=")) expected("'=' and a default");
  advance();
  may_break(kClause);
  parameter.initial = parse_initial();
  return parameter;
}

Enum Parser::parse_enum() {
  Enum result;
  expect("enum");
  result.name = parse_name("the name of an enum");
  items_in_braces("the enum", [&] {
    Enumerator value;
    const std::size_t begin = pos_;
    value.doc = take_doc();
    value.name = parse_name("the name of a value");
    result.values.push_back(std::move(value));
    const bool more = accept(",");
    item(begin);
    if (!more && !is("}")) expected("',' or '}'", is("=") ? "the values of an enum have no numbers" : "");
  });
  if (result.values.empty()) expected("the name of a value", "an enum has at least one value");
  close_block();
  return result;
}

Levels Parser::parse_levels() {
  Levels result;
  advance();  // 'levels', which is a name elsewhere
  items_in_braces("the levels", [&] {
    NamedLevel level;
    const std::size_t begin = pos_;
    level.doc = take_doc();
    if (peek().is_word("pin") && is_name(1)) {
      role(TokenRole::Clause);
      advance();
      level.is_pin = true;
    }
    level.name = parse_name("the name of a level");
    if (accept("=")) {
      if (peek().kind != TokenKind::Integer) expected("the number of the level");
      level.number = peek().number;
      level.number_span = peek().span;
      advance();
    }
    result.levels.push_back(std::move(level));
    const bool more = accept(",");
    item(begin);
    if (!more && !is("}")) expected("',' or '}'");
  });
  if (result.levels.empty()) expected("the name of a level", "the least level comes first");
  close_block();
  return result;
}

Struct Parser::parse_struct() {
  Struct result;
  expect("struct");
  result.name = parse_name("the name of a struct");
  items_in_braces("the struct", [&] {
    c_style_declaration(false);
    Field field;
    const std::size_t begin = pos_;
    field.doc = take_doc();
    field.name = parse_name("the name of a field");
    if (!is(":")) expected("':' and a type");
    advance();
    field.type = parse_type();
    if (is("=")) {
      fail("E0114", peek().span, "a field has no value of its own",
           "give it where the struct is made: 'S(field: value)'");
    }
    field.span = span_from(begin);
    if (!accept(",")) skip_semicolons();
    item(begin);
    result.fields.push_back(std::move(field));
  });
  close_block();
  return result;
}

StringLiteral Parser::parse_string(const std::string& what) {
  if (peek().kind != TokenKind::String) expected(what);
  StringLiteral literal{peek().string, peek().span};
  advance();
  return literal;
}

Rule Parser::parse_rule() {
  Rule rule;
  expect("rule");
  rule.name = parse_rule_name("the name of a rule");
  items_in_braces("the rule", [&] { parse_rule_field(rule); });
  close_block();
  return rule;
}

void Parser::parse_rule_field(Rule& rule) {
  const std::size_t begin = pos_;
  const auto once = [&](bool given) {
    if (given) fail("E0116", peek().span, "the " + std::string(peek().text) + " of this rule is given twice");
  };
  role(TokenRole::FieldWord);
  if (peek().is_word("title")) {
    once(rule.title.has_value());
    advance();
    rule.title = parse_string("a string");
  } else if (peek().is_word("severity")) {
    once(rule.severity.has_value());
    advance();
    if (accept_word("error")) {
      rule.severity = RuleSeverity::Error;
    } else if (accept_word("warning")) {
      rule.severity = RuleSeverity::Warning;
    } else {
      expected("'error' or 'warning'");
    }
  } else if (peek().is_word("because")) {
    once(rule.because.has_value());
    advance();
    rule.because = parse_string("a string");
  } else if (peek().is_word("cite")) {
    advance();
    Citation citation;
    do {
      if (!citation.parts.empty()) may_break(kComma);
      citation.parts.push_back(parse_string("a string"));
    } while (accept(","));
    citation.span = span_from(begin);
    rule.citations.push_back(std::move(citation));
  } else if (is_name()) {
    unknown_word("title, severity, because or cite", {"title", "severity", "because", "cite"});
  } else {
    expected("title, severity, because, cite or '}'");
  }
  skip_semicolons();
  item(begin);
}

Interface Parser::parse_interface() {
  Interface result;
  expect("interface");
  result.name = parse_name("the name of an interface");
  items_in_braces("the interface", [&] {
    skip_semicolons();
    if (is("}") || at_end() || begins_declaration()) return;
    if (!begins_function()) {
      missing_fn();
      c_style_declaration(false);
      fail("E0100", peek().span, "expected a function or '}', found " + describe(peek()),
           "an interface holds nothing but functions");
    }
    InterfaceFunction function;
    const std::size_t begin = pos_;
    function.doc = take_doc();
    function.function = parse_signature();
    parse_body(function.function);
    function.span = span_from(begin);
    item(begin);
    result.functions.push_back(std::move(function));
  });
  close_block();
  return result;
}

Function Parser::parse_signature() {
  Function function;
  while (!is("fn")) {
    bool& flag = is("atomic") ? function.is_atomic : function.is_returns;
    if (is("atomic") && function.is_returns && !function.is_atomic) {
      fail("E0116", peek().span, "'atomic' stands before 'returns'");
    }
    flag = true;
    advance();
  }
  expect("fn");
  function.name = parse_name("the name of a function");
  if (!is("(")) expected("'('", "a function has parentheses even without parameters");
  function.parameters = parse_parameters();
  if (accept("->")) {
    may_break(kClause);
    function.result = parse_type();
  } else if (is(":")) {
    fail("E0100", peek().span, "expected '->' before the type of the result, found ':'",
         "write '-> " + std::string(peek(1).text) + "'");
  }
  return function;
}

bool Parser::parse_body(Function& function) {
  if (is("{") || only_brace_missing()) {
    function.block = parse_block();
    return true;
  }
  if (!accept("=")) return false;
  may_break(kClause);
  function.expression = parse_expression();
  return true;
}

Function Parser::parse_function() {
  Function function = parse_signature();
  if (parse_body(function)) return function;
  if (peek().first_on_line || at_end() || is("}") || is(";")) {
    fail("E0115", function.name.span, "the function " + quoted(function.name.text) + " has no body",
         "write '{ ... }' or '= expression'; only in an interface a function has none");
  } else {
    expected("'{' or '='", function.result == nullptr && (is_name() || type_word())
                               ? "the type of a result stands behind '->': write '-> " + std::string(peek().text) + "'"
                               : "");
  }
  return function;
}

std::vector<Parameter> Parser::parse_parameters() {
  std::vector<Parameter> parameters;
  expect("(");
  Bracket bracket(*this);
  may_break(kOpen);
  while (!is(")")) {
    c_style_declaration(false);
    Parameter parameter;
    const std::size_t begin = pos_;
    parameter.name = parse_name("the name of a parameter or ')'");
    if (!is(":")) expected("':' and a type");
    advance();
    parameter.type = parse_type();
    if (accept("=")) parameter.value = parse_expression();
    parameter.span = span_from(begin);
    parameters.push_back(std::move(parameter));
    if (!accept(",")) break;
    may_break(kComma);
  }
  if (!is(")")) expected("',' or ')'");
  layout_[pos_].break_depth = 0;
  advance();
  return parameters;
}

Machine Parser::parse_machine() {
  Machine machine;
  const bool good = header_of_block([&] {
    machine.is_monitor = accept_word("monitor");
    machine.is_object = !machine.is_monitor && accept_word("object");
    if (!machine.is_monitor) expect("machine");
    machine.name = parse_name(machine.is_monitor ? "the name of a monitor" : "the name of a machine");
    if (is("(")) machine.parameters = parse_parameters();
    if (machine.is_monitor && is("implements")) expected("'{'", "nothing calls a monitor: it has no interfaces");
    if (accept_clause("implements")) machine.implements = parse_qualified_list("the name of an interface");
    if (!is("{")) {
      const bool inherits = is(":") || peek().is_word("extends") || peek().is_word("is");
      expected("'{'", inherits ? "an interface is named behind 'implements'" : "");
    }
  });
  machine.members =
      parse_members((machine.is_monitor ? "the monitor " : "the machine ") + quoted(machine.name.text), false);
  if (!good) throw Failure{};
  return machine;
}

System Parser::parse_system() {
  System system;
  const bool good = header_of_block([&] {
    expect("system");
    system.name = parse_name("the name of a system");
    if (is("(")) system.parameters = parse_parameters();
    if (!is("{")) expected("'{'");
  });
  system.members = parse_members("the system " + quoted(system.name.text), true);
  if (!good) throw Failure{};
  return system;
}

Check Parser::parse_check() {
  Check check;
  expect("check");
  check.system = parse_name("the name of a system");
  if (accept_clause("for")) check.rules = parse_patterns();
  if (accept_clause("except")) check.except = parse_patterns();
  if (accept_clause("with")) check.bindings = parse_bindings();
  while (peek().is_word("expect")) {
    may_break(kClause);
    role(TokenRole::Clause);
    check.expects.push_back(parse_expect());
  }
  skip_semicolons();
  if (is("for") || peek().is_word("except") || is("with")) {
    fail("E0116", peek().span, quoted(peek().text) + " is given twice or too late",
         is("with") ? "a 'with' for all checks of the file stands before the first of them"
                    : "the parts of a check come in the order for, except, with, expect");
  }
  if (is_name() && !peek().first_on_line && (peek(1).is(".") || peek(1).is("=") || peek(1).is("in"))) {
    expected("for, except, with, expect or a declaration", "values of parameters stand behind 'with'");
  }
  if (is_name() && !peek(1).is(":") && !begins_machine() && !begins_function() && !begins_levels()) {
    unknown_word("for, except, with, expect or a declaration",
                 {"for", "except", "with", "expect", "const", "param", "enum", "struct", "rule", "interface", "machine",
                  "object", "monitor", "system", "check"});
  }
  return check;
}

std::vector<Binding> Parser::parse_bindings() {
  std::vector<Binding> bindings;
  do {
    if (!bindings.empty()) {
      may_break(kComma);
      if (!is_name() || peek(1).is(",")) several_values(bindings.back());
    }
    bindings.push_back(parse_binding());
  } while (accept(","));
  return bindings;
}

Settings Parser::parse_settings() {
  expect("with");
  return {parse_bindings()};
}

void Parser::several_values(const Binding& binding) {
  const std::string name = binding.name.text();
  expected("the name of a parameter",
           "several values of '" + name + "' are written '" + name + " in {a, b}' or '" + name + " in lo..hi'");
}

std::vector<RulePattern> Parser::parse_patterns() {
  std::vector<RulePattern> patterns;
  do {
    if (!patterns.empty()) may_break(kComma);
    const std::size_t begin = pos_;
    RulePattern pattern;
    if (accept("*")) {
      pattern.star = true;
    } else {
      QualifiedName name;
      name.parts.push_back(parse_rule_word("the name of a rule or '*'"));
      while (!pattern.star && accept(".")) {
        if (accept("*")) {
          pattern.star = true;
        } else {
          name.parts.push_back(parse_member_name());
        }
      }
      name.span = cover(name.parts.front().span, name.parts.back().span);
      pattern.name = std::move(name);
    }
    pattern.span = span_from(begin);
    patterns.push_back(std::move(pattern));
  } while (accept(","));
  return patterns;
}

Binding Parser::parse_binding() {
  const std::size_t begin = pos_;
  Binding binding;
  binding.name = parse_qualified("the name of a parameter");
  if (accept("=")) {
    binding.values = parse_expression();
    if (is("..")) several_values(binding);
  } else if (accept("in")) {
    if (accept("{")) {
      Bracket bracket(*this);
      std::vector<ExpressionPtr> values;
      do {
        if (!values.empty()) may_break(kComma);
        values.push_back(parse_expression());
      } while (accept(","));
      if (!is("}")) expected("',' or '}'");
      advance();
      binding.values = std::move(values);
    } else {
      Range range;
      range.low = parse_sum();
      if (!is("..")) expected("'..'", "several values are written 'in lo..hi' or 'in {a, b}'");
      advance();
      range.high = parse_sum();
      binding.values = std::move(range);
    }
  } else {
    expected("'=' or 'in'");
  }
  binding.span = span_from(begin);
  return binding;
}

Expect Parser::parse_expect() {
  const std::size_t begin = pos_;
  Expect result;
  advance();
  if (accept_word("holds")) {
    result.span = span_from(begin);
    return result;
  }
  if (accept_word("violated")) {
    result.kind = ExpectKind::Violated;
  } else if (accept_word("vacuous")) {
    result.kind = ExpectKind::Vacuous;
  } else if (is_name()) {
    unknown_word("holds, violated or vacuous after 'expect'", {"holds", "violated", "vacuous"});
  } else {
    expected("holds, violated or vacuous", is("pass") || is("true") ? "did you mean 'holds'?" : "");
  }
  if (!is_rule_name() && (peek().first_on_line || at_end())) {
    expected("the name of a rule", "the rules that are broken are listed, as in 'expect violated core.range'");
  }
  result.rules.push_back(parse_rule_name("the name of a rule"));
  while (accept(",")) {
    may_break(kComma);
    if (accept("...")) {
      result.and_more = true;
      break;
    }
    result.rules.push_back(parse_rule_name("the name of a rule or '...'"));
  }
  result.span = span_from(begin);
  return result;
}

}  // namespace quiesce::model::syntax
