#include "model/syntax/print.h"

#include "model/base/overloaded.h"

namespace quiesce::model::syntax {
namespace {

std::string print(const Block& block);
std::string print_member(const Member& member, const std::string& indent);

const char* spell(UnaryOperator op) {
  switch (op) {
    case UnaryOperator::Not:
      return "!";
    case UnaryOperator::Minus:
      return "neg";
  }
  return "";
}

const char* spell(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::Implies:
      return "=>";
    case BinaryOperator::Or:
      return "||";
    case BinaryOperator::And:
      return "&&";
    case BinaryOperator::Equal:
      return "==";
    case BinaryOperator::NotEqual:
      return "!=";
    case BinaryOperator::Less:
      return "<";
    case BinaryOperator::LessEqual:
      return "<=";
    case BinaryOperator::Greater:
      return ">";
    case BinaryOperator::GreaterEqual:
      return ">=";
    case BinaryOperator::In:
      return "in";
    case BinaryOperator::Within:
      return "within";
    case BinaryOperator::Beside:
      return "beside";
    case BinaryOperator::BitOr:
      return "|";
    case BinaryOperator::BitXor:
      return "^";
    case BinaryOperator::BitAnd:
      return "&";
    case BinaryOperator::ShiftLeft:
      return "<<";
    case BinaryOperator::ShiftRight:
      return ">>";
    case BinaryOperator::Add:
      return "+";
    case BinaryOperator::Subtract:
      return "-";
    case BinaryOperator::Multiply:
      return "*";
    case BinaryOperator::Divide:
      return "/";
    case BinaryOperator::Remainder:
      return "%";
  }
  return "";
}

const char* spell(ContextQueryKind kind) {
  switch (kind) {
    case ContextQueryKind::Level:
      return "level()";
    case ContextQueryKind::PinLevel:
      return "pin_level()";
    case ContextQueryKind::Cpu:
      return "cpu()";
    case ContextQueryKind::Running:
      return "running()";
    case ContextQueryKind::Idle:
      return "idle()";
    case ContextQueryKind::Inside:
      return "inside()";
    case ContextQueryKind::CpuOf:
      return "cpu_of()";
    case ContextQueryKind::At:
      return "at";
    case ContextQueryKind::Enabled:
      return "enabled()";
    case ContextQueryKind::LevelOf:
      return "level_of()";
    case ContextQueryKind::Called:
      return "called()";
    case ContextQueryKind::Returned:
      return "returned()";
    case ContextQueryKind::Accepted:
      return "accepted()";
  }
  return "";
}

const char* spell(QuantifierKind kind) {
  switch (kind) {
    case QuantifierKind::Forall:
      return "forall";
    case QuantifierKind::Exists:
      return "exists";
    case QuantifierKind::Count:
      return "count";
  }
  return "";
}

const char* spell(Fairness fairness) {
  switch (fairness) {
    case Fairness::Fair:
      return "fair";
    case Fairness::StrongFair:
      return "strong-fair";
    case Fairness::Unfair:
      return "unfair";
    case Fairness::Sporadic:
      return "sporadic";
  }
  return "";
}

const char* spell(PropertyKind kind) {
  switch (kind) {
    case PropertyKind::Invariant:
      return "invariant";
    case PropertyKind::Never:
      return "never";
    case PropertyKind::Reachable:
      return "reachable";
    case PropertyKind::DeadlockFree:
      return "deadlock_free";
    case PropertyKind::Ltl:
      return "ltl";
    case PropertyKind::Terminates:
      return "terminates";
    case PropertyKind::Progress:
      return "progress";
    case PropertyKind::AlwaysPossible:
      return "always_possible";
  }
  return "";
}

/// "(head part part)"; empty parts are left out.
template <typename... Parts>
std::string list(const std::string& head, const Parts&... parts) {
  std::string result = "(" + head;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) result += " " + part;
  };
  (add(std::string(parts)), ...);
  return result + ")";
}

template <typename Items, typename Print>
std::string join(const Items& items, Print print_item) {
  std::string result;
  for (const auto& item : items) {
    if (!result.empty()) result += ' ';
    result += print_item(item);
  }
  return result;
}

