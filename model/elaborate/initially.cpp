#include "model/elaborate/initially.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/base/overloaded.h"
#include "model/elaborate/context_code.h"
#include "model/system/traverse.h"

namespace quiesce::model {

namespace {

/// Executes a program without gotos, in the order of its operations, with each operation guarded by the condition under
/// which it is reached: numbers that are known now are folded, all others become initial assignments.
class Execution {
 public:
  Execution(Design& design, Program program)
      : design_(design),
        system_(design.system()),
        table_(design.exprs()),
        program_(std::move(program)),
        known_(system_.cells.size()),
        reached_(program_.ops.size() + 1, table_.constant(0)),
        temps_(program_.temps) {
    for (std::size_t i = 0; i < known_.size(); ++i) known_[i] = system_.cells[i].rest;
    for (const InitialAssign& assign : system_.initial) {
      std::int64_t number = 0;
      const bool fixed = assign.value.valid() && table_.is_constant(assign.value, &number);
      known_[assign.cell.value] = fixed ? std::optional(number) : std::nullopt;
    }
  }

  void run() {
    keep_conditions();
    reached_[0] = table_.constant(1);
    for (at_ = 0; at_ < program_.ops.size() && !design_.failed(); ++at_) {
      std::int64_t number = 0;
      if (table_.is_constant(reached_[at_], &number) && number == 0) continue;
      std::visit([this](const auto& op) { execute(op); }, program_.ops[at_]);
    }
    for (const CellId cell : scratch_) set(cell, table_.constant(system_.at(cell).rest));
  }

 private:
  /// `any where` was judged before: what it reads may be written now.
  void keep_conditions() {
    std::set<std::uint32_t> written;
    for (const Op& op : program_.ops) {
      if (const auto* assign = std::get_if<AssignOp>(&op)) {
        for (const CellId cell : assign->place.cells) written.insert(cell.value);
      }
    }
    for (ExprId& condition : system_.initial_conditions) {
      if (!reads(condition, [&](CellId cell) { return written.count(cell.value) > 0; })) continue;
      condition = table_.load(remember("where", condition, Domain{0, 1}));
    }
  }

  template <typename Is>
  bool reads(ExprId expr, const Is& is) const {
    bool found = false;
    for_each_expr(table_, expr, [&](ExprId, const Expr& node) {
      const auto* load = std::get_if<LoadExpr>(&node);
      found = found || (load != nullptr && std::any_of(load->place.cells.begin(), load->place.cells.end(), is));
    });
    return found;
  }

  // What an expression of the program means now.
  ExprId now(ExprId expr) {
    ExprRewriter rewriter(table_, [this](ExprId, const Expr& node) -> std::optional<ExprId> {
      if (const auto* temp = std::get_if<TempExpr>(&node)) return temps_[temp->temp.value];
      const auto* load = std::get_if<LoadExpr>(&node);
      if (load == nullptr) return std::nullopt;
      return load_now(load->place);
    });
    return rewriter(expr);
  }

  std::optional<ExprId> load_now(const Place& place) {
    Place found = place;
    if (place.index.valid()) {
      found.index = now(place.index);
      found = table_.simplified(found);
    }
    if (found.index.valid() || found.cells[0].value >= known_.size() || !known_[found.cells[0].value]) {
      return table_.load(found);
    }
    return table_.constant(*known_[found.cells[0].value]);
  }

  /// A new hidden cell that holds `value` from now on.
  CellId remember(const char* what, ExprId value, Domain domain) {
    auto type = std::make_shared<ValueType>();
    type->kind = ValueType::Kind::Int;
    type->lo = std::min<std::int64_t>(domain.lo, 0);
    type->hi = std::max<std::int64_t>(domain.hi, 0);
    const VariableId variable =
        design_.new_variable(fmt::format("initially/{} {}", what, ++hidden_), type, std::nullopt, true, span_);
    const CellId cell = system_.at(variable).first;
    known_.resize(system_.cells.size());
    if (value.valid()) system_.initial.push_back(InitialAssign{cell, value, 0, 0});
    return cell;
  }

  /// `value` where it can be told now, else the content of a hidden cell that holds it.
  ExprId frozen(const char* what, ExprId value) {
    if (table_.is_constant(value)) return value;
    const Domain domain = design_.interval(value);
    if (domain.lo < -2147483647 || domain.hi > 2147483646) {
      design_.diagnostics().error("E0632", span_, "'initially' cannot calculate with numbers beyond 32 bits here");
      return table_.constant(0);
    }
    scratch_.push_back(remember(what, value, domain));
    return table_.load(scratch_.back());
  }

  void set(CellId cell, ExprId value) {
    std::int64_t number = 0;
    const bool fixed = table_.is_constant(value, &number);
    known_[cell.value] = fixed ? std::optional(number) : std::nullopt;
    if (fixed && replace_constant(cell, value)) return;
    system_.initial.push_back(InitialAssign{cell, value, 0, 0});
  }

