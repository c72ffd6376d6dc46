// Which initial values Z3 refuses: the guide (model/interpret/initial_guide.h) with which the initial states of an
// `any where` that few of very many values fulfil are found in time that is proportional to their number.
//
// What is trusted: Z3's "unsatisfiable", and that the formulas (model/guarded/initial_formulas.h) say what the
// interpreter evaluates. States are still judged by the interpreter, so that a wrong "satisfiable" costs only time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/guarded/guarded_system.h"
#include "model/interpret/initial_guide.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Costs nothing until it is asked first. A question takes no longer than trying would; when too many have no answer by
/// then, no more are asked.
class InitialSolver : public model::InitialGuide {
 public:
  /// Below so many combinations a question costs more than trying all of them: some milliseconds.
  static constexpr std::uint64_t kTriedUnasked = 65'536;

  /// Requires: `system` outlives this. `tried_unasked`: less than the constant only for tests.
  explicit InitialSolver(const model::TransitionSystem& system, std::uint64_t tried_unasked = kTriedUnasked);
  ~InitialSolver() override;

  bool may_begin(const std::vector<model::InitialRange>& ranges, std::uint64_t tries) override;
  std::uint64_t tried_unasked() const override { return tried_unasked_; }

 private:
  class Questions;

  bool ask(const std::vector<model::InitialRange>& ranges, std::uint64_t tries);

  const model::TransitionSystem& system_;
  std::uint64_t tried_unasked_;
  std::unique_ptr<Questions> z3_;
  bool is_given_up_ = false;
  std::size_t unanswered_ = 0;  // in sequence
};

/// guarded_system() with an InitialSolver.
model::Expected<model::GuardedSystem> guarded_by_solver(const model::TransitionSystem& system, bool with_errors = true);

}  // namespace quiesce::checker
