#include "checker/mutation/score.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace quiesce::checker {

namespace {

std::string family_of(const std::string& module) { return module.substr(0, module.find('.')); }

std::string percent(const Tally& tally) {
  return tally.counted() == 0 ? "-" : fmt::format("{}.{} %", tally.permille() / 10, tally.permille() % 10);
}

void count(Tally& tally, const TriedMutant& tried, const Explanation* reason) {
  ++tally.mutants;
  switch (tried.result.notice) {
    case Notice::Refused:
      ++tally.refused;
      break;
    case Notice::Noticed:
      ++tally.noticed;
      break;
    case Notice::Missed:
    case Notice::Undecided:
    case Notice::Interrupted:
      ++(reason == nullptr ? tally.unexplained : reason->equivalent ? tally.equivalent : tally.explained);
      break;
  }
}

bool survives(const TriedMutant& tried) {
  return tried.result.notice != Notice::Noticed && tried.result.notice != Notice::Refused;
}

std::string place_of(const TriedMutant& tried) {
  return fmt::format("{}:{}: {}: {}", tried.path, tried.mutant.line, tried.mutant.place, kind_name(tried.mutant.kind));
}

std::string hint_of(const TriedMutant& tried) {
  if (tried.result.notice == Notice::Undecided)
    return "undecided: where it makes a difference there are too many states";
  return tried.result.differs ? "designs run into it, and are as they expect"
                              : "no design has a transition system in which it makes a difference";
}

std::string row(const Tally& tally, const std::string& name, std::size_t width) {
  return fmt::format("{:<{}}  {:>7}  {:>7}  {:>10}  {:>7}  {:>9}  {:>11}  {:>7}\n", name, width, tally.mutants,
                     tally.refused, tally.equivalent, tally.noticed, tally.explained, tally.unexplained,
                     percent(tally));
}

std::string markdown_row(const Tally& tally, const std::string& name) {
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", name, tally.mutants, tally.refused,
                     tally.equivalent, tally.noticed, tally.explained, tally.unexplained, percent(tally));
}

}  // namespace

Score score_of(const Campaign& campaign, const std::vector<Explanation>& reasons, bool whole) {
  Score score;
  score.all.module = "all";
  for (const std::string& module : campaign.modules) {
    score.modules.push_back({module});
    if (score.families.empty() || score.families.back().module != family_of(module))
      score.families.push_back({family_of(module)});
  }
  const auto tally = [](std::vector<Tally>& tallies, const std::string& name) -> Tally& {
    return *std::find_if(tallies.begin(), tallies.end(), [&](const Tally& one) { return one.module == name; });
  };
  std::vector<bool> used(reasons.size());
  for (const TriedMutant& tried : campaign.tried) {
    const Explanation* reason = nullptr;
    for (std::size_t i = 0; i < reasons.size() && survives(tried); ++i) {
      if (!reasons[i].fits(tried.mutant)) continue;
      used[i] = true;
      reason = &reasons[i];
    }
    count(tally(score.modules, tried.mutant.module), tried, reason);
    count(tally(score.families, family_of(tried.mutant.module)), tried, reason);
    count(score.all, tried, reason);
    if (survives(tried)) score.survivors.push_back({&tried, reason});
  }
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const bool of_campaign = std::count(campaign.modules.begin(), campaign.modules.end(), reasons[i].module) != 0;
    if (whole && of_campaign && !used[i]) score.unneeded.push_back(&reasons[i]);
  }
  return score;
}

std::string score_text(const Campaign& campaign, const Score& score) {
  std::size_t width = 6;
  for (const Tally& tally : score.modules) width = std::max(width, tally.module.size());
  std::string text = fmt::format("{:<{}}  {:>7}  {:>7}  {:>10}  {:>7}  {:>9}  {:>11}  {:>7}\n", "module", width,
                                 "mutants", "refused", "equivalent", "noticed", "explained", "unexplained", "score");
  for (const Tally& tally : score.modules) {
    if (tally.mutants > 0) text += row(tally, tally.module, width);
  }
  text += row(score.all, "all", width);
  bool first = true;
  for (const Score::Survivor& survivor : score.survivors) {
    if (survivor.reason != nullptr) continue;
    text += first ? "\nNot noticed, and no reason given:\n" : "";
    first = false;
    const Mutant& mutant = survivor.tried->mutant;
    text +=
        fmt::format("{}{}\n    was  {}\n    now  {}\n    {}\n", place_of(*survivor.tried),
                    mutant.rule.empty() ? "" : ", of " + mutant.rule, mutant.was, mutant.now, hint_of(*survivor.tried));
  }
  for (const Explanation* reason : score.unneeded)
    text +=
        fmt::format("\nreasons, line {}: not needed any more: {} {}\n", reason->line, reason->module, reason->place);
  text += fmt::format("\n{} of {} mutants tried on {} designs with {} cases: {} noticed\n", campaign.tried.size(),
                      campaign.mutants, campaign.designs, campaign.cases, percent(score.all));
  if (campaign.interrupted) text += "interrupted\n";
  return text;
}

std::string mutants_text(const Campaign& campaign) {
  std::string text;
  for (const TriedMutant& tried : campaign.tried) {
    const TrialResult& result = tried.result;
    std::string what;
    switch (result.notice) {
      case Notice::Noticed:
        what = fmt::format("noticed by {}: {}", result.design, result.difference);
        break;
      case Notice::Refused:
        what = "refused: " + result.difference;
        break;
      case Notice::Missed:
      case Notice::Undecided:
      case Notice::Interrupted:
        what = hint_of(tried);
        break;
    }
    text += fmt::format("{}\n    was  {}\n    now  {}\n    {}\n", place_of(tried), tried.mutant.was, tried.mutant.now,
                        what);
  }
  return text;
}

std::string score_markdown(const Campaign& campaign, const Score& score) {
  std::string text =
      "| | mutants | refused | equivalent | noticed | explained | unexplained | score |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|\n";
  for (const Tally& family : score.families) {
    if (family.mutants == 0) continue;
    text += markdown_row(family, "**" + family.module + "**");
    for (const Tally& module : score.modules) {
      if (module.mutants > 0 && family_of(module.module) == family.module) text += markdown_row(module, module.module);
    }
  }
  text += markdown_row(score.all, "**all**");
  text += fmt::format("\n{} designs, {} cases.\n", campaign.designs, campaign.cases);
  std::string module;
  for (const Score::Survivor& survivor : score.survivors) {
    if (survivor.reason == nullptr) continue;
    const Mutant& mutant = survivor.tried->mutant;
    if (mutant.module != module) text += fmt::format("\n### {}\n\n", mutant.module);
    module = mutant.module;
    text += fmt::format("- `{}`: `{}` to `{}`{}: {}\n", mutant.place, mutant.was, mutant.now,
                        survivor.reason->equivalent ? ", equivalent" : "", survivor.reason->because);
  }
  return text;
}

}  // namespace quiesce::checker
