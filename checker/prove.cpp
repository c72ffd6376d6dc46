#include "checker/prove.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "checker/evidence/recheck.h"
#include "checker/evidence/replay.h"
#include "checker/result/memory_budget.h"
#include "checker/result/search_control.h"
#include "checker/smt/initial_solver.h"
#include "checker/symbolic/invariant_check.h"
#include "checker/symbolic/proof.h"
#include "model/base/patience.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {
namespace {

using model::RuleId;
using Clock = std::chrono::steady_clock;

// What a small search and random walks beside a proof see: enough to show that most rules are exercised.
constexpr std::uint64_t kStatesBeside = 20'000;
constexpr std::uint32_t kWalksBeside = 300;
constexpr std::uint32_t kWalkSteps = 500;
constexpr std::chrono::milliseconds kWalkTime{2000};

/// The limits of one call of prove(), for all that it starts.
struct Whole {
  const model::TransitionSystem& system;
  const ProveOptions& options;
  SearchControl control;

  Whole(const model::TransitionSystem& searched, const ProveOptions& asked)
      : system(searched), options(asked), control(asked.check.search.limits, asked.check.search.interrupt) {}

  std::optional<std::uint64_t> memory_bytes() const { return options.check.search.limits.memory_bytes; }

  /// What a search that begins now is asked for.
  CheckOptions search(const std::atomic<bool>* stop) const {
    CheckOptions search = options.check;
    search.search.interrupt = stop;
    if (search.search.limits.time) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(control.left());
      search.search.limits.time = std::max(left, std::chrono::milliseconds(1));
    }
    return search;
  }
};

// ------------------------------------------------------------------------------------------------- evidence

/// Repeats the runs of the findings; those that cannot be repeated are dropped, with a word.
void replay_findings(const model::TransitionSystem& system, const SearchControl& control, ProofFacts& facts) {
  const model::Interpreter interpreter(system);
  std::vector<Finding> replayed;
  for (Finding& finding : facts.seen.findings) {
    const auto is_same = [&](const Finding& other) { return other.rule == finding.rule; };
    if (std::any_of(replayed.begin(), replayed.end(), is_same)) continue;
    try {
      model::Expected<Finding> again = replay(interpreter, finding, &control);
      if (again) {
        replayed.push_back(std::move(*again));
        continue;
      }
      facts.unreplayed.push_back(finding.rule);
      facts.seen.warning = NotConfirmed{NotConfirmed::What::Run, again.error(), system.at(finding.rule).name};
    } catch (const SearchStopped& stopped) {
      facts.limit = stopped.limit;
    }
  }
  facts.seen.findings = std::move(replayed);
}

/// Asks a Z3 of its own about each obligation: nothing of the engine's encoding is shared, not even which rules it has
/// seen to have a formula. False at a limit; an error when something is not shown.
model::Expected<bool> passes_z3(const Whole& whole, const model::GuardedSystem& guarded, const ProofFacts& facts,
                                EngineControl& control) {
  const auto goes_on = [&control] { return control.reason() == LimitKind::None; };
  const RecheckResult asked = recheck(guarded, facts.proof->invariant, facts.unbroken, whole.control, goes_on);
  if (asked.outcome == RecheckResult::Outcome::Accepted) return true;
  if (asked.outcome == RecheckResult::Outcome::Undecided && control.reason() != LimitKind::None) return false;
  return model::unexpected(asked.problem);
}

/// Checks the invariant again, by two solvers from two encodings, and leaves out of it what nothing needs. What does
/// not pass proves nothing.
void recheck_proof(const Whole& whole, const model::GuardedSystem& guarded, EngineControl& control, ProofFacts& facts) {
  Proof& proof = *facts.proof;
  if (facts.unbroken.empty()) return;
  NotConfirmed::What by = NotConfirmed::What::ByCadical;
  auto part = check_invariant(guarded, proof.invariant, proof.rules, InvariantPart::Sufficient, control);
  model::Expected<bool> passed = part ? model::Expected<bool>(part->has_value()) : model::unexpected(part.error());
  if (passed && *passed) {
    proof.rechecked.emplace_back("CaDiCaL");
    proof.invariant = std::move(**part);
    by = NotConfirmed::What::ByZ3;
    passed = passes_z3(whole, guarded, facts, control);
  }
  if (passed && *passed) {
    proof.rechecked.emplace_back("Z3");
    return;
  }
  facts.unbroken.clear();
  proof.rules.clear();
  proof.invariant.clauses.clear();
  proof.rechecked.clear();
  if (passed) {
    facts.limit = control.reason();
  } else {
    facts.seen.warning = NotConfirmed{by, passed.error()};
    facts.unreplayed = guarded.system.checked;
  }
}

