#include "checker/store/checkpoint_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace quiesce::checker {
namespace {

CheckpointTrouble cannot_write(const std::string& path) {
  return {CheckpointTrouble::Kind::NotWritten, path, std::strerror(errno)};
}

}  // namespace

OpenFile open_checkpoint(const std::string& path) { return OpenFile(std::fopen(path.c_str(), "rb")); }

std::optional<CheckpointTrouble> write_checkpoint_file(const std::string& path,
                                                       const std::function<bool(std::FILE*)>& write) {
  const std::string beside = path + ".part";
  {
    const OpenFile file(std::fopen(beside.c_str(), "wb"));
    if (!file) return cannot_write(beside);
    errno = 0;
    if (!write(file.get()) || std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) {
      const CheckpointTrouble problem = cannot_write(beside);
      ::unlink(beside.c_str());
      return problem;
    }
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) return cannot_write(path);
  return std::nullopt;
}

}  // namespace quiesce::checker
