#include "model/base/patience.h"

#include <utility>

namespace quiesce::model {

namespace {

constexpr unsigned kAskedOf = 8;  // pieces: whom to ask may read a clock

struct OutOfPatience {
  Span where;
};

/// What the work of this thread asks whether it may continue; null: nothing.
thread_local const std::function<bool()>* waiting = nullptr;
thread_local unsigned pieces = 0;

}  // namespace

std::optional<CutShort> work_patiently(const std::function<bool()>& may_go_on, const std::function<void()>& work) {
  /// Work may contain work, for which others wait.
  struct Turn {
    explicit Turn(const std::function<bool()>* now) : before(std::exchange(waiting, now)) {}
    ~Turn() { waiting = before; }
    const std::function<bool()>* before;
  };
  const Turn turn(&may_go_on);
  try {
    work();
  } catch (const OutOfPatience& end) {
    return CutShort{end.where};
  }
  return std::nullopt;
}

void ask_patience(Span where) {
  if (waiting == nullptr || ++pieces % kAskedOf != 0) return;
  if (!(*waiting)()) throw OutOfPatience{where};
}

}  // namespace quiesce::model
