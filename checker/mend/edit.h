// A change of a text: some of its bytes become others. Mutants of rules (checker/mutation) change one place; a mend may
// change several, and its text is brought into canonical layout where the text before was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quiesce::checker {

/// The bytes [begin, end) become `text`.
struct Replacement {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string text;
};

/// Replacements of one text, in any order; they do not overlap.
using Edit = std::vector<Replacement>;

/// `text` with `edit` made. Of two insertions at one place the first of the list stands first.
std::string edited(const std::string& text, const Edit& edit);

/// `text` in canonical layout (model/syntax/format.h); as it is when it does not parse.
std::string laid_out(const std::string& text);

/// `before` with `edit` made, in canonical layout when `before` is.
class Editor {
 public:
  explicit Editor(std::string before) : before_(std::move(before)), is_canonical_(laid_out(before_) == before_) {}
  const std::string& before() const { return before_; }
  std::string apply(const Edit& edit) const {
    return is_canonical_ ? laid_out(edited(before_, edit)) : edited(before_, edit);
  }

 private:
  std::string before_;
  bool is_canonical_;
};

}  // namespace quiesce::checker
