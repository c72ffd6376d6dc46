#include "tests/differential/partial_order.h"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "checker/space/state_space.h"
#include "model/interpret/interpreter.h"
#include "model/system/validate.h"

namespace quiesce {

using namespace checker;

namespace {

/// What a search shows.
struct Shown {
  std::set<std::string> core;    // core rules broken
  std::set<std::string> broken;  // other checked rules, witnesses, triggers, checks executed
  std::uint64_t states = 0;
  std::uint64_t reduced = 0;
  bool complete = true;
};

/// A search that can be read at one glance; the judge of states is the reference interpreter.
Shown search(const model::TransitionSystem& system, bool partial_order, std::uint64_t max_states) {
  const model::Interpreter interpreter(system);
  Shown shown;
  SearchOptions options;
  options.partial_order = partial_order;
  options.symmetry = false;
  const std::unique_ptr<StateSpace> space = make_state_space(system, options);
  const std::size_t words = space->words();
  std::set<std::vector<std::uint64_t>> seen;
  std::vector<std::vector<std::uint64_t>> open;
  const auto is_wanted = [&](model::RuleId rule) {
    return std::find(system.checked.begin(), system.checked.end(), rule) != system.checked.end();
  };
  const auto breaks = [&](model::RuleId rule) {
    if (system.at(rule).core) {
      shown.core.insert(system.at(rule).name);
    } else if (is_wanted(rule)) {
      shown.broken.insert(system.at(rule).name);
    }
  };
  const auto reach = [&](const std::vector<std::uint64_t>& state) {
    if (!seen.insert(state).second) return;
    const model::State cells = space->unpack(state.data());
    const std::vector<model::Violation> violations = interpreter.violations_of(cells);
    for (const model::Violation& violation : violations) breaks(violation.rule);
    for (const model::PropertyId id : interpreter.witnessed_by(cells))
      shown.broken.insert("witness " + std::to_string(id.value));
    for (const model::PropertyId id : interpreter.triggered_in(cells))
      shown.broken.insert("trigger " + std::to_string(id.value));
    if (!model::ends_run(system, violations)) open.push_back(state);
  };
  for (const model::State& initial : interpreter.initial_states()) {
    std::vector<std::uint64_t> state(words);
    space->pack(initial, state.data());
    reach(state);
  }
  PackedSuccessors out;
  while (!open.empty()) {
    if (seen.size() > max_states) {
      shown.complete = false;
      break;
    }
    const std::vector<std::uint64_t> state = std::move(open.back());
    open.pop_back();
    out.clear();
    space->expand(state.data(), 1, out);
    shown.reduced += out.reduced;
    for (const auto& failed : out.failed) breaks(space->broken_by(failed.check).rule);
    for (std::size_t at = 0; at < out.states.size(); at += words) {
      reach({out.states.begin() + static_cast<std::ptrdiff_t>(at),
             out.states.begin() + static_cast<std::ptrdiff_t>(at + words)});
    }
  }
  std::vector<bool> exercised(system.rules.size());
  space->add_exercised(exercised);
  for (std::size_t rule = 0; rule < exercised.size(); ++rule) {
    if (exercised[rule]) shown.broken.insert("executed " + system.rules[rule].name);
  }
  shown.states = seen.size();
  return shown;
}

std::string missing(const std::set<std::string>& from, const std::set<std::string>& in, const char* what) {
  std::string text;
  for (const std::string& one : from) {
    if (in.count(one) == 0) text += std::string("  ") + what + ": " + one + "\n";
  }
  return text;
}

}  // namespace

std::string partial_order_difference(const model::TransitionSystem& system, std::uint64_t max_states,
                                     PartialOrderTotals& totals) {
  const Shown reduced = search(system, true, max_states);
  if (!reduced.complete) {
    ++totals.too_large;
    return "";
  }
  const Shown whole = search(system, false, 20 * max_states);
  if (!whole.complete) {
    ++totals.too_large;
    return "";
  }
  ++totals.compared;
  totals.reduced += reduced.reduced > 0;
  totals.states_whole += whole.states;
  totals.states_reduced += reduced.states;
  std::string text = missing(reduced.core, whole.core, "only with reduction") +
                     missing(reduced.broken, whole.broken, "only with reduction");
  if (whole.core.empty()) {
    text += missing(whole.broken, reduced.broken, "lost by reduction");
  } else {
    ++totals.cut_off;
    if (reduced.core.empty()) text += missing(whole.core, reduced.core, "lost by reduction");
  }
  if (reduced.states > whole.states) text += "  more states than without\n";
  return text;
}

}  // namespace quiesce
