#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace quiesce::cli {

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only use lock-free atomics");

extern "C" void on_interrupt(int) {
  if (interrupted.exchange(true)) _exit(130);  // asked twice: at once
}

bool standard_output_is_taken = false;

void print_to(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

bool wanted_on(int stream, bool no_color_option) {
  const char* no_color = std::getenv("NO_COLOR");
  return !no_color_option && (no_color == nullptr || *no_color == '\0') && isatty(stream) != 0;
}

}  // namespace

void print(std::string_view text) { print_to(standard_output_is_taken ? stderr : stdout, text); }

void print_error(std::string_view text) { print_to(stderr, text); }

void give_up_standard_output() { standard_output_is_taken = true; }

void print_report(std::string_view text) { print_to(stdout, text); }

void report_error(std::string_view message) { print_error(fmt::format("error: {}\n", message)); }

void report_warning(std::string_view message) { print_error(fmt::format("warning: {}\n", message)); }

bool colour_wanted(bool no_color_option) {
  return wanted_on(standard_output_is_taken ? STDERR_FILENO : STDOUT_FILENO, no_color_option);
}

bool error_colour_wanted(bool no_color_option) { return wanted_on(STDERR_FILENO, no_color_option); }

std::size_t report_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::clamp<std::size_t>(size.ws_col, 80, 120);
  }
  return 110;
}

checker::TextOptions text_options(bool no_color_option, const std::string& timing) {
  checker::TextOptions options;
  options.colour = colour_wanted(no_color_option);
  options.show_cost = timing == "on";
  options.width = report_width();
  return options;
}

const std::atomic<bool>& catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return interrupted;
}

}  // namespace quiesce::cli