// -------------------------------------------------------------------------------------------------- engines

void decide(const Whole& whole, const model::GuardedSystem& guarded, EngineControl& control, ProofFacts& facts) {
  const ProveOptions& asked = whole.options;
  SymbolicOptions options;
  options.engine = asked.engine == ProofEngine::Bounded ? Proof::Engine::Bounded : Proof::Engine::Ic3;
  options.bound = asked.bound;
  facts = prove_symbolically(guarded, options, control);
  if (!facts.proof) return;
  replay_findings(whole.system, whole.control.for_evidence(), facts);
  recheck_proof(whole, guarded, control, facts);
}

/// What a symbolic engine finds out, with evidence.
ProofFacts symbolic_facts(const Whole& whole, const std::atomic<bool>* cancelled) {
  EngineControl control(whole.control, whole.memory_bytes(), cancelled);
  ProofFacts facts;
  const auto goes_on = [&control] { return control.reason() == LimitKind::None; };
  const auto cut = model::work_patiently(goes_on, [&] {
    const model::Expected<model::GuardedSystem> guarded = guarded_by_solver(whole.system);
    if (guarded) {
      decide(whole, *guarded, control, facts);
    } else {
      facts.seen.warning = NotEncoded{NotEncoded::Form::Formulas, guarded.error()};
      facts.unsaid = whole.system.checked;
    }
  });
  if (cut) facts.limit = control.reason();
  return facts;
}

/// Takes over what a search has found of rules that the proof says nothing about: runs end where a state breaks a core
/// rule, and no formula asks whether such a state is a deadlock too (model/guarded/guarded_system.h).
void add_undecided(const model::TransitionSystem& system, const std::vector<Finding>& seen, ProofFacts& facts) {
  if (facts.limit != LimitKind::None || !facts.proof) return;
  std::vector<Finding>& known = facts.seen.findings;
  const bool is_cut =
      std::any_of(known.begin(), known.end(), [&](const Finding& finding) { return system.at(finding.rule).core; });
  if (!is_cut) return;
  for (const Finding& finding : seen) {
    const auto is_same = [&](const Finding& other) { return other.rule == finding.rule; };
    if (system.at(finding.rule).core || std::any_of(known.begin(), known.end(), is_same)) continue;
    std::erase(facts.unbroken, finding.rule);
    std::erase(facts.proof->rules, finding.rule);
    known.push_back(finding);
  }
}

template <typename T>
void unite(std::vector<T>& all, const std::vector<T>& more) {
  for (const T& one : more) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }
}

/// Adds what a search has seen happen. `findings` too: else only what is exercised, which no proof can say.
void add_seen(Exploration seen, bool findings, ProofFacts& facts) {
  std::vector<Finding> known = std::move(facts.seen.findings);
  const std::optional<Trouble> warning = facts.seen.warning;
  unite(seen.exercised, facts.seen.exercised);
  if (findings) {
    for (Finding& finding : known) {
      const auto is_same = [&](const Finding& other) { return other.rule == finding.rule; };
      if (std::none_of(seen.findings.begin(), seen.findings.end(), is_same))
        seen.findings.push_back(std::move(finding));
    }
  } else {
    seen.findings = std::move(known);
    seen.statistics = {};
  }
  facts.seen = std::move(seen);
  if (!facts.seen.warning) facts.seen.warning = warning;
}

/// What a small search sees happen, and where it does not come to its end, random walks.
Exploration seen_beside(const Whole& whole, const std::atomic<bool>* cancelled) {
  CheckOptions beside = whole.search(cancelled);
  beside.engine = Engine::Explicit;
  beside.search.threads = 1;
  beside.search.progress = nullptr;
  beside.search.measure_multipliers = false;
  Limits& limits = beside.search.limits;
  limits.states = std::min(kStatesBeside, limits.states.value_or(kStatesBeside));
  Exploration seen = explored(whole.system, beside);
  if (seen.limit == LimitKind::None) return seen;
  beside.search.order = Order::Random;
  beside.search.searches = kWalksBeside;
  limits.states.reset();
  limits.depth = kWalkSteps;
  limits.time = std::min(kWalkTime, limits.time.value_or(kWalkTime));
  const Exploration walked = explored(whole.system, beside);
  unite(seen.exercised, walked.exercised);
  unite(seen.triggered, walked.triggered);
  return seen;
}

