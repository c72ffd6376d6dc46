#include "checker/report/text_report.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "checker/report/layout.h"
#include "checker/report/story.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

using namespace model;

namespace {

Ink verdict_ink(Verdict verdict) {
  switch (verdict) {
    case Verdict::Holds:
      return Ink::Good;
    case Verdict::Violated:
      return Ink::Bad;
    case Verdict::Vacuous:
      return Ink::Doubtful;
    case Verdict::NotExercised:
      return Ink::Dim;
    case Verdict::Unknown:
      return Ink::Doubtful;
  }
  return Ink::Plain;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ") {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

/// "1", "1 and 2", "1, 2, 5..7": cell numbers for people.
std::string number_list(const std::vector<std::size_t>& numbers) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    if (end >= i + 2) {
      parts.push_back(fmt::format("{}..{}", numbers[i], numbers[end]));
    } else {
      for (std::size_t k = i; k <= end; ++k) parts.push_back(std::to_string(numbers[k]));
    }
    i = end + 1;
  }
  return joined(parts);
}

class Writer {
 public:
  Writer(const SourceMap& sources, const TextOptions& options) : sources_(sources), options_(options) {}

  std::string report(const std::vector<CellOutcome>& cells);

 private:
  void heading(const std::vector<CellOutcome>& cells);
  void parameters(const CellOutcome& outcome);
  void cell_table(const std::vector<CellOutcome>& cells);
  void broken_rules(const std::vector<CellOutcome>& cells);
  void broken_rule(const CellOutcome& outcome, const RuleResult& rule, const std::string& which_cells);
  void verdict_table(const std::vector<CellOutcome>& cells);
  void costs(const std::vector<CellOutcome>& cells);
  void savings(const std::vector<CellOutcome>& cells);
  void expectations(const std::vector<CellOutcome>& cells);
  void explosion(const std::vector<CellOutcome>& cells);

  void story(const TransitionSystem& system, const Story& story, bool is_shortest);
  void story_step(const StoryStep& step, std::size_t number);
  void story_heading(const StoryStep& step);
  void story_line(const std::string& number, const StoryLine& line, const std::string& note);
  void story_notes(const std::vector<std::string>& notes, std::size_t from);
  void violation(const TransitionSystem& system, const Story& story);

  std::string ink(std::string_view text, Ink which) const { return inked(text, which, options_.colour); }
  std::string place(Span span) const;
  void choose_file_names(const Story& story);

  const SourceMap& sources_;
  const TextOptions& options_;
  std::string out_;
  std::map<std::uint32_t, std::string> file_names_;  // as the current story shows them
  std::size_t place_width_ = 0;
  std::size_t note_column_ = 0;  // where what changed stands
};

constexpr std::size_t kNumberWidth = 6;  // "   12 "
constexpr std::size_t kNoteWidth = 40;
constexpr std::size_t kStatementWidth = 48;  // what changed stands behind so many columns, when the line leaves room

// ------------------------------------------------------------------------------------------- report

std::string Writer::report(const std::vector<CellOutcome>& cells) {
  heading(cells);
  if (cells.size() == 1) parameters(cells[0]);
  if (cells.size() > 1) cell_table(cells);
  if (!options_.quiet) broken_rules(cells);
  verdict_table(cells);
  costs(cells);
  expectations(cells);
  explosion(cells);
  return std::move(out_);
}

void Writer::heading(const std::vector<CellOutcome>& cells) {
  const CellOutcome& cell = cells[0];
  const std::string what =
      cells.size() == 1 ? cell.title : fmt::format("{} ({} cells)", cell.system->name, cells.size());
  std::string place_text;
  if (cell.span.valid()) {
    const SourceFile& file = sources_.file(cell.span.file);
    place_text = fmt::format("{}:{}: ", file.name(), file.position(cell.span.begin).line);
  }
  out_ += ink(fmt::format("{}check {}", place_text, what), Ink::Bold) + "\n\n";
}

