// Verdicts from facts (docs/semantics.md, 9.2).
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checker/report/sentences.h"
#include "checker/result/exploration.h"

namespace quiesce::checker {
namespace {

using model::CheckOp;
using model::EndOp;
using model::ExprId;
using model::Property;
using model::PropertyId;
using model::PropertyKind;
using model::RuleId;
using model::TransitionSystem;

struct Judging : testing::Test {
  Judging() { facts.statistics.distinct_states = 1; }

  RuleId rule(const std::string& name, bool core = false) {
    model::Rule r;
    r.name = name;
    r.core = core;
    system.rules.push_back(r);
    system.checked.push_back(RuleId(system.rules.size() - 1));
    return system.checked.back();
  }
  PropertyId property(PropertyKind kind, RuleId r, ExprId trigger = {}) {
    Property p;
    p.kind = kind;
    p.rule = r;
    p.condition = system.expressions.constant(1);
    p.trigger = trigger;
    p.message = "as the text says";
    system.properties.push_back(p);
    return PropertyId(system.properties.size() - 1);
  }
  /// An action somewhere checks `r`.
  void check(RuleId r) {
    model::Action action;
    action.program.ops = {CheckOp{system.expressions.constant(1), r, {}, ""}, EndOp{}};
    system.actions.push_back(action);
  }
  void found(RuleId r) {
    Finding finding;
    finding.rule = r;
    facts.findings.push_back(finding);
  }
  RuleResult of(RuleId r) {
    last = judge(system, facts);
    for (const RuleResult& result : last.rules) {
      if (result.rule == r) return result;
    }
    ADD_FAILURE() << "no verdict";
    return {};
  }

  std::string why(RuleId r) { return reason_text(system, of(r).reason); }

