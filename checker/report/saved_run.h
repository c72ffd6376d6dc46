// A run in a file: what is needed to take it again on the same design or on a changed one, by names instead of numbers.
// The steps are those of the system of the text, before any reduction, so that they mean the same to every version of
// the program. The format is docs/schema/run.schema.json; its `version` counts up when a reader of the old one would
// misunderstand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/result/outcome.h"
#include "model/base/expected.h"

namespace quiesce::checker {

/// A step of the system of the text.
struct SavedStep {
  std::string who;  // context or action
  model::Actor::Kind kind = model::Actor::Kind::Step;
  std::uint32_t activation = 0;
  std::int32_t cpu = -1;              // model::Step::cpu
  std::vector<std::int64_t> choices;  // model::Step::choices
  std::size_t part_of = 0;            // the step of the story that it belongs to
  std::string text;                   // the statement, or the head of what starts or acts
  std::string place;                  // "nic.qsm:12", for people
};

/// Which case of which check, and what was given for it.
struct SavedDesign {
  std::string file;
  std::string library;                         // --library; may be empty
  std::string system;                          // its name
  std::size_t check = 0;                       // from 1; 0: the text has no check of this system
  std::size_t case_number = 1;                 // from 1
  std::map<std::string, std::string> defines;  // -D
};

struct SavedRun {
  std::string tool_version;
  SavedDesign design;
  std::string rule;
  std::string message;                                          // of the violation; may be empty
  bool in_state = false;                                        // Finding::in_state
  std::optional<std::size_t> loop;                              // in steps of the story
  std::vector<std::pair<std::string, std::int64_t>> initially;  // cells whose initial value was open
  std::vector<SavedStep> steps;
  std::vector<std::size_t> reached;  // OriginalRun::reached
};

/// The run of `finding` in `case_`, ready to be written. Requires: there is a run (Finding::no_run). Costs as tell().
model::Expected<SavedRun> saved_run(const CaseOutcome& case_, const Finding& finding, const model::SourceMap& sources);

/// One JSON document, ended by a line break.
std::string saved_run_json(const SavedRun& run);

/// Reads what saved_run_json() wrote; else a sentence says what is wrong.
model::Expected<SavedRun> read_saved_run(std::string_view json);

/// Where the statement, or the head, stands that `actor` is about to execute in `state`.
model::Span about_to_span(const model::TransitionSystem& system, const model::State& state, const model::Actor& actor);

/// The statement, or the head, that `actor` is about to execute in `state`: its text on one line, and its place.
std::pair<std::string, std::string> about_to(const model::TransitionSystem& system, const model::State& state,
                                             const model::Actor& actor, const model::SourceMap& sources);

}  // namespace quiesce::checker
