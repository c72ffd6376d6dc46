// The mutation score: what became of the mutants of each module, and which of them nothing explains. Plain data from a
// campaign and the reasons that are kept beside the library, and the texts that show it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/mutation/campaign.h"
#include "checker/mutation/reasons.h"

namespace quiesce::checker {

/// What became of the mutants of one module, or of all.
struct Tally {
  std::string module;
  std::size_t mutants = 0;     // tried
  std::size_t refused = 0;     // the language refuses them
  std::size_t equivalent = 0;  // not noticed, and a reason says that no design can
  std::size_t noticed = 0;
  std::size_t explained = 0;    // not noticed, with another reason
  std::size_t unexplained = 0;  // not noticed, without a reason

  /// Those that count: neither refused nor equivalent.
  std::size_t counted() const { return noticed + explained + unexplained; }
  /// Noticed of those that count, in tenths of a percent, rounded down; 1000 when none counts.
  std::size_t permille() const { return counted() == 0 ? 1000 : noticed * 1000 / counted(); }
};

struct Score {
  std::vector<Tally> modules;
  std::vector<Tally> families;
  Tally all;

  struct Survivor {
    const TriedMutant* tried = nullptr;
    const Explanation* reason = nullptr;  // null: unexplained
  };
  std::vector<Survivor> survivors;  // not noticed, in the order of the campaign
  std::vector<const Explanation*>
      unneeded;  // reasons for what was noticed, refused, or is no mutant of a module tried whole
};

/// Both outlive the score. `whole`: all mutants of the campaign's modules were tried.
Score score_of(const Campaign& campaign, const std::vector<Explanation>& reasons, bool whole);

/// The table of modules, what is not noticed without a reason, how many have one, and reasons that nothing needs.
std::string score_text(const Campaign& campaign, const Score& score);

/// Every mutant tried, one per line: what became of it, and which design noticed it.
std::string mutants_text(const Campaign& campaign);

/// Table and explained survivors for a document. No line numbers, so that it changes only with what it says.
std::string score_markdown(const Campaign& campaign, const Score& score);

}  // namespace quiesce::checker
