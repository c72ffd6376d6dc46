#include "checker/report/text_report.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "checker/advise/limit_advice.h"
#include "checker/report/cost_report.h"
#include "checker/report/layout.h"
#include "checker/report/limit_report.h"
#include "checker/report/sentences.h"
#include "checker/report/story.h"
#include "checker/report/story_text.h"
#include "checker/report/timeline.h"
#include "checker/report/told_story.h"
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

/// Whether visited states were kept whole.
bool is_exact(const SearchResult& result) { return result.storage == Storage::Exact; }

/// A broken rule with its story.
struct ToldRule {
  const BrokenRule* broken = nullptr;
  std::optional<Story> story;       // none: there is no run to show
  std::optional<std::size_t> root;  // position of the rule with whose story it begins; none: told in full
  std::size_t common = 0;           // so many steps
};

/// Whether a story is worth showing from step `common` on: most of it is known then.
bool begins_alike(std::size_t common, std::size_t steps) { return common >= 6 && common * 2 >= steps; }

class ReportWriter {
 public:
  ReportWriter(const SourceMap& sources, const TextOptions& options) : sources_(sources), options_(options) {}

  std::string report(const CheckOutcome& outcome);

 private:
  void heading(const std::vector<CaseOutcome>& cases);
  void parameters(const CaseOutcome& outcome);
  void case_table(const std::vector<CaseOutcome>& cases);
  void broken_rules(const CheckOutcome& outcome);
  std::vector<ToldRule> told_rules(const CheckOutcome& outcome) const;
  void broken_rule(const CheckOutcome& outcome, const ToldRule& told, const std::vector<ToldRule>& all);
  std::string which_cases(const CheckOutcome& outcome, const BrokenRule& rule) const;
  void reproduce(const CheckOutcome& outcome, const BrokenRule& rule);
  void difference(const CaseOutcome& case_, const Finding& finding);
  void broken_in_cases(const CheckOutcome& outcome);
  void run_is_missing(const Finding& finding);
  void verdict_table(const std::vector<CaseOutcome>& cases);
  void expectations(const std::vector<CaseOutcome>& cases);
  void at_limit(const std::vector<CaseOutcome>& cases);

  std::string ink(std::string_view text, Ink which) const { return inked(text, which, options_.colour); }

  const SourceMap& sources_;
  const TextOptions& options_;
  std::string out_;
  bool is_asked_why_ = false;  // of one run
};

// ------------------------------------------------------------------------------------------- report

std::string ReportWriter::report(const CheckOutcome& outcome) {
  const std::vector<CaseOutcome>& cases = outcome.cases;
  heading(cases);
  if (cases.size() == 1) parameters(cases[0]);
  if (cases.size() > 1) case_table(cases);
  if (!options_.quiet) broken_rules(outcome);
  if (cases.size() > 1) broken_in_cases(outcome);
  verdict_table(cases);
  out_ += cost_report(cases, sources_, options_);
  expectations(cases);
  at_limit(cases);
  return std::move(out_);
}

void ReportWriter::heading(const std::vector<CaseOutcome>& cases) {
  const CaseOutcome& case_ = cases[0];
  const std::string what =
      cases.size() == 1 ? case_.title : fmt::format("{} ({} cases)", case_.system->name, cases.size());
  std::string place_text;
  if (case_.span.valid()) {
    const SourceFile& file = sources_.file(case_.span.file);
    place_text = fmt::format("{}:{}: ", file.name(), file.position(case_.span.begin).line);
  }
  const std::string which =
      options_.case_count == 0 ? "" : fmt::format(" (case {} of {})", options_.case_number, options_.case_count);
  out_ += ink(fmt::format("{}check {}{}", place_text, what, which), Ink::Bold) + "\n\n";
}

