// What the tests of model/syntax/ share: a text, parsed.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/syntax/format.h"
#include "model/syntax/parser.h"
#include "model/syntax/print.h"

namespace quiesce::model::syntax {

/// A text with its tree and what was found wrong with it.
struct Parsed {
  explicit Parsed(std::string text)
      : file(sources.add("test.qsm", std::move(text))), tree(parse(file, sources, diagnostics)) {}

  bool ok() const { return !diagnostics.has_errors(); }
  std::string findings() const { return render(diagnostics, sources); }
  std::string printed() const { return print(*tree); }
  std::string formatted() const { return format(*tree, sources); }
  /// The codes of all findings in source order, "E0100 E0106".
  std::string codes() const {
    std::string result;
    for (const Diagnostic& diagnostic : diagnostics.sorted()) {
      if (!result.empty()) result += ' ';
      result += diagnostic.code;
    }
    return result;
  }

  SourceMap sources;
  Diagnostics diagnostics;
  FileId file;
  std::unique_ptr<File> tree;
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// All designs and libraries of the repository, in a fixed order.
inline std::vector<std::filesystem::path> all_designs() {
  std::vector<std::filesystem::path> found;
  for (const char* folder : {"specs", "tests", "bench", "docs"}) {
    const std::filesystem::path root = std::filesystem::path(QUIESCE_SOURCE_DIR) / folder;
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() == ".qsm") found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace quiesce::model::syntax
