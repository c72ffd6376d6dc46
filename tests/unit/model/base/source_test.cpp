#include "model/base/source.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quiesce::model {
namespace {

void expect_position(const SourceFile& file, std::uint32_t offset, std::uint32_t line, std::uint32_t column) {
  const LineColumn at = file.position(offset);
  EXPECT_EQ(at.line, line) << "offset " << offset;
  EXPECT_EQ(at.column, column) << "offset " << offset;
}

TEST(SourceFile, CountsLinesAndColumnsFromOne) {
  const SourceFile file("a.qsm", "ab\n\ncd");
  EXPECT_EQ(file.line_count(), 3u);
  expect_position(file, 0, 1, 1);
  expect_position(file, 2, 1, 3);  // the line break belongs to the line that it ends
  expect_position(file, 3, 2, 1);
  expect_position(file, 4, 3, 1);
  expect_position(file, 6, 3, 3);    // just behind the text
  expect_position(file, 100, 3, 3);  // past the end is the end
  EXPECT_EQ(file.line(1), "ab");
  EXPECT_EQ(file.line(2), "");
  EXPECT_EQ(file.line(3), "cd");
  EXPECT_EQ(file.line(0), "");
  EXPECT_EQ(file.line(4), "");
}

TEST(SourceFile, EmptyTextHasOneEmptyLine) {
  const SourceFile file("a.qsm", "");
  EXPECT_EQ(file.line_count(), 1u);
  expect_position(file, 0, 1, 1);
  expect_position(file, 7, 1, 1);
  EXPECT_EQ(file.line(1), "");
}

TEST(SourceFile, TextThatEndsWithALineBreakHasAnEmptyLastLine) {
  const SourceFile file("a.qsm", "ab\n");
  EXPECT_EQ(file.line_count(), 2u);
  expect_position(file, 3, 2, 1);
  EXPECT_EQ(file.line(2), "");
}

TEST(SourceFile, WindowsLineBreaksAreNotPartOfALine) {
  const SourceFile file("a.qsm", "ab\r\n\r\ncd\r\n");
  EXPECT_EQ(file.line(1), "ab");
  EXPECT_EQ(file.line(2), "");
  EXPECT_EQ(file.line(3), "cd");
  EXPECT_EQ(file.line(4), "");
  expect_position(file, 4, 2, 1);
  expect_position(file, 6, 3, 1);
  // A carriage return elsewhere is a byte like any other.
  EXPECT_EQ(SourceFile("b.qsm", "a\rb\n").line(1), "a\rb");
}

RC_GTEST_PROP(SourceFile, LinesAndPositionsAgreeWithTheText, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', '\n', '\r', '\t'));
  const SourceFile file("a.qsm", text);
  for (std::uint32_t offset = 0; offset <= text.size(); ++offset) {
    const LineColumn at = file.position(offset);
    const std::string before = text.substr(0, offset);
    const auto breaks = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
    RC_ASSERT(at.line == breaks + 1);
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    RC_ASSERT(at.column == offset - line_begin + 1);
    if (at.column <= file.line(at.line).size()) RC_ASSERT(file.line(at.line)[at.column - 1] == text[offset]);
  }
}

TEST(SourceMap, SpansPastTheEndAreCut) {
  SourceMap sources;
  const FileId file = sources.add("a.qsm", "hello");
  EXPECT_EQ(sources.text(Span{file, 1, 3}), "el");
  EXPECT_EQ(sources.text(Span{file, 3, 99}), "lo");
  EXPECT_EQ(sources.text(Span{file, 50, 99}), "");
  EXPECT_EQ(sources.text(Span{file, 3, 1}), "");
  EXPECT_EQ(sources.text(Span{}), "");
  EXPECT_EQ(sources.location(Span{file, 2, 3}), "a.qsm:1:3");
  EXPECT_EQ(sources.location(Span{file, 50, 99}), "a.qsm:1:6");
  EXPECT_EQ(sources.location(Span{}), "<built-in>");
}

TEST(SourceMap, FilesStayWhereTheyAreWhenMoreAreAdded) {
  SourceMap sources;
  const SourceFile* first = &sources.file(sources.add("0.qsm", "text"));
  for (int i = 1; i < 1000; ++i) sources.add(std::to_string(i) + ".qsm", "");
  EXPECT_EQ(first, &sources.file(FileId(0)));
  EXPECT_EQ(first->text(), "text");
  EXPECT_EQ(sources.size(), 1000u);
}

TEST(Span, CoverTakesTheSmallestSpanOfOneFile) {
  const FileId one(0), two(1);
  EXPECT_EQ(cover(Span{one, 2, 4}, Span{one, 7, 9}), (Span{one, 2, 9}));
  EXPECT_EQ(cover(Span{one, 7, 9}, Span{one, 2, 4}), (Span{one, 2, 9}));
  EXPECT_EQ(cover(Span{one, 2, 4}, Span{two, 0, 1}), (Span{one, 2, 4}));
  EXPECT_EQ(cover(Span{}, Span{one, 2, 4}), (Span{one, 2, 4}));
  EXPECT_EQ(cover(Span{one, 2, 4}, Span{}), (Span{one, 2, 4}));
  EXPECT_FALSE(cover(Span{}, Span{}).valid());
}

}  // namespace
}  // namespace quiesce::model
