// Invariants of folded states. Those of the tables are in quotient_table.cpp and intern_table.cpp.
// (1) The parts of level 0 are pairs of words (of two words: each for itself), named by numbers; an odd last word is
//     paired with 0. Level l + 1 pairs the parts of level l, until two parts are left; an odd last part is its own pair
//     and keeps its number. How many parts a level has depends on the width only, so two states have the same numbers
//     at a level exactly when they are equal there.
// (2) A number is found or given before it is used in a pair or in a key. Whoever gets to know a number has acquired
//     what it stands for (InternTable's invariant (2)), and so on down to the words: keys can be read at once.
// (3) What an insertion that ran full leaves behind are parts that no state uses: a loss of memory, no state.
#include "checker/store/state_store.h"

#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include "checker/store/checked_file.h"
#include "checker/store/intern_table.h"
#include "checker/store/quotient_table.h"
#include "model/base/check.h"

namespace quiesce::checker {

namespace {

constexpr std::uint32_t kMaxWords = 64;
constexpr std::uint32_t kMaxParts = kMaxWords / 2;
constexpr std::size_t kGroup = 32;  // states folded together, level by level, so that fetches overlap

constexpr StateKey key_of(std::uint32_t left, std::uint32_t right) { return StateKey{left} << 32 | right; }

}  // namespace

/// Words to numbers and back.
class StateStore::Folding {
 public:
  explicit Folding(std::uint32_t words)
      : words_(words), first_parts_(words == 2 ? 2 : (words + 1) / 2), words_table_(words == 2 ? 1 : 2) {
    if (first_parts_ > 2) parts_table_ = std::make_unique<InternTable>(1);
  }

  /// The keys of states. Returns how many were done: fewer than count when a table is full.
  std::size_t fold(const std::uint64_t* states, std::size_t count, StateKey* keys) {
    std::array<std::uint32_t, kGroup * kMaxParts> numbers;
    std::size_t done = fold_words(states, count, numbers.data());
    for (std::uint32_t parts = first_parts_; parts > 2; parts = (parts + 1) / 2) {
      done = fold_parts(parts, done, numbers.data());
    }
    for (std::size_t i = 0; i < done; ++i) keys[i] = key_of(numbers[i * 2], numbers[i * 2 + 1]);
    return done;
  }

  void unfold(StateKey key, std::uint64_t* state) const {
    std::array<std::uint32_t, kMaxParts> numbers;
    unfold_numbers(key, first_parts_, numbers.data());
    if (words_ == 2) {
      for (std::uint32_t i = 0; i < 2; ++i) state[i] = *words_table_[numbers[i]];
      return;
    }
    for (std::uint32_t i = 0; i < first_parts_; ++i) {
      const std::uint64_t* pair = words_table_[numbers[i]];
      state[i * 2] = pair[0];
      if (i * 2 + 1 < words_) state[i * 2 + 1] = pair[1];
    }
  }

  /// The key of a state if all its parts are known.
  bool find(const std::uint64_t* state, StateKey& key) const {
    std::array<std::uint32_t, kMaxParts> numbers;
    for (std::uint32_t i = 0; i < first_parts_; ++i) {
      std::uint64_t pair[2];
      load_pair(state, i, pair);
      numbers[i] = words_table_.find(pair);
      if (numbers[i] == InternTable::kNone) return false;
    }
    for (std::uint32_t parts = first_parts_; parts > 2; parts = (parts + 1) / 2) {
      for (std::uint32_t i = 0; i < parts / 2; ++i) {
        const StateKey pair = key_of(numbers[i * 2], numbers[i * 2 + 1]);
        numbers[i] = parts_table_->find(&pair);
        if (numbers[i] == InternTable::kNone) return false;
      }
      if (parts % 2 != 0) numbers[parts / 2] = numbers[parts - 1];
    }
    key = key_of(numbers[0], numbers[1]);
    return true;
  }

  template <typename Visit>
  void for_each_table(Visit visit) {
    visit(words_table_);
    if (parts_table_) visit(*parts_table_);
  }
  template <typename Visit>
  void for_each_table(Visit visit) const {
    visit(words_table_);
    if (parts_table_) visit(*parts_table_);
  }

 private:
  void load_pair(const std::uint64_t* state, std::uint32_t part, std::uint64_t* pair) const {
    if (words_ == 2) {
      pair[0] = state[part];
      return;
    }
    pair[0] = state[part * 2];
    pair[1] = part * 2 + 1 < words_ ? state[part * 2 + 1] : 0;
  }

