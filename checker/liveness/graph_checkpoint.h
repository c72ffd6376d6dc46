// What a search of infinite runs writes down so that it can continue later: its graph. File: "quiesce graph
// checkpoint", the format's number, the graph's fingerprint, the graph; every block with a checksum
// (store/checked_file.h).
#pragma once

#include <optional>
#include <string>

#include "checker/liveness/state_graph.h"
#include "checker/result/trouble.h"

namespace quiesce::checker {

/// Whether the file begins as write_graph() begins one.
bool is_graph_checkpoint(const std::string& path);

/// Writes a graph that can be kept, in one step: a reader of `path` sees the old file or the new one. Nothing, or what
/// went wrong.
std::optional<CheckpointTrouble> write_graph(const std::string& path, const StateGraph& graph);

enum class GraphRead { Read, OfAnother, Failed };

/// Reads a graph of which is_graph_checkpoint() holds into one that was not explored. OfAnother: it belongs to another
/// system; then nothing was read. Failed: `problem` says why; the graph is of no use.
GraphRead read_graph(const std::string& path, StateGraph& graph, std::optional<Trouble>& problem);

}  // namespace quiesce::checker
