// Words of a text.
#pragma once

#include <cctype>

namespace quiesce {

/// Whether names of the language may have the character behind their first one.
inline bool is_part_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace quiesce
