#include "checker/graph/state_picture.h"

#include <algorithm>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "checker/report/layout.h"
#include "checker/report/saved_run.h"
#include "checker/report/story.h"
#include "checker/report/story_values.h"
#include "checker/result/memory_budget.h"
#include "checker/result/search_control.h"
#include "checker/space/state_space.h"
#include "checker/store/dense_store.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kLineWidth = 60;  // of a statement in a label
constexpr std::size_t kTelling = 5;     // variables in a node of a picture that is not projected
constexpr std::size_t kSuggested = 6;   // variables that a message names

/// What acts, and where in its text: what labels of steps depend on.
using LabelKey = std::tuple<Actor::Kind, std::uint32_t, std::int32_t>;

/// Nodes and edges as they are found.
class Drawing {
 public:
  Drawing(const TransitionSystem& system, const SourceMap& sources, const PictureOptions& options)
      : system_(system), sources_(sources), options_(options) {
    picture_.name = system.name;
    picture_.is_projected = is_projected();
  }

  bool is_projected() const { return !options_.variables.empty(); }
  bool has_too_many() const { return picture_.nodes.size() > options_.most_nodes; }
  StatePicture& picture() { return picture_; }
  PictureNode& node(std::size_t number) { return picture_.nodes[number]; }

  /// The node of a state. A new state counts.
  std::size_t node_of(const State& state, bool is_new_state) {
    const auto [known, is_new] = numbers_.try_emplace(key_of(state), picture_.nodes.size());
    if (is_new) {
      picture_.nodes.emplace_back().states = 0;
      states_.push_back(state);
    }
    picture_.nodes[known->second].states += is_new_state ? 1 : 0;
    return known->second;
  }

  void add_edge(std::size_t from, std::size_t to, std::string label) { edges_[{from, to}].insert(std::move(label)); }

  void note_broken(std::size_t node, RuleId rule) {
    const bool is_asked = std::find(system_.checked.begin(), system_.checked.end(), rule) != system_.checked.end();
    if (is_asked || system_.at(rule).core) note_broken(node, system_.at(rule).name);
  }
  void note_broken(std::size_t node, const std::string& rule) {
    std::vector<std::string>& broken = picture_.nodes[node].broken;
    if (std::find(broken.begin(), broken.end(), rule) == broken.end()) broken.push_back(rule);
  }

  /// "manager.pnp: enabled = true (nic.hw.enable)".
  const std::string& label_of(const State& before, const Actor& actor) {
    const bool steps = actor.kind == Actor::Kind::Step;
    const std::int32_t place =
        steps ? before[system_.contexts[actor.index].location_cell[actor.activation].value] : std::int32_t{0};
    std::string& label = labels_[{actor.kind, actor.index, place}];
    if (label.empty()) label = made_label(before, actor);
    return label;
  }

  StatePicture take() {
    const std::vector<std::size_t> telling = is_projected() ? options_.variables : telling_variables();
    for (std::size_t i = 0; i < picture_.nodes.size(); ++i) {
      PictureNode& node = picture_.nodes[i];
      for (const std::size_t variable : telling) node.lines.push_back(line_of(variable, states_[i]));
      for (std::size_t v = 0; v < system_.variables.size() && !is_projected(); ++v) {
        if (!system_.variables[v].hidden) node.details += line_of(v, states_[i]) + "\n";
      }
    }
    for (auto& [ends, labels] : edges_) {
      picture_.edges.push_back({ends.first, ends.second, {labels.begin(), labels.end()}});
    }
    return std::move(picture_);
  }

  /// Why there are too many nodes, and what to do.
  std::string too_many() const {
    if (!is_projected()) {
      return fmt::format(
          "there are more than {} states, too many for a picture: '--on VARIABLE,...' draws those with equal values of "
          "some variables as one{}; '--run RUN' draws one saved run; '--nodes N' allows for more",
          options_.most_nodes, suggestions());
    }
    std::string values;
    for (const std::size_t variable : options_.variables) {
      std::set<std::string> seen;
      for (const State& state : states_) seen.insert(value_text(system_, system_.variables[variable], state));
      values += fmt::format("{}{} has {}", values.empty() ? "" : ", ", system_.variables[variable].name,
                            counted(seen.size(), "value"));
    }
    return fmt::format(
        "there are more than {} combinations of values ({} so far): leave a variable out, or '--nodes N'",
        options_.most_nodes, values);
  }

