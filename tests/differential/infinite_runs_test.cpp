// The search of infinite runs on random systems with random fairness and random formulas, against the naive checker; each
// run that it finds is confirmed by the reference interpreter. QUIESCE_SEED=<seed> runs one system alone.
#include "checker/liveness/infinite_runs.h"

#include <cstdlib>
#include <iostream>
#include <set>

#include <gtest/gtest.h>

#include "checker/evidence/lasso.h"
#include "model/interpret/interpreter.h"
#include "model/passes/observe_events.h"
#include "model/passes/reduce.h"
#include "model/system/print.h"
#include "model/system/validate.h"
#include "tests/differential/naive_infinite_runs.h"
#include "tests/differential/random_events.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

using checker::Verdict;
using model::ExprId;
using model::TemporalNode;
using model::TemporalOperator;
using model::TemporalProperty;
using model::TransitionSystem;

/// Conditions that no renaming can change.
std::vector<ExprId> conditions_of(TransitionSystem& system) {
  std::vector<ExprId> conditions;
  for (const model::Property& property : system.properties) {
    if (property.condition.valid()) conditions.push_back(property.condition);
  }
  const auto compare = [&](model::CellId cell, std::int64_t value) {
    conditions.push_back(system.expressions.binary(model::BinaryOp::Equal, system.expressions.load(cell),
                                                   system.expressions.constant(value)));
  };
  for (const model::Context& context : system.contexts) {
    if (context.kind != model::ContextKind::Thread) {
      if (context.activations > 1) continue;
    }
    compare(context.location_cell[0], 0);
    compare(context.location_cell[0], static_cast<std::int64_t>(context.locations.size() / 2) + 1);
  }
  std::set<std::uint32_t> renamed;
  for (const model::CpuBlocks& blocks : system.cpu_blocks) {
    for (const model::CellId first : blocks.first) {
      for (std::uint32_t i = 0; i < blocks.length; ++i) renamed.insert(first.value + i);
    }
  }
  for (const model::Variable& variable : system.variables) {
    if (variable.owner || model::cell_count(*variable.type) != 1 || renamed.count(variable.first.value) != 0) continue;
    const model::Cell& cell = system.at(variable.first);
    if (cell.kind == model::CellKind::Plain) compare(variable.first, cell.hi);
  }
  return conditions;
}

/// Adds a random formula over `conditions` and returns its position.
std::uint32_t grow(Random& random, const std::vector<ExprId>& conditions, int size,
                   std::vector<TemporalNode>& formula) {
  TemporalNode node;
  if (size <= 1) {
    node.atom = random.any_of(conditions);
  } else {
    static const std::vector<TemporalOperator> kOperators = {
        TemporalOperator::Not,          TemporalOperator::And,        TemporalOperator::Or,
        TemporalOperator::Implies,      TemporalOperator::Next,       TemporalOperator::Eventually,
        TemporalOperator::Always,       TemporalOperator::Eventually, TemporalOperator::Always,
        TemporalOperator::Until,        TemporalOperator::WeakUntil,  TemporalOperator::Release,
        TemporalOperator::LeadsTo,      TemporalOperator::Previously, TemporalOperator::Once,
        TemporalOperator::Historically, TemporalOperator::Since,      TemporalOperator::LeadsTo};
    node.op = random.any_of(kOperators);
    const int left = static_cast<int>(random.between(1, size - 1));
    node.left = grow(random, conditions, left, formula);
    node.right = grow(random, conditions, size - 1, formula);
  }
  formula.push_back(node);
  return static_cast<std::uint32_t>(formula.size() - 1);
}

