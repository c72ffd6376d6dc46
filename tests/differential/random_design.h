// Random designs in the language, for differential tests from the text on: params, enums, structs, optionals, arrays,
// sets, queues, references, machines inside machines, objects, interfaces, functions of every form, threads at levels,
// handlers with accept, on, urgent and concurrent, actions, locks, every statement, every kind of property, and monitors.
//
// Nearly all are correct by construction (the rest is refused with a diagnostic and does not count) and small. They are
// made so that runs go far: what would break a core rule at once (a value out of range, a lock taken twice) is mostly
// guarded, and sometimes not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace quiesce {

/// One line of a design, with the lines between its braces where it is a block.
struct DesignLine {
  std::string text;
  bool is_block = false;
  std::vector<DesignLine> inside;
};

inline DesignLine one_line(std::string text) { return {std::move(text), false, {}}; }

using DesignLines = std::vector<DesignLine>;

/// The design of a seed; the same on every machine. `size` 1 gives some ten to some ten thousand states.
DesignLines random_design(std::uint64_t seed, int size = 1);

/// A design with rules about infinite runs. Those of them that are named `agree...` say in a formula what a monitor of
/// the design has seen, so no run breaks them. `counts_steps`: formulas may ask for events and for the next state; without
/// it they do neither.
DesignLines random_design_with_formulas(std::uint64_t seed, bool counts_steps = true, bool hands_over = false);

/// A design in which contexts also hand over to each other. Whether one may take and give is a matter of chance: many of
/// these come to rest early.
DesignLines random_design_with_hand_overs(std::uint64_t seed, int size = 1);

/// Which of these a test is about.
using DesignMaker = DesignLines (*)(std::uint64_t seed, int size);

std::string text_of(const DesignLines& lines);

/// The parts of the language that can be told from the text of a design: "urgent handler", "queue", "for over a set".
std::vector<std::string> features_of(const std::string& text);

/// A small design among those that come from `lines` by leaving lines and blocks out, or the braces around
/// lines, and that `still_fails` is true of. Requires: it is true of `lines`, and false of texts that are no designs.
/// Asks at most `max_tries` times.
DesignLines shrink(DesignLines lines, const std::function<bool(const std::string&)>& still_fails, int max_tries = 3000);

}  // namespace quiesce
