// Text in XML: JUnit's reports, and pictures.
#pragma once

#include <string>
#include <string_view>

namespace quiesce::checker {

/// `text` in XML: what has a meaning there is escaped, control characters that XML 1.0 forbids become '?'.
std::string xml_text(std::string_view text);

}  // namespace quiesce::checker
