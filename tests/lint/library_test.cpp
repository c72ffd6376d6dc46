// Lint says nothing about the library and its designs.
#include <string>

#include <gtest/gtest.h>

#include "checker/files.h"
#include "checker/lint_design.h"

namespace quiesce::checker {
namespace {

TEST(Lint, SaysNothingAboutTheLibrary) {
  const SearchControl control(Limits{}, nullptr);
  const auto files = expand_directories({QUIESCE_SOURCE_DIR "/specs"});
  ASSERT_TRUE(files) << files.error();
  EXPECT_GT(files->size(), 100u);
  for (const std::string& file : *files) {
    const auto text = read_text(file);
    ASSERT_TRUE(text) << text.error();
    const auto design = load_design(file, *text, lint_options({}));
    ASSERT_TRUE(design->ok()) << file;
    const model::Diagnostics found = lint(*design, {}, control, nullptr);
    EXPECT_TRUE(found.sorted().empty()) << model::render(found, design->sources);
  }
}

}  // namespace
}  // namespace quiesce::checker
