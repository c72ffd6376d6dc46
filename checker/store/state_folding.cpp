// Invariants
// (1) How a state is cut depends on its width and bits only, so two states have the same number for a group exactly when they
//     are equal there.
// (2) A number is found or given before it is used in a pair. A thread that reads a number has acquired what it stands
//     for (InternTable's invariant (2)), and so on down to the words: numbers can be unfolded at once.
#include "checker/store/state_folding.h"

#include <algorithm>
#include <tuple>

#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

/// Numbers for `parts` keys of each of `count` states: `key_at(i, part)` gives the key, an array of one or two words,
/// that is looked up in `table_of(part)`; part of state i gets numbers[i * parts + part]. A key equal to that of the
/// state before is not looked up again: successors of one state differ little. All slots are fetched before the first
/// is needed.
template <typename TableOf, typename KeyAt>
std::size_t intern_all(std::size_t count, std::uint32_t parts, TableOf table_of, KeyAt key_at, std::uint32_t* numbers) {
  constexpr std::size_t kMaxKeys = Folding::kMaxStates * Folding::kMaxWords / 2;
  using Key = decltype(key_at(std::size_t{0}, std::uint32_t{0}));
  struct LookUp {
    std::uint64_t hash;
    std::uint32_t part;
    std::uint32_t at;
  };
  std::array<LookUp, kMaxKeys> look_ups;
  std::size_t size = 0;
  // Numbers of equal keys are copied afterwards; those in between are not known yet.
  for (std::uint32_t part = 0; part < parts; ++part) {
    const InternTable& table = table_of(part);
    Key before{};
    for (std::size_t i = 0; i < count; ++i) {
      const Key key = key_at(i, part);
      const auto at = static_cast<std::uint32_t>(i * parts + part);
      if (i > 0 && key == before) {
        numbers[at] = InternTable::kNone;
        continue;
      }
      before = key;
      const std::uint64_t hash = table.hash_of<std::tuple_size_v<Key>>(key.data());
      table.prefetch(hash);
      look_ups[size++] = {hash, part, at};
    }
  }
  std::size_t done = count;
  for (std::size_t i = 0; i < size; ++i) {
    const LookUp& look_up = look_ups[i];
    const std::size_t state = look_up.at / parts;
    if (state >= done) continue;
    const Key key = key_at(state, look_up.part);
    numbers[look_up.at] = table_of(look_up.part).template intern<std::tuple_size_v<Key>>(key.data(), look_up.hash);
    if (numbers[look_up.at] == InternTable::kNone) done = state;  // full: this state and later ones are not done
  }
  for (std::size_t at = parts; at < done * parts; ++at) {
    if (numbers[at] == InternTable::kNone) numbers[at] = numbers[at - parts];
  }
  return done;
}

std::uint64_t pair_of(const std::uint32_t* numbers) { return std::uint64_t{numbers[0]} << 32 | numbers[1]; }

void split(std::uint64_t pair, std::uint32_t* numbers) {
  numbers[0] = static_cast<std::uint32_t>(pair >> 32);
  numbers[1] = static_cast<std::uint32_t>(pair);
}

}  // namespace

Folding::Folding(std::uint32_t words, std::uint32_t bits)
    : words_(words),
      group_words_(words <= 8    ? 1
                   : words <= 16 ? 2
                   : words <= 32 ? 4
                                 : 8),
      groups_((words + group_words_ - 1) / group_words_) {
  QUIESCE_CHECK(words >= 2 && words <= kMaxWords) << words << " words";
  QUIESCE_CHECK(bits > (words - 1) * 64 && bits <= words * 64) << bits << " bits in " << words << " words";
  const std::uint32_t unused = words * 64 - bits;
  outside_ = unused == 0 ? 0 : ~std::uint64_t{0} << (64 - unused);
  const std::uint32_t cut_bits = (bits + groups_ - 1) / groups_;
  cut_mask_ = ~std::uint64_t{0} >> (64 - std::min(cut_bits, 64u));
  for (std::uint32_t group = 0; group < groups_; ++group) {
    const std::uint32_t begin = group * cut_bits;
    cuts_[group] = {begin / 64, begin % 64, begin % 64 + cut_bits > 64 && begin / 64 + 1 < words};
  }
  for (std::uint32_t group = 0; group < groups_; ++group) {
    tables_.push_back(std::make_unique<InternTable>(group_words_ == 2 ? 2 : 1));
  }
  if (group_words_ >= 4) pairs_ = std::make_unique<InternTable>(2);
  if (group_words_ == 8) quads_ = std::make_unique<InternTable>(1);
}

std::uint64_t Folding::load_cut(const std::uint64_t* state, std::uint32_t group) const {
  const Cut& cut = cuts_[group];
  std::uint64_t bits = state[cut.word] >> cut.shift;
  if (cut.is_split) bits |= state[cut.word + 1] << (64 - cut.shift);
  return bits & cut_mask_;
}

/// Adds the bits of a group to a state in which they are zero.
void Folding::store_cut(std::uint32_t group, std::uint64_t bits, std::uint64_t* state) const {
  const Cut& cut = cuts_[group];
  state[cut.word] |= bits << cut.shift;
  if (cut.is_split) state[cut.word + 1] |= bits >> (64 - cut.shift);
}

