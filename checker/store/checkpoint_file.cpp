#include "checker/store/checkpoint_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace quiesce::checker {
namespace {

std::string cannot_write(const std::string& path) {
  return fmt::format("cannot write the checkpoint '{}': {}", path, std::strerror(errno));
}

}  // namespace

OpenFile open_checkpoint(const std::string& path) { return OpenFile(std::fopen(path.c_str(), "rb")); }

std::string write_checkpoint_file(const std::string& path, const std::function<bool(std::FILE*)>& write) {
  const std::string beside = path + ".part";
  {
    const OpenFile file(std::fopen(beside.c_str(), "wb"));
    if (!file) return cannot_write(beside);
    errno = 0;
    if (!write(file.get()) || std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) {
      const std::string problem = cannot_write(beside);
      ::unlink(beside.c_str());
      return problem;
    }
  }
  return std::rename(beside.c_str(), path.c_str()) == 0 ? "" : cannot_write(path);
}

std::string checkpoint_of_another_version(const std::string& path) {
  return fmt::format("'{}' was written by another version of quiesce: start the search again", path);
}

std::string checkpoint_of_another_search(const std::string& path) {
  return fmt::format(
      "'{}' belongs to another search: the design, its parameters, the rules asked for or an option that changes what "
      "is visited is not what it was; start the search again without --resume",
      path);
}

std::string checkpoint_is_damaged(const std::string& path) {
  return fmt::format("'{}' is damaged, or there is no memory for it: start the search again without --resume", path);
}

}  // namespace quiesce::checker
