#include "checker/search/breadth_first.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <new>
#include <random>

#include "checker/search/multipliers.h"
#include "checker/store/packed_state_set.h"
#include "checker/store/packing.h"
#include "checker/successor/canonical.h"
#include "checker/successor/compiled_system.h"
#include "checker/successor/stuck.h"
#include "checker/successor/successor_generator.h"
#include "model/base/check.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {
namespace {

using model::PropertyId;
using model::PropertyKind;
using model::RuleId;
using model::State;
using model::Step;

Step step_of(const SuccessorView& view) {
  Step step;
  step.actor = view.actor;
  step.cpu = view.cpu;
  for (const ChoiceMade& choice : *view.choices) {
    step.choices.push_back(choice.value);
    step.counted.push_back(choice.counted);
  }
  return step;
}

/// What a state itself shows: properties, core.stuck, leaks. The compiled counterpart of Interpreter::violations_of.
class Judge {
 public:
  struct Shown {
    RuleId rule;
    PropertyId property;  // none for core.stuck and leaks
    model::Span span;
    std::string message;
  };

  explicit Judge(const CompiledSystem& compiled)
      : compiled_(compiled), system_(compiled.system()), generator_(compiled), stuck_(compiled) {
    for (std::size_t r = 0; r < system_.rules.size(); ++r) {
      if (system_.rules[r].name == "life.leaked") leak_ = RuleId(r);
    }
    for (const model::Instance& instance : system_.instances) {
      if (leak_.valid() && instance.life) objects_.push_back(&instance);
    }
  }

  /// Fills `shown` with the violations of `state` among rules that are core or `is_wanted`; true when one is core.
  template <class Wanted>
  bool violations(const std::int32_t* state, const Wanted& is_wanted, std::vector<Shown>& shown) {
    shown.clear();
    bool is_core = false;
    can_step_ = -1;
    for (const CompiledProperty& property : compiled_.properties) {
      if (property.kind == PropertyKind::Reachable || (!property.core && !is_wanted(property.rule))) continue;
      bool broken = false;
      switch (property.kind) {
        case PropertyKind::Invariant:
          broken = !generator_.is_true(property.condition, state);
          break;
        case PropertyKind::Never:
          broken = generator_.is_true(property.condition, state);
          break;
        case PropertyKind::DeadlockFree:
          broken = !all_ended(state) && !can_step(state);
          break;
        case PropertyKind::Reachable:
          break;
      }
      if (!broken) continue;
      is_core = is_core || property.core;
      const model::Property& source = system_.at(property.id);
      shown.push_back({property.rule, property.id, source.span, source.message});
    }
    if (system_.stuck_rule.valid() && stuck_.is_stuck(state)) {
      is_core = is_core || system_.at(system_.stuck_rule).core;
      shown.push_back({system_.stuck_rule, {}, {}, ""});
    }
    if (!objects_.empty() && (is_wanted(leak_) || system_.at(leak_).core) && all_ended(state)) {
      for (const model::Instance* object : objects_) {
        if (state[object->life->value] != 1 || can_step(state)) continue;
        is_core = is_core || system_.at(leak_).core;
        shown.push_back({leak_, {}, object->span, "'" + object->path + "' is still live where everything has ended"});
      }
    }
    return is_core;
  }

  bool is_true(BlockId condition, const std::int32_t* state) { return generator_.is_true(condition, state); }

 private:
  bool all_ended(const std::int32_t* state) const {
    return std::all_of(compiled_.activations.begin(), compiled_.activations.end(),
                       [&](const CompiledActivation& activation) { return state[activation.location_cell] == 0; });
  }
  /// Asked at most once per state: it costs the search for a step.
  bool can_step(const std::int32_t* state) {
    if (can_step_ < 0) can_step_ = generator_.can_step(state) ? 1 : 0;
    return can_step_ != 0;
  }

