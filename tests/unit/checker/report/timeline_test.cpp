// Timelines and diagrams of stories made by hand.
#include "checker/report/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/report/diagrams.h"

namespace quiesce::checker {
namespace {

using ::testing::HasSubstr;

StoryStep step(std::string who, std::int32_t cpu, std::int64_t level, StoryLine line) {
  StoryStep told;
  told.who = std::move(who);
  told.role = "thread";
  told.cpu_before = told.cpu_after = cpu;
  told.level_before = told.level_after = level;
  told.lines.push_back(std::move(line));
  return told;
}

StoryLine line(StoryLine::Kind kind, std::string text) {
  StoryLine one;
  one.kind = kind;
  one.text = std::move(text);
  return one;
}

/// A thread raises its level, a handler interrupts it and breaks a rule; the hardware acts before.
Story story_with_levels() {
  Story told;
  told.steps.push_back(step("d.run", -1, 0, line(StoryLine::Kind::Statement, "a; b # c")));
  StoryStep raises = step("d.run", -1, 0, line(StoryLine::Kind::Statement, "raise DISPATCH"));
  raises.cpu_after = 0;
  raises.level_after = 2;
  told.steps.push_back(raises);
  StoryStep acts = step("d.fire", -1, 0, line(StoryLine::Kind::Act, "action fire"));
  acts.in_context = false;
  acts.lines.front().changes.push_back({"d.line", "false", "true"});
  told.steps.push_back(acts);
  StoryStep starts = step("d.isr", 0, 5, line(StoryLine::Kind::Start, "handler isr at 5"));
  starts.starts = true;
  told.steps.push_back(starts);
  return told;
}

TEST(Timeline, HasLevelsAsHeights) {
  EXPECT_EQ(timeline_text({}, story_with_levels(), 60),
            "  step                1\n"
            "  cpu 0     5         ...B\n"
            "            DISPATCH  .Aaa\n"
            "  no cpu              A...\n"
            "  hardware            ..*.\n"
            "  violation           ...!\n"
            "\n"
            "  A d.run, B d.isr; lower case: interrupted or waiting\n"
            "  there; * an action of the hardware\n"
            "\n");
}

TEST(Timeline, IsBrokenIntoBlocks) {
  Story told = story_with_levels();
  const Story more = story_with_levels();
  for (int i = 0; i < 6; ++i) {
    for (const StoryStep& one : more.steps) told.steps.push_back(one);
  }
  const std::string text = timeline_text({}, told, 45);
  EXPECT_THAT(text, HasSubstr("step                1        10        20\n"));
  EXPECT_THAT(text, HasSubstr("step                21\n"));
  EXPECT_EQ(timeline_text({}, {}, 60), "");
}

TEST(Timeline, MarksALoop) {
  Story told = story_with_levels();
  told.loop = 2;
  EXPECT_THAT(timeline_text({}, told, 60), HasSubstr("loop                ..@.\n"));
}

TEST(Diagrams, SendMessagesToWhatChanges) {
  const std::string text = mermaid({}, "t", story_with_levels(), "d.rule");
  EXPECT_THAT(text, HasSubstr("sequenceDiagram\n    participant p1 as d.run\n    participant p2 as hardware\n"));
  EXPECT_THAT(text, HasSubstr("p1->>p1: 1 a#59; b #35; c\n"));
  EXPECT_THAT(text, HasSubstr("p2->>p3: 3 d.line: false → true\n"));
  EXPECT_THAT(text, HasSubstr("Note over p4: 4 starts on cpu 0, 5\n"));
  EXPECT_THAT(text, HasSubstr("Note over p4: BROKEN: d.rule\n"));
}

TEST(Diagrams, OfPlantUmlBeginAndEnd) {
  Story told = story_with_levels();
  told.loop = 1;
  const std::string text = plantuml({}, "t", told, "d.no_rule");
  EXPECT_TRUE(text.starts_with("@startuml\ntitle t\nparticipant \"d.run\" as p1\n"));
  EXPECT_THAT(text, HasSubstr("loop forever\n"));
  EXPECT_TRUE(text.ends_with("end\nnote over p4: BROKEN: d.no~_rule\n@enduml\n"));
}

}  // namespace
}  // namespace quiesce::checker