  TransitionSystem system;
  Exploration facts;
  SearchResult last;
};

TEST_F(Judging, AFindingIsAViolation) {
  const RuleId other = rule("lib.other");
  const RuleId r = rule("lib.rule");
  check(other);
  found(other);
  found(r);
  EXPECT_EQ(of(r).verdict, Verdict::Violated);
  EXPECT_EQ(of(r).finding, 1u);
}

TEST_F(Judging, NothingHoldsWithoutAnInitialState) {
  const RuleId r = rule("lib.rule");
  property(PropertyKind::Invariant, r);
  facts.statistics.distinct_states = 0;
  EXPECT_EQ(of(r).verdict, Verdict::Vacuous);
  EXPECT_TRUE(std::holds_alternative<NoInitialState>(of(r).reason));
}

TEST_F(Judging, AnInvariantThatIsNeverBrokenHolds) {
  const RuleId r = rule("lib.rule");
  property(PropertyKind::Invariant, r);
  EXPECT_EQ(of(r).verdict, Verdict::Holds);
  EXPECT_TRUE(last.complete);
}

TEST_F(Judging, ARuleWithoutAnythingIsNotExercised) {
  const RuleId r = rule("lib.rule");
  EXPECT_EQ(of(r).verdict, Verdict::NotExercised);
}

/// Every way in which a search can be incomplete × every kind of rule: each verdict that a complete search gives.
TEST_F(Judging, AnIncompleteSearchSaysOnlyViolatedAndUnknown) {
  struct Row {
    std::string name;
    RuleId rule;
    Verdict complete;       // of a search that came to its end
    Verdict behind_a_core;  // of one that did, where a core rule ended a run
  };
  std::vector<Row> rows;
  const auto row = [&](const std::string& name, Verdict complete, Verdict behind_a_core, bool core = false) {
    rows.push_back({name, rule(name, core), complete, behind_a_core});
    return rows.back().rule;
  };
  using enum Verdict;
  row("lib.absent", NotExercised, NotExercised);
  row("core.absent", NotExercised, NotExercised, true);
  row("life.leaked", NotExercised, NotExercised);
  const RuleId checked = row("lib.checked", NotExercised, Unknown);
  const RuleId executed = row("lib.executed", Holds, Unknown);
  const RuleId kept = row("lib.kept", Holds, Unknown);
  const RuleId implied = row("lib.implied", Vacuous, Unknown);
  const RuleId missing = row("lib.missing", Violated, Unknown);
  const RuleId core = row("core.index", Holds, Unknown, true);
  const RuleId shown = row("lib.shown", Holds, Holds);
  const RuleId half_shown = row("lib.half_shown", Violated, Unknown);
  const RuleId shown_and_kept = row("lib.shown_and_kept", Holds, Unknown);
  const RuleId shown_and_checked = row("lib.shown_and_checked", Holds, Unknown);
  property(PropertyKind::DeadlockFree, row("lib.deadlock", Holds, Unknown));
  system.stuck_rule = row("core.stuck", Holds, Unknown, true);
  const RuleId broken = row("lib.broken", Violated, Violated);
  for (const RuleId r : {checked, executed, core, shown_and_checked}) check(r);
  for (const RuleId r : {kept, shown_and_kept}) property(PropertyKind::Invariant, r);
  property(PropertyKind::Invariant, implied, system.expressions.constant(1));
  property(PropertyKind::Reachable, missing);
  for (const RuleId r : {shown, half_shown, shown_and_kept, shown_and_checked}) {
    facts.witnessed.push_back(property(PropertyKind::Reachable, r));
  }
  property(PropertyKind::Reachable, half_shown);
  facts.exercised = {executed, shown_and_checked};
  found(broken);

  const Exploration complete = facts;
  for (const Row& one : rows) EXPECT_EQ(of(one.rule).verdict, one.complete) << one.name;
  EXPECT_TRUE(last.complete);

  struct Cause {
    std::string begins;
    std::function<void(Exploration&)> make;
  };
  const auto limit = [](LimitKind kind) { return [kind](Exploration& one) { one.limit = kind; }; };
  const std::vector<Cause> reasons = {
      {"time limit reached", limit(LimitKind::Time)},
      {"memory limit reached", limit(LimitKind::Memory)},
      {"limit on states reached", limit(LimitKind::States)},
      {"limit on depth reached", limit(LimitKind::Depth)},
      {"interrupted", limit(LimitKind::Interrupted)},
      {"stopped at the first violation", [](Exploration& one) { one.stopped_at_first = true; }},
      {"not searched further after the first violation; search on with --all",
       [](Exploration& one) { one.after_first = true; }},
      {"a hunt finds violations", [](Exploration& one) { one.hunt = Hunt{}; }},
      {"compact storage", [](Exploration& one) { one.storage = Storage::Compact; }},
      {"bitstate storage", [](Exploration& one) { one.storage = Storage::Bitstate; }},
      {"interrupted", [](Exploration& one) { one.storage = Storage::Bitstate, one.limit = LimitKind::Interrupted; }},
      {"time limit reached", [](Exploration& one) { one.hunt = Hunt{}, one.limit = LimitKind::Time; }},
      {"limit on states reached",  // before the first state
       [](Exploration& one) { one.statistics.distinct_states = 0, one.limit = LimitKind::States; }},
  };
  for (const bool is_core_broken : {false, true}) {
    for (const Cause& reason : reasons) {
      facts = complete;
      if (is_core_broken) found(rule("core.range", true));
      reason.make(facts);
      for (const Row& one : rows) {
        const RuleResult result = of(one.rule);
        EXPECT_EQ(result.verdict, one.rule == broken ? Violated : Unknown) << one.name << ": " << reason.begins;
        if (one.rule == broken) continue;
        const std::string said = reason_text(system, result.reason);
        EXPECT_TRUE(said.starts_with(reason.begins)) << one.name << ": " << said;
        EXPECT_EQ(said.ends_with("; a witness was found"), one.rule == shown) << one.name;
      }
      EXPECT_FALSE(last.complete);
    }
  }

  // A core rule that ends runs leaves what nothing in the system could break, and witnesses.
  facts = complete;
  found(rule("core.range", true));
  for (const Row& one : rows) {
    const RuleResult result = of(one.rule);
    EXPECT_EQ(result.verdict, one.behind_a_core) << one.name;
    EXPECT_EQ(reason_text(system, result.reason), one.behind_a_core == Unknown ? "cut off by core.range" : "")
        << one.name;
  }
}

TEST_F(Judging, ACheckThatWasNeverExecutedIsNotExercised) {
  const RuleId r = rule("lib.rule");
  check(r);
  EXPECT_EQ(of(r).verdict, Verdict::NotExercised);
  facts.exercised = {r};
  EXPECT_EQ(of(r).verdict, Verdict::Holds);
}

TEST_F(Judging, AnImplicationWhosePremiseNeverHoldsIsVacuous) {
  const RuleId r = rule("lib.rule");
  const PropertyId p = property(PropertyKind::Invariant, r, system.expressions.constant(1));
  EXPECT_EQ(of(r).verdict, Verdict::Vacuous);
  facts.triggered = {p};
  EXPECT_EQ(of(r).verdict, Verdict::Holds);
  facts.triggered.clear();
  property(PropertyKind::Never, r);  // more belongs to it than implications
  EXPECT_EQ(of(r).verdict, Verdict::Holds);
}

TEST_F(Judging, AnExecutedCheckKeepsARuleFromBeingVacuous) {
  const RuleId r = rule("lib.rule");
  property(PropertyKind::Invariant, r, system.expressions.constant(1));
  check(r);
  facts.exercised = {r};
  EXPECT_EQ(of(r).verdict, Verdict::Holds);
}

TEST_F(Judging, AReachablePropertyWithoutWitnessIsViolatedWithoutARun) {
  const RuleId r = rule("lib.rule");
  const PropertyId p = property(PropertyKind::Reachable, r);
  ASSERT_EQ(of(r).verdict, Verdict::Violated);
  const Finding& finding = last.findings.at(*of(r).finding);
  EXPECT_TRUE(finding.run.states.empty());
  EXPECT_FALSE(finding.in_state);
  EXPECT_EQ(finding.property, p);
  EXPECT_EQ(finding.violation.message, "as the text says");
  facts.witnessed = {p};
  EXPECT_EQ(of(r).verdict, Verdict::Holds);
}

TEST_F(Judging, NothingHoldsWhenStatesMayHaveBeenMissed) {
  const RuleId invariant = rule("lib.invariant");
  property(PropertyKind::Invariant, invariant);
  const RuleId reachable = rule("lib.reachable");
  const PropertyId witness = property(PropertyKind::Reachable, reachable);
  const RuleId premise = rule("lib.premise");
  property(PropertyKind::Invariant, premise, system.expressions.constant(1));
  const RuleId core = rule("core.range", true);
  check(core);
  for (const Storage storage : {Storage::Compact, Storage::Bitstate}) {
    facts.storage = storage;
    facts.missed_probability = storage == Storage::Compact ? 0 : 1;  // even when it says that nothing was missed
    for (const RuleId r : {invariant, reachable, premise, core}) EXPECT_EQ(of(r).verdict, Verdict::Unknown);
    EXPECT_FALSE(last.complete);
    EXPECT_EQ(last.storage, storage);
  }
  facts.witnessed = {witness};  // a state with it may be found, but it is only said of a complete search
  EXPECT_EQ(of(reachable).verdict, Verdict::Unknown);
  facts.storage = Storage::Bitstate;
  facts.missed_probability = 0.0123;
  EXPECT_EQ(why(invariant), "bitstate storage may have missed states; chance at most 1.2 %");
  facts.missed_probability = 0.9999;
  EXPECT_EQ(why(invariant), "bitstate storage has probably missed states");
  facts.limit = LimitKind::Time;
  EXPECT_EQ(why(invariant),
            "time limit reached after 1 state, depth 0, 0 states not yet explored; bitstate storage has probably "
            "missed states");
  found(invariant);
  EXPECT_EQ(of(invariant).verdict, Verdict::Violated);
}

TEST_F(Judging, AHuntNeverSaysHolds) {
  const RuleId r = rule("lib.rule");
  property(PropertyKind::Invariant, r);
  const RuleId idle = rule("lib.idle");
  facts.hunt = Hunt{Hunt::Kind::RandomWalks, 10, 10, 7, std::nullopt};
  EXPECT_EQ(of(r).verdict, Verdict::Unknown);
  EXPECT_EQ(why(r), "a hunt finds violations, it cannot show that there are none");
  EXPECT_EQ(of(idle).verdict, Verdict::Unknown);
  EXPECT_FALSE(last.complete);
  EXPECT_EQ(last.hunt, facts.hunt);
  facts.limit = LimitKind::Time;
  EXPECT_EQ(why(r), "time limit reached after 1 state, depth 0");
  found(r);
  EXPECT_EQ(of(r).verdict, Verdict::Violated);
}

TEST_F(Judging, ALimitMakesUnknownAndSaysHowFar) {
  const RuleId r = rule("lib.rule");
  property(PropertyKind::Invariant, r);
  facts.statistics.distinct_states = 1;
  facts.statistics.frontier = 2;
  facts.limit = LimitKind::Memory;
  EXPECT_EQ(of(r).verdict, Verdict::Unknown);
  EXPECT_EQ(why(r), "memory limit reached after 1 state, depth 0, 2 states not yet explored");
  EXPECT_FALSE(last.complete);
}

TEST_F(Judging, AMissingWitnessBehindALimitIsUnknown) {
  const RuleId r = rule("lib.rule");
  property(PropertyKind::Reachable, r);
  facts.limit = LimitKind::States;
  EXPECT_EQ(of(r).verdict, Verdict::Unknown);
}

TEST_F(Judging, StoppedAtTheFirstViolationTheOthersAreUnknown) {
  const RuleId broken = rule("lib.broken");
  const RuleId r = rule("lib.rule");
  property(PropertyKind::Invariant, r);
  found(broken);
  facts.stopped_at_first = true;
  EXPECT_EQ(of(broken).verdict, Verdict::Violated);
  EXPECT_EQ(why(r), "stopped at the first violation");
  EXPECT_FALSE(last.complete);
}

TEST_F(Judging, ABrokenCoreRuleCutsTheOthersOff) {
  const RuleId range = rule("core.range", true);
  const RuleId null = rule("core.null", true);
  const RuleId broken = rule("lib.broken");
  const RuleId r = rule("lib.rule");
  const RuleId absent = rule("lib.absent");
  check(null);
  property(PropertyKind::Invariant, r);
  found(broken);
  found(range);
  EXPECT_EQ(of(range).verdict, Verdict::Violated);
  EXPECT_EQ(of(broken).verdict, Verdict::Violated);
  EXPECT_EQ(why(null), "cut off by core.range");
  EXPECT_EQ(why(r), "cut off by core.range");
  EXPECT_EQ(of(absent).verdict, Verdict::NotExercised);
  found(null);
  EXPECT_EQ(of(null).verdict, Verdict::Violated);
}

TEST_F(Judging, CoreRulesHoldWhenTheirChecksAreNeverReached) {
  const RuleId range = rule("core.range", true);
  const RuleId index = rule("core.index", true);
  system.stuck_rule = rule("core.stuck", true);
  check(range);
  EXPECT_EQ(of(range).verdict, Verdict::Holds);
  EXPECT_EQ(of(index).verdict, Verdict::NotExercised);
  EXPECT_EQ(of(system.stuck_rule).verdict, Verdict::Holds);
}

TEST_F(Judging, LeaksAreJudgedWhereThereAreObjects) {
  const RuleId leaked = rule("life.leaked");
  EXPECT_EQ(of(leaked).verdict, Verdict::NotExercised);
  model::Instance object;
  object.life = model::CellId(std::size_t{0});
  system.instances.push_back(object);
  EXPECT_EQ(of(leaked).verdict, Verdict::Holds);
}

// ---------------------------------------------------------------------------------------------- by proof

struct JudgingProofs : Judging {
  /// All that a proof can have shown: no run breaks any rule, and each was exercised.
  ProofFacts proved() {
    ProofFacts proof;
    proof.seen = facts;
    for (std::size_t r = 0; r < system.rules.size(); ++r) proof.unbroken.push_back(RuleId(r));
    proof.seen.exercised = proof.unbroken;
    return proof;
  }
  Verdict verdict_of(RuleId r, const ProofFacts& proof) {
    last = judge_proof(system, proof);
    for (const RuleResult& result : last.rules) {
      if (result.rule == r) return result.verdict;
    }
    ADD_FAILURE() << "no verdict";
    return Verdict::Unknown;
  }
};

TEST_F(JudgingProofs, HoldsWhatIsProvedAndExercised) {
  const RuleId a = rule("a");
  check(a);
  EXPECT_EQ(verdict_of(a, proved()), Verdict::Holds);
  EXPECT_TRUE(last.complete);
}

/// Each fact that is missing takes the verdict away.
TEST_F(JudgingProofs, NothingHoldsOfWhichAFactIsMissing) {
  const RuleId a = rule("a");
  const RuleId core = rule("core.lock", true);
  check(a);
  check(core);
  const auto without = [&](RuleId r) {
    ProofFacts proof = proved();
    std::erase(proof.unbroken, r);
    return proof;
  };
  EXPECT_EQ(verdict_of(a, proved()), Verdict::Holds);
  EXPECT_EQ(verdict_of(a, without(a)), Verdict::Unknown);
  EXPECT_EQ(verdict_of(a, without(core)), Verdict::Unknown) << "behind a broken core rule anything could be";
  for (std::vector<RuleId> ProofFacts::*list : {&ProofFacts::unsaid, &ProofFacts::wanting}) {
    ProofFacts proof = proved();
    (proof.*list).push_back(a);
    EXPECT_EQ(verdict_of(a, proof), Verdict::Unknown);
  }
  ProofFacts idle = proved();
  idle.seen.exercised.clear();
  EXPECT_EQ(verdict_of(a, idle), Verdict::Unknown) << "perhaps nothing ever exercises it";
  idle.saw_all = true;
  EXPECT_EQ(verdict_of(a, idle), Verdict::NotExercised);
}

/// Formulas of states say nothing of infinite runs: what asks for those is left to the search for them.
TEST_F(JudgingProofs, NothingIsSaidOfARuleAboutInfiniteRuns) {
  const RuleId alone = rule("alone");
  const RuleId both = rule("both");
  check(both);
  for (const RuleId r : {alone, both}) {
    model::TemporalProperty property;
    property.rule = r;
    system.temporal.push_back(property);
  }
  EXPECT_EQ(verdict_of(alone, proved()), Verdict::Unknown);
  EXPECT_EQ(verdict_of(both, proved()), Verdict::Unknown);
  EXPECT_FALSE(last.complete);
  EXPECT_EQ(of(alone).verdict, Verdict::Unknown) << "nor does a search for states";
  EXPECT_EQ(of(both).verdict, Verdict::Unknown);
}

}  // namespace
}  // namespace quiesce::checker
