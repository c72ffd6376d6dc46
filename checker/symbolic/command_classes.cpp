#include "checker/symbolic/command_classes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "checker/sat/solver.h"
#include "checker/symbolic/clauses.h"
#include "model/base/patience.h"

namespace quiesce::checker {
namespace {

using model::ExprId;

/// The number that the formula wants `cell` to hold: a part `cell == number` of its conjunction; none found: none.
std::optional<std::int64_t> wanted_number(const model::TransitionSystem& system, ExprId formula, model::CellId cell) {
  const auto* binary = std::get_if<model::BinaryExpr>(&system.at(formula));
  if (binary == nullptr) return std::nullopt;
  if (binary->op == model::BinaryOp::And) {
    const auto left = wanted_number(system, binary->left, cell);
    return left ? left : wanted_number(system, binary->right, cell);
  }
  if (binary->op != model::BinaryOp::Equal) return std::nullopt;
  for (const auto& [one, other] : {std::pair(binary->left, binary->right), std::pair(binary->right, binary->left)}) {
    const auto* load = std::get_if<model::LoadExpr>(&system.at(one));
    std::int64_t number = 0;
    if (load != nullptr && load->place.cells.front() == cell && system.expressions.is_constant(other, &number))
      return number;
  }
  return std::nullopt;
}

/// Commands of one group exclude those of the other groups of the same taker.
struct Group {
  std::tuple<bool, std::uint32_t, std::uint32_t> taker;  // a context with an activation, or an action
  std::optional<std::int64_t> place;                     // none: not known, or of an action
};

Group group_of(const model::GuardedSystem& guarded, const model::GuardedCommand& command) {
  const model::Actor& actor = command.step.actor;
  if (actor.kind == model::Actor::Kind::Act) return {{true, actor.index, 0}, 0};
  const model::CellId place = guarded.system.contexts[actor.index].location_cell[actor.activation];
  return {{false, actor.index, actor.activation}, wanted_number(guarded.system, command.guard, place)};
}

class Classes {
 public:
  Classes(const model::GuardedSystem& guarded, const Circuit& circuit, const std::vector<Signal>& guards,
          Signal assumed)
      : guarded_(guarded), guards_(guards), copy_(circuit, solver_) {
    solver_.add({copy_.literal(assumed)});
  }

  std::vector<std::size_t> all() {
    std::vector<std::size_t> result;
    for (std::size_t c = 0; c < guards_.size(); ++c) {
      result.push_back(class_of(c));
    }
    return result;
  }

 private:
  struct Class {
    Group first;
    std::vector<std::pair<std::optional<std::int64_t>, std::size_t>> members;  // with their places
  };

  std::size_t class_of(std::size_t command) {
    const Group group = group_of(guarded_, guarded_.commands[command]);
    std::vector<std::size_t>& of_taker = of_taker_[group.taker];
    for (const std::size_t candidate : of_taker) {
      if (fits(classes_[candidate], group, command)) {
        classes_[candidate].members.emplace_back(group.place, command);
        return candidate;
      }
    }
    of_taker.push_back(classes_.size());
    classes_.push_back({group, {{group.place, command}}});
    return classes_.size() - 1;
  }

  /// Whether the command excludes all members: one question for all that may stand where it does.
  bool fits(const Class& one, const Group& group, std::size_t command) {
    std::vector<int> guards;
    for (const auto& [place, member] : one.members) {
      const bool elsewhere = place && group.place && *place != *group.place;
      if (!elsewhere) guards.push_back(copy_.literal(guards_[member]));
    }
    if (guards.empty()) return true;
    model::ask_patience();
    solver_.assume(copy_.literal(guards_[command]));
    solver_.constrain(guards);
    return solver_.solve() == SatSolver::Answer::Unsatisfiable;
  }

  const model::GuardedSystem& guarded_;
  const std::vector<Signal>& guards_;
  SatSolver solver_;
  CircuitCopy copy_;
  std::map<std::tuple<bool, std::uint32_t, std::uint32_t>, std::vector<std::size_t>> of_taker_;
  std::vector<Class> classes_;
};

}  // namespace

std::vector<std::size_t> command_classes(const model::GuardedSystem& guarded, const Circuit& circuit,
                                         const std::vector<Signal>& guards, Signal assumed) {
  return Classes(guarded, circuit, guards, assumed).all();
}

}  // namespace quiesce::checker
