#include "model/passes/held_up.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>
#include <variant>

#include "model/base/patience.h"
#include "model/passes/partly_known.h"
#include "model/passes/sharing.h"

namespace quiesce::model {
namespace {

constexpr std::int64_t kLargest = 4;         // of a variable that is followed
constexpr std::size_t kMostPoints = 20'000;  // places with what is known there
constexpr std::size_t kMostSteps = 400'000;  // operations executed
constexpr std::int64_t kMostChoices = 8;

/// What is known of cells, and in a step of temps; what is missing may be anything.
using Known = std::map<CellId, std::int64_t>;
using Temps = std::map<std::uint32_t, std::int64_t>;

/// A place of the thread and what is known there.
struct Point {
  std::int64_t number = 0;
  Known known;
  auto operator<=>(const Point&) const = default;
};

/// A handler that stands at its last place, on a CPU if its level is pinned.
struct Obstacle {
  ContextId handler;
  std::optional<std::int64_t> cpu;  // from 1, as cells hold it
};

class TooMuch {};

/// Follows one thread.
class ThreadWalk {
 public:
  ThreadWalk(const TransitionSystem& system, const ValueRanges& ranges, ContextId thread)
      : system_(system), ranges_(ranges), context_(system.at(thread)), followed_(system.cells.size(), false) {
    const Sharing sharing(system);
    for (const CellId cell : context_.local_cells.front()) {
      const Cell& one = system.at(cell);
      followed_[cell.value] = sharing.written_by[cell.value] == thread.value && one.lo >= 0 && one.hi <= kLargest;
    }
    for (const CellId cell : context_.affinity_cell) followed_[cell.value] = true;
  }

  Point beginning() const {
    Point begin{system_.at(context_.entry).number, {}};
    for (std::size_t c = 0; c < followed_.size(); ++c) {
      if (followed_[c]) begin.known.emplace(CellId(c), system_.cells[c].rest);
    }
    for (const InitialAssign& assign : system_.initial) begin.known.erase(assign.cell);
    return begin;
  }

  /// Calls `arrive(point)` for all that a step from `from` may lead to.
  template <typename Arrive>
  void step(const Point& from, const std::optional<Obstacle>& obstacle, Arrive arrive) {
    const LocationId place = context_.locations[static_cast<std::size_t>(from.number) - 1];
    if (obstacle && is_kept_from_its_cpu(place, from, *obstacle)) return;
    const Location& location = system_.at(place);
    if (location.guard.valid() && value_of(location.guard, {0, from.known, {}}, obstacle) == 0) return;
    std::set<At> seen;
    std::vector<At> open;
    const auto go = [&](At at) {
      if (seen.insert(at).second) open.push_back(std::move(at));
    };
    go({0, from.known, {}});
    while (!open.empty()) {
      if (++steps_ > kMostSteps) throw TooMuch();
      At at = std::move(open.back());
      open.pop_back();
      execute(location.program.ops[at.op], std::move(at), obstacle, go, arrive);
    }
  }

 private:
  /// Before an operation.
  struct At {
    std::size_t op = 0;
    Known known;
    Temps temps;
    auto operator<=>(const At&) const = default;
  };

  /// A thread never comes above a pinned handler on its CPU: what stood there when that began is below it. Where it is
  /// pinned itself, it may be on another CPU than that of its `on`.
  bool is_kept_from_its_cpu(LocationId place, const Point& from, const Obstacle& obstacle) const {
    if (!obstacle.cpu) return false;
    if (system_.cpus == 1) return true;
    if (!ranges_.reached(place) || ranges_.level(place).hi >= system_.pin_level) return false;
    return std::any_of(context_.affinity_cell.begin(), context_.affinity_cell.end(), [&](CellId cell) {
      const auto affinity = from.known.find(cell);
      return affinity != from.known.end() && affinity->second == *obstacle.cpu;
    });
  }

  std::optional<std::int64_t> value_of(ExprId root, const At& at, const std::optional<Obstacle>& obstacle) const {
    return partly_known(system_, root, [&](const Expr& expr) -> std::optional<std::int64_t> {
      if (const auto* idle = std::get_if<IdleExpr>(&expr)) {
        return obstacle && idle->context == obstacle->handler ? std::optional<std::int64_t>(0) : std::nullopt;
      }
      if (const auto* temp = std::get_if<TempExpr>(&expr)) {
        const auto value = at.temps.find(temp->temp.value);
        return value == at.temps.end() ? std::nullopt : std::optional<std::int64_t>(value->second);
      }
      const auto* load = std::get_if<LoadExpr>(&expr);
      if (load == nullptr || load->place.cells.size() != 1) return std::nullopt;
      const auto value = at.known.find(load->place.cells.front());
      return value == at.known.end() ? std::nullopt : std::optional<std::int64_t>(value->second);
    });
  }

  void assign(const AssignOp& op, At& at, const std::optional<Obstacle>& obstacle) const {
    const std::optional<std::int64_t> value = value_of(op.value, at, obstacle);
    std::vector<CellId> cells = op.place.cells;
    if (op.place.index.valid()) {
      const auto index = value_of(op.place.index, at, obstacle);
      if (index && *index >= 0 && *index < static_cast<std::int64_t>(cells.size())) {
        cells = {cells[static_cast<std::size_t>(*index)]};
      }
    }
    for (const CellId cell : cells) {
      at.known.erase(cell);
      if (value && cells.size() == 1 && followed_[cell.value]) at.known.emplace(cell, *value);
    }
  }