/// Every parameter of the system, since what an environment guarantees is one: a verdict is worth nothing without.
void Writer::parameters(const CellOutcome& outcome) {
  const std::vector<ParameterValue>& all = outcome.system->parameters;
  if (all.empty()) return;
  std::vector<std::string> parts;
  bool marked = false;
  for (const ParameterValue& parameter : all) {
    parts.push_back(fmt::format("{} = {}{}", parameter.name, parameter.value, parameter.is_default ? "" : "*"));
    marked |= !parameter.is_default;
  }
  out_ += wrapped("with " + joined(parts) + (marked ? "\n* not the default" : ""), 2, options_.width) + "\n";
}

void Writer::cell_table(const std::vector<CellOutcome>& cells) {
  // What all cells share is said once, in the heading; a line shows what tells it from the others.
  std::map<std::string, std::set<std::string>> values;
  for (const CellOutcome& outcome : cells) {
    for (const ParameterValue& parameter : outcome.system->parameters) {
      values[parameter.name].insert(parameter.value);
    }
  }
  std::vector<std::string> shared;
  bool marked = false;
  for (const ParameterValue& parameter : cells[0].system->parameters) {
    if (values[parameter.name].size() > 1) continue;
    shared.push_back(fmt::format("{} = {}{}", parameter.name, parameter.value, parameter.is_default ? "" : "*"));
    marked |= !parameter.is_default;
  }
  if (!shared.empty()) {
    out_ += wrapped("with " + joined(shared) + (marked ? "\n* not the default" : ""), 2, options_.width) + "\n";
  }
  std::vector<std::string> titles;
  std::size_t title_width = 0;
  for (const CellOutcome& outcome : cells) {
    std::vector<std::string> own;
    for (const ParameterValue& parameter : outcome.system->parameters) {
      if (values[parameter.name].size() > 1) own.push_back(fmt::format("{} = {}", parameter.name, parameter.value));
    }
    titles.push_back(own.empty() ? outcome.title : joined(own));
    title_width = std::max(title_width, columns(titles.back()));
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Verdict verdict = overall(cells[i].result);
    std::string line = fmt::format("  {:>3}  ", i + 1) + padded(titles[i], title_width) + "  ";
    const std::string summary = verdict_summary(*cells[i].system, cells[i].result);
    out_ += line + ink(summary, verdict_ink(verdict)) + "\n";
  }
  out_ += "\n";
}

/// One story per broken rule, the shortest over the cells, in the order of discovery of the first cell that has it.
void Writer::broken_rules(const std::vector<CellOutcome>& cells) {
  struct Broken {
    std::vector<std::size_t> cells;  // numbers, from 1
    std::size_t best = 0;            // position of the cell with the shortest run
    std::size_t length = 0;
  };
  std::vector<std::string> order;
  std::map<std::string, Broken> broken;
  const auto rule_in = [](const CellOutcome& outcome, const std::string& name) -> const RuleResult* {
    for (const RuleResult& rule : outcome.result.rules) {
      if (outcome.system->at(rule.rule).name == name) return &rule;
    }
    return nullptr;
  };
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const SearchResult& result = cells[i].result;
    std::vector<const RuleResult*> violated;
    for (const RuleResult& rule : result.rules) {
      if (rule.verdict == Verdict::Violated) violated.push_back(&rule);
    }
    // Rules without a run (a witness that does not exist) come last.
    std::stable_sort(violated.begin(), violated.end(), [](const RuleResult* a, const RuleResult* b) {
      return a->finding.value_or(SIZE_MAX) < b->finding.value_or(SIZE_MAX);
    });
    for (const RuleResult* rule : violated) {
      const std::string& name = cells[i].system->at(rule->rule).name;
      const std::size_t length = rule->finding ? result.findings[*rule->finding].run.steps.size() : 0;
      const auto [at, is_new] = broken.try_emplace(name);
      if (is_new) order.push_back(name);
      if (is_new || length < at->second.length) {
        at->second.best = i;
        at->second.length = length;
      }
      at->second.cells.push_back(i + 1);
    }
  }
  for (const std::string& name : order) {
    const Broken& rule = broken[name];
    const CellOutcome& outcome = cells[rule.best];
    std::string which;
    if (cells.size() > 1) {
      which = rule.cells.size() == cells.size()
                  ? "in every cell"
                  : fmt::format("in {} {}", rule.cells.size() == 1 ? "cell" : "cells", number_list(rule.cells));
      if (rule.cells.size() > 1) which += fmt::format(", shown for cell {}", rule.best + 1);
    }
    broken_rule(outcome, *rule_in(outcome, name), which);
  }
}

