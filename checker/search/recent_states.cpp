#include "checker/search/recent_states.h"

#include <algorithm>
#include <bit>

#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

// 64 KiB. Half of it finds a tenth fewer, the double of it a tenth more and is no faster.
constexpr std::size_t kCacheWords = 8192;
constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15U;
constexpr std::uint64_t kNothing = ~std::uint64_t{0};

}  // namespace

RecentStates::RecentStates(std::size_t words) : words_(words) {
  QUIESCE_CHECK(words >= 1) << words;
  const std::size_t places = std::bit_floor(std::max<std::size_t>(2, kCacheWords / words));
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(places));
  places_.resize(places * words);
  clear();
}

void RecentStates::clear() {
  // No place may hold a state that belongs there: all hold the state of all ones, and its own place that of all zeros,
  // which belongs to place 0 (and ones do not, for any number of words: the test tries them all).
  std::fill(places_.begin(), places_.end(), kNothing);
  std::vector<std::uint64_t> ones(words_, kNothing);
  std::uint64_t hash = 0;
  for (const std::uint64_t word : ones) hash = (hash ^ word) * kMultiplier;
  std::fill_n(places_.begin() + static_cast<std::ptrdiff_t>((hash >> shift_) * words_), words_, 0);
}

template <std::size_t kWords>
std::size_t RecentStates::copy(const std::uint64_t* states, std::size_t count, std::uint64_t* unknown) {
  const std::size_t words = kWords != 0 ? kWords : words_;
  std::size_t left = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t* state = states + i * words;
    std::uint64_t hash = 0;
    for (std::size_t w = 0; w < words; ++w) hash = (hash ^ state[w]) * kMultiplier;
    std::uint64_t* place = places_.data() + (hash >> shift_) * words;
    std::uint64_t* to = unknown + left * words;
    std::uint64_t difference = 0;
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t word = state[w];
      difference |= place[w] ^ word;
      place[w] = word;
      to[w] = word;
    }
    left += difference != 0;
  }
  return left;
}

std::size_t RecentStates::copy_unknown(const std::uint64_t* states, std::size_t count, std::uint64_t* unknown) {
  switch (words_) {
    case 1:
      return copy<1>(states, count, unknown);
    case 2:
      return copy<2>(states, count, unknown);
    case 3:
      return copy<3>(states, count, unknown);
    case 4:
      return copy<4>(states, count, unknown);
    default:
      return copy<0>(states, count, unknown);
  }
}

}  // namespace quiesce::checker
