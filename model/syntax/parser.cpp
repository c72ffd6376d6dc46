#include "model/syntax/parser.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "model/syntax/layout.h"
#include "model/syntax/lexer.h"

namespace quiesce::model::syntax {
namespace {

/// Blocks, types, members and expressions inside each other. Enough for any text written by people, and
/// little enough that every recursive walk over the tree fits on the stack.
constexpr int kMaxNesting = 200;

/// Operators in one whole expression: 'a + a + a ...' is a deep tree without being nested in the text.
constexpr int kMaxOperators = 1000;

/// Behind that many errors in one file the rest would hardly be read.
constexpr std::size_t kMaxErrors = 100;

/// Thrown where the text cannot be understood, after the finding is in the sink; caught where the parser
/// goes on. Never leaves this file.
struct Failure {};

/// Ranks of places where a long line may be broken, from outermost to innermost.
enum BreakRank {
  kClause = 1,
  kComma = 1,
  kTernary = 2,
  kImplies = 3,
  kOr = 4,
  kAnd = 5,
  kCompare = 6,
  kSum = 7,
  kProduct = 8,
  kOpen = 9
};

using Words = std::initializer_list<std::string_view>;

bool one_of(std::string_view word, Words words) { return std::find(words.begin(), words.end(), word) != words.end(); }

/// Keywords that begin a declaration and occur nowhere else: good places to go on.
bool is_declaration_keyword(const Token& token) {
  return token.kind == TokenKind::Keyword && one_of(token.text, {"machine", "system", "check", "rule", "enum", "struct",
                                                                 "interface", "param", "module", "use"});
}

/// Keywords that begin a member and no statement: a block was not closed.
bool is_member_keyword(const Token& token) {
  return token.kind == TokenKind::Keyword &&
         one_of(token.text, {"fn", "action", "handler", "thread", "invariant", "never", "reachable", "deadlock_free"});
}

/// Numeric and other types of C, of driver headers and of other languages.
bool is_foreign_type(std::string_view word) {
  return one_of(word, {"unsigned", "signed",   "char",     "short",  "long",    "float",   "double",  "void",
                       "uint",     "ulong",    "uchar",    "int8",   "int16",   "int32",   "int64",   "uint8",
                       "uint16",   "uint32",   "uint64",   "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t",
                       "uint16_t", "uint32_t", "uint64_t", "u8",     "u16",     "u32",     "u64",     "i8",
                       "i16",      "i32",      "i64",      "size_t", "string",  "String",  "integer", "boolean",
                       "ULONG",    "UCHAR",    "USHORT",   "LONG",   "DWORD",   "PVOID"});
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::End:
      return "the end of the file";
    case TokenKind::String:
      return "a string";
    case TokenKind::Identifier:
    case TokenKind::Keyword:
    case TokenKind::Integer:
    case TokenKind::Punctuation:
    case TokenKind::Bad:
      break;
  }
  return quoted(token.text);
}

/// 'a.b.c' read as an expression, as the name that it may be.
bool to_qualified(const Expression& expression, QualifiedName& name) {
  if (expression.parenthesised) return false;
  if (const auto* simple = std::get_if<NameExpression>(&expression.kind)) {
    name.parts.push_back(simple->name);
  } else if (const auto* field = std::get_if<FieldAccess>(&expression.kind)) {
    if (!to_qualified(*field->object, name)) return false;
    name.parts.push_back(field->name);
  } else {
    return false;
  }
  name.span = expression.span;
  return true;
}

class Parser {
 public:
  Parser(FileId file, const SourceMap& sources, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    Tokens lexed = lex(file, sources, diagnostics);
    tokens_ = std::move(lexed.tokens);
    layout_.resize(tokens_.size());
    file_ = std::make_unique<File>();
    file_->id = file;
    file_->comments = std::move(lexed.comments);
  }

  ParsedText run() {
    parse_header();
    while (!at_end()) parse_top_level();
    std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    return {std::move(file_), std::move(tokens_), std::move(layout_), std::move(items_)};
  }

