// Rows of the table of mends are kept in a file, from which another run takes those of designs that did not change.
#include "checker/mend/mend_rows.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "checker/files.h"

namespace quiesce::checker {
namespace {

namespace fs = std::filesystem;

struct KeptMendRows : testing::Test {
  KeptMendRows() { fs::create_directories(folder); }
  ~KeptMendRows() override { fs::remove_all(folder); }

  static MendRow row(const std::string& design) {
    return {design, 2, {"core.range", "lib.a"}, true, false, "a \"mend\"", 3, 40};
  }

  const fs::path folder = fs::temp_directory_path() / ("quiesce_mend_rows_" + std::to_string(::getpid()));
  const std::string path = (folder / "rows.json").string();
};

TEST_F(KeptMendRows, AreFoundByTheNextRun) {
  MendRows first(path);
  EXPECT_EQ(first.find("a"), nullptr);
  ASSERT_TRUE(first.add("a", {row("one.qsm"), row("two.qsm")}));
  ASSERT_TRUE(first.add("b", {}));
  const MendRows second(path);
  EXPECT_EQ(second.find("c"), nullptr);
  ASSERT_NE(second.find("b"), nullptr);
  EXPECT_TRUE(second.find("b")->empty());
  ASSERT_NE(second.find("a"), nullptr);
  ASSERT_EQ(second.find("a")->size(), 2u);
  const MendRow& kept = second.find("a")->back();
  const MendRow wanted = row("two.qsm");
  EXPECT_EQ(kept.design, wanted.design);
  EXPECT_EQ(kept.check, wanted.check);
  EXPECT_EQ(kept.broken, wanted.broken);
  EXPECT_EQ(kept.is_mended, wanted.is_mended);
  EXPECT_EQ(kept.is_known, wanted.is_known);
  EXPECT_EQ(kept.what, wanted.what);
  EXPECT_EQ(kept.lines, wanted.lines);
  EXPECT_EQ(kept.tried, wanted.tried);
}

TEST_F(KeptMendRows, LeaveOutLinesThatWereCutOff) {
  ASSERT_TRUE(MendRows(path).add("a", {row("one.qsm")}));
  std::ofstream(path, std::ios::app) << "{\"key\":\"b\",\"rows\":[{\"design\":\"tw";
  MendRows rows(path);
  EXPECT_NE(rows.find("a"), nullptr);
  EXPECT_EQ(rows.find("b"), nullptr);
  ASSERT_TRUE(rows.add("c", {}));
  EXPECT_EQ(read_text(path)->find("tw"), std::string::npos) << "the file is written whole";
}

TEST_F(KeptMendRows, SayThatTheFileCannotBeWritten) {
  MendRows rows((folder / "missing" / "rows.json").string());
  EXPECT_FALSE(rows.add("a", {}));
  EXPECT_NE(rows.find("a"), nullptr) << "this run knows them nevertheless";
  EXPECT_TRUE(MendRows("").add("a", {}));
}

}  // namespace
}  // namespace quiesce::checker
