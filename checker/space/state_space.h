// What an engine knows of a system: a graph of packed states, in five functions, beside what describes
// the space itself (its system, layout and what it can be asked to look for). Everything else - how successors are
// made, what is left out, which states are one - stands behind them, so that an engine is nothing but a way through a
// graph, and each engine has every reduction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker/result/exploration.h"
#include "checker/result/search_control.h"
#include "checker/successor/interest.h"
#include "checker/successor/packed_successors.h"
#include "model/interpret/state.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// A state as engines keep it: canonical, StateSpace::words() words.
using PackedState = std::vector<std::uint64_t>;

/// What the states of a batch show. A buffer to be reused.
struct Judgement {
  struct Broken {
    std::uint32_t state = 0;  // position in the batch
    model::Violation violation;
  };
  struct Shown {
    std::uint32_t state = 0;
    model::PropertyId property;
  };
  std::vector<std::uint32_t> ended;    // states that break a core rule, ascending: no run continues from them
  std::vector<Broken> broken;          // by states, of core rules and of those of interest
  std::vector<Shown> witnesses;        // Reachable properties of interest that a state makes true
  std::vector<Shown> triggers;         // triggers of interest that a state makes true; each once between two look_for()
  std::vector<std::uint64_t> letters;  // of each state in turn: bit n where atom n of interest is true, 64 to a word

  void clear() {
    ended.clear();
    broken.clear();
    witnesses.clear();
    triggers.clear();
    letters.clear();
  }
};

/// Which step is looked for.
struct WantedStep {
  const PackedState* to = nullptr;                // one to this state,
  std::function<bool(std::int32_t check)> fails;  // or, when that is null, one that fails a check which this chooses
  std::function<bool(const model::Actor& actor)> acts = {};  // and only of these; empty: of any
};

struct FoundStep {
  model::Step step;
  model::State after;        // as the step leaves it, not its representative; empty when it ends the run
  std::int32_t failed = -1;  // the check that fails, when one was looked for
};

/// One per thread; what is expensive is shared by all that come from one.
class StateSpace {
 public:
  virtual ~StateSpace() = default;

  /// The same space for another thread.
  virtual std::unique_ptr<StateSpace> for_thread() const = 0;

  virtual const model::TransitionSystem& system() const = 0;

  /// Which instances are taken for one.
  virtual const InstanceSymmetry& symmetry() const = 0;

  /// Of a state; only so many low bits, counted over its words, may be set.
  virtual std::uint32_t words() const = 0;
  virtual std::uint32_t bits() const = 0;

  /// How states are packed: two spaces of one system with the same layout have the same packed states.
  virtual std::string layout() const = 0;

  /// What a failed check breaks.
  virtual const model::Violation& broken_by(std::int32_t check) const = 0;

  /// Sets rules[r] where a check of rule r was executed by this thread.
  virtual void add_exercised(std::vector<bool>& rules) = 0;

  // ------------------------------------------------------------------------------- the five functions

  /// (1) Visits the initial states; some perhaps more than once. Ends when `visit`, or `may_continue`, which is asked
  /// now and then while nothing is found, is false.
  virtual void initial(const std::function<bool(const std::uint64_t* state)>& visit,
                       const std::function<bool()>& may_continue = {}) = 0;

  /// (2) Adds to `out` what `count` states lead to. A state that breaks a core rule has no successors: the caller does
  /// not pass it. `drain`, when there is one, is called whenever one state has led to some ten thousand more.
  virtual void expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out,
                      SuccessorDrain* drain = nullptr) = 0;

  /// (3) Adds to `out` what `count` states show. Costs next to nothing for a state that shows nothing.
  virtual void judge(const std::uint64_t* states, std::size_t count, Judgement& out) = 0;

  /// What judge() looks for from now on; at first: the rules asked for, all witnesses, all triggers.
  virtual void look_for(const Interest& interest) = 0;

  /// (4) The first step from `from` that is wanted, none when there is no such. `from` need not be a representative: so
  /// what is renamed by representatives keeps one identity through a run. Throws SearchStopped at a limit of `control`
  /// (may be null).
  virtual std::optional<FoundStep> step(const model::State& from, const WantedStep& wanted,
                                        const SearchControl* control) = 0;

  /// (5) The cells of a state, and the representative of cells.
  virtual model::State unpack(const std::uint64_t* state) const = 0;
  virtual void pack(const model::State& cells, std::uint64_t* state) = 0;

  /// The cells of a state into a place where those of another state of this space stand, or none yet.
  virtual void unpack_over(const std::uint64_t* state, model::State& cells) const { cells = unpack(state); }
};

/// The interest with which a space begins.
Interest whole_interest(const model::TransitionSystem& system);

/// The space of a valid system (model/system/validate.h), which must outlive it, with the reductions and the way to make
/// successors that `options` asks for. Throws SearchStopped at a limit of options.control.
std::unique_ptr<StateSpace> make_state_space(const model::TransitionSystem& system, const SearchOptions& options);

/// The same without reductions that change runs, for hunts.
std::unique_ptr<StateSpace> make_whole_space(const model::TransitionSystem& system, SearchOptions options);

}  // namespace quiesce::checker
