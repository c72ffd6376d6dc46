#include "model/base/patience.h"
#include "model/syntax/parser_class.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace quiesce::model::syntax {

Block Parser::parse_block(std::optional<Block>* accept_block) {
  Nest nest(*this);
  Block block;
  const std::size_t open = pos_;
  const int depth = depth_;
  if (is("{")) {
    open_block();
  } else if (only_brace_missing()) {
    try {
      expected("'{'", block_advice());
    } catch (const Failure&) {
      ++depth_;  // as if it stood there
    }
  } else {
    expected("'{'", block_advice());
  }
  if (accept_block != nullptr) {
    const std::size_t begin = pos_;
    advance();
    *accept_block = parse_block();
    item(begin);
  }
  while (true) {
    skip_semicolons();
    if (is("}")) {
      close_block();
      break;
    }
    if (at_end() || begins_declaration() ||
        (peek().first_on_line && is_member_keyword(peek()) &&
         !one_of(peek(1).text, {"=", "+=", "-=", ".", ":", "["}))) {
      unclosed(open, "this block", depth);
      break;
    }
    const std::size_t begin = pos_;
    ask_patience(peek().span);
    try {
      block.statements.push_back(parse_statement());
    } catch (const Failure&) {
      recover(begin, depth + 1, true);
    }
  }
  block.span = span_from(open);
  return block;
}

ExpressionPtr Parser::parse_target(const std::string& what) {
  if (!is_name() && !is("self")) expected(what, is("&&") || is("*") ? "things are named without '&' or '*'" : "");
  return parse_postfix();
}

bool Parser::statement_word(bool parenthesis_begins_value) const {
  const Token& next = peek(1);
  if (next.kind != TokenKind::Punctuation) return true;
  if (next.is("(")) return parenthesis_begins_value && !next.first_on_line && !peek(2).is(")");
  return !one_of(next.text, {"=", "+=", "-=", ".", ":", "["}) && !next.first_on_line;
}

/// 'take c': behind the word, which may be a name, another name follows on the same line.
bool Parser::begins_take(std::size_t ahead) const {
  const Token& next = peek(ahead + 1);
  return peek(ahead).is_word("take") && !next.first_on_line && (next.is("self") || next.kind == TokenKind::Identifier);
}

StatementPtr Parser::parse_statement() {
  Nest nest(*this);
  auto statement = std::make_unique<Statement>();
  const std::size_t begin = pos_;
  while (is_name() && peek(1).is(":")) {
    const Token& after = peek(2);
    if (after.is("=") && after.span.begin == peek(1).span.end) {
      fail("E0105", cover(peek(1).span, after.span), "there is no operator ':='", "assign with '='");
    }
    if ((after.is("int") || after.is("bool") || after.is("Cpu") || after.is("Level") || after.is("ref")) &&
        !after.first_on_line) {
      fail("E0108", peek().span, "expected 'var' before the variable " + quoted(peek().text),
           "write 'var " + std::string(peek().text) + ": type = value'; 'name:' alone is a label");
    }
    statement->labels.push_back(parse_name("a label"));
    advance();
  }
  if (is("}") && !statement->labels.empty()) expected("a statement", "a label alone is written 'name: pass'");
  parse_statement_kind(*statement);
  statement->span = span_from(begin);
  if (is(";")) skip_semicolons();
  item(begin);
  return statement;
}

