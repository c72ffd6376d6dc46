#include "model/syntax/parser_state.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quiesce::model::syntax {
namespace {

/// Blocks, types, members and expressions inside each other. Enough for any text written by people, and
/// little enough that every recursive walk over the tree fits on the stack.
constexpr int kMaxNesting = 200;

/// Operators in one whole expression: 'a + a + a ...' is a deep tree without being nested in the text.
constexpr int kMaxOperators = 1000;

/// Behind that many errors in one file the rest would hardly be read.
constexpr std::size_t kMaxErrors = 100;

/// Keywords that begin a declaration or a member, and may be names where none can begin.
bool is_soft_keyword(const Token& token) {
  return token.kind == TokenKind::Keyword &&
         one_of(token.text, {"action", "check", "enum", "handler", "interface", "invariant", "machine", "module",
                             "never", "param", "reachable", "rule", "struct", "system", "thread", "use"});
}

/// Whether a name or a value must follow this token.
bool wants_name(const Token& token) {
  switch (token.kind) {
    case TokenKind::Keyword:
      return is_soft_keyword(token) ||
             one_of(token.text, {"assert", "at",    "await",      "choose",  "const", "exists", "fn",      "for",
                                 "forall", "if",    "implements", "in",      "on",    "ref",    "require", "return",
                                 "spin",   "until", "var",        "violate", "when",  "where",  "while",   "with"});
    case TokenKind::Identifier:
      return one_of(token.text, {"acquire", "beside", "concurrent", "count",   "cpus",    "except",   "expect",
                                 "free",    "give",   "init",       "lower",   "monitor", "pin",      "progress",
                                 "raise",   "take",   "terminates", "release", "vacuous", "violated", "within"});
    case TokenKind::Punctuation:
      return !one_of(token.text, {"{", "}", ")", "]", ";", "..."});
    case TokenKind::Integer:
    case TokenKind::String:
    case TokenKind::Bad:
    case TokenKind::End:
      break;
  }
  return false;
}

/// Turns soft keywords into identifiers where no declaration can begin: where a name must follow what stands before it
/// on the line, and where what comes next does not follow the first word of a declaration.
void tell_names(std::vector<Token>& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!is_soft_keyword(tokens[i])) continue;
    const Token& next = tokens[i + 1];
    const bool name_follows =
        ((next.kind == TokenKind::Identifier && !next.is_word("within") && !next.is_word("beside")) ||
         is_soft_keyword(next)) &&
        !next.first_on_line;
    const bool is_property = one_of(tokens[i].text, {"invariant", "never", "reachable"});
    bool wanted = i > 0 && wants_name(tokens[i - 1]);
    if (wanted && tokens[i].first_on_line && tokens[i - 1].kind != TokenKind::Punctuation) wanted = false;
    // What may end a type ('home: Cpu?  action ring'), and a line that is not complete, are no reason before a
    // declaration.
    if (wanted && one_of(tokens[i - 1].text, {">", "?", "*"})) {
      wanted = !tokens[i].first_on_line && next.kind == TokenKind::Punctuation && !is_property;
    } else if (wanted && tokens[i].first_on_line && one_of(tokens[i - 1].text, {"=", "->", "+=", "-="})) {
      wanted = !name_follows;
    }
    bool fits = next.kind == TokenKind::Punctuation && !next.is("{");
    if (is_property) fits = fits && !one_of(next.text, {"(", "[", "!", "-"});
    if (wanted || fits) tokens[i].kind = TokenKind::Identifier;
  }
}

}  // namespace

bool is_declaration_keyword(const Token& token) {
  return token.kind == TokenKind::Keyword && one_of(token.text, {"machine", "system", "check", "rule", "enum", "struct",
                                                                 "interface", "param", "module", "use"});
}

bool is_member_keyword(const Token& token) {
  return token.kind == TokenKind::Keyword &&
         one_of(token.text, {"fn", "action", "handler", "thread", "invariant", "never", "reachable", "deadlock_free"});
}

bool is_foreign_type(std::string_view word) {
  return one_of(word, {"unsigned", "signed",   "char",     "short",  "long",    "float",   "double",  "void",
                       "uint",     "ulong",    "uchar",    "int8",   "int16",   "int32",   "int64",   "uint8",
                       "uint16",   "uint32",   "uint64",   "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t",
                       "uint16_t", "uint32_t", "uint64_t", "u8",     "u16",     "u32",     "u64",     "i8",
                       "i16",      "i32",      "i64",      "size_t", "string",  "String",  "integer", "boolean",
                       "ULONG",    "UCHAR",    "USHORT",   "LONG",   "DWORD",   "PVOID"});
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::End:
      return "the end of the file";
    case TokenKind::String:
      return "a string";
    case TokenKind::Identifier:
    case TokenKind::Keyword:
    case TokenKind::Integer:
    case TokenKind::Punctuation:
    case TokenKind::Bad:
      break;
  }
  return quoted(token.text);
}

ParserState::ParserState(FileId file, const SourceMap& sources, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
  Tokens lexed = lex(file, sources, diagnostics);
  tokens_ = std::move(lexed.tokens);
  tell_names(tokens_);
  layout_.resize(tokens_.size());
  file_ = std::make_unique<File>();
  file_->id = file;
  file_->comments = std::move(lexed.comments);
}

void ParserState::enter() {
  if (nesting_ >= kMaxNesting) {
    report("E0110", peek().span,
           "nested too deeply: more than " + std::to_string(kMaxNesting) + " levels, the rest is not read");
    abandon();
    throw Failure{};
  }
  ++nesting_;
}

void ParserState::count_operator() {
  if (++operators_ <= kMaxOperators) return;
  report("E0110", peek().span,
         "this expression has more than " + std::to_string(kMaxOperators) + " operators, the rest is not read");
  abandon();
  throw Failure{};
}

