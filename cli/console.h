// The two streams of the command and what they can show: results go to standard output, everything about the text or
// the progress to standard error.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "checker/result/result.h"

namespace quiesce::cli {

/// Writes all of `text` at once.
void print(std::string_view text);
void print_error(std::string_view text);

/// "error: <message>" on standard error.
void report_error(std::string_view message);

/// Whether reports may be coloured: a terminal, no NO_COLOR in the environment (https://no-color.org), not asked
/// otherwise.
bool colour_wanted(bool no_color_option);
bool error_colour_wanted(bool no_color_option);

/// How many columns a report may take: those of the terminal within 80..120; 110 on a pipe.
std::size_t report_width();

/// Makes Ctrl-C set the returned flag, so that searches stop cleanly and say how far they came. A second Ctrl-C ends
/// the process at once.
const std::atomic<bool>& catch_interrupts();

/// One line on a terminal that says how far a search is; nothing on a pipe. Erased when it ends.
class ProgressLine {
 public:
  /// `title` stands before the numbers.
  explicit ProgressLine(std::string_view title);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool shown() const { return shown_; }
  /// Redraws at most five times a second.
  void update(const checker::Statistics& statistics);

 private:
  bool shown_ = false;
  bool drawn_ = false;
  std::string title_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace quiesce::cli
