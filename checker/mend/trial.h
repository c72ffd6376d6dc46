// Whether a changed design mends a check: loads the text and searches. Two kinds of answers: a quick one, from one case
// up to its first violation, which nearly all changes end with; and the full one, from all cases, which alone makes a
// mend.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/load_again.h"

namespace quiesce::checker {

/// A check as it is before any change.
struct MendSubject {
  std::string name;                             // of the file
  LoadOptions load;                             // as the design was loaded; chooses the check
  CheckOptions search;                          // as it was checked
  model::types::ParsedTexts* parsed = nullptr;  // of the modules that it uses; may be null
  std::size_t quick_case = 0;                   // which of its cases breaks a rule soonest, from 0
  std::vector<std::size_t> keep;                // numbers of other checks of the file, from 1, of which all rules hold
  std::vector<std::vector<std::string>> exercised;  // per case: rules that something in it exercises
  /// Per case: of `exercised`, broken rules that no step exercises which breaks none, in a run that broke none before. Empty
  /// where no change may give one up.
  std::vector<std::vector<std::string>> never_kept;
  std::vector<std::uint64_t> states;          // per case
  std::vector<std::string> broken;            // rules of the quick case, ascending
  std::optional<std::set<std::string>> dead;  // statements that are never executed (dead_code.h), where known
};

/// What became of a change.
enum class Change {
  Refused,      // the language does not accept the text
  Broken,       // a rule is broken
  Vacuous,      // nothing is broken, but a rule that was exercised is not any more
  Dead,         // a statement is never executed any more, or the new one is not
  BreaksOther,  // another check of the file, which held, does not
  TooLarge,     // it has too many states to know
  Stopped,      // time, or an interruption
  Mends,        // all rules hold in all cases
};

struct ChangeResult {
  Change change = Change::Refused;
  std::string rule = {};     // Broken, Vacuous, BreaksOther, TooLarge: one such; Dead: the statement
  std::size_t run = 0;       // Broken: steps of the run that breaks it
  std::size_t case_ = 0;     // Broken: in which case, from 0; those before it hold when all were searched
  std::string resting = {};  // Mends: a rule of MendSubject::never_kept that nothing exercises any more
  std::uint64_t states = 0;  // Mends: of all cases
  std::uint64_t cost = 0;    // states of all searches that it took
};

/// The rules that a case breaks under a change.
struct BrokenRules {
  std::vector<std::string> names;  // ascending
  bool is_complete = false;        // it breaks no others
  std::uint64_t cost = 0;          // states searched
};

class MendTrials {
 public:
  static constexpr std::uint64_t kGrowth = 20;               // times the states that the case has now...
  static constexpr std::uint64_t kAlwaysSearched = 200'000;  // ...or so many, may a change have

  /// Both outlive this; `stop` ends all searches.
  MendTrials(const MendSubject& subject, const std::atomic<bool>& stop) : subject_(subject), stop_(stop) {}

  /// Thread safe: of two calls at once neither waits.
  ChangeResult try_quickly(const std::string& text) const;
  /// `may_rest`: rules of MendSubject::never_kept need not be exercised.
  ChangeResult try_fully(const std::string& text, bool may_rest = false) const;

  /// What the quick case breaks under the change.
  BrokenRules broken_by(const std::string& text) const;

  /// Of a search of one case of a changed design.
  CheckOptions search_options(std::size_t case_number) const;

 private:
  LoadOptions load_options() const;
  std::unique_ptr<LoadedDesign> loaded(const std::string& text, const LoadOptions& options) const;
  ChangeResult judge_case(const CheckCase& case_, std::size_t number, bool may_rest) const;
  ChangeResult try_others(const std::string& text, std::uint64_t& cost) const;
  ChangeResult try_execution(const std::string& text) const;

  const MendSubject& subject_;
  const std::atomic<bool>& stop_;
};

/// Derives no command table for searches of as few states as `states` is: it costs more than it saves there.
void prepare_for(std::uint64_t states, CheckOptions& options);

/// The rules of `case_` that something exercises, whatever becomes of them: `result` is that of the case.
std::vector<std::string> exercised_rules(const CheckCase& case_, const SearchResult& result,
                                         const CheckOptions& options);

/// Takes from `rules` those that only steps exercise which break a rule, or stand in a run that broke one before: what comes
/// of a mistake cannot be asked of a design without it. Broken rules stay; returned are those of them that would have gone.
/// Where this cannot be known, none. Cost: two searches.
std::vector<std::string> leave_out_consequences(const CheckCase& case_, const SearchResult& result,
                                                const CheckOptions& options, std::vector<std::string>& rules);

}  // namespace quiesce::checker
