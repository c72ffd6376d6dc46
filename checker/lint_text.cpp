#include "checker/lint_text.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "model/base/overloaded.h"
#include "model/syntax/lexer.h"

namespace quiesce::checker {

using namespace model;
using syntax::Token;
using syntax::TokenKind;

namespace {

/// The tokens of a file, with what stands where.
class Text {
 public:
  Text(const SourceMap& sources, FileId file) {
    Diagnostics known;
    tokens_ = syntax::lex(file, sources, known).tokens;
  }

  std::size_t size() const { return tokens_.size() - 1; }  // without End
  const Token& at(std::size_t i) const { return tokens_[std::min(i, tokens_.size() - 1)]; }
  bool is(std::size_t i, std::string_view what) const { return at(i).text == what; }
  bool is_name(std::size_t i) const { return at(i).kind == TokenKind::Identifier; }

  /// The position of the '}' that belongs to the '{' at `open`.
  std::size_t closing(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < size(); ++i) {
      if (is(i, "{")) ++depth;
      if (is(i, "}") && --depth == 0) return i;
    }
    return size();
  }

  /// The position of the '{' that belongs to the '}' at `close`; size() when there is none.
  std::size_t opening(std::size_t close) const {
    int depth = 0;
    for (std::size_t i = close + 1; i-- > 0;) {
      if (is(i, "}")) ++depth;
      if (is(i, "{") && --depth == 0) return i;
    }
    return size();
  }

  bool are_equal(std::size_t a_begin, std::size_t a_end, std::size_t b_begin, std::size_t b_end) const {
    if (a_end - a_begin != b_end - b_begin) return false;
    for (std::size_t i = 0; i < a_end - a_begin; ++i) {
      if (at(a_begin + i).text != at(b_begin + i).text) return false;
    }
    return true;
  }

  /// The end of the path that begins here: names joined by '.'; `begin` when there is none.
  std::size_t path_end(std::size_t begin) const {
    if (!is_name(begin)) return begin;
    std::size_t end = begin + 1;
    while (is(end, ".") && is_name(end + 1)) end += 2;
    return end;
  }

 private:
  std::vector<Token> tokens_;
};

bool is_assignment(std::string_view text) { return text == "=" || text == "+=" || text == "-="; }

// ------------------------------------------------------------------------------------------------- branches

void find_equal_branches(const Text& text, std::vector<LintFinding>& found) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const bool is_other =
        (text.is(i, "or") || text.is(i, "else")) && text.is(i + 1, "{") && i > 0 && text.is(i - 1, "}");
    if (!is_other) continue;
    const std::size_t before = text.opening(i - 1);
    const std::size_t after = text.closing(i + 1);
    if (before == text.size() || !text.are_equal(before + 1, i - 1, i + 2, after)) continue;
    const bool is_else = text.is(i, "else");
    found.push_back({"W0612",
                     text.at(i).span,
                     is_else ? "this branch does what the one before does, so the condition decides nothing"
                             : "this branch does what the one before does",
                     {}});
  }
}

// --------------------------------------------------------------------------------------------- one and the same

bool compares(std::string_view text) {
  static const std::set<std::string_view> all = {"==", "!=", "<", "<=", ">", ">=", "&&", "||"};
  return all.count(text) != 0;
}

/// Whether a token before a path is part of the same operand.
bool binds_before(std::string_view text) {
  static const std::set<std::string_view> all = {".", "+",  "-",  "*",  "/", "%",  "!", "&", "|",
                                                 "^", "<<", "==", "!=", "<", "<=", ">", ">="};
  return all.count(text) != 0;
}
bool binds_after(std::string_view text) {
  static const std::set<std::string_view> all = {".", "[", "(",  "+",  "-",  "*", "/",  "%", "&",
                                                 "|", "^", "<<", "==", "!=", "<", "<=", ">", ">="};
  return all.count(text) != 0;
}

/// Whether the value of an assignment continues at this token, which stands on the same line.
bool continues_value(const Token& token) {
  if (token.kind == TokenKind::Punctuation) return !token.is("}") && !token.is(";");
  return token.is("in") || token.is_word("within") || token.is_word("beside");
}

