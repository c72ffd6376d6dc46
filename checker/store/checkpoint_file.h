// Files that a search keeps to go on from: written whole or not at all.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "checker/result/trouble.h"

namespace quiesce::checker {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

/// Null when it cannot be read; errno says why.
OpenFile open_checkpoint(const std::string& path);

/// Writes a file beside `path` with `write`, flushes it to the disk and gives it the name. `write` returns whether all
/// was written. Why it could not, when it could not: then what was there before is still there.
std::optional<CheckpointTrouble> write_checkpoint_file(const std::string& path,
                                                       const std::function<bool(std::FILE*)>& write);

}  // namespace quiesce::checker
