#include "model/syntax/foreign_names.h"
#include "model/syntax/parser_class.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quiesce::model::syntax {

void Parser::no_declaration() {
  const Token& token = peek();
  if (token.is("}")) {
    skip_to_declaration("E0102", "expected a declaration, found '}' that closes nothing",
                        "there is one '}' too many, here or before");
  }
  if (token.is("module")) {
    fail("E0114", token.span,
         file_->module ? "a file has one 'module' line, this is a second one" : "'module' is the first line of a file");
  }
  if (token.is("use")) fail("E0114", token.span, "'use' stands before all declarations, right after 'module'");
  const std::string closed =
      pos_ > 0 && tokens_[pos_ - 1].is("}") ? "the machine before may have one '}' too many" : "";
  if (is_member_keyword(token) || one_of(token.text, {"busy", "urgent", "cpus", "pin"})) {
    skip_to_declaration("E0114", quoted(token.text) + " belongs inside a machine or a system", closed);
  }
  if (token.kind == TokenKind::Keyword &&
      one_of(token.text,
             {"if",       "while",  "for",  "loop", "return", "await",  "var",     "either",  "with", "pass", "break",
              "continue", "choose", "spin", "at",   "on",     "assert", "require", "violate", "else", "or"})) {
    skip_to_declaration("E0114", quoted(token.text) + " belongs inside a machine", closed);
  }
  if (is_name()) {
    if (peek(1).is(":")) {
      skip_to_declaration(
          "E0114", "variables and instances belong inside a machine or a system",
          closed.empty() ? "outside there are constants: 'const " + std::string(token.text) + " = ...'" : closed);
    }
    c_style_declaration(false);
    missing_fn();
    if (peek(1).is("=")) {
      const std::string name(token.text);
      fail("E0101", token.span, "expected a declaration, found " + quoted(name),
           "a constant is written 'const " + name + " = ...', a parameter 'param " + name + ": type = ...'");
    }
    unknown_word("a declaration", {"module", "use", "const", "param", "enum", "struct", "rule", "interface", "fn",
                                   "atomic", "returns", "machine", "object", "monitor", "system", "check"});
  }
  c_style_declaration(false);
  fail("E0100", token.span, "expected a declaration, found " + describe(token),
       "declarations begin with const, param, enum, struct, rule, interface, fn, machine, monitor, system, with or "
       "check");
}

void Parser::skip_to_declaration(std::string code, std::string message, std::string note) {
  Diagnostic* found = report(std::move(code), peek().span, std::move(message));
  if (found != nullptr && !note.empty()) found->notes.push_back(std::move(note));
  do {
    advance();
  } while (!at_end() && !(peek().first_on_line && begins_declaration()));
  stay_ = true;
  throw Failure{};
}

void Parser::address() {
  std::string name(peek(1).text);
  for (std::size_t ahead = 2; peek(ahead).is(".") && is_name(ahead + 1); ahead += 2) {
    name += "." + std::string(peek(ahead + 1).text);
  }
  expected("an expression", "things are named without '&': write '" + name + "'");
}

void Parser::monitor_inside() {
  if (!peek().is_word("monitor") || !is_name(1) || peek(1).first_on_line) return;
  const int depth = depth_;
  Diagnostic* found = report("E0114", peek().span, "a monitor is declared outside of all machines");
  if (found != nullptr) {
    const std::string name(peek(1).text);
    found->notes.push_back("in the machine it watches as an instance: 'name: " + name + "(...)'");
  }
  advance();
  while (!at_end() && !(depth_ <= depth && is("}"))) {
    if (depth_ <= depth && peek().first_on_line && looks_like_member()) break;
    advance();
  }
  stay_ = true;
  throw Failure{};
}

namespace {

/// The type of this language for one of another, as messages advise it. `pointer`: a '*' follows.
std::string type_for(const Token& type, bool pointer) {
  if (pointer || type.is_word("PVOID")) return "ref Machine?";
  if (type.is("bool") || type.is_word("boolean")) return "bool";
  return "int lo..hi";
}

}  // namespace

void Parser::c_style_declaration(bool statement) {
  const Token& token = peek();
  const bool type = token.is("int") || token.is("bool") || (is_name() && is_foreign_type(token.text));
  if (!type) return;
  std::size_t name = 1;
  while (peek(name).is("*") || peek(name).is("int") || (is_name(name) && is_foreign_type(peek(name).text))) ++name;
  const std::string ours = type_for(token, peek(1).is("*"));
  const bool function = is_name(name) && peek(name + 1).is("(");
  const std::string text = is_name(name) ? std::string(peek(name).text) : "x";
  if (function) {
    fail("E0108", token.span, "expected 'fn' before a function, found the type " + quoted(token.text),
         "write 'fn " + text + "(...)" + (token.is_word("void") && !peek(1).is("*") ? "" : " -> " + ours) + "'");
  }
  const std::string declared = text + ": " + ours;
  fail("E0108", token.span, "expected a name before its type, found the type " + quoted(token.text),
       statement ? "write 'var " + declared + " = ...'" : "write '" + declared + "'");
}

