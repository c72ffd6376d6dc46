// Coverage as people and programs read it: what the text says could happen and no run of any checked system did. A
// design that cannot do something hides the mistakes it would make there.
//
// The text is the measure, not the transition system (checker/coverage.h makes the items): a function that nothing
// calls, and what parameters leave out of every case, are reported too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "checker/result/coverage.h"
#include "model/base/source.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// A case that was searched for coverage.
struct CoverageCase {
  std::string title;
  const model::TransitionSystem* system = nullptr;
  CoverageFacts facts;
};

/// Something that can happen by the text.
struct CoverageItem {
  enum class Kind { Function, Handler, Action, Statement, Condition, Choice };
  enum class State {
    Never,     // in no case
    Stood,     // Statement: a context stood before it, and never got past
    Happened,  // in some case
  };
  Kind kind = Kind::Statement;
  model::Span span;
  std::string label;  // Condition: "true", "false"; Choice: what was chosen; else the name
  State state = State::Never;
  std::vector<std::size_t> cases;  // positions of the cases where it happened
  std::size_t owner = SIZE_MAX;    // position of the Function, Handler or Action that it belongs to
};

struct CoverageReport {
  std::vector<CoverageItem> items;  // by file and place; owners before what belongs to them
  std::vector<std::string> unused;  // machines of the text that are in no system that was searched
  std::vector<CoverageCase> cases;
  bool complete = true;  // no search was cut short by a limit
};

/// For reading: totals, then all that never happened, each with its line.
std::string coverage_text(const CoverageReport& report, const model::SourceMap& sources, std::size_t width,
                          bool colour);

/// {"version": 1, "complete": ..., "cases": [...], "totals": {...}, "items": [...], "unused_machines": [...]}, two
/// blanks of indentation, ended by a line break. docs/guide.md documents the fields.
std::string coverage_json(const CoverageReport& report, const model::SourceMap& sources);

/// The trace format of lcov (geninfo(1)): per line, in how many cases it was executed; per function, handler and
/// action, in how many it was begun; per condition and choice, in how many it was taken.
std::string coverage_lcov(const CoverageReport& report, const model::SourceMap& sources);

}  // namespace quiesce::checker
