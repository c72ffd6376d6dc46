#include "checker/search/layer_search.h"

#include <algorithm>
#include <new>

#include "checker/result/memory_budget.h"
#include "checker/search/layer_worker.h"

namespace quiesce::checker {
namespace {

using model::PropertyId;
using model::RuleId;

constexpr std::size_t kInsertion = 1024;                          // successors inserted at once
constexpr std::uint64_t kBitstateBytes = std::uint64_t{1} << 30;  // when memory allows
constexpr std::uint64_t kThreadBytes = std::uint64_t{256} << 10;  // buffers that a thread may yet need

unsigned threads_for(const SearchOptions& options) {
  // With a limit on states the same states are to be within it on every machine.
  if (options.limits.states) return 1;
  return options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

LayerSearch::LayerSearch(StateSpace& space, const SearchOptions& options, Keep keep,
                         std::chrono::steady_clock::time_point began)
    : space_(space),
      options_(options),
      words_(space.words()),
      keep_(keep),
      began_(began),
      workers_(threads_for(options)),
      exercised_(space.system().rules.size()),
      found_(space.system().rules.size()),
      interest_(whole_interest(space.system())),
      stop_(options) {
  checked_ = interest_.rules;
  for (unsigned i = 0; i < workers_.count(); ++i) team_.push_back(std::make_unique<Worker>(*this));
  const MemoryBudget budget(options_.limits);
  baseline_bytes_ = budget.baseline_bytes;
  memory_limit_ = budget.limit_bytes;
  if (options.limits.memory_bytes) memory_limit_ -= std::min(memory_limit_, workers_.count() * kThreadBytes);
  const std::uint32_t words = space_.words();
  visited_ =
      make_visited_set(options_.storage, words, space_.bits(), std::min(kBitstateBytes, budget.spare_bytes(0) / 2));
  facts_.storage = options_.storage;
  // What a lossy set forgets it forgets differently the next time: the way back has to be kept.
  if (!visited_->is_exact()) keep_ = Keep::Always;
  const std::uint32_t record = visited_->is_exact() ? 1 : words;
  current_ = std::make_unique<Frontier>(record);
  next_ = std::make_unique<Frontier>(record);
  set_memory_limits();
}

LayerSearch::~LayerSearch() = default;

// ------------------------------------------------------------------------------------------ search

void LayerSearch::search() {
  if (!options_.checkpoint.empty() || !options_.resume.empty()) fingerprint_ = fingerprint(space_, options_);
  if (!options_.checkpoint.empty()) {
    next_checkpoint_ = (began_ + options_.checkpoint_interval).time_since_epoch().count();
  }
  try {
    if (options_.resume.empty()) {
      start();
    } else if (!resume()) {
      return;
    }
    while (current_->size() > 0) {
      const bool is_last = options_.limits.depth && depth_ >= *options_.limits.depth;
      if (is_last) save();  // this layer is judged, but it is still to be expanded
      run_layer(!is_last);
      if (is_stopped() && !is_last) save();
      settle();
      take_first_look();
      if (is_last && judged_only_ > 0) stop(LimitKind::Depth);
      if (is_last || is_stopped()) break;
      ++depth_;
      std::swap(current_, next_);
      next_->clear();
    }
    if (is_stopped()) judge_rest();
  } catch (const std::bad_alloc&) {
    // The machine has less than the limit allows; what was found so far stands.
    stop(LimitKind::Memory);
  }
  const SearchFacts so_far = facts_so_far();
  for (std::uint64_t rule : so_far.exercised) facts_.exercised.push_back(RuleId(rule));
  for (std::uint64_t property : so_far.triggered) facts_.triggered.push_back(PropertyId(property));
  fill_statistics();
  facts_.limit = stop_.limit();
  facts_.stopped_at_first = stop_.stopped_at_violation();
  facts_.after_first = stop_.stopped_after_violation();
}

void LayerSearch::search_layers(std::uint32_t depth) {
  judging_ = false;
  interest_ = Interest::in_nothing(space_.system());
  look_for_what_is_left();
  start();
  for (; current_->size() > 0 && depth_ < depth && !is_stopped(); ++depth_) {
    run_layer(true);
    std::swap(current_, next_);
    next_->clear();
  }
  facts_.limit = stop_.limit();
}

/// The initial states are the first layer.
void LayerSearch::start() {
  insert_initial_states();
  std::swap(current_, next_);
  facts_.statistics.layers.assign(1, current_->size());
}

/// Queues those that are not in the visited set for the next layer.
void LayerSearch::insert_initial_states() {
  Worker& worker = *team_.front();
  const auto insert_batch = [&] {
    while (!insert(worker) && !is_stopped()) make_room();
    worker.out.clear();
    flush(worker);
    look_around(worker);
    return !is_stopped();
  };
  // There may be millions, and many more that the conditions of the text refuse.
  const auto is_wanted = [&] {
    look_around(worker);
    return !is_stopped();
  };
  const auto collect = [&](const std::uint64_t* state) {
    worker.out.states.insert(worker.out.states.end(), state, state + words_);
    return worker.out.states.size() <= kMaxChunk * words_ || insert_batch();
  };
  space_.initial(collect, is_wanted);
  insert_batch();
}

// ------------------------------------------------------------------------------------------- layer

std::uint32_t LayerSearch::layer_chunk(unsigned active) const {
  const std::uint64_t share = current_->size() / (std::uint64_t{active} * 8);
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(share, std::min<std::uint64_t>(kBatch, options_.small_layer + 1), kMaxChunk));
}

void LayerSearch::run_layer(bool expand) {
  set_memory_limits();
  facts_.statistics.depth = depth_;
  const unsigned active = current_->size() < options_.small_layer ? 1 : workers_.count();
  chunk_ = layer_chunk(active);
  visited_->set_alone(active == 1);
  safe_.begin(active);
  for (const std::unique_ptr<Worker>& worker : team_) worker->ended = 0;
  const std::uint64_t begin = current_->size();
  workers_.run(active, [&](unsigned number) {
    Worker& worker = *team_[number];
    try {
      work(worker, expand);
      flush(worker);
    } catch (const std::bad_alloc&) {
      lost_states_ = true;
      stop(LimitKind::Memory);
    }
    safe_.leave();
  });
  if (current_->failed()) stop(LimitKind::Memory);
  std::uint64_t ended = 0;
  for (const std::unique_ptr<Worker>& worker : team_) ended += worker->ended;
  if (expand) {
    if (next_->size() > 0) facts_.statistics.layers.push_back(next_->size());
  } else {
    judged_only_ = begin - current_->size() - ended;
  }
}

void LayerSearch::work(Worker& worker, bool expand) {
  const std::size_t record = current_->record_words();
  const std::size_t batch = options_.limits.states ? 1 : kBatch;
  Frontier::Chunk chunk;
  while (!is_stopped()) {
    if (safe_.is_requested()) {
      flush(worker);
      safe_.pass([this] { maintain(); });
      continue;
    }
    if (!current_->pop(chunk, chunk_)) break;
    std::size_t done = 0;
    const std::size_t count = chunk.size() / record;
    while (done < count && !is_stopped() && !safe_.is_requested()) {
      const std::size_t size = std::min(batch, count - done);
      look_around(worker);
      if (is_stopped() || !expand_batch(worker, chunk.data() + done * record, size, expand)) break;
      done += size;
    }
    if (done < count) {
      chunk.erase(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(done * record));
      current_->push_front(chunk);
    }
  }
}

/// The packed states that `records` name.
const std::uint64_t* LayerSearch::states_of(Worker& worker, const std::uint64_t* records, std::size_t count) {
  if (words_ == 1 || !visited_->is_exact()) return records;
  worker.read.resize(count * words_);
  for (std::size_t i = 0; i < count; ++i) visited_->read(records[i], worker.read.data() + i * words_);
  return worker.read.data();
}

/// False when the batch has to be done again, or the search is stopped.
bool LayerSearch::expand_batch(Worker& worker, const std::uint64_t* records, std::size_t count, bool expand) {
  const std::uint64_t* states = states_of(worker, records, count);
  const std::uint64_t ended_before = worker.ended;
  judge(worker, states, records, count);
  if (!expand) return true;
  worker.out.clear();
  const std::size_t live = worker.live.size() / words_;
  worker.is_drained = true;
  if (keeping_) {
    // Before it is complete: what is reached from a batch that is not has to find its way back too.
    worker.kept.insert(worker.kept.end(), worker.live_records.begin(), worker.live_records.end());
    if (worker.kept.size() >= kMaxChunk) kept_[depth_]->push(worker.kept);
  }
  worker.space->expand(worker.live.data(), live, worker.out, &worker);
  for (const PackedSuccessors::FailedCheck& failed : worker.out.failed) {
    const RuleId rule = space_.broken_by(failed.check).rule;
    if (found_[rule.value] || !(checked_[rule.value] || space_.system().at(rule).core)) continue;
    sight(worker.step_violations[rule.value], worker.live.data() + failed.source * words_);
  }
  if (!worker.is_drained || !insert(worker)) {
    worker.ended = ended_before;
    return false;
  }
  worker.steps.fetch_add(worker.out.steps, std::memory_order_relaxed);
  worker.reduced.fetch_add(worker.out.reduced, std::memory_order_relaxed);
  return true;
}

/// Puts the successors of a batch into the visited set and what is new into the next layer.
bool LayerSearch::insert(Worker& worker) {
  if (options_.limits.states) return insert_within_limit(worker);
  if (visited_->should_grow()) {
    if (!cannot_grow_) {
      safe_.request();
    } else if (visited_->fill() > VisitedSet::kFullest) {
      stop(LimitKind::Memory);
      return false;
    }
  }
  // What the expander made stays as it is: it may go on with the same state.
  const std::vector<std::uint64_t>& successors = worker.out.states;
  if (worker.unknown.size() < successors.size()) worker.unknown.resize(successors.size());
  const std::size_t total =
      worker.recent.copy_unknown(successors.data(), successors.size() / words_, worker.unknown.data());
  worker.keys.resize(kInsertion);
  worker.is_new.resize(kInsertion);
  for (std::size_t at = 0; at < total;) {
    const std::size_t size = std::min(kInsertion, total - at);
    const std::uint64_t* states = worker.unknown.data() + at * words_;
    const std::size_t done = visited_->insert(states, size, worker.keys.data(), worker.is_new.data());
    queue_new(worker, states, done);
    at += done;
    if (done < size) {
      worker.recent.clear();
      if (cannot_grow_) stop(LimitKind::Memory);
      is_full_ = true;
      safe_.request();
      return false;
    }
  }
  if (worker.next.size() >= kMaxChunk && !next_->push(worker.next)) stop(LimitKind::Memory);
  return true;
}

/// Queues the states of an insertion that are new for the next layer.
void LayerSearch::queue_new(Worker& worker, const std::uint64_t* states, std::size_t count) {
  Frontier::Chunk& next = worker.next;
  if (!visited_->is_exact()) {
    for (std::size_t i = 0; i < count; ++i) {
      if (worker.is_new[i] != 0) next.insert(next.end(), states + i * words_, states + (i + 1) * words_);
    }
    return;
  }
  // All are written, each over the last one if that is not new: which are new is hard to foresee.
  std::size_t size = next.size();
  next.resize(size + count);
  for (std::size_t i = 0; i < count; ++i) {
    next[size] = worker.keys[i];
    size += worker.is_new[i];
  }
  next.resize(size);
}

/// The same one by one, by the only thread there is.
bool LayerSearch::insert_within_limit(Worker& worker) {
  const std::size_t total = worker.out.states.size() / words_;
  for (std::size_t at = 0; at < total; ++at) {
    const std::uint64_t* state = worker.out.states.data() + at * words_;
    if (visited_->size() >= *options_.limits.states) {
      if (visited_->is_exact() && visited_->contains(state)) continue;
      stop(LimitKind::States);
      return false;
    }
    worker.keys.resize(1);
    worker.is_new.resize(1);
    while (visited_->insert(state, 1, worker.keys.data(), worker.is_new.data()) == 0) {
      if (cannot_grow_) {
        stop(LimitKind::Memory);
        return false;
      }
      is_full_ = true;
      make_room();
    }
    queue_new(worker, state, 1);
  }
  if (worker.next.size() >= kMaxChunk && !next_->push(worker.next)) stop(LimitKind::Memory);
  return true;
}

void LayerSearch::flush(Worker& worker) {
  if (!next_->push(worker.next)) stop(LimitKind::Memory);
  if (keeping_ && !worker.kept.empty()) kept_[depth_]->push(worker.kept);
  worker.kept.clear();
}

}  // namespace quiesce::checker
