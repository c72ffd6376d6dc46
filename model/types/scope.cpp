// What names mean: locals first, then members of the machine, declarations of the module's family, enum constants,
// and the constants that belong to the language.
#include <algorithm>

#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {

Span span_of(const MemberSymbol& member) {
  return std::visit([](const auto* decl) { return decl->span; }, member);
}

bool Environment::in_atomic() const {
  return atomic_body || std::find(frames.begin(), frames.end(), Frame::Atomic) != frames.end();
}

MachineInfo* Checker::info_of(const MachineDecl* machine) const {
  const auto found = machines_.find(machine);
  return found == machines_.end() ? nullptr : found->second.get();
}

std::vector<std::string> Checker::visible_families() const {
  std::vector<std::string> families = env().module->used;
  families.push_back(env().module->family);
  return families;
}

bool Checker::is_family_visible(const std::string& name) const {
  const std::vector<std::string> families = visible_families();
  return std::find(families.begin(), families.end(), name) != families.end() && families_.contains(name);
}

// ---------------------------------------------------------------------------------------------- look-up

std::optional<Meaning> Checker::meaning_of_member(const MachineInfo& info, const std::string& name, ExprPtr object,
                                                  Span span) {
  Meaning result;
  const auto found = info.members.find(name);
  if (found == info.members.end()) {
    for (const MachineDecl::Implementation& implementation : info.decl->implements) {
      for (const auto& function : implementation.interface->functions) {
        if (function->name != name) continue;
        result.function = function.get();
        result.object = std::move(object);
        return result;
      }
    }
    return std::nullopt;
  }
  if (VariableDecl* const* variable = std::get_if<VariableDecl*>(&found->second)) {
    if (pending_.contains(*variable)) ensure_value(*variable);
    if (!(*variable)->type) return Meaning::error();
    if ((*variable)->type->kind == Type::Kind::Function) {
      result.function_parameter = *variable;
      result.object = std::move(object);
    } else {
      result.value = make_expr(VariableExpr{*variable, std::move(object)}, (*variable)->type, span);
    }
  } else if (InstanceDecl* const* instance = std::get_if<InstanceDecl*>(&found->second)) {
    if ((*instance)->machine == nullptr) return Meaning::error();
    result.value = make_expr(InstanceExpr{*instance, std::move(object), nullptr}, ref_type((*instance)->machine), span);
  } else {
    result.object = std::move(object);
    if (FunctionDecl* const* function = std::get_if<FunctionDecl*>(&found->second)) result.function = *function;
    if (ContextDecl* const* context = std::get_if<ContextDecl*>(&found->second)) result.context = *context;
    if (ActionDecl* const* action = std::get_if<ActionDecl*>(&found->second)) result.action = *action;
  }
  return result;
}

Meaning Checker::meaning_of_symbol(const Declared& declared, Span span) {
  Meaning result;
  if (EnumDecl* const* enumeration = std::get_if<EnumDecl*>(&declared.symbol)) result.enumeration = *enumeration;
  if (StructDecl* const* structure = std::get_if<StructDecl*>(&declared.symbol)) result.structure = *structure;
  if (InterfaceDecl* const* interface = std::get_if<InterfaceDecl*>(&declared.symbol)) result.interface = *interface;
  if (FunctionDecl* const* function = std::get_if<FunctionDecl*>(&declared.symbol)) result.function = *function;
  if (MachineDecl* const* machine = std::get_if<MachineDecl*>(&declared.symbol)) result.machine = *machine;
  if (VariableDecl* const* variable = std::get_if<VariableDecl*>(&declared.symbol)) {
    ensure_value(*variable);
    if (!(*variable)->type) return Meaning::error();
    result.value = make_expr(VariableExpr{*variable, nullptr}, (*variable)->type, span);
  }
  return result;
}