/// A child that may be missing, in a list of its own so that one is not taken for another.
std::string maybe(const std::string& head, const ExpressionPtr& child) {
  return child ? list(head, print(*child)) : "";
}
std::string maybe(const std::string& head, const TypePtr& child) { return child ? list(head, print(*child)) : ""; }

std::string print_range(const Range& range) { return list("range", print(*range.low), print(*range.high)); }

std::string print_domain(const Domain& domain) {
  return std::visit(Overloaded{
                        [](const QualifiedName& name) { return name.text(); },
                        [](const TypePtr& type) { return list("type", print(*type)); },
                        [](const ExpressionPtr& expression) { return list("value", print(*expression)); },
                        [](const Range& range) { return print_range(range); },
                    },
                    domain.kind);
}

std::string print_arguments(const std::vector<Argument>& arguments) {
  return join(arguments, [](const Argument& argument) {
    return argument.name ? list(argument.name->text + ":", print(*argument.value)) : print(*argument.value);
  });
}

std::string print_parameters(const std::vector<Parameter>& parameters) {
  return "(" +
         join(parameters,
              [](const Parameter& parameter) {
                return list(parameter.name.text, print(*parameter.type), maybe("=", parameter.value));
              }) +
         ")";
}

std::string print_names(const std::vector<QualifiedName>& names) {
  return join(names, [](const QualifiedName& name) { return name.text(); });
}

std::string print_fairness(const std::vector<Fairness>& fairness) {
  return join(fairness, [](Fairness one) { return std::string(spell(one)); });
}

