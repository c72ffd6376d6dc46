#include "checker/result/memory_budget.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace quiesce::checker {
std::uint64_t process_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long long size = 0;
  unsigned long long resident = 0;
  const int fields = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  return fields == 2 ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

namespace {

// Of the limit, for what comes when the search is done: runs, stories, code that was not needed before.
constexpr std::uint64_t kAfterwards = std::uint64_t{2} << 20;

/// What the machine could still give, in bytes; nothing where the system does not say.
std::optional<std::uint64_t> available_bytes() {
  std::FILE* file = std::fopen("/proc/meminfo", "r");
  if (file == nullptr) return std::nullopt;
  char line[128];
  std::optional<std::uint64_t> bytes;
  unsigned long long kibibytes = 0;
  while (!bytes && std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "MemAvailable: %llu kB", &kibibytes) == 1) bytes = kibibytes * 1024;
  }
  std::fclose(file);
  return bytes;
}

}  // namespace

MemoryBudget::MemoryBudget(const Limits& limits) : baseline_bytes(process_bytes()) {
  if (limits.memory_bytes) {
    limit_bytes = *limits.memory_bytes - std::min(*limits.memory_bytes, kAfterwards);
  } else if (const std::optional<std::uint64_t> available = available_bytes()) {
    // Leave the system something to live on.
    limit_bytes = baseline_bytes + *available - *available / 16;
  }
}

}  // namespace quiesce::checker
