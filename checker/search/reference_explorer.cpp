#include "checker/search/reference_explorer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <set>

#include "checker/result/search_control.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {
namespace {

using model::State;
using model::Step;
using model::Successor;
using model::Violation;

/// The initial states (docs/semantics.md, 2.4), found in the simplest way: every combination of the values that 'any'
/// may take and of CPUs for the threads that begin pinned is made and judged as a whole. So a mistake of the
/// enumerator that all others share (model/interpret) shows.
class InitialStates {
 public:
  /// Beyond so many combinations the shared enumerator is asked, which drops most of them early.
  static constexpr double kMostCombinations = 200'000;

  explicit InitialStates(const model::Interpreter& interpreter)
      : interpreter_(interpreter), system_(interpreter.system()) {
    for (const model::InitialAssign& assign : system_.initial) {
      if (!assign.value.valid()) wheels_.push_back({assign.lo, assign.hi});
    }
    for (const model::Context& context : system_.contexts) {
      if (context.kind == model::ContextKind::Thread && context.start_level >= system_.pin_level) {
        wheels_.push_back({1, static_cast<std::int64_t>(system_.cpus)});
      }
    }
    for (const Wheel& wheel : wheels_)
      combinations_ *= static_cast<double>(std::max<std::int64_t>(wheel.hi - wheel.lo + 1, 0));
  }

  std::set<State> all() const {
    std::set<State> found;
    if (combinations_ > kMostCombinations) {
      for (const State& state : interpreter_.initial_states()) found.insert(state);
      return found;
    }
    if (combinations_ == 0) return found;
    std::vector<std::int64_t> turned;
    for (const Wheel& wheel : wheels_) turned.push_back(wheel.lo);
    for (bool more = true; more; more = turn(turned)) {
      if (const std::optional<State> state = made_of(turned)) found.insert(interpreter_.canonical(*state));
    }
    return found;
  }

 private:
  struct Wheel {
    std::int64_t lo, hi;
  };

  /// The next combination; false after the last.
  bool turn(std::vector<std::int64_t>& turned) const {
    for (std::size_t i = 0; i < turned.size(); ++i) {
      if (turned[i]++ < wheels_[i].hi) return true;
      turned[i] = wheels_[i].lo;
    }
    return false;
  }

  /// The initial state with these values of 'any', then these CPUs; nothing when a condition does not hold in it or two
  /// threads share a CPU.
  std::optional<State> made_of(const std::vector<std::int64_t>& turned) const {
    State state;
    for (const model::Cell& cell : system_.cells) state.push_back(static_cast<std::int32_t>(cell.rest));
    std::size_t wheel = 0;
    for (const model::InitialAssign& assign : system_.initial) {
      const std::int64_t value =
          assign.value.valid() ? model::evaluate(assign.value, {system_, state}) : turned[wheel++];
      state[assign.cell.value] = static_cast<std::int32_t>(value);
    }
    for (const model::ExprId condition : system_.initial_conditions) {
      if (model::evaluate(condition, {system_, state}) == 0) return std::nullopt;
    }
    std::set<std::int64_t> taken;
    for (const model::Context& context : system_.contexts) {
      if (context.kind != model::ContextKind::Thread || context.start_level < system_.pin_level) continue;
      const std::int64_t cpu = turned[wheel++];
      if (state[context.location_cell[0].value] == 0) continue;  // it does not run
      if (!taken.insert(cpu).second) return std::nullopt;
      state[context.cpu_cell[0].value] = static_cast<std::int32_t>(cpu);
    }
    return state;
  }

  const model::Interpreter& interpreter_;
  const model::TransitionSystem& system_;
  std::vector<Wheel> wheels_;  // of every 'any', in order, then of every thread that begins pinned
  double combinations_ = 1;
};

class ReferenceExplorer {
 public:
  ReferenceExplorer(const model::TransitionSystem& system, const SearchOptions& options)
      : system_(system),
        options_(options),
        own_(options.limits, options.interrupt),
        interpreter_(system),
        began_(std::chrono::steady_clock::now()) {}

  Exploration explore() {
    for (const State& state : InitialStates(interpreter_).all()) {
      if (stopped_) break;
      reach(state, nullptr, Step{});
    }
    while (!stopped_ && !frontier_.empty()) {
      const Entry& entry = *frontier_.front();
      if (options_.limits.depth && entry.second.depth >= *options_.limits.depth) {
        stop(LimitKind::Depth);  // breadth first: all the others of the frontier are as deep
        break;
      }
      frontier_.pop();
      expand(entry);
      look_at_limits();
    }
    finish();
    return std::move(result_);
  }

 private:
  /// What is known of a reached state: how it was reached first.
  struct Reached {
    const std::pair<const State, Reached>* parent = nullptr;  // null for initial states
    Step step;                                                // from the parent
    std::uint32_t depth = 0;
  };
  using Entry = std::pair<const State, Reached>;