std::string quote(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string documented(const std::string& doc) { return doc.empty() ? "" : list("doc", quote(doc)); }

std::string print(const Block& block) {
  const std::string statements =
      join(block.statements, [](const StatementPtr& statement) { return syntax::print(*statement); });
  return "{" + statements + "}";
}

std::string print_function(const Function& function) {
  return list("fn", function.is_atomic ? "atomic" : "", function.is_returns ? "returns" : "", function.name.text,
              print_parameters(function.parameters), maybe("->", function.result),
              function.block ? print(*function.block) : "", maybe("=", function.expression));
}

std::string print_constant(const Constant& constant) {
  return list("const", constant.name.text, maybe(":", constant.type), print(*constant.value));
}

std::string print_instance(const Instance& instance) {
  std::string index;
  if (instance.index) {
    index = list("index", instance.index->variable ? instance.index->variable->text + ":" : "",
                 print_domain(instance.index->domain));
  }
  return list("instance", instance.name.text, index, instance.machine.text(),
              "(" + print_arguments(instance.arguments) + ")");
}

std::string print_initial(const Initial& initial) {
  return initial.any ? list("any", maybe("where", initial.where)) : list("=", print(*initial.value));
}

std::string print_parameter(const ModuleParameter& parameter) {
  const Initial& initial = parameter.initial;
  return list("param", parameter.name.text, print(*parameter.type),
              initial.any ? print_initial(initial) : print(*initial.value));
}

std::string print_variable(const Variable& variable) {
  const std::string initial = variable.initial ? print_initial(*variable.initial) : "";
  return list(variable.open ? "open variable" : "variable", variable.name.text, print(*variable.type), initial);
}

std::string print_members(const std::vector<MemberPtr>& members, const std::string& indent) {
  std::string result;
  for (const MemberPtr& member : members) result += "\n" + print_member(*member, indent);
  return result;
}

std::string print_binding(const Binding& binding) {
  return std::visit(Overloaded{
                        [&](const ExpressionPtr& value) { return list("=", binding.name.text(), print(*value)); },
                        [&](const std::vector<ExpressionPtr>& values) {
                          return list("in", binding.name.text(),
                                      join(values, [](const ExpressionPtr& value) { return print(*value); }));
                        },
                        [&](const Range& range) { return list("in", binding.name.text(), print_range(range)); },
                    },
                    binding.values);
}

std::string print_member(const Member& member, const std::string& indent) {
  const std::string deeper = indent + "  ";
  return indent + documented(member.doc) +
         std::visit(
             Overloaded{
                 [](const Variable& variable) { return print_variable(variable); },
                 [](const Instance& instance) { return print_instance(instance); },
                 [](const Function& function) { return print_function(function); },
                 [](const Action& action) {
                   return list("action", action.name.text, maybe("when", action.when), print_fairness(action.fairness),
                               action.block ? print(*action.block) : "", maybe("=", action.expression));
                 },
                 [](const Handler& handler) {
                   return list("handler", handler.urgent ? "urgent" : "", handler.name.text, maybe("at", handler.level),
                               maybe("on", handler.on), maybe("when", handler.when),
                               maybe("concurrent", handler.concurrent), print_fairness(handler.fairness),
                               handler.accept ? list("accept", print(*handler.accept)) : "", print(handler.body));
                 },
                 [](const Thread& thread) {
                   return list("thread", thread.name.text, maybe("at", thread.level), print_fairness(thread.fairness),
                               print(thread.body));
                 },
                 [](const Property& property) {
                   return list(spell(property.kind), property.rule ? property.rule->text() + ":" : "",
                               property.condition ? print(*property.condition) : "");
                 },
                 [](const Busy& busy) { return list("busy", print(*busy.condition)); },
                 [](const Initially& initially) { return list("initially", print(initially.block)); },
                 [](const Reaction& reaction) {
                   return list("on", print(*reaction.event), maybe("when", reaction.when), print(reaction.block));
                 },
                 [&](const ConditionalMembers& conditional) {
                   std::string result =
                       "(if " + print(*conditional.condition) + print_members(conditional.then, deeper);
                   if (conditional.has_else)
                     result += "\n" + indent + " else" + print_members(conditional.otherwise, deeper);
                   return result + ")";
                 },
                 [](const Constant& constant) { return print_constant(constant); },
                 [](const Cpus& cpus) { return list("cpus", print(*cpus.count)); },
                 [](const Pin& pin) { return list("pin", print(*pin.level)); },
                 [](const Settings& settings) { return list("with", join(settings.bindings, print_binding)); },
             },
             member.kind);
}

std::string print_rule(const Rule& rule) {
  std::string severity;
  if (rule.severity) severity = *rule.severity == RuleSeverity::Error ? "error" : "warning";
  return list("rule", rule.name.text(), rule.title ? list("title", quote(rule.title->text)) : "", severity,
              rule.because ? list("because", quote(rule.because->text)) : "",
              join(rule.citations, [](const Citation& citation) {
                return list("cite", join(citation.parts, [](const StringLiteral& part) { return quote(part.text); }));
              }));
}

std::string print_patterns(const std::string& head, const std::vector<RulePattern>& patterns) {
  if (patterns.empty()) return "";
  return list(head, join(patterns, [](const RulePattern& pattern) {
                if (!pattern.name) return std::string("*");
                return pattern.name->text() + (pattern.star ? ".*" : "");
              }));
}

std::string print_expect(const Expect& expect) {
  switch (expect.kind) {
    case ExpectKind::Holds:
      return "(expect holds)";
    case ExpectKind::Violated:
      return list("expect violated", print_names(expect.rules), expect.and_more ? "..." : "");
    case ExpectKind::Vacuous:
      return list("expect vacuous", print_names(expect.rules), expect.and_more ? "..." : "");
  }
  return "";
}

std::string print_declaration(const Declaration& declaration) {
  return documented(declaration.doc) +
         std::visit(Overloaded{
                        [](const Constant& constant) { return print_constant(constant); },
                        [](const ModuleParameter& parameter) { return print_parameter(parameter); },
                        [](const Enum& declared) {
                          return list("enum", declared.name.text, join(declared.values, [](const Enumerator& value) {
                                        return documented(value.doc) + value.name.text;
                                      }));
                        },
                        [](const Levels& declared) {
                          return list("levels", join(declared.levels, [](const NamedLevel& level) {
                                        return documented(level.doc) + (level.is_pin ? "pin " : "") + level.name.text +
                                               (level.number ? " = " + std::to_string(*level.number) : "");
                                      }));
                        },
                        [](const Struct& declared) {
                          return list("struct", declared.name.text, join(declared.fields, [](const Field& field) {
                                        return list(field.name.text, documented(field.doc), print(*field.type));
                                      }));
                        },
                        [](const Rule& rule) { return print_rule(rule); },
                        [](const Interface& interface) {
                          return list("interface", interface.name.text,
                                      join(interface.functions, [](const InterfaceFunction& function) {
                                        return documented(function.doc) + print_function(function.function);
                                      }));
                        },
                        [](const Function& function) { return print_function(function); },
                        [](const Machine& machine) {
                          return list(
                              machine.is_monitor ? "monitor" : "machine", machine.is_object ? "object" : "",
                              machine.name.text, print_parameters(machine.parameters),
                              machine.implements.empty() ? "" : list("implements", print_names(machine.implements)),
                              print_members(machine.members, "  "));
                        },
                        [](const System& system) {
                          return list("system", system.name.text, print_parameters(system.parameters),
                                      print_members(system.members, "  "));
                        },
                        [](const Check& check) {
                          return list("check", check.system.text, print_patterns("for", check.rules),
                                      print_patterns("except", check.except),
                                      check.bindings.empty() ? "" : list("with", join(check.bindings, print_binding)),
                                      join(check.expects, print_expect));
                        },
                        [](const Settings& settings) { return list("with", join(settings.bindings, print_binding)); },
                    },
                    declaration.kind);
}

}  // namespace

