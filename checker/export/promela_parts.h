// The parts of a Promela text that do not depend on what is asked of it: variables, conditions, assignments, what
// follows every step, the choice of an initial state.
#pragma once

#include <string>
#include <vector>

#include "checker/export/formula_text.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// The type and the name of a variable for the numbers lo to hi: "unsigned x : 3", "short x".
std::string promela_variable(const std::string& name, std::int64_t lo, std::int64_t hi);

class PromelaParts {
 public:
  /// `system` must outlive this.
  explicit PromelaParts(const model::GuardedSystem& system) : system_(system), text_(system, ExportLanguage::Promela) {}

  const FormulaText& text() const { return text_; }

  /// Statements that assign all at once; "skip" where nothing is assigned.
  std::string assign(const std::vector<model::Update>& assigns, const std::string& separator = "; ");

  /// Statements of a d_step that follow every step (GuardedSystem, Step, 4 and 5), each line indented by seven blanks;
  /// "" where nothing does.
  std::string settle();

  /// Declarations of all variables. Requires: all assignments were written.
  std::string variables() const;

  /// Conditions as macros.
  std::string conditions() const;

  /// The choice of one of several initial states, each with `then`; "" where there is one.
  std::string startstates(const std::string& then = "") const;

 private:
  const model::GuardedSystem& system_;
  FormulaText text_;
  std::vector<int> scratch_;  // bits of each scratch variable; -1: not a small number
};

}  // namespace quiesce::checker
