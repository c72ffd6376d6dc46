// A small family with its designs on disk: which changes of its conditions are noticed, by which design, and what the
// score says. Every kind of answer occurs.
#include "checker/mutation/campaign.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/mutation/score.h"

namespace quiesce::checker {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kRules = R"(module door.rules
rule door.shut_first { title "A door is shut before it is locked" }

machine Door(alarm: bool = false) {
  open: bool = false
  locked: bool = false
  ringing: bool = false

  atomic fn lock() {
    require door.shut_first: !open
    locked = true
  }
  atomic fn kick() {
    if alarm && locked { ringing = true }
  }
  fn unasked() -> bool = open && locked
  atomic fn swing_open() { open = true }
}
)";

constexpr const char* kWrong = R"(module wrong
use door
machine Child(d: ref door.Door) {
  thread t {
    d.swing_open()
    d.lock()
  }
}
system S {
  d: door.Door()
  c: Child(d)
}
check S expect violated door.shut_first
)";

constexpr const char* kRight = R"(module right
use door
machine Adult(d: ref door.Door) {
  thread t {
    d.lock()
    d.kick()
  }
}
system S {
  d: door.Door(alarm: true)
  a: Adult(d)
  reachable d.ringing
}
check S
)";

/// A family of its own in a folder of its own.
class Family : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("quiesce_mutation_" + std::to_string(getpid()));
    fs::create_directories(root_ / "door" / "designs");
    write("door/rules.qsm", kRules);
    write("door/designs/right.qsm", kRight);
    write("door/designs/wrong.qsm", kWrong);
    options_.library_directory = root_.generic_string();
    options_.jobs = 1;
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    std::ofstream(root_ / path) << text;
    files_.push_back({(root_ / path).generic_string(), text});
  }

  /// "was -> now" of those with this outcome.
  static std::vector<std::string> with(const Campaign& campaign, Notice notice) {
    std::vector<std::string> list;
    for (const TriedMutant& tried : campaign.tried) {
      if (tried.result.notice == notice) list.push_back(tried.mutant.was + " -> " + tried.mutant.now);
    }
    return list;
  }

  fs::path root_;
  std::vector<NamedText> files_;
  CampaignOptions options_;
};

TEST_F(Family, NoticesWhatItsDesignsAreAbout) {
  const Campaign campaign = run_campaign(files_, options_);
  ASSERT_THAT(campaign.problems, ElementsAre());
  EXPECT_EQ(campaign.designs, 2u);
  EXPECT_EQ(campaign.cases, 2u);
  EXPECT_THAT(with(campaign, Notice::Noticed),
              ElementsAre("!open -> true", "!open -> open", "alarm && locked -> !(alarm && locked)", "alarm -> !alarm",
                          "locked -> !locked"));
  // No design asks without an alarm or before it locks, and none calls unasked().
  EXPECT_THAT(
      with(campaign, Notice::Missed),
      ElementsAre("alarm && locked -> locked", "alarm && locked -> alarm", "open && locked -> !(open && locked)",
                  "open && locked -> locked", "open && locked -> open", "open -> !open", "locked -> !locked"));
  for (const TriedMutant& tried : campaign.tried) {
    if (tried.mutant.rule != "door.shut_first" || tried.mutant.kind != MutationKind::Remove) continue;
    EXPECT_THAT(tried.result.design, HasSubstr("wrong.qsm"));
    EXPECT_THAT(tried.result.difference, HasSubstr("'door.shut_first'"));
  }
}

TEST_F(Family, TellsWhetherDesignsRunIntoAChange) {
  const Campaign campaign = run_campaign(files_, options_);
  std::map<std::string, bool> differs;
  for (const TriedMutant& tried : campaign.tried)
    differs[tried.mutant.place + ": " + tried.mutant.was + " -> " + tried.mutant.now] = tried.result.differs;
  EXPECT_TRUE(differs.at("Door.kick: alarm && locked -> alarm"));
  EXPECT_FALSE(differs.at("Door.unasked: open -> !open"));
}

TEST_F(Family, IsJudgedAlikeByAnyNumberOfJobs) {
  const Campaign one = run_campaign(files_, options_);
  options_.jobs = 3;
  const Campaign three = run_campaign(files_, options_);
  EXPECT_EQ(mutants_text(one), mutants_text(three));
}

TEST_F(Family, IsTriedInPart) {
  options_.sample = 3;
  const Campaign some = run_campaign(files_, options_);
  EXPECT_EQ(some.tried.size(), 3u);
  EXPECT_EQ(some.mutants, 12u);
  EXPECT_EQ(mutants_text(some), mutants_text(run_campaign(files_, options_)));
  options_.sample = 0;
  options_.only = "kick";
  EXPECT_EQ(run_campaign(files_, options_).tried.size(), 5u);
}

TEST_F(Family, IsNotMutatedWhileADesignIsNotAsItExpects) {
  write("door/designs/broken.qsm", std::string(kRight) + "expect violated door.shut_first\n");
  const Campaign campaign = run_campaign(files_, options_);
  ASSERT_EQ(campaign.problems.size(), 1u);
  EXPECT_THAT(campaign.problems[0], HasSubstr("broken.qsm' is not as it expects before any change"));
}

TEST_F(Family, RefusesAModuleThatNoDesignUses) {
  options_.module = "window";
  EXPECT_THAT(run_campaign(files_, options_).problems, ElementsAre("nothing to mutate"));
}

TEST_F(Family, HasAScore) {
  const Campaign campaign = run_campaign(files_, options_);
  const auto reasons = parse_reasons(R"(
door.rules Door.kick
  was alarm && locked
  now locked
  because no design has a door without an alarm

door.rules Door.unasked equivalent
  was open && locked
  now open
  because nothing asks

door.rules Door.kick
  was alarm
  now !alarm
  because this is noticed
)");
  ASSERT_TRUE(reasons) << reasons.error();
  const Score score = score_of(campaign, *reasons, true);
  EXPECT_EQ(score.all.mutants, 12u);
  EXPECT_EQ(score.all.noticed, 5u);
  EXPECT_EQ(score.all.explained, 1u);
  EXPECT_EQ(score.all.equivalent, 1u);
  EXPECT_EQ(score.all.unexplained, 5u);
  EXPECT_EQ(score.all.permille(), 454u);
  ASSERT_EQ(score.unneeded.size(), 1u);
  EXPECT_EQ(score.unneeded[0]->now, "!alarm");
  EXPECT_THAT(score_text(campaign, score),
              HasSubstr("12 of 12 mutants tried on 2 designs with 2 cases: 45.4 % noticed"));
  EXPECT_THAT(score_markdown(campaign, score), HasSubstr("| **door** | 12 | 0 | 1 | 5 | 1 | 5 | 45.4 % |"));
}

}  // namespace
}  // namespace quiesce::checker
