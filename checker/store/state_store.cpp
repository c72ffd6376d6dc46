// States of one word are numbers in the exact table. Wider states become a few numbers (state_folding.h), and these a key.
// Invariants of keys:
// (1) The bits of the numbers are laid out in a key by KeyLayout, whose bits only ever increase, at safe points: a key
//     stays what it is, and two states have the same key exactly when they have the same numbers.
// (2) When all 63 bits are given away, the layout is final. A state whose numbers do not fit then gets a key of the
//     other kind (bit 63 is set), from pairs of numbers up to one pair; such states stand in a table of their own.
//     Which kind a state gets does not depend on when: before the layout is final, a state that does not fit is not
//     inserted, but makes the layout grow.
// (3) What an insertion that ran full leaves behind are parts that no state uses: a loss of memory, no state.
// Measured (bench/micro, specs/systems/designs/port_and_card, 53,182 states of 294 bits in 5 words): the words take
// 3547, 65, 540, 846 and 4 values, so that a state is a key of 41 bits; in pairs of words they take 7,895, 14,579
// and 4.
#include "checker/store/state_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <thread>
#include <vector>

#include "checker/store/checked_file.h"
#include "checker/store/intern_table.h"
#include "checker/store/key_layout.h"
#include "checker/store/quotient_table.h"
#include "checker/store/state_folding.h"
#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

constexpr StateKey kOtherKind = StateKey{1} << 63;
constexpr std::uint32_t kOtherBits = 62;  // two numbers of InternTable, of 31 bits each

}  // namespace

/// What wide states are kept in beside the table of their keys.
class StateStore::Folded {
 public:
  Folded(std::uint32_t words, std::uint32_t bits) : folding_(words, bits), layout_(folding_.groups()) {}

  /// Keys of up to Folding::kMaxStates states. Returns how many were done: fewer than count when a table is full or the
  /// layout has to grow.
  std::size_t keys_of(const std::uint64_t* states, std::size_t count, StateKey* keys) {
    std::array<std::uint32_t, Folding::kMaxStates * Folding::kMaxGroups> numbers;
    const std::size_t folded = folding_.fold(states, count, numbers.data());
    for (std::size_t i = 0; i < folded; ++i) {
      const std::uint32_t* of_state = numbers.data() + i * folding_.groups();
      if (layout_.fits(of_state)) {
        keys[i] = layout_.key_of(of_state);
      } else if (other_ == nullptr) {
        needs_bits_.store(true, std::memory_order_relaxed);
        return i;
      } else if (!other_key(of_state, keys[i])) {
        return i;
      }
    }
    return folded;
  }

  /// The key of a state if all its parts are known.
  bool find(const std::uint64_t* state, StateKey& key) const {
    std::array<std::uint32_t, Folding::kMaxGroups> numbers;
    if (!folding_.find(state, numbers.data())) return false;
    if (layout_.fits(numbers.data())) {
      key = layout_.key_of(numbers.data());
      return true;
    }
    if (other_ == nullptr) return false;
    for (std::uint32_t parts = folding_.groups(); parts > 2; parts = (parts + 1) / 2) {
      for (std::uint32_t i = 0; i < parts / 2; ++i) {
        const std::uint64_t pair[2] = {std::uint64_t{numbers[i * 2]} << 32 | numbers[i * 2 + 1], 0};
        numbers[i] = other_->pairs.find(pair);
        if (numbers[i] == InternTable::kNone) return false;
      }
      if (parts % 2 != 0) numbers[parts / 2] = numbers[parts - 1];
    }
    key = kOtherKind | StateKey{numbers[0]} << 31 | numbers[1];
    return true;
  }

  void read(StateKey key, std::uint64_t* state) const {
    std::array<std::uint32_t, Folding::kMaxGroups> numbers;
    if ((key & kOtherKind) == 0) {
      layout_.numbers_of(key, numbers.data());
    } else {
      unfold_other(key, folding_.groups(), numbers.data());
    }
    folding_.unfold(numbers.data(), state);
  }

