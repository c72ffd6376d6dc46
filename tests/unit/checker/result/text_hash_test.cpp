#include "checker/result/text_hash.h"

#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

TEST(TextHash, IsThatOfXxh3) {
  EXPECT_EQ(text_hash(""), "99aa06d3014798d86001c324468d497f") << "as the documents of xxHash say";
  EXPECT_EQ(text_hash("system").size(), 32u);
  EXPECT_NE(text_hash("system"), text_hash("systeM"));
}

}  // namespace
}  // namespace quiesce::checker
