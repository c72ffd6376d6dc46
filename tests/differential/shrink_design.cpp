// Makes a design that shows a difference small. Knows nothing of the language: a line goes, or the braces around its
// lines go, or it stays; what is no design any more is not asked for by whatever asks.
#include <utility>

#include "tests/differential/random_design.h"

namespace quiesce {

namespace {

class Shrinker {
 public:
  Shrinker(DesignLines lines, const std::function<bool(const std::string&)>& still_fails, int max_tries)
      : lines_(std::move(lines)), still_fails_(still_fails), left_(max_tries) {}

  DesignLines shrink() {
    // Until a whole pass leaves everything as it is: what could not go before may go after others have.
    do {
      changed_ = false;
      pass(lines_);
    } while (changed_ && left_ > 0);
    return std::move(lines_);
  }

 private:
  /// Tries everything in `lines`, which is a part of lines_: from the end, since what stands there uses what is before.
  void pass(DesignLines& lines) {
    for (std::size_t length : {4u, 2u, 1u}) {
      for (std::size_t end = lines.size(); end >= length && left_ > 0; --end) {
        if (end > lines.size()) end = lines.size();
        if (end < length) break;
        const DesignLines before = lines;
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(end - length),
                    lines.begin() + static_cast<std::ptrdiff_t>(end));
        keep_or(lines, before);
      }
    }
    for (std::size_t i = lines.size(); i-- > 0 && left_ > 0;) {
      if (i >= lines.size() || !lines[i].is_block) continue;
      const DesignLines before = lines;
      const DesignLines inside = lines[i].inside;
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), inside.begin(), inside.end());
      if (keep_or(lines, before)) continue;
      pass(lines[i].inside);
    }
  }

  bool keep_or(DesignLines& lines, const DesignLines& before) {
    --left_;
    if (still_fails_(text_of(lines_))) {
      changed_ = true;
      return true;
    }
    lines = before;
    return false;
  }

  DesignLines lines_;
  const std::function<bool(const std::string&)>& still_fails_;
  int left_;
  bool changed_ = false;
};

}  // namespace

DesignLines shrink(DesignLines lines, const std::function<bool(const std::string&)>& still_fails, int max_tries) {
  return Shrinker(std::move(lines), still_fails, max_tries).shrink();
}

}  // namespace quiesce
