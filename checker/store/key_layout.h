// Which bits of a key say which number: up to 8 small numbers in one word, where it is not known beforehand how large
// each will become. A number gets further bits when it needs them, wherever the key has bits left, so that keys made
// before keep their meaning: bits that their numbers did not have are 0 in them.
#pragma once

#include <array>
#include <cstdint>

namespace quiesce::checker {

class KeyLayout {
 public:
  static constexpr std::uint32_t kMaxNumbers = 8;
  static constexpr std::uint32_t kMaxBits = 63;

  /// How bits are gathered and scattered: by the instructions pdep and pext where the machine has them.
  enum class Method { Best, Portable };

  /// Keys of `numbers` numbers, of one bit each to begin with.
  explicit KeyLayout(std::uint32_t numbers, Method method = Method::Best);

  std::uint32_t bits() const { return bits_; }
  std::uint32_t bits_of(std::uint32_t number) const { return widths_[number]; }

  /// Whether a key has bits for all these numbers.
  bool fits(const std::uint32_t* numbers) const {
    std::uint64_t outside = 0;
    for (std::uint32_t i = 0; i < numbers_; ++i) outside |= std::uint64_t{numbers[i]} >> widths_[i];
    return outside == 0;
  }

  /// One more bit for a number. False when there is none left.
  bool widen(std::uint32_t number);

  /// Requires: fits(numbers).
  std::uint64_t key_of(const std::uint32_t* numbers) const;

  /// The inverse.
  void numbers_of(std::uint64_t key, std::uint32_t* numbers) const;

  /// Which number each bit of a key belongs to; and back. For files.
  using Owners = std::array<std::uint8_t, kMaxBits + 1>;
  Owners owners() const;
  static bool from_owners(const Owners& owners, std::uint32_t numbers, std::uint32_t bits, KeyLayout& result);

 private:
  std::uint32_t numbers_;
  std::uint32_t bits_ = 0;
  bool has_instructions_;
  std::array<std::uint64_t, kMaxNumbers> masks_{};   // bits of the key
  std::array<std::uint32_t, kMaxNumbers> widths_{};  // how many they are
};

}  // namespace quiesce::checker
