#include "checker/store/bitstate_store.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

// __extension__: ISO C++ has no 128-bit numbers.
__extension__ using Wide = unsigned __int128;

}  // namespace

BitstateStore::BitstateStore(std::uint32_t words, std::uint64_t bytes, std::uint32_t bits_per_state)
    : words_(words), bits_per_state_(bits_per_state) {
  QUIESCE_CHECK(words >= 1 && words <= 64) << words << " words";
  QUIESCE_CHECK(bits_per_state >= 1 && bits_per_state <= kMaxBitsPerState) << bits_per_state << " bits per state";
  if (!memory_.grow(std::max<std::uint64_t>(bytes, 1))) throw std::bad_alloc();
}

std::size_t BitstateStore::insert(const std::uint64_t* states, std::size_t count, StateKey*, std::uint8_t* is_new) {
  struct Place {
    std::uint64_t* word;
    std::uint64_t bits;
  };
  std::array<Place, 64> places;
  auto* array = reinterpret_cast<std::uint64_t*>(memory_.data());
  const std::uint64_t length = memory_.bytes() / sizeof(std::uint64_t);
  std::uint64_t added = 0;
  for (std::size_t begin = 0; begin < count; begin += places.size()) {
    const std::size_t size = std::min(places.size(), count - begin);
    for (std::size_t i = 0; i < size; ++i) {
      const XXH128_hash_t hash =
          XXH3_128bits(states + (begin + i) * words_, std::size_t{words_} * sizeof(std::uint64_t));
      std::uint64_t bits = 0;
      for (std::uint32_t bit = 0; bit < bits_per_state_; ++bit)
        bits |= std::uint64_t{1} << (hash.low64 >> bit * 6) % 64;
      places[i] = {array + static_cast<std::uint64_t>(Wide{hash.high64} * length >> 64), bits};
      __builtin_prefetch(places[i].word);
    }
    for (std::size_t i = 0; i < size; ++i) {
      // One operation sets all bits, so of several threads with one state exactly one finds some of them missing.
      std::atomic_ref<std::uint64_t> word(*places[i].word);
      const std::uint64_t bits = places[i].bits;
      std::uint64_t before = word.load(std::memory_order_relaxed);
      if ((before & bits) != bits) before = word.fetch_or(bits, std::memory_order_relaxed);
      is_new[begin + i] = (before & bits) != bits ? 1 : 0;
      added += is_new[begin + i];
    }
  }
  if (added != 0) size_.fetch_add(added, std::memory_order_relaxed);
  return count;
}

double BitstateStore::fill() const {
  return std::min(1.0, static_cast<double>(size()) * bits_per_state_ / (static_cast<double>(memory_.bytes()) * 8));
}

double BitstateStore::missed_after(double states) const {
  const double mean = states / (static_cast<double>(memory_.bytes()) / sizeof(std::uint64_t));
  // The terms of the sum that matter are within some standard deviations of the mean.
  const double width = 12 * std::sqrt(mean) + 30;
  const auto first = static_cast<std::uint64_t>(std::max(1.0, mean - width));
  const auto last = static_cast<std::uint64_t>(mean + width);
  const double step = last - first > 4096 ? static_cast<double>(last - first) / 4096 : 1;
  double result = 0;
  for (double j = static_cast<double>(first); j <= static_cast<double>(last); j += step) {
    const double weight = std::exp(j * std::log(mean) - mean - std::lgamma(j + 1)) * step;
    const double set = -std::expm1(bits_per_state_ * j * std::log1p(-1.0 / 64));
    result += weight * std::pow(set, bits_per_state_);
  }
  return std::min(1.0, result);
}

double BitstateStore::given_state_missed_probability() const {
  return size() == 0 ? 0 : missed_after(static_cast<double>(size()));
}

double BitstateStore::missed_probability() const {
  // The product's logarithm is a sum over n states of a smooth function: by Simpson's rule on 64 pieces.
  const auto states = static_cast<double>(size());
  if (states < 2) return 0;
  constexpr int kPieces = 64;
  double sum = 0;
  for (int i = 1; i <= kPieces; ++i) {
    const double here = missed_after(states * i / kPieces);
    if (here >= 1) return 1;
    sum += (i == kPieces ? 1 : i % 2 == 1 ? 4 : 2) * std::log1p(-here);
  }
  return -std::expm1(sum * states / kPieces / 3);
}

}  // namespace quiesce::checker
