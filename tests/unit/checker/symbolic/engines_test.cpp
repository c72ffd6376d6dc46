// IC3, bounded runs, pair invariants and the check of invariants, on small systems built by hand and at random.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>

#include "checker/symbolic/bmc.h"
#include "checker/symbolic/ic3.h"
#include "checker/symbolic/invariant_check.h"
#include "checker/symbolic/pair_invariants.h"
#include "checker/symbolic/proof.h"

namespace quiesce::checker {
namespace {

using model::BinaryOp;
using model::ExprId;
using model::GuardedSystem;

/// A counter 0..hi that goes round below `turn`, and a rule that it never is `bad`.
GuardedSystem counter(std::int64_t hi, std::int64_t turn, std::int64_t bad) {
  GuardedSystem guarded;
  model::TransitionSystem& system = guarded.system;
  system.cells.push_back({"n", 0, hi, 0, model::CellKind::Plain, {}});
  system.rules.push_back({"no.bad", "", "", {}, false, false, {}});
  system.checked = {model::RuleId(0)};
  model::ExprTable& table = system.expressions;
  const ExprId n = table.load(model::CellId(0));
  const auto command = [&](ExprId guard, ExprId value) {
    model::GuardedCommand one;
    one.step.actor = {model::Actor::Kind::Act, static_cast<std::uint32_t>(guarded.commands.size()), 0};
    one.guard = guard;
    one.updates.push_back({model::CellId(0), value});
    guarded.commands.push_back(one);
  };
  command(table.binary(BinaryOp::Less, n, table.constant(turn)), table.binary(BinaryOp::Add, n, table.constant(2)));
  command(table.binary(BinaryOp::GreaterEqual, n, table.constant(turn)), table.constant(0));
  model::Property property;
  property.rule = model::RuleId(0);
  property.condition = table.not_equal(n, table.constant(bad));
  system.properties.push_back(property);
  guarded.invariants.push_back({model::PropertyId(0), property.condition});
  guarded.constant.resize(1);
  guarded.initial = {{0}};
  guarded.all_ended = table.constant(0);
  return guarded;
}

struct Control {
  SearchControl whole{Limits{}, nullptr};
  EngineControl control{whole, std::nullopt};
};

Ic3::Answer proved(const GuardedSystem& guarded, const EncodeOptions& options, InductiveInvariant* invariant,
                   EngineControl& control) {
  const auto encoding = encode(guarded, options);
  EXPECT_TRUE(encoding.has_value());
  const RelationClauses relation = relation_clauses(*encoding);
  Ic3 engine(*encoding, relation, encoding->given, control);
  const Ic3::Answer answer = engine.prove({0});
  invariant->clauses = engine.invariant();
  invariant->clauses.insert(invariant->clauses.end(), encoding->given.begin(), encoding->given.end());
  return answer;
}

TEST(Ic3, ProvesThatACounterStaysEven) {
  Control control;
  for (const bool clever : {false, true}) {
    const GuardedSystem guarded = counter(63, 40, 37);
    InductiveInvariant invariant;
    ASSERT_EQ(proved(guarded, {clever, clever}, &invariant, control.control), Ic3::Answer::Proved);
    const auto passed = check_invariant(guarded, invariant, {model::RuleId(0)}, InvariantPart::Whole, control.control);
    EXPECT_TRUE(passed && *passed) << (passed ? "" : passed.error());
  }
}

TEST(Ic3, FindsTheRunToABadNumber) {
  Control control;
  const GuardedSystem guarded = counter(63, 40, 36);
  const auto encoding = encode(guarded, {false, true});
  const RelationClauses relation = relation_clauses(*encoding);
  Ic3 engine(*encoding, relation, encoding->given, control.control);
  ASSERT_EQ(engine.prove({0}), Ic3::Answer::Broken);
  ASSERT_EQ(engine.run().states.size(), 19u);
  EXPECT_EQ(state_of(*encoding, engine.run().states.back()), model::State{36});
  EXPECT_EQ(engine.prove({}), Ic3::Answer::Proved);
  EXPECT_TRUE(engine.invariant().empty());
}

TEST(Ic3, StopsWhenAsked) {
  std::atomic<bool> cancelled = true;
  const SearchControl whole{Limits{}, nullptr};
  EngineControl control(whole, std::nullopt, &cancelled);
  InductiveInvariant invariant;
  EXPECT_EQ(proved(counter(63, 40, 37), {}, &invariant, control), Ic3::Answer::Stopped);
}

TEST(Bmc, FindsAShortestRunAndNoneBelowIt) {
  Control control;
  const GuardedSystem guarded = counter(63, 40, 36);
  const auto encoding = encode(guarded);
  Bmc engine(*encoding, control.control);
  EXPECT_EQ(engine.search({0}, 17), Bmc::Answer::NoneWithin);
  EXPECT_EQ(engine.depth(), 17u);
  ASSERT_EQ(engine.search({0}, 30), Bmc::Answer::Broken);
  EXPECT_EQ(engine.run().states.size(), 19u);
}

TEST(InvariantCheck, RefusesWhatIsNone) {
  Control control;
  const GuardedSystem guarded = counter(63, 40, 37);
  InductiveInvariant whole;
  ASSERT_EQ(proved(guarded, {false, false}, &whole, control.control), Ic3::Answer::Proved);
  const auto passes = [&](const InductiveInvariant& invariant) {
    return check_invariant(guarded, invariant, {model::RuleId(0)}, InvariantPart::Whole, control.control).has_value();
  };
  EXPECT_TRUE(passes(whole));
  EXPECT_FALSE(passes({}));  // does not exclude what is bad
  InductiveInvariant wrong = whole;
  wrong.clauses.push_back({{{model::CellId(0), 0, true}}});  // not true at first
  EXPECT_FALSE(passes(wrong));
  wrong = whole;
  wrong.clauses.push_back({{{model::CellId(0), 2, false}}});  // a step makes it false
  EXPECT_FALSE(passes(wrong));
  wrong = whole;
  wrong.clauses.push_back({});  // false
  EXPECT_FALSE(passes(wrong));
}

TEST(SufficientPart, DropsWhatNothingNeeds) {
  Control control;
  const GuardedSystem guarded = counter(63, 40, 37);
  const auto part_of = [&](const InductiveInvariant& invariant) {
    return check_invariant(guarded, invariant, {model::RuleId(0)}, InvariantPart::Sufficient, control.control);
  };
  InductiveInvariant whole;
  // Kept by every step, but that the counter stays even takes nothing of it.
  whole.clauses.push_back({{{model::CellId(0), 5, false}, {model::CellId(0), 4, false}}});
  whole.clauses.push_back({{{model::CellId(0), 0, false}}});
  const auto part = part_of(whole);
  ASSERT_TRUE(part && part->has_value()) << (part ? "" : part.error());
  ASSERT_EQ((*part)->clauses.size(), 1u);
  EXPECT_EQ((*part)->clauses[0].literals, whole.clauses[1].literals);
  const auto passed = check_invariant(guarded, **part, {model::RuleId(0)}, InvariantPart::Whole, control.control);
  EXPECT_TRUE(passed && *passed);
  const auto all = check_invariant(guarded, whole, {model::RuleId(0)}, InvariantPart::Whole, control.control);
  ASSERT_TRUE(all && *all);
  EXPECT_EQ((*all)->clauses.size(), 2u);
}

TEST(SufficientPart, RefusesWhatIsNone) {
  Control control;
  const GuardedSystem guarded = counter(63, 40, 37);
  const auto passes = [&](const InductiveInvariant& invariant) {
    return check_invariant(guarded, invariant, {model::RuleId(0)}, InvariantPart::Sufficient, control.control)
        .has_value();
  };
  EXPECT_FALSE(passes({}));                                    // does not exclude what is bad
  EXPECT_FALSE(passes({{{{{model::CellId(0), 0, true}}}}}));   // not true at first
  EXPECT_FALSE(passes({{InvariantClause{}}}));                 // false
  EXPECT_FALSE(passes({{{{{model::CellId(0), 2, false}}}}}));  // a step makes it false, and 37 has this bit
  const GuardedSystem broken = counter(63, 40, 36);
  const InductiveInvariant even{{{{{model::CellId(0), 0, false}}}}};
  EXPECT_FALSE(
      check_invariant(broken, even, {model::RuleId(0)}, InvariantPart::Sufficient, control.control).has_value());
}

TEST(ProveSymbolically, SaysWhichRulesAreUnbroken) {
  Control control;
  const GuardedSystem good = counter(63, 40, 37);
  const ProofFacts held = prove_symbolically(good, {}, control.control);
  EXPECT_EQ(held.unbroken, std::vector<model::RuleId>{model::RuleId(0)});
  EXPECT_EQ(held.limit, LimitKind::None);
  const GuardedSystem bad = counter(63, 40, 36);
  const ProofFacts broken = prove_symbolically(bad, {}, control.control);
  EXPECT_TRUE(broken.unbroken.empty());
  ASSERT_EQ(broken.seen.findings.size(), 1u);
  EXPECT_TRUE(broken.seen.findings[0].in_state);
}

}  // namespace
}  // namespace quiesce::checker
