// Compiled once per instruction set by Highway (foreach_target.h includes this file again for each).
// The targets without AVX2 and AVX-512 share the portable one.
#include "checker/successor/match_commands.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "checker/successor/match_commands.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
// foreach_target.h must come before highway.h.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace quiesce::checker {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Vector = hn::CappedTag<std::uint64_t, 8>;

// Bit i: command i of the block matches `state`.
HWY_INLINE std::uint32_t match_block(const MatchTable& table, const MatchTable::Block& block,
                                     const std::uint64_t* HWY_RESTRICT state) {
  const Vector d;
  constexpr std::size_t kLanes = hn::MaxLanes(Vector());
  std::uint32_t bits = block.used;
  const MatchTable::Test* test = table.tests.data() + block.first_test;
  const MatchTable::Test* const end = test + block.tests;
  for (; test != end; ++test) {
    const Lanes* lanes = table.lanes.data() + test->first;
    const auto word = hn::Set(d, state[test->word]);
    std::uint32_t equal = 0;
    for (std::size_t i = 0; i < 8; i += kLanes) {
      auto matches =
          hn::Eq(hn::And(word, hn::Load(d, lanes[0].lane.data() + i)), hn::Load(d, lanes[1].lane.data() + i));
      if (test->excludes) {
        matches = hn::And(matches, hn::Ne(hn::And(word, hn::Load(d, lanes[2].lane.data() + i)),
                                          hn::Load(d, lanes[3].lane.data() + i)));
      }
      std::uint8_t some[8] = {};
      hn::StoreMaskBits(d, matches, some);
      equal |= static_cast<std::uint32_t>(some[0]) << i;
    }
    bits &= equal;
    if (bits == 0) break;
  }
  return bits;
}

void match(const MatchTable& table, const std::uint64_t* state, const MatchTable::Group* groups, std::size_t count,
           std::uint32_t* matched, std::uint32_t* ends) {
  std::uint32_t found = 0;
  for (std::size_t g = 0; g < count; ++g) {
    const std::uint32_t last = groups[g].first_block + groups[g].blocks;
    for (std::uint32_t b = groups[g].first_block; b < last; ++b) {
      std::uint32_t bits = match_block(table, table.blocks[b], state);
      while (bits != 0) {
        matched[found++] = 8 * b + static_cast<std::uint32_t>(hwy::Num0BitsBelowLS1Bit_Nonzero32(bits));
        bits &= bits - 1;
      }
    }
    ends[g] = found;
  }
}

std::size_t expand(const MatchTable& table, MatchTable::Group group, const Lanes* clear, const Lanes* flip,
                   const std::uint64_t* states, std::size_t count, std::uint64_t* out, std::size_t room,
                   std::uint8_t* taken, std::size_t* added) {
  const Vector d;
  constexpr std::size_t kLanes = hn::MaxLanes(Vector());
  const std::size_t most = std::size_t{8} * group.blocks + 8;
  std::uint64_t* const begin = out;
  std::uint64_t* const end = out + room;
  const MatchTable::Block* const blocks = table.blocks.data() + group.first_block;
  std::size_t done = 0;
  for (; done < count; ++done) {
    if (static_cast<std::size_t>(end - out) < most) break;
    const auto state = hn::Set(d, states[done]);
    for (std::uint32_t b = 0; b < group.blocks; ++b) {
      // A state of one word: a block has one test, or none when its commands always match.
      const MatchTable::Block& block = blocks[b];
      const Lanes* const clears = clear + group.first_block + b;
      const Lanes* const flips = flip + group.first_block + b;
      if (HWY_UNLIKELY(block.tests == 0)) {
        for (std::uint32_t i = 0; i < 8; ++i) {
          if ((block.used >> i & 1u) != 0) *out++ = (states[done] & ~clears->lane[i]) ^ flips->lane[i];
        }
        taken[b] = static_cast<std::uint8_t>(taken[b] | block.used);
        continue;
      }
      const MatchTable::Test& test = table.tests[block.first_test];
      const Lanes* const lanes = table.lanes.data() + test.first;
      for (std::size_t i = 0; i < 8; i += kLanes) {
        auto matches =
            hn::Eq(hn::And(state, hn::Load(d, lanes[0].lane.data() + i)), hn::Load(d, lanes[1].lane.data() + i));
        if (test.excludes) {
          matches = hn::And(matches, hn::Ne(hn::And(state, hn::Load(d, lanes[2].lane.data() + i)),
                                            hn::Load(d, lanes[3].lane.data() + i)));
        }
        const auto next =
            hn::Xor(hn::AndNot(hn::Load(d, clears->lane.data() + i), state), hn::Load(d, flips->lane.data() + i));
        std::uint8_t some[8] = {};
        hn::StoreMaskBits(d, matches, some);
        out += hn::CompressStore(next, matches, d, out);
        taken[b] = static_cast<std::uint8_t>(taken[b] | some[0] << i);
      }
    }
  }
  *added = static_cast<std::size_t>(out - begin);
  return done;
}

