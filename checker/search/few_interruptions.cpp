#include "checker/search/few_interruptions.h"

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "checker/search/hunter.h"
#include "checker/store/dense_store.h"

namespace quiesce::checker {
namespace {

using model::Actor;

class FewInterruptions {
 public:
  FewInterruptions(Hunter& hunter, std::uint32_t most)
      : hunter_(hunter),
        control_(hunter.control()),
        words_(hunter.words()),
        most_(most),
        nodes_(words_ + 1),
        able_(hunter.space().system().contexts.size()) {
    hunter_.want_origins();
    hunter_.keep_loops();  // a run without one may have more interruptions
  }

  ~FewInterruptions() { control_.add_memory(-held_); }
  FewInterruptions(const FewInterruptions&) = delete;
  FewInterruptions& operator=(const FewInterruptions&) = delete;

  /// All runs with so many interruptions were seen; none when not even those without any were.
  std::optional<std::uint32_t> search() {
    std::optional<std::uint32_t> done;
    const std::vector<std::uint64_t>& initial = hunter_.initial_states();
    for (std::size_t at = 0; at < initial.size(); at += words_) reach(&initial[at], kNothing, kNone, 0);
    for (round_ = 0; round_ <= most_; ++round_) {
      open_ = std::exchange(later_, {});
      if (open_.empty()) return most_;  // no run has more
      for (std::size_t i = 0; i < open_.size(); ++i) {
        if (rounds_[open_[i]] == round_ && !visit(open_[i])) return done;
      }
      done = round_;
    }
    return done;
  }

 private:
  using Number = std::uint32_t;
  static constexpr Number kNone = 0xFFFFFFFF;
  static constexpr std::uint64_t kNothing = 0xFFFFFFFF;  // no context has stepped

  /// A node is a state with the context that stepped last. It waits for the round of the fewest interruptions with
  /// which it was reached.
  void reach(const std::uint64_t* state, std::uint64_t last, Number parent, std::uint32_t round) {
    key_.assign(state, state + words_);
    key_.push_back(last);
    StateKey number = 0;
    std::uint8_t is_new = 0;
    nodes_.insert(key_.data(), 1, &number, &is_new);
    if (is_new != 0) {
      parents_.push_back(parent);
      depths_.push_back(0);
      rounds_.push_back(round);
    } else if (round < rounds_[number]) {
      parents_[number] = parent;
      rounds_[number] = round;
    } else {
      return;
    }
    depths_[number] = parent == kNone ? 0 : depths_[parent] + 1;
    (round == round_ && parent != kNone ? open_ : later_).push_back(static_cast<Number>(number));
  }

  /// False when the search is over.
  bool visit(Number number) {
    if (!control_.take_state()) return false;
    if ((number & 0xFFF) == 0) account();
    state_.assign(nodes_[number], nodes_[number] + words_);
    const std::uint64_t last = nodes_[number][words_];
    const auto path = [&] { return path_to(number); };
    if (hunter_.visit(state_.data(), path)) return !control_.is_stopped();
    const std::vector<std::uint64_t>& successors = hunter_.expand(state_.data(), depths_[number], path);
    note_able();
    const bool could_go_on = last != kNothing && able_[last];
    const std::vector<PackedSuccessors::Origin>& origins = hunter_.successors().origins;
    for (std::size_t i = 0; i < origins.size(); ++i) {
      const Actor& actor = origins[i].actor;
      const bool is_action = actor.kind == Actor::Kind::Act;
      const bool goes_on = is_action || (actor.kind == Actor::Kind::Step && actor.index == last);
      reach(&successors[i * words_], is_action ? last : actor.index, number,
            round_ + (goes_on || !could_go_on ? 0 : 1));
    }
    return !control_.is_stopped();
  }

  void note_able() {
    std::fill(able_.begin(), able_.end(), false);
    for (const auto* origins : {&hunter_.successors().origins, &hunter_.successors().ends}) {
      for (const PackedSuccessors::Origin& origin : *origins) {
        if (origin.actor.kind == Actor::Kind::Step) able_[origin.actor.index] = true;
      }
    }
  }

  Path path_to(Number number) const {
    Path path;
    for (Number at = number; at != kNone; at = parents_[at]) path.emplace_back(nodes_[at], nodes_[at] + words_);
    std::reverse(path.begin(), path.end());
    return path;
  }

  void account() {
    const auto now =
        static_cast<std::int64_t>(nodes_.memory_bytes() + (parents_.capacity() + depths_.capacity() +
                                                           rounds_.capacity() + open_.capacity() + later_.capacity()) *
                                                              sizeof(Number));
    control_.add_memory(now - held_);
    held_ = now;
  }

  Hunter& hunter_;
  HuntControl& control_;
  const std::size_t words_;
  const std::uint32_t most_;
  DenseStore nodes_;
  std::vector<Number> parents_;        // by node
  std::vector<std::uint32_t> depths_;  // by node
  std::vector<std::uint32_t> rounds_;  // by node
  std::uint32_t round_ = 0;            // interruptions of the runs that are followed now
  std::vector<Number> open_;           // of this round, in the order of their turns
  std::vector<Number> later_;          // of the next
  std::vector<bool> able_;             // by context: it could step in the state at hand
  std::vector<std::uint64_t> key_, state_;
  std::int64_t held_ = 0;
};

}  // namespace

Exploration explore_few_interruptions(const model::TransitionSystem& system, const SearchOptions& options) {
  SearchOptions with_origins = options;
  with_origins.successors =
      Successors::Bytecode;  // what acted is asked of each step: a table would be made for nothing
  const std::unique_ptr<StateSpace> space = make_whole_space(system, with_origins);
  const std::vector<std::uint64_t> initial = packed_initial_states(*space);
  HuntControl control(options);
  Hunter hunter(*space, initial, options, control);
  std::optional<std::uint32_t> done;
  try {
    done = FewInterruptions(hunter, options.interruptions).search();
  } catch (const std::bad_alloc&) {
    control.stop(LimitKind::Memory);  // the machine has less than the limit allows; what was found so far stands
  }
  std::vector<bool> exercised(system.rules.size(), false);
  hunter.add_exercised(exercised);
  std::vector<Finding> findings;
  for (HuntFinding& found : hunter.take_findings()) {
    found.finding.run = run_through(*space, found.path, found.check);
    findings.push_back(std::move(found.finding));
  }
  Exploration result = hunt_result(control, std::move(findings), exercised);
  result.hunt = Hunt{};
  result.hunt->kind = Hunt::Kind::FewInterruptions;
  result.hunt->interruptions = done;
  return result;
}

}  // namespace quiesce::checker
