#include "checker/search/checkpoint.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "checker/store/checked_file.h"
#include "checker/store/checkpoint_file.h"
#include "model/system/print.h"

namespace quiesce::checker {
namespace {

constexpr char kMagic[] = "quiesce checkpoint";
constexpr std::uint64_t kFormat = 3;
constexpr std::uint64_t kNone = UINT64_MAX;
// No list in a checkpoint is longer; a damaged length must not ask for all memory there is.
constexpr std::uint64_t kLongest = std::uint64_t{1} << 32;

bool write_list(CheckedWriter& out, const std::vector<std::uint64_t>& list) {
  return out.write(static_cast<std::uint64_t>(list.size())) &&
         out.write(list.data(), list.size() * sizeof(std::uint64_t));
}

bool read_list(CheckedReader& in, std::vector<std::uint64_t>& list) {
  std::uint64_t size = 0;
  if (!in.read(size) || size > kLongest) return false;
  list.resize(size);
  return in.read(list.data(), size * sizeof(std::uint64_t));
}

bool write_findings(CheckedWriter& out, const std::vector<LayerFinding>& layer_findings) {
  bool good = out.write(static_cast<std::uint64_t>(layer_findings.size()));
  for (const LayerFinding& layer_finding : layer_findings) {
    const std::vector<std::uint64_t> head = {layer_finding.rule.valid() ? layer_finding.rule.value : kNone,
                                             layer_finding.property.valid() ? layer_finding.property.value : kNone,
                                             layer_finding.in_state ? std::uint64_t{1} : 0, layer_finding.depth};
    good = good && write_list(out, head) && write_list(out, layer_finding.state);
  }
  return good;
}

bool read_findings(CheckedReader& in, const StateSpace& space, std::vector<LayerFinding>& layer_findings) {
  std::uint64_t size = 0;
  if (!in.read(size) || size > kLongest) return false;
  for (std::uint64_t i = 0; i < size; ++i) {
    std::vector<std::uint64_t> head;
    LayerFinding layer_finding;
    if (!read_list(in, head) || head.size() != 4 || !read_list(in, layer_finding.state)) return false;
    if (layer_finding.state.size() != space.words()) return false;
    if (head[0] != kNone) layer_finding.rule = model::RuleId(head[0]);
    if (head[1] != kNone) layer_finding.property = model::PropertyId(head[1]);
    layer_finding.in_state = head[2] != 0;
    layer_finding.depth = static_cast<std::uint32_t>(head[3]);
    layer_findings.push_back(std::move(layer_finding));
  }
  return true;
}

bool write_frontier(CheckedWriter& out, const Frontier& frontier) {
  const bool good = frontier.for_each([&](const Frontier::Chunk& chunk) { return write_list(out, chunk); });
  return good && write_list(out, {});
}

bool read_frontier(CheckedReader& in, Frontier& frontier) {
  for (;;) {
    Frontier::Chunk chunk;
    if (!read_list(in, chunk) || chunk.size() % frontier.record_words() != 0) return false;
    if (chunk.empty()) return true;
    if (!frontier.push(chunk)) return false;
  }
}

}  // namespace

std::uint64_t fingerprint(const StateSpace& space, const SearchOptions& options) {
  const std::string text =
      fmt::format("{}\npartial order {} symmetry {}\nlayout {}\n", model::print_system(space.system()),
                  options.partial_order, options.symmetry, space.layout());
  return XXH3_64bits(text.data(), text.size());
}

std::optional<CheckpointTrouble> write_checkpoint(const std::string& path, std::uint64_t fingerprint,
                                                  const SearchFacts& facts, const Frontier& current,
                                                  const Frontier& next, const StateStore& store) {
  return write_checkpoint_file(path, [&](std::FILE* file) {
    CheckedWriter out(file);
    return out.write(kMagic, sizeof kMagic) && out.write(kFormat) && out.write(fingerprint) &&
           out.write(std::uint64_t{facts.depth}) && out.write(facts.steps) && out.write(facts.reduced) &&
           out.write(static_cast<std::uint64_t>(facts.wall.count())) && write_list(out, facts.layers) &&
           write_list(out, facts.exercised) && write_list(out, facts.triggered) &&
           write_findings(out, facts.findings) && write_findings(out, facts.layer_findings) &&
           write_frontier(out, current) && write_frontier(out, next) && store.save(file);
  });
}

std::optional<CheckpointTrouble> read_checkpoint(const std::string& path, const StateSpace& space,
                                                 std::uint64_t fingerprint, SearchFacts& facts, Frontier& current,
                                                 Frontier& next, std::unique_ptr<StateStore>& store) {
  const OpenFile file = open_checkpoint(path);
  using Kind = CheckpointTrouble::Kind;
  if (!file) return CheckpointTrouble{Kind::NotRead, path, std::strerror(errno)};
  CheckedReader in(file.get());
  char magic[sizeof kMagic] = {};
  std::uint64_t format = 0;
  std::uint64_t print = 0;
  if (!in.read(magic, sizeof magic) || std::memcmp(magic, kMagic, sizeof magic) != 0)
    return CheckpointTrouble{Kind::NotACheckpoint, path};
  if (!in.read(format) || format != kFormat) return CheckpointTrouble{Kind::OfAnotherVersion, path};
  if (!in.read(print) || print != fingerprint) return CheckpointTrouble{Kind::OfAnotherSearch, path};
  std::uint64_t depth = 0;
  std::uint64_t wall = 0;
  const bool good = in.read(depth) && in.read(facts.steps) && in.read(facts.reduced) && in.read(wall) &&
                    read_list(in, facts.layers) && read_list(in, facts.exercised) && read_list(in, facts.triggered) &&
                    read_findings(in, space, facts.findings) && read_findings(in, space, facts.layer_findings) &&
                    read_frontier(in, current) && read_frontier(in, next);
  if (good) store = StateStore::load(file.get());
  if (!good || !store) return CheckpointTrouble{Kind::Damaged, path};
  facts.depth = static_cast<std::uint32_t>(depth);
  facts.wall = std::chrono::nanoseconds(wall);
  return std::nullopt;
}

}  // namespace quiesce::checker
