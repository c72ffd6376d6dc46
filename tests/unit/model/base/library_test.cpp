#include "model/base/library.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gtest/gtest.h>

namespace quiesce::model {
namespace {

namespace fs = std::filesystem;

/// The modules on the disk, by path.
std::map<std::string, std::string> modules_under(const fs::path& specs) {
  std::map<std::string, std::string> modules;
  if (!fs::exists(specs)) return modules;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(specs)) {
    if (entry.path().extension() != ".qsm") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    modules[fs::relative(entry.path(), specs).generic_string()] =
        std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return modules;
}

TEST(Library, HoldsEveryModuleByteForByteInOrder) {
  std::map<std::string, std::string> embedded;
  for (const LibraryFile& file : embedded_library()) embedded.emplace(file.path, file.text);
  EXPECT_EQ(embedded, modules_under(fs::path(QUIESCE_SOURCE_DIR) / "specs"));
  EXPECT_EQ(embedded.size(), embedded_library().size());
  EXPECT_TRUE(std::is_sorted(embedded_library().begin(), embedded_library().end(),
                             [](const LibraryFile& a, const LibraryFile& b) { return a.path < b.path; }));
}

}  // namespace
}  // namespace quiesce::model