 private:
  // ------------------------------------------------------------------------------------------- tokens

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)]; }
  bool at_end() const { return peek().kind == TokenKind::End; }
  bool is(std::string_view what) const { return peek().is(what); }
  bool is_name(std::size_t ahead = 0) const { return peek(ahead).kind == TokenKind::Identifier; }
  /// The next token is the word or keyword `what`, whatever kind it has here.
  bool is_text(std::string_view what) const { return peek().is(what) || peek().is_word(what); }

  void advance() {
    if (at_end()) return;
    if (is("{")) ++depth_;
    if (is("}")) --depth_;
    ++pos_;
  }

  bool accept(std::string_view what) {
    if (!is(what)) return false;
    advance();
    return true;
  }

  bool accept_word(std::string_view what) {
    if (!peek().is_word(what)) return false;
    advance();
    return true;
  }

  void expect(std::string_view what) {
    if (!accept(what)) expected(quoted(what));
  }

  /// From the token at index `begin` to the last one consumed.
  Span span_from(std::size_t begin) const {
    const Span first = tokens_[begin].span;
    if (pos_ <= begin) return first;
    return {first.file, first.begin, tokens_[pos_ - 1].span.end};
  }

  void role(TokenRole role) { layout_[pos_].role = role; }

  /// A line may be broken before the next token.
  void may_break(int rank) { layout_[pos_].break_depth = static_cast<std::uint16_t>(brackets_ * kBreakRanks + rank); }

  void item(std::size_t begin, bool may_inline = true) { items_.push_back({begin, pos_, may_inline}); }

  void open_block() {
    role(TokenRole::BlockOpen);
    expect("{");
  }

  /// The documentation directly before the next token.
  std::string take_doc() const {
    const std::vector<Comment>& comments = file_->comments;
    const std::uint32_t begin = peek().span.begin;
    std::size_t previous = pos_;
    while (previous > 0 && tokens_[previous - 1].is(";")) --previous;
    const std::uint32_t after = previous == 0 ? 0 : tokens_[previous - 1].span.end;
    auto last = std::partition_point(comments.begin(), comments.end(),
                                     [&](const Comment& comment) { return comment.span.begin < begin; });
    auto first = last;
    while (first != comments.begin()) {
      const Comment& comment = *std::prev(first);
      if (comment.kind != CommentKind::Doc || !comment.own_line || comment.span.begin < after) break;
      --first;
    }
    std::string doc;
    for (auto comment = first; comment != last; ++comment) {
      std::string_view text = comment_text(*comment);
      text.remove_prefix(3);
      if (text.substr(0, 1) == " ") text.remove_prefix(1);
      if (comment != first) doc += '\n';
      doc += text;
    }
    return doc;
  }

  /// Comments are no tokens; their text is found from that of the first token, which points into the source.
  std::string_view comment_text(const Comment& comment) const {
    const Token& end = tokens_.back();
    const char* source = end.text.data() - end.span.begin;
    return {source + comment.span.begin, comment.span.end - comment.span.begin};
  }

  // ---------------------------------------------------------------------------------------- diagnostics

  /// Reports, unless the lexer has complained about this token, or the parser has.
  Diagnostic* report(std::string code, Span span, std::string message) {
    const bool bad =
        peek().kind == TokenKind::Bad || (peek(1).kind == TokenKind::Bad && peek(1).span.begin == peek().span.end);
    if (abandoned_ || bad || reported_at_ == pos_ + 1) return nullptr;
    reported_at_ = pos_ + 1;
    if (++errors_ > kMaxErrors) {
      diagnostics_.error("E0120", span, "too many errors in this file, the rest is not read");
      abandon();
      return nullptr;
    }
    return &diagnostics_.error(std::move(code), span, std::move(message));
  }

  [[noreturn]] void fail(std::string code, Span span, std::string message, std::string note = {}) {
    Diagnostic* found = report(std::move(code), span, std::move(message));
    if (found != nullptr && !note.empty()) found->notes.push_back(std::move(note));
    throw Failure{};
  }

  /// Gives the rest of the file up.
  void abandon() {
    abandoned_ = true;
    pos_ = tokens_.size() - 1;
  }

  std::string after_previous() const { return pos_ == 0 ? std::string() : " after " + describe(tokens_[pos_ - 1]); }

  /// "expected X after Y, found Z" at the next token, with advice when it looks like another language. When the line
  /// ends before something that surely is the next item, the end of the line is the place.
  [[noreturn]] void expected(const std::string& what, std::string note = {}) {
    if (note.empty()) note = advice();
    const Token& token = peek();
    const bool next_item =
        is("}") || token.kind == TokenKind::Keyword || token.kind == TokenKind::Identifier || at_end();
    if (pos_ > 0 && token.first_on_line && next_item) {
      const Span previous = tokens_[pos_ - 1].span;
      const std::uint32_t end = std::min(previous.end + 1, tokens_.back().span.end);
      fail("E0100", {previous.file, std::min(previous.end, end), end},
           "expected " + what + after_previous() + ", found the end of the " + (at_end() ? "file" : "line"),
           std::move(note));
    }
    fail("E0100", token.span, "expected " + what + after_previous() + ", found " + describe(token), std::move(note));
  }

  /// What somebody who wrote the next token here may have meant; empty when nothing comes to mind.
  std::string advice() const {
    const Token& token = peek();
    if (token.is_word("and")) return "'and' is written '&&'";
    if (token.is("or") && !token.first_on_line) return "'or' between conditions is written '||'";
    if (token.is_word("xor")) return "'xor' of two conditions is written '!='";
    if (token.is_word("then") || token.is_word("do")) return "conditions are followed by a block in braces";
    if (token.is("->")) return "members are reached with '.', also through references";
    return {};
  }

  /// One level deeper while it lives.
  struct Nest {
    explicit Nest(Parser& of) : parser(of) {
      if (parser.nesting_ >= kMaxNesting) {
        parser.report("E0110", parser.peek().span,
                      "nested too deeply: more than " + std::to_string(kMaxNesting) + " levels, the rest is not read");
        parser.abandon();
        throw Failure{};
      }
      ++parser.nesting_;
    }
    ~Nest() { --parser.nesting_; }
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    Parser& parser;
  };

  /// Inside brackets while it lives: lines break there later than outside.
  struct Bracket {
    explicit Bracket(Parser& of) : parser(of) { ++parser.brackets_; }
    ~Bracket() { --parser.brackets_; }
    Bracket(const Bracket&) = delete;
    Bracket& operator=(const Bracket&) = delete;
    Parser& parser;
  };

  void count_operator() {
    if (++operators_ <= kMaxOperators) return;
    report("E0110", peek().span,
           "this expression has more than " + std::to_string(kMaxOperators) + " operators, the rest is not read");
    abandon();
    throw Failure{};
  }

  // ------------------------------------------------------------------------------------------- recovery

  /// Goes from the mistake in the item at token `begin` to the next place where an item may begin: the first word
  /// of a line inside the same `depth` of braces, or the brace that closes them, or a declaration. Blocks on the way
  /// are read for their errors when they hold statements.
  void recover(std::size_t begin, int depth, bool blocks_hold_statements) {
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

  /// Reports that the braces opened at token `open` are not closed before the next token, and goes on as if.
  void unclosed(std::size_t open, const std::string& what, int depth) {
    Diagnostic* found = report("E0102", peek().span, "expected '}' to close " + what + ", found " + describe(peek()));
    if (found != nullptr) found->labels.push_back({tokens_[open].span, "opened here"});
    depth_ = depth;
  }

  // --------------------------------------------------------------------------------------------- names

  Name parse_name(const std::string& what) {
    if (is_name()) {
      Name name{std::string(peek().text), peek().span};
      advance();
      return name;
    }
    if (peek().kind == TokenKind::Keyword && !peek().first_on_line) {
      fail("E0103", peek().span, "expected " + what + after_previous() + ", found the keyword " + quoted(peek().text),
           "keywords cannot be names");
    }
    expected(what);
  }

  /// The name behind a '.': there even a keyword is one ('core.null').
  Name parse_member_name() {
    if (peek().kind == TokenKind::Keyword && !peek().first_on_line) {
      Name name{std::string(peek().text), peek().span};
      advance();
      return name;
    }
    return parse_name("a name");
  }

  QualifiedName parse_qualified(const std::string& what) {
    const std::size_t begin = pos_;
    QualifiedName name;
    name.parts.push_back(parse_name(what));
    while (accept(".")) name.parts.push_back(parse_member_name());
    name.span = span_from(begin);
    return name;
  }

  /// Whether the token `ahead` can begin the name of a rule: an identifier, or the keyword of the rules that are built
  /// into the language ('assert.holds'), which only a '.' tells from the statement.
  bool is_rule_name(std::size_t ahead = 0) const {
    return is_name(ahead) || (peek(ahead).is("assert") && peek(ahead + 1).is("."));
  }

  /// The first part of the name of a rule.
  Name parse_rule_word(const std::string& what) {
    if (is_name() || !is_rule_name()) return parse_name(what);
    Name name{std::string(peek().text), peek().span};
    advance();
    return name;
  }

  QualifiedName parse_rule_name(const std::string& what) {
    const std::size_t begin = pos_;
    QualifiedName name;
    name.parts.push_back(parse_rule_word(what));
    while (accept(".")) name.parts.push_back(parse_member_name());
    name.span = span_from(begin);
    return name;
  }

  std::vector<QualifiedName> parse_qualified_list(const std::string& what) {
    std::vector<QualifiedName> names;
    do {
      if (!names.empty()) may_break(kComma);
      names.push_back(parse_qualified(what));
    } while (accept(","));
    return names;
  }

  // ----------------------------------------------------------------------------------------------- file

  void parse_header() {
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

  /// Runs `read` at the level of declarations; after a failure goes to the next one.
  template <typename Read>
  void guarded(Read read) {
    const std::size_t begin = pos_;
    try {
      read();
    } catch (const Failure&) {
      recover(begin, 0, tokens_[begin].is("fn") || tokens_[begin].is("atomic"));
      depth_ = 0;
    }
  }

  void skip_semicolons() {
    while (is(";")) {
      role(TokenRole::Dropped);
      advance();
    }
  }

  /// After 'use a.b' and the like: what follows on the line is a mistake worth its own message.
  void end_of_declaration() {
    skip_semicolons();
    if (!at_end() && !peek().first_on_line && !is("}") && peek().kind != TokenKind::Keyword) {
      expected("the end of the line");
    }
  }

  void parse_top_level() {
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
      } else if (is("machine") || (peek().is_word("object") && peek(1).is("machine"))) {
        may_inline = false;
        declaration.kind = parse_machine();
      } else if (is("system")) {
        may_inline = false;
        declaration.kind = parse_system();
      } else if (is("check")) {
        declaration.kind = parse_check();
      } else {
        no_declaration();
      }
      declaration.span = span_from(begin);
      item(begin, may_inline);
      file_->declarations.push_back(std::move(declaration));
    });
  }

  [[noreturn]] void no_declaration() {
    const Token& token = peek();
    if (token.is("}")) {
      skip_to_declaration("E0102", "expected a declaration, found '}' that closes nothing",
                          "there is one '}' too many, here or before");
    }
    if (token.is("module")) {
      fail("E0114", token.span,
           file_->module ? "a file has one 'module' line, this is a second one"
                         : "'module' is the first line of a file");
    }
    if (token.is("use")) fail("E0114", token.span, "'use' stands before all declarations, right after 'module'");
    const std::string closed =
        pos_ > 0 && tokens_[pos_ - 1].is("}") ? "the machine before may have one '}' too many" : "";
    if (is_member_keyword(token) || one_of(token.text, {"busy", "urgent", "cpus", "pin"})) {
      skip_to_declaration("E0114", quoted(token.text) + " belongs inside a machine or a system", closed);
    }
    if (token.kind == TokenKind::Keyword &&
        one_of(token.text,
               {"if",       "while",  "for",  "loop", "return", "await",  "var",     "either",  "with", "pass", "break",
                "continue", "choose", "spin", "at",   "on",     "assert", "require", "violate", "else", "or"})) {
      skip_to_declaration("E0114", quoted(token.text) + " belongs inside a machine", closed);
    }
    not_supported_yet();
    if (is_name()) {
      if (peek(1).is(":")) {
        skip_to_declaration(
            "E0114", "variables and instances belong inside a machine or a system",
            closed.empty() ? "outside there are constants: 'const " + std::string(token.text) + " = ...'" : closed);
      }
      c_style_declaration(false);
      missing_fn();
      unknown_word("a declaration", {"module", "use", "const", "param", "enum", "struct", "rule", "interface", "fn",
                                     "atomic", "returns", "machine", "object", "system", "check"});
    }
    c_style_declaration(false);
    fail("E0100", token.span, "expected a declaration, found " + describe(token),
         "declarations begin with const, param, enum, struct, rule, interface, fn, machine, system or check");
  }

  /// Reports something at the next token that stands outside of where it should be, and fails. Of what follows
  /// nothing can be judged before the next thing that surely is a declaration.
  [[noreturn]] void skip_to_declaration(std::string code, std::string message, std::string note) {
    Diagnostic* found = report(std::move(code), peek().span, std::move(message));
    if (found != nullptr && !note.empty()) found->notes.push_back(std::move(note));
    do {
      advance();
    } while (!at_end() && !(peek().first_on_line && begins_declaration()));
    stay_ = true;
    throw Failure{};
  }

  /// Words of properties of infinite runs, and monitors.
  void not_supported_yet() {
    if (!is_name() || !one_of(peek().text, {"ltl", "monitor", "terminates", "always_possible", "leads_to"})) return;
    if (peek(1).is(":") || peek(1).is("(") || peek(1).is("=") || peek(1).is(".") || peek(1).is("[")) return;
    later(peek().span, std::string(peek().text));
  }

  /// Reports 'ltl' and its like, skips to the next thing that surely is another member, and fails.
  [[noreturn]] void later(Span span, const std::string& word) {
    const int depth = depth_;
    report("E0190", span, quoted(word) + " is not supported yet");
    advance();
    while (!at_end() && !(depth_ <= depth && is("}"))) {
      if (depth_ <= depth && peek().first_on_line && looks_like_member()) break;
      advance();
    }
    stay_ = true;
    throw Failure{};
  }

  bool looks_like_member() const {
    if (begins_declaration() || is_member_keyword(peek())) return true;
    if ((peek().is_word("urgent") && peek(1).is("handler")) || is("const") || is("atomic") || is("if")) return true;
    if (!is_name()) return false;
    if (peek(1).is(":") || peek(1).is("[")) return true;
    return one_of(peek().text, {"ltl", "monitor", "terminates", "always_possible", "busy", "returns", "object"});
  }

  /// 'int x = 3', 'uint32 x': declarations in the manner of C.
  void c_style_declaration(bool statement) {
    const Token& token = peek();
    const bool type = token.is("int") || token.is("bool") || (is_name() && is_foreign_type(token.text));
    if (!type) return;
    std::size_t name = 1;
    while (peek(name).is("*") || peek(name).is("int") || (is_name(name) && is_foreign_type(peek(name).text))) ++name;
    const bool function = is_name(name) && peek(name + 1).is("(");
    const std::string text = is_name(name) ? std::string(peek(name).text) : "x";
    if (function) {
      fail("E0108", token.span, "expected 'fn' before a function, found the type " + quoted(token.text),
           "write 'fn " + text + "(...)" +
               (token.is("bool")        ? " -> bool"
                : token.is_word("void") ? ""
                                        : " -> int lo..hi") +
               "'");
    }
    const std::string declared = text + ": " + (token.is("bool") ? "bool" : "int lo..hi");
    fail("E0108", token.span, "expected a name before its type, found the type " + quoted(token.text),
         statement ? "write 'var " + declared + " = ...'" : "write '" + declared + "'");
  }

  /// 'name(...) {' or 'name() -> T' without 'fn'.
  void missing_fn() {
    if (!is_name() || !peek(1).is("(")) return;
    fail("E0113", peek().span, "expected 'fn' before the function " + quoted(peek().text),
         "write 'fn " + std::string(peek().text) + "(...)'");
  }

  /// A word in a place where only certain words may stand.
  [[noreturn]] void unknown_word(const std::string& what, const std::vector<std::string>& words) {
    static const std::vector<std::pair<std::string_view, std::string_view>> kHabits = {
        {"def", "fn"},         {"func", "fn"},    {"function", "fn"}, {"proc", "fn"},      {"procedure", "fn"},
        {"class", "machine"},  {"import", "use"}, {"include", "use"}, {"typedef", "enum"}, {"static", "const"},
        {"process", "thread"}, {"let", "var"},    {"isr", "handler"}, {"assume", "await"}, {"wait", "await"},
    };
    const std::string word(peek().text);
    std::string note;
    for (const auto& [habit, ours] : kHabits) {
      if (word == habit && std::find(words.begin(), words.end(), ours) != words.end()) {
        note = "did you mean " + quoted(ours) + "?";
      }
    }
    if (note.empty()) {
      if (const std::optional<std::string> near = nearest_name(word, words))
        note = "did you mean " + quoted(*near) + "?";
    }
    fail("E0101", peek().span, "expected " + what + ", found " + quoted(word), std::move(note));
  }

  Constant parse_constant() {
    Constant constant;
    expect("const");
    if ((is("int") || is("bool")) && is_name(1)) c_style_declaration(false);
    constant.name = parse_name("the name of a constant");
    if (accept(":")) constant.type = parse_type();
    expect("=");
    may_break(kClause);
    constant.value = parse_expression();
    return constant;
  }

  ModuleParameter parse_module_parameter() {
    ModuleParameter parameter;
    expect("param");
    parameter.name = parse_name("the name of a parameter");
    expect(":");
    parameter.type = parse_type();
    if (!is("=")) expected("'=' and a default");
    advance();
    may_break(kClause);
    parameter.value = parse_expression();
    return parameter;
  }

  Enum parse_enum() {
    Enum result;
    expect("enum");
    result.name = parse_name("the name of an enum");
    const std::size_t open = pos_;
    const int depth = depth_;
    open_block();
    while (!is("}")) {
      if (at_end() || begins_declaration()) {
        unclosed(open, "the enum", depth);
        throw Failure{};
      }
      Enumerator value;
      const std::size_t begin = pos_;
      value.doc = take_doc();
      value.name = parse_name("the name of a value");
      result.values.push_back(std::move(value));
      const bool more = accept(",");
      item(begin);
      if (!more) break;
    }
    if (result.values.empty()) expected("the name of a value", "an enum has at least one value");
    if (!is("}")) expected("',' or '}'", is("=") ? "the values of an enum have no numbers" : "");
    role(TokenRole::BlockClose);
    advance();
    return result;
  }

  Struct parse_struct() {
    Struct result;
    expect("struct");
    result.name = parse_name("the name of a struct");
    const std::size_t open = pos_;
    const int depth = depth_;
    open_block();
    while (!is("}")) {
      if (at_end() || begins_declaration()) {
        unclosed(open, "the struct", depth);
        throw Failure{};
      }
      c_style_declaration(false);
      Field field;
      const std::size_t begin = pos_;
      field.doc = take_doc();
      field.name = parse_name("the name of a field");
      if (!is(":")) expected("':' and a type");
      advance();
      field.type = parse_type();
      if (is("=")) {
        fail("E0114", peek().span, "a field has no value of its own",
             "give it where the struct is made: 'S(field: value)'");
      }
      field.span = span_from(begin);
      if (!accept(",")) skip_semicolons();
      item(begin);
      result.fields.push_back(std::move(field));
    }
    role(TokenRole::BlockClose);
    advance();
    return result;
  }

  StringLiteral parse_string(const std::string& what) {
    if (peek().kind != TokenKind::String) expected(what);
    StringLiteral literal{peek().string, peek().span};
    advance();
    return literal;
  }

  Rule parse_rule() {
    Rule rule;
    expect("rule");
    rule.name = parse_rule_name("the name of a rule");
    const std::size_t open = pos_;
    const int depth = depth_;
    open_block();
    while (!is("}")) {
      if (at_end() || begins_declaration()) {
        unclosed(open, "the rule", depth);
        throw Failure{};
      }
      parse_rule_field(rule);
    }
    role(TokenRole::BlockClose);
    advance();
    return rule;
  }

  void parse_rule_field(Rule& rule) {
    const std::size_t begin = pos_;
    const auto once = [&](bool given) {
      if (given) fail("E0116", peek().span, "the " + std::string(peek().text) + " of this rule is given twice");
    };
    role(TokenRole::FieldWord);
    if (peek().is_word("title")) {
      once(rule.title.has_value());
      advance();
      rule.title = parse_string("a string");
    } else if (peek().is_word("severity")) {
      once(rule.severity.has_value());
      advance();
      if (accept_word("error")) {
        rule.severity = RuleSeverity::Error;
      } else if (accept_word("warning")) {
        rule.severity = RuleSeverity::Warning;
      } else {
        expected("'error' or 'warning'");
      }
    } else if (peek().is_word("because")) {
      once(rule.because.has_value());
      advance();
      rule.because = parse_string("a string");
    } else if (peek().is_word("cite")) {
      advance();
      Citation citation;
      do {
        if (!citation.parts.empty()) may_break(kComma);
        citation.parts.push_back(parse_string("a string"));
      } while (accept(","));
      citation.span = span_from(begin);
      rule.citations.push_back(std::move(citation));
    } else if (is_name()) {
      unknown_word("title, severity, because or cite", {"title", "severity", "because", "cite"});
    } else {
      expected("title, severity, because, cite or '}'");
    }
    skip_semicolons();
    item(begin);
  }

  bool begins_function() const {
    std::size_t ahead = 0;
    if (peek(ahead).is("atomic")) ++ahead;
    if (peek(ahead).is_word("returns")) ++ahead;
    if (peek(ahead).is("atomic")) ++ahead;
    return peek(ahead).is("fn");
  }

  Interface parse_interface() {
    Interface result;
    expect("interface");
    result.name = parse_name("the name of an interface");
    const std::size_t open = pos_;
    const int depth = depth_;
    open_block();
    while (true) {
      skip_semicolons();
      if (is("}")) break;
      if (at_end() || begins_declaration()) {
        unclosed(open, "the interface", depth);
        throw Failure{};
      }
      if (!begins_function()) {
        missing_fn();
        c_style_declaration(false);
        fail("E0100", peek().span, "expected a function or '}', found " + describe(peek()),
             "an interface holds nothing but functions");
      }
      InterfaceFunction function;
      const std::size_t begin = pos_;
      function.doc = take_doc();
      function.function = parse_signature();
      if (is("{")) {
        function.function.block = parse_block();
      } else if (accept("=")) {
        may_break(kClause);
        function.function.expression = parse_expression();
      }
      function.span = span_from(begin);
      item(begin);
      result.functions.push_back(std::move(function));
    }
    role(TokenRole::BlockClose);
    advance();
    return result;
  }

  Function parse_signature() {
    Function function;
    while (!is("fn")) {
      bool& flag = is("atomic") ? function.is_atomic : function.is_returns;
      if (is("atomic") && function.is_returns && !function.is_atomic) {
        fail("E0116", peek().span, "'atomic' stands before 'returns'");
      }
      flag = true;
      advance();
    }
    expect("fn");
    function.name = parse_name("the name of a function");
    if (!is("(")) expected("'('", "a function has parentheses even without parameters");
    function.parameters = parse_parameters();
    if (accept("->")) {
      may_break(kClause);
      function.result = parse_type();
    } else if (is(":")) {
      fail("E0100", peek().span, "expected '->' before the type of the result, found ':'");
    }
    return function;
  }

  Function parse_function() {
    Function function = parse_signature();
    if (is("{")) {
      function.block = parse_block();
    } else if (accept("=")) {
      may_break(kClause);
      function.expression = parse_expression();
    } else if (peek().first_on_line || at_end() || is("}") || is(";")) {
      fail("E0115", function.name.span, "the function " + quoted(function.name.text) + " has no body",
           "write '{ ... }' or '= expression'; only in an interface a function has none");
    } else {
      expected("'{' or '='");
    }
    return function;
  }

  std::vector<Parameter> parse_parameters() {
    std::vector<Parameter> parameters;
    expect("(");
    Bracket bracket(*this);
    may_break(kOpen);
    while (!is(")")) {
      c_style_declaration(false);
      Parameter parameter;
      const std::size_t begin = pos_;
      parameter.name = parse_name("the name of a parameter or ')'");
      if (!is(":")) expected("':' and a type");
      advance();
      parameter.type = parse_type();
      if (accept("=")) parameter.value = parse_expression();
      parameter.span = span_from(begin);
      parameters.push_back(std::move(parameter));
      if (!accept(",")) break;
      may_break(kComma);
    }
    if (!is(")")) expected("',' or ')'");
    layout_[pos_].break_depth = 0;
    advance();
    return parameters;
  }

  /// Reads a header; after a mistake in it the block that follows on the line is still read.
  template <typename Read>
  bool header_of_block(Read read) {
    try {
      read();
      return true;
    } catch (const Failure&) {
      while (!at_end() && !is("{") && !peek().first_on_line) advance();
      if (!is("{")) throw;
      return false;
    }
  }

  Machine parse_machine() {
    Machine machine;
    const bool good = header_of_block([&] {
      machine.is_object = accept_word("object");
      expect("machine");
      machine.name = parse_name("the name of a machine");
      if (is("(")) machine.parameters = parse_parameters();
      if (is("implements")) {
        may_break(kClause);
        advance();
        machine.implements = parse_qualified_list("the name of an interface");
      }
      if (!is("{")) expected("'{'");
    });
    machine.members = parse_members("the machine " + quoted(machine.name.text), false);
    if (!good) throw Failure{};
    return machine;
  }

  System parse_system() {
    System system;
    const bool good = header_of_block([&] {
      expect("system");
      system.name = parse_name("the name of a system");
      if (is("(")) system.parameters = parse_parameters();
      if (!is("{")) expected("'{'");
    });
    system.members = parse_members("the system " + quoted(system.name.text), true);
    if (!good) throw Failure{};
    return system;
  }

  Check parse_check() {
    Check check;
    expect("check");
    check.system = parse_name("the name of a system");
    if (is("for")) {
      may_break(kClause);
      advance();
      check.rules = parse_patterns();
    }
    if (peek().is_word("except")) {
      may_break(kClause);
      advance();
      check.except = parse_patterns();
    }
    if (is("with")) {
      may_break(kClause);
      advance();
      do {
        if (!check.bindings.empty()) may_break(kComma);
        check.bindings.push_back(parse_binding());
      } while (accept(","));
    }
    while (peek().is_word("expect")) {
      may_break(kClause);
      role(TokenRole::Clause);
      check.expects.push_back(parse_expect());
    }
    skip_semicolons();
    if (is("for") || peek().is_word("except") || is("with")) {
      fail("E0116", peek().span, quoted(peek().text) + " is given twice or too late",
           "the parts of a check come in the order for, except, with, expect");
    }
    if (is_name() && !peek(1).is(":") && !peek().is_word("object") && !begins_function()) {
      unknown_word("for, except, with, expect or a declaration",
                   {"for", "except", "with", "expect", "const", "param", "enum", "struct", "rule", "interface",
                    "machine", "object", "system", "check"});
    }
    return check;
  }

  std::vector<RulePattern> parse_patterns() {
    std::vector<RulePattern> patterns;
    do {
      if (!patterns.empty()) may_break(kComma);
      const std::size_t begin = pos_;
      RulePattern pattern;
      if (accept("*")) {
        pattern.star = true;
      } else {
        QualifiedName name;
        name.parts.push_back(parse_rule_word("the name of a rule or '*'"));
        while (!pattern.star && accept(".")) {
          if (accept("*")) {
            pattern.star = true;
          } else {
            name.parts.push_back(parse_member_name());
          }
        }
        name.span = cover(name.parts.front().span, name.parts.back().span);
        pattern.name = std::move(name);
      }
      pattern.span = span_from(begin);
      patterns.push_back(std::move(pattern));
    } while (accept(","));
    return patterns;
  }

  Binding parse_binding() {
    const std::size_t begin = pos_;
    Binding binding;
    binding.name = parse_qualified("the name of a parameter");
    if (accept("=")) {
      binding.values = parse_expression();
    } else if (accept("in")) {
      if (accept("{")) {
        Bracket bracket(*this);
        std::vector<ExpressionPtr> values;
        do {
          if (!values.empty()) may_break(kComma);
          values.push_back(parse_expression());
        } while (accept(","));
        if (!is("}")) expected("',' or '}'");
        advance();
        binding.values = std::move(values);
      } else {
        Range range;
        range.low = parse_sum();
        if (!is("..")) expected("'..'", "several values are written 'in lo..hi' or 'in {a, b}'");
        advance();
        range.high = parse_sum();
        binding.values = std::move(range);
      }
    } else {
      expected("'=' or 'in'");
    }
    binding.span = span_from(begin);
    return binding;
  }

  Expect parse_expect() {
    const std::size_t begin = pos_;
    Expect result;
    advance();
    if (accept_word("holds")) {
      result.span = span_from(begin);
      return result;
    }
    if (accept_word("violated")) {
      result.kind = ExpectKind::Violated;
    } else if (accept_word("vacuous")) {
      result.kind = ExpectKind::Vacuous;
    } else if (is_name()) {
      unknown_word("holds, violated or vacuous after 'expect'", {"holds", "violated", "vacuous"});
    } else {
      expected("holds, violated or vacuous");
    }
    result.rules.push_back(parse_rule_name("the name of a rule"));
    while (accept(",")) {
      may_break(kComma);
      if (accept("...")) {
        result.and_more = true;
        break;
      }
      result.rules.push_back(parse_rule_name("the name of a rule or '...'"));
    }
    result.span = span_from(begin);
    return result;
  }

  // -------------------------------------------------------------------------------------------- members

  std::vector<MemberPtr> parse_members(const std::string& of, bool in_system, Span* braces = nullptr) {
    Nest nest(*this);
    std::vector<MemberPtr> members;
    const std::size_t open = pos_;
    const int depth = depth_;
    open_block();
    while (true) {
      skip_semicolons();
      if (is("}")) {
        role(TokenRole::BlockClose);
        advance();
        break;
      }
      if (at_end() || begins_declaration()) {
        unclosed(open, of, depth);
        break;
      }
      const std::size_t begin = pos_;
      try {
        members.push_back(parse_member(in_system));
      } catch (const Failure&) {
        recover(begin, depth + 1, !tokens_[begin].is("if"));
      }
    }
    if (braces != nullptr) *braces = span_from(open);
    return members;
  }

  MemberPtr parse_member(bool in_system) {
    const std::size_t begin = pos_;
    auto member = std::make_unique<Member>();
    member->doc = take_doc();
    if (is("const")) {
      member->kind = parse_constant();
    } else if (begins_function()) {
      member->kind = parse_function();
    } else if (is("action")) {
      member->kind = parse_action();
    } else if (is("handler") || (peek().is_word("urgent") && peek(1).is("handler"))) {
      member->kind = parse_handler();
    } else if (is("thread")) {
      member->kind = parse_thread();
    } else if (is("invariant") || is("never") || is("reachable") || is("deadlock_free")) {
      member->kind = parse_property();
    } else if (peek().is_word("busy") && peek(1).is("when")) {
      advance();
      advance();
      member->kind = Busy{parse_condition()};
    } else if (is("if")) {
      member->kind = parse_conditional_members(in_system);
    } else if ((peek().is_word("cpus") || peek().is_word("pin")) && !peek(1).is(":") && !peek(1).is("[")) {
      const bool cpus = peek().is_word("cpus");
      role(TokenRole::Word);
      if (!in_system) fail("E0114", peek().span, quoted(peek().text) + " belongs inside a system");
      advance();
      if (cpus) {
        member->kind = Cpus{parse_expression()};
      } else {
        member->kind = Pin{parse_expression()};
      }
    } else if (is_name() && (peek(1).is(":") || peek(1).is("["))) {
      leads_to();
      parse_variable_or_instance(*member);
    } else {
      no_member();
    }
    member->span = span_from(begin);
    skip_semicolons();
    item(begin);
    return member;
  }

  [[noreturn]] void no_member() {
    const Token& token = peek();
    if (token.kind == TokenKind::Keyword && (peek(1).is(":") || peek(1).is("["))) {
      fail("E0103", token.span, "expected a member, found the keyword " + quoted(token.text),
           "keywords cannot be names");
    }
    if (token.is("var")) {
      fail("E0114", token.span, "'var' is for variables of functions and blocks",
           "a variable of a machine is written 'name: type = value'");
    }
    if (token.is("module") || token.is("use"))
      fail("E0114", token.span, quoted(token.text) + " stands at the top of a file");
    if (token.kind == TokenKind::Keyword &&
        one_of(token.text, {"while", "loop", "for", "either", "choose", "await", "spin", "atomic", "with", "at", "on",
                            "assert", "require", "return", "break", "continue", "pass", "violate"})) {
      fail("E0114", token.span,
           quoted(token.text) + " is a statement: it belongs inside a function, an action, a handler or a thread",
           "there may be one '}' too many before");
    }
    if (token.is("else")) fail("E0114", token.span, "'else' without an 'if' before it");
    c_style_declaration(false);
    not_supported_yet();
    if (is_name()) {
      if (peek(1).is("=")) {
        fail("E0100", peek(1).span, "expected ':' and a type after " + quoted(token.text) + ", found '='",
             "write '" + std::string(token.text) + ": type = value'");
      }
      missing_fn();
      unknown_word("a member of a machine or system",
                   {"fn", "atomic", "returns", "action", "handler", "urgent", "thread", "invariant", "never",
                    "reachable", "deadlock_free", "busy", "if", "const", "cpus", "pin"});
    }
    fail("E0100", token.span, "expected a member or '}', found " + describe(token));
  }

  /// 'name: p leads_to q': looks ahead, since it begins like a variable.
  void leads_to() {
    for (std::size_t ahead = 2;; ++ahead) {
      const Token& token = peek(ahead);
      if (token.kind == TokenKind::End || token.is("}") || token.is("{") || token.is("=")) return;
      if (token.is_word("leads_to") && !peek(ahead + 1).is(":") && !token.first_on_line) later(token.span, "leads_to");
      if (token.first_on_line && (token.kind == TokenKind::Identifier || token.kind == TokenKind::Keyword)) return;
    }
  }

  void parse_variable_or_instance(Member& member) {
    Name name = parse_name("a name");
    std::optional<InstanceIndex> index;
    if (is("[")) index = parse_instance_index();
    if (!is(":")) expected("':'");
    advance();
    // An instance is a name with arguments; only its parenthesis tells it from a variable.
    if (is_name() && !type_word()) {
      const std::size_t begin = pos_;
      if (is_foreign_type(peek().text)) no_such_type();
      if (peek().first_on_line && (peek(1).is(":") || peek(1).is("["))) expected("a type or a machine");
      QualifiedName qualified = parse_qualified("a type or a machine");
      not_generic(qualified);
      if (is("(") && !peek().first_on_line) {
        Instance instance;
        instance.name = std::move(name);
        instance.index = std::move(index);
        instance.machine = std::move(qualified);
        const std::size_t arguments = pos_;
        instance.arguments = parse_arguments();
        instance.arguments_span = span_from(arguments);
        if (is("=")) fail("E0119", peek().span, "an instance has no value", "what it starts with are its arguments");
        member.kind = std::move(instance);
        return;
      }
      if (index) expected("'(' and arguments", "an array of instances is written 'name[n]: Machine(...)'");
      TypePtr type = finish_type(begin, NamedType{std::move(qualified)});
      member.kind = finish_variable(std::move(name), std::move(type));
      return;
    }
    if (index) {
      expected("a machine with its arguments", "an array of values is written 'name: array<type, size>'");
    }
    TypePtr type = parse_type();
    member.kind = finish_variable(std::move(name), std::move(type));
  }

  InstanceIndex parse_instance_index() {
    InstanceIndex index;
    const std::size_t begin = pos_;
    advance();
    Bracket bracket(*this);
    if (is_name() && peek(1).is(":")) {
      index.variable = parse_name("a name");
      advance();
    }
    index.domain = parse_domain(false, true);
    if (!is("]")) expected("']'");
    advance();
    index.span = span_from(begin);
    return index;
  }

  Variable finish_variable(Name name, TypePtr type) {
    Variable variable;
    variable.name = std::move(name);
    variable.type = std::move(type);
    if (!accept("=")) return variable;
    may_break(kClause);
    const std::size_t begin = pos_;
    Initial initial;
    if (accept("any")) {
      initial.any = true;
      if (is("where")) {
        may_break(kClause);
        advance();
        initial.where = parse_condition();
      }
    } else {
      initial.value = parse_expression();
    }
    initial.span = span_from(begin);
    variable.initial = std::move(initial);
    return variable;
  }

  std::vector<Fairness> parse_fairness() {
    std::vector<Fairness> fairness;
    while (true) {
      if (peek().is_word("strong") || peek().is_word("fair") || peek().is_word("unfair") ||
          peek().is_word("sporadic")) {
        may_break(kClause);
      }
      if (accept_word("fair")) {
        fairness.push_back(Fairness::Fair);
      } else if (accept_word("unfair")) {
        fairness.push_back(Fairness::Unfair);
      } else if (accept_word("sporadic")) {
        fairness.push_back(Fairness::Sporadic);
      } else if (accept_word("strong")) {
        if (!accept_word("fair")) expected("'fair'");
        fairness.push_back(Fairness::StrongFair);
      } else {
        return fairness;
      }
    }
  }

  Action parse_action() {
    Action action;
    const bool good = header_of_block([&] {
      expect("action");
      action.name = parse_name("the name of an action");
      if (is("(")) {
        fail("E0100", peek().span, "expected 'when', '{' or '=' after " + quoted(action.name.text) + ", found '('",
             "an action has no parameters; choose values in it with 'choose'");
      }
      if (is("when")) {
        may_break(kClause);
        advance();
        action.when = parse_expression();
      }
      action.fairness = parse_fairness();
      if (is("=")) {
        // 'action a when x = y {' compares, since an action has only one body.
        const std::size_t equals = pos_;
        advance();
        may_break(kClause);
        action.expression = parse_expression();
        if (action.when != nullptr && is("{") && !peek().first_on_line) {
          fail("E0106", tokens_[equals].span, "expected '==' to compare, found '='");
        }
      } else if (!is("{")) {
        if (is("at") || is("on")) {
          expected("'when', '{' or '='", "an action has no level and no CPU: it is a step of hardware or environment");
        }
        expected("'when', '{' or '='");
      }
    });
    if (!good || action.expression == nullptr) action.block = parse_block();
    if (!good) throw Failure{};
    return action;
  }

  Handler parse_handler() {
    Handler handler;
    const bool good = header_of_block([&] {
      handler.urgent = accept_word("urgent");
      expect("handler");
      handler.name = parse_name("the name of a handler");
      if (is("(")) {
        fail("E0100", peek().span, "expected 'at' after " + quoted(handler.name.text) + ", found '('",
             "a handler has no parameters: it reads what it needs from variables");
      }
      if (!is("at")) expected("'at' and the level");
      may_break(kClause);
      advance();
      handler.level = parse_expression();
      if (is("on")) {
        may_break(kClause);
        advance();
        handler.on = parse_expression();
      }
      if (is("when")) {
        may_break(kClause);
        advance();
        handler.when = parse_condition();
      }
      if (peek().is_word("concurrent")) {
        may_break(kClause);
        role(TokenRole::Word);
        advance();
        handler.concurrent = parse_expression();
      }
      handler.fairness = parse_fairness();
      if (is("at") || is("on") || is("when") || peek().is_word("concurrent")) {
        fail("E0116", peek().span, quoted(peek().text) + " is given twice or too late",
             "the parts of a handler come in the order at, on, when, concurrent, fairness");
      }
      if (!is("{")) expected("'{'");
    });
    if (peek(1).is_word("accept") && peek(2).is("{")) {
      handler.body = parse_block(&handler.accept);
    } else {
      handler.body = parse_block();
    }
    if (!good) throw Failure{};
    return handler;
  }

  Thread parse_thread() {
    Thread thread;
    const bool good = header_of_block([&] {
      expect("thread");
      thread.name = parse_name("the name of a thread");
      if (is("(")) {
        fail("E0100", peek().span, "expected 'at' or '{' after " + quoted(thread.name.text) + ", found '('",
             "a thread has no parameters: it reads what it needs from variables");
      }
      if (is("at")) {
        may_break(kClause);
        advance();
        thread.level = parse_expression();
      }
      thread.fairness = parse_fairness();
      if (is("when")) {
        fail("E0100", peek().span, "expected '{', found 'when'", "a thread always exists; let it begin with 'await'");
      }
      if (!is("{")) expected("'{'");
    });
    thread.body = parse_block();
    if (!good) throw Failure{};
    return thread;
  }

  Property parse_property() {
    Property property;
    if (accept("deadlock_free")) {
      property.kind = PropertyKind::DeadlockFree;
      return property;
    }
    property.kind = is("invariant") ? PropertyKind::Invariant
                    : is("never")   ? PropertyKind::Never
                                    : PropertyKind::Reachable;
    advance();
    std::size_t ahead = 0;
    while (is_rule_name(ahead) && peek(ahead + 1).is(".")) ahead += 2;
    if ((is_name(ahead) || (ahead > 0 && peek(ahead).kind == TokenKind::Keyword)) && peek(ahead + 1).is(":")) {
      property.rule = parse_rule_name("the name of a rule");
      advance();
      may_break(kClause);
    }
    property.condition = parse_condition();
    return property;
  }

  ConditionalMembers parse_conditional_members(bool in_system) {
    Nest nest(*this);
    ConditionalMembers result;
    expect("if");
    result.condition = parse_condition();
    if (!is("{")) expected("'{'");
    result.then = parse_members("this 'if'", in_system, &result.then_span);
    if (!is("else")) return result;
    advance();
    result.has_else = true;
    if (is("if")) {
      result.else_if = true;
      const std::size_t begin = pos_;
      auto member = std::make_unique<Member>();
      member->kind = parse_conditional_members(in_system);
      member->span = span_from(begin);
      result.otherwise_span = member->span;
      result.otherwise.push_back(std::move(member));
    } else {
      if (!is("{")) expected("'{' or 'if'");
      result.otherwise = parse_members("this 'else'", in_system, &result.otherwise_span);
    }
    return result;
  }

  // -------------------------------------------------------------------------------------------- types

  /// Whether a type begins here that is not just a name.
  bool type_word() const {
    const Token& token = peek();
    const Token& next = peek(1);
    if (token.is("bool") || token.is("int") || token.is("Level") || token.is("ref") || token.is("fn")) return true;
    if (token.is("Cpu")) return !next.is("(");
    if (!is_name()) return false;
    if (one_of(token.text, {"set", "queue", "array"})) return next.is("<");
    if (token.text == "fair") return next.is_word("mutex") && !next.first_on_line;
    return token.text == "mutex" || token.text == "spinlock";
  }

  [[noreturn]] void no_such_type() {
    const std::string word(peek().text);
    std::string note = "a number is 'int lo..hi', with the values that it can take";
    if (word == "boolean") note = "did you mean 'bool'?";
    if (word == "string" || word == "String" || word == "char") note = "there are no texts; use an enum";
    if (word == "void") note = "a function that returns nothing has no '->'";
    if (word == "float" || word == "double") note = "all numbers are whole: 'int lo..hi'";
    if (word == "PVOID") note = "a reference is 'ref Machine', and 'ref Machine?' when it may be null";
    fail("E0111", peek().span, "expected a type, found " + quoted(word), std::move(note));
  }

  /// 'sett<bool>'.
  void not_generic(const QualifiedName& name) {
    if (!is("<") || peek().first_on_line) return;
    const std::optional<std::string> near = nearest_name(name.parts.back().text, {"set", "queue", "array"});
    fail("E0111", name.span, "expected set, queue or array before '<', found " + quoted(name.text()),
         near ? "did you mean " + quoted(*near) + "?" : "");
  }

  TypePtr finish_type(std::size_t begin, decltype(Type::kind) kind) {
    auto type = std::make_unique<Type>();
    type->kind = std::move(kind);
    type->span = span_from(begin);
    if (!is("?")) return type;
    role(TokenRole::OptionalMark);
    advance();
    auto optional = std::make_unique<Type>();
    optional->kind = OptionalType{std::move(type)};
    optional->span = span_from(begin);
    return optional;
  }

  void open_type_bracket() {
    role(TokenRole::TypeBracket);
    expect("<");
  }

  void close_type_bracket() {
    if (is(">=") && peek().text.size() == 2) {
      // 'set<Cpu>= {}': what the lexer took for one operator is two tokens here.
      Token assign = tokens_[pos_];
      assign.text.remove_prefix(1);
      ++assign.span.begin;
      assign.first_on_line = false;
      tokens_[pos_].text = tokens_[pos_].text.substr(0, 1);
      --tokens_[pos_].span.end;
      tokens_.insert(tokens_.begin() + static_cast<std::ptrdiff_t>(pos_) + 1, std::move(assign));
      layout_.insert(layout_.begin() + static_cast<std::ptrdiff_t>(pos_) + 1, TokenLayout{});
    }
    role(TokenRole::TypeBracket);
    expect(">");
  }

  TypePtr parse_type() {
    Nest nest(*this);
    const std::size_t begin = pos_;
    if (!type_word()) {
      if (peek().kind == TokenKind::Integer || is("-")) {
        expected("a type", "a range of numbers is written 'int lo..hi'");
      }
      if (is("*")) expected("a type", "a reference is written 'ref Machine'");
      if (is("struct") || is("enum")) {
        expected("a type", "the name of the " + std::string(peek().text) + " alone is its type");
      }
      if (is_name() && is_foreign_type(peek().text)) no_such_type();
      QualifiedName name = parse_qualified("a type");
      not_generic(name);
      return finish_type(begin, NamedType{std::move(name)});
    }
    if (accept("bool")) return finish_type(begin, BoolType{});
    if (accept("Level")) return finish_type(begin, LevelType{});
    if (accept("Cpu")) return finish_type(begin, CpuType{});
    if (is("int")) return parse_int_type();
    if (accept("ref")) return finish_type(begin, RefType{parse_qualified("the name of a machine or interface")});
    if (is("fn")) return parse_function_type();
    if (accept_word("fair")) {
      advance();
      return finish_type(begin, MutexType{true});
    }
    if (accept_word("mutex")) return finish_type(begin, MutexType{false});
    if (accept_word("spinlock")) {
      SpinlockType lock;
      if (is("(") && !peek().first_on_line) {
        advance();
        Bracket bracket(*this);
        lock.level = parse_expression();
        expect(")");
      }
      return finish_type(begin, std::move(lock));
    }
    if (accept_word("set")) {
      open_type_bracket();
      SetType set{parse_type()};
      close_type_bracket();
      return finish_type(begin, std::move(set));
    }
    if (accept_word("queue")) {
      open_type_bracket();
      QueueType queue;
      queue.element = parse_type();
      if (!is(","))
        expected("',' and the most elements the queue can hold", is(">") ? "write 'queue<type, capacity>'" : "");
      advance();
      queue.capacity = parse_sum_of_type();
      close_type_bracket();
      return finish_type(begin, std::move(queue));
    }
    accept_word("array");
    open_type_bracket();
    ArrayType array;
    array.element = parse_type();
    if (!is(",")) expected("',' and the index", is(">") ? "write 'array<type, size>'" : "");
    advance();
    array.index = parse_domain(false, true);
    close_type_bracket();
    return finish_type(begin, std::move(array));
  }

  ExpressionPtr parse_sum_of_type() {
    Bracket bracket(*this);
    return parse_sum();
  }

  TypePtr parse_int_type() {
    const std::size_t begin = pos_;
    advance();
    const bool number =
        !peek().first_on_line && (peek().kind == TokenKind::Integer || peek().kind == TokenKind::Identifier ||
                                  is("-") || is("(") || is("{") || is("self") || peek().kind == TokenKind::Bad);
    if (!number || is("{")) {
      fail("E0109", tokens_[begin].span,
           "expected a range after 'int', found " + (peek().first_on_line ? "the end of the line" : describe(peek())),
           "write 'int lo..hi' with the values that it can take, for example 'int 0..3'");
    }
    IntType type;
    type.range.low = parse_sum_of_type();
    if (!is("..")) {
      expected("'..' and the greatest value", "write 'int lo..hi' with the values that it can take");
    }
    advance();
    type.range.high = parse_sum_of_type();
    return finish_type(begin, std::move(type));
  }

  TypePtr parse_function_type() {
    const std::size_t begin = pos_;
    advance();
    FunctionType type;
    expect("(");
    {
      Bracket bracket(*this);
      while (!is(")")) {
        type.parameters.push_back(parse_type());
        if (!accept(",")) break;
        may_break(kComma);
        if (is(")")) expected("a type");
      }
    }
    if (!is(")")) expected("',' or ')'", is(":") ? "the parameters of a function type have no names" : "");
    advance();
    if (accept("->")) type.result = parse_type();
    return finish_type(begin, std::move(type));
  }

  /// What a loop, a quantifier, an array or an array of instances ranges over.
  Domain parse_domain(bool range_allowed, bool expression_allowed) {
    const std::size_t begin = pos_;
    Domain domain;
    if (type_word()) {
      domain.kind = parse_type();
      domain.span = span_from(begin);
      return domain;
    }
    ExpressionPtr low = parse_sum();
    if (is("..")) {
      if (!range_allowed) {
        fail("E0100", peek().span, "expected a type or a number, found a range", "write 'int lo..hi'");
      }
      advance();
      Range range;
      range.low = std::move(low);
      range.high = parse_sum();
      domain.kind = std::move(range);
      domain.span = span_from(begin);
      return domain;
    }
    QualifiedName name;
    if (to_qualified(*low, name)) {
      if (is("?")) {
        domain.kind = finish_type(begin, NamedType{std::move(name)});
      } else {
        domain.kind = std::move(name);
      }
    } else if (expression_allowed) {
      domain.kind = std::move(low);
    } else {
      expected("'..' and the upper end", "a quantifier ranges over a type, a machine or 'lo..hi'");
    }
    domain.span = span_from(begin);
    return domain;
  }

  // -------------------------------------------------------------------------------------- expressions

  template <typename Kind>
  ExpressionPtr make(std::size_t begin, Kind kind) {
    auto expression = std::make_unique<Expression>();
    expression->kind = std::move(kind);
    expression->span = span_from(begin);
    return expression;
  }

  ExpressionPtr make_binary(BinaryOperator op, Span op_span, ExpressionPtr left, ExpressionPtr right) {
    const Span span = cover(left->span, right->span);
    auto expression = std::make_unique<Expression>();
    expression->kind = Binary{op, op_span, std::move(left), std::move(right)};
    expression->span = span;
    return expression;
  }

  /// A condition: an expression behind which '=' can only be a mistake.
  ExpressionPtr parse_condition() {
    ExpressionPtr condition = parse_expression();
    if (is("=")) fail("E0106", peek().span, "expected '==' to compare, found '='");
    return condition;
  }

  ExpressionPtr parse_expression() {
    if (expressions_++ == 0) operators_ = 0;
    const struct Leave {
      int& count;
      ~Leave() { --count; }
    } leave{expressions_};
    return parse_conditional();
  }

  ExpressionPtr parse_conditional() {
    Nest nest(*this);
    ExpressionPtr condition = parse_implication();
    if (!is("?")) return condition;
    count_operator();
    role(TokenRole::Ternary);
    advance();
    may_break(kTernary);
    ExpressionPtr then = parse_expression();
    if (!is(":")) {
      expected("':' and the other value", std::holds_alternative<Quantifier>(then->kind)
                                              ? "a quantifier without a body needs parentheses here"
                                              : "");
    }
    role(TokenRole::Ternary);
    advance();
    may_break(kTernary);
    ExpressionPtr otherwise = parse_conditional();
    const Span span = cover(condition->span, otherwise->span);
    auto expression = std::make_unique<Expression>();
    expression->kind = Conditional{std::move(condition), std::move(then), std::move(otherwise)};
    expression->span = span;
    return expression;
  }

  ExpressionPtr parse_implication() {
    ExpressionPtr left = parse_disjunction();
    if (!is("=>")) return left;
    Nest nest(*this);
    count_operator();
    const Span op = peek().span;
    advance();
    may_break(kImplies);
    return make_binary(BinaryOperator::Implies, op, std::move(left), parse_implication());
  }

  ExpressionPtr parse_disjunction() {
    ExpressionPtr left = parse_conjunction();
    while (is("||")) {
      count_operator();
      const Span op = peek().span;
      advance();
      may_break(kOr);
      left = make_binary(BinaryOperator::Or, op, std::move(left), parse_conjunction());
    }
    return left;
  }

  ExpressionPtr parse_conjunction() {
    ExpressionPtr left = parse_comparison();
    while (is("&&")) {
      count_operator();
      const Span op = peek().span;
      advance();
      may_break(kAnd);
      left = make_binary(BinaryOperator::And, op, std::move(left), parse_comparison());
    }
    return left;
  }

  std::optional<BinaryOperator> comparison_operator() const {
    if (is("==")) return BinaryOperator::Equal;
    if (is("!=")) return BinaryOperator::NotEqual;
    if (is("<")) return BinaryOperator::Less;
    if (is("<=")) return BinaryOperator::LessEqual;
    if (is(">")) return BinaryOperator::Greater;
    if (is(">=")) return BinaryOperator::GreaterEqual;
    if (is("in")) return BinaryOperator::In;
    return std::nullopt;
  }

  ExpressionPtr parse_comparison() {
    ExpressionPtr left = parse_sum();
    const std::optional<BinaryOperator> op = comparison_operator();
    if (!op) return left;
    count_operator();
    const Span op_span = peek().span;
    advance();
    if (is("=") && peek().span.begin == op_span.end) {
      fail("E0105", peek().span, "expected an expression after " + describe(tokens_[pos_ - 1]) + ", found '='",
           "values are compared with '==' and '!='");
    }
    may_break(kCompare);
    ExpressionPtr right = parse_sum();
    ExpressionPtr result;
    if (*op == BinaryOperator::In && is("..")) {
      advance();
      ExpressionPtr high = parse_sum();
      const Span span = cover(left->span, high->span);
      result = std::make_unique<Expression>();
      result->kind = InRange{std::move(left), Range{std::move(right), std::move(high)}};
      result->span = span;
    } else {
      result = make_binary(*op, op_span, std::move(left), std::move(right));
    }
    if (comparison_operator()) {
      fail("E0107", peek().span, "comparisons do not chain: found a second one, " + quoted(peek().text),
           "write 'a < b && b < c', or use parentheses");
    }
    return result;
  }

  ExpressionPtr parse_sum() {
    ExpressionPtr left = parse_product();
    while (is("+") || is("-")) {
      increment();
      count_operator();
      const BinaryOperator op = is("+") ? BinaryOperator::Add : BinaryOperator::Subtract;
      const Span span = peek().span;
      advance();
      may_break(kSum);
      left = make_binary(op, span, std::move(left), parse_product());
    }
    return left;
  }

  /// 'i++' and 'i--'.
  void increment() {
    const Token& next = peek(1);
    if (!next.is(peek().text) || next.span.begin != peek().span.end) return;
    if (is("-") && !peek(2).first_on_line && begins_value(peek(2))) return;  // 'a --b' is 'a - -b'
    const std::string name =
        pos_ > 0 && tokens_[pos_ - 1].kind == TokenKind::Identifier ? std::string(tokens_[pos_ - 1].text) : "i";
    const std::string sign(peek().text);
    fail("E0105", cover(peek().span, next.span), "there is no operator '" + sign + sign + "'",
         "write '" + name + " " + sign + "= 1'");
  }

  ExpressionPtr parse_product() {
    ExpressionPtr left = parse_unary();
    while (is("*") || is("/") || is("%")) {
      if (peek(1).is("=") && peek(1).span.begin == peek().span.end) {
        const std::string op(peek().text);
        fail("E0105", cover(peek().span, peek(1).span), "there is no operator '" + op + "='",
             "write 'x = x " + op + " ...'");
      }
      count_operator();
      const BinaryOperator op = is("*")   ? BinaryOperator::Multiply
                                : is("/") ? BinaryOperator::Divide
                                          : BinaryOperator::Remainder;
      const Span span = peek().span;
      advance();
      may_break(kProduct);
      left = make_binary(op, span, std::move(left), parse_unary());
    }
    return left;
  }

  ExpressionPtr parse_unary() {
    if (!is("!") && !is("-")) return parse_postfix();
    Nest nest(*this);
    count_operator();
    const std::size_t begin = pos_;
    const UnaryOperator op = is("!") ? UnaryOperator::Not : UnaryOperator::Minus;
    role(TokenRole::PrefixOperator);
    advance();
    ExpressionPtr operand = parse_unary();
    return make(begin, Unary{op, std::move(operand)});
  }

  ExpressionPtr parse_postfix() {
    const std::size_t begin = pos_;
    ExpressionPtr expression = parse_primary();
    while (true) {
      if (is(".")) {
        count_operator();
        advance();
        Name name = parse_member_name();
        expression = make(begin, FieldAccess{std::move(expression), std::move(name)});
      } else if (is("[") && !peek().first_on_line) {
        count_operator();
        advance();
        Bracket bracket(*this);
        ExpressionPtr index = parse_expression();
        if (!is("]")) expected("']'");
        advance();
        expression = make(begin, IndexAccess{std::move(expression), std::move(index)});
      } else if (is("(") && !peek().first_on_line) {
        count_operator();
        const std::size_t open = pos_;
        std::vector<Argument> arguments = parse_arguments();
        const Span span = span_from(open);
        expression = make(begin, Call{std::move(expression), std::move(arguments), span});
      } else if (is("->") && is_name(1) && !peek().first_on_line) {
        fail("E0118", peek().span, "expected '.' before " + quoted(peek(1).text) + ", found '->'",
             "members are reached with '.', also through references");
      } else {
        return expression;
      }
    }
  }

  std::vector<Argument> parse_arguments() {
    std::vector<Argument> arguments;
    expect("(");
    Bracket bracket(*this);
    may_break(kOpen);
    while (!is(")")) {
      const std::size_t begin = pos_;
      Argument argument;
      if (is_name() && peek(1).is(":")) {
        argument.name = parse_name("a name");
        advance();
      } else if (is_name() && peek(1).is("=")) {
        fail("E0106", peek(1).span, "expected ':' after the name of an argument, found '='",
             "arguments are named 'name: value', values are compared with '=='");
      }
      argument.value = parse_expression();
      argument.span = span_from(begin);
      arguments.push_back(std::move(argument));
      if (!accept(",")) break;
      may_break(kComma);
    }
    if (!is(")")) expected("',' or ')'");
    layout_[pos_].break_depth = 0;
    advance();
    return arguments;
  }

  /// Whether an expression may begin with `token`.
  static bool begins_value(const Token& token) {
    switch (token.kind) {
      case TokenKind::Identifier:
      case TokenKind::Integer:
      case TokenKind::String:
      case TokenKind::Bad:
        return true;
      case TokenKind::Keyword:
        return one_of(token.text,
                      {"true", "false", "null", "self", "forall", "exists", "at", "Cpu", "bool", "int", "Level"});
      case TokenKind::Punctuation:
        return one_of(token.text, {"(", "{", "!", "-"});
      case TokenKind::End:
        break;
    }
    return false;
  }

  ExpressionPtr parse_primary() {
    const std::size_t begin = pos_;
    const Token& token = peek();
    if (token.kind == TokenKind::Integer) {
      const IntegerLiteral literal{token.number};
      advance();
      return make(begin, literal);
    }
    if (is_name()) return parse_name_expression();
    if (accept("true")) return make(begin, BoolLiteral{true});
    if (accept("false")) return make(begin, BoolLiteral{false});
    if (accept("null")) return make(begin, NullLiteral{});
    if (accept("self")) return make(begin, SelfExpression{});
    if (is("(")) {
      advance();
      ExpressionPtr inner;
      {
        Bracket bracket(*this);
        inner = parse_expression();
      }
      if (is("=")) fail("E0106", peek().span, "expected '==' to compare, found '='");
      if (is(",")) expected("')'", "there are no tuples; use a struct");
      if (!is(")")) expected("')'");
      advance();
      inner->parenthesised = true;
      return inner;
    }
    if (is("{") && (peek(1).kind != TokenKind::Keyword || begins_value(peek(1)))) return parse_set();
    if (is("forall") || is("exists")) {
      return parse_quantifier(is("forall") ? QuantifierKind::Forall : QuantifierKind::Exists);
    }
    if (accept("at")) {
      if (!is_name() && !is("self")) expected("a label");
      ExpressionPtr target = parse_postfix();
      return make(begin, ContextQuery{ContextQueryKind::At, std::move(target)});
    }
    if (is("Cpu")) {
      advance();
      if (!is("(")) expected("'('", "'Cpu' is a type; 'Cpu(0)' is a CPU");
      advance();
      Bracket bracket(*this);
      ExpressionPtr number = parse_expression();
      if (!is(")")) expected("')'");
      advance();
      return make(begin, CpuConstant{std::move(number)});
    }
    if (token.kind == TokenKind::String) expected("an expression", "texts stand in rules only");
    if (is("bool") || is("int") || is("Level") || is("ref")) {
      expected("an expression", quoted(token.text) + " is a type, not a value");
    }
    if (is("if") && !token.first_on_line)
      expected("an expression", "a choice between values is written 'condition ? a : b'");
    if (is("any")) expected("an expression", "'any' is an initial value of a variable; in statements use 'choose'");
    if (is("+")) expected("an expression", "there is no sign '+'");
    if (is("&&") || is("*")) expected("an expression", "there are no pointers; references are taken by name");
    expected("an expression");
  }

  ExpressionPtr parse_set() {
    const std::size_t begin = pos_;
    advance();
    Bracket bracket(*this);
    SetLiteral set;
    if (!is("}")) {
      do {
        if (!set.elements.empty()) may_break(kComma);
        set.elements.push_back(parse_expression());
      } while (accept(","));
    }
    if (!is("}")) expected("',' or '}'");
    advance();
    return make(begin, std::move(set));
  }

  /// An identifier, or one of the words that are special before '(' or before a variable.
  ExpressionPtr parse_name_expression() {
    const std::size_t begin = pos_;
    const Token& token = peek();
    const bool call = peek(1).is("(") && !peek(1).first_on_line;
    if (call) {
      if (token.text == "level") return parse_context_query(ContextQueryKind::Level);
      if (token.text == "cpu") return parse_context_query(ContextQueryKind::Cpu);
      if (token.text == "running") return parse_context_query(ContextQueryKind::Running);
      if (token.text == "idle") return parse_context_query(ContextQueryKind::Idle);
      if (token.text == "cpu_of") return parse_context_query(ContextQueryKind::CpuOf);
      if (token.text == "enabled") return parse_context_query(ContextQueryKind::Enabled);
    }
    if (token.text == "count" && is_name(1) && !peek(1).first_on_line) return parse_quantifier(QuantifierKind::Count);
    if (one_of(token.text, {"NULL", "nullptr", "nil", "None"})) {
      fail("E0117", token.span, "expected an expression, found " + quoted(token.text), "write 'null'");
    }
    if (one_of(token.text, {"TRUE", "True", "FALSE", "False"})) {
      fail("E0117", token.span, "expected an expression, found " + quoted(token.text),
           token.text[0] == 'T' ? "write 'true'" : "write 'false'");
    }
    const Token& next = peek(1);
    if (token.text == "not" && !next.first_on_line && begins_value(next) && !next.is("(") && !next.is("-") &&
        !next.is("{")) {
      fail("E0105", token.span, "expected an expression, found 'not'", "write '!'");
    }
    NameExpression name{parse_name("a name")};
    return make(begin, std::move(name));
  }

  ExpressionPtr parse_context_query(ContextQueryKind kind) {
    const std::size_t begin = pos_;
    const std::string word(peek().text);
    advance();
    advance();
    ContextQuery query{kind, nullptr};
    if (kind == ContextQueryKind::Level || kind == ContextQueryKind::Cpu) {
      if (!is(")"))
        expected("')'", "'" + word + "()' speaks of the context that asks" +
                            (kind == ContextQueryKind::Cpu ? "; of another: 'cpu_of(h)'" : ""));
    } else {
      if (!is_name() && !is("self")) {
        expected(kind == ContextQueryKind::Enabled ? "the name of an action" : "the name of a handler or thread");
      }
      Bracket bracket(*this);
      query.target = parse_postfix();
      if (!is(")")) expected("')'");
    }
    advance();
    return make(begin, std::move(query));
  }

  ExpressionPtr parse_quantifier(QuantifierKind kind) {
    const std::size_t begin = pos_;
    advance();
    Nest nest(*this);
    Quantifier quantifier;
    quantifier.kind = kind;
    quantifier.variable = parse_name("the name of a variable");
    if (!is(":")) expected("':' and a type or machine", is("in") ? "write 'x: lo..hi'" : "");
    advance();
    quantifier.domain = parse_domain(true, false);
    if (is("where")) {
      may_break(kTernary);
      advance();
      quantifier.where = parse_condition();
    }
    if (accept(":")) {
      may_break(kTernary);
      quantifier.body = parse_expression();
    } else if (kind != QuantifierKind::Count && quantifier.where == nullptr && (is("|") || is(",") || is("."))) {
      expected("':' and a condition");
    }
    return make(begin, std::move(quantifier));
  }

  // ---------------------------------------------------------------------------------------- statements

  /// '{ statements }'; of a handler, with `accept` the block that it may begin with.
  Block parse_block(std::optional<Block>* accept_block = nullptr) {
    Nest nest(*this);
    Block block;
    const std::size_t open = pos_;
    const int depth = depth_;
    if (!is("{")) expected("'{'", block_advice());
    open_block();
    if (accept_block != nullptr) {
      const std::size_t begin = pos_;
      advance();
      *accept_block = parse_block();
      item(begin);
    }
    while (true) {
      skip_semicolons();
      if (is("}")) {
        role(TokenRole::BlockClose);
        advance();
        break;
      }
      if (at_end() || begins_declaration() ||
          (peek().first_on_line && is_member_keyword(peek()) &&
           !one_of(peek(1).text, {"=", "+=", "-=", ".", ":", "["}))) {
        unclosed(open, "this block", depth);
        break;
      }
      const std::size_t begin = pos_;
      try {
        block.statements.push_back(parse_statement());
      } catch (const Failure&) {
        recover(begin, depth + 1, true);
      }
    }
    block.span = span_from(open);
    return block;
  }

  std::string block_advice() const {
    const std::string advised = advice();
    if (!advised.empty()) return advised;
    return "a block always has braces";
  }

  /// A place, a lock or an instance: begins with a name or 'self'.
  ExpressionPtr parse_target(const std::string& what) {
    if (!is_name() && !is("self")) expected(what, is("&&") || is("*") ? "things are named without '&' or '*'" : "");
    return parse_postfix();
  }

  /// Whether the word here begins a statement of its own ('release lock') and is not a name ('release()').
  bool statement_word(bool parenthesis_begins_value) const {
    const Token& next = peek(1);
    if (next.kind != TokenKind::Punctuation) return true;
    if (next.is("(")) return parenthesis_begins_value && !next.first_on_line && !peek(2).is(")");
    return !one_of(next.text, {"=", "+=", "-=", ".", ":", "["}) && !next.first_on_line;
  }

  StatementPtr parse_statement() {
    Nest nest(*this);
    auto statement = std::make_unique<Statement>();
    const std::size_t begin = pos_;
    while (is_name() && peek(1).is(":")) {
      const Token& after = peek(2);
      if (after.is("=") && after.span.begin == peek(1).span.end) {
        fail("E0105", cover(peek(1).span, after.span), "there is no operator ':='", "assign with '='");
      }
      if ((after.is("int") || after.is("bool") || after.is("Cpu") || after.is("Level") || after.is("ref")) &&
          !after.first_on_line) {
        fail("E0108", peek().span, "expected 'var' before the variable " + quoted(peek().text),
             "write 'var " + std::string(peek().text) + ": type = value'; 'name:' alone is a label");
      }
      statement->labels.push_back(parse_name("a label"));
      advance();
    }
    if (is("}") && !statement->labels.empty()) expected("a statement", "a label alone is written 'name: pass'");
    parse_statement_kind(*statement);
    statement->span = span_from(begin);
    if (is(";")) skip_semicolons();
    item(begin);
    return statement;
  }

  void parse_statement_kind(Statement& statement) {
    const Token& token = peek();
    if (is("var")) {
      statement.kind = parse_local();
    } else if (is("if")) {
      statement.kind = parse_if();
    } else if (accept("while")) {
      WhileStatement loop;
      loop.condition = parse_condition();
      loop.body = parse_block();
      statement.kind = std::move(loop);
    } else if (accept("loop")) {
      statement.kind = LoopStatement{parse_block()};
    } else if (is("for")) {
      statement.kind = parse_for();
    } else if (is("either")) {
      statement.kind = parse_either();
    } else if (is("choose")) {
      statement.kind = parse_choose();
    } else if (accept("await")) {
      statement.kind = AwaitStatement{parse_condition()};
    } else if (accept("spin")) {
      if (!is("until")) expected("'until'");
      advance();
      statement.kind = SpinUntilStatement{parse_condition()};
    } else if (accept("atomic")) {
      statement.kind = AtomicStatement{parse_block()};
    } else if (accept("with")) {
      WithStatement with;
      with.lock = parse_target("a lock");
      with.body = parse_block();
      statement.kind = std::move(with);
    } else if (accept("at")) {
      AtLevelStatement at;
      at.level = parse_expression();
      at.body = parse_block();
      statement.kind = std::move(at);
    } else if (accept("on")) {
      OnCpuStatement on;
      on.cpu = parse_expression();
      on.body = parse_block();
      statement.kind = std::move(on);
    } else if (accept("assert")) {
      statement.kind = AssertStatement{parse_condition()};
    } else if (accept("require")) {
      RequireStatement require;
      require.rule = parse_rule_name("the name of a rule");
      if (!is(":")) expected("':' and a condition", "what has no rule of its own is written 'assert condition'");
      advance();
      may_break(kClause);
      require.condition = parse_condition();
      statement.kind = std::move(require);
    } else if (accept("violate")) {
      statement.kind = ViolateStatement{parse_rule_name("the name of a rule")};
    } else if (accept("return")) {
      ReturnStatement result;
      if (!peek().first_on_line && begins_value(peek())) result.value = parse_expression();
      statement.kind = std::move(result);
    } else if (accept("break")) {
      statement.kind = BreakStatement{};
    } else if (accept("continue")) {
      statement.kind = ContinueStatement{};
    } else if (accept("pass")) {
      statement.kind = PassStatement{};
    } else if (token.is_word("acquire") && statement_word(false)) {
      advance();
      statement.kind = AcquireStatement{parse_target("a lock")};
    } else if (token.is_word("release") && statement_word(false)) {
      advance();
      statement.kind = ReleaseStatement{parse_target("a lock")};
    } else if (token.is_word("init") && statement_word(false)) {
      advance();
      statement.kind = InitStatement{parse_target("an instance")};
    } else if (token.is_word("free") && statement_word(false)) {
      advance();
      statement.kind = FreeStatement{parse_target("an instance")};
    } else if (token.is_word("raise") && statement_word(true)) {
      role(TokenRole::Word);
      advance();
      statement.kind = RaiseStatement{parse_expression()};
    } else if (token.is_word("lower") && statement_word(true)) {
      role(TokenRole::Word);
      advance();
      statement.kind = LowerStatement{parse_expression()};
    } else if (is_name() || is("self")) {
      parse_assignment_or_call(statement);
    } else {
      no_statement();
    }
  }

  [[noreturn]] void no_statement() {
    const Token& token = peek();
    c_style_declaration(true);
    if (token.kind == TokenKind::Keyword && peek(1).kind == TokenKind::Punctuation &&
        one_of(peek(1).text, {"=", "+=", "-=", ".", "[", ":"})) {
      fail("E0103", token.span, "expected a statement, found the keyword " + quoted(token.text),
           "keywords cannot be names");
    }
    if (token.is("else")) fail("E0114", token.span, "'else' without an 'if' before it");
    if (token.is("or")) fail("E0114", token.span, "'or' without an 'either' before it");
    if (token.is("const")) fail("E0114", token.span, "constants belong outside of functions", "use 'var'");
    if (token.is_word("urgent") || is_member_keyword(token)) {
      fail("E0114", token.span, quoted(token.text) + " belongs inside a machine, not inside a block");
    }
    if (token.is("{"))
      fail("E0100", token.span, "expected a statement, found \'{\'",
           "a block has a word before it, for example 'atomic { ... }'");
    if (token.is("(")) {
      fail("E0100", token.span, "expected a statement, found \'(\'",
           "the '(' of a call stands on the same line as what is called");
    }
    if (token.is("*") || token.is("&&"))
      fail("E0100", token.span, "expected a statement, found " + describe(token), "there are no pointers");
    if ((token.is("+") || token.is("-")) && peek(1).is(token.text)) {
      fail("E0105", cover(token.span, peek(1).span),
           "there is no operator '" + std::string(token.text) + std::string(token.text) + "'",
           "write 'i " + std::string(token.text) + "= 1'");
    }
    fail("E0100", token.span, "expected a statement or '}', found " + describe(token));
  }

  /// Statements of other languages, and words nearly right. The word is not followed by what may follow a name.
  void foreign_statement() {
    const Token& token = peek();
    const Token& next = peek(1);
    const bool value = next.kind != TokenKind::Punctuation && next.kind != TokenKind::End && !next.first_on_line;
    const auto foreign = [&](const std::string& advice) {
      fail("E0112", token.span, "expected a statement, found " + quoted(token.text), advice);
    };
    if (token.text == "switch" && (value || next.is("("))) foreign("there is no 'switch'; use 'if' and 'else if'");
    if (token.text == "case" && value) foreign("there is no 'case'; use 'if' and 'else if'");
    if (token.text == "goto" && value) foreign("there is no 'goto'; use 'loop', 'break' and 'continue'");
    if (token.text == "do" && next.is("{")) foreign("there is no 'do'; use 'loop' with 'break'");
    if (one_of(token.text, {"elif", "elsif", "elseif"})) foreign("write 'else if'");
    if (one_of(token.text, {"try", "throw", "catch"}) && (value || next.is("{")))
      foreign("there are no exceptions; return a status");
    if (token.text == "accept" && next.is("{")) {
      fail("E0114", token.span, "'accept' stands at the beginning of a handler, before all statements");
    }
    if (one_of(token.text, {"cpus", "pin"}) && value) {
      fail("E0114", token.span, quoted(token.text) + " belongs inside a system");
    }
    c_style_declaration(true);
    if (!value && !next.is("{")) return;
    static const std::vector<std::string> kStatements = {
        "var",     "if",      "while",   "loop",     "for",   "either", "or",   "choose", "await",  "spin",
        "atomic",  "acquire", "release", "with",     "raise", "lower",  "at",   "on",     "assert", "require",
        "violate", "return",  "break",   "continue", "pass",  "init",   "free", "else"};
    const bool assigned = peek(2).is("=") && next.kind == TokenKind::Identifier;
    if (assigned && token.text != "let" && !nearest_name(token.text, kStatements)) {
      fail("E0108", token.span, "expected 'var' before a new variable, found " + quoted(token.text),
           "write 'var " + std::string(next.text) + ": " + std::string(token.text) + " = ...'");
    }
    unknown_word("a statement", kStatements);
  }

  void parse_assignment_or_call(Statement& statement) {
    if (is_name()) foreign_statement();
    const std::size_t begin = pos_;
    ExpressionPtr target = parse_postfix();
    const bool call = std::holds_alternative<Call>(target->kind);
    if (is("=") || is("+=") || is("-=")) {
      if (!std::holds_alternative<NameExpression>(target->kind) && !std::holds_alternative<FieldAccess>(target->kind) &&
          !std::holds_alternative<IndexAccess>(target->kind)) {
        fail("E0119", target->span,
             call ? "the result of a call cannot be assigned to" : quoted("self") + " cannot be assigned to",
             call && peek().is("=") ? "values are compared with '=='" : "");
      }
      AssignmentStatement assignment;
      assignment.target = std::move(target);
      assignment.op = is("=")    ? AssignmentOperator::Set
                      : is("+=") ? AssignmentOperator::Add
                                 : AssignmentOperator::Subtract;
      advance();
      may_break(kClause);
      assignment.value = parse_expression();
      if (is("=")) {
        fail("E0100", peek().span, "expected a statement, found '='", "an assignment has no value; compare with '=='");
      }
      statement.kind = std::move(assignment);
      return;
    }
    if (call) {
      statement.kind = CallStatement{std::move(target)};
      return;
    }
    if (is("+") || is("-")) increment();
    if (is("*") || is("/") || is("%")) {
      if (peek(1).is("=") && peek(1).span.begin == peek().span.end) {
        const std::string op(peek().text);
        fail("E0105", cover(peek().span, peek(1).span), "there is no operator '" + op + "='",
             "write 'x = x " + op + " ...'");
      }
    }
    if (peek().kind == TokenKind::Bad) throw Failure{};
    const Span span = target->span;
    const std::string text = describe(tokens_[pos_ - 1]);
    if (pos_ == begin + 1 && (is("}") || peek().first_on_line)) {
      fail("E0104", span, "this statement does nothing: expected '=', '+=', '-=' or '(' after " + text,
           std::holds_alternative<NameExpression>(target->kind)
               ? "a call has parentheses: '" + std::string(tokens_[begin].text) + "()'"
               : "");
    }
    fail("E0104", peek().first_on_line ? span : peek().span,
         "expected '=', '+=', '-=' or '(' after " + text + ", found " + describe(peek()),
         comparison_operator() ? "a comparison alone is no statement" : "");
  }

  LocalStatement parse_local() {
    LocalStatement local;
    advance();
    if ((is("int") || is("bool") || (is_name() && is_foreign_type(peek().text))) && is_name(1))
      c_style_declaration(true);
    local.name = parse_name("the name of a variable");
    if (accept(":")) local.type = parse_type();
    if (!is("=")) {
      expected(local.type ? "'=' and a value" : "':' and a type, or '=' and a value",
               "a variable of a function starts with a value: 'var x = 0'");
    }
    advance();
    may_break(kClause);
    local.value = parse_expression();
    return local;
  }

  IfStatement parse_if() {
    Nest nest(*this);
    IfStatement result;
    advance();
    result.condition = parse_condition();
    result.then = parse_block();
    if (!accept("else")) return result;
    if (is("if")) {
      const std::size_t begin = pos_;
      auto nested = std::make_unique<Statement>();
      nested->kind = parse_if();
      nested->span = span_from(begin);
      Block block;
      block.braced = false;
      block.span = nested->span;
      block.statements.push_back(std::move(nested));
      result.otherwise = std::make_unique<Block>(std::move(block));
    } else {
      result.otherwise = std::make_unique<Block>(parse_block());
    }
    return result;
  }

  ForStatement parse_for() {
    ForStatement loop;
    advance();
    if (is("(")) {
      fail("E0112", peek().span, "expected the name of a variable after 'for', found '('",
           "write 'for x in lo..hi { ... }'");
    }
    loop.variable = parse_name("the name of a variable");
    if (!is("in")) expected("'in'", is("=") ? "write 'for x in lo..hi { ... }'" : "");
    advance();
    loop.domain = parse_domain(true, true);
    loop.body = parse_block();
    return loop;
  }

  EitherStatement parse_either() {
    EitherStatement either;
    const std::size_t begin = pos_;
    advance();
    either.branches.push_back(parse_block());
    item(begin);
    if (!is("or")) expected("'or' and another block", "'either' chooses between at least two blocks");
    while (is("or")) {
      const std::size_t branch = pos_;
      advance();
      either.branches.push_back(parse_block());
      item(branch);
    }
    return either;
  }

  ChooseStatement parse_choose() {
    ChooseStatement choose;
    advance();
    choose.variable = parse_name("the name of a variable");
    if (!is(":")) expected("':' and a type", is("in") ? "write 'choose x: int lo..hi'" : "");
    advance();
    choose.type = parse_type();
    if (is("where")) {
      may_break(kClause);
      advance();
      choose.where = parse_condition();
    }
    return choose;
  }

  /// A declaration begins here: also inside braces, since they may not have been closed.
  bool begins_declaration() const {
    if (is_declaration_keyword(peek())) return peek(1).kind != TokenKind::Punctuation;
    return peek().is_word("object") && peek(1).is("machine");
  }

  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;        // ends with End
  std::vector<TokenLayout> layout_;  // one for each token
  std::vector<Item> items_;
  std::unique_ptr<File> file_;

  std::size_t pos_ = 0;  // the next token
  int depth_ = 0;        // braces open before it
  int nesting_ = 0;      // see kMaxNesting
  int brackets_ = 0;     // see Bracket
  int expressions_ = 0;  // inside how many expressions
  int operators_ = 0;    // of the whole expression that is being read
  std::size_t errors_ = 0;
  std::size_t reported_at_ = 0;  // one more than the token of the last error; 0: none
  bool abandoned_ = false;       // nothing is read or reported any more
  bool stay_ = false;            // the failure under way has already found the place to go on
};

}  // namespace

std::unique_ptr<File> parse(FileId file, const SourceMap& sources, Diagnostics& diagnostics) {
  return std::move(parse_with_layout(file, sources, diagnostics).file);
}

ParsedText parse_with_layout(FileId file, const SourceMap& sources, Diagnostics& diagnostics) {
  return Parser(file, sources, diagnostics).run();
}

}  // namespace quiesce::model::syntax
