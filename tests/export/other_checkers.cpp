#include "tests/export/other_checkers.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checker/search/breadth_first.h"

namespace quiesce {

namespace fs = std::filesystem;

namespace {

// What each stage of another checker may take. Rumur's translation takes minutes for more than a megabyte or two.
constexpr const char* kPatience = "timeout 120 ";
constexpr int kOutOfPatience = 124;
constexpr std::size_t kMostText = std::size_t{2} << 20;

/// A folder of its own, gone with the object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "quiesce-export-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no scratch folder " << name;
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }

  /// Runs `command` there; its exit code (kOutOfPatience when it took too long), with all that it prints in `output`.
  int run(const std::string& command, std::string* output) const {
    const std::string log = (path_ / "log").string();
    const int status =
        std::system(fmt::format("cd '{}' && {}{} > log 2>&1", path_.string(), kPatience, command).c_str());
    std::ostringstream text;
    text << std::ifstream(log).rdbuf();
    *output = text.str();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  fs::path path_;
};

std::string failure(const std::string& command, const std::string& output) {
  return fmt::format("'{}' failed:\n{}", command, output.substr(0, 1500));
}

/// The number before `words` in `output`.
bool find_number(const std::string& output, const std::string& words, std::uint64_t* number) {
  std::smatch match;
  if (!std::regex_search(output, match, std::regex("([0-9]+) " + words))) return false;
  *number = std::stoull(match[1]);
  return true;
}

}  // namespace

OtherOpinion run_rumur(const std::string& text, bool deadlocks) {
  const ScratchFolder folder;
  folder.write("model.m", text);
  OtherOpinion opinion;
  std::string output;
  const std::string translate = fmt::format(
      "rumur --threads 1 --symmetry-reduction off --value-type int32_t --deadlock-detection {} --output model.c "
      "model.m",
      deadlocks ? "stuck" : "off");
  for (const std::string& command : {translate, std::string("cc -O0 -w -o model model.c -lpthread")}) {
    const int code = folder.run(command, &output);
    opinion.gave_up = code == kOutOfPatience;
    if (code != 0 && !opinion.gave_up) opinion.problem = failure(command, output);
    if (code != 0) return opinion;
  }
  const int code = folder.run("./model", &output);
  opinion.gave_up = code == kOutOfPatience;
  if (opinion.gave_up) return opinion;
  if (!find_number(output, "states, [0-9]+ rules fired", &opinion.states)) opinion.problem = failure("./model", output);
  opinion.violation = code != 0;
  return opinion;
}

OtherOpinion run_spin(const std::string& text, bool deadlocks) {
  const ScratchFolder folder;
  folder.write("model.pml", text);
  OtherOpinion opinion;
  std::string output;
  for (const char* command : {"spin -o2 -a model.pml", "cc -O0 -w -DSAFETY -DNOREDUCE -DMEMLIM=4000 -o pan pan.c"}) {
    const int code = folder.run(command, &output);
    opinion.gave_up = code == kOutOfPatience;
    const bool failed = code != 0 || output.find("Error") != std::string::npos;
    if (failed && !opinion.gave_up) opinion.problem = failure(command, output);
    if (failed) return opinion;
  }
  const std::string run = fmt::format("./pan -m2000000 -w20{}", deadlocks ? "" : " -E");
  opinion.gave_up = folder.run(run, &output) == kOutOfPatience;
  if (opinion.gave_up) return opinion;
  std::uint64_t errors = 0;
  if (!find_number(output, "states, stored", &opinion.states) ||
      output.find("max search depth too small") != std::string::npos) {
    opinion.problem = failure(run, output);
  }
  std::smatch match;
  if (std::regex_search(output, match, std::regex("errors: ([0-9]+)"))) errors = std::stoull(match[1]);
  opinion.violation = errors != 0;
  return opinion;
}