/// Every parameter of the system, since what an environment guarantees is one: a verdict is worth nothing without.
void ReportWriter::parameters(const CaseOutcome& outcome) {
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

void ReportWriter::case_table(const std::vector<CaseOutcome>& cases) {
  // What all cases share is said once, in the heading; a line shows what tells it from the others.
  std::map<std::string, std::set<std::string>> values;
  for (const CaseOutcome& outcome : cases) {
    for (const ParameterValue& parameter : outcome.system->parameters) {
      values[parameter.name].insert(parameter.value);
    }
  }
  std::vector<std::string> shared;
  bool marked = false;
  for (const ParameterValue& parameter : cases[0].system->parameters) {
    if (values[parameter.name].size() > 1) continue;
    shared.push_back(fmt::format("{} = {}{}", parameter.name, parameter.value, parameter.is_default ? "" : "*"));
    marked |= !parameter.is_default;
  }
  if (!shared.empty()) {
    out_ += wrapped("with " + joined(shared) + (marked ? "\n* not the default" : ""), 2, options_.width) + "\n";
  }
  std::vector<std::string> titles;
  std::size_t title_width = 0;
  for (const CaseOutcome& outcome : cases) {
    std::vector<std::string> own;
    for (const ParameterValue& parameter : outcome.system->parameters) {
      if (values[parameter.name].size() > 1) own.push_back(fmt::format("{} = {}", parameter.name, parameter.value));
    }
    titles.push_back(own.empty() ? outcome.title : joined(own));
    title_width = std::max(title_width, columns(titles.back()));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Verdict verdict = overall(cases[i].result);
    std::string line = fmt::format("  {:>3}  ", i + 1) + padded(titles[i], title_width) + "  ";
    const std::string summary = verdict_summary(*cases[i].system, cases[i].result);
    out_ += line + ink(summary, verdict_ink(verdict)) + "\n";
  }
  out_ += "\n";
}

/// The stories of all broken rules, the shortest over the cases, and which of them begin alike.
std::vector<ToldRule> ReportWriter::told_rules(const CheckOutcome& outcome) const {
  std::vector<ToldRule> all;
  for (const BrokenRule& rule : outcome.broken) {
    const CaseOutcome& best = outcome.cases[rule.best];
    ToldRule& told = all.emplace_back();
    told.broken = &rule;
    const Finding* finding = finding_of(best, *result_of(*best.system, best.result, rule.name));
    if (finding != nullptr) told.story = told_story(best, *finding, sources_, options_.full);
    if (!told.story || told.story->loop) continue;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      const ToldRule& other = all[i];
      if (!other.story || other.root || other.story->loop || other.broken->best != rule.best) continue;
      const std::size_t common = common_steps(*told.story, *other.story);
      if (common <= told.common || !begins_alike(common, told.story->steps.size())) continue;
      told.root = i;
      told.common = common;
    }
  }
  return all;
}

void ReportWriter::broken_rules(const CheckOutcome& outcome) {
  const std::vector<ToldRule> all = told_rules(outcome);
  const auto whole = std::count_if(all.begin(), all.end(), [](const ToldRule& told) { return !told.root; });
  const std::size_t others = all.size() - static_cast<std::size_t>(whole);
  if (others > 0) {
    const std::string text = fmt::format("{} broken: {} shown in full; {} like one of them",
                                         counted(all.size(), "rule"), counted(static_cast<std::uint64_t>(whole), "run"),
                                         others == 1 ? "1 begins" : fmt::format("{} begin", others));
    out_ += wrapped(text, 2, std::min<std::size_t>(options_.width, 100)) + "\n";
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].root) continue;
    broken_rule(outcome, all[i], all);
    for (const ToldRule& other : all) {
      if (other.root == i) broken_rule(outcome, other, all);
    }
  }
}

/// Where a run breaks its rule: two cases that do it elsewhere do it in another way.
using Breaking = std::pair<Span, std::string>;
Breaking breaking_of(const CaseOutcome& case_, const std::string& rule) {
  const Finding* finding = finding_of(case_, *result_of(*case_.system, case_.result, rule));
  if (finding == nullptr || finding->run.steps.empty()) return {};
  const TransitionSystem& system = searched_system(case_, *finding);
  const Actor& actor = finding->run.steps.back().actor;
  return {finding->violation.span,
          actor.kind == Actor::Kind::Act ? system.actions[actor.index].name : system.contexts[actor.index].name};
}

/// "  (in cases 1..4, shown for case 2; case 3 breaks it in another way: --case 3)"; empty when there is one case.
std::string ReportWriter::which_cases(const CheckOutcome& outcome, const BrokenRule& rule) const {
  if (outcome.cases.size() == 1) return "";
  std::string which = rule.cases.size() == outcome.cases.size()
                          ? "in every case"
                          : fmt::format("in {} {}", rule.cases.size() == 1 ? "case" : "cases", number_list(rule.cases));
  if (rule.cases.size() > 1) which += fmt::format(", shown for case {}", rule.best + 1);
  const Breaking shown = breaking_of(outcome.cases[rule.best], rule.name);
  std::vector<std::size_t> otherwise;
  for (const std::size_t i : rule.cases) {
    if (breaking_of(outcome.cases[i], rule.name) != shown) otherwise.push_back(i);
  }
  if (!otherwise.empty()) {
    which += fmt::format("; {} {} in another way: --case {}", otherwise.size() == 1 ? "case" : "cases",
                         number_list(otherwise), otherwise.front() + 1);
  }
  return "  (" + which + ")";
}

