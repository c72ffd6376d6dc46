#include "checker/report/story_text.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "checker/report/layout.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kNumberWidth = 6;       // "   12 "
constexpr std::size_t kLongestFormula = 400;  // characters of one that is told
constexpr std::size_t kNoteWidth = 40;
constexpr std::size_t kStatementWidth = 48;  // what changed stands behind so many columns, when the line leaves room

class StoryWriter {
 public:
  StoryWriter(const SourceMap& sources, const StoryLayout& layout)
      : sources_(sources), layout_(layout), width_(layout.width), colour_(layout.colour) {}

  std::string story(const TransitionSystem& system, const Story& told, bool is_shortest);

 private:
  void head(const Story& told, bool is_shortest);
  void steps(const Story& told);
  void story_step(const StoryStep& step, std::size_t number);
  void plumbing(const std::vector<StoryStep>& steps, std::size_t begin, std::size_t end);
  static std::string lasso_head(const Story& told);
  void loop_mark(const Story& told);
  void story_heading(const StoryStep& step);
  void story_line(const std::string& number, const StoryLine& line, const std::string& note);
  void violation(const TransitionSystem& system, const Story& told);

  std::string ink(std::string_view text, Ink which) const { return inked(text, which, colour_); }
  std::string place(Span span) const;
  void choose_file_names(const Story& story);

  const SourceMap& sources_;
  const StoryLayout& layout_;
  const std::size_t width_;
  const bool colour_;
  std::string out_;
  std::map<std::uint32_t, std::string> file_names_;  // as the story shows them
  model::LevelNames levels_;                         // of the system of the story
  std::size_t place_width_ = 0;
  std::size_t note_column_ = 0;  // where what changed stands
};

/// Files are named by their last part where that is unique in the story, else as they were given.
void StoryWriter::choose_file_names(const Story& story) {
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
  for (std::size_t i = layout_.from; i < story.steps.size(); ++i) {
    for (const StoryLine& line : story.steps[i].lines) {
      if (line.kind != StoryLine::Kind::Call) place_width_ = std::max(place_width_, columns(place(line.span)));
    }
  }
  // Beside long names of files the statements get less room, so that what changed keeps some.
  note_column_ = std::min(kNumberWidth + place_width_ + 2 + kStatementWidth, width_ - kNoteWidth);
}

std::string StoryWriter::place(Span span) const {
  if (!span.valid()) return "";
  const auto known = file_names_.find(span.file.value);
  const std::string& name = known == file_names_.end() ? sources_.file(span.file).name() : known->second;
  return fmt::format("{}:{}", name, sources_.file(span.file).position(span.begin).line);
}

std::string StoryWriter::story(const TransitionSystem& system, const Story& told, bool is_shortest) {
  levels_ = system.level_names;
  choose_file_names(told);
  head(told, is_shortest);
  steps(told);
  if (told.rule.valid()) violation(system, told);
  return out_ + "\n";
}

void StoryWriter::head(const Story& told, bool is_shortest) {
  if (told.loop) {
    out_ += "  " + lasso_head(told) + ":\n";
  } else if (!layout_.is_told_as.empty()) {
    out_ += fmt::format("  {} {}:\n", layout_.is_told_as, counted(told.steps.size(), "step"));
  } else if (told.steps.empty()) {
    out_ += "  It is broken in an initial state.\n";
  } else {
    out_ +=
        fmt::format("  {} has {}",
                    is_shortest ? "The shortest run that breaks it" : "A run that breaks it, perhaps not the shortest,",
                    counted(told.steps.size(), "step"));
    out_ += layout_.from == 0 ? ":\n" : fmt::format("; the first {} are those of {}:\n", layout_.from, layout_.as);
  }
  if (!told.initially.empty() && layout_.from == 0) {
    std::vector<std::string> parts;
    for (const StoryChange& value : told.initially) parts.push_back(value.name + " = " + value.after);
    out_ += wrapped("initially " + joined(parts), 4, width_);
  }
}

/// Whether `step` goes on where `previous` stopped: the same context on the same CPU at the same level.
bool goes_on_from(const StoryStep& previous, const StoryStep& step) {
  return previous.who == step.who && previous.role == step.role && !step.starts &&
         previous.cpu_after == step.cpu_before && previous.level_after == step.level_before &&
         previous.cpu_before == previous.cpu_after && previous.level_before == previous.level_after;
}

/// Whether `step` returns from a function: steps after it are no more within what it was called for.
bool returns(const StoryStep& step) { return step.lines.back().kind == StoryLine::Kind::Return; }

/// Where the plumbing ends that begins with step `begin` (position behind it); `begin` when there is none. The step of
/// the violation is never part of it.
std::size_t end_of_plumbing(const Story& told, std::size_t begin) {
  std::size_t end = begin;
  const std::size_t last = told.steps.size() - (told.in_state ? 0 : 1);
  while (end < last && told.steps[end].is_plumbing && (end == begin || told.loop != end) &&
         (end == begin || (goes_on_from(told.steps[end - 1], told.steps[end]) && !returns(told.steps[end - 1])))) {
    ++end;
  }
  return end;
}

void StoryWriter::steps(const Story& told) {
  // Consecutive steps of the same context on the same CPU at the same level stand under one heading.
  for (std::size_t i = layout_.from; i < told.steps.size();) {
    const bool begins_loop = told.loop == i;
    if (begins_loop) loop_mark(told);
    const bool goes_on = i > layout_.from && goes_on_from(told.steps[i - 1], told.steps[i]);
    if (!goes_on || begins_loop) story_heading(told.steps[i]);
    if (const std::size_t end = end_of_plumbing(told, i); end > i) {
      plumbing(told.steps, i, end);
      i = end;
    } else {
      story_step(told.steps[i], i + 1);
      ++i;
    }
  }
  if (told.loop == told.steps.size()) loop_mark(told);
}

