#include "checker/report/story.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checker/report/blocked.h"
#include "checker/report/loop_conditions.h"
#include "checker/report/starved.h"
#include "model/base/internal_check.h"
#include "model/interpret/interpreter.h"
#include "model/interpret/trace.h"
#include "model/system/joint_steps.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// The text of the file from the statement on: the span of what has blocks ends with its head.
std::string_view text_from(const SourceMap& sources, Span statement) {
  if (!statement.valid()) return "";
  return std::string_view(sources.file(statement.file).text()).substr(statement.begin);
}

class Teller {
 public:
  Teller(const ReducedSystem& systems, const SourceMap& sources, const TellOptions& options)
      : interpreter_(systems.reduced),
        system_(systems.reduced),
        systems_(systems),
        sources_(sources),
        options_(options) {}

  Story tell(const Finding& finding);
  Story tell_in_parts(const Finding& about, const OriginalRun& run);

 private:
  std::vector<StoryChange> changes(const State& before, const State& after, const Context* teller,
                                   bool with_locals) const;
  std::vector<StoryChange> initial_choices(const State& initial) const;
  void name_cpu(const Context& context, std::uint32_t activation, const State& before, const State& after,
                StoryStep& told) const;
  bool is_plumbing(const StoryStep& told) const;
  void tell_steps(const Finding& finding, const OriginalRun& original, Story& story);
  StoryStep tell_step(const Finding& finding, const OriginalRun& original, std::size_t index, State& reached);
  State tell_events(const Finding& finding, const OriginalRun& original, std::size_t index, StoryStep& told);
  /// The context that takes in a step of one that gives.
  struct Partner {
    const Context* context = nullptr;
    std::uint32_t activation = 0;
    CellId stands;            // its location cell
    Span begins;              // the statement before which it stands
    std::vector<bool> calls;  // those around the giver while the partner's part is told
    bool is_told = false;
  };
  Partner partner_in(const std::vector<TraceEvent>& events, const State& before) const;
  std::vector<TraceEvent> events_of(const OriginalRun& original, std::size_t index) const;
  void add_line(StoryStep& told, StoryLine::Kind kind, std::string text, Span span, std::uint32_t depth) const;
  void condense(StoryStep& told) const;
  bool is_own(Span span) const { return !options_.own_file.valid() || span.file == options_.own_file; }
  void explain_blocked(const State& state, Story& story) const;
  std::string why_starved(const Run& run, const Starved& starved) const;
  void explain_starved(const Run& run, Story& story) const;
  std::string head_of(Span span) const;
  std::string call_text(const EnterOp& enter, const TraceEvent& event) const;

  const Interpreter interpreter_;
  const TransitionSystem& system_;  // that was searched: what of the text matters
  const ReducedSystem& systems_;
  const SourceMap& sources_;
  const TellOptions& options_;
  bool tells_all_choices_ = false;  // not only those that the searched system makes too
};

/// Shown variables that differ, then lives of objects that do. Locals of the context that tells are named without it.
std::vector<StoryChange> Teller::changes(const State& before, const State& after, const Context* teller,
                                         bool with_locals) const {
  std::vector<StoryChange> changed;
  for (const Variable& variable : system_.variables) {
    if (variable.hidden || (variable.owner && !with_locals)) continue;
    const auto first = static_cast<std::ptrdiff_t>(variable.first.value);
    const auto end = first + static_cast<std::ptrdiff_t>(cell_count(*variable.type));
    if (std::equal(before.begin() + first, before.begin() + end, after.begin() + first)) continue;
    std::string old_value = value_text(system_, variable, before);
    std::string new_value = value_text(system_, variable, after);
    if (old_value == new_value) continue;
    std::string name = variable.name;
    if (teller != nullptr && variable.owner && &system_.at(*variable.owner) == teller) {
      name = name.substr(name.rfind('/') + 1);
    }
    changed.push_back({std::move(name), std::move(old_value), std::move(new_value)});
  }
  for (const Instance& instance : system_.instances) {
    if (!instance.life) continue;
    const std::int32_t old_life = before[instance.life->value];
    const std::int32_t new_life = after[instance.life->value];
    if (old_life != new_life) changed.push_back({instance.path, life_text(old_life), life_text(new_life)});
  }
  return changed;
}

