// The representative of a packed state under renamings of CPUs and of the activations of handlers: as Canonicalizer
// (canonical.h) tells states apart, but on the packed words. Its representatives are others than the Canonicalizer's,
// which can be seen nowhere (docs/semantics.md, Symmetry) as long as all parts of a search use one of the two.
//
// A cell that names a CPU is one-hot and an array over CPUs is a row of equal fields (packing.h), so a renaming of CPUs
// is a permutation of bits: a few shifts and masks per word. The bits that belong to one CPU, laid out in the same way
// for every CPU, are its key; sorting CPUs by their keys gives the representative. Only where a bit belongs to two CPUs
// (a matrix over CPUs, an array over CPUs of CPUs) do CPUs with equal keys have to be tried in every order, and the
// least words win.
//
// The activations of a handler are likewise rows of equal fields: the bits of one are its key, and for a given naming
// of CPUs activations are sorted by their keys. What an activation says of the CPU that it names goes into the CPU's
// key as a sum over activations, which does not depend on their order; CPUs that are still equal are tried in every
// order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "checker/store/packing.h"
#include "checker/successor/canonical.h"
#include "checker/successor/cell_reader.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// One per thread. Cost: some nanoseconds per word, CPU and concurrent activation; in systems with interchangeable
/// instances, or where the locals of concurrent activations name activations, the cost of the Canonicalizer, which
/// works on cells, and of unpacking and packing.
class PackedCanonical {
 public:
  /// With `symmetry` also up to exchanges of interchangeable instances. Requires: `packing` and `symmetry` outlive
  /// this.
  PackedCanonical(const model::TransitionSystem& system, const Packing& packing,
                  const InstanceSymmetry* symmetry = nullptr);

  /// Whether every state is its own representative.
  bool is_trivial() const { return renamings_.empty() && families_.empty() && cells_form_ == nullptr; }

  /// Replaces a packed state by its representative.
  void canonical(std::uint64_t* state) {
    if (cells_form_ != nullptr) {
      by_cells(state);
    } else if (!renamings_.empty()) {
      by_words(state);
    } else {
      for (const Family& family : families_) sort_family(family, state);
    }
  }

  /// The same for `count` states of Packing::words() words one after the other.
  void canonical(std::uint64_t* states, std::size_t count) {
    if (is_trivial()) return;
    for (std::size_t i = 0; i < count; ++i) canonical(states + i * words_);
  }

 private:
  static constexpr std::size_t kMaxFree = 4;

  /// Bits that move together: those of `mask` in word `from`, shifted, into word `to`.
  struct Move {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint64_t mask = 0;
    std::int32_t shift = 0;  // to the left when positive
  };
  using Moves = std::vector<Move>;
  struct Renaming {
    std::array<std::uint8_t, kMaxFree> order{};  // place i gets the bits of free CPU order[i]
    Moves moves;
  };
  /// A field of an activation that names a CPU.
  struct CpuName {
    std::uint32_t word = 0;
    std::uint32_t shift = 0;
    std::uint64_t weight = 0;  // the same for all activations
  };
  /// The activations of one handler.
  struct Family {
    std::uint32_t first_slot = 0;
    std::uint32_t count = 0;
    std::vector<Moves> key;                   // by activation: its bits to where those of the first one are
    std::vector<std::vector<CpuName>> names;  // by activation
    std::vector<std::uint64_t> own;           // by word: bits of any activation
    std::vector<std::uint64_t> sorted_by;     // by word: these, and those that may name an activation
    bool idle_is_sorted = false;              // where all of sorted_by are zero, nothing is to be sorted
  };
  /// A cell that may name an activation.
  struct SlotCell {
    model::CellId cell;
    CellReader reader;
  };
  static std::uint64_t shifted(std::uint64_t bits, std::int32_t shift) {
    return shift >= 0 ? bits << shift : bits >> -shift;
  }
  static void add_move(Moves& moves, const Packing::Field& from, std::uint32_t from_bit, const Packing::Field& to,
                       std::uint32_t to_bit, std::uint32_t bits);
  bool build_families(const model::TransitionSystem& system);
  void note_idle_families();
  static void sort_by_target(Moves& moves);
  bool build_cpus(const model::TransitionSystem& system);
  void read_keys(const Moves* rows, std::size_t count, const std::uint64_t* state, std::uint64_t* keys) const;
  bool have_equal_keys() const;
  bool is_idle(const Family& family, const std::uint64_t* state) const;
  std::uint32_t sign_cpus(const std::uint64_t* state);
  void by_words(std::uint64_t* state);
  void by_cells(std::uint64_t* state);
  void apply(const Renaming& renaming, const std::uint64_t* state, std::uint64_t* out) const;
  void sort_family(const Family& family, std::uint64_t* state);
  bool is_named_before(const Family& family, std::uint32_t a, std::uint32_t b, const std::uint64_t* state) const;

  const Packing& packing_;
  std::size_t words_ = 0;
  // On words:
  std::size_t free_ = 0;                         // CPUs that take part
  std::vector<Renaming> renamings_;              // all orders of them, the identity first
  std::array<std::uint8_t, 256> renaming_of_{};  // by order, two bits per place: position in renamings_
  std::array<Moves, kMaxFree> key_;              // by free CPU: its bits to where those of the first one are
  bool has_pairs_ = false;                       // some bit that a renaming moves is in no key
  std::vector<std::uint64_t> still_;             // by word: bits that no renaming moves
  std::vector<Family> families_;                 // handlers with several activations
  std::vector<SlotCell> slot_cells_;
  std::vector<bool> owned_;                  // by cell: it belongs to an activation of a family
  std::vector<std::int8_t> free_position_;   // by CPU: its position among those that take part, or -1
  std::vector<std::uint64_t> family_names_;  // by word: bits of activations that name a CPU
  // On cells:
  std::unique_ptr<Canonicalizer> cells_form_;

  // Scratch.
  std::vector<std::uint64_t> keys_;
  std::array<std::uint64_t, kMaxFree> signatures_{};  // by free CPU
  std::vector<std::uint64_t> activation_keys_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> place_;
  std::vector<std::uint64_t> best_;
  std::vector<std::uint64_t> candidate_;
  std::vector<std::int32_t> cells_;
};

}  // namespace quiesce::checker
