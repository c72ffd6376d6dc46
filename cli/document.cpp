#include "cli/document.h"

#include <fmt/format.h>

#include "checker/files.h"

namespace quiesce::cli {

using model::unexpected;

model::Expected<void> update_document(const std::string& path, std::string_view name, const std::string& text) {
  const std::string first = fmt::format("<!-- {}: begin -->", name);
  const std::string last = fmt::format("<!-- {}: end -->", name);
  const auto document = checker::read_text(path);
  if (!document) return unexpected(document.error());
  const std::size_t begin = document->find(first + "\n");
  const std::size_t end = document->find(last + "\n");
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    return unexpected(fmt::format("'{}' has no lines '{}' and '{}' to write between", path, first, last));
  const std::size_t after = begin + first.size() + 1;
  return checker::write_atomically(path, document->substr(0, after) + "\n" + text + "\n" + document->substr(end));
}

}  // namespace quiesce::cli
