// The way back from layer_findings to initial states through the layers that were kept, and samples of those.
#include <algorithm>
#include <iterator>
#include <random>
#include <set>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "checker/search/layer_search.h"
#include "checker/search/layer_worker.h"
#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

constexpr std::size_t kMostParents = 64;  // that a run may choose from

/// Some states to be found among many.
class Wanted {
 public:
  Wanted(std::vector<PackedState> states, std::size_t words) : words_(words), states_(std::move(states)) {
    std::sort(states_.begin(), states_.end());
    states_.erase(std::unique(states_.begin(), states_.end()), states_.end());
    for (const PackedState& state : states_) sieve_[sieve_position(state.data())] = true;
  }

  std::size_t size() const { return states_.size(); }
  const PackedState& operator[](std::size_t position) const { return states_[position]; }

  /// The position of a state; size() when it is not wanted. Mostly one load.
  std::size_t find(const std::uint64_t* state) const {
    if (!sieve_[sieve_position(state)]) return states_.size();
    const auto at = std::lower_bound(
        states_.begin(), states_.end(), state, [this](const PackedState& one, const std::uint64_t* other) {
          return std::lexicographical_compare(one.begin(), one.end(), other, other + words_);
        });
    const bool is_it = at != states_.end() && std::equal(at->begin(), at->end(), state);
    return is_it ? static_cast<std::size_t>(at - states_.begin()) : states_.size();
  }

 private:
  std::size_t sieve_position(const std::uint64_t* state) const {
    return XXH3_64bits(state, words_ * sizeof(std::uint64_t)) >> 52;
  }

  std::size_t words_;
  std::vector<PackedState> states_;
  std::vector<bool> sieve_ = std::vector<bool>(4096);
};

}  // namespace

/// The states of layer `depth` that lead to each of `of`, the least first. Consumes the layer.
std::vector<std::vector<PackedState>> LayerSearch::parents(std::uint32_t depth, const std::vector<PackedState>& of,
                                                           const SearchControl& control) {
  const Wanted wanted(of, words_);
  Frontier& layer = *kept_[depth];
  std::vector<std::vector<std::set<PackedState>>> found(workers_.count());
  workers_.run(layer.size() < options_.small_layer ? 1 : workers_.count(), [&](unsigned number) {
    Worker& worker = *team_[number];
    std::vector<std::set<PackedState>>& least = found[number];
    least.resize(wanted.size());
    Frontier::Chunk chunk;
    while (control.reason() == LimitKind::None && layer.pop(chunk, kMaxChunk)) {
      const std::size_t count = chunk.size() / layer.record_words();
      for (std::size_t at = 0; at < count; at += kBatch) {
        const std::size_t size = std::min(kBatch, count - at);
        const std::uint64_t* states = states_of(worker, chunk.data() + at * layer.record_words(), size);
        worker.out.clear();
        worker.space->expand(states, size, worker.out);
        const auto leads_to = [&](const auto& visit) {
          for (std::size_t i = 0; i < worker.out.states.size(); i += words_) {
            const std::size_t position = wanted.find(worker.out.states.data() + i);
            if (position < wanted.size()) visit(position);
          }
        };
        bool is_wanted = false;
        leads_to([&](std::size_t) { is_wanted = true; });
        for (std::size_t i = 0; is_wanted && i < size; ++i) {  // which of them it was
          const std::uint64_t* state = states + i * words_;
          worker.out.clear();
          worker.space->expand(state, 1, worker.out);
          leads_to([&](std::size_t position) {
            least[position].emplace(state, state + words_);
            if (least[position].size() > kMostParents) least[position].erase(std::prev(least[position].end()));
          });
        }
      }
    }
  });
  control.check();
  std::vector<std::vector<PackedState>> parents;
  for (const PackedState& state : of) {
    const std::size_t position = wanted.find(state.data());
    std::set<PackedState> all;
    for (const auto& least : found) {
      if (!least.empty()) all.insert(least[position].begin(), least[position].end());
    }
    parents.emplace_back(all.begin(), all.end());
    if (parents.back().size() > kMostParents) parents.back().resize(kMostParents);
  }
  return parents;
}

