// How many states are still to be found, guessed from the sizes of the layers of a breadth-first search: the number
// that people want most and that cannot be known. It is only offered once the layers shrink, as a range, and always
// labelled as an estimate.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace quiesce::checker {

struct RemainingStates {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const RemainingStates&) const = default;
};

/// The states of the layers that follow `layers`, complete layers from depth 0. Nothing while the layers grow, have not
/// shrunk enough to say it, or come in waves and have not fallen lower than between two waves before.
///
/// Three guesses: the last four ratios of successive layers go on as they are; they continue falling as they fell; the
/// layers shrink as they grew. The range goes from half the least to twice the greatest of them. Measured on the 316
/// searches of specs/ and tests/ with 1,500 to a million states, after every layer at which it says something: 90 % of
/// the true numbers lie inside, 2 % above, 8 % below (the end is sudden); in half of all cases high and low, with what
/// has been found so far, are within a factor of 1.3. tests/unit keeps a sample of the layers.
std::optional<RemainingStates> estimate_remaining(const std::vector<std::uint64_t>& layers);

/// The same during a search or where it stopped: the last of `layers` may be incomplete, and its states are found.
std::optional<RemainingStates> estimate_remaining_now(const std::vector<std::uint64_t>& layers);

}  // namespace quiesce::checker
