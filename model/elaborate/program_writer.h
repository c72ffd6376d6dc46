// Writing programs: the small tools that lowering of statements uses.
#pragma once

#include <utility>
#include <vector>

#include "model/elaborate/expressions.h"
#include "model/system/jumps.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Where a step continues, and what it still does on its way there (resetting locals whose scope it leaves).
struct Next {
  LocationId location;
  std::vector<Op> suffix;
};

/// `ops` before what `next` does on its way.
inline Next after(std::vector<Op> ops, const Next& next) {
  ops.insert(ops.end(), next.suffix.begin(), next.suffix.end());
  return Next{next.location, std::move(ops)};
}

/// Appends operations to one program and patches its forward jumps.
class ProgramWriter {
 public:
  void emit(Op op) { program_.ops.push_back(std::move(op)); }
  void emit(const std::vector<Op>& ops) { program_.ops.insert(program_.ops.end(), ops.begin(), ops.end()); }

  /// Goes on when `condition` holds; otherwise continues where land() is called with the result.
  std::size_t branch(ExprId condition) {
    emit(BranchOp{condition, 0});
    return program_.ops.size() - 1;
  }
  std::size_t jump() {
    emit(JumpOp{0});
    return program_.ops.size() - 1;
  }
  /// The branch or jump at `position` leads to the next operation emitted.
  void land(std::size_t position) {
    const auto here = static_cast<std::uint32_t>(program_.ops.size());
    if (std::uint32_t* target = target_of(program_.ops[position])) *target = here;
  }
  TempId new_temp() { return TempId(program_.temps++); }

  void go(const Next& next) {
    emit(next.suffix);
    emit(GotoOp{next.location});
  }
  /// The faults of an expression, as checks.
  void check(std::vector<Fault> faults) {
    for (Fault& fault : faults) emit(CheckOp{fault.condition, fault.rule, fault.span, std::move(fault.message)});
  }
  /// A check about the locks that the context holds, written when all its code is known: that it holds no spin lock of
  /// a level above `new_level` or, without one, no lock at all.
  void check_locks(ExprId new_level, RuleId rule, Span span, std::string message) {
    lock_checks_.emplace_back(program_.ops.size(), new_level);
    emit(CheckOp{ExprId{}, rule, span, std::move(message)});
  }

  std::size_t size() const { return program_.ops.size(); }
  Program take() { return std::move(program_); }
  const std::vector<std::pair<std::size_t, ExprId>>& lock_checks() const { return lock_checks_; }

 private:
  Program program_;
  std::vector<std::pair<std::size_t, ExprId>> lock_checks_;
};

/// What a monitor does when something happens.
struct Reaction {
  InstanceId monitor;
  ExprId event;                 // asks the cells of observers
  std::vector<CheckOp> checks;  // what fails in the condition
  ExprId condition;             // `when`
  Program program;              // what it does then; without Goto and End
};

/// Where a program gives or takes (`give`, `take`). In the program stand, in this order: a Let of the index where the
/// hand-over is chosen at run time; of `give`, a Let of each number that is handed over; an Assume of the scratch
/// register `kFirstMarker` + position of the site; of `take`, a Let of 0 for each number that it receives.
/// `join_steps` (joint_steps.h) makes steps of them.
struct HandOverSite {
  bool gives = false;
  std::vector<CellId> cells;  // the candidates; the index picks one
  bool is_indexed = false;
  std::uint32_t width = 0;  // numbers handed over; of `take`: those that are received
  Span span;
};
inline constexpr std::uint32_t kFirstMarker = 0x40000000;

/// What lowering of code leaves to complete(): locations that take no step, truths about locations.
struct CodeNotes {
  std::vector<bool> transparent;           // per location: its program is a prefix of the next location's
  std::vector<LocationId> may_lack_steps;  // heads of endless loops in which constants took steps away
  std::vector<Placeholder> placeholders;
  std::vector<Reaction> reactions;  // those of one monitor together, in the order of the text
  std::vector<HandOverSite> hand_overs;
};

}  // namespace quiesce::model
