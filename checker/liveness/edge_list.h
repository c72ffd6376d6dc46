// The edges of a graph of states in a few bytes each: whose step, and where it leads, as the way from the edge before.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/store/mapped_array.h"

namespace quiesce::checker {

struct GraphEdge {
  std::uint32_t target = 0;
  std::uint32_t unit = 0;

  auto operator<=>(const GraphEdge&) const = default;
};

/// Reads the edges of one state, in their order.
class EdgeReader {
 public:
  EdgeReader(const std::uint8_t* at, std::uint32_t bytes, std::uint32_t state)
      : at_(at), left_(bytes), target_(state) {}

  bool has_more() const { return left_ != 0; }

  /// Requires: has_more().
  GraphEdge next() {
    const std::uint8_t* const begin = at_;
    const std::uint64_t way = number();
    target_ += static_cast<std::uint32_t>((way >> 1) ^ (~(way & 1) + 1));
    const auto unit = static_cast<std::uint32_t>(number());
    left_ -= static_cast<std::uint32_t>(at_ - begin);
    return {target_, unit};
  }

 private:
  friend class EdgeList;

  /// Seven bits a byte, the low ones first; the high bit says that more follow.
  std::uint64_t number() {
    std::uint64_t result = *at_ & 0x7F;
    for (unsigned shift = 7; (*at_++ & 0x80) != 0; shift += 7) result |= std::uint64_t{*at_ & 0x7FU} << shift;
    return result;
  }

  const std::uint8_t* at_;
  std::uint32_t left_;    // bytes
  std::uint32_t target_;  // of the edge before; at first, the state
};

/// Of states in the order of their numbers. Some three to five bytes an edge and two a state.
class EdgeList {
 public:
  /// Those of the next state, sorted. Throws std::bad_alloc.
  void add(const std::vector<GraphEdge>& edges);

  /// Those of a state below states(). Valid until the next add().
  EdgeReader of(std::uint32_t state) const;

  /// Writes all of them; reads them into an empty list: false when that fails. Throws std::bad_alloc.
  bool save(CheckedWriter& out) const;
  bool load(CheckedReader& in);

  std::size_t states() const { return states_; }
  std::uint64_t size() const { return size_; }  // edges
  std::uint64_t bytes() const { return bytes_.bytes() + blocks_.bytes(); }

 private:
  static constexpr std::uint32_t kBlock = 4;  // states

  // For each state the length of what follows, then that.
  MappedArray<std::uint8_t> bytes_;
  MappedArray<std::uint64_t> blocks_;  // where the first state of each block begins
  std::size_t states_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::uint8_t> written_;  // of one state
};

}  // namespace quiesce::checker
