#include "checker/swarm_parts.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "checker/evidence/replay.h"
#include "checker/result/text_hash.h"
#include "checker/search/swarm.h"
#include "model/system/print.h"

namespace quiesce::checker {
namespace {

/// Whether the interpreter can look at it at all: the sizes and numbers of a run from a file can be any.
bool fits(const model::TransitionSystem& system, const Run& run) {
  for (const model::State& state : run.states) {
    if (state.size() != system.cells.size()) return false;
    for (std::size_t cell = 0; cell < state.size(); ++cell) {
      if (state[cell] < system.cells[cell].lo || state[cell] > system.cells[cell].hi) return false;
    }
  }
  const bool known = std::all_of(run.steps.begin(), run.steps.end(), [&](const model::Step& step) {
    const bool acts = step.actor.kind == model::Actor::Kind::Act;
    return step.actor.index < (acts ? system.actions.size() : system.contexts.size());
  });
  return known && !run.states.empty() &&
         (run.states.size() == run.steps.size() + 1 || run.states.size() == run.steps.size());
}

std::optional<Finding> replayed(const model::TransitionSystem& system, const model::Interpreter& interpreter,
                                const SwarmFinding& written) {
  Finding finding;
  const auto rule = std::find_if(system.rules.begin(), system.rules.end(),
                                 [&](const model::Rule& one) { return one.name == written.rule; });
  if (rule == system.rules.end() || !fits(system, written.run)) return std::nullopt;
  finding.rule = model::RuleId(static_cast<std::size_t>(rule - system.rules.begin()));
  finding.violation.rule = finding.rule;
  finding.in_state = written.in_state;
  if (written.property) {
    if (*written.property >= system.properties.size()) return std::nullopt;
    finding.property = model::PropertyId(*written.property);
    finding.violation.property = *finding.property;
  }
  finding.run = written.run;
  if (auto found = replay(interpreter, finding)) return std::move(*found);
  return std::nullopt;
}

/// Of each rule the shortest, the shortest first.
template <class Found>
void keep_shortest(std::vector<Found>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Found& a, const Found& b) { return a.run.steps.size() < b.run.steps.size(); });
  std::vector<Found> kept;
  for (Found& finding : findings) {
    const bool known =
        std::any_of(kept.begin(), kept.end(), [&](const Found& one) { return one.rule == finding.rule; });
    if (!known) kept.push_back(std::move(finding));
  }
  findings = std::move(kept);
}

}  // namespace

std::string system_fingerprint(const model::TransitionSystem& system) { return text_hash(model::print_system(system)); }

SwarmPart part_of(const CheckCase& case_, const SearchOptions& options, const SearchResult& result,
                  SwarmDesign design) {
  SwarmPart part;
  part.design = std::move(design);
  part.design.title = case_.title;
  part.design.fingerprint = system_fingerprint(case_.system);
  part.seed = options.seed;
  part.part = options.part;
  part.parts = options.parts;
  part.searches = options.searches != 0 ? options.searches : kDefaultSearches;
  part.depth = options.limits.depth;
  part.done = result.searches_done;
  part.states = result.statistics.distinct_states;
  part.steps = result.statistics.generated_steps;
  part.deepest = result.statistics.depth;
  part.milliseconds =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(result.statistics.wall).count());
  for (const Finding& finding : result.findings) {
    if (finding.run.states.empty()) continue;
    SwarmFinding& written = part.findings.emplace_back();
    written.rule = case_.system.at(finding.rule).name;
    written.in_state = finding.in_state;
    if (finding.property) written.property = finding.property->value;
    written.run = finding.run;
  }
  return part;
}

SwarmPart joined(const SwarmPart& before, const SwarmPart& now) {
  SwarmPart part = now;
  part.done.clear();
  std::set_union(before.done.begin(), before.done.end(), now.done.begin(), now.done.end(),
                 std::back_inserter(part.done));
  part.states += before.states;
  part.steps += before.steps;
  part.deepest = std::max(part.deepest, before.deepest);
  part.milliseconds += before.milliseconds;
  part.findings = before.findings;
  part.findings.insert(part.findings.end(), now.findings.begin(), now.findings.end());
  keep_shortest(part.findings);
  return part;
}

model::Expected<void> are_one_swarm(const std::vector<SwarmPart>& parts, const std::vector<std::string>& names) {
  const SwarmPart& first = parts.front();
  std::map<std::uint32_t, std::size_t> present;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const SwarmPart& part = parts[i];
    const auto differs = [&](const std::string& what) {
      return model::unexpected(fmt::format("'{}' and '{}' are of different swarms: {}", names[0], names[i], what));
    };
    if (part.design.fingerprint != first.design.fingerprint) {
      return differs(part.design.title == first.design.title
                         ? fmt::format("the design of '{}' was changed in between", first.design.title)
                         : fmt::format("'{}' and '{}'", first.design.title, part.design.title));
    }
    if (part.seed != first.seed) return differs(fmt::format("seeds {} and {}", first.seed, part.seed));
    if (part.searches != first.searches) {
      return differs(fmt::format("{} and {} searches", first.searches, part.searches));
    }
    if (part.parts != first.parts) return differs(fmt::format("{} and {} parts", first.parts, part.parts));
    if (part.depth != first.depth) return differs("other bounds of depth");
    const auto [at, is_new] = present.try_emplace(part.part, i);
    if (!is_new) {
      return model::unexpected(fmt::format("'{}' and '{}' are both part {} of {}: leave out one", names[at->second],
                                           names[i], part.part, part.parts));
    }
  }
  std::string missing;
  std::size_t count = 0;
  for (std::uint32_t part = 1; part <= first.parts; ++part) {
    if (present.count(part) != 0) continue;
    if (++count <= 10) missing += (count == 1 ? "" : ", ") + std::to_string(part);
  }
  if (count == 0) return {};
  return model::unexpected(fmt::format("part{} {}{} of {} {} missing: give the files of all parts",
                                       count == 1 ? "" : "s", missing, count > 10 ? ", ..." : "", first.parts,
                                       count == 1 ? "is" : "are"));
}

model::Expected<SearchResult> merged(const model::TransitionSystem& system, const std::vector<SwarmPart>& parts) {
  Exploration facts;
  facts.storage = Storage::Bitstate;
  const model::Interpreter interpreter(system);
  for (const SwarmPart& part : parts) {
    for (const SwarmFinding& written : part.findings) {
      std::optional<Finding> finding = replayed(system, interpreter, written);
      if (!finding) {
        return model::unexpected(fmt::format("the run of part {} that breaks '{}' is none of '{}': the file is damaged",
                                             part.part, written.rule, part.design.title));
      }
      facts.findings.push_back(std::move(*finding));
    }
    facts.statistics.distinct_states += part.states;
    facts.statistics.generated_steps += part.steps;
    facts.statistics.depth = std::max(facts.statistics.depth, part.deepest);
    facts.statistics.wall += std::chrono::milliseconds(part.milliseconds);
    facts.searches_done.insert(facts.searches_done.end(), part.done.begin(), part.done.end());
  }
  keep_shortest(facts.findings);
  std::sort(facts.searches_done.begin(), facts.searches_done.end());
  facts.hunt =
      Hunt{Hunt::Kind::Swarm, facts.searches_done.size(), parts.front().searches, parts.front().seed, std::nullopt};
  return judge(system, std::move(facts));
}

}  // namespace quiesce::checker
