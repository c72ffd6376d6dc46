// Reading and writing the files that a user names, with a sentence for everything that can go wrong.
#pragma once

#include <string>
#include <vector>

#include "model/base/expected.h"

namespace quiesce::checker {

/// The text of the file, of standard input for "-". Nothing when it cannot be read or is not text (a zero byte in it):
/// "cannot read 'nic.qsm': no such file or directory".
model::Expected<std::string> read_text(const std::string& path);

/// Replaces the content of the file in one step: readers see the old or the new text, never half of it, and a full
/// disk leaves the old. Keeps its permissions; follows a symbolic link. What is no file (a pipe) is written to as it
/// is.
model::Expected<void> write_atomically(const std::string& path, const std::string& text);

/// Whether write_atomically can be expected to succeed, so that a long search need not end with a report that cannot be
/// written: the folder exists and may be written to, and `path` is no folder. Nothing is created.
model::Expected<void> may_be_written(const std::string& path);

/// The files that the arguments name, each directory replaced by the *.qsm files below it in the order of their paths.
/// Nothing when one does not exist.
model::Expected<std::vector<std::string>> expand_directories(const std::vector<std::string>& paths);

}  // namespace quiesce::checker
