// Which states are worth a look: properties broken, core.stuck, leaks, deadlocks, witnesses and triggers not seen yet,
// asked of packed states in the same vector fashion in which commands are matched. The answer is conservative: a state
// that is let through may show nothing, one that is not shows nothing for certain. The exact judgement is made on the
// few states that pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "checker/successor/interest.h"
#include "checker/successor/match_commands.h"
#include "checker/successor/packed_expander.h"
#include "checker/successor/stuck.h"

namespace quiesce::checker {

class TableExpander;

/// What a system's states are filtered by. Built once per search, immutable, shared by all threads.
class FilterTable {
 public:
  FilterTable(const CompiledSystem& compiled, const Packing& packing, CommandDerivation& derivation,
              VectorTarget target);

  /// A condition over states and what it tells.
  struct Watch {
    model::PropertyId property;
    std::vector<Guard> guards;  // of which one holds
    bool on_code = false;       // it does not fit guards: `condition` has to be run...
    std::vector<Guard> never;   // ... but where one of these holds: there the truth is the other one
    BlockId condition = 0;
    bool wanted = true;  // the truth looked for
    bool is_trigger = false;
    bool is_witness = false;
  };
  /// A place where a context waits.
  struct Wait {
    bool waits = false;
    bool always_bad = false;  // a context that is stuck here breaks core.stuck, whichever context it is
    bool on_code = false;
    std::vector<Guard> blocked;  // of which one holds when the wait is not over
  };
  struct Slot {
    CellReader location;
    CellReader cpu;
    bool is_handler = false;
    std::vector<WordTest> holds_lock;  // one per lock: this context holds it
    std::vector<Wait> waits;           // by location number
  };
  const MatchFunctions& functions;
  std::vector<Watch> watches;
  std::vector<Slot> slots;
  std::vector<WordTest> lives;  // "it is live", of objects that may leak, where leaks are checked
  bool judges_stuck = false;
  bool judges_deadlock = false;
  bool can_end = true;  // where no context runs is no deadlock (model/system/deadlock.h)
};

/// One per thread.
class StateFilter {
 public:
  explicit StateFilter(const PackedSystem& system);
  ~StateFilter();
  StateFilter(const StateFilter&) = delete;
  StateFilter& operator=(const StateFilter&) = delete;

  /// maybe[i] := 1 when state i may break a property that is core or of interest, be stuck, leak, or make the condition
  /// (Reachable) or the trigger of a property true that is of interest; else 0. Cost: some nanoseconds a state, more
  /// where a context waits that would be stuck if nothing could wake it.
  void may_show(const std::uint64_t* states, std::size_t count, std::uint8_t* maybe);

  /// From now on only what is of interest is looked for; at first, all that can be.
  void look_for(const Interest& interest);

 private:
  void list_guards();
  void run_coded(const std::uint64_t* states, std::size_t count, std::uint8_t* maybe);
  bool may_show_more(const std::uint64_t* state);
  bool may_be_stuck(const std::uint64_t* state);
  const std::int32_t* cells_of(const std::uint64_t* state);
  bool can_step(const std::uint64_t* state);

  const PackedSystem& system_;
  const FilterTable& table_;
  SuccessorGenerator generator_;
  StuckDetector stuck_;
  std::unique_ptr<TableExpander> expander_;  // null without a table of commands
  GuardList guards_;                         // of the watches still of interest that have them
  std::vector<std::uint32_t> guarded_;       // these
  std::vector<std::uint32_t> coded_;         // and in bytecode
  std::vector<GuardList> never_;             // by position in coded_
  std::vector<std::uint8_t> is_never_;       // by position in coded_, by state
  std::vector<std::int32_t> cells_;
  const std::uint64_t* unpacked_ = nullptr;  // whose cells are in cells_
};

}  // namespace quiesce::checker
