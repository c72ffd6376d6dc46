// A run as a story: which context did what, where, and what changed by it. This is the content of every report of a
// violation (text now, other formats later), free of layout and colour. It is made from a finding whose run was
// replayed before: the run of the original system that it stands for (checker/evidence/original_run.h) is executed, and
// what it does is listened to, so that a story shows the system of the text and not what the passes made of it. Its
// steps are those of the run that was found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/evidence/original_run.h"
#include "checker/report/story_values.h"
#include "checker/result/result.h"
#include "model/base/source.h"
#include "model/interpret/trace.h"

namespace quiesce::checker {

/// A variable that got another value.
struct StoryChange {
  std::string name;
  std::string before;
  std::string after;

  bool operator==(const StoryChange&) const = default;
};

/// One thing that happened within a step.
struct StoryLine {
  enum class Kind {
    Start,      // a handler starts; `text` is its head
    Act,        // an action happens; `text` is its head
    Statement,  // a statement of the text; as the last line of a violation in a step: the check that failed
    Call,       // a function is entered: "wdm.IoConnectInterruptEx(nic.intr)"
    Return,     // a function is left: "wdm.IoConnectInterruptEx: STATUS_SUCCESS"
    Choice,     // something was left open and came out so: "status = STATUS_SUCCESS"
    End,        // the thread or activation ends
  };
  Kind kind = Kind::Statement;
  std::string text;                  // on one line, white space collapsed
  model::Span span;                  // what it points at; nowhere for Return and End
  std::uint32_t depth = 0;           // calls around it, of those that are told
  std::vector<StoryChange> changes;  // what it wrote, in the order of the variables

  bool operator==(const StoryLine&) const = default;
};

/// One step of the run.
struct StoryStep {
  std::string who;               // "nic.isr", "nic.dpc.run #2"
  std::string role;              // "thread", "handler", "action"
  bool in_context = true;        // false for actions, which have neither level nor CPU
  bool starts = false;           // a handler starts
  std::int32_t cpu_before = -1;  // -1: floating
  std::int32_t cpu_after = -1;
  std::int32_t taken_on = -1;  // a floating step that saw which CPU it is on
  std::int64_t level_before = 0;
  std::int64_t level_after = 0;
  std::vector<StoryLine> lines;  // at least one
  bool is_plumbing = false;      // nothing but statements of other files that change nothing that others can see

  bool operator==(const StoryStep&) const = default;
};

/// A context that cannot continue, and why.
struct StoryBlocked {
  std::string who;
  std::string role;
  std::string why;   // "waits for lock 'm', held by a.run"
  model::Span span;  // the statement at which it stands; nowhere for handlers and actions that do not start
};

/// A whole run.
struct Story {
  model::RuleId rule;
  std::vector<StoryChange> initially;  // variables whose initial value is `any`: name and value (in `after`)
  std::vector<StoryStep> steps;
  std::vector<StoryVariable> variables;         // the state before the first step
  std::vector<std::vector<StoryValue>> values;  // for each step: what is another value after it
  bool in_state = false;             // the state after the last step is the violation; else it happens in the last step
  std::optional<std::size_t> loop;   // so many steps lead to what repeats without end: the steps after them, or nothing
  bool needs_no_event = false;       // no action takes part in the loop
  std::vector<std::string> in_loop;  // how often what the formula asks for is true in the loop (loop_conditions.h)
  model::Violation violation;
  std::vector<StoryBlocked> blocked;  // stuck and deadlocked states: what waits for what, contexts first
  std::vector<std::string> standing;  // handlers and actions that are stuck with them
};

/// How much of a run is told.
struct TellOptions {
  /// The file whose author reads the story. What happens inside the functions of other files (the library) is told only
  /// where it changes something that others can see; calls are told where they lead from this file to others or back.
  /// None: everything is told.
  model::FileId own_file;
};

/// The story of `finding`, a run of the reduced system. Variables and choices that do not matter to the rules asked for
/// (slicing) are not told. Requires: its run is concrete (one numbering of CPUs throughout) and was replayed.
/// O(steps x cells), and the cost of original_run().
Story tell(const ReducedSystem& systems, const Finding& finding, const model::SourceMap& sources,
           const TellOptions& options = {});

/// The story of a run of `system` that is told in the steps of another one: `run` says which step is a part of which
/// (OriginalRun::part_of, reached; is_late is not looked at). `about`: what is broken, and the loop in told steps; its run
/// is not looked at. Nothing is left out as not mattering.
Story tell_in_parts(const model::TransitionSystem& system, const Finding& about, const OriginalRun& run,
                    const model::SourceMap& sources, const TellOptions& options = {});

/// "status = STATUS_SUCCESS", "branch 2 of either: return STATUS_NOT_FOUND": what a choice came out as; empty for other
/// events, and for choices that had one outcome or do not count. `statement`: the text of the statement that chooses.
std::string choice_text(const model::TraceEvent& event, std::string_view statement);

/// "return STATUS_NOT_FOUND" of branch 2 of "either { pass } or { return STATUS_NOT_FOUND }": on one line, and cut where it is
/// long. Empty where the text has no such branch. Branches count from 1.
std::string branch_text(std::string_view either, std::size_t branch);

/// What the choices in `events` came out as, in order, those that are told.
std::vector<std::string> choice_texts(const std::vector<model::TraceEvent>& events, const model::SourceMap& sources);

/// How many steps two stories have in common before they part.
std::size_t common_steps(const Story& a, const Story& b);

/// The text of `span` on one line: white space collapsed, at most `width` characters.
std::string one_line(const model::SourceMap& sources, model::Span span, std::size_t width = 200);

/// "driver.qsm:12": where `span` begins; empty for nowhere.
std::string line_of(const model::SourceMap& sources, model::Span span);

}  // namespace quiesce::checker
