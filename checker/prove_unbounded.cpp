#include "checker/prove_unbounded.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "checker/evidence/recheck.h"
#include "checker/result/memory_budget.h"
#include "checker/result/search_control.h"
#include "checker/smt/initial_solver.h"
#include "checker/symbolic/predicates.h"
#include "checker/symbolic/proof.h"
#include "checker/symbolic/spurious.h"
#include "model/base/patience.h"
#include "model/guarded/formula_text.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::ExprId;
using model::RuleId;
using Values = std::map<CellId, std::int32_t>;
using Clock = std::chrono::steady_clock;

constexpr int kMostValuations = 12;
constexpr std::size_t kMostPredicates = 60;
constexpr std::uint64_t kStatesOfSomeValues = 20'000;  // of the system with some values, to see what is exercised
constexpr std::uint64_t kStatesBroken = 500'000;       // with values with which something is broken

class Unbounded {
 public:
  Unbounded(CheckCase& decided, const ProveOptions& options)
      : case_(decided),
        options_(options),
        control_(options.check.search.limits, options.check.search.interrupt),
        engine_(control_, options.check.search.limits.memory_bytes) {}

  UnboundedResult result() {
    const auto goes_on = [this] { return engine_.reason() == LimitKind::None; };
    const auto cut = model::work_patiently(goes_on, [this] { prove(); });
    if (cut) facts_.limit = engine_.reason();
    if (facts_.limit != LimitKind::None) give_up();
    if (!guarded_.initial.empty()) look_at_runs();
    SearchResult result = judge_proof(case_.system, std::move(facts_));
    result.statistics.wall = Clock::now() - begin_;
    result.statistics.peak_memory_bytes = std::max(result.statistics.peak_memory_bytes, process_bytes());
    return {std::move(result), std::move(texts_)};
  }

 private:
  // ---------------------------------------------------------------------------------------------- proof

  void prove() {
    model::Expected<model::GuardedSystem> guarded = guarded_by_solver(case_.system);
    if (!guarded) return leave({NotEncoded::Form::Formulas, guarded.error()});
    guarded_ = std::move(*guarded);
    predicates_ = predicates_of(guarded_);
    for (int round = 0; round < kMostValuations; ++round) {
      const model::Expected<model::GuardedSystem> abstract = abstracted(guarded_, predicates_, control_);
      if (!abstract) return leave({NotEncoded::Form::Abstraction, abstract.error()});
      SymbolicOptions symbolic;
      symbolic.is_abstract = true;
      facts_ = prove_symbolically(*abstract, symbolic, engine_);
      if (facts_.limit != LimitKind::None || !facts_.proof) return;
      const std::vector<ExprId> further = look_into_findings();
      if (further.empty()) break;
      predicates_.insert(predicates_.end(), further.begin(), further.end());
      if (predicates_.size() > kMostPredicates) break;
    }
    facts_.seen.findings.clear();
    recheck();
  }

  /// What an earlier round has proved was not confirmed, and its runs were not found to be real.
  void leave(NotEncoded why) {
    give_up();
    facts_.seen.warning = std::move(why);
  }

  /// Which runs are real. Comparisons that exclude the others.
  std::vector<ExprId> look_into_findings() {
    std::vector<ExprId> further;
    for (const Finding& finding : facts_.seen.findings) {
      if (broken_.contains(finding.rule)) continue;
      Concretized run = concretized(guarded_, predicates_, finding, control_);
      if (run.answer == Concretized::Answer::Real) {
        broken_[finding.rule] = std::move(run.values);
        continue;
      }
      for (const ExprId one : run.further) {
        if (std::find(further.begin(), further.end(), one) == further.end()) further.push_back(one);
      }
    }
    return further;
  }

  /// Asks Z3 over the integers. What it does not confirm proves nothing.
  void recheck() {
    Proof& proof = *facts_.proof;
    for (const ExprId one : predicates_) texts_.push_back(model::formula_text(guarded_.system.expressions, one));
    if (facts_.unbroken.empty()) return;
    RecheckResult asked;
    const auto ask = [&](const Obligation& obligation) {
      if (engine_.reason() == LimitKind::None) return checker::recheck(obligation, control_, asked);
      asked.outcome = RecheckResult::Outcome::Undecided;
      return false;
    };
    for_each_obligation(guarded_, proof.invariant, facts_.unbroken, nullptr, ask, texts_);
    if (asked.outcome == RecheckResult::Outcome::Accepted) {
      proof.rechecked.emplace_back("Z3");
      return;
    }
    give_up();
    if (asked.outcome == RecheckResult::Outcome::Undecided && engine_.reason() != LimitKind::None) {
      facts_.limit = engine_.reason();
    } else {
      facts_.seen.warning = NotConfirmed{NotConfirmed::What::ByZ3, asked.problem};
      facts_.unreplayed = case_.system.checked;
    }
  }

