// Reads the #include lines of model/, checker/ and cli/ and compares them with the order of floors and folders
// (docs/architecture.md). Linking finds a call against the order; this also finds a type, a template or a constant.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Optional;

/// What each folder may include beside itself. A folder that is not listed may not exist.
const std::map<std::string, std::set<std::string>>& allowed_folders() {
  static const std::map<std::string, std::set<std::string>> allowed = [] {
    std::map<std::string, std::set<std::string>> may;
    // Floor 1: text to transition system.
    may["model/base"] = {};
    may["model/syntax"] = {"model/base"};
    may["model/types"] = {"model/base", "model/syntax"};
    may["model/system"] = {"model/base"};  // knows no text
    may["model/passes"] = {"model/base", "model/system"};
    may["model/elaborate"] = {"model/base", "model/syntax", "model/types", "model/system"};
    may["model/interpret"] = {"model/base", "model/system"};  // knows neither text nor how the system was made
    may["model/guarded"] = {"model/base", "model/system", "model/interpret"};

    // Floor 2: of model/ only the transition system and its meaning; within the floor, what stands above.
    const std::vector<std::string> order = {"result", "automata", "smt",    "sat",      "store",    "successor",
                                            "reduce", "space",    "search", "liveness", "symbolic", "evidence",
                                            "lint",   "advise",   "report", "graph",    "export"};
    std::set<std::string> above = {"model/base", "model/system", "model/passes", "model/interpret", "model/guarded"};
    for (const std::string& folder : order) {
      may["checker/" + folder] = above;
      above.insert("checker/" + folder);
    }
    // How successors are made is known where they are, where states are left out, and where both become a state space.
    for (const std::string& folder : order) {
      if (folder != "reduce" && folder != "space") may["checker/" + folder].erase("checker/successor");
    }
    // An engine knows a system by its state space only, and keeps states in a store.
    may["checker/search"] = {"model/base",     "model/system",  "model/interpret",
                             "checker/result", "checker/store", "checker/space"};
    may["checker/liveness"] = may["checker/search"];
    may["checker/liveness"].insert("checker/automata");
    // Evidence stays independent of what it judges; with the engines it shares only the encoding.
    may["checker/evidence"] = {"model/base",    "model/system",   "model/passes", "model/interpret",
                               "model/guarded", "checker/result", "checker/smt"};

    // The front door is text in, results out, so it may use both floors whole. The command uses everything.
    std::set<std::string> everything = above;
    everything.insert({"model/syntax", "model/types", "model/elaborate"});
    everything.erase("checker/successor");
    may["checker"] = everything;
    everything.insert("checker");
    may["checker/mutation"] = everything;  // loads and checks, over and over
    may["checker/teach"] = everything;     // likewise
    everything.insert("checker/mutation");
    everything.insert("checker/teach");
    may["checker/mend"] = everything;  // the same, with designs
    everything.insert("checker/mend");
    may["cli"] = everything;
    may["cli"].insert("checker/successor");  // kShowsPacking only
    return may;
  }();
  return allowed;
}

/// The one door of each third-party library: include path prefix -> folders (with all below them) that may use it.
const std::vector<std::pair<std::string, std::vector<std::string>>>& doors() {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> table = {
      {"fmt/", {"model", "checker", "cli"}},
      {"boost/", {"model/system", "model/passes", "model/elaborate", "checker"}},
      {"xxhash.h", {"model/interpret", "checker"}},
      {"hwy/", {"checker/successor", "checker/store"}},
      {"z3", {"checker/smt"}},
      {"cadical", {"checker/sat"}},
      {"nlohmann/", {"checker/report", "checker/export", "checker/mend"}},
      {"pugixml", {"checker/report", "checker/export"}},
      {"CLI/", {"cli"}},
      {"tl/", {"model/base"}},
      // Only tests.
      {"gtest/", {}},
      {"gmock/", {}},
      {"rapidcheck", {}},
      {"benchmark/", {}},
  };
  return table;
}

