#include "checker/store/state_store.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <thread>
#include <unordered_set>
#include <vector>

#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

using States = std::vector<std::uint64_t>;

#if defined(__SANITIZE_THREAD__)
constexpr std::size_t kScale = 8;
#else
constexpr std::size_t kScale = 1;
#endif

std::uint64_t mask_of(std::uint32_t bits) { return ~std::uint64_t{0} >> (64 - bits); }

/// Inserts all states, growing as a search would, in turn as the only thread and as one of many.
void insert_all(StateStore& store, std::uint32_t words, const States& states, std::vector<StateKey>& keys,
                std::vector<std::uint8_t>& is_new, std::size_t batch = 256) {
  const std::size_t count = states.size() / words;
  keys.resize(count);
  is_new.resize(count);
  for (std::size_t at = 0; at < count;) {
    const std::size_t size = std::min(batch, count - at);
    store.set_alone(at / batch % 2 == 0);
    const std::size_t done = store.insert(states.data() + at * words, size, keys.data() + at, is_new.data() + at);
    at += done;
    if (done < size || store.should_grow()) {
      const std::uint64_t promised = store.grown_memory_bytes();
      const std::uint64_t peak = store.peak_memory_bytes();
      ASSERT_TRUE(store.grow(2));
      ASSERT_LE(store.memory_bytes(), promised);
      ASSERT_LE(store.peak_memory_bytes(), std::max(peak, promised));
    }
  }
  store.set_alone(false);
}

/// Sets the store against a set of the standard library.
void check_against_model(std::uint32_t words, std::uint32_t bits, const States& states) {
  StateStore store({words, bits});
  std::vector<StateKey> keys;
  std::vector<std::uint8_t> is_new;
  insert_all(store, words, states, keys, is_new);
  std::set<States> model;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const States state(states.begin() + static_cast<std::ptrdiff_t>(i * words),
                       states.begin() + static_cast<std::ptrdiff_t>((i + 1) * words));
    ASSERT_EQ(is_new[i] != 0, model.insert(state).second) << "state " << i << " of " << words << "x" << bits;
  }
  ASSERT_EQ(store.size(), model.size());
  States back(words);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    store.read(keys[i], back.data());
    ASSERT_TRUE(std::equal(back.begin(), back.end(), states.begin() + static_cast<std::ptrdiff_t>(i * words)));
    ASSERT_TRUE(store.contains(back.data()));
    // A neighbour is there exactly when it was put there.
    back[i % words] ^= 1;
    ASSERT_EQ(store.contains(back.data()), model.count(back) != 0);
  }
}

/// Families of states that packed models have: dense counters, few bits far apart, runs with a fixed upper or lower
/// part, equal parts, all zeros and ones.
States clustered(std::uint32_t words, std::uint32_t bits, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const std::uint64_t mask = mask_of(bits);
  States result(count * words);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t* state = result.data() + i * words;
    for (std::uint32_t w = 0; w < words; ++w) {
      switch ((i + seed) % 7) {
        case 0:
          state[w] = i;
          break;
        case 1:
          state[w] = i << (bits / 2);
          break;
        case 2:
          state[w] = (std::uint64_t{1} << random() % 64) | (std::uint64_t{1} << random() % 64);
          break;
        case 3:
          state[w] = random();
          break;
        case 4:
          state[w] = w == i % words ? random() % 100 : 7;
          break;
        case 5:
          state[w] = i % 2 == 0 ? 0 : ~std::uint64_t{0};
          break;
        default:
          state[w] = (i * 64) << 20;
          break;
      }
      state[w] &= mask;
    }
  }
  return result;
}

TEST(StateStore, AgreesWithASetOnEveryNumberOfBits) {
  for (std::uint32_t bits = 1; bits <= 64; ++bits) check_against_model(1, bits, clustered(1, bits, 30000, bits));
}

TEST(StateStore, AgreesWithASetOnEveryNumberOfWords) {
  for (std::uint32_t words = 1; words <= 64; ++words) {
    check_against_model(words, words * 64, clustered(words, 64, 120000 / (words + 8), words));
  }
}

