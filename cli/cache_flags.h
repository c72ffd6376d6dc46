// --cache of `check` and `test`: cases that were searched before are not searched again.
#pragma once

#include <memory>
#include <string>

#include "checker/outcome_cache.h"

namespace CLI {
class App;
}

namespace quiesce::cli {

struct CacheFlags {
  std::string folder;  // empty: no cache

  /// Adds the option to a subcommand. `*this` must outlive its parsing.
  void add_to(CLI::App& command);

  /// The cache that was asked for; null without --cache, and, with a warning, where the program cannot tell itself from
  /// another build. Requires: the options are parsed.
  std::unique_ptr<checker::OutcomeCache> open() const;

 private:
  const CLI::App* command_ = nullptr;
};

/// check(case_, options), through the cache where there is one; what went wrong there is said on standard error.
checker::SearchResult check_with(checker::OutcomeCache* cache, const checker::LoadedDesign& design,
                                 const checker::LoadedCheck& check, const checker::CheckCase& case_,
                                 const checker::CheckOptions& options);

/// "cache: 3 of 4 cases were known", with a line break; empty without a cache.
std::string cache_text(const checker::OutcomeCache* cache);

}  // namespace quiesce::cli
