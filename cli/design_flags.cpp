#include "cli/design_flags.h"

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/load_unbounded.h"
#include "checker/result/search_control.h"
#include "cli/console.h"
#include "cli/search_flags.h"
#include "model/base/patience.h"

namespace quiesce::cli {

void DesignFlags::add_to(CLI::App& command, const std::string& system_help) {
  command.add_option("FILE", file, "the design; '-' reads standard input")->required()->type_name("");
  add_choice_to(command, system_help);
}

void DesignFlags::add_choice_to(CLI::App& command, const std::string& system_help) {
  command.add_option("--system", system, system_help)->type_name("NAME");
  add_defines(command, defines);
}

void DesignFlags::add_surroundings_to(CLI::App& command) {
  add_warnings(command, warnings);
  add_library(command, library_directory);
  add_no_color(command, no_color);
}

void DesignFlags::add_time_to(CLI::App& command, const std::string& time_help) { add_time(command, time, time_help); }

std::unique_ptr<checker::LoadedDesign> DesignFlags::load(checker::LoadOptions options, ExitCode* code) const {
  auto design = load_text(std::move(options), code);
  if (design != nullptr && design->checks.empty()) {
    *code = ExitCode::WrongInput;
    report_error(fmt::format("'{}' has no system: add 'system Name {{ ... }}' with the instances", file));
    return nullptr;
  }
  return design;
}

std::unique_ptr<checker::LoadedDesign> DesignFlags::load_text(checker::LoadOptions options, ExitCode* code) const {
  *code = ExitCode::WrongInput;
  auto text = checker::read_text(file);
  if (!text) {
    report_error(text.error());
    return nullptr;
  }
  options.library_directory = library_directory;
  options.defines = define_map(defines);
  options.warnings = warnings;
  options.interrupt = &catch_interrupts();
  options.time = time;
  if (!system.empty()) options.system = system;
  const auto load = unbounded ? checker::load_unbounded : checker::load_design;
  auto design = load(file, std::move(*text), options);
  if (design->cut_short != checker::LimitKind::None) *code = ExitCode::Undecided;
  if (!report_problems(*design, no_color)) return nullptr;
  *code = ExitCode::AllHold;
  return design;
}

bool write_steps(const checker::SearchControl& control, const std::string& system, const std::string& done,
                 const std::function<void()>& work) {
  if (!model::work_patiently([&] { return control.reason() == checker::LimitKind::None; }, work)) return true;
  const bool late = control.reason() == checker::LimitKind::Time;
  report_error(fmt::format("{} while the steps of {} were being written; nothing was {}. {} has fewer",
                           late ? "time limit reached" : "interrupted", system, done,
                           late ? "Give more time (--time); a system with smaller parameters (-D NAME=VALUE)"
                                : "A system with smaller parameters (-D NAME=VALUE)"));
  return false;
}

}  // namespace quiesce::cli