/// Wide states are cut where their bits are halved (and so on), wherever that is.
TEST(StateStore, AgreesWithASetOnEveryNumberOfBitsInTheLastWord) {
  for (const std::uint32_t words : {2u, 3u, 8u, 9u}) {
    for (std::uint32_t last = 1; last <= 64; last += words == 2 ? 1 : 7) {
      States states = clustered(words, 64, 6000, last);
      for (std::size_t at = words - 1; at < states.size(); at += words) states[at] &= mask_of(last);
      check_against_model(words, (words - 1) * 64 + last, states);
    }
  }
}

TEST(StateStore, RefusesBitsThatAStateCannotHave) {
  for (const std::uint32_t words : {1u, 2u, 9u}) {
    StateStore store({words, words * 64 - 3});
    States state(words);
    state.back() = std::uint64_t{1} << 61;
    StateKey key = 0;
    std::uint8_t is_new = 0;
    EXPECT_THROW(store.insert(state.data(), 1, &key, &is_new), InternalError) << words;
    EXPECT_FALSE(store.contains(state.data())) << words;
  }
}

TEST(StateStore, HoldsAllStatesOfFewBits) {
  for (std::uint32_t bits = 1; bits <= 18; ++bits) {
    States all(std::size_t{1} << bits);
    std::iota(all.begin(), all.end(), 0);
    check_against_model(1, bits, all);
  }
}

RC_GTEST_PROP(StateStore, AgreesWithASetOnAnyStates, ()) {
  const auto words = *rc::gen::inRange<std::uint32_t>(1, 65);
  const auto bits = words == 1 ? *rc::gen::inRange<std::uint32_t>(1, 65) : 64;
  auto states = *rc::gen::container<States>(rc::gen::arbitrary<std::uint64_t>());
  for (auto& word : states) word &= mask_of(bits);
  states.resize(states.size() / words * words);
  check_against_model(words, (words - 1) * 64 + bits, states);
}

/// Growth through every shape of 17 to 64 bits: 8-byte entries, the conversion to 4 bytes, factors of 2 and of 3.
TEST(StateStore, KeepsAllStatesOverEveryGrowth) {
  for (const std::uint32_t bits : {17u, 24u, 31u, 38u, 40u, 41u, 45u, 63u, 64u}) {
    StateStore store({1, bits});
    std::mt19937_64 random(bits);
    States states(3000);
    for (auto& state : states) state = random() & mask_of(bits);
    states[0] = 0;
    states[1] = mask_of(bits);
    std::vector<StateKey> keys;
    std::vector<std::uint8_t> is_new;
    insert_all(store, 1, states, keys, is_new);
    const std::uint64_t size = store.size();
    while (store.memory_bytes() < (std::uint64_t{64} << 20)) {
      const std::uint64_t before = store.memory_bytes();
      const double fill = store.fill();
      ASSERT_TRUE(store.grow(bits % 4 + 1));
      if (store.memory_bytes() == before && store.fill() == fill) break;  // one home for every state
      ASSERT_EQ(store.size(), size);
      for (const std::uint64_t state : states) {
        ASSERT_TRUE(store.contains(&state)) << bits << " bits, " << store.memory_bytes() << " bytes";
      }
      insert_all(store, 1, states, keys, is_new);
      ASSERT_EQ(std::count(is_new.begin(), is_new.end(), 1), 0) << bits;
      ASSERT_EQ(store.size(), size);
      EXPECT_EQ(store.peak_memory_bytes(), store.memory_bytes());
    }
  }
}

/// Full tables, moved by several threads: all entries of all borders between their shares. All numbers of 24 bits, in a
/// table that has become large enough to grow by half: neighbours that differ in nothing but the last bit.
TEST(StateStore, GrowsFullTablesWithSeveralThreads) {
  for (const std::uint32_t bits : {24u, 41u, 64u}) {
    StateStore store({1, bits});
    const std::uint64_t mask = mask_of(bits);
    const auto state_at = [&](std::uint64_t i) { return (i * 0xD1342543DE82EF95ULL) & mask; };
    constexpr std::size_t kBatch = 1000;
    States states(kBatch);
    std::vector<StateKey> keys(kBatch);
    std::vector<std::uint8_t> is_new(kBatch);
    const std::uint64_t count = (bits == 24 ? 16777000 : 6000000) / kScale / kBatch * kBatch;
    unsigned growths = 0;
    for (const bool again : {false, true}) {
      for (std::uint64_t at = 0; at < count; at += kBatch) {
        for (std::size_t i = 0; i < kBatch; ++i) states[i] = state_at(at + i);
        for (std::size_t done = 0; done < kBatch;) {
          done += store.insert(states.data() + done, kBatch - done, keys.data(), is_new.data() + done);
          if (store.should_grow()) {
            ASSERT_TRUE(store.grow(2 + ++growths % 3));
          }
        }
        ASSERT_EQ(std::count(is_new.begin(), is_new.end(), again ? 0 : 1), static_cast<std::ptrdiff_t>(kBatch));
      }
      ASSERT_EQ(store.size(), count);
    }
  }
}