  const CompiledSystem& compiled_;
  const model::TransitionSystem& system_;
  SuccessorGenerator generator_;
  StuckDetector stuck_;
  RuleId leak_;
  std::vector<const model::Instance*> objects_;
  int can_step_ = -1;  // -1: not known
};

/// Finds the first step from a known state to another: for the way back from a violation.
class StepFinder : public SuccessorSink {
 public:
  StepFinder(const Packing& packing, Canonicalizer& canonicalizer, const PackedStateSet& states)
      : packing_(packing), canonicalizer_(canonicalizer), states_(states), packed_(packing.words()) {}

  /// The targets wanted, and what was found.
  struct Parent {
    std::uint32_t state = PackedStateSet::kNone;
    Step step;
  };
  std::map<std::uint32_t, Parent> wanted;
  std::size_t missing = 0;
  std::uint32_t source = 0;

  void on_successor(const SuccessorView& view) override {
    if (view.ends_run() || missing == 0) return;
    packing_.pack(canonicalizer_.canonical(view.next), packed_.data());
    const auto entry = wanted.find(states_.find(packed_.data()));
    if (entry == wanted.end() || entry->second.state != PackedStateSet::kNone) return;
    entry->second = {source, step_of(view)};
    --missing;
  }

 private:
  const Packing& packing_;
  Canonicalizer& canonicalizer_;
  const PackedStateSet& states_;
  std::vector<std::uint64_t> packed_;
};

class BreadthFirst : public SuccessorSink {
 public:
  BreadthFirst(const model::TransitionSystem& system, const SearchOptions& options)
      : system_(system),
        options_(options),
        compiled_(system),
        packing_(system),
        canonicalizer_(system),
        generator_(compiled_),
        judge_(compiled_),
        states_(packing_.words()),
        packed_(packing_.words()),
        cells_(system.cells.size()),
        found_(system.rules.size()),
        checked_(system.rules.size()),
        began_(std::chrono::steady_clock::now()) {
    for (RuleId rule : system.checked) checked_[rule.value] = true;
    for (const CompiledProperty& property : compiled_.properties) {
      if (property.kind == PropertyKind::Reachable) unseen_witnesses_.push_back(&property);
      if (property.has_trigger) unseen_triggers_.push_back(&property);
    }
  }

  Exploration explore() {
    try {
      search();
    } catch (const std::bad_alloc&) {
      // The machine has less than the limit allows; what was found so far stands.
      stop(LimitKind::Memory);
    }
    finish();
    return std::move(result_);
  }

  void on_successor(const SuccessorView& view) override {
    if ((++outcomes_ & 0x3FFF) == 0) {
      look_at_limits(source_);
      if (stopped_) incomplete_ = 1;
    }
    if (stopped_) return generator_.stop();
    const std::int32_t* next = nullptr;
    if (!view.ends_run()) {
      next = canonicalizer_.canonical(view.next);
      packing_.pack(next, packed_.data());
    }
    if (!view.failed->empty()) record_step(view, next);
    if (view.ends_run()) return;
    if (stopped_) {
      ++result_.statistics.generated_steps;
      return;
    }
    const std::uint32_t number = reach(next);
    if (number == PackedStateSet::kNone) {
      ++result_.statistics.generated_steps;
      return;
    }
    if (!view.may_repeat || is_new_step(view, number)) ++result_.statistics.generated_steps;
  }

 private:
  /// A violation or witness whose run is still to be found.
  struct Pending {
    std::uint32_t state = 0;   // the state itself, or the one that the last step leaves
    std::optional<Step> last;  // a step from there
    State after;               // where it leads; empty when it ends the run
  };

  // ------------------------------------------------------------------------------------- search