std::string print(const Expression& expression) {
  return std::visit(
      Overloaded{
          [](const IntegerLiteral& literal) { return std::to_string(literal.value); },
          [](const BoolLiteral& literal) { return std::string(literal.value ? "true" : "false"); },
          [](const NullLiteral&) { return std::string("null"); },
          [](const SelfExpression&) { return std::string("self"); },
          [](const NameExpression& name) { return name.name.text; },
          [](const SetLiteral& set) {
            return list("set", join(set.elements, [](const ExpressionPtr& element) { return print(*element); }));
          },
          [](const ArrayLiteral& array) {
            if (array.variable) return list("array-for", array.variable->text, print(*array.element));
            return list("array", join(array.elements, [](const ExpressionPtr& element) { return print(*element); }));
          },
          [](const Unary& unary) { return list(spell(unary.op), print(*unary.operand)); },
          [](const Binary& binary) { return list(spell(binary.op), print(*binary.left), print(*binary.right)); },
          [](const InRange& in) { return list("in", print(*in.value), print_range(in.range)); },
          [](const Conditional& conditional) {
            return list("?", print(*conditional.condition), print(*conditional.then), print(*conditional.otherwise));
          },
          [](const FieldAccess& access) { return list(".", print(*access.object), access.name.text); },
          [](const IndexAccess& access) { return list("index", print(*access.object), print(*access.index)); },
          [](const Call& call) { return list("call", print(*call.callee), print_arguments(call.arguments)); },
          [](const Quantifier& quantifier) {
            return list(spell(quantifier.kind), quantifier.variable.text, print_domain(quantifier.domain),
                        maybe("where", quantifier.where), maybe(":", quantifier.body));
          },
          [](const ContextQuery& query) { return list(spell(query.kind), query.target ? print(*query.target) : ""); },
          [](const Temporal& temporal) {
            return list(temporal_word(temporal.op), temporal.left ? print(*temporal.left) : "", print(*temporal.right));
          },
          [](const CpuConstant& cpu) { return list("Cpu", print(*cpu.number)); },
      },
      expression.kind);
}

std::string print(const Type& type) {
  return std::visit(
      Overloaded{
          [](const BoolType&) { return std::string("bool"); },
          [](const IntType& number) {
            if (!number.range.low) return std::string("(int)");
            return list("int", print(*number.range.low), print(*number.range.high), number.wraps ? "wrap" : "");
          },
          [](const LevelType&) { return std::string("Level"); },
          [](const CpuType&) { return std::string("Cpu"); },
          [](const MutexType& mutex) { return std::string(mutex.fair ? "fair-mutex" : "mutex"); },
          [](const SpinlockType& lock) { return lock.level ? list("spinlock", print(*lock.level)) : "spinlock"; },
          [](const HandoverType& handover) {
            return handover.element ? list("handover", print(*handover.element)) : std::string("handover");
          },
          [](const ArrayType& array) { return list("array", print(*array.element), print_domain(array.index)); },
          [](const SetType& set) { return list("set", print(*set.element)); },
          [](const QueueType& queue) { return list("queue", print(*queue.element), print(*queue.capacity)); },
          [](const RefType& ref) { return list("ref", ref.target.text()); },
          [](const FunctionType& function) {
            return list("fn-type",
                        "(" + join(function.parameters, [](const TypePtr& one) { return print(*one); }) + ")",
                        maybe("->", function.result));
          },
          [](const NamedType& named) { return named.name.text(); },
          [](const OptionalType& optional) { return list("?", print(*optional.inner)); },
      },
      type.kind);
}

