// How many states partial order reduction spares on designs, and how many it could spare at best if it decided by
// meaning which steps are independent, or put actions of hardware off (docs/reductions.md, "Tried and left out"). Slow,
// and only a measurement: no search uses what is tried here.
//
//     reductions [--most N] DESIGN...    a line of a Markdown table for each; exit code 1 when rules were lost
//
// DESIGN is a file, with values of parameters behind commas: specs/a.qsm,processors=1. The first case of each of its
// checks counts that has at most N states (100,000). States of a search with
//
//     none             no partial order reduction (merging, slicing and symmetry are never left out)
//     cells            stubborn sets as quiesce has them
//     meaning          stubborn sets, where independent is what never depends in any state that can be reached
//     nothing depends  stubborn sets, where all is independent: a bound, not sound
//     lazy, cells      cells, and actions put off that share no cell with what may come next
//     lazy, pairs      cells, and actions put off that never depend on what may come next in any state
//     lazy             cells, and actions put off that commute with what comes next in this state: a bound, not sound
//     lazy, judged     the same with care for core.stuck
//
// `lost`: rules of which the searches of the last four columns do not find that they are broken, though no core rule
// ends runs. Of `meaning` and `lazy, pairs` nothing is said: states that are one by symmetry teach the pairs of one of
// them.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <boost/container_hash/hash.hpp>

#include "bench/reductions/dependent_pairs.h"
#include "bench/reductions/lazy_hardware.h"
#include "bench/reductions/outcomes.h"
#include "checker/load.h"
#include "checker/reduce/independence.h"
#include "checker/reduce/stubborn_sets.h"
#include "checker/reduce/symmetry.h"
#include "checker/space/packed_space.h"

namespace {

using namespace quiesce;
using namespace quiesce::checker;

enum Reduction { None, Cells, Meaning, NoneDepends, LazyByCells, LazyByPairs, Lazy, LazyJudged, kReductions };

/// No pair of steps of the text depends on each other: what no relation of independence can improve on. Not sound.
class NothingDepends : public Independence {
 public:
  bool are_independent(std::size_t, std::size_t) const override { return true; }
};

struct Result {
  std::size_t states = 0;
  std::set<std::string> core;    // core rules broken: where there is one, others may not be found
  std::set<std::string> broken;  // other rules, and witnesses
  bool complete = true;
};

class Search {
 public:
  Search(const model::TransitionSystem& system, std::size_t most)
      : most_(most),
        packed_(std::make_shared<PackedSystem>(
            system, ExpanderOptions{Successors::Table, VectorTarget::Best, find_symmetry(system, nullptr)})),
        space_(packed_),
        steps_(system),
        by_cells_(packed_->compiled(), steps_, DisjointCells(steps_), packed_->symmetry().moves_places),
        without_(packed_->compiled(), steps_, NothingDepends(), packed_->symmetry().moves_places),
        pairs_(packed_->compiled(), steps_),
        cell_pairs_(packed_->compiled(), steps_),
        lazy_(packed_->compiled(), LazyHardware::Stuck::Ignored),
        lazy_judged_(packed_->compiled(), LazyHardware::Stuck::Judged),
        collector_(packed_->compiled()) {
    cell_pairs_.learn_from_cells();
  }

  Result run(Reduction reduction) {
    Result result;
    seen_.clear();
    open_.clear();
    space_.initial(
        [&](const std::uint64_t* state) {
          reach(state, result);
          return true;
        },
        {});
    while (!open_.empty()) {
      if (seen_.size() > most_) {
        result.complete = false;
        break;
      }
      const PackedState state = std::move(open_.back());
      open_.pop_back();
      expand(state, reduction, result);
    }
    result.states = seen_.size();
    return result;
  }

 private:
  void reach(const std::uint64_t* words, Result& result) {
    PackedState state(words, words + space_.words());
    if (!seen_.insert(state).second) return;
    judged_.clear();
    space_.judge(state.data(), 1, judged_);
    for (const Judgement::Broken& broken : judged_.broken) add(broken.violation, result);
    for (const Judgement::Shown& shown : judged_.witnesses)
      result.broken.insert(fmt::format("witness {}", shown.property.value));
    if (judged_.ended.empty()) open_.push_back(std::move(state));
  }

  void add(const model::Violation& violation, Result& result) {
    const model::Rule& rule = packed_->system().at(violation.rule);
    (rule.core ? result.core : result.broken).insert(rule.name);
  }

  void expand(const PackedState& packed, Reduction reduction, Result& result) {
    const CellValues state = space_.unpack(packed.data());
    const std::vector<Outcome> outcomes = collector_.of(state);
    if (reduction == None) pairs_.learn(state, outcomes, collector_);
    const std::vector<bool> taken = chosen(state, outcomes, reduction);
    PackedState next(space_.words());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (!taken[i]) continue;
      for (const std::int32_t check : outcomes[i].failed) add(space_.broken_by(check), result);
      if (outcomes[i].ends_run()) continue;
      space_.pack(outcomes[i].next, next.data());
      reach(next.data(), result);
    }
  }

  const StubbornSets& sets_of(Reduction reduction) {
    if (reduction == NoneDepends) return without_;
    if (reduction != Meaning) return by_cells_;
    if (!by_meaning_) by_meaning_.emplace(packed_->compiled(), steps_, pairs_, packed_->symmetry().moves_places);
    return *by_meaning_;
  }

