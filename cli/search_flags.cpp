#include "cli/search_flags.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/result/memory_budget.h"
#include "checker/search/swarm.h"
#include "cli/amounts.h"
#include "cli/console.h"

namespace quiesce::cli {
namespace {

constexpr std::uint64_t kMaxThreads = 256;
constexpr std::uint32_t kMaxParts = 1000000;
constexpr std::uint64_t kMaxSearches = 1000000;
constexpr const char* kFiles = "Long searches";

/// The value of a word, or a sentence with the words that there are.
template <class Value>
Value named(const char* option, const std::string& name, const std::vector<std::pair<std::string, Value>>& values) {
  std::string names;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].first == name) return values[i].second;
    names += (i == 0 ? "" : i + 1 == values.size() ? " or " : ", ") + values[i].first;
  }
  throw CLI::ValidationError(option, fmt::format("there is no '{}': use {}", name, names));
}

/// Adds an option whose argument is one of some words.
template <class Value>
CLI::Option* add_choice(CLI::App& command, const char* option, Value& value, const std::string& help,
                        std::vector<std::pair<std::string, Value>> values) {
  return command
      .add_option_function<std::string>(
          option,
          [option, &value, values = std::move(values)](const std::string& name) {
            value = named(option, name, values);
          },
          help)
      ->type_name("NAME");
}

/// "2/8": the second of eight parts.
std::optional<std::pair<std::uint32_t, std::uint32_t>> parse_part(const std::string& text) {
  std::uint32_t part = 0, parts = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, part);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, parts);
  if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
  if (part < 1 || part > parts || parts > kMaxParts) return std::nullopt;
  return std::pair(part, parts);
}

}  // namespace

