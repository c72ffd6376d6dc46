// Whole rendered texts are compared: the text of a diagnostic is a feature.
#include "model/base/diagnostic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce::model {
namespace {

/// A source map with one file, and spans found by their text.
class DiagnosticTest : public ::testing::Test {
 protected:
  FileId add(std::string name, std::string text) { return sources_.add(std::move(name), std::move(text)); }

  /// The first occurrence of `needle` in `file`.
  Span span(FileId file, std::string_view needle) const {
    const std::size_t at = sources_.file(file).text().find(needle);
    EXPECT_NE(at, std::string::npos) << needle;
    return Span{file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + needle.size())};
  }

  static Diagnostic error(Span where, std::string message) {
    Diagnostic d;
    d.code = "E0103";
    d.span = where;
    d.message = std::move(message);
    return d;
  }

  SourceMap sources_;
};

TEST_F(DiagnosticTest, UnderlinesTheSpanAndShowsLabelsAndNotes) {
  const FileId file = add("nic.qsm", "machine Nic {\n  fn enable() {\n  }\n  fn go() {\n    hw.enabel()\n  }\n}\n");
  Diagnostic d = error(span(file, "enabel"), "unknown function 'enabel'");
  d.labels.push_back({span(file, "enable"), "declared here"});
  d.notes.push_back("did you mean 'enable'?");
  EXPECT_EQ(render(d, sources_),
            "nic.qsm:5:8: error[E0103]: unknown function 'enabel'\n"
            " 5 |     hw.enabel()\n"
            "   |        ^^^^^^\n"
            " 2 |   fn enable() {\n"
            "   |      ------ declared here\n"
            "   = note: did you mean 'enable'?\n");
}

TEST_F(DiagnosticTest, AlignsLineNumbersOfDifferentLength) {
  const FileId file = add("a.qsm", "first\n" + std::string(98, '\n') + "second\n");
  Diagnostic d = error(span(file, "second"), "'second' repeats 'first'");
  d.labels.push_back({span(file, "first"), "declared here"});
  d.notes.push_back("a name is declared once");
  EXPECT_EQ(render(d, sources_),
            "a.qsm:100:1: error[E0103]: 'second' repeats 'first'\n"
            " 100 | second\n"
            "     | ^^^^^^\n"
            "   1 | first\n"
            "     | ----- declared here\n"
            "     = note: a name is declared once\n");
}

TEST_F(DiagnosticTest, LabelOnTheSameLineDoesNotRepeatIt) {
  const FileId file = add("a.qsm", "x = y + z\n");
  Diagnostic d = error(span(file, "y"), "'y' is 'bool', but 'z' is 'int'");
  d.labels.push_back({span(file, "z"), "'int'"});
  EXPECT_EQ(render(d, sources_),
            "a.qsm:1:5: error[E0103]: 'y' is 'bool', but 'z' is 'int'\n"
            " 1 | x = y + z\n"
            "   |     ^\n"
            "   |         - 'int'\n");
}

TEST_F(DiagnosticTest, LabelInAnotherFileNamesIt) {
  const FileId user = add("nic.qsm", "use wdm\nLine()\n");
  const FileId library = add("library:wdm/line.qsm", "module wdm\nmachine Line(l: Level)\n");
  Diagnostic d = error(span(user, "Line()"), "machine 'Line' takes 1 argument, but 0 are given");
  d.labels.push_back({span(library, "Line"), "declared here"});
  d.labels.push_back({span(user, "use wdm"), "brought in here"});
  EXPECT_EQ(render(d, sources_),
            "nic.qsm:2:1: error[E0103]: machine 'Line' takes 1 argument, but 0 are given\n"
            " 2 | Line()\n"
            "   | ^^^^^^\n"
            "  --> library:wdm/line.qsm:2:9\n"
            " 2 | machine Line(l: Level)\n"
            "   |         ---- declared here\n"
            "  --> nic.qsm:1:1\n"
            " 1 | use wdm\n"
            "   | ------- brought in here\n");
}

TEST_F(DiagnosticTest, SpanOverSeveralLinesShowsFirstAndLast) {
  const FileId file = add("a.qsm", "atomic {\n  x = 1\n  y = 2\n} rest\n");
  EXPECT_EQ(render(error(span(file, "atomic {\n  x = 1\n  y = 2\n}"), "block too long"), sources_),
            "a.qsm:1:1: error[E0103]: block too long\n"
            " 1 | atomic {\n"
            "   | ^^^^^^^^\n"
            " ...\n"
            " 4 | } rest\n"
            "   | ^\n");
  EXPECT_EQ(render(error(span(file, "x = 1\n  y"), "two lines"), sources_),
            "a.qsm:2:3: error[E0103]: two lines\n"
            " 2 |   x = 1\n"
            "   |   ^^^^^\n"
            " 3 |   y = 2\n"
            "   |   ^\n");
  EXPECT_EQ(render(error(span(file, "x = 1\n"), "line break included"), sources_),
            "a.qsm:2:3: error[E0103]: line break included\n"
            " 2 |   x = 1\n"
            "   |   ^^^^^\n");
}

