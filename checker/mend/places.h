// Where a design can be changed: the statements of its functions, threads and handlers, with the blocks in which they
// stand. Systems count, since a design may have threads there. What is the world around a driver does not: actions,
// `initially`, and functions with `require` or `violate`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/base/source.h"
#include "model/syntax/tree.h"

namespace quiesce::checker {

/// A function, thread or handler of a design.
struct Routine {
  std::string machine;  // without family; empty: a free function
  std::string name;
  bool is_function = false;
  bool gives_bool = false;  // a function that returns a bool
  const model::syntax::Block* body = nullptr;
};

/// A statement. Its places are those of the vector that it is in.
struct Place {
  const model::syntax::Statement* statement = nullptr;
  std::size_t routine = 0;      // position in DesignPlaces::routines
  std::size_t block = 0;        // number of the innermost block around it
  std::size_t index = 0;        // in that block
  bool is_last = false;         // of its block
  std::uint32_t block_end = 0;  // behind the innermost block: what is declared there is not seen behind
  bool is_leaf = false;         // no block inside
  std::uint32_t line = 0;       // from 1
};

struct DesignPlaces {
  std::vector<Routine> routines;
  std::vector<Place> statements;  // in the order of the text
};

/// All places of `file`. Requires: it was parsed without errors. O(length of the text).
DesignPlaces places_of(const model::syntax::File& file, const model::SourceMap& sources);

/// How statements of one text are moved about: bytes and replacements.
class StatementText {
 public:
  /// All outlive this.
  StatementText(const model::syntax::File& file, const model::SourceMap& sources);

  /// The statement as written.
  std::string text(const Place& place) const;
  /// The same with the comment behind it on its line, where it stands alone on the line.
  std::string with_comment(const Place& place) const;

  /// `statement` put there, on a line of its own where that is the way of the block.
  struct Put {
    std::uint32_t at = 0;
    std::string text;
  };
  Put put(const Place& place, bool is_before, const std::string& statement) const;
  /// The bytes that go when the statement goes: its line where it stands alone on it.
  struct Bytes {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  Bytes taken_out(const Place& place) const;

 private:
  bool is_first_on_line(std::uint32_t at) const;
  bool is_last_on_line(std::uint32_t at) const;
  std::uint32_t line_begin(std::uint32_t at) const;
  std::uint32_t line_end(std::uint32_t at) const;
  /// Behind the comment that follows on the line; `end` when none does.
  std::uint32_t with_trailing_comment(std::uint32_t end) const;

  const model::syntax::File& file_;
  const std::string& text_;
};

}  // namespace quiesce::checker