void SearchFlags::add_to(CLI::App& command) {
  command_ = &command;
  check.search.partial_order = true;
  const std::string limits = "Limits (the verdict is then 'unknown', the exit code 3)";
  checker::Limits& limit = check.search.limits;
  add_time(command, limit.time, "stop a search after this time, and loading too: 500ms, 10s, 2m, 1h")->group(limits);
  command
      .add_option_function<std::string>(
          "--memory",
          [&limit](const std::string& text) {
            limit.memory_bytes = parse_memory(text);
            if (!limit.memory_bytes) {
              throw CLI::ValidationError("--memory",
                                         fmt::format("'{}' is not an amount of memory such as 500MiB or 2GiB", text));
            }
            if (*limit.memory_bytes < checker::kLeastMemory) {
              throw CLI::ValidationError("--memory",
                                         fmt::format("{} is less than quiesce itself needs: give at least {}MiB", text,
                                                     checker::kLeastMemory >> 20));
            }
          },
          "stop a search that needs more than this: 500MiB, 2GiB")
      ->type_name("SIZE")
      ->group(limits);
  command
      .add_option_function<std::string>(
          "--states",
          [&limit](const std::string& text) {
            limit.states = parse_count(text);
            if (!limit.states)
              throw CLI::ValidationError("--states",
                                         fmt::format("'{}' is not a number of states such as 5000 or 10M", text));
          },
          "stop a search after this many distinct states: 5000, 10M")
      ->type_name("N")
      ->group(limits);
  command
      .add_option_function<std::string>(
          "--depth",
          [&limit](const std::string& text) {
            const auto depth = parse_count(text);
            if (!depth || *depth > UINT32_MAX) {
              throw CLI::ValidationError("--depth", fmt::format("'{}' is not a number of steps", text));
            }
            limit.depth = static_cast<std::uint32_t>(*depth);
          },
          "look only at runs of at most this many steps")
      ->type_name("N")
      ->group(limits);

  const std::string how = "How to search";
  checker::SearchOptions& search = check.search;
  command
      .add_option_function<std::string>(
          "--threads",
          [&search](const std::string& text) {
            const auto threads = parse_count(text);
            if (!threads || *threads == 0 || *threads > kMaxThreads) {
              throw CLI::ValidationError(
                  "--threads", fmt::format("'{}' is not a number of threads from 1 to {}", text, kMaxThreads));
            }
            search.threads = static_cast<unsigned>(*threads);
          },
          "search with so many threads (default: one per core); results do not depend on it")
      ->type_name("N")
      ->group(how);
  add_choice<checker::Storage>(command, "--storage", search.storage,
                               "exact (the default); compact, bitstate: less memory, may miss states, never 'holds'",
                               {{"exact", checker::Storage::Exact},
                                {"compact", checker::Storage::Compact},
                                {"bitstate", checker::Storage::Bitstate}})
      ->group(how);
  command
      .add_flag_callback(
          "--no-symmetry", [&search] { search.symmetry = false; }, "distinguish interchangeable instances")
      ->group(how);
  command
      .add_flag_callback(
          "--no-partial-order", [&search] { search.partial_order = false; }, "try independent steps in every order")
      ->group(how);
  command
      .add_flag_callback(
          "--no-slice", [this] { slice = false; }, "keep what the rules checked do not depend on")
      ->group(how);

  const std::string hunt = "To hunt for violations (never says 'holds')";
  add_choice<checker::Order>(
      command, "--search", search.order,
      "bfs (the default, complete), dfs, random (walks), swarm (many short searches), interruptions (runs "
      "with few of them)",
      {{"bfs", checker::Order::BreadthFirst},
       {"dfs", checker::Order::DepthFirst},
       {"random", checker::Order::Random},
       {"swarm", checker::Order::Swarm},
       {"interruptions", checker::Order::FewInterruptions}})
      ->group(hunt);
  command
      .add_option("--interruptions", search.interruptions,
                  "interruptions: how many a run may have (default: 2); few violations need more")
      ->check(CLI::Range(0, 100))
      ->type_name("N")
      ->group(hunt);
  command
      .add_option_function<std::string>(
          "--seed",
          [&search](const std::string& text) {
            const char* end = text.data() + text.size();
            const auto [ptr, error] = std::from_chars(text.data(), end, search.seed);
            if (error != std::errc() || ptr != end) {
              throw CLI::ValidationError("--seed", fmt::format("'{}' is not a number from 0 to {}", text, UINT64_MAX));
            }
          },
          "random, swarm: another seed, other runs (default: 0)")
      ->type_name("N")
      ->group(hunt);

  command
      .add_option_function<std::string>(
          "--searches",
          [&search](const std::string& text) {
            const auto searches = parse_count(text);
            if (!searches || *searches == 0 || *searches > kMaxSearches) {
              throw CLI::ValidationError(
                  "--searches", fmt::format("'{}' is not a number of searches from 1 to {}", text, kMaxSearches));
            }
            search.searches = static_cast<std::uint32_t>(*searches);
          },
          "random: so many walks (default: 1000, unless a limit ends them); swarm: searches (default: 64)")
      ->type_name("N")
      ->group(hunt);

  const std::string measure = "For tests and measurements";
  add_choice<checker::Successors>(command, "--successors", search.successors,
                                  "auto (the default), table, bytecode: how next states are made",
                                  {{"auto", checker::Successors::Fastest},
                                   {"table", checker::Successors::Table},
                                   {"bytecode", checker::Successors::Bytecode}})
      ->group(measure);
  add_choice<checker::VectorTarget>(command, "--simd", search.vector_target,
                                    "auto (the default), avx512, avx2, portable: vector instructions of the table",
                                    {{"auto", checker::VectorTarget::Best},
                                     {"avx512", checker::VectorTarget::Avx512},
                                     {"avx2", checker::VectorTarget::Avx2},
                                     {"portable", checker::VectorTarget::Portable}})
      ->group(measure);
  command
      .add_option_function<std::string>(
          "--engine",
          [this](const std::string& name) {
            enum class Choice { Explicit, Reference, ReducedReference };
            const auto choice = named<Choice>("--engine", name,
                                              {{"explicit", Choice::Explicit},
                                               {"reference", Choice::Reference},
                                               {"reduced-reference", Choice::ReducedReference}});
            check.engine = choice == Choice::Explicit ? checker::Engine::Explicit : checker::Engine::Reference;
            unreduced = choice == Choice::Reference;
          },
          "explicit (the default); reference, reduced-reference: slow, before and after all reductions")
      ->type_name("NAME");
  command.add_flag("--plain", plain,
                   "no merging of steps, no resetting of dead variables: states and steps as in docs/semantics.md");
  add_warnings(command, warnings);
  add_library(command, library_directory);
  add_no_color(command, no_color);
  add_timing(command, timing);
}

