// What of a design a search executed: plain data between the search that finds it out and the report that shows it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "checker/result/result.h"
#include "model/base/source.h"

namespace quiesce::checker {

/// Something of the text that a run may do. Marks are told apart by their place in the text: the copies of a statement
/// in several instances and calls are one.
struct CoverageMark {
  enum class Kind {
    Statement,  // it was executed
    Standing,   // a context stood in front of it
    Then,       // the condition of an `if` or `while` was true
    Else,       // it was false
    Choice,     // `label` was chosen by the statement
    Start,      // the handler started
    Action,     // the action was taken
  };
  Kind kind = Kind::Statement;
  model::Span span;
  std::string label;            // Choice: "branch 2 of either", "'s' = STATUS_PENDING", "'n' = 1..16"
  bool tests_a_result = false;  // Then, Else: what is tested is a stored truth, perhaps the result of a call

  std::int64_t value = INT64_MIN;  // Choice: the (least) value, so that marks stand in the order of values

  auto operator<=>(const CoverageMark& other) const { return key() <=> other.key(); }
  bool operator==(const CoverageMark& other) const { return key() == other.key(); }

 private:
  std::tuple<const Kind&, const model::Span&, const std::int64_t&, const std::string&, const bool&> key() const {
    return {kind, span, value, label, tests_a_result};
  }
};

/// What one search found.
struct CoverageFacts {
  std::vector<CoverageMark> marks;  // all that its system can do by its text, ascending
  std::vector<bool> taken;          // in step with `marks`: some run did it
  Statistics statistics;
  LimitKind limit = LimitKind::None;  // why the search is not complete: what is not taken may still be possible
};

}  // namespace quiesce::checker