/// Words with so many values that their numbers do not fit into one key: keys of both kinds.
TEST(StateStore, TakesStatesWhosePartsTakeManyValues) {
  for (const std::uint32_t words : {3u, 5u, 8u, 9u, 64u}) {
    std::mt19937_64 random(words);
    constexpr std::size_t kStates = 20000;
    States states(kStates * words);
    for (auto& word : states) word = random();
    // Among them states of few values, which come back when keys have their last bits.
    for (std::size_t i = 0; i < states.size(); i += words * 3) {
      for (std::uint32_t word = 0; word < words; ++word) states[i + word] = i / words % 7 + word;
    }
    check_against_model(words, words * 64, states);
  }
}

/// The size of what a search of a wide system stores: words of few values, in many combinations.
TEST(StateStore, KeepsWideStatesInFewBytes) {
  constexpr std::uint32_t kWords = 6;
  constexpr std::size_t kStates = 2500000;
  States states(kStates * kWords);
  for (std::size_t i = 0; i < kStates; ++i) {
    std::uint64_t rest = i * 7;
    for (std::uint32_t word = 0; word < kWords; ++word, rest /= 30) states[i * kWords + word] = rest % 30 * 0x1234567;
  }
  StateStore store({kWords, kWords * 64});
  std::vector<StateKey> keys;
  std::vector<std::uint8_t> is_new;
  insert_all(store, kWords, states, keys, is_new);
  EXPECT_EQ(store.size(), kStates);
  EXPECT_LT(store.memory_bytes(), kStates * 7);
}

/// One insertion of more than there is place for stops in the middle, says so, and goes on after growth.
TEST(StateStore, SaysHowFarItCame) {
  for (const std::uint32_t words : {1u, 2u, 5u}) {
    StateStore store({words, words * 64});
    constexpr std::size_t kCount = 100000;
    std::mt19937_64 random(words);
    States states(kCount * words);
    for (auto& word : states) word = random();
    std::vector<StateKey> keys(kCount);
    std::vector<std::uint8_t> is_new(kCount);
    std::size_t at = 0;
    unsigned growths = 0;
    while (at < kCount) {
      at += store.insert(states.data() + at * words, kCount - at, keys.data() + at, is_new.data() + at);
      if (at == kCount) break;
      ASSERT_TRUE(store.should_grow());
      ASSERT_TRUE(store.grow());
      ++growths;
    }
    EXPECT_GT(growths, 1u);
    EXPECT_EQ(store.size(), kCount);
    EXPECT_EQ(std::count(is_new.begin(), is_new.end(), 1), static_cast<std::ptrdiff_t>(kCount));
    EXPECT_EQ(store.insert(states.data(), kCount, keys.data(), is_new.data()), kCount);
    EXPECT_EQ(std::count(is_new.begin(), is_new.end(), 1), 0);
  }
}

TEST(StateStore, RefusesBitsThatItWouldLose) {
  StateStore store({1, 10});
  const std::uint64_t state = 1024;
  StateKey key = 0;
  std::uint8_t is_new = 0;
  EXPECT_ANY_THROW(store.insert(&state, 1, &key, &is_new));
  EXPECT_FALSE(store.contains(&state));
}

