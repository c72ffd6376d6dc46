#include "model/base/internal_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/base/index.h"

namespace quiesce {
namespace {

using ::testing::HasSubstr;

TEST(Check, HoldsSilentlyAndFailsWithConditionAndInput) {
  const int size = 3;
  EXPECT_NO_THROW(QUIESCE_CHECK(size == 3) << "not evaluated");
  try {
    QUIESCE_CHECK(size < 3) << "cell " << size;
    FAIL() << "a failed check must not go on";
  } catch (const InternalError& e) {
    EXPECT_THAT(e.what(), HasSubstr("check_test.cpp:"));
    EXPECT_THAT(e.what(), HasSubstr("internal check failed: size < 3 cell 3"));
  }
}

TEST(Check, DebugChecksCostNothingInRelease) {
  int evaluated = 0;
  const auto count = [&] { return ++evaluated > 0; };
  QUIESCE_DCHECK(count());
#ifdef NDEBUG
  EXPECT_EQ(evaluated, 0);
#else
  EXPECT_EQ(evaluated, 1);
#endif
}

TEST(Index, StartsAsNoneAndComparesByPosition) {
  using Id = model::Index<struct TestTag>;
  EXPECT_FALSE(Id().valid());
  EXPECT_TRUE(Id(0).valid());
  EXPECT_LT(Id(1), Id(2));
  EXPECT_LT(Id(2), Id());  // none sorts last
  static_assert(!std::is_convertible_v<int, Id>);
  static_assert(!std::is_convertible_v<Id, int>);
  static_assert(!std::is_constructible_v<Id, model::Index<struct OtherTag>>);
}

}  // namespace
}  // namespace quiesce
