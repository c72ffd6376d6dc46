#include "checker/files.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;

class InputTest : public ::testing::Test {
 protected:
  InputTest() {
    std::string name = (fs::temp_directory_path() / "quiesce-input-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~InputTest() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }

  fs::path folder_;
};

TEST_F(InputTest, KnowsBeforehandWhatCannotBeWritten) {
  const std::string old = write("old.json", "x");
  EXPECT_TRUE(may_be_written(old).has_value());
  EXPECT_TRUE(may_be_written((folder_ / "new.json").string()).has_value());
  EXPECT_TRUE(may_be_written("/dev/null").has_value());
  EXPECT_FALSE(fs::exists(folder_ / "new.json"));
  const std::string missing = (folder_ / "none" / "new.json").string();
  EXPECT_EQ(may_be_written(missing).error(), "cannot write '" + missing + "': no such file or directory");
  EXPECT_THAT(may_be_written(folder_.string()).error(), EndsWith(": is a directory"));
  EXPECT_THAT(may_be_written(old + "/new.json").error(), EndsWith(": not a directory"));
}

TEST_F(InputTest, ReadsTextAsItIs) {
  EXPECT_EQ(read_text(write("a.qsm", "module a\r\n")), std::string("module a\r\n"));
  EXPECT_EQ(read_text(write("empty.qsm", "")), std::string());
}

TEST_F(InputTest, SaysWhyAFileCannotBeRead) {
  EXPECT_THAT(read_text((folder_ / "missing").string()).error(), EndsWith("missing': no such file or directory"));
  EXPECT_THAT(read_text(folder_.string()).error(), EndsWith("': is a directory"));
  EXPECT_THAT(read_text(write("binary", std::string("a\0b", 3))).error(),
              EndsWith("is not a text file: it contains zero bytes"));
}

TEST_F(InputTest, WritesNewFilesAsTheUserWantsThem) {
  const mode_t mask = umask(027);
  const std::string file = (folder_ / "new.json").string();
  EXPECT_TRUE(write_atomically(file, "text"));
  umask(mask);
  EXPECT_EQ(read_text(file), std::string("text"));
  EXPECT_EQ(fs::status(file).permissions(), fs::perms(0640));
}

TEST_F(InputTest, WritesToWhatIsNoFileAsItIs) {
  EXPECT_TRUE(write_atomically("/dev/null", "text"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THAT(write_atomically(folder_.string(), "text").error(), EndsWith("': is a directory"));
}

TEST_F(InputTest, WritesThroughALinkAndKeepsPermissions) {
  const std::string file = write("a.qsm", "old");
  chmod(file.c_str(), 0640);
  fs::create_symlink("a.qsm", folder_ / "link.qsm");
  EXPECT_TRUE(write_atomically((folder_ / "link.qsm").string(), "new"));
  EXPECT_EQ(read_text(file), std::string("new"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.qsm"));
  EXPECT_EQ(fs::status(file).permissions(), fs::perms(0640));
  // Nothing is left beside it.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 2);
}

TEST_F(InputTest, ExpandsFoldersInTheOrderOfPaths) {
  write("b/two.qsm", "");
  write("a/one.qsm", "");
  write("a/notes.md", "");
  write("a/deep/three.qsm", "");
  const auto files = expand_directories({folder_.string()});
  ASSERT_TRUE(files);
  EXPECT_THAT(*files, ElementsAre(EndsWith("a/deep/three.qsm"), EndsWith("a/one.qsm"), EndsWith("b/two.qsm")));
  EXPECT_EQ(expand_directories({"no/such/folder"}).error(), "cannot read 'no/such/folder': no such file or directory");
}

}  // namespace
}  // namespace quiesce::checker
