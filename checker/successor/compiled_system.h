// A transition system prepared for fast stepping: its programs and conditions as bytecode, and the tables
// that the scheduler needs. Built once per search, immutable, shared by all threads.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "checker/successor/bytecode.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

inline constexpr std::uint32_t kMaxCpus = 4;

/// One program of one activation.
struct CompiledProgram {
  BlockId code = 0;
  std::uint32_t temps = 0;  // the first registers: 0 when the program begins
  bool uses_cpu = false;
  bool may_repeat = false;  // chooses something that does not count: outcomes of one run may be the same step
};

/// One activation of a context (a thread has one): where its cells are and what it does at each location.
struct CompiledActivation {
  std::uint32_t context = 0;
  std::uint32_t activation = 0;
  std::int32_t location_cell = 0;
  std::int32_t level_cell = 0;
  std::int32_t cpu_cell = 0;
  std::int32_t affinity_cell = -1;  // none
  bool is_handler = false;
  std::vector<CompiledProgram> locations;  // by the value of the location cell; 0 is unused
};

/// The start of a handler.
struct CompiledHandler {
  std::uint32_t context = 0;
  std::int32_t level = 0;
  bool urgent = false;
  bool pins = false;  // its level is at or above the pin level
  std::uint32_t first_slot = 0;
  std::uint32_t activations = 1;
  BlockId condition = 0;
  enum class Cpus : std::uint8_t { Any, One, Set } cpus = Cpus::Any;
  BlockId on_cpu = 0;                  // One: the CPU as a cell value
  std::vector<BlockId> on_set;         // Set: a condition per CPU
  std::vector<CompiledProgram> start;  // per activation
};

struct CompiledAction {
  CompiledProgram program;
};

struct CompiledProperty {
  model::PropertyId id;
  model::PropertyKind kind = model::PropertyKind::Invariant;
  model::RuleId rule;
  bool core = false;
  BlockId condition = 0;
  bool has_trigger = false;
  BlockId trigger = 0;
};

class CompiledSystem {
 public:
  /// Requires: a valid system (model/system/validate.h), which must outlive this.
  explicit CompiledSystem(const model::TransitionSystem& system);

  const model::TransitionSystem& system() const { return system_; }

  Code code;
  std::vector<CompiledActivation> activations;  // by slot
  std::vector<CompiledHandler> handlers;        // by context index
  std::vector<std::uint32_t> urgent_handlers;   // positions in `handlers`, highest level first; only those that pin
  std::vector<CompiledAction> actions;          // by action index
  std::vector<CompiledProperty> properties;     // by property index
  std::vector<std::int32_t> rest;               // per cell
  std::int32_t pin_level = 2;
  std::uint32_t cpus = 1;

 private:
  const model::TransitionSystem& system_;
};

}  // namespace quiesce::checker
