// Bounded model checking: runs of 0, 1, 2, ... steps, each length one query over copies of the circuit (Biere, Cimatti,
// Clarke, Zhu, TACAS 1999), in one solver that keeps what it learnt. It finds shortest runs and proves nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "checker/symbolic/bit_run.h"
#include "checker/symbolic/encode.h"
#include "checker/symbolic/engine_control.h"

namespace quiesce::checker {

class Bmc {
 public:
  enum class Answer { NoneWithin, Broken, Stopped };

  /// All must outlive it.
  Bmc(const Encoding& encoding, EngineControl& control);
  ~Bmc();

  /// Whether a run of at most `bound` steps ends in a state that breaks a rule of these positions in Encoding::bad, or
  /// that a step breaks it from. It may be called again, with fewer rules or a greater bound: what was tried is not
  /// tried again.
  Answer search(const std::vector<std::size_t>& bad, std::optional<std::uint32_t> bound);

  /// After Broken: a shortest run, and the position of a rule that it breaks.
  const BitRun& run() const;
  std::size_t broken() const;

  /// No run of so many steps breaks the rules of the last call; none: not even of 0 steps is known.
  std::optional<std::uint32_t> depth() const;

 private:
  class Search;
  std::unique_ptr<Search> search_;
};

}  // namespace quiesce::checker
