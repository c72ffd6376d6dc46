#include "model/elaborate/context_code.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/system/traverse.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

namespace {
constexpr std::size_t kMaxLocations = 50000;
constexpr int kCallbackDepth = 2;
}  // namespace

ContextCode::ContextCode(Design& design, CodeNotes& notes, InstanceNode* self, const types::ContextDecl& decl,
                         ContextId id)
    : design_(design), notes_(notes), self_(self), context_(id), is_handler_(decl.is_handler) {
  const Context& context = design.system().at(id);
  start_level_ = context.start_level;
  activations_ = context.activations;
  name_ = context.name;
  const ExprId activation = activations_ > 1 ? exprs().add(SelfActivationExpr{}) : ExprId{};
  executor_.context = id;
  executor_.level = Place{context.level_cell, activation};
  executor_.cpu = Place{context.cpu_cell, activation};
  executor_.slot = activations_ > 1 ? exprs().binary(BinaryOp::Add, activation, design.constant(context.first_slot + 1))
                                    : design.constant(context.first_slot + 1);
  executor_.local = [this](const types::VariableDecl* variable) -> const PlaceRef& { return local(variable); };
}

ContextCode::ContextCode(Design& design, CodeNotes& notes, InstanceNode* self, const types::ActionDecl& decl)
    : design_(design),
      notes_(notes),
      self_(self),
      watches_(decl.event != nullptr),
      name_(design.path(self, decl.name)) {}

Expressions ContextCode::expressions() {
  Expressions result(design_, notes_.placeholders, current_->frame, context_ ? &executor_ : nullptr);
  result.judge_lives(!watches_);  // also of what an action does
  return result;
}

ExprId ContextCode::level() { return exprs().load(executor_.level); }

const types::CallExpr* ContextCode::step_call(const types::Expr& expr) {
  if (const auto* wrap = std::get_if<types::WrapExpr>(&expr.node)) return step_call(*wrap->value);
  if (const auto* unwrap = std::get_if<types::UnwrapExpr>(&expr.node)) return step_call(*unwrap->value);
  const auto* call = std::get_if<types::CallExpr>(&expr.node);
  if (call == nullptr) return nullptr;
  if (call->parameter != nullptr || call->function->kind != types::FunctionDecl::Kind::Expression) return call;
  return nullptr;
}

// ------------------------------------------------------------------------------------------- storage

PlaceRef ContextCode::allocate(const void* key, int part, const ValueTypePtr& type, const std::string& name,
                               bool hidden, Span span) {
  const auto id = std::make_tuple(current_->code, current_->frame.self, current_->depth, key, part);
  if (const auto found = storage_.find(id); found != storage_.end()) return found->second;
  PlaceRef place;
  place.type = type;
  std::string prefix = name_;
  if (current_->function) prefix += "/" + design_.system().at(*current_->function).name;
  // Locals of an action exist within its one step only: no story has a use for them.
  for (std::uint32_t a = 0; a < activations_; ++a) {
    const std::string suffix = activations_ > 1 ? fmt::format("#{}", a) : "";
    const VariableId variable =
        design_.new_variable(fmt::format("{}{}/{}", prefix, suffix, name), type, context_, hidden || !context_, span);
    const CellId first = design_.system().at(variable).first;
    place.bases.push_back(first);
    if (!context_) continue;
    auto& cells = design_.system().contexts[context_->value].local_cells[a];
    for (std::uint32_t i = 0; i < cell_count(*type); ++i) cells.push_back(CellId(first.value + i));
  }
  if (activations_ > 1) place.index = exprs().add(SelfActivationExpr{});
  return storage_[id] = place;
}

