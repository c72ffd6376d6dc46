// Small changes of a design that might mend it: a statement moved, a call of the library added, removed or exchanged, a
// lock around statements, a condition before them, another constant returned. Which of them help is not known here.
//
// The order is that in which they are tried: those that touch fewer statements first; of these the kinds that a reader
// would think of first, near where the run that is to be mended was last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "checker/load.h"
#include "checker/mend/edit.h"
#include "model/base/source.h"

namespace quiesce::checker {

struct Candidate {
  Edit edit;
  std::size_t size = 1;    // statements touched
  double rank = 0;         // among those of its size, less is earlier
  bool does_less = false;  // than before: shown only where there is nothing else
  bool heeds = false;      // asks what the library requires of a call: that rule may have nothing to say afterwards
  std::string what;        // "calls 'hw.disable()' before 'wdm.IoDisconnectInterruptEx(intr)'"
};

/// How near lines of the design are to what is to be mended: line (from 1) -> 0 for the last one that the run executed,
/// 1 for the one before... Lines that it did not execute are missing.
using Nearness = std::map<std::uint32_t, std::size_t>;

/// Lines (from 1) that a run to be mended executed: changes that touch no statement on them leave the run as it is.
struct ExecutedLines {
  std::set<std::uint32_t> lines = {};  // empty: not known, all may matter
  /// It matters where contexts stand as well: all statements of threads, handlers, and functions that were executed do.
  bool with_routines = false;
  std::vector<std::string> asked = {};   // names in the conditions of the broken rules: what sets them may mend
  std::vector<model::Span> broken = {};  // conditions of the broken rules, where they stand
};

/// All candidates, in the order in which they are to be tried, but those that leave the run as it is. The own file of
/// `design` is its first.
/// Requires: `design` was loaded without errors. Cost: some statements x (calls + conditions + statements of their
/// routine).
std::vector<Candidate> candidates_of(const LoadedDesign& design, const Nearness& nearness,
                                     const ExecutedLines& executed = {});

}  // namespace quiesce::checker
