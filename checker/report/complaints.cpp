#include "checker/report/complaints.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/report/layout.h"
#include "checker/report/sentences.h"
#include "checker/report/told_story.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// Column `bytes` of a line, counted in code points.
std::size_t code_points(const SourceFile& file, const LineColumn& at) {
  return columns(file.line(at.line).substr(0, at.column - 1)) + 1;
}

struct VerdictWords {
  const char* is;  // "it ..."
  const char* be;  // "it should ..."
};
VerdictWords verdict_words(Verdict verdict) {
  switch (verdict) {
    case Verdict::Holds:
      return {"holds", "hold"};
    case Verdict::Violated:
      return {"is violated", "be violated"};
    case Verdict::Vacuous:
      return {"is vacuous", "be vacuous"};
    case Verdict::NotExercised:
      return {"is not exercised", "not be exercised"};
    case Verdict::Unknown:
      return {"is unknown", "be unknown"};
  }
  return {"", ""};
}

const Difference* difference_of(const CaseOutcome& case_, const RuleResult& rule) {
  const std::string& name = case_.system->at(rule.rule).name;
  for (const Difference& one : case_.comparison.differences) {
    if (one.rule == name) return &one;
    // Many rules that are unknown for one reason are one difference.
    if (one.found == Verdict::Unknown && rule.verdict == Verdict::Unknown && one.reason == rule.reason) return &one;
  }
  return nullptr;
}

Standing tested(const CaseOutcome& case_, const RuleResult& rule) {
  if (difference_of(case_, rule) == nullptr) {
    return rule.verdict == Verdict::NotExercised ? Standing::Skipped : Standing::Passed;
  }
  return rule.verdict == Verdict::Unknown ? Standing::Undecided : Standing::Failed;
}

Standing judged(const RuleResult& rule) {
  switch (rule.verdict) {
    case Verdict::Holds:
      return Standing::Passed;
    case Verdict::Violated:
    case Verdict::Vacuous:
      return Standing::Failed;
    case Verdict::NotExercised:
      return Standing::Skipped;
    case Verdict::Unknown:
      return Standing::Undecided;
  }
  return Standing::Failed;
}

/// Collects the complaints of one file.
class Collector {
 public:
  Collector(const CheckedFiles& checked, const CheckedFile& file, std::vector<Complaint>& out)
      : checked_(checked), file_(file), out_(out) {}

  void collect() {
    for (const Diagnostic& one : file_.diagnostics) about_text(one);
    if (!file_.problem.empty()) {
      Complaint& complaint = add("input", file_.problem);
      complaint.is_undecided = file_.cut_short;
    }
    for (const CheckOutcome& check : file_.checks) about_check(check);
  }

 private:
  Complaint& add(std::string id, std::string message) {
    Complaint& complaint = out_.emplace_back();
    complaint.file = &file_;
    complaint.id = std::move(id);
    complaint.message = std::move(message);
    return complaint;
  }

  void about_text(const Diagnostic& one) {
    Complaint& complaint = add(one.code, one.message);
    complaint.diagnostic = &one;
    complaint.span = one.span;
    complaint.is_warning = one.severity == Severity::Warning;
  }

  void about_check(const CheckOutcome& check) {
    const std::size_t begin = out_.size();
    for (const BrokenRule& rule : check.broken) about_broken(check, rule);
    for (const CaseOutcome& case_ : check.cases) about_others(check, case_);
    std::stable_partition(out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.end(),
                          [](const Complaint& one) { return !one.is_warning && !one.is_undecided; });
  }

  /// A rule that is broken where it should not be.
  void about_broken(const CheckOutcome& check, const BrokenRule& broken) {
    std::vector<std::size_t> cases;
    for (const std::size_t i : broken.cases) {
      const CaseOutcome& case_ = check.cases[i];
      if (standing_of(case_, *result_of(*case_.system, case_.result, broken.name), checked_.is_test) ==
          Standing::Failed) {
        cases.push_back(i);
      }
    }
    if (cases.empty()) return;
    const bool is_best = std::find(cases.begin(), cases.end(), broken.best) != cases.end();
    const CaseOutcome& shown = check.cases[is_best ? broken.best : cases.front()];
    const RuleResult& result = *result_of(*shown.system, shown.result, broken.name);
    const Rule& rule = shown.system->at(result.rule);
    Complaint& complaint = add(rule.name, rule.title.empty() ? "this is broken" : rule.title);
    complaint.check = &check;
    complaint.case_ = &shown;
    complaint.rule = &rule;
    complaint.is_warning = rule.is_warning;
    complaint.finding = finding_of(shown, result);
    complaint.span = shown.span;
    if (complaint.finding != nullptr) {
      complaint.story = told_story(shown, *complaint.finding, *file_.sources, checked_.full);
      tell_where(complaint);
    }
    tell_which(complaint, cases);
    for (const std::size_t i : cases) complaint.cases.push_back(check.cases[i].title);
  }

  void tell_where(Complaint& complaint) const {
    const Violation& violation = complaint.finding->violation;
    if (!violation.message.empty()) complaint.message += ": " + violation.message;
    if (is_own(*file_.sources, violation.span)) {
      complaint.span = violation.span;
    } else if (complaint.story) {
      const Span own = own_place(*file_.sources, *complaint.story);
      if (own.valid()) complaint.span = own;
    }
  }

