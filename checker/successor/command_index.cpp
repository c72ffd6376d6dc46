#include "checker/successor/command_index.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/base/internal_check.h"

namespace quiesce::checker {

using namespace model;

namespace {

// Costs in reads of a field, roughly: what a split or a leaf costs beside them, most of it a mispredicted jump.
constexpr double kSplitCost = 4;
constexpr double kLeafCost = 4;
constexpr double kTestCost = 1;
constexpr std::size_t kLeafCommands = 64;
constexpr std::size_t kMaxSets = std::size_t{1} << 20;  // entries of all tables
constexpr std::size_t kMaxCopies = 8;                   // of one command below one split, on average

}  // namespace

/// Builds the tree from the leaves up; each alternative is built, and taken back when the other is cheaper.
class CommandIndexBuilder {
 public:
  CommandIndexBuilder(const Packing& packing, const TransitionSystem& system, CommandIndex& index)
      : packing_(packing), system_(system), index_(index) {}

  void build(const std::vector<CommandIndex::Entry>& entries) {
    Items items;
    for (const CommandIndex::Entry& entry : entries) items.push_back({&entry, ~std::uint64_t{0}});
    gains_.resize(system_.cells.size());
    build(items, CommandIndex::kMaxSplits);
  }

 private:
  /// A command and what is left of its conditions: bit i for the i-th, for as many as there are bits.
  struct Item {
    const CommandIndex::Entry* entry = nullptr;
    std::uint64_t open = 0;

    bool is_open(std::size_t i) const { return i >= 64 || (open >> i & 1u) != 0; }
    template <class Use>
    void each_condition(const Use& use) const {
      for (std::size_t i = 0; i < entry->conditions.size(); ++i) {
        if (is_open(i)) use(entry->conditions[i]);
      }
    }
    const CellCondition* on(CellId cell) const {
      const CellCondition* found = nullptr;
      each_condition([&](const CellCondition& condition) {
        if (condition.cell == cell) found = &condition;
      });
      return found;
    }
    Item without(const CellCondition& condition) const {
      const auto i = static_cast<std::size_t>(&condition - entry->conditions.data());
      return {entry, open & ~(std::uint64_t{1} << i)};
    }
  };
  using Items = std::vector<Item>;
  struct Built {
    std::uint32_t node = CommandIndex::kNone;
    double cost = 0;
  };
  struct Gain {
    double kept_away = 0;
    std::size_t commands = 0, copies = 0;
  };
  struct Sizes {
    std::size_t nodes, children, tests, sets, numbers;
  };

  CommandIndex::FieldAt field_at(CellId cell) const {
    const auto field = packing_.field(cell);
    CommandIndex::FieldAt at;
    at.word = field->word;
    at.shift = field->shift;
    at.mask = packing_.mask(cell) >> field->shift;
    return at;
  }

  /// What the field of `cell` holds for the number at `position` of its domain.
  std::size_t code(CellId cell, std::int64_t position) const {
    return packing_.encode(cell, system_.at(cell).lo + position) >> packing_.field(cell)->shift;
  }

  /// A split helps where it keeps away many commands that ask for few of the numbers.
  static bool is_narrow(const Item& item, const CellCondition& condition) {
    return &condition - item.entry->conditions.data() < 64 && 2 * condition.values.count() <= condition.among.count();
  }

  std::optional<CellId> best_split(const Items& items) {
    std::vector<CellId> cells;
    for (const Item& item : items) {
      item.each_condition([&](const CellCondition& condition) {
        if (!is_narrow(item, condition)) return;
        Gain& gain = gains_[condition.cell.value];
        if (gain.commands++ == 0) cells.push_back(condition.cell);
        const auto values = static_cast<std::size_t>(condition.values.count());
        gain.kept_away += 1 - static_cast<double>(values) / static_cast<double>(condition.among.count());
        gain.copies += values;
      });
    }
    std::optional<CellId> best;
    double most = 1;
    for (const CellId cell : cells) {
      Gain& gain = gains_[cell.value];
      if (gain.copies <= kMaxCopies * gain.commands && gain.kept_away > most) {
        most = gain.kept_away;
        best = cell;
      }
      gain = {};
    }
    return best;
  }

  Built build(const Items& items, std::size_t depth) {
    if (items.empty()) return {};
    const Sizes before = sizes();
    Built split = build_split(items, depth);
    if (items.size() > kLeafCommands) return split.node != CommandIndex::kNone ? split : build_leaves(items);
    if (split.node != CommandIndex::kNone && split.cost < leaf_cost(items)) return split;
    take_back(before);
    return build_leaf(items.begin(), items.end(), CommandIndex::kNone);
  }