bool is_inside(const std::string& file, const std::string& folder) { return file.rfind(folder + "/", 0) == 0; }

std::string folder_of(const std::string& path) { return fs::path(path).parent_path().generic_string(); }

/// An engine knows a system by its state space (checker/space/state_space.h) and states as plain data. Those that need
/// more of model/interpret, with the reason.
const std::map<std::string, std::string>& engines_that_interpret() {
  static const std::map<std::string, std::string> reasons = {
      {"checker/search/breadth_first.cpp", "completes findings: which property a state of a run breaks or shows"},
      {"checker/liveness/state_expander.h", "fairness asks which contexts float, and where"},
  };
  return reasons;
}

/// Why the engine `path` may not include `included` of model/interpret; nothing when it may, or is none.
std::optional<std::string> fault_of_engine(const std::string& path, const std::string& included) {
  const bool is_engine = is_inside(path, "checker/search") || is_inside(path, "checker/liveness");
  const bool is_reference = path.rfind("checker/search/reference", 0) == 0;
  if (!is_engine || is_reference || !is_inside(included, "model/interpret")) return std::nullopt;
  if (included == "model/interpret/state.h" || engines_that_interpret().contains(path)) return std::nullopt;
  return path + " includes " + included + ", but an engine knows a system by its state space";
}

/// The one file above the waist that shows how states are packed.
constexpr const char* kShowsPacking = "cli/show_command.cpp";

/// Why the file `path` may not include `included`, both relative to the repository; nothing when it may.
std::optional<std::string> fault(const std::string& path, const std::string& included) {
  for (const auto& [prefix, folders] : doors()) {
    if (included.rfind(prefix, 0) != 0) continue;
    const bool open =
        std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) { return is_inside(path, folder); });
    if (open) return std::nullopt;
    return path + " includes <" + included + ">, which has its door elsewhere";
  }
  const bool is_ours = is_inside(included, "model") || is_inside(included, "checker") || is_inside(included, "cli");
  if (!is_ours) {
    if (is_inside(included, "tests") || is_inside(included, "bench")) return path + " includes a test, " + included;
    return std::nullopt;  // the standard library or the system
  }
  const auto folder = allowed_folders().find(folder_of(path));
  if (folder == allowed_folders().end()) return path + " is in a folder that the list of floors does not know";
  const std::string target = folder_of(included);
  if (target == folder->first || folder->second.contains(target)) {
    // The reference explorer is the yardstick of the engines, so it shares nothing with them.
    const bool is_reference = path.rfind("checker/search/reference", 0) == 0;
    const bool shared = is_inside(included, "checker") && target != "checker/result" &&
                        included.rfind("checker/search/reference", 0) != 0;
    if (is_reference && shared) return path + " includes " + included + ", but the reference uses only checker/result";
    if (target == "checker/successor" && is_inside(path, "cli") && path != kShowsPacking)
      return path + " includes " + included + ", but of cli only " + kShowsPacking + " may";
    return fault_of_engine(path, included);
  }
  return path + " includes " + included + ", but " + folder->first + " may not use " + target;
}

struct Include {
  std::string path;
  bool is_quoted = false;
};

struct SourceText {
  std::string path;  // relative to the repository
  std::vector<std::string> lines;
  std::vector<Include> includes;
};

std::vector<SourceText> read_sources() {
  static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)re");
  const fs::path root = QUIESCE_SOURCE_DIR;
  std::vector<SourceText> sources;
  for (const char* floor : {"model", "checker", "cli"}) {
    if (!fs::exists(root / floor)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / floor)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cpp") continue;
      SourceText source;
      source.path = fs::relative(entry.path(), root).generic_string();
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (std::regex_match(line, match, pattern)) source.includes.push_back({match[2], match[1] == "\""});
        source.lines.push_back(std::move(line));
      }
      sources.push_back(std::move(source));
    }
  }
  std::sort(sources.begin(), sources.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return sources;
}