void Writer::broken_rule(const CellOutcome& outcome, const RuleResult& result, const std::string& which_cells) {
  const TransitionSystem& system = *outcome.system;
  const Rule& rule = system.at(result.rule);
  out_ += ink(rule.is_warning ? "VIOLATED (warning)" : "VIOLATED", Ink::Bad) + "  " + ink(rule.name, Ink::Bold);
  out_ += which_cells.empty() ? "\n" : "  (" + which_cells + ")\n";
  const std::size_t width = std::min<std::size_t>(options_.width, 100);
  if (!rule.title.empty()) out_ += wrapped(rule.title, 2, width);
  if (!rule.because.empty()) out_ += wrapped("Because: " + rule.because, 2, width);
  if (!rule.citations.empty()) out_ += wrapped("Source: " + joined(rule.citations), 2, width);
  out_ += "\n";
  if (!result.finding) {
    out_ += wrapped(result.reason.empty() ? "no reachable state is as wanted" : result.reason, 2, width) + "\n";
    return;
  }
  const Finding& finding = outcome.result.findings[*result.finding];
  if (finding.run.states.empty()) {  // what was to be reachable is not: its absence is the finding
    file_names_.clear();
    out_ += "  No run leads to a state in which this holds:\n";
    const Span span = finding.violation.span;
    if (span.valid()) out_ += "    " + place(span) + "  " + one_line(sources_, span, options_.width - 30) + "\n";
    out_ += "\n";
    return;
  }
  TellOptions tell_options;
  if (!options_.full) tell_options.own_file = outcome.span.file;
  const bool is_shortest = outcome.result.hunt.empty() && outcome.result.exact;
  story(system, tell(Interpreter(system), finding, sources_, tell_options), is_shortest);
}

