#include "model/syntax/parser.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "model/syntax/layout.h"
#include "model/syntax/parser_class.h"

namespace quiesce::model::syntax {

ParsedText Parser::run() {
  parse_header();
  while (!at_end()) parse_top_level();
  std::stable_sort(items_.begin(), items_.end(),
                   [](const Item& a, const Item& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
  return {std::move(file_), std::move(tokens_), std::move(layout_), std::move(items_)};
}

void Parser::recover(std::size_t begin, int depth, bool blocks_hold_statements) {
  if (stay_) {
    stay_ = false;
    return;
  }
  if (pos_ == begin) advance();
  while (!at_end()) {
    if (depth_ <= depth) {
      if (is("}")) return;
      const bool word = is_name() || peek().kind == TokenKind::Keyword;
      if (word && peek().first_on_line && !is("else") && !is("or")) return;
    }
    if (peek().first_on_line && begins_declaration()) {
      depth_ = depth;
      return;
    }
    if (depth_ == depth && is("{") && blocks_hold_statements && peek(1).first_on_line) {
      try {
        parse_block();
      } catch (const Failure&) {
        // Too deep: given up.
      }
      continue;
    }
    advance();
  }
}

void Parser::parse_header() {
  if (is("module")) {
    const std::size_t begin = pos_;
    file_->doc = take_doc();
    guarded([&] {
      advance();
      QualifiedName name = parse_qualified("the name of the module");
      file_->module_span = span_from(begin);
      file_->module = std::move(name);
      item(begin);
      end_of_declaration();
    });
  }
  while (is("use")) {
    const std::size_t begin = pos_;
    guarded([&] {
      advance();
      Use use;
      use.module = parse_qualified("the name of a module");
      use.span = span_from(begin);
      file_->uses.push_back(std::move(use));
      item(begin);
      end_of_declaration();
    });
  }
}

void Parser::end_of_declaration() {
  skip_semicolons();
  if (!at_end() && !peek().first_on_line && !is("}") && peek().kind != TokenKind::Keyword) {
    expected("the end of the line");
  }
}

void Parser::parse_top_level() {
  guarded([&] {
    skip_semicolons();
    if (at_end()) return;
    const std::size_t begin = pos_;
    Declaration declaration;
    declaration.doc = take_doc();
    bool may_inline = true;
    if (is("const")) {
      declaration.kind = parse_constant();
    } else if (is("param")) {
      declaration.kind = parse_module_parameter();
    } else if (is("enum")) {
      declaration.kind = parse_enum();
    } else if (begins_levels()) {
      declaration.kind = parse_levels();
    } else if (is("struct")) {
      declaration.kind = parse_struct();
    } else if (is("rule")) {
      may_inline = false;
      declaration.kind = parse_rule();
    } else if (is("interface")) {
      may_inline = false;
      declaration.kind = parse_interface();
    } else if (begins_function()) {
      declaration.kind = parse_function();
    } else if (begins_machine()) {
      may_inline = false;
      declaration.kind = parse_machine();
    } else if (is("system")) {
      may_inline = false;
      declaration.kind = parse_system();
    } else if (is("check")) {
      declaration.kind = parse_check();
    } else if (is("with") && begins_settings()) {
      const auto is_check = [](const Declaration& other) { return std::holds_alternative<Check>(other.kind); };
      if (std::any_of(file_->declarations.begin(), file_->declarations.end(), is_check)) {
        fail("E0116", peek().span, "'with' is given too late",
             "a 'with' for all checks of the file stands before the first of them");
      }
      declaration.kind = parse_settings();
    } else {
      no_declaration();
    }
    declaration.span = span_from(begin);
    item(begin, may_inline);
    file_->declarations.push_back(std::move(declaration));
  });
}

bool Parser::looks_like_member() const {
  if (begins_declaration() || is_member_keyword(peek())) return true;
  if ((peek().is_word("urgent") && peek(1).is("handler")) || is("const") || is("atomic") || is("if")) return true;
  if (!is_name()) return false;
  if (peek(1).is(":") || peek(1).is("[")) return true;
  return one_of(peek().text,
                {"ltl", "monitor", "terminates", "progress", "always_possible", "busy", "returns", "object"});
}

bool Parser::begins_settings() const {
  std::size_t ahead = 1;
  while (peek(ahead).kind == TokenKind::Identifier && peek(ahead + 1).is(".")) ahead += 2;
  return is("with") && peek(ahead).kind == TokenKind::Identifier &&
         (peek(ahead + 1).is("=") || peek(ahead + 1).is("in"));
}

bool Parser::begins_function() const {
  std::size_t ahead = 0;
  if (peek(ahead).is("atomic")) ++ahead;
  if (peek(ahead).is_word("returns")) ++ahead;
  if (peek(ahead).is("atomic")) ++ahead;
  return peek(ahead).is("fn");
}

bool Parser::begins_declaration() const {
  if (is_declaration_keyword(peek())) return peek(1).kind != TokenKind::Punctuation;
  return begins_levels() || begins_machine();
}

bool Parser::begins_machine() const {
  if (is("machine") || (peek().is_word("object") && peek(1).is("machine"))) return true;
  return peek().is_word("monitor") && is_name(1) && !peek(1).first_on_line && depth_ == 0;
}

bool Parser::begins_levels() const {
  return peek().is_word("levels") && peek().first_on_line && peek(1).is("{") && depth_ == 0;
}

std::unique_ptr<File> parse(FileId file, const SourceMap& sources, Diagnostics& diagnostics) {
  return std::move(parse_with_layout(file, sources, diagnostics).file);
}

ParsedText parse_with_layout(FileId file, const SourceMap& sources, Diagnostics& diagnostics) {
  return Parser(file, sources, diagnostics).run();
}

}  // namespace quiesce::model::syntax
