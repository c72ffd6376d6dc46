// What README.md shows is what happens. Comments before its blocks say where they come from:
//
//   <!-- excerpt: FILE -->                       lines of FILE in their order, spaces apart; '...': lines left out
//   <!-- output: COMMAND -->                     what COMMAND prints, run in the root of the repository
//   <!-- output: COMMAND | from "A" to "B" -->   of that, the first line with A to the next one with B
//
// Line numbers may differ, so that a line more in the library asks for no change here. QUIESCE_UPDATE_GOLDEN=1 writes
// the outputs anew; look at the difference and ask: is the new behaviour better?
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>

#include <gtest/gtest.h>

#include "tests/docs/markdown.h"

namespace quiesce::docs {
namespace {

constexpr const char* kReadme = "README.md";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The line with one space for several, so that lining up columns anew changes no excerpt.
std::string with_single_spaces(const std::string& line) {
  std::string result;
  for (const char c : line) {
    if (c != ' ' || (!result.empty() && result.back() != ' ')) result += c;
  }
  return result;
}

/// Without what shifts when lines of the library do: line numbers, and the columns behind them.
std::string without_line_numbers(const std::string& output) {
  static const std::regex kPlace("\\.qsm:[0-9]+");
  static const std::regex kMargin("(^|\n) *[0-9]* \\|");
  std::string result;
  for (const std::string& line :
       lines_of(std::regex_replace(std::regex_replace(output, kPlace, ".qsm"), kMargin, "$1|"))) {
    result += with_single_spaces(line) + "\n";
  }
  return result;
}

/// Both streams of `command`, with the `quiesce` of this build in front of the search path and no colours.
std::string output_of(const std::string& command, int* exit_code = nullptr) {
  const std::string folder = std::filesystem::path(QUIESCE_BINARY).parent_path().string();
  const std::string whole =
      "cd '" QUIESCE_SOURCE_DIR "' && PATH='" + folder + "':\"$PATH\" NO_COLOR=1 " + command + " 2>&1 < /dev/null";
  std::string output;
  FILE* pipe = popen(whole.c_str(), "r");
  EXPECT_NE(pipe, nullptr) << whole;
  if (pipe == nullptr) return output;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = fread(part.data(), 1, part.size(), pipe)) > 0;) output.append(part.data(), n);
  const int status = pclose(pipe);
  if (exit_code != nullptr) *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return output;
}

/// What the block behind `comment` must hold; an empty text when the comment asks for nothing.
std::string expected(const std::string& comment) {
  std::smatch match;
  static const std::regex kPart("output: (.*) \\| from \"(.*)\" to \"(.*)\"");
  static const std::regex kWhole("output: (.*)");
  if (std::regex_match(comment, match, kPart)) {
    const std::string from = match[2], to = match[3];
    std::string part;
    for (const std::string& line : lines_of(output_of(match[1]))) {
      if (part.empty() && line.find(from) == std::string::npos) continue;
      part += line + "\n";
      if (line.find(to) != std::string::npos) return part;
    }
    ADD_FAILURE() << "no lines from '" << from << "' to '" << to << "' in the output of " << match[1];
    return part;
  }
  if (std::regex_match(comment, match, kWhole)) return output_of(match[1]);
  return "";
}

TEST(Readme, ShowsRealOutput) {
  std::string document = read_document(kReadme);
  const std::vector<Block> found = blocks(document);
  const char* update = std::getenv("QUIESCE_UPDATE_GOLDEN");
  const bool updates = update != nullptr && std::string(update) == "1";
  int shown = 0;
  for (std::size_t i = found.size(); i-- > 0;) {  // from the end, so that earlier positions stay right
    const Block& block = found[i];
    if (!block.comment.starts_with("output: ")) continue;
    ++shown;
    const std::string now = expected(block.comment);
    if (updates) {
      document.replace(block.begin, block.text.size(), now);
    } else {
      EXPECT_EQ(without_line_numbers(now), without_line_numbers(block.text))
          << kReadme << ":" << block.line << ": run with QUIESCE_UPDATE_GOLDEN=1 if the new behaviour is better";
    }
  }
  EXPECT_GT(shown, 0);
  if (updates) std::ofstream(std::string(QUIESCE_SOURCE_DIR) + "/" + kReadme, std::ios::binary) << document;
}

// The first three commands of the document: a mistake, its correction, mistakes in the text.
TEST(Readme, CommandsEndWithTheirExitCodes) {
  std::vector<int> codes;
  static const std::string kCommand = "    scripts/quiesce check ";
  for (const std::string& line : lines_of(read_document(kReadme))) {
    if (!line.starts_with(kCommand) || line.find("FILE") != std::string::npos) continue;
    codes.push_back(-1);
    output_of("quiesce check " + line.substr(kCommand.size()), &codes.back());
  }
  EXPECT_EQ(codes, (std::vector<int>{1, 1, 1, 0, 2}));
}

TEST(Readme, ExcerptsAreReal) {
  int shown = 0;
  for (const Block& block : blocks(read_document(kReadme))) {
    if (!block.comment.starts_with("excerpt: ")) continue;
    ++shown;
    const std::vector<std::string> file = lines_of(read_document(block.comment.substr(9)));
    std::size_t at = 0;
    for (const std::string& line : lines_of(block.text)) {
      const std::string shown_line = with_single_spaces(line);
      if (shown_line == "..." || shown_line.empty()) continue;
      while (at < file.size() && with_single_spaces(file[at]) != shown_line) ++at;
      ASSERT_LT(at, file.size()) << kReadme << ":" << block.line << ": not in " << block.comment.substr(9) << ": "
                                 << line;
      ++at;
    }
  }
  EXPECT_GT(shown, 0);
}

}  // namespace
}  // namespace quiesce::docs
