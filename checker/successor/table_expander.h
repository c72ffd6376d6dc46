// The successors of packed states by the command table, and by bytecode for what has no commands.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "checker/successor/agenda.h"
#include "checker/successor/command_table.h"
#include "checker/successor/packed_expander.h"
#include "checker/successor/step_counter.h"
#include "checker/successor/successor_generator.h"

namespace quiesce::checker {

/// One per thread.
class TableExpander : public SuccessorSink {
 public:
  TableExpander(const PackedSystem& system, const CommandTable& table);

  /// Whether expand() can tell what acted: not where commands are matched with several states at once.
  bool has_origins() const { return table_.simple_actions.blocks == 0; }

  /// As PackedExpander::expand. Requires: without origins, or has_origins() and no drain.
  void expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out, SuccessorDrain* drain);

  /// Whether any step has an outcome in a state (one that ends the run included).
  bool can_step(const std::uint64_t* state);

  /// As PackedExpander::exercised.
  const std::vector<bool>& exercised();

  /// By command number of the table: whether it was ever taken.
  std::vector<bool> taken() const;

  void on_successor(const SuccessorView& view) override;
  bool is_wanted() override;

 private:
  void expand_one(const std::uint64_t* state);
  bool collect(const std::uint64_t* state);
  bool look_up(const std::uint64_t* state);
  void ask_of(const std::uint64_t* state);
  void ask_for_step(const AgendaStep& step, const std::uint64_t* state);
  void schedule(const std::uint64_t* state, Agenda& agenda);
  void schedule_starts(const std::uint64_t* state, Agenda& agenda) const;
  void take(std::uint32_t command, const CommandRequest& request, const std::uint64_t* state);
  void add_origin(std::vector<PackedSuccessors::Origin>& to, const CommandEffect& effect, std::int32_t cpu) const;
  void complete(std::size_t target, const CommandEffect& effect, bool may_repeat, bool settles);
  void run_code(const std::uint64_t* state);
  class Reader;
  std::uint64_t* reserve(std::size_t words);

  const PackedSystem& system_;
  const CommandTable& table_;
  const CompiledSystem& compiled_;
  const std::size_t words_;
  const std::int32_t pin_level_;
  const std::uint32_t cpus_;
  SuccessorGenerator generator_;
  CanonicalPacker packer_;
  const bool is_canonical_;  // every state is
  StepCounter counter_;
  std::vector<std::int32_t> cells_;
  std::vector<std::int32_t> urgent_cells_;
  PackedSuccessors* out_ = nullptr;
  SuccessorDrain* drain_ = nullptr;
  std::uint32_t outcomes_ = 0;  // of bytecode, from the state being expanded
  std::size_t used_ = 0;        // words of out_->states that are filled
  std::uint32_t source_ = 0;
  const std::uint64_t* state_ = nullptr;  // being expanded by bytecode
  AgendaCache agendas_;
  const Agenda* agenda_ = nullptr;  // of the state being expanded
  CommandRequests asked_;           // of that state
  std::vector<std::uint32_t> ends_;
  std::vector<std::uint32_t> matched_;
  std::vector<std::uint32_t> from_index_;
  std::uint32_t looked_up_ = 0;      // of these, for the state being expanded
  std::vector<std::uint8_t> taken_;  // by block: bit per command
  std::vector<bool> exercised_;
};

}  // namespace quiesce::checker
