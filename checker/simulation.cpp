#include "checker/simulation.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checker/report/blocked.h"
#include "checker/report/layout.h"
#include "checker/report/story.h"
#include "checker/report/variable_named.h"
#include "checker/smt/initial_solver.h"
#include "model/base/diagnostic.h"
#include "model/base/internal_check.h"
#include "model/interpret/trace.h"

namespace quiesce::checker {

using namespace model;

namespace {

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

/// Whether a number is in this relation to another.
bool relates(std::int64_t a, Watch::Relation relation, std::int64_t b) {
  switch (relation) {
    case Watch::Relation::Equal:
      return a == b;
    case Watch::Relation::NotEqual:
      return a != b;
    case Watch::Relation::Less:
      return a < b;
    case Watch::Relation::LessEqual:
      return a <= b;
    case Watch::Relation::Greater:
      return a > b;
    case Watch::Relation::GreaterEqual:
      return a >= b;
  }
  return false;
}

}  // namespace

Simulation::Simulation(const TransitionSystem& system, const SourceMap& sources)
    : system_(system), sources_(sources), interpreter_(system) {
  InitialSolver guide(system);
  interpreter_.for_each_initial_state(
      [&](const State& state) {
        states_.push_back(state);
        return false;
      },
      nullptr, &guide);
  if (has_state()) look_around();
}

/// What the present state offers and breaks.
void Simulation::look_around() {
  offers_.clear();
  broken_ = taken_.empty() ? std::vector<std::string>() : taken_.back().broken;
  if (!taken_.empty() && taken_.back().ends_run) return;
  const std::vector<Violation> shown = interpreter_.violations_of(state());
  for (std::string& rule : rules_told(system_, shown)) {
    if (std::find(broken_.begin(), broken_.end(), rule) == broken_.end()) broken_.push_back(std::move(rule));
  }
  offers_ = offers_in(interpreter_, system_, sources_, state());
}

void Simulation::take(std::size_t offer) {
  QUIESCE_CHECK(offer < offers_.size()) << "there is no step " << offer;
  const Offer taken = offers_[offer];
  taken_.push_back({fmt::format("{}: {}", taken.who, taken.text), taken.breaks, taken.successor.ends_run});
  states_.push_back(taken.successor.ends_run ? states_.back() : taken.successor.next);
  look_around();
}

void Simulation::follow(const Run& run, std::size_t steps) {
  QUIESCE_CHECK(steps <= run.steps.size()) << "the run has only " << run.steps.size() << " steps";
  states_ = {run.states.front()};
  taken_.clear();
  look_around();
  for (std::size_t i = 0; i < steps; ++i) {
    const Step& wanted = run.steps[i];
    const auto taken = std::find_if(offers_.begin(), offers_.end(), [&](const Offer& offer) {
      const Step& step = offer.successor.step;
      return step.actor == wanted.actor && step.choices == wanted.choices &&
             (offer.successor.ends_run || offer.successor.next == run.states[i + 1]);
    });
    QUIESCE_CHECK(taken != offers_.end()) << "a step of the run is not offered";
    take(static_cast<std::size_t>(taken - offers_.begin()));
  }
}

void Simulation::jump(std::size_t step) {
  QUIESCE_CHECK(step <= taken_.size()) << "there are only " << taken_.size() << " steps";
  taken_.resize(step);
  states_.resize(step + 1);
  look_around();
}

std::size_t Simulation::walk(std::size_t count, std::mt19937_64& random) {
  std::size_t taken = 0;
  while (taken < count && !offers_.empty()) {
    take(random() % offers_.size());
    ++taken;
    if (!broken_.empty()) break;
  }
  return taken;
}

std::optional<std::size_t> Simulation::run_to(const std::optional<Watch>& wanted, std::size_t most_states) {
  struct Node {
    std::size_t parent = 0;
    Step step;
    State state;
    bool ends_run = false;
    std::vector<std::string> broken;
  };
  std::vector<Node> nodes;
  nodes.push_back({0, {}, state(), offers_.empty(), {}});
  std::set<State> visited{interpreter_.canonical(state())};
  const auto is_wanted = [&](const Node& node) {
    if (wanted) return !node.ends_run && is_true(*wanted, node.state);
    return !node.broken.empty();
  };
  std::optional<std::size_t> found;
  if (wanted && is_true(*wanted, state())) found = 0;
  for (std::size_t at = 0; !found && at < nodes.size() && nodes.size() < most_states; ++at) {
    if (nodes[at].ends_run || (at > 0 && ends_run(system_, interpreter_.violations_of(nodes[at].state)))) continue;
    for (Successor& next : interpreter_.successors(nodes[at].state)) {
      Node node{at, next.step, next.ends_run ? nodes[at].state : std::move(next.next), next.ends_run,
                rules_told(system_, next.violations)};
      if (!node.ends_run && node.broken.empty()) {
        if (!visited.insert(interpreter_.canonical(node.state)).second) continue;
        node.broken = rules_told(system_, interpreter_.violations_of(node.state));
      }
      nodes.push_back(std::move(node));
      if (is_wanted(nodes.back())) found = nodes.size() - 1;
      if (found) break;
    }
  }
  if (!found) return std::nullopt;
  std::deque<std::size_t> way;
  for (std::size_t at = *found; at != 0; at = nodes[at].parent) way.push_front(at);
  for (const std::size_t at : way) {
    const auto taken = std::find_if(offers_.begin(), offers_.end(), [&](const Offer& offer) {
      const Step& step = offer.successor.step;
      return step.actor == nodes[at].step.actor && step.choices == nodes[at].step.choices &&
             (offer.successor.ends_run || offer.successor.next == nodes[at].state);
    });
    QUIESCE_CHECK(taken != offers_.end()) << "a step that the search took is not offered";
    take(static_cast<std::size_t>(taken - offers_.begin()));
  }
  return way.size();
}

std::string Simulation::value_of(const Variable& variable, const State& state) const {
  const std::int32_t* cells = state.data() + variable.first.value;
  const ValueType& type = *variable.type;
  if (type.kind == ValueType::Kind::Spinlock || type.kind == ValueType::Kind::Mutex) {
    return cells[0] == 0 ? "free" : "held by " + name_of_slot(system_, cells[0] - 1);
  }
  return format_value(type, cells);
}

std::vector<std::string> Simulation::values(const std::string& prefix) const {
  std::vector<std::string> all;
  for (const Variable& variable : system_.variables) {
    if (variable.hidden || !variable.name.starts_with(prefix)) continue;
    all.push_back(fmt::format("{} = {}", variable.name, value_of(variable, state())));
  }
  return all;
}

std::vector<std::string> Simulation::blocked() const {
  std::vector<std::string> all;
  const auto is_offered = [&](Actor::Kind kind, std::uint32_t index, std::optional<std::uint32_t> activation) {
    return std::any_of(offers_.begin(), offers_.end(), [&](const Offer& offer) {
      const Actor& actor = offer.successor.step.actor;
      return actor.kind == kind && actor.index == index && (!activation || actor.activation == *activation);
    });
  };
  for (std::uint32_t i = 0; i < system_.contexts.size(); ++i) {
    const Context& context = system_.contexts[i];
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      const Location* location = location_of(system_, state(), context, a);
      if (location == nullptr || is_offered(Actor::Kind::Step, i, a)) continue;
      const std::string place = line_of(sources_, location->span);
      all.push_back(fmt::format("{} {}{}", name_of(context, a), why_blocked(interpreter_, state(), context, a),
                                place.empty() ? "" : fmt::format(" ({})", place)));
    }
    const bool is_due = context.kind == ContextKind::Handler && context.condition.valid() &&
                        interpreter_.evaluate(context.condition, state()) != 0;
    if (is_due && !is_offered(Actor::Kind::Start, i, std::nullopt)) {
      all.push_back(fmt::format("{} {}", context.name, why_not_started(system_, state(), context)));
    }
  }
  return all;
}