  static void tell_which(Complaint& complaint, const std::vector<std::size_t>& cases) {
    const std::size_t all = complaint.check->cases.size();
    std::string which = complaint.case_->system->name;
    if (all > 1) which += fmt::format(", case{} {} of {}", cases.size() == 1 ? "" : "s", number_list(cases), all);
    if (complaint.story) which += fmt::format("; {}", counted(complaint.story->steps.size(), "step"));
    complaint.message += fmt::format(" ({})", which);
  }

  /// What is vacuous, undecided, or not as expected without being broken: one complaint for each kind and case.
  void about_others(const CheckOutcome& check, const CaseOutcome& case_) {
    std::size_t undecided = 0;
    const RuleResult* first = nullptr;
    for (const RuleResult& result : case_.result.rules) {
      const Standing standing = standing_of(case_, result, checked_.is_test);
      if (standing == Standing::Undecided && ++undecided == 1) first = &result;
      if (standing == Standing::Failed && result.verdict != Verdict::Violated) about_failed(check, case_, result);
    }
    if (undecided > 0) {
      Complaint& complaint = add_of("undecided", check, case_);
      complaint.message = fmt::format("{}: {} undecided ({})", case_.title, counted(undecided, "rule"),
                                      reason_text(*case_.system, first->reason));
      complaint.is_undecided = true;
    }
    if (!checked_.is_test) return;
    for (const Difference& one : case_.comparison.differences) {
      if (one.found) continue;
      add_of(one.rule, check, case_).message = fmt::format(
          "expected to be {}, but it is not among the rules checked ({})", verdict_name(one.wanted), case_.title);
    }
  }

  Complaint& add_of(std::string id, const CheckOutcome& check, const CaseOutcome& case_) {
    Complaint& complaint = add(std::move(id), "");
    complaint.check = &check;
    complaint.case_ = &case_;
    complaint.span = case_.span;
    complaint.cases = {case_.title};
    return complaint;
  }

  void about_failed(const CheckOutcome& check, const CaseOutcome& case_, const RuleResult& result) {
    const Rule& rule = case_.system->at(result.rule);
    Complaint& complaint = add_of(rule.name, check, case_);
    complaint.rule = &rule;
    complaint.is_warning = rule.is_warning;
    const Difference* difference = checked_.is_test ? difference_of(case_, result) : nullptr;
    complaint.message = difference == nullptr
                            ? fmt::format("vacuous: its condition never comes true: {} ({})", rule.title, case_.title)
                            : fmt::format("it {}, it should {} ({})", verdict_words(result.verdict).is,
                                          verdict_words(difference->wanted).be, case_.title);
  }

  const CheckedFiles& checked_;
  const CheckedFile& file_;
  std::vector<Complaint>& out_;
};

}  // namespace

Standing standing_of(const CaseOutcome& case_, const RuleResult& rule, bool is_test) {
  return is_test ? tested(case_, rule) : judged(rule);
}

std::vector<Complaint> complaints_about(const CheckedFiles& checked) {
  std::vector<Complaint> all;
  for (const CheckedFile& file : checked.files) Collector(checked, file, all).collect();
  return all;
}

Region region_of(const SourceMap& sources, Span span) {
  const SourceFile& file = sources.file(span.file);
  const LineColumn begin = file.position(span.begin);
  const LineColumn end = file.position(span.end);
  return {file.name(), begin.line, code_points(file, begin), end.line, code_points(file, end)};
}

bool is_own(const SourceMap& sources, Span span) {
  return span.valid() && !sources.file(span.file).name().starts_with("library:");
}

Span own_place(const SourceMap& sources, const Story& story) {
  if (is_own(sources, story.violation.span)) return story.violation.span;
  for (auto step = story.steps.rbegin(); step != story.steps.rend(); ++step) {
    for (auto line = step->lines.rbegin(); line != step->lines.rend(); ++line) {
      if (is_own(sources, line->span)) return line->span;
    }
  }
  return {};
}

std::string step_title(const LevelNames& levels, const StoryStep& step, std::size_t number) {
  std::string place;
  if (step.in_context) {
    place = step.cpu_before < 0 ? ", floating" : fmt::format(", cpu {}", step.cpu_before);
    place += ", " + levels.name(step.level_before);
  }
  return fmt::format("{} {} ({}{})", number, step.who, step.role, place);
}

std::string line_text(const StoryLine& line) {
  std::vector<std::string> changes;
  for (const StoryChange& one : line.changes) {
    changes.push_back(fmt::format("{}: {} → {}", one.name, one.before, one.after));
  }
  const char* mark = line.kind == StoryLine::Kind::Start    ? "starts: "
                     : line.kind == StoryLine::Kind::Call   ? "→ "
                     : line.kind == StoryLine::Kind::Return ? "← "
                                                            : "";
  return mark + line.text + (changes.empty() ? "" : fmt::format("   [{}]", joined(changes)));
}

}  // namespace quiesce::checker
