// Another solver as a program of its own: a second opinion on the scripts of a certificate.
#pragma once

#include <cstddef>
#include <string>

#include "checker/result/search_control.h"
#include "checker/smt/solver.h"

namespace quiesce::checker {

/// Whether there is a program cvc5 to be run.
bool has_other_solver();

/// What cvc5 says about a script with `cases` questions: Unsatisfiable when each answer is `unsat`, Satisfiable when
/// one is `sat`, else Unknown. The program is ended when `control` says stop.
Answer ask_other_solver(const std::string& script_file, std::size_t cases, const SearchControl& control);

}  // namespace quiesce::checker