/// Threads insert overlapping sets in different orders, with growth at points where all have stopped.
void check_threads(unsigned threads, std::uint32_t words, std::uint32_t bits, std::size_t count) {
  StateStore store({words, (words - 1) * 64 + bits});
  const States states = clustered(words, bits, count, threads);
  std::vector<std::vector<std::size_t>> orders(threads, std::vector<std::size_t>(count));
  for (unsigned t = 0; t < threads; ++t) {
    std::iota(orders[t].begin(), orders[t].end(), 0);
    // Neighbours in pairs of threads: the same order makes collisions likely, another makes them rare.
    if (t % 2 == 1 && t > 1) std::shuffle(orders[t].begin(), orders[t].end(), std::mt19937_64(t));
  }
  std::vector<std::size_t> progress(threads, 0);
  std::vector<std::vector<std::uint8_t>> is_new(threads, std::vector<std::uint8_t>(count));
  std::vector<std::vector<StateKey>> keys(threads, std::vector<StateKey>(count));
  const auto work = [&](unsigned t) {
    constexpr std::size_t kBatch = 150;
    States batch(kBatch * words);
    while (progress[t] < count && !store.should_grow()) {
      const std::size_t size = std::min(kBatch, count - progress[t]);
      for (std::size_t i = 0; i < size; ++i) {
        const std::uint64_t* state = states.data() + orders[t][progress[t] + i] * words;
        std::copy(state, state + words, batch.data() + i * words);
      }
      const std::size_t done =
          store.insert(batch.data(), size, keys[t].data() + progress[t], is_new[t].data() + progress[t]);
      progress[t] += done;
      if (done < size) break;
    }
  };
  for (;;) {
    std::vector<std::thread> pool;
    for (unsigned t = 0; t < threads; ++t) pool.emplace_back(work, t);
    for (auto& thread : pool) thread.join();
    if (std::all_of(progress.begin(), progress.end(), [&](std::size_t p) { return p == count; })) break;
    ASSERT_TRUE(store.grow());
  }
  std::set<States> distinct;
  for (std::size_t i = 0; i < count; ++i) {
    distinct.emplace(states.begin() + static_cast<std::ptrdiff_t>(i * words),
                     states.begin() + static_cast<std::ptrdiff_t>((i + 1) * words));
  }
  EXPECT_EQ(store.size(), distinct.size());
  std::multiset<States> claimed;
  States back(words);
  for (unsigned t = 0; t < threads; ++t) {
    for (std::size_t i = 0; i < count; ++i) {
      store.read(keys[t][i], back.data());
      ASSERT_TRUE(std::equal(back.begin(), back.end(), states.data() + orders[t][i] * words));
      if (is_new[t][i] != 0) claimed.insert(back);
    }
  }
  EXPECT_EQ(claimed.size(), distinct.size());
  EXPECT_TRUE(std::equal(claimed.begin(), claimed.end(), distinct.begin(), distinct.end()));
}

TEST(StateStore, ClaimsEachStateOnceForAllThreads) {
  for (const unsigned threads : {2u, 4u, 8u}) {
    for (const std::uint32_t bits : {20u, 45u, 64u}) check_threads(threads, 1, bits, 40000 / kScale);
    for (const std::uint32_t words : {2u, 3u, 4u, 7u, 64u}) {
      check_threads(threads, words, 64, 16000 / (words + 4) / kScale * 4);
    }
  }
}

/// Few states and many threads, so that most insertions meet another of the same state.
TEST(StateStore, ClaimsContendedStatesOnce) {
  for (unsigned round = 0; round < 200 / kScale; ++round) {
    const std::uint32_t words = 1 + round % 4;
    StateStore store({words, words * 64});
    constexpr std::size_t kCount = 64;
    const States states = clustered(words, 64, kCount, round);
    std::array<std::array<std::uint8_t, kCount>, 4> is_new{};
    std::array<std::array<StateKey, kCount>, 4> keys{};
    std::array<std::size_t, 4> done{};
    bool all_done = false;
    // Whatever comes last grows the store for all.
    std::barrier safe_point(4, [&]() noexcept {
      if (store.should_grow()) store.grow();
      all_done = std::all_of(done.begin(), done.end(), [](std::size_t d) { return d == kCount; });
    });
    std::vector<std::thread> pool;
    for (unsigned t = 0; t < 4; ++t) {
      pool.emplace_back([&, t] {
        for (;;) {
          safe_point.arrive_and_wait();
          if (all_done) return;
          const std::size_t at = done[t];
          done[t] += store.insert(states.data() + at * words, kCount - at, keys[t].data() + at, is_new[t].data() + at);
        }
      });
    }
    for (auto& thread : pool) thread.join();
    std::size_t claims = 0;
    for (const auto& of_thread : is_new) claims += std::accumulate(of_thread.begin(), of_thread.end(), std::size_t{0});
    ASSERT_EQ(claims, store.size());
    for (const auto& of_thread : keys) ASSERT_EQ(of_thread, keys[0]);
  }
}

