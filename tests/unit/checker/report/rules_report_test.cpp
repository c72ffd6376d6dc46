#include "checker/report/rules_report.h"

#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

Catalogue sample() {
  Catalogue rules;
  rules.push_back({"core.stuck", "core", "core", "Nobody waits forever", "", {}, {"specs/a/designs/hangs.qsm"}, {}});
  rules.push_back({"a.quiet",
                   "a",
                   "error",
                   "Quiet | silent before the end",
                   "Somebody would hear it.",
                   {"Doc, Remarks", "Other"},
                   {"specs/a/designs/loud.qsm"},
                   {"specs/a/designs/mute.qsm", "specs/b/designs/still.qsm"}});
  rules.push_back({"a.tidy", "a", "warning", "Tidy", "It is nicer.", {"Doc"}, {}, {}});
  return rules;
}

TEST(RulesReport, JsonIsReadBack) {
  const std::string json = catalogue_json(sample());
  const auto again = read_catalogue(json);
  ASSERT_TRUE(again.has_value());
  ASSERT_EQ(again->size(), 3u);
  EXPECT_EQ((*again)[1].kept_by, sample()[1].kept_by);
  EXPECT_EQ(catalogue_json(*again), json);
}

TEST(RulesReport, OtherTextIsNoCatalogue) {
  EXPECT_EQ(read_catalogue(""), std::nullopt);
  EXPECT_EQ(read_catalogue("{"), std::nullopt);
  EXPECT_EQ(read_catalogue("[]"), std::nullopt);
  EXPECT_EQ(read_catalogue(R"({"version": 2, "rules": []})"), std::nullopt);
  EXPECT_EQ(read_catalogue(R"({"version": 1, "rules": {}})"), std::nullopt);
  EXPECT_EQ(read_catalogue(R"({"version": 1, "rules": [1]})"), std::nullopt);
  EXPECT_EQ(read_catalogue(R"({"version": 1, "rules": [{"name": "a.b"}]})"), std::nullopt);
  EXPECT_TRUE(read_catalogue(R"({"version": 1, "rules": []})").has_value());
}

TEST(RulesReport, TableHasAColumnForEach) {
  EXPECT_EQ(catalogue_table(sample(), false),
            "rule        family  severity  title\n"
            "core.stuck  core    core      Nobody waits forever\n"
            "a.quiet     a       error     Quiet | silent before the end\n"
            "a.tidy      a       warning   Tidy\n"
            "\n"
            "3 rules; 'quiesce rules NAME' explains one\n");
}

TEST(RulesReport, TextOfARuleTellsAll) {
  EXPECT_EQ(rule_text(sample()[1], 110, false),
            "a.quiet  (error, family a)\n"
            "  Quiet | silent before the end\n"
            "  Because: Somebody would hear it.\n"
            "  Source: Doc, Remarks\n"
            "  Source: Other\n"
            "\n"
            "  Broken by\n"
            "    specs/a/designs/loud.qsm\n"
            "\n"
            "  Exercised and kept by\n"
            "    specs/a/designs/mute.qsm\n"
            "    specs/b/designs/still.qsm\n");
  EXPECT_EQ(rule_text(sample()[0], 110, false),
            "core.stuck  (core, family core)\n"
            "  Nobody waits forever\n"
            "\n"
            "  Broken by\n"
            "    specs/a/designs/hangs.qsm\n"
            "\n"
            "  Every other design keeps it.\n");
}

TEST(RulesReport, MarkdownLinksDesignsAndSections) {
  const std::string page = catalogue_markdown(sample());
  EXPECT_NE(page.find("## a\n\n| rule | severity | title |\n|---|---|---|\n"
                      "| [a.quiet](#aquiet) | error | Quiet \\| silent before the end |\n"
                      "| [a.tidy](#atidy) | warning | Tidy |\n"
                      "\n"
                      "### a.quiet\n"
                      "\n"
                      "**Quiet | silent before the end.** Somebody would hear it.\n"
                      "\n"
                      "- Source: Doc, Remarks\n"
                      "- Source: Other\n"
                      "- Broken by: [loud](../specs/a/designs/loud.qsm)\n"
                      "- Kept by: [mute](../specs/a/designs/mute.qsm), [still](../specs/b/designs/still.qsm)\n"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("- Severity: warning\n- Source: Doc\n- Broken by: none\n- Kept by: none\n"), std::string::npos);
}

}  // namespace
}  // namespace quiesce::checker
