#include "tests/differential/designs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "model/elaborate/check_cells.h"
#include "model/elaborate/elaborate.h"
#include "model/types/check_program.h"
#include "model/types/module_loader.h"

namespace quiesce {

namespace fs = std::filesystem;

std::vector<std::string> design_files(const std::string& folder) {
  std::vector<std::string> files;
  const fs::path root = fs::path(QUIESCE_SOURCE_DIR) / folder;
  if (!fs::exists(root)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".qsm")
      files.push_back(fs::relative(entry.path(), QUIESCE_SOURCE_DIR).generic_string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<DesignCell> design_cells(const std::string& file, std::string* problem) {
  const fs::path path = fs::path(QUIESCE_SOURCE_DIR) / file;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  model::SourceMap sources;
  model::Diagnostics diagnostics;
  const auto failed = [&] {
    *problem = "no cells";
    if (!diagnostics.sorted().empty())
      *problem = diagnostics.sorted().front().code + " " + diagnostics.sorted().front().message;
    return std::vector<DesignCell>{};
  };
  const model::types::LoadedModules modules =
      model::types::load_modules(file, text.str(), model::types::EmbeddedLibrary(),
                                 model::types::DirectoryFiles(path.parent_path().string()), sources, diagnostics);
  const auto program = model::types::check_program(modules, diagnostics);
  if (program == nullptr) return failed();
  std::vector<DesignCell> cells;
  for (const auto& check : program->checks) {
    const auto bound = model::expand_cells(*program, *check, {}, diagnostics);
    if (!bound) return failed();
    for (const model::BoundCell& cell : *bound) {
      auto system =
          model::elaborate(*program, *check->system, cell.bindings, {check->rules, check->except}, diagnostics);
      if (!system) return failed();
      cells.push_back({file + ": " + cell.title, std::move(*system)});
    }
  }
  return cells;
}

}  // namespace quiesce
