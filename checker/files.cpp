#include "checker/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace quiesce::checker {

namespace fs = std::filesystem;
using model::Expected;
using model::unexpected;

namespace {

/// The system's words for `error`, in lower case as all our messages.
std::string reason(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

/// Reads to the end; errno in `error` when that fails.
std::string read_all(int descriptor, int* error) {
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) *error = errno;
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

/// Writes all of `text`; errno when that fails, else 0.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = write(descriptor, text.data(), text.size());
    if (wrote < 0 && errno != EINTR) return errno;
    if (wrote > 0) text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return 0;
}

/// What the user's umask leaves of rw-rw-rw-. It can only be asked by being set; no other thread creates files.
mode_t mode_of_new_files() {
  const mode_t mask = umask(022);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

Expected<std::string> read_text(const std::string& path) {
  const bool standard_input = path == "-";
  const std::string shown = standard_input ? "standard input" : fmt::format("'{}'", path);
  int error = 0;
  std::string text;
  if (standard_input) {
    text = read_all(STDIN_FILENO, &error);
  } else {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      return unexpected(fmt::format("cannot read {}: {}", shown, reason(errno)));
    }
    struct stat about {};
    if (fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode)) {
      error = EISDIR;
    } else {
      text = read_all(descriptor, &error);
    }
    close(descriptor);
  }
  if (error != 0) {
    return unexpected(fmt::format("cannot read {}: {}", shown, reason(error)));
  }
  if (text.find('\0') != std::string::npos) {
    return unexpected(fmt::format("{} is not a text file: it contains zero bytes", shown));
  }
  // Spans count bytes in 32 bits.
  if (text.size() > 64u << 20) {
    return unexpected(
        fmt::format("{} is too large: {} bytes, but a module may have at most 64 MiB", shown, text.size()));
  }
  return text;
}

Expected<void> write_atomically(const std::string& path, const std::string& text) {
  std::error_code failure;
  fs::path target = fs::canonical(path, failure);
  if (failure) target = path;
  struct stat about {};
  const bool exists = stat(target.c_str(), &about) == 0;
  const bool in_place = exists && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);  // a pipe, /dev/null
  std::string temporary = target.string() + ".XXXXXX";
  const int descriptor = in_place ? open(target.c_str(), O_WRONLY | O_CLOEXEC) : mkstemp(temporary.data());
  int error = descriptor < 0 ? errno : 0;
  if (error == 0) {
    if (!in_place && fchmod(descriptor, exists ? about.st_mode & 07777 : mode_of_new_files()) != 0) error = errno;
    error = error == 0 ? write_all(descriptor, text) : error;
    if (error == 0 && fsync(descriptor) != 0 && errno != EINVAL) error = errno;
    if (close(descriptor) != 0 && error == 0) error = errno;
    if (error == 0 && !in_place && rename(temporary.c_str(), target.c_str()) != 0) error = errno;
    if (error != 0 && !in_place) unlink(temporary.c_str());
  }
  if (error == 0) return {};
  return unexpected(fmt::format("cannot write '{}': {}", path, reason(error)));
}

Expected<void> may_be_written(const std::string& path) {
  struct stat about {};
  const bool exists = stat(path.c_str(), &about) == 0;
  int error = 0;
  if (exists && S_ISDIR(about.st_mode)) {
    error = EISDIR;
  } else if (exists && !S_ISREG(about.st_mode)) {
    if (access(path.c_str(), W_OK) != 0) error = errno;
  } else {  // it is replaced, or created
    std::error_code failure;
    const fs::path target = exists ? fs::canonical(path, failure) : fs::path(path);
    const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
    if (fs::exists(folder, failure) && !fs::is_directory(folder, failure)) {
      error = ENOTDIR;
    } else if (access(folder.c_str(), W_OK | X_OK) != 0) {
      error = errno;
    }
  }
  if (error == 0) return {};
  return unexpected(fmt::format("cannot write '{}': {}", path, reason(error)));
}

Expected<std::vector<std::string>> expand_directories(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code failure;
    const fs::file_status status = fs::status(path, failure);
    if (!fs::exists(status)) {
      return unexpected(fmt::format("cannot read '{}': {}", path, reason(failure ? failure.value() : ENOENT)));
    }
    if (!fs::is_directory(status)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> below;
    fs::recursive_directory_iterator entry(path, failure);
    while (!failure && entry != fs::recursive_directory_iterator()) {
      if (entry->path().extension() == ".qsm" && entry->is_regular_file(failure))
        below.push_back(entry->path().string());
      entry.increment(failure);
    }
    if (failure) {
      return unexpected(fmt::format("cannot read below '{}': {}", path, reason(failure.value())));
    }
    std::sort(below.begin(), below.end());
    files.insert(files.end(), below.begin(), below.end());
  }
  return files;
}

}  // namespace quiesce::checker
