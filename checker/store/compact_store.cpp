#include "checker/store/compact_store.h"

#include <array>
#include <cmath>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "model/base/internal_check.h"

namespace quiesce::checker {

CompactStore::CompactStore(std::uint32_t words, std::uint32_t bits) : words_(words), bits_(bits), table_(bits) {
  QUIESCE_CHECK(words >= 1 && words <= 64) << words << " words";
  QUIESCE_CHECK(bits >= 32 && bits <= 64) << bits << " bits";
}

std::size_t CompactStore::insert(const std::uint64_t* states, std::size_t count, StateKey*, std::uint8_t* is_new) {
  std::array<std::uint64_t, 256> hashes;
  std::size_t done = 0;
  while (done < count) {
    const std::size_t size = std::min(hashes.size(), count - done);
    for (std::size_t i = 0; i < size; ++i) {
      hashes[i] = XXH3_64bits(states + (done + i) * words_, words_ * sizeof(std::uint64_t)) >> (64 - bits_);
    }
    const std::size_t inserted = table_.insert(hashes.data(), size, is_new + done);
    done += inserted;
    if (inserted < size) break;
  }
  return done;
}

double CompactStore::missed_probability() const {
  const auto states = static_cast<double>(size());
  if (states < 2) return 0;
  const double pairs = states * (states - 1) / 2;
  return std::min(1.0, std::ldexp(pairs, -static_cast<int>(bits_)));
}

double CompactStore::given_state_missed_probability() const {
  return std::ldexp(static_cast<double>(size()), -static_cast<int>(bits_));
}

}  // namespace quiesce::checker
