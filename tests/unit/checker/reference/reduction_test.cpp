// The reduction of steps changes no verdict and adds no state: random small systems, explored by reference before
// and after. A failure prints the seed and both systems.
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checker/search/reference_explorer.h"
#include "model/interpret/interpreter.h"
#include "model/passes/reduce.h"
#include "model/system/print.h"
#include "model/system/validate.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using namespace quiesce::model;

/// A random system: two threads and a handler with two locals each, two shared variables, checks of two rules.
class RandomSystem : public SystemBuilder {
 public:
  explicit RandomSystem(std::uint32_t seed) : SystemBuilder(1 + seed % 2), random_(seed) {
    core_ = rule("core.toy", true);
    ordinary_ = rule("toy.check");
    for (const char* name : {"x", "y"}) {
      shared_.push_back(integer(name, 0, 2));
    }
    if (below(2) == 0) {
      initial_any(shared_[0]);
    }
    const ContextId one = thread("one", 3 + below(4));
    const ContextId two = thread("two", 2 + below(4));
    const ContextId isr = handler("isr", below(2) == 0 ? 5 : 2, is(any(shared_), below(3)), 2 + below(2), 1 + below(2));
    for (const ContextId k : {one, two, isr}) {
      std::vector<Place> own;
      for (const char* name : {"a", "b"}) {
        own.push_back(this->own(local(k, name, 0, 2)));
      }
      if (k != isr) {
        // A variable of a machine that only this thread happens to use.
        const CellId kept = integer(system.at(k).name + ".kept", 0, 2);
        if (below(2) == 0) {
          initial_any(kept);
        }
        own.push_back(Place{{kept}, ExprId()});
      }
      if (k == isr && below(2) == 0) {
        system.contexts[k.value].start = program({set(any(shared_), below(3)), go(k, 1)});
      }
      const auto last = static_cast<std::uint32_t>(system.at(k).locations.size());
      for (std::uint32_t number = 1; number <= last; ++number) {
        fill(k, number, last, own);
      }
    }
    if (below(2) == 0) {
      action("tick", is(shared_[0], below(3)), {set(any(shared_), below(3))});
    }
    property(PropertyKind::Never, rule("toy.never"),
             exprs().conjunction(is(shared_[0], below(3)), is(shared_[1], below(3))));
    property(PropertyKind::Reachable, rule("toy.reachable"),
             exprs().conjunction(is(shared_[0], below(3)), is(shared_[1], below(3))));
    Property deadlock;
    deadlock.kind = PropertyKind::DeadlockFree;
    deadlock.rule = rule("toy.deadlock");
    system.properties.push_back(deadlock);
  }

  const std::vector<CellId>& shared() const { return shared_; }

 private:
  std::uint32_t below(std::uint32_t bound) { return random_() % bound; }
  template <typename T>
  const T& any(const std::vector<T>& of) {
    return of[below(static_cast<std::uint32_t>(of.size()))];
  }

  /// A number in 0..2 made from one variable.
  ExprId value(ExprId from) {
    switch (below(3)) {
      case 0:
        return number(below(3));
      case 1:
        return from;
      default:
        return exprs().conditional(less(from, number(2)), plus(from, number(1)), number(0));
    }
  }

  void fill(ContextId k, std::uint32_t number_of_location, std::uint32_t last, const std::vector<Place>& own) {
    const Op next = number_of_location < last ? go(k, number_of_location + 1) : end();
    const auto somewhere = [&] { return go(k, 1 + below(last)); };
    Program& p = at(k, number_of_location);
    const ExprId mine = get(any(own));
    const bool ends = number_of_location == last;
    if (ends && system.at(k).kind == ContextKind::Handler) {
      // As elaboration does: locals rest while their activation is not running.
      p = program({set(own[0], number(0)), set(own[1], number(0)), end()});
      location(k, number_of_location).mergeable = false;
      return;
    }
    location(k, number_of_location).mergeable = !ends && below(8) != 0;
    switch (below(9)) {
      case 0:
        p = program({set(any(own), value(get(any(shared_)))), next});
        break;
      case 1:
        p = program({set(any(shared_), value(mine)), next});
        break;
      case 2:
      case 3:
        p = program({set(any(own), value(mine)), next});
        break;
      case 4:
        p = program(
            {branch(exprs().equal(below(3) == 0 ? get(any(shared_)) : mine, number(below(3))), 2), somewhere(), next});
        break;
      case 5:
        p = program({choose(0, 0, 1 + below(2)), set(any(own), temp(0)), next});
        break;
      case 6:
        p = program({Op(StatementOp{}),
                     check(exprs().not_equal(mine, number(below(3))), below(2) == 0 ? core_ : ordinary_),
                     set(any(own), value(mine)), next});
        break;
      case 7:
        p = program({set(any(own), number(below(3))), next});
        wait(k, number_of_location, exprs().not_equal(get(any(shared_)), number(below(3))),
             below(2) == 0 ? WaitKind::Await : WaitKind::Spin);
        break;
      default:
        if (system.at(k).kind == ContextKind::Thread) {
          p = program({set(system.at(k).level_cell[0], below(2) == 0 ? 0 : 2), next});
          location(k, number_of_location).mergeable = false;
        } else {
          p = program({set(any(own), mine), somewhere()});
        }
        break;
    }
  }