  void search() {
    for (const State& state : model::Interpreter(system_).initial_states()) {
      if (stopped_) return;
      const std::int32_t* initial = canonicalizer_.canonical(state.data());
      packing_.pack(initial, packed_.data());
      reach(initial);
    }
    level_begin_.push_back(0);
    std::uint32_t next = 0;
    while (!stopped_ && next < states_.size()) {
      const std::uint32_t end = states_.size();
      const auto depth = static_cast<std::uint32_t>(level_begin_.size() - 1);
      level_begin_.push_back(end);
      result_.statistics.depth = depth;
      if (options_.limits.depth && depth >= *options_.limits.depth) {
        if (end - next > ended_in_level_) stop(LimitKind::Depth);
        expanded_ = next;
        return;
      }
      ended_in_level_ = 0;
      std::size_t ended = next_ended_;
      next_ended_ = ended_.size();
      for (; next < end && !stopped_; ++next) {
        if (ended < ended_.size() && ended_[ended] == next) {
          ++ended;
          continue;
        }
        if ((next & 0xFF) == 0) look_at_limits(next);
        if (stopped_) break;
        expand(next);
      }
      expanded_ = next;
    }
  }

  void expand(std::uint32_t number) {
    source_ = number;
    packing_.unpack(states_[number], cells_.data());
    last_context_ = {};
    forget_steps();
    generator_.expand(cells_.data(), *this);
  }

  /// Judges and stores the state in packed_, whose cells are `state`, when it is new. Its number; kNone when there is
  /// no room for it.
  std::uint32_t reach(const std::int32_t* state) {
    if (options_.limits.states || options_.limits.memory_bytes || states_.size() >= PackedStateSet::kMaxStates) {
      const std::uint32_t known = states_.find(packed_.data());
      if (known != PackedStateSet::kNone) return known;
      if ((options_.limits.states && states_.size() >= *options_.limits.states) ||
          states_.size() >= PackedStateSet::kMaxStates) {
        return no_room(LimitKind::States);
      }
      if (options_.limits.memory_bytes &&
          other_memory_bytes() + states_.next_memory_bytes() > *options_.limits.memory_bytes) {
        return no_room(LimitKind::Memory);
      }
    }
    const PackedStateSet::Inserted inserted = states_.insert(packed_.data());
    if (!inserted.is_new) return inserted.number;
    if (judge(state, inserted.number)) {
      ended_.push_back(inserted.number);
      ++ended_in_level_;
    }
    return inserted.number;
  }

  std::uint32_t no_room(LimitKind limit) {
    incomplete_ = 1;  // the state being expanded
    stop(limit);
    return PackedStateSet::kNone;
  }

  /// Whether the step that `view` shows, to state `to`, was not counted before. Only outcomes of one context from one
  /// state can be the same step.
  bool is_new_step(const SuccessorView& view, std::uint32_t to) {
    if (view.actor.kind != last_context_.kind || view.actor.index != last_context_.index) {
      last_context_ = view.actor;
      forget_steps();
    }
    SeenStep step;
    step.first = details_.size();
    for (const ChoiceMade& choice : *view.choices) {
      if (choice.counted) details_.push_back(choice.value);
    }
    step.choices = details_.size() - step.first;
    for (std::int32_t check : *view.failed) details_.push_back(check);
    step.count = details_.size() - step.first;
    const auto detail = [this](std::size_t position) {
      return details_.begin() + static_cast<std::ptrdiff_t>(position);
    };
    for (auto at = targets_seen_.begin(); (at = std::find(at, targets_seen_.end(), to)) != targets_seen_.end(); ++at) {
      const SeenStep& seen = steps_seen_[static_cast<std::size_t>(at - targets_seen_.begin())];
      if (seen.choices == step.choices && seen.count == step.count &&
          std::equal(detail(seen.first), detail(seen.first + seen.count), detail(step.first))) {
        details_.resize(step.first);
        return false;
      }
    }
    targets_seen_.push_back(to);
    steps_seen_.push_back(step);
    return true;
  }

  void forget_steps() {
    targets_seen_.clear();
    steps_seen_.clear();
    details_.clear();
  }

  // ------------------------------------------------------------------------------------ judging

