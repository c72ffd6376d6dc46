#include "checker/space/choose_successors.h"

#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

TEST(ChooseSuccessors, MeasuresOnlyWhereTheOrderCannotBeSeen) {
  EXPECT_FALSE(is_order_seen({}));
  SearchOptions deep;
  deep.limits.depth = 7;  // a limit on depth ends a search between layers
  EXPECT_FALSE(is_order_seen(deep));
  for (const Order order : {Order::DepthFirst, Order::Random, Order::Swarm, Order::FewInterruptions}) {
    SearchOptions hunt;
    hunt.order = order;
    EXPECT_TRUE(is_order_seen(hunt));
  }
  for (const Storage storage : {Storage::Compact, Storage::Bitstate}) {
    SearchOptions lossy;
    lossy.storage = storage;
    EXPECT_TRUE(is_order_seen(lossy));
  }
  SearchOptions limited;
  limited.limits.states = 1000;
  EXPECT_TRUE(is_order_seen(limited));
}

}  // namespace
}  // namespace quiesce::checker
