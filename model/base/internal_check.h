// Checks of our own assumptions. A failed check is a bug in Quiesce, never the user's fault: the message
// says what was violated, with the input that led there, and the command ends with exit code 4.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace quiesce {

/// Thrown by a failed QUIESCE_CHECK; caught only by main() and by tests.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {

class CheckFailure {
 public:
  CheckFailure(const char* condition, const char* file, int line) {
    message_ << file << ":" << line << ": internal check failed: " << condition << " ";
  }
  [[noreturn]] ~CheckFailure() noexcept(false) { throw InternalError(message_.str()); }
  template <typename T>
  CheckFailure& operator<<(const T& value) {
    message_ << value;
    return *this;
  }

 private:
  std::ostringstream message_;
};

}  // namespace detail
}  // namespace quiesce

/// Always on. Usage: QUIESCE_CHECK(index < size) << "cell " << index;
#define QUIESCE_CHECK(condition) \
  if (condition) {               \
  } else                         \
    ::quiesce::detail::CheckFailure(#condition, __FILE__, __LINE__)

/// For hot paths: off in release builds.
#ifdef NDEBUG
#define QUIESCE_DCHECK(condition) QUIESCE_CHECK(true || (condition))
#else
#define QUIESCE_DCHECK(condition) QUIESCE_CHECK(condition)
#endif