Expected<std::vector<WhyNot>> Simulation::why_not(const std::string& name) const {
  return checker::why_not(interpreter_, state(), name, sources_);
}

Expected<Watch> Simulation::watch(const std::string& text) const {
  static constexpr std::pair<std::string_view, Watch::Relation> kRelations[] = {
      {"!=", Watch::Relation::NotEqual}, {"<=", Watch::Relation::LessEqual}, {">=", Watch::Relation::GreaterEqual},
      {"==", Watch::Relation::Equal},    {"=", Watch::Relation::Equal},      {"<", Watch::Relation::Less},
      {">", Watch::Relation::Greater}};
  for (const auto& [sign, relation] : kRelations) {
    const std::size_t at = text.find(sign);
    if (at == std::string::npos) continue;
    const std::string name = trimmed(std::string_view(text).substr(0, at));
    const auto variable = variable_named(system_, name);
    if (!variable) return unexpected(variable.error());
    return Watch{*variable, relation, trimmed(text.substr(at + sign.size()))};
  }
  return unexpected(fmt::format("'{}' is no condition such as 'nic.hw.enabled = true'", text));
}

bool Simulation::is_true(const Watch& watch, const State& state) const {
  const std::string value = value_of(system_.variables[watch.variable], state);
  const bool is_equality = watch.relation == Watch::Relation::Equal || watch.relation == Watch::Relation::NotEqual;
  if (is_equality) return (value == watch.value) == (watch.relation == Watch::Relation::Equal);
  char* end = nullptr;
  const std::int64_t wanted = std::strtoll(watch.value.c_str(), &end, 10);
  if (end == watch.value.c_str()) return false;
  const std::int64_t is = std::strtoll(value.c_str(), &end, 10);
  return end != value.c_str() && relates(is, watch.relation, wanted);
}

std::vector<std::string> Simulation::history() const {
  std::vector<std::string> all;
  for (const Taken& one : taken_) {
    all.push_back(one.line + (one.broken.empty() ? "" : fmt::format("   ✗ {}", joined(one.broken))));
  }
  return all;
}

}  // namespace quiesce::checker
