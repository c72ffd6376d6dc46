// The successors of packed states, canonical and packed again: what the searches run. One door to whatever is the
// fastest way to make them; the results do not depend on the way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "checker/result/exploration.h"
#include "checker/store/packing.h"
#include "checker/successor/command_table.h"
#include "checker/successor/compiled_system.h"
#include "checker/successor/packed_canonical.h"
#include "checker/successor/packed_successors.h"
#include "checker/successor/successor_generator.h"

namespace quiesce::checker {

class FilterTable;

/// Which of the equivalent ways to make successors. Fastest is Table until prefer_bytecode() is called.
struct ExpanderOptions {
  Successors successors = Successors::Table;
  VectorTarget vector_target = VectorTarget::Best;
  InstanceSymmetry symmetry = {};  // instances that are taken for one; none by default
  // So many guards of actions are compared one by one; more are looked up in an index. By measurement, beside the
  // tests.
  std::size_t most_compared = 64;
};

/// A system made ready for stepping packed states. Built once per search, immutable, shared by all threads.
class PackedSystem {
 public:
  /// Requires: a valid system (model/system/validate.h), which must outlive this.
  explicit PackedSystem(const model::TransitionSystem& system, const ExpanderOptions& options = {});
  ~PackedSystem();

  const model::TransitionSystem& system() const { return compiled_.system(); }
  const CompiledSystem& compiled() const { return compiled_; }
  const Packing& packing() const { return packing_; }

  const InstanceSymmetry& symmetry() const { return symmetry_; }

  /// The commands; null with Successors::Bytecode.
  const CommandTable* table() const { return table_.get(); }

  /// As if made with Successors::Bytecode, packing included. Requires: nothing uses the commands yet.
  void prefer_bytecode() { table_.reset(); }

  /// What states are filtered by before they are judged (state_filter.h).
  const FilterTable& filter() const { return *filter_; }

 private:
  CompiledSystem compiled_;
  InstanceSymmetry symmetry_;
  std::unique_ptr<CommandDerivation> derivation_;  // while this is built
  Packing packing_;
  std::unique_ptr<CommandTable> table_;
  std::unique_ptr<FilterTable> filter_;
};

/// Cells in, the packed words of their representative out: the one way in which states are made canonical, for every
/// part of a search. One per thread.
class CanonicalPacker {
 public:
  explicit CanonicalPacker(const PackedSystem& system)
      : packing_(system.packing()), canonical_(system.system(), system.packing(), &system.symmetry()) {}

  /// Whether every state is its own representative.
  bool is_trivial() const { return canonical_.is_trivial(); }

  /// Replaces a packed state by its representative.
  void canonicalize(std::uint64_t* words) { canonical_.canonical(words); }

  void pack(const std::int32_t* cells, std::uint64_t* words) {
    packing_.pack(cells, words);
    canonical_.canonical(words);
  }

  /// The same for an outcome that does not end the run, of a step from the packed state `before`.
  void pack(const std::uint64_t* before, const SuccessorView& step, std::uint64_t* words) {
    std::copy(before, before + packing_.words(), words);
    for (const CellWritten& written : *step.written) {
      packing_.update(words, static_cast<std::uint32_t>(written.cell), step.next[written.cell]);
    }
    canonical_.canonical(words);
  }

 private:
  const Packing& packing_;
  PackedCanonical canonical_;
};

class TableExpander;

/// One per thread.
class PackedExpander {
 public:
  /// `successors`: Bytecode runs bytecode also where there are commands.
  explicit PackedExpander(const PackedSystem& system, Successors successors = Successors::Fastest);
  ~PackedExpander();
  PackedExpander(const PackedExpander&) = delete;
  PackedExpander& operator=(const PackedExpander&) = delete;

  /// Adds what `count` packed states lead to. A state that breaks a core rule has no successors by definition: the
  /// caller does not pass it. `drain`, when there is one, is called after every kDrainOutcomes outcomes of one state.
  /// Where origins are wanted, bytecode is run whatever the system was made for, unless they may come in any order.
  void expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out, SuccessorDrain* drain = nullptr);

  static constexpr std::uint32_t kDrainOutcomes = 1U << 15;

  /// Checks executed by outcomes of any expansion so far, by position in Code::checks.
  const std::vector<bool>& exercised();

 private:
  class Steps;
  const PackedSystem& system_;
  std::unique_ptr<TableExpander> table_;  // null with Successors::Bytecode
  std::unique_ptr<Steps> steps_;          // once it was needed
  std::vector<bool> exercised_;
};

}  // namespace quiesce::checker