void Writer::verdict_table(const std::vector<CellOutcome>& cells) {
  if (options_.quiet && cells.size() > 1) return;
  if (cells.size() > 1) {
    // A rule that is nowhere exercised, or somewhere unknown, is worth a line in a matrix too.
    std::map<std::string, std::size_t> idle;
    std::vector<std::string> names;
    for (const CellOutcome& outcome : cells) {
      for (const RuleResult& rule : outcome.result.rules) {
        if (rule.verdict != Verdict::NotExercised) continue;
        const std::string& name = outcome.system->at(rule.rule).name;
        if (++idle[name] == cells.size()) names.push_back(name);
      }
    }
    if (!names.empty()) {
      out_ +=
          wrapped(fmt::format("Not exercised in any cell ({}): {}", names.size(), joined(names)), 2, options_.width);
      out_ += "\n";
    }
    return;
  }
  const TransitionSystem& system = *cells[0].system;
  std::vector<std::string> idle;
  // Rules that are unknown for one reason are listed together, when they are many.
  std::vector<std::pair<std::string, std::vector<std::string>>> unknown;
  for (const RuleResult& rule : cells[0].result.rules) {
    if (rule.verdict != Verdict::Unknown) continue;
    const auto known =
        std::find_if(unknown.begin(), unknown.end(), [&](const auto& u) { return u.first == rule.reason; });
    auto& names =
        known != unknown.end() ? known->second : unknown.emplace_back(rule.reason, std::vector<std::string>()).second;
    names.push_back(system.at(rule.rule).name);
  }
  const auto is_listed = [&](const RuleResult& rule) {
    if (rule.verdict != Verdict::Unknown) return false;
    return std::any_of(unknown.begin(), unknown.end(),
                       [&](const auto& u) { return u.first == rule.reason && u.second.size() > 2; });
  };
  std::size_t name_width = 0;
  for (const RuleResult& rule : cells[0].result.rules) {
    const std::string& name = system.at(rule.rule).name;
    if (rule.verdict == Verdict::NotExercised) {
      idle.push_back(name);
    } else if (!is_listed(rule)) {
      name_width = std::max(name_width, columns(name));
    }
  }
  std::size_t holding = 0;  // counted where they are not listed
  for (const RuleResult& result : cells[0].result.rules) {
    if (result.verdict == Verdict::NotExercised || is_listed(result)) continue;
    if (options_.quiet && result.verdict == Verdict::Holds) {
      ++holding;
      continue;
    }
    const Rule& rule = system.at(result.rule);
    std::string about = rule.title;
    if (result.verdict == Verdict::Unknown && !result.reason.empty()) about = result.reason;
    if (result.verdict == Verdict::Vacuous) {
      about = (result.reason.empty() ? "its condition never comes true" : result.reason) + ": " + rule.title;
    }
    const std::size_t taken = 2 + 10 + name_width + 2;
    const std::size_t room = options_.width > taken + 20 ? options_.width - taken : 20;
    if (columns(about) > room) {
      std::size_t cut = about.rfind(' ', room - 3);
      if (cut == std::string::npos) cut = room - 3;
      about = about.substr(0, cut) + "...";
    }
    std::string line = "  " + ink(padded(verdict_name(result.verdict), 10), verdict_ink(result.verdict));
    line += about.empty() ? rule.name : padded(rule.name, name_width + 2) + ink(about, Ink::Dim);
    out_ += line + "\n";
  }
  if (holding > 0) {
    out_ += "  " + ink(padded(verdict_name(Verdict::Holds), 10), verdict_ink(Verdict::Holds));
    out_ += fmt::format("{} rule{}\n", holding, holding == 1 ? "" : "s");
  }
  for (const auto& [reason, names] : unknown) {
    if (names.size() < 3) continue;
    const SearchResult& result = cells[0].result;
    const bool told_below = result.limit != LimitKind::None || !result.exact || !result.hunt.empty();
    const std::string why = told_below ? "" : ", " + reason;
    out_ += ink(wrapped(fmt::format("unknown ({}){}: {}", names.size(), why, joined(names)), 2, options_.width),
                Ink::Doubtful);
  }
  if (!idle.empty() && !options_.quiet) {
    const std::string list = fmt::format("not exercised ({}): {}", idle.size(), joined(idle));
    out_ += wrapped(list, 2, options_.width);
  }
  if (!cells[0].result.rules.empty()) out_ += "\n";
}

