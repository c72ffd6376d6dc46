// Why a run breaks its rule: at which of its steps another turn would have made the difference, and which of its
// statements every run that breaks the rule executes. Found by search and never guessed; what was not verified within
// the bound is not said. What exactly is claimed stands in docs/guide.md, 3.
//
// The idea of asking at which step of a counterexample it was still free: Jin, Ravi, Somenzi, "Fate and free will in
// error traces", TACAS 2002. Here the turn that would have freed it is named, and freedom means that no continuation at
// all breaks the rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/evidence/original_run.h"
#include "checker/report/run_sentence.h"
#include "checker/result/outcome.h"
#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

struct WhyOptions {
  std::size_t most_states = 200'000;  // that are looked at for one run
  std::size_t most_turns = 3;         // to be said
  std::size_t longest_turn = 40;      // statements that another context takes at once
  std::size_t most_tried = 100'000;   // states that turns are led through, of which most are looked at besides
  /// Only turns that point at the cause, and nothing of choices and unavoidable steps: see telling_turn().
  bool is_brief = false;
  /// Of the design; why_of() sets it. What a turn does inside other files is named by the call there.
  model::FileId own_file = {};
};

/// Another turn that would have made the difference.
struct OtherTurn {
  std::size_t step = 0;   // of the story, from 0: before it, or, for a choice, in it
  std::string what;       // "nic.dpc.run (handler) run to its end before step 7": what follows "had"
  bool is_always = true;  // no continuation breaks the rule; else the same schedule does not, other ones may
};

struct Why {
  std::vector<OtherTurn> turns;  // the last step of the run first
  /// Steps of the story, from 0, of which every run that breaks the rule executes a statement. None: not known, since
  /// there are more states than the bound.
  std::optional<std::vector<std::size_t>> unavoidable;
  std::uint64_t states = 0;  // looked at
};

/// Of `run`, a run of `system`, which was not reduced, that breaks `rule` by a step or in a state. Requires: it has
/// steps, no loop.
/// What it answers does not depend on time. Cost: `most_states` states at most, some searches among them for each step.
Why why(const model::TransitionSystem& system, const OriginalRun& run, model::RuleId rule,
        const model::SourceMap& sources, const WhyOptions& options = {});

/// Likewise of the run of a finding; none where there is no run that ends by a step or in a state.
std::optional<Why> why_of(const CaseOutcome& case_, const Finding& finding, const model::SourceMap& sources,
                          WhyOptions options = {});

/// The turn that says most of why the run of a finding breaks its rule, as a sentence: "Had nic.dpc.run (handler) run
/// to its end before step 7, the rule would have held, whatever came after." Empty where there is none, or none within
/// a bound that keeps a report quick (8,000 states).
///
/// It is the last turn of a context after which no continuation at all breaks the rule, if it is one of a handler, or
/// the statement that breaks the rule is executed in it or can be later. Other turns avoid the violation without a word
/// about its cause: a thread that switches a device off keeps any mistake of its ISR away. Without one it is a turn
/// that executes this statement itself, and after which the rest of the run breaks nothing.
std::string telling_turn(const CaseOutcome& case_, const Finding& finding, const model::SourceMap& sources);

/// All that is known, at least one sentence. `rule`: its name.
std::vector<RunSentence> why_sentences(const Why& why, const std::string& rule);

/// In sentences, a paragraph each; says so where nothing is known, or nothing was asked (none).
std::string why_text(const std::optional<Why>& why, const std::string& rule, std::size_t width);

}  // namespace quiesce::checker