  std::mt19937 random_;
  std::vector<CellId> shared_;
  RuleId core_;
  RuleId ordinary_;
};

bool is_violated(const SearchResult& result, RuleId rule) {
  for (const RuleResult& r : result.rules) {
    if (r.rule == rule) {
      return r.verdict == Verdict::Violated;
    }
  }
  return false;
}

TEST(ReductionTest, ChangesNoVerdictAndAddsNoState) {
  SearchOptions options;
  options.limits.states = 1500;
  std::uint64_t states_before = 0;
  std::uint64_t states_after = 0;
  int compared = 0;
  const std::uint32_t seeds = 400;
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    const RandomSystem plain(seed);
    ASSERT_EQ(validate(plain.system), std::vector<std::string>()) << "seed " << seed;
    const TransitionSystem small = reduce(plain.system).system;
    ASSERT_EQ(validate(small), std::vector<std::string>()) << "seed " << seed;
    const SearchResult before = judge(plain.system, explore_reference(plain.system, options));
    if (!before.complete) {
      continue;
    }
    const SearchResult after = judge(small, explore_reference(small, options));
    const std::string both =
        "seed " + std::to_string(seed) + "\n" + print_system(plain.system) + "\n=== reduced\n" + print_system(small);
    ASSERT_LE(after.statistics.distinct_states, before.statistics.distinct_states) << both;
    ASSERT_EQ(after.rules.size(), before.rules.size());
    for (std::size_t i = 0; i < before.rules.size(); ++i) {
      // A stuck state ends its runs, and merging may reach it in an earlier step; what another rule would have shown
      // behind it is then unknown, never `holds` (see reduce.h).
      const bool cut = is_violated(before, plain.system.stuck_rule) && after.rules[i].verdict == Verdict::Unknown;
      if (!cut) {
        ASSERT_EQ(static_cast<int>(after.rules[i].verdict), static_cast<int>(before.rules[i].verdict))
            << "rule " << plain.system.at(before.rules[i].rule).name << ", " << both;
      }
    }
    states_before += before.statistics.distinct_states;
    states_after += after.statistics.distinct_states;
    ++compared;
  }
  EXPECT_GT(compared, 150) << "too few random systems are small enough to tell anything";
  EXPECT_LT(states_after * 10, states_before * 9) << "hardly anything was reduced";
  RecordProperty("states_before", static_cast<int>(states_before));
  RecordProperty("states_after", static_cast<int>(states_after));
}

/// What others can see of a system: shared variables, levels of threads, what has ended or runs. For every state that
/// can be reached, whether or not a rule of states is broken on the way; none when there are more than `most` states.
std::optional<std::set<std::vector<std::int32_t>>> visible_states(const RandomSystem& names,
                                                                  const TransitionSystem& system, std::size_t most) {
  const Interpreter interpreter(system);
  std::set<State> seen;
  std::set<std::vector<std::int32_t>> visible;
  std::vector<State> open = interpreter.initial_states();
  while (!open.empty()) {
    const State state = std::move(open.back());
    open.pop_back();
    if (!seen.insert(state).second) {
      continue;
    }
    if (seen.size() > most) {
      return std::nullopt;
    }
    std::vector<std::int32_t> seen_by_others;
    for (const CellId cell : names.shared()) {
      seen_by_others.push_back(state[cell.value]);
    }
    for (const Context& context : system.contexts) {
      std::int32_t running = 0;
      for (const CellId cell : context.location_cell) {
        running += state[cell.value] != 0;
      }
      seen_by_others.push_back(running);
      if (context.kind == ContextKind::Thread) {
        seen_by_others.push_back(state[context.level_cell[0].value]);
      }
    }
    visible.insert(std::move(seen_by_others));
    for (Successor& successor : interpreter.distinct_successors(state)) {
      if (!successor.ends_run) {
        open.push_back(std::move(successor.next));
      }
    }
  }
  return visible;
}

TEST(ReductionTest, ShowsOthersTheSameStates) {
  int compared = 0;
  for (std::uint32_t seed = 1000; seed < 1200; ++seed) {
    const RandomSystem plain(seed);
    const TransitionSystem small = reduce(plain.system, {.slice = false}).system;
    const auto before = visible_states(plain, plain.system, 2000);
    if (!before) {
      continue;
    }
    const auto after = visible_states(plain, small, 2000);
    ASSERT_TRUE(after.has_value()) << "seed " << seed;
    ASSERT_EQ(*after == *before, true) << "seed " << seed << ", " << before->size() << " visible states before, "
                                       << after->size() << " after\n"
                                       << print_system(plain.system) << "\n=== reduced\n"
                                       << print_system(small);
    ++compared;
  }
  EXPECT_GT(compared, 80) << "too few random systems are small enough to tell anything";
}

}  // namespace
}  // namespace quiesce::checker
