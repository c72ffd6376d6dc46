#include "checker/store/key_layout.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

using Masks = std::array<std::uint64_t, KeyLayout::kMaxNumbers>;

std::uint64_t deposit(std::uint64_t number, std::uint64_t mask) {
  std::uint64_t result = 0;
  for (; mask != 0; mask &= mask - 1, number >>= 1) {
    if ((number & 1) != 0) result |= mask & -mask;
  }
  return result;
}

std::uint64_t extract(std::uint64_t key, std::uint64_t mask) {
  std::uint64_t result = 0;
  for (std::uint32_t bit = 0; mask != 0; mask &= mask - 1, ++bit) {
    if ((key & mask & -mask) != 0) result |= std::uint64_t{1} << bit;
  }
  return result;
}

#if defined(__x86_64__)

bool machine_has_instructions() { return __builtin_cpu_supports("bmi2") != 0; }

__attribute__((target("bmi2"))) std::uint64_t deposit_all(const std::uint32_t* numbers, const Masks& masks,
                                                          std::uint32_t count) {
  std::uint64_t result = 0;
  for (std::uint32_t i = 0; i < count; ++i) result |= _pdep_u64(numbers[i], masks[i]);
  return result;
}

__attribute__((target("bmi2"))) void extract_all(std::uint64_t key, const Masks& masks, std::uint32_t count,
                                                 std::uint32_t* numbers) {
  for (std::uint32_t i = 0; i < count; ++i) numbers[i] = static_cast<std::uint32_t>(_pext_u64(key, masks[i]));
}

#else

bool machine_has_instructions() { return false; }
std::uint64_t deposit_all(const std::uint32_t*, const Masks&, std::uint32_t) { return 0; }
void extract_all(std::uint64_t, const Masks&, std::uint32_t, std::uint32_t*) {}

#endif

}  // namespace

KeyLayout::KeyLayout(std::uint32_t numbers, Method method)
    : numbers_(numbers), has_instructions_(method == Method::Best && machine_has_instructions()) {
  QUIESCE_CHECK(numbers >= 1 && numbers <= kMaxNumbers) << numbers << " numbers";
  for (std::uint32_t i = 0; i < numbers; ++i) widen(i);
}

bool KeyLayout::widen(std::uint32_t number) {
  if (bits_ == kMaxBits || widths_[number] == 32) return false;
  masks_[number] |= std::uint64_t{1} << bits_++;
  ++widths_[number];
  return true;
}

std::uint64_t KeyLayout::key_of(const std::uint32_t* numbers) const {
  if (has_instructions_) return deposit_all(numbers, masks_, numbers_);
  std::uint64_t result = 0;
  for (std::uint32_t i = 0; i < numbers_; ++i) result |= deposit(numbers[i], masks_[i]);
  return result;
}

void KeyLayout::numbers_of(std::uint64_t key, std::uint32_t* numbers) const {
  if (has_instructions_) {
    extract_all(key, masks_, numbers_, numbers);
    return;
  }
  for (std::uint32_t i = 0; i < numbers_; ++i) numbers[i] = static_cast<std::uint32_t>(extract(key, masks_[i]));
}

KeyLayout::Owners KeyLayout::owners() const {
  Owners result{};
  for (std::uint32_t i = 0; i < numbers_; ++i) {
    for (std::uint32_t bit = 0; bit < bits_; ++bit) {
      if ((masks_[i] >> bit & 1) != 0) result[bit] = static_cast<std::uint8_t>(i);
    }
  }
  return result;
}

bool KeyLayout::from_owners(const Owners& owners, std::uint32_t numbers, std::uint32_t bits, KeyLayout& result) {
  result = KeyLayout(numbers);
  if (bits < numbers || bits > kMaxBits) return false;
  // The first bits are those that every number begins with.
  for (std::uint32_t bit = 0; bit < bits; ++bit) {
    if (bit < numbers ? owners[bit] != bit : (owners[bit] >= numbers || !result.widen(owners[bit]))) return false;
  }
  return true;
}

}  // namespace quiesce::checker
