// What programs do, as formulas: every way through a program with the condition under which it is taken and the values
// that it gives to cells, over the state before (docs/semantics.md 4.1).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker/export/formulas.h"

namespace quiesce::checker {

inline constexpr std::size_t kMaxGuardedSteps = 50'000;

/// What has become of a step half way through its program, or at its end.
struct Way {
  std::size_t position = 0;
  std::map<std::uint32_t, model::ExprId> cells;  // new values, over the state before
  std::vector<model::ExprId> temps;
  model::ExprId guard;
  std::vector<GuardedCheck> checks;
  std::string error;  // the core rule that it breaks; then there is no state after it
  bool ended = false;
};

/// Who runs a program, and where.
struct Surroundings {
  std::uint32_t activation = 0;
  model::ExprId cpu;  // as a cell value; none where no program asks for it
};

class ProgramWays : private Formulas {
 public:
  /// `with_errors`: with the ways that break core rules.
  ProgramWays(const Formulas& formulas, bool with_errors);

  /// All ways through `program`, beginning with what `begin` already changed. `location`: the cell that says where the
  /// context is that runs it; none for actions.
  std::vector<Way> ways(const model::Program& program, Way begin, const Surroundings& around,
                        std::optional<model::CellId> location = std::nullopt);

  /// A formula over a state in which nobody runs a program.
  model::ExprId plain(model::ExprId id);

 private:
  using Done = std::unordered_map<std::uint32_t, model::ExprId>;  // rewritten, by what it was

  model::ExprId value_of(model::CellId id, const Way& way);
  model::ExprId load(const model::Place& place, const Way& way, const Surroundings& around, Done& done);
  model::ExprId rewrite(model::ExprId id, const Way& way, const Surroundings& around);
  model::ExprId rewrite(model::ExprId id, const Way& way, const Surroundings& around, Done& done);
  void run(const model::Program& program, Way way, const Surroundings& around, std::optional<model::CellId> location,
           std::vector<Way>& found);
  void finish(Way way, std::vector<Way>& found);
  void store(const model::Place& place, model::ExprId value, Way& way, const Surroundings& around);

  bool with_errors_;
  std::set<std::uint32_t> is_checked_;  // rules asked for
};

}  // namespace quiesce::checker
