// Why a rule has the verdict that it has, where the verdict alone does not say it: data, of which reports make
// sentences (checker/report/sentences.h).
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Why a search is not complete.
enum class LimitKind { None, Time, Memory, States, Depth, Interrupted };

/// How visited states are kept. Only Exact can ever say `holds`.
enum class Storage {
  Exact,     // whole
  Compact,   // a hash of each: two states with one hash are taken for one
  Bitstate,  // some bits of a fixed bit array per state
};

/// What a search did that looks for violations and cannot be complete.
struct Hunt {
  enum class Kind { DepthFirst, RandomWalks, Swarm, FewInterruptions };
  Kind kind = Kind::DepthFirst;
  std::uint64_t searches = 0;                       // RandomWalks, Swarm: so many came to their end
  std::uint64_t planned = 0;                        // Swarm: of so many
  std::uint64_t seed = 0;                           // RandomWalks, Swarm
  std::optional<std::uint32_t> depth;               // DepthFirst: no path was followed deeper, by itself
  std::optional<std::uint32_t> interruptions = {};  // FewInterruptions: all runs with so many were searched

  bool operator==(const Hunt&) const = default;
};

/// Unknown: not all reachable states were seen, or some may not have been. At least one of the first five says so.
struct Incomplete {
  LimitKind limit = LimitKind::None;
  bool stopped_at_first = false;  // at the first violation, as asked
  bool after_first = false;       // when it had gone on for a while after the first violation
  bool is_hunt = false;           // it was a search that cannot be complete
  Storage storage = Storage::Exact;
  double missed_probability = 0;  // not Exact: bounds the chance that a state was taken for another, 0..1
  std::uint64_t states = 0;       // how far it came: distinct states,
  std::uint32_t depth = 0;        // steps from an initial state,
  std::uint64_t frontier = 0;     // states not yet expanded
  bool is_witnessed = false;      // of all that the rule wants to be reachable a witness was seen

  bool operator==(const Incomplete&) const = default;
};

/// Unknown: runs end where this core rule is broken, and the rule might be broken behind that.
struct CutOff {
  model::RuleId by;

  bool operator==(const CutOff&) const = default;
};

/// Vacuous: nothing fulfils every 'any where', so nothing runs.
struct NoInitialState {
  bool operator==(const NoInitialState&) const = default;
};

/// Unknown: what a rule says of infinite runs was not decided.
struct Undecided {
  enum class Kind {
    NotSearched,   // this search looks at no infinite runs
    TooLarge,      // the automaton of the formula would be
    NotConfirmed,  // a loop was found, but it is fair only when activations of one handler are taken for one
  };
  Kind kind = Kind::NotSearched;

  bool operator==(const Undecided&) const = default;
};

/// Unknown: a symbolic engine cannot say it.
struct Unprovable {
  enum class Why {
    NoFormula,      // the rule is about what is possible later, or the system has no bits of ours
    WantsWitness,   // it wants something to be reachable, and proofs are about what is not
    MaybeIdle,      // no run breaks it (proved), but perhaps nothing ever exercises it, or its condition is never true
    OnlyShortRuns,  // no run of at most `depth` steps breaks it
    Stopped,        // by `limit`, before there was a proof or a run
    NoReplay,       // a run was claimed that the interpreter cannot repeat: a mistake of ours
  };
  Why why = Why::NoFormula;
  std::optional<std::uint32_t> depth = {};
  LimitKind limit = LimitKind::None;

  bool operator==(const Unprovable&) const = default;
};

/// The first alternative: the verdict says it all.
using Reason = std::variant<std::monostate, Incomplete, CutOff, NoInitialState, Undecided, Unprovable>;

}  // namespace quiesce::checker
