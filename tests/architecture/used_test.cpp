// Nothing is there for the tests alone: every public function that a header declares is called by model/, checker/ or
// cli/, and every field of a struct of options is read there.
//
// The texts are read as tokens, without types: a name that some class uses hides another's that none does. A use counts
// only in a file that includes the header, so this is rarer than it sounds.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// Public functions that nothing but tests calls, with the reason.
const std::map<std::string, std::string>& exceptions() {
  static const std::map<std::string, std::string> reasons = {
      {"checker/search/frontier.h disk_bytes",
       "whether layers go to disk, and give the space back, shows nowhere else"},
      {"checker/store/lossy_store.h given_state_missed_probability",
       "the formula that missed_probability() sums up, held against counted misses"},
      {"checker/store/state_store.h peak_memory_bytes", "what grown_memory_bytes() promises is held against it"},
      {"model/base/source.h line_count", "the table of lines shows nowhere else"},
      {"model/syntax/lexer.h keyword_count", "docs/grammar.ebnf is compared with it"},
      {"model/system/print.h print_program", "tests show a part of a system"},
      {"model/system/validate.h validate", "the tests' judge of systems, which the searches rely on"},
  };
  return reasons;
}

using Tokens = std::vector<std::string>;

bool is_word(const std::string& token) { return std::isalpha(static_cast<unsigned char>(token[0])) || token[0] == '_'; }

/// Words, numbers, "->", "::", assignments and comparisons as one token each; all else character by character. No
/// comments, no lines of the preprocessor; strings are empty.
Tokens tokens_of(std::string_view text) {
  Tokens tokens;
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  bool at_begin_of_line = true;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::string_view rest = text.substr(at);
    if (c == '\n') at_begin_of_line = true;
    if (std::isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else if (rest.starts_with("//") || (c == '#' && at_begin_of_line)) {
      do {
        at = std::min(text.find('\n', at + 1), text.size());
      } while (at < text.size() && text[at - 1] == '\\');
    } else if (rest.starts_with("/*")) {
      at = std::min(text.find("*/", at), text.size() - 2) + 2;
    } else if (rest.starts_with("R\"")) {
      const std::string end = ")" + std::string(rest.substr(2, rest.find('(') - 2)) + "\"";
      at = std::min(text.find(end, at), text.size() - end.size()) + end.size();
      tokens.push_back("\"\"");
    } else if (c == '"' || (c == '\'' && (tokens.empty() || !std::isdigit(static_cast<unsigned char>(text[at - 1]))))) {
      for (++at; at < text.size() && text[at] != c; ++at) at += text[at] == '\\' ? 1 : 0;
      ++at;
      tokens.push_back("\"\"");
    } else if (is_letter(c)) {
      std::size_t end = at;
      while (end < text.size() && (is_letter(text[end]) || (text[end] == '\'' && std::isdigit(c)))) ++end;
      tokens.emplace_back(text.substr(at, end - at));
      at = end;
    } else {
      std::size_t length = 1;
      for (const char* pair : {"->", "::", "==", "!=", "<=", ">=", "+=", "-=", "|=", "&="}) {
        if (rest.starts_with(pair)) length = 2;
      }
      tokens.emplace_back(rest.substr(0, length));
      at += length;
    }
    at_begin_of_line = at_begin_of_line && at < text.size() && std::isspace(static_cast<unsigned char>(c));
  }
  return tokens;
}

struct Field {
  std::string type;  // the words before the name, one after the other
  std::string name;
};

/// What a file says, as far as it matters here.
struct FileFacts {
  std::set<std::string> public_functions;
  std::map<std::string, std::vector<Field>> structs;
  std::set<std::string> used;  // words that are no declarator; not those of a function in its own body
};

/// Goes through a file with the braces that are open.
class Reader {
 public:
  explicit Reader(const Tokens& tokens) : tokens_(tokens) {}

  FileFacts read() {
    scopes_.push_back({Kind::Namespace, "", true, true, ""});
    for (at_ = 0; at_ < tokens_.size(); ++at_) step(tokens_[at_]);
    return facts_;
  }

