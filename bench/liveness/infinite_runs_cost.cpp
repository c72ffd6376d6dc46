// What a check of rules about infinite runs costs beside the search for states, on designs in which all of them hold:
// processor time and memory of both, as a Markdown table. Each is measured in a process of its own, in turn, some times
// over; the least counts.
//
//     bench_infinite_runs [ROUNDS [THREADS]]
//
// Exit code 1 when numbers of states or verdicts are not those expected; nothing is measured then.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "checker/check.h"
#include "checker/load.h"
#include "model/base/internal_check.h"

namespace {

using namespace quiesce;
using namespace quiesce::checker;

/// A check of bench/liveness/served.qsm, with what it has to come to.
struct Design {
  const char* name;
  std::size_t check;
  std::uint64_t states;
  std::uint64_t infinite_states;
};

constexpr Design kDesigns[] = {
    {"two processors, a card started twice, three neighbours", 1, 99'489, 172'658},
    {"two processors, two cards, two neighbours", 2, 252'102, 532'028},
    {"one processor, three cards, one neighbour", 3, 352'749, 735'890},
};

enum class What { Nothing, States, All };

struct Measured {
  std::uint64_t states = 0;
  std::uint64_t infinite_states = 0;
  bool holds = false;
  double seconds = 0;           // of processors
  std::uint64_t kibibytes = 0;  // the most that the process held
};

std::unique_ptr<LoadedDesign> loaded(const Design& design) {
  const std::string path = QUIESCE_SOURCE_DIR "/bench/liveness/served.qsm";
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  LoadOptions options;
  options.check = design.check;
  auto result = load_design(path, text.str(), options);
  QUIESCE_CHECK(result->ok() && result->checks.size() == 1) << path << " cannot be loaded: " << result->problem;
  return result;
}

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

Measured measured_here(const CheckCase& one, What what, std::uint32_t threads) {
  CheckOptions options;
  options.search.threads = threads;
  options.search.partial_order = true;  // as the command does
  Measured result;
  const double begin = processor_seconds();
  if (what != What::Nothing) {
    const SearchResult found = what == What::All ? check(one, options) : check(one.system, options);
    result.states = found.statistics.distinct_states;
    if (found.infinite) result.infinite_states = found.infinite->distinct_states;
    result.holds = found.findings.empty();
    for (const RuleResult& rule : found.rules) {
      result.holds = result.holds && (what == What::States || rule.verdict != Verdict::Unknown);
    }
  }
  result.seconds = processor_seconds() - begin;
  return result;
}

/// In a process of its own.
Measured measured(const CheckCase& one, What what, std::uint32_t threads) {
  int ends[2];
  QUIESCE_CHECK(pipe(ends) == 0) << "no pipe";
  const pid_t child = fork();
  QUIESCE_CHECK(child >= 0) << "no process";
  if (child == 0) {
    const Measured result = measured_here(one, what, threads);
    _exit(write(ends[1], &result, sizeof(result)) == sizeof(result) ? 0 : 1);
  }
  Measured result;
  const bool is_read = read(ends[0], &result, sizeof(result)) == sizeof(result);
  rusage used{};
  int status = 0;
  wait4(child, &status, 0, &used);
  close(ends[0]);
  close(ends[1]);
  QUIESCE_CHECK(is_read && status == 0) << "a search came to a bad end";
  result.kibibytes = static_cast<std::uint64_t>(used.ru_maxrss);
  return result;
}

void keep_least(Measured& least, const Measured& other) {
  least.seconds = std::min(least.seconds, other.seconds);
  least.kibibytes = std::min(least.kibibytes, other.kibibytes);
}

bool is_as_expected(const Design& design, const Measured& states, const Measured& all) {
  const bool is_same = states.states == design.states && all.states == design.states &&
                       all.infinite_states == design.infinite_states && states.holds && all.holds;
  if (!is_same) {
    fmt::print(stderr, "{}: {} and {} states, {} of infinite runs{}; expected {} and {}\n", design.name, states.states,
               all.states, all.infinite_states, states.holds && all.holds ? "" : ", not all rules hold", design.states,
               design.infinite_states);
  }
  return is_same;
}

double mebibytes(std::uint64_t kibibytes) { return static_cast<double>(kibibytes) / 1024; }

bool measure(const Design& design, int rounds, std::uint32_t threads) {
  const std::unique_ptr<LoadedDesign> file = loaded(design);
  const CheckCase& one = file->checks[0].cases.at(0);
  const Measured nothing = measured(one, What::Nothing, threads);
  Measured states = measured(one, What::States, threads);
  Measured all = measured(one, What::All, threads);
  if (!is_as_expected(design, states, all)) return false;
  for (int round = 1; round < rounds; ++round) {
    keep_least(states, measured(one, What::States, threads));
    keep_least(all, measured(one, What::All, threads));
  }
  const double of_infinite = all.seconds - states.seconds;
  fmt::print("| {} | {} | {:.2f} s, {:.0f} MiB | {} | {:.2f} s | {:.0f} MiB | {:.1f} | {:.1f} | {:.1f} |\n",
             design.name, design.states, states.seconds, mebibytes(states.kibibytes), design.infinite_states,
             of_infinite, mebibytes(all.kibibytes), of_infinite / states.seconds,
             static_cast<double>(all.kibibytes) / static_cast<double>(states.kibibytes),
             static_cast<double>(all.kibibytes - nothing.kibibytes) /
                 static_cast<double>(std::max<std::uint64_t>(states.kibibytes - nothing.kibibytes, 1)));
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 5;
  const auto threads = static_cast<std::uint32_t>(count > 2 ? std::atoi(arguments[2]) : 1);
  fmt::print(
      "| design | states | search for states | states of infinite runs | rules about them | memory of both | time | "
      "memory | without the program |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  bool is_good = true;
  for (const Design& design : kDesigns) is_good = measure(design, rounds, threads) && is_good;
  return is_good ? 0 : 1;
}
