// Partial order reduction by stubborn sets of contexts and actions (Valmari, "Stubborn sets for reduced state space
// generation", 1989; Godefroid, "Partial-order methods", LNCS 1032), with levels and CPUs taken into account: in which
// states the steps of a few contexts and actions are enough, because no order with the steps of the others shows
// anything new. docs/reductions.md has the proof; the names of conditions here are its names.
//
// A set E of running contexts, starts of handlers and actions is enough in a state when
//   (C1) closed: what can ever conflict with the next step of a member is a member, looking at where each
//        context stands and at what it may still do before it ends; all starts and actions may always come. The start
//        of a member handler is not possible now, because its condition is false, and what may make it true is a
//        member;
//   (C2) calm: members float and their next steps neither pin, nor change a level or affinity, nor end, nor mention
//        CPUs, nor write what urgent handlers wait for; nothing asks whether they stand before or behind the step. So
//        they change nothing that the scheduler looks at, and others can only delay them;
//   (C3) led: one member, the leader, can step now, and its step leads forward in its control flow, so that it is not
//        led without end; where places are exchanged with instances (symmetry.h), numbers of places are no order;
//   (C4) the step of the leader cannot be seen: it writes nothing that properties read, or that starts of handlers and
//        actions wait for, so that neither a property nor core.stuck nor a deadlock comes or goes with it; the latter
//        only where the leader could be kept from a CPU without end.
// A step of a member that breaks a core rule ends runs; then all steps have to be expanded (space/reduced_space.h).
//
// The answer is a function of the state alone, so it does not depend on the order of the search or the number of
// threads.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/dynamic_bitset.hpp>

#include "checker/reduce/independence.h"
#include "checker/successor/compiled_system.h"
#include "checker/successor/successor_generator.h"

namespace quiesce::checker {

/// Whose steps are enough in a state.
struct StepChoice {
  std::uint64_t slots = 0;    // bit s: the context in slot s
  std::uint64_t actions = 0;  // bit a: action a
  std::uint32_t leader = 0;   // a slot: when it cannot step after all, for want of a CPU, the choice is void
};

/// Built once per search, immutable, shared by all threads. Memory: a bit for each pair of places in the text.
class StubbornSets {
 public:
  /// `moves_places`, by context (empty: none): states are taken for one that differ by an exchange of its places too.
  /// Requires: `compiled` and `steps` outlive this; `independence` is asked now and not kept.
  StubbornSets(const CompiledSystem& compiled, const TextSteps& steps, const Independence& independence,
               const std::vector<bool>& moves_places = {});

  /// Whether any state can be chosen for. When not, there is no need to ask.
  bool is_useful() const { return useful_; }

  /// Whose steps are enough in `state`, none when all are needed. `generator` is the caller's, used to evaluate
  /// conditions. Cost: some table lookups for each slot that stands where it may lead.
  std::optional<StepChoice> choose(const std::int32_t* state, SuccessorGenerator& generator) const;

 private:
  /// Static facts about one step of the text.
  struct Facts {
    bool calm = false;               // may be in a set; for starts: its condition mentions nothing of the scheduler
    bool leads = false;              // places: may lead
    std::uint64_t starts = 0;        // handlers (position in CompiledSystem::handlers) that must be in the set too
    std::uint64_t actions = 0;       // actions that must
    boost::dynamic_bitset<> places;  // bit p: a context that stands at place p must
  };
  struct Growing;

  void find_needs(const Independence& independence);
  void find_calm(const std::vector<bool>& moves_places);
  bool has_always_room() const;
  bool grow(Growing& growing, const std::int32_t* state, SuccessorGenerator& generator) const;

  const CompiledSystem& compiled_;
  const model::TransitionSystem& system_;
  const TextSteps& steps_;
  std::vector<Facts> facts_;  // by step
  bool useful_ = false;
};

}  // namespace quiesce::checker
