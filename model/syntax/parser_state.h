// What every part of the parser stands on: the tokens of one file with the place that has been reached, their
// layout for the formatter, the findings, and names. Internal to this folder.
//
// Failures: where the text cannot be understood, fail() puts the finding into the sink and throws Failure; the
// parser catches it where it continues (Parser::recover). A second finding at the same token, or at one that the lexer
// has complained about, is not reported.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/syntax/layout.h"
#include "model/syntax/lexer.h"
#include "model/syntax/tree.h"

namespace quiesce::model::syntax {

/// Thrown where the text cannot be understood, after the finding is in the sink; caught where the parser
/// continues. Never leaves parse().
struct Failure {};

/// Ranks of places where a long line may be broken, from outermost to innermost.
enum BreakRank {
  kClause = 1,
  kComma = 1,
  kTernary = 2,
  kImplies = 3,
  kOr = 4,
  kAnd = 5,
  kCompare = 6,
  kSum = 7,
  kProduct = 8,
  kOpen = 9
};

using Words = std::initializer_list<std::string_view>;

inline bool one_of(std::string_view word, Words words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Keywords that begin a declaration and occur nowhere else: good places to continue.
bool is_declaration_keyword(const Token& token);

/// Keywords that begin a member and no statement: a block was not closed.
bool is_member_keyword(const Token& token);

/// Numeric and other types of C, of driver headers and of other languages.
bool is_foreign_type(std::string_view word);

/// `text` between single quotes.
std::string quoted(std::string_view text);

/// The token as messages name it.
std::string describe(const Token& token);

/// The base of the parser, never used alone.
class ParserState {
 protected:
  ParserState(FileId file, const SourceMap& sources, Diagnostics& diagnostics);

  // ------------------------------------------------------------------------------------------------------------ tokens

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)]; }
  bool at_end() const { return peek().kind == TokenKind::End; }
  bool is(std::string_view what) const { return peek().is(what); }
  bool is_name(std::size_t ahead = 0) const { return peek(ahead).kind == TokenKind::Identifier; }

  void advance() {
    if (at_end()) return;
    if (is("{")) ++depth_;
    if (is("}")) --depth_;
    ++pos_;
  }

  bool accept(std::string_view what) {
    if (!is(what)) return false;
    advance();
    return true;
  }

  bool accept_word(std::string_view what) {
    if (!peek().is_word(what)) return false;
    advance();
    return true;
  }

  void expect(std::string_view what) {
    if (!accept(what)) expected(quoted(what));
  }

  /// From the token at index `begin` to the last one consumed.
  Span span_from(std::size_t begin) const {
    const Span first = tokens_[begin].span;
    if (pos_ <= begin) return first;
    return {first.file, first.begin, tokens_[pos_ - 1].span.end};
  }

  void role(TokenRole role) { layout_[pos_].role = role; }

  /// A line may be broken before the next token.
  void may_break(int rank) { layout_[pos_].break_depth = static_cast<std::uint16_t>(brackets_ * kBreakRanks + rank); }

  void item(std::size_t begin, bool may_inline = true) { items_.push_back({begin, pos_, may_inline}); }

  void open_block() {
    role(TokenRole::BlockOpen);
    expect("{");
  }

  void close_block() {
    role(TokenRole::BlockClose);
    advance();
  }

  /// The word (or sign) that begins an optional clause of a header, before which the line may be broken.
  bool accept_clause(std::string_view word) {
    if (!peek().is(word) && !peek().is_word(word)) return false;
    may_break(kClause);
    advance();
    return true;
  }

  /// The documentation directly before the next token.
  std::string take_doc() const;

  /// Comments are no tokens; their text is found from that of the first token, which points into the source.
  std::string_view comment_text(const Comment& comment) const;

  /// A ';' may stand after everything and means nothing.
  void skip_semicolons();

  // ---------------------------------------------------------------------------------------------------------- findings

  /// Reports, unless the lexer has complained about this token, or the parser has.
  Diagnostic* report(std::string code, Span span, std::string message);

  /// Reports and gives up what is being read.
  [[noreturn]] void fail(std::string code, Span span, std::string message, std::string note = {});

  /// Gives the rest of the file up.
  void abandon();

  /// "expected X after Y, found Z" at the next token, with advice when it looks like another language. When the line
  /// ends before something that surely is the next item, the end of the line is the place.
  [[noreturn]] void expected(const std::string& what, std::string note = {});

  /// What the author of the next token may have meant by it here; empty when no meaning is known.
  std::string advice() const;

  /// Reports that the braces opened at token `open` are not closed before the next token, and continues as if they
  /// were.
  void unclosed(std::size_t open, const std::string& what, int depth);

  std::string after_previous() const { return pos_ == 0 ? std::string() : " after " + describe(tokens_[pos_ - 1]); }

  // ------------------------------------------------------------------------------------------------------------ limits

  /// One level deeper while it lives.
  struct Nest {
    explicit Nest(ParserState& of) : parser(of) { parser.enter(); }
    ~Nest() { --parser.nesting_; }
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    ParserState& parser;
  };

  /// Inside brackets while it lives: lines break there later than outside.
  struct Bracket {
    explicit Bracket(ParserState& of) : parser(of) { ++parser.brackets_; }
    ~Bracket() { --parser.brackets_; }
    Bracket(const Bracket&) = delete;
    Bracket& operator=(const Bracket&) = delete;
    ParserState& parser;
  };

  /// Goes one level deeper; gives the file up when that is too deep.
  void enter();

  /// Counts one more operator of the whole expression; gives the file up when there are too many.
  void count_operator();

  // ------------------------------------------------------------------------------------------------------------- names

  Name parse_name(const std::string& what);

  /// The name behind a '.': there even a keyword is one ('core.null').
  Name parse_member_name();

  QualifiedName parse_qualified(const std::string& what);

  /// Whether the token `ahead` can begin the name of a rule: an identifier, or the keyword of the rules that are built
  /// into the language ('assert.holds'), which only a '.' tells from the statement.
  bool is_rule_name(std::size_t ahead = 0) const {
    return is_name(ahead) || (peek(ahead).is("assert") && peek(ahead + 1).is("."));
  }

  /// The first part of the name of a rule.
  Name parse_rule_word(const std::string& what);

  QualifiedName parse_rule_name(const std::string& what);

  std::vector<QualifiedName> parse_qualified_list(const std::string& what);

  // ------------------------------------------------------------------------------------------------------------- state

  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;        // ends with End
  std::vector<TokenLayout> layout_;  // one for each token
  std::vector<Item> items_;
  std::unique_ptr<File> file_;

  std::size_t pos_ = 0;      // the next token
  int depth_ = 0;            // braces open before it
  int nesting_ = 0;          // see kMaxNesting
  int brackets_ = 0;         // see Bracket
  int expressions_ = 0;      // inside how many expressions
  bool in_formula_ = false;  // the words of time are operators
  int operators_ = 0;        // of the whole expression that is being read
  std::size_t errors_ = 0;
  std::size_t reported_at_ = 0;  // one more than the token of the last error; 0: none
  bool abandoned_ = false;       // nothing is read or reported any more
  bool stay_ = false;            // the failure under way has already found the place to continue
};

}  // namespace quiesce::model::syntax
