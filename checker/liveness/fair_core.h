// The states of a graph around which some fair run can go forever, whatever formula is asked for. They are found once
// for all formulas: a run that breaks one goes round in some of them in the end, or stops. In protocols that come to an
// end they are few, so that products (product.h) need not be made of all states.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/liveness/state_graph.h"
#include "checker/result/search_control.h"

namespace quiesce::checker {

/// A set of states of which the members are numbered in ascending order.
class NumberedStates {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  explicit NumberedStates(std::size_t states) : words_((states + 63) / 64) {}

  void insert(std::uint32_t state) { words_[state / 64] |= bit(state); }
  void erase(std::uint32_t state) { words_[state / 64] &= ~bit(state); }
  bool contains(std::uint32_t state) const { return (words_[state / 64] & bit(state)) != 0; }

  /// Numbers the members: to be called after the last change, before what follows.
  void number();

  std::size_t size() const { return members_.size(); }
  std::uint32_t operator[](std::uint32_t number) const { return members_[number]; }

  /// kNone: it is no member. Constant time.
  std::uint32_t number_of(std::uint32_t state) const;

 private:
  static std::uint64_t bit(std::uint32_t state) { return std::uint64_t{1} << (state % 64); }

  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> before_;   // by word: members in the words before it
  std::vector<std::uint32_t> members_;  // ascending
};

struct FairCore {
  NumberedStates states;
  std::vector<std::uint32_t> component;  // by number: in which strongly connected component it is
};

/// Of the expanded states of `graph`. Every fair run that does not stop is in one component from some point on.
/// Cost: some passes over the edges. Throws SearchStopped at a limit of `control`, std::bad_alloc.
FairCore fair_core(const StateGraph& graph, const Units& units, const SearchControl& control);

}  // namespace quiesce::checker
