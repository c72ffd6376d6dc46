// Records on their way from one layer of a search to the next: first in, first out, in chunks, and on disk where
// memory ends.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "checker/search/packed_numbers.h"

namespace quiesce::checker {

/// A temporary file without a name: it is gone when the process is.
class SpillFile {
 public:
  /// In $TMPDIR, else /var/tmp, else /tmp. Null when no file can be made there.
  static std::shared_ptr<SpillFile> open();
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  /// Where the words were written; nothing when the disk is full.
  std::optional<off_t> append(const std::vector<std::uint64_t>& words);

  /// Fills `words`, whose size says how many. False when the disk fails.
  bool read(off_t at, std::vector<std::uint64_t>& words) const;

  /// Forgets everything written and gives the space back.
  void clear();

  std::uint64_t bytes() const { return static_cast<std::uint64_t>(end_); }

 private:
  explicit SpillFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  off_t end_ = 0;
};

/// A queue of records of `record_words` words. Any number of threads may push and pop.
class Frontier {
 public:
  /// Records, one after the other.
  using Chunk = std::vector<std::uint64_t>;

  explicit Frontier(std::uint32_t record_words) : record_words_(record_words) {}

  /// One of several that spill to one file, whose space is given back when the last of them is gone. `file` may still
  /// be null: the first that needs it opens it. Of those that share a file only one may be pushed to at a time. They are
  /// to wait long: records of one word take as few bits as the largest of a chunk needs.
  Frontier(std::uint32_t record_words, std::shared_ptr<SpillFile>* file)
      : record_words_(record_words), shared_file_(file) {}

  std::uint32_t record_words() const { return record_words_; }

  /// Takes over the records of `chunk`, which becomes empty. False when they do not fit into the memory allowed and
  /// the disk does not take them; they are then kept in memory nevertheless, so that nothing is lost.
  bool push(Chunk& chunk);

  /// Puts records back to the front, as they were before pop().
  void push_front(Chunk& chunk);

  /// Takes at most `most` records into `chunk`; false when there are none, or when the disk fails (failed()).
  bool pop(Chunk& chunk, std::size_t most);

  /// Records in it.
  std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }

  /// From now on chunks that do not fit into `bytes` go to disk; those in memory beyond that go there now. False when
  /// the disk does not take them.
  bool limit_memory(std::uint64_t bytes);

  std::uint64_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }
  std::uint64_t disk_bytes() const { return file_ ? file_->bytes() : 0; }

  /// Whether the disk failed to give back what was written to it: the search is then not complete.
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  void clear();

  /// Calls `visit` with every chunk in order, taking none away. False when the disk fails or `visit` says so. Not while
  /// others push or pop.
  template <class Visit>
  bool for_each(const Visit& visit) const {
    Chunk chunk;
    for (const Piece& piece : pieces_) {
      const Chunk* words = &piece.words;
      if (piece.is_spilled()) {
        chunk.resize(piece.spilled_words);
        if (!file_->read(piece.at, chunk)) return false;
        words = &chunk;
      }
      if (piece.bits != 0) {
        chunk = unpacked_numbers(*words, piece.bits, piece.records);
        words = &chunk;
      }
      if (!visit(*words)) return false;
    }
    return true;
  }

 private:
  /// A chunk in memory or on disk.
  struct Piece {
    Chunk words;
    std::size_t records = 0;
    std::uint32_t bits = 0;  // of each record (packed_numbers.h); 0: records are words
    off_t at = 0;
    std::size_t spilled_words = 0;

    bool is_spilled() const { return spilled_words != 0; }
  };

  void unpack(Piece& piece);
  bool spill(Piece& piece);
  void give_back();

  const std::uint32_t record_words_;
  mutable std::mutex mutex_;
  std::deque<Piece> pieces_;
  std::shared_ptr<SpillFile> file_;
  std::shared_ptr<SpillFile>* shared_file_ = nullptr;
  std::uint64_t limit_ = UINT64_MAX;
  std::atomic<std::uint64_t> size_{0};
  std::atomic<std::uint64_t> memory_bytes_{0};
  std::atomic<bool> failed_{false};
};

}  // namespace quiesce::checker
