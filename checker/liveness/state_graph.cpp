#include "checker/liveness/state_graph.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "checker/result/memory_budget.h"
#include "model/base/internal_check.h"
#include "model/base/scramble.h"
#include "model/system/print.h"

namespace quiesce::checker {

class StateGraph::Builder {
 public:
  Builder(StateGraph& graph, const SearchOptions& options, const GraphWatch& watch)
      : graph_(graph), space_(graph.space_), options_(options), watch_(watch), budget_(options.limits) {
    team_.push_back(std::make_unique<Member>(nullptr, graph_));
  }

  void build() {
    try {
      if (!graph_.can_be_kept_) add_initial();
      if (graph_.limit_ == LimitKind::None) graph_.is_complete_ = expand_all();
      fill_statistics();
      graph_.states_.close();
    } catch (const std::bad_alloc&) {
      graph_.limit_ = LimitKind::Memory;
      graph_.can_be_kept_ = false;
    }
  }

 private:
  static constexpr std::uint32_t kFirstLook = 1024;  // expanded states
  static constexpr std::uint32_t kGrowth = 3;        // until the next look: see docs/decisions.md
  static constexpr std::uint32_t kWorth = 512;       // states that are worth a thread
  static constexpr std::uint32_t kShare = 1024;      // states that a thread expands before they are inserted
  static constexpr std::uint32_t kBatch = 64;        // of these, that are expanded together

  void add_initial() {
    std::uint32_t seen = 0;
    const auto take = [&](const std::uint64_t* state) {
      add(state);
      return !has_too_many() && (++seen % 1024 != 0 || may_go_on());
    };
    // There may be millions, and many more that the conditions of the text refuse.
    space_.initial(take, [this] { return may_go_on(); });
    graph_.initial_ = static_cast<std::uint32_t>(graph_.size());
    graph_.layer_end_ = graph_.initial_;
    graph_.can_be_kept_ = graph_.limit_ == LimitKind::None && !has_too_many();
  }

  /// False when it was stopped.
  bool expand_all() {
    std::uint32_t next_look = kFirstLook;
    while (next_look < graph_.expanded()) next_look *= kGrowth;
    for (std::uint32_t state = graph_.expanded(); state < graph_.size();) {
      if (state == graph_.layer_end_) begin_layer();
      if (!may_go_on() || is_at_limit()) return false;
      keep_now_and_then();
      if (state == next_look) {
        next_look *= kGrowth;
        if (watch_.is_worth_a_look && !watch_.is_worth_a_look()) return false;
      }
      const std::uint32_t end = expand_some(state, std::min(graph_.layer_end_, next_look));
      for (const std::unique_ptr<Member>& member : team_) {
        if (!insert(member->expanded)) return false;
      }
      state = end;
    }
    return !is_at_limit();
  }

  void begin_layer() {
    ++graph_.depth_;
    graph_.layer_end_ = static_cast<std::uint32_t>(graph_.size());
  }

  bool is_at_limit() {
    if (has_too_many()) graph_.limit_ = LimitKind::States;
    if (options_.limits.depth && graph_.depth_ > *options_.limits.depth) graph_.limit_ = LimitKind::Depth;
    return graph_.limit_ != LimitKind::None;
  }

  std::uint32_t add(const std::uint64_t* state) {
    StateKey number = 0;
    std::uint8_t is_new = 0;
    graph_.states_.insert(state, 1, &number, &is_new);
    return static_cast<std::uint32_t>(number);
  }

  bool has_too_many() const { return options_.limits.states && graph_.size() > *options_.limits.states; }

  bool may_go_on() {
    graph_.limit_ = watch_.reason();
    if (budget_.spare_bytes(memory_bytes()) == 0) graph_.limit_ = LimitKind::Memory;
    fill_statistics();
    tell_progress();
    return graph_.limit_ == LimitKind::None;
  }

  void keep_now_and_then() {
    const auto now = std::chrono::steady_clock::now();
    if (!watch_.keep || now < next_keep_) return;
    watch_.keep();
    next_keep_ = std::chrono::steady_clock::now() + options_.checkpoint_interval;
  }

  void tell_progress() {
    const auto now = std::chrono::steady_clock::now();
    if (!options_.progress || now < next_progress_) return;
    next_progress_ = now + std::chrono::milliseconds(100);
    options_.progress(graph_.statistics_);
  }

  std::uint64_t memory_bytes() const {
    return graph_.states_.memory_bytes() + graph_.kinds_.memory_bytes() + graph_.edges_.bytes() + graph_.kind_.bytes();
  }