struct Closed {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closed>;

std::vector<char> saved(const StateStore& store) {
  const File file(std::tmpfile());
  EXPECT_TRUE(store.save(file.get()));
  std::vector<char> bytes(static_cast<std::size_t>(std::ftell(file.get())));
  std::rewind(file.get());
  EXPECT_EQ(std::fread(bytes.data(), 1, bytes.size(), file.get()), bytes.size());
  return bytes;
}

std::unique_ptr<StateStore> loaded(const std::vector<char>& bytes) {
  const File file(std::tmpfile());
  if (!bytes.empty()) {
    EXPECT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), file.get()), bytes.size());
  }
  std::rewind(file.get());
  return StateStore::load(file.get());
}

TEST(StateStore, ComesBackFromAFile) {
  for (const std::uint32_t words : {1u, 2u, 3u, 9u}) {
    const std::uint32_t bits = words == 1 ? 41 : 64;
    StateStore store({words, (words - 1) * 64 + bits});
    const States states = clustered(words, bits, 50000, 3);
    std::vector<StateKey> keys;
    std::vector<std::uint8_t> is_new;
    insert_all(store, words, states, keys, is_new);
    const auto copy = loaded(saved(store));
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(copy->size(), store.size());
    EXPECT_EQ(copy->memory_bytes(), store.memory_bytes());
    States back(words);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      copy->read(keys[i], back.data());
      ASSERT_TRUE(std::equal(back.begin(), back.end(), states.begin() + static_cast<std::ptrdiff_t>(i * words)));
    }
    // It goes on like the original.
    std::vector<StateKey> again;
    insert_all(*copy, words, states, again, is_new);
    EXPECT_EQ(again, keys);
    EXPECT_EQ(std::count(is_new.begin(), is_new.end(), 1), 0);
    const States more = clustered(words, bits, 50000, 4);
    insert_all(*copy, words, more, keys, is_new);
    insert_all(store, words, more, keys, is_new);
    EXPECT_EQ(copy->size(), store.size());
  }
}

/// What finds no place waits outside of the table: claimed once, found again, saved, and placed by growth.
TEST(StateStore, KeepsWhatFindsNoPlace) {
  constexpr unsigned kThreads = 4;
  StateStore store({1, 45});
  std::mt19937_64 random(1);
  States states(40000);
  for (auto& state : states) state = random() & mask_of(45);
  // Far beyond the time to grow: all threads insert the same until the store takes no more.
  std::array<std::size_t, kThreads> done{};
  std::array<std::vector<std::uint8_t>, kThreads> is_new;
  std::vector<std::thread> pool;
  for (unsigned t = 0; t < kThreads; ++t) {
    is_new[t].resize(states.size());
    pool.emplace_back([&, t] {
      std::vector<StateKey> keys(states.size());
      done[t] = store.insert(states.data(), states.size(), keys.data(), is_new[t].data());
    });
  }
  for (std::thread& thread : pool) thread.join();
  const std::size_t most = *std::max_element(done.begin(), done.end());
  EXPECT_GT(most, 9000u);  // more than the first table holds, spare buckets included
  ASSERT_LT(most, states.size());
  EXPECT_TRUE(store.should_grow());
  // What a thread has not been told to be done it may have inserted none of.
  std::set<std::uint64_t> claimed;
  std::size_t claims = 0;
  for (unsigned t = 0; t < kThreads; ++t) {
    for (std::size_t i = 0; i < done[t]; ++i) {
      if (is_new[t][i] == 0) continue;
      claimed.insert(states[i]);
      ++claims;
    }
  }
  EXPECT_EQ(claims, claimed.size());
  EXPECT_EQ(store.size(), claimed.size());
  EXPECT_EQ(claimed, std::set<std::uint64_t>(states.begin(), states.begin() + static_cast<std::ptrdiff_t>(most)));
  const auto copy = loaded(saved(store));
  ASSERT_NE(copy, nullptr);
  for (StateStore* one : {&store, copy.get()}) {
    for (const bool grown : {false, true}) {
      ASSERT_TRUE(!grown || one->grow());
      EXPECT_EQ(one->size(), claimed.size());
      for (std::size_t i = 0; i < states.size(); ++i) {
        ASSERT_EQ(one->contains(&states[i]), claimed.count(states[i]) != 0) << i << (grown ? " grown" : "");
      }
    }
    std::vector<StateKey> keys;
    std::vector<std::uint8_t> again;
    insert_all(*one, 1, states, keys, again);
    EXPECT_EQ(std::count(again.begin(), again.end(), 1), static_cast<std::ptrdiff_t>(states.size() - claimed.size()));
  }
}

