#include "checker/search/first_look.h"

#include <algorithm>

#include "checker/result/search_control.h"
#include "checker/search/few_interruptions.h"
#include "checker/space/state_space.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {
namespace {

constexpr std::chrono::milliseconds kMoment{500};
constexpr std::uint32_t kInterruptions = 2;

SearchOptions options_of_look(const SearchOptions& options) {
  SearchOptions look = options;
  look.limits = {};
  look.limits.time = kMoment;
  look.after_first.reset();
  look.first_look = nullptr;
  look.progress = nullptr;
  look.control = nullptr;
  look.order = Order::FewInterruptions;
  look.interruptions = kInterruptions;
  return look;
}

}  // namespace

FirstLook::FirstLook(const model::TransitionSystem& system, const SearchOptions& options)
    : system_(system), options_(options_of_look(options)) {}

bool FirstLook::take() {
  if (seen_) return broken_rules_ > 0;
  const SearchControl control(options_.limits, options_.interrupt);
  options_.control = &control;
  Exploration seen = explore_few_interruptions(system_, options_);
  options_.control = nullptr;
  const std::vector<bool> is_asked = whole_interest(system_).rules;
  for (Finding& finding : seen.findings) {
    finding.is_shortest = finding.run.steps.size() <= 1;
    if (!is_asked[finding.rule.value]) continue;
    const std::size_t steps = finding.run.steps.size();
    shortest_run_ = broken_rules_++ == 0 ? steps : std::min(shortest_run_, steps);
  }
  seen_ = std::move(seen);
  return broken_rules_ > 0;
}

Statistics FirstLook::add_to_progress(Statistics statistics) const {
  if (broken_rules_ == 0) return statistics;
  const bool is_first = statistics.broken_rules == 0;
  statistics.shortest_run = is_first ? shortest_run_ : std::min(statistics.shortest_run, shortest_run_);
  statistics.broken_rules = std::max(statistics.broken_rules, broken_rules_);
  return statistics;
}

void FirstLook::add_to(Exploration& exploration) const {
  const bool is_whole = exploration.limit == LimitKind::None && !exploration.after_first;
  if (!seen_ || is_whole || exploration.problem) return;
  for (const Finding& finding : seen_->findings) {
    const auto same = std::find_if(exploration.findings.begin(), exploration.findings.end(),
                                   [&](const Finding& other) { return other.rule == finding.rule; });
    if (same == exploration.findings.end()) {
      exploration.findings.push_back(finding);
    } else if (same->no_run != LimitKind::None) {
      *same = finding;
    }
  }
}

}  // namespace quiesce::checker
