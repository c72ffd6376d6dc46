// Text to tokens: the first stage of the street. White space and comments separate tokens; comments are
// kept aside for documentation and for the formatter. Never fails: what cannot be a token becomes a token
// of kind Bad, reported here once, so that the parser need not complain about it again.
//
// Codes: E0001 unexpected character, E0002 unterminated string, E0003 unterminated comment, E0004 number
// too large, E0005 malformed number, E0006 bad escape in a string, E0007 text that is not UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/syntax/tree.h"

namespace quiesce::model::syntax {

enum class TokenKind {
  Identifier,  // also the words that are special in some places only ('level', 'busy', 'title', ...)
  Keyword,     // a word that can never be a name
  Integer,
  String,
  Punctuation,
  Bad,  // reported by the lexer
  End,  // the last token, exactly one
};

struct Token {
  TokenKind kind = TokenKind::End;
  Span span;
  std::string_view text;       // as written; points into the source
  bool first_on_line = false;  // a line break (perhaps inside a comment) stands before it
  std::int32_t number = 0;     // of an Integer
  std::string string;          // of a String: quotes removed, escapes replaced

  /// Whether this is the keyword or punctuation `what`.
  bool is(std::string_view what) const {
    return (kind == TokenKind::Keyword || kind == TokenKind::Punctuation) && text == what;
  }
  /// Whether this is the identifier `what`: a word that is special only here.
  bool is_word(std::string_view what) const { return kind == TokenKind::Identifier && text == what; }
};

struct Tokens {
  std::vector<Token> tokens;      // ends with End
  std::vector<Comment> comments;  // in order
};

/// The tokens of `file`. O(length of the text).
Tokens lex(FileId file, const SourceMap& sources, Diagnostics& diagnostics);

/// Whether `word` is a keyword, which cannot be a name.
bool is_keyword(std::string_view word);

/// How many keywords there are: for the test that compares them with docs/grammar.ebnf.
std::size_t keyword_count();

}  // namespace quiesce::model::syntax
