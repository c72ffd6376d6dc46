// That CPUs and activations have no names (docs/semantics.md, Symmetry) is a claim about every expression and statement
// of the language. Here: a state and its representatives, of which there are several sorts, take the same steps to the
// same states up to renaming, and every property is as true in each.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "checker/successor/canonical.h"
#include "checker/successor/packed_canonical.h"
#include "checker/successor/successor_generator.h"
#include "model/interpret/interpreter.h"
#include "tests/differential/designs.h"
#include "tests/differential/random.h"
#include "tests/differential/random_design.h"

namespace quiesce {
namespace {

using namespace checker;
using model::State;

class Renamings {
 public:
  explicit Renamings(const model::TransitionSystem& system)
      : system_(system),
        compiled_(system),
        generator_(compiled_),
        canonical_(system),
        packing_(system),
        packed_(system, packing_) {}

  bool is_useful() const { return !canonical_.is_trivial(); }

  /// The first difference over the reachable states, up to `max_states` of them.
  std::string find_difference(std::size_t max_states) {
    Random random(1);
    std::vector<State> open;
    std::set<State> seen;
    const auto reach = [&](const State& state) {
      if (seen.size() < max_states && seen.insert(by_cells(state)).second) open.push_back(state);
    };
    for (const State& state : model::Interpreter(system_).initial_states()) reach(state);
    while (!open.empty()) {
      std::swap(open[random.below(open.size())], open.back());
      const State state = std::move(open.back());
      open.pop_back();
      if (is_final(state)) continue;
      const Steps steps = steps_of(state);
      for (const State& renamed : {by_cells(state), by_words(state)}) {
        for (const CompiledProperty& property : compiled_.properties) {
          if (generator_.is_true(property.condition, state.data()) !=
              generator_.is_true(property.condition, renamed.data())) {
            return "a property of " + show(state) + "\n  is another in" + show(renamed);
          }
        }
        const Steps others = steps_of(renamed);
        if (steps.found == others.found) continue;
        std::string text = "steps of" + show(state) + "\n  are not those of" + show(renamed);
        for (const Step& step : steps.found) {
          if (others.found.count(step) == 0) text += "\n  which cannot go to" + show(std::get<2>(step));
        }
        for (const Step& step : others.found) {
          if (steps.found.count(step) == 0) text += "\n  which can go to" + show(std::get<2>(step));
        }
        return text;
      }
      for (const State& next : steps.next) reach(next);
    }
    return "";
  }

 private:
  using Step = std::tuple<int, std::uint32_t, State>;  // what, and the representative of where to; empty: a run's end
  struct Steps : SuccessorSink {
    explicit Steps(Renamings& of) : renamings(&of) {}
    void on_successor(const SuccessorView& view) override {
      State state;
      if (!view.ends_run()) {
        next.emplace_back(view.next, view.next + renamings->system_.cells.size());
        state = renamings->by_cells(next.back());
      }
      found.emplace(static_cast<int>(view.actor.kind), view.actor.index, std::move(state));
    }
    Renamings* renamings;
    std::set<Step> found;
    std::vector<State> next;
  };

  Steps steps_of(const State& state) {
    Steps steps(*this);
    generator_.expand(state.data(), steps);
    return steps;
  }

  bool is_final(const State& state) {
    for (const CompiledProperty& property : compiled_.properties) {
      if (!property.core || property.kind == model::PropertyKind::Reachable) continue;
      const bool holds = generator_.is_true(property.condition, state.data());
      if (holds == (property.kind == model::PropertyKind::Never)) return true;
    }
    return false;
  }

  State by_cells(const State& state) {
    const std::int32_t* cells = canonical_.canonical(state.data());
    return State(cells, cells + state.size());
  }

  State by_words(const State& state) {
    std::vector<std::uint64_t> words(packing_.words());
    packing_.pack(state.data(), words.data());
    packed_.canonical(words.data());
    State result(state.size());
    packing_.unpack(words.data(), result.data());
    return result;
  }

  std::string show(const State& state) const {
    std::string text;
    for (std::size_t cell = 0; cell < state.size(); ++cell) {
      if (state[cell] == system_.cells[cell].rest) continue;
      text += " " + system_.cells[cell].name + "=" + std::to_string(state[cell]);
    }
    return text;
  }

  const model::TransitionSystem& system_;
  CompiledSystem compiled_;
  SuccessorGenerator generator_;
  Canonicalizer canonical_;
  Packing packing_;
  PackedCanonical packed_;
};

/// Of how many cells CPUs or activations could be renamed.
int compare(const std::vector<DesignCase>& cells, std::size_t max_states) {
  int useful = 0;
  for (const DesignCase& cell : cells) {
    if (Packing(cell.system).is_too_wide()) continue;
    Renamings renamings(cell.system);
    if (!renamings.is_useful()) continue;
    ++useful;
    EXPECT_EQ(renamings.find_difference(max_states), "") << cell.title;
  }
  return useful;
}

void compare_designs(const std::string& folder, std::size_t max_states, std::size_t max_cells) {
  int useful = 0;
  for (const std::string& file : design_files(folder)) {
    std::string problem;
    std::vector<DesignCase> cells = design_cases(file, &problem);
    if (cells.size() > max_cells) cells.erase(cells.begin(), cells.end() - static_cast<std::ptrdiff_t>(max_cells));
    useful += compare(cells, max_states);
  }
  EXPECT_GT(useful, 0);
}

/// Everything that can be asked about where others run.
constexpr const char* kAsking = R"(
module asking
system S {
  cpus 2
  requests: int 0..3 = 3
  here: bool = false
  seen: Cpu? = null
  last: Cpu? = null
  handler h at 5 when requests > 0 concurrent 2 {
    accept { requests -= 1 }
    if cpu_of(h) == cpu() { here = true }
    last = cpu_of(h)
    pass
  }
  thread t {
    seen = cpu_of(h)
    await idle(h)
    here = running(t)
  }
  invariant agree: cpu_of(h) == null || running(h)
  never apart: last != null && seen == last && cpu_of(h) == seen && here
}
check S expect holds
)";

TEST(Renaming, OfWhoAsksWhereOthersRun) {
  std::string problem;
  EXPECT_EQ(compare(cases_of_text("asking", kAsking, &problem), 100000), 1) << problem;
}
TEST(Renaming, OfTheVerdictTests) { compare_designs("tests/verdicts", 500, 3); }
TEST(Renaming, OfTheSpecs) { compare_designs("specs", 1000, 1); }
TEST(Renaming, OfRandomDesigns) {
  int useful = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    std::string problem;
    useful += compare(cases_of_text("seed " + std::to_string(seed), text_of(random_design(seed)), &problem), 500);
  }
  EXPECT_GT(useful, 50);
}

}  // namespace
}  // namespace quiesce
