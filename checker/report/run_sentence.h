// What is said of a run beside its story.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace quiesce::checker {

struct RunSentence {
  std::string text;                // "Had ..., wdm.rule would have held, whatever came after."
  std::vector<std::size_t> steps;  // of the story, from 0, of which it speaks
};

}  // namespace quiesce::checker
