#include "checker/store/packed_state_set.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "model/base/check.h"

namespace quiesce::checker {

PackedStateSet::PackedStateSet(std::uint32_t words) : words_(words), slots_(1u << 10) {}

std::uint64_t PackedStateSet::hash_of(const std::uint64_t* state) const {
  if (words_ == 1) {
    // One word: a good invertible mix (the finalizer of MurmurHash3) is enough and faster.
    std::uint64_t h = *state;
    h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCDULL;
    h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53ULL;
    return h ^ (h >> 33);
  }
  return XXH3_64bits(state, std::size_t{words_} * sizeof(std::uint64_t));
}

bool PackedStateSet::equal(std::uint32_t number, const std::uint64_t* state) const {
  return std::equal(state, state + words_, (*this)[number]);
}

std::uint32_t PackedStateSet::find(const std::uint64_t* state) const {
  const std::uint64_t hash = hash_of(state);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const std::uint64_t slot = slots_[at];
    const auto number = static_cast<std::uint32_t>(slot) - 1;
    if (slot >> 32 == hash >> 32 && equal(number, state)) return number;
  }
  return kNone;
}

PackedStateSet::Inserted PackedStateSet::insert(const std::uint64_t* state) {
  const std::uint64_t hash = hash_of(state);
  std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    const std::uint64_t slot = slots_[at];
    const auto number = static_cast<std::uint32_t>(slot) - 1;
    if (slot >> 32 == hash >> 32 && equal(number, state)) return {number, false};
  }
  QUIESCE_CHECK(size_ < kMaxStates) << "more states than numbers";
  if (is_due_to_grow()) {
    grow();
    mask = slots_.size() - 1;
    for (at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    }
  }
  if (size_ == chunks_.size() * std::size_t{kChunkStates}) {
    // Uninitialized on purpose: pages are touched as states arrive.
    chunks_.emplace_back(new std::uint64_t[std::size_t{kChunkStates} * words_]);
  }
  std::uint64_t* place = chunks_.back().get() + std::size_t{size_ % kChunkStates} * words_;
  std::copy(state, state + words_, place);
  slots_[at] = (hash >> 32 << 32) | (size_ + 1);
  return {size_++, true};
}

void PackedStateSet::grow() {
  std::vector<std::uint64_t> larger(slots_.size() * 2);
  const std::size_t mask = larger.size() - 1;
  for (std::uint32_t number = 0; number < size_; ++number) {
    const std::uint64_t hash = hash_of((*this)[number]);
    std::size_t at = hash & mask;
    while (larger[at] != 0) at = (at + 1) & mask;
    larger[at] = (hash >> 32 << 32) | (number + 1);
  }
  peak_bytes_ = memory_bytes() + larger.size() * sizeof(std::uint64_t);
  slots_.swap(larger);
}

std::uint64_t PackedStateSet::memory_bytes() const {
  return chunks_.size() * (std::uint64_t{kChunkStates} * words_ * sizeof(std::uint64_t)) +
         chunks_.capacity() * sizeof(chunks_[0]) + slots_.capacity() * sizeof(std::uint64_t);
}

std::uint64_t PackedStateSet::next_memory_bytes() const {
  std::uint64_t bytes = memory_bytes();
  if (is_due_to_grow()) bytes += slots_.size() * 2 * sizeof(std::uint64_t);
  if (size_ == chunks_.size() * std::size_t{kChunkStates})
    bytes += std::uint64_t{kChunkStates} * words_ * sizeof(std::uint64_t);
  return bytes;
}

}  // namespace quiesce::checker
