// The parser against docs/grammar.ebnf: reads the grammar, generates random sentences of bounded depth from
// it, and sees that the parser accepts each and that the formatter keeps its tree. Also sees that the list of
// keywords in the grammar is the lexer's.
#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "model/syntax/lexer.h"
#include "tests/unit/model/syntax/support.h"

namespace quiesce::model::syntax {
namespace {

/// A sentence of more bytes is brought to an end: the parser accepts no endless expressions.
constexpr std::size_t kLongSentence = 600;

/// A right-hand side: a tree of choices, sequences, options, repetitions, terminals and names of rules.
struct Node {
  enum class Kind { Choice, Sequence, Option, Repetition, Terminal, Rule } kind = Kind::Sequence;
  std::string text;            // of Terminal and Rule
  std::vector<Node> children;  // of the others; one of Option and Repetition
  int height = 1 << 20;        // least height of a derivation
};

/// ISO EBNF, as far as docs/grammar.ebnf uses it.
class GrammarReader {
 public:
  explicit GrammarReader(std::string text) : text_(std::move(text)) {}

  std::map<std::string, Node> read() {
    std::map<std::string, Node> rules;
    for (skip(); at_ < text_.size(); skip()) {
      const std::string name = word();
      expect('=');
      EXPECT_TRUE(rules.emplace(name, choice()).second) << "two rules for '" << name << "'";
      expect(';');
    }
    return rules;
  }

 private:
  void skip() {
    while (at_ < text_.size()) {
      if (text_.compare(at_, 2, "(*") == 0) {
        at_ = text_.find("*)", at_) + 2;
      } else if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else {
        return;
      }
    }
  }

  char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void expect(char c) {
    ASSERT_EQ(peek(), c) << "in docs/grammar.ebnf before: " << text_.substr(at_, 40);
    ++at_;
  }

  /// The name of a rule: words with single spaces between them.
  std::string word() {
    std::string name;
    while (std::isalpha(static_cast<unsigned char>(peek()))) {
      if (!name.empty()) name += ' ';
      while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_]))) name += text_[at_++];
    }
    return name;
  }

  Node choice() {
    Node node{Node::Kind::Choice, {}, {}, 1 << 20};
    node.children.push_back(sequence());
    while (peek() == '|') {
      ++at_;
      node.children.push_back(sequence());
    }
    return node;
  }

  Node sequence() {
    Node node{Node::Kind::Sequence, {}, {}, 1 << 20};
    node.children.push_back(factor());
    while (peek() == ',') {
      ++at_;
      node.children.push_back(factor());
    }
    return node;
  }

  Node factor() {
    const char c = peek();
    if (c == '"') {
      const std::size_t end = text_.find('"', at_ + 1);
      Node node{Node::Kind::Terminal, text_.substr(at_ + 1, end - at_ - 1), {}, 0};
      at_ = end + 1;
      return node;
    }
    if (c == '(' || c == '[' || c == '{') {
      ++at_;
      Node inner = choice();
      expect(c == '(' ? ')' : c == '[' ? ']' : '}');
      if (c == '(') return inner;
      Node node{c == '[' ? Node::Kind::Option : Node::Kind::Repetition, {}, {}, 0};
      node.children.push_back(std::move(inner));
      return node;
    }
    const std::string name = word();
    EXPECT_FALSE(name.empty()) << "in docs/grammar.ebnf before: " << text_.substr(at_, 40);
    if (name.empty()) ++at_;
    return {Node::Kind::Rule, name, {}, 1 << 20};
  }

  const std::string text_;
  std::size_t at_ = 0;
};

class Generator {
 public:
  Generator(std::map<std::string, Node> rules, unsigned seed) : rules_(std::move(rules)), random_(seed) {
    // Least heights, by relaxation.
    for (bool changed = true; changed;) {
      changed = false;
      for (auto& [name, node] : rules_) {
        const int before = node.height;
        measure(node);
        changed |= node.height != before;
      }
    }
  }

  const std::map<std::string, Node>& rules() const { return rules_; }
  const std::set<const Node*>& used() const { return used_; }

  std::string sentence(const std::string& rule, int depth) {
    out_.clear();
    derive_rule(rule, depth);
    return out_;
  }

 private:
  static bool is_lexical(const std::string& name) {
    return name == "identifier" || name == "integer" || name == "string";
  }

