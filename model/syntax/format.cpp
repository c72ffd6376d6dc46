#include "model/syntax/format.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/syntax/layout.h"
#include "model/syntax/lexer.h"

namespace quiesce::model::syntax {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kContinuation = 4;  // of a broken line
constexpr std::size_t kFieldWidth = 8;    // 'severity', the longest word of a rule

/// Columns that `text` takes: its UTF-8 characters.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

/// Prints the tokens in their order, never another one, never fewer (but ';'): all it decides is the white
/// space between them, so the tree stays what it was as long as it respects the few places where a line break
/// means something: '(' and '[' behind a value, the value of 'return', words like 'count x'. Those are no
/// places to break (layout.h), and joining lines cannot hit them: the parser would have rejected the text.
///
/// A *segment* is what starts a line: the tokens up to an opened block, a closed one or the next item. The
/// *gap* before a token holds the comments before it.
class Formatter {
 public:
  Formatter(ParsedText parsed, std::string_view source) : source_(source), comments_(std::move(parsed.file->comments)) {
    // Without the dropped tokens, which leave their number behind: a block that had one is not kept on a line,
    // because there it may have parted two statements.
    std::vector<std::size_t> moved(parsed.tokens.size() + 1);
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < parsed.tokens.size(); ++i) {
      moved[i] = tokens_.size();
      if (parsed.layout[i].role == TokenRole::Dropped) {
        ++dropped;
        continue;
      }
      tokens_.push_back(std::move(parsed.tokens[i]));
      layout_.push_back(parsed.layout[i]);
      dropped_.push_back(dropped);
    }
    moved[parsed.tokens.size()] = tokens_.size();
    count_ = tokens_.size() - 1;  // without End
    items_at_.resize(tokens_.size());
    for (const Item& item : parsed.items) {
      items_at_[moved[item.begin]].push_back({moved[item.begin], moved[item.end], item.may_inline});
    }

    first_comment_.resize(tokens_.size() + 1, comments_.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      first_comment_[i] = next;
      while (next < comments_.size() && comments_[next].span.begin < tokens_[i].span.begin) ++next;
    }

