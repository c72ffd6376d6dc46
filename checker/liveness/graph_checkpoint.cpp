#include "checker/liveness/graph_checkpoint.h"

#include <cstring>
#include <new>

#include "checker/store/checked_file.h"
#include "checker/store/checkpoint_file.h"

namespace quiesce::checker {
namespace {

constexpr char kMagic[] = "quiesce graph checkpoint";
constexpr std::uint64_t kFormat = 1;

bool read_magic(CheckedReader& in) {
  char magic[sizeof kMagic] = {};
  return in.read(magic, sizeof magic) && std::memcmp(magic, kMagic, sizeof magic) == 0;
}

}  // namespace

bool is_graph_checkpoint(const std::string& path) {
  const OpenFile file = open_checkpoint(path);
  if (!file) return false;
  CheckedReader in(file.get());
  return read_magic(in);
}

std::optional<CheckpointTrouble> write_graph(const std::string& path, const StateGraph& graph) {
  return write_checkpoint_file(path, [&](std::FILE* file) {
    CheckedWriter out(file);
    return out.write(kMagic, sizeof kMagic) && out.write(kFormat) && out.write(graph.fingerprint()) && graph.save(out);
  });
}

GraphRead read_graph(const std::string& path, StateGraph& graph, std::optional<Trouble>& problem) {
  const OpenFile file = open_checkpoint(path);
  std::uint64_t format = 0;
  std::uint64_t fingerprint = 0;
  if (file) {
    CheckedReader in(file.get());
    if (read_magic(in) && in.read(format) && format != kFormat) {
      problem = CheckpointTrouble{CheckpointTrouble::Kind::OfAnotherVersion, path};
      return GraphRead::Failed;
    }
    if (format == kFormat && in.read(fingerprint) && fingerprint != graph.fingerprint()) return GraphRead::OfAnother;
    try {
      if (fingerprint == graph.fingerprint() && graph.load(in)) return GraphRead::Read;
    } catch (const std::bad_alloc&) {
      // As if it were damaged.
    }
  }
  problem = CheckpointTrouble{CheckpointTrouble::Kind::Damaged, path};
  return GraphRead::Failed;
}

}  // namespace quiesce::checker