  void fill_statistics() {
    graph_.statistics_.distinct_states = graph_.size();
    graph_.statistics_.generated_steps = graph_.edges_.size();
    graph_.statistics_.depth = graph_.size() > graph_.layer_end_ ? graph_.depth_ + 1 : graph_.depth_;
    graph_.statistics_.frontier = graph_.size() - graph_.expanded();
    graph_.statistics_.memory_bytes = budget_.baseline_bytes + memory_bytes();
    graph_.statistics_.peak_memory_bytes = graph_.statistics_.memory_bytes;
  }

  /// One thread of those that expand.
  struct Member {
    Member(std::unique_ptr<StateSpace> own, const StateGraph& graph)
        : space(std::move(own)),
          expander(space ? *space : graph.space_, graph.units_, graph.atoms_, graph.judges_core_) {}

    const std::unique_ptr<StateSpace> space;  // null: that of the graph
    StateExpander expander;
    ExpandedStates expanded;
    std::exception_ptr failure;
  };

  /// Expands states from `begin` on, below `limit` and some for each member of the team, and says where they end.
  std::uint32_t expand_some(std::uint32_t begin, std::uint32_t limit) {
    const std::uint32_t left = limit - begin;
    const std::uint32_t cores = options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
    const std::uint32_t wanted = std::clamp(left / kWorth, 1U, std::max(cores, 1U));
    while (team_.size() < wanted) team_.push_back(std::make_unique<Member>(space_.for_thread(), graph_));
    const std::uint32_t share = std::min(kShare, (left + wanted - 1) / wanted);
    const auto place = [&](std::uint32_t member) { return std::min(limit, begin + member * share); };
    std::vector<std::thread> others;
    for (std::uint32_t i = 1; i < team_.size(); ++i) {
      team_[i]->expanded.clear();
      if (i < wanted) others.emplace_back([&, i] { expand(*team_[i], place(i), place(i + 1)); });
    }
    expand(*team_.front(), begin, place(1));
    for (std::thread& other : others) other.join();
    for (const std::unique_ptr<Member>& member : team_) {
      if (member->failure) std::rethrow_exception(std::exchange(member->failure, nullptr));
    }
    return place(wanted);
  }

  void expand(Member& member, std::uint32_t begin, std::uint32_t end) const {
    try {
      member.expanded.clear();
      for (std::uint32_t state = begin; state < end; state += kBatch) {
        member.expander.expand(graph_.packed(state), std::min(kBatch, end - state), member.expanded);
      }
    } catch (...) {
      member.failure = std::current_exception();
    }
  }

  /// Gives the next states what they lead to. False at a limit.
  bool insert(const ExpandedStates& expanded) {
    if (expanded.broken && (!graph_.broken_ || *expanded.broken < *graph_.broken_)) graph_.broken_ = expanded.broken;
    keys_.resize(expanded.units.size());
    is_new_.resize(expanded.units.size());
    // A limit on states counts what each single state leads to.
    const std::size_t at_once = options_.limits.states ? 1 : expanded.ends.size();
    std::size_t inserted = 0;  // targets
    for (std::size_t i = 0; i < expanded.ends.size(); ++i) {
      if (is_at_limit()) return false;
      if (i % at_once == 0) {
        const std::size_t end = expanded.ends[i + at_once - 1];
        graph_.states_.insert(expanded.targets.data() + inserted * space_.words(), end - inserted,
                              keys_.data() + inserted, is_new_.data() + inserted);
        inserted = end;
      }
      insert_state(expanded, i);
    }
    return true;
  }

  void insert_state(const ExpandedStates& expanded, std::size_t i) {
    edges_.clear();
    for (std::size_t target = i == 0 ? 0 : expanded.ends[i - 1]; target < expanded.ends[i]; ++target) {
      edges_.push_back({static_cast<std::uint32_t>(keys_[target]), expanded.units[target]});
    }
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    StateKey kind = 0;
    std::uint8_t is_new = 0;
    graph_.kinds_.insert(expanded.facts.data() + i * graph_.layout_.words(), 1, &kind, &is_new);
    graph_.kind_.push_back(static_cast<std::uint32_t>(kind));
    graph_.edges_.add(edges_);
  }