void SearchFlags::add_files_to(CLI::App& command) {
  checker::SearchOptions& search = check.search;
  command.add_option("--checkpoint", search.checkpoint, "write the state of the search to FILE now and then")
      ->type_name("FILE")
      ->group(kFiles);
  command
      .add_option_function<std::string>(
          "--checkpoint-interval",
          [&search](const std::string& text) {
            const auto interval = parse_duration(text);
            if (!interval || *interval < std::chrono::milliseconds(1)) {
              throw CLI::ValidationError("--checkpoint-interval",
                                         fmt::format("'{}' is not a time such as 30s, 5m or 1h", text));
            }
            search.checkpoint_interval = *interval;
          },
          "how often, and a swarm its --result (default: 60s)")
      ->type_name("TIME")
      ->group(kFiles);
  command.add_option("--resume", search.resume, "go on from what --checkpoint (a swarm: --result) wrote to FILE")
      ->check([](const std::string& path) {
        std::error_code error;
        return std::filesystem::is_regular_file(path, error) ? "" : fmt::format("there is no file '{}'", path);
      })
      ->type_name("FILE")
      ->group(kFiles);
  command
      .add_option_function<std::string>(
          "--part",
          [&search](const std::string& text) {
            const auto part = parse_part(text);
            if (!part) {
              throw CLI::ValidationError(
                  "--part", fmt::format("'{}' is not a part such as 2/8, the second of eight parts", text));
            }
            std::tie(search.part, search.parts) = *part;
          },
          "swarm: only the I-th of N parts, for dividing it over machines")
      ->type_name("I/N")
      ->group(kFiles);
  command.add_option("--result", result, "swarm: write what was done and found to FILE, for --resume and 'merge'")
      ->type_name("FILE")
      ->group(kFiles);
}

bool SearchFlags::given(const std::string& option) const {
  const CLI::Option* found = command_ == nullptr ? nullptr : command_->get_option_no_throw(option);
  return found != nullptr && found->count() > 0;
}

std::string SearchFlags::single_search_option() const {
  for (const char* option : {"--checkpoint", "--resume", "--part", "--result"}) {
    if (given(option)) return option;
  }
  return "";
}

model::Expected<void> SearchFlags::consistent() const {
  using checker::Order;
  using checker::Storage;
  const checker::SearchOptions& search = check.search;
  const Order order = search.order;
  if (check.engine == checker::Engine::Reference) {
    for (const char* option : {"--threads", "--storage", "--search", "--no-symmetry", "--no-partial-order",
                               "--successors", "--simd", "--checkpoint", "--resume"}) {
      if (given(option)) {
        return model::unexpected(fmt::format(
            "the reference engine is breadth first, exact and slow, whatever is asked: leave out {}", option));
      }
    }
    if (unreduced && given("--no-slice")) {
      return model::unexpected(
          "the reference engine searches the system as written, without slicing: leave out --no-slice");
    }
  }
  if (given("--part") && order != Order::Swarm) {
    return model::unexpected("--part divides a swarm into parts: add --search swarm, or leave it out");
  }
  if (given("--result") && order != Order::Swarm) {
    return model::unexpected("--result is for the parts of a swarm: add --search swarm, or leave it out");
  }
  if (given("--searches") && order != Order::Random && order != Order::Swarm) {
    return model::unexpected("--searches says how many walks or searches: add --search random or --search swarm");
  }
  if (given("--part") && search.parts > (search.searches != 0 ? search.searches : checker::kDefaultSearches)) {
    return model::unexpected(
        fmt::format("a swarm of {} searches cannot be divided into {} parts: give more with --searches",
                    search.searches != 0 ? search.searches : checker::kDefaultSearches, search.parts));
  }
  if (given("--seed") && order != Order::Random && order != Order::Swarm) {
    return model::unexpected(
        "--seed is for searches that leave something to chance: add --search random or --search swarm");
  }
  if (given("--interruptions") && order != Order::FewInterruptions) {
    return model::unexpected("--interruptions says how many a run of a hunt may have: add --search interruptions");
  }
  if (given("--storage") && order == Order::FewInterruptions) {
    return model::unexpected("runs with few interruptions are searched exactly: leave out --storage");
  }
  if (given("--storage") && order == Order::Random) {
    return model::unexpected("random walks do not keep the states that they visit: leave out --storage");
  }
  if (given("--storage") && order == Order::Swarm) {
    return model::unexpected("each search of a swarm keeps its states in a small bit array: leave out --storage");
  }
  const bool has_one_thread = order == Order::DepthFirst || order == Order::Random || order == Order::FewInterruptions;
  if (given("--threads") && search.threads > 1 && has_one_thread) {
    return model::unexpected(
        "dfs, random and interruptions use one thread: use --search swarm, or leave out --threads");
  }
  const bool writes_swarm = order == Order::Swarm && (given("--result") || given("--resume"));
  if (given("--checkpoint-interval") && !given("--checkpoint") && !writes_swarm) {
    return model::unexpected(fmt::format("--checkpoint-interval says how often a file is written: add {}",
                                         order == Order::Swarm ? "--result FILE" : "--checkpoint FILE"));
  }
  if (given("--checkpoint") && order != Order::BreadthFirst) {
    return model::unexpected(
        order == Order::Swarm ? "a swarm writes what it has done with --result FILE: use that instead of --checkpoint"
                              : "--checkpoint keeps the levels of a breadth-first search: leave out --search");
  }
  if ((given("--checkpoint") || given("--resume")) && search.storage != Storage::Exact) {
    return model::unexpected("checkpoints keep exact storage: leave out --storage, --checkpoint or --resume");
  }
  if (given("--resume") && has_one_thread) {
    return model::unexpected(
        "--resume continues a breadth-first search or with a swarm: leave out --search or --resume");
  }
  if (given("--simd") && search.successors == checker::Successors::Bytecode) {
    return model::unexpected(
        "--simd says how rule tables are matched, and bytecode matches none: leave out --simd or --successors");
  }
  return {};
}

