// Nearly right programs: the library and its designs with one or two words removed, doubled or exchanged. Whatever
// they say, the checker neither crashes nor lets an incomplete tree through, and rejects nothing without a place.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "model/base/library.h"
#include "model/types/check_program.h"
#include "tests/unit/model/types/complete_tree.h"

namespace quiesce::model::types {
namespace {

/// The words and signs of a text, each with the white space before it; comments are left out.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  std::string space;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\n') {
      space += text[i++];
    } else if (text.substr(i, 2) == "//") {
      while (i < text.size() && text[i] != '\n') ++i;
    } else {
      std::size_t end = i + 1;
      if (text[i] == '"') {
        while (end < text.size() && text[end] != '"') ++end;
        ++end;
      } else if (is_word(text[i])) {
        while (end < text.size() && is_word(text[end])) ++end;
      } else {
        while (end < text.size() && end < i + 2 && std::string_view("=.&|>").find(text[end]) != std::string_view::npos)
          ++end;
      }
      words.push_back(space + std::string(text.substr(i, end - i)));
      space.clear();
      i = end;
    }
  }
  return words;
}

TEST(MutationsTest, NearlyRightProgramsNeitherCrashNorPassIncomplete) {
  const EmbeddedLibrary library;
  std::mt19937 random(20);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  int accepted = 0;
  for (const LibraryFile& file : embedded_library()) {
    const std::vector<std::string> original = words_of(file.text);
    if (original.empty()) continue;
    for (int round = 0; round < 12; ++round) {
      std::vector<std::string> words = original;
      for (std::size_t change = 0; round > 0 && change <= below(2); ++change) {
        const std::size_t at = below(words.size());
        switch (below(4)) {
          case 0:
            words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
            break;
          case 1:
            words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), words[at]);
            break;
          default:
            words[at] = " " + words[below(words.size())];
            break;
        }
        if (words.empty()) words.push_back("module m");
      }
      std::string text;
      for (const std::string& word : words) text += word;
      SourceMap sources;
      Diagnostics diagnostics;
      const LoadedModules modules = load_modules("root.qsm", text, library, MemoryFiles(), sources, diagnostics);
      const std::unique_ptr<Program> program = check_program(modules, diagnostics);
      ASSERT_EQ(program == nullptr, diagnostics.has_errors()) << text;
      for (const Diagnostic& each : diagnostics.sorted())
        ASSERT_TRUE(each.span.valid()) << each.message << "\n" << text;
      if (program == nullptr) continue;
      ++accepted;
      ASSERT_EQ(first_gap(*program), "") << text;
    }
  }
  EXPECT_GT(accepted, 20);
}

}  // namespace
}  // namespace quiesce::model::types
