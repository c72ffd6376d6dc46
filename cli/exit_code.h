// What the command returns to the shell; part of the contract with scripts, so it never changes.
#pragma once

#include "checker/result/outcome.h"
#include "checker/result/result.h"

namespace quiesce::cli {

enum class ExitCode : int {
  AllHold = 0,
  Violated = 1,       // a rule is violated or vacuous; a test failed; a text is not in canonical layout
  WrongInput = 2,     // the text, the options or the files
  Undecided = 3,      // a limit or Ctrl-C came first
  InternalError = 4,  // ours
};

/// What a check with this verdict returns.
inline ExitCode exit_code_of(checker::Verdict verdict) {
  switch (verdict) {
    case checker::Verdict::Holds:
    case checker::Verdict::NotExercised:
      return ExitCode::AllHold;
    case checker::Verdict::Violated:
    case checker::Verdict::Vacuous:
      return ExitCode::Violated;
    case checker::Verdict::Unknown:
      return ExitCode::Undecided;
  }
  return ExitCode::InternalError;
}

/// What two parts of one command return together: wrong input before violated before undecided before all hold.
inline ExitCode worse(ExitCode a, ExitCode b) {
  const auto weight = [](ExitCode code) {
    switch (code) {
      case ExitCode::AllHold:
        return 0;
      case ExitCode::Undecided:
        return 1;
      case ExitCode::Violated:
        return 2;
      case ExitCode::WrongInput:
        return 3;
      case ExitCode::InternalError:
        return 4;
    }
    return 4;
  };
  return weight(a) >= weight(b) ? a : b;
}

/// What the cases of a check return together.
inline ExitCode exit_code_of(const checker::CheckOutcome& outcome) {
  ExitCode code = ExitCode::AllHold;
  for (const checker::CaseOutcome& case_ : outcome.cases)
    code = worse(code, exit_code_of(checker::overall(case_.result)));
  return code;
}

}  // namespace quiesce::cli
