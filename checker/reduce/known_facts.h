// What is known of the state at a place in a program: conditions that were passed, and what the core rules say in the
// light of them. Internal to this folder.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "checker/reduce/number_map.h"
#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// A claim about the state: an expression is true, or two are equal, or not.
struct Literal {
  bool is_equation = false;
  model::ExprId a, b;  // b only for equations; a < b
  bool holds = true;

  bool same_claim(const Literal& other) const {
    return is_equation == other.is_equation && a == other.a && b == other.b;
  }
};

struct Facts {
  std::vector<Literal> known;
  model::CellSet written;                    // cells assigned so far in the step: core rules say nothing about them
  std::map<model::CellId, NumberMap> holds;  // what cells that name something were given in the step
  bool clauses = false;                      // the state is one that steps leave, so that core rules hold in it
  bool propagated = false;
  std::set<std::pair<model::ExprId, std::int64_t>> excluded;  // numbers that expressions do not have, beside `known`
};

/// Whether `wanted` is among the facts.
bool is_known(const Facts& facts, const Literal& wanted);

Literal equation(model::ExprId a, model::ExprId b, bool holds);

/// Adds and draws conclusions. Knows the core rules' properties that were proven so far.
class Knowledge {
 public:
  /// `system` must outlive this.
  explicit Knowledge(const model::TransitionSystem& system) : s_(system) {}

  /// Of any state, and of one that steps leave.
  Facts nothing() const { return {{}, model::CellSet(s_.cells.size()), {}, false, false, {}}; }
  Facts of_states() const { return {{}, model::CellSet(s_.cells.size()), {}, true, false, {}}; }

  /// From now on `property`, of a core rule, holds in states that steps leave.
  void add_core_property(const model::Property& property);
  /// Whether core rules say something about `expr`.
  bool is_subject(model::ExprId expr) const { return subjects_.count(expr) > 0; }

  void assume(Facts& facts, model::ExprId expr, bool holds) const;
  /// Adds what the core rules say in the light of what is known.
  void propagate(Facts& facts);
  /// After an assignment to `place`, and to a scratch register.
  void forget_cells(Facts& facts, const model::Place& place) const;
  void forget_temp(Facts& facts, model::TempId temp) const;

  /// Whether `expr` is known not to be `number`.
  bool is_excluded(const Facts& facts, model::ExprId expr, std::int64_t number) const;
  /// Whether the condition `expr` is known to be true, or false.
  std::optional<bool> value_of(const Facts& facts, model::ExprId expr) const;

  std::uint64_t work() const { return work_; }

 private:
  /// A core rule's property, as literals of which one is true.
  struct Clause {
    std::vector<Literal> literals;
    model::CellSet reads;
  };

  void flatten(model::ExprId expr, bool holds, std::vector<Literal>& literals) const;
  Literal literal_of(model::ExprId expr, bool holds) const;
  void assume_way(Facts& facts, const model::ConditionalExpr& choice, bool holds) const;
  void conclude(Facts& facts) const;
  bool is_refuted(const Facts& facts, const Literal& literal) const;
  bool mentions(model::ExprId expr, model::TempId temp) const;

  const model::TransitionSystem& s_;
  std::vector<Clause> clauses_;
  std::set<model::ExprId> subjects_;
  std::uint64_t work_ = 0;
};

}  // namespace quiesce::checker
