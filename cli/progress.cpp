#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <map>
#include <utility>

#include <CLI/CLI.hpp>

#include "checker/report/progress.h"
#include "cli/console.h"

namespace quiesce::cli {

void add_progress(CLI::App& command, ProgressMode& mode) {
  static const std::map<std::string, ProgressMode> kModes = {{"auto", ProgressMode::Auto},
                                                             {"off", ProgressMode::Off},
                                                             {"line", ProgressMode::Line},
                                                             {"json", ProgressMode::Json}};
  command
      .add_option_function<std::string>(
          "--progress",
          [&mode](const std::string& text) {
            const auto found = kModes.find(text);
            if (found == kModes.end()) {
              throw CLI::ValidationError("--progress", "'" + text + "' is none of auto, line, json, off");
            }
            mode = found->second;
          },
          "how far a search is, on standard error: auto (a line on a terminal), line, json, off")
      ->type_name("MODE");
}

Progress::Progress(ProgressMode mode, std::string what)
    : mode_(mode), terminal_(isatty(STDERR_FILENO) != 0), what_(std::move(what)) {
  if (mode_ == ProgressMode::Auto && terminal_) mode_ = ProgressMode::Line;
  began_ = shown_ = std::chrono::steady_clock::now();
}

Progress::~Progress() { erase(); }

void Progress::erase() {
  if (drawn_) print_error("\r\x1b[K");
  drawn_ = false;
}

void Progress::watch(checker::SearchOptions& options) {
  if (mode_ == ProgressMode::Off) return;
  options.progress = [this](const checker::Statistics& statistics) { update(statistics); };
}

/// Says once what is newly known to be broken, when the search continues for long enough that it is news.
void Progress::announce(const checker::Statistics& statistics) {
  using namespace std::chrono_literals;
  const bool is_news = statistics.broken_rules > broken_rules_ ||
                       (statistics.broken_rules == broken_rules_ && statistics.shortest_run < shortest_run_);
  if (statistics.broken_rules == 0 || !is_news) return;
  const std::chrono::nanoseconds patience = mode_ == ProgressMode::Json   ? 0s
                                            : mode_ == ProgressMode::Line ? 500ms
                                                                          : 10s;
  if (std::chrono::steady_clock::now() - began_ < patience) return;
  broken_rules_ = statistics.broken_rules;
  shortest_run_ = statistics.shortest_run;
  const checker::ProgressOf progress{what_, 0};
  if (mode_ == ProgressMode::Json) return print_error(checker::broken_json(statistics, progress) + "\n");
  erase();
  print_error(checker::broken_line(statistics, progress) + "\n");
}

void Progress::update(const checker::Statistics& statistics) {
  using namespace std::chrono_literals;
  announce(statistics);
  if (mode_ == ProgressMode::Auto) return;
  const auto now = std::chrono::steady_clock::now();
  const bool redraws = mode_ == ProgressMode::Line && terminal_;
  if (now - shown_ < (redraws ? 200ms : 1000ms)) return;
  shown_ = now;
  const std::chrono::nanoseconds since = statistics.wall - measured_at_;
  if (since >= 1s || states_per_second_ == 0) {
    const double seconds = std::chrono::duration<double>(since).count();
    const std::uint64_t states = statistics.distinct_states - measured_states_;
    if (seconds > 0) states_per_second_ = static_cast<double>(states) / seconds;
    measured_at_ = statistics.wall;
    measured_states_ = statistics.distinct_states;
  }
  const checker::ProgressOf progress{what_, states_per_second_};
  if (mode_ == ProgressMode::Json) return print_error(checker::progress_json(statistics, progress) + "\n");
  if (!redraws) return print_error(checker::progress_line(statistics, progress, 160) + "\n");
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  print_error("\r" + checker::progress_line(statistics, progress, known ? size.ws_col - 1u : 100u) + "\x1b[K");
  drawn_ = true;
}

void Progress::finish(const checker::SearchResult& result) {
  erase();
  if (mode_ != ProgressMode::Json) return;
  const double seconds = std::chrono::duration<double>(result.statistics.wall).count();
  const double rate = seconds > 0 ? static_cast<double>(result.statistics.distinct_states) / seconds : 0;
  print_error(checker::done_json(result, {what_, rate}) + "\n");
}

}  // namespace quiesce::cli