/// The command that finds this run alone.
void ReportWriter::reproduce(const CheckOutcome& outcome, const BrokenRule& rule) {
  if (options_.command.empty()) return;
  std::string command = options_.command;
  if (outcome.cases.size() > 1) command += fmt::format(" --case {}", rule.best + 1);
  out_ += "  This alone: " + command + " --for " + rule.name + "\n\n";
}

void ReportWriter::broken_rule(const CheckOutcome& outcome, const ToldRule& told, const std::vector<ToldRule>& all) {
  const CaseOutcome& best = outcome.cases[told.broken->best];
  const RuleResult& result = *result_of(*best.system, best.result, told.broken->name);
  const Rule& rule = best.system->at(result.rule);
  out_ += ink(rule.is_warning ? "VIOLATED (warning)" : "VIOLATED", Ink::Bad) + "  " + ink(rule.name, Ink::Bold);
  out_ += which_cases(outcome, *told.broken) + "\n";
  const std::size_t width = std::min<std::size_t>(options_.width, 100);
  if (!rule.title.empty()) out_ += wrapped(rule.title, 2, width);
  if (!rule.because.empty()) out_ += wrapped("Because: " + rule.because, 2, width);
  if (!rule.citations.empty()) out_ += wrapped("Source: " + joined(rule.citations), 2, width);
  out_ += "\n";
  if (!result.finding) {
    out_ += wrapped("no reachable state is as wanted", 2, width) + "\n";
    return;
  }
  const Finding& finding = best.result.findings[*result.finding];
  if (finding.no_run != LimitKind::None) {
    run_is_missing(finding);
    return;
  }
  if (!told.story) {  // what was to be reachable is not: its absence is the finding
    out_ += "  No run leads to a state in which this holds:\n";
    const Span span = finding.violation.span;
    if (span.valid())
      out_ += "    " + line_of(sources_, span) + "  " + one_line(sources_, span, options_.width - 30) + "\n";
    out_ += "\n";
    return;
  }
  const TransitionSystem& system = searched_system(best, finding);
  StoryLayout layout{options_.width, options_.colour, told.common, "", ""};
  if (told.root) layout.as = all[*told.root].broken->name;
  out_ += story_text(system, *told.story, is_known_shortest(best, finding), sources_, layout);
  if (options_.timeline && !told.root) out_ += timeline_text(system.level_names, *told.story, options_.width);
  if (!told.root) difference(best, finding);
  reproduce(outcome, *told.broken);
}

/// What would have made the difference, of the first story.
void ReportWriter::difference(const CaseOutcome& case_, const Finding& finding) {
  if (is_asked_why_ || !options_.telling_turn) return;
  is_asked_why_ = true;
  const std::string sentence = options_.telling_turn(case_, finding);
  if (!sentence.empty()) out_ += wrapped(sentence, 2, std::min<std::size_t>(options_.width, 100));
}

/// The rule is broken, but the search for the way there came to a limit.
void ReportWriter::run_is_missing(const Finding& finding) {
  const std::size_t width = std::min<std::size_t>(options_.width, 100);
  const bool in_memory = finding.no_run == LimitKind::Memory;
  out_ += wrapped(finding.no_run == LimitKind::Interrupted ? "The search was interrupted before the run was found:"
                  : in_memory ? "No memory was left to find the run; search again with more memory. Broken here:"
                              : "No time was left to find the run; search again with more time. Broken here:",
                  2, width);
  const Span span = finding.violation.span;
  if (span.valid())
    out_ += "    " + line_of(sources_, span) + "  " + one_line(sources_, span, options_.width - 30) + "\n";
  if (!finding.violation.message.empty()) out_ += wrapped(finding.violation.message, 4, width);
  out_ += "\n";
}

/// For each broken rule of a matrix the cases that break it.
void ReportWriter::broken_in_cases(const CheckOutcome& outcome) {
  std::size_t width = 0;
  for (const BrokenRule& rule : outcome.broken) width = std::max(width, columns(rule.name));
  for (const BrokenRule& rule : outcome.broken) {
    const std::string which = rule.cases.size() == outcome.cases.size()
                                  ? "in every case"
                                  : fmt::format("in {} {} of {}", rule.cases.size() == 1 ? "case" : "cases",
                                                number_list(rule.cases), outcome.cases.size());
    out_ +=
        "  " + ink(padded(verdict_name(Verdict::Violated), 10), Ink::Bad) + padded(rule.name, width + 2) + which + "\n";
  }
  if (!outcome.broken.empty()) out_ += "\n";
}