  /// Finds numbers for `parts` pairs of each of `count` states: `pair_at(i, part, pair)` gives the pair, result number
  /// i * parts + part gets its number. A pair equal to that of the state before is not looked up again. All slots are
  /// fetched before the first is needed.
  template <typename PairAt>
  static std::size_t intern_all(InternTable& table, std::size_t count, std::uint32_t parts, std::uint32_t stride,
                                PairAt pair_at, std::uint32_t* numbers) {
    std::array<std::uint64_t, kGroup * kMaxParts> hashes;
    std::array<bool, kGroup * kMaxParts> is_same;
    std::uint64_t pair[2] = {};
    std::uint64_t before[2] = {};
    for (std::size_t i = 0; i < count; ++i) {
      for (std::uint32_t part = 0; part < parts; ++part) {
        pair_at(i, part, pair);
        const std::size_t at = i * parts + part;
        is_same[at] = false;
        if (i > 0) {
          pair_at(i - 1, part, before);
          is_same[at] = pair[0] == before[0] && pair[1] == before[1];
        }
        if (is_same[at]) continue;
        hashes[at] = table.hash_of(pair);
        table.prefetch(hashes[at]);
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      for (std::uint32_t part = 0; part < parts; ++part) {
        const std::size_t at = i * parts + part;
        std::uint32_t& number = numbers[i * stride + part];
        if (is_same[at]) {
          number = numbers[(i - 1) * stride + part];
          continue;
        }
        pair_at(i, part, pair);
        number = table.intern(pair, hashes[at]);
        if (number == InternTable::kNone) return i;
      }
    }
    return count;
  }

  std::size_t fold_words(const std::uint64_t* states, std::size_t count, std::uint32_t* numbers) {
    return intern_all(
        words_table_, count, first_parts_, first_parts_,
        [&](std::size_t i, std::uint32_t part, std::uint64_t* pair) { load_pair(states + i * words_, part, pair); },
        numbers);
  }

  /// From `parts` numbers per state to half as many, in place.
  std::size_t fold_parts(std::uint32_t parts, std::size_t count, std::uint32_t* numbers) {
    std::array<std::uint32_t, kGroup * kMaxParts> from;
    std::copy(numbers, numbers + count * parts, from.begin());
    const std::uint32_t next = (parts + 1) / 2;
    const std::size_t done = intern_all(
        *parts_table_, count, parts / 2, next,
        [&](std::size_t i, std::uint32_t part, std::uint64_t* pair) {
          const std::uint32_t* both = from.data() + i * parts + part * 2;
          pair[0] = key_of(both[0], both[1]);
        },
        numbers);
    if (parts % 2 != 0) {
      for (std::size_t i = 0; i < done; ++i) numbers[i * next + parts / 2] = from[i * parts + parts - 1];
    }
    return done;
  }

  /// The numbers of a level of `parts` parts.
  void unfold_numbers(StateKey key, std::uint32_t parts, std::uint32_t* numbers) const {
    if (parts == 2) {
      numbers[0] = static_cast<std::uint32_t>(key >> 32);
      numbers[1] = static_cast<std::uint32_t>(key);
      return;
    }
    std::array<std::uint32_t, kMaxParts> above;
    unfold_numbers(key, (parts + 1) / 2, above.data());
    for (std::uint32_t i = 0; i < parts / 2; ++i) {
      const StateKey pair = *(*parts_table_)[above[i]];
      numbers[i * 2] = static_cast<std::uint32_t>(pair >> 32);
      numbers[i * 2 + 1] = static_cast<std::uint32_t>(pair);
    }
    if (parts % 2 != 0) numbers[parts - 1] = above[parts / 2];
  }

  std::uint32_t words_;
  std::uint32_t first_parts_;                 // of level 0
  InternTable words_table_;                   // level 0
  std::unique_ptr<InternTable> parts_table_;  // all levels above; null when level 0 has two parts
};

struct StateStore::Tables {
  explicit Tables(const Options& given)
      : options(given), states(given.words == 1 ? given.bits : 64), mask(~std::uint64_t{0} >> (64 - given.bits)) {
    if (given.words > 1) folding = std::make_unique<Folding>(given.words);
    peak_bytes = bytes();
  }

  std::uint64_t bytes() const {
    std::uint64_t result = sizeof(StateStore) + sizeof(Tables) + states.bytes();
    if (folding) folding->for_each_table([&](const InternTable& table) { result += sizeof(table) + table.bytes(); });
    return result;
  }