void Writer::costs(const std::vector<CellOutcome>& cells) {
  Statistics sum;
  std::set<std::string> limits;
  for (const CellOutcome& outcome : cells) {
    const Statistics& one = outcome.result.statistics;
    sum.distinct_states += one.distinct_states;
    sum.generated_steps += one.generated_steps;
    sum.depth = std::max(sum.depth, one.depth);
    sum.wall += one.wall;
    sum.peak_memory_bytes = std::max(sum.peak_memory_bytes, one.peak_memory_bytes);
    const bool told_by_rules = outcome.result.limit == LimitKind::None && outcome.result.exact;
    if (cells.size() > 1 || (told_by_rules && outcome.result.hunt.empty()))
      continue;  // cells say it in their own lines
    for (const RuleResult& rule : outcome.result.rules) {
      if (rule.verdict == Verdict::Unknown) limits.insert(rule.reason);
    }
  }
  // A hunt may meet states again without knowing it.
  const char* states = cells[0].result.hunt.empty() ? "distinct state" : "visited state";
  std::string line = fmt::format("{}, {}, depth {}", counted(sum.distinct_states, states),
                                 counted(sum.generated_steps, "generated step"), grouped(sum.depth));
  if (cells.size() > 1) line += " (all cells)";
  out_ += "  " + line + "\n";
  savings(cells);
  const std::string& hunt = cells[0].result.hunt;
  const bool same_hunt =
      std::all_of(cells.begin(), cells.end(), [&](const CellOutcome& outcome) { return outcome.result.hunt == hunt; });
  if (!hunt.empty() && same_hunt) out_ += "  by " + hunt + (cells.size() > 1 ? ", in each cell\n" : "\n");
  for (const std::string& limit : limits) out_ += "  " + ink("search not complete: " + limit, Ink::Doubtful) + "\n";
  if (options_.show_cost) {
    const double seconds = std::chrono::duration<double>(sum.wall).count();
    std::string cost = duration_text(sum.wall);
    if (sum.peak_memory_bytes > 0) cost += ", " + memory_text(sum.peak_memory_bytes);
    if (seconds > 0.2) {
      cost += fmt::format(", {} states/s", grouped(static_cast<std::uint64_t>(sum.distinct_states / seconds)));
    }
    out_ += "  " + ink(cost, Ink::Dim) + "\n";
  }
}

/// What reductions saved: a line for each that saved something, of the cell where it saved most.
void Writer::savings(const std::vector<CellOutcome>& cells) {
  const auto most = std::max_element(cells.begin(), cells.end(), [](const CellOutcome& a, const CellOutcome& b) {
    return a.reduction.variables_sliced < b.reduction.variables_sliced;
  });
  const model::ReductionStatistics& reduction = most->reduction;
  const char* const up_to = cells.size() > 1 ? "up to " : "";
  if (reduction.variables_sliced > 0) {
    out_ += fmt::format("  slicing: {}{} of {} do not matter to the rules asked for\n", up_to,
                        grouped(reduction.variables_sliced), counted(reduction.variables, "variable"));
  }
  std::uint64_t states = 0;
  std::uint64_t reduced = 0;
  for (const CellOutcome& outcome : cells) {
    states += outcome.result.statistics.distinct_states;
    reduced += outcome.result.statistics.reduced_states;
  }
  if (reduced > 0) {
    const std::uint64_t percent = std::max<std::uint64_t>(1, std::min(reduced, states) * 100 / states);
    out_ += fmt::format("  partial order: in {} % of the states the steps of some contexts were enough\n", percent);
  }
  const auto interchangeable = [](const CellOutcome& cell) {
    std::size_t members = 0;
    for (const auto& one : cell.result.symmetry.classes) members += one.size();
    return members;
  };
  const auto alike = std::max_element(cells.begin(), cells.end(), [&](const CellOutcome& a, const CellOutcome& b) {
    return interchangeable(a) < interchangeable(b);
  });
  for (const std::vector<std::string>& members : alike->result.symmetry.classes) {
    const std::string who = members.size() <= 3
                                ? joined(members)
                                : fmt::format("{}, {} and {} more", members[0], members[1], members.size() - 2);
    out_ += wrapped(fmt::format("symmetry: {} are interchangeable", who), 2, options_.width);
  }
  // What breaks a symmetry matters where there are too many states, or who asks for everything.
  for (const SymmetryObstacle& obstacle : cells[0].result.symmetry.obstacles) {
    if (!options_.full && cells[0].result.limit == LimitKind::None) break;
    const std::string where = obstacle.span.file.valid() ? " (" + place(obstacle.span) + ")" : "";
    out_ += wrapped(fmt::format("symmetry: {} and {} are not interchangeable: {}{}", obstacle.first, obstacle.second,
                                obstacle.reason, where),
                    2, options_.width);
  }
}