/// A bit outside would be in no group, and two states become one.
void Folding::check_bits(const std::uint64_t* states, std::size_t count) const {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < count; ++i) all |= states[i * words_ + words_ - 1];
  QUIESCE_CHECK((all & outside_) == 0) << "a state has bits that it cannot have";
}

void Folding::load_words(const std::uint64_t* state, std::uint32_t word, std::uint32_t count,
                         std::uint64_t* key) const {
  for (std::uint32_t i = 0; i < count; ++i) key[i] = word + i < words_ ? state[word + i] : 0;
}

std::size_t Folding::fold(const std::uint64_t* states, std::size_t count, std::uint32_t* numbers) {
  using OneWord = std::array<std::uint64_t, 1>;
  using TwoWords = std::array<std::uint64_t, 2>;
  const auto table_of_group = [&](std::uint32_t group) -> InternTable& { return *tables_[group]; };
  check_bits(states, count);
  if (group_words_ == 1) {
    const auto cut_at = [=, this](std::size_t i, std::uint32_t group) {
      return OneWord{load_cut(states + i * words_, group)};
    };
    return intern_all(count, groups_, table_of_group, cut_at, numbers);
  }
  const auto words_at = [=, this](std::size_t i, std::uint32_t pair) {
    TwoWords key;
    load_words(states + i * words_, pair * 2, 2, key.data());
    return key;
  };
  if (group_words_ == 2) return intern_all(count, groups_, table_of_group, words_at, numbers);
  std::array<std::uint32_t, kMaxStates * kMaxPairs> pairs;
  const auto table_of_pairs = [&](std::uint32_t) -> InternTable& { return *pairs_; };
  count = intern_all(count, groups_ * group_words_ / 2, table_of_pairs, words_at, pairs.data());
  const auto numbers_at = [](const std::uint32_t* from, std::uint32_t parts) {
    return [=](std::size_t i, std::uint32_t part) { return OneWord{pair_of(from + (i * parts + part) * 2)}; };
  };
  if (group_words_ == 4) return intern_all(count, groups_, table_of_group, numbers_at(pairs.data(), groups_), numbers);
  std::array<std::uint32_t, kMaxStates * kMaxPairs / 2> quads;
  const auto table_of_quads = [&](std::uint32_t) -> InternTable& { return *quads_; };
  count = intern_all(count, groups_ * 2, table_of_quads, numbers_at(pairs.data(), groups_ * 2), quads.data());
  return intern_all(count, groups_, table_of_group, numbers_at(quads.data(), groups_), numbers);
}

void Folding::unfold(const std::uint32_t* numbers, std::uint64_t* state) const {
  const auto store_words = [&](std::uint32_t word, const std::uint64_t* from, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count && word + i < words_; ++i) state[word + i] = from[i];
  };
  const auto store_pairs = [&](std::uint32_t word, std::uint64_t pair) {
    std::uint32_t halves[2];
    split(pair, halves);
    store_words(word, (*pairs_)[halves[0]], 2);
    store_words(word + 2, (*pairs_)[halves[1]], 2);
  };
  if (group_words_ == 1) {
    for (std::uint32_t word = 0; word < words_; ++word) state[word] = 0;
    for (std::uint32_t group = 0; group < groups_; ++group) store_cut(group, *(*tables_[group])[numbers[group]], state);
    return;
  }
  for (std::uint32_t group = 0; group < groups_; ++group) {
    const std::uint64_t* key = (*tables_[group])[numbers[group]];
    const std::uint32_t word = group * group_words_;
    if (group_words_ == 2) {
      store_words(word, key, group_words_);
    } else if (group_words_ == 4) {
      store_pairs(word, *key);
    } else {
      std::uint32_t halves[2];
      split(*key, halves);
      store_pairs(word, *(*quads_)[halves[0]]);
      store_pairs(word + 4, *(*quads_)[halves[1]]);
    }
  }
}

bool Folding::find(const std::uint64_t* state, std::uint32_t* numbers) const {
  if ((state[words_ - 1] & outside_) != 0) return false;
  const auto find_quad = [&](std::uint32_t word, std::uint64_t& key) {
    std::uint32_t halves[2];
    for (std::uint32_t half = 0; half < 2; ++half) {
      std::uint64_t pair[2];
      load_words(state, word + half * 2, 2, pair);
      halves[half] = pairs_->find(pair);
      if (halves[half] == InternTable::kNone) return false;
    }
    key = pair_of(halves);
    return true;
  };
  for (std::uint32_t group = 0; group < groups_; ++group) {
    const std::uint32_t word = group * group_words_;
    std::uint64_t key[2] = {};
    if (group_words_ == 1) {
      key[0] = load_cut(state, group);
    } else if (group_words_ == 2) {
      load_words(state, word, group_words_, key);
    } else if (group_words_ == 4) {
      if (!find_quad(word, key[0])) return false;
    } else {
      std::uint32_t halves[2];
      for (std::uint32_t half = 0; half < 2; ++half) {
        std::uint64_t quad[2] = {};
        if (!find_quad(word + half * 4, quad[0])) return false;
        halves[half] = quads_->find(quad);
        if (halves[half] == InternTable::kNone) return false;
      }
      key[0] = pair_of(halves);
    }
    numbers[group] = tables_[group]->find(key);
    if (numbers[group] == InternTable::kNone) return false;
  }
  return true;
}

}  // namespace quiesce::checker
