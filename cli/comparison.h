// What a cell expects against what was found, for people who read and for exit codes.
#pragma once

#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/report/text_report.h"
#include "cli/exit_code.h"

namespace quiesce::cli {

/// Undecided: the search is not complete, and nothing that was found contradicts what is expected.
enum class Match { AsExpected, Different, Undecided };

struct Comparison {
  Match match = Match::AsExpected;
  std::string difference;  // a sentence a line; empty when as expected
};

/// What a cell with this verdict returns to the shell.
ExitCode exit_code_of(checker::Verdict verdict);

Comparison compare(const checker::CheckCell& cell, const checker::SearchResult& result);

/// The cell of a report: which cell this is, and how outcome.result compares with what is expected of it.
void identify(const checker::CheckCell& cell, checker::CellOutcome& outcome);

}  // namespace quiesce::cli