  StateGraph& graph_;
  StateSpace& space_;
  const SearchOptions& options_;
  const GraphWatch& watch_;
  const MemoryBudget budget_;
  std::chrono::steady_clock::time_point next_progress_;
  std::chrono::steady_clock::time_point next_keep_ = std::chrono::steady_clock::now() + options_.checkpoint_interval;
  std::vector<std::unique_ptr<Member>> team_;
  std::vector<GraphEdge> edges_;  // of the state at hand
  std::vector<StateKey> keys_;    // by target: what insertion says
  std::vector<std::uint8_t> is_new_;
};

void KindList::push_back(std::uint32_t kind) {
  // The first 2^16 kinds come first, so there is some state before it.
  while (kind > 0xFFFF && high_.size() < low_.size()) high_.push_back(0);
  low_.push_back(static_cast<std::uint16_t>(kind));
  if (high_.size() != 0) high_.push_back(static_cast<std::uint16_t>(kind >> 16));
}

bool KindList::save(CheckedWriter& out) const { return save_array(out, low_) && save_array(out, high_); }

bool KindList::load(CheckedReader& in) { return load_array(in, low_) && load_array(in, high_); }

StateGraph::StateGraph(StateSpace& space, const Units& units, std::vector<model::ExprId> atoms, bool judges_core)
    : space_(space),
      units_(units),
      atoms_(std::move(atoms)),
      judges_core_(judges_core),
      layout_(StateExpander::layout(units, atoms_.size())),
      states_(space.words()),
      kinds_(layout_.words()) {
  QUIESCE_CHECK(units.count() <= kMostUnits) << "too many units for edges of a graph";
}

std::uint64_t StateGraph::fingerprint() const {
  std::string text = model::print_system(space_.system()) + space_.layout();
  for (const model::ExprId atom : atoms_) text += " " + std::to_string(atom.value);
  // What states owe is kept as well, and the printed system does not say what is fair.
  for (const model::Fairness fairness : units_.fairness) text += " f" + std::to_string(static_cast<int>(fairness));
  std::uint64_t hash = text.size();
  for (const char letter : text) hash = model::scramble(hash ^ static_cast<unsigned char>(letter));
  return hash;
}

bool StateGraph::save(CheckedWriter& out) const {
  const std::uint64_t numbers[] = {states_.size(), kinds_.size(), initial_,
                                   depth_,         layer_end_,    broken_ ? broken_->value + std::uint64_t{1} : 0};
  return out.write(numbers, sizeof(numbers)) && states_.save(out) && kinds_.save(out) && kind_.save(out) &&
         edges_.save(out);
}

bool StateGraph::load(CheckedReader& in) {
  std::uint64_t numbers[6] = {};
  if (!in.read(numbers, sizeof(numbers))) return false;
  if (!states_.load(in, numbers[0]) || !kinds_.load(in, numbers[1]) || !kind_.load(in) || !edges_.load(in))
    return false;
  initial_ = static_cast<std::uint32_t>(numbers[2]);
  depth_ = static_cast<std::uint32_t>(numbers[3]);
  layer_end_ = static_cast<std::uint32_t>(numbers[4]);
  if (numbers[5] != 0) broken_ = model::RuleId(numbers[5] - 1);
  can_be_kept_ = kind_.size() == edges_.states() && edges_.states() <= states_.size();
  return can_be_kept_;
}

void StateGraph::explore(const SearchOptions& options, const GraphWatch& watch) {
  Builder(*this, options, watch).build();
}

bool StateGraph::kind_may_stop(std::size_t kind) const {
  const std::uint64_t* owed = kinds_[kind];
  return static_cast<Cut>(owed[layout_.cut()]) != Cut::State &&
         std::all_of(owed, owed + 2 * unit_words(), [](std::uint64_t word) { return word == 0; });
}

std::vector<std::uint64_t> StateGraph::letters_of_kinds(const std::vector<model::ExprId>& atoms) const {
  std::vector<std::uint64_t> of_kind(kinds_.size(), 0);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const auto at = static_cast<std::size_t>(std::find(atoms_.begin(), atoms_.end(), atoms[i]) - atoms_.begin());
    QUIESCE_CHECK(at < atoms_.size()) << "an atom that the graph was not made for";
    for (std::size_t kind = 0; kind < of_kind.size(); ++kind) {
      of_kind[kind] |= (kinds_[kind][layout_.letters() + at / 64] >> (at % 64) & 1) << i;
    }
  }
  return of_kind;
}

std::vector<std::uint64_t> StateGraph::letters_of(const std::vector<model::ExprId>& atoms) const {
  const std::vector<std::uint64_t> of_kind = letters_of_kinds(atoms);
  std::vector<std::uint64_t> letters(expanded());
  for (std::size_t state = 0; state < letters.size(); ++state) letters[state] = of_kind[kind_[state]];
  return letters;
}

}  // namespace quiesce::checker