 private:
  enum class Kind { Namespace, Class, Body };
  struct Scope {
    Kind kind;
    std::string name;      // of a class
    bool is_public;        // what is declared here can be named from outside
    bool may_be_public;    // after "public:"
    std::string function;  // the body's
  };

  void step(const std::string& token) {
    Scope& scope = scopes_.back();
    const bool declares = scope.kind != Kind::Body && parentheses_ == 0;
    if (token == "(") {
      if (declares && angles_ == 0 && !has_initializer_) see_declarator();
      ++parentheses_;
    } else if (token == ")") {
      --parentheses_;
    } else if (token == "{") {
      open();
      return;
    } else if (token == "}") {
      scopes_.pop_back();
      if (scopes_.back().kind != Kind::Body && !ends_initializer()) begin_statement();
      return;
    } else if (declares && token == ";") {
      see_field();
      begin_statement();
      return;
    } else if (declares && token == ":" && statement_.size() == 1 &&
               (statement_[0] == "public" || statement_[0] == "private" || statement_[0] == "protected")) {
      scope.is_public = scope.may_be_public && statement_[0] == "public";
      begin_statement();
      return;
    } else if (declares && token == "=") {
      has_initializer_ = true;
    } else if (declares && token == "<") {
      ++angles_;
    } else if (declares && token == ">") {
      angles_ -= angles_ > 0 ? 1 : 0;
    }
    if (is_word(token) && is_use(token)) facts_.used.insert(token);
    if (scope.kind != Kind::Body) statement_.push_back(token);
  }

  std::string own_function() const { return scopes_.back().function; }

  /// Whether the word here calls a function or names one for something else to call. A function that calls itself does
  /// not use it; one that calls its namesake of a member does.
  bool is_use(const std::string& word) const {
    if (is_declarator() || at_ == 0 || at_ + 1 >= tokens_.size()) return false;
    const std::string& before = tokens_[at_ - 1];
    const std::string& after = tokens_[at_ + 1];
    if (word == own_function() && before != "." && before != "->") return false;
    const bool is_argument = (before == "(" || before == ",") && (after == ")" || after == ",");
    return after == "(" || after == "<" || before == "&" || before == "::" || is_argument;
  }

  /// Whether the word here is what a declaration or definition names.
  bool is_declarator() const {
    return scopes_.back().kind != Kind::Body && parentheses_ == 0 && angles_ == 0 && !has_initializer_ &&
           at_ + 1 < tokens_.size() && tokens_[at_ + 1] == "(";
  }

  void begin_statement() {
    // What overrides a function is called where the base's is.
    const bool overrides = std::find(statement_.begin(), statement_.end(), "override") != statement_.end();
    if (is_public_function_ && !overrides) facts_.public_functions.insert(declarator_);
    is_public_function_ = false;
    statement_.clear();
    declarator_.clear();
    has_initializer_ = false;
    angles_ = 0;
  }

  /// "X x{1};" and "X x = {1};" go on after their brace.
  bool ends_initializer() const {
    return at_ + 1 < tokens_.size() && (tokens_[at_ + 1] == ";" || tokens_[at_ + 1] == ",");
  }

  void see_declarator() {
    static const std::set<std::string> no_names = {"alignas", "decltype", "noexcept", "requires", "static_assert",
                                                   "void",    "bool",     "int",      "unsigned"};
    if (!declarator_.empty() || statement_.empty() || !is_word(statement_.back()) ||
        no_names.contains(statement_.back())) {
      return;
    }
    declarator_ = statement_.back();
    if (statement_.size() < 2) return;  // a constructor
    const std::string& before = statement_[statement_.size() - 2];
    const bool has_type = before != "~" && before != "explicit" && before != "constexpr" && before != "operator";
    const Scope& scope = scopes_.back();
    if (has_type && scope.is_public && declarator_ != scope.name && before != "::" &&
        std::find(statement_.begin(), statement_.end(), "operator") == statement_.end() && statement_[0] != "friend") {
      is_public_function_ = true;
    }
  }