std::vector<StoryChange> Teller::initial_choices(const State& initial) const {
  std::set<std::uint32_t> chosen;
  for (const InitialAssign& assign : system_.initial) {
    if (!assign.value.valid() && (assign.lo != assign.hi || is_cut(system_.at(assign.cell))))
      chosen.insert(assign.cell.value);
  }
  std::vector<StoryChange> values;
  for (const Variable& variable : system_.variables) {
    if (variable.hidden) continue;
    const auto from = chosen.lower_bound(variable.first.value);
    if (from == chosen.end() || *from >= variable.first.value + cell_count(*variable.type)) continue;
    values.push_back({variable.name, "", value_text(system_, variable, initial)});
  }
  return values;
}

std::string Teller::call_text(const EnterOp& enter, const TraceEvent& event) const {
  std::string text = system_.at(enter.function).name + "(";
  for (std::size_t i = 0; i < enter.arguments.size(); ++i) {
    if (i >= event.values.size() || enter.arguments[i].type == nullptr || event.values[i].empty()) continue;
    if (text.back() != '(') text += ", ";
    text += format_value(*enter.arguments[i].type, event.values[i].data());
  }
  return text + ")";
}

/// The head of a declaration whose name stands at `span`: its line of the text, without the brace that opens the body.
std::string Teller::head_of(Span span) const {
  if (!span.valid()) return "";
  const SourceFile& file = sources_.file(span.file);
  std::string_view line = file.line(file.position(span.begin).line);
  const auto trim = [&] {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  };
  trim();
  if (line.ends_with('{')) line.remove_suffix(1);
  trim();
  std::string head;
  for (const char c : line) head += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return head;
}

/// Whether two systems make the same choice with the same outcome.
bool is_same_choice(const TraceEvent& a, const TraceEvent& b) {
  const auto& first = std::get<ChooseOp>(*a.op);
  const auto& second = std::get<ChooseOp>(*b.op);
  return first.what == second.what && first.lo == second.lo && first.hi == second.hi && a.values == b.values;
}

std::vector<TraceEvent> choices_of(std::vector<TraceEvent> events) {
  std::erase_if(events, [](const TraceEvent& event) { return !std::holds_alternative<ChooseOp>(*event.op); });
  return events;
}

/// What the steps of the original execute that step `index` stands for.
std::vector<TraceEvent> Teller::events_of(const OriginalRun& original, std::size_t index) const {
  std::vector<TraceEvent> events;
  for (std::size_t i = original.reached[index]; i < original.run.steps.size(); ++i) {
    if (original.part_of[i] != index) continue;
    for (TraceEvent& event : trace(systems_.original, original.run.states[i], original.run.steps[i])) {
      events.push_back(std::move(event));
    }
  }
  return events;
}

/// The other context of a step that hands over; none in other steps.
Teller::Partner Teller::partner_in(const std::vector<TraceEvent>& events, const State& before) const {
  for (const TraceEvent& event : events) {
    if (!std::holds_alternative<AssignOp>(*event.op)) continue;
    const CellId cell(static_cast<std::size_t>(event.values[0][0]));
    if (system_.at(cell).kind != CellKind::Location) continue;
    for (const Context& context : system_.contexts) {
      const auto found = std::find(context.location_cell.begin(), context.location_cell.end(), cell);
      if (found == context.location_cell.end()) continue;
      const auto activation = static_cast<std::uint32_t>(found - context.location_cell.begin());
      const Location* stands = location_of(system_, before, context, activation);
      if (stands != nullptr) return {&context, activation, cell, stands->span, {}, false};
    }
  }
  return {};
}