  bool needs_bits() const { return needs_bits_.load(std::memory_order_relaxed); }
  const KeyLayout& layout() const { return layout_; }
  QuotientTable* others() const { return other_ == nullptr ? nullptr : &other_->states; }

  /// The layout with bits for all numbers that there are, and some more; `is_final` when it cannot have them.
  KeyLayout widened(bool& is_final) const {
    KeyLayout result = layout_;
    is_final = false;
    // Bits that are needed before bits for later, and where there are too few for all, to each in turn.
    for (const bool for_later : {false, true}) {
      for (bool changed = true; changed;) {
        changed = false;
        for (std::uint32_t group = 0; group < folding_.groups(); ++group) {
          const std::uint64_t numbers = folding_.numbers_of(group);
          const std::uint64_t wanted = for_later ? numbers + numbers / 4 : std::max<std::uint64_t>(numbers, 1) - 1;
          if (wanted >> result.bits_of(group) == 0) continue;
          if (result.widen(group)) {
            changed = true;
          } else if (!for_later) {
            is_final = true;
          }
        }
      }
    }
    return result;
  }

  /// Takes over a layout that widened() gave. Throws std::bad_alloc, and is unchanged, when the system gives no memory.
  void adopt(const KeyLayout& layout, bool is_final) {
    if (is_final && other_ == nullptr) other_ = std::make_unique<Other>();
    layout_ = layout;
    needs_bits_.store(false, std::memory_order_relaxed);
  }

  template <typename Visit>
  void for_each_table(Visit visit) {
    folding_.for_each_table(visit);
    if (other_) visit(other_->pairs);
  }
  template <typename Visit>
  void for_each_table(Visit visit) const {
    folding_.for_each_table(visit);
    if (other_) visit(static_cast<const InternTable&>(other_->pairs));
  }

  bool save(CheckedWriter& file) const {
    const std::uint32_t header[] = {layout_.bits(), other_ != nullptr ? 1u : 0u};
    bool result = file.write(header, sizeof(header)) && file.write(layout_.owners());
    for_each_table([&](const InternTable& table) { result = result && table.save(file); });
    return result && (other_ == nullptr || other_->states.save(file));
  }

  bool load(CheckedReader& file) {
    std::uint32_t header[2] = {};
    KeyLayout::Owners owners;
    if (!file.read(header, sizeof(header)) || !file.read(owners)) return false;
    if (!KeyLayout::from_owners(owners, folding_.groups(), header[0], layout_)) return false;
    if (header[1] != 0) other_ = std::make_unique<Other>();
    bool result = true;
    for_each_table([&](InternTable& table) { result = result && table.load(file); });
    return result && (other_ == nullptr || other_->states.load(file));
  }

 private:
  struct Other {
    InternTable pairs{1};  // of numbers, at all depths
    QuotientTable states{kOtherBits};
  };

  bool other_key(const std::uint32_t* of_state, StateKey& key) {
    std::array<std::uint32_t, Folding::kMaxGroups> numbers;
    std::copy_n(of_state, folding_.groups(), numbers.begin());
    for (std::uint32_t parts = folding_.groups(); parts > 2; parts = (parts + 1) / 2) {
      for (std::uint32_t i = 0; i < parts / 2; ++i) {
        const std::uint64_t pair = std::uint64_t{numbers[i * 2]} << 32 | numbers[i * 2 + 1];
        numbers[i] = other_->pairs.intern<1>(&pair, InternTable::hash_of<1>(&pair));
        if (numbers[i] == InternTable::kNone) return false;
      }
      if (parts % 2 != 0) numbers[parts / 2] = numbers[parts - 1];
    }
    key = kOtherKind | StateKey{numbers[0]} << 31 | numbers[1];
    return true;
  }