void Parser::parse_statement_kind(Statement& statement) {
  const Token& token = peek();
  if (is("var")) {
    statement.kind = parse_local();
  } else if (is("if")) {
    statement.kind = parse_if();
  } else if (accept("while")) {
    WhileStatement loop;
    loop.condition = parse_condition();
    loop.body = parse_block();
    statement.kind = std::move(loop);
  } else if (accept("loop")) {
    statement.kind = LoopStatement{parse_block()};
  } else if (is("for")) {
    statement.kind = parse_for();
  } else if (is("either")) {
    statement.kind = parse_either();
  } else if (is("choose")) {
    statement.kind = parse_choose();
  } else if (accept("await")) {
    statement.kind = AwaitStatement{parse_condition()};
  } else if (accept("spin")) {
    if (!is("until")) expected("'until'");
    advance();
    statement.kind = SpinUntilStatement{parse_condition()};
  } else if (accept("atomic")) {
    statement.kind = AtomicStatement{parse_block()};
  } else if (accept("with")) {
    WithStatement with;
    with.lock = parse_target("a lock");
    with.body = parse_block();
    statement.kind = std::move(with);
  } else if (accept("at")) {
    AtLevelStatement at;
    at.level = parse_expression();
    at.body = parse_block();
    statement.kind = std::move(at);
  } else if (accept("on")) {
    OnCpuStatement on;
    on.cpu = parse_expression();
    on.body = parse_block();
    statement.kind = std::move(on);
  } else if (accept("assert")) {
    statement.kind = AssertStatement{parse_condition()};
  } else if (accept("require")) {
    RequireStatement require;
    require.rule = parse_rule_name("the name of a rule");
    if (!is(":")) expected("':' and a condition", "what has no rule of its own is written 'assert condition'");
    advance();
    may_break(kClause);
    require.condition = parse_condition();
    statement.kind = std::move(require);
  } else if (accept("violate")) {
    statement.kind = ViolateStatement{parse_rule_name("the name of a rule")};
  } else if (accept("return")) {
    ReturnStatement result;
    if (!peek().first_on_line && begins_value(peek())) result.value = parse_expression();
    statement.kind = std::move(result);
  } else if (accept("break")) {
    statement.kind = BreakStatement{};
  } else if (accept("continue")) {
    statement.kind = ContinueStatement{};
  } else if (accept("pass")) {
    statement.kind = PassStatement{};
  } else if (token.is_word("acquire") && statement_word(false)) {
    advance();
    statement.kind = AcquireStatement{parse_target("a lock")};
  } else if (token.is_word("release") && statement_word(false)) {
    advance();
    statement.kind = ReleaseStatement{parse_target("a lock")};
  } else if (token.is_word("give") && statement_word(false)) {
    advance();
    GiveStatement give;
    give.handover = parse_target("a hand-over");
    if (accept(",")) {
      may_break(kComma);
      give.value = parse_expression();
    }
    statement.kind = std::move(give);
  } else if (token.is_word("take") && statement_word(false)) {
    advance();
    statement.kind = TakeStatement{nullptr, parse_target("a hand-over")};
  } else if (token.is_word("init") && statement_word(false)) {
    advance();
    statement.kind = InitStatement{parse_target("an instance")};
  } else if (token.is_word("free") && statement_word(false)) {
    advance();
    statement.kind = FreeStatement{parse_target("an instance")};
  } else if (token.is_word("raise") && statement_word(true)) {
    role(TokenRole::Word);
    advance();
    statement.kind = RaiseStatement{parse_expression()};
  } else if (token.is_word("lower") && statement_word(true)) {
    role(TokenRole::Word);
    advance();
    statement.kind = LowerStatement{parse_expression()};
  } else if (is_name() || is("self")) {
    parse_assignment_or_call(statement);
  } else {
    no_statement();
  }
}