  void see_field() {
    const Scope& scope = scopes_.back();
    if (scope.kind != Kind::Class || !declarator_.empty() || statement_.empty() || statement_[0] == "using" ||
        statement_[0] == "friend" || statement_[0] == "static") {
      return;
    }
    const auto end = std::find(statement_.begin(), statement_.end(), "=");
    if (end == statement_.begin() || !is_word(*std::prev(end))) return;
    Field field;
    field.name = *std::prev(end);
    for (auto part = statement_.begin(); part != std::prev(end); ++part) field.type += " " + *part;
    facts_.structs[scope.name].push_back(field);
  }

  void open() {
    Scope inner{Kind::Body, "", false, false, own_function()};
    const Scope& outer = scopes_.back();
    if (outer.kind != Kind::Body) {
      Tokens words = statement_;
      if (!words.empty() && words[0] == "template") {
        int depth = 0;
        std::size_t end = 1;
        do {
          depth += words[end] == "<" ? 1 : words[end] == ">" ? -1 : 0;
        } while (++end < words.size() && depth > 0);
        words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(end));
      }
      const std::string first = words.empty() ? "" : words[0] == "inline" && words.size() > 1 ? words[1] : words[0];
      if (first == "namespace" || first == "extern") {
        inner.kind = Kind::Namespace;
        inner.is_public = inner.may_be_public = true;
      } else if ((first == "class" || first == "struct" || first == "union") && declarator_.empty() &&
                 words.size() > 1) {
        inner.kind = Kind::Class;
        inner.name = words[1];
        inner.may_be_public = outer.is_public;
        inner.is_public = first != "class" && outer.is_public;
      } else {
        inner.function = declarator_;
      }
      if (inner.kind != Kind::Body) begin_statement();
    }
    scopes_.push_back(inner);
  }

  const Tokens& tokens_;
  std::size_t at_ = 0;
  std::vector<Scope> scopes_;
  Tokens statement_;        // of the innermost scope that is no body
  std::string declarator_;  // what it declares, once that is known
  bool is_public_function_ = false;
  bool has_initializer_ = false;
  int parentheses_ = 0;
  int angles_ = 0;
  FileFacts facts_;
};

FileFacts facts_of(std::string_view text) { return Reader(tokens_of(text)).read(); }

struct SourceFile {
  std::string path;  // relative to the repository
  Tokens tokens;
  FileFacts facts;
  std::set<std::string> includes;  // our own headers, directly
};

const std::map<std::string, SourceFile>& sources() {
  static const std::map<std::string, SourceFile> all = [] {
    std::map<std::string, SourceFile> result;
    const fs::path root = QUIESCE_SOURCE_DIR;
    for (const char* floor : {"model", "checker", "cli"}) {
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / floor)) {
        if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
        SourceFile source;
        source.path = fs::relative(entry.path(), root).generic_string();
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        source.tokens = tokens_of(text);
        source.facts = Reader(source.tokens).read();
        for (std::size_t at = 0; (at = text.find("#include \"", at)) != std::string::npos;) {
          at += 10;
          source.includes.insert(text.substr(at, text.find('"', at) - at));
        }
        result.emplace(source.path, std::move(source));
      }
    }
    return result;
  }();
  return all;
}

/// The headers that a file sees, itself included.
std::set<std::string> seen_by(const std::string& path) {
  std::set<std::string> seen = {path};
  std::vector<std::string> open = {path};
  while (!open.empty()) {
    const auto file = sources().find(open.back());
    open.pop_back();
    if (file == sources().end()) continue;
    for (const std::string& header : file->second.includes) {
      if (seen.insert(header).second) open.push_back(header);
    }
  }
  return seen;
}

TEST(Used, EveryPublicFunctionHasACallerOutsideTests) {
  ASSERT_FALSE(sources().empty());
  std::map<std::string, std::set<std::string>> used;  // by header: in files that see it
  for (const auto& [path, source] : sources()) {
    for (const std::string& header : seen_by(path)) {
      used[header].insert(source.facts.used.begin(), source.facts.used.end());
    }
  }
  std::size_t functions = 0;
  std::set<std::string> excused;
  for (const auto& [path, source] : sources()) {
    if (!path.ends_with(".h")) continue;
    for (const std::string& name : source.facts.public_functions) {
      ++functions;
      if (used[path].contains(name)) continue;
      if (const std::string key = path + " " + name; exceptions().contains(key)) {
        excused.insert(key);
      } else {
        ADD_FAILURE() << path << " declares " << name << "(), which nothing but tests calls";
      }
    }
  }
  EXPECT_GT(functions, 300u) << "the headers are not understood any more";
  for (const auto& [name, reason] : exceptions()) EXPECT_TRUE(excused.contains(name)) << name << " needs no exception";
}

