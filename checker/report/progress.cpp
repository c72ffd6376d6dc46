#include "checker/report/progress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checker/advise/estimate.h"
#include "checker/report/layout.h"
#include "checker/result/outcome.h"

namespace quiesce::checker {
namespace {

using Json = nlohmann::ordered_json;

double seconds_of(const Statistics& statistics) { return std::chrono::duration<double>(statistics.wall).count(); }

double in_thousandths(double value) { return std::round(value * 1000) / 1000; }

Json fields(std::string_view event, const Statistics& statistics, const ProgressOf& progress) {
  Json json;
  json["event"] = event;
  json["check"] = std::string(progress.what);
  json["seconds"] = in_thousandths(seconds_of(statistics));
  json["distinct_states"] = statistics.distinct_states;
  json["generated_steps"] = statistics.generated_steps;
  json["states_per_second"] = static_cast<std::uint64_t>(progress.states_per_second);
  json["depth"] = statistics.depth;
  json["frontier"] = statistics.frontier;
  json["memory_bytes"] = statistics.memory_bytes;
  json["table_fill"] = in_thousandths(statistics.fill);
  return json;
}

Json estimate_of(const Statistics& statistics) {
  const auto estimate = estimate_remaining_now(statistics.layers);
  if (!estimate) return nullptr;
  return Json{{"low", estimate->low}, {"high", estimate->high}};
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string short_count(std::uint64_t number) {
  if (number < 1000) return std::to_string(number);
  auto value = static_cast<double>(number);
  for (const char unit : {'k', 'M', 'G'}) {
    value /= 1000;
    if (value < 99.95) return fmt::format("{:.1f}{}", value, unit);
    if (value < 999.5) return fmt::format("{:.0f}{}", value, unit);
  }
  return fmt::format("{:.1f}T", value / 1000);
}

std::string_view limit_name(LimitKind limit) {
  switch (limit) {
    case LimitKind::None:
      return "";
    case LimitKind::Time:
      return "time";
    case LimitKind::Memory:
      return "memory";
    case LimitKind::States:
      return "states";
    case LimitKind::Depth:
      return "depth";
    case LimitKind::Interrupted:
      return "interrupted";
  }
  return "";
}

std::string progress_line(const Statistics& statistics, const ProgressOf& progress, std::size_t width) {
  struct Piece {
    std::string text;
    int rank;  // the highest goes first when there is no room
  };
  std::vector<Piece> pieces = {
      {short_count(statistics.distinct_states) + " states", 0},
      {short_count(statistics.generated_steps) + " steps", 6},
      {short_count(static_cast<std::uint64_t>(progress.states_per_second)) + " states/s", 3},
      {fmt::format("depth {}", statistics.depth), 4},
      {"frontier " + short_count(statistics.frontier), 5},
      {memory_text(statistics.memory_bytes != 0 ? statistics.memory_bytes : statistics.peak_memory_bytes), 2},
  };
  if (statistics.fill > 0) pieces.push_back({fmt::format("table {:.0f} %", 100 * statistics.fill), 7});
  pieces.push_back({duration_text(statistics.wall), 8});
  std::string estimate;
  if (const auto left = estimate_remaining_now(statistics.layers)) {
    estimate = fmt::format("; estimate: {} to {} left", short_count(left->low), short_count(left->high));
  }
  std::string what(progress.what);
  for (;;) {
    std::string line = what.empty() ? "" : what + ": ";
    for (std::size_t i = 0; i < pieces.size(); ++i) line += (i == 0 ? "" : ", ") + pieces[i].text;
    line += estimate;
    if (columns(line) <= width) return line;
    const std::size_t too_much = columns(line) - width;
    if (what.size() > 24) {  // the name first, as far as it can still be told from others
      std::size_t keep = what.size() > too_much + 3 ? what.size() - too_much - 3 : 0;
      keep = std::max<std::size_t>(keep, 21);
      while (keep > 0 && (static_cast<unsigned char>(what[keep]) & 0xC0) == 0x80) --keep;
      what = what.substr(0, keep) + "...";
      if (columns(what) <= 24) continue;
    }
    if (pieces.size() == 1) {
      if (!what.empty()) {
        what.clear();
      } else if (!estimate.empty()) {
        estimate.clear();
      } else {
        return line.substr(0, width);
      }
      continue;
    }
    pieces.erase(
        std::max_element(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.rank < b.rank; }));
  }
}

std::string broken_line(const Statistics& statistics, const ProgressOf& progress) {
  const std::string what = progress.what.empty() ? "" : fmt::format("{}: ", progress.what);
  return fmt::format("{}{} broken so far, the shortest run has {} ({})", what, counted(statistics.broken_rules, "rule"),
                     counted(statistics.shortest_run, "step"), duration_text(statistics.wall));
}

std::string broken_json(const Statistics& statistics, const ProgressOf& progress) {
  Json json;
  json["event"] = "violation";
  json["check"] = std::string(progress.what);
  json["seconds"] = in_thousandths(seconds_of(statistics));
  json["broken_rules"] = statistics.broken_rules;
  json["shortest_run"] = statistics.shortest_run;
  return text_of(json);
}

std::string progress_json(const Statistics& statistics, const ProgressOf& progress) {
  Json json = fields("progress", statistics, progress);
  json["estimated_remaining"] = estimate_of(statistics);
  return text_of(json);
}

std::string done_json(const SearchResult& result, const ProgressOf& progress) {
  Json json = fields("done", result.statistics, progress);
  json["estimated_remaining"] = result.limit == LimitKind::None ? Json(nullptr) : estimate_of(result.statistics);
  json["verdict"] = verdict_name(overall(result));
  json["limit"] = result.limit == LimitKind::None ? Json(nullptr) : Json(std::string(limit_name(result.limit)));
  return text_of(json);
}

}  // namespace quiesce::checker