  /// Records what a new state shows; true when no run goes on from it.
  bool judge(const std::int32_t* state, std::uint32_t number) {
    const auto is_wanted = [this](RuleId rule) { return checked_[rule.value] && !found_[rule.value]; };
    const bool ends = judge_.violations(state, is_wanted, shown_);
    for (const Judge::Shown& shown : shown_) {
      if (!is_new(shown.rule)) continue;
      Finding finding;
      finding.rule = shown.rule;
      finding.violation.rule = shown.rule;
      finding.violation.span = shown.span;
      finding.violation.message = shown.message;
      finding.violation.property = shown.property;
      finding.in_state = true;
      if (shown.property.valid()) finding.property = shown.property;
      record(std::move(finding), {number, std::nullopt, {}});
    }
    const auto take_true = [&](std::vector<const CompiledProperty*>& unseen, bool triggers, const auto& seen) {
      for (std::size_t i = 0; i < unseen.size();) {
        if (!judge_.is_true(triggers ? unseen[i]->trigger : unseen[i]->condition, state)) {
          ++i;
          continue;
        }
        seen(unseen[i]->id);
        unseen.erase(unseen.begin() + static_cast<std::ptrdiff_t>(i));
      }
    };
    take_true(unseen_witnesses_, false, [&](PropertyId property) {
      result_.witnessed.push_back(property);
      pending_witnesses_.push_back({number, std::nullopt, {}});
    });
    take_true(unseen_triggers_, true, [&](PropertyId property) { result_.triggered.push_back(property); });
    return ends;
  }

  void record_step(const SuccessorView& view, const std::int32_t* next) {
    for (std::int32_t check : *view.failed) {
      const CompiledCheck& broken = compiled_.code.checks[static_cast<std::size_t>(check)];
      if (!is_new(broken.rule)) continue;
      Finding finding;
      finding.rule = broken.rule;
      finding.violation.rule = broken.rule;
      finding.violation.span = broken.span;
      finding.violation.message = broken.message;
      Pending pending{source_, step_of(view), {}};
      if (next != nullptr) pending.after.assign(next, next + cells_.size());
      record(std::move(finding), std::move(pending));
    }
  }

  /// Core rules matter even when nobody asked for them: they cut runs off.
  bool is_new(RuleId rule) const { return (system_.at(rule).core || checked_[rule.value]) && !found_[rule.value]; }

  void record(Finding finding, Pending pending) {
    found_[finding.rule.value] = true;
    if (options_.stop_at_first && checked_[finding.rule.value]) {
      result_.stopped_at_first = true;
      stopped_ = true;
    }
    result_.findings.push_back(std::move(finding));
    pending_findings_.push_back(std::move(pending));
  }

  // --------------------------------------------------------------------------------------- runs

  /// The runs to all `pending`, by one pass backwards over the levels.
  std::vector<Run> runs_to(const std::vector<Pending>& pending) {
    std::vector<Run> runs(pending.size());
    if (pending.empty()) return runs;
    StepFinder finder(packing_, canonicalizer_, states_);
    std::map<std::uint32_t, std::vector<std::uint32_t>> at_level;  // states whose parents are wanted
    const auto level_of = [&](std::uint32_t number) {
      const auto after = std::upper_bound(level_begin_.begin(), level_begin_.end(), number);
      return static_cast<std::uint32_t>(after - level_begin_.begin()) - 1;
    };
    for (const Pending& one : pending) at_level[level_of(one.state)].push_back(one.state);
    std::map<std::uint32_t, StepFinder::Parent> parents;
    while (!at_level.empty()) {
      const std::uint32_t level = at_level.rbegin()->first;
      finder.wanted.clear();
      for (std::uint32_t number : at_level.rbegin()->second) finder.wanted[number];
      at_level.erase(level);
      if (level == 0) break;
      finder.missing = finder.wanted.size();
      std::size_t ended = static_cast<std::size_t>(
          std::lower_bound(ended_.begin(), ended_.end(), level_begin_[level - 1]) - ended_.begin());
      for (std::uint32_t number = level_begin_[level - 1]; number < level_begin_[level] && finder.missing > 0;
           ++number) {
        if (ended < ended_.size() && ended_[ended] == number) {
          ++ended;
          continue;
        }
        finder.source = number;
        packing_.unpack(states_[number], cells_.data());
        generator_.expand(cells_.data(), finder);
      }
      QUIESCE_CHECK(finder.missing == 0) << "a state of depth " << level << " that no state of depth " << level - 1
                                         << " leads to";
      for (auto& [number, parent] : finder.wanted) {
        at_level[level - 1].push_back(parent.state);
        parents[number] = std::move(parent);
      }
    }
    for (std::size_t i = 0; i < pending.size(); ++i) {
      Run& run = runs[i];
      std::uint32_t number = pending[i].state;
      run.states.push_back(unpacked(number));
      for (auto parent = parents.find(number); parent != parents.end(); parent = parents.find(number)) {
        run.steps.push_back(parent->second.step);
        number = parent->second.state;
        run.states.push_back(unpacked(number));
      }
      std::reverse(run.states.begin(), run.states.end());
      std::reverse(run.steps.begin(), run.steps.end());
      if (pending[i].last) {
        run.steps.push_back(*pending[i].last);
        if (!pending[i].after.empty()) run.states.push_back(pending[i].after);
      }
    }
    return runs;
  }

