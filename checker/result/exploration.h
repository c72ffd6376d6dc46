// What an explorer hands to the judge: the raw facts of a search, the same for every engine, from which
// judge() makes verdicts. Engines do not decide verdicts themselves, so that all of them mean the same.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "checker/result/result.h"

namespace quiesce::checker {

/// In which order states are visited. Only BreadthFirst is complete; the others hunt for violations.
enum class Order { BreadthFirst, DepthFirst, Random, Swarm, FewInterruptions };

/// Which of the equivalent implementations of successor generation to use: whichever is faster on the first states of
/// the system, or (for tests and measurements) a certain one.
enum class Successors { Fastest, Table, Bytecode };

/// Which vector instructions rule tables are matched with: the best that the machine has, or a lesser one (tests).
enum class VectorTarget { Best, Avx512, Avx2, Portable };

struct Exploration;
class SearchControl;

struct SearchOptions {
  Limits limits;
  bool stop_at_first = false;  // stop at the first violation instead of one shortest run per rule
  // Once a rule asked for is broken the search continues as long again as that took, but for so long at least, and
  // ends.
  std::optional<std::chrono::milliseconds> after_first;
  bool is_trial = false;  // with after_first: it ends just so long after, without runs
  // With after_first: asked once, between two layers, when the search has taken so long and has found nothing. True: a
  // rule asked for is known to be broken.
  std::function<bool()> first_look;
  std::chrono::milliseconds first_look_after{200};
  const std::atomic<bool>* interrupt = nullptr;     // set by Ctrl-C; may be null
  const SearchControl* control = nullptr;           // of the whole check; null: made of `limits` and `interrupt`
  std::function<void(const Statistics&)> progress;  // called now and then from one thread at a time; may be empty
  unsigned threads = 0;                             // 0: as many as the machine has cores
  Storage storage = Storage::Exact;
  Order order = Order::BreadthFirst;
  std::uint64_t seed = 0;                          // Random, Swarm
  std::uint32_t searches = 0;                      // Random: walks; Swarm: searches; 0: a default
  std::vector<std::uint32_t> searches_done;        // Swarm: those of the part that were done before, by number from 0
  std::uint32_t interruptions = 2;                 // FewInterruptions: of a run, at most
  std::uint32_t part = 1;                          // Swarm: this part...
  std::uint32_t parts = 1;                         // ...of so many
  std::function<void(const Exploration&)> so_far;  // Swarm: called every checkpoint_interval with what was done by
                                                   // then, from one thread at a time; may be empty
  bool partial_order = false;  // leave steps out where others are enough (docs/reductions.md); fewer
                               // states, and runs that are not shortest: see check()
  bool symmetry = true;        // interchangeable instances are one; renaming of CPUs is not an option
  Successors successors = Successors::Fastest;
  VectorTarget vector_target = VectorTarget::Best;
  std::uint64_t small_layer = 1024;  // a layer of fewer states is not worth waking other threads for; less in tests
  bool measure_multipliers = false;  // at a limit, find out what multiplies the states; costs about a second
  std::string checkpoint;            // file to write the state of the search to; empty: none
  std::chrono::nanoseconds checkpoint_interval = std::chrono::minutes(1);
  std::string resume;  // file to continue from; empty: from the start
};

/// The raw facts of one exploration.
struct Exploration {
  std::vector<Finding> findings;             // first (shortest) per rule broken, in order of discovery; only
                                             // checked rules and core rules (which cut runs off, asked for or not)
  std::vector<model::PropertyId> witnessed;  // Reachable properties seen, each once
  std::vector<Run> witnesses;                // a shortest run to each, same order; none to the last ones, of which an
                                             // exchange of interchangeable instances makes a witness of one before
  std::vector<model::PropertyId> triggered;  // triggers seen true, each once
  std::vector<model::RuleId> exercised;      // rules of which a CheckOp was executed, each once
  Statistics statistics;
  LimitKind limit = LimitKind::None;
  Storage storage = Storage::Exact;          // how visited states were kept; only Exact lets a rule hold
  double missed_probability = 0;             // Compact, Bitstate: bounds the chance that a state was taken for another
  std::optional<Hunt> hunt;                  // none: the search can be complete
  std::vector<std::uint32_t> searches_done;  // Swarm: which came to their end, ascending
  std::vector<Multiplier> multipliers;       // SearchOptions::measure_multipliers
  std::uint64_t sampled_states = 0;          // measured on so many states
  SymmetryFacts symmetry;                    // which instances were taken for one
  bool stopped_at_first = false;             // stop_at_first was asked for and a violation of a checked rule was found
  bool after_first = false;                  // the search ended as SearchOptions::after_first says
  std::optional<Trouble> problem;            // why nothing was searched
  std::optional<Trouble> warning;            // what went wrong beside the search
};

/// Verdicts from facts (docs/semantics.md, Verdicts):
///   violated        a finding for it, or a Reachable property never witnessed by a complete search
///   unknown         the search was cut by a limit, was a hunt or kept states in a way that loses some; or some core
///                   rule other than this one ended a run ("cut off by ...")
///   not exercised   no property belongs to it and no check of it was executed; before "cut off by ..." when none
///                   stands in the system
///   vacuous         all that belongs to it are invariants p => q whose p was never true, or there is no initial state
///   holds           otherwise; before "cut off by ..." when it only wants witnesses and there is one for each
/// An incomplete search says only `violated` and `unknown`.
SearchResult judge(const model::TransitionSystem& system, Exploration exploration);

/// What a symbolic engine hands to the judge, with what a search beside it has seen: `seen` may be of an incomplete
/// search, of which only findings, witnesses and what was exercised count.
struct ProofFacts {
  Exploration seen;                       // findings: of both, replayed
  std::vector<model::RuleId> unbroken;    // no run breaks them: proved and rechecked
  std::vector<model::RuleId> unsaid;      // the engine has no formula for them
  std::vector<model::RuleId> wanting;     // they want something to be reachable
  std::vector<model::RuleId> unreplayed;  // a run that breaks them did not replay
  std::optional<std::uint32_t> depth;     // a bounded engine: no run of so many steps breaks the others
  bool saw_all = false;                   // `seen` shows all that is ever exercised
  bool has_initial_state = true;
  LimitKind limit = LimitKind::None;  // why the engine did not come to its end
  std::optional<Proof> proof;
};

/// Verdicts from a proof. A rule holds when it and all core rules are unbroken, and something exercises it as judge()
/// wants it. What a proof cannot say is `unknown`, with an Unprovable.
SearchResult judge_proof(const model::TransitionSystem& system, ProofFacts facts);

}  // namespace quiesce::checker
