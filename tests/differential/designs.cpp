#include "tests/differential/designs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "checker/load.h"

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

std::vector<DesignCase> cases_of_text(const std::string& name, const std::string& text, std::string* problem) {
  checker::LoadOptions options;
  options.plain = true;
  options.check_systems_without_check = false;
  const auto design = checker::load_design(name, text, options);
  std::vector<DesignCase> cells;
  if (!design->ok()) {
    *problem = design->problem;
    for (const model::Diagnostic& diagnostic : design->diagnostics.sorted()) {
      if (problem->empty() && diagnostic.code.starts_with("E")) *problem = diagnostic.code + " " + diagnostic.message;
    }
    return cells;
  }
  for (checker::LoadedCheck& check : design->checks) {
    for (checker::CheckCase& case_ : check.cases) cells.push_back({name + ": " + case_.title, std::move(case_.system)});
  }
  if (cells.empty()) *problem = "no cases";
  return cells;
}

std::vector<DesignCase> design_cases(const std::string& file, std::string* problem) {
  const fs::path path = fs::path(QUIESCE_SOURCE_DIR) / file;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return cases_of_text(path.generic_string(), text.str(), problem);
}

}  // namespace quiesce