ValueTypePtr ContextCode::type_of_local(const types::VariableDecl& variable) {
  if (variable.kind == types::VariableDecl::Kind::Local && variable.init != nullptr) {
    if (const types::CallExpr* call = step_call(*variable.init);
        call != nullptr && call->parameter == nullptr && variable.type->kind == types::Type::Kind::Int) {
      Expressions lowering = expressions();  // the bounds of a result are those that the callee sees
      const std::vector<Target> found = targets(lowering, *call, variable.span);
      InstanceNode* self = found.empty() || found[0].object == nullptr ? design_.root() : found[0].object;
      if (call->function->result->lo != nullptr) return design_.lower_type(call->function->result, self, variable.span);
    } else if (variable.type->kind == types::Type::Kind::Int && variable.type->lo == nullptr &&
               !variable.type->all_integers) {
      Expressions lowering = expressions();
      const Domain domain = design_.interval(lowering.scalar(*variable.init));
      auto type = std::make_shared<ValueType>();
      type->kind = Kind::Int;
      type->lo = domain.lo;
      type->hi = domain.hi;
      if (arithmetic(BinaryOp::Subtract, domain, domain).domain.hi > 65536) {
        design_.diagnostics().error(
            "E0625", variable.span,
            fmt::format("'{}' needs a range, as in 'var {}: int 0..10 = ...'", variable.name, variable.name));
        type->lo = 0;
        type->hi = 1;
      }
      return type;
    }
  }
  return design_.lower_type(variable.type, current_->frame.self, variable.span);
}

const PlaceRef& ContextCode::local(const types::VariableDecl* variable) {
  auto& places = current_->frame.places;
  if (const auto found = places.find(variable); found != places.end()) return found->second;
  ValueTypePtr type = type_of_local(*variable);
  if (type == nullptr) type = bool_type();  // reported
  return places[variable] = allocate(variable, 0, type, variable->name, false, variable->span);
}

PlaceRef ContextCode::hidden(const void* key, int part, const ValueTypePtr& type, const char* name, Span span) {
  return allocate(key, part, type, name, true, span);
}

void ContextCode::reset(std::vector<Op>& ops, const PlaceRef& place) {
  const std::vector<std::int64_t> rest = rest_values(*place.type);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    ops.push_back(AssignOp{place.cell(static_cast<std::uint32_t>(i)), design_.constant(rest[i]), true});
  }
}

std::vector<Op> ContextCode::resets_above(std::size_t scopes) {
  std::vector<Op> ops;
  for (std::size_t i = scopes_.size(); i-- > scopes;) {
    for (const PlaceRef& place : scopes_[i]) reset(ops, place);
  }
  return ops;
}

void ContextCode::declare_locals(const std::vector<types::StmtPtr>& body, std::vector<PlaceRef>& scope) {
  for (const types::StmtPtr& stmt : body) {
    if (const auto* declared = std::get_if<types::LocalStmt>(&stmt->node))
      scope.push_back(local(declared->variable.get()));
    if (const auto* chosen = std::get_if<types::ChooseStmt>(&stmt->node))
      scope.push_back(local(chosen->variable.get()));
  }
}

// ------------------------------------------------------------------------------------------- locations

LocationId ContextCode::new_location(Span span) {
  auto& locations = design_.system().locations;
  Location location;
  location.context = *context_;
  location.span = span;
  location.inside = inside_;
  const LocationId id(locations.size());
  if (locations.size() == kMaxLocations) {
    design_.diagnostics().error(
        "E0630", span,
        fmt::format("the inlined program has more than {} statements; calls multiply them", kMaxLocations));
    throw Design::Abandoned{};
  }
  locations.push_back(std::move(location));
  notes_.transparent.push_back(false);
  return id;
}

void ContextCode::set_program(LocationId id, ProgramWriter& writer) {
  Location& location = design_.system().locations[id.value];
  for (const auto& [op, new_level] : writer.lock_checks()) lock_checks_.push_back(LockCheck{id, op, new_level});
  location.program = writer.take();
  location.wait = wait_;
  location.guard = guard_;
  location.lock = wait_lock_;
  location.mergeable = mergeable_ && wait_ == WaitKind::None && !guard_.valid();
  wait_ = WaitKind::None;
  guard_ = ExprId{};
  wait_lock_.reset();
  mergeable_ = true;
}

Next ContextCode::transparent(Next next, std::vector<Op> prefix) {
  const LocationId id = new_location(Span{});
  notes_.transparent[id.value] = true;
  ProgramWriter writer;
  writer.emit(prefix);
  writer.go(next);
  set_program(id, writer);
  return Next{id, {}};
}

