#include "checker/search/breadth_first.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "checker/search/layer_search.h"
#include "checker/search/multipliers.h"
#include "checker/space/state_space.h"
#include "model/base/internal_check.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {
namespace {

using model::State;

/// Makes runs of packed states into runs with steps: the first step, in the order of the generator, that fits. The
/// states of the run are those that its steps lead to, not their representatives, so that what is renamed by a
/// representative keeps one identity through the run.
class RunMaker {
 public:
  /// `control`: until when runs are made; beyond that, SearchStopped is thrown.
  RunMaker(StateSpace& space, const SearchControl& control) : space_(space), control_(control) {}

  Run run_through(const std::vector<PackedState>& states) {
    Run run;
    run.states.push_back(space_.unpack(states.front().data()));
    for (std::size_t i = 1; i < states.size(); ++i) {
      FoundStep found = step_to(run.states.back(), states[i]);
      if (is_lost_) break;
      run.steps.push_back(std::move(found.step));
      run.states.push_back(std::move(found.after));
    }
    return run;
  }

  /// For LayerSearch::runs_to: of several ways that are equally short, one on which the same context keeps acting,
  /// since that is easier to follow.
  std::size_t choose_parent(const std::vector<LayerFinding>& layer_findings, std::size_t number,
                            const PackedState& child, const std::vector<PackedState>& parents) {
    actors_.resize(layer_findings.size());
    std::optional<model::Actor>& next = actors_[number];
    const LayerFinding& layer_finding = layer_findings[number];
    if (!next && !layer_finding.in_state) {  // the step from the last state
      next = step_breaking(layer_finding.rule, space_.unpack(layer_finding.state.data())).step.actor;
    }
    std::size_t best = 0;
    std::optional<model::Actor> actor;
    for (std::size_t i = 0; i < parents.size(); ++i) {
      const model::Actor acts = step_to(space_.unpack(parents[i].data()), child).step.actor;
      const bool goes_on = next && is_same_context(acts, *next);
      if (i == 0 || goes_on) {
        best = i;
        actor = acts;
      }
      if (goes_on || !next) break;
    }
    next = actor;
    return best;
  }

  /// A run could not be followed, because the representatives of one orbit differ (instance_form.h says where).
  bool is_lost() const { return is_lost_; }

  /// The violation that `layer_finding` stands for; completes its run, which leads to the layer_finding's state.
  Finding finding_of(const LayerFinding& layer_finding, Run run) {
    Finding finding;
    finding.rule = layer_finding.rule;
    finding.in_state = layer_finding.in_state;
    finding.violation.rule = layer_finding.rule;
    if (layer_finding.in_state) {
      for (model::Violation& one : model::Interpreter(space_.system()).violations_of(run.states.back())) {
        if (one.rule != layer_finding.rule) continue;
        if (one.property.valid()) finding.property = one.property;
        finding.violation = std::move(one);
        return with_run(std::move(finding), std::move(run));
      }
      is_lost_ = true;  // only up to the garbage of a core rule that the state breaks too
    } else {
      FoundStep found = step_breaking(layer_finding.rule, run.states.back());
      if (is_lost_) return finding;
      finding.violation = space_.broken_by(found.failed);
      run.steps.push_back(std::move(found.step));
      if (!found.after.empty()) run.states.push_back(std::move(found.after));
    }
    return with_run(std::move(finding), std::move(run));
  }

 private:
  static bool is_same_context(const model::Actor& one, const model::Actor& other) {
    const bool one_acts = one.kind == model::Actor::Kind::Act;
    const bool other_acts = other.kind == model::Actor::Kind::Act;
    return one_acts == other_acts && one.index == other.index && one.activation == other.activation;
  }

  static Finding with_run(Finding finding, Run run) {
    finding.run = std::move(run);
    return finding;
  }

  FoundStep step_to(const State& from, const PackedState& target) {
    return found_or_lost(space_.step(from, {&target, {}}, &control_));
  }

  FoundStep step_breaking(model::RuleId rule, const State& from) {
    const auto breaks = [&](std::int32_t check) { return space_.broken_by(check).rule == rule; };
    return found_or_lost(space_.step(from, {nullptr, breaks}, &control_));
  }

  FoundStep found_or_lost(std::optional<FoundStep> found) {
    QUIESCE_CHECK(found || !space_.symmetry().is_trivial()) << "a step that the search took is not found again";
    is_lost_ = is_lost_ || !found;
    return found ? std::move(*found) : FoundStep{};
  }