TEST_F(DiagnosticTest, EmptySpanAndLineBreakGetOneCaret) {
  const FileId file = add("a.qsm", "x =\ny\n");
  EXPECT_EQ(render(error(Span{file, 3, 3}, "expected an expression"), sources_),
            "a.qsm:1:4: error[E0103]: expected an expression\n"
            " 1 | x =\n"
            "   |    ^\n");
  EXPECT_EQ(render(error(Span{file, 3, 4}, "expected an expression"), sources_),
            "a.qsm:1:4: error[E0103]: expected an expression\n"
            " 1 | x =\n"
            "   |    ^\n");
}

TEST_F(DiagnosticTest, SpanPastTheEndPointsBehindTheLastByte) {
  const FileId file = add("a.qsm", "x");
  EXPECT_EQ(render(error(Span{file, 1, 1}, "expected '='"), sources_),
            "a.qsm:1:2: error[E0103]: expected '='\n"
            " 1 | x\n"
            "   |  ^\n");
  EXPECT_EQ(render(error(Span{file, 90, 95}, "expected '='"), sources_),
            "a.qsm:1:2: error[E0103]: expected '='\n"
            " 1 | x\n"
            "   |  ^\n");
  EXPECT_EQ(render(error(Span{file, 0, 95}, "too long"), sources_),
            "a.qsm:1:1: error[E0103]: too long\n"
            " 1 | x\n"
            "   | ^\n");
}

TEST_F(DiagnosticTest, EmptyFile) {
  const FileId file = add("empty.qsm", "");
  EXPECT_EQ(render(error(Span{file, 0, 0}, "expected 'module'"), sources_),
            "empty.qsm:1:1: error[E0103]: expected 'module'\n"
            " 1 |\n"
            "   | ^\n");
}

TEST_F(DiagnosticTest, WindowsLineBreaksAreNotShown) {
  const FileId file = add("a.qsm", "one\r\ntwo\r\n");
  EXPECT_EQ(render(error(span(file, "one\r\ntwo"), "both"), sources_),
            "a.qsm:1:1: error[E0103]: both\n"
            " 1 | one\n"
            "   | ^^^\n"
            " 2 | two\n"
            "   | ^^^\n");
  EXPECT_EQ(render(error(span(file, "\r"), "line ends"), sources_),
            "a.qsm:1:4: error[E0103]: line ends\n"
            " 1 | one\n"
            "   |    ^\n");
}

TEST_F(DiagnosticTest, TabsAndWideLettersKeepTheCaretsAligned) {
  const FileId file = add("a.qsm", "\tx\ty\n\"\xC3\xA9\" z\n");
  EXPECT_EQ(render(error(span(file, "y"), "tabs"), sources_),
            "a.qsm:1:4: error[E0103]: tabs\n"
            " 1 | \tx\ty\n"
            "   | \t \t^\n");
  EXPECT_EQ(render(error(span(file, "z"), "two bytes, one place"), sources_),
            "a.qsm:2:6: error[E0103]: two bytes, one place\n"
            " 2 | \"\xC3\xA9\" z\n"
            "   |     ^\n");
}

TEST_F(DiagnosticTest, NothingThatSteersATerminalIsPrinted) {
  const FileId file = add("a.qsm", std::string("a\x1b[31m\0b\xff\xc2\x9b c\n", 14));
  EXPECT_EQ(render(error(span(file, "c"), "bytes"), sources_),
            "a.qsm:1:13: error[E0103]: bytes\n"
            " 1 | a?[31m?b?? c\n"
            "   |            ^\n");
}

TEST_F(DiagnosticTest, LongLinesAreCutAroundTheSpan) {
  const FileId file = add("a.qsm", std::string(500, 'a') + "HERE" + std::string(500, 'b') + "\n");
  EXPECT_EQ(render(error(span(file, "HERE"), "far right"), sources_),
            "a.qsm:1:501: error[E0103]: far right\n"
            " 1 | ..." +
                std::string(60, 'a') + "HERE" + std::string(96, 'b') +
                "...\n"
                "   | " +
                std::string(63, ' ') + "^^^^\n");
  const std::string all = render(error(Span{file, 0, 1004}, "all"), sources_);
  EXPECT_EQ(all,
            "a.qsm:1:1: error[E0103]: all\n"
            " 1 | " +
                std::string(160, 'a') +
                "...\n"
                "   | " +
                std::string(160, '^') + "\n");
}

