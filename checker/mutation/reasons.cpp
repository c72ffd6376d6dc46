#include "checker/mutation/reasons.h"

#include <sstream>

#include <fmt/format.h>

namespace quiesce::checker {

namespace {

/// The words of a line, joined with one space: how the text is compared.
std::string words_of(std::istream& in) {
  std::string joined;
  for (std::string word; in >> word;) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

/// What an entry lacks; empty: nothing.
std::string lack_of(const Explanation& reason) {
  if (reason.was.empty()) return "was";
  if (reason.now.empty()) return "now";
  return reason.because.empty() ? "because" : "";
}

}  // namespace

model::Expected<std::vector<Explanation>> parse_reasons(const std::string& text) {
  std::vector<Explanation> reasons;
  std::string* field = nullptr;  // which a further line continues
  std::istringstream lines(text);
  std::size_t number = 0;
  const auto complete = [&]() -> model::Expected<void> {
    if (reasons.empty() || lack_of(reasons.back()).empty()) return {};
    return model::unexpected(fmt::format("line {}: the entry of '{}' says no '{}'", reasons.back().line,
                                         reasons.back().place, lack_of(reasons.back())));
  };
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream in(line);
    std::string first;
    if (!(in >> first) || first.front() == '#') continue;
    if (line.front() != ' ') {
      if (const auto last = complete(); !last) return model::unexpected(last.error());
      Explanation reason;
      reason.line = number;
      reason.module = first;
      std::string rest;
      in >> reason.place >> rest;
      reason.equivalent = rest == "equivalent";
      if (reason.place.empty() || (!rest.empty() && !reason.equivalent)) {
        return model::unexpected(fmt::format("line {}: expected 'MODULE PLACE' or 'MODULE PLACE equivalent'", number));
      }
      reasons.push_back(std::move(reason));
      field = nullptr;
      continue;
    }
    std::string* named = nullptr;
    if (!reasons.empty()) {
      Explanation& last = reasons.back();
      if (first == "was" && last.was.empty()) named = &last.was;
      if (first == "now" && last.now.empty()) named = &last.now;
      if (first == "because" && last.because.empty()) named = &last.because;
    }
    if (named == nullptr && field == nullptr) {
      return model::unexpected(fmt::format("line {}: expected 'was', 'now' or 'because'", number));
    }
    if (named != nullptr) {
      field = named;
      *field = words_of(in);
    } else {
      std::istringstream whole(line);
      *field += " " + words_of(whole);
    }
  }
  if (const auto last = complete(); !last) return model::unexpected(last.error());
  return reasons;
}

}  // namespace quiesce::checker