TransitionSystem system_with_formulas(std::uint64_t seed) {
  TransitionSystem system = random_system(seed);
  Random random(seed + 17);
  const auto some_fairness = [&] {
    return random.chance(60) ? model::Fairness::Default : static_cast<model::Fairness>(random.between(0, 4));
  };
  for (model::Context& context : system.contexts) context.fairness = some_fairness();
  for (model::Action& action : system.actions) action.fairness = some_fairness();
  std::vector<ExprId> conditions = conditions_of(system);
  if (random.chance(40)) {
    const std::vector<ExprId> events = add_events(system, random);
    conditions.insert(conditions.end(), events.begin(), events.end());
  }
  for (int i = 0; i < 4; ++i) {
    TemporalProperty property;
    property.rule = model::RuleId(system.rules.size());
    property.always_possible = random.chance(15);
    grow(random, conditions, property.always_possible ? 1 : static_cast<int>(random.between(2, 5)), property.formula);
    model::Rule rule;
    rule.name = "live." + std::to_string(i);
    system.checked.push_back(property.rule);
    system.rules.push_back(std::move(rule));
    system.temporal.push_back(std::move(property));
  }
  return system;
}

struct Totals {
  int systems = 0, violated = 0, held = 0, cut_off = 0, unfair_to_one = 0;
};

/// Whether what the engine says of one property is what the naive checker says.
void compare_one(const TransitionSystem& system, std::size_t i, const checker::TemporalAnswer& answer,
                 const NaiveVerdict& naive, Totals& totals) {
  const TemporalProperty& property = system.temporal[i];
  if (answer.finding) {
    const auto lasso = checker::confirm(model::Interpreter(system), property, answer.finding->run);
    ASSERT_TRUE(lasso.has_value()) << lasso.error();
    if (*lasso == checker::Lasso::UnfairToOne) {
      ++totals.unfair_to_one;  // the engine says unknown: the naive checker may know better
      return;
    }
    ++totals.violated;
    EXPECT_TRUE(naive.violated);
  } else if (answer.verdict == Verdict::Unknown) {
    ++totals.cut_off;
    EXPECT_TRUE(naive.cut_off);
    EXPECT_FALSE(naive.violated);
  } else {
    ++totals.held;
    EXPECT_FALSE(naive.violated);
    EXPECT_FALSE(naive.cut_off);
  }
}

void compare(std::uint64_t seed, Totals& totals) {
  const TransitionSystem unobserved = system_with_formulas(seed);
  const TransitionSystem system = model::observe_events(unobserved).system;
  ASSERT_TRUE(model::validate(system).empty()) << model::validate(system).front();
  std::vector<std::optional<NaiveVerdict>> naive;
  for (std::size_t i = 0; i < system.temporal.size(); ++i) {
    naive.push_back(naive_verdict(system, i, 120));
    if (!naive.back()) return;
  }
  ++totals.systems;
  for (const TransitionSystem& searched : {system, model::reduce_for_infinite_runs(unobserved).system}) {
    const checker::InfiniteRuns runs = checker::search_infinite_runs(searched, {});
    for (std::size_t i = 0; i < system.temporal.size(); ++i) {
      compare_one(searched, i, runs.answers[i], *naive[i], totals);
      if (::testing::Test::HasFailure()) {
        ADD_FAILURE() << "seed " << seed << ", property " << i << "\n" << model::print_system(searched);
        return;
      }
    }
  }
}

TEST(InfiniteRuns, AgreeWithTheNaiveChecker) {
  Totals totals;
  const char* named = std::getenv("QUIESCE_SEED");
  const std::uint64_t first = named != nullptr ? std::strtoull(named, nullptr, 10) : 1;
  const char* count = std::getenv("QUIESCE_TIMES");
  const std::uint64_t times = count != nullptr ? std::strtoull(count, nullptr, 10) : 1;
  for (std::uint64_t seed = first; seed < first + (named != nullptr && count == nullptr ? 1 : 4000 * times); ++seed) {
    compare(seed, totals);
    if (HasFailure()) return;
  }
  std::cout << totals.systems << " systems; properties: " << totals.violated << " violated, " << totals.held
            << " held, " << totals.cut_off << " cut off, " << totals.unfair_to_one << " undecided\n";
  if (named != nullptr) return;
  EXPECT_GT(totals.systems, 2000);
  EXPECT_GT(totals.violated, 500);
  EXPECT_GT(totals.held, 500);
}

}  // namespace
}  // namespace quiesce
