#include "checker/store/visited_set.h"

#include <algorithm>

#include "checker/store/bitstate_store.h"
#include "checker/store/compact_store.h"
#include "checker/store/state_store.h"
#include "model/base/internal_check.h"

namespace quiesce::checker {

std::unique_ptr<VisitedSet> make_visited_set(Storage storage, std::uint32_t words, std::uint32_t bits,
                                             std::uint64_t bitstate_bytes) {
  switch (storage) {
    case Storage::Exact:
      return std::make_unique<StateStore>(
          StateStore::Options{words, std::clamp(bits, (words - 1) * 64 + 1, words * 64)});
    case Storage::Compact:
      return std::make_unique<CompactStore>(words);
    case Storage::Bitstate:
      return std::make_unique<BitstateStore>(words, bitstate_bytes);
  }
  QUIESCE_CHECK(false) << "unknown storage";
  return nullptr;
}

}  // namespace quiesce::checker