void ReportWriter::verdict_table(const std::vector<CaseOutcome>& cases) {
  if (options_.quiet && cases.size() > 1) return;
  if (cases.size() > 1) {
    // A rule that is nowhere exercised, or somewhere unknown, is worth a line in a matrix too.
    std::map<std::string, std::size_t> idle;
    std::vector<std::string> names;
    for (const CaseOutcome& outcome : cases) {
      for (const RuleResult& rule : outcome.result.rules) {
        if (rule.verdict != Verdict::NotExercised) continue;
        const std::string& name = outcome.system->at(rule.rule).name;
        if (++idle[name] == cases.size()) names.push_back(name);
      }
    }
    if (!names.empty()) {
      out_ +=
          wrapped(fmt::format("Not exercised in any case ({}): {}", names.size(), joined(names)), 2, options_.width);
      out_ += "\n";
    }
    return;
  }
  const TransitionSystem& system = *cases[0].system;
  std::vector<std::string> idle;
  // Rules that are unknown for one reason are listed together, when they are many.
  const std::vector<AlikeRules> unknown = alike_rules(system, cases[0].result, Verdict::Unknown);
  const auto is_listed = [&](const RuleResult& rule) {
    if (rule.verdict != Verdict::Unknown) return false;
    return std::any_of(unknown.begin(), unknown.end(),
                       [&](const AlikeRules& one) { return one.reason == rule.reason && one.rules.size() > 2; });
  };
  std::size_t name_width = 0;
  for (const RuleResult& rule : cases[0].result.rules) {
    const std::string& name = system.at(rule.rule).name;
    if (rule.verdict == Verdict::NotExercised) {
      idle.push_back(name);
    } else if (!is_listed(rule)) {
      name_width = std::max(name_width, columns(name));
    }
  }
  std::size_t holding = 0;  // counted where they are not listed
  for (const RuleResult& result : cases[0].result.rules) {
    if (result.verdict == Verdict::NotExercised || is_listed(result)) continue;
    if (options_.quiet && result.verdict == Verdict::Holds) {
      ++holding;
      continue;
    }
    const Rule& rule = system.at(result.rule);
    std::string about = rule.title;
    const std::string reason = reason_text(system, result.reason);
    if (result.verdict == Verdict::Unknown && !reason.empty()) about = reason;
    if (result.verdict == Verdict::Vacuous) {
      about = (reason.empty() ? "its condition never comes true" : reason) + ": " + rule.title;
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
    if (names.size() <= 2) continue;
    const SearchResult& result = cases[0].result;
    const bool told_below = result.limit != LimitKind::None || !is_exact(result) || result.hunt;
    const std::string why = told_below ? "" : ", " + reason_text(system, reason);
    out_ += ink(wrapped(fmt::format("unknown ({}){}: {}", names.size(), why, joined(names)), 2, options_.width),
                Ink::Doubtful);
  }
  if (!idle.empty() && !options_.quiet) {
    const std::string list = fmt::format("not exercised ({}): {}", idle.size(), joined(idle));
    out_ += wrapped(list, 2, options_.width);
  }
  if (!cases[0].result.rules.empty()) out_ += "\n";
}

void ReportWriter::expectations(const std::vector<CaseOutcome>& cases) {
  std::size_t expected = 0;
  bool undecided = false;
  std::vector<std::pair<std::size_t, std::string>> different;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!cases[i].has_expectation) continue;
    ++expected;
    const Comparison& comparison = cases[i].comparison;
    undecided |= comparison.match == Match::Undecided;
    if (comparison.match == Match::Different) {
      different.emplace_back(i + 1, comparison_text(*cases[i].system, comparison));
    }
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
            ink(cases.size() > 1 ? fmt::format("case {} is not as expected:", number) : "not as expected:", Ink::Bad) +
            "\n";
    std::string_view rest = why;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      out_ += wrapped(rest.substr(0, end), 4, options_.width);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
}

/// What to do about the limit that ended a search; in a matrix, of the first case that came to one.
void ReportWriter::at_limit(const std::vector<CaseOutcome>& cases) {
  if (options_.quiet) return;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const CaseOutcome& case_ = cases[i];
    const auto advice = advise_at_limit(*case_.system, case_.result, sources_, case_.asked);
    if (!advice) continue;
    const std::string text = limit_text(*case_.system, *advice, case_.result.sampled_states, sources_, options_.width);
    if (text.empty()) continue;
    out_ += "\n";
    if (cases.size() > 1) out_ += fmt::format("  case {} came to a limit:\n", i + 1);
    out_ += text;
    return;
  }
}

}  // namespace

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
        ++unknown[reason_text(system, rule.reason)];
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

std::string check_report(const CheckOutcome& outcome, const SourceMap& sources, const TextOptions& options) {
  return ReportWriter(sources, options).report(outcome);
}

}  // namespace quiesce::checker
