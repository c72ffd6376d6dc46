// How a state is packed: every cell gets as many bits as its domain needs, and no cell straddles two words, so that
// reading one is a shift and a mask and a guard can be compared under a mask.
#pragma once

#include <cstdint>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// The layout of the packed states of one system. Immutable, shared by all threads.
class Packing {
 public:
  struct Field {
    std::uint32_t cell = 0;
    std::uint8_t shift = 0;
    std::uint8_t bits = 0;
    std::int32_t lo = 0;
    std::uint32_t range = 0;  // hi - lo
  };

  explicit Packing(const model::TransitionSystem& system);

  /// 64-bit words per packed state, at least one.
  std::uint32_t words() const { return static_cast<std::uint32_t>(first_field_.size() - 1); }

  /// Bits that carry information.
  std::uint32_t bits() const { return bits_; }

  std::size_t cells() const { return constants_.size(); }

  /// Packs one number per cell into words() words. A number outside its cell's domain is an internal error: two states
  /// would become one.
  void pack(const std::int32_t* cells, std::uint64_t* words) const;

  /// The inverse.
  void unpack(const std::uint64_t* words, std::int32_t* cells) const;

 private:
  [[noreturn]] void report_outside(const std::int32_t* cells) const;

  const model::TransitionSystem& system_;
  std::vector<Field> fields_;               // by word
  std::vector<std::uint32_t> first_field_;  // by word, and one past the last
  std::vector<std::int32_t> constants_;     // by cell: the least number, which is all there is without a field
  std::vector<std::uint32_t> constant_cells_;
  std::uint32_t bits_ = 0;
};

}  // namespace quiesce::checker
