// Rules about infinite runs, searched by us and by SPIN on the exported system (docs/export.md, Infinite runs):
// processor time of one thread and wall time of two beside those of SPIN, which has one, as a Markdown table. Ours is
// the whole check of the rule, with the search for states; SPIN's is the run of its verifier alone, without the seconds
// that it takes to be translated and compiled.
//
//     bench_against_spin [ROUNDS]
//
// Exit code 1 when verdicts differ, or when either comes to none.
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <regex>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "checker/check.h"
#include "checker/export/export.h"
#include "checker/load.h"
#include "model/base/internal_check.h"
#include "model/passes/merge_for_infinite_runs.h"

namespace {

namespace fs = std::filesystem;
using namespace quiesce;
using namespace quiesce::checker;

/// A case of a check, from 0, with the rule that is asked for and what it has to come to.
struct Asked {
  const char* name;
  const char* file;
  std::size_t check;
  std::size_t case_;
  const char* rule;
  bool holds;
};

constexpr Asked kAsked[] = {
    {"no storm, one processor", "specs/wdm/designs/storms.qsm", 1, 0, "wdm.no_storm", true},
    {"no storm, two processors", "specs/wdm/designs/storms.qsm", 1, 1, "wdm.no_storm", true},
    {"a storm, two processors", "specs/wdm/designs/storms.qsm", 2, 1, "wdm.no_storm", false},
    {"served in the end, two processors", "specs/wdm/designs/served_in_the_end.qsm", 1, 1, "wdm.served_in_the_end",
     true},
};

struct Result {
  bool is_known = false;
  bool holds = false;
  std::uint64_t states = 0;
  double processor_seconds = 1e9;
  double wall_seconds = 1e9;
};

double processor_seconds(int of) {
  rusage used{};
  getrusage(of, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Takes the time of `work`, by this process or by its children.
void measure_time(Result& result, int of, const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  const double processor_begin = processor_seconds(of);
  work();
  result.processor_seconds = processor_seconds(of) - processor_begin;
  result.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::unique_ptr<LoadedDesign> loaded(const Asked& asked) {
  const std::string path = std::string(QUIESCE_SOURCE_DIR "/") + asked.file;
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  LoadOptions options;
  options.check = asked.check;
  options.only_case = asked.case_;
  options.rules = {asked.rule};
  auto result = load_design(path, text.str(), options);
  QUIESCE_CHECK(result->ok() && result->checks.size() == 1) << path << " cannot be loaded: " << result->problem;
  return result;
}

Result ours(const CheckCase& one, const char* rule, std::uint32_t threads) {
  CheckOptions options;
  options.search.threads = threads;
  options.search.partial_order = true;  // as the command does
  Result result;
  measure_time(result, RUSAGE_SELF, [&] {
    const SearchResult found = check(one, options);
    if (found.infinite) result.states = found.infinite->distinct_states;
    for (const RuleResult& verdict : found.rules) {
      if (one.system.at(verdict.rule).name != rule) continue;
      result.is_known = verdict.verdict == Verdict::Holds || verdict.verdict == Verdict::Violated;
      result.holds = verdict.verdict == Verdict::Holds;
    }
  });
  return result;
}

/// SPIN's verifier for a text, in a folder of its own.
class Verifier {
 public:
  explicit Verifier(const std::string& text) {
    std::string name = (fs::temp_directory_path() / "quiesce-bench-XXXXXX").string();
    QUIESCE_CHECK(mkdtemp(name.data()) != nullptr) << "no folder " << name;
    folder_ = name;
    std::ofstream(folder_ / "model.pml") << text;
    std::smatch claim;
    QUIESCE_CHECK(std::regex_search(text, claim, std::regex("\nnever ([A-Za-z0-9_]+) "))) << "a text without a claim";
    claim_ = claim[1];
    is_there_ = succeeds("spin -o2 -a model.pml > log 2>&1") &&
                succeeds("cc -O2 -w -DNOREDUCE -DMEMLIM=6000 -o pan pan.c > log 2>&1");
  }
  ~Verifier() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  /// With a stack of a million steps, and a hash table for 2^20 states.
  Result run() const {
    Result result;
    if (!is_there_) return result;
    measure_time(result, RUSAGE_CHILDREN,
                 [&] { succeeds(fmt::format("timeout 900 ./pan -a -E -m1000000 -w20 -N {} > log 2>&1", claim_)); });
    std::ostringstream log;
    log << std::ifstream(folder_ / "log").rdbuf();
    const std::string output = log.str();
    std::smatch states;
    const bool has_states = std::regex_search(output, states, std::regex("([0-9]+) states, stored"));
    if (has_states) result.states = std::stoull(states[1]);
    const bool violated = output.find("acceptance cycle") != std::string::npos;
    const bool is_cut = output.find("max search depth too small") != std::string::npos ||
                        output.find("Search not completed") != std::string::npos;
    result.is_known = has_states && (violated || !is_cut);
    result.holds = !violated;
    return result;
  }

 private:
  bool succeeds(const std::string& command) const {
    return std::system(fmt::format("cd '{}' && {}", folder_.string(), command).c_str()) == 0;
  }

  fs::path folder_;
  std::string claim_;
  bool is_there_ = false;
};

bool is_right(const Asked& asked, const char* who, const Result& result) {
  const bool right = result.is_known && result.holds == asked.holds;
  if (!right) {
    fmt::print(stderr, "{}: {} {}, expected that it {}\n", asked.name, who,
               !result.is_known ? "comes to no verdict"
               : result.holds   ? "says that it holds"
                                : "says that it is violated",
               asked.holds ? "holds" : "is violated");
  }
  return right;
}

bool measure(const Asked& asked, int rounds) {
  const std::unique_ptr<LoadedDesign> file = loaded(asked);
  const CheckCase& one = file->checks[0].cases.at(0);
  QUIESCE_CHECK(one.infinite.has_value()) << asked.name << " asks for no infinite run";
  const auto merged = model::merge_for_infinite_runs(*one.infinite);
  const auto text = export_infinite_runs(merged ? *merged : *one.infinite, {});
  QUIESCE_CHECK(text.has_value()) << text.error();
  const Verifier verifier(*text);
  Result best[3];
  bool right = true;
  for (int round = 0; round < rounds && right; ++round) {
    const Result now[3] = {ours(one, asked.rule, 1), ours(one, asked.rule, 2), verifier.run()};
    right = is_right(asked, "quiesce", now[0]) && is_right(asked, "quiesce", now[1]) && is_right(asked, "SPIN", now[2]);
    for (int i = 0; i < 3; ++i) {
      best[i].states = now[i].states;
      best[i].processor_seconds = std::min(best[i].processor_seconds, now[i].processor_seconds);
      best[i].wall_seconds = std::min(best[i].wall_seconds, now[i].wall_seconds);
    }
  }
  if (!right) return false;
  fmt::print("| {} | {} | {} | {:.3f} s | {:.3f} s | {} | {:.3f} s | {:.3f} s | {:.1f} | {:.1f} |\n", asked.name,
             asked.holds ? "holds" : "violated", best[0].states, best[0].processor_seconds, best[1].wall_seconds,
             best[2].states, best[2].processor_seconds, best[2].wall_seconds,
             best[2].processor_seconds / best[0].processor_seconds, best[2].wall_seconds / best[1].wall_seconds);
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::max(1, std::atoi(arguments[1])) : 3;
  fmt::print(
      "| rule | verdict | states | one thread, processor | two threads, wall | SPIN's states | SPIN, processor | SPIN, "
      "wall | times, one thread | times, two threads |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  bool is_good = true;
  for (const Asked& asked : kAsked) is_good = measure(asked, rounds) && is_good;
  return is_good ? 0 : 1;
}
