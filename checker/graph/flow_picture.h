// The control flow of a thread or handler as a graph that people look at: a node for each place in its text at which it
// can stand, an edge where a step leads from one to another. Functions are unfolded where they are called.
#pragma once

#include <string>

#include "checker/graph/state_picture.h"
#include "model/base/expected.h"

namespace quiesce::checker {

/// The picture of the context of this name in `system`, which was not reduced; else a sentence. More than `most_nodes`
/// nodes are an error. O(edges).
model::Expected<StatePicture> flow_picture(const model::TransitionSystem& system, const std::string& context,
                                           const model::SourceMap& sources, std::size_t most_nodes);

}  // namespace quiesce::checker