  void measure(Node& node) {
    int height = 0;
    switch (node.kind) {
      case Node::Kind::Choice:
        height = 1 << 20;
        for (Node& child : node.children) {
          measure(child);
          height = std::min(height, child.height);
        }
        break;
      case Node::Kind::Sequence:
        for (Node& child : node.children) {
          measure(child);
          height = std::max(height, child.height);
        }
        break;
      case Node::Kind::Option:
      case Node::Kind::Repetition:
        measure(node.children[0]);
        break;
      case Node::Kind::Terminal:
        break;
      case Node::Kind::Rule:
        if (!is_lexical(node.text)) {
          const auto found = rules_.find(node.text);
          EXPECT_NE(found, rules_.end()) << "no rule '" << node.text << "'";
          if (found != rules_.end()) height = std::min(1 << 20, found->second.height + 1);
        }
        break;
    }
    node.height = height;
  }

  std::size_t below(std::size_t end) { return random_() % end; }

  void derive(const Node& node, int depth) {
    used_.insert(&node);
    if (out_.size() > kLongSentence) depth = 0;  // ends it as soon as it can
    switch (node.kind) {
      case Node::Kind::Choice: {
        std::vector<const Node*> possible;
        int least = 1 << 20;
        for (const Node& child : node.children) least = std::min(least, child.height);
        for (const Node& child : node.children) {
          if (child.height <= std::max(depth, least)) possible.push_back(&child);
        }
        // What was never generated comes first, so that few sentences use the whole grammar.
        const auto fresh =
            std::find_if(possible.begin(), possible.end(), [&](const Node* child) { return used_.count(child) == 0; });
        return derive(fresh != possible.end() ? **fresh : *possible[below(possible.size())], depth);
      }
      case Node::Kind::Sequence:
        for (const Node& child : node.children) derive(child, depth);
        return;
      case Node::Kind::Option:
        if (node.children[0].height <= depth && (below(2) == 0 || used_.count(&node.children[0]) == 0))
          derive(node.children[0], depth);
        return;
      case Node::Kind::Repetition:
        if (node.children[0].height <= depth && used_.count(&node.children[0]) == 0) derive(node.children[0], depth);
        for (std::size_t n = below(4); n > 1 && node.children[0].height <= depth; --n) derive(node.children[0], depth);
        return;
      case Node::Kind::Terminal:
        out_ += node.text + " ";
        return;
      case Node::Kind::Rule:
        return derive_rule(node.text, depth - 1);
    }
  }

  void derive_rule(const std::string& name, int depth) {
    if (name == "identifier") {
      static const char* const kNames[] = {"a",       "b",      "c1",      "_d",  "Alpha", "status", "queue_length",
                                           "devices", "action", "handler", "rule"};
      // The last three begin declarations; behind a sign that may also end a type or begin a block they are not always
      // names.
      const std::size_t last = out_.find_last_not_of(' ');
      const bool plain = last != std::string::npos && std::string(">?*{}").find(out_[last]) != std::string::npos;
      out_ += std::string(kNames[below(plain ? 8 : 11)]) + " ";
      return;
    }
    if (name == "integer") {
      out_ += std::to_string(below(2) == 0 ? below(10) : 2147483647) + " ";
      return;
    }
    if (name == "string") {
      out_ += "\"text \\\" \\\\ \\n\" ";
      return;
    }
    // Where lines matter, and where the grammar is ambiguous, as it says at its end.
    const bool line = name == "statement" || name == "member" || name == "declaration" || name == "system member" ||
                      name == "use" || name == "signature" || name == "expect";
    if (line) out_ += "\n";
    const bool enclosed = name == "quantifier" || name == "array";
    if (enclosed) out_ += "( ";
    derive(rules_.at(name), depth);
    if (enclosed) out_ += ") ";
    if (line && name != "signature") out_ += "\n";
  }

  std::map<std::string, Node> rules_;
  std::mt19937 random_;
  std::set<const Node*> used_;
  std::string out_;
};

std::string grammar_text() { return read_text(std::filesystem::path(QUIESCE_SOURCE_DIR) / "docs" / "grammar.ebnf"); }

