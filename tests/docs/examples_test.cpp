// Every ```quiesce block of the language reference and the guide is a whole module: it must load without a finding, and
// its checks must meet their expectations.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/report/sentences.h"
#include "model/base/diagnostic.h"
#include "tests/docs/markdown.h"

namespace quiesce::docs {
namespace {

struct Example {
  std::string document;  // "language": docs/language.md
  Block block;
};

std::vector<Example> examples() {
  std::vector<Example> found;
  for (const std::string document : {"language", "guide"}) {
    for (Block& block : blocks(read_document("docs/" + document + ".md"))) {
      if (block.language == "quiesce") found.push_back({document, std::move(block)});
    }
  }
  return found;
}

class Documents : public ::testing::TestWithParam<Example> {};

TEST_P(Documents, ExampleMeetsItsExpectations) {
  const Block& example = GetParam().block;
  const std::string document = "docs/" + GetParam().document + ".md";
  SCOPED_TRACE(document + ":" + std::to_string(example.line));
  const auto design = checker::load_design(document, example.text, checker::LoadOptions{});
  ASSERT_TRUE(design->ok()) << model::render(design->diagnostics, design->sources) << design->problem;
  EXPECT_EQ(model::render(design->diagnostics, design->sources), "") << "examples raise no warnings either";
  ASSERT_FALSE(design->checks.empty()) << "an example ends with a check";
  for (const checker::LoadedCheck& check : design->checks) {
    EXPECT_TRUE(check.from_text) << "an example ends with a check";
    for (const checker::CheckCase& case_ : check.cases) {
      EXPECT_FALSE(case_.expect.empty()) << "the check of an example says what it expects: " << case_.title;
      const checker::SearchResult result = checker::check(case_, checker::CheckOptions{});
      EXPECT_EQ(checker::comparison_text(case_.system, checker::compare(case_.system, case_.expect, result)), "")
          << case_.title;
    }
  }
}

std::string name_of(const ::testing::TestParamInfo<Example>& info) {
  return info.param.document + "_line" + std::to_string(info.param.block.line);
}

INSTANTIATE_TEST_SUITE_P(Examples, Documents, ::testing::ValuesIn(examples()), name_of);

}  // namespace
}  // namespace quiesce::docs
