// Commands from programs: every way through a program becomes "when these cells hold such numbers, these cells become
// those numbers", which a vector unit can try against a packed state without running anything.
//
// How: a program is run on unknown cells. An assignment is remembered as an expression over the cells before the step;
// where a condition is not decided by what is known of the cells, the way forks on one cell that it mentions: the
// numbers that leave the same rest of the condition stay together. So a way is a set of possible numbers per cell (the
// guard) and one number per cell written (the effect). What stays unknown at the end is split likewise, except that a
// copy of one cell into another (plus a constant) is an effect of its own.
//
// What is known of a cell before the step: a superset of the numbers that it ever holds, found by running all programs
// on such supersets until nothing new comes up (for cells of one context: per location at which it stands). This
// settles levels, saved levels, cells that are never written, and most checks. A counter would come up with one number
// more each time, so a superset that keeps growing is rounded up to where its bits end. It is an argument about all
// reachable states up to symmetry, so cells that a renaming exchanges share one superset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checker/store/packing.h"
#include "checker/successor/compiled_system.h"
#include "checker/successor/value_set.h"
#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// A cell holds one of `values` (positions from the low end of its domain). `among`: what it can hold at all.
struct CellCondition {
  model::CellId cell;
  ValueSet values;
  ValueSet among;
};

/// One way through a program.
struct DerivedCommand {
  struct Write {
    model::CellId cell;
    std::int64_t number = 0;
  };
  struct Copy {
    model::CellId cell;
    model::CellId from;  // as it was before the step
    std::int64_t plus = 0;
  };
  std::vector<CellCondition> conditions;
  std::vector<Write> writes;
  std::vector<Copy> copies;
  bool ends_run = false;              // a core rule is broken: no next state
  bool pins_if_floating = false;      // the level afterwards is a pinned one
  bool may_unpin = false;             // the context may stand pinned below the pin level afterwards
  std::vector<std::int32_t> reached;  // checks executed, positions in Code::checks
  std::vector<std::int32_t> failed;   // checks broken, in order
  std::vector<std::int64_t> choices;  // counted choices, in order
};

/// Where a program runs: which activation, at which location or start, on which CPU.
struct ProgramKey {
  enum class Kind : std::uint8_t { Step, Start, Act } kind = Kind::Step;
  std::uint32_t index = 0;  // of the context or action
  std::uint32_t activation = 0;
  std::uint32_t location = 0;  // Step: number of the location within the context
  std::uint32_t cpu = 0;       // c + 1 when the program is told apart by its CPU
};

struct DerivedProgram {
  ProgramKey key;
  const model::Program* program = nullptr;
  bool is_reached = false;
  bool uncounted_choice = false;  // ways of it may be the same step
  std::string reason;             // why it has no commands; empty: it has them
  bool is_guarded = false;        // without commands: a part of its guard is matched before it is run
  std::vector<DerivedCommand> commands;
};

/// Cells that renamings of states beyond those of CPUs and activations exchange, and cells whose numbers they change.
/// A search that canonicalizes under more renamings names them here: what is known of a cell must hold for all
/// that it may come to stand for.
struct CellExchanges {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> exchanged;
  std::vector<std::uint32_t> renamed;
  bool is_exact = true;  // a representative is its own; else a step that changes no exchanged cell may need another
};

/// All commands of a system.
class CommandDerivation {
 public:
  static constexpr std::size_t kMaxCommands = 256;  // of one program; beyond, running it is not slower

  /// Finds what the cells can hold, and the commands as far as they do not depend on the packing.
  explicit CommandDerivation(const CompiledSystem& compiled, const CellExchanges& exchanges = {});

  /// What cells can hold, for the packing.
  Packing::Numbers numbers() const;

  /// Derives again the commands with copies that this packing cannot make. Requires: made from numbers().
  void fit(const Packing& packing);

  const std::vector<DerivedProgram>& programs() const { return programs_; }

  /// Cubes of the states in which `condition` has the truth `wanted`, as conjunctions; one context may be known to
  /// stand at `location` with activation `activation` (none: nothing is known). Disjoint. Nothing when there are too
  /// many.
  std::optional<std::vector<std::vector<CellCondition>>> conditions(model::ExprId condition, bool wanted,
                                                                    model::LocationId location,
                                                                    std::uint32_t activation);

  /// "The condition of `handler` holds and its `on` allows `cpu`", for conditions().
  model::ExprId wants(const model::Context& handler, std::uint32_t cpu);

  /// What `cell` can hold in any reachable state. Requires: at most ValueSet::kMax
  /// numbers.
  const ValueSet& values(model::CellId cell) const { return global_[class_of_[cell.value]]; }

  /// Cells that a renaming may change.
  const std::vector<bool>& moved() const { return moved_; }

  /// The system's expressions and what was added; expressions for conditions() may be made here.
  model::ExprTable& expressions() { return table_; }

  bool is_reached(model::LocationId location) const { return location_reached_[location.value]; }

 private:
  static constexpr std::int64_t kUnknown = INT64_MIN;
  static constexpr std::uint32_t kNoCell = UINT32_MAX;

  /// How a run continues with a value: a reference to something that can be called with it.
  class Continuation {
   public:
    template <class Callable>
    Continuation(const Callable& callable)
        : callable_(&callable),
          call_([](const void* target, std::int64_t value) { (*static_cast<const Callable*>(target))(value); }) {}
    void operator()(std::int64_t value) const { call_(callable_, value); }

   private:
    const void* callable_;
    void (*call_)(const void*, std::int64_t);
  };

