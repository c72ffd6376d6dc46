#include <fmt/format.h>

#include "checker/automata/automaton.h"

namespace quiesce::checker {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter;
  }
  return result + "\"";
}

std::string label_text(const Cube& label, std::uint32_t atoms) {
  std::string text;
  for (std::uint32_t atom = 0; atom < atoms; ++atom) {
    const std::uint64_t bit = std::uint64_t{1} << atom;
    if (((label.positive | label.negative) & bit) == 0) continue;
    text += fmt::format("{}{}{}", text.empty() ? "" : "&", (label.negative & bit) != 0 ? "!" : "", atom);
  }
  return text.empty() ? "t" : text;
}

std::string marks_text(std::uint64_t marks, std::uint32_t sets) {
  std::string text;
  for (std::uint32_t set = 0; set < sets; ++set) {
    if ((marks >> set & 1) != 0) text += fmt::format("{}{}", text.empty() ? "" : " ", set);
  }
  return text.empty() ? "" : " {" + text + "}";
}

std::string acceptance_text(std::uint32_t sets) {
  if (sets == 0) return "acc-name: all\nAcceptance: 0 t\n";
  std::string condition;
  for (std::uint32_t set = 0; set < sets; ++set) condition += fmt::format("{}Inf({})", set == 0 ? "" : "&", set);
  const std::string kind = sets == 1 ? "Buchi" : fmt::format("generalized-Buchi {}", sets);
  return fmt::format("acc-name: {}\nAcceptance: {} {}\n", kind, sets, condition);
}

}  // namespace

std::string print_hoa(const Automaton& automaton, const std::string& name, const std::vector<std::string>& names) {
  std::string text = fmt::format("HOA: v1\nname: {}\nStates: {}\nStart: 0\nAP: {}", quoted(name),
                                 automaton.states.size(), names.size());
  for (const std::string& atom : names) text += " " + quoted(atom);
  text += "\n" + acceptance_text(automaton.sets) + "properties: trans-labels explicit-labels trans-acc\n--BODY--\n";
  for (std::size_t state = 0; state < automaton.states.size(); ++state) {
    text += fmt::format("State: {}\n", state);
    for (const AutomatonEdge& edge : automaton.states[state]) {
      text += fmt::format("[{}] {}{}\n", label_text(edge.label, automaton.atoms), edge.target,
                          marks_text(edge.marks, automaton.sets));
    }
  }
  return text + "--END--\n";
}

}  // namespace quiesce::checker
