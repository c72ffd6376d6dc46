// Documents of which a program writes a part, between two marks.
#pragma once

#include <string>
#include <string_view>

#include "model/base/expected.h"

namespace quiesce::cli {

/// Puts `text` between the lines "<!-- NAME: begin -->" and "<!-- NAME: end -->" of the file. A sentence when it has
/// none, or cannot be read or written.
model::Expected<void> update_document(const std::string& path, std::string_view name, const std::string& text);

}  // namespace quiesce::cli
