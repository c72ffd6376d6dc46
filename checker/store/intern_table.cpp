// Invariants. They hold whenever no thread is inside grow() or load().
// (1) A slot is 0 (empty) or holds the low half of a key's hash and, below it, the key's number plus one; then it never
//     changes again. The slot of a key is the first that was empty, counted from (hash >> shift) on and round the end.
// (2) The key of a number is written before the slot that names the number is (release), and read after the slot was
//     read (acquire). The same key place is never written twice: numbers come from one counter.
// (3) A key stands in one slot only, by the argument of QuotientTable's invariant (3). A thread takes a number before
//     it tries for the slot; if another thread puts the same key there first, the number is in unused_ and names
//     nothing.
// (4) At most 3 of 4 slots are filled (max_numbers()), so every search ends.
#include "checker/store/intern_table.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

constexpr std::uint32_t kFirstShift = 64 - 10;              // 1024 slots
constexpr std::uint32_t kLastShift = 64 - 32;               // slots for more numbers than there are
constexpr std::uint64_t kNumbers = std::uint64_t{1} << 31;  // two of them, and a bit, fit into a key

std::uint64_t tag_of_hash(std::uint64_t hash) { return hash << 32; }

}  // namespace

InternTable::InternTable(std::uint32_t key_words) : key_words_(key_words) {
  QUIESCE_CHECK(key_words == 1 || key_words == 2) << key_words;
  if (!reserve(kFirstShift)) throw std::bad_alloc();
}

template <std::size_t kWords>
std::uint32_t InternTable::intern(const std::uint64_t* key, std::uint64_t hash) {
  const std::uint64_t mask = slots_count() - 1;
  std::uint32_t own = kNone;
  std::uint32_t result = kNone;
  for (std::uint64_t at = hash >> shift_;; at = (at + 1) & mask) {
    std::atomic_ref<std::uint64_t> slot(slots()[at]);
    std::uint64_t here = slot.load(std::memory_order_acquire);
    if (here == 0) {
      if (own == kNone) {
        const std::uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
        if (number >= std::min(max_numbers(), kNumbers)) {
          next_.fetch_sub(1, std::memory_order_relaxed);
          is_full_.store(true, std::memory_order_relaxed);
          return kNone;
        }
        own = static_cast<std::uint32_t>(number);
        std::copy(key, key + kWords, keys() + std::size_t{own} * kWords);
      }
      if (slot.compare_exchange_strong(here, tag_of_hash(hash) | (std::uint64_t{own} + 1), std::memory_order_release,
                                       std::memory_order_acquire)) {
        return own;
      }
    }
    if (tag_of_hash(hash) == (here >> 32) << 32) {
      const auto number = static_cast<std::uint32_t>(here) - 1;
      if (is_key<kWords>(number, key)) {
        result = number;
        break;
      }
    }
  }
  if (own != kNone) {
    const std::lock_guard lock(unused_mutex_);
    unused_.push_back(own);
  }
  return result;
}

template std::uint32_t InternTable::intern<1>(const std::uint64_t* key, std::uint64_t hash);
template std::uint32_t InternTable::intern<2>(const std::uint64_t* key, std::uint64_t hash);

std::uint32_t InternTable::find(const std::uint64_t* key) const {
  return key_words_ == 1 ? find_as<1>(key) : find_as<2>(key);
}

template <std::size_t kWords>
std::uint32_t InternTable::find_as(const std::uint64_t* key) const {
  const std::uint64_t hash = hash_of<kWords>(key);
  const std::uint64_t mask = slots_count() - 1;
  for (std::uint64_t at = hash >> shift_;; at = (at + 1) & mask) {
    const std::uint64_t here = std::atomic_ref<std::uint64_t>(slots()[at]).load(std::memory_order_acquire);
    if (here == 0) return kNone;
    const auto number = static_cast<std::uint32_t>(here) - 1;
    if (tag_of_hash(hash) == (here >> 32) << 32 && is_key<kWords>(number, key)) return number;
  }
}

std::uint64_t InternTable::grown_bytes() const {
  return Mapping::rounded(slots_count() * 2 * sizeof(std::uint64_t)) +
         Mapping::rounded(max_numbers() * 2 * key_words_ * sizeof(std::uint64_t));
}

/// Memory for so many slots and the keys that may stand in them.
bool InternTable::reserve(std::uint32_t shift) {
  const std::uint64_t slots = std::uint64_t{1} << (64 - shift);
  if (!keys_memory_.grow(slots / 4 * 3 * key_words_ * sizeof(std::uint64_t)) ||
      !slots_memory_.grow(slots * sizeof(std::uint64_t))) {
    return false;
  }
  shift_ = shift;
  return true;
}

bool InternTable::grow() {
  if (shift_ <= kLastShift || !reserve(shift_ - 1)) return false;
  std::memset(slots(), 0, slots_count() * sizeof(std::uint64_t));
  put_all();
  is_full_.store(false, std::memory_order_relaxed);
  return true;
}

/// Fills the empty slots from the keys. The slots of some keys to come are prefetched.
void InternTable::put_all() {
  constexpr std::uint64_t kGroup = 64;
  const std::uint64_t mask = slots_count() - 1;
  std::sort(unused_.begin(), unused_.end());
  std::uint64_t hashes[kGroup];
  const std::uint64_t numbers = next_.load(std::memory_order_relaxed);
  for (std::uint64_t begin = 0; begin < numbers; begin += kGroup) {
    const std::uint64_t end = std::min(begin + kGroup, numbers);
    for (std::uint64_t number = begin; number < end; ++number) {
      hashes[number - begin] = hash_of((*this)[static_cast<std::uint32_t>(number)]);
      prefetch(hashes[number - begin]);
    }
    for (std::uint64_t number = begin; number < end; ++number) {
      if (!unused_.empty() && std::binary_search(unused_.begin(), unused_.end(), number)) continue;
      const std::uint64_t hash = hashes[number - begin];
      std::uint64_t at = hash >> shift_;
      while (slots()[at] != 0) at = (at + 1) & mask;
      slots()[at] = tag_of_hash(hash) | (number + 1);
    }
  }
}

bool InternTable::save(CheckedWriter& file) const {
  const std::uint64_t header[] = {shift_, next_.load(std::memory_order_relaxed), unused_.size()};
  return file.write(header, sizeof(header)) && file.write(unused_.data(), unused_.size() * sizeof(unused_[0])) &&
         file.write(keys(), header[1] * key_words_ * sizeof(std::uint64_t));
}

bool InternTable::load(CheckedReader& file) {
  std::uint64_t header[3] = {};
  if (!file.read(header, sizeof(header))) return false;
  const auto [shift, numbers, unused] = header;
  if (shift < kLastShift || unused > numbers) return false;
  if (shift > shift_ || !reserve(static_cast<std::uint32_t>(shift)) || numbers > std::min(max_numbers(), kNumbers))
    return false;
  unused_.resize(unused);
  if (!file.read(unused_.data(), unused * sizeof(unused_[0]))) return false;
  if (!file.read(keys(), numbers * key_words_ * sizeof(std::uint64_t))) return false;
  next_.store(numbers, std::memory_order_relaxed);
  is_full_.store(false, std::memory_order_relaxed);
  put_all();
  return true;
}

}  // namespace quiesce::checker
