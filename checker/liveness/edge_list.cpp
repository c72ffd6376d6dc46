#include "checker/liveness/edge_list.h"

namespace quiesce::checker {
namespace {

void write(std::vector<std::uint8_t>& to, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) to.push_back(static_cast<std::uint8_t>(number | 0x80));
  to.push_back(static_cast<std::uint8_t>(number));
}

/// Small numbers for ways that are short, in either direction.
std::uint64_t way(std::uint32_t from, std::uint32_t to) {
  const std::int64_t difference = std::int64_t{to} - std::int64_t{from};
  return (static_cast<std::uint64_t>(difference) << 1) ^ static_cast<std::uint64_t>(difference >> 63);
}

}  // namespace

void EdgeList::add(const std::vector<GraphEdge>& edges) {
  if (states_ % kBlock == 0) blocks_.push_back(bytes_.size());
  written_.clear();
  auto before = static_cast<std::uint32_t>(states_);
  for (const GraphEdge& edge : edges) {
    write(written_, way(before, edge.target));
    write(written_, edge.unit);
    before = edge.target;
  }
  const std::size_t length = written_.size();
  write(written_, length);  // read first: moved to the front below
  bytes_.append(written_.data() + length, written_.size() - length);
  bytes_.append(written_.data(), length);
  ++states_;
  size_ += edges.size();
}

bool EdgeList::save(CheckedWriter& out) const {
  return out.write(std::uint64_t{states_}) && out.write(size_) && save_array(out, bytes_) && save_array(out, blocks_);
}

bool EdgeList::load(CheckedReader& in) {
  std::uint64_t states = 0;
  if (!in.read(states) || !in.read(size_) || !load_array(in, bytes_) || !load_array(in, blocks_)) return false;
  states_ = states;
  return blocks_.size() == (states + kBlock - 1) / kBlock;
}

EdgeReader EdgeList::of(std::uint32_t state) const {
  EdgeReader reader(bytes_.data() + blocks_[state / kBlock], 0, state);
  std::uint64_t length = reader.number();
  for (std::uint32_t skipped = state % kBlock; skipped != 0; --skipped) {
    reader.at_ += length;
    length = reader.number();
  }
  reader.left_ = static_cast<std::uint32_t>(length);
  return reader;
}

}  // namespace quiesce::checker
