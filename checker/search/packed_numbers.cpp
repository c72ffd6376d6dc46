#include "checker/search/packed_numbers.h"

#include <algorithm>
#include <bit>

namespace quiesce::checker {

std::uint32_t bits_for(const std::vector<std::uint64_t>& numbers) {
  std::uint64_t all = 1;
  for (const std::uint64_t number : numbers) all |= number;
  return static_cast<std::uint32_t>(std::bit_width(all));
}

std::vector<std::uint64_t> packed_numbers(const std::vector<std::uint64_t>& numbers, std::uint32_t bits) {
  std::vector<std::uint64_t> words((numbers.size() * bits + 63) / 64);
  std::size_t at = 0;
  for (const std::uint64_t number : numbers) {
    const std::size_t shift = at % 64;
    words[at / 64] |= number << shift;
    if (shift + bits > 64) words[at / 64 + 1] |= number >> (64 - shift);
    at += bits;
  }
  return words;
}

std::vector<std::uint64_t> unpacked_numbers(const std::vector<std::uint64_t>& words, std::uint32_t bits,
                                            std::size_t count) {
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - bits);
  std::vector<std::uint64_t> numbers(count);
  std::size_t at = 0;
  for (std::uint64_t& number : numbers) {
    const std::size_t shift = at % 64;
    number = words[at / 64] >> shift;
    if (shift + bits > 64) number |= words[at / 64 + 1] << (64 - shift);
    number &= mask;
    at += bits;
  }
  return numbers;
}

}  // namespace quiesce::checker
