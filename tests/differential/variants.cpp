#include "tests/differential/variants.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "checker/search/breadth_first.h"
#include "model/passes/drop_unreachable.h"
#include "model/passes/forget_dead.h"
#include "model/passes/merge_steps.h"
#include "model/passes/movers.h"
#include "model/passes/reduce.h"
#include "model/passes/slice.h"

namespace quiesce {

using checker::Exploration;
using checker::LimitKind;
using checker::SearchOptions;
using checker::Storage;
using checker::Successors;
using checker::VectorTarget;
using model::TransitionSystem;

namespace {

TransitionSystem sliced(const TransitionSystem& system) {
  model::ReductionStatistics statistics;
  return slice(system, statistics).system;
}

/// The passes of a reduction one by one.
TransitionSystem steps_merged(const TransitionSystem& system) {
  model::ReductionStatistics statistics;
  return drop_unreachable(merge_steps(system, statistics).system, find_dead_checks(system)).system;
}

TransitionSystem movers_merged(const TransitionSystem& system) {
  model::ReductionStatistics statistics;
  return drop_unreachable(merge_movers(system, statistics).system, find_dead_checks(system)).system;
}

TransitionSystem unreachable_dropped(const TransitionSystem& system) {
  return drop_unreachable(system, find_dead_checks(system)).system;
}

TransitionSystem dead_forgotten(const TransitionSystem& system) {
  model::ReductionStatistics statistics;
  return forget_dead(system, statistics).system;
}

/// In little memory: clearing a large array takes longer than searching a small system.
void bitstate(SearchOptions& options) {
  options.storage = Storage::Bitstate;
  options.limits.memory_bytes = std::uint64_t{128} << 20;
}

/// As `quiesce check` searches.
void all_reductions(SearchOptions& options) {
  options.symmetry = true;
  options.partial_order = true;
  options.threads = 2;
  options.small_layer = 0;
}

/// A checkpoint of its own, gone when nothing needs it.
class CheckpointFile {
 public:
  CheckpointFile() {
    static std::atomic<unsigned> searches{0};
    number_ = ++searches;
    path_ = std::filesystem::temp_directory_path() / fmt::format("quiesce_resumed_{}_{}", getpid(), number_);
  }
  ~CheckpointFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  std::string path() const { return path_.string(); }
  unsigned number() const { return number_; }

  Exploration go_on(const TransitionSystem& system, const SearchOptions& options) const {
    SearchOptions rest = options;
    rest.threads = 2;
    rest.small_layer = 0;
    rest.resume = path();
    return explore_breadth_first(system, rest);
  }

 private:
  unsigned number_ = 0;
  std::filesystem::path path_;
};

/// Stopped when it knows half of the states, and gone on from there by two threads.
Exploration resumed(const TransitionSystem& system, const SearchOptions& options) {
  const CheckpointFile file;
  SearchOptions half = options;
  half.limits.states =
      std::max<std::uint64_t>(explore_breadth_first(system, options).statistics.distinct_states / 2, 1);
  half.checkpoint = file.path();
  const Exploration exploration = explore_breadth_first(system, half);
  return exploration.limit != LimitKind::None ? file.go_on(system, options) : exploration;
}

/// Gone on from the last checkpoint that two threads wrote on their way: in the middle of a level, at its end, or when
/// everything was done.
Exploration resumed_anywhere(const TransitionSystem& system, const SearchOptions& options) {
  const CheckpointFile file;
  SearchOptions first = options;
  first.threads = 2;
  first.small_layer = 0;
  // Written up to eight times, at other moments in every search.
  first.checkpoint_interval = explore_breadth_first(system, first).statistics.wall * (1 + file.number() % 7) / 8;
  first.checkpoint = file.path();
  const Exploration exploration = explore_breadth_first(system, first);
  return std::filesystem::exists(file.path()) ? file.go_on(system, options) : exploration;
}

}  // namespace

const std::vector<Variant>& variants() {
  static const std::vector<Variant> table = {
      {.name = "breadth first"},
      {.name = "bytecode",
       .claim = Claim::SameRuns,
       .set = [](SearchOptions& o) { o.successors = Successors::Bytecode; }},
      {.name = "AVX-512",
       .claim = Claim::SameRuns,
       .set = [](SearchOptions& o) { o.successors = Successors::Table, o.vector_target = VectorTarget::Avx512; }},
      {.name = "AVX2",
       .claim = Claim::SameRuns,
       .set = [](SearchOptions& o) { o.successors = Successors::Table, o.vector_target = VectorTarget::Avx2; }},
      {.name = "portable vectors",
       .claim = Claim::SameRuns,
       .set = [](SearchOptions& o) { o.successors = Successors::Table, o.vector_target = VectorTarget::Portable; }},
      {.name = "2 threads",
       .claim = Claim::SameRuns,
       .set = [](SearchOptions& o) { o.threads = 2, o.small_layer = 0; }},
      {.name = "8 threads",
       .claim = Claim::SameRuns,
       .set = [](SearchOptions& o) { o.threads = 8, o.small_layer = 0; }},
      {.name = "resumed", .claim = Claim::SameRuns, .explore = resumed},
      {.name = "resumed anywhere", .claim = Claim::SameRuns, .explore = resumed_anywhere},
      {.name = "compact storage",
       .claim = Claim::NeverContradicts,
       .set = [](SearchOptions& o) { o.storage = Storage::Compact; }},
      {.name = "bitstate storage", .claim = Claim::NeverContradicts, .set = bitstate},
      {.name = "symmetry", .claim = Claim::SameLengths, .set = [](SearchOptions& o) { o.symmetry = true; }},
      {.name = "partial order", .claim = Claim::UpToCoreRules, .set = [](SearchOptions& o) { o.partial_order = true; }},
      {.name = "all reductions, 2 threads",
       .claim = Claim::UpToCoreRules,
       .set = all_reductions,
       .pass = [](const TransitionSystem& s) { return reduce(s).system; }},
      {.name = "reduced",
       .claim = Claim::SameVerdicts,
       .pass = [](const TransitionSystem& s) { return reduce(s).system; }},
      {.name = "merged only",
       .claim = Claim::SameVerdicts,
       .pass = [](const TransitionSystem& s) { return reduce(s, {.slice = false}).system; }},
      {.name = "sliced only", .claim = Claim::SameLengths, .pass = sliced},
      {.name = "steps merged only", .claim = Claim::SameVerdicts, .pass = steps_merged},
      {.name = "movers merged only", .claim = Claim::SameVerdicts, .pass = movers_merged},
      {.name = "unreachable dropped only", .claim = Claim::SameLengths, .pass = unreachable_dropped},
      // An initial value that 'any where' reads stays, though it is dead: the state with it is not the one that a loop
      // comes back to with the cell at rest.
      {.name = "dead forgotten only",
       .claim = Claim::SameLengths,
       .pass = dead_forgotten,
       .may_have_more_states = true},
  };
  return table;
}

SearchOptions plain_options() {
  SearchOptions options;
  options.threads = 1;
  options.partial_order = false;
  options.symmetry = false;
  return options;
}

}  // namespace quiesce