void Parser::parse_assignment_or_call(Statement& statement) {
  if (is_name()) foreign_statement();
  const std::size_t begin = pos_;
  ExpressionPtr target = parse_postfix();
  const bool call = std::holds_alternative<Call>(target->kind);
  if (is("=") || is("+=") || is("-=")) {
    if (!std::holds_alternative<NameExpression>(target->kind) && !std::holds_alternative<FieldAccess>(target->kind) &&
        !std::holds_alternative<IndexAccess>(target->kind)) {
      fail("E0119", target->span,
           call ? "the result of a call cannot be assigned to" : quoted("self") + " cannot be assigned to",
           call && peek().is("=") ? "values are compared with '=='" : "");
    }
    if (is("=") && begins_take(1)) {
      advance();
      advance();
      statement.kind = TakeStatement{std::move(target), parse_target("a hand-over")};
      return;
    }
    AssignmentStatement assignment;
    assignment.target = std::move(target);
    assignment.op = is("=")    ? AssignmentOperator::Set
                    : is("+=") ? AssignmentOperator::Add
                               : AssignmentOperator::Subtract;
    advance();
    may_break(kClause);
    assignment.value = parse_expression();
    if (is("=")) {
      fail("E0100", peek().span, "expected a statement, found '='", "an assignment has no value; compare with '=='");
    }
    statement.kind = std::move(assignment);
    return;
  }
  if (call) {
    statement.kind = CallStatement{std::move(target)};
    return;
  }
  if (is("+") || is("-")) increment();
  if (is("*") || is("/") || is("%") || is("&") || is("|") || is("^")) {
    if (peek(1).is("=") && peek(1).span.begin == peek().span.end) {
      const std::string op(peek().text);
      fail("E0105", cover(peek().span, peek(1).span), "there is no operator '" + op + "='",
           "write 'x = x " + op + " ...'");
    }
  }
  if (peek().kind == TokenKind::Bad) throw Failure{};
  const Span span = target->span;
  const std::string text = describe(tokens_[pos_ - 1]);
  if (std::holds_alternative<FieldAccess>(target->kind) && (is("}") || peek().first_on_line)) {
    std::string name;
    for (std::size_t i = begin; i < pos_; ++i) name += tokens_[i].text;
    fail("E0104", span, "this statement does nothing: expected '=', '+=', '-=' or '(' after " + text,
         "a call has parentheses: '" + name + "()'");
  }
  if (pos_ == begin + 1 && (is("}") || peek().first_on_line)) {
    fail("E0104", span, "this statement does nothing: expected '=', '+=', '-=' or '(' after " + text,
         std::holds_alternative<NameExpression>(target->kind)
             ? "a call has parentheses: '" + std::string(tokens_[begin].text) + "()'"
             : "");
  }
  fail("E0104", peek().first_on_line ? span : peek().span,
       "expected '=', '+=', '-=' or '(' after " + text + ", found " + describe(peek()),
       comparison_operator() ? "a comparison alone is no statement" : "");
}

LocalStatement Parser::parse_local() {
  LocalStatement local;
  advance();
  if ((is("int") || is("bool") || (is_name() && is_foreign_type(peek().text))) && is_name(1)) c_style_declaration(true);
  local.name = parse_name("the name of a variable");
  if (accept(":")) local.type = parse_type();
  if (!is("=")) {
    expected(local.type ? "'=' and a value" : "':' and a type, or '=' and a value",
             "a variable of a function starts with a value: 'var x = 0'");
  }
  advance();
  may_break(kClause);
  local.value = parse_expression();
  return local;
}

IfStatement Parser::parse_if() {
  Nest nest(*this);
  IfStatement result;
  advance();
  result.condition = parse_condition();
  result.then = parse_block();
  if (!accept("else")) return result;
  if (is("if")) {
    const std::size_t begin = pos_;
    auto nested = std::make_unique<Statement>();
    nested->kind = parse_if();
    nested->span = span_from(begin);
    Block block;
    block.braced = false;
    block.span = nested->span;
    block.statements.push_back(std::move(nested));
    result.otherwise = std::make_unique<Block>(std::move(block));
  } else {
    result.otherwise = std::make_unique<Block>(parse_block());
  }
  return result;
}

ForStatement Parser::parse_for() {
  ForStatement loop;
  advance();
  if (is("(")) {
    fail("E0112", peek().span, "expected the name of a variable after 'for', found '('",
         "write 'for x in lo..hi { ... }'");
  }
  loop.variable = parse_name("the name of a variable");
  if (!is("in")) expected("'in'", is("=") || is(":") ? "write 'for x in lo..hi { ... }'" : "");
  advance();
  loop.domain = parse_domain(true, true);
  loop.body = parse_block();
  return loop;
}

EitherStatement Parser::parse_either() {
  EitherStatement either;
  const std::size_t begin = pos_;
  advance();
  either.branches.push_back(parse_block());
  item(begin);
  if (!is("or")) expected("'or' and another block", "'either' chooses between at least two blocks");
  while (is("or")) {
    const std::size_t branch = pos_;
    advance();
    either.branches.push_back(parse_block());
    item(branch);
  }
  return either;
}

ChooseStatement Parser::parse_choose() {
  ChooseStatement choose;
  advance();
  choose.variable = parse_name("the name of a variable");
  if (!is(":")) expected("':' and a type", is("in") ? "write 'choose x: int lo..hi'" : "");
  advance();
  choose.type = parse_type();
  if (accept_clause("where")) choose.where = parse_condition();
  return choose;
}

}  // namespace quiesce::model::syntax
