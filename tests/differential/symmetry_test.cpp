// Interchangeable instances against brute force: every exchange that was proven is an automorphism of the reference
// interpreter's states, and a search with symmetry visits one state of each orbit.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "checker/check.h"
#include "checker/reduce/symmetry.h"
#include "checker/report/sentences.h"
#include "checker/search/breadth_first.h"
#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/differential/symmetry_check.h"

namespace quiesce {
namespace {

/// The systems of a text, reduced as they are searched.
std::vector<model::TransitionSystem> systems_of(const std::string& text) {
  std::string problem;
  std::vector<model::TransitionSystem> result;
  for (DesignCase& cell : cases_of_text("symmetry.qsm", text, &problem))
    result.push_back(model::reduce(cell.system).system);
  EXPECT_EQ(problem, "");
  return result;
}

SymmetryCheck check_text(const std::string& text, std::size_t classes, bool exact = true) {
  const std::vector<model::TransitionSystem> systems = systems_of(text);
  EXPECT_EQ(systems.size(), 1u);
  if (systems.empty()) return {};
  const checker::InstanceSymmetry symmetry = checker::find_symmetry(systems.front());
  for (const checker::SymmetryObstacle& obstacle : symmetry.obstacles) {
    std::cout << obstacle.first << " and " << obstacle.second << ": " << checker::asymmetry_text(obstacle.reason)
              << "\n";
  }
  EXPECT_EQ(symmetry.classes.size(), classes);
  const SymmetryCheck check = check_symmetry(systems.front(), 60000, exact);
  EXPECT_EQ(check.difference, "");
  EXPECT_TRUE(classes == 0 || check.compared);
  std::cout << check.states << " states, " << check.orbits << " orbits, " << check.reduced << " reduced\n";
  return check;
}

TEST(InstanceSymmetry, SortsInstancesThatNobodyNames) {
  const SymmetryCheck check = check_text(R"(
    module counters
    machine Counter() {
      n: int 0..2 = 0
      action up when n < 2 { n += 1 }
      action reset when n == 2 { n = 0 }
      invariant small: n <= 2
    }
    system S { counters[4]: Counter() }
    check S expect holds
  )",
                                         1);
  EXPECT_EQ(check.states, 81u);
  EXPECT_EQ(check.orbits, 15u);  // multisets of 4 out of 3
}

TEST(InstanceSymmetry, FollowsReferences) {
  const SymmetryCheck check = check_text(R"(
    module connectors
    enum Stage { free_, asking, joined }
    machine Connector() {
      stage: Stage = free_
      peer: ref Connector? = null
      action ask when stage == free_ {
        choose other: ref Connector where other != self
        stage = asking
        peer = other
      }
      action cancel when stage == asking && peer.peer != self { stage = free_  peer = null }
      action accept_ when stage == free_ {
        choose other: ref Connector where other != self && other.stage == asking && other.peer == self
        stage = joined
        peer = other
      }
      action join when stage == asking && peer.stage == joined && peer.peer == self { stage = joined }
      action part when stage == joined && peer.stage == joined {
        var other = peer
        other.stage = free_
        other.peer = null
        stage = free_
        peer = null
      }
      invariant mutual: stage == joined => peer != null && peer.peer == self
    }
    system S { connectors[i: int 0..3]: Connector() }
    check S expect holds
  )",
                                         1);
  EXPECT_EQ(check.states, 571u);
  EXPECT_EQ(check.orbits, 39u);
}

TEST(InstanceSymmetry, KnowsThreadsLocksAndCpus) {
  check_text(R"(
    module threads
    machine User(lock_owner: ref Shared) {
      done: bool = false
      thread run {
        with lock_owner.lock { lock_owner.uses = 1 - lock_owner.uses }
        at DISPATCH { done = true }
      }
    }
    machine Shared() {
      lock: spinlock(DISPATCH)
      uses: int 0..1 = 0
    }
    system S {
      cpus 2
      shared: Shared()
      users[3]: User(shared)
      invariant shared.uses <= 1
    }
    check S expect holds
  )",
             1);
}

