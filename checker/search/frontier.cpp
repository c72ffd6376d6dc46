#include "checker/search/frontier.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace quiesce::checker {

// -------------------------------------------------------------------------------------- SpillFile

std::shared_ptr<SpillFile> SpillFile::open() {
  const char* wanted = std::getenv("TMPDIR");
  for (const char* folder : {wanted, "/var/tmp", "/tmp"}) {
    if (folder == nullptr || *folder == '\0') continue;
    std::string name = std::string(folder) + "/quiesce-frontier-XXXXXX";
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) continue;
    ::unlink(name.c_str());
    return std::shared_ptr<SpillFile>(new SpillFile(descriptor));
  }
  return nullptr;
}

SpillFile::~SpillFile() { ::close(descriptor_); }

std::optional<off_t> SpillFile::append(const std::vector<std::uint64_t>& words) {
  const auto* bytes = reinterpret_cast<const char*>(words.data());
  const std::size_t size = words.size() * sizeof(std::uint64_t);
  for (std::size_t done = 0; done < size;) {
    const ssize_t written = ::pwrite(descriptor_, bytes + done, size - done, end_ + static_cast<off_t>(done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return std::nullopt;
    done += static_cast<std::size_t>(written);
  }
  const off_t at = end_;
  end_ += static_cast<off_t>(size);
  return at;
}

bool SpillFile::read(off_t at, std::vector<std::uint64_t>& words) const {
  auto* bytes = reinterpret_cast<char*>(words.data());
  const std::size_t size = words.size() * sizeof(std::uint64_t);
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::pread(descriptor_, bytes + done, size - done, at + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

void SpillFile::clear() {
  end_ = 0;
  // Space that is not given back is space wasted, no more.
  if (::ftruncate(descriptor_, 0) != 0) return;
}

// --------------------------------------------------------------------------------------- Frontier

bool Frontier::push(Chunk& chunk) {
  if (chunk.empty()) return true;
  Piece piece;
  piece.records = chunk.size() / record_words_;
  if (shared_file_ != nullptr && record_words_ == 1) {
    piece.bits = bits_for(chunk);
    piece.words = packed_numbers(chunk, piece.bits);
  } else {
    piece.words = std::move(chunk);
  }
  chunk.clear();
  // A chunk that grew by doubling would hold up to twice what it needs, for as long as it waits.
  if (piece.words.capacity() > piece.words.size() + piece.words.size() / 8) piece.words.shrink_to_fit();
  const std::uint64_t bytes = piece.words.capacity() * sizeof(std::uint64_t);
  const std::lock_guard lock(mutex_);
  size_ += piece.records;
  bool fits = true;
  if (memory_bytes_ + bytes > limit_ && spill(piece)) {
    pieces_.push_back(std::move(piece));
    return true;
  }
  fits = memory_bytes_ + bytes <= limit_;
  memory_bytes_ += bytes;
  pieces_.push_back(std::move(piece));
  return fits;
}

void Frontier::push_front(Chunk& chunk) {
  if (chunk.empty()) return;
  Piece piece;
  piece.words = std::move(chunk);
  chunk.clear();
  const std::lock_guard lock(mutex_);
  size_ += piece.words.size() / record_words_;
  memory_bytes_ += piece.words.capacity() * sizeof(std::uint64_t);
  pieces_.push_front(std::move(piece));
}

bool Frontier::pop(Chunk& chunk, std::size_t most) {
  chunk.clear();
  const std::lock_guard lock(mutex_);
  if (pieces_.empty() || failed_) return false;
  Piece& first = pieces_.front();
  if (first.is_spilled()) {
    first.words.resize(first.spilled_words);
    if (!file_->read(first.at, first.words)) {
      failed_ = true;
      return false;
    }
    first.spilled_words = 0;
    memory_bytes_ += first.words.capacity() * sizeof(std::uint64_t);
  }
  if (first.bits != 0) unpack(first);
  const std::size_t words = most * record_words_;
  if (first.words.size() <= words) {
    memory_bytes_ -= first.words.capacity() * sizeof(std::uint64_t);
    chunk = std::move(first.words);
    pieces_.pop_front();
    if (pieces_.empty()) give_back();
  } else {
    // The first records, so that a search by one thread meets states in the order in which they were found.
    chunk.assign(first.words.begin(), first.words.begin() + static_cast<std::ptrdiff_t>(words));
    first.words.erase(first.words.begin(), first.words.begin() + static_cast<std::ptrdiff_t>(words));
  }
  size_ -= chunk.size() / record_words_;
  return true;
}

bool Frontier::limit_memory(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  limit_ = bytes;
  // From the back: the front is needed first.
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend() && memory_bytes_ > limit_; ++piece) {
    if (piece->is_spilled()) continue;
    const std::uint64_t held = piece->words.capacity() * sizeof(std::uint64_t);
    if (!spill(*piece)) return false;
    memory_bytes_ -= held;
  }
  return true;
}

void Frontier::clear() {
  const std::lock_guard lock(mutex_);
  pieces_.clear();
  give_back();
  size_ = 0;
  memory_bytes_ = 0;
}

void Frontier::unpack(Piece& piece) {
  memory_bytes_ -= piece.words.capacity() * sizeof(std::uint64_t);
  piece.words = unpacked_numbers(piece.words, piece.bits, piece.records);
  piece.bits = 0;
  memory_bytes_ += piece.words.capacity() * sizeof(std::uint64_t);
}

/// Nothing of this queue is on disk any more.
void Frontier::give_back() {
  if (file_ && shared_file_ == nullptr) file_->clear();
}

/// Moves the words of `piece` to disk.
bool Frontier::spill(Piece& piece) {
  if (!file_ && shared_file_ != nullptr) {
    if (!*shared_file_) *shared_file_ = SpillFile::open();
    file_ = *shared_file_;
  }
  if (!file_) file_ = SpillFile::open();
  if (!file_) return false;
  const std::optional<off_t> at = file_->append(piece.words);
  if (!at) return false;
  piece.at = *at;
  piece.spilled_words = piece.words.size();
  piece.words = {};
  return true;
}

}  // namespace quiesce::checker
