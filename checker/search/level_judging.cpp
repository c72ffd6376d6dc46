// What the states of a level show, and what of it stands at the level's end.
#include <algorithm>

#include "checker/search/level_search.h"
#include "checker/search/level_worker.h"

namespace quiesce::checker {

using model::PropertyId;
using model::PropertyKind;
using model::RuleId;

namespace {

constexpr std::chrono::milliseconds kJudgingRest{500};  // at Ctrl-C and the time limit

}  // namespace

/// Records what the states of a batch show; those from which runs go on are then in worker.live.
void LevelSearch::judge(Worker& worker, const std::uint64_t* states, const std::uint64_t* records, std::size_t count) {
  const std::size_t record = current_->record_words();
  worker.maybe.resize(count);
  worker.filter.may_show(states, count, worker.maybe.data());
  worker.live.clear();
  worker.live_records.clear();
  const auto go_on_from = [&](std::size_t begin, std::size_t end) {
    worker.live.insert(worker.live.end(), states + begin * words_, states + end * words_);
    worker.live_records.insert(worker.live_records.end(), records + begin * record, records + end * record);
  };
  std::size_t begin = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (worker.maybe[i] == 0) continue;
    const std::uint64_t ended = worker.ended;
    judge_state(worker, states + i * words_);
    if (worker.ended == ended) continue;
    go_on_from(begin, i);
    begin = i + 1;
  }
  go_on_from(begin, count);
}

void LevelSearch::judge_state(Worker& worker, const std::uint64_t* state) {
  system_.packing().unpack(state, worker.cells.data());
  const std::int32_t* cells = worker.cells.data();
  if (worker.judge.violations(cells, wanted_, worker.shown)) ++worker.ended;
  for (const StateJudge::Shown& shown : worker.shown) {
    if (!found_[shown.rule.value]) sight(worker.state_violations[shown.rule.value], state);
  }
  for (const CompiledProperty* property : unseen_witnesses_) {
    if (worker.judge.is_true(property->condition, cells)) sight(worker.witnesses[property->id.value], state);
  }
  for (const CompiledProperty* property : unseen_triggers_) {
    if (!worker.triggered[property->id.value] && worker.judge.is_true(property->trigger, cells)) {
      worker.triggered[property->id.value] = true;
    }
  }
}

void LevelSearch::sight(std::optional<PackedState>& least, const std::uint64_t* state) {
  if (!judging_) return;
  if (least && !std::lexicographical_compare(state, state + words_, least->begin(), least->end())) return;
  least.emplace(state, state + words_);
}

/// A run that breaks this rule is known: no other is wanted.
void LevelSearch::mark_found(std::size_t rule) {
  found_[rule] = true;
  wanted_[rule] = false;
  if (system_.system().rules[rule].core) return;  // still ends runs
  for (const CompiledProperty& property : system_.compiled().properties) {
    // What a Reachable property asks for is told beside what breaks its rule.
    if (property.rule.value != rule || property.kind == PropertyKind::Reachable) continue;
    for (const std::unique_ptr<Worker>& worker : team_) worker->filter.forget(property.id);
  }
}

/// The least sightings of all workers stand.
void LevelSearch::settle() {
  const auto least = [&](auto member, std::size_t index) {
    std::optional<PackedState> best;
    for (const std::unique_ptr<Worker>& worker : team_) {
      std::optional<PackedState>& own = ((*worker).*member)[index];
      if (own && (!best || *own < *best)) best = std::move(own);
      own.reset();
    }
    return best;
  };
  for (const bool in_state : {true, false}) {
    for (std::size_t rule = 0; rule < found_.size(); ++rule) {
      std::optional<PackedState> state = least(in_state ? &Worker::state_violations : &Worker::step_violations, rule);
      if (!state || found_[rule]) continue;
      mark_found(rule);
      sightings_.push_back({RuleId(rule), {}, in_state, std::move(*state), depth_});
      if (options_.stop_at_first && checked_[rule]) facts_.stopped_at_first = true;
    }
  }
  for (std::size_t i = 0; i < unseen_witnesses_.size();) {
    const PropertyId property = unseen_witnesses_[i]->id;
    std::optional<PackedState> state = least(&Worker::witnesses, property.value);
    if (!state) {
      ++i;
      continue;
    }
    sightings_.push_back({{}, property, true, std::move(*state), depth_});
    for (const std::unique_ptr<Worker>& worker : team_) worker->filter.forget(property);
    unseen_witnesses_.erase(unseen_witnesses_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = 0; i < unseen_triggers_.size();) {
    const std::size_t property = unseen_triggers_[i]->id.value;
    const bool seen =
        std::any_of(team_.begin(), team_.end(), [&](const auto& worker) { return worker->triggered[property]; });
    if (seen) {
      for (const std::unique_ptr<Worker>& worker : team_) worker->filter.forget_trigger(unseen_triggers_[i]->id);
      unseen_triggers_.erase(unseen_triggers_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  if (facts_.stopped_at_first) stopped_ = true;
  reserve_time();
}

/// At a limit: what was reached and not expanded is judged, so that nothing found is lost.
void LevelSearch::judge_rest() {
  const auto until = std::chrono::steady_clock::now() + kJudgingRest;
  const bool is_hurried = facts_.limit == LimitKind::Interrupted || facts_.limit == LimitKind::Time;
  // Who asked for one violation gets one.
  judging_ = !facts_.stopped_at_first;
  Worker& worker = *team_.front();
  worker.ended = 0;
  std::uint64_t rest = 0;
  const auto judge_all = [&](const Frontier& level) {
    rest += level.size();
    return level.for_each([&](const Frontier::Chunk& chunk) {
      const std::size_t count = chunk.size() / level.record_words();
      for (std::size_t at = 0; at < count; at += kBatch) {
        const std::uint64_t* records = chunk.data() + at * level.record_words();
        const std::size_t size = std::min(kBatch, count - at);
        judge(worker, states_of(worker, records, size), records, size);
        if (is_hurried && std::chrono::steady_clock::now() > until) return false;
      }
      return true;
    });
  };
  judge_all(*current_);
  settle();
  if (next_->size() > 0) {
    facts_.statistics.depth = ++depth_;
    judge_all(*next_);
    settle();
  }
  facts_.statistics.frontier = judged_only_ + rest - worker.ended;
}

}  // namespace quiesce::checker
