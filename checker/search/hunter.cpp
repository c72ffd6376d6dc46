#include "checker/search/hunter.h"

#include <algorithm>
#include <utility>

#include "model/base/scramble.h"

namespace quiesce::checker {

using model::RuleId;

std::uint64_t HuntRandom::next() {
  const std::uint64_t result = model::scramble(state_);
  state_ += model::kScrambleStep;
  return result;
}

// ---------------------------------------------------------------------------------------------- limits

bool HuntControl::take_state() {
  if (is_stopped()) return false;
  const std::uint64_t before = states_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t most = options_.limits.states.value_or(UINT64_MAX);
  if (before >= most) {
    states_.fetch_sub(1, std::memory_order_relaxed);
    stop(LimitKind::States);
    return false;
  }
  if ((before & 0x3F) == 0) {
    look_around();
    if (is_stopped()) {
      states_.fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
  }
  return true;
}

void HuntControl::count(std::uint64_t steps, std::uint32_t depth) {
  steps_.fetch_add(steps, std::memory_order_relaxed);
  std::uint32_t known = depth_.load(std::memory_order_relaxed);
  while (known < depth && !depth_.compare_exchange_weak(known, depth, std::memory_order_relaxed)) {
  }
}

void HuntControl::add_memory(std::int64_t bytes) {
  const std::int64_t now = memory_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  std::int64_t peak = peak_memory_.load(std::memory_order_relaxed);
  while (peak < now && !peak_memory_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
  if (bytes > 0 && spare_bytes() == 0) stop(LimitKind::Memory);
}

Statistics HuntControl::statistics() const {
  Statistics statistics;
  statistics.distinct_states = states_.load();
  statistics.generated_steps = steps_.load();
  statistics.depth = depth_.load();
  statistics.memory_bytes = budget_.baseline_bytes + held_bytes();
  statistics.peak_memory_bytes = budget_.baseline_bytes + static_cast<std::uint64_t>(peak_memory_.load());
  statistics.wall = std::chrono::steady_clock::now() - began_;
  return statistics;
}

void HuntControl::look_around() {
  if (const LimitKind limit = control().reason(); limit != LimitKind::None) stop(limit);
  if (options_.limits.memory_bytes && process_bytes() > budget_.limit_bytes) stop(LimitKind::Memory);
  stop_.report([this] { return statistics(); });
}

// ---------------------------------------------------------------------------------------------- hunter

std::vector<std::uint64_t> packed_initial_states(StateSpace& space) {
  std::vector<std::uint64_t> packed;
  space.initial([&](const std::uint64_t* state) {
    packed.insert(packed.end(), state, state + space.words());
    return true;
  });
  return packed;
}

Hunter::Hunter(const StateSpace& space, const std::vector<std::uint64_t>& initial_states, const SearchOptions& options,
               HuntControl& control)
    : space_(space.for_thread()),
      initial_(initial_states),
      options_(options),
      control_(control),
      words_(space.words()),
      checked_(Interest::in_rules(space.system()).rules) {
  begin();
}

void Hunter::begin() {
  found_.assign(checked_.size(), false);
  interest_ = Interest::in_rules(space_->system());
  space_->look_for(interest_);
  findings_.clear();
}

void Hunter::record(const model::Violation& violation, const Path& path) {
  HuntFinding found;
  found.finding.rule = violation.rule;
  found.finding.violation = violation;
  found.finding.in_state = true;
  if (violation.property.valid()) found.finding.property = violation.property;
  found.path = keeps_loops_ ? path : without_loops(path);
  add(std::move(found));
}

void Hunter::record(std::int32_t check, const Path& path) {
  HuntFinding found;
  found.finding.violation = space_->broken_by(check);
  found.finding.rule = found.finding.violation.rule;
  found.path = keeps_loops_ ? path : without_loops(path);
  found.check = check;
  add(std::move(found));
}

void Hunter::add(HuntFinding found) {
  const std::uint32_t rule = found.finding.rule.value;
  found_[rule] = true;
  interest_.rules[rule] = false;
  space_->look_for(interest_);
  findings_.push_back(std::move(found));
  if (options_.stop_at_first && checked_[rule]) control_.stop_at_violation();
}

// ---------------------------------------------------------------------------------------------- result

Finding finding_of(StateSpace& space, const HuntFinding& found) {
  Finding finding = found.finding;
  finding.run = run_through(space, shortened(space, found.path), found.check);
  return finding;
}

Exploration hunt_result(const HuntControl& control, std::vector<Finding> findings, const std::vector<bool>& exercised) {
  Exploration result;
  result.findings = std::move(findings);
  std::stable_sort(result.findings.begin(), result.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.run.steps.size() < b.run.steps.size(); });
  for (std::size_t rule = 0; rule < exercised.size(); ++rule) {
    if (exercised[rule]) result.exercised.push_back(RuleId(rule));
  }
  result.statistics = control.statistics();
  result.limit = control.limit();
  result.stopped_at_first = control.stopped_at_violation();
  return result;
}

Exploration hunt_result(Hunter& hunter) {
  std::vector<bool> exercised(hunter.space().system().rules.size(), false);
  hunter.add_exercised(exercised);
  std::vector<Finding> findings;
  for (const HuntFinding& found : hunter.take_findings()) {
    findings.push_back(finding_of(hunter.space(), found));
  }
  return hunt_result(hunter.control(), std::move(findings), exercised);
}

}  // namespace quiesce::checker
