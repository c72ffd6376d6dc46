// A hash that stands for a text: in keys of caches, in certificates, for the identity of a system.
#pragma once

#include <string>
#include <string_view>

namespace quiesce::checker {

/// 32 hexadecimal digits (XXH3, 128 bits), the same on every machine. It does not protect against an attacker that
/// looks for two texts with one hash.
std::string text_hash(std::string_view text);

}  // namespace quiesce::checker
