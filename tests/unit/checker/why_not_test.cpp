// Why a context cannot act (checker/report/why_not.h), asked on designs stepped by hand.
#include <memory>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/load.h"
#include "checker/rerun.h"
#include "checker/simulation.h"

namespace quiesce::checker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Walk {
 public:
  explicit Walk(std::string_view text) : design_(load_design("walk.qsm", std::string(text), {})) {
    EXPECT_TRUE(design_->ok()) << model::render(design_->diagnostics, design_->sources);
    simulation_ = std::make_unique<Simulation>(unreduced(design_->checks.front().cases.front()), design_->sources);
  }

  /// Takes the first offer of each of these contexts or actions in turn.
  void take(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto& offers = simulation_->offers();
      const auto found = std::find_if(offers.begin(), offers.end(),
                                      [&](const Offer& offer) { return offer.who.starts_with(name + " ("); });
      ASSERT_NE(found, offers.end()) << name << " cannot step";
      simulation_->take(static_cast<std::size_t>(found - offers.begin()));
    }
  }

  std::string why(const std::string& name) const {
    const auto answer = simulation_->why_not(name);
    return answer ? why_not_text(*answer) : answer.error();
  }

 private:
  std::unique_ptr<LoadedDesign> design_;
  std::unique_ptr<Simulation> simulation_;
};

constexpr std::string_view kLocks = R"(module walk
machine Locks {
  m: mutex
  count: int 0..3 = 0
  ready: bool = false
}
system S {
  cpus 1
  locks: Locks()
  thread holder {
    acquire locks.m
    locks.count = 1
    release locks.m
  }
  thread waiter {
    acquire locks.m
    release locks.m
  }
  thread asker { await locks.ready && !(locks.count == 0 || locks.count > 2) }
  action set when locks.count == 3 { locks.ready = true }
}
check S
)";

TEST(WhyNot, NamesTheLockAndWhatHoldsIt) {
  Walk walk(kLocks);
  walk.take({"holder"});
  EXPECT_EQ(walk.why("waiter"),
            "  waiter (thread) cannot act: it stands before 'acquire locks.m' (walk.qsm:16), floating at PASSIVE\n"
            "    waits for mutex 'locks.m', held by holder, which stands before 'locks.count = 1' (walk.qsm:12), "
            "floating at PASSIVE\n");
}

TEST(WhyNot, TellsEachFalsePartWithWhatItReads) {
  Walk walk(kLocks);
  const std::string before = walk.why("asker");
  EXPECT_THAT(before, HasSubstr("what it waits for is false: locks.ready (locks.ready is false)\n"));
  EXPECT_THAT(before, HasSubstr("locks.count is 0"));
  walk.take({"holder", "holder"});
  const std::string after = walk.why("asker");
  EXPECT_THAT(after, HasSubstr("locks.ready is false"));
  EXPECT_THAT(after, Not(HasSubstr("locks.count is")));
}

TEST(WhyNot, TellsTheGuardOfAnAction) {
  EXPECT_EQ(Walk(kLocks).why("set"),
            "  set (action) cannot act\n    its condition is false: locks.count == 3 (locks.count is 0)\n");
}

TEST(WhyNot, SaysWhatCanActAndWhatHasEnded) {
  Walk walk(kLocks);
  EXPECT_EQ(walk.why("waiter"),
            "  waiter (thread) can act: it stands before 'acquire locks.m' (walk.qsm:16), floating at PASSIVE\n"
            "    'acquire locks.m' (walk.qsm:16)\n");
  walk.take({"waiter", "waiter", "waiter"});
  EXPECT_EQ(walk.why("waiter"), "  waiter (thread) cannot act\n    has ended\n");
}

TEST(WhyNot, KnowsTheNearestName) {
  EXPECT_EQ(Walk(kLocks).why("waitr"), "there is no thread, handler or action 'waitr'; did you mean 'waiter'?");
  EXPECT_EQ(Walk(kLocks).why("waiter #2"), "there is no 'waiter #2': it has fewer activations");
}

constexpr std::string_view kLevels = R"(module walk
machine Device {
  wired: bool = true
  home: Cpu? = null
  thread start {
    raise 4
    wired = true
    lower 0
  }
  handler isr at 5 when wired { accept { wired = false }  pass }
  handler slow at 3 when true { pass }
  urgent handler dpc at 6 on home when home != null { accept { home = null }  pass }
}
system S {
  cpus 1
  device: Device()
  action queue when device.home == null { choose c: Cpu  device.home = c }
}
check S
)";

TEST(WhyNot, TellsWhatBuriesAndWhatMasks) {
  Walk walk(kLevels);
  walk.take({"device.start", "device.isr"});
  EXPECT_THAT(walk.why("start"), HasSubstr("is buried on cpu 0 under device.isr at 5\n"));
  EXPECT_THAT(walk.why("slow"), HasSubstr("its level is masked on cpu 0 by device.start at 4, device.isr at 5\n"));
  EXPECT_THAT(walk.why("device.isr"), HasSubstr("can act"));
}

TEST(WhyNot, TellsWhatIsUrgent) {
  Walk walk(kLevels);
  walk.take({"queue"});
  EXPECT_THAT(walk.why("start"),
              HasSubstr("gets no turn on cpu 0: device.dpc, which is urgent and starts at 6 first\n"));
  EXPECT_THAT(walk.why("dpc"), HasSubstr("can act"));
}

TEST(WhyNot, TellsThatAHandlerRunsOrIsAllowedNowhere) {
  Walk walk(kLevels);
  EXPECT_THAT(walk.why("dpc"), HasSubstr("its condition is false: device.home != null (device.home is null)\n"));
  EXPECT_THAT(walk.why("dpc"), HasSubstr("its 'on' does not name cpu 0\n"));
}

}  // namespace
}  // namespace quiesce::checker
