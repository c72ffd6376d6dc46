#include "tests/differential/loose_system.h"

#include <string>
#include <utility>
#include <vector>

#include "tests/differential/random.h"
#include "tests/support/system_builder.h"

namespace quiesce {

using namespace model;

namespace {

class LooseBuilder : public SystemBuilder {
 public:
  explicit LooseBuilder(std::uint64_t seed) : random_(seed) {}

  TransitionSystem build() {
    system.cpus = random_.chance(50) ? 1 : 2;
    core_ = rule("core.loose", true);
    for (int i = 0; i < 3; ++i) rules_.push_back(rule("loose.rule" + std::to_string(i)));
    const int threads = static_cast<int>(random_.between(2, 4));
    for (int g = 0; g < threads + 1; ++g) {
      groups_.emplace_back();
      for (int i = 0; i < 2; ++i) {
        groups_.back().push_back(integer("v" + std::to_string(g) + std::to_string(i), 0, 2));
        if (random_.chance(15)) initial_any(groups_.back().back());
      }
    }
    for (int t = 0; t < threads; ++t) declare(static_cast<std::size_t>(t), true);
    const int handlers = static_cast<int>(random_.between(0, 2));
    for (int h = 0; h < handlers; ++h) {
      declare(static_cast<std::size_t>(random_.between(0, threads)), false);
    }
    for (const auto& [k, group] : bodies_) fill(k, group);
    const int actions = static_cast<int>(random_.between(0, 2));
    for (int a = 0; a < actions; ++a) {
      const auto group = static_cast<std::size_t>(random_.between(0, threads));
      action("action" + std::to_string(a), test(group), {assignment(group)});
    }
    const int properties = static_cast<int>(random_.between(0, 3));
    for (int i = 0; i < properties; ++i) {
      const auto group = static_cast<std::size_t>(random_.between(0, threads));
      const ExprId both = exprs().conjunction(test(group), test(any_group()));
      const PropertyKind kind = random_.chance(60) ? PropertyKind::Never : PropertyKind::Reachable;
      property(kind, random_.chance(10) ? core_ : rules_[static_cast<std::size_t>(random_.between(0, 2))], both);
    }
    if (random_.chance(50)) {
      Property deadlock;
      deadlock.kind = PropertyKind::DeadlockFree;
      deadlock.rule = rule("loose.deadlock");
      system.properties.push_back(deadlock);
    }
    return std::move(system);
  }

 private:
  std::size_t any_group() {
    return static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(groups_.size()) - 1));
  }
  /// Mostly of the group.
  CellId cell(std::size_t group) {
    const std::vector<CellId>& cells = groups_[random_.chance(85) ? group : any_group()];
    return cells[static_cast<std::size_t>(random_.between(0, 1))];
  }
  ExprId test(std::size_t group) {
    if (!bodies_.empty() && random_.chance(12)) {  // where a context stands, or whether it runs
      const ContextId k = random_.any_of(bodies_).first;
      if (random_.chance(50)) return exprs().add(IdleExpr{k});
      const auto locations = static_cast<std::int64_t>(system.at(k).locations.size());
      return is(system.at(k).location_cell[0], random_.between(1, locations));
    }
    return is(cell(group), random_.between(0, 2));
  }
  Op assignment(std::size_t group) {
    const CellId to = cell(group);
    return random_.chance(70) ? set(to, random_.between(0, 2)) : set(to, get(cell(group)));
  }

  void declare(std::size_t group, bool is_thread) {
    const auto locations = static_cast<std::uint32_t>(is_thread ? random_.between(3, 5) : random_.between(1, 2));
    const std::string name = (is_thread ? "thread" : "handler") + std::to_string(bodies_.size());
    ContextId k;
    if (is_thread) {
      k = thread(name, locations);
    } else {
      k = handler(name, random_.chance(70) ? random_.between(2, 5) : 0, test(random_.chance(50) ? group : any_group()),
                  locations);
      if (random_.chance(70)) system.contexts[k.value].start = program({assignment(group), go(k, 1)});
      Context& context = system.contexts[k.value];
      if (context.start_level >= system.pin_level && random_.chance(50)) {
        context.cpus = OnOne{number(1)};
        context.urgent = random_.chance(75);
        system.fixed_cpus |= 1;
      }
    }
    bodies_.emplace_back(k, group);
  }

  void fill(ContextId k, std::size_t group) {
    const bool is_thread = system.at(k).kind == ContextKind::Thread;
    const auto last = static_cast<std::uint32_t>(system.at(k).locations.size());
    const CellId level = system.at(k).level_cell[0];
    std::uint32_t lower_at = 0;  // the location that lowers what was raised
    for (std::uint32_t n = 1; n <= last; ++n) {
      const Op next = n < last ? go(k, n + 1) : is_thread && random_.chance(25) ? go(k, 1) : end();
      location(k, n).mergeable = false;
      if (n == lower_at) {
        at(k, n) = program({set(level, 0), next});
        continue;
      }
      switch (random_.between(0, 9)) {
        case 0:
          at(k, n) = program(
              {branch(test(group), 2),
               go(k, static_cast<std::uint32_t>(random_.between(lower_at > n ? n + 1 : 1, lower_at > n ? n + 1 : n))),
               next});
          break;
        case 1:
          at(k, n) = program({choose(0, 0, 1), set(cell(group), temp(0)), next});
          break;
        case 2:
        case 3:
          at(k, n) = program({assignment(group), next});
          wait(k, n, test(group), random_.chance(50) ? WaitKind::Await : WaitKind::Spin);
          break;
        case 4:
          at(k, n) =
              program({check(exprs().negation(test(group)),
                             random_.chance(12) ? core_ : rules_[static_cast<std::size_t>(random_.between(0, 2))]),
                       assignment(group), next});
          break;
        case 5:
          if (is_thread && lower_at < n && n < last) {
            lower_at = n + 1 + static_cast<std::uint32_t>(random_.between(0, last - n - 1));
            at(k, n) = program({set(level, 2), next});
            break;
          }
          [[fallthrough]];
        default:
          at(k, n) = program({assignment(group), next});
      }
    }
  }

  Random random_;
  RuleId core_;
  std::vector<RuleId> rules_;
  std::vector<std::vector<CellId>> groups_;
  std::vector<std::pair<ContextId, std::size_t>> bodies_;
};

}  // namespace

TransitionSystem loose_system(std::uint64_t seed) { return LooseBuilder(seed).build(); }

}  // namespace quiesce