void Parser::missing_fn() {
  if (!is_name() || !peek(1).is("(")) return;
  fail("E0113", peek().span, "expected 'fn' before the function " + quoted(peek().text),
       "write 'fn " + std::string(peek().text) + "(...)'");
}

namespace {

/// The word among `words` that was meant: one for which other languages have this word, or one nearly the same.
std::optional<std::string> meant_by(const std::string& word, const std::vector<std::string>& words) {
  static const std::vector<std::pair<std::string_view, std::string_view>> kHabits = {
      {"def", "fn"},
      {"func", "fn"},
      {"function", "fn"},
      {"proc", "fn"},
      {"procedure", "fn"},
      {"class", "machine"},
      {"import", "use"},
      {"include", "use"},
      {"static", "const"},
      {"process", "thread"},
      {"let", "var"},
      {"isr", "handler"},
      {"assume", "await"},
      {"wait", "await"},
      {"driver", "machine"},
      {"device", "machine"},
      {"component", "machine"},
      {"task", "thread"},
      {"interrupt", "handler"},
      {"lock", "with"},
      {"synchronized", "with"},
      {"foreach", "for"},
      {"repeat", "loop"},
      {"forever", "loop"},
      {"always", "invariant"},
      {"define", "const"},
      {"pass", "holds"},
      {"succeeds", "holds"},
      {"ok", "holds"},
      {"fails", "violated"},
      {"broken", "violated"},
  };
  for (const auto& [habit, ours] : kHabits) {
    if (word == habit && std::find(words.begin(), words.end(), ours) != words.end()) return std::string(ours);
  }
  return nearest_name(word, words);
}

const std::vector<std::string> kMemberWords = {"fn",     "atomic",    "returns", "action",    "handler",       "urgent",
                                               "thread", "invariant", "never",   "reachable", "deadlock_free", "busy",
                                               "if",     "const",     "cpus",    "pin"};

}  // namespace

void Parser::unknown_word(const std::string& what, const std::vector<std::string>& words) {
  const std::string word(peek().text);
  std::string note;
  if (const std::optional<std::string> meant = meant_by(word, words)) note = "did you mean " + quoted(*meant) + "?";
  if (note.empty() && word == "typedef") note = "a type of its own is an 'enum' or a 'struct'";
  if (note.empty()) {
    if (const ForeignName* foreign = foreign_name(word)) note = foreign_advice(*foreign);
  }
  fail("E0101", peek().span, "expected " + what + ", found " + quoted(word), std::move(note));
}

void Parser::no_member() {
  const Token& token = peek();
  if (token.kind == TokenKind::Keyword && (peek(1).is(":") || peek(1).is("["))) {
    fail("E0103", token.span, "expected a member, found the keyword " + quoted(token.text), "keywords cannot be names");
  }
  if (token.is("var")) {
    fail("E0114", token.span, "'var' is for variables of functions and blocks",
         "a variable of a machine is written 'name: type = value'");
  }
  if (token.is("module") || token.is("use"))
    fail("E0114", token.span, quoted(token.text) + " stands at the top of a file");
  if (token.kind == TokenKind::Keyword &&
      one_of(token.text, {"while", "loop", "for", "either", "choose", "await", "spin", "atomic", "with", "at", "on",
                          "assert", "require", "return", "break", "continue", "pass", "violate"})) {
    fail("E0114", token.span,
         quoted(token.text) + " is a statement: it belongs inside a function, an action, a handler or a thread",
         "there may be one '}' too many before");
  }
  if (token.is("else")) fail("E0114", token.span, "'else' without an 'if' before it");
  if (token.is("when")) {
    fail("E0100", token.span, "expected a member or '}', found 'when'",
         "what happens by itself has a name: 'action name when condition { ... }'");
  }
  c_style_declaration(false);
  monitor_inside();
  if (is_name()) {
    const std::string name(token.text);
    if (peek(1).is("=")) {
      std::size_t end = 3;
      while (is_name(end - 1) && peek(end).is(".")) end += 2;
      const bool instance = is_name(2) && peek(end).is("(");
      std::string machine;
      for (std::size_t i = 2; i < end; ++i) machine += peek(i).text;
      fail("E0100", peek(1).span, "expected ':' and a type after " + quoted(name) + ", found '='",
           "write '" + name + (instance ? ": " + machine + "(...)', an instance has no '='" : ": type = value'"));
    }
    if (token.is_word("init") && peek(1).is("{")) {
      fail("E0101", token.span, "expected a member of a machine or system, found 'init'",
           "a variable begins with its value, 'name: type = value'; what runs first is a part of a 'thread'");
    }
    if (token.is_word("let")) {
      fail("E0101", token.span, "expected a member of a machine or system, found 'let'",
           "a variable of a machine is written 'name: type = value'");
    }
    if (is_name(1) && !peek(1).first_on_line && !meant_by(name, kMemberWords) &&
        (peek(2).first_on_line || peek(2).is("=") || peek(2).is(";"))) {
      const ForeignName* foreign = foreign_name(name);
      fail("E0108", token.span, "expected a name before its type, found " + quoted(name),
           foreign != nullptr
               ? foreign_advice(*foreign)
               : "write '" + std::string(peek(1).text) + ": type = value', or for an instance of a machine '" +
                     std::string(peek(1).text) + ": Machine(...)'");
    }
    missing_fn();
    unknown_word("a member of a machine or system", kMemberWords);
  }
  fail("E0100", token.span, "expected a member or '}', found " + describe(token));
}

