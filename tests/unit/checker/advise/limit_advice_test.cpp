#include "checker/advise/limit_advice.h"

#include <algorithm>
#include <variant>

#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

bool advises_a_proof(const SearchResult& result, const AskedFor& asked) {
  model::SystemBuilder builder;
  builder.boolean("flag");
  const model::SourceMap sources;
  const auto advice = advise_at_limit(builder.system, result, sources, asked);
  return advice && std::any_of(advice->hints.begin(), advice->hints.end(),
                               [](const Hint& hint) { return std::holds_alternative<ProveInstead>(hint); });
}

TEST(LimitAdvice, NamesAProofWhereALongSearchFoundNothing) {
  SearchResult result;
  result.statistics.distinct_states = 1'000'000;
  AskedFor asked;
  EXPECT_FALSE(advises_a_proof(result, asked));  // no limit
  for (const LimitKind limit : {LimitKind::Time, LimitKind::Memory, LimitKind::States, LimitKind::Interrupted}) {
    result.limit = limit;
    EXPECT_TRUE(advises_a_proof(result, asked));
  }
  result.limit = LimitKind::Depth;
  EXPECT_FALSE(advises_a_proof(result, asked));  // deeper is cheaper
  result.limit = LimitKind::Time;
  result.statistics.distinct_states = 999'999;
  EXPECT_FALSE(advises_a_proof(result, asked));  // a search of this size ends first
  result.statistics.distinct_states = 1'000'000;
  asked.search.order = Order::Swarm;
  EXPECT_FALSE(advises_a_proof(result, asked));  // a hunt is after mistakes
  asked.search.order = Order::BreadthFirst;
  result.findings.emplace_back();
  EXPECT_FALSE(advises_a_proof(result, asked));  // there is nothing to prove
}

}  // namespace
}  // namespace quiesce::checker
