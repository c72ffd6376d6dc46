// No text crashes the parser, and every rejection says where: random bytes, random tokens, and the designs of
// the repository with tokens missing, doubled, swapped or cut off. What is still accepted survives the
// formatter: same tree, same comments, and formatting twice is formatting once. The seed is fixed.
#include <gtest/gtest.h>

#include <random>

#include "model/syntax/lexer.h"
#include "tests/unit/model/syntax/support.h"

namespace quiesce::model::syntax {
namespace {

constexpr unsigned kSeed = 20260131;

void check(const std::string& text) {
  const Parsed parsed(text);
  for (const Diagnostic& diagnostic : parsed.diagnostics.sorted()) {
    ASSERT_TRUE(diagnostic.span.valid()) << text;
    ASSERT_LE(diagnostic.span.begin, diagnostic.span.end) << text;
    ASSERT_LE(diagnostic.span.end, text.size()) << text;
    for (const Label& label : diagnostic.labels) ASSERT_LE(label.span.end, text.size()) << text;
  }
  parsed.findings();
  const std::string formatted = parsed.formatted();
  const Parsed again(formatted);
  ASSERT_EQ(again.ok(), parsed.ok()) << text << "\n-----\n" << formatted << again.findings();
  if (!parsed.ok()) return;
  ASSERT_EQ(again.printed(), parsed.printed()) << text << "\n-----\n" << formatted;
  ASSERT_EQ(again.tree->comments.size(), parsed.tree->comments.size()) << text << "\n-----\n" << formatted;
  ASSERT_EQ(again.formatted(), formatted) << text;
}

std::size_t below(std::mt19937& random, std::size_t end) { return random() % end; }

/// The tokens, comments and white space of `text`.
std::vector<std::string> pieces(const std::string& text) {
  SourceMap sources;
  Diagnostics diagnostics;
  const Tokens tokens = lex(sources.add("x", text), sources, diagnostics);
  std::vector<std::string> result;
  std::size_t end = 0;
  for (const Token& token : tokens.tokens) {
    if (token.span.begin > end) result.push_back(text.substr(end, token.span.begin - end));
    end = token.span.end;
    result.emplace_back(token.text);
  }
  return result;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string result;
  for (const std::string& piece : pieces) result += piece;
  return result;
}

/// The texts to start from: a sample of the designs, or what a new repository would have.
std::vector<std::string> seeds() {
  std::vector<std::string> result;
  for (const std::filesystem::path& path : all_designs()) result.push_back(read_text(path));
  result.push_back(
      "module m\nuse n\nmachine M(a: bool) {\n  b: int 0..3 = 1\n  thread t { loop { await b > 0  b -= 1 } }\n}\n");
  return result;
}

TEST(SyntaxFuzz, RandomBytes) {
  std::mt19937 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    std::string text(below(random, 80), ' ');
    for (char& c : text) c = static_cast<char>(round % 2 == 0 ? below(random, 256) : 32 + below(random, 96));
    ASSERT_NO_FATAL_FAILURE(check(text)) << "round " << round;
  }
}

TEST(SyntaxFuzz, RandomTokens) {
  std::mt19937 random(kSeed);
  std::vector<std::string> words{"\n", "\n", "// c\n", "/* c */", "\"s\"", "0", "7", "x", "y"};
  for (const std::string& seed : seeds()) {
    for (const std::string& piece : pieces(seed)) words.push_back(piece);
    if (words.size() > 4000) break;
  }
  for (int round = 0; round < 2000; ++round) {
    std::string text = round % 3 == 0 ? "machine M {\n" : round % 3 == 1 ? "fn f() {\n" : "";
    for (std::size_t i = below(random, 40); i > 0; --i) text += words[below(random, words.size())] + " ";
    ASSERT_NO_FATAL_FAILURE(check(text)) << "round " << round;
  }
}

TEST(SyntaxFuzz, DamagedDesigns) {
  std::mt19937 random(kSeed);
  const std::vector<std::string> texts = seeds();
  for (int round = 0; round < 600; ++round) {
    const std::string& text = texts[below(random, texts.size())];
    std::vector<std::string> parts = pieces(text);
    if (parts.empty()) continue;
    switch (round % 4) {
      case 0:
        ASSERT_NO_FATAL_FAILURE(check(text.substr(0, below(random, text.size() + 1)))) << "round " << round;
        continue;
      case 1:
        for (std::size_t i = 1 + below(random, 4); i > 0; --i) parts[below(random, parts.size())].clear();
        break;
      case 2:
        for (std::size_t i = 1 + below(random, 4); i > 0; --i)
          parts[below(random, parts.size())] = parts[below(random, parts.size())];
        break;
      default:
        for (std::size_t i = 1 + below(random, 4); i > 0; --i)
          std::swap(parts[below(random, parts.size())], parts[below(random, parts.size())]);
        break;
    }
    ASSERT_NO_FATAL_FAILURE(check(joined(parts))) << "round " << round;
  }
}

// White space, comments and ';' anywhere: most of these are accepted, and the formatter has to cope.
TEST(SyntaxFuzz, ScatteredComments) {
  std::mt19937 random(kSeed);
  const std::vector<std::string> texts = seeds();
  const std::vector<std::string> inserts{
      "\n", "\n\n\n",     " // c\n",       "\n// own\n", " /* b */ ", "/* two\nlines */", "\n/* own */\n",
      ";",  " /// doc\n", "\n  /// doc\n", "  "};
  for (int round = 0; round < 600; ++round) {
    std::vector<std::string> parts = pieces(texts[below(random, texts.size())]);
    for (std::size_t i = 1 + below(random, 10); i > 0; --i) {
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(below(random, parts.size() + 1)),
                   inserts[below(random, inserts.size())]);
    }
    ASSERT_NO_FATAL_FAILURE(check(joined(parts))) << "round " << round;
  }
}

}  // namespace
}  // namespace quiesce::model::syntax