void ContextCode::restore(const Position& position) {
  current_ = position.activation;
  scopes_.resize(position.scopes);
  loops_.resize(position.loops);
  inside_.resize(position.inside);
  wait_ = WaitKind::None;
  guard_ = ExprId{};
  wait_lock_.reset();
  mergeable_ = true;
}

CheckOp ContextCode::names_nothing(Span span) {
  return CheckOp{design_.constant(0), design_.rule(rule_name::kNull), span, kNamesNothing};
}

void ContextCode::finish_lock_checks() {
  TransitionSystem& system = design_.system();
  for (const LockCheck& check : lock_checks_) {
    auto& op = std::get<CheckOp>(system.locations[check.location.value].program.ops[check.op]);
    ExprId condition = design_.constant(1);
    for (const std::uint32_t index : locks_used_) {
      const Lock& lock = system.locks[index];
      if (check.new_level.valid() && lock.level < 0) continue;
      ExprId fine = exprs().binary(BinaryOp::NotEqual, exprs().load(lock.holder), executor_.slot);
      if (check.new_level.valid()) {
        fine = exprs().disjunction(
            fine, exprs().binary(BinaryOp::GreaterEqual, check.new_level, design_.constant(lock.level)));
      }
      condition = exprs().conjunction(condition, fine);
    }
    op.condition = condition;
  }
}

void ContextCode::lower_context(const types::ContextDecl& decl) {
  Activation body;
  body.frame.self = self_;
  body.code = &decl;
  current_ = &body;

  // The end is a step of its own: an activation keeps its CPU until then.
  const LocationId end = new_location(decl.span);
  ProgramWriter ending;
  ending.emit(StatementOp{decl.span});
  ending.emit(CheckOp{exprs().equal(level(), design_.constant(start_level_)), design_.rule(rule_name::kLevel),
                      decl.span, fmt::format("'{}' ends at another level than it began with", name_)});
  ending.check_locks(ExprId{}, design_.rule(rule_name::kLock), decl.span,
                     fmt::format("'{}' ends while it holds a lock", name_));
  ending.emit(EndOp{});
  mergeable_ = false;
  set_program(end, ending);
  body.exit = Next{end, {}};

  const Next first = lower_block(decl.body, body.exit);
  if (design_.failed()) return;

  Context& context = design_.system().contexts[context_->value];
  if (!decl.is_handler) {
    const Next entry = first.suffix.empty() ? first : transparent(first, {});
    design_.system().contexts[context_->value].entry = entry.location;
    finish_lock_checks();
    return;
  }
  ProgramWriter start;
  emit_own_life(start, decl.span);
  emit_guard_lives(start, decl.when.get(), decl.on.get());
  step_locals_.clear();
  emit_block(start, decl.accept);
  emit_resets(start);
  start.go(first);
  context.entry = first.location;
  context.start = start.take();
  has_started(context);
  finish_lock_checks();
}

/// In `accept` the activation has its level and CPU and is no longer idle, though it stands nowhere yet.
void ContextCode::has_started(Context& context) {
  ExprRewriter rewriter(exprs(), [&](ExprId, const Expr& expr) -> std::optional<ExprId> {
    const auto* idle = std::get_if<IdleExpr>(&expr);
    return idle != nullptr && idle->context == *context_ ? std::optional(design_.constant(0)) : std::nullopt;
  });
  rewriter.rewrite(context.start);
}

void ContextCode::lower_action(const types::ActionDecl& decl, ActionId id) {
  Activation body;
  body.frame.self = self_;
  body.code = &decl;
  current_ = &body;
  ProgramWriter writer;
  ExprId guard = design_.constant(1);
  if (decl.when != nullptr) {
    Expressions lowering = expressions();
    guard = lowering.unless_it_fails(lowering.scalar(*decl.when), true);
  }
  writer.emit(AssumeOp{guard});
  writer.emit(StatementOp{decl.span});
  emit_own_life(writer, decl.span);
  emit_guard_lives(writer, decl.when.get(), nullptr);
  emit_whole(writer, body, decl.body);
  writer.emit(EndOp{});
  Action& action = design_.system().actions[id.value];
  action.guard = guard;
  action.program = writer.take();
}

