// When a symbolic engine is to stop: the limits of the whole check, the memory of the process, and another engine that
// was faster. Asked between queries and, by the solver, within them.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "checker/result/memory_budget.h"
#include "checker/result/search_control.h"

namespace quiesce::checker {

/// For one thread. What it is made of must outlive it.
class EngineControl {
 public:
  EngineControl(const SearchControl& whole, std::optional<std::uint64_t> memory_bytes,
                const std::atomic<bool>* cancelled = nullptr)
      : whole_(whole), memory_bytes_(memory_bytes), cancelled_(cancelled) {}

  /// Why to stop now; None: continue. The answer does not change any more once it is a reason. Cost: some 20 ns, now
  /// and then microseconds.
  LimitKind reason() {
    if (reason_ == LimitKind::None) reason_ = look();
    return reason_;
  }

 private:
  static constexpr std::uint32_t kBetweenMeasurements = 1024;  // of memory

  LimitKind look() {
    if (cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed)) return LimitKind::Interrupted;
    if (const LimitKind limit = whole_.reason(); limit != LimitKind::None) return limit;
    if (memory_bytes_ && ++asked_ % kBetweenMeasurements == 0 && process_bytes() > *memory_bytes_)
      return LimitKind::Memory;
    return LimitKind::None;
  }

  const SearchControl& whole_;
  std::optional<std::uint64_t> memory_bytes_;
  const std::atomic<bool>* cancelled_;
  LimitKind reason_ = LimitKind::None;
  std::uint32_t asked_ = 0;
};

}  // namespace quiesce::checker
