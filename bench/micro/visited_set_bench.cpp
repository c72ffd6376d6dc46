// The visited set: insertion of new states, of known ones, and of a mix like that of a search (on the shared line of
// bench/protocols a state is generated 9 times: one insertion in 9 is new). One and two threads.
//
//   insert_new       into a table that has the room already
//   insert_growing   from an empty table on, with all growth: what a search pays (one thread)
//   insert_known     states that are all there, in random order
//   insert_mixed     one new, eight known
//
// Arguments: words, bits of the last of them, states in thousands. States of one word are random: the mix in front of the table makes all
// families look so. Wide states are like those of a model: a batch is the successors of one state, each differs from
// it in one word, and a word takes few values.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "checker/store/state_store.h"

namespace quiesce::checker {
namespace {

constexpr std::size_t kBatch = 256;

class Workload {
 public:
  Workload(std::uint32_t words, std::uint32_t bits, std::size_t states) : words_(words), states_(states * words) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < states; ++i) {
      std::uint64_t* state = states_.data() + i * words;
      if (words == 1) {
        // Numbers of a sequence without repetition, spread.
        *state = (++number * 0xD1342543DE82EF95ULL) & (~std::uint64_t{0} >> (64 - bits));
        continue;
      }
      // State i is a number in base 256 or more, a digit a word: neighbours differ in the first word, and now and then
      // in the next.
      const auto digits = static_cast<std::uint64_t>(std::max(256.0, root(static_cast<double>(states), words)));
      std::uint64_t rest = i;
      for (std::uint32_t word = 0; word < words; ++word, rest /= digits) {
        state[word] = (rest % digits + word + 1) * 0x9E3779B97F4A7C15ULL;
      }
    }
  }

  std::size_t size() const { return states_.size() / words_; }
  const std::uint64_t* operator[](std::size_t i) const { return states_.data() + i * words_; }

 private:
  static double root(double of, std::uint32_t degree) {
    double result = 1;
    while (result < of && [&] {
      double power = 1;
      for (std::uint32_t i = 0; i < degree; ++i) power *= result;
      return power < of;
    }())
      result += 1;
    return result;
  }

  std::uint32_t words_;
  std::vector<std::uint64_t> states_;
};

/// What the threads of a benchmark share; made by Setup, thrown away by Teardown.
std::unique_ptr<Workload> workload;
std::unique_ptr<StateStore> store;

std::uint32_t words_of(const benchmark::State& state) { return static_cast<std::uint32_t>(state.range(0)); }

void make_store(const benchmark::State& state) {
  const std::uint32_t words = words_of(state);
  const auto bits_of_last = static_cast<std::uint32_t>(state.range(1));
  store = std::make_unique<StateStore>(StateStore::Options{words, (words - 1) * 64 + bits_of_last});
}

/// Inserts states [begin, end) of the workload by one thread, growing when `alone`.
void insert(std::size_t begin, std::size_t end, bool alone) {
  StateKey keys[kBatch];
  std::uint8_t is_new[kBatch];
  while (begin < end) {
    const std::size_t size = std::min(kBatch, end - begin);
    const std::size_t done = store->insert((*workload)[begin], size, keys, is_new);
    begin += done;
    if (alone && (done < size || store->should_grow())) store->grow();
    if (!alone && done < size) std::abort();  // the room was made before
  }
  benchmark::DoNotOptimize(is_new);
}

/// A workload, and a store with the first `filled` of its states.
void prepare(const benchmark::State& state, std::size_t filled) {
  const auto bits = static_cast<std::uint32_t>(state.range(1));
  workload = std::make_unique<Workload>(words_of(state), bits, static_cast<std::size_t>(state.range(2)) * 1000);
  make_store(state);
  insert(0, filled, true);
}

void set_counters(benchmark::State& state, std::size_t inserted) {
  state.SetItemsProcessed(static_cast<std::int64_t>(inserted));
  if (state.thread_index() == 0) {
    state.counters["bytes/state"] =
        static_cast<double>(store->memory_bytes()) / static_cast<double>(std::max<std::uint64_t>(store->size(), 1));
    state.counters["fill"] = store->fill();
  }
}

