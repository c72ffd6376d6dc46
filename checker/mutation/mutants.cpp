#include "checker/mutation/mutant.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "checker/mutation/condition_mutants.h"
#include "model/base/diagnostic.h"
#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/syntax/lexer.h"

namespace quiesce::checker {

using namespace model::syntax;
using model::Diagnostics;
using model::SourceMap;
using model::Span;

namespace {

/// Walks the declarations of a module and collects the mutants of all its conditions.
class Walker {
 public:
  Walker(const File& file, const SourceMap& sources)
      : file_(file),
        sources_(sources),
        tokens_(lex(file.id, sources, ignored_)),
        conditions_(tokens_.tokens, sources) {}

  std::vector<Mutant> run() {
    for (const Declaration& declaration : file_.declarations) declare(declaration);
    std::stable_sort(mutants_.begin(), mutants_.end(),
                     [](const Mutant& a, const Mutant& b) { return a.span.begin < b.span.begin; });
    return std::move(mutants_);
  }

 private:
  void declare(const Declaration& declaration);
  void member(const Member& member);
  void members(const std::vector<MemberPtr>& list) {
    for (const MemberPtr& one : list) member(*one);
  }
  void function(const Function& function);
  void property(const Property& property);
  void block(const Block& block) {
    for (const StatementPtr& one : block.statements) statement(*one);
  }
  void block(const std::optional<Block>& optional) {
    if (optional) block(*optional);
  }
  void statement(const Statement& statement);

  /// A guard: when it is gone, `without` stands in its place.
  void guard(const ExpressionPtr& condition, const char* without) {
    if (condition == nullptr) return;
    if (!std::holds_alternative<BoolLiteral>(condition->kind))
      conditions_.replace(MutationKind::Remove, *condition, without);
    decide(condition);
  }
  void decide(const ExpressionPtr& condition) {
    if (condition != nullptr) conditions_.condition(*condition);
    collect();
  }
  void look(const ExpressionPtr& expression) {
    if (expression != nullptr) conditions_.inside(*expression);
    collect();
  }
  void collect();
  void add(ConditionMutants::Change change);

  /// Names what is between two members: `name` of `machine_`, or `name` alone.
  void enter(const std::string& name) { place_ = machine_.empty() ? name : machine_ + "." + name; }