/// All vector instructions that this machine has do the same: also those of lesser machines.
TEST(StateStore, DoesTheSameWithAllVectorInstructions) {
  std::vector<char> first;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    check_against_model(1, 41, clustered(1, 41, 60000, 7));
    check_against_model(1, 64, clustered(1, 64, 20000, 7));
    check_threads(4, 1, 45, 40000 / kScale);
    // The same table byte for byte, over growth and conversion.
    StateStore store({1, 36});
    std::vector<StateKey> keys;
    std::vector<std::uint8_t> is_new;
    insert_all(store, 1, clustered(1, 36, 100000, 2), keys, is_new);
    const std::vector<char> bytes = saved(store);
    if (first.empty()) first = bytes;
    EXPECT_EQ(bytes, first) << hwy::TargetName(target);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(StateStore, NoticesDamage) {
  for (const std::uint32_t words : {1u, 5u}) {
    StateStore store({words, words * 64});
    const States states = clustered(words, 64, 500, 3);
    std::vector<StateKey> keys;
    std::vector<std::uint8_t> is_new;
    insert_all(store, words, states, keys, is_new);
    const std::vector<char> bytes = saved(store);
    ASSERT_NE(loaded(bytes), nullptr);
    std::mt19937_64 random(words);
    for (int round = 0; round < 300; ++round) {
      std::vector<char> damaged = bytes;
      // The headers in front, then anywhere.
      const std::size_t at = round < 100 ? static_cast<std::size_t>(round) : random() % bytes.size();
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
      ASSERT_EQ(loaded(damaged), nullptr) << "byte " << at;
    }
    for (const std::size_t length : {std::size_t{0}, std::size_t{10}, bytes.size() / 2, bytes.size() - 1}) {
      ASSERT_EQ(loaded(std::vector<char>(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length))), nullptr);
    }
    EXPECT_EQ(loaded(std::vector<char>(bytes.size(), 0)), nullptr);
  }
}

#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
/// Bytes of address space that this process can write.
std::uint64_t writable_bytes() {
  const File maps(std::fopen("/proc/self/maps", "r"));
  std::uint64_t result = 0;
  std::array<char, 1024> line;
  while (std::fgets(line.data(), line.size(), maps.get()) != nullptr) {
    unsigned long from = 0;
    unsigned long to = 0;
    char mode[5] = {};
    if (std::sscanf(line.data(), "%lx-%lx %4s", &from, &to, mode) == 3 && mode[1] == 'w') result += to - from;
  }
  return result;
}

TEST(StateStore, CountsTheMemoryThatItHolds) {
  std::thread([] {}).join();  // the system keeps the stack of the first thread for the next, and growth uses threads
  for (const std::uint32_t words : {1u, 2u, 8u}) {
    States states(words * 700000);
    std::mt19937_64 random(words);
    for (auto& word : states) word = random();
    std::vector<StateKey> keys(700000);
    std::vector<std::uint8_t> is_new(700000);
    const std::uint64_t before = writable_bytes();
    StateStore store({words, words * 64});
    insert_all(store, words, states, keys, is_new);
    const std::uint64_t held = writable_bytes() - before;
    EXPECT_LE(held, store.memory_bytes() + (1u << 20));
    EXPECT_GE(held + (1u << 20), store.memory_bytes());
  }
}
#endif

}  // namespace
}  // namespace quiesce::checker