 private:
  std::vector<std::int32_t> key_of(const State& state) const {
    if (!is_projected()) return state;
    std::vector<std::int32_t> key;
    for (const std::size_t number : options_.variables) {
      const Variable& variable = system_.variables[number];
      const auto first = state.begin() + static_cast<std::ptrdiff_t>(variable.first.value);
      key.insert(key.end(), first, first + static_cast<std::ptrdiff_t>(cell_count(*variable.type)));
    }
    return key;
  }

  std::string line_of(std::size_t variable, const State& state) const {
    const Variable& of = system_.variables[variable];
    return fmt::format("{} = {}", of.name, value_text(system_, of, state));
  }

  std::string made_label(const State& before, const Actor& actor) const {
    if (actor.kind == Actor::Kind::Act) return system_.actions[actor.index].name;
    const Context& context = system_.contexts[actor.index];
    if (actor.kind == Actor::Kind::Start) return context.name + " starts";
    const Location& location = at_work(before, context, actor.activation);
    if (context.span.valid() && location.span == context.span) return context.name + " ends";
    std::string text = about_to(system_, before, actor, sources_).first;
    if (columns(text) > kLineWidth) text = text.substr(0, text.find(" {"));
    const std::string in = location.inside.empty() ? "" : fmt::format(" ({})", system_.at(location.inside.back()).name);
    if (text == "atomic") text = "";  // says nothing
    return fmt::format("{}:{}{}{}", context.name, text.empty() ? "" : " ", text, in);
  }

  const Location& at_work(const State& state, const Context& context, std::uint32_t activation) const {
    const auto number = static_cast<std::size_t>(state[context.location_cell[activation].value]);
    return system_.at(context.locations[number - 1]);
  }

  /// Those that differ between the nodes, where they are few.
  std::vector<std::size_t> telling_variables() const {
    std::vector<std::size_t> telling;
    for (std::size_t v = 0; v < system_.variables.size(); ++v) {
      const Variable& variable = system_.variables[v];
      if (variable.hidden || variable.owner || states_.empty()) continue;
      const std::string first = value_text(system_, variable, states_.front());
      const bool differs = std::any_of(states_.begin(), states_.end(), [&](const State& state) {
        return value_text(system_, variable, state) != first;
      });
      if (differs) telling.push_back(v);
    }
    if (telling.size() > kTelling) telling.clear();
    return telling;
  }

  /// Variables with few values: " (nic.hw.enabled, line.level, ...)".
  std::string suggestions() const {
    std::vector<std::string> names;
    for (const Variable& variable : system_.variables) {
      const bool has_few = variable.type->kind == ValueType::Kind::Bool || variable.type->kind == ValueType::Kind::Enum;
      if (has_few && !variable.hidden && !variable.owner) names.push_back(variable.name);
    }
    if (names.empty()) return "";
    const bool has_more = names.size() > kSuggested;
    if (has_more) names.resize(kSuggested);
    return fmt::format(" (for example of {}{})", joined(names), has_more ? ", ..." : "");
  }

  const TransitionSystem& system_;
  const SourceMap& sources_;
  const PictureOptions& options_;
  StatePicture picture_;
  std::map<std::vector<std::int32_t>, std::size_t> numbers_;
  std::vector<State> states_;  // the first of each node
  std::map<std::pair<std::size_t, std::size_t>, std::set<std::string>> edges_;
  std::map<LabelKey, std::string> labels_;
};

/// The search: all states by levels.
class Explorer {
 public:
  Explorer(const TransitionSystem& system, const PictureOptions& options, Drawing& drawing)
      : control_(options.limits, options.interrupt),
        limits_(options.limits),
        drawing_(drawing),
        space_(make_whole_space(system, search_options(options, control_))),
        store_(space_->words()),
        budget_(options.limits) {
    successors_.wants_origins = true;
  }

  /// Why it ended; None: all states were visited, or there are too many nodes.
  LimitKind explore() {
    const auto add_initial = [&](const std::uint64_t* state) {
      drawing_.node(node_of_[add(state)]).is_initial = true;
      return may_go_on(store_.size());
    };
    space_->initial(add_initial, [this] { return control_.reason() == LimitKind::None; });
    for (std::size_t state = 0; state < store_.size() && may_go_on(state); ++state) expand(state);
    return limit_;
  }