void any(const GuardList& list, const std::uint64_t* states, std::size_t words, std::size_t count, std::uint8_t* some) {
  const Vector d;
  constexpr std::size_t kLanes = hn::MaxLanes(Vector());
  // Word w of eight states: rows[8 * w ...].
  alignas(64) std::uint64_t rows[8 * GuardList::kMaxWords];
  for (std::size_t base = 0; base < count; base += 8) {
    const std::size_t here = count - base < 8 ? count - base : 8;
    const std::uint64_t* const first = states + base * words;
    const std::uint64_t* row = rows;
    if (words == 1 && here == 8) {
      row = first;
    } else {
      for (const std::uint32_t word : list.words) {
        for (std::size_t i = 0; i < 8; ++i) rows[8 * word + i] = first[(i < here ? i : 0) * words + word];
      }
    }
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < 8; i += kLanes) {
      const auto none = hn::Zero(d);
      auto matching = hn::Ne(none, none);
      const WordTest* test = list.tests.data();
      for (const std::uint32_t end : list.ends) {
        auto matches = hn::Eq(none, none);
        for (; test != list.tests.data() + end; ++test) {
          const auto word = hn::LoadU(d, row + 8 * test->word + i);
          matches = hn::And(matches, hn::Eq(hn::And(word, hn::Set(d, test->mask)), hn::Set(d, test->value)));
          if (test->not_mask != 0) {
            matches = hn::And(matches, hn::Ne(hn::And(word, hn::Set(d, test->not_mask)), hn::Set(d, test->not_value)));
          }
        }
        matching = hn::Or(matching, matches);
      }
      std::uint8_t bits[8] = {};
      hn::StoreMaskBits(d, matching, bits);
      found |= static_cast<std::uint32_t>(bits[0]) << i;
    }
    if (found == 0) continue;
    for (std::size_t i = 0; i < here; ++i)
      some[base + i] = static_cast<std::uint8_t>(some[base + i] | (found >> i & 1u));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace quiesce::checker
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>

#include "model/base/internal_check.h"

namespace quiesce::checker {

MatchTable::Group MatchTable::add(const std::vector<Guard>& guards, std::vector<std::uint32_t>& numbers) {
  numbers.assign(guards.size(), 0);
  // Guards over the same words go into one block, so that no block tests a word that few of its commands mention.
  std::vector<std::uint32_t> order(guards.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto signature_less = [&](std::uint32_t a, std::uint32_t b) {
    return std::lexicographical_compare(guards[a].begin(), guards[a].end(), guards[b].begin(), guards[b].end(),
                                        [](const WordTest& x, const WordTest& y) { return x.word < y.word; });
  };
  std::stable_sort(order.begin(), order.end(), signature_less);
  Group group;
  group.first_block = static_cast<std::uint32_t>(blocks.size());
  for (std::size_t begin = 0; begin < order.size(); begin += 8) {
    const std::size_t end = std::min(begin + 8, order.size());
    Block block;
    block.first_test = static_cast<std::uint32_t>(tests.size());
    std::vector<std::uint32_t> words;
    for (std::size_t i = begin; i < end; ++i) {
      for (const WordTest& test : guards[order[i]]) {
        if (std::find(words.begin(), words.end(), test.word) == words.end()) words.push_back(test.word);
      }
      block.used |= 1u << (i - begin);
      numbers[order[i]] = static_cast<std::uint32_t>(8 * blocks.size() + (i - begin));
    }
    std::sort(words.begin(), words.end());
    for (std::uint32_t word : words) {
      Test test;
      test.word = word;
      test.first = static_cast<std::uint32_t>(lanes.size());
      Lanes mask, value, not_mask, not_value;
      not_value.lane.fill(1);
      // Lanes without a command match nothing, so that vector code needs no other test of them.
      value.lane.fill(1);
      for (std::size_t i = begin; i < end; ++i) {
        value.lane[i - begin] = 0;
        for (const WordTest& t : guards[order[i]]) {
          if (t.word != word) continue;
          mask.lane[i - begin] = t.mask;
          value.lane[i - begin] = t.value;
          not_mask.lane[i - begin] = t.not_mask;
          not_value.lane[i - begin] = t.not_value;
          test.excludes = test.excludes || t.not_mask != 0;
        }
      }
      lanes.push_back(mask);
      lanes.push_back(value);
      if (test.excludes) {
        lanes.push_back(not_mask);
        lanes.push_back(not_value);
      }
      tests.push_back(test);
    }
    block.tests = static_cast<std::uint32_t>(words.size());
    blocks.push_back(block);
  }
  group.blocks = static_cast<std::uint32_t>(blocks.size()) - group.first_block;
  return group;
}

void GuardList::add(const Guard& guard) {
  for (const WordTest& test : guard) {
    QUIESCE_CHECK(test.word < kMaxWords) << "a state of more than " << kMaxWords << " words";
    tests.push_back(test);
    if (std::find(words.begin(), words.end(), test.word) == words.end()) words.push_back(test.word);
  }
  ends.push_back(static_cast<std::uint32_t>(tests.size()));
}

const MatchFunctions& match_functions(VectorTarget target) {
  static const MatchFunctions portable = {HWY_STATIC_DISPATCH(match), HWY_STATIC_DISPATCH(expand),
                                          HWY_STATIC_DISPATCH(any), "portable"};
  const auto supported = hwy::SupportedTargets();
  const MatchFunctions* best = &portable;
  (void)supported;
  (void)target;
#if (HWY_TARGETS & HWY_AVX2) && HWY_STATIC_TARGET != HWY_AVX2
  static const MatchFunctions avx2 = {N_AVX2::match, N_AVX2::expand, N_AVX2::any, "AVX2"};
  if (target != VectorTarget::Portable && (supported & HWY_AVX2) != 0) best = &avx2;
#endif
#if (HWY_TARGETS & HWY_AVX3) && HWY_STATIC_TARGET != HWY_AVX3
  static const MatchFunctions avx512 = {N_AVX3::match, N_AVX3::expand, N_AVX3::any, "AVX-512"};
  if ((target == VectorTarget::Best || target == VectorTarget::Avx512) && (supported & HWY_AVX3) != 0) best = &avx512;
#endif
  return *best;
}

}  // namespace quiesce::checker
#endif  // HWY_ONCE
