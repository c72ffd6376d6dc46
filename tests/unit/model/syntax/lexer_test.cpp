#include "model/syntax/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce::model::syntax {
namespace {

using testing::ElementsAre;

struct Lexed {
  explicit Lexed(std::string text)
      : file(sources.add("test.qsm", std::move(text))), tokens(lex(file, sources, diagnostics)) {}

  std::vector<std::string> texts() const {
    std::vector<std::string> result;
    for (const Token& token : tokens.tokens) result.emplace_back(token.text);
    return result;
  }
  std::string codes() const {
    std::string result;
    for (const Diagnostic& diagnostic : diagnostics.sorted()) result += diagnostic.code + " ";
    return result;
  }

  SourceMap sources;
  Diagnostics diagnostics;
  FileId file;
  Tokens tokens;
};

TEST(Lexer, SplitsOperatorsLongestFirst) {
  const Lexed lexed("a<=b=>c==d!=e->f+=1..2...-=x&&!y||z");
  EXPECT_THAT(lexed.texts(), ElementsAre("a", "<=", "b", "=>", "c", "==", "d", "!=", "e", "->", "f", "+=", "1", "..",
                                         "2", "...", "-=", "x", "&&", "!", "y", "||", "z", ""));
  EXPECT_EQ(lexed.codes(), "");
}

TEST(Lexer, TellsKeywordsFromNames) {
  const Lexed lexed("machine machines level Level count object");
  std::vector<TokenKind> kinds;
  for (const Token& token : lexed.tokens.tokens) kinds.push_back(token.kind);
  EXPECT_THAT(kinds, ElementsAre(TokenKind::Keyword, TokenKind::Identifier, TokenKind::Identifier, TokenKind::Keyword,
                                 TokenKind::Identifier, TokenKind::Identifier, TokenKind::End));
}

TEST(Lexer, KnowsWhichTokensBeginALine) {
  const Lexed lexed("a b\nc /* x\ny */ d /* z */ e // f\ng");
  std::vector<bool> first;
  for (const Token& token : lexed.tokens.tokens) first.push_back(token.first_on_line);
  EXPECT_THAT(first, ElementsAre(true, false, true, true, false, true, false));
}

TEST(Lexer, KeepsCommentsWithTheirKindAndPlace) {
  const Lexed lexed("// one\nx // two  \n  /// three\n//// four\n/* five */ y");
  const auto& comments = lexed.tokens.comments;
  ASSERT_EQ(comments.size(), 5u);
  std::vector<CommentKind> kinds;
  std::vector<bool> own_line;
  std::vector<std::string> texts;
  for (const Comment& comment : comments) {
    kinds.push_back(comment.kind);
    own_line.push_back(comment.own_line);
    texts.emplace_back(lexed.sources.text(comment.span));
  }
  EXPECT_THAT(kinds, ElementsAre(CommentKind::Line, CommentKind::Line, CommentKind::Doc, CommentKind::Line,
                                 CommentKind::Block));
  EXPECT_THAT(own_line, ElementsAre(true, false, true, true, true));
  EXPECT_THAT(texts, ElementsAre("// one", "// two", "/// three", "//// four", "/* five */"));
}

TEST(Lexer, ReadsNumbersUpToTheLargest) {
  const Lexed lexed("0 2147483647");
  EXPECT_EQ(lexed.tokens.tokens[1].number, 2147483647);
  EXPECT_EQ(lexed.codes(), "");
  EXPECT_EQ(Lexed("2147483648").codes(), "E0004 ");
  EXPECT_EQ(Lexed("99999999999999999999999999999999").codes(), "E0004 ");
  EXPECT_EQ(Lexed("0x1G").codes(), "E0005 ");
  EXPECT_EQ(Lexed("3u").codes(), "E0005 ");
}

TEST(Lexer, ReplacesEscapesInStrings) {
  const Lexed lexed(R"("a \"b\" \\ \n \u{e4}")");
  EXPECT_EQ(lexed.tokens.tokens[0].string, "a \"b\" \\ \n {e4}");
  EXPECT_EQ(lexed.codes(), "E0006 ");
  EXPECT_EQ(Lexed("\"\xC3\xA4 \xE2\x82\xAC\"").tokens.tokens[0].string, "\xC3\xA4 \xE2\x82\xAC");
}

TEST(Lexer, SurvivesWhatIsNeverClosed) {
  EXPECT_EQ(Lexed("\"abc").codes(), "E0002 ");
  EXPECT_EQ(Lexed("\"abc\nx").codes(), "E0002 ");
  EXPECT_EQ(Lexed("\"abc\\").codes(), "E0002 ");
  EXPECT_EQ(Lexed("/* abc").codes(), "E0003 ");
  EXPECT_EQ(Lexed("/*/").codes(), "E0003 ");
}

TEST(Lexer, ReportsBytesThatAreNoText) {
  EXPECT_EQ(Lexed(std::string("a\0\0\0b", 5)).codes(), "E0001 ");
  EXPECT_EQ(Lexed("a \xFF b \xFE").codes(), "E0007 ");
  EXPECT_EQ(Lexed("// \xFF").codes(), "E0007 ");
  EXPECT_EQ(Lexed("a \xC3\xA4 b").codes(), "E0001 ");
  EXPECT_EQ(Lexed("\xEF\xBB\xBFmodule a").codes(), "");
}

TEST(Lexer, NoByteStopsIt) {
  for (int byte = 0; byte < 256; ++byte) {
    const Lexed lexed("a " + std::string(1, static_cast<char>(byte)) + " b");
    EXPECT_GE(lexed.tokens.tokens.size(), 3u) << byte;
    EXPECT_EQ(lexed.tokens.tokens.back().kind, TokenKind::End);
  }
}

}  // namespace
}  // namespace quiesce::model::syntax
