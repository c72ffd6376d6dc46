// Runs commands as a user would, in a folder of its own that is gone afterwards.
#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>

namespace quiesce::cli {

/// What a command left behind.
struct Outcome {
  std::string out;
  std::string err;
  int code = -1;                 // exit code; 128 + signal when it was killed
  double seconds = 0;            // from its begin, or from the signal that it got, to its end
  std::uint64_t peak_bytes = 0;  // the most that was resident of it
};

/// A temporary folder with a copy of tests/cli/designs, removed at the end.
class Workplace {
 public:
  Workplace();
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  /// Runs `command` by the shell in this folder; `quiesce` is the program under test. No terminal, nothing on standard
  /// input, no NO_COLOR. With `signal_after_ms` >= 0 the process gets `signal` after that time.
  Outcome run(const std::string& command, int signal_after_ms = -1, int signal = SIGINT) const;

 private:
  std::filesystem::path folder_;
};

/// The bytes of a file; empty when there is none.
std::string read_file(const std::filesystem::path& path);

}  // namespace quiesce::cli
