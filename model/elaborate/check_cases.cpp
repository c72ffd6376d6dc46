#include "model/elaborate/check_cases.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "model/base/word.h"
#include "model/elaborate/design.h"
#include "model/elaborate/expressions.h"

namespace quiesce::model {

namespace {

constexpr std::size_t kMaxCases = 4096;  // of one check

/// Whether `text` names `value` of the enum: "edge", "Trigger.edge" or "wdm.Trigger.edge".
bool names_constant(const std::string& text, const types::EnumDecl& of, const std::string& value) {
  const std::string full = "." + of.name + "." + value;
  return full.ends_with("." + text) && text.size() >= value.size();
}

/// The number that `text` means for a parameter of `type`; nothing when it means none.
std::optional<std::int64_t> parse_value(const types::Type& type, const std::string& text, const LevelNames& levels) {
  using Kind = types::Type::Kind;
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool is_number = error == std::errc{} && stop == end && !text.empty();
  switch (type.kind) {
    case Kind::Bool:
      if (text == "true") return 1;
      if (text == "false") return 0;
      return std::nullopt;
    case Kind::Enum: {
      const auto& values = type.enumeration->values;
      const auto found = std::find_if(values.begin(), values.end(), [&](const std::string& value) {
        return names_constant(text, *type.enumeration, value);
      });
      if (found == values.end()) return std::nullopt;
      return found - values.begin();
    }
    case Kind::Level:
      if (const auto level = levels.level(text)) return level;
      if (is_number && number >= 0 && number <= kMaxLevel) return number;
      return std::nullopt;
    case Kind::Int:
      if (is_number) return number;
      return std::nullopt;
    case Kind::Void:
    case Kind::Null:
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Ref:
    case Kind::Cpu:
    case Kind::Optional:
    case Kind::Function:
    case Kind::Spinlock:
    case Kind::Mutex:
    case Kind::Handover:
    case Kind::Label:
      break;
  }
  return std::nullopt;
}

std::string expected_values(const types::Type& type, const LevelNames& levels) {
  using Kind = types::Type::Kind;
  switch (type.kind) {
    case Kind::Bool:
      return "true or false";
    case Kind::Enum:
      return fmt::format("one of {}", fmt::join(type.enumeration->values, ", "));
    case Kind::Level: {
      std::vector<std::string> names = levels.names;
      std::erase(names, "");
      return fmt::format("a level: {} or a number up to {}", fmt::join(names, ", "), kMaxLevel);
    }
    case Kind::Int:
      return "a number";
    default:
      return "one that only 'with' of a check can give";
  }
}

std::string full_name(const types::VariableDecl& param) { return param.family + "." + param.name; }

std::string value_text(const types::Type& type, std::int64_t value, const LevelNames& levels) {
  using Kind = types::Type::Kind;
  if (type.kind == Kind::Bool) return value != 0 ? "true" : "false";
  if (type.kind == Kind::Enum && value >= 0 && value < static_cast<std::int64_t>(type.enumeration->values.size())) {
    return type.enumeration->values[static_cast<std::size_t>(value)];
  }
  if (type.kind == Kind::Level) return levels.name(value);
  return fmt::format("{}", value);
}

}  // namespace

namespace {

/// What `name` of a -D may mean.
std::vector<const types::VariableDecl*> parameters_named(const types::Program& program,
                                                         const std::vector<const types::MachineDecl*>& systems,
                                                         const std::string& name,
                                                         std::vector<std::string>& candidates) {
  std::vector<const types::VariableDecl*> found;
  for (const types::MachineDecl* system : systems) {
    for (const auto& parameter : system->parameters) {
      candidates.push_back(parameter->name);
      const bool again = std::find(found.begin(), found.end(), parameter.get()) != found.end();
      if (parameter->name == name && !again) found.push_back(parameter.get());
    }
  }
  const bool of_system = !found.empty();
  for (const std::unique_ptr<types::VariableDecl>& value : program.values) {
    if (value->kind != types::VariableDecl::Kind::Param) continue;
    candidates.push_back(name.find('.') == std::string::npos ? value->name : full_name(*value));
    if (!of_system && (name == value->name || name == full_name(*value))) found.push_back(value.get());
  }
  return found;
}

}  // namespace

std::optional<std::vector<Binding>> resolve_defines(const types::Program& program,
                                                    const std::vector<const types::MachineDecl*>& systems,
                                                    const std::map<std::string, std::string>& defines,
                                                    Diagnostics& diagnostics) {
  std::vector<Binding> result;
  bool fine = true;
  for (const auto& [name, text] : defines) {
    std::vector<std::string> candidates;
    const std::vector<const types::VariableDecl*> found = parameters_named(program, systems, name, candidates);
    if (found.empty()) {
      auto& problem = diagnostics.error(
          "E0650", Span{}, fmt::format("-D {}: there is no parameter of a system or a module with this name", name));
      if (const auto near = nearest_name(name, candidates))
        problem.notes.push_back(fmt::format("did you mean '{}'?", *near));
      fine = false;
      continue;
    }
    if (found.size() > 1 && found[0]->kind == types::VariableDecl::Kind::Param) {
      diagnostics.error("E0651", Span{},
                        fmt::format("-D {}: several params have this name: '{}' and '{}'", name, full_name(*found[0]),
                                    full_name(*found[1])));
      fine = false;
      continue;
    }
    for (const types::VariableDecl* parameter : found) {
      if (const auto value = parse_value(*parameter->type, text, program.levels)) {
        result.push_back(Binding{parameter, *value});
        continue;
      }
      auto& problem = diagnostics.error(
          "E0652", Span{},
          fmt::format("-D {}={}: the value must be {}", name, text, expected_values(*parameter->type, program.levels)));
      problem.labels.push_back(Label{parameter->span, "declared here"});
      fine = false;
    }
  }
  if (!fine) return std::nullopt;
  return result;
}

std::optional<std::vector<BoundCase>> expand_cases(const types::Program& program, const types::CheckDecl& check,
                                                   const std::vector<Binding>& defines, Diagnostics& diagnostics) {
  Design design(program, *check.system, defines, diagnostics);  // only to evaluate constants
  struct Choice {
    const types::VariableDecl* parameter;
    std::vector<std::int64_t> values;
    bool in_title = true;  // what is said once for all checks and does not vary distinguishes none
  };
  std::vector<Choice> choices;
  std::size_t cases = 1;
  try {
    for (const types::CheckDecl::Binding& binding : check.with) {
      Choice choice{binding.parameter, {}, true};
      const auto fixed = std::find_if(defines.begin(), defines.end(),
                                      [&](const Binding& define) { return define.parameter == binding.parameter; });
      if (fixed != defines.end()) {
        choice.values.push_back(fixed->value);
      } else if (!binding.values.empty()) {
        for (const types::ExprPtr& value : binding.values) {
          const auto number = design.constant_of(*value, nullptr, "a value of 'with'");
          if (!number) return std::nullopt;
          choice.values.push_back(*number);
        }
      } else {
        const auto lo = design.constant_of(*binding.lo, nullptr, "a bound of 'with'");
        const auto hi = design.constant_of(*binding.hi, nullptr, "a bound of 'with'");
        if (!lo || !hi) return std::nullopt;
        if (*lo > *hi) {
          diagnostics.error("E0613", binding.span, fmt::format("the range {}..{} is empty", *lo, *hi));
          return std::nullopt;
        }
        for (std::int64_t value = *lo; value <= *hi && choice.values.size() <= kMaxCases; ++value)
          choice.values.push_back(value);
      }
      cases *= choice.values.size();
      if (cases > kMaxCases) {
        diagnostics.error("E0653", check.span,
                          fmt::format("this check has more than {} combinations of values", kMaxCases));
        return std::nullopt;
      }
      choice.in_title = !binding.of_all || choice.values.size() > 1;
      choices.push_back(std::move(choice));
    }
  } catch (const Design::Abandoned&) {
    return std::nullopt;
  }
  std::vector<BoundCase> result;
  for (std::size_t case_ = 0; case_ < cases; ++case_) {
    BoundCase bound;
    bound.title = own_name(check.system->name);
    bound.bindings = defines;
    std::size_t rest = case_;
    std::size_t block = cases;
    bool first = true;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      block /= choices[i].values.size();
      const std::int64_t value = choices[i].values[rest / block];
      rest %= block;
      const auto same = [&](const Binding& binding) { return binding.parameter == choices[i].parameter; };
      bound.bindings.erase(std::remove_if(bound.bindings.begin(), bound.bindings.end(), same), bound.bindings.end());
      bound.bindings.push_back(Binding{choices[i].parameter, value});
      if (!choices[i].in_title) continue;
      bound.title +=
          fmt::format("{} {} = {}", std::exchange(first, false) ? " with" : ",", own_name(choices[i].parameter->name),
                      value_text(*choices[i].parameter->type, value, program.levels));
    }
    result.push_back(std::move(bound));
  }
  return result;
}

}  // namespace quiesce::model
