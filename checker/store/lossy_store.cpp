#include "checker/store/lossy_store.h"

#include "checker/store/bitstate_store.h"
#include "checker/store/checked_file.h"
#include "checker/store/compact_store.h"
#include "checker/store/lossy_file.h"

namespace quiesce::checker {

std::unique_ptr<LossyStore> LossyStore::load(std::FILE* file) {
  CheckedReader reader(file);
  SavedLossyStore header;
  if (!reader.read(header) || header.words < 1 || header.words > 64) return nullptr;
  if (header.magic == SavedLossyStore::kCompact && header.parameter >= 32 && header.parameter <= 64) {
    return CompactStore::load(file, header.words, header.parameter);
  }
  if (header.magic == SavedLossyStore::kBitstate && header.parameter >= 1 &&
      header.parameter <= BitstateStore::kMaxBitsPerState) {
    return BitstateStore::load(file, header.words, header.parameter);
  }
  return nullptr;
}

}  // namespace quiesce::checker