  Built build_split(const Items& items, std::size_t depth) {
    if (depth == 0 || items.size() < 4 || index_.sets_.size() > kMaxSets) return {};
    const auto cell = best_split(items);
    if (!cell) return {};
    const CommandIndex::FieldAt at = field_at(*cell);
    std::vector<Items> by_code(at.mask + 1);
    Items rest;
    std::int64_t among = 1;
    for (const Item& item : items) {
      const CellCondition* const condition = item.on(*cell);
      if (condition == nullptr || !is_narrow(item, *condition)) {
        rest.push_back(item);
        continue;
      }
      among = std::max(among, condition->among.count());
      const Item below = item.without(*condition);
      condition->values.for_each([&](std::int64_t position) { by_code[code(*cell, position)].push_back(below); });
    }
    Built built;
    built.cost = kSplitCost;
    std::vector<std::uint32_t> children;
    for (const Items& some : by_code) {
      const Built child = build(some, depth - 1);
      children.push_back(child.node);
      built.cost += child.cost / static_cast<double>(among);
    }
    const Built next = build(rest, depth - 1);
    built.cost += next.cost;
    CommandIndex::Node node;
    node.field = at;
    node.field.first = static_cast<std::uint32_t>(index_.children_.size());
    node.next = next.node;
    index_.children_.insert(index_.children_.end(), children.begin(), children.end());
    built.node = add(node);
    return built;
  }

  double leaf_cost(const Items& items) const {
    std::vector<CellId> cells;
    for (const Item& item : items) {
      item.each_condition([&](const CellCondition& condition) {
        if (std::find(cells.begin(), cells.end(), condition.cell) == cells.end()) cells.push_back(condition.cell);
      });
    }
    return kLeafCost + kTestCost * static_cast<double>(cells.size());
  }

  /// Nothing tells the commands apart well: leaves one after the other.
  Built build_leaves(const Items& items) {
    Built built;
    for (std::size_t end = items.size(); end > 0;) {
      const std::size_t begin = end > kLeafCommands ? end - kLeafCommands : 0;
      const auto at = [&](std::size_t i) { return items.begin() + static_cast<std::ptrdiff_t>(i); };
      const Built leaf = build_leaf(at(begin), at(end), built.node);
      built = {leaf.node, built.cost + leaf.cost};
      end = begin;
    }
    return built;
  }

  Built build_leaf(Items::const_iterator begin, Items::const_iterator end, std::uint32_t next) {
    CommandIndex::Node node;
    node.is_leaf = true;
    node.next = next;
    node.first_test = static_cast<std::uint32_t>(index_.tests_.size());
    node.first_number = static_cast<std::uint32_t>(index_.numbers_.size());
    std::vector<std::pair<std::uint32_t, CellId>> cells;  // how many ask for it
    std::uint64_t bit = 1;
    for (auto item = begin; item != end; ++item, bit <<= 1) {
      index_.numbers_.push_back(item->entry->number);
      node.all |= bit;
      item->each_condition([&](const CellCondition& condition) {
        auto known = std::find_if(cells.begin(), cells.end(),
                                  [&condition](const auto& one) { return one.second == condition.cell; });
        if (known == cells.end()) known = cells.insert(cells.end(), {0, condition.cell});
        ++known->first;
      });
    }
    std::stable_sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [count, cell] : cells) add_test(cell, begin, end, node.all);
    node.tests = static_cast<std::uint32_t>(cells.size());
    return {add(node), kLeafCost + kTestCost * static_cast<double>(cells.size())};
  }

  void add_test(CellId cell, Items::const_iterator begin, Items::const_iterator end, std::uint64_t all) {
    CommandIndex::FieldAt test = field_at(cell);
    test.first = static_cast<std::uint32_t>(index_.sets_.size());
    index_.sets_.resize(index_.sets_.size() + test.mask + 1, all);
    std::uint64_t bit = 1;
    for (auto item = begin; item != end; ++item, bit <<= 1) {
      const CellCondition* const condition = item->on(cell);
      if (condition == nullptr) continue;
      for (std::size_t held = 0; held <= test.mask; ++held) index_.sets_[test.first + held] &= ~bit;
      condition->values.for_each(
          [&](std::int64_t position) { index_.sets_[test.first + code(cell, position)] |= bit; });
    }
    index_.tests_.push_back(test);
  }

  std::uint32_t add(const CommandIndex::Node& node) {
    index_.nodes_.push_back(node);
    return static_cast<std::uint32_t>(index_.nodes_.size() - 1);
  }

  Sizes sizes() const {
    return {index_.nodes_.size(), index_.children_.size(), index_.tests_.size(), index_.sets_.size(),
            index_.numbers_.size()};
  }
  void take_back(const Sizes& to) {
    index_.nodes_.resize(to.nodes);
    index_.children_.resize(to.children);
    index_.tests_.resize(to.tests);
    index_.sets_.resize(to.sets);
    index_.numbers_.resize(to.numbers);
  }

  const Packing& packing_;
  const TransitionSystem& system_;
  CommandIndex& index_;
  std::vector<Gain> gains_;  // by cell, while best_split() works
};

CommandIndex::CommandIndex(const Packing& packing, const TransitionSystem& system, std::vector<Entry> entries)
    : entries_(entries.size()) {
  for (Entry& entry : entries) {
    // A cell without a field holds one number only, and conditions are about what cells can hold.
    std::erase_if(entry.conditions, [&](const CellCondition& condition) { return !packing.field(condition.cell); });
  }
  CommandIndexBuilder(packing, system, *this).build(entries);
}

}  // namespace quiesce::checker
