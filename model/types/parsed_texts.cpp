#include "model/types/parsed_texts.h"

#include "model/syntax/parser.h"

namespace quiesce::model::types {

std::unique_ptr<syntax::File> ParsedTexts::parsed(FileId id, const SourceMap& sources, Diagnostics& diagnostics) {
  const SourceFile& file = sources.file(id);
  const Key key{id.value, file.name()};
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(key);
    if (known != known_.end() && known->second.text == file.text() && !known->second.unused.empty()) {
      auto tree = std::move(known->second.unused.back());
      known->second.unused.pop_back();
      return tree;
    }
  }
  Diagnostics found;
  auto tree = syntax::parse(id, sources, found);
  if (!found.sorted().empty()) return syntax::parse(id, sources, diagnostics);
  const std::lock_guard lock(mutex_);
  if (Known& known = known_[key]; known.text != file.text()) known = {file.text()};
  return tree;
}

void ParsedTexts::give_back(LoadedModules modules) {
  const std::lock_guard lock(mutex_);
  for (LoadedModule& module : modules.modules) {
    if (module.is_root || module.file == nullptr) continue;
    const SourceFile& file = modules.sources->file(module.file->id);
    const auto known = known_.find({module.file->id.value, file.name()});
    if (known != known_.end() && known->second.text == file.text())
      known->second.unused.push_back(std::move(module.file));
  }
}

}  // namespace quiesce::model::types
