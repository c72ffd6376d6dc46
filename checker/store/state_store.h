// The visited set: every packed state found so far, each once. Shared by all threads of a search, without locks.
//
// States of one word stand in one exact table of 4 or 8 bytes an entry (quotient_table.h). Wider states are first made
// into a few numbers, one for each group of bits (state_folding.h), and these into a key of as few bits as possible
// (key_layout.h), which stands in the same kind of table. A successor equals its source in most words, and words take
// few values, so a state costs little more than its key, whatever its width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "checker/store/visited_set.h"

namespace quiesce::checker {

/// The exact set. Keys stay valid over save() and load() too.
class StateStore final : public VisitedSet {
 public:
  struct Options {
    std::uint32_t words = 1;  // 64-bit words per packed state, 1..64
    // Only so many low bits of a state, counted over its words, may be set: more than all words but the last have.
    std::uint32_t bits = 64;
  };

  /// Throws std::bad_alloc when there is no memory for the first few pages.
  explicit StateStore(const Options& options);
  ~StateStore() override;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  bool is_exact() const override { return true; }

  /// Cost per state, beside that of every set: for wide states one random cache line per part in which it differs from
  /// the state before it in the batch; so successors of one state belong in one batch.
  std::size_t insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) override;

  void set_alone(bool is_alone) override;

  bool should_grow() const override;
  std::uint64_t grown_memory_bytes() const override;

  /// False too when there are more parts than numbers for them (2^31).
  bool grow(unsigned threads = 1) override;

  void read(StateKey key, std::uint64_t* state) const override;
  bool contains(const std::uint64_t* state) const override;
  std::uint64_t size() const override;
  std::uint64_t memory_bytes() const override;
  std::uint64_t peak_memory_bytes() const;
  double fill() const override;
  double missed_probability() const override { return 0; }

  /// For checkpoints, while nothing else uses the store. load() returns null when the file is damaged, from another
  /// format, or there is no memory for it.
  bool save(std::FILE* file) const;
  static std::unique_ptr<StateStore> load(std::FILE* file);

 private:
  class Folded;
  struct Tables;
  std::size_t insert_keys(const StateKey* keys, std::size_t count, std::uint8_t* is_new);

  std::unique_ptr<Tables> tables_;
};

}  // namespace quiesce::checker
