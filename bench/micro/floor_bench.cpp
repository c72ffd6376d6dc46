// The floor under every explicit search: random cache lines per second, many loads in flight. A visited set that
// touches one line per insertion cannot be faster than this.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>

#include "checker/store/mapping.h"

namespace quiesce::checker {
namespace {

/// One touched block per size, shared by the threads of a benchmark; the last one is kept for the next benchmark.
std::byte* block_of(std::uint64_t bytes) {
  static std::mutex mutex;
  static std::unique_ptr<Mapping> block;
  const std::lock_guard lock(mutex);
  if (block == nullptr || block->bytes() != bytes) {
    block = std::make_unique<Mapping>();
    if (!block->grow(bytes)) return nullptr;
    std::memset(block->data(), 1, bytes);
  }
  return block->data();
}

/// Lines are prefetched in groups of 64, then read (and written, if asked for), as the visited set does.
template <bool kWrite>
void random_lines(benchmark::State& state) {
  const auto bytes = static_cast<std::uint64_t>(state.range(0)) << 20;
  std::byte* block = block_of(bytes);
  if (block == nullptr) {
    state.SkipWithError("no memory");
    return;
  }
  constexpr std::size_t kGroup = 64;
  std::array<std::uint64_t*, kGroup> lines;
  std::uint64_t random = 0x9E3779B97F4A7C15ULL * static_cast<std::uint64_t>(state.thread_index() + 1);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (auto& line : lines) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      line = reinterpret_cast<std::uint64_t*>(block + (random >> 20) % (bytes / 64) * 64);
      __builtin_prefetch(line);
    }
    for (auto* line : lines) {
      std::atomic_ref<std::uint64_t> word(*line);
      if constexpr (kWrite) {
        std::uint64_t before = word.load(std::memory_order_relaxed);
        word.compare_exchange_strong(before, before + 1, std::memory_order_relaxed);
      }
      sum += word.load(std::memory_order_relaxed);
    }
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kGroup);
}

void random_lines_read(benchmark::State& state) { random_lines<false>(state); }
void random_lines_exchanged(benchmark::State& state) { random_lines<true>(state); }

// 1 MiB stands in a core's own cache; 64 MiB in a shared one, if there is one so large; 1 GiB in none.
BENCHMARK(random_lines_read)->Arg(1)->Arg(64)->Arg(1024)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(random_lines_exchanged)->Arg(1024)->ThreadRange(1, 2)->UseRealTime();

}  // namespace
}  // namespace quiesce::checker
