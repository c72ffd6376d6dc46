#include "checker/reduce/place_renaming.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "model/base/word.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// Whether `path` stands in `name` from `at` on, as a whole.
bool stands_at(const std::string& name, std::size_t at, const std::string& path) {
  const std::size_t end = at + path.size();
  return name.compare(at, path.size(), path) == 0 &&
         (end == name.size() || std::string("./[# ").find(name[end]) != std::string::npos);
}

/// What tells a place from the others of its context: what it is inside of, its labels, and where its statement stands.
using PlaceName = std::tuple<std::vector<std::string>, Span, WaitKind>;

PlaceName name_of(const TransitionSystem& system, const Location& location, const PathPairs& pairs) {
  std::vector<std::string> names;
  for (const FunctionId function : location.inside) names.push_back(exchanged_name(system.at(function).name, pairs));
  for (const std::string& label : location.labels) names.push_back(exchanged_name(label, pairs));
  return {std::move(names), location.span, location.wait};
}

/// By name: the numbers of the places of `context`, ascending.
std::map<PlaceName, std::vector<std::uint32_t>> places_by_name(const TransitionSystem& system, const Context& context,
                                                               const PathPairs& pairs) {
  std::map<PlaceName, std::vector<std::uint32_t>> places;
  for (const LocationId id : context.locations) {
    places[name_of(system, system.at(id), pairs)].push_back(system.at(id).number);
  }
  return places;
}

/// The places of a context that stays; none when one has no counterpart.
std::optional<std::vector<std::uint32_t>> places_of(const TransitionSystem& system, const Context& context,
                                                    const PathPairs& pairs) {
  std::vector<std::uint32_t> map(context.locations.size() + 1, 0);
  const auto images = places_by_name(system, context, pairs);
  for (const auto& [name, numbers] : places_by_name(system, context, {})) {
    const auto found = images.find(name);
    if (found == images.end() || found->second.size() != numbers.size()) return std::nullopt;
    for (std::size_t i = 0; i < numbers.size(); ++i) map[found->second[i]] = numbers[i];
  }
  return map;
}

bool is_identity(const std::vector<std::uint32_t>& map) {
  for (std::size_t n = 0; n < map.size(); ++n) {
    if (map[n] != n) return false;
  }
  return true;
}

}  // namespace

std::string exchanged_name(const std::string& name, const PathPairs& pairs) {
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    const bool begins = at == 0 || (!is_part_of_word(name[at - 1]) && name[at - 1] != '.' && name[at - 1] != ']');
    std::size_t taken = 0;
    for (const auto& [a, b] : pairs) {
      const bool is_first = begins && stands_at(name, at, a);
      if (!is_first && !(begins && stands_at(name, at, b))) continue;
      result += is_first ? b : a;
      taken = is_first ? a.size() : b.size();
      break;
    }
    if (taken == 0) {
      result += name[at];
      taken = 1;
    }
    at += taken;
  }
  return result;
}

std::optional<std::vector<std::vector<std::uint32_t>>> propose_places(const TransitionSystem& system,
                                                                      const std::vector<std::uint32_t>& contexts,
                                                                      const PathPairs& pairs, const Context*& culprit) {
  std::vector<std::vector<std::uint32_t>> result(contexts.size());
  for (std::size_t k = 0; k < contexts.size(); ++k) {
    if (contexts[k] != k) continue;
    std::optional<std::vector<std::uint32_t>> map = places_of(system, system.contexts[k], pairs);
    if (!map) {
      culprit = &system.contexts[k];
      return std::nullopt;
    }
    if (!is_identity(*map)) result[k] = std::move(*map);
  }
  return result;
}

}  // namespace quiesce::checker
