// docs/library.md is what `quiesce doc --format markdown` prints. QUIESCE_UPDATE_GOLDEN=1 writes it anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checker/library_doc_report.h"
#include "model/base/library.h"
#include "tests/docs/markdown.h"

namespace quiesce::docs {
namespace {

std::vector<checker::DocModule> embedded_modules() {
  std::vector<checker::DocText> texts;
  for (const model::LibraryFile& file : model::embedded_library()) {
    const std::string path(file.path);
    if (path.find("/designs/") == std::string::npos) texts.push_back({path, file.text, true});
  }
  return checker::library_doc(texts);
}

TEST(Documents, PageOfTheLibraryIsWhatItsModulesSay) {
  const std::string now = checker::doc_markdown(embedded_modules());
  const char* update = std::getenv("QUIESCE_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(std::filesystem::path(QUIESCE_SOURCE_DIR) / "docs/library.md", std::ios::binary) << now;
    return;
  }
  EXPECT_EQ(read_document("docs/library.md"), now)
      << "run this executable with QUIESCE_UPDATE_GOLDEN=1 (CONTRIBUTING.md)";
}

TEST(LibraryDoc, KnowsTheRoutinesOfTheGuide) {
  const std::vector<checker::DocModule> modules = embedded_modules();
  for (const char* name : {"wdm", "wdm.line", "wdm.Line", "wdm.Line.signal", "wdm.IoConnectInterruptEx", "kesettimer",
                           "wdm.connect_may_fail", "wdm.Status", "wdm.Driver", "wdm.Driver.surprise_removal"}) {
    EXPECT_TRUE(checker::doc_of(modules, name, {}).has_value()) << name;
  }
  EXPECT_FALSE(checker::doc_of(modules, "wdm.Lien", {}).has_value());
}

}  // namespace
}  // namespace quiesce::docs