std::optional<Meaning> Checker::meaning_of_constant(const std::string& name, Span span, const TypePtr& expected,
                                                    const std::vector<std::string>& families) {
  std::vector<EnumConstant> candidates;
  for (const std::string& family : families) {
    const auto of_family = families_.find(family);
    if (of_family == families_.end()) continue;
    const auto found = of_family->second.constants.find(name);
    if (found == of_family->second.constants.end()) continue;
    candidates.insert(candidates.end(), found->second.begin(), found->second.end());
  }
  if (candidates.empty()) return std::nullopt;
  const EnumConstant* chosen = candidates.size() == 1 ? &candidates.front() : nullptr;
  const Type* wanted = expected.get();
  if (wanted != nullptr && wanted->kind == Type::Kind::Optional) wanted = wanted->element.get();
  if (wanted != nullptr && wanted->kind == Type::Kind::Enum) {
    for (const EnumConstant& candidate : candidates) {
      if (candidate.enumeration == wanted->enumeration) chosen = &candidate;
    }
  }
  if (chosen == nullptr) {
    // Those of the own family hide the others.
    const std::string own = env().module->family + ".";
    int own_count = 0;
    for (const EnumConstant& candidate : candidates) {
      if (!candidate.enumeration->name.starts_with(own)) continue;
      ++own_count;
      chosen = &candidate;
    }
    if (own_count != 1) chosen = nullptr;
  }
  if (chosen == nullptr) {
    Diagnostic& diagnostic = error("E0204", span, fmt::format("'{}' may mean several values", name));
    for (const EnumConstant& candidate : candidates) {
      diagnostic.labels.push_back(
          {candidate.span, fmt::format("'{}.{}'", short_name(candidate.enumeration->name), name)});
    }
    diagnostic.notes.push_back(fmt::format("write '{}.{}'", short_name(candidates.front().enumeration->name), name));
    return Meaning::error();
  }
  Meaning result;
  result.value =
      make_expr(LiteralExpr{static_cast<std::int64_t>(chosen->position)}, enum_type(chosen->enumeration), span);
  return result;
}

std::optional<Meaning> Checker::meaning_of_used_enum(const std::string& name) {
  Meaning result;
  for (const std::string& family : visible_families()) {
    const auto of_family = families_.find(family);
    if (of_family == families_.end()) continue;
    const auto found = of_family->second.declared.find(name);
    if (found == of_family->second.declared.end()) continue;
    if (EnumDecl* const* enumeration = std::get_if<EnumDecl*>(&found->second.symbol)) {
      if (result.enumeration != nullptr) return std::nullopt;  // of several families: it must be qualified
      result.enumeration = *enumeration;
    }
  }
  return result.enumeration != nullptr ? std::optional<Meaning>(std::move(result)) : std::nullopt;
}

std::optional<Meaning> Checker::meaning_of_builtin(const std::string& name, Span span) const {
  const std::optional<std::int64_t> level = program_->levels.level(name);
  if (!level) return std::nullopt;
  Meaning result;
  result.value = make_expr(LiteralExpr{*level}, simple_type(Type::Kind::Level), span);
  return result;
}

std::optional<Meaning> Checker::meaning_of_name(const syntax::Name& name, const TypePtr& expected) {
  for (auto local = env().locals.rbegin(); local != env().locals.rend(); ++local) {
    if ((*local)->name != name.text) continue;
    if (!(*local)->type) return Meaning::error();
    Meaning result;
    result.value = make_expr(VariableExpr{*local, nullptr}, (*local)->type, name.span);
    return result;
  }
  if (env().machine != nullptr && !env().machine_scope_is_constant) {
    if (auto member = meaning_of_member(*env().machine, name.text, nullptr, name.span)) return member;
  }
  if (env().interface != nullptr) {
    for (const auto& function : env().interface->functions) {
      if (function->name != name.text) continue;
      Meaning result;
      result.function = function.get();
      return result;
    }
  }
  const Family& family = families_[env().module->family];
  if (const auto found = family.declared.find(name.text); found != family.declared.end()) {
    return meaning_of_symbol(found->second, name.span);
  }
  if (auto constant = meaning_of_constant(name.text, name.span, expected, visible_families())) return constant;
  if (auto enumeration = meaning_of_used_enum(name.text)) return enumeration;
  if (auto builtin = meaning_of_builtin(name.text, name.span)) return builtin;
  if (is_family_visible(name.text)) {
    Meaning result;
    result.family = name.text;
    return result;
  }
  return std::nullopt;
}

// --------------------------------------------------------------------------------------- qualified names

Meaning Checker::meaning(const syntax::Expression& expression, const TypePtr& expected) {
  if (const auto* name = std::get_if<syntax::NameExpression>(&expression.kind)) {
    if (auto found = meaning_of_name(name->name, expected)) return std::move(*found);
    return unknown(name->name, "name");
  }
  if (const auto* access = std::get_if<syntax::FieldAccess>(&expression.kind)) {
    return part_of(meaning(*access->object, nullptr), access->name, expression.span, expected);
  }
  Meaning result;
  result.value = check(expression, expected);
  if (!result.value) return Meaning::error();
  return result;
}

