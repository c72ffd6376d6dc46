#include "checker/teach/grade.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "checker/check_all.h"
#include "checker/report/layout.h"
#include "checker/report/told_story.h"
#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/syntax/lexer.h"
#include "model/syntax/parser.h"

namespace quiesce::checker {

namespace {

namespace syntax = model::syntax;

/// The verdicts of a case, by the name of the rule.
using Verdicts = std::map<std::string, Verdict>;

struct GradedCase {
  std::string title;
  Verdicts verdicts;
};

/// A design with everything that was found about it.
struct GradedDesign {
  std::vector<GradedCase> cases;
  std::vector<CheckOutcome> checks;           // in the order of the text
  std::map<std::string, std::string> titles;  // of the rules, by name
};

GradedDesign checked(const LoadedDesign& design, const CheckOptions& options) {
  GradedDesign graded;
  for (const LoadedCheck& check : design.checks) {
    auto checked = check_all(check.cases, options, {});
    QUIESCE_CHECK(checked.has_value()) << checked.error();  // no file is used that could be wrong
    for (CaseOutcome& case_ : checked->outcome.cases) {
      case_.has_expectation = false;  // the grade says it
      GradedCase& one = graded.cases.emplace_back();
      one.title = case_.title;
      for (const RuleResult& rule : case_.result.rules) {
        const model::Rule& checked_rule = case_.system->at(rule.rule);
        one.verdicts[checked_rule.name] = rule.verdict;
        graded.titles[checked_rule.name] = checked_rule.title.empty() ? checked_rule.name : checked_rule.title;
      }
    }
    graded.checks.push_back(std::move(checked->outcome));
  }
  return graded;
}

/// What a declaration is called that a student's part may not have; null when it may.
const char* foreign_to_a_part(const syntax::Declaration& declaration) {
  return std::visit(Overloaded{
                        [](const syntax::System&) { return "system"; },
                        [](const syntax::Check&) { return "check"; },
                        [](const syntax::Settings&) { return "with"; },
                        [](const syntax::ModuleParameter&) { return "param"; },
                        [](const syntax::Levels&) { return "levels"; },
                        [](const syntax::Rule&) { return "rule"; },
                        [](const syntax::Constant&) -> const char* { return nullptr; },
                        [](const syntax::Enum&) -> const char* { return nullptr; },
                        [](const syntax::Struct&) -> const char* { return nullptr; },
                        [](const syntax::Interface&) -> const char* { return nullptr; },
                        [](const syntax::Function&) -> const char* { return nullptr; },
                        [](const syntax::Machine&) -> const char* { return nullptr; },
                    },
                    declaration.kind);
}

/// The names of the module and of what it uses, as one text.
std::string surroundings(const syntax::File& file) {
  std::string text = "module " + (file.module ? file.module->text() : "");
  for (const syntax::Use& use : file.uses) text += ", use " + use.module.text();
  return text;
}

/// A text that was read: what is wrong with it is for load_design() to say.
struct ReadPart {
  model::SourceMap sources;
  std::unique_ptr<syntax::File> file;
  syntax::Tokens tokens;
};

std::unique_ptr<ReadPart> read_part(const std::string& part) {
  auto read = std::make_unique<ReadPart>();
  model::Diagnostics ignored;
  const model::FileId id = read->sources.add("part", part);
  read->file = syntax::parse(id, read->sources, ignored);
  read->tokens = syntax::lex(id, read->sources, ignored);
  return read;
}

/// How often `tokens` has the tokens of `sequence`, which ends with End, in a row.
std::size_t occurrences(const std::vector<syntax::Token>& tokens, const std::vector<syntax::Token>& sequence) {
  const auto same = [](const syntax::Token& a, const syntax::Token& b) { return a.text == b.text; };
  std::size_t count = 0;
  for (auto at = tokens.begin(); at != tokens.end(); ++at) {
    at = std::search(at, tokens.end(), sequence.begin(), sequence.end() - 1, same);
    if (at == tokens.end()) break;
    ++count;
  }
  return count;
}

/// Why a part is none that can be graded; empty: it is.
std::vector<std::string> objections(const Lesson& lesson, const std::string& part) {
  std::vector<std::string> found;
  const auto read = read_part(part);
  const auto line = [&](model::Span span) { return read->sources.file(span.file).position(span.begin).line; };
  const std::string wanted = surroundings(*read_part(lesson.start)->file);
  if (surroundings(*read->file) != wanted) {
    found.push_back(fmt::format("The first lines must be those of the exercise: {}.", wanted));
  }
  for (const syntax::Declaration& declaration : read->file->declarations) {
    if (const char* what = foreign_to_a_part(declaration)) {
      found.push_back(fmt::format("Line {}: your part may not have a '{}', which would change what is checked.",
                                  line(declaration.span), what));
    }
  }
  for (const BannedWord& banned : lesson.without) {
    for (const syntax::Token& token : read->tokens.tokens) {
      if (token.text != banned.word) continue;
      found.push_back(fmt::format("Line {}: do without '{}' here. {}", line(token.span), banned.word, banned.reason));
    }
  }
  const auto right = read_part(lesson.right);
  for (const std::string& statement : lesson.keep) {
    const auto kept = read_part(statement);  // its tokens point into it
    const std::size_t least = occurrences(right->tokens.tokens, kept->tokens.tokens);
    if (occurrences(read->tokens.tokens, kept->tokens.tokens) >= least) continue;
    found.push_back(fmt::format("'{}' must stay, {}: the exercise is about it.", statement, counted(least, "time")));
  }
  return found;
}

/// `text` without blanks at the ends of lines and empty lines at the end.
std::string without_trailing_blanks(const std::string& text) {
  std::string kept;
  for (const char c : text) {
    if (c == '\n') {
      while (!kept.empty() && (kept.back() == ' ' || kept.back() == '\t' || kept.back() == '\r')) kept.pop_back();
    }
    kept += c;
  }
  while (!kept.empty() && (kept.back() == '\n' || kept.back() == ' ' || kept.back() == '\r')) kept.pop_back();
  return kept;
}

/// Grades one answer; the members are filled in the order of the functions.
class Grader {
 public:
  Grader(const Lesson& lesson, const CheckOptions& options) : lesson_(lesson), options_(options) {}

