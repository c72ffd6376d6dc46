// Numbers for people, as all messages and reports write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quiesce::checker {

/// "1,234,567".
std::string grouped(std::uint64_t number);

/// "12,345 distinct states", "1 step": the number and its noun (plural with -s).
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace quiesce::checker
