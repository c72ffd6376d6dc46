// Files that a search keeps to go on from: written whole or not at all, and what is said of one that does not fit.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

namespace quiesce::checker {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

/// Null when it cannot be read; errno says why.
OpenFile open_checkpoint(const std::string& path);

/// Writes a file beside `path` with `write`, flushes it to the disk and gives it the name. `write` returns whether all was
/// written. Why it could not, as a sentence, when it could not: then what was there before is still there.
std::string write_checkpoint_file(const std::string& path, const std::function<bool(std::FILE*)>& write);

// Why the file is not one to go on from, and what to do, as sentences.
std::string checkpoint_of_another_version(const std::string& path);
std::string checkpoint_of_another_search(const std::string& path);
std::string checkpoint_is_damaged(const std::string& path);

}  // namespace quiesce::checker
