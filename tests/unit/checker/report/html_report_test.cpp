// Pages and pictures of stories made by hand: what is in them, and that no text of a design becomes markup.
#include "checker/report/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "checker/report/timeline_svg.h"

namespace quiesce::checker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr const char* kHostile = "</script><img src=x onerror=alert(1)> \"quoted\" & 'more' {{data}} \xe2\x80\xa8";

StoryStep step(std::string who, std::string text) {
  StoryStep told;
  told.who = std::move(who);
  told.role = "thread";
  StoryLine line;
  line.text = std::move(text);
  told.lines.push_back(std::move(line));
  return told;
}

/// Two steps of one thread that change one of two variables and a lock.
Story story() {
  Story told;
  told.variables = {{"d.busy", "false", StoryVariable::Kind::Truth, false},
                    {"d.count", "0", StoryVariable::Kind::Other, false},
                    {"d.lock", "free", StoryVariable::Kind::Lock, false}};
  told.steps = {step("d.run", kHostile), step("d.run", "busy = true")};
  told.values = {{{2, "held by d.run"}}, {{0, "true"}}};
  return told;
}

struct Told {
  model::TransitionSystem system;
  model::SourceMap sources;
  Story story = checker::story();
  ToldRun run;

  Told() {
    model::Rule rule;
    rule.name = "d.rule";
    rule.title = kHostile;
    rule.citations = {"KeFlushQueuedDpcs function, Remarks", "A book, Chapter 1"};
    system.rules.push_back(rule);
    const model::FileId file = sources.add("d.qsm", "busy = true\n// </script> in the text\n");
    story.steps[1].lines[0].span = {file, 0, 11};
    run.system = &system;
    run.sources = &sources;
    run.story = &story;
    run.file = "d<b>.qsm";
    run.rule = "d.rule";
    run.note = "It breaks.";
    run.tool_version = "1.2.3";
  }
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// What the script element of `page` holds.
Json data_of(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(begin) + begin.size();
  return Json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(ScriptJson, HasNoMarkupAndMeansTheSame) {
  const Json json{{"title", kHostile}};
  const std::string text = script_json(json.dump());
  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_THAT(text, Not(HasSubstr(">")));
  EXPECT_THAT(text, Not(HasSubstr("&")));
  EXPECT_EQ(Json::parse(text), json);
}

TEST(FilledPage, LeavesWhatWasPutInAsItIs) {
  const auto parts = [](std::string_view name) { return "[{{" + std::string(name) + "}}]"; };
  EXPECT_EQ(filled_page("a {{b}} c {{d}}{{e}", parts), "a [{{b}}] c [{{d}}]{{e}");
  EXPECT_EQ(filled_page("", parts), "");
}

TEST(HtmlRun, KeepsHostileTextAsData) {
  const Told told;
  const std::string page = html_run(told.run);
  EXPECT_EQ(count(page, "</script>"), 2u);
  EXPECT_EQ(count(page, "<img"), 0u);
  EXPECT_EQ(count(page, "{{"), count(page, "{{data}}")) << "a part of the frame is not filled";
  EXPECT_THAT(page, HasSubstr("<title>quiesce explain: d&lt;b&gt;.qsm</title>"));
  const Json rule = data_of(page).at("files")[0].at("checks")[0].at("rules")[0];
  EXPECT_EQ(rule.at("title"), kHostile);
}

TEST(HtmlRun, NeedsNothingFromTheNetwork) {
  const Told told;
  const std::string page = html_run(told.run);
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* loads : {"<link rel=\"stylesheet\"", "<script src", "@import", "url(", "fetch("}) {
    EXPECT_THAT(page, Not(HasSubstr(loads)));
  }
}

TEST(HtmlRun, HasLandmarksAndALiveRegion) {
  const Told told;
  const std::string page = html_run(told.run);
  for (const char* part : {"<html lang=\"en\">", "<header", "<nav aria-label=", "<main>", "<footer>",
                           "aria-live=\"polite\"", "<noscript>", "<button type=\"button\" id=\"next\""}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(HtmlRun, HoldsWhatChangesAndTheTextsThatItPasses) {
  const Told told;
  const Json data = data_of(html_run(told.run));
  const Json broken = data.at("files")[0].at("checks")[0].at("broken")[0];
  EXPECT_EQ(broken.at("values"), Json::parse(R"([[[2, "held by d.run"]], [[0, "true"]]])"));
  EXPECT_EQ(broken.at("variables")[1].at("name"), "d.count");
  EXPECT_EQ(broken.at("loop"), nullptr);
  EXPECT_EQ(broken.at("timeline"), "timeline-1");
  EXPECT_EQ(data.at("sources").at("d.qsm"), "busy = true\n// </script> in the text\n");
  EXPECT_EQ(data.at("documents").size(), 1u);
  EXPECT_EQ(data.at("note"), "It breaks.");
}

TEST(HtmlRun, HoldsWhatWouldHaveMadeTheDifference) {
  Told told;
  told.run.why = {{"Had it run.", {1}}, {"Every run does.", {0, 1}}};
  const Json data = data_of(html_run(told.run));
  EXPECT_EQ(data.at("files")[0].at("checks")[0].at("broken")[0].at("why"),
            Json::parse(R"([{"text": "Had it run.", "steps": [2]}, {"text": "Every run does.", "steps": [1, 2]}])"));
}

/// A run that was told alone says where it is among the states of its case; a case that is too large is named.
TEST(HtmlRun, HoldsTheStatesOfItsCase) {
  Told told;
  EXPECT_FALSE(data_of(html_run(told.run)).contains("explore"));
  told.run.case_title = "Small with n = 1";
  EXPECT_EQ(data_of(html_run(told.run)).at("explore"),
            Json::parse(R"({"graphs": [], "left_out": ["Small with n = 1"]})"));
  ExploredGraph graph;
  graph.nodes = {{0, {}, {}, {}}};
  graph.initial = {0};
  told.run.graph = &graph;
  told.run.graph_nodes = {0};
  const Json data = data_of(html_run(told.run));
  EXPECT_EQ(data.at("explore").at("graphs").at(0).at("title"), "Small with n = 1");
  EXPECT_EQ(data.at("explore").at("left_out"), Json::array());
  EXPECT_EQ(data.at("files")[0].at("checks")[0].at("broken")[0].at("explore"),
            Json::parse(R"({"graph": 0, "nodes": [0]})"));
}

/// Values that many states share stand in the page once, and text of a design stays data.
TEST(HtmlReport, HoldsTheStatesThatCanBeExplored) {
  const Told told;
  ExploredGraph graph;
  graph.variables = {{"d.run", "not running", {}, false}, {"d.busy", "false", {}, false}};
  graph.contexts = 1;
  graph.deeds = {{"d.run (thread)", kHostile, told.story.steps[1].lines[0].span}};
  graph.rules = {"d.rule"};
  graph.nodes = {{0, {}, {{0, 1, {}}}, {}}, {0, {{1, "not running"}}, {{0, std::nullopt, {0}}}, {0}}};
  graph.initial = {0};
  PageAdditions additions;
  additions.explore = [&](const CaseOutcome&, const model::SourceMap&) { return &graph; };
  CheckedFiles checked;
  CheckedFile& file = checked.files.emplace_back();
  file.sources = &told.sources;
  CaseOutcome case_;
  case_.title = "Small";
  case_.system = &told.system;
  file.checks.push_back(outcome_of({case_, case_}));
  const std::string page = html_report(checked, additions);
  EXPECT_EQ(count(page, "<img"), 0u);
  const Json explore = data_of(page).at("explore");
  ASSERT_EQ(explore.at("graphs").size(), 1u) << "one case of a check";
  const Json one = explore.at("graphs")[0];
  EXPECT_EQ(one.at("title"), "Small");
  EXPECT_EQ(one.at("values"), Json::parse(R"(["not running", "false"])"));
  EXPECT_EQ(one.at("variables"), Json::parse(R"([["d.run", 0], ["d.busy", 1]])"));
  EXPECT_EQ(one.at("nodes"), Json::parse(R"([[0, [], [[0, 1]]], [0, [1, 0], [[0, -1, 0]], [0]]])"));
  EXPECT_EQ(one.at("deeds")[0][1], kHostile);
  EXPECT_EQ(one.at("deeds")[0][2].at("line"), 1);
  EXPECT_TRUE(data_of(page).at("sources").contains("d.qsm")) << "the text of what can be done";
  EXPECT_EQ(explore.at("left_out"), Json::array());

  additions.explore = [](const CaseOutcome&, const model::SourceMap&) -> const ExploredGraph* { return nullptr; };
  EXPECT_EQ(data_of(html_report(checked, additions)).at("explore").at("left_out"), Json::parse(R"(["Small"])"));
}

TEST(HtmlReport, OfNothingIsAPage) {
  CheckedFiles checked;
  checked.tool_version = "1.2.3";
  checked.files.emplace_back();
  checked.files[0].name = "missing.qsm";
  checked.files[0].problem = "cannot read 'missing.qsm'";
  const std::string page = html_report(checked);
  EXPECT_THAT(page, HasSubstr("<h1>quiesce check: missing.qsm</h1>"));
  EXPECT_EQ(data_of(page).at("files")[0].at("problem"), "cannot read 'missing.qsm'");
}

/// A run of 160 steps with 100 variables: a page keeps changes, not states.
TEST(HtmlRun, StaysSmallForLongRuns) {
  Told told;
  told.story.variables.clear();
  told.story.steps.clear();
  told.story.values.clear();
  for (int i = 0; i < 100; ++i) {
    told.story.variables.push_back({"device.part.variable" + std::to_string(i), "false", {}, false});
  }
  const Story empty = told.story;
  const std::size_t before = html_run(told.run).size();
  for (std::size_t i = 0; i < 160; ++i) {
    told.story.steps.push_back(step("device.part.run", "variable = true"));
    told.story.values.push_back({{i % 100, i < 100 ? "true" : "false"}, {(i + 7) % 100, "true"}});
  }
  EXPECT_LT(html_run(told.run).size() - before, 120'000u);
}

TEST(TimelineSvg, DrawsContextsAndWhatChanges) {
  const std::string svg = timeline_svg({}, story(), "a \"name\"");
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_THAT(svg, HasSubstr("aria-label=\"a &quot;name&quot;\""));
  EXPECT_EQ(count(svg, "class=\"acts w0\""), 1u) << "two steps in one row are one bar";
  EXPECT_THAT(svg, HasSubstr(">d.busy</text>"));
  EXPECT_THAT(svg, HasSubstr("<title>held by d.run</title>"));
  EXPECT_THAT(svg, Not(HasSubstr("d.count"))) << "it does not change";
  EXPECT_EQ(count(svg, "class=\"bad\""), 0u) << "nothing is broken";
  EXPECT_THAT(svg, Not(HasSubstr("<style>")));
  EXPECT_THAT(timeline_svg_file({}, story(), "a"), HasSubstr("<style>"));
  EXPECT_EQ(timeline_svg({}, {}, "a"), "");
}

TEST(TimelineSvg, MarksTheViolationOrTheLoop) {
  Story told = story();
  told.rule = model::RuleId(0);
  EXPECT_EQ(count(timeline_svg({}, told, ""), "class=\"bad\""), 1u);
  told.loop = 1;
  const std::string svg = timeline_svg({}, told, "");
  EXPECT_EQ(count(svg, "class=\"bad\""), 0u);
  EXPECT_EQ(count(svg, "class=\"loop\""), 1u);
  EXPECT_EQ(count(svg, "class=\"loop-arrow\""), 1u);
}

TEST(TimelineSvg, SaysHowManyRowsAreLeftOut) {
  Story told = story();
  for (std::size_t i = 0; i < 50; ++i) {
    told.variables.push_back({"v" + std::to_string(i), "0", {}, false});
    told.values[0].push_back({3 + i, "1"});
  }
  EXPECT_THAT(timeline_svg({}, told, ""), HasSubstr(">and 12 more</text>"));
}

}  // namespace
}  // namespace quiesce::checker
