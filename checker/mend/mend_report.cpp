#include "checker/mend/mend_report.h"

#include <chrono>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker/result/numbers.h"

namespace quiesce::checker {

namespace {

/// "34 are no text of the language, 170 still break a rule": what became of the changes that do not mend.
std::string fates(const MendTally& tally) {
  std::vector<std::string> parts;
  const auto say = [&](std::size_t count, const char* what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", grouped(count), what));
  };
  say(tally.refused, "the language refuses");
  say(tally.broken, "still break a rule");
  say(tally.vacuous, "leave a rule that was exercised without anything to say");
  say(tally.dead, "leave a statement that is never executed");
  say(tally.other, "break another check of the file");
  say(tally.too_large, "have too many states to say");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string limit_text(const MendResult& result) {
  const char* what = result.limit == LimitKind::Interrupted ? "interrupted"
                     : result.limit == LimitKind::States    ? "limit of states reached"
                                                            : "time limit reached";
  return fmt::format("  {} after {} of {} changes\n", what, grouped(result.tally.tried), grouped(result.tally.all));
}

}  // namespace

std::string mend_reason(const Mend& mend, const std::vector<std::string>& broken) {
  return fmt::format("{}: {}", mend.what, fmt::join(broken, ", "));
}

std::string mend_report(const MendResult& result, const std::string& title, bool timing) {
  std::string text;
  if (result.mends.empty()) {
    text = fmt::format("No mend of {}\n", title);
  } else if (result.is_known) {
    return fmt::format("Mend of {}: the same, {}\n", title, mend_reason(result.mends.front(), result.broken));
  } else {
    text = fmt::format("{} of {}, verified by a full check\n", counted(result.mends.size(), "mend"), title);
  }
  for (const Mend& mend : result.mends)
    text += fmt::format("\n  {}\n\n{}", mend_reason(mend, result.broken), mend.patch);
  if (!result.mends.empty()) text += "\n";
  if (result.limit != LimitKind::None) text += limit_text(result);
  if (result.tally.all == 0) return text + "  the run that breaks it executes no statement that can be changed\n";
  text += fmt::format("  {} tried{}\n", counted(result.tally.tried, "change"),
                      timing ? fmt::format(" in {:.1f} s", std::chrono::duration<double>(result.wall).count()) : "");
  if (const std::string what = fates(result.tally); !what.empty()) text += "  " + what + "\n";
  return text;
}

}  // namespace quiesce::checker
