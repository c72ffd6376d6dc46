#include "checker/liveness/dense_states.h"

#include <algorithm>

#include "model/base/scramble.h"

namespace quiesce::checker {
namespace {

std::uint64_t hash_of(const std::uint64_t* state, std::size_t words) {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < words; ++i) hash = model::scramble(hash ^ state[i]);
  return hash;
}

}  // namespace

std::size_t DenseStates::place_of(const std::uint64_t* state) const {
  std::size_t place = hash_of(state, words_) & (table_.size() - 1);
  while (table_[place] != kEmpty && !std::equal(state, state + words_, (*this)[table_[place]])) {
    place = (place + 1) & (table_.size() - 1);
  }
  return place;
}

std::pair<std::uint32_t, bool> DenseStates::insert(const std::uint64_t* state) {
  const std::size_t place = place_of(state);
  if (table_[place] != kEmpty) return {table_[place], false};
  const auto number = static_cast<std::uint32_t>(size());
  table_[place] = number;
  states_.insert(states_.end(), state, state + words_);
  if (size() * 2 > table_.size()) grow();
  return {number, true};
}

void DenseStates::grow() {
  table_.assign(table_.size() * 4, kEmpty);
  for (std::uint32_t number = 0; number < size(); ++number) table_[place_of((*this)[number])] = number;
}

}  // namespace quiesce::checker
