#include "checker/evidence/other_solver.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace quiesce::checker {

namespace {

constexpr int kPollMilliseconds = 100;

/// A running program whose standard output is read.
class Program {
 public:
  explicit Program(std::array<const char*, 5> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&process_, arguments[0], &actions, nullptr, const_cast<char**>(arguments.data()), environ) != 0) {
      process_ = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = ends[0];
  }
  ~Program() {
    if (output_ >= 0) close(output_);
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// All that it writes, as far as `control` waits for it. Empty when it could not be run, failed or was ended.
  std::string output(const SearchControl& control) {
    std::string result;
    if (process_ <= 0) return result;
    std::array<char, 4096> buffer;
    while (control.reason() == LimitKind::None) {
      pollfd ready{output_, POLLIN, 0};
      if (poll(&ready, 1, kPollMilliseconds) <= 0) continue;
      const ssize_t size = read(output_, buffer.data(), buffer.size());
      if (size > 0) {
        result.append(buffer.data(), static_cast<std::size_t>(size));
        continue;
      }
      int status = 0;
      waitpid(process_, &status, 0);
      process_ = -1;
      return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? result : "";
    }
    return "";
  }

 private:
  pid_t process_ = -1;
  int output_ = -1;
};

}  // namespace

bool has_other_solver() {
  const SearchControl control(Limits{}, nullptr);
  return !Program({"cvc5", "--version", nullptr, nullptr, nullptr}).output(control).empty();
}

Answer ask_other_solver(const std::string& script_file, std::size_t cases, const SearchControl& control) {
  Program program({"cvc5", "--incremental", "--lang=smt2", script_file.c_str(), nullptr});
  std::istringstream answers(program.output(control));
  std::size_t shown = 0;
  for (std::string answer; std::getline(answers, answer);) {
    if (answer == "sat") return Answer::Satisfiable;
    if (answer != "unsat") return Answer::Unknown;
    ++shown;
  }
  return shown == cases ? Answer::Unsatisfiable : Answer::Unknown;
}

}  // namespace quiesce::checker