  const Options options;
  QuotientTable states;
  std::uint64_t mask;  // bits that a state of one word may have
  std::unique_ptr<Folding> folding;
  std::uint64_t peak_bytes = 0;
};

namespace {

const StateStore::Options& checked(const StateStore::Options& options) {
  QUIESCE_CHECK(options.words >= 1 && options.words <= kMaxWords) << options.words << " words";
  QUIESCE_CHECK(options.bits >= 1 && options.bits <= 64) << options.bits << " bits";
  return options;
}

}  // namespace

StateStore::StateStore(const Options& options) : tables_(std::make_unique<Tables>(checked(options))) {}

StateStore::~StateStore() = default;

std::size_t StateStore::insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) {
  const std::uint32_t words = tables_->options.words;
  if (words == 1) {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < count; ++i) {
      all |= states[i];
      keys[i] = states[i];
    }
    // A bit outside would be lost in the table, and two states become one.
    QUIESCE_CHECK((all & ~tables_->mask) == 0) << "a state has more than " << tables_->options.bits << " bits";
    return tables_->states.insert(states, count, is_new);
  }
  std::size_t done = 0;
  while (done < count) {
    const std::size_t size = std::min(kGroup, count - done);
    const std::size_t folded = tables_->folding->fold(states + done * words, size, keys + done);
    const std::size_t inserted = tables_->states.insert(keys + done, folded, is_new + done);
    done += inserted;
    if (inserted < size) break;
  }
  return done;
}

bool StateStore::should_grow() const {
  bool result = tables_->states.should_grow();
  if (tables_->folding) {
    tables_->folding->for_each_table([&](const InternTable& table) { result = result || table.should_grow(); });
  }
  return result;
}

std::uint64_t StateStore::grown_memory_bytes() const {
  const bool any = should_grow();
  std::uint64_t result = tables_->bytes();
  if (!any || tables_->states.should_grow()) result += tables_->states.grown_bytes() - tables_->states.bytes();
  if (tables_->folding) {
    tables_->folding->for_each_table([&](const InternTable& table) {
      if (table.should_grow()) result += table.grown_bytes() - table.bytes();
    });
  }
  return result;
}

bool StateStore::grow(unsigned threads) {
  const bool any = should_grow();
  bool result = true;
  if (tables_->folding) {
    tables_->folding->for_each_table([&](InternTable& table) {
      if (table.should_grow()) result = result && table.grow();
    });
  }
  if (result && (!any || tables_->states.should_grow())) result = tables_->states.grow(threads);
  tables_->peak_bytes = std::max(tables_->peak_bytes, tables_->bytes());
  return result;
}

void StateStore::read(StateKey key, std::uint64_t* state) const {
  if (tables_->folding) {
    tables_->folding->unfold(key, state);
  } else {
    *state = key;
  }
}

bool StateStore::contains(const std::uint64_t* state) const {
  if (!tables_->folding) return (*state & ~tables_->mask) == 0 && tables_->states.contains(*state);
  StateKey key = 0;
  return tables_->folding->find(state, key) && tables_->states.contains(key);
}

std::uint64_t StateStore::size() const { return tables_->states.size(); }

std::uint64_t StateStore::memory_bytes() const { return tables_->bytes(); }

std::uint64_t StateStore::peak_memory_bytes() const { return std::max(tables_->peak_bytes, tables_->bytes()); }

double StateStore::fill() const {
  double result = tables_->states.fill();
  if (tables_->folding) {
    tables_->folding->for_each_table([&](const InternTable& table) { result = std::max(result, table.fill()); });
  }
  return result;
}

namespace {

/// In front of the tables. The number changes whenever the format of any table does, or a mix or hash.
struct SavedStore {
  std::uint64_t magic = 0x31544145524F5451;  // "QTOREAT1"
  std::uint32_t words = 0;
  std::uint32_t bits = 0;
};

}  // namespace

bool StateStore::save(std::FILE* file) const {
  CheckedWriter writer(file);
  SavedStore header;
  header.words = tables_->options.words;
  header.bits = tables_->options.bits;
  bool result = writer.write(header) && tables_->states.save(writer);
  if (tables_->folding) {
    tables_->folding->for_each_table([&](const InternTable& table) { result = result && table.save(writer); });
  }
  return result;
}

std::unique_ptr<StateStore> StateStore::load(std::FILE* file) {
  CheckedReader reader(file);
  SavedStore header;
  if (!reader.read(header) || header.magic != SavedStore().magic) return nullptr;
  if (header.words < 1 || header.words > kMaxWords || header.bits < 1 || header.bits > 64) return nullptr;
  std::unique_ptr<StateStore> store;
  try {
    store = std::make_unique<StateStore>(Options{header.words, header.bits});
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  Tables& tables = *store->tables_;
  bool result = tables.states.load(reader);
  if (tables.folding) {
    tables.folding->for_each_table([&](InternTable& table) { result = result && table.load(reader); });
  }
  if (!result) return nullptr;
  tables.peak_bytes = tables.bytes();
  return store;
}

}  // namespace quiesce::checker