  State unpacked(std::uint32_t number) const {
    State state(cells_.size());
    packing_.unpack(states_[number], state.data());
    return state;
  }

  // ------------------------------------------------------------------------------------- limits

  void stop(LimitKind limit) {
    if (stopped_) return;
    result_.limit = limit;
    stopped_ = true;
  }

  /// Before state `next` is expanded, now and then.
  void look_at_limits(std::uint32_t next) {
    if (options_.interrupt != nullptr && options_.interrupt->load(std::memory_order_relaxed))
      stop(LimitKind::Interrupted);
    const auto now = std::chrono::steady_clock::now();
    if (options_.limits.time && now - began_ >= *options_.limits.time) stop(LimitKind::Time);
    if (options_.progress && now >= next_progress_) {
      next_progress_ = now + std::chrono::milliseconds(100);
      expanded_ = next;
      fill_statistics();
      options_.progress(result_.statistics);
    }
  }

  /// What the search holds beside the states.
  std::uint64_t other_memory_bytes() const {
    const Code& code = compiled_.code;
    return code.instructions.capacity() * sizeof(Instruction) + level_begin_.capacity() * sizeof(std::uint32_t) +
           ended_.capacity() * sizeof(std::uint32_t);
  }

  void fill_statistics() {
    Statistics& statistics = result_.statistics;
    statistics.distinct_states = states_.size();
    const auto ended =
        static_cast<std::uint64_t>(ended_.end() - std::lower_bound(ended_.begin(), ended_.end(), expanded_));
    statistics.frontier = states_.size() - expanded_ - ended + incomplete_;
    statistics.wall = std::chrono::steady_clock::now() - began_;
    statistics.peak_memory_bytes = states_.peak_memory_bytes() + other_memory_bytes();
    statistics.memory_bytes = states_.memory_bytes() + other_memory_bytes();
    statistics.fill = states_.fill();
    statistics.levels.clear();
    for (std::size_t d = 0; d + 1 < level_begin_.size(); ++d) {
      statistics.levels.push_back(level_begin_[d + 1] - level_begin_[d]);
    }
    if (!level_begin_.empty() && level_begin_.back() < states_.size()) {
      statistics.levels.push_back(states_.size() - level_begin_.back());
    }
  }

