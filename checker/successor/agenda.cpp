#include "checker/successor/agenda.h"

#include <algorithm>

namespace quiesce::checker {
namespace {

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15U;

/// Adds the bits that a reader reads.
void add_bits(const CellReader& reader, std::vector<std::uint64_t>& bits) {
  bits[reader.word] |= reader.mask << reader.shift;
}

}  // namespace

AgendaCache::AgendaCache(const CommandTable& table, std::size_t words)
    : table_(table), asked_(words), key_(words + (table.slots.size() + 63) / 64) {
  for (const CommandTable::Slot& slot : table.slots) {
    add_bits(slot.level, asked_);
    add_bits(slot.cpu, asked_);
    if (slot.has_affinity) add_bits(slot.affinity, asked_);
  }
  for (const std::uint32_t position : table.urgent_handlers) {
    const CommandTable::Handler& handler = table.handlers[position];
    if (handler.on_code) is_keeping_ = false;
    for (const std::vector<Guard>& of_cpu : handler.wants) {
      for (const Guard& guard : of_cpu) {
        for (const WordTest& test : guard) asked_[test.word] |= test.mask | test.not_mask;
      }
    }
  }
}

void AgendaCache::read_key(const std::uint64_t* state) {
  const std::size_t words = asked_.size();
  for (std::size_t word = 0; word < words; ++word) key_[word] = state[word] & asked_[word];
  std::uint64_t runs = 0;
  for (std::size_t slot = 0; slot < table_.slots.size(); ++slot) {
    if (slot % 64 == 0) runs = 0;
    runs |= std::uint64_t{table_.slots[slot].location.number(state) != 0} << slot % 64;
    key_[words + slot / 64] = runs;
  }
}

AgendaCache::Found AgendaCache::find(const std::uint64_t* state) {
  const std::size_t size = key_.size();
  if (agendas_.empty()) {
    agendas_.resize(is_keeping_ ? std::size_t{1} << kPlaceBits : 1);
    keys_.resize(agendas_.size() * size);
    is_filled_.resize(agendas_.size());
  }
  read_key(state);
  std::uint64_t hash = 0;
  for (const std::uint64_t word : key_) hash = (hash ^ word) * kMultiplier;
  place_ = is_keeping_ ? hash >> (64 - kPlaceBits) : 0;
  std::uint64_t* const key = keys_.data() + place_ * size;
  Agenda& agenda = agendas_[place_];
  if (is_filled_[place_] && std::equal(key_.begin(), key_.end(), key)) return {agenda, true};
  std::copy(key_.begin(), key_.end(), key);
  is_filled_[place_] = false;
  agenda.clear();
  return {agenda, false};
}

}  // namespace quiesce::checker
