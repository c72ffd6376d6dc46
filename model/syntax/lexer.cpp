#include "model/syntax/lexer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>

#include "model/base/patience.h"

namespace quiesce::model::syntax {
namespace {

// Words that occur as names in real drivers ('count', 'busy', 'release', 'queue')
// are not here: the parser knows them by their place.
constexpr std::array<std::string_view, 58> kKeywords = {
    "Cpu",    "Level",      "action", "any",    "assert",    "at",        "atomic",        "await",
    "bool",   "break",      "check",  "choose", "const",     "continue",  "deadlock_free", "either",
    "else",   "enum",       "exists", "false",  "fn",        "for",       "forall",        "handler",
    "if",     "implements", "in",     "int",    "interface", "invariant", "loop",          "machine",
    "module", "never",      "null",   "on",     "or",        "param",     "pass",          "reachable",
    "ref",    "require",    "return", "rule",   "self",      "spin",      "struct",        "system",
    "thread", "true",       "until",  "use",    "var",       "violate",   "when",          "where",
    "while",  "with",
};

// Longest first where one begins another.
constexpr std::array<std::string_view, 36> kPunctuation = {
    "...", "..", "==", "=>", "!=", "<=", ">=", "<<", "&&", "||", "->", "+=", "-=", "{", "}", "(", ")", "[",
    "]",   "<",  ">",  "=",  "!",  "+",  "-",  "*",  "/",  "%",  "&",  "|",  "^",  "?", ":", ";", ",", ".",
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The value of a digit of `base`, at most 16; -1: none.
int digit_value(char c, int base) {
  if (is_digit(c)) return c - '0';
  if (base == 16 && c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (base == 16 && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// What is meant by a sign that editors for prose put in the place of one on the keyboard; null when it is none.
const char* plain_sign(std::string_view sign) {
  struct Sign {
    std::string_view shown;
    const char* meant;
  };
  static constexpr Sign kSigns[] = {{"\u2013", "-"},  {"\u2014", "-"},  {"\u2212", "-"},  {"\u201C", "\""},
                                    {"\u201D", "\""}, {"\u2264", "<="}, {"\u2265", ">="}, {"\u2260", "!="},
                                    {"\u00D7", "*"},  {"\u2026", ".."}};
  for (const Sign& one : kSigns) {
    if (one.shown == sign) return one.meant;
  }
  return nullptr;
}

/// The length of the well-formed UTF-8 sequence at the front of `text`, 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return text.empty() ? 0 : 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;  // too long a form
    if (first == 0xED && byte(1) > 0x9F) return 0;  // a surrogate
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

std::string byte_text(char c) {
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, "0x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return buffer;
}

class Lexer {
 public:
  Lexer(FileId file, std::string_view text, Diagnostics& diagnostics)
      : file_(file), text_(text), diagnostics_(diagnostics) {}

  Tokens run() {
    check_encoding();
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") at_ = start_ = 3;  // a byte order mark
    while (skip_blanks()) {
      ask_patience(span(at_, at_));
      token();
    }
    add(TokenKind::End, at_);
    return std::move(result_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool starts_with(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  Span span(std::size_t begin, std::size_t end) const {
    return {file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }

  Token& add(TokenKind kind, std::size_t begin) {
    Token token;
    token.kind = kind;
    token.span = span(begin, at_);
    token.text = text_.substr(begin, at_ - begin);
    token.first_on_line = line_break_;
    line_break_ = false;
    result_.tokens.push_back(std::move(token));
    return result_.tokens.back();
  }

  /// Reports the first byte that is no UTF-8, once: a file in another encoding would have hundreds.
  void check_encoding() {
    for (std::size_t i = 0; i < text_.size();) {
      const std::size_t length = utf8_length(text_.substr(i));
      if (length == 0) {
        diagnostics_.error("E0007", span(i, i + 1), "expected UTF-8 text, found the byte " + byte_text(text_[i]))
            .notes.push_back("save the file as UTF-8");
        return;
      }
      i += length;
    }
  }

  /// Skips white space and comments; false at the end of the text.
  bool skip_blanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        line_break_ = true;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
        ++at_;
      } else if (starts_with("//")) {
        line_comment();
      } else if (starts_with("/*")) {
        block_comment();
      } else {
        return true;
      }
    }
    return false;
  }

  /// Whether nothing but white space, or a ';' that means nothing, stands before `begin` on its line.
  bool own_line(std::size_t begin) const {
    while (begin > start_ && text_[begin - 1] != '\n') {
      const char c = text_[--begin];
      if (c != ' ' && c != ';' && c != '\t' && c != '\r' && c != '\f' && c != '\v') return false;
    }
    return true;
  }

  void line_comment() {
    const std::size_t begin = at_;
    // Four slashes and more are a separator line, not documentation.
    const bool doc = starts_with("///") && !starts_with("////");
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    std::size_t end = at_;
    while (end > begin && (text_[end - 1] == '\r' || text_[end - 1] == ' ' || text_[end - 1] == '\t')) --end;
    result_.comments.push_back({doc ? CommentKind::Doc : CommentKind::Line, span(begin, end), own_line(begin)});
  }

  void block_comment() {
    const std::size_t begin = at_;
    const std::size_t close = text_.find("*/", at_ + 2);
    if (close == std::string_view::npos) {
      diagnostics_
          .error("E0003", span(begin, begin + 2), "expected '*/' to end this comment, found the end of the file")
          .notes.push_back("comments do not nest");
      at_ = text_.size();
    } else {
      at_ = close + 2;
    }
    if (text_.substr(begin, at_ - begin).find('\n') != std::string_view::npos) line_break_ = true;
    result_.comments.push_back({CommentKind::Block, span(begin, at_), own_line(begin)});
  }

  void token() {
    const std::size_t begin = at_;
    const char c = peek();
    if (is_letter(c)) return word(begin);
    if (is_digit(c)) return number(begin);
    if (c == '"') return string(begin);
    for (const std::string_view text : kPunctuation) {
      if (!starts_with(text)) continue;
      at_ += text.size();
      add(TokenKind::Punctuation, begin);
      return;
    }
    bad_character(begin);
  }

  void word(std::size_t begin) {
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    add(is_keyword(text_.substr(begin, at_ - begin)) ? TokenKind::Keyword : TokenKind::Identifier, begin);
  }

  void number(std::size_t begin) {
    const bool is_hexadecimal = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && digit_value(peek(2), 16) >= 0;
    if (is_hexadecimal) at_ += 2;
    const int base = is_hexadecimal ? 16 : 10;
    std::int64_t value = 0;
    bool too_large = false;
    for (; digit_value(peek(), base) >= 0; ++at_) {
      value = value * base + digit_value(peek(), base);
      if (value > std::numeric_limits<std::int32_t>::max()) {
        too_large = true;
        value = 0;
      }
    }
    const std::size_t digits_end = at_;
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    const std::string text(text_.substr(begin, at_ - begin));
    if (at_ != digits_end) {
      diagnostics_.error("E0005", span(begin, at_), "expected a number, found '" + text + "'")
          .notes.push_back(
              "numbers are decimal, or hexadecimal as in '0x1F', and have no suffix; a name begins with a letter or "
              "'_'");
      add(TokenKind::Bad, begin);
      return;
    }
    if (too_large) {
      diagnostics_.error("E0004", span(begin, at_), "expected a number up to 2147483647, found '" + text + "'");
    }
    add(TokenKind::Integer, begin).number = too_large ? 0 : static_cast<std::int32_t>(value);
  }

  void string(std::size_t begin) {
    std::string value;
    ++at_;
    while (true) {
      if (at_ >= text_.size() || peek() == '\n') {
        diagnostics_.error("E0002", span(begin, begin + 1), "expected '\"' to end this string on its line");
        break;
      }
      const char c = text_[at_++];
      if (c == '"') break;
      if (c != '\\') {
        value += c;
        continue;
      }
      const char escaped = peek();
      if (escaped == '"' || escaped == '\\') {
        value += escaped;
        ++at_;
      } else if (escaped == 'n') {
        value += '\n';
        ++at_;
      } else if (escaped != '\0' && escaped != '\n' && escaped != '\r') {
        const std::size_t length = std::max<std::size_t>(1, utf8_length(text_.substr(at_)));
        diagnostics_.error(
            "E0006", span(at_ - 1, at_ + length),
            "expected '\\\"', '\\\\' or '\\n', found '" + std::string(text_.substr(at_ - 1, length + 1)) + "'");
        at_ += length;
      }
    }
    add(TokenKind::String, begin).string = std::move(value);
  }

  void bad_character(std::size_t begin) {
    const char c = text_[at_];
    const std::size_t length = utf8_length(text_.substr(at_));
    // A run of bad bytes is one finding: the rest of a foreign word, the rest of a binary file.
    at_ += std::max<std::size_t>(1, length);
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) >= 0x80 || text_[at_] == '\0')) ++at_;

    std::string shown;
    if (length == 0 || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      shown = "byte " + byte_text(c);
    } else {
      shown = "character '" + std::string(text_.substr(begin, length)) + "'";
    }
    if (length != 0 || text_[begin] == '\0') {  // else: reported as text that is not UTF-8
      Diagnostic& found = diagnostics_.error("E0001", span(begin, at_), "unexpected " + shown);
      if (c == '~')
        found.notes.push_back(
            "which bits a number has does not follow from its value: write 'mask - x', or 'mask ^ x'");
      if (c == '\'') found.notes.push_back("strings are written in double quotes; there are no characters");
      if (const char* meant = plain_sign(text_.substr(begin, length))) {
        found.notes.push_back("write '" + std::string(meant) + "'");
      }
      if (c == '#') found.notes.push_back("there is no preprocessor: use 'use' and 'const'; comments begin with '//'");
    }
    add(TokenKind::Bad, begin);
  }

  const FileId file_;
  const std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t start_ = 0;  // behind the byte order mark
  std::size_t at_ = 0;
  bool line_break_ = true;  // since the last token
  Tokens result_;
};

}  // namespace

bool is_keyword(std::string_view word) {
  return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

std::size_t keyword_count() { return kKeywords.size(); }

Tokens lex(FileId file, const SourceMap& sources, Diagnostics& diagnostics) {
  return Lexer(file, sources.file(file).text(), diagnostics).run();
}

}  // namespace quiesce::model::syntax
