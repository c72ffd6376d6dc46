#include "checker/mend/requirements.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "checker/mend/asked_names.h"
#include "checker/mend/names.h"
#include "checker/mutation/mutant.h"
#include "model/base/contains.h"
#include "model/base/word.h"
#include "model/types/type_rules.h"

namespace quiesce::checker {

using namespace model::types;

namespace {

/// How many functions of the library may call one another between the design and the condition.
constexpr int kDeepest = 2;

/// Calls `use` for each function of the library that has statements.
template <typename Use>
void each_library_function(const LoadedDesign& design, model::FileId own, const Use& use) {
  const auto offer = [&](const FunctionDecl& function) {
    const bool has_statements = function.has_body && function.kind != FunctionDecl::Kind::Expression;
    if (has_statements && function.span.valid() && function.span.file != own) use(function);
  };
  for (const auto& function : design.program->functions) offer(*function);
  for (const auto& machine : design.program->machines) {
    for (const Member& member : machine->members) {
      if (const auto* function = std::get_if<std::unique_ptr<FunctionDecl>>(&member)) offer(**function);
    }
  }
}

/// The condition of a statement `require RULE: CONDITION`; empty: it is another statement.
std::string condition_of(const std::string& statement) {
  const std::size_t colon = statement.find(": ");
  return statement.starts_with("require ") && colon != std::string::npos ? statement.substr(colon + 2) : "";
}

/// "x" of "x.tell(y)", "" of "tell(y)" and of "wdm.KeSetTimer(t)".
std::string object_of(const FunctionDecl& function, const std::string& callee) {
  const std::size_t dot = callee.rfind('.');
  return function.machine == nullptr || dot == std::string::npos ? "" : callee.substr(0, dot);
}

/// The parameter's position; none when no parameter has the name.
std::optional<std::size_t> parameter_named(const FunctionDecl& function, std::string_view name) {
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    if (function.parameters[i]->name == name) return i;
  }
  return std::nullopt;
}

std::string in_parentheses(const std::string& text) {
  return text.find(' ') == std::string::npos ? text : "(" + text + ")";
}

/// A function's condition for one call of it.
class CallersWords {
 public:
  CallersWords(const LoadedDesign& design, const FunctionDecl& function, const WrittenCall& call)
      : design_(design), function_(function), call_(call), object_(object_of(function, call.callee)) {}

  /// None where an argument is not known.
  std::optional<std::string> say(const std::string& condition) const {
    std::string said;
    for (std::size_t at = 0; at < condition.size();) {
      std::size_t end = at;
      while (end < condition.size() && is_part_of_word(condition[end])) ++end;
      if (end == at) {
        said += condition[at++];
        continue;
      }
      const std::string word = condition.substr(at, end - at);
      const bool is_member = at > 0 && condition[at - 1] == '.';
      const std::optional<std::string> meant = is_member ? word : meaning_of(word);
      if (!meant) return std::nullopt;
      said += *meant;
      at = end;
    }
    return said;
  }

 private:
  std::optional<std::string> meaning_of(const std::string& word) const {
    if (const auto position = parameter_named(function_, word)) return argument(*position);
    if (word == "self") return object_.empty() ? word : object_;
    if (function_.machine != nullptr && has_member(*function_.machine, word))
      return object_.empty() ? word : object_ + "." + word;
    return with_family(word);
  }

  std::optional<std::string> argument(std::size_t position) const {
    const VariableDecl& parameter = *function_.parameters[position];
    for (std::size_t i = 0; i < call_.arguments.size(); ++i) {
      const WrittenCall::Argument& argument = call_.arguments[i];
      if (argument.name.empty() ? i == position : argument.name == parameter.name) return in_parentheses(argument.text);
    }
    if (parameter.init == nullptr || !parameter.init->span.valid()) return std::nullopt;
    return in_parentheses(std::string(design_.sources.text(parameter.init->span)));
  }

  /// "wdm.attended" of "attended" where the family of the function has such a name, else the word.
  std::string with_family(const std::string& word) const {
    const std::string& owner = function_.machine != nullptr ? function_.machine->name : function_.name;
    const std::string qualified = owner.substr(0, owner.find('.') + 1) + word;
    const auto is_it = [&](const auto& declaration) { return declaration->name == qualified; };
    const Program& program = *design_.program;
    const bool is_known = std::any_of(program.functions.begin(), program.functions.end(), is_it) ||
                          std::any_of(program.values.begin(), program.values.end(), is_it) ||
                          std::any_of(program.machines.begin(), program.machines.end(), is_it);
    return is_known ? qualified : word;
  }

