// Names that mean nothing where they stand, and what may be meant: names that are spelled alike, those that have the
// word in them, and what is declared elsewhere.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/types/checker.h"

namespace quiesce::model::types {
namespace {

bool contains_word(std::string_view name, std::string_view word) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::search(name.begin(), name.end(), word.begin(), word.end(), same) != name.end();
}

}  // namespace

void Checker::did_you_mean(Diagnostic& diagnostic, const std::string& name,
                           const std::vector<std::string>& candidates) {
  if (const auto near = nearest_name(name, candidates)) {
    diagnostic.notes.push_back(fmt::format("did you mean '{}'?", *near));
  }
}

/// Notes behind `what` which of `names` have `word` in them, other case or not: at most four, short ones first.
void Checker::name_those_with(const std::string& word, std::vector<std::string> names, const char* what,
                              Diagnostic& diagnostic) {
  constexpr std::size_t kMost = 4, kShortestWord = 3;
  if (word.size() < kShortestWord) return;
  std::erase_if(names, [&](const std::string& name) { return !contains_word(name, word); });
  if (names.empty()) return;
  std::ranges::stable_sort(names, {}, &std::string::size);
  names.resize(std::min(names.size(), kMost));
  diagnostic.notes.push_back(fmt::format("{} '{}'", what, fmt::join(names, "', '")));
}

/// The same of functions that take an instance of the machine.
void Checker::name_functions_on(const MachineDecl& machine, const std::string& word, Diagnostic& diagnostic) {
  std::vector<std::string> functions;
  for (const auto& function : program_->functions) {
    if (!contains_word(function->name, word)) continue;
    ensure_signature(function.get());
    const auto takes_it = [&](const auto& parameter) {
      return parameter->type && parameter->type->machine == &machine;
    };
    if (std::ranges::any_of(function->parameters, takes_it)) functions.push_back(short_name(function->name));
  }
  name_those_with(word, std::move(functions), "it is an argument of", diagnostic);
}

std::vector<std::string> Checker::visible_names() const {
  std::vector<std::string> names;
  for (const VariableDecl* local : env().locals) names.push_back(local->name);
  if (env().machine != nullptr) {
    for (const auto& [name, member] : env().machine->members) names.push_back(name);
  }
  if (env().interface != nullptr) {
    for (const auto& function : env().interface->functions) names.push_back(function->name);
  }
  const Family& family = families_.at(env().module->family);
  for (const auto& [name, declared] : family.declared) names.push_back(name);
  for (const std::string& visible : visible_families()) {
    names.push_back(visible);
    const auto found = families_.find(visible);
    if (found == families_.end()) continue;
    for (const auto& [name, constants] : found->second.constants) names.push_back(name);
  }
  for (const std::string& name : program_->levels.names) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

/// Names of values of the own text, nearest first: locals, then members.
std::vector<std::string> Checker::near_names() const {
  std::vector<std::string> names;
  for (const VariableDecl* local : env().locals) names.push_back(local->name);
  if (env().machine != nullptr && !env().machine_scope_is_constant) {
    for (const auto& [name, member] : env().machine->members) names.push_back(name);
  }
  return names;
}

bool Checker::is_news(const std::string& name, bool of_family) {
  const void* place = current_facts_ != &loose_facts_ ? static_cast<const void*>(current_facts_)
                                                      : static_cast<const void*>(env().machine);
  return told_unknown_.emplace(env().module, of_family ? nullptr : place, name).second;
}

Meaning Checker::unknown(const syntax::Name& name, const std::string& what) {
  const std::vector<std::string>& available = loaded_.available;
  const bool family =
      families_.contains(name.text) || std::binary_search(available.begin(), available.end(), name.text);
  if (!is_news(name.text, family)) return Meaning::error();
  Diagnostic& diagnostic = error("E0201", name.span, fmt::format("unknown {} '{}'", what, name.text));
  if (name.text == "called" || name.text == "returned" || name.text == "accepted" || name.text == "level_of") {
    diagnostic.notes.push_back(
        fmt::format("'{}(...)' is asked in formulas over infinite runs: behind 'ltl' and 'always_possible', and around "
                    "'leads_to'",
                    name.text));
    return Meaning::error();
  }
  // The same name in other case, close by?
  for (const std::string& near : near_names()) {
    if (near.size() != name.text.size() || !std::equal(near.begin(), near.end(), name.text.begin(), [](char a, char b) {
          return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
        })) {
      continue;
    }
    diagnostic.notes.push_back(fmt::format("did you mean '{}'?", near));
    return Meaning::error();
  }
  // Declared in a module that is used, but not qualified?
  for (const std::string& used : env().module->used) {
    const auto found_family = families_.find(used);
    if (found_family == families_.end()) continue;
    const auto& declared = found_family->second.declared;
    if (const auto found = declared.find(name.text); found != declared.end()) {
      diagnostic.labels.push_back({found->second.span, fmt::format("module '{}' declares it", used)});
      diagnostic.notes.push_back(fmt::format("write '{}.{}'", used, name.text));
      return Meaning::error();
    }
  }
  if (env().machine_scope_is_constant && env().machine != nullptr && env().machine->members.contains(name.text)) {
    diagnostic.notes.push_back("the default of a function's parameter cannot use members of the machine");
    return Meaning::error();
  }
  if (family) {
    diagnostic.notes.push_back(
        fmt::format("to see module '{0}' here, add 'use {0}' before all declarations", name.text));
    return Meaning::error();
  }
  if (levels_declared_ && LevelNames().level(name.text)) {
    std::vector<std::string> levels = program_->levels.names;
    std::erase(levels, "");
    diagnostic.notes.push_back(fmt::format("the levels of this program are {}", fmt::join(levels, ", ")));
    diagnostic.labels.push_back({*levels_declared_, "declared here"});
    return Meaning::error();
  }
  explain_foreign_name(diagnostic, name.text, true);
  if (diagnostic.notes.empty()) did_you_mean(diagnostic, name.text, visible_names());
  if (diagnostic.notes.empty()) explain_foreign_name(diagnostic, name.text, false);
  return Meaning::error();
}

}  // namespace quiesce::model::types
