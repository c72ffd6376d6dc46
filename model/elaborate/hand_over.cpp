// `give` and `take` (see context_code.h; docs/semantics.md, 4.11). What the other side does in the step is put in place by
// joint_steps.cpp, when the code of all contexts is known.
#include <fmt/format.h>

#include "model/elaborate/context_code.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;

ExprId ContextCode::marker_of(std::size_t site) {
  return exprs().add(TempExpr{TempId(kFirstMarker + static_cast<std::uint32_t>(site))});
}

Next ContextCode::lower_hand_over(const types::Stmt& stmt, Next next) {
  const LocationId id = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  step_locals_.clear();
  const std::vector<Fault> faults = emit_hand_over(writer, stmt);
  emit_resets(writer);
  writer.go(next);
  wait_ = WaitKind::Await;
  guard_ = may_go_on(is_met(), faults, WaitKind::Await);
  set_program(id, writer);
  return Next{id, {}};
}

/// After the code of an atomic block: what it waits for when it begins with a hand-over, or with an `await` before one.
void ContextCode::waits_for_hand_over(const types::AtomicStmt& node) {
  const auto hands_over = [&](std::size_t i) {
    return i < node.body.size() && (std::holds_alternative<types::GiveStmt>(node.body[i]->node) ||
                                    std::holds_alternative<types::TakeStmt>(node.body[i]->node));
  };
  if (hands_over(0)) {
    wait_ = WaitKind::Await;
    guard_ = exprs().disjunction(is_met(), is_pinned_level());
  } else if (wait_ == WaitKind::Await && hands_over(1)) {
    guard_ = exprs().conjunction(guard_, exprs().disjunction(is_met(), is_pinned_level()));
  }
}

/// What can go wrong before the other side comes, which was put into the program as checks.
std::vector<Fault> ContextCode::emit_hand_over(ProgramWriter& writer, const types::Stmt& stmt) {
  mergeable_ = false;
  writer.emit(CheckOp{exprs().binary(BinaryOp::Less, level(), design_.constant(design_.pin_level())),
                      design_.rule(rule_name::kWaitAtPinnedLevel), stmt.span,
                      "a hand-over may have to wait, which is impossible at this level"});
  if (const auto* give = std::get_if<types::GiveStmt>(&stmt.node)) return emit_give(writer, *give, stmt.span);
  return emit_take(writer, std::get<types::TakeStmt>(stmt.node), stmt.span);
}

std::vector<Fault> ContextCode::emit_give(ProgramWriter& writer, const types::GiveStmt& node, Span span) {
  Expressions lowering = expressions();
  const PlaceRef place = lowering.place(*node.handover);
  std::vector<Fault> faults = lowering.take_faults();
  writer.check(faults);
  std::vector<ExprId> numbers;
  if (node.value != nullptr) numbers = given_numbers(writer, node, place.type->element, span, faults);
  HandOverSite site{true, place.bases, false, static_cast<std::uint32_t>(numbers.size()), span};
  emit_index(writer, site, place);
  for (const ExprId number : numbers) writer.emit(LetOp{writer.new_temp(), number});
  writer.emit(AssumeOp{marker_of(notes_.hand_overs.size())});
  notes_.hand_overs.push_back(std::move(site));
  return faults;
}

/// The numbers of what is given, judged as if it were stored in a variable of `type`.
std::vector<ExprId> ContextCode::given_numbers(ProgramWriter& writer, const types::GiveStmt& node,
                                               const ValueTypePtr& type, Span span, std::vector<Fault>& faults) {
  Expressions lowering = expressions();
  if (!is_scalar(*type)) {
    const PlaceRef given = hidden(&node, 9, type, "what is handed over", span);
    store(writer, lowering, given, lowering.lower(*node.value, type), span);
    step_locals_.push_back(given);
    return lowering.load(given).cells;
  }
  const Value value = lowering.wrapped(lowering.lower_as(*node.value, type));
  const Domain possible = design_.interval(value.cells[0]);
  const Domain wanted = domain_of(*type);
  if (possible.lo < wanted.lo || possible.hi > wanted.hi) {
    lowering.fault_unless(
        exprs().conjunction(exprs().binary(BinaryOp::GreaterEqual, value.cells[0], design_.constant(wanted.lo)),
                            exprs().binary(BinaryOp::LessEqual, value.cells[0], design_.constant(wanted.hi))),
        rule_name::kRange, span, fmt::format("what is handed over must stay in {}..{}", wanted.lo, wanted.hi));
  }
  const std::vector<Fault> found = lowering.take_faults();
  writer.check(found);
  faults.insert(faults.end(), found.begin(), found.end());
  return value.cells;
}

std::vector<Fault> ContextCode::emit_take(ProgramWriter& writer, const types::TakeStmt& node, Span span) {
  Expressions lowering = expressions();
  const PlaceRef place = lowering.place(*node.handover);
  std::vector<Fault> faults = lowering.take_faults();
  writer.check(faults);
  HandOverSite site{false, place.bases, false, 0, span};
  emit_index(writer, site, place);
  writer.emit(AssumeOp{marker_of(notes_.hand_overs.size())});
  Value received{place.type->element, {}};
  if (node.target != nullptr) {
    site.width = cell_count(*received.type);
    for (std::uint32_t i = 0; i < site.width; ++i) {
      const TempId temp = writer.new_temp();
      writer.emit(LetOp{temp, design_.constant(0)});
      received.cells.push_back(exprs().add(TempExpr{temp}));
    }
  }
  notes_.hand_overs.push_back(std::move(site));
  if (node.target != nullptr) {
    Expressions storing = expressions();
    const PlaceRef target = storing.place(*node.target);
    store(writer, storing, target, received, span);
  }
  return faults;
}

/// Which of the candidates is meant, in a scratch register, where that is known only at run time.
void ContextCode::emit_index(ProgramWriter& writer, HandOverSite& site, const PlaceRef& place) {
  site.is_indexed = place.index.valid() && place.bases.size() > 1;
  if (site.is_indexed) writer.emit(LetOp{writer.new_temp(), place.index});
}

}  // namespace quiesce::model
