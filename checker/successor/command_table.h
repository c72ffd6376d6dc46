// All commands of a system (derive_commands.h) against its packing: guards as masks and values in blocks of eight
// (match_commands.h), effects as masks per word, and what the scheduler must read. Built once per search, immutable,
// shared by all threads.
//
// Commands that belong to one place (an activation at a location, a handler that may start) are one group, compared
// with the state only when the scheduler finds that a context there may step; the commands of actions are one group
// that is always compared, or where they are many, stand in an index (command_index.h). A program without commands
// stays in bytecode; the table knows which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checker/store/packing.h"
#include "checker/successor/cell_reader.h"
#include "checker/successor/command_index.h"
#include "checker/successor/compiled_system.h"
#include "checker/successor/derive_commands.h"
#include "checker/successor/match_commands.h"

namespace quiesce::checker {

/// `conditions` as guards, of which exactly one holds where all conditions do. False when there are too many.
bool guards_of(const Packing& packing, const model::TransitionSystem& system,
               const std::vector<CellCondition>& conditions, std::vector<Guard>& out);

/// What a command does when its guard holds.
struct CommandEffect {
  enum Flag : std::uint8_t {
    kEndsRun = 1,         // a core rule is broken: no next state
    kPinsIfFloating = 2,  // one outcome per CPU
    kMayUnpin = 4,        // the context may stand pinned below the pin level
    kMayRepeat = 8,       // another command of the same program may make the same step
    kKeepsForm = 16,      // changes nothing that a renaming moves: the representative of a representative
    kRunsCode = 32,       // no command, but the bytecode of the action `program`
  };
  std::uint8_t flags = 0;
  std::uint16_t updates = 0;
  std::uint16_t copies = 0;
  std::uint16_t failed = 0;
  std::uint16_t choices = 0;
  std::uint32_t first_update = 0;
  std::uint32_t first_copy = 0;
  std::uint32_t first_detail = 0;  // counted choices, then failed checks
  std::uint32_t program = 0;       // position in CommandTable::programs; kRunsCode: the action
  std::uint32_t way = 0;           // of that program's commands
};

struct WordUpdate {
  std::uint32_t word = 0;
  std::uint64_t keep = 0;
  std::uint64_t set = 0;
};

/// A field moved into another, with a number added.
struct FieldCopy {
  CellReader from;
  std::uint32_t to_word = 0;
  std::uint32_t to_shift = 0;
  std::uint64_t to_mask = 0;  // in place
  std::uint64_t plus = 0;
};

class CommandTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// Requires: `compiled` and `packing` outlive this; the commands of `derivation` fit the packing. Actions with more
  /// guards than `most_compared` are put into an index.
  CommandTable(const CompiledSystem& compiled, const Packing& packing, CommandDerivation& derivation,
               VectorTarget target, std::size_t most_compared);

  const Packing& packing;
  const MatchFunctions& functions;
  MatchTable match;

  // By command number; numbers without a command are never matched.
  std::vector<CommandEffect> effects;
  std::vector<WordUpdate> updates;
  std::vector<FieldCopy> copies;
  std::vector<std::int64_t> details;

  /// The commands of one place; by CPU when that matters.
  struct Place {
    std::uint32_t first_group = kNone;  // position in `groups`; kNone: in bytecode
    std::uint32_t guard = kNone;        // of bytecode: position in `groups`; it is run only where one matches
    bool per_cpu = false;               // group first_group + c is for CPU c
    bool may_repeat = false;            // the same step may be made in several ways
  };
  std::vector<MatchTable::Group> groups;

  struct Slot {
    CellReader location;
    CellReader level;
    CellReader cpu;
    CellReader affinity;
    bool has_affinity = false;
    bool is_handler = false;
    bool has_siblings = false;
    std::uint32_t context = 0;
    std::uint32_t cpu_word = 0;
    std::uint64_t cpu_mask = 0;              // in place
    std::uint64_t cpu_bits[kMaxCpus + 1]{};  // by cell value, in place
    std::vector<Place> places;               // by location number
  };
  std::vector<Slot> slots;

  struct Handler {
    std::int32_t level = 0;
    bool pins = false;
    std::uint32_t first_slot = 0;
    std::uint32_t activations = 1;
    std::uint32_t context = 0;
    std::vector<Place> starts;  // by activation
    // Urgent: when it may start on each CPU, as guards of which one holds; empty with `on_code`: ask bytecode.
    bool on_code = false;
    std::vector<std::vector<Guard>> wants;
  };
  std::vector<Handler> handlers;               // as CompiledSystem::handlers
  std::vector<std::uint32_t> urgent_handlers;  // as CompiledSystem::urgent_handlers

  MatchTable::Group actions;         // commands of all actions that need more than `simple_actions`
  MatchTable::Group simple_actions;  // states of one word: commands that only change it
  std::vector<Lanes> clear;          // by block, for those
  std::vector<Lanes> flip;
  struct CodedAction {
    std::uint32_t action = 0;
    std::uint32_t guard = kNone;  // as Place::guard
  };
  std::vector<CodedAction> coded_actions;  // in bytecode
  CommandIndex index;                      // of all actions but `coded_actions` without a guard, where they are many
  std::uint32_t most_commands = 0;         // that a state can match, an upper bound
  std::uint32_t most_groups = 0;

  /// What became of each program, for `show --packing` and coverage.
  std::vector<DerivedProgram> programs;

 private:
  struct Pending {
    std::vector<Guard> guards;
    std::vector<CommandEffect> effects;
  };
  bool add_commands(std::uint32_t program, bool may_repeat, Pending& pending);
  CommandEffect add_effect(std::uint32_t program, std::uint32_t way, bool may_repeat);
  MatchTable::Group add_group(const Pending& pending);
  std::vector<std::vector<CellCondition>> guard_cubes(const std::vector<model::ExprId>& conditions,
                                                      model::LocationId location, std::uint32_t activation);
  std::uint32_t add_guard(const std::vector<model::ExprId>& conditions, model::LocationId location,
                          std::uint32_t activation);
  void build_slots(const CompiledSystem& compiled);
  void build_handlers(const CompiledSystem& compiled);
  void build_places(const CompiledSystem& compiled);
  void build_actions(std::size_t most_compared);
  bool are_more_actions(std::size_t than) const;
  void build_index();

  const model::TransitionSystem& system_;
  CommandDerivation* derivation_;  // while this is built
  std::vector<bool> moved_;        // by cell: a renaming may change it
};

}  // namespace quiesce::checker
