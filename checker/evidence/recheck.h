// No verdict without evidence: an inductive invariant that an engine found is checked by Z3, before a report says that
// the rules hold. Each question is asked of a Z3 of its own, and made from the guarded commands without the engine.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "checker/evidence/obligations.h"
#include "checker/result/invariant.h"
#include "checker/result/search_control.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

struct RecheckResult {
  enum class Outcome {
    Accepted,   // all was shown
    Refused,    // something that must not be possible is: the invariant proves nothing
    Undecided,  // a limit, or Z3 gave up
  };
  Outcome outcome = Outcome::Accepted;
  std::string problem;        // where it was refused or left: "the step isr, nic.qsm:12:3: clause 3 of the invariant is
                              // not kept"; empty when accepted
  std::size_t questions = 0;  // obligations that Z3 was asked about
  std::size_t cases = 0;      // forbidden cases in them
};

/// Asks Z3 whether one of the cases of an obligation is possible, and adds to `result`. False: not shown.
bool recheck(const Obligation& obligation, const SearchControl& control, RecheckResult& result);

/// Whether `invariant` proves `rules` of `guarded` (see for_each_question): where not, the first obligation that is not
/// shown. Undecided when `goes_on` says no, which is asked before each question.
RecheckResult recheck(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                      const std::vector<model::RuleId>& rules, const SearchControl& control,
                      const std::function<bool()>& goes_on);

}  // namespace quiesce::checker
