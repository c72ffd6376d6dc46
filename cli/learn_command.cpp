// `quiesce learn [LESSON [ANSWER]]`: lists the lessons, presents one and writes its design, grades an answer.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "checker/report/layout.h"
#include "checker/report/text_report.h"
#include "checker/teach/grade.h"
#include "checker/teach/handout.h"
#include "checker/teach/lesson.h"
#include "checker/teach/screen.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/search_flags.h"
#include "cli/whole_number.h"
#include "model/base/diagnostic.h"

namespace quiesce::cli {

namespace {

using checker::Lesson;

struct LearnFlags {
  std::string lesson;  // its name or its number
  std::string answer;
  std::size_t hint = 0;  // 0: none is asked for
  std::string show;      // a variant
  std::string html;
  std::optional<std::chrono::milliseconds> time;
  bool no_color = false;
};

constexpr std::size_t kScreen = checker::kLessonColumns;

const Lesson* find(const std::vector<Lesson>& lessons, const std::string& wanted) {
  for (const Lesson& lesson : lessons) {
    if (lesson.name == wanted || std::to_string(lesson.order) == wanted) return &lesson;
  }
  return nullptr;
}

ExitCode report_unknown(const std::vector<Lesson>& lessons, const std::string& wanted) {
  std::vector<std::string> names;
  for (const Lesson& lesson : lessons) names.push_back(lesson.name);
  const auto near = model::nearest_name(wanted, names);
  report_error(fmt::format("there is no lesson '{}'{}", wanted,
                           near ? fmt::format("; did you mean '{}'?", *near) : "; 'quiesce learn' lists all"));
  return ExitCode::WrongInput;
}

/// Writes the design to mend into the current folder, unless a file of its name is there.
ExitCode present(const Lesson& lesson) {
  const std::string file = lesson.name + ".qsm";
  const bool is_there = std::filesystem::exists(file);
  if (!is_there) {
    const auto written = checker::write_atomically(file, checker::lesson_design(lesson, lesson.start));
    if (!written) return report_error(written.error()), ExitCode::WrongInput;
  }
  print(checker::lesson_screen(lesson, file, is_there));
  return ExitCode::AllHold;
}

ExitCode give_hint(const Lesson& lesson, std::size_t number) {
  const std::size_t count = lesson.hints.size();
  if (number > count) {
    report_error(fmt::format("lesson '{}' has hints 1 to {}", lesson.name, count));
    return ExitCode::WrongInput;
  }
  std::string out =
      checker::wrapped(fmt::format("Hint {} of {}: {}", number, count, lesson.hints[number - 1]), 0, kScreen);
  const std::string next = number < count ? fmt::format("--hint {}", number + 1) : "--show right";
  print(out +
        fmt::format("\n{} quiesce learn {} {}\n", number < count ? "The next:" : "An answer:", lesson.name, next));
  return ExitCode::AllHold;
}

/// Prints a variant of the design, as a file that can be checked.
ExitCode show(const Lesson& lesson, const std::string& variant) {
  std::vector<std::string> names = {"start", "right"};
  if (variant == "start" || variant == "right") {
    print(checker::lesson_design(lesson, variant == "start" ? lesson.start : lesson.right));
    return ExitCode::AllHold;
  }
  for (const checker::Mistake& mistake : lesson.mistakes) {
    names.push_back(mistake.name);
    if (mistake.name != variant) continue;
    print(checker::lesson_design(lesson, mistake.part));
    return ExitCode::AllHold;
  }
  report_error(fmt::format("lesson '{}' has no variant '{}': it has {}", lesson.name, variant, checker::joined(names)));
  return ExitCode::WrongInput;
}

void print_story(const checker::Grade& grade, const LearnFlags& flags) {
  checker::TextOptions text = text_options(flags.no_color, "off");
  if (!grade.exercise_changed) text.command = fmt::format("quiesce check {} --check {}", flags.answer, grade.check);
  if (grade.case_count > 1) {
    text.case_number = grade.case_number;
    text.case_count = grade.case_count;
    if (!text.command.empty()) text.command += fmt::format(" --case {}", grade.case_number);
  }
  print("\nThe shortest story:\n\n" + checker::check_report(*grade.story, grade.design->sources, text));
}

/// `sentence` as an item of a list.
std::string item(const std::string& sentence) { return "  - " + checker::wrapped(sentence, 4, kScreen).substr(4); }

/// What answers that break the same rules have often done.
std::string nearest_mistakes(const checker::Grade& grade) {
  if (grade.is_start) return "\nYour part is still as it was given.\n";
  if (grade.mistakes.empty()) return "";
  std::string out = fmt::format("\n{} the same rules:\n",
                                grade.mistakes.size() == 1 ? "A mistake that breaks" : "Mistakes that break");
  for (const checker::Mistake* mistake : grade.mistakes) {
    out += item(mistake->sentence);
  }
  return out;
}

ExitCode print_right(const std::vector<Lesson>& lessons, const Lesson& lesson, const checker::Grade& grade) {
  print(fmt::format("Right: all {} rules that the lesson asks for hold{}.\n", grade.rules,
                    grade.cases > 1 ? fmt::format(", in each of {} cases", grade.cases) : ""));
  const auto next = std::find_if(lessons.begin(), lessons.end(),
                                 [&](const Lesson& other) { return other.order == lesson.order + 1; });
  if (next != lessons.end()) print(fmt::format("The next lesson: quiesce learn {}\n", next->name));
  return ExitCode::AllHold;
}

ExitCode exit_code_of_mark(checker::Mark mark) {
  switch (mark) {
    case checker::Mark::Right:
      return ExitCode::AllHold;
    case checker::Mark::Wrong:
      return ExitCode::Violated;
    case checker::Mark::NoDesign:
      return ExitCode::WrongInput;
    case checker::Mark::Undecided:
      return ExitCode::Undecided;
  }
  return ExitCode::InternalError;
}

ExitCode grade(const std::vector<Lesson>& lessons, const Lesson& lesson, const LearnFlags& flags) {
  const auto text = checker::read_text(flags.answer);
  if (!text) return report_error(text.error()), ExitCode::WrongInput;
  checker::CheckOptions options;
  options.search.interrupt = &catch_interrupts();
  options.search.limits.time = flags.time;
  const checker::Grade grade = checker::grade(lesson, flags.answer, *text, options);
  if (grade.design != nullptr && !grade.design->ok()) report_problems(*grade.design, flags.no_color);
  if (grade.exercise_changed) {
    print(checker::wrapped(
        "Note: what you changed below the line was left out; the exercise is graded as it was given.", 0, kScreen));
  }
  if (grade.mark == checker::Mark::Right) return print_right(lessons, lesson, grade);
  print(grade.mark == checker::Mark::Undecided ? "Not decided:\n" : "Not yet right:\n");
  for (const std::string& sentence : grade.sentences) print(item(sentence));
  print(nearest_mistakes(grade));
  if (grade.story) print_story(grade, flags);
  if (grade.mark == checker::Mark::Wrong) print(fmt::format("\nA hint: quiesce learn {} --hint 1\n", lesson.name));
  return exit_code_of_mark(grade.mark);
}

ExitCode write_handout(const std::vector<Lesson>& lessons, const Lesson* only, const std::string& file) {
  const std::string page = checker::handout_html(only == nullptr ? lessons : std::vector<Lesson>{*only});
  if (file == "-") return print_report(page), ExitCode::AllHold;
  const auto written = checker::write_atomically(file, page);
  if (!written) return report_error(written.error()), ExitCode::WrongInput;
  return ExitCode::AllHold;
}

/// What does not fit together, in a sentence; empty: nothing.
std::string problem_of(const LearnFlags& flags) {
  const int asked = !flags.answer.empty() + !flags.show.empty() + !flags.html.empty() + (flags.hint != 0 ? 1 : 0);
  if (asked > 1) return "an answer, --hint, --show and --html are different things: ask for one";
  if (flags.lesson.empty() && (!flags.show.empty() || flags.hint != 0)) return "name the lesson";
  return "";
}

ExitCode run(const LearnFlags& flags) {
  if (const std::string problem = problem_of(flags); !problem.empty()) {
    report_error(problem);
    return ExitCode::WrongInput;
  }
  const std::vector<Lesson> lessons = checker::all_lessons();
  const Lesson* lesson = find(lessons, flags.lesson);
  if (lesson == nullptr && !flags.lesson.empty()) return report_unknown(lessons, flags.lesson);
  if (!flags.html.empty()) return write_handout(lessons, lesson, flags.html);
  if (lesson == nullptr) return print(checker::lesson_list(lessons)), ExitCode::AllHold;
  if (!flags.answer.empty()) return grade(lessons, *lesson, flags);
  if (!flags.show.empty()) return show(*lesson, flags.show);
  if (flags.hint != 0) return give_hint(*lesson, flags.hint);
  return present(*lesson);
}

}  // namespace

void add_learn(CLI::App& app, Action& action) {
  auto flags = std::make_shared<LearnFlags>();
  CLI::App* command = app.add_subcommand("learn", "lessons with a design to mend, and their grader");
  command->add_option("LESSON", flags->lesson, "its name or number; without it the lessons are listed")->type_name("");
  command->add_option("ANSWER", flags->answer, "a mended design: is it right?")->type_name("");
  command->add_option("--hint", flags->hint, "a hint: 1, 2 or 3, the later the plainer")
      ->type_name("N")
      ->check(from_one());
  command->add_option("--show", flags->show, "print a variant: start, right, or a mistake")->type_name("VARIANT");
  command
      ->add_option("--html", flags->html,
                   "write a hand-out of the lesson, or of all: no hints, no answers; '-' is standard output")
      ->type_name("FILE");
  add_time(*command, flags->time, "end each search after this time (10s, 2m), undecided");
  add_no_color(*command, flags->no_color);
  command->footer(
      "'quiesce learn LESSON' prints the text and writes the design to mend to LESSON.qsm, unless it is there.\n"
      "Exit code: 0 the answer is right, 1 it is not, 2 it is no design or the lesson does not exist, 3 undecided.\n"
      "Example:   quiesce learn levels levels.qsm");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli
