// A picture of states as text for other programs: dot (Graphviz), GraphML (yEd, Gephi, NetworkX); and as SVG, by
// Graphviz where it is installed.
#pragma once

#include <string>

#include "checker/graph/state_picture.h"
#include "model/base/expected.h"

namespace quiesce::checker {

/// Ended by a line break. Initial nodes have a double frame, nodes at which a rule is broken a red one.
std::string dot_text(const StatePicture& picture);

/// Attributes of nodes: label, states, initial, broken, values; of edges: label.
std::string graphml_text(const StatePicture& picture);

/// What the program `dot` makes of dot_text(); a sentence when there is no such program, or it fails.
model::Expected<std::string> svg_by_dot(const StatePicture& picture);

}  // namespace quiesce::checker