  std::uint64_t states() const { return store_.size(); }

 private:
  static SearchOptions search_options(const PictureOptions& options, const SearchControl& control) {
    SearchOptions search;
    search.limits = options.limits;
    search.control = &control;
    search.interrupt = options.interrupt;
    search.threads = 1;
    return search;
  }

  std::size_t add(const std::uint64_t* state) {
    StateKey number = 0;
    std::uint8_t is_new = 0;
    store_.insert(state, 1, &number, &is_new);
    if (is_new != 0) {
      node_of_.push_back(static_cast<std::uint32_t>(drawing_.node_of(space_->unpack(state), true)));
    }
    return static_cast<std::size_t>(number);
  }

  bool may_go_on(std::size_t expanded) {
    if (drawing_.has_too_many()) return false;
    if (limits_.states && store_.size() > *limits_.states) limit_ = LimitKind::States;
    if (limit_ == LimitKind::None && (expanded & 0xFF) == 0) {
      limit_ = control_.reason();
      const std::uint64_t held = store_.memory_bytes() + node_of_.capacity() * sizeof(std::uint32_t);
      if (budget_.spare_bytes(held) == 0) limit_ = LimitKind::Memory;
    }
    return limit_ == LimitKind::None;
  }

  void expand(std::size_t state) {
    const State cells = space_->unpack(store_[state]);
    const std::size_t from = node_of_[state];
    seen_.clear();
    space_->judge(store_[state], 1, seen_);
    for (const Judgement::Broken& broken : seen_.broken) drawing_.note_broken(from, broken.violation.rule);
    if (!seen_.ended.empty()) return;
    successors_.clear();
    space_->expand(store_[state], 1, successors_);
    for (const auto& failed : successors_.failed) {
      drawing_.note_broken(from, space_->broken_by(failed.check).rule);
    }
    for (std::size_t i = 0; i < successors_.origins.size(); ++i) {
      const std::size_t to = node_of_[add(successors_.states.data() + i * space_->words())];
      if (to != from) drawing_.add_edge(from, to, drawing_.label_of(cells, successors_.origins[i].actor));
    }
  }

  const SearchControl control_;
  const Limits limits_;
  Drawing& drawing_;
  const std::unique_ptr<StateSpace> space_;
  DenseStore store_;
  const MemoryBudget budget_;
  PackedSuccessors successors_;
  Judgement seen_;
  std::vector<std::uint32_t> node_of_;  // by state
  LimitKind limit_ = LimitKind::None;
};

Expected<StatePicture> taken(Drawing& drawing) {
  if (drawing.has_too_many()) return unexpected(drawing.too_many());
  return drawing.take();
}

}  // namespace

Expected<StatePicture> picture_of_states(const TransitionSystem& system, const SourceMap& sources,
                                         const PictureOptions& options) {
  Drawing drawing(system, sources, options);
  try {
    Explorer explorer(system, options, drawing);
    drawing.picture().limit = explorer.explore();
    drawing.picture().states = explorer.states();
  } catch (const SearchStopped& stopped) {
    drawing.picture().limit = stopped.limit;
  } catch (const std::bad_alloc&) {
    drawing.picture().limit = LimitKind::Memory;
  }
  return taken(drawing);
}

Expected<StatePicture> picture_of_run(const TransitionSystem& system, const SourceMap& sources, const Run& run,
                                      const std::string& broken, const PictureOptions& options) {
  Drawing drawing(system, sources, options);
  std::size_t node = 0;
  std::set<State> seen;
  for (std::size_t i = 0; i < run.states.size(); ++i) {
    const std::size_t before = node;
    node = drawing.node_of(run.states[i], seen.insert(run.states[i]).second);
    if (drawing.has_too_many()) break;
    if (i == 0) {
      drawing.node(node).is_initial = true;
    } else if (node != before) {
      const std::string& label = drawing.label_of(run.states[i - 1], run.steps[i - 1].actor);
      drawing.add_edge(before, node, fmt::format("{:>3} {}", i, label));
    }
  }
  if (!run.states.empty() && !broken.empty()) drawing.note_broken(node, broken);
  drawing.picture().states = seen.size();
  return taken(drawing);
}

}  // namespace quiesce::checker
