#include "cli/cache_flags.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/result/numbers.h"
#include "cli/console.h"

namespace quiesce::cli {

namespace {

/// Options that say what is printed or written, and nothing about what is found. An option that is not among them is
/// part of the key, so a new one makes cases unknown at worst.
constexpr std::array<std::string_view, 18> kOnlyReports = {
    "baseline", "cache", "counts", "full",     "github", "html",     "json",           "junit", "no-color",
    "progress", "quiet", "sarif",  "save-run", "timing", "timeline", "write-baseline", "FILE",  "PATH"};

/// The options that were given and decide what is found, with their values.
std::string deciding_options(const CLI::App& command) {
  std::string text = command.get_name();
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0) continue;
    const std::string name = option->get_single_name();
    if (std::find(kOnlyReports.begin(), kOnlyReports.end(), name) != kOnlyReports.end()) continue;
    text += fmt::format("\n{}", name);
    for (const std::string& value : option->results()) text += fmt::format(" {}:{}", value.size(), value);
  }
  return text;
}

}  // namespace

void CacheFlags::add_to(CLI::App& command) {
  command_ = &command;
  command.add_option("--cache", folder, "keep results in DIR, and search no case twice that has not changed")
      ->type_name("DIR");
}

std::unique_ptr<checker::OutcomeCache> CacheFlags::open() const {
  if (folder.empty()) return nullptr;
  const auto program = checker::program_identity();
  if (!program) {
    report_warning(fmt::format("--cache is left out: {}", program.error()));
    return nullptr;
  }
  return std::make_unique<checker::OutcomeCache>(folder, *program + "\n" + deciding_options(*command_));
}

checker::SearchResult check_with(checker::OutcomeCache* cache, const checker::LoadedDesign& design,
                                 const checker::LoadedCheck& check, const checker::CheckCase& case_,
                                 const checker::CheckOptions& options) {
  if (cache == nullptr) return checker::check(case_, options);
  checker::SearchResult result = cache->check(design, check, case_, options);
  for (const std::string& warning : cache->take_warnings()) report_warning(warning);
  return result;
}

std::string cache_text(const checker::OutcomeCache* cache) {
  if (cache == nullptr) return "";
  return fmt::format("cache: {} of {} known\n", checker::grouped(cache->known()),
                     checker::counted(cache->known() + cache->searched(), "case"));
}

}  // namespace quiesce::cli