  struct Valued {
    bool known = false;
    std::int64_t value = 0;
  };
  struct Written {
    bool is_written = false;
    bool known = false;
    std::int64_t value = 0;
    model::ExprId expr;  // over the cells before the step
  };
  struct Undo {
    enum class Kind : std::uint8_t { Possible, Env, Temp } kind = Kind::Possible;
    std::uint32_t index = 0;
    ValueSet set;
    Written written;
  };
  struct Mark {
    std::size_t undo, reached, failed, choices, written;
  };
  enum class Mode : std::uint8_t { Program, Before };

  // What cells can hold (derive_values.cpp).
  void find_classes();
  void find_owners();
  void set_initial();
  void run_to_fixpoint();
  bool join_global(std::uint32_t cell, const ValueSet& values);
  void join_location(model::LocationId location, std::size_t own, const ValueSet& values);
  void reach(model::LocationId location);
  using Numbers = std::vector<std::int64_t>;  // ascending
  bool any_value(model::ExprId id, const std::vector<Numbers>& temps, Numbers& out);
  void give_up_outcomes(const DerivedProgram& program);

  // The ways through one program (derive_ways.cpp).
  void derive(DerivedProgram& program);
  void begin(model::ContextId context, std::uint32_t activation, model::LocationId location, std::uint32_t cpu);
  void clean_up();
  void execute(std::size_t pc);
  void assign(std::uint32_t cell, model::ExprId value);
  void finish(std::uint32_t location_number, model::LocationId location, bool ends_run);
  void emit(std::uint32_t location_number, model::LocationId location, bool ends_run);
  bool is_copy(std::uint32_t cell, model::ExprId expr, model::CellId* from, std::int64_t* plus, bool must_fit = true);
  void give_up(std::string reason);
  std::int32_t check_position(const model::CheckOp& op);

  // Expressions over cells that are not known (derive_expressions.cpp).
  const ValueSet& possible(std::uint32_t cell);
  void restrict(std::uint32_t cell, const ValueSet& values);
  Valued evaluate(model::ExprId expr, Mode mode);
  Valued cell_value(std::uint32_t cell, Mode mode);
  std::uint32_t blocking_cell(model::ExprId expr, Mode mode);
  std::uint32_t blocking_cell_of(std::uint32_t cell, Mode mode);
  model::ExprId residual(model::ExprId expr, Mode mode);
  model::ExprId residual_of(std::uint32_t cell, Mode mode);
  void resolve(model::ExprId expr, Mode mode, bool as_truth, const Continuation& next);
  Mark mark() const;
  void restore(const Mark& mark);
  std::uint32_t element(const model::Place& place, std::int64_t index) const {
    const bool inside = index > 0 && index < static_cast<std::int64_t>(place.cells.size());
    return place.cells[inside ? static_cast<std::size_t>(index) : 0].value;
  }
  bool spend();

  const CompiledSystem& compiled_;
  const model::TransitionSystem& system_;
  const CellExchanges exchanges_;
  const Packing* packing_ = nullptr;  // none: not known yet
  model::CellSet at_rest_;            // the same number in every state
  std::vector<bool> moved_;
  model::ExprTable table_;  // the system's, and what running it symbolically adds
  std::vector<DerivedProgram> programs_;
  std::unordered_map<const model::CheckOp*, std::int32_t> check_positions_;

  std::vector<std::int64_t> lo_;    // by cell
  std::vector<std::int64_t> size_;  // by cell: numbers of its domain
  std::vector<std::uint32_t> class_of_;
  std::vector<bool> is_free_;     // by class: never narrowed
  std::vector<ValueSet> global_;  // by class
  std::vector<std::uint64_t> global_stamp_;
  std::vector<std::uint32_t> global_growths_;  // by class: how often it became more
  // Cells that only their own context writes: level, affinity, locals. By context, a list per activation.
  std::vector<std::vector<std::vector<std::uint32_t>>> own_;
  std::vector<std::int32_t> owner_;           // by cell: context, -1
  std::vector<std::uint32_t> owner_slot_;     // by cell: activation
  std::vector<std::uint32_t> own_position_;   // by cell: position in own_
  std::vector<std::vector<ValueSet>> local_;  // by location, by position in own_
  std::vector<std::uint64_t> local_stamp_;
  std::vector<std::vector<std::uint32_t>> local_growths_;  // by location, by position in own_
  std::vector<bool> location_reached_;
  std::uint64_t stamp_ = 0;
  std::vector<std::uint64_t> derived_at_;          // by program
  std::vector<std::vector<std::uint32_t>> reads_;  // by program: cells that it mentions
  std::vector<bool> foreign_;                      // by cell: its own context is not the only one that writes it
  bool restart_ = false;
  std::string unsupported_;

  // The program being run.
  DerivedProgram* program_ = nullptr;
  std::int64_t activation_ = 0;
  std::int64_t cpu_ = 0;
  std::int32_t context_ = -1;
  model::LocationId location_;
  const CompiledActivation* runner_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint64_t> loaded_;  // by cell: epoch in which possible_ was filled
  std::vector<ValueSet> base_;         // by cell: before any fork
  std::vector<ValueSet> possible_;     // by cell: on this way
  std::vector<std::int64_t> single_;   // by cell: the number when there is one, else kUnknown
  std::vector<Written> env_;           // by cell
  std::vector<std::uint32_t> written_;
  std::vector<Written> temps_;
  std::vector<Undo> undo_;
  std::vector<std::int32_t> reached_;
  std::vector<std::int32_t> failed_;
  std::vector<std::int64_t> choices_;
  std::vector<std::vector<CellCondition>>* cubes_ = nullptr;  // instead of commands
  std::size_t ways_ = 0;
  std::uint64_t work_ = 0;
  std::uint64_t all_work_ = 0;
  std::string failure_;
};

}  // namespace quiesce::checker
