#include "checker/mend/patch.h"

#include <algorithm>

#include <fmt/format.h>

namespace quiesce::checker {

namespace {

constexpr std::size_t kContext = 3;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) {
      lines.push_back(text.substr(begin));
      break;
    }
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// Which of the lines [from, ...) of both texts are the same, by the longest common subsequence of what is left when
/// equal beginnings and ends are taken away.
class Alignment {
 public:
  Alignment(const std::vector<std::string>& a, const std::vector<std::string>& b) : a_(a), b_(b) {
    while (begin_ < a.size() && begin_ < b.size() && a[begin_] == b[begin_]) ++begin_;
    while (end_ < a.size() - begin_ && end_ < b.size() - begin_ && a[a.size() - 1 - end_] == b[b.size() - 1 - end_]) {
      ++end_;
    }
    const std::size_t rows = a.size() - end_ - begin_;
    columns_ = b.size() - end_ - begin_;
    length_.assign((rows + 1) * (columns_ + 1), 0);
    for (std::size_t i = rows; i-- > 0;) {
      for (std::size_t j = columns_; j-- > 0;) {
        length_[i * (columns_ + 1) + j] = same(i, j) ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
  }

  std::vector<LineChange> changes() const {
    std::vector<LineChange> found;
    const std::size_t rows = a_.size() - end_ - begin_;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < rows || j < columns_) {
      if (i < rows && j < columns_ && same(i, j)) {
        ++i, ++j;
        continue;
      }
      LineChange change;
      change.first = begin_ + i;
      while ((i < rows || j < columns_) && !(i < rows && j < columns_ && same(i, j))) {
        const bool adds = i == rows || (j < columns_ && at(i, j + 1) > at(i + 1, j));
        if (adds) {
          change.added.push_back(b_[begin_ + j++]);
        } else {
          ++change.removed;
          ++i;
        }
      }
      found.push_back(std::move(change));
    }
    return found;
  }

 private:
  bool same(std::size_t i, std::size_t j) const { return a_[begin_ + i] == b_[begin_ + j]; }
  std::size_t at(std::size_t i, std::size_t j) const { return length_[i * (columns_ + 1) + j]; }

  const std::vector<std::string>& a_;
  const std::vector<std::string>& b_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t columns_ = 0;
  std::vector<std::size_t> length_;
};

/// "12,7" of a hunk; where no lines are shown the line before stands.
std::string range_text(std::size_t first, std::size_t count) {
  return fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

}  // namespace

std::vector<LineChange> line_changes(const std::string& before, const std::string& after) {
  const std::vector<std::string> a = lines_of(before);
  const std::vector<std::string> b = lines_of(after);
  return Alignment(a, b).changes();
}

std::size_t changed_lines(const std::vector<LineChange>& changes) {
  std::size_t count = 0;
  for (const LineChange& change : changes) count += change.removed + change.added.size();
  return count;
}

std::string unified_diff(const std::string& path, const std::string& before, const std::string& after) {
  const std::vector<std::string> lines = lines_of(before);
  const std::vector<LineChange> changes = line_changes(before, after);
  if (changes.empty()) return "";
  // 'patch -p1' takes the first folder away: an absolute path is then one from the root.
  const std::string name = path.substr(std::min(path.find_first_not_of('/'), path.size()));
  std::string text = fmt::format("--- a/{0}\n+++ b/{0}\n", name);
  std::ptrdiff_t shift = 0;  // of line numbers in the text after
  for (std::size_t i = 0; i < changes.size();) {
    const std::size_t begin = changes[i].first - std::min(changes[i].first, kContext);
    std::size_t line = begin;
    std::string body;
    std::ptrdiff_t grows = 0;
    for (;;) {
      const LineChange& change = changes[i];
      for (; line < change.first; ++line) body += " " + lines[line] + "\n";
      for (; line < change.first + change.removed; ++line) body += "-" + lines[line] + "\n";
      for (const std::string& added : change.added) body += "+" + added + "\n";
      grows += static_cast<std::ptrdiff_t>(change.added.size()) - static_cast<std::ptrdiff_t>(change.removed);
      ++i;
      if (i == changes.size() || changes[i].first > line + 2 * kContext) break;
    }
    for (const std::size_t end = std::min(line + kContext, lines.size()); line < end; ++line) {
      body += " " + lines[line] + "\n";
    }
    const std::size_t count = line - begin;
    text += fmt::format("@@ -{} +{} @@\n{}", range_text(begin, count),
                        range_text(static_cast<std::size_t>(static_cast<std::ptrdiff_t>(begin) + shift),
                                   static_cast<std::size_t>(static_cast<std::ptrdiff_t>(count) + grows)),
                        body);
    shift += grows;
  }
  return text;
}

}  // namespace quiesce::checker
