#include "checker/liveness/graph_checkpoint.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>

#include "checker/store/checked_file.h"

namespace quiesce::checker {
namespace {

constexpr char kMagic[] = "quiesce graph checkpoint";
constexpr std::uint64_t kFormat = 1;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::string cannot(const std::string& path) {
  return "cannot write the checkpoint '" + path + "': " + std::strerror(errno);
}

bool read_magic(CheckedReader& in) {
  char magic[sizeof kMagic] = {};
  return in.read(magic, sizeof magic) && std::memcmp(magic, kMagic, sizeof magic) == 0;
}

}  // namespace

bool is_graph_checkpoint(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) return false;
  CheckedReader in(file.get());
  return read_magic(in);
}

std::string write_graph(const std::string& path, const StateGraph& graph) {
  const std::string beside = path + ".part";
  {
    const File file(std::fopen(beside.c_str(), "wb"));
    if (!file) return cannot(beside);
    CheckedWriter out(file.get());
    errno = 0;
    const bool good = out.write(kMagic, sizeof kMagic) && out.write(kFormat) && out.write(graph.fingerprint()) &&
                      graph.save(out) && std::fflush(file.get()) == 0 && ::fsync(::fileno(file.get())) == 0;
    if (!good) {
      const std::string problem = cannot(beside);
      ::unlink(beside.c_str());
      return problem;
    }
  }
  return std::rename(beside.c_str(), path.c_str()) == 0 ? "" : cannot(path);
}

GraphRead read_graph(const std::string& path, StateGraph& graph, std::string& problem) {
  const File file(std::fopen(path.c_str(), "rb"));
  std::uint64_t format = 0;
  std::uint64_t fingerprint = 0;
  if (file) {
    CheckedReader in(file.get());
    if (read_magic(in) && in.read(format) && format != kFormat) {
      problem = "'" + path + "' was written by another version of quiesce: start the search again";
      return GraphRead::Failed;
    }
    if (format == kFormat && in.read(fingerprint) && fingerprint != graph.fingerprint()) return GraphRead::OfAnother;
    try {
      if (fingerprint == graph.fingerprint() && graph.load(in)) return GraphRead::Read;
    } catch (const std::bad_alloc&) {
      // As if it were damaged.
    }
  }
  problem = "'" + path + "' is damaged, or there is no memory for it: start the search again without --resume";
  return GraphRead::Failed;
}

}  // namespace quiesce::checker
