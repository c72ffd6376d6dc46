#include "checker/mend/mend_table.h"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include "checker/result/numbers.h"
#include "checker/result/text_hash.h"

namespace quiesce::checker {

namespace {

std::string why_none(const MendResult& result) {
  switch (result.limit) {
    case LimitKind::Time:
      return fmt::format("none within the time: {} of {} changes tried", grouped(result.tally.tried),
                         grouped(result.tally.all));
    case LimitKind::Interrupted:
      return "interrupted";
    case LimitKind::States:
      return fmt::format("none among the first {}", counted(result.tally.tried, "change"));
    case LimitKind::None:
    case LimitKind::Memory:
    case LimitKind::Depth:
      break;
  }
  return fmt::format("none among {}", counted(result.tally.tried, "change"));
}

/// As a cell of a table: '|' would end it.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : c == '\'' ? "`" : std::string(1, c);
  return out;
}

}  // namespace

std::string mend_key(const LoadedDesign& design, const MendOptions& options) {
  std::string text = fmt::format("{} {} {} {} {}\n", options.most, options.checks, options.most_changes,
                                 options.most_states, options.time ? options.time->count() : -1);
  for (std::size_t i = 0; i < design.sources.size(); ++i) {
    const model::SourceFile& file = design.sources.file(model::FileId(static_cast<std::uint32_t>(i)));
    text += fmt::format("{} {}\n{}", file.name(), file.text().size(), file.text());
  }
  return text_hash(text);
}

MendRow mend_row(const LoadedDesign& design, const CheckMends& mends) {
  const MendResult& result = mends.result;
  MendRow row;
  row.design = design.name;
  row.check = design.checks[mends.check].number;
  row.broken = result.broken;
  row.is_mended = !result.mends.empty();
  row.is_known = result.is_known;
  row.what = row.is_mended ? result.mends.front().what : why_none(result);
  row.lines = row.is_mended ? changed_lines(result.mends.front().changes) : 0;
  row.tried = result.tally.tried;
  return row;
}

MendScore mend_score(const std::vector<MendRow>& rows) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> designs;  // checks, mended ones
  MendScore score;
  for (const MendRow& row : rows) {
    ++score.checks;
    ++designs[row.design].first;
    if (!row.is_mended) continue;
    ++score.mended;
    ++designs[row.design].second;
  }
  score.designs = designs.size();
  for (const auto& [design, counts] : designs) {
    score.mended_designs += counts.first == counts.second ? 1 : 0;
    score.some_designs += counts.second > 0 ? 1 : 0;
  }
  return score;
}

std::string mend_line(const MendRow& row) {
  return fmt::format("{}:{}  {}  {} ({} tried)", row.design, row.check, fmt::join(row.broken, ", "),
                     row.is_mended ? fmt::format("{}: {}", counted(row.lines, "line"), row.what) : row.what,
                     counted(row.tried, "change"));
}

std::string mend_summary(const MendScore& score) {
  return fmt::format(
      "{} of {} have a verified mend ({} %); of {} with such a check, {} have one for every check, {} for some",
      score.mended, counted(score.checks, "broken check"), score.percent(), counted(score.designs, "design"),
      score.mended_designs, score.some_designs);
}

std::string mend_markdown(const std::vector<MendRow>& rows) {
  std::string text = mend_summary(mend_score(rows)) + ".\n\n";
  text += "| design | check | rules broken | lines | mend | tried |\n|---|---:|---|---:|---|---:|\n";
  for (const MendRow& row : rows) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", row.design, row.check,
                        cell(fmt::format("{}", fmt::join(row.broken, ", "))),
                        row.is_mended ? std::to_string(row.lines) : "",
                        (row.is_mended ? "" : "*") + cell(row.what) + (row.is_mended ? "" : "*"), grouped(row.tried));
  }
  return text;
}

}  // namespace quiesce::checker
