#include "tests/docs/markdown.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace quiesce::docs {

std::vector<Block> blocks(const std::string& document) {
  std::vector<Block> found;
  std::string comment;
  bool inside = false;
  std::size_t line_number = 0;
  for (std::size_t at = 0; at < document.size();) {
    std::size_t end = document.find('\n', at);
    if (end == std::string::npos) end = document.size();
    const std::string line = document.substr(at, end - at);
    at = end < document.size() ? end + 1 : end;
    ++line_number;
    if (line.starts_with("```")) {
      if (!inside) found.push_back(Block{line.substr(3), "", comment, line_number, at});
      inside = !inside;
      comment.clear();
    } else if (inside) {
      found.back().text += line + "\n";
    } else if (line.starts_with("<!-- ") && line.ends_with(" -->")) {
      comment = line.substr(5, line.size() - 9);
    } else if (!line.empty()) {
      comment.clear();
    }
  }
  return found;
}

std::string read_document(const std::string& path_from_root) {
  std::ifstream in(std::string(QUIESCE_SOURCE_DIR) + "/" + path_from_root, std::ios::binary);
  EXPECT_TRUE(in.good()) << "cannot read " << path_from_root;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace quiesce::docs
