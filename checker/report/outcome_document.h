// The outcome of a command as a tree of JSON, for writers that put it into a file (outcome_json.h) or a page
// (html_report.h). Internal: a program that embeds the checker sees text.
#pragma once

#include <functional>

#include <nlohmann/json.hpp>

#include "checker/report/checked_files.h"
#include "checker/report/story.h"

namespace quiesce::checker {

using Json = nlohmann::ordered_json;

/// A story that was shown, and what it is of.
struct DocumentedStory {
  const model::TransitionSystem& system;
  const Story& story;
  const model::SourceMap& sources;
  const CaseOutcome* of_case = nullptr;  // null: it was shown outside of any check
  const Finding* finding = nullptr;      // null with `of_case`
};

/// Called for every story with the element of `broken` that holds it, so that a writer can add what is its own.
using StoryHook = std::function<void(const DocumentedStory& told, Json& broken)>;

/// The outcome as docs/schema/outcome.schema.json says.
Json outcome_document(const CheckedFiles& checked, const StoryHook& hook = {});

/// Its parts.
Json story_document(const model::LevelNames& levels, const Story& story, const model::SourceMap& sources);
Json rule_document(const model::Rule& rule);
Json place_document(const model::SourceMap& sources, model::Span span);

}  // namespace quiesce::checker
