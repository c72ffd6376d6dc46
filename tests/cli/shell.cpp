#include "tests/cli/shell.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace quiesce::cli {

namespace fs = std::filesystem;

Workplace::Workplace() {
  std::string name = (fs::temp_directory_path() / "quiesce-cli-XXXXXX").string();
  folder_ = mkdtemp(name.data());
  fs::copy(fs::path(QUIESCE_SOURCE_DIR) / "tests/cli/designs", folder_, fs::copy_options::recursive);
}

Workplace::~Workplace() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Outcome Workplace::run(const std::string& command, int signal_after_ms, int signal) const {
  const fs::path out = folder_ / ".out";
  const fs::path err = folder_ / ".err";
  const std::string path = fs::path(QUIESCE_BINARY).parent_path().string() + ":" + std::getenv("PATH");
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_RDONLY);
    const int out_file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err_file = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(null, STDIN_FILENO);
    dup2(out_file, STDOUT_FILENO);
    dup2(err_file, STDERR_FILENO);
    if (chdir(folder_.c_str()) != 0) _exit(126);
    setenv("PATH", path.c_str(), 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("NO_COLOR");
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  auto begin = std::chrono::steady_clock::now();
  if (signal_after_ms >= 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(signal_after_ms));
    begin = std::chrono::steady_clock::now();
    kill(child, signal);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  Outcome outcome;
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  outcome.peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.out = read_file(out);
  outcome.err = read_file(err);
  fs::remove(out);
  fs::remove(err);
  return outcome;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace quiesce::cli