  void unfold_other(StateKey key, std::uint32_t parts, std::uint32_t* numbers) const {
    if (parts == 2) {
      numbers[0] = static_cast<std::uint32_t>(key >> 31) & 0x7FFFFFFF;
      numbers[1] = static_cast<std::uint32_t>(key) & 0x7FFFFFFF;
      return;
    }
    std::array<std::uint32_t, Folding::kMaxGroups> above;
    unfold_other(key, (parts + 1) / 2, above.data());
    for (std::uint32_t i = 0; i < parts / 2; ++i) {
      const std::uint64_t pair = *other_->pairs[above[i]];
      numbers[i * 2] = static_cast<std::uint32_t>(pair >> 32);
      numbers[i * 2 + 1] = static_cast<std::uint32_t>(pair);
    }
    if (parts % 2 != 0) numbers[parts - 1] = above[parts / 2];
  }

  Folding folding_;
  KeyLayout layout_;
  std::atomic<bool> needs_bits_{false};
  std::unique_ptr<Other> other_;  // null until the layout is final
};

struct StateStore::Tables {
  explicit Tables(const Options& given)
      : options(given),
        states(std::make_unique<QuotientTable>(given.words == 1 ? given.bits : table_bits(given.words, 0),
                                               given.words > 1)),
        mask(given.words == 1 ? ~std::uint64_t{0} >> (64 - given.bits) : ~std::uint64_t{0}) {
    if (given.words > 1) folded = std::make_unique<Folded>(given.words, given.bits);
    peak_bytes = bytes();
  }

  /// The bits of a table for keys of so many bits: more than are needed now, where that costs nothing.
  static std::uint32_t table_bits(std::uint32_t key_bits, std::uint64_t states) {
    const std::uint32_t free_bits = std::min(KeyLayout::kMaxBits, QuotientTable::small_entry_bits(states, true));
    return key_bits <= free_bits ? free_bits : std::min(KeyLayout::kMaxBits, key_bits + 4);
  }

  std::uint64_t bytes() const {
    std::uint64_t result = sizeof(StateStore) + sizeof(Tables) + states->bytes();
    if (folded) {
      result += sizeof(Folded);
      folded->for_each_table([&](const InternTable& table) { result += sizeof(table) + table.bytes(); });
      if (folded->others() != nullptr) result += sizeof(QuotientTable) + folded->others()->bytes();
    }
    return result;
  }

  /// How many states a table is made for that replaces the present one.
  std::uint64_t states_of_rebuilt() const { return states->size() + states->size() / 4 + 1000; }

  bool rebuild(unsigned threads);

  const Options options;
  // States of one word; or keys of wide states, whose other costs hide those of growth in small steps.
  std::unique_ptr<QuotientTable> states;
  std::uint64_t mask;              // bits that a state of one word may have
  std::unique_ptr<Folded> folded;  // null for states of one word
  std::uint64_t peak_bytes = 0;
};

