// Numbers of checks, nodes and changes on the command line.
#pragma once

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace quiesce::cli {

/// Accepts whole numbers from 1 on, and says what it expects of others.
inline CLI::Validator from_one() {
  const auto fault = [](const std::string& text) -> std::string {
    const bool has_digits =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    const bool is_from_one = has_digits && text.find_first_not_of('0') != std::string::npos;
    return is_from_one ? "" : fmt::format("'{}' is not a whole number from 1 on", text);
  };
  return CLI::Validator(fault, "");
}

}  // namespace quiesce::cli
