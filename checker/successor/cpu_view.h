// The compiled scheduler (docs/semantics.md, 3.3 to 3.6): which contexts may step on which CPUs of a state. Written
// once over a reader of states, so that bytecode, which reads cells, and the table of commands, which reads packed
// words, schedule alike.
//
// A reader offers
//   cpus()            how many CPUs there are
//   each_pinned(f)    calls f(slot, c, level, is_handler) for every activation that is pinned to a CPU c
//   each_urgent(f)    calls f(level, wants) for every urgent handler that pins and has a free activation, the highest
//                     level first, until f returns false; wants(c): its condition holds and it allows CPU c
//   unpin(slot)       lets an activation float (for float_unpinned only)
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "checker/successor/compiled_system.h"

namespace quiesce::checker {

/// What the scheduler must know about the CPUs of one state.
struct CpuView {
  static constexpr std::int32_t kNone = -1;
  std::array<std::int32_t, kMaxCpus> top;          // highest level of a context pinned there, or kNone
  std::array<std::int32_t, kMaxCpus> top_handler;  // the same of activations of handlers only
  std::array<std::int32_t, kMaxCpus> urgent;       // highest level of an urgent handler that may start there, or kNone

  /// 3.3: whether a context that is pinned to `c` at `level` may step.
  bool may_step(std::size_t c, std::int32_t level) const { return top[c] <= level && urgent[c] <= level; }

  /// 3.4: whether a handler that pins may start on `c` at `level`, if it allows that CPU.
  bool may_start(std::size_t c, std::int32_t level) const { return top[c] < level && urgent[c] <= level; }

  /// 3.3: the CPUs on which a floating context of `level` may be executed, bit c for CPU c. `affinity`: the only one
  /// (c + 1), or 0.
  std::uint32_t floating_cpus(std::uint32_t cpus, std::int32_t level, std::int32_t affinity) const {
    std::uint32_t allowed = 0;
    for (std::uint32_t c = 0; c < cpus; ++c) {
      if (affinity != 0 && affinity != static_cast<std::int32_t>(c) + 1) continue;
      if (top[c] == kNone && urgent[c] <= level) allowed |= 1u << c;
    }
    return allowed;
  }

  /// 3.6: whether a context below the pin level stays pinned to `c`.
  bool keeps(std::size_t c, std::int32_t level) const { return urgent[c] != kNone || top_handler[c] > level; }
};

/// O(activations + urgent handlers).
template <class Reader>
CpuView view_of(Reader& reader) {
  CpuView view;
  view.top.fill(CpuView::kNone);
  view.top_handler.fill(CpuView::kNone);
  view.urgent.fill(CpuView::kNone);
  reader.each_pinned([&view](std::uint32_t, std::size_t c, std::int32_t level, bool is_handler) {
    view.top[c] = std::max(view.top[c], level);
    if (is_handler) view.top_handler[c] = std::max(view.top_handler[c], level);
  });
  // "No urgent handler of a higher level may start there" need not be asked: of those for which the rest holds, the
  // highest may start, and only the highest level is wanted.
  const std::uint32_t cpus = reader.cpus();
  reader.each_urgent([&view, cpus](std::int32_t level, const auto& wants) {
    bool undecided = false;
    for (std::size_t c = 0; c < cpus; ++c) {
      if (view.urgent[c] != CpuView::kNone) continue;
      if (view.top[c] < level && wants(c)) {
        view.urgent[c] = level;
      } else {
        undecided = true;
      }
    }
    return undecided;
  });
  return view;
}

/// 3.6: lets every context float that is pinned below the pin level without a reason. All reasons are judged in the
/// state as the step left it. Whether that changed anything.
template <class Reader>
bool float_unpinned(Reader& reader, std::int32_t pin_level) {
  bool is_any_below = false;
  reader.each_pinned(
      [&](std::uint32_t, std::size_t, std::int32_t level, bool) { is_any_below = is_any_below || level < pin_level; });
  if (!is_any_below) return false;
  const CpuView view = view_of(reader);
  bool changed = false;
  reader.each_pinned([&](std::uint32_t slot, std::size_t c, std::int32_t level, bool) {
    if (level >= pin_level || view.keeps(c, level)) return;
    reader.unpin(slot);
    changed = true;
  });
  return changed;
}

}  // namespace quiesce::checker