/// Whether nothing is exercised but what was seen: behind a broken core rule, core.stuck too, the search did not look.
bool sees_all(const model::TransitionSystem& system, const Exploration& seen) {
  return seen.limit == LimitKind::None &&
         std::none_of(seen.findings.begin(), seen.findings.end(),
                      [&](const Finding& finding) { return system.at(finding.rule).core; });
}

/// IC3 or bounded runs, with a small search beside them.
ProofFacts proof_facts(const Whole& whole, const std::atomic<bool>* cancelled) {
  Exploration seen;
  if (whole.options.engine != ProofEngine::Bounded) seen = seen_beside(whole, cancelled);
  ProofFacts facts = symbolic_facts(whole, cancelled);
  facts.saw_all = whole.options.engine != ProofEngine::Bounded && sees_all(whole.system, seen);
  add_undecided(whole.system, seen.findings, facts);
  add_seen(std::move(seen), false, facts);
  return facts;
}

// --------------------------------------------------------------------------------------------- side by side

/// One engine in a thread of its own, which can be told to stop.
template <typename Result>
class RunningEngine {
 public:
  template <typename Work>
  explicit RunningEngine(Work work) : result_(std::async(std::launch::async, [this, work] { return work(&stop_); })) {}
  ~RunningEngine() { stop(); }
  RunningEngine(const RunningEngine&) = delete;
  RunningEngine& operator=(const RunningEngine&) = delete;

  void stop() { stop_ = true; }
  bool is_done(std::chrono::milliseconds wait) const { return result_.wait_for(wait) == std::future_status::ready; }
  Result result() { return result_.get(); }

 private:
  std::atomic<bool> stop_ = false;
  std::future<Result> result_;
};

/// Whether an invariant is wanted although a search has come to its end. Behind a broken core rule nothing is proved.
bool waits_for_proof(const Whole& whole, const Exploration& seen) {
  const ProveOptions& asked = whole.options;
  return asked.certify && std::none_of(seen.findings.begin(), seen.findings.end(),
                                       [&](const Finding& finding) { return whole.system.at(finding.rule).core; });
}

SearchResult side_by_side(const Whole& whole) {
  constexpr std::chrono::milliseconds kTick{5};
  CheckOptions search = whole.search(nullptr);
  const unsigned cores = std::max(2u, std::thread::hardware_concurrency());
  if (search.search.threads == 0) search.search.threads = cores - 1;
  // The rest is for the proof, which continues when the search has come to its limit.
  if (const auto memory = whole.memory_bytes())
    search.search.limits.memory_bytes = std::max(kLeastMemory, *memory / 4 * 3);
  RunningEngine<Exploration> explicit_search([&](const std::atomic<bool>* stop) {
    CheckOptions own = search;
    own.search.interrupt = stop;
    return explored(whole.system, own);
  });
  RunningEngine<ProofFacts> proof([&](const std::atomic<bool>* stop) { return proof_facts(whole, stop); });
  std::optional<Exploration> seen;
  std::optional<ProofFacts> facts;
  while (!seen || !facts) {
    if (whole.control.is_interrupted()) {
      explicit_search.stop();
      proof.stop();
    }
    if (!seen && explicit_search.is_done(kTick)) {
      seen = explicit_search.result();
      if (seen->limit == LimitKind::None && !waits_for_proof(whole, *seen))
        return judge(whole.system, std::move(*seen));
    }
    if (!facts && proof.is_done(kTick)) {
      facts = proof.result();
      const SearchResult decided = judge_proof(whole.system, *facts);
      if (decided.complete) return decided;
    }
  }
  const LimitKind limit = seen->limit;
  if (limit == LimitKind::None) {
    SearchResult result = judge(whole.system, std::move(*seen));
    result.proof = std::move(facts->proof);
    return result;
  }
  add_seen(std::move(*seen), true, *facts);
  facts->limit = limit;
  return judge_proof(whole.system, std::move(*facts));
}

SearchResult by_one_engine(const Whole& whole) {
  ProofFacts facts = proof_facts(whole, nullptr);
  facts.seen.limit = facts.limit;
  return judge_proof(whole.system, std::move(facts));
}

}  // namespace

SearchResult prove(const model::TransitionSystem& system, const ProveOptions& options) {
  if (options.engine == ProofEngine::Explicit) return check(system, options.check);
  const Clock::time_point begin = Clock::now();
  const Whole whole(system, options);
  SearchResult result = options.engine == ProofEngine::Auto ? side_by_side(whole) : by_one_engine(whole);
  if (result.proof) {
    result.statistics.wall = Clock::now() - begin;
    result.statistics.peak_memory_bytes = std::max(result.statistics.peak_memory_bytes, process_bytes());
  }
  return result;
}

}  // namespace quiesce::checker