/// Fills the lines of `told` from what the step executes, up to the violation when this is the last step of a finding
/// that is broken by it. The state that this leads to, or in which it breaks.
State Teller::tell_events(const Finding& finding, const OriginalRun& original, std::size_t index, StoryStep& told) {
  const Step& step = finding.run.steps[index];
  const bool last = index + 1 == finding.run.steps.size();
  const State& before = original.run.states[original.reached[index]];
  const bool acts = step.actor.kind == Actor::Kind::Act;
  const Context* context = acts ? nullptr : &system_.contexts[step.actor.index];
  const Span head = acts ? system_.actions[step.actor.index].span : context->span;

  // Calls around the line, and which of them are told.
  std::vector<bool> calls;
  if (step.actor.kind == Actor::Kind::Step) {
    if (const Location* location = location_of(systems_.original, before, systems_.original.contexts[step.actor.index],
                                               step.actor.activation)) {
      Span caller = head;
      for (const FunctionId function : location->inside) {
        const Span callee = system_.at(function).span;
        calls.push_back(is_own(caller) || is_own(callee));
        caller = callee;
      }
    }
  }
  Partner partner = partner_in(events_of(original, index), before);
  const Context* teller = context;
  const auto depth = [&] { return static_cast<std::uint32_t>(std::count(calls.begin(), calls.end(), true)); };

  // What was written belongs to the statement before it.
  State now = before;
  State line_start = now;
  const auto settle = [&] {
    if (told.lines.empty() || line_start == now) return;
    StoryLine* writer = nullptr;
    for (StoryLine& line : told.lines) {
      if (line.kind == StoryLine::Kind::Statement || line.kind == StoryLine::Kind::Start ||
          line.kind == StoryLine::Kind::Act) {
        writer = &line;
      }
    }
    if (writer == nullptr) writer = &told.lines.back();
    for (StoryChange& change : changes(line_start, now, teller, is_own(writer->span)))
      writer->changes.push_back(std::move(change));
    line_start = now;
  };

  const std::vector<TraceEvent> choices =
      tells_all_choices_ ? std::vector<TraceEvent>() : choices_of(trace(system_, finding.run.states[index], step));
  std::size_t chosen = 0;
  Span statement_span;
  for (const TraceEvent& event : events_of(original, index)) {
    if (std::holds_alternative<AssignOp>(*event.op)) {
      const auto cell = static_cast<std::size_t>(event.values[0][0]);
      now[cell] = event.values[0][1];
      if (teller == partner.context && CellId(cell) == partner.stands) {  // its part is done
        settle();
        teller = context;
        calls = std::exchange(partner.calls, {});
      }
    } else if (const auto* statement = std::get_if<StatementOp>(event.op)) {
      settle();
      statement_span = statement->span;
      if (statement->span == head) continue;  // start and end have lines of their own
      if (partner.context != nullptr && statement->span == partner.begins && !partner.is_told) {
        partner.is_told = true;
        const std::string role = partner.context->kind == ContextKind::Thread ? "thread" : "handler";
        add_line(told, StoryLine::Kind::Choice,
                 fmt::format("with {} ({})", name_of(*partner.context, partner.activation), role), statement->span,
                 depth());
        partner.calls = std::exchange(calls, {});
        teller = partner.context;
      }
      add_line(told, StoryLine::Kind::Statement, one_line(sources_, statement->span), statement->span, depth());
    } else if (const auto* enter = std::get_if<EnterOp>(event.op)) {
      settle();
      const bool is_told = is_own(enter->span) || is_own(system_.at(enter->function).span);
      if (is_told) add_line(told, StoryLine::Kind::Call, call_text(*enter, event), enter->span, depth());
      calls.push_back(is_told);
    } else if (const auto* leave = std::get_if<LeaveOp>(event.op)) {
      settle();
      const bool is_told = calls.empty() || calls.back();
      if (!calls.empty()) calls.pop_back();
      if (!is_told) continue;
      std::string text = system_.at(leave->function).name;
      if (leave->type != nullptr && !event.values.empty() && !event.values[0].empty()) {
        text += ": " + format_value(*leave->type, event.values[0].data());
      }
      add_line(told, StoryLine::Kind::Return, std::move(text), Span{}, depth());
    } else if (const auto* choose = std::get_if<ChooseOp>(event.op)) {
      if (choose->what == kOtherSide) continue;  // told where its part begins
      // What was chosen among things that do not matter is not told.
      if (!tells_all_choices_) {
        if (chosen == choices.size() || !is_same_choice(choices[chosen], event)) continue;
        ++chosen;
      }
      std::string text = choice_text(event, text_from(sources_, statement_span));
      if (!text.empty()) add_line(told, StoryLine::Kind::Choice, std::move(text), statement_span, depth());
    } else if (const auto* check = std::get_if<CheckOp>(event.op)) {
      if (!last || finding.in_state || !event.failed || check->rule != finding.violation.rule ||
          check->span != finding.violation.span) {
        continue;
      }
      settle();
      condense(told);
      // The line of the check is where the run breaks; for core rules that is often the statement itself.
      const Span span = check->span;
      const bool told_already = std::any_of(told.lines.begin(), told.lines.end(), [&](const StoryLine& line) {
        return line.kind == StoryLine::Kind::Statement && line.span.file == span.file &&
               line.span.begin <= span.begin && span.end <= line.span.end;
      });
      if (span.valid() && !told_already)
        add_line(told, StoryLine::Kind::Statement, one_line(sources_, span), span, depth());
      return now;
    }
  }
  settle();
  condense(told);
  return now;
}