Meaning Checker::meaning(const syntax::QualifiedName& name, const TypePtr& expected) {
  std::optional<Meaning> found = meaning_of_name(name.parts.front(), name.parts.size() == 1 ? expected : nullptr);
  if (!found) return unknown(name.parts.front(), name.parts.size() == 1 ? "name" : "module or name");
  Meaning result = std::move(*found);
  for (std::size_t i = 1; i < name.parts.size(); ++i) {
    result = part_of(std::move(result), name.parts[i], cover(name.span, name.parts[i].span), expected);
  }
  return result;
}

Meaning Checker::part_of(Meaning head, const syntax::Name& name, Span span, const TypePtr& expected) {
  if (head.failed) return head;
  if (head.value) return part_of_value(std::move(head.value), name, span);
  if (!head.family.empty()) {
    const Family& family = families_.at(head.family);
    const std::string module = head.module.empty() ? "" : head.family + "." + head.module;
    if (const auto found = family.declared.find(name.text);
        found != family.declared.end() && (module.empty() || found->second.module == module)) {
      return meaning_of_symbol(found->second, span);
    }
    if (head.module.empty()) {
      if (auto constant = meaning_of_constant(name.text, span, expected, {head.family})) return std::move(*constant);
      if (family.modules.contains(head.family + "." + name.text)) {
        head.module = name.text;
        return head;
      }
    }
    Diagnostic& diagnostic =
        error("E0201", name.span,
              fmt::format("module '{}' declares no '{}'", module.empty() ? head.family : module, name.text));
    explain_foreign_name(diagnostic, name.text, true);
    if (!diagnostic.notes.empty()) return Meaning::error();
    std::vector<std::string> candidates;
    for (const auto& [candidate, declared] : family.declared) {
      if (module.empty() || declared.module == module) candidates.push_back(candidate);
    }
    for (const auto& [candidate, constants] : family.constants) candidates.push_back(candidate);
    did_you_mean(diagnostic, name.text, candidates);
    if (diagnostic.notes.empty()) explain_foreign_name(diagnostic, name.text, false);
    if (diagnostic.notes.empty()) name_those_with(name.text, candidates, "there is", diagnostic);
    if (diagnostic.notes.empty() && std::ranges::binary_search(loaded_.available, head.family)) {
      diagnostic.notes.push_back(fmt::format("'quiesce doc {}' lists what it declares", head.family));
    }
    return Meaning::error();
  }
  if (head.enumeration != nullptr) {
    const auto& values = head.enumeration->values;
    const auto found = std::find(values.begin(), values.end(), name.text);
    if (found == values.end()) {
      Diagnostic& diagnostic =
          error("E0205", name.span,
                fmt::format("enum '{}' has no value '{}'", short_name(head.enumeration->name), name.text));
      diagnostic.labels.push_back({head.enumeration->span, "declared here"});
      did_you_mean(diagnostic, name.text, values);
      return Meaning::error();
    }
    Meaning result;
    result.value = make_expr(LiteralExpr{found - values.begin()}, enum_type(head.enumeration), span);
    return result;
  }
  if (head.machine != nullptr) {
    Diagnostic& diagnostic = error("E0205", name.span,
                                   fmt::format("'{}' is a machine, not an instance: it has no '{}' of its own",
                                               short_name(head.machine->name), name.text));
    diagnostic.notes.push_back("name an instance, or quantify: 'exists x: " + short_name(head.machine->name) +
                               ": ...'");
    return Meaning::error();
  }
  error("E0205", name.span,
        fmt::format("there is no '{}' in '{}'", name.text,
                    source_text(Span{span.file, span.begin, name.span.begin > 0 ? name.span.begin - 1 : 0})));
  return Meaning::error();
}

namespace {

/// 'int 0..capacity'.
TypePtr length_type(const std::shared_ptr<const Expr>& capacity, Span span) {
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::Int;
  type->lo = int_literal(0, span);
  type->hi = capacity;
  return type;
}

}  // namespace

