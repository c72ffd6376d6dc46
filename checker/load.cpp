#include "checker/load.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checker/store/packing.h"
#include "model/elaborate/check_cells.h"
#include "model/elaborate/elaborate.h"
#include "model/system/reduce.h"
#include "model/types/check_program.h"
#include "model/types/module_loader.h"

namespace quiesce::checker {

using namespace model;

namespace {

std::optional<std::int64_t> integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The cell value that `text` means for a parameter of this type: "3", "true", "edge", "wdm.Trigger.edge", "DISPATCH".
std::optional<std::int64_t> value_of(const types::Type& type, const std::string& text) {
  const std::string last = text.substr(text.rfind('.') + 1);
  switch (type.kind) {
    case types::Type::Kind::Bool:
      if (text == "true") return 1;
      if (text == "false") return 0;
      return std::nullopt;
    case types::Type::Kind::Int:
      return integer(text);
    case types::Type::Kind::Level: {
      const std::vector<std::string> names = {"PASSIVE", "APC", "DISPATCH"};
      const auto found = std::find(names.begin(), names.end(), text);
      return found != names.end() ? found - names.begin() : integer(text);
    }
    case types::Type::Kind::Enum: {
      const std::vector<std::string>& names = type.enumeration->values;
      const auto found = std::find(names.begin(), names.end(), last);
      if (found == names.end()) return std::nullopt;
      return found - names.begin();
    }
    default:
      return std::nullopt;
  }
}

/// "bool", "int", "one of level, edge": what may stand behind the '=' of -D.
std::string wanted_of(const types::Type& type) {
  switch (type.kind) {
    case types::Type::Kind::Bool:
      return "true or false";
    case types::Type::Kind::Int:
      return "a number";
    case types::Type::Kind::Level:
      return "a level";
    case types::Type::Kind::Enum: {
      std::string names;
      for (const std::string& name : type.enumeration->values) names += (names.empty() ? "one of " : ", ") + name;
      return names;
    }
    default:
      return "a value that the command line cannot give";
  }
}

CheckCell::Expectation expectation_of(const types::CheckDecl::Expectation& written) {
  CheckCell::Expectation expectation;
  switch (written.kind) {
    case types::CheckDecl::Expectation::Kind::Holds:
      expectation.verdict = Verdict::Holds;
      break;
    case types::CheckDecl::Expectation::Kind::Violated:
      expectation.verdict = Verdict::Violated;
      break;
    case types::CheckDecl::Expectation::Kind::Vacuous:
      expectation.verdict = Verdict::Vacuous;
      break;
  }
  for (const types::RuleDecl* rule : written.rules) expectation.rules.push_back(rule->name);
  expectation.at_least = written.at_least;
  return expectation;
}

class Loader {
 public:
  Loader(LoadedDesign& design, const LoadOptions& options) : design_(design), options_(options) {}

  void load(std::string text);

 private:
  bool parse_rules();
  bool choose_checks();
  bool resolve();
  void add_check(const types::CheckDecl* written, const types::MachineDecl& system);
  bool bind_system_defines(const types::MachineDecl& system, std::vector<BoundCell>& cells);
  void fail(std::string problem) {
    if (design_.problem.empty()) design_.problem = std::move(problem);
  }

