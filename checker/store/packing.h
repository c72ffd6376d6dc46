// How a state is packed: every cell gets a field of bits, and no field straddles two words, so that reading one is a
// shift and a mask and a guard can be compared under a mask.
//
// Encodings are chosen for masks. A cell that names a CPU is one-hot (bit c is CPU c, no bit is none), so that a
// renaming of CPUs is a permutation of bits; any other holds its number minus the least that it can hold, or the
// position in the list of what it can hold where its numbers have gaps (a level is 0, 2 or 5). Cells that are tested
// together lie together: locations first, then levels, CPUs and affinities, then the shared variables, the locals of
// contexts last. Cells that can hold one number only between steps have no field at all.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// The layout of the packed states of one system. Immutable, shared by all threads.
class Packing {
 public:
  /// Wider states than this are refused (is_too_wide): everything that walks states is quadratic in their width at
  /// worst, and a design of more than 4,096 bits has no state space that could be searched.
  static constexpr std::uint32_t kMaxWords = 64;

  enum class Encoding : std::uint8_t {
    Number,  // the number - lo
    OneHot,  // bit n - 1 for the number n, no bit for 0
    Listed,  // the position in the list of numbers that the cell can hold, where that saves bits
  };

  /// Where a cell is and how.
  struct Field {
    std::uint32_t cell = 0;
    std::uint32_t word = 0;
    std::uint8_t shift = 0;
    std::uint8_t bits = 0;  // at least one
    Encoding encoding = Encoding::Number;
    std::int32_t lo = 0;
    std::uint32_t range = 0;  // hi - lo
    std::uint32_t list = 0;   // Listed: where its list begins
    std::uint32_t codes = 0;  // Listed: where its codes begin
  };

  /// By cell, the numbers that it can hold in a state, ascending; none: all of its domain.
  using Numbers = std::vector<std::vector<std::int32_t>>;

  /// Requires: `system` outlives this; cells that a renaming exchanges have the same `numbers`.
  explicit Packing(const model::TransitionSystem& system, const Numbers& numbers = {});

  /// 64-bit words per packed state, at least one.
  std::uint32_t words() const { return static_cast<std::uint32_t>(first_field_.size() - 1); }

  /// Whether states are wider than kMaxWords. A front end says so to the user and does not search.
  bool is_too_wide() const { return words() > kMaxWords; }

  /// Bits that carry information.
  std::uint32_t bits() const { return bits_; }

  std::size_t cells() const { return constants_.size(); }

  /// Everything that says how states are packed, as numbers: two packings with equal layouts read each other's states.
  std::vector<std::int64_t> layout() const;

  /// The field of `cell`; none when it holds one number only, constant(cell).
  std::optional<Field> field(model::CellId cell) const;

  /// What a number of a Listed field, as packed, stands for: so many numbers from here.
  const std::int32_t* list(const Field& field) const { return numbers_.data() + field.list; }

  /// What a cell without a field always holds.
  std::int32_t constant(model::CellId cell) const { return constants_[cell.value]; }

  /// The bits of `number` in the word of `cell`, in place; 0 for a cell without a field. Requires: a number of the
  /// cell's domain.
  std::uint64_t encode(model::CellId cell, std::int64_t number) const;

  /// The bits of `cell` in its word, in place; 0 for a cell without a field.
  std::uint64_t mask(model::CellId cell) const;

  /// The word of `cell`; 0 for a cell without a field.
  std::uint32_t word(model::CellId cell) const;

  /// Packs one number per cell into words() words. A number outside its cell's domain is an internal error: two states
  /// would become one.
  void pack(const std::int32_t* cells, std::uint64_t* words) const;

  /// Writes one number into a packed state. A number outside its cell's domain is an internal error, as in pack().
  void update(std::uint64_t* words, std::uint32_t cell, std::int32_t number) const;

  /// The inverse of pack().
  void unpack(const std::uint64_t* words, std::int32_t* cells) const {
    unpack_constants(cells);
    unpack_fields(words, cells);
  }

  /// The two halves of unpack(), for a caller that unpacks one state after the other into the same place: the cells
  /// that hold one number only, and the others.
  void unpack_constants(std::int32_t* cells) const;
  void unpack_fields(const std::uint64_t* words, std::int32_t* cells) const;

 private:
  static constexpr std::uint64_t kOutside = ~std::uint64_t{0};

  /// What unpack_fields() needs of a field, as little as possible.
  struct PlainField {  // Number
    std::uint32_t cell = 0;
    std::uint32_t shift = 0;
    std::uint32_t mask = 0;  // after the shift
    std::uint32_t lo = 0;
  };

  /// The bits of a number, not yet in place; kOutside for a number that the field cannot hold.
  std::uint64_t encoded(const Field& field, std::int64_t number) const;

  [[noreturn]] void report_outside(const std::int32_t* cells) const;
  [[noreturn]] void report_outside(std::uint32_t cell, std::int32_t number) const;

  const model::TransitionSystem& system_;
  std::vector<Field> fields_;               // by word
  std::vector<std::uint32_t> first_field_;  // by word, and one past the last
  std::vector<PlainField> plain_;           // by word
  std::vector<std::uint32_t> first_plain_;  // by word, and one past the last
  std::vector<Field> coded_;                // the fields that are not plain
  std::vector<std::int32_t> field_of_;      // by cell: position in fields_, -1 for none
  std::vector<std::int32_t> constants_;     // by cell: what it holds without a field
  std::vector<std::uint32_t> constant_cells_;
  std::vector<std::int32_t> numbers_;  // of Listed fields: the list, ascending
  std::vector<std::int16_t> codes_;    // of Listed fields: by number - lo, the position in the list or -1
  std::uint32_t bits_ = 0;
};

}  // namespace quiesce::checker
