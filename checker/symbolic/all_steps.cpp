#include "checker/symbolic/all_steps.h"

#include <algorithm>

#include "model/base/bits.h"

namespace quiesce::checker {
namespace {

constexpr std::size_t kLanes = 64;

std::uint64_t lowest(std::size_t bits) { return bits >= kLanes ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; }

}  // namespace

PackedState packed(const std::vector<bool>& bits) {
  PackedState result(bits.size() / 64 + 1);
  for (std::size_t i = 0; i < bits.size(); ++i) result[i / 64] |= std::uint64_t{bits[i]} << (i % 64);
  return result;
}

AllSteps::AllSteps(const Encoding& encoding)
    : encoding_(encoding),
      of_state_(std::min(encoding.classes, kLanes)),
      at_once_(kLanes / of_state_),
      values_(encoding.circuit.size()),
      gathered_(encoding.bits.size() / 64 + 1, std::vector<std::uint64_t>(kLanes)) {}

std::vector<PackedState> AllSteps::next_of(const std::vector<PackedState>& states) {
  std::vector<PackedState> result;
  set_states(states);
  for (std::size_t first = 0; first < encoding_.classes; first += of_state_) {
    set_classes(first);
    encoding_.circuit.evaluate(values_);
    const std::uint64_t used = lowest(states.size() * std::min(of_state_, encoding_.classes - first));
    collect(word_of(values_, encoding_.steps) & used, result);
  }
  return result;
}

void AllSteps::set_states(const std::vector<PackedState>& states) {
  const std::uint64_t all = lowest(of_state_);
  for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < states.size(); ++j) {
      if ((states[j][i / 64] >> (i % 64) & 1) != 0) word |= all << (j * of_state_);
    }
    values_[encoding_.bits[i].now.node()] = word;
  }
}

/// Lane k of a state stands for the class `first` + k.
void AllSteps::set_classes(std::size_t first) {
  for (std::size_t i = 0; i < encoding_.choices.size(); ++i) {
    std::uint64_t word = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t name = first + lane % of_state_;
      word |= std::uint64_t{name >> i & 1} << lane;
    }
    values_[encoding_.choices[i].node()] = word;
  }
}

/// Adds what the lanes of `moved` lead to.
void AllSteps::collect(std::uint64_t moved, std::vector<PackedState>& next) {
  if (moved == 0) return;
  for (std::size_t word = 0; word < gathered_.size(); ++word) {
    std::vector<std::uint64_t>& rows = gathered_[word];
    for (std::size_t row = 0; row < kLanes; ++row) {
      const std::size_t bit = word * 64 + row;
      rows[row] = bit < encoding_.bits.size() ? word_of(values_, encoding_.bits[bit].next) : 0;
    }
    transpose(rows);
  }
  model::for_each_bit(moved, [&](std::size_t row) {
    PackedState& state = next.emplace_back();
    for (const std::vector<std::uint64_t>& rows : gathered_) state.push_back(rows[row]);
  });
}

void transpose(std::vector<std::uint64_t>& rows) {
  // Quarters of ever smaller blocks change places: rows [j, 2j) of the low columns with rows [0, j) of the high ones.
  std::uint64_t low = 0x0000'0000'FFFF'FFFF;
  for (std::size_t j = 32; j != 0; j /= 2, low ^= low << j) {
    for (std::size_t k = 0; k < kLanes; k = (k + j + 1) & ~j) {
      const std::uint64_t differ = ((rows[k] >> j) ^ rows[k + j]) & low;
      rows[k] ^= differ << j;
      rows[k + j] ^= differ;
    }
  }
}

}  // namespace quiesce::checker