void Parser::no_such_type() {
  const std::string word(peek().text);
  std::string note = "a number is 'int lo..hi', with the values that it can take";
  if (word == "boolean") note = "did you mean 'bool'?";
  if (word == "string" || word == "String" || word == "char") note = "there are no texts; use an enum";
  if (word == "void") note = "a function that returns nothing has no '->'";
  if (word == "float" || word == "double") note = "all numbers are whole: 'int lo..hi'";
  if (word == "PVOID") note = "a reference is 'ref Machine', and 'ref Machine?' when it may be null";
  fail("E0111", peek().span, "expected a type, found " + quoted(word), std::move(note));
}

void Parser::not_generic(const QualifiedName& name) {
  if (!is("<") || peek().first_on_line) return;
  const std::optional<std::string> near = nearest_name(name.parts.back().text, {"set", "queue", "array"});
  fail("E0111", name.span, "expected set, queue or array before '<', found " + quoted(name.text()),
       near ? "did you mean " + quoted(*near) + "?" : "");
}

void Parser::increment() {
  const Token& next = peek(1);
  if (!next.is(peek().text) || next.span.begin != peek().span.end) return;
  if (is("-") && !peek(2).first_on_line && begins_value(peek(2))) return;  // 'a --b' is 'a - -b'
  const std::string name =
      pos_ > 0 && tokens_[pos_ - 1].kind == TokenKind::Identifier ? std::string(tokens_[pos_ - 1].text) : "i";
  const std::string sign(peek().text);
  fail("E0105", cover(peek().span, next.span), "there is no operator '" + sign + sign + "'",
       "write '" + name + " " + sign + "= 1'");
}

bool Parser::only_brace_missing() const {
  if (pos_ == 0 || !peek().first_on_line || at_end()) return false;
  const char* source = tokens_.back().text.data() - tokens_.back().span.begin;
  const auto column = [&](const Token& token) {
    std::size_t begin = token.span.begin;
    while (begin > 0 && source[begin - 1] != '\n') --begin;
    return token.span.begin - begin;
  };
  std::size_t header = pos_ - 1;
  while (header > 0 && !tokens_[header].first_on_line) --header;
  if (column(peek()) <= column(tokens_[header])) return false;
  int depth = 0;
  for (std::size_t i = pos_; i < tokens_.size(); ++i) {
    if (tokens_[i].is("{")) ++depth;
    if (tokens_[i].is("}") && depth-- == 0) {
      return tokens_[i].first_on_line && column(tokens_[i]) == column(tokens_[header]);
    }
  }
  return false;
}

std::string Parser::block_advice() const {
  const std::string advised = advice();
  if (!advised.empty()) return advised;
  return "a block always has braces";
}

