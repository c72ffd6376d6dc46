#include "checker/search/level_search.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <new>
#include <random>
#include <set>

#include "checker/search/memory_budget.h"
#include "checker/search/recent_states.h"
#include "checker/store/bitstate_store.h"
#include "checker/store/compact_store.h"
#include "model/base/check.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {
namespace {

using model::PropertyId;
using model::PropertyKind;
using model::RuleId;

constexpr std::size_t kBatch = 128;                           // states expanded before their successors are inserted
constexpr std::size_t kInsertion = 1024;                      // successors inserted at once
constexpr std::uint32_t kMaxChunk = 4096;                     // records
constexpr std::uint64_t kKeptBytes = std::uint64_t{8} << 20;  // of levels kept for runs that may never be wanted
constexpr std::uint64_t kBitstateBytes = std::uint64_t{1} << 30;  // when memory allows
constexpr std::size_t kMostParents = 64;                          // that a run may choose from
constexpr double kFullest = 0.96;                // of the visited set: beyond that, probing takes all the time
constexpr std::chrono::seconds kJudgingRest{2};  // at Ctrl-C and the time limit

unsigned threads_for(const SearchOptions& options) {
  // With a limit on states the same states are to be within it on every machine.
  if (options.limits.states) return 1;
  return options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

/// What one thread needs.
struct LevelSearch::Worker : SuccessorDrain {
  Worker(LevelSearch& whole, const PackedSystem& system)
      : search(whole),
        expander(system, whole.order_.get()),
        filter(system),
        judge(system.compiled()),
        recent(whole.words_),
        cells(system.packing().cells()),
        triggered(system.compiled().properties.size()),
        state_violations(system.system().rules.size()),
        step_violations(system.system().rules.size()),
        witnesses(system.compiled().properties.size()) {}

  bool drain(PackedSuccessors&) override {
    if (!is_drained) return false;
    search.look_around(*this);
    is_drained = !search.is_stopped() && search.insert(*this);
    return is_drained;
  }

  LevelSearch& search;
  ReducedExpander expander;
  StateFilter filter;
  StateJudge judge;
  PackedSuccessors out;
  RecentStates recent;              // those that went into the visited set last, through this thread
  bool is_drained = true;           // false: the expansion was given up
  std::vector<std::uint64_t> read;  // states of a batch of records that are not states themselves
  std::vector<std::uint64_t> live;  // those of a batch that do not end runs
  std::vector<std::uint64_t> live_records;
  std::vector<StateKey> keys;
  std::vector<std::uint8_t> is_new;
  std::vector<std::uint8_t> maybe;  // of a batch: what the filter lets through
  std::vector<std::int32_t> cells;
  std::vector<StateJudge::Shown> shown;
  Frontier::Chunk next;  // for the next level
  Frontier::Chunk kept;  // expanded
  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> reduced{0};  // states expanded by the steps of some contexts only
  std::uint64_t ended = 0;                // states of this level that end runs
  std::uint32_t looks = 0;
  std::vector<bool> triggered;  // by property

  // The least of this level.
  std::vector<std::optional<PackedState>> state_violations;  // by rule
  std::vector<std::optional<PackedState>> step_violations;   // by rule
  std::vector<std::optional<PackedState>> witnesses;         // by property
};

LevelSearch::LevelSearch(const PackedSystem& system, const SearchOptions& options, Keep keep,
                         std::chrono::steady_clock::time_point began)
    : system_(system),
      options_(options),
      words_(system.packing().words()),
      keep_(keep),
      began_(began),
      workers_(threads_for(options)),
      exercised_(system.system().rules.size()),
      found_(system.system().rules.size()),
      checked_(system.system().rules.size()),
      wanted_(system.system().rules.size()) {
  for (RuleId rule : system_.system().checked) checked_[rule.value] = true;
  wanted_ = checked_;
  for (const CompiledProperty& property : system_.compiled().properties) {
    if (property.kind == PropertyKind::Reachable) unseen_witnesses_.push_back(&property);
    if (property.has_trigger) unseen_triggers_.push_back(&property);
  }
  if (options_.partial_order) order_ = std::make_unique<PartialOrder>(system_);
  for (unsigned i = 0; i < workers_.count(); ++i) team_.push_back(std::make_unique<Worker>(*this, system_));
  const MemoryBudget budget(options_.limits);
  baseline_bytes_ = budget.baseline_bytes;
  memory_limit_ = budget.limit_bytes;
  const std::uint32_t words = system_.packing().words();
  switch (options_.storage) {
    case Storage::Exact:
      store_ = std::make_unique<StateStore>(StateStore::Options{words, std::clamp(system_.packing().bits(), 1U, 64U)});
      break;
    case Storage::Compact:
      lossy_ = std::make_unique<CompactStore>(words);
      break;
    case Storage::Bitstate:
      lossy_ = std::make_unique<BitstateStore>(words, std::min(kBitstateBytes, budget.spare_bytes(0) / 2));
      break;
  }
  facts_.storage = options_.storage;
  // What a lossy set forgets it forgets differently the next time: the way back has to be kept.
  if (lossy_) keep_ = Keep::Always;
  const std::uint32_t record = lossy_ ? words : 1;
  current_ = std::make_unique<Frontier>(record);
  next_ = std::make_unique<Frontier>(record);
  set_memory_limits();
}

LevelSearch::~LevelSearch() = default;

// ------------------------------------------------------------------------------------------ search

void LevelSearch::search() {
  if (!options_.checkpoint.empty() || !options_.resume.empty()) fingerprint_ = fingerprint(system_, options_);
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
      if (is_last) save();  // this level is judged, but it is still to be expanded
      run_level(!is_last);
      if (is_stopped() && !is_last) save();
      settle();
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
}

void LevelSearch::search_levels(std::uint32_t depth) {
  judging_ = false;
  unseen_witnesses_.clear();
  unseen_triggers_.clear();
  std::fill(wanted_.begin(), wanted_.end(), false);
  start();
  for (; current_->size() > 0 && depth_ < depth && !is_stopped(); ++depth_) {
    run_level(true);
    std::swap(current_, next_);
    next_->clear();
  }
}

/// The initial states are the first level.
void LevelSearch::start() {
  insert_initial_states();
  std::swap(current_, next_);
  facts_.statistics.levels.assign(1, current_->size());
}

/// Queues those that are not in the visited set for the next level.
void LevelSearch::insert_initial_states() {
  Worker& worker = *team_.front();
  CanonicalPacker packer(system_);
  for (const model::State& state : model::Interpreter(system_.system()).initial_states()) {
    const std::size_t at = worker.out.states.size();
    worker.out.states.resize(at + words_);
    packer.pack(state.data(), worker.out.states.data() + at);
  }
  while (!insert(worker) && !is_stopped()) maintain();
  worker.out.clear();
  flush(worker);
}

// ------------------------------------------------------------------------------------------- level

std::uint32_t LevelSearch::level_chunk(unsigned active) const {
  const std::uint64_t share = current_->size() / (std::uint64_t{active} * 8);
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(share, std::min<std::uint64_t>(kBatch, options_.small_level + 1), kMaxChunk));
}

void LevelSearch::run_level(bool expand) {
  set_memory_limits();
  facts_.statistics.depth = depth_;
  const unsigned active = current_->size() < options_.small_level ? 1 : workers_.count();
  chunk_ = level_chunk(active);
  if (store_) store_->set_alone(active == 1);
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
    if (next_->size() > 0) facts_.statistics.levels.push_back(next_->size());
  } else {
    judged_only_ = begin - current_->size() - ended;
  }
}

