#include "checker/space/choose_successors.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "checker/smt/initial_solver.h"
#include "checker/successor/state_filter.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSample = 1024;             // states
constexpr std::size_t kFew = 256;                 // a system with fewer is searched at once
constexpr std::size_t kMaxSuccessors = 1U << 16;  // of the sample; it is cut where there are more
constexpr int kRounds = 3;                        // of which the fastest counts
constexpr auto kPatience = std::chrono::milliseconds(10);

/// Ends the expansion of a state that has very many successors.
class NoMore : public SuccessorDrain {
 public:
  bool drain(PackedSuccessors&) override { return false; }
};

/// The first states of a breadth-first search, as far as they break nothing: one after the other.
class Sample {
 public:
  explicit Sample(const PackedSystem& system) : system_(system), words_(system.packing().words()) {}

  std::vector<std::uint64_t> take() {
    const auto end = Clock::now() + kPatience;
    const auto may_go_on = [&] { return Clock::now() < end; };
    CanonicalPacker packer(system_);
    std::vector<std::uint64_t> packed(words_);
    InitialSolver guide(system_.system());
    model::Interpreter(system_.system())
        .for_each_initial_state(
            [&](const model::State& state) {
              packer.pack(state.data(), packed.data());
              add(packed.data());
              return known_.size() < kSample;
            },
            may_go_on, &guide);
    StateFilter filter(system_);
    PackedExpander expander(system_);
    NoMore no_more;
    PackedSuccessors next;
    std::size_t made = 0;
    for (std::size_t at = 0; at < states_.size() && known_.size() < kSample && made < kMaxSuccessors; at += words_) {
      if (!may_go_on()) break;
      const std::vector<std::uint64_t> state(states_.begin() + static_cast<std::ptrdiff_t>(at),
                                             states_.begin() + static_cast<std::ptrdiff_t>(at + words_));
      std::uint8_t maybe = 0;
      filter.may_show(state.data(), 1, &maybe);
      if (maybe != 0) continue;
      safe_.insert(safe_.end(), state.begin(), state.end());
      next.clear();
      expander.expand(state.data(), 1, next, &no_more);
      made += next.states.size() / words_;
      for (std::size_t i = 0; i < next.states.size(); i += words_) add(next.states.data() + i);
    }
    return safe_;
  }

 private:
  void add(const std::uint64_t* state) {
    if (known_.emplace(state, state + words_).second) states_.insert(states_.end(), state, state + words_);
  }

  const PackedSystem& system_;
  const std::size_t words_;
  std::set<std::vector<std::uint64_t>> known_;
  std::vector<std::uint64_t> states_;  // in the order in which they were found
  std::vector<std::uint64_t> safe_;    // those expanded
};

}  // namespace

bool is_order_seen(const SearchOptions& options) {
  return options.order != Order::BreadthFirst || options.storage != Storage::Exact || options.limits.states.has_value();
}

bool is_bytecode_faster(const PackedSystem& system) {
  if (system.table() == nullptr) return false;
  const std::vector<std::uint64_t> states = Sample(system).take();
  const std::size_t count = states.size() / system.packing().words();
  if (count < kFew) return false;
  PackedExpander commands(system, Successors::Table), bytecode(system, Successors::Bytecode);
  NoMore no_more;
  PackedSuccessors out;
  const auto time = [&](PackedExpander& expander) {
    const auto begin = Clock::now();
    out.clear();
    expander.expand(states.data(), count, out, &no_more);
    return Clock::now() - begin;
  };
  Clock::duration of_commands = Clock::duration::max(), of_bytecode = Clock::duration::max();
  for (int round = 0; round < kRounds; ++round) {
    of_commands = std::min(of_commands, time(commands));
    of_bytecode = std::min(of_bytecode, time(bytecode));
  }
  return of_bytecode < of_commands;
}

}  // namespace quiesce::checker
