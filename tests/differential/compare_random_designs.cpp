#include "tests/differential/compare_random_designs.h"

#include <gtest/gtest.h>

#include <sstream>

#include "model/system/validate.h"
#include "tests/differential/designs.h"
#include "tests/differential/engines_agree.h"

namespace quiesce {

namespace {

/// A question about one rule only, now and then: slicing then finds more to leave out.
void ask(DesignCase& cell, std::uint64_t turn) {
  if (turn % 4 != 3 || cell.system.checked.empty()) return;
  cell.system.checked = {cell.system.checked[turn / 4 % cell.system.checked.size()]};
}

/// What is wrong with the cells of a text; empty when nothing is, or when it is no design.
std::string difference_of(const std::string& text, std::uint64_t max_states, std::size_t one_of, std::uint64_t turn) {
  std::string problem;
  for (DesignCase& cell : cases_of_text("random.qsm", text, &problem)) {
    ask(cell, turn);
    const std::string difference = engines_agree(cell.system, max_states, one_of, turn).difference;
    if (!difference.empty()) return difference;
  }
  return "";
}

}  // namespace

RandomDesignTotals compare_random_designs(std::uint64_t first_seed, int count, int size, std::uint64_t max_states,
                                          std::size_t one_of, DesignMaker make) {
  RandomDesignTotals totals;
  int failures = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + static_cast<std::uint64_t>(count) && failures < 3; ++seed) {
    const auto began = std::chrono::steady_clock::now();
    const DesignLines lines = make(seed, size);
    const std::string text = text_of(lines);
    ++totals.designs;
    std::string problem;
    std::vector<DesignCase> cells = cases_of_text("random.qsm", text, &problem);
    if (cells.empty()) {
      ++totals.refused;
      continue;
    }
    for (const std::string& feature : features_of(text)) ++totals.features[feature];
    for (DesignCase& cell : cells) {
      ask(cell, seed);
      const std::vector<std::string> broken = model::validate(cell.system);
      EXPECT_TRUE(broken.empty()) << "seed " << seed << ", size " << size << ": " << broken.front();
      if (!broken.empty()) {
        ++failures;
        break;
      }
      const Agreement agreement = engines_agree(cell.system, max_states, one_of, seed);
      ++(agreement.compared ? totals.compared : totals.too_large);
      if (agreement.compared) ++(agreement.findings > 0 ? totals.violated : totals.quiet);
      totals.stuck += agreement.is_stuck;
      totals.states += agreement.distinct_states;
      totals.steps += agreement.generated_steps;
      totals.searches += agreement.searches;
      for (const auto& [verdict, rules] : agreement.verdicts) totals.verdicts[verdict] += rules;
      if (agreement.difference.empty()) continue;
      ++failures;
      const DesignLines small = shrink(lines, [&](const std::string& candidate) {
        return !difference_of(candidate, max_states, one_of, seed).empty();
      });
      ADD_FAILURE() << "seed " << seed << ", size " << size << ", " << cell.title << ":\n"
                    << agreement.difference << "made small:\n"
                    << text_of(small) << difference_of(text_of(small), max_states, one_of, seed);
      break;
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    if (took > totals.slowest) {
      totals.slowest = took;
      totals.slowest_seed = seed;
    }
  }
  return totals;
}

std::string text_of(const RandomDesignTotals& totals) {
  std::ostringstream text;
  text << totals.designs << " designs, " << totals.refused << " refused; cells: " << totals.compared << " compared ("
       << totals.violated << " with violations, " << totals.stuck << " stuck, " << totals.quiet << " without), "
       << totals.too_large << " too large; " << totals.states << " states, " << totals.steps << " steps, "
       << totals.searches << " searches; the slowest, seed " << totals.slowest_seed << ", took "
       << totals.slowest.count() << " ms\n";
  text << "rules:";
  for (const auto& [verdict, count] : totals.verdicts) text << ' ' << count << ' ' << verdict << ';';
  text << "\n";
  for (const auto& [feature, count] : totals.features) text << feature << ' ' << count << "; ";
  text << "\n";
  return text.str();
}

}  // namespace quiesce
