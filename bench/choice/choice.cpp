// How long searches take with the table of commands, with bytecode, and with the one that is chosen by measuring
// (checker/space/choose_successors.h): the choice may cost no more than 5 % over the better of the two, and what cannot
// be told apart from noise.
//
//     choice [--rounds N] DESIGN...    a Markdown table; exit code 1 when a choice was too slow
//
// DESIGN is a file, with values of parameters behind commas: specs/a.qsm,processors=1; "plain" among them: without
// reductions. Its first case is searched on one thread, as `quiesce check` does. The three take turns, and of N rounds
// (3) the fastest of each counts: time of the process on its CPU, with what is made for the search and without what
// comes before. Instructions are told beside it where the machine counts them: they say little about which of the two
// is faster, and much about what the measuring costs.
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "checker/load.h"
#include "checker/search/breadth_first.h"

namespace {

using namespace quiesce;
using namespace quiesce::checker;

constexpr double kMostSlower = 1.05;
constexpr double kNoise = 0.02;  // seconds

/// Instructions of this process outside of the kernel, where they are counted.
class InstructionCounter {
 public:
  InstructionCounter() {
    perf_event_attr attributes = {};
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.size = sizeof attributes;
    attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    file_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
  }
  ~InstructionCounter() {
    if (file_ >= 0) close(file_);
  }
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;

  /// So far; 0 where nothing counts them.
  std::uint64_t count() const {
    std::uint64_t value = 0;
    return file_ >= 0 && read(file_, &value, sizeof value) == sizeof value ? value : 0;
  }

 private:
  int file_ = -1;
};

double cpu_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

struct Cost {
  double seconds = std::numeric_limits<double>::max();
  std::uint64_t instructions = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t states = 0;
};

void search(const model::TransitionSystem& system, SearchOptions options, Successors successors,
            const InstructionCounter& counter, Cost& least) {
  options.successors = successors;
  const double begin = cpu_seconds();
  const std::uint64_t first = counter.count();
  least.states = explore_breadth_first(system, options).statistics.distinct_states;
  least.seconds = std::min(least.seconds, cpu_seconds() - begin);
  least.instructions = std::min(least.instructions, counter.count() - first);
}

struct Design {
  std::string name;  // with the values of its parameters
  std::string file;
  LoadOptions options;
};

Design parse(const std::string& argument) {
  Design design;
  std::istringstream parts(argument);
  std::getline(parts, design.file, ',');
  design.name = design.file.substr(design.file.rfind('/') + 1);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t equals = part.find('=');
    if (part == "plain") design.options.plain = true;
    if (equals != std::string::npos) design.options.defines[part.substr(0, equals)] = part.substr(equals + 1);
    design.name += ", " + part;
  }
  return design;
}

std::string text_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Prints a line; whether the choice was fast enough.
bool measure(const Design& design, int rounds, const InstructionCounter& counter) {
  const auto loaded = load_design(design.file, text_of(design.file), design.options);
  if (!loaded->ok() || loaded->checks.empty() || loaded->checks.front().cases.empty()) {
    fmt::print("| {} | cannot be loaded |\n", design.name);
    return false;
  }
  const model::TransitionSystem& system = loaded->checks.front().cases.front().system;
  constexpr std::array kWays = {Successors::Table, Successors::Bytecode, Successors::Fastest};
  std::array<Cost, kWays.size()> costs;
  SearchOptions options;
  options.threads = 1;
  options.symmetry = options.partial_order = !design.options.plain;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t way = 0; way < kWays.size(); ++way) search(system, options, kWays[way], counter, costs[way]);
  }
  const auto& [table, bytecode, choice] = costs;
  const double better = std::min(table.seconds, bytecode.seconds);
  const bool fine = choice.seconds <= better * kMostSlower + kNoise;
  const auto millions = [](const Cost& cost) {
    return cost.instructions == 0 ? std::string("-")
                                  : fmt::format("{:.0f}", static_cast<double>(cost.instructions) / 1e6);
  };
  fmt::print("| {} | {} | {:.3f} | {:.3f} | {:.3f} | {:.2f}{} | {} | {} | {} |\n", design.name, choice.states,
             table.seconds, bytecode.seconds, choice.seconds, choice.seconds / better, fine ? "" : " (too slow)",
             millions(table), millions(bytecode), millions(choice));
  std::fflush(stdout);
  if (table.states != choice.states || bytecode.states != choice.states) {
    fmt::print(stderr, "{}: the numbers of states differ\n", design.name);
    return false;
  }
  return fine;
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 3;
  int first = 1;
  if (argc > 2 && std::string(argv[1]) == "--rounds") {
    rounds = std::max(1, std::atoi(argv[2]));
    first = 3;
  }
  const InstructionCounter counter;
  fmt::print(
      "| design | states | table, s | bytecode, s | chosen, s | of the better | table, 10^6 instructions | bytecode | "
      "chosen |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
  bool fine = true;
  for (int i = first; i < argc; ++i) fine = measure(parse(argv[i]), rounds, counter) && fine;
  return fine ? 0 : 1;
}
