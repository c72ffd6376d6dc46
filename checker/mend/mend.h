// Mends of a check that fails: small changes of its design under which every rule holds in every case and none that was
// exercised before says nothing now. A mend is never claimed unless a full check has verified it, with all cases of its
// check; and no other check of the file that held may fail.
//
// Changes are made in the order of candidates.h, in a design with one thread for each core, and nearly all are given up
// at the first violation of the one case that broke a rule soonest. When no change alone mends, those after which fewer
// rules are broken are changed once more. What comes out depends on the text and the options alone, unless time or an
// interruption ends it.
//
// Where it differs from repair by mutation (Weimer, Nguyen, Le Goues, Forrest, "Automatically Finding Patches Using
// Genetic Programming", ICSE 2009): the changes are those of a protocol (which call, when, under which lock), they are
// tried in order and not at random, and what judges them is a whole search and no set of tests.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/mend/patch.h"
#include "checker/result/outcome.h"

namespace quiesce::checker {

/// How long mends of one check are looked for where no time is given.
constexpr std::chrono::seconds kMendTime{60};

/// Loading a change and preparing its search costs about as much as searching so many states: 10 to 20 ms.
constexpr std::uint64_t kChangeStates = 2'000;

struct MendOptions {
  std::size_t most = 3;          // mends of a check to look for
  std::size_t checks = 0;        // of a file, at most so many; 0: all that fail
  bool own_rules = true;         // checks too that break no rules but those which the file itself states
  unsigned threads = 0;          // 0: as many as the machine has cores
  std::size_t most_changes = 0;  // to try, for each check; 0: all. What is found then does not depend on time
  /// How many states the searches of the changes of one check may have together, each change counted with kChangeStates
  /// more for its loading; 0: any. What is found then does not depend on time.
  std::uint64_t most_states = 0;
  std::optional<std::chrono::milliseconds> time = {};                     // none: until all changes are tried
  const std::atomic<bool>* interrupt = nullptr;                           // may be null
  std::function<void(std::size_t tried, std::size_t all)> progress = {};  // from one thread at a time; may be empty
};

/// A verified change.
struct Mend {
  std::string what;  // it does, in words: "calls 'hw.disable()' before 'wdm.IoDisconnectInterruptEx(intr)'"
  std::string text;  // of the whole file
  std::vector<LineChange> changes;  // of the file
  std::string patch;                // a unified diff
  std::size_t size = 1;             // statements touched
};

/// How many changes ended how.
struct MendTally {
  std::size_t all = 0;        // changes made
  std::size_t tried = 0;      // of these
  std::size_t refused = 0;    // the language does not accept them
  std::size_t broken = 0;     // a rule is still broken
  std::size_t vacuous = 0;    // a rule that was exercised says nothing any more
  std::size_t dead = 0;       // a statement is never executed any more
  std::size_t other = 0;      // another check of the file fails
  std::size_t too_large = 0;  // too many states to say
};

struct MendResult {
  std::vector<Mend> mends;          // the first is tried first
  std::vector<std::string> broken;  // rules of the check that are broken without it
  MendTally tally;
  LimitKind limit = LimitKind::None;  // what ended it before it was at its end; States: MendOptions::most_states
  std::chrono::nanoseconds wall{0};
  bool is_known = false;  // `mends` are of MendRequest::known
};

/// What is asked for: a check of a design, and what became of it.
struct MendRequest {
  const LoadedDesign& design;
  const LoadedCheck& check;
  const CheckOutcome& outcome;
  LoadOptions load;                    // as the design was loaded
  CheckOptions search;                 // as it was checked
  std::vector<std::size_t> keep = {};  // numbers of other checks of the file of which all rules hold
  std::vector<Mend> known = {};  // of other checks of the file: tried first, and enough where one mends this one, too
};

/// Requires: `outcome` is that of `check`. The file of the design is its first.
MendResult find_mends(const MendRequest& request, const MendOptions& options);

}  // namespace quiesce::checker
