#include "checker/store/dense_store.h"

#include <algorithm>
#include <array>

#include "model/base/scramble.h"

namespace quiesce::checker {
namespace {

constexpr std::size_t kGroup = 16;          // states whose places are fetched ahead
constexpr unsigned kRecentShift = 64 - 12;  // 4,096 states, which stay in the cache

std::uint8_t tag_of(std::uint64_t hash) { return static_cast<std::uint8_t>(std::max<std::uint64_t>(hash & 0xFF, 1)); }

/// Where the search for a state begins: by the high bits of its hash, so that tables may have any size below 2^32.
std::size_t first_place(std::uint64_t hash, std::size_t places) { return (hash >> 32) * places >> 32; }

}  // namespace

DenseStore::DenseStore(std::size_t words)
    : words_(words), tags_(1024), numbers_(1024), recent_(std::size_t{1} << (64 - kRecentShift)) {}

bool DenseStore::is_at(std::uint32_t number, const std::uint64_t* state) const {
  const std::uint64_t* const known = (*this)[number];
  for (std::size_t i = 0; i < words_; ++i) {
    if (known[i] != state[i]) return false;
  }
  return true;
}

std::size_t DenseStore::place_of(const std::uint64_t* state, std::uint64_t hash) const {
  const std::uint8_t tag = tag_of(hash);
  std::size_t place = first_place(hash, tags_.size());
  while (tags_[place] != 0 && (tags_[place] != tag || !is_at(numbers_[place], state))) place = next_place(place);
  return place;
}

bool DenseStore::contains(const std::uint64_t* state) const {
  return tags_[place_of(state, model::scramble(state, words_))] != 0;
}

/// Successors of neighbouring states are often the same.
StateKey DenseStore::insert_one(const std::uint64_t* state, std::uint64_t hash) {
  std::uint32_t& recent = recent_[hash >> kRecentShift];
  if (recent < size_ && is_at(recent, state)) return recent;
  return recent = insert_in_table(state, hash);
}

std::uint32_t DenseStore::insert_in_table(const std::uint64_t* state, std::uint64_t hash) {
  const std::size_t place = place_of(state, hash);
  if (tags_[place] != 0) return numbers_[place];
  const auto number = static_cast<std::uint32_t>(size_);
  states_.append(state, words_);
  ++size_;
  tags_[place] = tag_of(hash);
  numbers_[place] = number;
  if (size_ * 4 > tags_.size() * 3) enlarge_table();
  return number;
}

/// First the places, then the states that may stand there.
void DenseStore::prefetch(const std::uint64_t* hashes, std::size_t count) const {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = first_place(hashes[i], tags_.size());
    __builtin_prefetch(tags_.data() + place);
    __builtin_prefetch(numbers_.data() + place);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = first_place(hashes[i], tags_.size());
    if (tags_[place] == tag_of(hashes[i])) __builtin_prefetch((*this)[numbers_[place]]);
  }
}

std::size_t DenseStore::insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) {
  std::array<std::uint64_t, kGroup> hashes{};
  for (std::size_t begin = 0; begin < count; begin += kGroup) {
    const std::size_t end = std::min(begin + kGroup, count);
    for (std::size_t i = begin; i < end; ++i) hashes[i - begin] = model::scramble(states + i * words_, words_);
    prefetch(hashes.data(), end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t before = size_;
      keys[i] = insert_one(states + i * words_, hashes[i - begin]);
      is_new[i] = size_ > before ? 1 : 0;
    }
  }
  return count;
}

void DenseStore::read(StateKey key, std::uint64_t* state) const { std::copy_n((*this)[key], words_, state); }

void DenseStore::close() {
  tags_ = {};
  numbers_ = {};
}

bool DenseStore::load(CheckedReader& in, std::uint64_t count) {
  if (!load_array(in, states_) || states_.size() != count * words_) return false;
  size_ = count;
  make_table(std::max(tags_.size(), size_ * 2));
  return true;
}

void DenseStore::make_table(std::size_t places) {
  close();  // so that there are never two tables
  tags_ = std::vector<std::uint8_t>(places);
  numbers_ = std::vector<std::uint32_t>(places);
  std::array<std::uint64_t, kGroup> hashes{};
  for (std::size_t begin = 0; begin < size_; begin += kGroup) {
    const std::size_t end = std::min(begin + kGroup, size_);
    for (std::size_t number = begin; number < end; ++number)
      hashes[number - begin] = model::scramble((*this)[number], words_);
    prefetch(hashes.data(), end - begin);
    for (std::size_t number = begin; number < end; ++number) {
      std::size_t place = first_place(hashes[number - begin], places);
      while (tags_[place] != 0) place = next_place(place);
      tags_[place] = tag_of(hashes[number - begin]);
      numbers_[place] = static_cast<std::uint32_t>(number);
    }
  }
}

}  // namespace quiesce::checker
