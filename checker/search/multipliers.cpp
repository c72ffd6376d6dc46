#include "checker/search/multipliers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace quiesce::checker {
namespace {

using model::CellId;
using model::State;
using model::TransitionSystem;

constexpr std::size_t kMostSampled = 20'000;
constexpr std::size_t kMostSampledBytes = std::size_t{8} << 20;
constexpr std::size_t kMostParts = 150;
constexpr std::size_t kMostValues = 32;    // of one part that are looked up for a state
constexpr std::size_t kLookups = 400'000;  // of all parts together
constexpr std::size_t kLeastStates = 100;  // of the sample, per part

/// A part of the design and the values that the sample shows of it.
struct Part {
  Multiplier::Kind kind = Multiplier::Kind::Variable;
  std::uint32_t index = 0;
  std::vector<std::uint32_t> cells;
  std::vector<std::vector<std::int32_t>> values;
  double entropy = 0;
  std::size_t seen_once = 0;  // values that one state of the sample has
};

class Parts {
 public:
  explicit Parts(const TransitionSystem& system) : system_(system) {
    std::vector<std::vector<std::uint32_t>> of_instance(system.instances.size());
    std::vector<std::vector<std::uint32_t>> of_context(system.contexts.size());
    const auto to_instance = [&](std::uint32_t instance, std::uint32_t cell) {
      for (;;) {
        of_instance[instance].push_back(cell);
        const auto& parent = system.instances[instance].parent;
        if (!parent) break;
        instance = parent->value;
      }
    };
    for (std::size_t c = 0; c < system.contexts.size(); ++c) {
      const model::Context& context = system.contexts[c];
      for (const auto* cells :
           {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
        for (const CellId cell : *cells) of_context[c].push_back(cell.value);
      }
    }
    for (std::size_t v = 0; v < system.variables.size(); ++v) {
      const model::Variable& variable = system.variables[v];
      std::vector<std::uint32_t> cells;
      for (std::uint32_t i = 0; i < cell_count(*variable.type); ++i) cells.push_back(variable.first.value + i);
      if (variable.owner && variable.hidden) {  // ours: part of where the context stands
        auto& own = of_context[variable.owner->value];
        own.insert(own.end(), cells.begin(), cells.end());
        continue;
      }
      const std::uint32_t instance =
          variable.owner ? system.at(*variable.owner).instance.value : instance_of(variable.name);
      for (const std::uint32_t cell : cells) to_instance(instance, cell);
      if (!variable.hidden) add(Multiplier::Kind::Variable, v, std::move(cells));
    }
    for (std::size_t c = 0; c < system.contexts.size(); ++c) {
      for (const std::uint32_t cell : of_context[c]) to_instance(system.contexts[c].instance.value, cell);
      add(Multiplier::Kind::Context, c, std::move(of_context[c]));
    }
    for (std::size_t i = 1; i < system.instances.size(); ++i) {
      if (system.instances[i].life) of_instance[i].push_back(system.instances[i].life->value);
      add(Multiplier::Kind::Instance, i, std::move(of_instance[i]));
    }
  }

  std::vector<Part> parts;

 private:
  void add(Multiplier::Kind kind, std::size_t index, std::vector<std::uint32_t> cells) {
    if (cells.empty()) return;
    std::sort(cells.begin(), cells.end());
    // An instance that is nothing but a variable or a context of it needs no line of its own.
    const auto same = [&](const Part& part) { return part.cells == cells; };
    if (kind == Multiplier::Kind::Instance && std::any_of(parts.begin(), parts.end(), same)) return;
    Part part;
    part.kind = kind;
    part.index = static_cast<std::uint32_t>(index);
    part.cells = std::move(cells);
    parts.push_back(std::move(part));
  }

  /// The innermost instance whose path the name begins with.
  std::uint32_t instance_of(const std::string& name) const {
    std::uint32_t best = 0;
    std::size_t length = 0;
    for (std::size_t i = 1; i < system_.instances.size(); ++i) {
      const std::string& path = system_.instances[i].path;
      if (path.size() > length && name.size() > path.size() && name.starts_with(path) && name[path.size()] == '.') {
        best = static_cast<std::uint32_t>(i);
        length = path.size();
      }
    }
    return best;
  }

  const TransitionSystem& system_;
};

std::vector<std::int32_t> value_of(const Part& part, const State& state) {
  std::vector<std::int32_t> value;
  value.reserve(part.cells.size());
  for (const std::uint32_t cell : part.cells) value.push_back(state[cell]);
  return value;
}

void look_at(Part& part, const std::vector<State>& sample) {
  std::map<std::vector<std::int32_t>, std::size_t> counts;
  for (const State& state : sample) ++counts[value_of(part, state)];
  for (const auto& [value, count] : counts) {
    part.values.push_back(value);
    const double share = static_cast<double>(count) / static_cast<double>(sample.size());
    part.entropy -= share * std::log2(share);
    if (count == 1) ++part.seen_once;
  }
}

}  // namespace

std::size_t sample_size(const TransitionSystem& system) {
  const std::size_t bytes = sizeof(State) + system.cells.size() * sizeof(std::int32_t);
  return std::clamp<std::size_t>(kMostSampledBytes / bytes, 50, kMostSampled);
}

std::vector<Multiplier> measure_multipliers(const TransitionSystem& system, std::vector<State> sample,
                                            const std::function<bool(const State&)>& is_visited) {
  std::vector<Multiplier> multipliers;
  if (sample.empty()) return multipliers;
  std::mt19937_64 random(1);
  const auto shuffle = [&](auto& list) {  // std::shuffle may differ between libraries
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random() % i]);
  };
  shuffle(sample);
  std::vector<Part> parts = Parts(system).parts;
  for (Part& part : parts) look_at(part, sample);
  std::erase_if(parts, [](const Part& part) { return part.values.size() < 2; });
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.entropy > b.entropy; });
  if (parts.size() > kMostParts) parts.resize(kMostParts);

  for (Part& part : parts) {
    const std::size_t values = std::min(part.values.size(), kMostValues);
    const std::size_t states = std::min(sample.size(), std::max(kLeastStates, kLookups / (parts.size() * values)));
    double sum = 0;  // of 1 / f(s)
    for (std::size_t i = 0; i < states; ++i) {
      State state = sample[i];
      const std::vector<std::int32_t> own = value_of(part, state);
      // For a part of many values: other ones for each state.
      if (part.values.size() > kMostValues) {
        for (std::size_t k = 0; k < values; ++k) {
          std::swap(part.values[k], part.values[k + random() % (part.values.size() - k)]);
        }
      }
      std::size_t tried = 0;
      std::size_t found = 0;
      for (std::size_t k = 0; k < values; ++k) {
        if (part.values[k] == own) continue;
        for (std::size_t c = 0; c < part.cells.size(); ++c) state[part.cells[c]] = part.values[k][c];
        ++tried;
        if (is_visited(state)) ++found;
      }
      const double others = static_cast<double>(part.values.size() - 1);
      const double fibre = 1 + (tried == 0 ? 0 : others * static_cast<double>(found) / static_cast<double>(tried));
      sum += 1 / fibre;
    }
    Multiplier multiplier;
    multiplier.kind = part.kind;
    multiplier.index = part.index;
    multiplier.factor = static_cast<double>(states) / sum;
    multiplier.values = part.values.size();
    // Good and Turing: the share of states whose value the sample does not show is that of the values seen once.
    multiplier.is_lower_bound = part.seen_once * 20 > sample.size();
    multipliers.push_back(multiplier);
  }
  std::stable_sort(multipliers.begin(), multipliers.end(),
                   [](const Multiplier& a, const Multiplier& b) { return a.factor > b.factor; });
  return multipliers;
}

}  // namespace quiesce::checker
