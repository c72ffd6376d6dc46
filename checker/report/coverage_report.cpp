#include "checker/report/coverage_report.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checker/report/layout.h"
#include "checker/report/progress.h"
#include "checker/report/story.h"

namespace quiesce::checker {

using namespace model;
using Kind = CoverageItem::Kind;
using State = CoverageItem::State;

namespace {

struct Total {
  std::size_t all = 0;
  std::size_t happened = 0;
};

constexpr std::array<Kind, 6> kKinds = {Kind::Statement, Kind::Condition, Kind::Choice,
                                        Kind::Action,    Kind::Handler,   Kind::Function};

Total total_of(const CoverageReport& report, Kind kind) {
  Total total;
  for (const CoverageItem& item : report.items) {
    if (item.kind != kind) continue;
    ++total.all;
    if (item.state == State::Happened) ++total.happened;
  }
  return total;
}

/// As JSON names them.
const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::Function:
      return "function";
    case Kind::Handler:
      return "handler";
    case Kind::Action:
      return "action";
    case Kind::Statement:
      return "statement";
    case Kind::Condition:
      return "condition";
    case Kind::Choice:
      return "choice";
  }
  return "";
}

const char* state_name(State state) {
  switch (state) {
    case State::Never:
      return "never";
    case State::Stood:
      return "stood";
    case State::Happened:
      return "happened";
  }
  return "";
}

/// "statements reached", for totals.
const char* total_name(Kind kind) {
  switch (kind) {
    case Kind::Function:
      return "functions called";
    case Kind::Handler:
      return "handlers started";
    case Kind::Action:
      return "actions taken";
    case Kind::Statement:
      return "statements executed";
    case Kind::Condition:
      return "outcomes of conditions seen";
    case Kind::Choice:
      return "choices made";
  }
  return "";
}

std::string short_name(const std::string& path) { return path.substr(path.find_last_of("/:") + 1); }

constexpr std::size_t kMostChoices = 4;  // never made, of one statement, that are shown

class TextWriter {
 public:
  TextWriter(const CoverageReport& report, const SourceMap& sources, std::size_t width, bool colour)
      : report_(report), sources_(sources), width_(width), colour_(colour) {}

  std::string text() {
    out_ += inked(fmt::format("coverage of {}", counted(report_.cases.size(), "case")), Ink::Bold, colour_) + "\n\n";
    if (!report_.complete) limits();
    totals();
    for (const CoverageItem& item : report_.items) {
      if (item.state != State::Happened) place_width_ = std::max(place_width_, columns(place(item.span)));
    }
    section("actions never taken", Kind::Action, State::Never);
    section("handlers never started", Kind::Handler, State::Never);
    section("functions never called", Kind::Function, State::Never);
    section("statements that some context stands before and never gets past", Kind::Statement, State::Stood);
    section("statements never come to", Kind::Statement, State::Never);
    section("conditions that are always the same", Kind::Condition, State::Never);
    section("choices never made", Kind::Choice, State::Never);
    if (!report_.unused.empty()) {
      std::string list;
      for (const std::string& name : report_.unused) list += (list.empty() ? "" : ", ") + name;
      out_ += "\n" + wrapped("in none of these systems: " + list, 2, width_);
    }
    return std::move(out_);
  }

 private:
  void limits() {
    for (std::size_t c = 0; c < report_.cases.size(); ++c) {
      const CoverageFacts& facts = report_.cases[c].facts;
      if (facts.limit == LimitKind::None) continue;
      const std::string why = facts.limit == LimitKind::Interrupted
                                  ? "interrupted"
                                  : fmt::format("stopped by the limit on {}", limit_name(facts.limit));
      const std::string text =
          fmt::format("{}: {} after {}, so what is listed as 'never' may still be possible", report_.cases[c].title,
                      why, counted(facts.statistics.distinct_states, "distinct state"));
      out_ += inked(wrapped(text, 2, width_), Ink::Doubtful, colour_);
    }
    out_ += "\n";
  }

  void totals() {
    std::size_t number_width = 0;
    for (const Kind kind : kKinds) {
      number_width = std::max(number_width, grouped(total_of(report_, kind).all).size());
    }
    for (const Kind kind : kKinds) {
      const Total total = total_of(report_, kind);
      if (total.all == 0) continue;
      const std::string line = fmt::format("  {:>{}} of {:>{}} {}", grouped(total.happened), number_width,
                                           grouped(total.all), number_width, total_name(kind));
      out_ += inked(line, total.happened == total.all ? Ink::Good : Ink::Plain, colour_) + "\n";
    }
  }

  void section(const char* title, Kind kind, State state) {
    std::vector<const CoverageItem*> items;
    for (const CoverageItem& item : report_.items) {
      if (item.kind == kind && item.state == state && !is_told_by_owner(item) && !is_told_by_statement(item)) {
        items.push_back(&item);
      }
    }
    if (items.empty()) return;
    out_ += "\n  " + inked(title, Ink::Bold, colour_) + "\n";
    std::size_t of_statement = 0;  // choices of one statement so far
    for (std::size_t i = 0; i < items.size(); ++i) {
      const CoverageItem* item = items[i];
      of_statement = i > 0 && items[i - 1]->span == item->span ? of_statement + 1 : 0;
      if (kind == Kind::Choice && of_statement >= kMostChoices) {
        const bool is_last = i + 1 == items.size() || items[i + 1]->span != item->span;
        const std::size_t more = of_statement - kMostChoices + 1;
        if (is_last) {
          out_ += std::string(4 + place_width_ + 2, ' ') +
                  fmt::format("and {} of this statement\n", counted(more, "more choice"));
        }
        continue;
      }
      const std::size_t start = 4 + place_width_ + 2;
      const std::size_t room = width_ > start + 30 ? width_ - start : 30;
      std::string what;
      switch (kind) {
        case Kind::Function:
        case Kind::Handler:
        case Kind::Action:
        case Kind::Statement:
          what = one_line(sources_, item->span, room);
          break;
        case Kind::Condition:
          what = padded("never " + item->label, 13) + one_line(sources_, item->span, room - 13);
          break;
        case Kind::Choice:
          what = item->label;
          if (!one_line(sources_, item->span, 8).starts_with("either")) {
            what = padded(what, 20) + " " + one_line(sources_, item->span, room - 21);
          }
          break;
      }
      out_ += "    " + inked(padded(place(item->span), place_width_), Ink::Dim, colour_) + "  " + what + "\n";
    }
  }

