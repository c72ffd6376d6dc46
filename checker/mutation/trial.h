// Whether the designs of a library notice a mutant: a design does when one of its checks no longer meets what it
// expects, or when it cannot be elaborated any more. What a search costs decides how this is done. Each design is first
// searched as it is; of every case a fingerprint of its transition system and the number of its states are kept. A
// mutant is then tried on the designs that use its module, those that expect its rule to be broken first and the cheap
// ones before the dear ones, up to the first that notices; and of a design only on the cases whose transition system
// differs from the unmutated one.
//
// A mutant may multiply the states of a case. A search of one ends at kGrowth times the states that the case has
// without it; when that shows nothing the case is undecided, and other cases have to notice.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "checker/check.h"
#include "checker/mutation/mutant.h"

namespace quiesce::checker {

/// What the designs say to a mutant.
enum class Notice {
  Noticed,     // some design is not as it expects
  Missed,      // all designs are as they expect
  Undecided,   // the same as far as it was searched, but some case grew too large
  Refused,     // the text is wrong: the author would have seen it
  Interrupted  // not tried to the end
};

struct TrialResult {
  Notice notice = Notice::Missed;
  std::string design;      // Noticed: the file that does
  std::string difference;  // Noticed: in a sentence; Refused: what is wrong with the text
  bool differs = false;    // some case has another transition system than without the mutant
};

class Trials {
 public:
  static constexpr std::uint64_t kGrowth = 4;
  static constexpr std::uint64_t kAlwaysSearched = 5000;  // states that any case may have

  /// `library_directory` as in LoadOptions. `interrupt` may be null.
  Trials(std::string library_directory, const std::atomic<bool>* interrupt)
      : library_directory_(std::move(library_directory)), interrupt_(interrupt) {}

  /// Searches the design as it is, unless it has no checks or uses none of the modules `wanted` (paths of files; the
  /// same file may be spelled otherwise). Empty, or what is wrong with the design: then it is not among the designs.
  /// Not thread safe.
  std::string add_design(const std::string& path, const std::string& text, const std::set<std::string>& wanted);

  /// Sorts the designs by what they cost; after the last add_design().
  void prepare();

  std::size_t designs() const { return designs_.size(); }
  std::size_t cases() const;

  /// Tries a mutant of the module in file `path` with the text `text`. Thread safe: of two calls at once neither waits.
  /// The result is the same whatever else is tried.
  TrialResult try_mutant(const Mutant& mutant, const std::string& path, const std::string& text) const;

 private:
  struct Case {
    std::string elaborated;  // system_fingerprint() the system
    std::uint64_t states = 0;
  };
  struct Design {
    std::string path;
    std::string text;
    std::vector<Case> cases;                     // of all checks, in the order of the text
    std::uint64_t states = 0;                    // of all cases together
    std::map<std::string, std::string> modules;  // files that it was loaded from: canonical path -> name in messages
    std::set<std::string> breaks;                // rules that some check expects to be violated
  };

  void try_design(const Design& design, const std::string& shown, const std::string& changed, TrialResult& result,
                  bool& undecided) const;
  bool is_interrupted() const { return interrupt_ != nullptr && *interrupt_; }

  std::string library_directory_;
  const std::atomic<bool>* interrupt_;
  std::vector<Design> designs_;
};

}  // namespace quiesce::checker
