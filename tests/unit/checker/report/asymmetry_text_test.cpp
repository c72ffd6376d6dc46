// Every reason why instances are not interchangeable has a sentence of its own, which names what differs.
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/report/sentences.h"

namespace quiesce::checker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AsymmetryText, IsAnotherOneForEveryKind) {
  std::set<std::string> texts;
  const int kinds = static_cast<int>(Asymmetry::Kind::Steps) + 1;
  for (int kind = 0; kind < kinds; ++kind) texts.insert(asymmetry_text({static_cast<Asymmetry::Kind>(kind), "a", "b"}));
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(kinds));
  EXPECT_EQ(asymmetry_text({}), "");
}

TEST(AsymmetryText, NamesWhatDiffers) {
  EXPECT_EQ(asymmetry_text({Asymmetry::Kind::Types, "a.x", "b.x"}), "'a.x' and 'b.x' have different types");
  EXPECT_EQ(asymmetry_text({Asymmetry::Kind::Steps, "a.isr", "unused"}), "a step of 'a.isr' has no counterpart");
  EXPECT_THAT(asymmetry_text({Asymmetry::Kind::TooMany}), Not(HasSubstr("'")));
}

}  // namespace
}  // namespace quiesce::checker
