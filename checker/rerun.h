// A saved run taken again, step by step, on the same design or on one that was changed: where it goes another way now,
// and whether it still breaks its rule. Executed by the reference interpreter.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "checker/evidence/original_run.h"
#include "checker/load.h"
#include "checker/report/saved_run.h"
#include "checker/report/story.h"
#include "model/base/expected.h"

namespace quiesce::checker {

struct Rerun {
  enum class End {
    Broken,    // it can be taken to its end, and breaks the rule as it did
    Kept,      // it can be taken to its end, and breaks nothing there
    Diverged,  // it cannot be taken to its end
  };
  End end = End::Diverged;
  OriginalRun run;         // as far as it can be taken, in steps of the story as saved
  Finding about;           // Broken: what it breaks; its run has only the loop
  std::size_t steps = 0;   // of the story that were taken whole
  std::string divergence;  // Diverged: which step, what was to happen, and what would happen instead
};

/// Takes `saved` again on `system`, which was not reduced. A step is the same when the same context or action takes it
/// at a statement of the same text with the same choices; on another CPU only where the one saved is not possible.
/// Cost: the steps of one actor for every step of the run, and the initial states until one is as saved.
Rerun rerun(const model::TransitionSystem& system, const SavedRun& saved, const model::SourceMap& sources);

/// The story of what could be taken.
Story story_of(const model::TransitionSystem& system, const Rerun& rerun, const model::SourceMap& sources,
               const TellOptions& options);

/// The system of a case as the text has it, before any reduction.
const model::TransitionSystem& unreduced(const CheckCase& case_);

/// The case of `design` that a run was saved of; the design was loaded with load_options_of(). Else a sentence.
model::Expected<const CheckCase*> case_of(const LoadedDesign& design, const SavedDesign& saved);

/// How to load the design of a saved run.
LoadOptions load_options_of(const SavedDesign& saved);

}  // namespace quiesce::checker