Meaning Checker::part_of_value(ExprPtr value, const syntax::Name& name, Span span) {
  if (const auto* instance = std::get_if<InstanceExpr>(&value->node);
      instance != nullptr && instance->instance->index && !instance->index) {
    Diagnostic& diagnostic = error("E0317", value->span,
                                   fmt::format("'{}' is an array of instances; choose one with '{}[...]'",
                                               source_text(value->span), source_text(value->span)));
    diagnostic.labels.push_back({instance->instance->span, "declared here"});
    return Meaning::error();
  }
  if (value->type->kind == Type::Kind::Optional) value = unwrapped(std::move(value));
  const Type& type = *value->type;
  const auto no_such = [&](const std::string& what, const std::vector<std::string>& candidates, Span declared,
                           const MachineDecl* machine = nullptr) {
    Diagnostic& diagnostic = error("E0205", name.span, fmt::format("{} has no '{}'", what, name.text));
    if (declared.valid()) diagnostic.labels.push_back({declared, "declared here"});
    did_you_mean(diagnostic, name.text, candidates);
    if (machine != nullptr) name_functions_on(*machine, name.text, diagnostic);
    return Meaning::error();
  };
  Meaning result;
  if (type.kind == Type::Kind::Ref && type.machine != nullptr) {
    const MachineDecl* machine = type.machine;
    if (!may_ask(*machine, span)) return Meaning::error();
    if (auto member = meaning_of_member(*info_of(machine), name.text, std::move(value), span))
      return std::move(*member);
    std::vector<std::string> candidates;
    for (const auto& [candidate, symbol] : info_of(machine)->members) candidates.push_back(candidate);
    return no_such(fmt::format("machine '{}'", short_name(machine->name)), candidates, machine->span, machine);
  }
  if (type.kind == Type::Kind::Ref) {
    std::vector<std::string> candidates;
    for (const auto& function : type.interface->functions) {
      candidates.push_back(function->name);
      if (function->name != name.text) continue;
      result.function = function.get();
      result.object = std::move(value);
      return result;
    }
    return no_such(fmt::format("interface '{}'", short_name(type.interface->name)), candidates, type.interface->span);
  }
  if (type.kind == Type::Kind::Struct) {
    std::vector<std::string> candidates;
    for (std::size_t i = 0; i < type.structure->fields.size(); ++i) {
      const VariableDecl& field = *type.structure->fields[i];
      candidates.push_back(field.name);
      if (field.name != name.text) continue;
      if (!field.type) return Meaning::error();
      result.value = make_expr(FieldExpr{std::move(value), static_cast<std::uint32_t>(i)}, field.type, span);
      return result;
    }
    return no_such(fmt::format("struct '{}'", short_name(type.structure->name)), candidates, type.structure->span);
  }
  if (type.kind == Type::Kind::Queue || type.kind == Type::Kind::Set) {
    const bool queue = type.kind == Type::Kind::Queue;
    const TypePtr element = type.element;
    static const std::map<std::string, CollectionChange> kQueueChanges = {{"push", CollectionChange::Push},
                                                                          {"pop", CollectionChange::Pop},
                                                                          {"remove", CollectionChange::Remove},
                                                                          {"clear", CollectionChange::Clear}};
    static const std::map<std::string, CollectionChange> kSetChanges = {
        {"add", CollectionChange::Add}, {"remove", CollectionChange::Remove}, {"clear", CollectionChange::Clear}};
    static const std::map<std::string, CollectionQuery> kQueueQueries = {{"empty", CollectionQuery::Empty},
                                                                         {"full", CollectionQuery::Full},
                                                                         {"length", CollectionQuery::Length},
                                                                         {"first", CollectionQuery::First},
                                                                         {"last", CollectionQuery::Last}};
    static const std::map<std::string, CollectionQuery> kSetQueries = {{"empty", CollectionQuery::Empty},
                                                                       {"size", CollectionQuery::Length}};
    const auto& changes = queue ? kQueueChanges : kSetChanges;
    const auto& queries = queue ? kQueueQueries : kSetQueries;
    if (const auto change = changes.find(name.text); change != changes.end()) {
      result.change = change->second;
      result.object = std::move(value);
      return result;
    }
    if (const auto query = queries.find(name.text); query != queries.end()) {
      TypePtr of_query = simple_type(Type::Kind::Bool);
      if (query->second == CollectionQuery::First || query->second == CollectionQuery::Last) of_query = element;
      if (query->second == CollectionQuery::Length) of_query = queue ? length_type(type.capacity, span) : int_type();
      result.value = make_expr(CollectionExpr{query->second, std::move(value), nullptr}, of_query, span);
      return result;
    }
    std::vector<std::string> candidates;
    for (const auto& [candidate, change] : changes) candidates.push_back(candidate);
    for (const auto& [candidate, query] : queries) candidates.push_back(candidate);
    return no_such(queue ? "a queue" : "a set", candidates, {});
  }
  if (is_lock(type)) {
    // A lock is asked like a queue with room for one holder: 'held' is Full, 'mine' is First, the one that executes.
    if (name.text != "held" && name.text != "mine") return no_such("a lock", {"held", "mine"}, {});
    const bool mine = name.text == "mine";
    if (mine && !env().no_context.empty()) {
      error("E0411", span,
            fmt::format("'.mine' asks about the context that executes, but none executes {}", env().no_context));
      return Meaning::error();
    }
    if (mine) needs_context(span);
    const CollectionQuery query = mine ? CollectionQuery::First : CollectionQuery::Full;
    result.value = make_expr(CollectionExpr{query, std::move(value), nullptr}, simple_type(Type::Kind::Bool), span);
    return result;
  }
  return no_such(fmt::format("'{}' is '{}', which", source_text(value->span), text(value->type)), {}, {});
}