  LoadedDesign& design_;
  const LoadOptions& options_;
  FileId root_;
  std::vector<types::RulePattern> rules_;
  std::vector<std::pair<const types::CheckDecl*, const types::MachineDecl*>> chosen_;
  std::map<std::string, std::string> system_defines_;  // -D of parameters of the chosen systems
  std::vector<Binding> module_defines_;                // -D of params of modules
};

void Loader::load(std::string text) {
  const std::filesystem::path folder = std::filesystem::path(design_.name).parent_path();
  const types::DirectoryFiles beside(folder.generic_string());
  std::unique_ptr<types::FileProvider> library;
  if (options_.library_directory.empty()) {
    library = std::make_unique<types::EmbeddedLibrary>();
  } else {
    library = std::make_unique<types::DirectoryFiles>(options_.library_directory);
  }
  const std::string shown = design_.name == "-" ? "<standard input>" : design_.name;
  const types::LoadedModules modules =
      types::load_modules(shown, std::move(text), types::ReplacedFiles(*library, options_.texts),
                          types::ReplacedFiles(beside, options_.texts), design_.sources, design_.diagnostics);
  root_ = modules.modules.front().file->id;
  design_.program = types::check_program(modules, design_.diagnostics);
  if (design_.program == nullptr || design_.diagnostics.has_errors()) {
    design_.program.reset();
    return;
  }
  for (const auto& machine : design_.program->machines) {
    if (machine->is_system && machine->span.file == root_)
      design_.systems.push_back(machine->name.substr(machine->name.rfind('.') + 1));
  }
  if (!parse_rules() || !choose_checks() || !resolve()) return;
  for (const auto& [written, system] : chosen_) add_check(written, *system);
  if (!design_.ok()) design_.checks.clear();
}

/// `--for` patterns; each must match a rule, since a rule that nobody checks would be said to hold.
bool Loader::parse_rules() {
  for (const std::string& text : options_.rules) {
    types::RulePattern pattern;
    pattern.prefix = text == "*" || text.ends_with(".*");
    pattern.name = text == "*" ? "" : pattern.prefix ? text.substr(0, text.size() - 1) : text;  // "wdm."
    std::vector<std::string> names;
    bool matches = false;
    for (const auto& rule : design_.program->rules) {
      names.push_back(rule->name);
      matches |= pattern.prefix ? rule->name.starts_with(pattern.name) : rule->name == pattern.name;
    }
    if (!matches) {
      const auto near = nearest_name(text, names);
      fail(fmt::format("no rule matches '{}'{}", text, near ? fmt::format("; did you mean '{}'?", *near) : ""));
      return false;
    }
    rules_.push_back(std::move(pattern));
  }
  return true;
}

bool Loader::choose_checks() {
  const std::vector<std::unique_ptr<types::CheckDecl>>& written = design_.program->checks;
  if (options_.check) {
    if (*options_.check == 0 || *options_.check > written.size()) {
      fail(fmt::format("there is no check number {} in '{}', which has {}", *options_.check, design_.name,
                       written.empty() ? "none" : fmt::format("numbers 1 to {}", written.size())));
      return false;
    }
    chosen_.emplace_back(written[*options_.check - 1].get(), written[*options_.check - 1]->system);
    return true;
  }
  for (const auto& check : written) {
    if (options_.only_systems) break;
    const std::string& name = check->system->name;
    if (options_.system && name != *options_.system && name.substr(name.rfind('.') + 1) != *options_.system) continue;
    chosen_.emplace_back(check.get(), check->system);
  }
  if (!chosen_.empty() || (!options_.system && !options_.check_systems_without_check)) return true;
  if (!options_.system && !written.empty() && !options_.only_systems) return true;
  for (const auto& machine : design_.program->machines) {
    if (!machine->is_system) continue;
    if (options_.system) {
      if (machine->name != *options_.system && machine->name.substr(machine->name.rfind('.') + 1) != *options_.system) {
        continue;
      }
    } else if (machine->span.file != root_) {
      continue;
    }
    chosen_.emplace_back(nullptr, machine.get());
  }
  if (options_.system && chosen_.empty()) {
    const auto near = nearest_name(*options_.system, design_.systems);
    fail(fmt::format("there is no system '{}' in '{}'{}", *options_.system, design_.name,
                     near ? fmt::format("; did you mean '{}'?", *near) : ""));
    return false;
  }
  return true;
}

/// Tells -D of parameters of systems from -D of params of modules.
bool Loader::resolve() {
  std::map<std::string, std::string> of_modules;
  for (const auto& [name, value] : options_.defines) {
    bool of_system = false;
    for (const auto& [written, system] : chosen_) {
      for (const auto& parameter : system->parameters) of_system |= parameter->name == name;
    }
    (of_system ? system_defines_ : of_modules).emplace(name, value);
  }
  std::optional<std::vector<Binding>> bindings = resolve_defines(*design_.program, of_modules, design_.diagnostics);
  if (!bindings) return false;
  module_defines_ = std::move(*bindings);
  return true;
}

/// A parameter that the check varies is a choice among its cells; any other gets the value.
bool Loader::bind_system_defines(const types::MachineDecl& system, std::vector<BoundCell>& cells) {
  for (const auto& define : system_defines_) {
    const std::string& name = define.first;  // Clang 14 captures no structured bindings
    const std::string& text = define.second;
    const auto parameter = std::find_if(system.parameters.begin(), system.parameters.end(),
                                        [&](const auto& candidate) { return candidate->name == name; });
    if (parameter == system.parameters.end()) continue;
    const types::VariableDecl* decl = parameter->get();
    const std::optional<std::int64_t> value = value_of(*decl->type, text);
    if (!value) {
      fail(
          fmt::format("-D {}={}: '{}' of system '{}' wants {}", name, text, name, system.name, wanted_of(*decl->type)));
      return false;
    }
    const auto binds = [&](const Binding& binding) { return binding.parameter == decl; };
    const auto other_value = [&](const BoundCell& cell) {
      const auto bound = std::find_if(cell.bindings.begin(), cell.bindings.end(), binds);
      return bound != cell.bindings.end() && bound->value != *value;
    };
    cells.erase(std::remove_if(cells.begin(), cells.end(), other_value), cells.end());
    if (cells.empty()) {
      fail(fmt::format("-D {}={}: no cell of the check has this value", name, text));
      return false;
    }
    for (BoundCell& cell : cells) {
      if (std::none_of(cell.bindings.begin(), cell.bindings.end(), binds)) cell.bindings.push_back({decl, *value});
    }
  }
  return true;
}

void Loader::add_check(const types::CheckDecl* written, const types::MachineDecl& system) {
  LoadedCheck check;
  check.system = system.name;
  check.span = written != nullptr ? written->span : system.span;
  check.from_text = written != nullptr;
  std::vector<BoundCell> cells;
  if (written != nullptr) {
    std::optional<std::vector<BoundCell>> expanded =
        expand_cells(*design_.program, *written, module_defines_, design_.diagnostics);
    if (!expanded) return;
    cells = std::move(*expanded);
  } else {
    cells.push_back({system.name.substr(system.name.rfind('.') + 1), module_defines_});
  }
  if (!bind_system_defines(system, cells)) return;
  ElaborateOptions elaborate_options;
  if (written != nullptr) {
    elaborate_options.rules = written->rules;
    elaborate_options.except = written->except;
  }
  if (!rules_.empty()) elaborate_options.rules = rules_;
  for (const BoundCell& bound : cells) {
    std::optional<TransitionSystem> elaborated =
        elaborate(*design_.program, system, bound.bindings, elaborate_options, design_.diagnostics);
    if (!elaborated) return;
    if (options_.wanted && !options_.wanted(*elaborated)) continue;
    CheckCell cell;
    cell.title = bound.title;
    cell.span = check.span;
    if (options_.coverage && options_.slice && !options_.plain) cell.unsliced = reduce(*elaborated, {.slice = false});
    cell.system =
        options_.plain ? std::move(*elaborated) : reduce(*elaborated, {.slice = options_.slice}, &cell.reduction);
    if (const Packing packing(cell.unsliced ? *cell.unsliced : cell.system); packing.is_too_wide()) {
      design_.diagnostics
          .error("E0620", check.span,
                 fmt::format("a state of {} takes {} words of 64 bits: at most {}", bound.title, packing.words(),
                             Packing::kMaxWords))
          .notes.push_back("fewer instances, shorter queues or narrower ranges make it smaller");
      return;
    }
    // What the text expects was said of what the text checks.
    if (written != nullptr && rules_.empty() && options_.defines.empty()) {
      for (const types::CheckDecl::Expectation& expect : written->expect) cell.expect.push_back(expectation_of(expect));
    }
    check.cells.push_back(std::move(cell));
  }
  design_.checks.push_back(std::move(check));
}

}  // namespace

bool LoadedDesign::is_library(FileId file) const {
  const std::string& shown = sources.file(file).name();
  if (shown == name) return false;  // a design of the library that is checked itself
  return shown.starts_with(library_directory.empty() ? "library:" : library_directory);
}

std::unique_ptr<LoadedDesign> load_design(const std::string& name, std::string text, const LoadOptions& options) {
  auto design = std::make_unique<LoadedDesign>();
  design->name = name;
  design->library_directory = options.library_directory;
  Loader(*design, options).load(std::move(text));
  return design;
}

}  // namespace quiesce::checker
