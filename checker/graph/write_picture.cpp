#include "checker/graph/write_picture.h"

#include <cstdio>
#include <memory>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphml.hpp>
#include <boost/graph/graphviz.hpp>
#include <boost/property_map/dynamic_property_map.hpp>

#include "checker/report/layout.h"

extern char** environ;

namespace quiesce::checker {

namespace {

constexpr std::size_t kLabels = 4;  // of an edge in a drawing

struct Vertex {
  std::string label;
  std::string values;  // of all variables
  std::string broken;
  std::uint64_t states = 0;
  bool initial = false;
};
struct Edge {
  std::string label;
};
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Vertex, Edge>;

std::string lines_of(const std::vector<std::string>& lines, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < most; ++i) text += (i == 0 ? "" : "\n") + lines[i];
  if (lines.size() > most) text += fmt::format("\nand {} more", lines.size() - most);
  return text;
}

Graph graph_of(const StatePicture& picture, std::size_t most_labels) {
  Graph graph;
  for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
    const PictureNode& node = picture.nodes[i];
    const std::string number = picture.is_projected ? "" : std::to_string(i + 1) + "\n";
    const std::string label = number + joined(node.lines, "\n");
    boost::add_vertex({label, node.details, joined(node.broken), node.states, node.is_initial}, graph);
  }
  for (const PictureEdge& edge : picture.edges) {
    boost::add_edge(edge.from, edge.to, {lines_of(edge.labels, most_labels)}, graph);
  }
  return graph;
}

/// `text` as a quoted string of dot: every line ends with `\l`, which begins it at the left.
std::string quoted(std::string_view text, bool is_left) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += is_left ? "\\l" : "\\n";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + (is_left && !text.empty() ? "\\l\"" : "\"");
}

std::string node_attributes(const Vertex& vertex) {
  std::string label = vertex.label;
  if (vertex.states != 1) label += fmt::format("\n{} states", grouped(vertex.states));
  if (!vertex.broken.empty()) label += "\n✗ " + vertex.broken;
  std::string out = fmt::format("[label={}, tooltip={}", quoted(label, false), quoted(vertex.values, false));
  if (vertex.initial) out += ", peripheries=2";
  if (!vertex.broken.empty()) out += ", color=\"#b3261e\", fontcolor=\"#b3261e\"";
  return out + "]";
}

std::string dot_of(const StatePicture& picture) {
  const Graph graph = graph_of(picture, kLabels);
  std::ostringstream out;
  boost::write_graphviz(
      out, graph, [&](std::ostream& text, auto vertex) { text << node_attributes(graph[vertex]); },
      [&](std::ostream& text, auto edge) { text << "[label=" << quoted(graph[edge].label, true) << "]"; },
      [&](std::ostream& text) {
        text << "label=" << quoted(picture.name, false) << "; labelloc=t;\n"
             << "node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
             << "edge [fontname=\"sans-serif\", fontsize=9];\n";
      });
  return out.str();
}

/// A file that is gone when it is closed.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
File temporary_file() { return {std::tmpfile(), std::fclose}; }

std::string content_of(std::FILE* file) {
  std::string text;
  std::rewind(file);
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  return text;
}

/// Runs `dot -Tsvg`. False when it cannot be run or fails.
bool run_dot(std::FILE* in, std::FILE* out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const char* arguments[] = {"dot", "-Tsvg", nullptr};
  pid_t process = -1;
  const int failed = posix_spawnp(&process, "dot", &actions, nullptr, const_cast<char**>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 1;
  return failed == 0 && waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::string dot_text(const StatePicture& picture) { return dot_of(picture); }

std::string graphml_text(const StatePicture& picture) {
  Graph graph = graph_of(picture, static_cast<std::size_t>(-1));
  boost::dynamic_properties properties;
  properties.property("label", boost::get(&Vertex::label, graph));
  properties.property("values", boost::get(&Vertex::values, graph));
  properties.property("broken", boost::get(&Vertex::broken, graph));
  properties.property("states", boost::get(&Vertex::states, graph));
  properties.property("initial", boost::get(&Vertex::initial, graph));
  properties.property("label", boost::get(&Edge::label, graph));
  std::ostringstream out;
  boost::write_graphml(out, graph, properties, true);
  return out.str();
}

model::Expected<std::string> svg_by_dot(const StatePicture& picture) {
  const File in = temporary_file();
  const File out = temporary_file();
  if (in == nullptr || out == nullptr) return model::unexpected(std::string("no temporary file can be written"));
  const std::string text = dot_of(picture);
  std::fwrite(text.data(), 1, text.size(), in.get());
  std::rewind(in.get());
  if (!run_dot(in.get(), out.get())) {
    return model::unexpected(
        std::string("the program 'dot' of Graphviz cannot be run: install it (Debian: apt install graphviz), or write "
                    "dot or GraphML (--format) for another program"));
  }
  return content_of(out.get());
}

}  // namespace quiesce::checker