TEST(Architecture, EveryIncludeFollowsTheOrderOfTheFloors) {
  const std::vector<SourceText> sources = read_sources();
  ASSERT_FALSE(sources.empty());
  for (const SourceText& source : sources) {
    for (const Include& include : source.includes) {
      const std::optional<std::string> what = fault(source.path, include.path);
      EXPECT_FALSE(what.has_value()) << *what;
    }
  }
}

TEST(Architecture, OwnHeadersAreQuotedFromTheRootAndThirdPartyOnesAreNot) {
  for (const SourceText& source : read_sources()) {
    for (const Include& include : source.includes) {
      const bool is_ours = fs::exists(fs::path(QUIESCE_SOURCE_DIR) / include.path);
      EXPECT_EQ(include.is_quoted, is_ours) << source.path << " includes " << include.path;
    }
  }
}

TEST(Architecture, SourceIncludesItsOwnHeaderFirst) {
  for (const SourceText& source : read_sources()) {
    fs::path header = source.path;
    header.replace_extension(".h");
    if (!source.path.ends_with(".cpp") || !fs::exists(QUIESCE_SOURCE_DIR / header)) continue;
    ASSERT_FALSE(source.includes.empty()) << source.path;
    EXPECT_EQ(source.includes.front().path, header.generic_string()) << source.path;
  }
}

TEST(Architecture, HeaderSaysWhatItIsAndIsIncludedOnce) {
  for (const SourceText& source : read_sources()) {
    if (!source.path.ends_with(".h")) continue;
    ASSERT_FALSE(source.lines.empty()) << source.path;
    EXPECT_EQ(source.lines.front().substr(0, 2), "//") << source.path << " does not open with a paragraph";
    EXPECT_NE(std::find(source.lines.begin(), source.lines.end(), "#pragma once"), source.lines.end()) << source.path;
  }
}

TEST(Architecture, EveryFolderWithSourcesIsBuilt) {
  for (const SourceText& source : read_sources()) {
    if (!source.path.ends_with(".cpp")) continue;
    const fs::path list = fs::path(QUIESCE_SOURCE_DIR) / folder_of(source.path) / "CMakeLists.txt";
    EXPECT_TRUE(fs::exists(list)) << source.path << " is in no target";
  }
}

TEST(Architecture, ListsOnlyWhatExists) {
  const fs::path root = QUIESCE_SOURCE_DIR;
  for (const auto& [folder, may] : allowed_folders()) EXPECT_TRUE(fs::exists(root / folder)) << folder;
  for (const auto& [path, reason] : engines_that_interpret()) EXPECT_TRUE(fs::exists(root / path)) << path;
  EXPECT_TRUE(fs::exists(root / kShowsPacking));
}

// The tests above are worth what fault() is worth.
TEST(Fault, KnowsTheFloors) {
  EXPECT_EQ(fault("model/base/source.cpp", "vector"), std::nullopt);
  EXPECT_EQ(fault("model/types/check.cpp", "model/syntax/tree.h"), std::nullopt);
  EXPECT_EQ(fault("checker/search/reference_explorer.cpp", "model/interpret/interpreter.h"), std::nullopt);
  EXPECT_EQ(fault("checker/search/breadth_first.cpp", "checker/store/state_store.h"), std::nullopt);
  EXPECT_EQ(fault("cli/check.cpp", "checker/check.h"), std::nullopt);
  EXPECT_THAT(fault("model/syntax/parser.cpp", "model/types/typed_tree.h"), Optional(HasSubstr("may not use")));
  EXPECT_THAT(fault("model/system/print.cpp", "model/syntax/tree.h"), Optional(HasSubstr("may not use")));
  EXPECT_THAT(fault("model/interpret/step.cpp", "model/elaborate/elaborate.h"), Optional(HasSubstr("may not use")));
  EXPECT_THAT(fault("model/elaborate/merge.cpp", "checker/check.h"), Optional(HasSubstr("may not use")));
  EXPECT_THAT(fault("checker/evidence/replay.cpp", "checker/search/search.h"), Optional(HasSubstr("may not use")));
  EXPECT_THAT(fault("checker/store/state_store.h", "checker/search/search.h"), Optional(HasSubstr("may not use")));
  EXPECT_THAT(fault("checker/search/search.cpp", "model/elaborate/elaborate.h"), Optional(HasSubstr("may not use")));
  EXPECT_THAT(fault("checker/check.cpp", "cli/exit_code.h"), Optional(HasSubstr("may not use")));
  EXPECT_THAT(fault("checker/search/reference_explorer.cpp", "checker/store/state_store.h"),
              Optional(HasSubstr("reference uses only")));
  EXPECT_THAT(fault("model/misc/a.cpp", "model/base/source.h"), Optional(HasSubstr("does not know")));
}

