#include "checker/store/checked_file.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace quiesce::checker {

namespace {

// Never 0 for no bytes and different for different lengths, so that a file of zeros is not a file of empty blocks.
std::uint64_t checksum(const void* bytes, std::uint64_t count) { return XXH3_64bits_withSeed(bytes, count, count + 1); }

}  // namespace

bool CheckedWriter::write(const void* bytes, std::uint64_t count) {
  const std::uint64_t sum = checksum(bytes, count);
  return (count == 0 || std::fwrite(bytes, 1, count, file_) == count) && std::fwrite(&sum, sizeof(sum), 1, file_) == 1;
}

bool CheckedReader::read(void* bytes, std::uint64_t count) {
  std::uint64_t sum = 0;
  return (count == 0 || std::fread(bytes, 1, count, file_) == count) && std::fread(&sum, sizeof(sum), 1, file_) == 1 &&
         sum == checksum(bytes, count);
}

}  // namespace quiesce::checker