void ContextCode::lower_reaction(const types::ActionDecl& decl) {
  Activation body;
  body.frame.self = self_;
  body.code = &decl;
  current_ = &body;
  Reaction reaction;
  reaction.monitor = self_->id;
  Expressions event = expressions();
  reaction.event = event.scalar(*decl.event);
  if (!event.take_faults().empty() || !asks_observers_only(reaction.event)) {
    design_.diagnostics().error(
        "E0612", decl.span,
        "what a monitor watches must be known before the system runs, but this depends on its state");
    return;
  }
  reaction.condition = design_.constant(1);
  if (decl.when != nullptr) {
    Expressions lowering = expressions();
    reaction.condition = lowering.scalar(*decl.when);
    for (Fault& fault : lowering.take_faults()) {
      reaction.checks.push_back(CheckOp{fault.condition, fault.rule, fault.span, std::move(fault.message)});
    }
  }
  ProgramWriter writer;
  writer.emit(StatementOp{decl.span});
  emit_whole(writer, body, decl.body);
  reaction.program = writer.take();
  notes_.reactions.push_back(std::move(reaction));
}

/// Whether `event` reads nothing but cells of observers.
bool ContextCode::asks_observers_only(ExprId event) const {
  const std::vector<Observer>& observers = design_.system().observers;
  bool only = true;
  for_each_expr(design_.exprs(), event, [&](ExprId, const Expr& expr) {
    const auto* load = std::get_if<LoadExpr>(&expr);
    if (load == nullptr) return;
    only = only && std::any_of(observers.begin(), observers.end(),
                               [&](const Observer& one) { return one.cell == load->place.cells.front(); });
  });
  return only;
}

void ContextCode::emit_initially(const types::ActionDecl& decl, ProgramWriter& writer) {
  Activation body;
  body.frame.self = self_;
  body.code = &decl;
  current_ = &body;
  emit_whole(writer, body, decl.body);
}

/// Everything of a body that is one step: its statements, where its returns lead, and the locals of it, which rest.
void ContextCode::emit_whole(ProgramWriter& writer, Activation& body, const std::vector<types::StmtPtr>& statements) {
  step_locals_.clear();
  std::vector<std::size_t> returns;
  body.return_jumps = &returns;
  emit_block(writer, statements);
  for (const std::size_t position : returns) writer.land(position);
  emit_resets(writer);
}

// ---------------------------------------------------------------------------------------- assignments

