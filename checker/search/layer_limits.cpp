// Limits, memory, checkpoints and figures: what is done between batches and at safe points.
#include <malloc.h>

#include <algorithm>

#include "checker/result/memory_budget.h"
#include "checker/search/layer_search.h"
#include "checker/search/layer_worker.h"

namespace quiesce::checker {

using model::PropertyId;
using model::RuleId;

namespace {

constexpr std::uint64_t kKeptBytes = std::uint64_t{32} << 20;  // of layers kept for runs that may never be wanted
constexpr std::chrono::milliseconds kMemoryLook{10};
constexpr std::uint64_t kLayerBytes = 1024;  // of a layer that has nothing in memory

/// Makes the allocator give to the system what is not used any more.
void give_back() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace

/// After a layer: the way to what it showed is found by a second search to its depth when the layers have been dropped.
/// Where the time for that can be left, it is: one violation with its run is worth more than some states.
void LayerSearch::reserve_time() {
  if (findings_.empty() || findings_.back().depth != depth_) return;
  const auto needed = earlier_wall_ + (std::chrono::steady_clock::now() - began_);
  if (needed <= options_.control->left()) reserve_ = needed;
}

/// Between batches.
void LayerSearch::look_around(Worker& worker) {
  if (options_.control->is_interrupted()) return stop(LimitKind::Interrupted);
  if (options_.limits.states && ++worker.looks % 64 != 0) return;
  if (options_.control->is_late(has_layers() ? decltype(reserve_){} : reserve_)) return stop(LimitKind::Time);
  const auto now = std::chrono::steady_clock::now();
  if (now >= enough_) return stop_.stop_after_violation();
  if (options_.limits.memory_bytes && now.time_since_epoch().count() >= next_memory_look_) {
    next_memory_look_ = (now + kMemoryLook).time_since_epoch().count();
    if (process_bytes() > memory_limit_) {
      is_over_ = true;
      safe_.request();
    }
  }
  if (!options_.checkpoint.empty() && now.time_since_epoch().count() >= next_checkpoint_) safe_.request();
  stop_.report([this]() -> const Statistics& { return statistics_now(); });
}

const Statistics& LayerSearch::statistics_now() {
  fill_statistics();
  return facts_.statistics;
}

std::uint64_t LayerSearch::memory_bytes() const {
  return visited_->memory_bytes() + current_->memory_bytes() + next_->memory_bytes() + kept_bytes();
}

/// What the kept layers hold in memory. There may be tens of thousands: only those that still change are looked at.
std::uint64_t LayerSearch::kept_bytes() const {
  std::uint64_t bytes = settled_bytes_ + kept_.size() * kLayerBytes;
  for (std::size_t i = settled_; i < kept_.size(); ++i) bytes += kept_[i]->memory_bytes();
  return bytes;
}

/// Moves the kept layers to disk, with what comes to them.
void LayerSearch::spill_layers() {
  for (std::size_t i = settled_bytes_ > 0 ? 0 : settled_; i < kept_.size(); ++i) kept_[i]->limit_memory(0);
  settled_bytes_ = 0;
  for (std::size_t i = 0; i < settled_; ++i) settled_bytes_ += kept_[i]->memory_bytes();  // where the disk took none
}

/// Alone. What is being worked on may be in no queue: nothing may be saved here.
void LayerSearch::make_room() {
  if (is_over_) relieve();
  if ((is_full_ || visited_->should_grow()) && !cannot_grow_) grow();
  is_full_ = false;
  set_memory_limits();
}

/// Alone, at a safe point: all that is not done is in the queues.
void LayerSearch::maintain() {
  make_room();
  if (!options_.checkpoint.empty() && std::chrono::steady_clock::now().time_since_epoch().count() >= next_checkpoint_) {
    save();
  }
}

/// Alone. Gives back what can be given back; where that is not enough the search ends.
void LayerSearch::relieve() {
  is_over_ = false;
  if (keep_ == Keep::WhileSmall) drop_layers();
  current_->limit_memory(0);
  next_->limit_memory(0);
  spill_layers();
  give_back();
  if (process_bytes() > memory_limit_) stop(LimitKind::Memory);
}

/// What the process holds beyond what is counted here: buffers of workers, what the allocator keeps, code. Of a table
/// that has just grown a part is not touched yet, so that too little is seen; what was seen most stands.
void LayerSearch::measure_overhead() {
  if (!options_.limits.memory_bytes) return;
  const std::uint64_t held = process_bytes();
  const std::uint64_t counted = memory_bytes();
  if (held > counted) baseline_bytes_ = std::max(baseline_bytes_, held - counted);
}

void LayerSearch::grow() {
  measure_overhead();
  // The allocator may keep what frontiers gave back; then the process holds more than is counted here.
  const auto needed = [this] {
    const std::uint64_t counted = baseline_bytes_ + memory_bytes();
    const std::uint64_t held = options_.limits.memory_bytes ? std::max(counted, process_bytes()) : counted;
    return held - visited_->memory_bytes() + visited_->grown_memory_bytes();
  };
  if (needed() > memory_limit_ && keep_ == Keep::WhileSmall) {
    drop_layers();
    give_back();
  }
  if (needed() > memory_limit_) {
    // The frontier goes to disk, but for what is being worked on.
    current_->limit_memory(0);
    next_->limit_memory(0);
    spill_layers();
    give_back();
  }
  if (needed() <= memory_limit_ && visited_->grow(workers_.count())) return;
  cannot_grow_ = true;
}

/// Lets frontiers use what the visited set leaves.
void LayerSearch::set_memory_limits() {
  const std::uint64_t held = baseline_bytes_ + memory_bytes();
  const std::uint64_t spare = held < memory_limit_ ? memory_limit_ - held : 0;
  if (keeping_ && kept_bytes() > kKeptBytes) {
    if (keep_ == Keep::WhileSmall) {
      drop_layers();
    } else {
      spill_layers();
    }
  }
  const bool is_bounded = memory_limit_ != UINT64_MAX;
  next_->limit_memory(is_bounded ? next_->memory_bytes() + spare : UINT64_MAX);
  while (keeping_ && kept_.size() <= std::size_t{depth_} + 1) {
    kept_.push_back(std::make_unique<Frontier>(current_->record_words(), &kept_file_));
  }
  for (; settled_ < kept_.size() && settled_ < depth_; ++settled_) settled_bytes_ += kept_[settled_]->memory_bytes();
}

void LayerSearch::drop_layers() {
  keeping_ = false;
  kept_.clear();
  settled_ = 0;
  settled_bytes_ = 0;
  kept_file_.reset();
}

void LayerSearch::fill_statistics() {
  Statistics& statistics = facts_.statistics;
  statistics.distinct_states = visited_->size();
  statistics.generated_steps = 0;
  statistics.reduced_states = 0;
  for (const std::unique_ptr<Worker>& worker : team_) {
    statistics.generated_steps += worker->steps.load(std::memory_order_relaxed);
    statistics.reduced_states += worker->reduced.load(std::memory_order_relaxed);
  }
  if (!is_stopped()) statistics.frontier = current_->size() + next_->size();
  statistics.wall = earlier_wall_ + (std::chrono::steady_clock::now() - began_);
  statistics.memory_bytes = baseline_bytes_ + memory_bytes();
  statistics.peak_memory_bytes = std::max(statistics.peak_memory_bytes, statistics.memory_bytes);
  statistics.fill = visited_->fill();
  facts_.missed_probability = visited_->missed_probability();
}

// ------------------------------------------------------------------------------------- checkpoints

SearchFacts LayerSearch::facts_so_far() const {
  SearchFacts facts;
  facts.depth = depth_;
  facts.wall = earlier_wall_ + (std::chrono::steady_clock::now() - began_);
  facts.layers = facts_.statistics.layers;
  facts.findings = findings_;
  std::vector<bool> exercised = exercised_;
  std::vector<bool> triggered(interest_.triggers.size());
  for (const std::unique_ptr<Worker>& worker : team_) {
    facts.steps += worker->steps.load(std::memory_order_relaxed);
    facts.reduced += worker->reduced.load(std::memory_order_relaxed);
    worker->space->add_exercised(exercised);
    for (std::size_t property = 0; property < triggered.size(); ++property) {
      if (worker->triggered[property]) triggered[property] = true;
      if (!worker->witnesses[property]) continue;
      facts.layer_findings.push_back({{}, PropertyId(property), true, *worker->witnesses[property], depth_});
    }
    for (std::size_t rule = 0; rule < exercised.size(); ++rule) {
      for (const bool in_state : {true, false}) {
        const auto& least = in_state ? worker->state_violations[rule] : worker->step_violations[rule];
        if (least) facts.layer_findings.push_back({RuleId(rule), {}, in_state, *least, depth_});
      }
    }
  }
  for (std::size_t rule = 0; rule < exercised.size(); ++rule) {
    if (exercised[rule]) facts.exercised.push_back(rule);
  }
  for (std::size_t property = 0; property < triggered.size(); ++property) {
    if (triggered[property]) facts.triggered.push_back(property);
  }
  return facts;
}

/// Writes a checkpoint, if they are wanted. One that cannot be written is told and stops nothing.
void LayerSearch::save() {
  if (options_.checkpoint.empty() || lost_states_ || !visited_->is_exact()) return;
  if (auto trouble = write_checkpoint(options_.checkpoint, fingerprint_, facts_so_far(), *current_, *next_, exact()))
    facts_.warning = std::move(*trouble);
  next_checkpoint_ = (std::chrono::steady_clock::now() + options_.checkpoint_interval).time_since_epoch().count();
}

/// False, with facts_.problem, when the checkpoint is not one to go on from.
bool LayerSearch::resume() {
  SearchFacts facts;
  std::unique_ptr<StateStore> stored;
  facts_.problem = read_checkpoint(options_.resume, space_, fingerprint_, facts, *current_, *next_, stored);
  if (facts_.problem) return false;
  visited_ = std::move(stored);
  resumed_ = true;
  drop_layers();
  depth_ = facts.depth;
  earlier_wall_ = facts.wall;
  facts_.statistics.layers = std::move(facts.layers);
  Worker& worker = *team_.front();
  worker.steps = facts.steps;
  worker.reduced = facts.reduced;
  for (std::uint64_t rule : facts.exercised) {
    if (rule < exercised_.size()) exercised_[rule] = true;
  }
  for (std::uint64_t property : facts.triggered) {
    if (property < worker.triggered.size()) worker.triggered[property] = true;
  }
  bool is_enough = false;
  for (LayerFinding& layer_finding : facts.findings) {
    if (layer_finding.property.valid()) interest_.witnesses[layer_finding.property.value] = false;
    if (layer_finding.rule.valid()) {
      mark_found(layer_finding.rule.value);
      // The search that wrote this had not been asked to stop there.
      if (options_.stop_at_first && checked_[layer_finding.rule.value]) is_enough = true;
    }
    findings_.push_back(std::move(layer_finding));
  }
  look_for_what_is_left();
  for (LayerFinding& layer_finding : facts.layer_findings) {
    std::optional<PackedState>& least = layer_finding.property.valid() ? worker.witnesses[layer_finding.property.value]
                                        : layer_finding.in_state ? worker.state_violations[layer_finding.rule.value]
                                                                 : worker.step_violations[layer_finding.rule.value];
    if (!least || layer_finding.state < *least) least = std::move(layer_finding.state);
  }
  // In the middle of a layer the next one is counted when it is complete.
  if (facts_.statistics.layers.size() > std::size_t{depth_} + 1) facts_.statistics.layers.resize(depth_ + 1);
  set_memory_limits();
  if (depth_ == 0) {
    // A limit may have come before all initial states were there; they belong to this layer.
    const std::uint64_t before = current_->size();
    std::swap(current_, next_);
    insert_initial_states();
    std::swap(current_, next_);
    if (!facts_.statistics.layers.empty()) facts_.statistics.layers.front() += current_->size() - before;
  }
  if (current_->size() == 0) {
    // The layer was done, but not settled yet: no worker will come to do it.
    settle();
    if (next_->size() > 0) {
      facts_.statistics.layers.push_back(next_->size());
      ++depth_;
      std::swap(current_, next_);
    }
  }
  facts_.statistics.depth = depth_;
  if (is_enough) stop_.stop_at_violation();
  return true;
}

}  // namespace quiesce::checker
