// What the scheduler finds for a state (cpu_view.h): which contexts may step, and which commands of others are compared
// with it. It depends on few fields of the state: on which CPU and at which level contexts run, which of them run at
// all, and what urgent handlers ask for. These take few values together, so what was found is kept by them; where each
// context stands, which takes many, is asked of each state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/successor/command_table.h"
#include "checker/successor/cpu_view.h"
#include "checker/successor/match_commands.h"

namespace quiesce::checker {

/// A group to be matched and what holds for its commands; or a guard, and the bytecode behind it.
struct CommandRequest {
  enum class Behind : std::uint8_t { Commands, Slot, Handler, Action } behind = Behind::Commands;
  std::uint32_t code = 0;  // which slot, handler or action
  std::uint32_t cpus = 0;  // where a floating step could be taken; 0: it is pinned or its commands are per CPU
  std::uint32_t slot = 0;  // whose step, for its CPU cell
  std::int32_t cpu = -1;   // where the step is taken; -1: it floats
  bool may_repeat = false;
  bool settles = false;  // the context may be left pinned below the pin level
};

/// Pieces of bytecode to be run, by what they are of.
struct CodeToRun {
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> handlers;
  std::vector<std::uint32_t> actions;

  bool is_empty() const { return slots.empty() && handlers.empty() && actions.empty(); }
  void clear() {
    slots.clear();
    handlers.clear();
    actions.clear();
  }
  void add(const CodeToRun& others) {
    if (others.is_empty()) return;
    slots.insert(slots.end(), others.slots.begin(), others.slots.end());
    handlers.insert(handlers.end(), others.handlers.begin(), others.handlers.end());
    actions.insert(actions.end(), others.actions.begin(), others.actions.end());
  }
  void add(CommandRequest::Behind behind, std::uint32_t code) {
    (behind == CommandRequest::Behind::Slot      ? slots
     : behind == CommandRequest::Behind::Handler ? handlers
                                                 : actions)
        .push_back(code);
  }
};

/// Groups to be compared with a state, and what is run whether they match or not.
struct CommandRequests {
  bool asks_for_code = false;  // some group is a guard of bytecode
  std::vector<MatchTable::Group> groups;
  std::vector<CommandRequest> requests;  // of each group
  CodeToRun code;

  void add(const CommandRequests& others) {
    asks_for_code = asks_for_code || others.asks_for_code;
    groups.insert(groups.end(), others.groups.begin(), others.groups.end());
    requests.insert(requests.end(), others.requests.begin(), others.requests.end());
    code.add(others.code);
  }
  void clear() {
    asks_for_code = false;
    groups.clear();
    requests.clear();
    code.clear();
  }
};

/// An activation that may step.
struct AgendaStep {
  std::uint32_t slot = 0;
  std::int32_t cpu = -1;   // where it is pinned; -1: it floats
  std::uint32_t cpus = 0;  // where it may be executed when it floats
};

struct Agenda {
  CpuView view{};
  bool someone_below = false;  // a context stands pinned below the pin level
  std::vector<AgendaStep> steps;
  CommandRequests others;  // starts of handlers, actions

  void clear() {
    someone_below = false;
    steps.clear();
    others.clear();
  }
};

/// Not thread-safe. Memory: some hundred bytes for each of at most 256 agendas.
class AgendaCache {
 public:
  /// For states of `words` words. Requires: `table` outlives this.
  AgendaCache(const CommandTable& table, std::size_t words);

  /// The agenda of a state.
  struct Found {
    Agenda& agenda;
    bool is_known = false;  // false: it is empty
  };

  /// What is not known is to be filled, then kept: both before the next call. Cost: O(words + activations).
  Found find(const std::uint64_t* state);
  void keep() { is_filled_[place_] = is_keeping_; }

 private:
  static constexpr unsigned kPlaceBits = 8;

  void read_key(const std::uint64_t* state);

  const CommandTable& table_;
  std::vector<std::uint64_t> asked_;  // by word: the bits that the scheduler asks for
  std::vector<std::uint64_t> key_;    // of a state: these bits, and one for each activation that runs
  bool is_keeping_ = true;            // false: it asks bytecode too, which may read anything
  std::vector<Agenda> agendas_;       // by place
  std::vector<std::uint64_t> keys_;   // by place: that key
  std::vector<bool> is_filled_;       // by place
  std::size_t place_ = 0;             // of the agenda found last
};

}  // namespace quiesce::checker