void Writer::expectations(const std::vector<CellOutcome>& cells) {
  std::size_t expected = 0;
  bool undecided = false;
  std::vector<std::pair<std::size_t, std::string>> different;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].has_expectation) continue;
    ++expected;
    undecided |= cells[i].undecided;
    if (!cells[i].difference.empty()) different.emplace_back(i + 1, cells[i].difference);
  }
  if (expected == 0) return;
  if (different.empty() && undecided) {
    out_ += "  undecided, so not compared with what is expected\n";
    return;
  }
  if (different.empty()) {
    out_ += "  as expected\n";
    return;
  }
  for (const auto& [number, why] : different) {
    out_ += "  " +
            ink(cells.size() > 1 ? fmt::format("cell {} is not as expected:", number) : "not as expected:", Ink::Bad) +
            "\n";
    std::string_view rest = why;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      out_ += wrapped(rest.substr(0, end), 4, options_.width);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
}

/// What to do about the limit that ended a search; in a matrix, of the first cell that came to one.
void Writer::explosion(const std::vector<CellOutcome>& cells) {
  if (options_.quiet) return;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text =
        explosion_text(*cells[i].system, cells[i].result, sources_, cells[i].asked, options_.width);
    if (text.empty()) continue;
    out_ += "\n";
    if (cells.size() > 1) out_ += fmt::format("  cell {} came to a limit:\n", i + 1);
    out_ += text;
    return;
  }
}

// -------------------------------------------------------------------------------------------- story

/// Files are named by their last part where that is unique in the story, else as they were given.
void Writer::choose_file_names(const Story& story) {
  std::set<std::uint32_t> used;
  std::vector<Span> spans{story.violation.span};
  for (const StoryStep& step : story.steps) {
    for (const StoryLine& line : step.lines) spans.push_back(line.span);
  }
  for (const StoryBlocked& blocked : story.blocked) spans.push_back(blocked.span);
  for (const Span span : spans) {
    if (span.valid()) used.insert(span.file.value);
  }
  std::map<std::string, int> count;
  const auto last_part = [&](std::uint32_t file) {
    const std::string& name = sources_.file(FileId(file)).name();
    return name.substr(name.find_last_of("/:") + 1);
  };
  for (const std::uint32_t file : used) ++count[last_part(file)];
  file_names_.clear();
  for (const std::uint32_t file : used) {
    const std::string name = last_part(file);
    file_names_[file] = count[name] == 1 ? name : sources_.file(FileId(file)).name();
  }
  place_width_ = 0;
  for (const StoryStep& step : story.steps) {
    for (const StoryLine& line : step.lines) {
      if (line.kind != StoryLine::Kind::Call) place_width_ = std::max(place_width_, columns(place(line.span)));
    }
  }
  // Beside long names of files the statements get less room, so that what changed keeps some.
  note_column_ = std::min(kNumberWidth + place_width_ + 2 + kStatementWidth, options_.width - kNoteWidth);
}

std::string Writer::place(Span span) const {
  if (!span.valid()) return "";
  const auto known = file_names_.find(span.file.value);
  const std::string& name = known == file_names_.end() ? sources_.file(span.file).name() : known->second;
  return fmt::format("{}:{}", name, sources_.file(span.file).position(span.begin).line);
}