void expect_accepted(const std::string& sentence, const std::string& of) {
  const Parsed parsed(sentence);
  ASSERT_TRUE(parsed.ok()) << "a sentence of '" << of << "':\n" << sentence << "\n" << parsed.findings();
  const std::string formatted = parsed.formatted();
  const Parsed again(formatted);
  ASSERT_TRUE(again.ok()) << sentence << "\n-----\n" << formatted << again.findings();
  ASSERT_EQ(again.printed(), parsed.printed()) << sentence << "\n-----\n" << formatted;
  ASSERT_EQ(again.formatted(), formatted);
}

TEST(Grammar, GeneratedSentencesAreAccepted) {
  Generator generator(GrammarReader(grammar_text()).read(), 1);
  ASSERT_TRUE(generator.rules().count("file"));
  for (int round = 0; round < 150; ++round) {
    ASSERT_NO_FATAL_FAILURE(expect_accepted(generator.sentence("file", 6 + round % 40), "file")) << "round " << round;
  }
  // Each kind of declaration and statement by itself, since few of them occur in a random file.
  for (int round = 0; round < 1400; ++round) {
    const int depth = 4 + round % 36;
    ASSERT_NO_FATAL_FAILURE(expect_accepted(generator.sentence("declaration", depth), "declaration"))
        << "round " << round;
    ASSERT_NO_FATAL_FAILURE(expect_accepted(generator.sentence("check", depth), "check")) << "round " << round;
    ASSERT_NO_FATAL_FAILURE(expect_accepted("fn f() {" + generator.sentence("statement", depth) + "}", "statement"))
        << "round " << round;
    ASSERT_NO_FATAL_FAILURE(
        expect_accepted("fn f() {" + generator.sentence("if statement", depth) + "}", "if statement"))
        << "round " << round;
    ASSERT_NO_FATAL_FAILURE(expect_accepted("machine M {" + generator.sentence("member", depth) + "}", "member"))
        << "round " << round;
    ASSERT_NO_FATAL_FAILURE(expect_accepted("machine M {" + generator.sentence("handler", depth) + "}", "handler"))
        << "round " << round;
    ASSERT_NO_FATAL_FAILURE(
        expect_accepted("machine M {" + generator.sentence("member choice", depth) + "}", "member choice"))
        << "round " << round;
    ASSERT_NO_FATAL_FAILURE(expect_accepted("const c = " + generator.sentence("expression", depth), "expression"))
        << "round " << round;
    ASSERT_NO_FATAL_FAILURE(expect_accepted("machine M { v: " + generator.sentence("type", depth) + "}", "type"))
        << "round " << round;
  }
  // Nothing of the grammar was left out.
  const std::function<void(const std::string&, const Node&)> all_used = [&](const std::string& rule, const Node& node) {
    EXPECT_TRUE(generator.used().count(&node))
        << "a part of the rule '" << rule << "' was never generated: " << node.text;
    for (const Node& child : node.children) all_used(rule, child);
  };
  for (const auto& [name, node] : generator.rules()) all_used(name, node);
}

TEST(Grammar, ListsTheKeywordsOfTheLexer) {
  const std::string grammar = grammar_text();
  const std::string opening = "except behind a '.': ";
  const std::size_t begin = grammar.find(opening) + opening.size();
  ASSERT_NE(begin, std::string::npos + opening.size());
  std::istringstream list(grammar.substr(begin, grammar.find("with.", begin) + 4 - begin));
  std::set<std::string> listed;
  for (std::string word; list >> word;) listed.insert(word);
  for (const std::string& word : listed) EXPECT_TRUE(is_keyword(word)) << word;
  EXPECT_EQ(listed.size(), keyword_count());
}

// Every keyword and every word in quotes is a terminal of the grammar, so that the lexer knows no more than it.
TEST(Grammar, UsesEveryKeyword) {
  std::set<std::string> terminals;
  const std::function<void(const Node&)> collect = [&](const Node& node) {
    if (node.kind == Node::Kind::Terminal) terminals.insert(node.text);
    for (const Node& child : node.children) collect(child);
  };
  for (const auto& [name, node] : GrammarReader(grammar_text()).read()) collect(node);
  std::size_t keywords = 0;
  for (const std::string& terminal : terminals) keywords += is_keyword(terminal) ? 1 : 0;
  EXPECT_EQ(keywords, keyword_count());
}

}  // namespace
}  // namespace quiesce::model::syntax
