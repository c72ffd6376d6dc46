#include "checker/store/mapping.h"

#include <sys/mman.h>

#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 46;  // half of a user's address space

void* reserve(std::uint64_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

/// Address space of `bytes`, aligned to huge pages when it can use them. Not accessible yet.
std::byte* reserve_aligned(std::uint64_t bytes) {
  if (bytes < kHugePage) return static_cast<std::byte*>(reserve(bytes));
  auto* whole = static_cast<std::byte*>(reserve(bytes + kHugePage));
  if (whole == nullptr) return nullptr;
  const std::uint64_t skip = (kHugePage - reinterpret_cast<std::uintptr_t>(whole) % kHugePage) % kHugePage;
  if (skip > 0) munmap(whole, skip);
  munmap(whole + skip + bytes, kHugePage - skip);
  return whole + skip;
}

}  // namespace

Mapping::~Mapping() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

std::uint64_t Mapping::rounded(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

bool Mapping::grow(std::uint64_t bytes) {
  if (bytes > kMaxBytes) return false;
  bytes = rounded(bytes);
  QUIESCE_CHECK(bytes >= bytes_) << bytes << " < " << bytes_;
  if (bytes == bytes_) return true;
  std::byte* target = reserve_aligned(bytes);
  if (target == nullptr) return false;
  if (data_ == nullptr) {
    if (mprotect(target, bytes, PROT_READ | PROT_WRITE) != 0) {
      munmap(target, bytes);
      return false;
    }
  } else if (mremap(data_, bytes_, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target) == MAP_FAILED) {
    // The system may or may not have given up the reservation already, and then it may belong to other code: leave it.
    // It is address space without memory.
    return false;
  }
  if (bytes >= kHugePage) madvise(target, bytes, MADV_HUGEPAGE);  // a wish: refusing it costs speed only
  data_ = target;
  bytes_ = bytes;
  return true;
}

}  // namespace quiesce::checker