  /// Which outcomes are enough.
  std::vector<bool> chosen(const CellValues& state, const std::vector<Outcome>& outcomes, Reduction reduction) {
    if (reduction != None) {
      const auto of_set = chosen_by(sets_of(reduction), state, outcomes);
      if (of_set) return *of_set;
    }
    std::uint64_t later = 0;
    if (reduction == LazyByCells || reduction == LazyByPairs) {
      const bool stuck = lazy_.may_be_stuck(state, outcomes);
      const DependentPairs& pairs = reduction == LazyByCells || stuck ? cell_pairs_ : pairs_;
      later = pairs.put_off(state, outcomes, stuck);
    }
    if (reduction == Lazy) later = lazy_.put_off(state, outcomes, collector_);
    if (reduction == LazyJudged) later = lazy_judged_.put_off(state, outcomes, collector_);
    std::vector<bool> taken(outcomes.size(), true);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const model::Actor& actor = outcomes[i].actor;
      taken[i] =
          actor.kind != model::Actor::Kind::Act || actor.index >= kMostActions || (later >> actor.index & 1) == 0;
    }
    return taken;
  }

  /// As checker/space/reduced_space.cpp.
  std::optional<std::vector<bool>> chosen_by(const StubbornSets& sets, const CellValues& state,
                                             const std::vector<Outcome>& outcomes) {
    const auto choice = sets.choose(state.data(), collector_.generator());
    if (!choice) return std::nullopt;
    std::vector<bool> taken(outcomes.size(), false);
    bool led = false;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const model::Actor& actor = outcomes[i].actor;
      if (actor.kind == model::Actor::Kind::Start) continue;
      const bool is_step = actor.kind == model::Actor::Kind::Step;
      const std::uint32_t slot = is_step ? packed_->system().contexts[actor.index].first_slot + actor.activation : 0;
      taken[i] = is_step ? (choice->slots >> slot & 1) != 0 : (choice->actions >> actor.index & 1) != 0;
      if (taken[i] && outcomes[i].ends_run()) return std::nullopt;
      led = led || (is_step && slot == choice->leader);
    }
    if (!led) return std::nullopt;
    return taken;
  }

  std::size_t most_;
  std::shared_ptr<const PackedSystem> packed_;
  PackedSpace space_;
  TextSteps steps_;
  StubbornSets by_cells_;
  std::optional<StubbornSets> by_meaning_;  // made when all is learned
  StubbornSets without_;
  DependentPairs pairs_;
  DependentPairs cell_pairs_;
  LazyHardware lazy_;
  LazyHardware lazy_judged_;
  OutcomeCollector collector_;
  std::unordered_set<PackedState, boost::hash<PackedState>> seen_;
  std::vector<PackedState> open_;
  Judgement judged_;
};

struct Totals {
  std::size_t cases = 0;
  std::array<std::size_t, kReductions> states{};
  std::array<std::size_t, kReductions> lost{};
};

/// What the whole search finds and the reduced one does not, and has to.
std::size_t lost(const Result& whole, const Result& reduced) {
  if (!whole.core.empty()) return reduced.core.empty() ? whole.core.size() : 0;
  return static_cast<std::size_t>(std::count_if(whole.broken.begin(), whole.broken.end(), [&](const std::string& rule) {
    return reduced.broken.count(rule) == 0;
  }));
}

void print(const std::string& name, const Totals& totals) {
  fmt::print("| {} | {}", name, totals.cases);
  for (int reduction = 0; reduction < kReductions; ++reduction) fmt::print(" | {}", totals.states[reduction]);
  fmt::print(" | {}, {}, {}, {} |\n", totals.lost[LazyByCells], totals.lost[LazyByPairs], totals.lost[Lazy],
             totals.lost[LazyJudged]);
  std::fflush(stdout);
}

void measure(const std::string& design, std::size_t most, Totals& of_all) {
  std::istringstream parts(design);
  std::string file;
  std::getline(parts, file, ',');
  LoadOptions options;
  options.only_case = 0;
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t equals = part.find('=');
    options.defines[part.substr(0, equals)] = part.substr(equals + 1);
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  const auto loaded = load_design(file, text.str(), options);
  if (!loaded->ok()) {
    fmt::print(stderr, "{}: cannot be loaded {}\n", design, loaded->problem);
    return;
  }
  Totals totals;
  for (const LoadedCheck& check : loaded->checks) {
    if (check.cases.empty()) continue;
    Search search(check.cases.front().system, most);
    const Result whole = search.run(None);
    if (!whole.complete) continue;
    ++totals.cases;
    totals.states[None] += whole.states;
    for (const Reduction reduction : {Cells, Meaning, NoneDepends, LazyByCells, LazyByPairs, Lazy, LazyJudged}) {
      const Result reduced = search.run(reduction);
      totals.states[reduction] += reduced.states;
      totals.lost[reduction] += lost(whole, reduced);
    }
  }
  print(design.substr(design.rfind('/') + 1), totals);
  of_all.cases += totals.cases;
  for (int reduction = 0; reduction < kReductions; ++reduction) {
    of_all.states[reduction] += totals.states[reduction];
    of_all.lost[reduction] += totals.lost[reduction];
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t most = 100'000;
  Totals of_all;
  fmt::print(
      "| design | cases | none | cells | meaning | nothing depends | lazy, cells | lazy, pairs | lazy | "
      "lazy, judged | lost |\n"
      "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--most" && i + 1 < argc) {
      most = std::strtoull(argv[++i], nullptr, 10);
    } else {
      measure(argv[i], most, of_all);
    }
  }
  print("all", of_all);
  return of_all.lost[Cells] + of_all.lost[LazyByCells] + of_all.lost[LazyJudged] == 0 ? 0 : 1;
}