void LevelSearch::work(Worker& worker, bool expand) {
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
const std::uint64_t* LevelSearch::states_of(Worker& worker, const std::uint64_t* records, std::size_t count) {
  if (words_ == 1 || lossy_) return records;
  worker.read.resize(count * words_);
  for (std::size_t i = 0; i < count; ++i) store_->read(records[i], worker.read.data() + i * words_);
  return worker.read.data();
}

/// False when the batch has to be done again, or the search is stopped.
bool LevelSearch::expand_batch(Worker& worker, const std::uint64_t* records, std::size_t count, bool expand) {
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
  worker.expander.expand(worker.live.data(), live, worker.out, &worker);
  for (const PackedSuccessors::FailedCheck& failed : worker.out.failed) {
    const CompiledCheck& check = system_.compiled().code.checks[static_cast<std::size_t>(failed.check)];
    if (found_[check.rule.value] || !(checked_[check.rule.value] || check.core)) continue;
    sight(worker.step_violations[check.rule.value], worker.live.data() + failed.source * words_);
  }
  if (!worker.is_drained || !insert(worker)) {
    worker.ended = ended_before;
    return false;
  }
  worker.steps.fetch_add(worker.out.steps, std::memory_order_relaxed);
  worker.reduced.fetch_add(worker.out.reduced, std::memory_order_relaxed);
  return true;
}

/// Puts the successors of a batch into the visited set and what is new into the next level.
bool LevelSearch::insert(Worker& worker) {
  if (options_.limits.states) return insert_within_limit(worker);
  if (should_grow()) {
    if (!cannot_grow_) {
      safe_.request();
    } else if (fill() > kFullest) {
      stop(LimitKind::Memory);
      return false;
    }
  }
  std::vector<std::uint64_t>& successors = worker.out.states;
  const std::size_t total = worker.recent.drop_known(successors.data(), successors.size() / words_);
  successors.resize(total * words_);
  worker.keys.resize(kInsertion);
  worker.is_new.resize(kInsertion);
  for (std::size_t at = 0; at < total;) {
    const std::size_t size = std::min(kInsertion, total - at);
    const std::uint64_t* states = successors.data() + at * words_;
    const std::size_t done = visit(states, size, worker.keys.data(), worker.is_new.data());
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

std::size_t LevelSearch::visit(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) {
  return lossy_ ? lossy_->insert(states, count, is_new) : store_->insert(states, count, keys, is_new);
}

/// Queues the states of an insertion that are new for the next level.
void LevelSearch::queue_new(Worker& worker, const std::uint64_t* states, std::size_t count) {
  Frontier::Chunk& next = worker.next;
  if (lossy_) {
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
bool LevelSearch::insert_within_limit(Worker& worker) {
  const std::size_t total = worker.out.states.size() / words_;
  for (std::size_t at = 0; at < total; ++at) {
    const std::uint64_t* state = worker.out.states.data() + at * words_;
    if (distinct_states() >= *options_.limits.states) {
      if (store_ && store_->contains(state)) continue;
      stop(LimitKind::States);
      return false;
    }
    worker.keys.resize(1);
    worker.is_new.resize(1);
    while (visit(state, 1, worker.keys.data(), worker.is_new.data()) == 0) {
      if (cannot_grow_) {
        stop(LimitKind::Memory);
        return false;
      }
      is_full_ = true;
      maintain();
    }
    queue_new(worker, state, 1);
  }
  if (worker.next.size() >= kMaxChunk && !next_->push(worker.next)) stop(LimitKind::Memory);
  return true;
}

void LevelSearch::flush(Worker& worker) {
  if (!next_->push(worker.next)) stop(LimitKind::Memory);
  if (keeping_ && !worker.kept.empty()) kept_[depth_]->push(worker.kept);
  worker.kept.clear();
}

// ----------------------------------------------------------------------------------------- judging

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

std::vector<PackedState> LevelSearch::sample(std::size_t count) const {
  std::vector<const Frontier*> queues;
  for (const std::unique_ptr<Frontier>& level : kept_) queues.push_back(level.get());
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
        if (words_ == 1 || lossy_) {
          std::copy_n(chunk.data() + i, words_, states.back().data());
        } else {
          store_->read(chunk[i], states.back().data());
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

// -------------------------------------------------------------------------------------------- runs

namespace {

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
    std::uint64_t mixed = 0;
    for (std::size_t i = 0; i < words_; ++i) mixed = (mixed ^ state[i]) * 0x9E3779B97F4A7C15U;
    return mixed >> 52;
  }

  std::size_t words_;
  std::vector<PackedState> states_;
  std::vector<bool> sieve_ = std::vector<bool>(4096);
};

}  // namespace

/// The states of level `depth` that lead to each of `of`, the least first. Consumes the level.
std::vector<std::vector<PackedState>> LevelSearch::parents(std::uint32_t depth, const std::vector<PackedState>& of) {
  const Wanted wanted(of, words_);
  Frontier& level = *kept_[depth];
  std::vector<std::vector<std::set<PackedState>>> found(workers_.count());
  workers_.run(level.size() < options_.small_level ? 1 : workers_.count(), [&](unsigned number) {
    Worker& worker = *team_[number];
    std::vector<std::set<PackedState>>& least = found[number];
    least.resize(wanted.size());
    Frontier::Chunk chunk;
    while (level.pop(chunk, kMaxChunk)) {
      const std::size_t count = chunk.size() / level.record_words();
      for (std::size_t at = 0; at < count; at += kBatch) {
        const std::size_t size = std::min(kBatch, count - at);
        const std::uint64_t* states = states_of(worker, chunk.data() + at * level.record_words(), size);
        worker.out.clear();
        worker.expander.expand(states, size, worker.out);
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
          worker.expander.expand(state, 1, worker.out);
          leads_to([&](std::size_t position) {
            least[position].emplace(state, state + words_);
            if (least[position].size() > kMostParents) least[position].erase(std::prev(least[position].end()));
          });
        }
      }
    }
  });
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

std::vector<std::vector<PackedState>> LevelSearch::runs_to(const std::vector<Sighting>& sightings,
                                                           const ChooseParent& choose) {
  std::vector<std::vector<PackedState>> runs(sightings.size());  // backwards
  std::uint32_t depth = 0;
  for (std::size_t i = 0; i < sightings.size(); ++i) {
    runs[i].push_back(sightings[i].state);
    depth = std::max(depth, sightings[i].depth);
  }
  for (; depth > 0; --depth) {
    std::vector<PackedState> of;
    std::vector<std::size_t> whose;
    for (std::size_t i = 0; i < sightings.size(); ++i) {
      if (sightings[i].depth < depth || runs[i].empty()) continue;
      of.push_back(runs[i].back());
      whose.push_back(i);
    }
    const std::vector<std::vector<PackedState>> before = parents(depth - 1, of);
    for (std::size_t i = 0; i < whose.size(); ++i) {
      std::vector<PackedState>& run = runs[whose[i]];
      QUIESCE_CHECK(!before[i].empty() || kept_[depth - 1]->failed())
          << "a state of depth " << depth << " that no state of the level before leads to";
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

// ------------------------------------------------------------------------------------------ limits

void LevelSearch::stop(LimitKind limit) {
  const std::lock_guard lock(stop_mutex_);
  if (facts_.limit == LimitKind::None) facts_.limit = limit;
  stopped_ = true;
}

/// Between batches.
void LevelSearch::look_around(Worker& worker) {
  if (options_.interrupt != nullptr && options_.interrupt->load(std::memory_order_relaxed)) {
    return stop(LimitKind::Interrupted);
  }
  if (options_.limits.states && ++worker.looks % 64 != 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (options_.limits.time && now - began_ >= *options_.limits.time) return stop(LimitKind::Time);
  if (!options_.checkpoint.empty() && now.time_since_epoch().count() >= next_checkpoint_) safe_.request();
  if (!options_.progress) return;
  const std::unique_lock lock(progress_mutex_, std::try_to_lock);
  if (!lock.owns_lock() || now < next_progress_) return;
  next_progress_ = now + std::chrono::milliseconds(100);
  fill_statistics();
  options_.progress(facts_.statistics);
}

std::uint64_t LevelSearch::memory_bytes() const {
  std::uint64_t bytes = store_bytes() + current_->memory_bytes() + next_->memory_bytes();
  for (const std::unique_ptr<Frontier>& level : kept_) bytes += level->memory_bytes();
  return bytes;
}

/// Alone, at a safe point.
void LevelSearch::maintain() {
  if ((is_full_ || should_grow()) && !cannot_grow_) grow();
  is_full_ = false;
  set_memory_limits();
  if (!options_.checkpoint.empty() && std::chrono::steady_clock::now().time_since_epoch().count() >= next_checkpoint_) {
    save();
  }
}

// ------------------------------------------------------------------------------------- checkpoints

SearchFacts LevelSearch::facts_so_far() const {
  SearchFacts facts;
  facts.depth = depth_;
  facts.wall = earlier_wall_ + (std::chrono::steady_clock::now() - began_);
  facts.levels = facts_.statistics.levels;
  facts.sightings = sightings_;
  std::vector<bool> exercised = exercised_;
  std::vector<bool> triggered(system_.compiled().properties.size());
  for (const std::unique_ptr<Worker>& worker : team_) {
    facts.steps += worker->steps.load(std::memory_order_relaxed);
    const std::vector<bool>& checks = worker->expander.exercised();
    for (std::size_t check = 0; check < checks.size(); ++check) {
      if (checks[check]) exercised[system_.compiled().code.checks[check].rule.value] = true;
    }
    for (std::size_t property = 0; property < triggered.size(); ++property) {
      if (worker->triggered[property]) triggered[property] = true;
      if (!worker->witnesses[property]) continue;
      facts.level_sightings.push_back({{}, PropertyId(property), true, *worker->witnesses[property], depth_});
    }
    for (std::size_t rule = 0; rule < exercised.size(); ++rule) {
      for (const bool in_state : {true, false}) {
        const auto& least = in_state ? worker->state_violations[rule] : worker->step_violations[rule];
        if (least) facts.level_sightings.push_back({RuleId(rule), {}, in_state, *least, depth_});
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
void LevelSearch::save() {
  if (options_.checkpoint.empty() || lost_states_ || lossy_) return;
  const std::string problem =
      write_checkpoint(options_.checkpoint, fingerprint_, facts_so_far(), *current_, *next_, *store_);
  if (!problem.empty()) facts_.warning = problem;
  next_checkpoint_ = (std::chrono::steady_clock::now() + options_.checkpoint_interval).time_since_epoch().count();
}

/// False, with facts_.problem, when the checkpoint is not one to go on from.
bool LevelSearch::resume() {
  SearchFacts facts;
  facts_.problem = read_checkpoint(options_.resume, system_, fingerprint_, facts, *current_, *next_, store_);
  if (!facts_.problem.empty()) return false;
  resumed_ = true;
  drop_levels();
  depth_ = facts.depth;
  earlier_wall_ = facts.wall;
  facts_.statistics.levels = std::move(facts.levels);
  Worker& worker = *team_.front();
  worker.steps = facts.steps;
  for (std::uint64_t rule : facts.exercised) {
    if (rule < exercised_.size()) exercised_[rule] = true;
  }
  for (std::uint64_t property : facts.triggered) {
    if (property < worker.triggered.size()) worker.triggered[property] = true;
  }
  const auto is_seen = [&](const CompiledProperty* property) {
    return std::any_of(facts.sightings.begin(), facts.sightings.end(),
                       [&](const Sighting& sighting) { return sighting.property == property->id; });
  };
  unseen_witnesses_.erase(std::remove_if(unseen_witnesses_.begin(), unseen_witnesses_.end(), is_seen),
                          unseen_witnesses_.end());
  for (Sighting& sighting : facts.sightings) {
    if (sighting.rule.valid()) mark_found(sighting.rule.value);
    sightings_.push_back(std::move(sighting));
  }
  for (Sighting& sighting : facts.level_sightings) {
    std::optional<PackedState>& least = sighting.property.valid() ? worker.witnesses[sighting.property.value]
                                        : sighting.in_state       ? worker.state_violations[sighting.rule.value]
                                                                  : worker.step_violations[sighting.rule.value];
    if (!least || sighting.state < *least) least = std::move(sighting.state);
  }
  // In the middle of a level the next one is counted when it is complete.
  if (facts_.statistics.levels.size() > std::size_t{depth_} + 1) facts_.statistics.levels.resize(depth_ + 1);
  set_memory_limits();
  if (depth_ == 0) {
    // A limit may have come before all initial states were there; they belong to this level.
    const std::uint64_t before = current_->size();
    std::swap(current_, next_);
    insert_initial_states();
    std::swap(current_, next_);
    if (!facts_.statistics.levels.empty()) facts_.statistics.levels.front() += current_->size() - before;
  }
  return true;
}

void LevelSearch::grow() {
  const auto needed = [this] {
    const std::uint64_t grown = lossy_ ? lossy_->grown_memory_bytes() : store_->grown_memory_bytes();
    return baseline_bytes_ + memory_bytes() - store_bytes() + grown;
  };
  if (needed() > memory_limit_ && keep_ == Keep::WhileSmall) drop_levels();
  if (needed() > memory_limit_) {
    // The frontier goes to disk, but for what is being worked on.
    current_->limit_memory(0);
    next_->limit_memory(0);
    for (const std::unique_ptr<Frontier>& level : kept_) level->limit_memory(0);
  }
  if (needed() <= memory_limit_ && (lossy_ ? lossy_->grow(workers_.count()) : store_->grow(workers_.count()))) return;
  cannot_grow_ = true;
}

/// Lets frontiers use what the visited set leaves.
void LevelSearch::set_memory_limits() {
  const std::uint64_t held = baseline_bytes_ + memory_bytes();
  const std::uint64_t spare = held < memory_limit_ ? memory_limit_ - held : 0;
  std::uint64_t kept = 0;
  for (const std::unique_ptr<Frontier>& level : kept_) kept += level->memory_bytes();
  if (keeping_ && kept > kKeptBytes) {
    if (keep_ == Keep::WhileSmall) {
      drop_levels();
    } else {
      for (const std::unique_ptr<Frontier>& level : kept_) level->limit_memory(0);
    }
  }
  const bool is_bounded = memory_limit_ != UINT64_MAX;
  next_->limit_memory(is_bounded ? next_->memory_bytes() + spare : UINT64_MAX);
  while (keeping_ && kept_.size() <= std::size_t{depth_} + 1) {
    kept_.push_back(std::make_unique<Frontier>(current_->record_words()));
  }
}

void LevelSearch::drop_levels() {
  keeping_ = false;
  kept_.clear();
}

void LevelSearch::fill_statistics() {
  Statistics& statistics = facts_.statistics;
  statistics.distinct_states = distinct_states();
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
  statistics.fill = fill();
  if (lossy_) facts_.missed_probability = lossy_->missed_probability();
}

}  // namespace quiesce::checker