  StateSpace& space_;
  const SearchControl& control_;
  bool is_lost_ = false;
  std::vector<std::optional<model::Actor>> actors_;  // by layer_finding: what takes the step after the one looked for
};

/// The violation that `layer_finding` stands for, without the way to it: what is known is where and why.
Finding finding_without_run(StateSpace& space, const LayerFinding& layer_finding, LimitKind limit) {
  const SearchControl unlimited(Limits{}, nullptr);
  RunMaker maker(space, unlimited);
  Run last;
  last.states.push_back(space.unpack(layer_finding.state.data()));
  Finding finding = maker.finding_of(layer_finding, std::move(last));
  finding.run = {};
  finding.no_run = limit;
  return finding;
}

/// The runs to all layer_findings: from the layers of the search when it still has them, else from a second search,
/// which keeps all of them. Empty runs where `control` or memory ended that before it came so deep; `limit` then says
/// which.
std::vector<std::vector<PackedState>> runs_to_findings(StateSpace& space, const SearchOptions& options,
                                                       std::unique_ptr<LayerSearch> search, RunMaker& maker,
                                                       const SearchControl& control, LimitKind& limit) {
  const std::vector<LayerFinding> layer_findings = search->findings();
  if (layer_findings.empty()) return {};
  const auto choose = [&](std::size_t number, const PackedState& child, const std::vector<PackedState>& parents) {
    return maker.choose_parent(layer_findings, number, child, parents);
  };
  limit = LimitKind::Memory;  // the way there was on a disk that failed
  try {
    if (search->has_layers()) return search->runs_to(layer_findings, choose, control);
    search.reset();  // its memory is needed
    SearchOptions again = options;
    again.limits = {};
    again.after_first.reset();
    again.limits.memory_bytes = options.limits.memory_bytes;
    again.control = &control;
    again.progress = nullptr;
    again.checkpoint.clear();
    again.resume.clear();
    std::uint32_t depth = 0;
    for (const LayerFinding& layer_finding : layer_findings) depth = std::max(depth, layer_finding.depth);
    LayerSearch second(space, again, LayerSearch::Keep::Always, std::chrono::steady_clock::now());
    second.search_layers(depth);
    if (second.facts().limit != LimitKind::None) limit = second.facts().limit;
    return second.runs_to(layer_findings, choose, control);
  } catch (const SearchStopped& stopped) {
    limit = stopped.limit;
  } catch (const std::bad_alloc&) {
    limit = LimitKind::Memory;
  }
  return std::vector<std::vector<PackedState>>(layer_findings.size());
}

/// Adds a run to a witness of `property`, or of one that an exchange of instances makes of it: which of them the run
/// leads to depends on which instances stand for which in the states visited.
void add_witness(const model::TransitionSystem& system, const InstanceSymmetry& symmetry, model::PropertyId property,
                 Run run, Exploration& facts) {
  if (!symmetry.is_trivial()) {
    const std::uint32_t first = symmetry.witness_of[property.value];
    const std::vector<model::PropertyId> all = model::Interpreter(system).witnessed_by(run.states.back());
    const bool shows_it = std::find(all.begin(), all.end(), property) != all.end();
    for (const model::PropertyId shown : all) {
      if (!shows_it && symmetry.witness_of[shown.value] == first) property = shown;
    }
    for (const model::PropertyId known : facts.witnessed) {
      if (known == property) return;
    }
  }
  facts.witnessed.push_back(property);
  facts.witnesses.push_back(std::move(run));
}

/// Adds the properties of which an exchange of instances makes a witness of what a witness was found for.
void exchange_witnesses(const InstanceSymmetry& symmetry, Exploration& facts) {
  if (symmetry.is_trivial()) return;
  const std::vector<model::PropertyId> found = facts.witnessed;
  for (std::uint32_t i = 0; i < symmetry.witness_of.size(); ++i) {
    const model::PropertyId property(std::size_t{i});
    if (std::find(found.begin(), found.end(), property) != found.end()) continue;
    const auto same = [&](model::PropertyId other) {
      return symmetry.witness_of[other.value] == symmetry.witness_of[i];
    };
    if (std::any_of(found.begin(), found.end(), same)) facts.witnessed.push_back(property);
  }
}

/// What is told of symmetry.
SymmetryFacts facts_of(const InstanceSymmetry& symmetry) {
  SymmetryFacts facts;
  for (const InterchangeableClass& one : symmetry.classes) facts.classes.push_back(one.members);
  facts.obstacles = symmetry.obstacles;
  return facts;
}

/// What multiplies the states, measured on those that `search` visited.
void add_multipliers(StateSpace& space, const LayerSearch& search, const SearchControl& control, Exploration& facts) {
  const model::TransitionSystem& system = space.system();
  std::vector<State> sample;
  for (const PackedState& state : search.sample(sample_size(system))) sample.push_back(space.unpack(state.data()));
  PackedState state(space.words());
  std::uint32_t asked = 0;
  const std::size_t size = sample.size();
  try {
    facts.multipliers = measure_multipliers(system, std::move(sample), [&](const State& cells) {
      if (++asked % 1024 == 0) control.check();
      space.pack(cells, state.data());
      return search.has_visited(state.data());
    });
    facts.sampled_states = size;
  } catch (const SearchStopped&) {
    facts.multipliers.clear();  // they are advice, no more
  }
}

/// Adds what was found to the facts, with the runs that there was time for. False when a run was lost (RunMaker).
bool add_findings(StateSpace& space, const SearchOptions& options, std::unique_ptr<LayerSearch> search,
                  Exploration& facts) {
  const SearchControl control = options.control->for_evidence();
  const std::vector<LayerFinding> layer_findings = search->findings();
  RunMaker maker(space, control);
  LimitKind limit = LimitKind::None;
  std::vector<model::PropertyId> without_run;
  const std::vector<std::vector<PackedState>> runs =
      runs_to_findings(space, options, std::move(search), maker, control, limit);
  for (std::size_t i = 0; i < layer_findings.size(); ++i) {
    std::optional<Run> run;
    LimitKind stopped_at = limit;
    try {
      if (!runs[i].empty()) run = maker.run_through(runs[i]);
      if (run && layer_findings[i].property.valid()) {
        add_witness(space.system(), space.symmetry(), layer_findings[i].property, std::move(*run), facts);
        continue;
      }
      if (run) {
        facts.findings.push_back(maker.finding_of(layer_findings[i], std::move(*run)));
        continue;
      }
    } catch (const SearchStopped& stopped) {
      stopped_at = stopped.limit;
    }
    // What was found stays found.
    if (layer_findings[i].property.valid()) {
      without_run.push_back(layer_findings[i].property);
    } else {
      facts.findings.push_back(finding_without_run(space, layer_findings[i], stopped_at));
    }
  }
  facts.witnessed.insert(facts.witnessed.end(), without_run.begin(), without_run.end());
  return !maker.is_lost();
}

Exploration explore(const model::TransitionSystem& system, const SearchOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  const std::unique_ptr<StateSpace> space = make_state_space(system, options);
  auto search = std::make_unique<LayerSearch>(*space, options, LayerSearch::Keep::WhileSmall, began);
  search->search();
  Exploration facts = std::move(search->facts());
  if (facts.problem) return facts;
  facts.symmetry = facts_of(space->symmetry());
  if (options.is_trial && facts.after_first) return facts;
  if (options.measure_multipliers && facts.limit != LimitKind::None && facts.storage == Storage::Exact) {
    add_multipliers(*space, *search, options.control->for_evidence(), facts);
  }
  const auto searched = std::chrono::steady_clock::now();
  if (!add_findings(*space, options, std::move(search), facts)) {
    SearchOptions apart = options;
    apart.symmetry = false;
    apart.checkpoint.clear();
    apart.resume.clear();
    return explore(system, apart);
  }
  exchange_witnesses(space->symmetry(), facts);
  facts.statistics.wall += std::chrono::steady_clock::now() - searched;
  return facts;
}

}  // namespace

Exploration explore_breadth_first(const model::TransitionSystem& system, const SearchOptions& options) {
  const SearchControl own(options.limits, options.interrupt);
  SearchOptions with = options;
  if (with.control == nullptr) with.control = &own;
  try {
    return explore(system, with);
  } catch (const SearchStopped& stopped) {  // before anything was searched
    Exploration facts;
    facts.limit = stopped.limit;
    facts.storage = options.storage;
    return facts;
  }
}

}  // namespace quiesce::checker