/// Gives keys more bits. When the table has too few, all keys go into a new one, while the old one is there too.
bool StateStore::Tables::rebuild(unsigned threads) {
  bool is_final = false;
  const KeyLayout layout = folded->widened(is_final);
  try {
    if (layout.bits() > states->shape().bits) {
      auto wider = std::make_unique<QuotientTable>(table_bits(layout.bits(), states_of_rebuilt()), true);
      if (!wider->reserve(states_of_rebuilt())) return false;
      peak_bytes = std::max(peak_bytes, bytes() + wider->bytes());
      threads = static_cast<unsigned>(std::clamp<std::uint64_t>(states->size() / 100000, 1, std::max(1u, threads)));
      std::atomic<std::uint64_t> moved{0};
      const auto work = [&](unsigned part) {
        std::array<std::uint64_t, 256> batch;
        std::array<std::uint8_t, 256> is_new;
        std::size_t size = 0;
        const auto flush = [&] {
          moved += wider->insert(batch.data(), size, is_new.data());
          size = 0;
        };
        states->for_each(part, threads, [&](std::uint64_t key) {
          batch[size++] = key;
          if (size == batch.size()) flush();
        });
        flush();
      };
      std::vector<std::thread> pool;
      for (unsigned part = 1; part < threads; ++part) pool.emplace_back(work, part);
      work(0);
      for (std::thread& thread : pool) thread.join();
      // The new table was made with room to spare. Should some states have found no place in it nevertheless, the old
      // table is still there.
      if (moved != states->size() || wider->size() != states->size()) return false;
      folded->adopt(layout, is_final);
      states = std::move(wider);
    } else {
      folded->adopt(layout, is_final);
    }
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

namespace {

const StateStore::Options& checked(const StateStore::Options& options) {
  QUIESCE_CHECK(options.words >= 1 && options.words <= Folding::kMaxWords) << options.words << " words";
  QUIESCE_CHECK(options.bits > (options.words - 1) * 64 && options.bits <= options.words * 64)
      << options.bits << " bits";
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
    return tables_->states->insert(states, count, is_new);
  }
  std::size_t done = 0;
  while (done < count) {
    const std::size_t size = std::min(Folding::kMaxStates, count - done);
    const std::size_t folded = tables_->folded->keys_of(states + done * words, size, keys + done);
    const std::size_t inserted = insert_keys(keys + done, folded, is_new + done);
    done += inserted;
    if (inserted < size) break;
  }
  return done;
}

/// Keys of both kinds in their tables, in order. Those of the other kind are rare or many in a row.
std::size_t StateStore::insert_keys(const StateKey* keys, std::size_t count, std::uint8_t* is_new) {
  QuotientTable* others = tables_->folded->others();
  if (others == nullptr) return tables_->states->insert(keys, count, is_new);
  std::array<StateKey, Folding::kMaxStates> run;
  for (std::size_t done = 0; done < count;) {
    const StateKey kind = keys[done] & kOtherKind;
    std::size_t size = 0;
    while (done + size < count && (keys[done + size] & kOtherKind) == kind) {
      run[size] = keys[done + size] & ~kOtherKind;
      ++size;
    }
    QuotientTable& table = kind != 0 ? *others : *tables_->states;
    const std::size_t inserted = table.insert(run.data(), size, is_new + done);
    done += inserted;
    if (inserted < size) return done;
  }
  return count;
}

void StateStore::set_alone(bool is_alone) { tables_->states->set_alone(is_alone); }

bool StateStore::should_grow() const {
  if (tables_->states->should_grow()) return true;
  const Folded* folded = tables_->folded.get();
  if (folded == nullptr) return false;
  bool result = folded->needs_bits() || (folded->others() != nullptr && folded->others()->should_grow());
  folded->for_each_table([&](const InternTable& table) { result = result || table.should_grow(); });
  return result;
}

std::uint64_t StateStore::grown_memory_bytes() const {
  const bool any = should_grow();
  std::uint64_t result = tables_->bytes();
  const QuotientTable& states = *tables_->states;
  if (const Folded* folded = tables_->folded.get(); folded != nullptr) {
    folded->for_each_table([&](const InternTable& table) {
      if (table.should_grow()) result += table.grown_bytes() - table.bytes();
    });
    if (folded->others() != nullptr && folded->others()->should_grow()) {
      result += folded->others()->grown_bytes() - folded->others()->bytes();
    }
    if (folded->needs_bits()) {
      // A second table beside the first, and perhaps the first tables of the other kind of keys.
      bool is_final = false;
      const KeyLayout layout = folded->widened(is_final);
      const std::uint64_t states_of_new = tables_->states_of_rebuilt();
      if (layout.bits() > states.shape().bits) {
        result += sizeof(QuotientTable) +
                  QuotientTable::bytes_for(Tables::table_bits(layout.bits(), states_of_new), states_of_new, true);
      }
      return result + (is_final ? std::uint64_t{256} << 10 : 0);
    }
  }
  if (!any || states.should_grow()) result += states.grown_bytes() - states.bytes();
  return result;
}

bool StateStore::grow(unsigned threads) {
  const bool any = should_grow();
  bool result = true;
  Folded* folded = tables_->folded.get();
  if (folded != nullptr) {
    folded->for_each_table([&](InternTable& table) {
      if (table.should_grow()) result = result && table.grow();
    });
    if (folded->others() != nullptr && folded->others()->should_grow()) {
      result = result && folded->others()->grow(threads);
    }
  }
  if (folded != nullptr && folded->needs_bits()) {
    result = result && tables_->rebuild(threads);
  } else if (!any || tables_->states->should_grow()) {
    result = result && tables_->states->grow(threads);
  }
  tables_->peak_bytes = std::max(tables_->peak_bytes, tables_->bytes());
  return result;
}

void StateStore::read(StateKey key, std::uint64_t* state) const {
  if (tables_->folded) {
    tables_->folded->read(key, state);
  } else {
    *state = key;
  }
}

bool StateStore::contains(const std::uint64_t* state) const {
  if (!tables_->folded) return (*state & ~tables_->mask) == 0 && tables_->states->contains(*state);
  StateKey key = 0;
  if (!tables_->folded->find(state, key)) return false;
  return (key & kOtherKind) == 0 ? tables_->states->contains(key)
                                 : tables_->folded->others()->contains(key & ~kOtherKind);
}

std::uint64_t StateStore::size() const {
  const bool has_others = tables_->folded && tables_->folded->others() != nullptr;
  return tables_->states->size() + (has_others ? tables_->folded->others()->size() : 0);
}

std::uint64_t StateStore::memory_bytes() const { return tables_->bytes(); }

std::uint64_t StateStore::peak_memory_bytes() const { return std::max(tables_->peak_bytes, tables_->bytes()); }

double StateStore::fill() const {
  double result = tables_->states->fill();
  if (tables_->folded) {
    tables_->folded->for_each_table([&](const InternTable& table) { result = std::max(result, table.fill()); });
    if (tables_->folded->others() != nullptr) result = std::max(result, tables_->folded->others()->fill());
  }
  return result;
}

namespace {

/// In front of the tables. The number changes whenever the format of any table does, or a mix or hash.
struct SavedStore {
  std::uint64_t magic = 0x3345524F54535151;  // "QQSTORE3"
  std::uint32_t words = 0;
  std::uint32_t bits = 0;
  std::uint64_t table_bits = 0;
};

}  // namespace

bool StateStore::save(std::FILE* file) const {
  CheckedWriter writer(file);
  SavedStore header;
  header.words = tables_->options.words;
  header.bits = tables_->options.bits;
  header.table_bits = tables_->states->shape().bits;
  return writer.write(header) && tables_->states->save(writer) &&
         (tables_->folded == nullptr || tables_->folded->save(writer));
}

std::unique_ptr<StateStore> StateStore::load(std::FILE* file) {
  CheckedReader reader(file);
  SavedStore header;
  if (!reader.read(header) || header.magic != SavedStore().magic) return nullptr;
  if (header.words < 1 || header.words > Folding::kMaxWords) return nullptr;
  if (header.bits <= (header.words - 1) * 64 || header.bits > header.words * 64) return nullptr;
  if (header.table_bits < 1 || header.table_bits > 64) return nullptr;
  try {
    auto store = std::make_unique<StateStore>(Options{header.words, header.bits});
    Tables& tables = *store->tables_;
    if (header.words > 1) {
      tables.states = std::make_unique<QuotientTable>(static_cast<std::uint32_t>(header.table_bits), true);
    } else if (header.table_bits != header.bits) {
      return nullptr;
    }
    if (!tables.states->load(reader)) return nullptr;
    if (tables.folded && (!tables.folded->load(reader) || tables.folded->layout().bits() > header.table_bits)) {
      return nullptr;
    }
    tables.peak_bytes = tables.bytes();
    return store;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace quiesce::checker
