// An array that grows at its end without a second copy of itself: what graphs of millions of states stand in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <vector>

#include "checker/store/checked_file.h"
#include "checker/store/mapping.h"

namespace quiesce::checker {

/// Of plain numbers. Grows by a quarter. Addresses of elements change when it grows.
template <class T>
class MappedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  std::size_t size() const { return size_; }
  const T* data() const { return reinterpret_cast<const T*>(memory_.data()); }
  const T& operator[](std::size_t i) const { return data()[i]; }
  T& operator[](std::size_t i) { return mutable_data()[i]; }

  /// Throws std::bad_alloc when the system gives no memory.
  void push_back(const T& value) {
    if (size_ == capacity_) reserve(size_ + 1);
    mutable_data()[size_++] = value;
  }

  /// Adds `count` elements; as push_back().
  void append(const T* values, std::size_t count) {
    if (size_ + count > capacity_) reserve(size_ + count);
    std::copy_n(values, count, mutable_data() + size_);
    size_ += count;
  }

  /// Bytes held, touched or not.
  std::uint64_t bytes() const { return memory_.bytes(); }

 private:
  T* mutable_data() { return reinterpret_cast<T*>(memory_.data()); }

  void reserve(std::size_t least) {
    constexpr std::size_t kFirst = 4096 / sizeof(T);
    const std::size_t wanted = std::max({least, capacity_ + capacity_ / 4, kFirst});
    if (!memory_.grow(wanted * sizeof(T))) throw std::bad_alloc();
    capacity_ = memory_.bytes() / sizeof(T);
  }

  Mapping memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Writes it in pieces, so that reading needs no second copy.
template <class T>
bool save_array(CheckedWriter& out, const MappedArray<T>& array) {
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  bool is_good = out.write(std::uint64_t{array.size()});
  for (std::size_t begin = 0; begin < array.size() && is_good; begin += kPiece) {
    is_good = out.write(array.data() + begin, std::min(kPiece, array.size() - begin) * sizeof(T));
  }
  return is_good;
}

/// Reads what save_array() wrote into an empty array. False when that fails. Throws std::bad_alloc.
template <class T>
bool load_array(CheckedReader& in, MappedArray<T>& array) {
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  std::uint64_t size = 0;
  if (!in.read(size)) return false;
  std::vector<T> piece(std::min<std::uint64_t>(size, kPiece));
  while (array.size() < size) {
    const std::size_t count = std::min<std::uint64_t>(kPiece, size - array.size());
    if (!in.read(piece.data(), count * sizeof(T))) return false;
    array.append(piece.data(), count);
  }
  return true;
}

}  // namespace quiesce::checker
