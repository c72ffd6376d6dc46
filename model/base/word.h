// Words of a text.
#pragma once

#include <cctype>
#include <string>

namespace quiesce {

/// Whether names of the language may have the character behind their first one.
inline bool is_part_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// "Line" of "wdm.Line": what stands behind the last dot, all of it when there is none.
inline std::string own_name(const std::string& qualified) { return qualified.substr(qualified.rfind('.') + 1); }

}  // namespace quiesce