SpinOnClaims run_spin_on_claims(const std::string& text) {
  const ScratchFolder folder;
  folder.write("model.pml", text);
  SpinOnClaims result;
  std::string output;
  for (const char* command : {"spin -o2 -a model.pml", "cc -O0 -w -DNOREDUCE -DMEMLIM=4000 -o pan pan.c"}) {
    const int code = folder.run(command, &output);
    result.gave_up = code == kOutOfPatience;
    // A name of ours may contain the word.
    const bool failed = code != 0 || output.find("Error:") != std::string::npos;
    if (failed && !result.gave_up) result.problem = failure(command, output);
    if (failed) return result;
  }
  const std::regex claim("\nnever ([A-Za-z0-9_]+) ");
  for (std::sregex_iterator at(text.begin(), text.end(), claim), end; at != end; ++at) {
    const std::string run = fmt::format("./pan -a -E -m2000000 -w20 -N {}", (*at)[1].str());
    result.gave_up = folder.run(run, &output) == kOutOfPatience;
    if (result.gave_up) return result;
    std::uint64_t states = 0;
    const bool is_whole = find_number(output, "states, stored", &states) &&
                          output.find("max search depth too small") == std::string::npos;
    result.violated.push_back(output.find("acceptance cycle") != std::string::npos);
    const bool has_errors = output.find("errors: 0") == std::string::npos;
    if (!is_whole || has_errors != result.violated.back()) result.problem = failure(run, output);
  }
  return result;
}

OtherOpinion run_abc(const std::string& text) {
  const ScratchFolder folder;
  folder.write("model.aig", text);
  OtherOpinion opinion;
  std::string output;
  // Not 'pdr -u', which has been seen to give a wrong run.
  const std::string command = "berkeley-abc -c 'read_aiger model.aig; pdr -T 100'";
  const int code = folder.run(command, &output);
  const bool proved = output.find("Property proved") != std::string::npos;
  opinion.violation = output.find("was asserted in frame") != std::string::npos;
  opinion.gave_up = code == kOutOfPatience || output.find("UNDECIDED") != std::string::npos;
  if (!opinion.gave_up && proved == opinion.violation) opinion.problem = failure(command, output);
  return opinion;
}

bool expect_same_opinion(const model::TransitionSystem& original, checker::ExportLanguage language,
                         std::uint64_t most_states, bool with_violations) {
  model::TransitionSystem system = original;
  system.stuck_rule = {};
  checker::SearchOptions search;
  search.limits.states = most_states;
  search.threads = 1;
  search.symmetry = false;
  search.partial_order = false;
  const checker::Exploration ours = checker::explore_breadth_first(system, search);
  if (ours.limit != checker::LimitKind::None || ours.statistics.distinct_states == 0) return false;

  const bool is_spin = language == checker::ExportLanguage::Promela;
  const auto run = [&](bool count, bool deadlocks) {
    checker::ExportOptions options;
    options.language = language;
    options.count = count;
    const auto text = checker::export_system(system, options);
    EXPECT_TRUE(text || text.error() != "it has no initial state");
    // Refused: too many or too large steps for anything.
    if (!text || text->size() > kMostText) return OtherOpinion{"", true, 0, false};
    return is_spin ? run_spin(*text, deadlocks) : run_rumur(*text, deadlocks);
  };
  const OtherOpinion counted = run(true, false);
  if (counted.gave_up) return false;
  EXPECT_EQ(counted.problem, "");
  // Nothing is asserted: an error is a value outside its range.
  EXPECT_FALSE(counted.violation);
  // With several initial states SPIN also stores the state before one is chosen.
  const bool chooses = is_spin && counted.states == ours.statistics.distinct_states + 1;
  EXPECT_EQ(counted.states - (chooses ? 1 : 0), ours.statistics.distinct_states);

  if (with_violations) {
    bool violated = std::any_of(ours.findings.begin(), ours.findings.end(), [&](const checker::Finding& finding) {
      const std::string& name = system.at(finding.rule).name;
      return name != "core.stuck" && name != "life.leaked";
    });
    // What is never reached is an error for Rumur, too; SPIN cannot be asked.
    for (std::size_t p = 0; p < system.properties.size() && !is_spin; ++p) {
      const model::Property& property = system.properties[p];
      const model::PropertyId id(p);
      violated =
          violated || (property.kind == model::PropertyKind::Reachable &&
                       std::find(system.checked.begin(), system.checked.end(), property.rule) != system.checked.end() &&
                       std::find(ours.witnessed.begin(), ours.witnessed.end(), id) == ours.witnessed.end());
    }
    const bool deadlocks =
        std::any_of(system.properties.begin(), system.properties.end(), [&](const model::Property& property) {
          return property.kind == model::PropertyKind::DeadlockFree &&
                 std::find(system.checked.begin(), system.checked.end(), property.rule) != system.checked.end();
        });
    const OtherOpinion judged = run(false, deadlocks);
    if (judged.gave_up) return false;
    EXPECT_EQ(judged.problem, "");
    EXPECT_EQ(judged.violation, violated) << (ours.findings.empty() ? "" : system.at(ours.findings.front().rule).name);
  }
  return true;
}

}  // namespace quiesce
