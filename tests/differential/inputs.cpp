#include "tests/differential/inputs.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "tests/differential/designs.h"
#include "tests/differential/random_design.h"

namespace quiesce {

void for_each_random_system(
    std::uint64_t first_seed, int count, int size,
    const std::function<bool(const std::string&, const model::TransitionSystem&, std::uint64_t)>& compare,
    ConditionKind kind) {
  for (std::uint64_t seed = first_seed; seed < first_seed + static_cast<std::uint64_t>(count); ++seed) {
    if (!compare(fmt::format("seed {}, size {}", seed, size), random_system(seed, size, kind), seed)) return;
  }
}

void for_each_random_design(std::uint64_t first_seed, int count, int size, DesignMaker make,
                            const CompareOne& compare) {
  for (std::uint64_t seed = first_seed; seed < first_seed + static_cast<std::uint64_t>(count); ++seed) {
    const std::string text = text_of(make(seed, size));
    std::string problem;
    for (const DesignCase& cell : cases_of_text("random.qsm", text, &problem)) {
      if (!compare(fmt::format("seed {}, size {}, {}\n{}", seed, size, cell.title, text), cell.system)) return;
    }
  }
}

void for_each_design(const std::string& folder, std::size_t cells, const CompareOne& compare) {
  for (const std::string& file : design_files(folder)) {
    std::string problem;
    const std::vector<DesignCase> all = design_cases(file, &problem);
    for (std::size_t i = 0; i < std::min(cells, all.size()); ++i) {
      if (!compare(all[i].title, all[i].system)) return;
    }
  }
}

}  // namespace quiesce
