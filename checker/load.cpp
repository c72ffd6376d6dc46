#include "checker/load.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checker/load_again.h"
#include "checker/load_unbounded.h"
#include "checker/result/search_control.h"
#include "checker/store/packing.h"
#include "model/base/patience.h"
#include "model/base/word.h"
#include "model/elaborate/check_cases.h"
#include "model/elaborate/elaborate.h"
#include "model/passes/observe_events.h"
#include "model/passes/reduce.h"
#include "model/system/unbounded.h"
#include "model/types/check_program.h"
#include "model/types/module_loader.h"
#include "model/types/parsed_texts.h"

namespace quiesce::checker {

using namespace model;

namespace {

Expectation expectation_of(const types::CheckDecl::Expectation& written) {
  Expectation expectation;
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

/// One for all loads: its texts are copied once.
const types::EmbeddedLibrary& embedded_library() {
  static const types::EmbeddedLibrary library;
  return library;
}
const std::map<std::string, std::string> kNothingReplaced;

bool asks_for_infinite_runs(const TransitionSystem& system) {
  return std::any_of(system.temporal.begin(), system.temporal.end(), [&](const TemporalProperty& property) {
    return std::find(system.checked.begin(), system.checked.end(), property.rule) != system.checked.end();
  });
}

class Loader {
 public:
  /// `parsed` may be null.
  Loader(LoadedDesign& design, const LoadOptions& options, bool allows_unbounded, types::ParsedTexts* parsed)
      : design_(design), options_(options), allows_unbounded_(allows_unbounded), parsed_(parsed) {}

  void load(std::string text);

  /// Loading was left at `where`; the sentence says what to do.
  void cut_short(LimitKind limit, Span where);

 private:
  void read(const types::LoadedModules& modules);
  bool parse_rules();
  bool choose_checks();
  bool resolve();
  void add_check(const types::CheckDecl* written, const types::MachineDecl& system);
  std::vector<Binding> defines_for(const types::MachineDecl& system) const;
  std::optional<std::vector<BoundCase>> cases_of(const types::CheckDecl* written, const types::MachineDecl& system);
  void reduce_into(CheckCase& case_, TransitionSystem elaborated) const;
  bool refuses(const TransitionSystem& system);
  bool fits(const TransitionSystem& system, const std::string& title, Span span);
  static void bound_the_rest(CheckCase& case_);
  void fail(std::string problem) {
    if (design_.problem.empty()) design_.problem = std::move(problem);
  }

  LoadedDesign& design_;
  const LoadOptions& options_;
  bool allows_unbounded_;
  types::ParsedTexts* parsed_;
  FileId root_;
  std::string stage_ = "the text was being read";  // what is being done, for cut_short()
  std::vector<types::RulePattern> rules_;
  std::vector<std::pair<const types::CheckDecl*, const types::MachineDecl*>> chosen_;
  std::vector<Binding> defines_;  // -D, for all chosen systems
};

void Loader::load(std::string text) {
  const std::filesystem::path folder = std::filesystem::path(design_.name).parent_path();
  const types::DirectoryFiles beside(folder.generic_string());
  std::vector<std::unique_ptr<types::FileProvider>> layers;
  if (!options_.library_directory.empty()) {
    layers.push_back(std::make_unique<types::DirectoryFiles>(options_.library_directory));
  }
  layers.push_back(std::make_unique<types::ReplacedFiles>(embedded_library(), kNothingReplaced));
  const types::LayeredFiles library(std::move(layers));
  const std::string shown = design_.name == "-" ? "<standard input>" : design_.name;
  const types::ReplacedFiles of_library(library, options_.texts);
  const types::ReplacedFiles of_folder(beside, options_.texts);
  types::LoadedModules modules =
      parsed_ == nullptr
          ? types::load_modules(shown, std::move(text), of_library, of_folder, design_.sources, design_.diagnostics)
          : types::load_modules_again(shown, std::move(text), of_library, of_folder, design_.sources,
                                      design_.diagnostics, *parsed_);
  read(modules);
  design_.diagnostics = types::settled(design_.diagnostics, modules, options_.warnings);
  if (!design_.ok()) design_.checks.clear();
  if (parsed_ != nullptr) parsed_->give_back(std::move(modules));
}

void Loader::read(const types::LoadedModules& modules) {
  root_ = modules.modules.front().file->id;
  stage_ = "names and types were being checked";
  design_.program = types::check_program(modules, design_.diagnostics);
  if (design_.program == nullptr || design_.diagnostics.has_errors()) {
    design_.program.reset();
    return;
  }
  for (const auto& machine : design_.program->machines) {
    if (machine->is_system && machine->span.file == root_) design_.systems.push_back(own_name(machine->name));
  }
  if (!parse_rules() || !choose_checks() || !resolve()) return;
  for (const auto& [written, system] : chosen_) add_check(written, *system);
}

/// `--for` patterns; each must match a rule, since a rule that is not checked would be said to hold.
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
    if (options_.system && name != *options_.system && own_name(name) != *options_.system) continue;
    chosen_.emplace_back(check.get(), check->system);
  }
  if (!chosen_.empty() || (!options_.system && !options_.check_systems_without_check)) return true;
  if (!options_.system && !written.empty() && !options_.only_systems) return true;
  for (const auto& machine : design_.program->machines) {
    if (!machine->is_system) continue;
    if (options_.system) {
      if (machine->name != *options_.system && own_name(machine->name) != *options_.system) {
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

bool Loader::resolve() {
  std::vector<const types::MachineDecl*> systems;
  for (const auto& [written, system] : chosen_) systems.push_back(system);
  std::optional<std::vector<Binding>> bindings =
      resolve_defines(*design_.program, systems, options_.defines, design_.diagnostics);
  if (!bindings) return false;
  defines_ = std::move(*bindings);
  return true;
}

/// The values of -D without those for parameters of other systems.
std::vector<Binding> Loader::defines_for(const types::MachineDecl& system) const {
  std::vector<Binding> result;
  for (const Binding& define : defines_) {
    const auto& own = system.parameters;
    const bool is_own =
        std::any_of(own.begin(), own.end(), [&](const auto& each) { return each.get() == define.parameter; });
    if (is_own || define.parameter->kind == types::VariableDecl::Kind::Param) result.push_back(define);
  }
  return result;
}

/// The cases of a check; of a system without one those that 'check System' would have. There a parameter without a
/// value takes that of the first case of the first check that binds it.
std::optional<std::vector<BoundCase>> Loader::cases_of(const types::CheckDecl* written,
                                                       const types::MachineDecl& system) {
  const std::vector<Binding> defines = defines_for(system);
  if (written != nullptr) return expand_cases(*design_.program, *written, defines, design_.diagnostics);
  std::vector<BoundCase> result{{own_name(system.name), defines}};
  for (const auto& bare : design_.program->bare_checks) {
    if (bare->system != &system) continue;
    auto cases = expand_cases(*design_.program, *bare, defines, design_.diagnostics);
    if (!cases) return std::nullopt;
    result = std::move(*cases);
  }
  for (const auto& parameter : system.parameters) {
    const auto binds = [&](const auto& binding) { return binding.parameter == parameter.get(); };
    const std::vector<Binding>& bound = result.front().bindings;
    if (parameter->init || std::any_of(bound.begin(), bound.end(), binds)) continue;
    for (const auto& check : design_.program->checks) {
      if (std::none_of(check->with.begin(), check->with.end(), binds)) continue;
      const auto cases = expand_cases(*design_.program, *check, defines, design_.diagnostics);
      if (!cases) return std::nullopt;
      const std::vector<Binding>& first = cases->front().bindings;
      const Binding borrowed = *std::find_if(first.begin(), first.end(), binds);
      for (BoundCase& case_ : result) case_.bindings.push_back(borrowed);
      break;
    }
  }
  return result;
}

void Loader::add_check(const types::CheckDecl* written, const types::MachineDecl& system) {
  LoadedCheck check;
  check.system = system.name;
  check.span = written != nullptr ? written->span : system.span;
  check.from_text = written != nullptr;
  const auto& all = design_.program->checks;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].get() == written) check.number = i + 1;
  }
  const std::optional<std::vector<BoundCase>> cases = cases_of(written, system);
  if (!cases) return;
  ElaborateOptions elaborate_options;
  if (written != nullptr) {
    elaborate_options.rules = written->rules;
    elaborate_options.except = written->except;
  }
  if (!rules_.empty()) elaborate_options.rules = rules_;
  for (const BoundCase& bound : *cases) {
    if (options_.only_case && &bound != cases->data() + *options_.only_case) continue;
    stage_ = fmt::format("{} was being unfolded", bound.title);
    ask_patience(check.span);
    std::optional<TransitionSystem> elaborated =
        elaborate(*design_.program, system, bound.bindings, elaborate_options, design_.diagnostics);
    if (!elaborated) return;
    if (options_.wanted && !options_.wanted(*elaborated)) continue;
    stage_ = fmt::format("the steps of {} were being merged", bound.title);
    CheckCase case_;
    case_.title = bound.title;
    case_.span = check.span;
    if (asks_for_infinite_runs(*elaborated)) {
      if (options_.plain) {
        case_.infinite = observe_events(*elaborated).system;
      } else {
        Passed passed = reduce_for_infinite_runs(*elaborated);
        case_.infinite = std::move(passed.system);
        case_.infinite_map = std::move(passed.map);
      }
    }
    reduce_into(case_, std::move(*elaborated));
    const bool unslices = case_.original && options_.slice && options_.coverage;
    const Reduced unsliced = unslices ? reduce(*case_.original, {.slice = false}) : Reduced();
    const TransitionSystem& searched = unslices ? unsliced.system : case_.system;
    if (!allows_unbounded_ && (refuses(searched) || (case_.infinite && refuses(*case_.infinite)))) return;
    if (unbounded_cells(searched).empty() && !fits(searched, bound.title, check.span)) return;
    bound_the_rest(case_);
    // What the text expects was said of what the text checks.
    check.expect_left_out |= written != nullptr && !written->expect.empty() && !options_.defines.empty();
    if (written != nullptr && rules_.empty() && options_.defines.empty()) {
      for (const types::CheckDecl::Expectation& expect : written->expect)
        case_.expect.push_back(expectation_of(expect));
    }
    if (options_.expect_holds && case_.expect.empty() && !check.expect_left_out) case_.expect.emplace_back();  // holds
    check.cases.push_back(std::move(case_));
  }
  design_.checks.push_back(std::move(check));
}

/// Whether the system has numbers without bounds, which is reported: states cannot hold them.
bool Loader::refuses(const TransitionSystem& system) {
  const std::vector<CellId> cells = unbounded_cells(system);
  if (cells.empty()) return false;
  for (const CellId cell : cells) {
    const Variable& variable = system.at(*system.at(cell).variable);
    auto& problem = design_.diagnostics.error(
        "E0643", variable.span,
        fmt::format("'{}' has no bounds, so its values cannot be tried one by one", variable.name));
    problem.notes.push_back("write 'int lo..hi', or let 'quiesce prove' decide the rules for all values");
  }
  return true;
}

bool Loader::fits(const TransitionSystem& system, const std::string& title, Span span) {
  const Packing packing(system);
  if (!packing.is_too_wide()) return true;
  design_.diagnostics
      .error("E0620", span,
             fmt::format("a state of {} takes {} words of 64 bits: at most {}", title, packing.words(),
                         Packing::kMaxWords))
      .notes.push_back("fewer instances, shorter queues or narrower ranges make it smaller");
  return false;
}

/// Where slicing has left out all numbers without bounds, the original is executed with the values they begin with.
void Loader::bound_the_rest(CheckCase& case_) {
  if (!case_.original || !unbounded_cells(case_.system).empty()) return;
  const auto values = first_values(*case_.original);
  if (!values.empty()) case_.original = with_clipped_values(*case_.original, values);
}

void Loader::reduce_into(CheckCase& case_, TransitionSystem elaborated) const {
  if (options_.plain) {
    case_.map = identity_map(elaborated);
    case_.system = std::move(elaborated);
    return;
  }
  Reduced reduced = reduce(elaborated, {.slice = options_.slice});
  case_.system = std::move(reduced.system);
  case_.map = std::move(reduced.map);
  case_.reduction = reduced.statistics;
  case_.original = std::move(elaborated);
}

void Loader::cut_short(LimitKind limit, Span where) {
  const bool late = limit == LimitKind::Time;
  design_.checks.clear();
  design_.program.reset();
  design_.cut_short = limit;
  design_.problem = fmt::format(
      "{} while {}{}; nothing was searched. {} (-D NAME=VALUE) or one check alone (--check N) is loaded sooner",
      late ? "time limit reached" : "interrupted", stage_,
      where.valid() ? ", at " + design_.sources.location(where) : "",
      late ? "Give more time (--time); a system with smaller parameters" : "A system with smaller parameters");
}

/// Even where no time was given to search: a small design is to get a report.
constexpr std::chrono::milliseconds kLeastTime{1000};

}  // namespace

bool LoadedDesign::is_library(FileId file) const {
  const std::string& shown = sources.file(file).name();
  if (shown == name) return false;  // a design of the library that is checked itself
  return shown.starts_with("library:") || (!library_directory.empty() && shown.starts_with(library_directory));
}

namespace {

std::unique_ptr<LoadedDesign> load(const std::string& name, std::string text, const LoadOptions& options,
                                   bool allows_unbounded, types::ParsedTexts* parsed) {
  auto design = std::make_unique<LoadedDesign>();
  design->name = name;
  design->library_directory = std::filesystem::path(options.library_directory).lexically_normal().generic_string();
  Loader loader(*design, options, allows_unbounded, parsed);
  Limits limits;
  if (options.time) limits.time = std::max(*options.time, kLeastTime);
  const SearchControl control(limits, options.interrupt);
  LimitKind reason = LimitKind::None;
  const auto may_go_on = [&] {
    reason = control.reason();
    return reason == LimitKind::None;
  };
  const auto cut = work_patiently(may_go_on, [&] { loader.load(std::move(text)); });
  if (cut) loader.cut_short(reason, cut->where);
  return design;
}

}  // namespace

std::unique_ptr<LoadedDesign> load_design(const std::string& name, std::string text, const LoadOptions& options) {
  return load(name, std::move(text), options, false, nullptr);
}

std::unique_ptr<LoadedDesign> load_again(const std::string& name, std::string text, const LoadOptions& options,
                                         types::ParsedTexts& parsed) {
  return load(name, std::move(text), options, false, &parsed);
}

std::unique_ptr<LoadedDesign> load_unbounded(const std::string& name, std::string text, const LoadOptions& options) {
  return load(name, std::move(text), options, true, nullptr);
}

}  // namespace quiesce::checker
