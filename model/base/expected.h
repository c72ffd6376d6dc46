// A value, or in a sentence why there is none: what a function returns that can fail for a reason worth telling. The
// one door of the package that stands in for std::expected of C++23.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace quiesce::model {

/// True when there is a value; else error() is the sentence. Expected<void>: that something was done.
template <class T>
using Expected = tl::expected<T, std::string>;

/// What to return instead of a value.
inline tl::unexpected<std::string> unexpected(std::string why) { return tl::unexpected<std::string>(std::move(why)); }

}  // namespace quiesce::model