std::string ParserState::take_doc() const {
  const std::vector<Comment>& comments = file_->comments;
  const std::uint32_t begin = peek().span.begin;
  std::size_t previous = pos_;
  while (previous > 0 && tokens_[previous - 1].is(";")) --previous;
  const std::uint32_t after = previous == 0 ? 0 : tokens_[previous - 1].span.end;
  auto last = std::partition_point(comments.begin(), comments.end(),
                                   [&](const Comment& comment) { return comment.span.begin < begin; });
  auto first = last;
  while (first != comments.begin()) {
    const Comment& comment = *std::prev(first);
    if (comment.kind != CommentKind::Doc || !comment.own_line || comment.span.begin < after) break;
    --first;
  }
  std::string doc;
  for (auto comment = first; comment != last; ++comment) {
    std::string_view text = comment_text(*comment);
    text.remove_prefix(3);
    if (text.substr(0, 1) == " ") text.remove_prefix(1);
    if (comment != first) doc += '\n';
    doc += text;
  }
  return doc;
}

std::string_view ParserState::comment_text(const Comment& comment) const {
  const Token& end = tokens_.back();
  const char* source = end.text.data() - end.span.begin;
  return {source + comment.span.begin, comment.span.end - comment.span.begin};
}

Diagnostic* ParserState::report(std::string code, Span span, std::string message) {
  const bool bad =
      peek().kind == TokenKind::Bad || (peek(1).kind == TokenKind::Bad && peek(1).span.begin == peek().span.end);
  if (abandoned_ || bad || reported_at_ == pos_ + 1) return nullptr;
  reported_at_ = pos_ + 1;
  if (++errors_ > kMaxErrors) {
    diagnostics_.error("E0120", span, "too many errors in this file, the rest is not read");
    abandon();
    return nullptr;
  }
  return &diagnostics_.error(std::move(code), span, std::move(message));
}

void ParserState::fail(std::string code, Span span, std::string message, std::string note) {
  Diagnostic* found = report(std::move(code), span, std::move(message));
  if (found != nullptr && !note.empty()) found->notes.push_back(std::move(note));
  throw Failure{};
}

void ParserState::abandon() {
  abandoned_ = true;
  pos_ = tokens_.size() - 1;
}

void ParserState::expected(const std::string& what, std::string note) {
  if (note.empty()) note = advice();
  const Token& token = peek();
  const bool next_item = is("}") || token.kind == TokenKind::Keyword || token.kind == TokenKind::Identifier || at_end();
  if (pos_ > 0 && token.first_on_line && next_item) {
    const Span previous = tokens_[pos_ - 1].span;
    const std::uint32_t end = std::min(previous.end + 1, tokens_.back().span.end);
    fail("E0100", {previous.file, std::min(previous.end, end), end},
         "expected " + what + after_previous() + ", found the end of the " + (at_end() ? "file" : "line"),
         std::move(note));
  }
  fail("E0100", token.span, "expected " + what + after_previous() + ", found " + describe(token), std::move(note));
}

std::string ParserState::advice() const {
  const Token& token = peek();
  if (token.is_word("and")) return "'and' is written '&&'";
  if (token.is("or") && !token.first_on_line) return "'or' between conditions is written '||'";
  if (token.is_word("xor")) return "'xor' of two conditions is written '!='";
  if (token.is_word("then") || token.is_word("do")) return "conditions are followed by a block in braces";
  if (token.is("->")) return "members are reached with '.', also through references";
  return {};
}

void ParserState::unclosed(std::size_t open, const std::string& what, int depth) {
  Diagnostic* found = report("E0102", peek().span, "expected '}' to close " + what + ", found " + describe(peek()));
  if (found != nullptr) found->labels.push_back({tokens_[open].span, "opened here"});
  depth_ = depth;
}

Name ParserState::parse_name(const std::string& what) {
  if (is_name()) {
    Name name{std::string(peek().text), peek().span};
    advance();
    return name;
  }
  if (peek().kind == TokenKind::Keyword && !peek().first_on_line) {
    fail("E0103", peek().span, "expected " + what + after_previous() + ", found the keyword " + quoted(peek().text),
         "keywords cannot be names");
  }
  expected(what);
}

Name ParserState::parse_member_name() {
  if (peek().kind == TokenKind::Keyword && !peek().first_on_line) {
    Name name{std::string(peek().text), peek().span};
    advance();
    return name;
  }
  return parse_name("a name");
}

QualifiedName ParserState::parse_qualified(const std::string& what) {
  const std::size_t begin = pos_;
  QualifiedName name;
  name.parts.push_back(parse_name(what));
  while (accept(".")) name.parts.push_back(parse_member_name());
  name.span = span_from(begin);
  return name;
}

Name ParserState::parse_rule_word(const std::string& what) {
  if (is_name() || !is_rule_name()) return parse_name(what);
  Name name{std::string(peek().text), peek().span};
  advance();
  return name;
}

QualifiedName ParserState::parse_rule_name(const std::string& what) {
  const std::size_t begin = pos_;
  QualifiedName name;
  name.parts.push_back(parse_rule_word(what));
  while (accept(".")) name.parts.push_back(parse_member_name());
  name.span = span_from(begin);
  return name;
}

std::vector<QualifiedName> ParserState::parse_qualified_list(const std::string& what) {
  std::vector<QualifiedName> names;
  do {
    if (!names.empty()) may_break(kComma);
    names.push_back(parse_qualified(what));
  } while (accept(","));
  return names;
}

void ParserState::skip_semicolons() {
  while (is(";")) {
    role(TokenRole::Dropped);
    advance();
  }
}

}  // namespace quiesce::model::syntax