TEST(InstanceSymmetry, MovesWhatIsInside) {
  const SymmetryCheck check = check_text(R"(
    module nested
    machine Port() {
      busy: bool = false
      action toggle { busy = !busy }
      invariant asked: (busy ? 1 : 0) < 2
    }
    machine Device() {
      on_: bool = false
      ports[2]: Port()
      action toggle { on_ = !on_ }
      invariant asked: (on_ ? 1 : 0) < 2
    }
    system S {
      devices[2]: Device()
    }
    check S expect holds
  )",
                                         3);
  EXPECT_EQ(check.states, 64u);
  EXPECT_EQ(check.orbits, 21u);  // pairs out of 2 x 3
}

TEST(InstanceSymmetry, ExchangesDevicesTogetherWithTheirDrivers) {
  check_text(R"(
    module groups
    machine Device() {
      cause: bool = false
      action ring when !cause { cause = true }
    }
    machine Driver(device: ref Device) {
      served: int 0..2 = 0
      handler isr at 5 when device.cause { accept { device.cause = false }  served = (served + 1) % 3 }
    }
    system S {
      cpus 1
      devices[i: int 0..2]: Device()
      drivers[i: int 0..2]: Driver(devices[i])
    }
    check S expect holds
  )",
             1);
}

TEST(InstanceSymmetry, MovesSetsAndArraysOverInstances) {
  check_text(R"(
    module sets
    machine Member() {
      here: bool = false
    }
    system S {
      members[3]: Member()
      seen: set<ref Member>
      count_: array<int 0..1, ref Member>
      line: queue<ref Member, 2>
      action come {
        choose m: ref Member where !m.here
        m.here = true
        seen.add(m)
        count_[m] = 1
        if !line.full { line.push(m) }
      }
      action leave when !line.empty {
        var m = line.first
        m.here = false
        seen.remove(m)
        line.pop()
      }
      invariant forall m: ref Member where m.here: m in seen
    }
    check S expect holds
  )",
             1);
}

TEST(InstanceSymmetry, MovesPlacesOfADispatcher) {
  // It has places in the routine of each, and the order in which they asked is a part of the state.
  for (const char* size : {"2", "3"}) {
    const std::string text = R"(
      module dispatched
      machine M(line: ref Line) {
        n: int 0..1 = 0
        waits: bool = false
        action ask when !waits && !line.asked.full { waits = true  line.asked.push(self) }
        fn serve() -> bool {
          n = 1
          line.lock.pass_by = !line.lock.pass_by
          n = 0
          waits = false
          return line.lock.pass_by
        }
      }
      machine Lock() { pass_by: bool = false }
      machine Line(lock: ref Lock) {
        asked: queue<ref M, 3>
        last: ref M? = null
        handler dispatch at 5 when !asked.empty {
          var who: ref M = asked.first
          asked.pop()
          var again = who.serve()
          if again { last = who } else { last = null }
        }
        never waits_still: last != null && last.waits && last.n == 1 && asked.full
      }
      system S {
        cpus 2
        lock: Lock()
        line: Line(lock)
        m[)" + std::string(size) +
                             R"(]: M(line)
      }
      check S
    )";
    const SymmetryCheck check = check_text(text, 1);
    EXPECT_LT(check.orbits, check.states);
  }
}