void Writer::story(const TransitionSystem& system, const Story& told, bool is_shortest) {
  choose_file_names(told);
  if (told.steps.empty()) {
    out_ += "  It is broken in an initial state.\n";
  } else {
    out_ +=
        fmt::format("  {} has {}:\n",
                    is_shortest ? "The shortest run that breaks it" : "A run that breaks it, perhaps not the shortest,",
                    counted(told.steps.size(), "step"));
  }
  if (!told.initially.empty()) {
    std::vector<std::string> parts;
    for (const StoryChange& value : told.initially) parts.push_back(value.name + " = " + value.after);
    out_ += wrapped("initially " + joined(parts), 4, options_.width);
  }
  // Consecutive steps of the same context on the same CPU at the same level stand under one heading.
  const StoryStep* previous = nullptr;
  std::size_t number = 0;
  for (const StoryStep& step : told.steps) {
    const bool goes_on = previous != nullptr && previous->who == step.who && previous->role == step.role &&
                         !step.starts && previous->cpu_after == step.cpu_before &&
                         previous->level_after == step.level_before && previous->cpu_before == previous->cpu_after &&
                         previous->level_before == previous->level_after;
    if (!goes_on) story_heading(step);
    story_step(step, ++number);
    previous = &step;
  }
  violation(system, told);
  out_ += "\n";
}

void Writer::story_heading(const StoryStep& step) {
  out_ += "\n  " + ink(step.who, Ink::Bold) + " (" + step.role + ")";
  if (step.in_context) {
    out_ += step.cpu_before < 0 ? ", floating" : fmt::format(", cpu {}", step.cpu_before);
    const std::string level = level_name(step.level_before);
    out_ += ", " + (step.level_before > 2 ? "level " + level : level);
  }
  out_ += "\n";
}

void Writer::story_step(const StoryStep& step, std::size_t number) {
  std::vector<std::string> notes;
  if (step.in_context && step.level_before != step.level_after) {
    notes.push_back(level_name(step.level_before) + "→" + level_name(step.level_after));
  }
  if (step.in_context && step.cpu_before != step.cpu_after) {
    notes.push_back(step.cpu_after < 0 ? "floats" : fmt::format("takes cpu {}", step.cpu_after));
  } else if (step.taken_on >= 0 && step.cpu_before < 0) {
    notes.push_back(fmt::format("on cpu {}", step.taken_on));
  }
  // What changed stands beside its statement where that leaves room, else below it; levels and CPUs beside the last.
  const std::vector<StoryLine>& lines = step.lines;
  std::size_t noted = lines.size() - 1;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].kind == StoryLine::Kind::Statement || lines[i].kind == StoryLine::Kind::Start) noted = i;
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> parts;
    if (i == noted) parts = notes;
    for (const StoryChange& change : lines[i].changes) {
      parts.push_back(fmt::format("{}: {} → {}", change.name, change.before, change.after));
    }
    story_line(i == 0 ? std::to_string(number) : "", lines[i], joined(parts));
  }
}

void Writer::story_line(const std::string& number, const StoryLine& line, const std::string& note) {
  std::string text;
  Ink which = Ink::Plain;
  switch (line.kind) {
    case StoryLine::Kind::Start:
      text = "starts: " + line.text;
      break;
    case StoryLine::Kind::Act:
      text = line.text;
      break;
    case StoryLine::Kind::Statement:
      text = line.text;
      break;
    case StoryLine::Kind::Call:
      text = "→ " + line.text;
      which = Ink::Bold;
      break;
    case StoryLine::Kind::Return:
      text = "← " + line.text;
      which = Ink::Bold;
      break;
    case StoryLine::Kind::Choice:
      text = line.text;
      which = Ink::Change;
      break;
    case StoryLine::Kind::End:
      text = line.text;
      which = Ink::Dim;
      break;
  }
  // A call is told on the line below its statement; its place would only repeat that line's.
  const std::string where = line.kind == StoryLine::Kind::Call ? "" : place(line.span);
  const std::size_t indent = 2 * std::min<std::uint32_t>(line.depth, 8);
  const std::size_t start = kNumberWidth + place_width_ + 2 + indent;
  const std::size_t room = options_.width > start + 24 ? options_.width - start : 24;
  if (columns(text) > room) {
    std::size_t cut = room - 3;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
    text = text.substr(0, cut) + "...";
  }
  out_ += fmt::format("{:>5} ", number) + ink(padded(where, place_width_), Ink::Dim) + "  " + std::string(indent, ' ') +
          ink(text, which);
  const std::size_t end = start + columns(text);
  const std::size_t column = std::max(note_column_, end + 3);
  if (!note.empty()) {
    if (column + columns(note) <= options_.width) {
      out_ += std::string(column - end, ' ') + ink(note, Ink::Change) + "\n";
    } else {
      out_ += "\n";
      std::string below = wrapped(note, start + 4, options_.width);
      if (!below.empty() && below.back() == '\n') below.pop_back();
      out_ += ink(below, Ink::Change) + "\n";
    }
  } else {
    out_ += "\n";
  }
}