TEST_F(DiagnosticTest, NowhereIsBuiltIn) {
  const FileId file = add("a.qsm", "pass\n");
  EXPECT_EQ(render(error(Span{}, "no module named 'x'"), sources_), "<built-in>: error[E0103]: no module named 'x'\n");
  Diagnostic d = error(span(file, "pass"), "'pass' is taken");
  d.labels.push_back({Span{}, "declared here"});
  EXPECT_EQ(render(d, sources_),
            "a.qsm:1:1: error[E0103]: 'pass' is taken\n"
            " 1 | pass\n"
            "   | ^^^^\n"
            "   = note: declared here (built in)\n");
}

TEST_F(DiagnosticTest, ColourOnlyOnRequest) {
  const FileId file = add("a.qsm", "x\n");
  Diagnostic d = error(span(file, "x"), "bad");
  d.severity = Severity::Warning;
  d.notes.push_back("why");
  EXPECT_EQ(render(d, sources_),
            "a.qsm:1:1: warning[E0103]: bad\n"
            " 1 | x\n"
            "   | ^\n"
            "   = note: why\n");
  EXPECT_EQ(render(d, sources_, true),
            "\x1b[1ma.qsm:1:1:\x1b[0m \x1b[1;35mwarning[E0103]:\x1b[0m \x1b[1mbad\x1b[0m\n"
            "\x1b[34m 1 |\x1b[0m x\n"
            "\x1b[34m   |\x1b[0m \x1b[1;35m^\x1b[0m\n"
            "   \x1b[34m=\x1b[0m \x1b[1mnote:\x1b[0m why\n");
}

TEST_F(DiagnosticTest, SinkSortsAndDropsRepeatedFindings) {
  const FileId first = add("a.qsm", "one two\n");
  const FileId second = add("b.qsm", "three\n");
  Diagnostics sink;
  EXPECT_FALSE(sink.has_errors());
  sink.warning("W0001", span(second, "three"), "late");
  EXPECT_FALSE(sink.has_errors());
  sink.error("E0002", Span{}, "nowhere");
  sink.error("E0002", span(first, "two"), "second").notes.push_back("kept");
  sink.error("E0002", span(first, "one"), "first");
  sink.error("E0002", span(first, "two"), "second").notes.push_back("dropped");
  sink.error("E0001", span(first, "two"), "same place, found later");
  EXPECT_TRUE(sink.has_errors());
  EXPECT_EQ(sink.error_count(), 5u);
  EXPECT_EQ(render(sink, sources_),
            "a.qsm:1:1: error[E0002]: first\n"
            " 1 | one two\n"
            "   | ^^^\n"
            "\n"
            "a.qsm:1:5: error[E0002]: second\n"
            " 1 | one two\n"
            "   |     ^^^\n"
            "   = note: kept\n"
            "\n"
            "a.qsm:1:5: error[E0001]: same place, found later\n"
            " 1 | one two\n"
            "   |     ^^^\n"
            "\n"
            "b.qsm:1:1: warning[W0001]: late\n"
            " 1 | three\n"
            "   | ^^^^^\n"
            "\n"
            "<built-in>: error[E0002]: nowhere\n");
}

TEST(NearestName, SuggestsOnlyWhatIsNearlyRight) {
  using ::testing::Optional;
  const std::vector<std::string> names = {"enable", "disable", "acknowledge", "DISPATCH", "x", "ab"};
  EXPECT_THAT(nearest_name("enabel", names), Optional(std::string("enable")));
  EXPECT_THAT(nearest_name("Enable", names), Optional(std::string("enable")));
  EXPECT_THAT(nearest_name("dispatch", names), Optional(std::string("DISPATCH")));
  EXPECT_THAT(nearest_name("aknowlege", names), Optional(std::string("acknowledge")));
  EXPECT_THAT(nearest_name("ac", names), Optional(std::string("ab")));
  EXPECT_EQ(nearest_name("y", names), std::nullopt);
  EXPECT_EQ(nearest_name("connect", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
  EXPECT_EQ(nearest_name("enable", {}), std::nullopt);
  EXPECT_EQ(nearest_name("enable", {"enable"}), std::nullopt);
}

TEST(NearestName, TakesTheNearestAndOfEqualsTheFirst) {
  using ::testing::Optional;
  EXPECT_THAT(nearest_name("count", {"counts", "counter", "coun"}), Optional(std::string("counts")));
  EXPECT_THAT(nearest_name("counted", {"counter", "counteds", "count"}), Optional(std::string("counter")));
  EXPECT_THAT(nearest_name("interrput", {"interrogate", "interrupt"}), Optional(std::string("interrupt")));
}

}  // namespace
}  // namespace quiesce::model
