// All states of one case, to be stepped through in a page: what can be done in each, by which statement, and what it
// changes. Plain data; made by checker/explore.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "checker/report/story_values.h"
#include "model/base/source.h"

namespace quiesce::checker {

struct ExploredGraph {
  /// What a context or the hardware can do: the same in many states.
  struct Deed {
    std::string who;   // "nic.isr (handler), cpu 0"
    std::string text;  // the statement, with what is chosen
    model::Span span;  // of the statement

    bool operator==(const Deed&) const = default;
  };
  struct Step {
    std::size_t deed = 0;             // in `deeds`
    std::optional<std::size_t> to;    // none: the run ends with it
    std::vector<std::size_t> breaks;  // in `rules`
  };
  struct Node {
    std::size_t from = 0;  // a state before it, by number, from which `changes` tells it; itself: initial
    std::vector<StoryValue>
        changes;  // of `variables`, from those of `from`; of an initial state: from those of the first
    std::vector<Step> steps;
    std::vector<std::size_t> broken;  // rules that the state breaks, in `rules`
  };

  std::vector<StoryVariable>
      variables;  // as they are in the first state; first `contexts` of them say where contexts are
  std::size_t contexts = 0;
  std::vector<Deed> deeds;
  std::vector<std::string> rules;
  std::vector<Node> nodes;           // by layers
  std::vector<std::size_t> initial;  // the first of `nodes`
};

}  // namespace quiesce::checker
