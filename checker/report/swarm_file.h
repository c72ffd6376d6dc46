// What a part of a swarm has done, as a file: to continue with it later, and to merge the parts of several machines.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/result/result.h"
#include "model/base/expected.h"

namespace quiesce::checker {

/// The design that was searched, and how it was loaded.
struct SwarmDesign {
  std::string file;
  std::string title;               // of the case
  std::string fingerprint;         // of its transition system
  std::string system;              // --system; empty: not given
  std::uint64_t check = 0;         // --check; 0: not given
  std::vector<std::string> rules;  // --for
  std::map<std::string, std::string> defines;
  std::string library_directory;
  bool plain = false;
  bool slice = true;
};

/// A violation with a run that leads to it.
struct SwarmFinding {
  std::string rule;
  bool in_state = false;                  // Finding::in_state
  std::optional<std::uint32_t> property;  // Finding::property
  Run run;
};

struct SwarmPart {
  SwarmDesign design;
  std::uint64_t seed = 0;
  std::uint32_t part = 1;
  std::uint32_t parts = 1;
  std::uint32_t searches = 1;
  std::optional<std::uint32_t> depth;  // --depth
  std::vector<std::uint32_t> done;     // searches that came to their end, ascending
  std::uint64_t states = 0;            // visited, also by searches that did not
  std::uint64_t steps = 0;
  std::uint32_t deepest = 0;
  std::uint64_t milliseconds = 0;
  std::vector<SwarmFinding> findings;  // at most one for each rule
};

/// The text of the file: JSON, the same for the same part.
std::string swarm_part_json(const SwarmPart& part);

/// The inverse. Nothing when the text is not of that form. What it says about runs is not looked into: the caller
/// replays them.
model::Expected<SwarmPart> read_swarm_part(std::string_view text);

/// Whether text that begins so may be a part of a swarm.
bool begins_as_swarm_part(std::string_view text);

}  // namespace quiesce::checker