  const File& file_;
  const SourceMap& sources_;
  Diagnostics ignored_;
  Tokens tokens_;
  ConditionMutants conditions_;
  std::string machine_;
  std::string place_;
  std::string rule_;
  bool decides_by_result_ = false;  // in a function that returns a bool
  std::vector<Mutant> mutants_;
};

void Walker::add(ConditionMutants::Change change) {
  Mutant mutant;
  mutant.kind = change.kind;
  mutant.module = file_.module ? file_.module->text() : "";
  mutant.place = place_;
  mutant.rule = rule_;
  mutant.span = change.span;
  mutant.line = sources_.file(file_.id).position(change.span.begin).line;
  const std::string_view around = sources_.text(change.around);
  std::string now(around);
  now.replace(change.span.begin - change.around.begin, change.span.end - change.span.begin, change.replacement);
  mutant.was = on_one_line(around);
  mutant.now = on_one_line(now);
  mutant.replacement = std::move(change.replacement);
  mutants_.push_back(std::move(mutant));
}

void Walker::collect() {
  for (ConditionMutants::Change& change : conditions_.take()) add(std::move(change));
}

void Walker::declare(const Declaration& declaration) {
  std::visit(Overloaded{[](const Enum&) {}, [](const Levels&) {}, [](const Struct&) {}, [](const Rule&) {},
                        [](const System&) {}, [](const Settings&) {}, [](const Check&) {},
                        [&](const Constant& constant) {
                          enter(constant.name.text);
                          look(constant.value);
                        },
                        [&](const ModuleParameter& parameter) {
                          enter(parameter.name.text);
                          if (parameter.initial.value) look(parameter.initial.value);
                        },
                        [&](const Interface& interface) {
                          machine_ = interface.name.text;
                          for (const InterfaceFunction& one : interface.functions) function(one.function);
                          machine_.clear();
                        },
                        [&](const Function& one) { function(one); },
                        [&](const Machine& machine) {
                          machine_ = machine.name.text;
                          members(machine.members);
                          machine_.clear();
                        }},
             declaration.kind);
}

void Walker::member(const Member& member) {
  std::visit(Overloaded{[&](const Variable& variable) {
                          enter(variable.name.text);
                          if (!variable.initial) return;
                          decide(variable.initial->where);
                          look(variable.initial->value);
                        },
                        [&](const Instance& instance) {
                          enter(instance.name.text);
                          for (const Argument& argument : instance.arguments) look(argument.value);
                        },
                        [&](const Function& one) { function(one); },
                        [&](const Action& action) {
                          enter(action.name.text);
                          guard(action.when, "true");
                          block(action.block);
                          look(action.expression);
                        },
                        [&](const Handler& handler) {
                          enter(handler.name.text);
                          look(handler.level);
                          look(handler.on);
                          guard(handler.when, "true");
                          look(handler.concurrent);
                          block(handler.accept);
                          block(handler.body);
                        },
                        [&](const Thread& thread) {
                          enter(thread.name.text);
                          look(thread.level);
                          block(thread.body);
                        },
                        [&](const Property& one) { property(one); },
                        [&](const Busy& busy) {
                          enter("busy");
                          guard(busy.condition, "false");
                        },
                        [&](const Initially& initially) {
                          enter("initially");
                          block(initially.block);
                        },
                        [&](const Reaction& reaction) {
                          enter("on");
                          guard(reaction.when, "true");
                          block(reaction.block);
                        },
                        [&](const ConditionalMembers& conditional) {
                          enter("if");
                          decide(conditional.condition);
                          members(conditional.then);
                          members(conditional.otherwise);
                        },
                        [&](const Constant& constant) {
                          enter(constant.name.text);
                          look(constant.value);
                        },
                        [](const Cpus&) {}, [](const Pin&) {}, [](const Settings&) {}},
             member.kind);
}

void Walker::function(const Function& function) {
  enter(function.name.text);
  decides_by_result_ = function.result != nullptr && std::holds_alternative<BoolType>(function.result->kind);
  if (decides_by_result_) {
    decide(function.expression);
  } else {
    look(function.expression);
  }
  block(function.block);
  decides_by_result_ = false;
}

void Walker::property(const Property& property) {
  rule_ = property.rule ? property.rule->text() : "";
  enter(property.rule ? property.rule->parts.back().text : "property");
  switch (property.kind) {
    case PropertyKind::Invariant:
      guard(property.condition, "true");
      break;
    case PropertyKind::Never:
      guard(property.condition, "false");
      break;
    case PropertyKind::Reachable:
    case PropertyKind::DeadlockFree:
    case PropertyKind::Ltl:
    case PropertyKind::AlwaysPossible:
      decide(property.condition);
      break;
    case PropertyKind::Terminates:
    case PropertyKind::Progress:
      break;  // a name
  }
  rule_.clear();
}

void Walker::statement(const Statement& statement) {
  std::visit(Overloaded{[&](const LocalStatement& local) { look(local.value); },
                        [&](const AssignmentStatement& assignment) {
                          look(assignment.target);
                          look(assignment.value);
                        },
                        [&](const CallStatement& call) { look(call.call); },
                        [&](const IfStatement& branch) {
                          decide(branch.condition);
                          block(branch.then);
                          if (branch.otherwise != nullptr) block(*branch.otherwise);
                        },
                        [&](const WhileStatement& loop) {
                          decide(loop.condition);
                          block(loop.body);
                        },
                        [&](const LoopStatement& loop) { block(loop.body); },
                        [&](const ForStatement& loop) { block(loop.body); },
                        [&](const EitherStatement& either) {
                          for (const Block& branch : either.branches) block(branch);
                        },
                        [&](const ChooseStatement& choose) { decide(choose.where); },
                        [&](const AwaitStatement& await) { guard(await.condition, "true"); },
                        [&](const SpinUntilStatement& spin) { guard(spin.condition, "true"); },
                        [&](const AtomicStatement& atomic) { block(atomic.body); },
                        [&](const AcquireStatement& acquire) { look(acquire.lock); },
                        [&](const ReleaseStatement& release) { look(release.lock); },
                        [&](const WithStatement& with) {
                          look(with.lock);
                          block(with.body);
                        },
                        [&](const GiveStatement& give) { look(give.value); },
                        [&](const TakeStatement&) {},
                        [&](const RaiseStatement& raise) { look(raise.level); },
                        [&](const LowerStatement& lower) { look(lower.level); },
                        [&](const AtLevelStatement& at) {
                          look(at.level);
                          block(at.body);
                        },
                        [&](const OnCpuStatement& on) {
                          look(on.cpu);
                          block(on.body);
                        },
                        [&](const AssertStatement& assertion) { guard(assertion.condition, "true"); },
                        [&](const RequireStatement& require) {
                          rule_ = require.rule.text();
                          guard(require.condition, "true");
                          rule_.clear();
                        },
                        [&](const ViolateStatement& violate) {
                          rule_ = violate.rule.text();
                          // The word `violate` stands before the rule; labels before it stay.
                          const auto rule = std::partition_point(
                              tokens_.tokens.begin(), tokens_.tokens.end(),
                              [&](const Token& token) { return token.span.begin < violate.rule.span.begin; });
                          const Span span = cover(std::prev(rule)->span, violate.rule.span);
                          add({MutationKind::Remove, span, "pass", span});
                          rule_.clear();
                        },
                        [&](const ReturnStatement& result) {
                          if (decides_by_result_) {
                            decide(result.value);
                          } else {
                            look(result.value);
                          }
                        },
                        [](const BreakStatement&) {},
                        [](const ContinueStatement&) {},
                        [](const PassStatement&) {},
                        [](const InitStatement&) {},
                        [](const FreeStatement&) {}},
             statement.kind);
}

}  // namespace

const char* kind_name(MutationKind kind) {
  switch (kind) {
    case MutationKind::Drop:
      return "drop";
    case MutationKind::Negate:
      return "negate";
    case MutationKind::Exempt:
      return "exempt";
    case MutationKind::Compare:
      return "compare";
    case MutationKind::Quantifier:
      return "quantifier";
    case MutationKind::Remove:
      return "remove";
  }
  return "";
}

std::vector<Mutant> mutants_of(const File& file, const SourceMap& sources) { return Walker(file, sources).run(); }

std::string mutated(const std::string& text, const Mutant& mutant) {
  QUIESCE_CHECK(mutant.span.begin <= mutant.span.end && mutant.span.end <= text.size())
      << "the mutant is one of another text";
  std::string changed = text;
  changed.replace(mutant.span.begin, mutant.span.end - mutant.span.begin, mutant.replacement);
  return changed;
}

std::string on_one_line(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "//") {
      while (i < text.size() && text[i] != '\n') ++i;
    }
    if (i < text.size() && std::isspace(static_cast<unsigned char>(text[i])) == 0) {
      line += text[i];
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace quiesce::checker
