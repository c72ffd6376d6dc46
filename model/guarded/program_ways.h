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

#include "model/guarded/formulas.h"

namespace quiesce::model {

inline constexpr std::size_t kMaxGuardedCommands = 50'000;

/// What has become of a step half way through its program, or at its end.
struct Way {
  std::size_t position = 0;
  std::map<std::uint32_t, ExprId> cells;  // new values, over the state before
  std::vector<ExprId> temps;
  ExprId guard;
  std::vector<std::int64_t> choices;  // as in Step
  std::vector<bool> counted;
  std::vector<GuardedCheck> checks;
  std::optional<Violation> ends_run;  // the core rule that it breaks; then there is no state after it
  bool ended = false;
};

/// The activation that runs a program, and its CPU.
struct Surroundings {
  std::uint32_t activation = 0;
  ExprId cpu;  // as a cell value; none where no program asks for it
};

class ProgramWays : private Formulas {
 public:
  /// `with_errors`: with the ways that break core rules.
  ProgramWays(const Formulas& formulas, bool with_errors);

  /// All ways through `program`, beginning with what `begin` already changed. `location`: the cell that says where the
  /// context is that runs it; none for actions.
  std::vector<Way> ways(const Program& program, Way begin, const Surroundings& around,
                        std::optional<CellId> location = std::nullopt);

  /// A formula of the system that stands in no program.
  ExprId plain(ExprId id) { return value(id, {}); }

  /// The value of an expression as the executing context sees it, before its step.
  ExprId value(ExprId id, const Surroundings& around);

 private:
  using Done = std::unordered_map<std::uint32_t, ExprId>;  // rewritten, by what it was

  ExprId value_of(CellId id, const Way& way);
  ExprId load(const Place& place, const Way& way, const Surroundings& around, Done& done);
  ExprId rewrite(ExprId id, const Way& way, const Surroundings& around);
  ExprId rewrite(ExprId id, const Way& way, const Surroundings& around, Done& done);
  void run(const Program& program, Way way, const Surroundings& around, std::optional<CellId> location,
           std::vector<Way>& found);
  void finish(Way way, std::vector<Way>& found);
  void store(const Place& place, ExprId value, Way& way, const Surroundings& around);

  bool with_errors_;
  std::set<std::uint32_t> is_checked_;  // rules asked for
};

}  // namespace quiesce::model
