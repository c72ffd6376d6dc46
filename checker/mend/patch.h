// The difference of two texts as others can apply it: a unified diff, for `patch -p1`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/report/checked_files.h"

namespace quiesce::checker {

/// A run of lines that is replaced by others.
using LineChange = ProposedFix::Lines;

/// What has to be done to `before` to get `after`: as few lines as possible, in order. O(lines x changed lines).
std::vector<LineChange> line_changes(const std::string& before, const std::string& after);

/// Lines removed and lines added.
std::size_t changed_lines(const std::vector<LineChange>& changes);

/// The unified diff between the texts, with three lines around each change, of the file `path` in folders a and b.
/// Empty when the texts are equal.
std::string unified_diff(const std::string& path, const std::string& before, const std::string& after);

}  // namespace quiesce::checker