/// One line for steps [begin, end): what they execute, each thing once.
void StoryWriter::plumbing(const std::vector<StoryStep>& steps, std::size_t begin, std::size_t end) {
  std::vector<std::string> told;
  for (std::size_t i = begin; i < end; ++i) {
    for (const StoryLine& line : steps[i].lines) {
      const bool is_news = std::find(told.begin(), told.end(), line.text) == told.end();
      const bool is_frame = line.text.starts_with("end of ") || line.text.starts_with("atomic");
      if (line.kind == StoryLine::Kind::Statement && is_news && !is_frame) told.push_back(line.text);
    }
  }
  StoryLine line = *std::find_if(steps[begin].lines.begin(), steps[begin].lines.end(),
                                 [](const StoryLine& one) { return one.kind == StoryLine::Kind::Statement; });
  line.text = told.empty() ? "inside the library" : joined(told);
  if (end - begin > 1) line.text += fmt::format("  ({} steps)", end - begin);
  story_line(std::to_string(begin + 1), line, "");
  for (const StoryLine& one : steps[end - 1].lines) {
    if (one.kind == StoryLine::Kind::Return) story_line("", one, "");
  }
}

/// "An infinite run that breaks it: 12 steps, then 6 steps that repeat forever".
std::string StoryWriter::lasso_head(const Story& told) {
  const std::size_t repeating = told.steps.size() - *told.loop;
  const std::string then =
      repeating == 0 ? "nothing happens any more"
                     : fmt::format("{} that repeat{} forever", counted(repeating, "step"), repeating == 1 ? "s" : "");
  if (*told.loop == 0) return "An infinite run that breaks it: " + then;
  return fmt::format("An infinite run that breaks it: {}, then {}", counted(*told.loop, "step"), then);
}

void StoryWriter::loop_mark(const Story& told) {
  const std::size_t repeating = told.steps.size() - *told.loop;
  std::string text = "from here nothing happens any more";
  if (repeating > 0) {
    text = repeating == 1 ? "from here this step repeats forever"
                          : fmt::format("from here these {} steps repeat forever", repeating);
    if (told.needs_no_event) text += ", without any new event";
  }
  out_ += "\n  " + ink("↻ " + text, Ink::Bad) + "\n";
}

void StoryWriter::story_heading(const StoryStep& step) {
  out_ += "\n  " + ink(step.who, Ink::Bold) + " (" + step.role + ")";
  if (step.in_context) {
    out_ += step.cpu_before < 0 ? ", floating" : fmt::format(", cpu {}", step.cpu_before);
    const std::string level = levels_.name(step.level_before);
    out_ += ", " + (levels_.level(level) ? level : "level " + level);
  }
  out_ += "\n";
}

void StoryWriter::story_step(const StoryStep& step, std::size_t number) {
  std::vector<std::string> notes;
  if (step.in_context && step.level_before != step.level_after) {
    notes.push_back(levels_.name(step.level_before) + "→" + levels_.name(step.level_after));
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

void StoryWriter::story_line(const std::string& number, const StoryLine& line, const std::string& note) {
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
  const std::size_t room = width_ > start + 24 ? width_ - start : 24;
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
    if (column + columns(note) <= width_) {
      out_ += std::string(column - end, ' ') + ink(note, Ink::Change) + "\n";
    } else {
      out_ += "\n";
      std::string below = wrapped(note, start + 4, width_);
      if (!below.empty() && below.back() == '\n') below.pop_back();
      out_ += ink(below, Ink::Change) + "\n";
    }
  } else {
    out_ += "\n";
  }
}

void StoryWriter::violation(const TransitionSystem& system, const Story& told) {
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
  if (told.violation.span.valid() && told.loop) {  // a formula is told whole
    const std::string formula = one_line(sources_, told.violation.span, kLongestFormula);
    out_ += wrapped(place(told.violation.span) + "  " + formula, kNumberWidth, width_);
  } else if (told.violation.span.valid() && !shown && told.blocked.empty()) {
    out_ += std::string(kNumberWidth, ' ') + ink(place(told.violation.span), Ink::Dim) + "  " +
            one_line(sources_, told.violation.span, width_ - 30) + "\n";
  }
  for (const std::string& condition : told.in_loop) out_ += wrapped(condition, kNumberWidth, width_);
  for (const StoryBlocked& blocked : told.blocked) {
    out_ += std::string(kNumberWidth, ' ') + ink(blocked.who, Ink::Bold) + " " + blocked.why + "\n";
    if (blocked.span.valid()) {
      out_ += std::string(kNumberWidth + 2, ' ') + ink(place(blocked.span), Ink::Dim) + "  " +
              one_line(sources_, blocked.span, width_ - 30) + "\n";
    }
  }
  if (!told.standing.empty()) {
    out_ += wrapped("what could change it is waiting too: " + joined(told.standing), kNumberWidth, width_);
  }
}

}  // namespace

std::string story_text(const TransitionSystem& system, const Story& story, bool is_shortest, const SourceMap& sources,
                       const StoryLayout& layout) {
  return StoryWriter(sources, layout).story(system, story, is_shortest);
}

}  // namespace quiesce::checker