void Parser::no_statement() {
  const Token& token = peek();
  c_style_declaration(true);
  if (token.kind == TokenKind::Keyword && peek(1).kind == TokenKind::Punctuation &&
      one_of(peek(1).text, {"=", "+=", "-=", ".", "[", ":"})) {
    fail("E0103", token.span, "expected a statement, found the keyword " + quoted(token.text),
         "keywords cannot be names");
  }
  if (token.is("else")) fail("E0114", token.span, "'else' without an 'if' before it");
  if (token.is("or")) fail("E0114", token.span, "'or' without an 'either' before it");
  if (token.is("const")) fail("E0114", token.span, "constants belong outside of functions", "use 'var'");
  if (token.is("until") || token.is("when")) {
    fail("E0112", token.span, "expected a statement, found " + quoted(token.text),
         "to wait for a condition is written 'await condition'; to ask, 'if condition { ... }'");
  }
  if (token.is_word("urgent") || is_member_keyword(token)) {
    fail("E0114", token.span, quoted(token.text) + " belongs inside a machine, not inside a block");
  }
  if (token.is("{"))
    fail("E0100", token.span, "expected a statement, found \'{\'",
         "a block has a word before it, for example 'atomic { ... }'");
  if (token.is("(")) {
    fail("E0100", token.span, "expected a statement, found \'(\'",
         "the '(' of a call stands on the same line as what is called");
  }
  if (token.is("*") || token.is("&&") || token.is("&"))
    fail("E0100", token.span, "expected a statement, found " + describe(token), "there are no pointers");
  if ((token.is("+") || token.is("-")) && peek(1).is(token.text)) {
    fail("E0105", cover(token.span, peek(1).span),
         "there is no operator '" + std::string(token.text) + std::string(token.text) + "'",
         "write 'i " + std::string(token.text) + "= 1'");
  }
  fail("E0100", token.span, "expected a statement or '}', found " + describe(token));
}

std::string Parser::local_for(std::string_view type, std::string_view name) const {
  const std::string var = "var " + std::string(name);
  const Token& value = peek(3);
  const ForeignName* foreign = foreign_name(type);
  if (foreign != nullptr && foreign->as == ForeignName::As::Type) {
    return var + ": " + std::string(foreign->example) + " = ...";
  }
  if (!peek(2).is("=")) return var + " = ...";
  if (value.kind == TokenKind::Integer) return var + ": int lo..hi = " + std::string(value.text);
  if (value.is("null") || value.is_word("NULL")) return var + ": ref Machine? = null";
  return var + " = ...";
}

void Parser::foreign_statement() {
  const Token& token = peek();
  const Token& next = peek(1);
  const bool value = next.kind != TokenKind::Punctuation && next.kind != TokenKind::End && !next.first_on_line;
  const auto foreign = [&](const std::string& advice) {
    fail("E0112", token.span, "expected a statement, found " + quoted(token.text), advice);
  };
  if (token.text == "switch" && (value || next.is("("))) foreign("there is no 'switch'; use 'if' and 'else if'");
  if (token.text == "case" && value) foreign("there is no 'case'; use 'if' and 'else if'");
  if (token.text == "match" && (value || next.is("("))) foreign("there is no 'match'; use 'if' and 'else if'");
  if (token.text == "delete" && value) {
    foreign("all instances exist from the beginning; the life of one of an 'object machine' ends with 'free " +
            std::string(next.text) + "'");
  }
  if (token.text == "goto" && value) foreign("there is no 'goto'; use 'loop', 'break' and 'continue'");
  if (token.text == "do" && next.is("{")) foreign("there is no 'do'; use 'loop' with 'break'");
  if (one_of(token.text, {"elif", "elsif", "elseif"})) foreign("write 'else if'");
  if (one_of(token.text, {"try", "throw", "catch"}) && (value || next.is("{")))
    foreign("there are no exceptions; return a status");
  if (token.text == "accept" && next.is("{")) {
    fail("E0114", token.span, "'accept' stands at the beginning of a handler, before all statements");
  }
  if (one_of(token.text, {"cpus", "pin"}) && value) {
    fail("E0114", token.span, quoted(token.text) + " belongs inside a system");
  }
  c_style_declaration(true);
  if (!value && !next.is("{")) return;
  static const std::vector<std::string> kStatements = {
      "var",     "if",      "while",   "loop",     "for",   "either", "or",   "choose", "await",  "spin",
      "atomic",  "acquire", "release", "with",     "raise", "lower",  "at",   "on",     "assert", "require",
      "violate", "return",  "break",   "continue", "pass",  "init",   "free", "else"};
  const bool declared = next.kind == TokenKind::Identifier && token.text != "let" &&
                        (peek(2).is("=") || peek(2).is(";") || peek(2).is("}") || peek(2).first_on_line);
  if (declared && !nearest_name(token.text, kStatements)) {
    fail("E0108", token.span, "expected 'var' before a new variable, found " + quoted(token.text),
         "write '" + local_for(token.text, next.text) + "'" +
             (peek(2).is("=") ? "" : ", with the value that it begins with"));
  }
  unknown_word("a statement", kStatements);
}

}  // namespace quiesce::model::syntax
