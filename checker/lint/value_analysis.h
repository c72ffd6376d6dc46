// Which values the cells of a system can hold: a cheap inductive invariant, found with Z3 for `quiesce lint`.
//
// For each cell the set of its values, whatever the rest of the state; and for the cells that one context alone writes
// (its level, its locals, variables that are its own in effect), the set at each location of that context. All sets are
// one least fixpoint: values of initial states, of states that some runs reach, then for each command the question
// whether it can make a value that is not in its set yet. So the sets contain all values of reachable states, and more:
// what they exclude is certain, what they allow is not. Sets of more than 16 values are given up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "checker/result/search_control.h"
#include "checker/smt/solver.h"
#include "checker/smt/system_terms.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// The values of a cell; none: any of its domain.
using ValueSet = std::optional<std::set<std::int64_t>>;

/// Values that exclude something, for telling why.
struct ValueFact {
  model::CellId cell;
  std::set<std::int64_t> values;
};

class ValueAnalysis {
 public:
  /// Finds the sets. All must outlive this.
  ValueAnalysis(const model::GuardedSystem& guarded, const SearchControl& control);

  /// Whether the sets are what they should be: else a limit came first, and nothing may be asked.
  bool is_complete() const { return complete_; }

  /// Whether the sets allow that the command is taken, with `also` true; nothing when Z3 does not know.
  std::optional<bool> may_happen(std::size_t command, std::optional<Term> also = {});
  /// Whether they allow that a formula over the state is true.
  std::optional<bool> may_be_true(model::ExprId formula, Term term);

  /// After an answer that was false: the values that exclude it. Empty: the place of the context is never reached, or
  /// nothing but the ranges of variables is needed.
  std::vector<ValueFact> reason() const;

  const SystemTerms& terms() const { return terms_; }

 private:
  static constexpr std::size_t kNoSlot = SIZE_MAX;

  struct Place {
    std::size_t slot = kNoSlot;  // of the activation that takes a command; kNoSlot: an action
    std::int64_t location = -1;  // where it stands before; -1: anywhere
    bool operator<(const Place& other) const {
      return std::pair(slot, location) < std::pair(other.slot, other.location);
    }
  };
  struct OwnValues {
    std::map<std::size_t, ValueSet> cells;
    std::size_t changed = 0;
  };
  struct Command {
    Place from;
    std::optional<Place> to;           // where it stands afterwards; none: an action
    std::vector<std::size_t> support;  // cells that guard and updates mention
    std::size_t asked = 0;             // the sets that it was asked about last were of this time
  };

  void find_writers();
  Command described(const model::GuardedCommand& command) const;
  std::vector<std::size_t> cells_in(const std::vector<model::ExprId>& formulas) const;
  void give_up_places();
  std::int64_t location_before(const model::GuardedCommand& command, std::size_t location_cell) const;
  void seed();
  void add(const model::State& state);
  bool insert(ValueSet& set, std::int64_t value);
  void find();
  bool explore(std::size_t number);
  bool is_reached(const Place& place) const;
  bool changed_since(const Command& command) const;
  const ValueSet& before(const Command& command, std::size_t cell) const;
  std::optional<Term> within(Term term, const ValueSet& set);
  std::vector<Term> assumed(const Command& command);
  std::optional<Term> something_new(std::size_t number);
  void add_model(std::size_t number);
  std::optional<bool> answer(const std::vector<Term>& question);

  const model::GuardedSystem& guarded_;
  Solver solver_;
  SystemTerms terms_;
  std::vector<std::size_t> owner_;          // by cell: the slot that alone writes it, or kNoSlot
  std::vector<std::size_t> location_cell_;  // by slot
  std::set<std::size_t> loose_;             // slots of which places are not known
  std::vector<Command> commands_;
  std::vector<ValueSet> values_;      // by cell
  std::vector<std::size_t> changed_;  // by cell: when
  std::map<Place, OwnValues> own_;    // of the places that were reached
  std::size_t now_ = 1;
  bool complete_ = false;
  std::vector<std::pair<Term, ValueFact>> assumptions_;  // of the last question
};

}  // namespace quiesce::checker
