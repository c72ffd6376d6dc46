#include "model/system/value_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::model {
namespace {

using Kind = ValueType::Kind;
using ::testing::ElementsAre;

ValueTypePtr make(ValueType type) { return std::make_shared<const ValueType>(std::move(type)); }

ValueTypePtr of_kind(Kind kind, ValueTypePtr element = nullptr) {
  ValueType type;
  type.kind = kind;
  type.element = std::move(element);
  return make(type);
}

ValueTypePtr colour() {
  ValueType type;
  type.kind = Kind::Enum;
  type.name = "Colour";
  type.names = {"red", "green", "blue"};
  return make(type);
}

ValueTypePtr cpu(std::uint32_t cpus) {
  ValueType type;
  type.kind = Kind::Cpu;
  type.cpus = cpus;
  return make(type);
}

ValueTypePtr reference() {
  ValueType type;
  type.kind = Kind::Ref;
  type.name = "Nic";
  type.names = {"a", "b.c"};
  type.targets = {2, 5};
  return make(type);
}

ValueTypePtr queue(ValueTypePtr element, std::uint32_t capacity) {
  ValueType type;
  type.kind = Kind::Queue;
  type.element = std::move(element);
  type.capacity = capacity;
  return make(type);
}

ValueTypePtr array(ValueTypePtr element, ValueTypePtr index) {
  ValueType type;
  type.kind = Kind::Array;
  type.element = std::move(element);
  type.index = std::move(index);
  return make(type);
}

ValueTypePtr pair_of(ValueTypePtr x, ValueTypePtr y) {
  ValueType type;
  type.kind = Kind::Struct;
  type.name = "Pair";
  type.fields = {{"x", std::move(x)}, {"y", std::move(y)}};
  return make(type);
}

std::string shown(const ValueTypePtr& type, std::vector<std::int32_t> cells) {
  EXPECT_EQ(cells.size(), cell_count(*type));
  return format_value(*type, cells.data());
}

TEST(ValueTypeTest, LaysValuesOutInCells) {
  const ValueTypePtr number = SystemBuilder::int_type(-2, 5);
  EXPECT_EQ(cell_count(*number), 1u);
  EXPECT_EQ(cell_count(*of_kind(Kind::Optional, number)), 1u);
  EXPECT_EQ(cell_count(*of_kind(Kind::Optional, pair_of(number, colour()))), 3u);
  EXPECT_EQ(cell_count(*queue(pair_of(number, number), 3)), 7u);
  EXPECT_EQ(cell_count(*of_kind(Kind::Set, number)), 8u);
  EXPECT_EQ(cell_count(*array(queue(number, 2), cpu(4))), 12u);
  EXPECT_EQ(cell_count(*of_kind(Kind::Spinlock)), 2u);
  EXPECT_EQ(cell_count(*of_kind(Kind::Mutex)), 1u);
  EXPECT_TRUE(is_scalar(*of_kind(Kind::Optional, colour())));
  EXPECT_FALSE(is_scalar(*of_kind(Kind::Optional, of_kind(Kind::Optional, colour()))));
  EXPECT_FALSE(is_scalar(*array(number, cpu(1))));
}

TEST(ValueTypeTest, NumbersValuesAndFindsThemAgain) {
  for (const ValueTypePtr& type : {SystemBuilder::int_type(-2, 5), SystemBuilder::bool_type(), colour(), cpu(4),
                                   reference(), of_kind(Kind::Level)}) {
    for (std::int64_t i = 0; i < value_count(*type); ++i) {
      EXPECT_EQ(position_of(*type, value_at(*type, i)), i);
      EXPECT_GE(value_at(*type, i), domain_of(*type).lo);
      EXPECT_LE(value_at(*type, i), domain_of(*type).hi);
    }
  }
  EXPECT_EQ(value_count(*cpu(3)), 3);
  EXPECT_EQ(value_at(*cpu(3), 0), 1);
  EXPECT_EQ(value_at(*reference(), 1), 6);
  EXPECT_EQ(value_at(*SystemBuilder::int_type(-2, 5), 0), -2);
}

TEST(ValueTypeTest, RestsAtZeroOrAtTheLeastValueOrAtNull) {
  EXPECT_THAT(rest_values(*SystemBuilder::int_type(-2, 5)), ElementsAre(0));
  EXPECT_THAT(rest_values(*SystemBuilder::int_type(3, 5)), ElementsAre(3));
  EXPECT_THAT(rest_values(*SystemBuilder::int_type(-5, -3)), ElementsAre(-5));
  EXPECT_THAT(rest_values(*of_kind(Kind::Optional, SystemBuilder::int_type(3, 5))), ElementsAre(2));
  EXPECT_THAT(rest_values(*of_kind(Kind::Optional, colour())), ElementsAre(-1));
  EXPECT_THAT(rest_values(*of_kind(Kind::Optional, cpu(2))), ElementsAre(0));
  EXPECT_THAT(rest_values(*of_kind(Kind::Optional, pair_of(SystemBuilder::int_type(3, 5), colour()))),
              ElementsAre(0, 3, 0));
  EXPECT_THAT(rest_values(*queue(SystemBuilder::int_type(1, 2), 2)), ElementsAre(0, 1, 1));
  EXPECT_THAT(rest_values(*array(SystemBuilder::int_type(7, 8), SystemBuilder::bool_type())), ElementsAre(7, 7));
}

TEST(ValueTypeTest, DomainsIncludeNullAndRest) {
  const Domain optional = domain_of(*of_kind(Kind::Optional, SystemBuilder::int_type(3, 5)));
  EXPECT_EQ(optional.lo, 2);
  EXPECT_EQ(optional.hi, 5);
  EXPECT_EQ(domain_of(*cpu(4)).lo, 0);
  EXPECT_EQ(domain_of(*cpu(4)).hi, 4);
  EXPECT_EQ(domain_of(*of_kind(Kind::Level)).hi, kMaxLevel);
}

TEST(ValueTypeTest, WritesValuesAsTheUserWould) {
  EXPECT_EQ(shown(SystemBuilder::bool_type(), {1}), "true");
  EXPECT_EQ(shown(SystemBuilder::int_type(-9, 9), {-3}), "-3");
  EXPECT_EQ(shown(colour(), {1}), "green");
  ValueType level = *of_kind(Kind::Level);
  level.names = {"LOW", "", "HIGH"};
  EXPECT_EQ(shown(std::make_shared<ValueType>(level), {2}), "HIGH");
  EXPECT_EQ(shown(std::make_shared<ValueType>(level), {1}), "1");
  EXPECT_EQ(shown(std::make_shared<ValueType>(level), {5}), "5");
  EXPECT_EQ(shown(cpu(2), {2}), "cpu 1");
  EXPECT_EQ(shown(cpu(2), {0}), "null");
  EXPECT_EQ(shown(reference(), {6}), "b.c");
  EXPECT_EQ(shown(of_kind(Kind::Optional, colour()), {-1}), "null");
  EXPECT_EQ(shown(of_kind(Kind::Optional, colour()), {0}), "red");
  EXPECT_EQ(shown(of_kind(Kind::Optional, pair_of(colour(), cpu(1))), {0, 0, 0}), "null");
  EXPECT_EQ(shown(of_kind(Kind::Optional, pair_of(colour(), cpu(1))), {1, 2, 1}), "Pair(x: blue, y: cpu 0)");
  EXPECT_EQ(shown(queue(reference(), 3), {2, 3, 6, 0}), "[a, b.c]");
  EXPECT_EQ(shown(queue(reference(), 3), {0, 0, 0, 0}), "[]");
  EXPECT_EQ(shown(of_kind(Kind::Set, cpu(3)), {1, 0, 1}), "{cpu 0, cpu 2}");
  EXPECT_EQ(shown(array(colour(), SystemBuilder::bool_type()), {0, 2}), "[red, blue]");
  EXPECT_EQ(shown(of_kind(Kind::Mutex), {3}), "held");
  EXPECT_EQ(shown(of_kind(Kind::Spinlock), {0, 0}), "free");
}

}  // namespace
}  // namespace quiesce::model
