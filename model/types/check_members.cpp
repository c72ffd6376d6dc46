// The inside of machines and systems. Shape first: parameters, constants, then all other members with their types, so
// that bodies may use what is declared further down; what bodies say is checked in the next pass.
#include <fmt/format.h>

#include "model/types/builtin.h"
#include "model/types/checker.h"

namespace quiesce::model::types {
namespace {

template <typename Decl>
void set_fairness(Decl& decl, const std::vector<syntax::Fairness>& words) {
  for (const syntax::Fairness word : words) {
    switch (word) {
      case syntax::Fairness::Fair:
        decl.fair = true;
        break;
      case syntax::Fairness::StrongFair:
        decl.strong = true;
        break;
      case syntax::Fairness::Unfair:
        decl.unfair = true;
        break;
      case syntax::Fairness::Sporadic:
        decl.sporadic = true;
        break;
    }
  }
}

/// Environment of what stands in a machine.
Environment inside(MachineInfo& info) {
  Environment environment;
  environment.module = info.module;
  environment.machine = &info;
  return environment;
}

}  // namespace

void Checker::shape_head(MachineInfo& info, const std::vector<syntax::Parameter>& parameters,
                         const std::vector<syntax::MemberPtr>& members) {
  Environment environment = inside(info);
  environment.no_context = "the declarations of a machine";
  Within within(*this, environment);
  shape_parameters(info, parameters);
  shape_constants(info, members);
}

void Checker::shape_inside(MachineInfo& info, const std::vector<syntax::MemberPtr>& members) {
  Environment environment = inside(info);
  environment.no_context = "the declarations of a machine";
  Within within(*this, environment);
  shape_members(info, members, info.decl->members, nullptr);
}

void Checker::add_member(MachineInfo& info, const syntax::Name& name, MemberSymbol symbol) {
  const auto [existing, added] = info.members.emplace(name.text, symbol);
  if (!added) {
    Diagnostic& diagnostic = error(
        "E0202", name.span, fmt::format("'{}' is already a member of '{}'", name.text, short_name(info.decl->name)));
    diagnostic.labels.push_back({span_of(existing->second), "first declared here"});
    return;
  }
  check_shadowing(name.text, name.span, true);
}

void Checker::shape_parameters(MachineInfo& info, const std::vector<syntax::Parameter>& parameters) {
  for (const syntax::Parameter& parameter : parameters) {
    const std::string role = fmt::format("parameter '{}'", parameter.name.text);
    TypePtr type =
        std::holds_alternative<syntax::FunctionType>(parameter.type->kind)
            ? resolve_type(*parameter.type)
            : resolve_value_type(*parameter.type, role, info.decl->is_system ? Integers::Bounded : Integers::All);
    if (type && info.decl->is_system && !is_made_of_scalars(*type)) {
      error("E0307", parameter.type->span, fmt::format("a parameter of a system cannot be '{}'", text(type)));
      type = nullptr;
    } else if (type && info.decl->is_system && type->kind == Type::Kind::Ref) {
      error("E0307", parameter.type->span,
            "a parameter of a system cannot be a reference: there is nothing outside to refer to");
      type = nullptr;
    }
    auto variable = new_variable(parameter.name, VariableDecl::Kind::Parameter, type);
    variable->of_machine = true;
    VariableDecl* decl = variable.get();
    info.decl->parameters.push_back(std::move(variable));
    add_member(info, parameter.name, decl);
    if (!parameter.value || !type) continue;
    if (type->kind == Type::Kind::Function) {
      // Functions of the machine may be meant, which are not known yet.
      bodies_.push_back([this, &info, decl, &parameter] {
        Environment environment = inside(info);
        Within within(*this, environment);
        decl->init = function_value(*parameter.value, *decl);
      });
      continue;
    }
    env().cpu_constants = true;
    decl->init = check_constant(*parameter.value, type, fmt::format("the default of '{}'", parameter.name.text));
    env().cpu_constants = false;
  }
}

void Checker::shape_constants(MachineInfo& info, const std::vector<syntax::MemberPtr>& members) {
  for (const syntax::MemberPtr& member : members) {
    if (const auto* group = std::get_if<syntax::ConditionalMembers>(&member->kind)) {
      shape_constants(info, group->then);
      shape_constants(info, group->otherwise);
    }
    const auto* constant = std::get_if<syntax::Constant>(&member->kind);
    if (constant == nullptr) continue;
    auto variable = new_variable(constant->name, VariableDecl::Kind::Const, nullptr);
    variable->doc = member->doc;
    VariableDecl* decl = variable.get();
    pending_[decl] = {constant->type.get(), constant->value.get(), nullptr, inside(info), false};
    shaped_constants_[constant] = std::move(variable);
    add_member(info, constant->name, decl);
  }
}

void Checker::shape_members(MachineInfo& info, const std::vector<syntax::MemberPtr>& members, std::vector<Member>& out,
                            const Expr* condition) {
  for (const syntax::MemberPtr& member : members) {
    if (!may_be_in_monitor(info, *member)) continue;
    std::visit([&](const auto& node) { shape_member(info, *member, node, out, condition); }, member->kind);
  }
}

// -------------------------------------------------------------------------------------- variables, instances

void Checker::shape_member(MachineInfo&, const syntax::Member&, const syntax::Constant& node, std::vector<Member>& out,
                           const Expr*) {
  std::unique_ptr<VariableDecl>& variable = shaped_constants_.at(&node);
  ensure_value(variable.get());
  out.push_back(std::move(variable));
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Variable& node,
                           std::vector<Member>& out, const Expr*) {
  // A lock is fine here, alone or in an array.
  TypePtr type = resolve_type(*node.type, Integers::All);
  if (type && type->kind == Type::Kind::Function) {
    Diagnostic& diagnostic = error("E0307", node.type->span, fmt::format("'{}' cannot be a function", node.name.text));
    diagnostic.notes.push_back("only a parameter of a machine can be a function");
    type = nullptr;
  }
  auto variable = new_variable(node.name, VariableDecl::Kind::Member, type);
  variable->doc = member.doc;
  variable->machine = info.decl;
  variable->open = node.open;
  VariableDecl* decl = variable.get();
  add_member(info, node.name, decl);
  out.push_back(std::move(variable));
  bodies_.push_back([this, &info, decl, &node] {
    if (node.initial) {
      check_initial(info, *decl, *node.initial);
    } else {
      check_first_value(info, *decl);
    }
  });
}

/// Every variable has a value from the beginning; only a reference or a CPU has none that all systems know.
void Checker::check_first_value(MachineInfo& info, const VariableDecl& variable) {
  if (!variable.type) return;
  Environment environment = inside(info);
  Within within(*this, environment);
  std::string part;
  const TypePtr missing = without_rest_value(variable.type, part);
  if (!missing) return;
  Diagnostic& diagnostic =
      error("E0318", variable.span,
            fmt::format("'{}{}' needs a first value: a '{}' is never null", variable.name, part, text(missing)));
  diagnostic.notes.push_back(fmt::format(
      "give it one with '= ...', let it begin with '= any', or write '{}?', which begins as null", text(missing)));
}

void Checker::check_initial(MachineInfo& info, VariableDecl& variable, const syntax::Initial& initial) {
  if (!variable.type) return;
  Environment environment = inside(info);
  environment.no_context = "an initial value";
  environment.cpu_constants = true;
  Within within(*this, environment);
  const Type* inner = variable.type.get();
  while (inner->kind == Type::Kind::Array) inner = inner->element.get();
  if (is_no_value(*inner)) {
    error("E0310", initial.span,
          is_lock(*inner) ? fmt::format("lock '{}' has no initial value; it begins free", variable.name)
                          : fmt::format("hand-over '{}' has no initial value: it holds nothing", variable.name));
    return;
  }
  const std::string role = fmt::format("the initial value of '{}'", variable.name);
  if (!initial.any) {
    ExprPtr value = check_as(*initial.value, variable.type, role, variable.span);
    if (require_constant(value, role)) variable.init = std::move(value);
    return;
  }
  if (!is_made_of_scalars(*variable.type)) {
    Diagnostic& diagnostic =
        error("E0313", initial.span,
              fmt::format("'{}' is '{}', which cannot begin as 'any'", variable.name, text(variable.type)));
    diagnostic.notes.push_back("queues and sets begin empty");
    return;
  }
  variable.any = true;
  if (initial.where) variable.where = check_condition(*initial.where, "'where'");
}

void Checker::shape_member(MachineInfo& info, const syntax::Member&, const syntax::Instance& node,
                           std::vector<Member>& out, const Expr*) {
  auto instance = std::make_unique<InstanceDecl>();
  instance->name = node.name.text;
  instance->span = node.name.span;
  InstanceDecl* decl = instance.get();
  const Meaning found = meaning(node.machine, nullptr);
  if (found.machine != nullptr && !found.machine->is_system) {
    decl->machine = found.machine;
  } else if (!found.failed) {
    Diagnostic& diagnostic = error("E0206", node.machine.span,
                                   fmt::format("'{}' is {}, not a machine", node.machine.text(),
                                               found.machine != nullptr       ? "a system"
                                               : found.interface != nullptr   ? "an interface"
                                               : found.enumeration != nullptr ? "an enum"
                                               : found.structure != nullptr   ? "a struct"
                                               : found.function != nullptr    ? "a function"
                                               : found.value                  ? "a value"
                                                                              : "a module"));
    if (found.interface != nullptr) {
      diagnostic.notes.push_back("an instance needs a machine that implements it");
      diagnostic.labels.push_back({found.interface->span, "declared here"});
    }
    if (found.machine != nullptr) diagnostic.labels.push_back({found.machine->span, "declared here"});
  }
  if (node.index) {
    decl->index = index_type(node.index->domain);
    if (node.index->variable) {
      decl->index_variable = new_variable(*node.index->variable, VariableDecl::Kind::Bound, decl->index);
    }
    if (!decl->index) decl->machine = nullptr;
  }
  add_member(info, node.name, decl);
  out.push_back(std::move(instance));
  bodies_.push_back([this, &info, decl, &node] { check_instance(info, *decl, node); });
}

void Checker::check_instance(MachineInfo& info, InstanceDecl& instance, const syntax::Instance& node) {
  if (instance.machine == nullptr) return;
  Environment environment = inside(info);
  environment.no_context = "an argument of an instance";
  environment.cpu_constants = true;
  Within within(*this, environment);
  if (instance.index_variable) declare_local(instance.index_variable.get());
  const MachineDecl& machine = *instance.machine;
  const std::string name = short_name(machine.name);
  const auto matched = match_arguments(node.arguments, machine.parameters, name, "argument", machine.span);
  if (!matched) return;
  std::vector<const VariableDecl*> missing;
  std::vector<bool> wrong(machine.parameters.size(), false);
  const std::optional<Diagnostics> before = findings();
  const syntax::Machine* written = nullptr;
  if (const auto found = machine_syntax_.find(&machine); found != machine_syntax_.end()) written = found->second;
  for (std::size_t i = 0; i < machine.parameters.size(); ++i) {
    const VariableDecl& parameter = *machine.parameters[i];
    if ((*matched)[i] == nullptr) {
      // Whether a default was written, not whether it was right.
      if (written == nullptr || !written->parameters[i].value) missing.push_back(&parameter);
      continue;
    }
    if (!parameter.type) continue;
    const syntax::Expression& value = *(*matched)[i]->value;
    InstanceDecl::Argument argument;
    argument.parameter = &parameter;
    if (parameter.type->kind == Type::Kind::Function) {
      argument.value = function_value(value, parameter);
    } else {
      const std::string role = fmt::format("argument '{}' of '{}'", parameter.name, name);
      argument.value = check_as(value, parameter.type, role, parameter.span);
      wrong[i] = !argument.value;
      if (!require_constant(argument.value, role)) continue;
    }
    wrong[i] = !argument.value;
    if (argument.value) instance.arguments.push_back(std::move(argument));
  }
  explain_swapped(before, *matched, machine.parameters, wrong, source_text(node.machine.span));
  if (!missing.empty()) missing_arguments(missing, name, cover(node.machine.span, node.arguments_span), machine.span);
}

// ------------------------------------------------------------------------ functions, threads, handlers, actions

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Function& node,
                           std::vector<Member>& out, const Expr*) {
  auto function = std::make_unique<FunctionDecl>();
  function->name = node.name.text;
  function->machine = info.decl;
  function->doc = member.doc;
  function->span = node.name.span;
  FunctionDecl* decl = function.get();
  add_member(info, node.name, decl);
  if (node.block) add_labels(info, node.name.text, *node.block);
  out.push_back(std::move(function));
  add_signature(*decl, node, inside(info));
  bodies_.push_back([this, &info, decl, &node] {
    Environment environment = inside(info);
    Within within(*this, environment);
    check_function_body(*decl, node);
  });
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Action& node,
                           std::vector<Member>& out, const Expr*) {
  auto action = std::make_unique<ActionDecl>();
  action->name = node.name.text;
  action->doc = member.doc;
  action->span = node.name.span;
  set_fairness(*action, node.fairness);
  ActionDecl* decl = action.get();
  add_member(info, node.name, decl);
  if (node.block) add_labels(info, node.name.text, *node.block);
  out.push_back(std::move(action));
  bodies_.push_back([this, &info, decl, &node] {
    Environment environment = inside(info);
    environment.no_context = "an action";
    Within within(*this, environment);
    if (node.when) decl->when = check_condition(*node.when, "'when'");
    env().in_action = true;
    env().atomic_body = true;
    BodyFacts& facts = other_facts_[decl];
    facts.name = decl->name;
    current_facts_ = &facts;
    if (node.block) {
      check_body(*node.block, decl->body);
    } else if (ExprPtr done = check(*node.expression, nullptr, true)) {
      // 'action ring = line.fire()': a call and nothing else.
      if (as<CallExpr>(done) != nullptr) {
        const Span span = done->span;
        decl->body.push_back(make_stmt(CallStmt{std::move(done)}, span));
      } else {
        error("E0411", node.expression->span,
              fmt::format("action '{}' would do nothing: '{}' is a value", decl->name,
                          source_text(node.expression->span)));
      }
    }
    current_facts_ = &loose_facts_;
  });
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Handler& node,
                           std::vector<Member>& out, const Expr*) {
  auto handler = std::make_unique<ContextDecl>();
  handler->name = node.name.text;
  handler->is_handler = true;
  handler->urgent = node.urgent;
  handler->doc = member.doc;
  handler->span = node.name.span;
  set_fairness(*handler, node.fairness);
  ContextDecl* decl = handler.get();
  add_member(info, node.name, decl);
  add_labels(info, node.name.text, node.body);
  out.push_back(std::move(handler));
  bodies_.push_back([this, &info, decl, &node] {
    Environment environment = inside(info);
    environment.no_context = "the head of a handler";
    Within within(*this, environment);
    if (node.urgent && !node.on) {
      Diagnostic& diagnostic =
          error("E0411", decl->span,
                fmt::format("urgent handler '{}' needs an 'on': the CPU on which it goes before all else", decl->name));
      diagnostic.notes.push_back(fmt::format("for example 'urgent handler dpc at {} on home when home != null'",
                                             program_->levels.name(program_->levels.pin)));
    }
    decl->level = check_constant(*node.level, simple_type(Type::Kind::Level),
                                 fmt::format("the level of handler '{}'", decl->name));
    if (node.concurrent) {
      decl->concurrent = check_constant(*node.concurrent, int_type(), "the number after 'concurrent'");
      if (decl->concurrent && literal_value(*decl->concurrent).value_or(1) < 1) {
        error("E0311", decl->concurrent->span, "at least one activation must be possible");
      }
    }
    if (node.when) decl->when = check_condition(*node.when, "'when'");
    if (node.on) {
      env().cpu_constants = true;
      const TypePtr cpu = simple_type(Type::Kind::Cpu);
      ExprPtr on = check(*node.on, set_type(cpu));
      env().cpu_constants = false;
      if (on) {
        const Type& type = *on->type;
        const bool fits =
            type.kind == Type::Kind::Cpu || ((type.kind == Type::Kind::Set || type.kind == Type::Kind::Optional) &&
                                             type.element->kind == Type::Kind::Cpu);
        if (fits) {
          decl->on = std::move(on);
        } else {
          error("E0301", on->span,
                fmt::format("what stands after 'on' must be 'Cpu', 'Cpu?' or 'set<Cpu>', but '{}' is '{}'",
                            source_text(on->span), text(on->type)));
        }
      }
    }
    env().no_context.clear();
    BodyFacts& facts = other_facts_[decl];
    facts.name = decl->name;
    current_facts_ = &facts;
    if (node.accept) {
      env().in_accept = true;
      env().atomic_body = true;
      check_body(*node.accept, decl->accept);
      env().in_accept = false;
      env().atomic_body = false;
    }
    check_body(node.body, decl->body);
    current_facts_ = &loose_facts_;
  });
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Thread& node,
                           std::vector<Member>& out, const Expr*) {
  auto thread = std::make_unique<ContextDecl>();
  thread->name = node.name.text;
  thread->doc = member.doc;
  thread->span = node.name.span;
  set_fairness(*thread, node.fairness);
  ContextDecl* decl = thread.get();
  add_member(info, node.name, decl);
  add_labels(info, node.name.text, node.body);
  out.push_back(std::move(thread));
  bodies_.push_back([this, &info, decl, &node] {
    Environment environment = inside(info);
    Within within(*this, environment);
    if (node.level) {
      decl->level = check_constant(*node.level, simple_type(Type::Kind::Level),
                                   fmt::format("the level of thread '{}'", decl->name));
    }
    BodyFacts& facts = other_facts_[decl];
    facts.name = decl->name;
    current_facts_ = &facts;
    check_body(node.body, decl->body);
    current_facts_ = &loose_facts_;
  });
}