TEST(InstanceSymmetry, MovesPlacesForEachKindOfInstance) {
  // A dispatcher for two kinds of instances, two of each.
  check_text(R"(
    module kinds
    interface Asks { fn serve()  atomic fn mark(asking: bool) }
    machine A() implements Asks {
      waits: bool = false
      n: int 0..1 = 0
      fn serve() { n = 1  pass  n = 0 }
      atomic fn mark(asking: bool) { waits = asking }
    }
    machine B() implements Asks {
      waits: bool = false
      n: int 0..1 = 0
      fn serve() { pass  n = 1 - n }
      atomic fn mark(asking: bool) { waits = asking }
    }
    system S {
      cpus 1
      a[2]: A()
      b[2]: B()
      asked: queue<ref Asks, 2>
      busy: int 0..1 = 0
      action ask_a when !asked.full { choose x: ref A where !x.waits  x.waits = true  asked.push(x) }
      action ask_b when !asked.full { choose x: ref B where !x.waits  x.waits = true  asked.push(x) }
      thread d {
        loop {
          await !asked.empty
          var who: ref Asks = asked.first
          atomic { asked.pop()  busy = 1 }
          who.serve()
          atomic { who.mark(false)  busy = 0 }
        }
      }
      never x: busy == 1 && a[0].n == 1 && a[1].n == 1 && b[0].n == 1 && b[1].n == 1
    }
    check S
  )",
             2);
}

TEST(InstanceSymmetry, MovesLocalsOfAPairOfMembers) {
  // A local of a thread in the routine that it calls belongs to the thread, and to the instance called.
  for (const char* routine :
       {"var r = n  pass  if r == 2 { n = 0 } else { n = r + 1 }", "n = 2 - n  pass  n = 2 - n"}) {
    const SymmetryCheck check = check_text(R"(
      module pairs
      machine M() {
        n: int 0..2 = 0
        fn serve() { )" + std::string(routine) +
                                               R"( }
      }
      machine T() {
        k: int 0..1 = 0
        thread t { loop { choose x: ref M  x.serve()  k = 1 - k } }
      }
      system S {
        cpus 1
        other: bool = false
        m[2]: M()
        t[2]: T()
        never x: other && m[0].n + m[1].n == 2 && t[0].k + t[1].k == 2
      }
      check S expect holds
    )",
                                           2);
    EXPECT_LT(check.orbits, check.states / 2);
  }
}

TEST(InstanceSymmetry, RefusesPlacesThatNameTwo) {
  // A routine of one calls a routine of another: with three of them a place names two. With two of them each place
  // still names the first one called.
  const auto text = [](const char* size) {
    return std::string(R"(
      module pairs
      machine M() {
        n: int 0..1 = 0
        fn outer(other: ref M) { n = 1  other.inner()  n = 0 }
        fn inner() { pass  n = 1 - n }
      }
      system S {
        cpus 1
        m[)") +
           size + R"(]: M()
        thread d {
          loop {
            choose x: ref M
            choose y: ref M where y != x
            x.outer(y)
          }
        }
        never both: forall a: M: a.n == 1 && at_most
        at_most: bool = false
      }
      check S
    )";
  };
  check_text(text("2"), 1, false);
  check_text(text("3"), 0);
}

TEST(InstanceSymmetry, ExchangesWhatBelongsTogetherByReference) {
  // No arrays: a manager for each driver, a device inside, a line shared.
  check_text(R"(
    module related
    machine Line() { up: int 0..3 = 0 }
    machine Device(line: ref Line) { on_: bool = false }
    machine Driver(line: ref Line) {
      device: Device(line)
      fn start() { device.on_ = true  line.up += 1 }
      fn stop() { line.up -= 1  device.on_ = false }
    }
    machine Manager(driver: ref Driver) {
      thread run { driver.start()  driver.stop() }
    }
    system S {
      cpus 2
      line: Line()
      one: Driver(line)
      of_one: Manager(one)
      two: Driver(line)
      of_two: Manager(two)
      three: Driver(line)
      of_three: Manager(three)
      never more: line.up == 3 && !one.device.on_ && !two.device.on_ && !three.device.on_
    }
    check S
  )",
             1);
}