// ----------------------------------------------------------------------------------------------- shadowing

void Checker::check_shadowing(const std::string& name, Span span, bool is_member) {
  const auto report = [&](Span hidden, const char* what) {
    Diagnostic& diagnostic = error("E0203", span, fmt::format("'{}' would hide {} of the same name", name, what));
    diagnostic.labels.push_back({hidden, "declared here"});
    diagnostic.notes.push_back("choose another name");
  };
  if (!is_member) {
    for (const VariableDecl* local : env().locals) {
      if (local->name == name) return report(local->span, "a variable");
    }
    if (env().machine != nullptr) {
      const auto member = env().machine->members.find(name);
      if (member != env().machine->members.end()) return report(span_of(member->second), "a member of the machine");
    }
  }
  const Family& family = families_[env().module->family];
  const auto found = family.declared.find(name);
  if (found != family.declared.end() && std::holds_alternative<VariableDecl*>(found->second.symbol)) {
    report(found->second.span, "a constant");
  }
}

bool Checker::declare_local(VariableDecl* variable) {
  const std::size_t before = diagnostics_.error_count();
  check_shadowing(variable->name, variable->span, false);
  env().locals.push_back(variable);
  return diagnostics_.error_count() == before;
}

// --------------------------------------------------------------------------------------------------- rules

RuleDecl* Checker::rule_named(const std::string& name) const {
  const auto found = rules_.find(name);
  return found == rules_.end() ? nullptr : found->second;
}

std::vector<std::string> Checker::rule_names() const {
  std::vector<std::string> names;
  for (const auto& [name, rule] : rules_) names.push_back(name);
  return names;
}

RuleDecl* Checker::find_rule(const syntax::QualifiedName& name) {
  const std::string full = name.text();
  if (RuleDecl* rule = rule_named(full)) return rule;
  if (RuleDecl* rule = rule_named(env().module->family + "." + full)) return rule;
  // "both_passed" or "events.both_passed" for "events.TwoWaiters.both_passed": the machine may be left out.
  const std::string& family = name.parts.size() > 1 ? name.parts.front().text : env().module->family;
  std::vector<RuleDecl*> matches;
  for (const auto& [candidate, rule] : rules_) {
    const std::string short_full = name.parts.size() > 1 ? full.substr(family.size()) : "." + full;
    if (candidate.starts_with(family + ".") && candidate.ends_with(short_full)) matches.push_back(rule);
  }
  if (matches.size() == 1) return matches.front();
  if (matches.size() > 1) {
    Diagnostic& diagnostic = error("E0504", name.span, fmt::format("'{}' may mean several rules", full));
    for (const RuleDecl* rule : matches) diagnostic.labels.push_back({rule->span, fmt::format("'{}'", rule->name)});
    diagnostic.notes.push_back(fmt::format("write '{}'", matches.front()->name));
    return nullptr;
  }
  Diagnostic& diagnostic = error("E0504", name.span, fmt::format("there is no rule '{}'", full));
  std::vector<std::string> names = rule_names();
  did_you_mean(diagnostic, full, names);
  if (diagnostic.notes.empty()) did_you_mean(diagnostic, env().module->family + "." + full, names);
  if (diagnostic.notes.empty()) diagnostic.notes.push_back(fmt::format("declare it with 'rule {} {{ ... }}'", full));
  return nullptr;
}

}  // namespace quiesce::model::types