  /// Nothing is proved.
  void give_up() {
    facts_.unbroken.clear();
    facts_.seen.findings.clear();
    if (!facts_.proof) return;
    facts_.proof->rules.clear();
    facts_.proof->invariant = {};
    facts_.proof->rechecked.clear();
  }

  // ----------------------------------------------------------------------------------------------- runs

  /// Searches the system with some values: with those of a broken rule, if there is one.
  void look_at_runs() {
    const std::optional<Values> values = broken_.empty() ? some_values() : std::optional(broken_.begin()->second);
    if (!values) return;
    std::optional<CheckCase> some = fixed(*values);
    if (!some) return;
    CheckCase& with = *some;
    CheckOptions search = options_.check;
    search.engine = Engine::Explicit;
    search.search.progress = nullptr;
    search.search.measure_multipliers = false;
    search.search.limits.states = broken_.empty() ? kStatesOfSomeValues : kStatesBroken;
    if (search.search.limits.time) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(control_.left());
      search.search.limits.time = std::max(left, std::chrono::milliseconds(1));
    }
    Exploration seen = explored(with.system, search);
    std::erase_if(seen.findings, [&](const Finding& finding) { return !is_of_whole(finding); });
    const std::optional<Trouble> warning = facts_.seen.warning;
    seen.exercised.insert(seen.exercised.end(), facts_.seen.exercised.begin(), facts_.seen.exercised.end());
    const bool tells = !seen.findings.empty();
    seen.statistics = {};
    seen.limit = facts_.limit;
    seen.symmetry = {};
    facts_.seen = std::move(seen);
    if (warning) facts_.seen.warning = warning;
    for (const Finding& finding : facts_.seen.findings) std::erase(facts_.unbroken, finding.rule);
    if (tells) case_ = std::move(with);
  }

  /// A system with fixed values may get stuck where the whole one does not.
  bool is_of_whole(const Finding& finding) const {
    const model::TransitionSystem& system = case_.system;
    const std::string& name = system.at(finding.rule).name;
    if (finding.rule == system.stuck_rule || name == "life.leaked") return false;
    return std::none_of(system.properties.begin(), system.properties.end(), [&](const model::Property& property) {
      return property.rule == finding.rule && property.kind == model::PropertyKind::DeadlockFree;
    });
  }

  std::optional<Values> some_values() {
    for (const model::State& initial : guarded_.initial) {
      Finding none;
      none.run.states.push_back(initial);
      Concretized run = concretized(guarded_, predicates_, none, control_);
      if (run.answer == Concretized::Answer::Real) return std::move(run.values);
    }
    return std::nullopt;
  }

  /// Nothing where the values, or what is calculated with them, do not fit into 64 bits.
  std::optional<CheckCase> fixed(const Values& values) const {
    CheckCase result = case_;
    std::optional<model::TransitionSystem> some = model::with_values(case_.system, values);
    if (!some) return std::nullopt;
    result.system = std::move(*some);
    if (case_.original) {
      Values all = model::first_values(*case_.original);
      for (const model::InitialAssign& assign :
           case_.original->initial) {  // what is merged into the beginning comes later
        if (const auto value = values.find(assign.cell); value != values.end()) all[assign.cell] = value->second;
      }
      result.original = model::with_clipped_values(*case_.original, all);
    }
    for (model::TransitionSystem* system : {&result.system, result.original ? &*result.original : nullptr}) {
      if (system != nullptr) name_values(*system, values);
    }
    return result;
  }

  static void name_values(model::TransitionSystem& system, const Values& values) {
    for (const auto& [cell, value] : values) {
      const auto variable = system.at(cell).variable;
      if (!variable) continue;
      for (model::ParameterValue& parameter : system.parameters) {
        if (parameter.name == system.at(*variable).name) parameter.value = fmt::format("any ({} in the run)", value);
      }
    }
  }

  CheckCase& case_;
  const ProveOptions& options_;
  SearchControl control_;
  EngineControl engine_;
  Clock::time_point begin_ = Clock::now();
  model::GuardedSystem guarded_;
  std::vector<ExprId> predicates_;
  std::vector<std::string> texts_;   // of the predicates
  std::map<RuleId, Values> broken_;  // really
  ProofFacts facts_;
};

}  // namespace

UnboundedResult prove_unbounded(CheckCase& case_, const ProveOptions& options) {
  if (options.engine == ProofEngine::Explicit || options.engine == ProofEngine::Bounded) {
    UnboundedResult none;
    const CellId cell = model::unbounded_cells(case_.system).front();
    none.result.problem = NeedsBounds{case_.system.at(cell).name};
    return none;
  }
  return Unbounded(case_, options).result();
}

}  // namespace quiesce::checker