void Writer::violation(const TransitionSystem& system, const Story& told) {
  const Rule& rule = system.at(told.rule);
  const std::string margin(kNumberWidth - 2, ' ');
  std::string what = rule.name;
  if (!told.violation.message.empty()) what += ": " + told.violation.message;
  if (told.in_state) out_ += "\n";
  // A violation in a step stands below the line that broke; only if that line says something else, the check is shown.
  const bool shown = !told.in_state && !told.steps.empty() &&
                     std::any_of(told.steps.back().lines.begin(), told.steps.back().lines.end(),
                                 [&](const StoryLine& line) { return place(line.span) == place(told.violation.span); });
  out_ += margin + ink("✗ " + what, Ink::Bad) + "\n";
  if (told.violation.span.valid() && !shown && told.blocked.empty()) {
    out_ += std::string(kNumberWidth, ' ') + ink(place(told.violation.span), Ink::Dim) + "  " +
            one_line(sources_, told.violation.span, options_.width - 30) + "\n";
  }
  for (const StoryBlocked& blocked : told.blocked) {
    out_ += std::string(kNumberWidth, ' ') + ink(blocked.who, Ink::Bold) + " " + blocked.why + "\n";
    if (blocked.span.valid()) {
      out_ += std::string(kNumberWidth + 2, ' ') + ink(place(blocked.span), Ink::Dim) + "  " +
              one_line(sources_, blocked.span, options_.width - 30) + "\n";
    }
  }
  if (!told.standing.empty()) {
    out_ += wrapped("what could change it is waiting too: " + joined(told.standing), kNumberWidth, options_.width);
  }
}

}  // namespace

Verdict overall(const SearchResult& result) {
  const auto some = [&](Verdict verdict) {
    return std::any_of(result.rules.begin(), result.rules.end(),
                       [&](const RuleResult& rule) { return rule.verdict == verdict; });
  };
  if (some(Verdict::Violated)) return Verdict::Violated;
  if (some(Verdict::Unknown)) return Verdict::Unknown;
  if (some(Verdict::Vacuous)) return Verdict::Vacuous;
  return Verdict::Holds;
}

std::string verdict_summary(const TransitionSystem& system, const SearchResult& result) {
  std::vector<std::string> violated, vacuous;
  std::map<std::string, std::size_t> unknown;  // reason -> how many rules
  for (const RuleResult& rule : result.rules) {
    const std::string& name = system.at(rule.rule).name;
    switch (rule.verdict) {
      case Verdict::Violated:
        violated.push_back(name);
        break;
      case Verdict::Vacuous:
        vacuous.push_back(name);
        break;
      case Verdict::Unknown:
        ++unknown[rule.reason];
        break;
      case Verdict::Holds:
      case Verdict::NotExercised:
        break;
    }
  }
  std::vector<std::string> parts;
  if (!violated.empty()) parts.push_back("violated " + joined(violated));
  for (const auto& [reason, count] : unknown) {
    parts.push_back(fmt::format("unknown {} ({})", counted(count, "rule"), reason));
  }
  if (!vacuous.empty()) parts.push_back("vacuous " + joined(vacuous));
  return parts.empty() ? "holds" : joined(parts, "; ");
}

std::string check_report(const std::vector<CellOutcome>& cells, const SourceMap& sources, const TextOptions& options) {
  return Writer(sources, options).report(cells);
}

}  // namespace quiesce::checker