void insert_growing(benchmark::State& state) {
  prepare(state, 0);
  for (auto _ : state) {
    insert(0, workload->size(), true);
    state.PauseTiming();
    if (store->size() != workload->size()) state.SkipWithError("a state was lost or doubled");
    set_counters(state, workload->size() * static_cast<std::size_t>(state.max_iterations));
    make_store(state);
    state.ResumeTiming();
  }
}

/// One iteration only: afterwards the states are no longer new.
void insert_new(benchmark::State& state) {
  const auto threads = static_cast<std::size_t>(state.threads());
  const auto me = static_cast<std::size_t>(state.thread_index());
  const std::size_t share = workload->size() / threads;
  for (auto _ : state) insert(me * share, (me + 1) * share, false);
  set_counters(state, share);
}

void insert_known(benchmark::State& state) {
  const auto threads = static_cast<std::size_t>(state.threads());
  const auto me = static_cast<std::size_t>(state.thread_index());
  const std::size_t share = workload->size() / threads;
  for (auto _ : state) insert(me * share, (me + 1) * share, false);
  set_counters(state, share * static_cast<std::size_t>(state.iterations()));
}

/// Batches in which every ninth state is new; the others are from before.
void insert_mixed(benchmark::State& state) {
  const auto threads = static_cast<std::size_t>(state.threads());
  const auto me = static_cast<std::size_t>(state.thread_index());
  const std::size_t words = words_of(state);
  const std::size_t half = workload->size() / 2;
  const std::size_t share = half / threads;
  std::vector<std::uint64_t> batch(kBatch * words);
  StateKey keys[kBatch];
  std::uint8_t is_new[kBatch];
  std::uint64_t random = me * 1234567 + 1;
  std::size_t inserted = 0;
  for (auto _ : state) {
    for (std::size_t at = 0; at < share;) {
      // Filling the batch is part of the time; it copies from behind or from near.
      const std::size_t behind = at + me * share;
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      const std::size_t known = (random >> 20) % (half - kBatch);
      for (std::size_t i = 0; i < kBatch; ++i) {
        const bool fresh = i % 9 == 0 && at < share;
        const std::uint64_t* from = (*workload)[fresh ? half + behind + i / 9 : known + i];
        if (fresh) ++at;
        std::copy(from, from + words, batch.data() + i * words);
      }
      if (store->insert(batch.data(), kBatch, keys, is_new) != kBatch) std::abort();
      inserted += kBatch;
    }
  }
  benchmark::DoNotOptimize(is_new);
  set_counters(state, inserted);
}

/// Grows the table (of states of one word) by hand until all states of the workload have room.
void make_room() {
  while (store->size() == 0 ||
         0.85 * static_cast<double>(store->size()) / store->fill() < static_cast<double>(workload->size())) {
    if (store->size() == 0) insert(0, 1, true);
    store->grow();
  }
}

void setup_empty(const benchmark::State& state) {
  prepare(state, 0);
  make_room();
}

void setup_full(const benchmark::State& state) { prepare(state, static_cast<std::size_t>(state.range(2)) * 1000); }

void setup_half(const benchmark::State& state) {
  prepare(state, static_cast<std::size_t>(state.range(2)) * 500);
  make_room();
}

void teardown(const benchmark::State&) {
  store.reset();
  workload.reset();
}

void one_word(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t bits : {45, 64}) benchmark->Args({1, bits, 8000});
}

void all_widths(benchmark::internal::Benchmark* benchmark) {
  one_word(benchmark);
  for (const std::int64_t words : {2, 4, 16}) benchmark->Args({words, 64, 4000});
}

BENCHMARK(insert_growing)->Apply(all_widths)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(2);
BENCHMARK(insert_new)
    ->Apply(one_word)
    ->Setup(setup_empty)
    ->Teardown(teardown)
    ->ThreadRange(1, 2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);
BENCHMARK(insert_known)
    ->Apply(all_widths)
    ->Setup(setup_full)
    ->Teardown(teardown)
    ->ThreadRange(1, 2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(insert_mixed)
    ->Apply(one_word)
    ->Setup(setup_half)
    ->Teardown(teardown)
    ->ThreadRange(1, 2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

}  // namespace
}  // namespace quiesce::checker
