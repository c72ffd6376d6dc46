// When two programs do corresponding things in corresponding states (symmetry.h). Internal to this folder.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "checker/reduce/expression_correspondence.h"
#include "checker/reduce/instance_renaming.h"
#include "checker/reduce/known_facts.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Walks two programs together, from every pair of places that some state can bring them to. A branch that both have is
/// taken by both; else one of them takes a branch alone: the first program both ways, the second one where what is
/// known decides it. So the cases of a test for one instance after the other may stand in another order. Checks that
/// stand side by side may do so too, when they are of one core rule, or of no core rule: which of them fail is the
/// same. And so may assignments side by side of which none touches what another one writes.
class Programs {
 public:
  /// All must outlive this.
  Programs(const model::TransitionSystem& system, const NamingTable& table, const InstanceRenaming& renaming,
           Knowledge& knowledge, Expressions& expressions)
      : s_(system), table_(table), r_(renaming), knowledge_(knowledge), expressions_(expressions) {}

  /// Whether `b` does in the renamed state what `a` does in a state of which `facts` are known. If that is not proven,
  /// `span` becomes where the statement stands that was in the way, when there is one.
  bool correspond(const model::Program& a, const model::Program& b, const Facts& facts, model::Span& span);

  /// Whether a cell can hold a number.
  bool is_possible(model::CellId cell, std::int64_t number) const;

 private:
  /// What is known where the two stand.
  struct Point {
    std::vector<std::optional<NumberMap>> temps;
    Facts facts;
    std::set<model::RuleId> passed;  // of which both have passed a check
  };
  /// One of the two programs: its operations without those that are there for stories.
  struct Side {
    const model::Program* program = nullptr;
    std::vector<std::size_t> positions;

    const model::Op& op(std::size_t i) const { return program->ops[positions[i]]; }
    std::size_t target(std::uint32_t op) const;
  };
  using Place = std::tuple<std::size_t, std::size_t, std::size_t>;  // sum, first, second: jumps lead forward

  static Side side_of(const model::Program& program);
  bool step(std::size_t i, std::size_t j, const Point& here);
  bool assignment(const model::AssignOp& a, const model::AssignOp& b, const Facts& facts);
  bool assignments(std::size_t i, std::size_t j, const Point& here);
  std::size_t independent_assignments(const Side& side, std::size_t i) const;
  void note_assignment(const model::AssignOp& assign, const std::optional<NumberMap>& given, Facts& facts);
  bool checks(std::size_t i, std::size_t j, const Point& here);
  bool is_repeated(const model::CheckOp& check, const Point& here) const;
  std::optional<NumberMap> choice(const model::ChooseOp& op) const;
  void go(std::size_t i, std::size_t j, const Point& point);
  void go_assuming(std::size_t i, std::size_t j, const Point& point, model::ExprId condition, bool holds);
  static void join(Point& into, const Point& from);

  const model::TransitionSystem& s_;
  const NamingTable& table_;
  const InstanceRenaming& r_;
  Knowledge& knowledge_;
  Expressions& expressions_;
  Side a_, b_;                   // the programs at hand
  std::map<Place, Point> open_;  // where they stand, not yet looked at
};

}  // namespace quiesce::checker
