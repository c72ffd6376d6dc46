// The representative of all states that differ only by a renaming of CPUs and of the activations of one handler
// (docs/semantics.md): exact, so that two states have the same representative exactly when one is a renaming of the
// other.
//
// It is the least state in lexicographic order of cells. model::Interpreter chooses another representative by a
// simpler method; which one is chosen can be seen nowhere outside an engine, and independence is what the
// differential tests live from.
#pragma once

#include <cstdint>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// One per thread. Cost: with one CPU and no concurrent activations nothing; else, per renaming, a comparison of the
/// few cells that it can change, up to the first difference.
class Canonicalizer {
 public:
  explicit Canonicalizer(const model::TransitionSystem& system);

  /// The representative of `state`: `state` itself or a buffer that lives until the next call.
  const std::int32_t* canonical(const std::int32_t* state);

  /// Whether every state is its own representative.
  bool is_trivial() const { return renamings_.empty() && families_.empty(); }

 private:
  /// A renaming of CPUs, as it acts on the cells of cpu_cells_.
  struct Renaming {
    std::vector<std::int32_t> source;  // where the number of each cell comes from
    std::vector<std::int32_t> image;   // by cell value of kind Cpu: what it becomes
  };
  /// The activations of one handler.
  struct Family {
    std::uint32_t first_slot = 0;
    std::uint32_t count = 0;
    std::vector<std::int32_t> location_cell;           // per activation
    std::vector<std::vector<std::int32_t>> own_cells;  // per activation, in the same order
    struct Position {
      std::int32_t cell = 0;
      std::int32_t activation = -1;  // whose own cell it is; -1: a Slot cell of nobody in the family
      std::int32_t field = 0;        // which of own_cells
      bool is_slot = false;
    };
    std::vector<Position> positions;  // every cell that a renaming can change, ascending
  };

  void rename_into(const Renaming& renaming, const std::int32_t* state, std::int32_t* out) const;
  bool rename_is_less(const Renaming& renaming, const std::int32_t* state, const std::int32_t* best) const;
  bool sort_family(const Family& family, std::int32_t* state);
  bool enumerate_families(std::size_t family, const std::vector<std::int32_t>& state, std::vector<std::int32_t>& best);
  std::int32_t arranged(const Family& family, const Family::Position& position, const std::int32_t* state) const;
  bool begin_arrangements(const Family& family, const std::int32_t* state);
  bool next_arrangement(const Family& family);
  void place_activations(const Family& family);
  void minimise_activations(std::vector<std::int32_t>& state);

  std::size_t cells_ = 0;
  std::vector<std::int32_t> cpu_cells_;  // cells that a renaming of CPUs can change, ascending
  std::vector<std::uint8_t> is_cpu_;     // per cell of cpu_cells_: its number names a CPU
  std::vector<Renaming> renamings_;      // without the identity
  std::vector<Family> families_;         // handlers with several activations
  std::vector<std::int32_t> slot_cells_;
  bool families_touch_ = false;  // an own cell of one family may name a slot of another

  // Scratch.
  std::vector<std::int32_t> best_;
  std::vector<std::int32_t> candidate_;
  std::vector<std::int32_t> arranged_;
  std::vector<std::uint32_t> class_of_;     // per activation of the family at hand: equal ones share a class
  std::vector<std::uint32_t> arrangement_;  // classes in the order of places
  std::vector<std::uint32_t> from_;         // which activation stands at each place
  std::vector<std::uint32_t> to_;           // its inverse
  std::vector<std::uint32_t> next_of_class_;
};

}  // namespace quiesce::checker