  /// At a limit: what multiplies the states, on a sample of those visited.
  void measure_multipliers() {
    const std::size_t count = std::min<std::size_t>(states_.size(), sample_size(system_));
    std::vector<State> sample;
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < count; ++i) {  // one of each of `count` equal parts, so that no state comes twice
      const std::uint64_t begin = std::uint64_t{states_.size()} * i / count;
      const std::uint64_t end = std::uint64_t{states_.size()} * (i + 1) / count;
      sample.push_back(unpacked(static_cast<std::uint32_t>(begin + random() % (end - begin))));
    }
    result_.sampled_states = count;
    result_.multipliers = checker::measure_multipliers(system_, std::move(sample), [this](const State& state) {
      packing_.pack(canonicalizer_.canonical(state.data()), packed_.data());
      return states_.find(packed_.data()) != PackedStateSet::kNone;
    });
  }

  void finish() {
    if (!level_begin_.empty() && level_begin_.back() < states_.size()) {
      // A search that was stopped reached states of one more level.
      result_.statistics.depth = static_cast<std::uint32_t>(level_begin_.size() - 1);
      level_begin_.push_back(states_.size());
    }
    if (level_begin_.empty()) level_begin_ = {0, states_.size()};
    // Before the runs are searched for, since that expands again.
    std::vector<bool> rules(system_.rules.size(), false);
    for (std::size_t check = 0; check < exercised_.size(); ++check) {
      if (exercised_[check]) rules[compiled_.code.checks[check].rule.value] = true;
    }
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
      if (rules[rule]) result_.exercised.push_back(RuleId(rule));
    }
    fill_statistics();
    if (options_.measure_multipliers && result_.limit != LimitKind::None) measure_multipliers();
    std::vector<Run> runs = runs_to(pending_findings_);
    for (std::size_t i = 0; i < runs.size(); ++i) result_.findings[i].run = std::move(runs[i]);
    result_.witnesses = runs_to(pending_witnesses_);
    result_.statistics.wall = std::chrono::steady_clock::now() - began_;
    std::sort(result_.triggered.begin(), result_.triggered.end());
  }

  const model::TransitionSystem& system_;
  const SearchOptions& options_;
  CompiledSystem compiled_;
  Packing packing_;
  Canonicalizer canonicalizer_;
  SuccessorGenerator generator_;
  Judge judge_;
  PackedStateSet states_;
  std::vector<std::uint64_t> packed_;  // the state at hand
  std::vector<std::int32_t> cells_;    // the state being expanded
  std::uint32_t source_ = 0;           // its number

  // Levels are ranges of numbers: level d is level_begin_[d] .. level_begin_[d + 1].
  std::vector<std::uint32_t> level_begin_;
  std::vector<std::uint32_t> ended_;  // states that broke a core rule, ascending: not expanded
  std::size_t next_ended_ = 0;
  std::uint32_t ended_in_level_ = 0;  // of those, in the level being discovered
  std::uint32_t expanded_ = 0;        // states before this number are done
  std::uint32_t incomplete_ = 0;      // 1 when the search stopped in the middle of a state
  std::uint64_t outcomes_ = 0;

  // Steps of one context from the state being expanded, for counting.
  struct SeenStep {
    std::size_t first = 0;    // position in details_
    std::size_t choices = 0;  // so many counted choices there,
    std::size_t count = 0;    // and so many numbers with the failed checks that follow
  };
  model::Actor last_context_;
  std::vector<std::uint32_t> targets_seen_;  // in step with steps_seen_; apart because it is what is searched
  std::vector<SeenStep> steps_seen_;
  std::vector<std::int64_t> details_;

  std::vector<bool> found_;    // by rule
  std::vector<bool> checked_;  // by rule
  std::vector<Judge::Shown> shown_;
  std::vector<const CompiledProperty*> unseen_witnesses_;
  std::vector<const CompiledProperty*> unseen_triggers_;
  std::vector<Pending> pending_findings_;  // in step with result_.findings
  std::vector<Pending> pending_witnesses_;
  const std::vector<bool>& exercised_ = generator_.exercised();

  bool stopped_ = false;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point next_progress_{};
  Exploration result_;
};

}  // namespace

Exploration explore_breadth_first(const model::TransitionSystem& system, const SearchOptions& options) {
  return BreadthFirst(system, options).explore();
}

}  // namespace quiesce::checker