// --------------------------------------------------------------------------------------------------- labels

void Checker::add_labels(MachineInfo& info, const std::string& owner, const syntax::Block& block) {
  for (const syntax::StatementPtr& statement : block.statements) {
    for (const syntax::Name& name : statement->labels) {
      const auto existing = info.labels.find(name.text);
      if (existing != info.labels.end()) {
        Diagnostic& diagnostic =
            error("E0202", name.span,
                  fmt::format("label '{}' is already used in '{}'", name.text, short_name(info.decl->name)));
        diagnostic.labels.push_back({existing->second.label->span, "first used here"});
        continue;
      }
      auto label = std::make_unique<LabelDecl>();
      label->name = name.text;
      label->span = name.span;
      info.labels[name.text] = {label.get(), owner};
      program_->labels.push_back(std::move(label));
    }
    std::visit(
        [&](const auto& node) {
          using Node = std::decay_t<decltype(node)>;
          if constexpr (std::is_same_v<Node, syntax::IfStatement>) {
            add_labels(info, owner, node.then);
            if (node.otherwise) add_labels(info, owner, *node.otherwise);
          } else if constexpr (std::is_same_v<Node, syntax::EitherStatement>) {
            for (const syntax::Block& branch : node.branches) add_labels(info, owner, branch);
          } else if constexpr (requires { node.body; }) {
            add_labels(info, owner, node.body);
          }
        },
        statement->kind);
  }
}