// ------------------------------------------------------------------------------------------------- options

/// "LoadOptions" -> its fields, of all structs so named.
std::map<std::string, std::vector<Field>> option_structs() {
  std::map<std::string, std::vector<Field>> result;
  for (const auto& [path, source] : sources()) {
    for (const auto& [name, fields] : source.facts.structs) {
      if (name.ends_with("Options") || name == "Limits") result[name] = fields;
    }
  }
  return result;
}

/// Which fields ("LoadOptions::plain") the tokens read: "options.search.limits" where "CheckOptions options" was
/// declared last, be it in a header. What stands on the left of an assignment is not read.
std::set<std::string> fields_read(const Tokens& tokens, const std::vector<const Tokens*>& headers,
                                  const std::map<std::string, std::vector<Field>>& structs) {
  std::map<std::string, std::set<std::string>> types;  // by variable
  /// The variable that is declared there, or the end.
  const auto declared_at = [&](const Tokens& in, std::size_t at) {
    if (!structs.contains(in[at])) return in.end();
    auto name = in.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    while (name != in.end() && (*name == "&" || *name == "*")) ++name;
    return name != in.end() && is_word(*name) ? name : in.end();
  };
  for (const Tokens* header : headers) {
    for (std::size_t i = 0; i < header->size(); ++i) {
      if (const auto name = declared_at(*header, i); name != header->end()) types[*name].insert((*header)[i]);
    }
  }
  for (std::size_t i = 0; i < tokens.size(); ++i) {  // members may be declared behind their use
    const auto name = declared_at(tokens, i);
    if (name != tokens.end() && name->ends_with("_")) types[*name].insert(tokens[i]);
  }
  std::set<std::string> read;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto declared = declared_at(tokens, i);
    if (declared != tokens.end() && !declared->ends_with("_")) types[*declared] = {tokens[i]};
    const auto variable = types.find(tokens[i]);
    if (variable == types.end() || (i > 0 && (tokens[i - 1] == "." || tokens[i - 1] == "->"))) continue;
    std::set<std::string> possible = variable->second;
    std::set<std::string> passed;
    std::size_t at = i + 1;
    while (at + 1 < tokens.size() && (tokens[at] == "." || tokens[at] == "->")) {
      std::set<std::string> further;
      for (const std::string& type : possible) {
        for (const Field& field : structs.at(type)) {
          if (field.name != tokens[at + 1]) continue;
          passed.insert(type + "::" + field.name);
          for (const auto& [other, fields] : structs) {
            if (field.type.ends_with(" " + other)) further.insert(other);
          }
        }
      }
      possible = further;
      at += 2;
    }
    const bool is_written = at < tokens.size() && (tokens[at] == "=" || tokens[at] == "|=" || tokens[at] == "+=");
    if (!is_written) read.insert(passed.begin(), passed.end());
  }
  return read;
}

TEST(Used, EveryOptionIsRead) {
  const auto structs = option_structs();
  ASSERT_TRUE(structs.contains("LoadOptions"));
  ASSERT_TRUE(structs.contains("SearchOptions"));
  std::set<std::string> read;
  for (const auto& [path, source] : sources()) {
    std::vector<const Tokens*> headers;
    for (const std::string& header : source.includes) {
      if (const auto file = sources().find(header); file != sources().end()) headers.push_back(&file->second.tokens);
    }
    read.merge(fields_read(source.tokens, headers, structs));
  }
  for (const auto& [name, fields] : structs) {
    for (const Field& field : fields) {
      EXPECT_TRUE(read.contains(name + "::" + field.name)) << "nothing reads " << name << "::" << field.name;
    }
  }
}