void Teller::add_line(StoryStep& told, StoryLine::Kind kind, std::string text, Span span, std::uint32_t depth) const {
  StoryLine& line = told.lines.emplace_back();
  line.kind = kind;
  line.text = std::move(text);
  line.span = span;
  line.depth = depth;
}

/// Leaves out statements of other files that change nothing that others can see, as long as something is left to tell.
void Teller::condense(StoryStep& told) const {
  const auto is_needed = [&](const StoryLine& line) {
    // The line of a choice shows the place of its `either` or `choose` already.
    const StoryLine* next = &line == &told.lines.back() ? nullptr : &line + 1;
    if (next != nullptr && next->kind == StoryLine::Kind::Choice && next->span == line.span && line.changes.empty() &&
        line.kind == StoryLine::Kind::Statement && !is_own(line.span)) {
      return false;
    }
    return line.kind != StoryLine::Kind::Statement || is_own(line.span) || !line.changes.empty();
  };
  std::vector<StoryLine> kept;
  for (const StoryLine& line : told.lines) {
    if (is_needed(line)) kept.push_back(line);
  }
  const bool says_something =
      std::any_of(kept.begin(), kept.end(), [](const StoryLine& line) { return line.kind != StoryLine::Kind::Return; });
  if (!says_something) {
    const auto first = std::find_if_not(told.lines.begin(), told.lines.end(), is_needed);
    if (first != told.lines.end()) kept.insert(kept.begin(), *first);
  }
  told.lines = std::move(kept);
}

void Teller::tell_steps(const Finding& finding, const OriginalRun& original, Story& story) {
  const auto state_at = [&](std::size_t i) -> const State& { return original.run.states[original.reached[i]]; };
  story.initially = initial_choices(finding.run.states.front());
  story.variables = shown_variables(system_, state_at(0));
  for (std::size_t i = 0; i < finding.run.steps.size(); ++i) {
    State after;
    story.steps.push_back(tell_step(finding, original, i, after));
    // Of a step that breaks a rule the state in which it does is told, not what the rest of the step makes of it.
    const bool breaks = i + 1 == finding.run.steps.size() && !finding.in_state && !finding.run.loop;
    const bool is_known = !breaks && i + 1 < original.reached.size();
    story.values.push_back(changed_values(system_, state_at(i), is_known ? state_at(i + 1) : after));
  }
}