  template <typename Go, typename Arrive>
  void execute(const Op& op, At at, const std::optional<Obstacle>& obstacle, Go go, Arrive arrive) const {
    ++at.op;
    if (const auto* assigns = std::get_if<AssignOp>(&op)) {
      assign(*assigns, at, obstacle);
    } else if (const auto* let = std::get_if<LetOp>(&op)) {
      const auto value = value_of(let->value, at, obstacle);
      at.temps.erase(let->temp.value);
      if (value) at.temps.emplace(let->temp.value, *value);
    } else if (const auto* choose = std::get_if<ChooseOp>(&op)) {
      at.temps.erase(choose->temp.value);
      if (choose->hi - choose->lo < kMostChoices) {
        for (std::int64_t value = choose->lo; value <= choose->hi; ++value) {
          At chosen = at;
          chosen.temps.emplace(choose->temp.value, value);
          go(std::move(chosen));
        }
        return;
      }
    } else if (const auto* branch = std::get_if<BranchOp>(&op)) {
      const auto condition = value_of(branch->condition, at, obstacle);
      At other = at;
      other.op = branch->otherwise;
      if (!condition || *condition == 0) go(std::move(other));
      if (condition && *condition == 0) return;
    } else if (const auto* jump = std::get_if<JumpOp>(&op)) {
      at.op = jump->target;
    } else if (const auto* assume = std::get_if<AssumeOp>(&op)) {
      if (value_of(assume->condition, at, obstacle) == 0) return;
    } else if (const auto* check = std::get_if<CheckOp>(&op)) {
      if (system_.at(check->rule).core && value_of(check->condition, at, obstacle) == 0) return;  // ends the run
    } else if (const auto* leave = std::get_if<GotoOp>(&op)) {
      arrive(Point{system_.at(leave->location).number, std::move(at.known)});
      return;
    } else if (std::holds_alternative<EndOp>(op)) {
      return;
    }
    go(std::move(at));
  }

  const TransitionSystem& system_;
  const ValueRanges& ranges_;
  const Context& context_;
  std::vector<bool> followed_;  // per cell
  std::size_t steps_ = 0;
};

/// All points that steps lead to from some, with the steps.
class Points {
 public:
  Points(ThreadWalk& walk, std::optional<Obstacle> obstacle) : walk_(walk), obstacle_(obstacle) {}

  void add(const Point& point) {
    const auto [known, is_new] = numbers_.emplace(point, points_.size());
    if (is_new) points_.push_back(&known->first);
  }

  void follow() {
    for (std::size_t from = 0; from < points_.size(); ++from) {
      if (points_.size() > kMostPoints) throw TooMuch();
      ask_patience();
      walk_.step(*points_[from], obstacle_, [&](const Point& to) {
        add(to);
        before_.resize(points_.size());
        before_[numbers_.at(to)].push_back(from);
      });
    }
    before_.resize(points_.size());
  }

  const std::vector<const Point*>& all() const { return points_; }

  /// The places of those of the first `count` points from which one can come to `places`, and these.
  std::set<std::int64_t> that_come_to(const std::set<std::int64_t>& places, std::size_t count) const {
    std::vector<bool> comes(points_.size(), false);
    std::vector<std::size_t> open;
    const auto mark = [&](std::size_t point) {
      if (!comes[point]) open.push_back(point);
      comes[point] = true;
    };
    for (std::size_t p = 0; p < points_.size(); ++p) {
      if (places.count(points_[p]->number) != 0) mark(p);
    }
    while (!open.empty()) {
      const std::size_t to = open.back();
      open.pop_back();
      for (const std::size_t from : before_[to]) mark(from);
    }
    std::set<std::int64_t> result = places;
    for (std::size_t p = 0; p < count; ++p) {
      if (comes[p]) result.insert(points_[p]->number);
    }
    return result;
  }

 private:
  ThreadWalk& walk_;
  const std::optional<Obstacle> obstacle_;
  std::map<Point, std::size_t> numbers_;
  std::vector<const Point*> points_;
  std::vector<std::vector<std::size_t>> before_;  // per point: from which a step leads there
};

}  // namespace

std::optional<std::set<std::int64_t>> places_that_come_to(const TransitionSystem& system, const ValueRanges& ranges,
                                                          ContextId thread, const std::set<std::int64_t>& places,
                                                          ContextId handler) {
  try {
    ThreadWalk walk(system, ranges, thread);
    Points free(walk, std::nullopt);
    free.add(walk.beginning());
    free.follow();
    std::set<std::int64_t> result = places;
    const bool is_pinned = system.at(handler).start_level >= system.pin_level;
    const std::int64_t last = is_pinned ? system.cpus : 1;
    for (std::int64_t cpu = 1; cpu <= last; ++cpu) {
      Points held(walk, Obstacle{handler, is_pinned ? std::optional<std::int64_t>(cpu) : std::nullopt});
      for (const Point* point : free.all()) held.add(*point);
      held.follow();
      result.merge(held.that_come_to(places, free.all().size()));
    }
    return result;
  } catch (const TooMuch&) {
    return std::nullopt;
  }
}

}  // namespace quiesce::model
