// What `quiesce doc` prints, and docs/library.md: the data of library_doc.h as text for a terminal and as a page.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "checker/library_doc.h"

namespace quiesce::checker {

struct DocOptions {
  std::size_t width = 80;
  bool colour = false;
  bool source = false;  // of one declaration its text instead of its parts
};

/// One line for each family and module.
std::string doc_overview(const std::vector<DocModule>& modules, const DocOptions& options);

/// What `name` means, in full: a family ("wdm"), a module ("wdm.line"), a declaration ("wdm.Line" or, where only one
/// has this name in any case of its letters, "line"), a function of a machine or interface ("wdm.Line.signal").
/// Nothing when it means nothing.
std::optional<std::string> doc_of(const std::vector<DocModule>& modules, const std::string& name,
                                  const DocOptions& options);

/// All names that doc_of() knows, for "did you mean".
std::vector<std::string> doc_names(const std::vector<DocModule>& modules);

/// The page with everything. Links lead from the folder docs/.
std::string doc_markdown(const std::vector<DocModule>& modules);

}  // namespace quiesce::checker
