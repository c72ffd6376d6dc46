// A run as a sequence diagram in the text of Mermaid (mermaid.js.org, "Sequence diagrams") or PlantUML (plantuml.com):
// threads, handlers and the hardware send a message to the object that they change.
#pragma once

#include <string>

#include "checker/report/story.h"

namespace quiesce::checker {

/// Both end with a line break. A step that changes nothing is a message to oneself; where handlers start and end, and
/// the violation, are notes.
std::string mermaid(const model::LevelNames& levels, const std::string& title, const Story& story,
                    const std::string& violation);
std::string plantuml(const model::LevelNames& levels, const std::string& title, const Story& story,
                     const std::string& violation);

}  // namespace quiesce::checker
