// Results of complete searches, kept in a folder: a case that was searched before, in the same way, is not searched
// again.
//
// A stored result is used only when its key is exactly that of the case. The key is made of
// (1) the program itself, byte for byte, so that another build knows nothing of what this one stored;
// (2) the options of the command, all but those that only say what is printed (the caller passes them as text);
// (3) every text that the design was made of, with its name, the library's too: reports point into them;
// (4) the case: number and title; the systems that were elaborated, as text (model/system/print.h).
// It is hashed to 128 bits (XXH3). Only a final result (report/stored_result.h) is stored: never one that a limit cut
// off.
// An entry is written whole or not at all, and has a checksum. Its runs are executed again by the reference interpreter
// before they are told. An entry that is damaged in any way is as good as none, with a warning.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/load.h"
#include "model/base/expected.h"

namespace quiesce::checker {

/// A hash of the program's own file, for keys. Nothing when it cannot be read.
model::Expected<std::string> program_identity();

class OutcomeCache {
 public:
  /// `surroundings`: parts (1) and (2) of all keys. The folder is made when something is stored.
  OutcomeCache(std::string folder, std::string surroundings);

  /// What check(case_, options) answers, from the cache where it is known; else it is searched, and stored when it is
  /// final. `case_` is one of `check`, which is one of `design`.
  SearchResult check(const LoadedDesign& design, const LoadedCheck& check, const CheckCase& case_,
                     const CheckOptions& options);

  std::size_t known() const { return known_; }        // cases that were not searched
  std::size_t searched() const { return searched_; }  // cases that were

  /// What went wrong since the last call, a sentence each: damaged entries, a folder that cannot be written.
  std::vector<std::string> take_warnings();

 private:
  std::string folder_;
  std::string surroundings_;
  std::size_t known_ = 0;
  std::size_t searched_ = 0;
  bool cannot_write_ = false;  // said once
  std::vector<std::string> warnings_;
};

}  // namespace quiesce::checker