/// `reached`: the state after it, also where it breaks a rule and the run has none.
StoryStep Teller::tell_step(const Finding& finding, const OriginalRun& original, std::size_t index, State& reached) {
  const Run& run = finding.run;
  const State& before = run.states[index];
  const Step& step = run.steps[index];
  const bool last = index + 1 == run.steps.size();
  const State* after = index + 1 < run.states.size() ? &run.states[index + 1] : nullptr;

  StoryStep told;
  const Context* context = nullptr;
  if (step.actor.kind == Actor::Kind::Act) {
    const Action& action = system_.actions[step.actor.index];
    told.who = action.name;
    told.role = "action";
    told.in_context = false;
    add_line(told, StoryLine::Kind::Act, head_of(action.span), action.span, 0);
  } else {
    context = &system_.contexts[step.actor.index];
    const std::uint32_t activation = step.actor.activation;
    told.who = name_of(*context, activation);
    told.role = context->kind == ContextKind::Thread ? "thread" : "handler";
    told.starts = step.actor.kind == Actor::Kind::Start;
    told.level_before = before[context->level_cell[activation].value];
    told.cpu_before = before[context->cpu_cell[activation].value] - 1;
    if (told.starts) {
      told.level_before = context->start_level;
      told.cpu_before = step.cpu;
      add_line(told, StoryLine::Kind::Start, head_of(context->span), context->span, 0);
    }
    told.level_after = told.level_before;
    told.cpu_after = told.cpu_before;
    if (after != nullptr) {
      const bool ended = (*after)[context->location_cell[activation].value] == 0;
      if (!ended) {
        told.level_after = (*after)[context->level_cell[activation].value];
        told.cpu_after = (*after)[context->cpu_cell[activation].value] - 1;
        if (told.starts) {
          told.level_before = told.level_after;
          told.cpu_before = told.cpu_after;
        }
      }
    }
    if (told.cpu_before < 0) told.taken_on = step.cpu;
  }

  reached = tell_events(finding, original, index, told);
  if (context != nullptr && after != nullptr && (!last || finding.in_state) &&
      (*after)[context->location_cell[step.actor.activation].value] == 0) {
    add_line(told, StoryLine::Kind::End, fmt::format("the {} ends", told.role), Span{}, 0);
  }
  if (told.lines.empty()) add_line(told, StoryLine::Kind::Statement, "(continues)", Span{}, 0);
  if (context != nullptr && after != nullptr) name_cpu(*context, step.actor.activation, before, *after, told);
  told.is_plumbing = is_plumbing(told);
  return told;
}

/// `on c` says which CPU it asks for, and where it ends.
void Teller::name_cpu(const Context& context, std::uint32_t activation, const State& before, const State& after,
                      StoryStep& told) const {
  if (context.affinity_cell.empty()) return;
  const std::size_t cell = context.affinity_cell[activation].value;
  if (before[cell] == after[cell]) return;
  for (auto line = told.lines.rbegin(); line != told.lines.rend(); ++line) {
    if (line->kind != StoryLine::Kind::Statement || !line->text.starts_with("on ")) continue;
    const std::string head = line->text.substr(0, line->text.find(" {"));
    line->text = after[cell] == 0 ? fmt::format("end of {}", head) : fmt::format("{}: cpu {}", head, after[cell] - 1);
    return;
  }
}

/// Whether a step is nothing but statements of other files that change nothing that others can see.
bool Teller::is_plumbing(const StoryStep& told) const {
  if (!told.in_context || told.starts || told.level_before != told.level_after || told.cpu_before != told.cpu_after) {
    return false;
  }
  bool has_statement = false;
  for (const StoryLine& line : told.lines) {
    const bool is_quiet = line.kind == StoryLine::Kind::Statement && !is_own(line.span) && line.changes.empty();
    if (!is_quiet && line.kind != StoryLine::Kind::Return) return false;
    if (is_quiet && line.span.valid()) has_statement = true;
  }
  return has_statement;
}