TEST(InstanceSymmetry, ExchangesCardsOnOneLine) {
  const auto cards = [](const std::string& members) {
    return R"(
      module cards
      use wdm
      machine Card(line: ref wdm.Line) implements wdm.Driver {
        hw: wdm.InterruptingDevice(line)
        intr: wdm.InterruptObject(line, isr)
        fn start() -> wdm.Status {
          var status = wdm.IoConnectInterruptEx(intr)
          if status != STATUS_SUCCESS { return status }
          hw.enable()
          return STATUS_SUCCESS
        }
        fn stop() {
          hw.disable()
          wdm.IoDisconnectInterruptEx(intr)
        }
        fn isr() -> bool {
          if !hw.requesting { return false }
          hw.acknowledge()
          return true
        }
      }
      system S {
        cpus 1
        line: wdm.Line(level, 5)
        )" +
           members +
           R"(
      }
      check S expect holds
    )";
  };
  const std::string two = "one: Card(line)  of_one: wdm.PnpManager(one)  two: Card(line)  of_two: wdm.PnpManager(two)";
  const SymmetryCheck check = check_text(cards(two), 1);
  EXPECT_LT(check.orbits, check.states * 6 / 10);
  const std::vector<model::TransitionSystem> three =
      systems_of(cards(two + "  three: Card(line)  of_three: wdm.PnpManager(three)"));
  ASSERT_EQ(three.size(), 1u);
  const checker::InstanceSymmetry symmetry = checker::find_symmetry(three.front());
  ASSERT_EQ(symmetry.classes.size(), 1u);
  EXPECT_EQ(symmetry.classes.front().members,
            (std::vector<std::string>{"one + of_one", "two + of_two", "three + of_three"}));
}

TEST(InstanceSymmetry, LetsCasesStandInAnotherOrder) {
  // Which of several instances a reference leads to is asked of one after the other, in steps, in expressions, and in
  // checks of uses.
  const SymmetryCheck check = check_text(R"(
    module cases
    interface Listener { atomic fn call(by: int 0..1) -> int 0..2 }
    object machine Ear() implements Listener {
      heard: int 0..2 = 0
      atomic fn call(by: int 0..1) -> int 0..2 {
        heard = (heard + 1 + by) % 3
        return heard
      }
      action begin when !begun { begun = true  init self }
      begun: bool = false
      fn level_of() -> int 0..2 = heard
    }
    system S {
      cpus 1
      ears[3]: Ear()
      who: ref Ear? = null
      last: int 0..2 = 0
      action point when who == null { choose e: ref Ear  who = e }
      action call_ when who != null { last = who.call(1)  if who.level_of() == 0 { who = null } }
      action forget when who != null { who = null }
      never both: who != null && who.heard == 3
    }
    check S expect holds
  )",
                                         1);
  EXPECT_LT(check.orbits * 3, check.states);
}

TEST(InstanceSymmetry, ExchangesWitnesses) {
  // Each machine has its own witnesses. A search with symmetry sees only those of machines that stand for others.
  const std::string text = R"(
    module m
    machine M() {
      n: int 0..3 = 0
      action up when n < 3 { n += 1 }
      reachable top: n == 3
      reachable before_all: n == 2 && forall m: M where m != self: m.n == 0
      reachable beyond: n == 3 && exists m: M: m.n == 3 && m != self && lost
      lost: bool = false
    }
    system S { a[3]: M() }
    check S
  )";
  const SymmetryCheck states = check_text(text, 1);
  EXPECT_LT(states.reduced, states.states);
  for (const model::TransitionSystem& system : systems_of(text)) {
    const auto checked = [&](bool symmetry) {
      checker::CheckOptions options;
      options.search.symmetry = symmetry;
      return checker::check(system, options);  // which sees that each run shows its witness
    };
    const checker::SearchResult whole = checked(false);
    const checker::SearchResult reduced = checked(true);
    ASSERT_EQ(whole.rules.size(), reduced.rules.size());
    int violated = 0;
    for (std::size_t i = 0; i < whole.rules.size(); ++i) {
      EXPECT_EQ(whole.rules[i].verdict, reduced.rules[i].verdict) << system.at(whole.rules[i].rule).name;
      violated += whole.rules[i].verdict == checker::Verdict::Violated;
    }
    EXPECT_EQ(violated, 1);  // beyond
    checker::SearchOptions options;
    options.symmetry = true;
    const checker::Exploration found = checker::explore_breadth_first(system, options);
    EXPECT_EQ(found.witnessed.size(), 6u);
    EXPECT_LT(found.witnesses.size(), 6u);
  }
}

