// docs/diagnostics.md lists the codes that the sources use, no more and no fewer.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/docs/markdown.h"

namespace quiesce::docs {
namespace {

namespace fs = std::filesystem;

void add_matches(const std::string& text, const std::regex& pattern, std::set<std::string>& codes) {
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
    codes.insert((*match)[1]);
}

TEST(Diagnostics, EveryCodeIsListed) {
  std::set<std::string> used;
  for (const char* floor : {"model", "checker", "cli"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(QUIESCE_SOURCE_DIR) / floor)) {
      if (entry.path().extension() != ".cpp") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
      add_matches(text, std::regex("\"([EW]0[0-9]{3})\""), used);
    }
  }
  std::set<std::string> listed;
  add_matches(read_document("docs/diagnostics.md"), std::regex("\\| ([EW]0[0-9]{3}) \\|"), listed);
  EXPECT_THAT(listed, ::testing::ContainerEq(used));
}

}  // namespace
}  // namespace quiesce::docs
