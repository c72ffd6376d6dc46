// All mutants of some modules, tried on all designs: the work behind `quiesce mutate`. What comes out depends on the
// texts and the options alone, not on the number of jobs.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "checker/mutation/mutant.h"
#include "checker/mutation/trial.h"

namespace quiesce::checker {

/// A file as the user named it.
struct NamedText {
  std::string path;
  std::string text;
};

struct CampaignOptions {
  std::string library_directory;  // as in LoadOptions
  std::string module;             // mutate this module ("wdm.line") or family ("wdm"); empty: all
  std::string only;               // mutate what has this in its module, place, rule or text; empty: all
  std::size_t sample = 0;         // try so many of the mutants, chosen by `seed`; 0: all
  std::uint64_t seed = 1;
  unsigned jobs = 0;                                                // at once; 0: as many as the machine has cores
  const std::atomic<bool>* interrupt = nullptr;                     // may be null
  std::function<void(std::size_t done, std::size_t all)> progress;  // from one thread at a time; may be empty
};

struct TriedMutant {
  Mutant mutant;
  std::string path;  // of its module
  TrialResult result;
};

struct Campaign {
  std::vector<TriedMutant> tried;    // in the order of the modules, then of the text
  std::vector<std::string> modules;  // that were mutated, in that order
  std::size_t mutants = 0;           // of which `tried` are all, or a sample
  std::size_t designs = 0;           // that use one of the modules
  std::size_t cases = 0;             // of their checks
  bool interrupted = false;
  std::vector<std::string> problems;  // a sentence each; when there are any, nothing was tried
};

/// `files`: modules and designs. A design is a file with a `check`, all others are modules.
Campaign run_campaign(const std::vector<NamedText>& files, const CampaignOptions& options);

}  // namespace quiesce::checker
