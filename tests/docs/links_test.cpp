// Every link of a document to a file of the repository, and to a heading in one, leads somewhere.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace quiesce::docs {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = QUIESCE_SOURCE_DIR;

std::vector<fs::path> documents() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(kRoot)) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  for (const char* folder : {"docs", "specs", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (entry.path().extension() == ".md") found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The lines outside of fenced blocks.
std::vector<std::string> prose_of(const fs::path& document) {
  std::vector<std::string> lines;
  std::ifstream in(document);
  bool fenced = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) fenced = !fenced;
    if (!fenced) lines.push_back(line);
  }
  return lines;
}

/// What GitHub makes of a heading: "3.6 Staying pinned" is "36-staying-pinned".
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') anchor += '-';
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80)
      anchor += static_cast<char>(std::tolower(byte));
  }
  return anchor;
}

std::set<std::string> anchors_of(const fs::path& document) {
  std::set<std::string> anchors;
  for (const std::string& line : prose_of(document)) {
    if (!line.starts_with("#")) continue;
    const std::size_t begin = line.find_first_not_of("# ");
    if (begin != std::string::npos) anchors.insert(anchor_of(line.substr(begin)));
  }
  return anchors;
}

TEST(Links, LeadSomewhere) {
  static const std::regex kLink("\\]\\(([^)#]*)(#([^)]*))?\\)");
  int links = 0;
  for (const fs::path& document : documents()) {
    for (const std::string& line : prose_of(document)) {
      for (std::sregex_iterator link(line.begin(), line.end(), kLink), end; link != end; ++link) {
        const std::string path = (*link)[1];
        const std::string anchor = (*link)[3];
        if (path.find("://") != std::string::npos) continue;
        ++links;
        const fs::path target = path.empty() ? document : document.parent_path() / path;
        const std::string where = fs::relative(document, kRoot).string() + ": " + link->str();
        EXPECT_TRUE(fs::exists(target)) << where;
        if (anchor.empty() || !fs::exists(target)) continue;
        EXPECT_TRUE(anchors_of(target).contains(anchor)) << where;
      }
    }
  }
  EXPECT_GT(links, 0);
}

}  // namespace
}  // namespace quiesce::docs
