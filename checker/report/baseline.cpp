#include "checker/report/baseline.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checker/report/fingerprint.h"
#include "checker/result/numbers.h"

namespace quiesce::checker {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "quiesce baseline";
constexpr int kVersion = 1;

using Findings = std::map<std::tuple<std::string, std::string, std::string>, KnownFinding>;

/// Adds `one`; what has the same fingerprint becomes one finding with the cases of both.
void add(Findings& findings, KnownFinding one) {
  const auto [place, is_new] = findings.try_emplace({one.design, one.rule, one.fingerprint}, one);
  if (is_new) return;
  std::set<std::string> cases(place->second.cases.begin(), place->second.cases.end());
  cases.insert(one.cases.begin(), one.cases.end());
  place->second.cases.assign(cases.begin(), cases.end());
}

KnownFinding finding_of(const Complaint& complaint) {
  const std::set<std::string> cases(complaint.cases.begin(), complaint.cases.end());
  return {
      complaint.file->name, complaint.id, fingerprint_of(complaint), complaint.message, {cases.begin(), cases.end()}};
}

Findings findings_among(const std::vector<Complaint>& complaints) {
  Findings findings;
  for (const Complaint& complaint : complaints) {
    if (is_finding(complaint)) add(findings, finding_of(complaint));
  }
  return findings;
}

Baseline as_baseline(Findings findings) {
  Baseline baseline;
  for (auto& [key, finding] : findings) baseline.findings.push_back(std::move(finding));
  return baseline;
}

const KnownFinding* entry_of(const Baseline& baseline, const KnownFinding& finding) {
  const auto same = [&](const KnownFinding& known) {
    return known.design == finding.design && known.rule == finding.rule && known.fingerprint == finding.fingerprint;
  };
  const auto found = std::find_if(baseline.findings.begin(), baseline.findings.end(), same);
  return found == baseline.findings.end() ? nullptr : &*found;
}

/// The cases of `all` that `some` has not. Both ascend.
std::vector<std::string> cases_without(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  std::vector<std::string> rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

bool covers(const Baseline& baseline, const KnownFinding& finding) {
  const KnownFinding* entry = entry_of(baseline, finding);
  return entry != nullptr && cases_without(finding.cases, entry->cases).empty();
}

KnownFinding finding_of(const Json& json) {
  KnownFinding finding;
  finding.design = json.at("design").get<std::string>();
  finding.rule = json.at("rule").get<std::string>();
  finding.fingerprint = json.at("fingerprint").get<std::string>();
  finding.message = json.at("message").get<std::string>();
  finding.cases = json.at("cases").get<std::vector<std::string>>();
  std::sort(finding.cases.begin(), finding.cases.end());
  return finding;
}

/// Whether all that is undecided in the case is so because a broken core rule ends runs: a finding of its own.
bool is_cut_off(const CaseOutcome& case_) {
  return std::all_of(case_.result.rules.begin(), case_.result.rules.end(), [](const RuleResult& rule) {
    return rule.verdict != Verdict::Unknown || std::holds_alternative<CutOff>(rule.reason);
  });
}

/// Designs of which it is known what is broken and what is not.
std::set<std::string> decided_designs(const CheckedFiles& checked, const std::vector<Complaint>& complaints) {
  std::set<std::string> decided;
  for (const CheckedFile& file : checked.files) decided.insert(file.name);
  for (const Complaint& complaint : complaints) {
    const bool is_mistake = complaint.check == nullptr && !complaint.is_warning;
    if (complaint.is_undecided || is_mistake) decided.erase(complaint.file->name);
  }
  return decided;
}

}  // namespace

bool is_finding(const Complaint& complaint) {
  return complaint.check != nullptr && !complaint.is_undecided && complaint.span.valid();
}

bool is_known(const Baseline& baseline, const Complaint& complaint) { return covers(baseline, finding_of(complaint)); }

Baseline baseline_of(const CheckedFiles& checked) { return as_baseline(findings_among(complaints_about(checked))); }

std::string baseline_json(const Baseline& baseline) {
  std::string lines;
  for (const KnownFinding& finding : baseline.findings) {
    const Json json{{"design", finding.design},
                    {"rule", finding.rule},
                    {"fingerprint", finding.fingerprint},
                    {"message", finding.message},
                    {"cases", finding.cases}};
    // Names come from texts, which may hold any bytes.
    lines +=
        fmt::format("{}\n  {}", lines.empty() ? "" : ",", json.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return fmt::format("{{\n \"format\": \"{}\",\n \"version\": {},\n \"findings\": [{}]\n}}\n", kFormat, kVersion,
                     lines.empty() ? "" : lines + "\n ");
}

model::Expected<Baseline> read_baseline(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  try {
    if (json.is_object() && json.at("format") == kFormat) {
      if (json.at("version") != kVersion) return model::unexpected("it was written by another version of quiesce");
      Findings findings;
      for (const Json& one : json.at("findings")) add(findings, finding_of(one));
      return as_baseline(std::move(findings));
    }
  } catch (const std::exception&) {  // a value is missing, or of another type
  }
  return model::unexpected("it is not what --write-baseline writes");
}

BaselineChanges compare_with(const Baseline& baseline, const CheckedFiles& checked, bool whole) {
  const std::vector<Complaint> complaints = complaints_about(checked);
  const Baseline found = as_baseline(findings_among(complaints));
  const std::set<std::string> decided = decided_designs(checked, complaints);
  BaselineChanges changes;
  for (const Complaint& complaint : complaints) {
    const bool is_mistake = complaint.check == nullptr && !complaint.is_warning;
    const bool is_behind = complaint.is_undecided && complaint.case_ != nullptr && is_cut_off(*complaint.case_);
    if (is_behind) ++changes.cut_off;
    changes.undecided |= is_mistake || (complaint.is_undecided && !is_behind);
  }
  for (const KnownFinding& finding : found.findings) {
    if (covers(baseline, finding)) {
      changes.known.push_back(finding);
      continue;
    }
    changes.added.push_back(finding);
    const KnownFinding* entry = entry_of(baseline, finding);
    if (entry != nullptr) changes.added.back().cases = cases_without(finding.cases, entry->cases);
  }
  for (const KnownFinding& entry : baseline.findings) {
    if (!whole || !decided.contains(entry.design)) continue;
    const KnownFinding* now = entry_of(found, entry);
    const std::vector<std::string> gone = now == nullptr ? entry.cases : cases_without(entry.cases, now->cases);
    if (now != nullptr && gone.empty()) continue;
    changes.gone.push_back(entry);
    changes.gone.back().cases = gone;
  }
  return changes;
}

std::string baseline_text(const BaselineChanges& changes) {
  std::string out = fmt::format("baseline: {} known, {} new, {} gone\n", grouped(changes.known.size()),
                                grouped(changes.added.size()), grouped(changes.gone.size()));
  const auto list = [&](const char* mark, const std::vector<KnownFinding>& findings) {
    for (const KnownFinding& finding : findings) {
      out += fmt::format("  {} {}: {}: {}\n", mark, finding.design, finding.rule, finding.message);
      const std::size_t shown = std::min<std::size_t>(finding.cases.size(), 3);
      for (std::size_t i = 0; i < shown; ++i) out += fmt::format("       in {}\n", finding.cases[i]);
      if (finding.cases.size() > shown) {
        out += fmt::format("       and {} more\n", counted(finding.cases.size() - shown, "case"));
      }
    }
  };
  if (changes.cut_off > 0) {
    out += fmt::format("  in {} rules are undecided, since what is broken there ends runs\n",
                       counted(changes.cut_off, "case"));
  }
  list("new ", changes.added);
  list("gone", changes.gone);
  return out;
}

}  // namespace quiesce::checker