std::string print(const Statement& statement) {
  std::string labels;
  for (const Name& label : statement.labels) labels += label.text + ": ";
  return labels +
         std::visit(
             Overloaded{
                 [](const LocalStatement& local) {
                   return list("var", local.name.text, maybe(":", local.type), print(*local.value));
                 },
                 [](const AssignmentStatement& assignment) {
                   const char* op = "";
                   switch (assignment.op) {
                     case AssignmentOperator::Set:
                       op = "=";
                       break;
                     case AssignmentOperator::Add:
                       op = "+=";
                       break;
                     case AssignmentOperator::Subtract:
                       op = "-=";
                       break;
                   }
                   return list(op, print(*assignment.target), print(*assignment.value));
                 },
                 [](const CallStatement& call) { return print(*call.call); },
                 [](const IfStatement& branch) {
                   return list("if", print(*branch.condition), print(branch.then),
                               branch.otherwise ? print(*branch.otherwise) : "");
                 },
                 [](const WhileStatement& loop) { return list("while", print(*loop.condition), print(loop.body)); },
                 [](const LoopStatement& loop) { return list("loop", print(loop.body)); },
                 [](const ForStatement& loop) {
                   return list("for", loop.variable.text, print_domain(loop.domain), print(loop.body));
                 },
                 [](const EitherStatement& either) {
                   return list("either", join(either.branches, [](const Block& block) { return print(block); }));
                 },
                 [](const ChooseStatement& choose) {
                   return list("choose", choose.variable.text, print(*choose.type), maybe("where", choose.where));
                 },
                 [](const AwaitStatement& await) { return list("await", print(*await.condition)); },
                 [](const SpinUntilStatement& spin) { return list("spin-until", print(*spin.condition)); },
                 [](const AtomicStatement& atomic) { return list("atomic", print(atomic.body)); },
                 [](const AcquireStatement& acquire) { return list("acquire", print(*acquire.lock)); },
                 [](const ReleaseStatement& release) { return list("release", print(*release.lock)); },
                 [](const WithStatement& with) { return list("with", print(*with.lock), print(with.body)); },
                 [](const GiveStatement& give) {
                   return list("give", print(*give.handover), give.value ? print(*give.value) : "");
                 },
                 [](const TakeStatement& take) {
                   return list("take", take.target ? print(*take.target) : "", print(*take.handover));
                 },
                 [](const RaiseStatement& raise) { return list("raise", print(*raise.level)); },
                 [](const LowerStatement& lower) { return list("lower", print(*lower.level)); },
                 [](const AtLevelStatement& at) { return list("at-level", print(*at.level), print(at.body)); },
                 [](const OnCpuStatement& on) { return list("on", print(*on.cpu), print(on.body)); },
                 [](const AssertStatement& assertion) { return list("assert", print(*assertion.condition)); },
                 [](const RequireStatement& require) {
                   return list("require", require.rule.text(), print(*require.condition));
                 },
                 [](const ViolateStatement& violate) { return list("violate", violate.rule.text()); },
                 [](const ReturnStatement& result) { return list("return", result.value ? print(*result.value) : ""); },
                 [](const BreakStatement&) { return std::string("(break)"); },
                 [](const ContinueStatement&) { return std::string("(continue)"); },
                 [](const PassStatement&) { return std::string("(pass)"); },
                 [](const InitStatement& init) { return list("init", print(*init.instance)); },
                 [](const FreeStatement& free) { return list("free", print(*free.instance)); },
             },
             statement.kind);
}

std::string print(const File& file) {
  std::string result;
  if (file.module) result += documented(file.doc) + list("module", file.module->text()) + "\n";
  for (const Use& use : file.uses) result += list("use", use.module.text()) + "\n";
  for (const Declaration& declaration : file.declarations) result += print_declaration(declaration) + "\n";
  return result;
}

}  // namespace quiesce::model::syntax
