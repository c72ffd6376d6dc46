// How far a search is, on standard error while it runs: one line that is drawn anew on a terminal, or a JSON object
// per line for programs that watch.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "checker/result/exploration.h"
#include "checker/result/result.h"

namespace CLI {
class App;
}

namespace quiesce::cli {

enum class ProgressMode { Auto, Off, Line, Json };

/// Adds `--progress MODE` to a subcommand. `mode` must outlive its parsing.
void add_progress(CLI::App& command, ProgressMode& mode);

/// The progress of one search; what was drawn is erased when it ends. Auto is Line on a terminal; elsewhere it says
/// nothing but what is broken, when that is known and the search continues. Line without a terminal writes a line each
/// time. At most five times a second on a terminal, else once a second.
class Progress {
 public:
  Progress(ProgressMode mode, std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Makes the search report here. `*this` must outlive the search.
  void watch(checker::SearchOptions& options);

  /// The search is over: JSON says with which result, and the line is erased.
  void finish(const checker::SearchResult& result);

 private:
  void update(const checker::Statistics& statistics);
  void announce(const checker::Statistics& statistics);
  void erase();

  ProgressMode mode_;  // Off, Line, Json; Auto: only what is broken
  bool terminal_ = false;
  bool drawn_ = false;
  std::string what_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point shown_;
  // The states that there were when the rate was last measured.
  std::chrono::nanoseconds measured_at_{0};
  std::uint64_t measured_states_ = 0;
  double states_per_second_ = 0;
  // What was said of broken rules.
  std::size_t broken_rules_ = 0;
  std::size_t shortest_run_ = 0;
};

}  // namespace quiesce::cli
