#include "cli/search_flags.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/console.h"
#include "cli/units.h"

namespace quiesce::cli {

void SearchFlags::add_to(CLI::App& command) {
  const std::string limits = "Limits (the verdict is then 'unknown', the exit code 3)";
  checker::Limits& limit = check.search.limits;
  command
      .add_option_function<std::string>(
          "--time",
          [&limit](const std::string& text) {
            limit.time = parse_duration(text);
            if (!limit.time)
              throw CLI::ValidationError("--time", fmt::format("'{}' is not a time such as 10s, 2m or 1h", text));
          },
          "stop a search after this time: 500ms, 10s, 2m, 1h")
      ->type_name("TIME")
      ->group(limits);
  command
      .add_option_function<std::string>(
          "--memory",
          [&limit](const std::string& text) {
            limit.memory_bytes = parse_memory(text);
            if (!limit.memory_bytes) {
              throw CLI::ValidationError("--memory",
                                         fmt::format("'{}' is not an amount of memory such as 500MiB or 2GiB", text));
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
  command
      .add_option_function<std::string>(
          "--engine",
          [this](const std::string& name) {
            if (name != "explicit" && name != "reference") {
              throw CLI::ValidationError("--engine",
                                         fmt::format("there is no engine '{}': use explicit or reference", name));
            }
            check.engine = name == "reference" ? checker::Engine::Reference : checker::Engine::Explicit;
          },
          "explicit (the default), or reference: the slow yardstick")
      ->type_name("NAME");
  command.add_flag("--plain", plain,
                   "no merging of steps, no resetting of dead variables: states and steps as in docs/semantics.md");
  command.add_option("--library", library_directory, "take modules from DIR instead of the built-in library")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR");
  command.add_flag("--no-color", no_color, "no colours on a terminal either (as does NO_COLOR in the environment)");
  command
      .add_option_function<std::string>(
          "--timing",
          [this](const std::string& text) {
            if (text != "on" && text != "off")
              throw CLI::ValidationError("--timing", fmt::format("'{}' is neither on nor off", text));
            timing = text;
          },
          "off: leave out time and memory, so that reports can be compared")
      ->type_name("on|off");
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

}  // namespace quiesce::cli
