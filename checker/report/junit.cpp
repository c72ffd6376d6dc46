#include "checker/report/junit.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "checker/report/complaints.h"
#include "checker/report/sentences.h"
#include "checker/report/story_text.h"
#include "checker/report/told_story.h"
#include "checker/report/xml_text.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kStoryWidth = 110;

/// In an attribute line breaks would become blanks.
std::string attribute(std::string_view text) {
  std::string out = xml_text(text);
  for (std::size_t at = 0; (at = out.find('\n', at)) != std::string::npos;) out.replace(at, 1, "&#10;");
  return out;
}

struct TestCase {
  std::string name;
  std::string file;      // of the place; may be empty
  std::size_t line = 0;  // 0: nowhere
  std::string inside;    // <failure>, <error> or <skipped>, escaped; empty: passed
};

struct Suite {
  std::string name;
  std::string class_name;
  std::vector<TestCase> cases;
  double seconds = 0;
};

/// How many of `suite` contain this element.
std::size_t count_of(const Suite& suite, std::string_view element) {
  return static_cast<std::size_t>(std::count_if(suite.cases.begin(), suite.cases.end(), [&](const TestCase& one) {
    return one.inside.find(fmt::format("<{}", element)) != std::string::npos;
  }));
}

std::string counts(std::size_t tests, std::size_t failures, std::size_t errors, std::size_t skipped) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"", tests, failures, errors, skipped);
}

std::string element(std::string_view name, std::string_view type, std::string_view message, std::string_view text) {
  return fmt::format("<{} type=\"{}\" message=\"{}\">{}</{}>", name, attribute(type), attribute(message),
                     xml_text(text), name);
}

class JunitWriter {
 public:
  explicit JunitWriter(const CheckedFiles& checked) : checked_(checked) {}

  std::string document() {
    for (const CheckedFile& file : checked_.files) add_file(file);
    std::string body;
    std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
    for (const Suite& suite : suites_) {
      body += text_of(suite);
      tests += suite.cases.size();
      failures += count_of(suite, "failure");
      errors += count_of(suite, "error");
      skipped += count_of(suite, "skipped");
    }
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"quiesce {}\" {}>\n{}</testsuites>\n",
        checked_.is_test ? "test" : "check", counts(tests, failures, errors, skipped), body);
  }

 private:
  void add_file(const CheckedFile& file) {
    add_text(file);
    for (const CheckOutcome& check : file.checks) {
      for (const CaseOutcome& case_ : check.cases) add_case(file, case_);
    }
  }

  /// A text that can be used is no test of its own; one with errors is one that fails.
  void add_text(const CheckedFile& file) {
    std::string errors;
    std::string first = file.problem;
    for (const Diagnostic& one : file.diagnostics) {
      if (one.severity != Severity::Error) continue;
      errors += render(one, *file.sources) + "\n";
      if (first.empty()) first = one.message;
    }
    if (first.empty()) return;
    Suite suite{file.name, class_name(file.name), {}, 0};
    suite.cases.push_back(
        {"text", file.name, 0,
         element("error", file.cut_short ? "undecided" : "text", first, errors.empty() ? file.problem : errors)});
    suites_.push_back(std::move(suite));
  }

  void add_case(const CheckedFile& file, const CaseOutcome& case_) {
    Suite suite{fmt::format("{}: {}", file.name, case_.title),
                fmt::format("{}.{}", class_name(file.name), case_.title),
                {},
                std::chrono::duration<double>(case_.result.statistics.wall).count()};
    for (const RuleResult& rule : case_.result.rules) suite.cases.push_back(test_case(file, case_, rule));
    for (const Difference& one : case_.comparison.differences) {
      if (!checked_.is_test || one.found) continue;
      suite.cases.push_back(
          {one.rule, file.name, 0, element("failure", "not checked", "this rule is not among those checked", "")});
    }
    suites_.push_back(std::move(suite));
  }

  TestCase test_case(const CheckedFile& file, const CaseOutcome& case_, const RuleResult& rule) const {
    TestCase test{case_.system->at(rule.rule).name, "", 0, inside(file, case_, rule)};
    const Finding* finding = finding_of(case_, rule);
    const Span span = finding != nullptr && finding->violation.span.valid() ? finding->violation.span : case_.span;
    if (span.valid()) {
      const Region at = region_of(*file.sources, span);
      test.file = at.file;
      test.line = at.line;
    }
    return test;
  }

  std::string inside(const CheckedFile& file, const CaseOutcome& case_, const RuleResult& result) const {
    const Rule& rule = case_.system->at(result.rule);
    const std::string reason = reason_text(*case_.system, result.reason);
    switch (standing_of(case_, result, checked_.is_test)) {
      case Standing::Passed:
        return "";
      case Standing::Skipped:
        return "<skipped message=\"not exercised\"/>";
      case Standing::Undecided:
        return element("error", "undecided", reason.empty() ? "undecided" : reason, "");
      case Standing::Failed:
        break;
    }
    const std::string type = verdict_name(result.verdict);
    std::string message = rule.title.empty() ? type : rule.title;
    if (checked_.is_test && result.verdict != Verdict::Violated) message = fmt::format("not as expected: {}", type);
    return element("failure", type, message, about(file, case_, result, rule));
  }

  std::string about(const CheckedFile& file, const CaseOutcome& case_, const RuleResult& result,
                    const Rule& rule) const {
    std::string text;
    if (!rule.because.empty()) text += "Because: " + rule.because + "\n";
    for (const std::string& citation : rule.citations) text += "Source: " + citation + "\n";
    const Finding* finding = finding_of(case_, result);
    if (finding == nullptr) return text + reason_text(*case_.system, result.reason);
    if (const auto story = told_story(case_, *finding, *file.sources, checked_.full)) {
      text += "\n" + story_text(searched_system(case_, *finding), *story, is_known_shortest(case_, *finding),
                                *file.sources, {.width = kStoryWidth});
    } else if (finding->violation.span.valid()) {
      text += fmt::format("{}: {}\n", file.sources->location(finding->violation.span),
                          one_line(*file.sources, finding->violation.span));
    }
    return text;
  }

  std::string text_of(const Suite& suite) const {
    std::string out = fmt::format(
        " <testsuite name=\"{}\" {}{}>\n", attribute(suite.name),
        counts(suite.cases.size(), count_of(suite, "failure"), count_of(suite, "error"), count_of(suite, "skipped")),
        checked_.show_cost ? fmt::format(" time=\"{:.3f}\"", suite.seconds) : "");
    for (const TestCase& one : suite.cases) {
      out += fmt::format("  <testcase name=\"{}\" classname=\"{}\"", attribute(one.name), attribute(suite.class_name));
      if (!one.file.empty()) out += fmt::format(" file=\"{}\"", attribute(one.file));
      if (one.line > 0) out += fmt::format(" line=\"{}\"", one.line);
      out += one.inside.empty() ? "/>\n" : fmt::format(">{}</testcase>\n", one.inside);
    }
    return out + " </testsuite>\n";
  }

  /// "designs.nic": dashboards make a tree of the dots.
  static std::string class_name(std::string name) {
    if (name.ends_with(".qsm")) name.resize(name.size() - 4);
    while (name.starts_with("./")) name.erase(0, 2);
    std::replace(name.begin(), name.end(), '/', '.');
    return name;
  }

  const CheckedFiles& checked_;
  std::vector<Suite> suites_;
};

}  // namespace

std::string junit_xml(const CheckedFiles& checked) { return JunitWriter(checked).document(); }

}  // namespace quiesce::checker
