// The two streams of the command and what they can show: results go to standard output, everything about the text or
// the progress to standard error.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "checker/report/text_report.h"

namespace quiesce::cli {

/// Writes all of `text` at once; what goes to standard output goes to standard error after give_up_standard_output().
void print(std::string_view text);
void print_error(std::string_view text);

/// From now on standard output is for print_report() alone: a report that a program reads.
void give_up_standard_output();
void print_report(std::string_view text);

/// "error: <message>" on standard error.
void report_error(std::string_view message);

/// "warning: <message>" on standard error.
void report_warning(std::string_view message);

/// Whether reports may be coloured: a terminal, no NO_COLOR in the environment (https://no-color.org), not asked
/// otherwise.
bool colour_wanted(bool no_color_option);
bool error_colour_wanted(bool no_color_option);

/// How many columns a report may take: those of the terminal within 80..120; 110 on a pipe.
std::size_t report_width();

/// How reports look here; `timing`: as add_timing() reads it.
checker::TextOptions text_options(bool no_color_option, const std::string& timing);

/// Makes Ctrl-C set the returned flag, so that searches stop cleanly and say how far they came. A second Ctrl-C ends
/// the process at once.
const std::atomic<bool>& catch_interrupts();

}  // namespace quiesce::cli
