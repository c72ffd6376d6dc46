#include "model/system/observer.h"

#include <variant>

namespace quiesce::model {
namespace {

/// Whether what is returned is what the observer waits for; their types have the same shape and perhaps other bounds.
ExprId is_result(ExprTable& table, const Observer& observer, const LeaveOp& leave) {
  if (!observer.result_type) return table.constant(1);
  std::int64_t wanted = observer.result;
  if (leave.type->kind == ValueType::Kind::Optional) {
    const std::int64_t null_here = null_value(*leave.type->element);
    const bool wants_null = wanted == null_value(*observer.result_type->element);
    if (!wants_null && wanted == null_here) return table.constant(0);  // no value of the type that is returned
    if (wants_null) wanted = null_here;
  }
  return table.equal(leave.result.at(0), table.constant(wanted));
}

}  // namespace

std::optional<ExprId> happens_at(ExprTable& table, const Observer& observer, const Op& op) {
  if (const auto* enter = std::get_if<EnterOp>(&op)) {
    if (observer.event == Observer::Event::Called && observer.function == enter->function) return table.constant(1);
  } else if (const auto* leave = std::get_if<LeaveOp>(&op)) {
    if (observer.event == Observer::Event::Returned && observer.function == leave->function) {
      return is_result(table, observer, *leave);
    }
  }
  return std::nullopt;
}

bool happens_at_start(const Observer& observer, ContextId started) {
  return observer.event == Observer::Event::Accepted && observer.context == started;
}

}  // namespace quiesce::model
