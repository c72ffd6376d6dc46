#include "checker/store/dense_store.h"

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

std::size_t DenseStore::place_of(const std::uint64_t* state) const {
  std::size_t place = hash_of(state, words_) & (table_.size() - 1);
  while (table_[place] != kEmpty && !std::equal(state, state + words_, (*this)[table_[place]])) {
    place = (place + 1) & (table_.size() - 1);
  }
  return place;
}

std::size_t DenseStore::insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) {
  for (std::size_t i = 0; i < count; ++i, states += words_) {
    const std::size_t place = place_of(states);
    is_new[i] = table_[place] == kEmpty;
    if (is_new[i] != 0) {
      table_[place] = static_cast<std::uint32_t>(size());
      states_.insert(states_.end(), states, states + words_);
    }
    keys[i] = table_[place];
    if (size() * 2 > table_.size()) enlarge_table();
  }
  return count;
}

void DenseStore::read(StateKey key, std::uint64_t* state) const { std::copy_n((*this)[key], words_, state); }

void DenseStore::enlarge_table() {
  table_.assign(table_.size() * 4, kEmpty);
  for (std::uint32_t number = 0; number < size(); ++number) table_[place_of((*this)[number])] = number;
}

}  // namespace quiesce::checker
