// What the states of a layer show, and what of it stands at the layer's end.
#include <algorithm>

#include "checker/search/layer_search.h"
#include "checker/search/layer_worker.h"

namespace quiesce::checker {

using model::PropertyId;
using model::RuleId;

namespace {

constexpr std::chrono::milliseconds kJudgingRest{500};  // at Ctrl-C and the time limit

}  // namespace

/// Records what the states of a batch show; those from which runs go on are then in worker.live.
void LayerSearch::judge(Worker& worker, const std::uint64_t* states, const std::uint64_t* records, std::size_t count) {
  const std::size_t record = current_->record_words();
  Judgement& found = worker.judgement;
  found.clear();
  worker.space->judge(states, count, found);
  for (const Judgement::Broken& broken : found.broken) {
    const std::size_t rule = broken.violation.rule.value;
    if (!found_[rule]) sight(worker.state_violations[rule], states + broken.state * words_);
  }
  for (const Judgement::Shown& shown : found.witnesses) {
    sight(worker.witnesses[shown.property.value], states + shown.state * words_);
  }
  for (const Judgement::Shown& shown : found.triggers) worker.triggered[shown.property.value] = true;
  worker.ended += found.ended.size();
  worker.live.clear();
  worker.live_records.clear();
  std::size_t begin = 0;
  const auto continue_up_to = [&](std::size_t end) {
    worker.live.insert(worker.live.end(), states + begin * words_, states + end * words_);
    worker.live_records.insert(worker.live_records.end(), records + begin * record, records + end * record);
    begin = end + 1;
  };
  for (const std::uint32_t ended : found.ended) continue_up_to(ended);
  continue_up_to(count);
}

void LayerSearch::sight(std::optional<PackedState>& least, const std::uint64_t* state) {
  if (!judging_) return;
  if (least && !std::lexicographical_compare(state, state + words_, least->begin(), least->end())) return;
  least.emplace(state, state + words_);
}

/// A run that breaks this rule is known: no other is wanted.
void LayerSearch::mark_found(std::size_t rule) {
  found_[rule] = true;
  interest_.rules[rule] = false;
}

void LayerSearch::look_for_what_is_left() {
  for (const std::unique_ptr<Worker>& worker : team_) worker->space->look_for(interest_);
}

/// The least layer_findings of all workers stand.
void LayerSearch::settle() {
  const Interest before = interest_;
  const std::uint64_t broken_before = facts_.statistics.broken_rules;
  bool is_enough = false;
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
      findings_.push_back({RuleId(rule), {}, in_state, std::move(*state), depth_});
      is_enough = is_enough || (options_.stop_at_first && checked_[rule]);
      count_broken(rule, in_state);
    }
  }
  for (std::size_t i = 0; i < interest_.witnesses.size(); ++i) {
    if (!interest_.witnesses[i]) continue;
    std::optional<PackedState> state = least(&Worker::witnesses, i);
    if (!state) continue;
    findings_.push_back({{}, PropertyId(i), true, std::move(*state), depth_});
    interest_.witnesses[i] = false;
  }
  for (std::size_t i = 0; i < interest_.triggers.size(); ++i) {
    const auto is_seen = [&](const auto& worker) { return worker->triggered[i]; };
    if (std::any_of(team_.begin(), team_.end(), is_seen)) interest_.triggers[i] = false;
  }
  if (interest_ != before) look_for_what_is_left();
  if (is_enough) stop_.stop_at_violation();
  bound_rest();
  if (facts_.statistics.broken_rules > broken_before) {
    stop_.report_news([this]() -> const Statistics& { return statistics_now(); });
  }
  reserve_time();
}

/// For the progress.
void LayerSearch::count_broken(std::size_t rule, bool in_state) {
  Statistics& statistics = facts_.statistics;
  if (!checked_[rule]) return;
  const std::size_t steps = in_state ? depth_ : std::size_t{depth_} + 1;
  if (statistics.broken_rules++ == 0 || steps < statistics.shortest_run) statistics.shortest_run = steps;
}

/// With the first violation it is known how long to go on.
void LayerSearch::bound_rest() {
  const bool is_first = enough_ == std::chrono::steady_clock::time_point::max();
  if (!options_.after_first || !is_first) return;
  if (facts_.statistics.broken_rules == 0 && !first_look_.value_or(false)) return;
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::steady_clock::duration least = *options_.after_first;
  enough_ = now + (options_.is_trial ? least : std::max(least, now - began_));
}

/// Asks for a first look where the search takes long.
void LayerSearch::take_first_look() {
  if (!options_.first_look || first_look_ || facts_.statistics.broken_rules > 0 || is_stopped()) return;
  if (std::chrono::steady_clock::now() - began_ < options_.first_look_after) return;
  first_look_ = options_.first_look();
  if (!*first_look_) return;
  bound_rest();
  stop_.report_news([this]() -> const Statistics& { return statistics_now(); });
}

/// At a limit: what was reached and not expanded is judged, so that nothing found is lost.
void LayerSearch::judge_rest() {
  const auto until = std::chrono::steady_clock::now() + kJudgingRest;
  const bool is_hurried =
      stop_.limit() == LimitKind::Interrupted || stop_.limit() == LimitKind::Time || stop_.stopped_after_violation();
  // Where one violation was asked for, one is given.
  judging_ = !stop_.stopped_at_violation();
  Worker& worker = *team_.front();
  worker.ended = 0;
  std::uint64_t rest = 0;
  const auto judge_all = [&](const Frontier& layer) {
    rest += layer.size();
    return layer.for_each([&](const Frontier::Chunk& chunk) {
      const std::size_t count = chunk.size() / layer.record_words();
      for (std::size_t at = 0; at < count; at += kBatch) {
        const std::uint64_t* records = chunk.data() + at * layer.record_words();
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