/// What cannot continue in the last state: the stuck set when the rule is core.stuck, else all that have not ended.
void Teller::explain_blocked(const State& state, Story& story) const {
  const bool deadlock = [&] {
    for (const Property& property : system_.properties) {
      if (property.rule == story.rule && property.kind == PropertyKind::DeadlockFree) return true;
    }
    return false;
  }();
  std::vector<Actor> members;
  if (story.rule == system_.stuck_rule) {
    members = stuck_set(interpreter_, state);
  } else if (deadlock) {
    for (std::uint32_t c = 0; c < system_.contexts.size(); ++c) {
      for (std::uint32_t a = 0; a < system_.contexts[c].activations; ++a) {
        if (location_of(system_, state, system_.contexts[c], a) != nullptr)
          members.push_back({Actor::Kind::Step, c, a});
      }
    }
  }
  for (const Actor& actor : members) {
    switch (actor.kind) {
      case Actor::Kind::Step: {
        const Context& context = system_.contexts[actor.index];
        const Location* location = location_of(system_, state, context, actor.activation);
        story.blocked.push_back({name_of(context, actor.activation),
                                 context.kind == ContextKind::Thread ? "thread" : "handler",
                                 why_blocked(interpreter_, state, context, actor.activation),
                                 location == nullptr ? Span{} : location->span});
        break;
      }
      case Actor::Kind::Start: {
        const Context& context = system_.contexts[actor.index];
        if (interpreter_.evaluate(context.condition, state) == 0) {
          story.standing.push_back("handler " + context.name);
        } else {
          story.blocked.push_back({context.name, "handler", why_not_started(system_, state, context), Span{}});
        }
        break;
      }
      case Actor::Kind::Act:
        story.standing.push_back("action " + system_.actions[actor.index].name);
        break;
    }
  }
}

/// "could continue in 2 of the 6 states of the loop, but there nic.isr may start on its CPU first".
std::string Teller::why_starved(const Run& run, const Starved& starved) const {
  const Context& context = system_.contexts[starved.actor.index];
  const bool is_start = starved.actor.kind == Actor::Kind::Start;
  const std::string blocked =
      is_start ? why_not_started(system_, run.states[starved.blocked_at], context)
               : why_blocked(interpreter_, run.states[starved.blocked_at], context, starved.actor.activation);
  if (starved.able == 0) return blocked;
  std::string names;
  for (const std::string& name : starved.preempting) names += (names.empty() ? "" : ", ") + name;
  const std::string able = fmt::format("could {} in {} of the {} states of the loop", is_start ? "start" : "continue",
                                       starved.able, starved.states);
  if (starved.able < starved.states && (is_start || context.kind != ContextKind::Thread || names.empty())) {
    return able + "; elsewhere it " + blocked;
  }
  return names.empty() ? able + ", and is owed no turn" : able + ", but " + names + " may start first each time";
}

void Teller::explain_starved(const Run& run, Story& story) const {
  story.loop = *run.loop;
  story.needs_no_event = std::none_of(run.steps.begin() + static_cast<std::ptrdiff_t>(*run.loop), run.steps.end(),
                                      [](const Step& step) { return step.actor.kind == Actor::Kind::Act; });
  for (const Starved& starved : starved_in(interpreter_, run)) {
    const Context& context = system_.contexts[starved.actor.index];
    const bool is_start = starved.actor.kind == Actor::Kind::Start;
    const Location* location =
        is_start ? nullptr : location_of(system_, run.states[*run.loop], context, starved.actor.activation);
    story.blocked.push_back({is_start ? context.name : name_of(context, starved.actor.activation),
                             context.kind == ContextKind::Thread ? "thread" : "handler", why_starved(run, starved),
                             location == nullptr ? Span{} : location->span});
  }
}

Story Teller::tell(const Finding& finding) {
  Story story;
  story.rule = finding.rule;
  story.in_state = finding.in_state;
  story.violation = finding.violation;
  if (finding.run.states.empty()) return story;
  const Expected<OriginalRun> original = original_run(systems_, finding);
  if (!original) {  // a mistake in a pass (tests/differential/way_back.h): the run of the reduced system is right as it is
    QUIESCE_CHECK(&systems_.original != &systems_.reduced) << "a run cannot be followed: " << original.error();
    const BackMap same = identity_map(systems_.reduced);
    return Teller({systems_.reduced, systems_.reduced, same}, sources_, options_).tell(finding);
  }
  tell_steps(finding, *original, story);
  if (finding.run.loop) {
    story.in_loop = loop_conditions(interpreter_, finding);
    explain_starved(finding.run, story);
  } else if (finding.in_state) {
    explain_blocked(finding.run.states.back(), story);
  }
  return story;
}