  /// Puts `value` where the cell has its only initial value, a constant that nothing reads.
  bool replace_constant(CellId cell, ExprId value) {
    InitialAssign* only = nullptr;
    for (InitialAssign& assign : system_.initial) {
      if (assign.value.valid() && reads(assign.value, [&](CellId read) { return read == cell; })) return false;
      if (assign.cell != cell) continue;
      if (only != nullptr || !table_.is_constant(assign.value)) return false;
      only = &assign;
    }
    if (only == nullptr) return false;
    only->value = value;
    return true;
  }

  ExprId here() const { return reached_[at_]; }
  void reach(std::size_t position, ExprId condition) {
    reached_[position] = table_.disjunction(reached_[position], condition);
  }
  void pass() { reach(at_ + 1, here()); }

  void execute(const AssignOp& op) {
    const ExprId value = now(op.value);
    Place place = op.place;
    if (place.index.valid()) {
      place.index = now(place.index);
      place = table_.simplified(place);
    }
    if (place.index.valid()) place.index = frozen("index", place.index);
    for (std::size_t i = 0; i < place.cells.size(); ++i) {
      ExprId written = here();
      if (place.index.valid()) {
        const ExprId chosen = table_.equal(place.index, table_.constant(static_cast<std::int64_t>(i)));
        written = table_.conjunction(written, chosen);
      }
      const CellId cell = place.cells[i];
      const ExprId before = known_[cell.value] ? table_.constant(*known_[cell.value]) : table_.load(cell);
      const ExprId after = table_.conditional(written, value, before);
      if (after != before) set(cell, after);
    }
    pass();
  }
  void execute(const LetOp& op) {
    temps_[op.temp.value] = frozen("value", now(op.value));
    pass();
  }
  void execute(const ChooseOp& op) {
    const CellId cell = remember("choice", {}, Domain{op.lo, op.hi});
    system_.initial.push_back(InitialAssign{cell, {}, op.lo, op.hi});
    const ExprId chosen = table_.conditional(here(), table_.load(cell), table_.constant(op.lo));
    if (chosen != table_.load(cell)) system_.initial.push_back(InitialAssign{cell, chosen, 0, 0});
    scratch_.push_back(cell);
    temps_[op.temp.value] = table_.load(cell);
    pass();
  }
  void execute(const BranchOp& op) {
    const ExprId taken = frozen("test", now(op.condition));
    reach(at_ + 1, table_.conjunction(here(), taken));
    reach(op.otherwise, table_.conjunction(here(), table_.negation(taken)));
  }
  void execute(const JumpOp& op) { reach(op.target, here()); }
  void execute(const CheckOp& op) {
    const ExprId fails = table_.conjunction(here(), table_.negation(now(op.condition)));
    std::int64_t number = 0;
    if (table_.is_constant(fails, &number) && number == 0) return pass();
    const CellId broken = remember("broken", table_.conditional(fails, table_.constant(1), table_.constant(0)), {0, 1});
    Property property;
    property.kind = PropertyKind::Invariant;
    property.rule = op.rule;
    property.condition = table_.negation(table_.load(broken));
    property.span = op.span;
    property.message = op.message;
    system_.properties.push_back(std::move(property));
    if (!system_.at(op.rule).core) return pass();
    reach(at_ + 1, table_.conjunction(here(), table_.negation(table_.load(broken))));  // else nothing follows
  }
  void execute(const AssumeOp& op) {
    const ExprId holds = table_.disjunction(table_.negation(here()), now(op.condition));
    std::int64_t number = 0;
    if (!table_.is_constant(holds, &number) || number == 0) {
      system_.initial_conditions.push_back(table_.load(remember("possible", holds, Domain{0, 1})));
    }
    pass();
  }
  void execute(const StatementOp& op) {
    span_ = op.span;
    pass();
  }
  void execute(const EnterOp&) { pass(); }
  void execute(const LeaveOp&) { pass(); }
  void execute(const GotoOp&) {}
  void execute(const EndOp&) {}

  Design& design_;
  TransitionSystem& system_;
  ExprTable& table_;
  const Program program_;
  std::vector<std::optional<std::int64_t>> known_;  // by cell: what it holds for certain
  std::vector<ExprId> reached_;                     // by position; reads hidden cells only, which stay as they are
  std::vector<ExprId> temps_;
  std::vector<CellId> scratch_;  // hidden cells that rest in the end
  std::size_t at_ = 0;
  int hidden_ = 0;
  Span span_;
};

void emit(Design& design, CodeNotes& notes, InstanceNode* node, ProgramWriter& writer) {
  for (InstanceNode* child : node->child_order) emit(design, notes, child, writer);
  for (const types::ActionDecl* decl : node->initially_order) {
    if (design.failed()) return;
    ContextCode(design, notes, node, *decl).emit_initially(*decl, writer);
  }
}

}  // namespace

void lower_initially(Design& design, CodeNotes& notes) {
  ProgramWriter writer;
  emit(design, notes, design.root(), writer);
  if (writer.size() == 0 || design.failed()) return;
  writer.emit(EndOp{});
  Execution(design, writer.take()).run();
}

}  // namespace quiesce::model
