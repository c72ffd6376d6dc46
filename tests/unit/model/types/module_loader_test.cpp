#include "model/types/module_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce::model::types {
namespace {

using ::testing::ElementsAre;

class ModuleLoaderTest : public ::testing::Test {
 protected:
  std::vector<std::string> load(const std::string& name, const std::string& text) {
    const LoadedModules modules =
        load_modules(name, text, MemoryFiles(library_, "library:"), MemoryFiles(beside_), sources_, diagnostics_);
    std::vector<std::string> names;
    for (const LoadedModule& module : modules.modules) names.push_back(module.name);
    return names;
  }

  std::string errors() const { return render(diagnostics_, sources_); }

  std::map<std::string, std::string> library_ = {
      {"wdm/line.qsm", "module wdm.line\nuse std\n"},
      {"wdm/dpc.qsm", "module wdm.dpc\nuse wdm.line\n"},
      {"wdm/designs/nic.qsm", "module nic\nuse wdm\n"},
      {"std/event.qsm", "module std.event\n"},
  };
  std::map<std::string, std::string> beside_;
  SourceMap sources_;
  Diagnostics diagnostics_;
};

TEST_F(ModuleLoaderTest, LoadsAFamilyWithAllItNeedsOnce) {
  EXPECT_THAT(load("my.qsm", "module my\nuse wdm\nuse wdm.dpc\n"),
              ElementsAre("my", "wdm.dpc", "wdm.line", "std.event"));
  EXPECT_EQ(errors(), "");
}

TEST_F(ModuleLoaderTest, AFileWithoutModuleIsNamedAfterItsPath) {
  EXPECT_THAT(load("some/where/my_nic.qsm", ""), ElementsAre("my_nic"));
  EXPECT_THAT(load("some/where/my-nic.qsm", ""), ElementsAre("design"));
}

TEST_F(ModuleLoaderTest, APartOfTheLibraryIsLoadedWithItsFamilyAndOnlyOnce) {
  EXPECT_THAT(load("specs/wdm/dpc.qsm", library_["wdm/dpc.qsm"]), ElementsAre("wdm.dpc", "wdm.line", "std.event"));
  // The same with a text that was changed since.
  EXPECT_THAT(load("specs/wdm/dpc.qsm", library_["wdm/dpc.qsm"] + "// changed\n"),
              ElementsAre("wdm.dpc", "wdm.line", "std.event"));
  EXPECT_EQ(errors(), "");
}

TEST_F(ModuleLoaderTest, LooksBesideTheFileAfterTheLibrary) {
  beside_ = {{"card.qsm", "module card\n"}, {"parts/a.qsm", "module parts.a\n"}, {"std/x.qsm", "module std.x\n"}};
  EXPECT_THAT(load("my.qsm", "module my\nuse card\nuse parts\nuse std\n"),
              ElementsAre("my", "card", "parts.a", "std.event"));
  EXPECT_EQ(errors(), "");
}

TEST_F(ModuleLoaderTest, FindsAFamilyOfTheUsersOwnNearTheFile) {
  const std::map<std::string, std::string> a_folder_beside = {{"cards/a.qsm", "module cards.a\n"}};
  const std::map<std::string, std::string> a_file_above = {{"../cards.qsm", "module cards\n"}};
  const std::map<std::string, std::string> a_folder_two_above = {{"../../cards/a.qsm", "module cards.a\n"}};
  const std::map<std::string, std::string> files_beside = {{"one.qsm", "// first\n/* of two */\nmodule cards.one\n"},
                                                           {"two.qsm", "module cards.two\n"},
                                                           {"my.qsm", "module my\nuse cards\n"}};
  const std::map<std::string, std::string> files_above = {{"../one.qsm", "/// One\nmodule cards.one\nuse std\n"},
                                                          {"../other.qsm", "module cardsharp.one\n"}};
  const auto loaded = [&](const std::map<std::string, std::string>& beside) {
    beside_ = beside;
    return load("my.qsm", "module my\nuse cards\n");
  };
  EXPECT_THAT(loaded(a_folder_beside), ElementsAre("my", "cards.a"));
  EXPECT_THAT(loaded(a_file_above), ElementsAre("my", "cards"));
  EXPECT_THAT(loaded(a_folder_two_above), ElementsAre("my", "cards.a"));
  EXPECT_THAT(loaded(files_beside), ElementsAre("my", "cards.one", "cards.two"));
  EXPECT_THAT(loaded(files_above), ElementsAre("my", "cards.one", "std.event"));
  EXPECT_EQ(errors(), "");
}

TEST_F(ModuleLoaderTest, AModuleOfAFamilyOfTheUsersOwnSeesTheOthers) {
  beside_ = {{"one.qsm", "module cards.one\n"}, {"two.qsm", "module cards.two\nuse std\n"}};
  EXPECT_THAT(load("one.qsm", beside_["one.qsm"]), ElementsAre("cards.one", "cards.two", "std.event"));
  EXPECT_EQ(errors(), "");
}

TEST(LayeredFilesTest, TakesAFamilyFromTheFirstLayerThatHasItAsAWhole) {
  std::vector<std::unique_ptr<FileProvider>> layers;
  layers.push_back(std::make_unique<MemoryFiles>(
      std::map<std::string, std::string>{{"wdm/line.qsm", "mine"}, {"cards/a.qsm", "card"}}, "added:"));
  layers.push_back(std::make_unique<MemoryFiles>(
      std::map<std::string, std::string>{
          {"wdm/line.qsm", "theirs"}, {"wdm/dpc.qsm", "dpc"}, {"std/event.qsm", "event"}},
      "library:"));
  const LayeredFiles files(std::move(layers));
  EXPECT_THAT(files.list(""), ElementsAre("cards/", "std/", "wdm/"));
  EXPECT_THAT(files.list("wdm"), ElementsAre("line.qsm"));
  EXPECT_EQ(files.read("wdm/line.qsm"), "mine");
  EXPECT_EQ(files.read("wdm/dpc.qsm"), std::nullopt);
  EXPECT_EQ(files.read("std/event.qsm"), "event");
  EXPECT_EQ(files.shown("wdm/line.qsm"), "added:wdm/line.qsm");
  EXPECT_EQ(files.shown("std/event.qsm"), "library:std/event.qsm");
}

TEST_F(ModuleLoaderTest, ModulesMayUseEachOther) {
  beside_ = {{"a.qsm", "module a\nuse b\n"}, {"b.qsm", "module b\nuse a\n"}};
  EXPECT_THAT(load("my.qsm", "module my\nuse a\n"), ElementsAre("my", "a", "b"));
}

TEST_F(ModuleLoaderTest, ReportsTheUnknownTheMisplacedAndTheDoubled) {
  beside_ = {{"a.qsm", "module b\n"}, {"c/x.qsm", "module c.x\n"}, {"c/y.qsm", "module c.x\n"}};
  load("my.qsm", "module my\nuse wdn\nuse a\nuse c\n");
  EXPECT_EQ(errors(),
            "my.qsm:2:5: error[E0501]: there is no module 'wdn'\n"
            " 2 | use wdn\n"
            "   |     ^^^\n"
            "   = note: did you mean 'wdm'?\n"
            "\n"
            "a.qsm:1:8: error[E0502]: this file is in the folder of 'a', but calls itself module 'b'\n"
            " 1 | module b\n"
            "   |        ^\n"
            "\n"
            "c/y.qsm:1:8: error[E0502]: there are two modules 'c.x'\n"
            " 1 | module c.x\n"
            "   |        ^^^\n"
            "  --> c/x.qsm:1:8\n"
            " 1 | module c.x\n"
            "   |        --- the other one\n");
}

}  // namespace
}  // namespace quiesce::model::types