Story Teller::tell_in_parts(const Finding& about, const OriginalRun& run) {
  tells_all_choices_ = true;
  Finding told = about;
  told.run.states.clear();
  told.run.steps.clear();
  for (const std::size_t at : run.reached) told.run.states.push_back(run.run.states[at]);
  for (std::size_t i = 0; i < run.run.steps.size(); ++i) {
    if (run.part_of[i] == told.run.steps.size()) told.run.steps.push_back(run.run.steps[i]);  // the first of its parts
  }
  Story story;
  story.rule = about.rule;
  story.in_state = about.in_state;
  story.violation = about.violation;
  story.loop = about.run.loop;
  if (told.run.states.empty()) return story;
  tell_steps(told, run, story);
  if (about.in_state && !about.run.loop) explain_blocked(told.run.states.back(), story);
  return story;
}

}  // namespace

std::string branch_text(std::string_view either, std::size_t branch) {
  if (!either.starts_with("either")) return "";
  constexpr std::size_t kLongest = 48;
  std::string text;
  std::size_t depth = 0;
  std::size_t number = 0;
  bool is_comment = false;
  for (std::size_t i = 0; i < either.size(); ++i) {
    is_comment = either[i] != '\n' && (is_comment || either.substr(i, 2) == "//");
    if (is_comment) continue;
    if (either[i] == '}' && --depth == 0 && number == branch) break;
    if (number == branch) text += either[i];
    if (either[i] == '{' && ++depth == 1) ++number;
  }
  std::string line;
  for (const char c : text) {
    const bool is_gap = c == ' ' || c == '\n';
    if (!is_gap) line += c;
    if (is_gap && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line.size() <= kLongest ? line : line.substr(0, kLongest - 3) + "...";
}

std::string choice_text(const TraceEvent& event, std::string_view statement) {
  const auto* choose = std::get_if<ChooseOp>(event.op);
  if (choose == nullptr || choose->lo == choose->hi || !choose->counted) return "";
  if (event.values.empty() || event.values[0].empty()) return "";
  const std::int32_t value = event.values[0][0];
  if (choose->type != nullptr) {
    return is_scalar(*choose->type) ? fmt::format("{} = {}", choose->what, format_value(*choose->type, &value)) : "";
  }
  if (choose->what != "either") return fmt::format("{} = {}", choose->what, value);
  const auto branch = static_cast<std::size_t>(value - choose->lo + 1);
  const std::string does = branch_text(statement, branch);
  return fmt::format("branch {} of either{}{}", branch, does.empty() ? "" : ": ", does);
}

std::vector<std::string> choice_texts(const std::vector<TraceEvent>& events, const SourceMap& sources) {
  std::vector<std::string> texts;
  Span statement;
  for (const TraceEvent& event : events) {
    if (const auto* begins = std::get_if<StatementOp>(event.op)) statement = begins->span;
    std::string text = choice_text(event, text_from(sources, statement));
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

Story tell_in_parts(const TransitionSystem& system, const Finding& about, const OriginalRun& run,
                    const SourceMap& sources, const TellOptions& options) {
  const BackMap same = identity_map(system);
  return Teller({system, system, same}, sources, options).tell_in_parts(about, run);
}

Story tell(const ReducedSystem& systems, const Finding& finding, const SourceMap& sources, const TellOptions& options) {
  return Teller(systems, sources, options).tell(finding);
}

std::size_t common_steps(const Story& a, const Story& b) {
  if (a.initially != b.initially) return 0;
  const auto [end, other] = std::mismatch(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end());
  return static_cast<std::size_t>(end - a.steps.begin());
}

std::string line_of(const SourceMap& sources, Span span) {
  if (!span.valid()) return "";
  const SourceFile& file = sources.file(span.file);
  return fmt::format("{}:{}", file.name(), file.position(span.begin).line);
}

std::string one_line(const SourceMap& sources, Span span, std::size_t width) {
  if (!span.valid()) return "";
  std::string line;
  bool gap = false;
  for (const char c : sources.text(span)) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      gap = !line.empty();
      continue;
    }
    if (gap) line += ' ';
    gap = false;
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  if (line.size() > width) {
    std::size_t cut = width - 3;
    while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80) --cut;
    line = line.substr(0, cut) + "...";
  }
  return line;
}

}  // namespace quiesce::checker
