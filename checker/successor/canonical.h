// The representative of all states that differ only by a renaming of CPUs, of the activations of one handler
// (docs/semantics.md) and, where they are given, of interchangeable instances (instance_form.h): exact, so that two
// states have the same representative exactly when one is a renaming of the other.
//
// Activations are sorted by what they are; of the renamings of CPUs the one that gives the least state is taken, where
// there are activations to sort of those only that sort the CPUs by what can be said of each without the others. Which
// representative is chosen can be seen nowhere outside an engine.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/result/instance_symmetry.h"
#include "checker/successor/instance_form.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// One per thread. Cost: with one CPU and no concurrent activations nothing; else, per renaming, a comparison of the
/// few cells that it can change, up to the first difference.
class Canonicalizer {
 public:
  /// With `symmetry`, which must outlive this, also up to exchanges of interchangeable instances.
  explicit Canonicalizer(const model::TransitionSystem& system, const InstanceSymmetry* symmetry = nullptr);

  /// The representative of `state`: `state` itself or a buffer that lives until the next call.
  const std::int32_t* canonical(const std::int32_t* state);

  /// Whether every state is its own representative.
  bool is_trivial() const { return renamings_.empty() && families_.empty() && !instances_; }

 private:
  /// A renaming of CPUs, as it acts on the cells of cpu_cells_.
  struct Renaming {
    std::vector<std::int32_t> source;  // where the number of each cell comes from
    std::vector<std::int32_t> image;   // by cell value of kind Cpu: what it becomes
    std::uint32_t inversions = 0;      // the pairs whose order it changes
    std::vector<std::uint32_t> order;  // the free CPUs by their new names
  };
  /// A cell that tells CPUs apart whichever activation it belongs to.
  struct Mark {
    std::int32_t cell = 0;
    std::int32_t cpu = -1;     // whose it is; -1: its number names one
    std::uint64_t weight = 0;  // the same for cells that are exchanged
  };
  /// Two free CPUs, c < d, and the renaming that exchanges them.
  struct Pair {
    std::uint32_t c = 0;
    std::uint32_t d = 0;
    std::size_t exchange = 0;  // position in renamings_
  };
  /// The activations of one handler.
  struct Family {
    std::uint32_t first_slot = 0;
    std::uint32_t count = 0;
    std::vector<std::vector<std::int32_t>> own_cells;  // per activation, in the same order
    struct Position {
      std::int32_t cell = 0;
      std::int32_t activation = -1;  // whose own cell it is; -1: a Slot cell of no member of the family
      std::int32_t field = 0;        // which of own_cells
      bool is_slot = false;
    };
    std::vector<Position> positions;  // every cell that a renaming can change, ascending
  };

  void add_marks(const model::TransitionSystem& system, const InstanceSymmetry* symmetry);
  void mark_cpus(const std::int32_t* state);
  bool is_sorted(const std::vector<std::uint32_t>& order) const;
  std::uint32_t equivalent_pairs(const std::int32_t* state) const;
  void rename_into(const Renaming& renaming, const std::int32_t* state, std::int32_t* out) const;
  bool rename_is_less(const Renaming& renaming, const std::int32_t* state, const std::int32_t* best) const;
  bool comes_before(const Family& family, std::uint32_t a, std::uint32_t b, const std::int32_t* state) const;
  void sort_family(const Family& family, std::int32_t* state);
  bool enumerate_families(std::size_t family, const std::vector<std::int32_t>& state, std::vector<std::int32_t>& best);
  std::int32_t arranged(const Family& family, const Family::Position& position, const std::int32_t* state) const;
  void arrange_activations(std::vector<std::int32_t>& state);
  void arrange(std::vector<std::int32_t>& state);

  std::size_t cells_ = 0;
  std::vector<std::int32_t> cpu_cells_;  // cells that a renaming of CPUs can change, ascending
  std::vector<std::uint8_t> is_cpu_;     // per cell of cpu_cells_: its number names a CPU
  std::vector<Renaming> renamings_;      // without the identity
  std::vector<Pair> pairs_;              // bit i of a set of pairs is pairs_[i]
  std::vector<Family> families_;         // handlers with several activations
  std::vector<std::int32_t> slot_cells_;
  std::vector<Mark> marks_;
  std::vector<std::uint32_t> free_;  // CPUs that take part in renamings, ascending
  std::optional<InstanceForm> instances_;
  bool own_slots_ = false;  // an own cell of an activation may name one

  // Scratch.
  std::vector<std::int32_t> best_;
  std::vector<std::int32_t> candidate_;
  std::vector<std::int32_t> arranged_;
  std::vector<std::uint64_t> signature_;  // by CPU
  std::vector<std::uint32_t> from_;       // which activation stands at each place
  std::vector<std::uint32_t> to_;         // its inverse
};

}  // namespace quiesce::checker
