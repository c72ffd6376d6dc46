// An explored graph as JSON for a page; texts that many states share stand in it once. Internal to html_report.cpp.
#pragma once

#include "checker/report/explored_graph.h"
#include "checker/report/outcome_document.h"

namespace quiesce::checker {

/// {variables, contexts, values, deeds: [who, text, place], rules, nodes: [from, [variable, value, ...],
/// [[deed, to, rule, ...], ...], [rule, ...]], initial}: all but names by number; `to` is -1 where the run ends.
Json explored_document(const ExploredGraph& graph, const model::SourceMap& sources);

}  // namespace quiesce::checker