  void expand(const Entry& entry) {
    for (const Successor& successor : interpreter_.distinct_successors(entry.first)) {
      exercised_.insert(successor.exercised.begin(), successor.exercised.end());
      if (!successor.ends_run) ++result_.statistics.generated_steps;
      for (const Violation& violation : successor.violations) {
        if (!is_new(violation.rule)) continue;
        Run run = run_to(entry);
        run.steps.push_back(successor.step);
        if (!successor.ends_run) run.states.push_back(successor.next);
        record({violation.rule, violation, false, std::nullopt, std::move(run)});
      }
      if (!successor.ends_run && !stopped_) reach(successor.next, &entry, successor.step);
      if (stopped_) return;
    }
  }

  /// Judges and stores a state that was not known yet.
  void reach(const State& state, const Entry* parent, const Step& step) {
    if (visited_.count(state) != 0) return;
    if (options_.limits.states && visited_.size() >= *options_.limits.states) {
      // The state that found no room makes its parent one that is not fully explored.
      ++unexplored_;
      return stop(LimitKind::States);
    }
    const std::uint32_t depth = parent == nullptr ? 0 : parent->second.depth + 1;
    const Entry& entry = *visited_.emplace(state, Reached{parent, step, depth}).first;
    result_.statistics.depth = std::max(result_.statistics.depth, depth);

    const std::vector<Violation> violations = interpreter_.violations_of(state);
    for (const Violation& violation : violations) {
      if (!is_new(violation.rule)) continue;
      Finding finding{violation.rule, violation, true, std::nullopt, run_to(entry)};
      if (violation.property.valid()) finding.property = violation.property;
      record(std::move(finding));
    }
    for (const model::PropertyId property : interpreter_.witnessed_by(state)) {
      if (!witnessed_.insert(property).second) continue;
      result_.witnessed.push_back(property);
      result_.witnesses.push_back(run_to(entry));
    }
    for (const model::PropertyId property : interpreter_.triggered_in(state)) triggered_.insert(property);
    if (!model::ends_run(system_, violations)) frontier_.push(&entry);
  }

  /// Whether `rule` matters and has no finding yet. Core rules matter even when they were not asked for: they cut runs
  /// off.
  bool is_new(model::RuleId rule) const { return (system_.at(rule).core || is_checked(rule)) && !found_.count(rule); }
  bool is_checked(model::RuleId rule) const {
    return std::find(system_.checked.begin(), system_.checked.end(), rule) != system_.checked.end();
  }

  void record(Finding finding) {
    found_.insert(finding.rule);
    const bool stops = options_.stop_at_first && is_checked(finding.rule);
    result_.findings.push_back(std::move(finding));
    if (stops && !stopped_) {
      result_.stopped_at_first = true;
      stopped_ = true;
    }
  }

  Run run_to(const Entry& last) const {
    Run run;
    for (const Entry* entry = &last; entry != nullptr; entry = entry->second.parent) {
      run.states.push_back(entry->first);
      if (entry->second.parent != nullptr) run.steps.push_back(entry->second.step);
    }
    std::reverse(run.states.begin(), run.states.end());
    std::reverse(run.steps.begin(), run.steps.end());
    return run;
  }

  void stop(LimitKind limit) {
    if (stopped_) return;
    result_.limit = limit;
    stopped_ = true;
  }

  void look_at_limits() {
    const SearchControl& control = options_.control != nullptr ? *options_.control : own_;
    if (control.is_interrupted()) stop(LimitKind::Interrupted);
    if (control.is_late() && !frontier_.empty()) stop(LimitKind::Time);
    if (options_.limits.memory_bytes && memory_bytes() >= *options_.limits.memory_bytes && !frontier_.empty()) {
      stop(LimitKind::Memory);
    }
    if (options_.progress && ++expanded_ % 256 == 0) {
      fill_statistics();
      options_.progress(result_.statistics);
    }
  }

  /// An estimate: the cells, the map's node and the record of each state.
  std::uint64_t memory_bytes() const {
    return visited_.size() * (system_.cells.size() * sizeof(State::value_type) + sizeof(Entry) + 96);
  }

  void fill_statistics() {
    result_.statistics.distinct_states = visited_.size();
    result_.statistics.frontier = frontier_.size() + unexplored_;
    result_.statistics.wall = std::chrono::steady_clock::now() - began_;
    result_.statistics.peak_memory_bytes = memory_bytes();
  }

  void finish() {
    fill_statistics();
    result_.triggered.assign(triggered_.begin(), triggered_.end());
    result_.exercised.assign(exercised_.begin(), exercised_.end());
  }

  const model::TransitionSystem& system_;
  const SearchOptions& options_;
  const SearchControl own_;  // where there is none of the whole check
  model::Interpreter interpreter_;
  std::chrono::steady_clock::time_point began_;
  std::map<State, Reached> visited_;   // its nodes stay where they are, so that entries can be pointed to
  std::queue<const Entry*> frontier_;  // reached, not yet expanded; first in, first out
  std::set<model::RuleId> found_;
  std::set<model::RuleId> exercised_;
  std::set<model::PropertyId> witnessed_;
  std::set<model::PropertyId> triggered_;
  std::uint64_t unexplored_ = 0;
  std::uint64_t expanded_ = 0;
  bool stopped_ = false;
  Exploration result_;
};

}  // namespace

Exploration explore_reference(const model::TransitionSystem& system, const SearchOptions& options) {
  return ReferenceExplorer(system, options).explore();
}

}  // namespace quiesce::checker