    widths_.resize(tokens_.size() + 1, 0);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      widths_[i + 1] = widths_[i] + width_of(separator(i)) + width_of(tokens_[i].text);
      for (std::size_t c = first_comment_[i]; c < comments_before(i); ++c)
        widths_[i + 1] += 1 + width_of(text(comments_[c]));
    }
  }

  std::string run() {
    std::size_t i = 0;
    while (i < count_) i = segment(i);
    gap(count_);
    if (!out_.empty()) out_ += '\n';
    align();
    return std::move(out_);
  }

 private:
  std::size_t comments_before(std::size_t token) const { return first_comment_[token + 1]; }
  bool has_comments(std::size_t token) const { return first_comment_[token] != comments_before(token); }
  bool is_role(std::size_t token, TokenRole role) const { return layout_[token].role == role; }
  bool starts_item(std::size_t token) const { return !items_at_[token].empty(); }

  std::string text(const Comment& comment) const {
    std::string text(source_.substr(comment.span.begin, comment.span.end - comment.span.begin));
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    return text;
  }

  std::size_t line_breaks(std::size_t begin, std::size_t end) const {
    return static_cast<std::size_t>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(begin),
                                               source_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
  }

  // ------------------------------------------------------------------------------------ white space

  /// '{}' of a block with nothing in it.
  bool empty_block(std::size_t token) const {
    return is_role(token, TokenRole::BlockOpen) && is_role(token + 1, TokenRole::BlockClose) &&
           !has_comments(token + 1);
  }

  /// What stands before token `i` when it is on the line of the one before.
  std::string_view separator(std::size_t i) const {
    if (i == 0) return "";
    const Token& left = tokens_[i - 1];
    const Token& right = tokens_[i];
    const TokenRole left_role = layout_[i - 1].role;
    const TokenRole right_role = layout_[i].role;
    if (left_role == TokenRole::BlockOpen) return empty_block(i - 1) ? "" : " ";
    if (right_role == TokenRole::BlockOpen || right_role == TokenRole::BlockClose) return " ";
    if (left_role == TokenRole::FieldWord) {
      static constexpr std::string_view kPadding = "         ";
      return kPadding.substr(0, left.text.size() < kFieldWidth ? kFieldWidth + 1 - left.text.size() : 1);
    }
    if (starts_item(i)) return left.is(",") || right.is("or") ? " " : "  ";
    if (left_role == TokenRole::PrefixOperator || right_role == TokenRole::OptionalMark) return "";
    if (left_role == TokenRole::Ternary || right_role == TokenRole::Ternary) return " ";
    if (right_role == TokenRole::TypeBracket || (left_role == TokenRole::TypeBracket && left.is("<"))) return "";
    if (left.is("(") || left.is("[") || left.is("{") || left.is(".") || left.is("..")) return "";
    if (right.is(")") || right.is("]") || right.is("}") || right.is(",") || right.is(".") || right.is("..") ||
        right.is(":")) {
      return "";
    }
    if (right.is("(") || right.is("[")) {
      const bool value = (left.kind == TokenKind::Identifier && left_role != TokenRole::Word) || left.is(")") ||
                         left.is("]") || left.is("}") || left.is("self") || left.is("Cpu") || left.is("fn") ||
                         left.is("null") || left.is("true") || left.is("false") || left.kind == TokenKind::Integer;
      return value ? "" : " ";
    }
    return " ";
  }

  /// Ends the line, if there is one, and indents the next.
  void start_line(std::size_t indent, bool blank) {
    if (!out_.empty()) out_ += blank ? "\n\n" : "\n";
    out_.append(indent, ' ');
    column_ = indent;
  }

  void put(std::string_view text) {
    out_ += text;
    column_ += width_of(text);
  }

  /// The comments before token `i`, which starts a line (or is the end), and that line's indentation.
  void gap(std::size_t i) {
    std::size_t end = i == 0 ? 0 : tokens_[i - 1].span.end;
    const bool closes = is_role(i, TokenRole::BlockClose);
    bool after_open = i == 0 || is_role(i - 1, TokenRole::BlockOpen);
    bool first = i == 0;
    for (std::size_t c = first_comment_[i]; c < comments_before(i); ++c) {
      const Comment& comment = comments_[c];
      const std::size_t breaks = line_breaks(end, comment.span.begin);
      const bool behind_line_comment = c > first_comment_[i] && comments_[c - 1].kind != CommentKind::Block;
      if (breaks == 0 && !first && !behind_line_comment) {
        trail(comment);
      } else {
        start_line(level_ * kIndent, breaks >= 2 && !after_open);
        out_ += text(comment);
      }
      first = after_open = false;
      end = comment.span.end;
    }
    if (i == count_) return;
    const bool blank = line_breaks(end, tokens_[i].span.begin) >= 2 && !after_open && !closes;
    if (closes && level_ > 0) --level_;
    start_line(level_ * kIndent, blank);
  }

  /// A comment at the end of the line.
  void trail(const Comment& comment) {
    out_ += "  ";
    if (comment.kind != CommentKind::Block) trailing_.push_back(out_.size());
    out_ += text(comment);
  }

  /// Lines the comments at the ends of consecutive lines up, where that fits.
  void align() {
    struct Line {
      std::size_t comment;  // where it begins in the text
      std::size_t column;
      std::size_t width;
    };
    std::string aligned;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < trailing_.size();) {
      std::vector<Line> run;
      std::size_t column = 0;
      std::size_t width = 0;
      for (; i < trailing_.size(); ++i) {
        const std::size_t comment = trailing_[i];
        const std::size_t begin = out_.rfind('\n', comment) + 1;  // npos + 1 is 0
        if (!run.empty() && out_.find('\n', run.back().comment) + 1 != begin) break;
        run.push_back({comment, width_of(std::string_view(out_).substr(begin, comment - begin)),
                       width_of(std::string_view(out_).substr(comment, out_.find('\n', comment) - comment))});
        column = std::max(column, run.back().column);
        width = std::max(width, run.back().width);
      }
      for (const Line& line : run) {
        aligned.append(out_, copied, line.comment - copied);
        copied = line.comment;
        if (column + width <= kColumns) aligned.append(column - line.column, ' ');
      }
    }
    out_ = aligned.append(out_, copied);
  }

  // --------------------------------------------------------------------------------------- segments

  /// Whether the tokens of `item` have a block and may all stand on one line from the current column.
  bool fits_inline(const Item& item) const {
    if (!item.may_inline || dropped_[item.end - 1] != dropped_[item.begin]) return false;
    for (std::size_t i = item.begin; i < item.end; ++i) {
      if (i > item.begin && (tokens_[i].first_on_line || layout_break(i))) return false;
    }
    return column_ + flat_width(item.begin, item.end) <= kColumns;
  }

  bool has_block(const Item& item) const {
    for (std::size_t i = item.begin; i < item.end; ++i) {
      if (is_role(i, TokenRole::BlockOpen) && !empty_block(i)) return true;
    }
    return false;
  }

  /// Prints the line or lines from token `begin` to the end of its segment, which is returned.
  std::size_t segment(std::size_t begin) {
    gap(begin);
    for (const Item& item : items_at_[begin]) {
      if (!has_block(item) || !fits_inline(item)) continue;
      flat(item.begin, item.end);
      return item.end;
    }
    std::size_t end = begin;
    bool opens = false;
    while (end < count_ && !opens) {
      if (end > begin && (starts_item(end) || is_role(end, TokenRole::BlockClose))) break;
      if (is_role(end, TokenRole::BlockOpen)) {
        if (empty_block(end)) {
          ++end;
        } else {
          opens = true;
        }
      }
      ++end;
    }
    lines(begin, end);
    if (opens) ++level_;
    return end;
  }

  /// Whether a line must end before token `i`, inside a segment.
  bool layout_break(std::size_t i) const {
    if (is_role(i, TokenRole::Clause) && tokens_[i].first_on_line) return true;
    for (std::size_t c = first_comment_[i]; c < comments_before(i); ++c) {
      if (comments_[c].kind != CommentKind::Block || comments_[c].own_line) return true;
    }
    return false;
  }

  /// Prints a segment: parts between forced line ends, each as if it were alone.
  void lines(std::size_t begin, std::size_t end) {
    const std::size_t base = level_ * kIndent;
    std::size_t part = begin;
    for (std::size_t i = begin + 1; i <= end; ++i) {
      if (i < end && !layout_break(i)) continue;
      broken(part, i, base);
      if (i == end) break;
      const bool flush = is_role(i - 1, TokenRole::BlockClose) || is_role(i, TokenRole::BlockOpen);
      const std::size_t indent = flush ? base : is_role(i, TokenRole::Clause) ? base + kIndent : base + kContinuation;
      for (std::size_t c = first_comment_[i]; c < comments_before(i); ++c) {
        if (comments_[c].own_line) {
          start_line(indent, false);
          out_ += text(comments_[c]);
        } else {
          trail(comments_[c]);
        }
      }
      start_line(indent, false);
      part = i;
    }
  }

  std::size_t flat_width(std::size_t begin, std::size_t end) const {
    std::size_t before = width_of(separator(begin));
    for (std::size_t c = first_comment_[begin]; c < comments_before(begin); ++c)
      before += 1 + width_of(text(comments_[c]));
    return widths_[end] - widths_[begin] - before;
  }

  void flat(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (i > begin) join(i);
      put(tokens_[i].text);
    }
  }

  /// What stands between token `i` and the one before it, on one line.
  void join(std::size_t i) {
    for (std::size_t c = first_comment_[i]; c < comments_before(i); ++c) put(" " + text(comments_[c]));
    put(has_comments(i) ? " " : separator(i));
  }

  /// Prints tokens on one line when they fit, else filled into as few lines as the outermost places to break
  /// allow; parts that are still too long are broken again further inside.
  void broken(std::size_t begin, std::size_t end, std::size_t base) {
    constexpr std::uint16_t kNever = std::numeric_limits<std::uint16_t>::max();
    std::uint16_t depth = kNever;
    if (column_ + flat_width(begin, end) > kColumns) {
      for (std::size_t i = begin + 1; i < end; ++i) {
        if (layout_[i].break_depth != 0) depth = std::min(depth, layout_[i].break_depth);
      }
    }
    if (depth == kNever) return flat(begin, end);
    const std::size_t indent = base + kContinuation + kIndent * (depth / kBreakRanks);
    std::size_t part = begin;
    for (std::size_t i = begin + 1; i <= end; ++i) {
      if (i < end && layout_[i].break_depth != depth) continue;
      if (part == begin) {
        broken(part, i, base);
      } else if (!is_role(part, TokenRole::Clause) && column_ + 1 + flat_width(part, i) <= kColumns) {
        join(part);
        flat(part, i);
      } else {
        for (std::size_t c = first_comment_[part]; c < comments_before(part); ++c) put(" " + text(comments_[c]));
        start_line(is_role(part, TokenRole::Clause) ? base + kIndent : indent, false);
        broken(part, i, base);
      }
      part = i;
    }
  }

  const std::string_view source_;
  const std::vector<Comment> comments_;
  std::vector<Token> tokens_;                // with End, without ';'
  std::vector<TokenLayout> layout_;          // of each token
  std::vector<std::size_t> dropped_;         // number of ';' before each token
  std::vector<std::vector<Item>> items_at_;  // those that begin at each token, longer ones first
  std::vector<std::size_t> first_comment_;   // of the gap before each token
  std::vector<std::size_t> widths_;          // of all before each token, on one line
  std::size_t count_ = 0;                    // tokens without End

  std::string out_;
  std::vector<std::size_t> trailing_;  // where in it comments at the end of a line begin
  std::size_t column_ = 0;
  std::size_t level_ = 0;  // blocks open
};

}  // namespace

std::string format(const File& file, const SourceMap& sources) {
  const std::string& source = sources.file(file.id).text();
  Diagnostics diagnostics;
  ParsedText parsed = parse_with_layout(file.id, sources, diagnostics);
  if (diagnostics.has_errors()) return source;
  return Formatter(std::move(parsed), source).run();
}

}  // namespace quiesce::model::syntax
