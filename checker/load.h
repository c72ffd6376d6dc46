// From a file to the cases that can be checked: loads a design with the modules that it uses, checks names and types,
// and elaborates every case of every check. The way in for everything that checks files: the command, the
// tests, a user of the library.
//
// A design is loaded whole before anything is searched, so that all mistakes of the text are reported first.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker/check.h"
#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/types/typed_tree.h"
#include "model/types/warnings.h"

namespace quiesce::checker {

struct LoadOptions {
  bool plain = false;                          // do not reduce: states and steps exactly those of docs/semantics.md
  bool slice = true;                           // leave out what the rules checked do not depend on; never when plain
  std::string library_directory;               // its families come before those of the embedded library
  std::map<std::string, std::string> defines;  // -D NAME=VALUE: params of modules and of the systems checked; they
                                               // win over `with`, and no `expect` is compared then
  std::vector<std::string> rules;     // instead of what a check's `for` says: "wdm.*", "core.stuck"; empty: as it says
  std::optional<std::string> system;  // only checks of this system; one with default parameters when there is none
  std::optional<std::size_t> check;   // only this check of the file, from 1
  std::optional<std::size_t> only_case;      // of each check only this case, from 0
  bool expect_holds = false;                 // a check that says nothing else is expected to hold
  bool check_systems_without_check = true;   // a text without `check`: each of its systems with default parameters
  bool coverage = false;                     // systems must fit without slicing too, for cover()
  bool only_systems = false;                 // as if the text had no `check` at all
  std::map<std::string, std::string> texts;  // of modules, instead of what the files hold; by the name in messages
  /// Asked for every case in the order of the text, before it is reduced: false leaves it out. Empty: all are wanted.
  std::function<bool(const model::TransitionSystem& elaborated)> wanted;
  model::types::WarningOptions warnings;  // which to leave out, which to take for errors
  /// Reading and unfolding obey both; a second at least is allowed for, so that small designs are always loaded.
  const std::atomic<bool>* interrupt = nullptr;   // may be null
  std::optional<std::chrono::milliseconds> time;  // of each load_design(); none: as long as it takes
};

/// One `check` of the text, or a system without one.
struct LoadedCheck {
  std::string system;            // its name
  model::Span span;              // the check, or the system
  bool from_text = false;        // written by the user, not made for a system without check
  std::size_t number = 0;        // of the check among those of the file, from 1; 0: not from_text
  bool expect_left_out = false;  // its `expect` was not taken over, since LoadOptions::defines change what it checks
  std::vector<CheckCase> cases;  // at least one, unless LoadOptions::wanted left some out
};

/// A design in memory; owns everything that its checks point to. Not copyable, since spans refer to its sources.
struct LoadedDesign {
  LoadedDesign() = default;
  LoadedDesign(const LoadedDesign&) = delete;
  LoadedDesign& operator=(const LoadedDesign&) = delete;

  std::string name;  // the file as the user named it
  model::SourceMap sources;
  model::Diagnostics diagnostics;                  // errors: `checks` is then empty
  std::unique_ptr<model::types::Program> program;  // null after errors
  std::vector<LoadedCheck> checks;                 // in the order of the text
  std::vector<std::string> systems;                // names of all systems of the file itself, in the order of the text
  std::string problem;                             // what is wrong with the options, in a sentence; else empty
  LimitKind cut_short = LimitKind::None;           // Time, Interrupted: `problem` says where; `checks` is empty

  /// Whether the text of `file` came with the library, be it the embedded one or that of LoadOptions.
  bool is_library(model::FileId file) const;

  std::string library_directory;  // as in LoadOptions

  bool ok() const { return !diagnostics.has_errors() && problem.empty(); }
};

/// Loads the text of the file `name`. Never fails: what is wrong is in the diagnostics or in `problem`.
/// Modules are looked for in the library, then beside the file (model/types/module_loader.h).
std::unique_ptr<LoadedDesign> load_design(const std::string& name, std::string text, const LoadOptions& options);

}  // namespace quiesce::checker