checker::CheckOptions SearchFlags::check_options() const {
  checker::CheckOptions options = check;
  if (plain) {  // states and steps are to be exactly those of the language
    options.search.symmetry = false;
    options.search.partial_order = false;
  }
  return options;
}

checker::LoadOptions SearchFlags::load_options() const {
  checker::LoadOptions options;
  options.plain = plain || unreduced;
  options.slice = slice && !options.plain;
  options.library_directory = library_directory;
  options.warnings = warnings;
  options.time = check.search.limits.time;
  return options;
}

CLI::Option* add_time(CLI::App& command, std::optional<std::chrono::milliseconds>& time, const std::string& help) {
  return command
      .add_option_function<std::string>(
          "--time",
          [&time](const std::string& text) {
            time = parse_duration(text);
            if (!time)
              throw CLI::ValidationError("--time", fmt::format("'{}' is not a time such as 10s, 2m or 1h", text));
          },
          help)
      ->type_name("TIME");
}

void add_timing(CLI::App& command, std::string& timing) {
  command
      .add_option_function<std::string>(
          "--timing",
          [&timing](const std::string& text) {
            if (text != "on" && text != "off")
              throw CLI::ValidationError("--timing", fmt::format("'{}' is neither on nor off", text));
            timing = text;
          },
          "off: leave out time and memory, so that reports can be compared")
      ->type_name("on|off");
}

void add_library(CLI::App& command, std::string& directory) {
  command.add_option("--library", directory, "add the families below DIR; one that is also built in is taken from DIR")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR");
}

void add_no_color(CLI::App& command, bool& no_color) {
  command.add_flag("--no-color", no_color, "no colours on a terminal either (as does NO_COLOR in the environment)");
}

void add_warnings(CLI::App& command, model::types::WarningOptions& warnings) {
  const auto is_code = [](const std::string& text) {
    const std::vector<std::string_view>& codes = model::types::warning_codes();
    if (text == "all" || std::find(codes.begin(), codes.end(), text) != codes.end()) return std::string();
    return fmt::format("'{}' is not the code of a warning: {} to {}, or all", text, codes.front(), codes.back());
  };
  const auto add = [&](const char* name, std::vector<std::string>& list, const char* help) {
    command.add_option(name, list, help)->check(is_code)->type_name("CODE")->delimiter(',')->allow_extra_args(false);
  };
  add("--deny", warnings.deny, "take this warning for an error: W0403, or all; comma between several");
  add("--allow", warnings.allow, "do not print this warning; comma between several");
}

void add_defines(CLI::App& command, std::vector<std::string>& defines) {
  command.add_option("-D", defines, "give a param or a parameter of the system another value; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        const std::size_t sign = text.find('=');
        return sign == std::string::npos || sign == 0 ? fmt::format("'{}' is not of the form NAME=VALUE", text)
                                                      : std::string();
      });
}

std::map<std::string, std::string> define_map(const std::vector<std::string>& defines) {
  std::map<std::string, std::string> map;
  for (const std::string& text : defines) {
    const std::size_t sign = text.find('=');
    map[text.substr(0, sign)] = text.substr(sign + 1);
  }
  return map;
}

bool report_problems(const checker::LoadedDesign& design, bool no_color) {
  print_error(model::render(design.diagnostics, design.sources, error_colour_wanted(no_color)));
  if (!design.problem.empty()) report_error(design.problem);
  return design.ok();
}

ExitCode report_left(std::size_t left, const checker::LoadedCheck& check) {
  if (left == 0) return ExitCode::AllHold;
  print(fmt::format("  interrupted: {} of {} cases not checked\n", left, check.cases.size()));
  return ExitCode::Undecided;
}

}  // namespace quiesce::cli
