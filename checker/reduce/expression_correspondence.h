// When two expressions correspond under a renaming, and under which map of numbers (symmetry.h). Internal to this
// folder.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checker/reduce/instance_renaming.h"
#include "checker/reduce/known_facts.h"
#include "checker/reduce/number_map.h"
#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Compares expressions. In all functions the second expression (or place) is the counterpart: what stands there in the
/// renamed state. The facts are about the state.
class Expressions {
 public:
  /// All must outlive this.
  Expressions(const model::TransitionSystem& system, const NamingTable& table, const InstanceRenaming& renaming,
              Knowledge& knowledge);

  /// The map under which `b` corresponds to `a`; none when they are not known to correspond.
  std::optional<NumberMap> infer(model::ExprId a, model::ExprId b, const Facts& facts);
  /// Whether the two correspond and have the same number.
  bool same(model::ExprId a, model::ExprId b, const Facts& facts);
  /// Whether one is true exactly when the other is.
  bool truth(model::ExprId a, model::ExprId b, const Facts& facts);
  /// Whether two conjunctions (disjunctions) correspond, operand by operand in any order. What is proven of some
  /// operands may be used for the others: where one of those proven before is false (true), both sides are decided.
  bool junction(const std::vector<model::ExprId>& a, const std::vector<model::ExprId>& b, bool conjunction,
                Facts& facts);

  /// The cells that a place can be, each with the one that its counterpart then is; none when that is not its image.
  std::optional<std::vector<std::pair<model::CellId, model::CellId>>> candidates(const model::Place& a,
                                                                                 const model::Place& b,
                                                                                 const Facts& facts);
  std::optional<NumberMap> place_image(const model::Place& a, const model::Place& b, const Facts& facts);

  /// Nothing in it is renamed, so that it has the same value in the renamed state.
  bool is_untouched(model::ExprId expr);

  /// Whether the condition `b` of the counterpart is true, or false, as far as the facts decide it.
  std::optional<bool> decide(model::ExprId b, const Facts& facts);

  /// Whose program is at hand, null for none; and the maps of its scratch registers.
  void set_context(const model::Context* context) { context_ = context; }
  void set_temps(const std::vector<std::optional<NumberMap>>* temps) { temps_ = temps; }

 private:
  bool narrow(Facts& facts, model::ExprId b, bool holds);
  std::optional<NumberMap> restricted(model::ExprId expr, std::optional<NumberMap> image, const Facts& facts);
  std::optional<NumberMap> binary(model::ExprId a, const model::BinaryExpr& e, model::ExprId b,
                                  const model::BinaryExpr& other, const Facts& facts);
  void operands(model::ExprId expr, model::BinaryOp op, std::vector<model::ExprId>& result) const;
  bool is_comparison(model::ExprId a, model::ExprId a2, model::ExprId b, model::ExprId b2, const Facts& facts);
  std::optional<NumberMap> arithmetic(model::BinaryOp op, model::ExprId a, model::ExprId a2, model::ExprId b,
                                      model::ExprId b2, const Facts& facts);
  NumberMap cell_image(model::CellId cell) const;
  bool is_renamed(std::size_t cell) const;
  bool is_never_null(const model::Place& place) const;

  const model::TransitionSystem& s_;
  const NamingTable& table_;
  const InstanceRenaming& r_;
  Knowledge& knowledge_;
  model::CellSet moved_;  // cells that move or whose numbers are renamed
  std::unordered_map<model::ExprId, bool> untouched_;
  const model::Context* context_ = nullptr;
  const std::vector<std::optional<NumberMap>>* temps_ = nullptr;
  std::uint64_t work_ = 0;
};

}  // namespace quiesce::checker
