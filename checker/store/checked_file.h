// Writing tables to a file with a checksum behind each, and reading them back: a damaged file is noticed, not believed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <type_traits>

namespace quiesce::checker {

/// Blocks of bytes, each followed by its checksum (XXH3, 64 bits). Numbers are in the order of this machine's bytes.
class CheckedWriter {
 public:
  explicit CheckedWriter(std::FILE* file) : file_(file) {}
  bool write(const void* bytes, std::uint64_t count);
  template <typename T>
  bool write(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>);
    return write(&value, sizeof(value));
  }

 private:
  std::FILE* file_;
};

class CheckedReader {
 public:
  explicit CheckedReader(std::FILE* file) : file_(file) {}
  /// False when the file ends early, cannot be read, or the bytes are not those that were written.
  bool read(void* bytes, std::uint64_t count);
  template <typename T>
  bool read(T& value) {
    static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>);
    return read(&value, sizeof(value));
  }

 private:
  std::FILE* file_;
};

}  // namespace quiesce::checker
