// What has to be shown for an inductive invariant to prove rules, as texts in SMT-LIB 2: the recheck asks Z3, a
// certificate hands the same texts to any solver. Made from guarded commands alone; shares nothing with the engine that
// found the invariant.
//
// Trusted beside the solver that answers: that the guarded commands are the system (tests/differential/guarded_test.cpp
// and smt_test.cpp hold them against the interpreter), and that a step keeps numbers within the domains of their cells,
// which elaboration puts checks for.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "checker/result/invariant.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// Something that must not be possible.
struct ForbiddenCase {
  std::string term;  // true in the case
  std::string what;  // "clause 17 of the invariant is not kept"
};

/// One text, and the cases of which none may be satisfiable together with it.
struct Obligation {
  std::string name;                  // of a file: "initial", "step_0012", "properties", "deadlock", "leak", "stuck"
  std::string what;                  // "the step reader.run, mailbox.qsm:16:7"
  std::string text;                  // declarations, definitions, assertions
  std::vector<ForbiddenCase> cases;  // at least one
  bool integers = false;             // the text speaks of integers, not of bit-vectors alone
};

/// The rules that an invariant of `guarded` can be asked about: those asked for, without those that no formula stands
/// for (GuardedSystem::left_out but the leak and the stuck set, and what is asked to be reachable).
std::vector<model::RuleId> provable_rules(const model::GuardedSystem& guarded);

/// Of these and of the core rules, which end runs, those that a command or a property can break; ascending.
std::vector<model::RuleId> claimable_rules(const model::GuardedSystem& guarded);

/// Hands on one obligation after the other until `use` says false: that the invariant is true in all initial states,
/// that each step keeps it, and that none of `rules` is broken where it is true. Requires: `guarded` was made with the
/// commands that break core rules; cells and rules exist. `sources` names places in the text; null leaves them out.
/// `predicates`: formulas (model/guarded/formula_text.h) about numbers without bounds, of which there are no bits; the
/// invariant mentions number i of them as bit 0 of the cell behind the last one of the system, i further on.
/// Cost: (commands) x (size of the invariant and of the command).
void for_each_obligation(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                         const std::vector<model::RuleId>& rules, const model::SourceMap* sources,
                         const std::function<bool(Obligation)>& use, const std::vector<std::string>& predicates = {});

/// The same in fewer and larger texts, for one solver that reads them all: many steps stand in one text, with one case
/// for each step. Requires: the system has no numbers without bounds.
void for_each_question(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                       const std::vector<model::RuleId>& rules, const std::function<bool(Obligation)>& use);

/// The obligation as a script that any solver reads: one `check-sat` for each case, and each is to answer `unsat`.
std::string script_of(const Obligation& obligation);

}  // namespace quiesce::checker