/// An option of the command that is parsed is also looked at: its variable occurs outside "add_option(...)".
TEST(Used, EveryFlagOfTheCommandIsRead) {
  std::set<std::string> read;
  std::map<std::string, std::string> flags;  // by name: where
  for (const auto& [path, source] : sources()) {
    if (!path.starts_with("cli/")) continue;
    for (const auto& [name, fields] : source.facts.structs) {
      if (!name.ends_with("Flags")) continue;
      for (const Field& field : fields) flags[field.name] = path;
    }
    const Tokens& tokens = source.tokens;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i] == "add_option" || tokens[i] == "add_flag") {
        while (i < tokens.size() && tokens[i] != ";" && tokens[i] != ")") ++i;
      } else if (is_word(tokens[i]) && i + 1 < tokens.size() && tokens[i + 1] != ";" && tokens[i + 1] != "=") {
        read.insert(tokens[i]);
      } else if (i > 0 &&
                 (tokens[i - 1] == "." || tokens[i - 1] == "->" || tokens[i - 1] == "=" || tokens[i - 1] == "return")) {
        read.insert(tokens[i]);
      }
    }
  }
  EXPECT_GT(flags.size(), 20u);
  for (const auto& [name, path] : flags) EXPECT_TRUE(read.contains(name)) << path << ": nothing looks at " << name;
}

// The tests above are worth what the reader is worth.
TEST(Reader, FindsPublicFunctionsAndTheirUses) {
  const FileFacts facts = facts_of(R"cpp(
#pragma once
    namespace a {
    /// Calls nothing().
    struct Plain {
      std::function<bool(const Thing&)> wanted;
      int number = initial(3);
      bool is_good() const { return helper(number); }
    };
    template <class T>
    class Guarded {
     public:
      explicit Guarded(int n);
      ~Guarded();
      static std::optional<T> made(std::string text = default_text());
      Guarded& operator=(const Guarded&) = delete;

     private:
      int hidden();
      void told() override;
      int number_{0};
    };
    std::vector<std::pair<int, int>> pairs(const Plain& plain);
    inline int again(int n) { return n == 0 ? 0 : again(n - 1); }
    }  // namespace a
  )cpp");
  EXPECT_THAT(facts.public_functions, UnorderedElementsAre("is_good", "made", "pairs", "again"));
  for (const char* name : {"initial", "helper", "default_text"}) EXPECT_TRUE(facts.used.contains(name)) << name;
  for (const char* name : {"again", "nothing", "made", "pairs", "hidden"}) {
    EXPECT_FALSE(facts.used.contains(name)) << name;
  }
  ASSERT_FALSE(facts.structs.at("Plain").empty());
  EXPECT_EQ(facts.structs.at("Plain").back().name, "number");
}

TEST(Reader, TellsDefinitionsFromCalls) {
  const FileFacts facts = facts_of(R"cpp(
#include "a.h"
    int Guarded::made(int n) : base_(first(n)) {
      const auto both = [&] { return second(n) + Guarded::third(); };
      return both() ? "fourth()" : '"';
    }
    int outside() { return 1'000; }
  )cpp");
  for (const char* name : {"first", "second", "third"}) EXPECT_TRUE(facts.used.contains(name)) << name;
  for (const char* name : {"made", "fourth", "outside"}) EXPECT_FALSE(facts.used.contains(name)) << name;
}

TEST(Reader, TellsReadingOptionsFromSettingThem) {
  const std::map<std::string, std::vector<Field>> structs = {
      {"Inner", {{" int", "depth"}, {" int", "unread"}}},
      {"Outer", {{" a :: Inner", "inner"}, {" int", "set"}, {" int", "asked"}}},
  };
  const Tokens tokens = tokens_of(R"cpp(
    void f(const Outer& outer, Inner* other) {
      outer.set = 3;
      other->unread = outer.asked;
      if (outer.inner.depth == 2) g();
    })cpp");
  EXPECT_THAT(fields_read(tokens, {}, structs), UnorderedElementsAre("Outer::asked", "Outer::inner", "Inner::depth"));
}

}  // namespace
}  // namespace quiesce
