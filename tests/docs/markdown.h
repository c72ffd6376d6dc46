// The few things that the tests of documents need of Markdown: fenced blocks and the HTML comment before each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace quiesce::docs {

/// A fenced block.
struct Block {
  std::string language;   // behind the opening ```
  std::string text;       // each line ended by a line break
  std::string comment;    // the comment on the line before the block, without <!-- and -->; empty without one
  std::size_t line = 0;   // of the opening fence, from 1
  std::size_t begin = 0;  // of `text`, in bytes
};

/// All fenced blocks of a document in the order of the text. A fence that is never closed ends with the document.
std::vector<Block> blocks(const std::string& document);

/// The whole file; an empty text and a failed test when it cannot be read.
std::string read_document(const std::string& path_from_root);

}  // namespace quiesce::docs