void ContextCode::assign(ProgramWriter& writer, const PlaceRef& target, const Value& value) {
  PlaceRef place = target;
  const std::size_t count = value.cells.size();
  Value values = value;
  if (count > 1) {  // later cells must not see what earlier ones were given
    if (place.index.valid() && !exprs().is_constant(place.index)) {
      const TempId temp = writer.new_temp();
      writer.emit(LetOp{temp, place.index});
      place.index = exprs().add(TempExpr{temp});
    }
    for (ExprId& cell : values.cells) {
      if (exprs().is_constant(cell)) continue;
      const TempId temp = writer.new_temp();
      writer.emit(LetOp{temp, cell});
      cell = exprs().add(TempExpr{temp});
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    writer.emit(AssignOp{place.cell(static_cast<std::uint32_t>(i)), values.cells[i]});
  }
}

void ContextCode::store(ProgramWriter& writer, Expressions& lowering, const PlaceRef& target, const Value& value,
                        Span span) {
  const TransitionSystem& system = design_.system();
  const Value converted = lowering.wrapped(lowering.convert(value, target.type, span));
  for (std::size_t i = 0; i < converted.cells.size(); ++i) {
    const Domain possible = design_.interval(converted.cells[i]);
    Domain narrow{INT64_MIN, INT64_MAX}, wide{INT64_MAX, INT64_MIN};
    std::vector<std::int64_t> lows, highs;
    for (const CellId base : target.bases) {
      const Cell& cell = system.cells[base.value + i];
      lows.push_back(cell.lo);
      highs.push_back(cell.hi);
      narrow = Domain{std::max(narrow.lo, cell.lo), std::min(narrow.hi, cell.hi)};
      wide = Domain{std::min(wide.lo, cell.lo), std::max(wide.hi, cell.hi)};
    }
    if (possible.lo >= narrow.lo && possible.hi <= narrow.hi) continue;
    const ExprId lo = target.index.valid() ? exprs().add(LookupExpr{lows, target.index}) : design_.constant(lows[0]);
    const ExprId hi = target.index.valid() ? exprs().add(LookupExpr{highs, target.index}) : design_.constant(highs[0]);
    const Cell& first = system.cells[target.bases[0].value + i];
    const std::string& name = first.variable ? system.at(*first.variable).name : first.name;
    lowering.fault_unless(exprs().conjunction(exprs().binary(BinaryOp::GreaterEqual, converted.cells[i], lo),
                                              exprs().binary(BinaryOp::LessEqual, converted.cells[i], hi)),
                          rule_name::kRange, span, fmt::format("'{}' must stay in {}..{}", name, wide.lo, wide.hi));
  }
  writer.check(lowering.take_faults());
  assign(writer, target, converted);
}

// ----------------------------------------------------------------------------------------------- calls

std::vector<ContextCode::Target> ContextCode::targets(Expressions& lowering, const types::CallExpr& call, Span span) {
  std::vector<Target> result;
  if (call.parameter == nullptr && call.function->machine == nullptr && call.function->interface == nullptr) {
    result.push_back(Target{call.function, nullptr, design_.constant(1)});
    return result;
  }
  const std::vector<Expressions::Candidate> nodes = lowering.resolve(call.object.get());
  std::vector<Expressions::Candidate> entered;
  for (const Expressions::Candidate& candidate : nodes) {
    Target target{call.function, candidate.node, candidate.condition};
    if (call.parameter != nullptr) {
      const FunctionValue bound = lowering.bound_function(call.parameter, candidate.node);
      target.function = bound.function;
      target.object = bound.object;
    } else {
      target.function = design_.implementation(call.function, candidate.node);
    }
    if (target.object != nullptr) entered.push_back({target.object, candidate.condition});
    result.push_back(target);
  }
  lowering.require_alive(entered, span);
  return result;
}

bool ContextCode::is_one_step(const types::CallExpr& call, Span span) {
  Expressions probe = expressions();
  const std::vector<Target> found = targets(probe, call, span);
  return std::all_of(found.begin(), found.end(),
                     [](const Target& target) { return target.function->kind != types::FunctionDecl::Kind::Steps; });
}

std::vector<Value> ContextCode::lower_arguments(Expressions& lowering, const types::CallExpr& call,
                                                const Target& target, Span span) {
  InstanceNode* callee = target.object != nullptr ? target.object : design_.root();
  const auto& parameters = target.function->parameters;
  std::vector<Value> result;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const types::Expr& argument = *call.arguments[i];
    const bool wants_type = std::holds_alternative<types::NullExpr>(argument.node) ||
                            std::holds_alternative<types::WrapExpr>(argument.node) ||
                            std::holds_alternative<types::SetExpr>(argument.node);
    ValueTypePtr expected;
    if (wants_type && i < parameters.size()) {
      expected = design_.lower_type(parameters[i]->type, callee, span);
    }
    result.push_back(lowering.lower(argument, expected));
  }
  return result;
}

