#include "checker/export/never_claim.h"

#include <compare>
#include <cstdint>
#include <set>

#include <fmt/format.h>

namespace quiesce::checker {

namespace {

class ClaimWriter {
 public:
  ClaimWriter(const Automaton& automaton, const std::vector<std::string>& atoms, const std::string& between,
              const std::string& round)
      : automaton_(automaton), atoms_(atoms), between_(between), round_(round) {}

  std::string write(const std::string& name) {
    label_of({0, 0, false});
    std::string out = fmt::format("never {} {{\n", name);
    // States are added while those before are written.
    for (std::size_t i = 0; i < found_.size(); ++i) out += state(ClaimState(found_[i]));
    return out + "}\n";
  }

 private:
  /// A state of the automaton; the set that is waited for, the number of sets for `round`; whether the last step came
  /// with `round`.
  struct ClaimState {
    std::uint32_t state = 0;
    std::uint32_t waits_for = 0;
    bool accepts = false;
    auto operator<=>(const ClaimState&) const = default;
  };

  std::string label_of(const ClaimState& state) {
    if (known_.insert(state).second) found_.push_back(state);
    return fmt::format("{}s{}_{}", state.accepts ? "accept_" : "", state.state, state.waits_for);
  }

  std::string state(const ClaimState& from) {
    const std::string label = label_of(from);
    std::string out = fmt::format("{}:\n  if\n  :: {} -> goto {}\n", label, between_, label);
    for (const AutomatonEdge& edge : automaton_.states[from.state]) {
      const std::string reads = fmt::format("!({}){}", between_, letter(edge.label));
      if (from.waits_for == automaton_.sets) {
        out += option(fmt::format("{} && {}", reads, round_), {edge.target, waits_behind(0, edge.marks), true});
        out += option(fmt::format("{} && !({})", reads, round_), {edge.target, from.waits_for, false});
      } else {
        out += option(reads, {edge.target, waits_behind(from.waits_for, edge.marks), false});
      }
    }
    return out + "  fi;\n";
  }

  std::string option(const std::string& condition, const ClaimState& target) {
    return fmt::format("  :: {} -> goto {}\n", condition, label_of(target));
  }

  std::uint32_t waits_behind(std::uint32_t set, std::uint64_t marks) const {
    while (set < automaton_.sets && (marks >> set & 1) != 0) ++set;
    return set;
  }

  /// With parentheses always: '!!' is an operator of Promela.
  std::string letter(const Cube& cube) const {
    std::string result;
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      const bool is_positive = (cube.positive >> i & 1) != 0;
      if (!is_positive && (cube.negative >> i & 1) == 0) continue;
      result += fmt::format(" && {}({})", is_positive ? "" : "!", atoms_[i]);
    }
    return result;
  }

  const Automaton& automaton_;
  const std::vector<std::string>& atoms_;
  const std::string& between_;
  const std::string& round_;
  std::set<ClaimState> known_;
  std::vector<ClaimState> found_;
};

}  // namespace

std::string never_claim(const std::string& name, const Automaton& automaton, const std::vector<std::string>& atoms,
                        const std::string& between, const std::string& round) {
  return ClaimWriter(automaton, atoms, between, round).write(name);
}

}  // namespace quiesce::checker
