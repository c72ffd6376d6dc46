// Syntax trees that are used again: for a program that loads many designs over one library, each with a small change of
// its own text. A tree is taken out for one load and given back after it, so that several threads never share one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/syntax/tree.h"
#include "model/types/module_loader.h"

namespace quiesce::model::types {

/// Trees of texts that were parsed without a finding. One fits again only the same text under the same name and number,
/// since its spans have the number. Thread safe.
class ParsedTexts {
 public:
  /// A tree of the file that is not in use, else the file is parsed.
  std::unique_ptr<syntax::File> parsed(FileId id, const SourceMap& sources, Diagnostics& diagnostics);

  /// Keeps the trees of all modules but the root. Requires: nothing refers to them any more.
  void give_back(LoadedModules modules);

 private:
  using Key = std::pair<std::uint32_t, std::string>;  // number and name
  struct Known {
    std::string text;
    std::vector<std::unique_ptr<syntax::File>> unused = {};
  };

  std::mutex mutex_;
  std::map<Key, Known> known_;
};

/// load_modules(), with trees from `texts` for all but the root.
LoadedModules load_modules_again(const std::string& root_name, std::string root_text, const FileProvider& library,
                                 const FileProvider& beside, SourceMap& sources, Diagnostics& diagnostics,
                                 ParsedTexts& texts);

}  // namespace quiesce::model::types
