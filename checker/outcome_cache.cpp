#include "checker/outcome_cache.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include "checker/evidence/lasso.h"
#include "checker/evidence/replay.h"
#include "checker/files.h"
#include "checker/report/stored_result.h"
#include "checker/result/text_hash.h"
#include "model/interpret/interpreter.h"
#include "model/system/print.h"

namespace quiesce::checker {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kFormat = "quiesce outcome 1";

/// The bytes of a file, whatever they are; nothing when it cannot be read.
std::optional<std::string> bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) return std::nullopt;
  return bytes;
}

/// Joins parts so that no two lists of parts give the same text: each has its length before it.
class KeyText {
 public:
  void add(std::string_view part) { text_ += fmt::format("{}:{}\n", part.size(), part); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string key_of(const std::string& surroundings, const LoadedDesign& design, const LoadedCheck& check,
                   const CheckCase& case_) {
  KeyText key;
  key.add(surroundings);
  for (std::size_t i = 0; i < design.sources.size(); ++i) {
    const model::SourceFile& file = design.sources.file(model::FileId(static_cast<std::uint32_t>(i)));
    key.add(file.name());
    key.add(file.text());
  }
  key.add(std::to_string(check.number));
  key.add(check.system);
  key.add(std::to_string(&case_ - check.cases.data()));
  key.add(case_.title);
  key.add(model::print_system(case_.system));
  if (case_.original) key.add(model::print_system(*case_.original));
  if (case_.infinite) key.add(model::print_system(*case_.infinite));
  return text_hash(key.text());
}

/// Whether a run has the shape of one of `system`, so that it can be executed.
bool has_shape(const model::TransitionSystem& system, const Run& run) {
  const bool sizes = run.states.size() == run.steps.size() + 1 || run.states.size() == run.steps.size();
  return sizes && !run.states.empty() && (!run.loop || *run.loop < run.states.size()) &&
         std::all_of(run.states.begin(), run.states.end(),
                     [&](const model::State& state) { return state.size() == system.cells.size(); });
}

/// Whether the finding is one without a run: no state is as a property wants it.
bool is_absence(const model::TransitionSystem& system, const Finding& finding) {
  return finding.run.states.empty() && !finding.is_of_infinite && finding.property &&
         system.at(*finding.property).kind == model::PropertyKind::Reachable;
}

/// Whether each run of the result is one and breaks what it is said to break.
bool is_confirmed(const CheckCase& case_, const SearchResult& result) {
  const model::Interpreter interpreter(case_.system);
  for (const Finding& finding : result.findings) {
    if (is_absence(case_.system, finding)) continue;
    if (finding.is_of_infinite && !case_.infinite) return false;
    if (!has_shape(finding.is_of_infinite ? *case_.infinite : case_.system, finding.run)) return false;
    if (!finding.is_of_infinite) {
      if (!replay(interpreter, finding)) return false;
      continue;
    }
    const model::Interpreter infinite(*case_.infinite);
    const auto& temporal = case_.infinite->temporal;
    const bool breaks_one = std::any_of(temporal.begin(), temporal.end(), [&](const model::TemporalProperty& property) {
      return property.rule == finding.rule && confirm(infinite, property, finding.run).has_value();
    });
    if (!breaks_one) return false;
  }
  return true;
}

std::string entry_of(const std::string& key, const SearchResult& result) {
  const std::string payload = stored_result(result);
  return fmt::format("{} {} {}\n{}\n", kFormat, key, text_hash(payload), payload);
}

/// The result of an entry; nothing when it is not one of this key, is damaged, or claims a run that is none.
std::optional<SearchResult> result_of_entry(std::string_view entry, const std::string& key, const CheckCase& case_) {
  const std::size_t end = entry.find('\n');
  if (end == std::string_view::npos || entry.empty() || entry.back() != '\n') return std::nullopt;
  const std::string_view payload = entry.substr(end + 1, entry.size() - end - 2);
  if (entry.substr(0, end) != fmt::format("{} {} {}", kFormat, key, text_hash(payload))) return std::nullopt;
  auto result = read_stored_result(case_.system, payload);
  if (!result || !is_final(*result) || !is_confirmed(case_, *result)) return std::nullopt;
  return std::move(*result);
}

}  // namespace

model::Expected<std::string> program_identity() {
  const std::optional<std::string> bytes = bytes_of("/proc/self/exe");
  if (!bytes || bytes->empty()) return model::unexpected("the program cannot read its own file, /proc/self/exe");
  return text_hash(*bytes);
}

OutcomeCache::OutcomeCache(std::string folder, std::string surroundings)
    : folder_(std::move(folder)), surroundings_(std::move(surroundings)) {}

SearchResult OutcomeCache::check(const LoadedDesign& design, const LoadedCheck& check, const CheckCase& case_,
                                 const CheckOptions& options) {
  const std::string key = key_of(surroundings_, design, check, case_);
  const fs::path path = fs::path(folder_) / (key + ".outcome");
  if (const auto entry = bytes_of(path)) {
    if (auto result = result_of_entry(*entry, key, case_)) {
      ++known_;
      return std::move(*result);
    }
    warnings_.push_back(fmt::format("the entry '{}' is damaged: '{}' is searched again", path.string(), case_.title));
  }
  ++searched_;
  SearchResult result = checker::check(case_, options);
  if (!is_final(result) || cannot_write_) return result;
  std::error_code ignored;  // writing says what is wrong
  fs::create_directories(folder_, ignored);
  if (const auto written = write_atomically(path.string(), entry_of(key, result)); !written) {
    cannot_write_ = true;
    warnings_.push_back(written.error());
  }
  return result;
}

std::vector<std::string> OutcomeCache::take_warnings() { return std::exchange(warnings_, {}); }

}  // namespace quiesce::checker