std::vector<std::vector<PackedState>> LayerSearch::runs_to(const std::vector<LayerFinding>& layer_findings,
                                                           const ChooseParent& choose, const SearchControl& control) {
  std::vector<std::vector<PackedState>> runs(layer_findings.size());  // backwards
  std::uint32_t depth = 0;
  for (std::size_t i = 0; i < layer_findings.size(); ++i) {
    if (layer_findings[i].depth > depth_) continue;  // a limit came before
    runs[i].push_back(layer_findings[i].state);
    depth = std::max(depth, layer_findings[i].depth);
  }
  for (; depth > 0; --depth) {
    std::vector<PackedState> of;
    std::vector<std::size_t> whose;
    for (std::size_t i = 0; i < layer_findings.size(); ++i) {
      if (layer_findings[i].depth < depth || runs[i].empty()) continue;
      of.push_back(runs[i].back());
      whose.push_back(i);
    }
    const std::vector<std::vector<PackedState>> before = parents(depth - 1, of, control);
    // Runs that meet go on together, and where they can meet they do: then they begin alike, and are told so.
    const auto joins = [&](std::size_t i, std::size_t earlier) -> const PackedState* {
      if (runs[whose[earlier]].empty()) return nullptr;  // a layer could not be read back
      const PackedState& chosen = runs[whose[earlier]].back();
      if (of[earlier] == of[i]) return &chosen;
      return std::binary_search(before[i].begin(), before[i].end(), chosen) ? &chosen : nullptr;
    };
    for (std::size_t i = 0; i < whose.size(); ++i) {
      std::vector<PackedState>& run = runs[whose[i]];
      const PackedState* joined = nullptr;
      for (std::size_t earlier = 0; joined == nullptr && earlier < i; ++earlier) joined = joins(i, earlier);
      if (joined != nullptr) {
        run.push_back(PackedState(*joined));
        continue;
      }
      QUIESCE_CHECK(!before[i].empty() || kept_[depth - 1]->failed())
          << "a state of depth " << depth << " that no state of the layer before leads to";
      if (before[i].empty()) {
        run.clear();
      } else {
        run.push_back(before[i][choose(whose[i], of[i], before[i])]);
      }
    }
  }
  for (std::vector<PackedState>& run : runs) std::reverse(run.begin(), run.end());
  return runs;
}

std::vector<PackedState> LayerSearch::sample(std::size_t count) const {
  std::vector<const Frontier*> queues;
  for (const std::unique_ptr<Frontier>& layer : kept_) queues.push_back(layer.get());
  queues.push_back(current_.get());
  queues.push_back(next_.get());
  std::uint64_t size = 0;
  for (const Frontier* queue : queues) size += queue->size();
  const std::uint64_t parts = std::min<std::uint64_t>(size, count);
  std::vector<PackedState> states;
  std::mt19937_64 random(1);
  std::uint64_t position = 0;
  std::uint64_t part = 0;
  std::uint64_t wanted = 0;
  const auto choose = [&] {  // one of each of so many equal parts
    const std::uint64_t begin = size * part / parts;
    wanted = begin + random() % (size * (part + 1) / parts - begin);
    ++part;
  };
  if (parts > 0) choose();
  for (const Frontier* queue : queues) {
    const std::size_t record = queue->record_words();
    queue->for_each([&](const Frontier::Chunk& chunk) {
      for (std::size_t i = 0; i < chunk.size(); i += record, ++position) {
        if (position != wanted || states.size() == parts) continue;
        states.emplace_back(words_);
        if (words_ == 1 || !visited_->is_exact()) {
          std::copy_n(chunk.data() + i, words_, states.back().data());
        } else {
          visited_->read(chunk[i], states.back().data());
        }
        if (part < parts) choose();
      }
      return states.size() < parts;
    });
  }
  // A batch that was given up is both kept and waiting.
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  return states;
}

}  // namespace quiesce::checker