TEST(Fault, KnowsTheWaist) {
  EXPECT_EQ(fault("checker/search/depth_first.cpp", "model/interpret/state.h"), std::nullopt);
  EXPECT_EQ(fault("checker/search/breadth_first.cpp", "model/interpret/interpreter.h"), std::nullopt);
  EXPECT_EQ(fault("checker/space/step_finder.cpp", "model/interpret/interpreter.h"), std::nullopt);
  EXPECT_THAT(fault("checker/search/depth_first.cpp", "model/interpret/interpreter.h"),
              Optional(HasSubstr("by its state space")));
  EXPECT_THAT(fault("checker/liveness/product.cpp", "model/interpret/scheduler.h"),
              Optional(HasSubstr("by its state space")));
  EXPECT_EQ(fault("checker/reduce/stubborn_sets.h", "checker/successor/compiled_system.h"), std::nullopt);
  EXPECT_EQ(fault("checker/space/packed_space.h", "checker/successor/packed_expander.h"), std::nullopt);
  EXPECT_EQ(fault("cli/show_command.cpp", "checker/successor/print_packing.h"), std::nullopt);
  for (const char* path : {"checker/liveness/product.cpp", "checker/symbolic/encode.cpp", "checker/evidence/replay.cpp",
                           "checker/advise/limit_advice.cpp", "checker/report/text_report.cpp", "checker/check.cpp",
                           "checker/mutation/trial.cpp", "checker/mend/mend.cpp"}) {
    EXPECT_THAT(fault(path, "checker/successor/bytecode.h"), Optional(HasSubstr("may not use")));
  }
  EXPECT_THAT(fault("cli/check_command.cpp", "checker/successor/bytecode.h"), Optional(HasSubstr("may")));
}

TEST(Fault, KnowsTheDoors) {
  EXPECT_EQ(fault("cli/main.cpp", "CLI/CLI.hpp"), std::nullopt);
  EXPECT_EQ(fault("checker/report/json.cpp", "nlohmann/json.hpp"), std::nullopt);
  EXPECT_EQ(fault("model/system/graph.cpp", "boost/graph/adjacency_list.hpp"), std::nullopt);
  EXPECT_THAT(fault("checker/check.cpp", "CLI/CLI.hpp"), Optional(HasSubstr("door")));
  EXPECT_THAT(fault("checker/search/breadth_first.cpp", "z3++.h"), Optional(HasSubstr("door")));
  EXPECT_THAT(fault("model/syntax/parser.cpp", "boost/spirit.hpp"), Optional(HasSubstr("door")));
  EXPECT_THAT(fault("checker/result/result.h", "nlohmann/json.hpp"), Optional(HasSubstr("door")));
  EXPECT_THAT(fault("model/base/internal_check.h", "gtest/gtest.h"), Optional(HasSubstr("door")));
}

}  // namespace
}  // namespace quiesce
