// The lives of objects: `init` and `free`, what stands in an object, and what guards look at (see context_code.h).
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/elaborate/any_values.h"
#include "model/elaborate/context_code.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;

// What stands in an object uses it when it starts or takes place.
void ContextCode::emit_own_life(ProgramWriter& writer, Span span) {
  const InstanceNode* object = self_->enclosing_object();
  if (object == nullptr) return;
  const ExprId life = exprs().load(*design_.system().at(object->id).life);
  const std::string& path = design_.system().at(object->id).path;
  writer.emit(CheckOp{exprs().not_equal(life, design_.constant(0)), design_.rule(rule_name::kUsedBeforeInit), span,
                      fmt::format("'{}' runs before '{}' is initialised", name_, path)});
  writer.emit(CheckOp{exprs().not_equal(life, design_.constant(2)), design_.rule(rule_name::kUsedAfterFree), span,
                      fmt::format("'{}' runs after '{}' was freed", name_, path)});
}

// What a guard used counts in the step that it lets happen (semantics 4.9). What fails in it is a property of the
// state.
void ContextCode::emit_guard_lives(ProgramWriter& writer, const types::Expr* when, const types::Expr* on) {
  Frame frame{self_, {}, {}};
  Expressions lowering(design_, notes_.placeholders, frame, nullptr);
  lowering.judge_lives(true);
  if (when != nullptr) lowering.scalar(*when);
  if (on != nullptr) lowering.lower(*on);
  std::vector<Fault> faults = lowering.take_faults();
  std::erase_if(faults, [&](const Fault& fault) { return design_.system().at(fault.rule).core; });
  writer.check(std::move(faults));
}

void ContextCode::emit_initial(ProgramWriter& writer, InstanceNode* node) {
  for (const types::VariableDecl* decl : node->variable_order) {
    const PlaceRef& place = node->variables.at(decl);
    if (decl->any) {
      emit_any(writer, node, *decl);
    } else if (decl->init != nullptr) {
      Frame frame{node, {}, {}};
      Expressions lowering(design_, notes_.placeholders, frame, nullptr);
      store(writer, lowering, place, lowering.lower(*decl->init, place.type), decl->span);
    } else {
      std::vector<Op> ops;
      reset(ops, place);
      writer.emit(ops);
    }
  }
  for (InstanceNode* child : node->child_order) emit_initial(writer, child);
}

/// Each part of the condition is judged as soon as all that it reads is chosen.
void ContextCode::emit_any(ProgramWriter& writer, InstanceNode* node, const types::VariableDecl& decl) {
  const PlaceRef& place = node->variables.at(&decl);
  const std::uint32_t count = cell_count(*place.type);
  const std::vector<AnyCell> cells = any_cells(design_, *place.type, place.bases[0], decl.span);
  if (design_.failed()) return;
  std::vector<std::vector<ExprId>> wanted(count + 1);  // after so many cells
  std::vector<Fault> faults;
  if (decl.where != nullptr) {
    Frame frame{node, {}, {}};
    Expressions lowering(design_, notes_.placeholders, frame, nullptr);
    lowering.judge_lives(true);
    const ExprId where = lowering.scalar(*decl.where);
    faults = lowering.take_faults();
    if (faults.empty()) {
      for (const ExprId part : conjuncts_of(exprs(), where)) {
        wanted[cells_read(exprs(), part, place.bases[0], count)].push_back(part);
      }
    } else {
      wanted[count].push_back(where);
    }
  }
  for (const ExprId part : wanted[0]) writer.emit(AssumeOp{part});
  for (std::uint32_t i = 0; i < count; ++i) {
    const TempId temp = writer.new_temp();
    writer.emit(ChooseOp{temp, cells[i].lo, cells[i].hi, !cells[i].is_cpu, decl.name, nullptr});
    writer.emit(AssignOp{place.cell(i), exprs().add(TempExpr{temp})});
    if (cells[i].possible.valid()) writer.emit(AssumeOp{cells[i].possible});
    if (i + 1 == count) writer.check(std::move(faults));
    for (const ExprId part : wanted[i + 1]) writer.emit(AssumeOp{part});
  }
}

/// Whether a `busy when` of the object or of something in it holds. Faults of these conditions go to `faults`.
ExprId ContextCode::says_busy(Expressions& faults, InstanceNode* node) {
  ExprId result = design_.constant(0);
  Frame frame{node, {}, {}};
  for (const types::ExprPtr& busy : node->machine->busy) {
    Expressions lowering(design_, notes_.placeholders, frame, nullptr);
    result = exprs().disjunction(result, lowering.scalar(*busy));
    for (Fault& fault : lowering.take_faults()) faults.add_fault(std::move(fault));
  }
  for (InstanceNode* child : node->child_order) result = exprs().disjunction(result, says_busy(faults, child));
  return result;
}

void ContextCode::emit_life(ProgramWriter& writer, const types::Expr& object, bool begin, Span span) {
  Expressions lowering = expressions();
  const std::vector<Expressions::Candidate> nodes = lowering.resolve(&object);
  writer.check(lowering.take_faults());
  std::vector<std::size_t> joins;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    InstanceNode* node = nodes[i].node;
    const bool last = i + 1 == nodes.size();
    std::size_t past = 0;
    if (!last) past = writer.branch(nodes[i].condition);
    const CellId life = *design_.system().at(node->id).life;
    const ExprId now = exprs().load(life);
    const std::string& path = design_.system().at(node->id).path;
    if (begin) {
      writer.emit(CheckOp{exprs().binary(BinaryOp::NotEqual, now, design_.constant(1)),
                          design_.rule(rule_name::kInitialisedTwice), span,
                          fmt::format("'{}' is alive already", path)});
      emit_initial(writer, node);
    } else {
      writer.emit(CheckOp{exprs().equal(now, design_.constant(1)), design_.rule(rule_name::kFreedTwice), span,
                          fmt::format("'{}' is freed while it is not alive", path)});
      for (const Activation* own = current_; own != nullptr && context_; own = own->caller) {
        if (own->frame.self->inside(node)) design_.note_own_free(node, *context_);
      }
      Placeholder in_use{Placeholder::Kind::InUse, nullptr, node, context_};
      const ExprId live = exprs().equal(now, design_.constant(1));
      ExprId used = lowering.placeholder(in_use);
      lowering.under(live, [&] {
        used = exprs().disjunction(used, says_busy(lowering, node));
        return 0;
      });
      writer.check(lowering.take_faults());
      const ExprId busy = exprs().conjunction(live, used);
      writer.emit(
          CheckOp{exprs().negation(busy), design_.rule(rule_name::kFreedInUse), span,
                  fmt::format("'{}' is freed while something in it is held, running, waited for or busy", path)});
    }
    writer.emit(AssignOp{Place{{life}, ExprId{}}, design_.constant(begin ? 1 : 2)});
    if (!last) {
      joins.push_back(writer.jump());
      writer.land(past);
    }
  }
  for (const std::size_t position : joins) writer.land(position);
}

}  // namespace quiesce::model
