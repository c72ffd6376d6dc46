#include "checker/teach/handout.h"

#include <string_view>

#include <fmt/format.h>

namespace quiesce::checker {

namespace {

constexpr std::string_view kStyle =
    "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }\n"
    "pre { font: 0.85rem/1.4 ui-monospace, monospace; background: #f4f4f4; color: #111; padding: 0.8rem; overflow-x: "
    "auto; }\n"
    "code { font-family: ui-monospace, monospace; }\n"
    ".task { border-left: 0.25rem solid #246; padding-left: 0.8rem; }\n"
    ".about { color: #555; }\n"
    "@media print { section { break-before: page; } section:first-of-type { break-before: auto; }\n"
    "  pre { white-space: pre-wrap; } }\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

/// A paragraph of Markdown: `code` is code, all else is text.
std::string inline_html(std::string_view text) {
  std::string out;
  bool in_code = false;
  while (true) {
    const std::size_t tick = text.find('`');
    out += escaped(text.substr(0, tick));
    if (tick == std::string_view::npos) break;
    in_code = !in_code;
    out += in_code ? "<code>" : "</code>";
    text.remove_prefix(tick + 1);
  }
  return in_code ? out + "</code>" : out;
}

/// The Markdown of a lesson as HTML: paragraphs, lists ("- "), and code, indented by four blanks.
class Markdown {
 public:
  std::string html(std::string_view text);

 private:
  enum class Block { None, Paragraph, List, Code };

  void line(std::string_view text);
  void begin(Block block, std::string_view tag);
  void end();

  std::string out_;
  std::string pending_;  // text of the paragraph or item that is being read
  Block block_ = Block::None;
};

std::string Markdown::html(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end_of_line = text.find('\n');
    line(text.substr(0, end_of_line));
    text.remove_prefix(end_of_line == std::string_view::npos ? text.size() : end_of_line + 1);
  }
  end();
  return out_;
}

void Markdown::line(std::string_view text) {
  if (text.empty()) return end();
  if (text.starts_with("    ")) {
    if (block_ != Block::Code) begin(Block::Code, "<pre>");
    out_ += escaped(text.substr(4)) + "\n";
    return;
  }
  if (text.starts_with("- ")) {
    if (block_ == Block::List) {
      out_ += "<li>" + inline_html(pending_) + "</li>\n";
    } else {
      begin(Block::List, "<ul>\n");
    }
    pending_ = text.substr(2);
    return;
  }
  if (block_ != Block::Paragraph && block_ != Block::List) begin(Block::Paragraph, "<p>");
  if (!pending_.empty()) pending_ += ' ';
  pending_ += block_ == Block::List && text.starts_with("  ") ? text.substr(2) : text;
}

void Markdown::begin(Block block, std::string_view tag) {
  end();
  block_ = block;
  out_ += tag;
}

void Markdown::end() {
  switch (block_) {
    case Block::None:
      break;
    case Block::Paragraph:
      out_ += inline_html(pending_) + "</p>\n";
      break;
    case Block::List:
      out_ += "<li>" + inline_html(pending_) + "</li>\n</ul>\n";
      break;
    case Block::Code:
      out_ += "</pre>\n";
      break;
  }
  pending_.clear();
  block_ = Block::None;
}

std::string section(const Lesson& lesson) {
  return fmt::format(
      "<section>\n"
      "<h1>{}. {}</h1>\n"
      "<p class=\"about\">{}, {} minutes</p>\n"
      "{}"
      "<p class=\"task\"><strong>Your task:</strong> {}</p>\n"
      "<h2>The design</h2>\n"
      "<p><code>quiesce learn {}</code> writes it to <code>{}.qsm</code>.</p>\n"
      "<pre>{}</pre>\n"
      "<p>What is wrong: <code>quiesce check {}.qsm</code>. Your answer: <code>quiesce learn {} {}.qsm</code>. A hint, "
      "there are three: <code>quiesce learn {} --hint 1</code>.</p>\n"
      "</section>\n",
      lesson.order, escaped(lesson.title), escaped(lesson.family), lesson.minutes, Markdown().html(lesson.text),
      inline_html(lesson.task), lesson.name, lesson.name, escaped(lesson_design(lesson, lesson.start)), lesson.name,
      lesson.name, lesson.name, lesson.name);
}

}  // namespace

std::string handout_html(const std::vector<Lesson>& lessons) {
  std::string body;
  for (const Lesson& lesson : lessons) body += section(lesson);
  const std::string title =
      lessons.size() == 1 ? lessons.front().title : "Interrupts, from the first lesson to the last";
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      escaped(title), kStyle, body);
}

}  // namespace quiesce::checker
