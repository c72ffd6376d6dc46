// Work is left when whatever waits for it has had enough, and not otherwise.
#include "model/base/patience.h"

#include <gtest/gtest.h>

namespace quiesce::model {
namespace {

TEST(Patience, IsEndlessWhereNobodyWaits) {
  for (int i = 0; i < 1000; ++i) ask_patience();
}

TEST(Patience, LetsWorkComeToItsEnd) {
  int done = 0;
  EXPECT_FALSE(work_patiently([] { return true; },
                              [&] {
                                for (; done < 1000; ++done) ask_patience();
                              }));
  EXPECT_EQ(done, 1000);
}

TEST(Patience, EndsWorkAndSaysWhere) {
  std::uint32_t done = 0;
  bool may_go_on = true;
  const auto cut = work_patiently([&] { return may_go_on; },
                                  [&] {
                                    for (; done < 1000; ++done) {
                                      may_go_on = done < 500;
                                      ask_patience(Span{FileId(0u), done, done + 1});
                                    }
                                  });
  ASSERT_TRUE(cut);
  EXPECT_GE(done, 500u);
  EXPECT_LT(done, 520u);
  EXPECT_EQ(cut->where.begin, done);
  ask_patience();  // nothing waits any more
}

TEST(Patience, OfWorkInsideWorkIsItsOwn) {
  bool inner_cut = false;
  int after = 0;
  const auto outer = work_patiently([] { return true; },
                                    [&] {
                                      inner_cut = work_patiently([] { return false; },
                                                                 [] {
                                                                   for (int i = 0; i < 100; ++i) ask_patience();
                                                                 })
                                                      .has_value();
                                      for (; after < 100; ++after) ask_patience();
                                    });
  EXPECT_TRUE(inner_cut);
  EXPECT_FALSE(outer);
  EXPECT_EQ(after, 100);
}

}  // namespace
}  // namespace quiesce::model