  Grade grade(const std::string& name, const std::string& answer);

 private:
  bool load(const std::string& name, const std::string& answer);
  bool look_for_violations();
  void tell_shortest(const GradedDesign& graded);
  void compare_with_right();
  void say(std::string sentence) {
    std::vector<std::string>& all = grade_.sentences;
    if (std::find(all.begin(), all.end(), sentence) == all.end()) all.push_back(std::move(sentence));
  }

  const Lesson& lesson_;
  const CheckOptions& options_;
  Grade grade_;
  GradedDesign found_;
};

Grade Grader::grade(const std::string& name, const std::string& answer) {
  if (load(name, answer)) {
    found_ = checked(*grade_.design, options_);
    if (!look_for_violations()) compare_with_right();
  }
  return std::move(grade_);
}

bool Grader::load(const std::string& name, const std::string& answer) {
  const auto parts = parts_of(answer);
  if (!parts) {
    say(fmt::format("The line '{}' is missing, so it is not known where your part ends.", kPartsMeetHere));
    return false;
  }
  const std::string given = "\n" + lesson_.exercise;
  grade_.exercise_changed = without_trailing_blanks(parts->exercise) != without_trailing_blanks(given);
  for (std::string& objection : objections(lesson_, parts->part)) say(std::move(objection));
  if (!grade_.sentences.empty()) return false;
  grade_.is_start = without_trailing_blanks(parts->part) == without_trailing_blanks(lesson_.start);
  const std::string design = fmt::format("{}{}\n\n{}", parts->part, kPartsMeetHere, lesson_.exercise);
  LoadOptions load;
  load.interrupt = options_.search.interrupt;
  grade_.design = load_design(name, design, load);
  if (grade_.design->cut_short != LimitKind::None) grade_.mark = Mark::Undecided;
  if (grade_.design->ok()) return true;
  say("The text is no design yet.");
  return false;
}

/// Says what is broken or undecided. True when something is.
bool Grader::look_for_violations() {
  std::map<std::string, std::vector<std::string>> broken;  // rule -> titles of cases
  std::set<std::string> unknown;
  for (const GradedCase& case_ : found_.cases) {
    for (const auto& [rule, verdict] : case_.verdicts) {
      if (verdict == Verdict::Violated) broken[rule].push_back(case_.title);
      if (verdict == Verdict::Unknown) unknown.insert(case_.title);
    }
  }
  std::set<std::string> names;
  for (const auto& [rule, cases] : broken) {
    names.insert(rule);
    const std::string more = cases.size() > 1 ? fmt::format(" and {} more", counted(cases.size() - 1, "case")) : "";
    const std::string& title = found_.titles[rule];
    const std::string what = title.starts_with("reachable ")
                                 ? fmt::format("No run comes to '{}'", title.substr(title.find(' ') + 1))
                                 : fmt::format("\"{}\" is not so", title);
    say(fmt::format("{} ({}): in {}{}.", what, rule, cases.front(), more));
  }
  for (const Mistake& mistake : lesson_.mistakes) {
    if (grade_.is_start || std::set<std::string>(mistake.rules.begin(), mistake.rules.end()) != names) continue;
    grade_.mistakes.push_back(&mistake);
  }
  if (!broken.empty()) {
    grade_.mark = Mark::Wrong;
    tell_shortest(found_);
    return true;
  }
  if (unknown.empty()) return false;
  grade_.mark = Mark::Undecided;
  say(fmt::format("It could not be decided in {}: a limit came first.", *unknown.begin()));
  return true;
}

/// Keeps the case that has the shortest run of all.
void Grader::tell_shortest(const GradedDesign& graded) {
  std::size_t shortest = 0;
  const CaseOutcome* best = nullptr;
  for (std::size_t i = 0; i < graded.checks.size(); ++i) {
    const CheckOutcome& check = graded.checks[i];
    for (std::size_t j = 0; j < check.cases.size(); ++j) {
      for (const Finding& finding : check.cases[j].result.findings) {
        const std::size_t length = finding.run.steps.size();
        if (finding.run.states.empty() || (best != nullptr && length >= shortest)) continue;
        shortest = length;
        best = &check.cases[j];
        grade_.check = grade_.design->checks[i].number;
        grade_.case_number = j + 1;
        grade_.case_count = check.cases.size();
      }
    }
  }
  if (best != nullptr) grade_.story = outcome_of({*best});
}

/// Says what the right variant exercises and the answer does not.
void Grader::compare_with_right() {
  const auto design = load_design("right", lesson_design(lesson_, lesson_.right), {});
  QUIESCE_CHECK(design->ok()) << "the right variant of lesson '" << lesson_.name << "' is no design";
  const GradedDesign right = checked(*design, options_);
  if (right.cases.size() != found_.cases.size()) {
    say("The checks of the exercise are not all there.");
    grade_.mark = Mark::NoDesign;
    return;
  }
  std::set<std::string> rules;
  for (std::size_t i = 0; i < right.cases.size(); ++i) {
    for (const auto& [rule, verdict] : right.cases[i].verdicts) {
      if (verdict != Verdict::Holds) continue;
      rules.insert(rule);
      const auto found = found_.cases[i].verdicts.find(rule);
      if (found != found_.cases[i].verdicts.end() && found->second == Verdict::Holds) continue;
      say(fmt::format(
          "Nothing in your design can break \"{}\" ({}) any more: something that the exercise needs was left "
          "out. A design that does less is no answer.",
          right.titles.at(rule), rule));
    }
  }
  grade_.mark = grade_.sentences.empty() ? Mark::Right : Mark::Wrong;
  grade_.rules = rules.size();
  grade_.cases = right.cases.size();
}

}  // namespace

Grade grade(const Lesson& lesson, const std::string& name, const std::string& answer, const CheckOptions& options) {
  return Grader(lesson, options).grade(name, answer);
}

}  // namespace quiesce::checker
