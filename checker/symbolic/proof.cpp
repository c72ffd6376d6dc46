#include "checker/symbolic/proof.h"

#include <algorithm>
#include <utility>

#include "checker/symbolic/bmc.h"
#include "checker/symbolic/encode.h"
#include "checker/symbolic/ic3.h"
#include "checker/symbolic/pair_invariants.h"
#include "model/base/contains.h"

namespace quiesce::checker {
namespace {

using model::RuleId;

class Prover {
 public:
  Prover(const model::GuardedSystem& guarded, const Encoding& encoding, const SymbolicOptions& options,
         EngineControl& control)
      : guarded_(guarded), encoding_(encoding), options_(options), control_(control) {
    for (std::size_t i = 0; i < encoding.bad.size(); ++i) open_.push_back(i);
  }

  ProofFacts facts() {
    facts_.has_initial_state = !guarded_.initial.empty();
    facts_.proof.emplace();
    facts_.proof->engine = options_.engine;
    facts_.proof->bits = encoding_.bits.size();
    if (options_.engine == Proof::Engine::Ic3) {
      by_ic3();
    } else {
      by_bounded_runs();
    }
    return std::move(facts_);
  }

 private:
  void by_ic3() {
    const RelationClauses relation = relation_clauses(encoding_);
    std::vector<InvariantClause> given = encoding_.given;
    if (options_.pairs) {
      const auto pairs = pair_invariants(guarded_, encoding_, relation, control_);
      if (!pairs) return stop();
      given.insert(given.end(), pairs->begin(), pairs->end());
    }
    Ic3 engine(encoding_, relation, given, control_);
    Ic3::Answer answer = engine.prove(open_);
    for (; answer == Ic3::Answer::Broken; answer = engine.prove(open_)) drop(engine.run(), engine.broken());
    facts_.proof->queries = engine.statistics().queries;
    facts_.proof->frames = engine.statistics().frames;
    if (answer == Ic3::Answer::Stopped) return stop();
    facts_.proof->invariant.clauses = engine.invariant();
    for (InvariantClause& clause : given) facts_.proof->invariant.clauses.push_back(std::move(clause));
    keep_unbroken();
  }

  void by_bounded_runs() {
    Bmc engine(encoding_, control_);
    Bmc::Answer answer = engine.search(open_, options_.bound);
    for (; answer == Bmc::Answer::Broken; answer = engine.search(open_, options_.bound))
      drop(engine.run(), engine.broken());
    if (answer == Bmc::Answer::Stopped) stop();
    facts_.depth = engine.depth();
  }

  void stop() { facts_.limit = control_.reason(); }

  /// A run breaks the rule of this output: the others remain.
  void drop(const BitRun& run, std::size_t bad) {
    std::erase(open_, bad);
    const RuleId rule = encoding_.bad[bad].rule;
    Finding finding = options_.is_abstract ? abstract_finding_of(guarded_, encoding_, run, rule)
                                           : finding_of(guarded_, encoding_, run, rule);
    finding.is_shortest = is_shortest(finding, rule);
    facts_.seen.findings.push_back(std::move(finding));
  }

  /// Lengths were tried in order; but a step may have been found where the state before it breaks the rule too.
  bool is_shortest(const Finding& finding, RuleId rule) const {
    if (options_.engine != Proof::Engine::Bounded || finding.rule != rule) return false;
    const auto& properties = guarded_.system.properties;
    if (may_be_deadlock_unseen(rule)) return false;
    return finding.in_state || std::none_of(properties.begin(), properties.end(),
                                            [&](const model::Property& property) { return property.rule == rule; });
  }

  /// Whether a deadlock that breaks the rule can be one that also breaks a core rule, which no formula asks.
  bool may_be_deadlock_unseen(RuleId rule) const {
    const model::TransitionSystem& system = guarded_.system;
    const bool asks_for_deadlock =
        std::any_of(system.properties.begin(), system.properties.end(), [&](const model::Property& property) {
          return property.rule == rule && property.kind == model::PropertyKind::DeadlockFree;
        });
    return (asks_for_deadlock || (guarded_.leak && guarded_.leak->rule == rule)) &&
           std::any_of(guarded_.invariants.begin(), guarded_.invariants.end(),
                       [&](const model::GuardedProperty& one) { return system.at(system.at(one.property).rule).core; });
  }

  void keep_unbroken() {
    std::vector<RuleId> in_doubt;
    for (std::size_t i = 0; i < encoding_.bad.size(); ++i) {
      if (std::find(open_.begin(), open_.end(), i) == open_.end()) in_doubt.push_back(encoding_.bad[i].rule);
    }
    for (std::size_t r = 0; r < guarded_.system.rules.size(); ++r) {
      if (!contains(in_doubt, RuleId(r))) facts_.unbroken.push_back(RuleId(r));
    }
    for (const std::size_t one : open_) facts_.proof->rules.push_back(encoding_.bad[one].rule);
  }

  const model::GuardedSystem& guarded_;
  const Encoding& encoding_;
  const SymbolicOptions& options_;
  EngineControl& control_;
  std::vector<std::size_t> open_;  // outputs that no run is known to make true
  ProofFacts facts_;
};

}  // namespace

ProofFacts prove_symbolically(const model::GuardedSystem& guarded, const SymbolicOptions& options,
                              EngineControl& control) {
  const model::Expected<Encoding> encoding = encode(guarded);
  if (!encoding) {
    ProofFacts facts;
    facts.seen.warning = NotEncoded{NotEncoded::Form::Bits, encoding.error()};
    facts.unsaid = guarded.system.checked;
    return facts;
  }
  ProofFacts facts = Prover(guarded, *encoding, options, control).facts();
  facts.unsaid = guarded.left_out;
  const auto is_said = [&facts](RuleId rule) {
    std::erase(facts.unsaid, rule);
    facts.seen.exercised.push_back(rule);  // every state is asked
  };
  if (guarded.leak) is_said(guarded.leak->rule);
  if (guarded.stuck) is_said(guarded.stuck->rule);
  for (const model::GuardedProperty& one : guarded.reachable)
    facts.wanting.push_back(guarded.system.at(one.property).rule);
  return facts;
}

}  // namespace quiesce::checker
