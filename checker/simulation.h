// A design stepped by hand: from an initial state the next steps are offered, one is taken, and any can be taken back.
// Executed by the reference interpreter on the system of the text, before any reduction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "checker/offers.h"
#include "checker/report/why_not.h"
#include "checker/result/result.h"
#include "model/base/expected.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

/// A condition on a variable: "nic.hw.enabled = true", "line.chain != []", "nic.count > 2".
struct Watch {
  enum class Relation { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };
  std::size_t variable = 0;  // in TransitionSystem::variables
  Relation relation = Relation::Equal;
  std::string value;
};

/// Not thread safe. The system and the sources must outlive it.
class Simulation {
 public:
  /// Starts in the first initial state; there may be none, see has_state().
  Simulation(const model::TransitionSystem& system, const model::SourceMap& sources);

  bool has_state() const { return !states_.empty(); }
  std::size_t steps() const { return taken_.size(); }
  const model::State& state() const { return states_.back(); }

  /// The steps that can be taken (offers_in()). None where a core rule is broken, or where nothing can step.
  const std::vector<Offer>& offers() const { return offers_; }

  /// Takes an offer. Requires: it exists.
  void take(std::size_t offer);

  /// Takes the first `steps` steps of `run`, a run of the system, from the state that it begins with, and forgets what
  /// was taken before. Requires: the run has so many.
  void follow(const Run& run, std::size_t steps);

  /// Goes back to the state after `step` steps. Requires: at most steps().
  void jump(std::size_t step);

  /// Takes up to `count` steps at random; fewer where none can be taken, or a rule is broken. How many were taken.
  std::size_t walk(std::size_t count, std::mt19937_64& random);

  /// Takes a shortest way to a state where `wanted` is true, or where a rule is broken when there is no `wanted`.
  /// Visits at most `most_states` states. How many steps it took; none when there is no such way, or it was not found
  /// so far.
  std::optional<std::size_t> run_to(const std::optional<Watch>& wanted, std::size_t most_states);

  /// Rules that the present state, or the step that led to it, breaks.
  const std::vector<std::string>& broken() const { return broken_; }

  /// "nic.hw.enabled = true" of all variables whose names begin with `prefix`, hidden ones left out.
  std::vector<std::string> values(const std::string& prefix) const;

  /// For each context that runs or could start, by what it is kept: what is blocked and why. Others can step.
  std::vector<std::string> blocked() const;

  /// Why the context or action that is called `name` cannot act now; else a sentence.
  model::Expected<std::vector<WhyNot>> why_not(const std::string& name) const;

  /// Reads a condition; else a sentence.
  model::Expected<Watch> watch(const std::string& text) const;

  /// What was done so far, one line a step.
  std::vector<std::string> history() const;

 private:
  struct Taken {
    std::string line;
    std::vector<std::string> broken;
    bool ends_run = false;
  };

  void look_around();
  bool is_true(const Watch& watch, const model::State& state) const;
  std::string value_of(const model::Variable& variable, const model::State& state) const;

  const model::TransitionSystem& system_;
  const model::SourceMap& sources_;
  const model::Interpreter interpreter_;
  std::vector<model::State> states_;
  std::vector<Taken> taken_;
  std::vector<Offer> offers_;
  std::vector<std::string> broken_;
};

}  // namespace quiesce::checker