  const LoadedDesign& design_;
  const FunctionDecl& function_;
  const WrittenCall& call_;
  std::string object_;
};

/// The arguments of the call whose "(" stands at `open`, as written.
std::vector<WrittenCall::Argument> arguments_at(std::string_view text, std::size_t open) {
  std::vector<WrittenCall::Argument> arguments;
  std::size_t depth = 0;
  std::size_t begin = open + 1;
  const auto add = [&](std::size_t end) {
    std::string argument = on_one_line(text.substr(begin, end - begin));
    const std::size_t colon = argument.find(": ");
    WrittenCall::Argument one;
    if (colon != std::string::npos && argument.find(' ') > colon) one.name = argument.substr(0, colon);
    one.text = one.name.empty() ? argument : argument.substr(colon + 2);
    if (!one.text.empty()) arguments.push_back(std::move(one));
  };
  for (std::size_t at = open; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '(' || c == '{' || c == '[') ++depth;
    if (c == ',' && depth == 1) {
      add(at);
      begin = at + 1;
    }
    if ((c == ')' || c == '}' || c == ']') && --depth == 0) {
      add(at);
      break;
    }
  }
  return arguments;
}

/// The calls in `body` of a function with the given own name.
std::vector<WrittenCall> calls_in(std::string_view body, const std::string& name) {
  std::vector<WrittenCall> calls;
  for (std::size_t at = body.find(name + "("); at != std::string_view::npos; at = body.find(name + "(", at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && (is_part_of_word(body[begin - 1]) || body[begin - 1] == '.')) --begin;
    const std::string callee(body.substr(begin, at + name.size() - begin));
    if (own_name(callee) == name) calls.push_back({callee, arguments_at(body, at + name.size())});
  }
  return calls;
}

}  // namespace

Requirements::Requirements(const LoadedDesign& design, model::FileId own, const std::vector<model::Span>& conditions)
    : design_(design) {
  for (const model::Span& span : conditions) {
    if (!span.valid() || span.file == own) continue;
    const std::string condition = condition_of(on_one_line(design.sources.text(span)));
    if (condition.empty()) continue;
    each_library_function(design, own, [&](const FunctionDecl& function) {
      if (function.span.file != span.file) return;
      const std::string_view text = design.sources.file(span.file).text();
      const std::string_view body = body_at(text, function.span.begin);
      const auto begin = static_cast<std::size_t>(body.data() - text.data());
      if (body.empty() || span.begin < begin || span.end > begin + body.size()) return;
      requirements_.push_back({&function, condition});
    });
  }
  if (!requirements_.empty()) add_callers(design, own);
}

/// Functions of the library require what those that they call do.
void Requirements::add_callers(const LoadedDesign& design, model::FileId own) {
  std::size_t first = 0;
  for (int deep = 0; deep < kDeepest; ++deep) {
    const std::vector<Requirement> known(requirements_.begin() + static_cast<std::ptrdiff_t>(first),
                                         requirements_.end());
    first = requirements_.size();
    each_library_function(design, own, [&](const FunctionDecl& caller) {
      const std::string_view body = body_at(design.sources.file(caller.span.file).text(), caller.span.begin);
      for (const Requirement& requirement : known) {
        for (const WrittenCall& call : calls_in(body, own_name(requirement.function->name))) {
          const auto said = CallersWords(design, *requirement.function, call).say(requirement.condition);
          if (said && &caller != requirement.function) requirements_.push_back({&caller, *said});
        }
      }
    });
  }
}

std::vector<std::string> Requirements::of(const WrittenCall& call) const {
  std::vector<std::string> conditions;
  for (const Requirement& requirement : requirements_) {
    const FunctionDecl& function = *requirement.function;
    const bool is_called =
        function.machine == nullptr ? call.callee == function.name : own_name(call.callee) == own_name(function.name);
    if (!is_called) continue;
    const auto said = CallersWords(design_, function, call).say(requirement.condition);
    if (said && !contains(conditions, *said)) conditions.push_back(*said);
  }
  return conditions;
}

}  // namespace quiesce::checker
