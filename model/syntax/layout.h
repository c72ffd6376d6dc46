// What the parser knows about each token that the formatter needs and the tree does not say: which '<' is a
// bracket, where an item begins that may stand on a line of its own, where a line may be broken. Internal to
// this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/syntax/lexer.h"
#include "model/syntax/tree.h"

namespace quiesce::model::syntax {

enum class TokenRole : std::uint8_t {
  Plain,
  PrefixOperator,  // '-' or '!': no space behind it
  TypeBracket,     // '<' or '>' of 'set<T>': no space around it
  OptionalMark,    // '?' of 'T?': no space before it
  Ternary,         // '?' or ':' of 'c ? a : b': a space on both sides
  BlockOpen,       // '{' of statements, members, fields, enumerators
  BlockClose,
  Dropped,    // ';': not printed
  Word,       // an identifier that is a keyword here: a space behind it, even before '('
  FieldWord,  // 'title' and the like: what follows is aligned
  Clause,     // 'expect': keeps a line of its own when it has one
};

/// Ranks of places to break at the same depth of brackets.
constexpr int kBreakRanks = 10;

struct TokenLayout {
  TokenRole role = TokenRole::Plain;
  std::uint16_t break_depth = 0;  // brackets around * kBreakRanks + rank of a place to break, lower first; 0: none
};

/// Consecutive tokens that belong together and begin a line unless all around them is on one line.
struct Item {
  std::size_t begin = 0;   // index of the first token
  std::size_t end = 0;     // one past the last
  bool may_inline = true;  // may stay on one line although it has a block
};

struct ParsedText {
  std::unique_ptr<File> file;
  std::vector<Token> tokens;
  std::vector<TokenLayout> layout;  // one for each token
  std::vector<Item> items;          // by begin, longer ones first
};

/// As parse(), with the tokens and their layout.
ParsedText parse_with_layout(FileId file, const SourceMap& sources, Diagnostics& diagnostics);

}  // namespace quiesce::model::syntax
