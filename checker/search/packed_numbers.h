// Numbers in as few bits as the largest of them needs: of states that wait for a run that may never be asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quiesce::checker {

/// The bits of the largest number, at least 1.
std::uint32_t bits_for(const std::vector<std::uint64_t>& numbers);

/// The numbers one after the other, `bits` bits each. Requires: bits_for(numbers) <= bits <= 64. O(numbers).
std::vector<std::uint64_t> packed_numbers(const std::vector<std::uint64_t>& numbers, std::uint32_t bits);

/// The inverse, of `count` numbers.
std::vector<std::uint64_t> unpacked_numbers(const std::vector<std::uint64_t>& words, std::uint32_t bits,
                                            std::size_t count);

}  // namespace quiesce::checker