TEST(InstanceSymmetry, RefusesWhatDiffers) {
  const auto obstacles = [](const std::string& text) {
    std::string result;
    for (const model::TransitionSystem& system : systems_of(text + "\ncheck S expect holds")) {
      const checker::InstanceSymmetry symmetry = checker::find_symmetry(system);
      EXPECT_TRUE(symmetry.classes.empty());
      for (const auto& one : symmetry.obstacles)
        result += one.first + ", " + one.second + ": " + checker::asymmetry_text(one.reason) + "\n";
    }
    return result;
  };
  const std::string machine = R"(
    module m
    machine M(first: int 0..3) {
      n: int 0..3 = first
      action up when n < 3 { n += 1 }
    }
  )";
  EXPECT_EQ(obstacles(machine + "system S { a[i: int 0..1]: M(i)  invariant a[0].n <= 3 && a[1].n <= 3 }"),
            "a[0], a[1]: 'a[0].n' and 'a[1].n' begin with different values\n");
  // Only one of them is asked about, or written, or witnessed.
  EXPECT_NE(obstacles(machine + "system S { a[2]: M(0)  invariant a[0].n <= 3 }"), "");
  EXPECT_NE(obstacles(machine + "system S { a[2]: M(0)  action x { a[1].n = 0 }  invariant a[0].n + a[1].n <= 6 }"),
            "");
  EXPECT_NE(obstacles(machine + "system S { a[2]: M(0)  reachable r: a[0].n == 3 }"), "");
  // An order among instances.
  EXPECT_NE(obstacles(machine + "system S { a[2]: M(0)  invariant a[0].n <= a[1].n || a[0].n == a[0].n + a[1].n - 1 }"),
            "");
  EXPECT_NE(obstacles(machine + "system S { a[2]: M(0)  invariant 2 * a[0].n + a[1].n <= 9 }"), "");
}

TEST(InstanceSymmetry, HoldsInTheDesignsOfTheRepository) {
  std::size_t with_classes = 0;
  std::size_t compared = 0;
  for (const char* folder : {"specs", "bench"}) {
    for (const std::string& file : design_files(folder)) {
      std::string problem;
      for (const DesignCase& cell : design_cases(file, &problem)) {
        const model::TransitionSystem system = model::reduce(cell.system).system;
        const SymmetryCheck check = check_symmetry(system, 3000);
        EXPECT_EQ(check.difference, "") << cell.title;
        with_classes += check.classes > 0 ? 1 : 0;
        compared += check.compared ? 1 : 0;
        if (std::getenv("QUIESCE_SHOW") != nullptr) {
          const checker::InstanceSymmetry symmetry = checker::find_symmetry(system);
          for (const auto& one : symmetry.classes) {
            std::cout << cell.title << ": " << one.members.size() << " of " << one.members.front() << "\n";
          }
          for (const auto& one : symmetry.obstacles) {
            std::cout << cell.title << ": not " << one.first << ", " << one.second << ": "
                      << checker::asymmetry_text(one.reason) << "\n";
          }
        }
      }
    }
  }
  std::cout << with_classes << " systems with interchangeable instances, " << compared << " compared\n";
  EXPECT_GT(compared, 0u);
}

}  // namespace
}  // namespace quiesce
