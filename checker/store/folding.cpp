// Invariants
// (1) How a state is cut depends on its width only, so two states have the same number for a group exactly when they
//     are equal there.
// (2) A number is found or given before it is used in a pair. Whoever gets to know a number has acquired what it stands
//     for (InternTable's invariant (2)), and so on down to the words: numbers can be unfolded at once.
#include "checker/store/folding.h"

#include <algorithm>

#include "model/base/check.h"

namespace quiesce::checker {

namespace {

/// Numbers for `parts` keys of each of `count` states: `key_at(i, part, key)` gives the key (one or two words) that is
/// looked up in `table_of(part)`; part of state i gets numbers[i * parts + part]. A key equal to that of the state
/// before is not looked up again: successors of one state differ little. All slots are fetched before the first is
/// needed.
template <typename TableOf, typename KeyAt>
std::size_t intern_all(std::size_t count, std::uint32_t parts, TableOf table_of, KeyAt key_at, std::uint32_t* numbers) {
  constexpr std::size_t kMaxKeys = Folding::kMaxStates * Folding::kMaxWords / 2;
  std::array<std::uint64_t, kMaxKeys> hashes;
  std::array<bool, kMaxKeys> is_same;
  std::uint64_t key[2] = {};
  std::uint64_t before[2] = {};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::uint32_t part = 0; part < parts; ++part) {
      key_at(i, part, key);
      const std::size_t at = i * parts + part;
      is_same[at] = false;
      if (i > 0) {
        key_at(i - 1, part, before);
        is_same[at] = key[0] == before[0] && key[1] == before[1];
      }
      if (is_same[at]) continue;
      const InternTable& table = table_of(part);
      hashes[at] = table.hash_of(key);
      table.prefetch(hashes[at]);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (std::uint32_t part = 0; part < parts; ++part) {
      const std::size_t at = i * parts + part;
      if (is_same[at]) {
        numbers[at] = numbers[at - parts];
        continue;
      }
      key_at(i, part, key);
      numbers[at] = table_of(part).intern(key, hashes[at]);
      if (numbers[at] == InternTable::kNone) return i;
    }
  }
  return count;
}

std::uint64_t pair_of(const std::uint32_t* numbers) { return std::uint64_t{numbers[0]} << 32 | numbers[1]; }

void split(std::uint64_t pair, std::uint32_t* numbers) {
  numbers[0] = static_cast<std::uint32_t>(pair >> 32);
  numbers[1] = static_cast<std::uint32_t>(pair);
}

}  // namespace

Folding::Folding(std::uint32_t words)
    : words_(words),
      group_words_(words <= 8    ? 1
                   : words <= 16 ? 2
                   : words <= 32 ? 4
                                 : 8),
      groups_((words + group_words_ - 1) / group_words_) {
  QUIESCE_CHECK(words >= 2 && words <= kMaxWords) << words << " words";
  for (std::uint32_t group = 0; group < groups_; ++group) {
    tables_.push_back(std::make_unique<InternTable>(group_words_ == 2 ? 2 : 1));
  }
  if (group_words_ >= 4) pairs_ = std::make_unique<InternTable>(2);
  if (group_words_ == 8) quads_ = std::make_unique<InternTable>(1);
}

void Folding::load_words(const std::uint64_t* state, std::uint32_t word, std::uint32_t count,
                         std::uint64_t* key) const {
  for (std::uint32_t i = 0; i < count; ++i) key[i] = word + i < words_ ? state[word + i] : 0;
}

std::size_t Folding::fold(const std::uint64_t* states, std::size_t count, std::uint32_t* numbers) {
  const auto table_of_group = [&](std::uint32_t group) -> InternTable& { return *tables_[group]; };
  if (group_words_ <= 2) {
    return intern_all(
        count, groups_, table_of_group,
        [&](std::size_t i, std::uint32_t group, std::uint64_t* key) {
          load_words(states + i * words_, group * group_words_, group_words_, key);
        },
        numbers);
  }
  std::array<std::uint32_t, kMaxStates * kMaxPairs> pairs;
  const std::uint32_t pairs_count = groups_ * group_words_ / 2;
  count = intern_all(
      count, pairs_count, [&](std::uint32_t) -> InternTable& { return *pairs_; },
      [&](std::size_t i, std::uint32_t pair, std::uint64_t* key) { load_words(states + i * words_, pair * 2, 2, key); },
      pairs.data());
  const auto key_of = [](const std::uint32_t* from, std::uint32_t parts) {
    return
        [=](std::size_t i, std::uint32_t part, std::uint64_t* key) { *key = pair_of(from + (i * parts + part) * 2); };
  };
  if (group_words_ == 4) return intern_all(count, groups_, table_of_group, key_of(pairs.data(), groups_), numbers);
  std::array<std::uint32_t, kMaxStates * kMaxPairs / 2> quads;
  count = intern_all(
      count, groups_ * 2, [&](std::uint32_t) -> InternTable& { return *quads_; }, key_of(pairs.data(), groups_ * 2),
      quads.data());
  return intern_all(count, groups_, table_of_group, key_of(quads.data(), groups_), numbers);
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
  for (std::uint32_t group = 0; group < groups_; ++group) {
    const std::uint64_t* key = (*tables_[group])[numbers[group]];
    const std::uint32_t word = group * group_words_;
    if (group_words_ <= 2) {
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
    if (group_words_ <= 2) {
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