bool ContextCode::enter(Activation& callee, const Target& target, bool dynamic, ProgramWriter& writer, Span span) {
  callee.code = target.function;
  callee.frame.self = target.object != nullptr ? target.object : design_.root();
  callee.dynamic = dynamic;
  callee.caller = current_;
  callee.scope_base = scopes_.size();
  callee.loop_base = loops_.size();
  callee.function = design_.function(target.function, target.object);
  // Recursion: the same function of the same instance is being executed already.
  bool through_dynamic = dynamic;
  for (const Activation* outer = current_; outer != nullptr; outer = outer->caller) {
    if (outer->code == callee.code && outer->frame.self == callee.frame.self) {
      ++callee.depth;
      if (!through_dynamic) {
        design_.diagnostics().error("E0605", span, fmt::format("'{}' calls itself without end", target.function->name));
        return false;
      }
    }
    through_dynamic = through_dynamic || outer->dynamic;
  }
  if (callee.depth >= kCallbackDepth) {
    writer.emit(CheckOp{design_.constant(0), design_.rule(rule_name::kRecursion), span,
                        fmt::format("'{}' is entered again although {} activations of it are unfinished",
                                    design_.system().at(*callee.function).name, callee.depth)});
    return false;
  }
  return true;
}

bool ContextCode::bind_arguments(ProgramWriter& writer, Expressions& caller, Activation& callee,
                                 const types::FunctionDecl& function, const std::vector<Value>& arguments, Span span) {
  for (std::size_t i = 0; i < function.parameters.size() && i < arguments.size(); ++i) {
    const types::VariableDecl* parameter = function.parameters[i].get();
    const ValueTypePtr type = design_.lower_type(parameter->type, callee.frame.self, parameter->span);
    if (type == nullptr) return false;
    const Value value = caller.wrapped(caller.convert(arguments[i], type, span));
    const bool known =
        std::all_of(value.cells.begin(), value.cells.end(), [&](ExprId cell) { return exprs().is_constant(cell); });
    if (known && !parameter->assigned) {
      caller.require_range(value, parameter->name, span);
      writer.check(caller.take_faults());
      callee.frame.values[parameter] = value;
      continue;
    }
    Activation* saved = current_;
    current_ = &callee;
    const PlaceRef place = allocate(parameter, 0, type, parameter->name, false, parameter->span);
    current_ = saved;
    callee.frame.places[parameter] = place;
    store(writer, caller, place, value, span);
  }
  return true;
}

EnterOp ContextCode::enter_op(Activation& callee, const types::FunctionDecl& function, Span call) {
  EnterOp op;
  op.function = *callee.function;
  op.span = call;
  for (const std::unique_ptr<types::VariableDecl>& parameter : function.parameters) {
    EnterOp::Argument argument;
    argument.name = parameter->name;
    if (const auto known = callee.frame.values.find(parameter.get()); known != callee.frame.values.end()) {
      argument.type = known->second.type;
      argument.cells = known->second.cells;
    } else if (const auto place = callee.frame.places.find(parameter.get()); place != callee.frame.places.end()) {
      argument.type = place->second.type;
      for (std::uint32_t i = 0; i < cell_count(*argument.type); ++i)
        argument.cells.push_back(exprs().load(place->second.cell(i)));
    } else {
      continue;
    }
    op.arguments.push_back(std::move(argument));
  }
  return op;
}

LeaveOp ContextCode::leave_op(FunctionId function, const std::optional<PlaceRef>& result) {
  LeaveOp op;
  op.function = function;
  if (result) {
    op.type = result->type;
    for (std::uint32_t i = 0; i < cell_count(*result->type); ++i) op.result.push_back(exprs().load(result->cell(i)));
  }
  return op;
}

// ----------------------------------------------------------------------------------------------- locks

ContextCode::LockRef ContextCode::lock_of(Expressions& lowering, const types::Expr& expr) {
  LockRef lock;
  lock.place = lowering.place(expr);
  std::vector<std::int64_t> levels;
  for (const CellId base : lock.place.bases) {
    const Lock& found = design_.lock_at(base);
    locks_used_.insert(static_cast<std::uint32_t>(&found - design_.system().locks.data()));
    lock.is_mutex = found.is_mutex;
    levels.push_back(found.level);
    lock.has_level = lock.has_level || found.level >= 0;
  }
  lock.level =
      lock.place.index.valid() ? exprs().add(LookupExpr{levels, lock.place.index}) : design_.constant(levels[0]);
  return lock;
}

}  // namespace quiesce::model