// ------------------------------------------------------------------------------------------------ the rest

void Checker::shape_member(MachineInfo& info, const syntax::Member&, const syntax::Busy& node, std::vector<Member>&,
                           const Expr* condition) {
  ExprPtr enabled = condition != nullptr ? clone(*condition) : nullptr;
  // Shared, since a std::function must be copyable.
  auto only_when = std::make_shared<ExprPtr>(std::move(enabled));
  bodies_.push_back([this, &info, &node, only_when] {
    Environment environment = inside(info);
    environment.no_context = "'busy when'";
    Within within(*this, environment);
    ExprPtr busy = check_condition(*node.condition, "'busy when'");
    if (!busy) return;
    if (*only_when) {
      const Span span = busy->span;
      busy = make_expr(BinaryExpr{BinaryOperator::And, std::move(*only_when), std::move(busy)},
                       simple_type(Type::Kind::Bool), span);
    }
    info.decl->busy.push_back(std::move(busy));
  });
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Initially& node,
                           std::vector<Member>& out, const Expr*) {
  auto initially = std::make_unique<ActionDecl>();
  initially->name = "initially";
  initially->initially = true;
  initially->doc = member.doc;
  initially->span = Span{member.span.file, member.span.begin, member.span.begin + 9};
  ActionDecl* decl = initially.get();
  out.push_back(std::move(initially));
  bodies_.push_back([this, &info, decl, &node] {
    Environment environment = inside(info);
    environment.no_context = "'initially'";
    environment.cpu_constants = true;
    Within within(*this, environment);
    env().in_action = true;
    env().atomic_body = true;
    BodyFacts& facts = other_facts_[decl];
    facts.name = decl->name;
    current_facts_ = &facts;
    check_body(node.block, decl->body);
    current_facts_ = &loose_facts_;
  });
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::ConditionalMembers& node,
                           std::vector<Member>& out, const Expr* condition) {
  auto group = std::make_unique<MemberGroup>();
  group->span = node.condition->span;
  group->condition = check_constant(*node.condition, simple_type(Type::Kind::Bool), "the condition of members");
  MemberGroup* decl = group.get();
  out.push_back(std::move(group));
  (void)member;
  const TypePtr boolean = simple_type(Type::Kind::Bool);
  ExprPtr holds = decl->condition ? clone(decl->condition) : make_expr(LiteralExpr{1}, boolean, node.condition->span);
  ExprPtr fails = make_expr(UnaryExpr{UnaryOperator::Not, clone(holds)}, boolean, node.condition->span);
  if (condition != nullptr) {
    holds =
        make_expr(BinaryExpr{BinaryOperator::And, clone(*condition), std::move(holds)}, boolean, node.condition->span);
    fails =
        make_expr(BinaryExpr{BinaryOperator::And, clone(*condition), std::move(fails)}, boolean, node.condition->span);
  }
  shape_members(info, node.then, decl->then_members, holds.get());
  shape_members(info, node.otherwise, decl->else_members, fails.get());
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Cpus& node,
                           std::vector<Member>&, const Expr* condition) {
  if (condition != nullptr) {
    Diagnostic& diagnostic = error("E0507", member.span, "'cpus' cannot stand inside 'if'");
    diagnostic.notes.push_back("put the choice into its number: 'cpus condition ? 2 : 1'");
    return;
  }
  if (info.decl->cpus) {
    Diagnostic& diagnostic = error("E0507", member.span, "'cpus' is given twice");
    diagnostic.labels.push_back({info.decl->cpus->span, "first given here"});
    return;
  }
  info.decl->cpus = check_constant(*node.count, int_type(), "the number of CPUs");
  if (!info.decl->cpus) return;
  if (const auto count = literal_value(*info.decl->cpus); count && (*count < 1 || *count > 4)) {
    error("E0311", node.count->span, fmt::format("a system has 1 to 4 CPUs, not {}", *count));
  }
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Pin& node,
                           std::vector<Member>&, const Expr* condition) {
  if (condition != nullptr) {
    Diagnostic& diagnostic = error("E0507", member.span, "'pin' cannot stand inside 'if'");
    diagnostic.notes.push_back(fmt::format("put the choice into its level: 'pin condition ? {} : {}'",
                                           program_->levels.name(program_->levels.pin),
                                           program_->levels.name(program_->levels.pin - 1)));
    return;
  }
  if (info.decl->pin) {
    Diagnostic& diagnostic = error("E0507", member.span, "'pin' is given twice");
    diagnostic.labels.push_back({info.decl->pin->span, "first given here"});
    return;
  }
  info.decl->pin = check_constant(*node.level, simple_type(Type::Kind::Level), "the pin level");
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Settings& node,
                           std::vector<Member>&, const Expr* condition) {
  if (condition != nullptr) {
    error("E0507", member.span, "'with' cannot stand inside 'if', since it fixes what conditions may ask");
    return;
  }
  info.settings.push_back(&node);
}

}  // namespace quiesce::model::types