  /// What belongs to a function that nothing calls needs no lines of its own.
  bool is_told_by_owner(const CoverageItem& item) const {
    return item.owner != SIZE_MAX && report_.items[item.owner].state == State::Never;
  }

  /// Nor do the conditions and choices of a statement that was never executed.
  bool is_told_by_statement(const CoverageItem& item) const {
    if (item.kind != Kind::Condition && item.kind != Kind::Choice) return false;
    return std::any_of(report_.items.begin(), report_.items.end(), [&](const CoverageItem& other) {
      return other.kind == Kind::Statement && other.span == item.span && other.state != State::Happened;
    });
  }

  std::string place(Span span) const {
    const SourceFile& file = sources_.file(span.file);
    return fmt::format("{}:{}", short_name(file.name()), file.position(span.begin).line);
  }

  const CoverageReport& report_;
  const SourceMap& sources_;
  const std::size_t width_;
  const bool colour_;
  std::string out_;
  std::size_t place_width_ = 0;
};

}  // namespace

std::string coverage_text(const CoverageReport& report, const SourceMap& sources, std::size_t width, bool colour) {
  return TextWriter(report, sources, width, colour).text();
}

std::string coverage_json(const CoverageReport& report, const SourceMap& sources) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["version"] = 1;
  json["complete"] = report.complete;
  json["cases"] = Json::array();
  for (const CoverageCase& case_ : report.cases) {
    const bool complete = case_.facts.limit == LimitKind::None;
    json["cases"].push_back({{"title", case_.title},
                             {"complete", complete},
                             {"limit", complete ? Json(nullptr) : Json(std::string(limit_name(case_.facts.limit)))},
                             {"distinct_states", case_.facts.statistics.distinct_states}});
  }
  for (const Kind kind : kKinds) {
    const Total total = total_of(report, kind);
    json["totals"][kind_name(kind)] = {{"all", total.all}, {"happened", total.happened}};
  }
  json["items"] = Json::array();
  for (const CoverageItem& item : report.items) {
    const SourceFile& file = sources.file(item.span.file);
    const LineColumn position = file.position(item.span.begin);
    Json one = {{"kind", kind_name(item.kind)},
                {"file", file.name()},
                {"line", position.line},
                {"column", position.column},
                {"text", one_line(sources, item.span)},
                {"state", state_name(item.state)}};
    if (!item.label.empty()) one["label"] = item.label;
    Json cases = Json::array();
    for (const std::size_t case_ : item.cases) cases.push_back(case_ + 1);
    one["cases"] = std::move(cases);
    json["items"].push_back(std::move(one));
  }
  json["unused_machines"] = report.unused;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string coverage_lcov(const CoverageReport& report, const SourceMap& sources) {
  struct OfFile {
    std::map<std::uint32_t, std::size_t> lines;
    std::vector<const CoverageItem*> functions;
    std::vector<const CoverageItem*> branches;
  };
  std::map<std::string, OfFile> files;
  const auto line_of = [&](const CoverageItem& item) {
    return sources.file(item.span.file).position(item.span.begin).line;
  };
  for (const CoverageItem& item : report.items) {
    OfFile& file = files[sources.file(item.span.file).name()];
    switch (item.kind) {
      case Kind::Function:
      case Kind::Handler:
      case Kind::Action:
        file.functions.push_back(&item);
        break;
      case Kind::Statement: {
        std::size_t& hits = file.lines[line_of(item)];
        hits = std::max(hits, item.cases.size());
        break;
      }
      case Kind::Condition:
      case Kind::Choice:
        file.branches.push_back(&item);
        break;
    }
  }
  std::string out;
  for (const auto& [name, file] : files) {
    const auto hit = [](const CoverageItem* item) { return !item->cases.empty(); };
    out += "TN:quiesce\nSF:" + name + "\n";
    for (const CoverageItem* item : file.functions) out += fmt::format("FN:{},{}\n", line_of(*item), item->label);
    for (const CoverageItem* item : file.functions) out += fmt::format("FNDA:{},{}\n", item->cases.size(), item->label);
    out += fmt::format("FNF:{}\nFNH:{}\n", file.functions.size(),
                       std::count_if(file.functions.begin(), file.functions.end(), hit));
    std::map<std::uint32_t, std::size_t> number;  // of branches per line so far
    for (const CoverageItem* item : file.branches) {
      out += fmt::format("BRDA:{},0,{},{}\n", line_of(*item), number[line_of(*item)]++, item->cases.size());
    }
    out += fmt::format("BRF:{}\nBRH:{}\n", file.branches.size(),
                       std::count_if(file.branches.begin(), file.branches.end(), hit));
    for (const auto& [line, hits] : file.lines) out += fmt::format("DA:{},{}\n", line, hits);
    out += fmt::format("LF:{}\nLH:{}\nend_of_record\n", file.lines.size(),
                       std::count_if(file.lines.begin(), file.lines.end(), [](const auto& l) { return l.second > 0; }));
  }
  return out;
}

}  // namespace quiesce::checker