void find_same_operands(const Text& text, std::vector<LintFinding>& found) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && binds_before(text.at(i - 1).text)) continue;
    const std::size_t end = text.path_end(i);
    if (end == i) continue;
    const std::string_view op = text.at(end).text;
    const bool assigns = op == "=" && (i == 0 || text.at(i).first_on_line || text.is(i - 1, "{"));
    if (!assigns && !compares(op)) continue;
    const std::size_t other_end = text.path_end(end + 1);
    if (other_end == end + 1 || !text.are_equal(i, end, end + 1, other_end)) continue;
    const Token& next = text.at(other_end);
    const bool goes_on = !next.first_on_line && (assigns ? continues_value(next) : binds_after(next.text));
    if (goes_on) continue;
    const Span span = cover(text.at(i).span, text.at(other_end - 1).span);
    found.push_back({"W0615", span, assigns ? "this assigns a variable to itself" : "both sides are the same", {}});
    i = other_end - 1;
  }
}

// -------------------------------------------------------------------------------------------- never read

struct Declared {
  Span span;
  const char* what;
};

/// Variables, constants and parameters of the file that have a name of their own.
void declare(const std::vector<types::Member>& members, FileId file, std::map<std::string, Declared>& all) {
  for (const types::Member& member : members) {
    std::visit(Overloaded{
                   [&](const std::unique_ptr<types::VariableDecl>& variable) {
                     const types::Type::Kind kind = variable->type->kind;
                     const bool is_lock = kind == types::Type::Kind::Spinlock || kind == types::Type::Kind::Mutex;
                     if (variable->kind != types::VariableDecl::Kind::Member || is_lock || variable->open) return;
                     if (variable->span.file == file) all.emplace(variable->name, Declared{variable->span, "variable"});
                   },
                   [&](const std::unique_ptr<types::MemberGroup>& group) {
                     declare(group->then_members, file, all);
                     declare(group->else_members, file, all);
                   },
                   // Their names are not variables.
                   [](const std::unique_ptr<types::InstanceDecl>&) {},
                   [](const std::unique_ptr<types::FunctionDecl>&) {},
                   [](const std::unique_ptr<types::ContextDecl>&) {},
                   [](const std::unique_ptr<types::ActionDecl>&) {},
                   [](const std::unique_ptr<types::PropertyDecl>&) {},
               },
               member);
  }
}

/// Whether the name at `i` is only given a value there, or declared.
bool is_only_written(const Text& text, std::size_t i) {
  const bool is_declared = text.is(i + 1, ":") || (i > 0 && text.is(i - 1, "var"));
  return is_declared || is_assignment(text.at(i + 1).text);
}

/// Names that are given the result of a call.
std::set<std::string> results_in(const Text& text) {
  std::set<std::string> result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!text.is_name(i)) continue;
    std::size_t equals = i + 1;
    if (text.is(equals, ":")) equals = text.path_end(equals + 1);
    if (!text.is(equals, "=")) continue;
    const std::size_t end = text.path_end(equals + 1);
    if (end != equals + 1 && text.is(end, "(") && !text.at(end).first_on_line) {
      result.insert(std::string(text.at(i).text));
    }
  }
  return result;
}

void find_unread(const types::Program& program, const Text& text, FileId file, std::vector<LintFinding>& found) {
  std::map<std::string, Declared> declared;
  const bool is_design = std::any_of(program.machines.begin(), program.machines.end(),
                                     [&](const auto& one) { return one->is_system && one->span.file == file; });
  for (const auto& machine : program.machines) {  // of a module that is used by others, these may read
    if (is_design && machine->span.file == file) declare(machine->members, file, declared);
  }
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text.is(i, "var") && text.is_name(i + 1)) {
      declared.emplace(std::string(text.at(i + 1).text), Declared{text.at(i + 1).span, "local variable"});
    }
  }
  std::set<std::string> read = results_in(text);  // a call that has a result needs a variable for it
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.is_name(i) && !is_only_written(text, i)) read.insert(std::string(text.at(i).text));
  }
  for (const auto& [name, one] : declared) {
    if (read.count(name) == 0)
      found.push_back({"W0613", one.span, fmt::format("nothing reads the {} '{}'", one.what, name), {}});
  }
}

}  // namespace

std::vector<LintFinding> find_in_text(const types::Program& program, const SourceMap& sources, FileId file) {
  const Text text(sources, file);
  std::vector<LintFinding> found;
  find_equal_branches(text, found);
  find_same_operands(text, found);
  find_unread(program, text, file, found);
  return found;
}

std::set<std::string> names_of_results(const SourceMap& sources, FileId file) {
  return results_in(Text(sources, file));
}

}  // namespace quiesce::checker
