// Murphi, as Rumur reads it: conditions are functions, each step is a rule, and a procedure does what follows every
// step.
#include <algorithm>

#include <fmt/format.h>

#include "checker/export/formula_text.h"
#include "model/base/patience.h"
#include "model/guarded/print.h"

namespace quiesce::checker {

using namespace model;

namespace {

class MurphiWriter {
 public:
  MurphiWriter(const GuardedSystem& system, const ExportOptions& options)
      : system_(system), options_(options), text_(system, ExportLanguage::Murphi) {}

  std::string write() {
    head();
    variables();
    for (const NamedCondition& condition : system_.conditions) {
      out_ += fmt::format("-- {}\nfunction {}(): boolean;\nbegin\n  return {};\nend;\n\n", harmless(condition.comment),
                          condition.name, text_.truth(condition.formula));
    }
    settle();
    startstates();
    for (const GuardedCommand& command : system_.commands) rule(command);
    if (!options_.count) properties();
    return std::move(out_);
  }

 private:
  void head() {
    out_ += fmt::format("-- {}\n", harmless(options_.origin));
    out_ +=
        "-- Written by quiesce export; what its parts mean is in docs/export.md.\n"
        "--\n"
        "--   rumur --symmetry-reduction off --value-type int32_t --deadlock-detection "
        "DEADLOCK --output model.c FILE.m\n"
        "--   cc -O3 -march=native -o model model.c -lpthread && ./model\n";
    const std::string deadlock = !options_.count && system_.deadlock_free ? "stuck" : "off";
    out_.replace(out_.find("DEADLOCK"), 8, deadlock);
    for (const RuleId rule : system_.left_out) {
      if (!options_.count) out_ += fmt::format("-- Not in this text: {}.\n", system_.system.at(rule).name);
    }
    out_ += "\n";
  }

  void variables() {
    out_ += "var\n";
    bool any = false;
    for (std::size_t i = 0; i < system_.system.cells.size(); ++i) {
      if (system_.constant[i]) continue;
      const Cell& cell = system_.system.cells[i];
      out_ += fmt::format("  {}: {} .. {}; -- {}\n", text_.name(CellId(i)), cell.lo, cell.hi, harmless(cell.name));
      any = true;
    }
    // A model without a variable is none.
    if (!any) out_ += "  nothing: 0 .. 0;\n";
    has_cells_ = any;
    out_ += "\n";
  }

  void assign(const std::vector<Update>& assigns, const std::string& indent) {
    for (const OrderedAssign& one : in_order(system_, assigns)) {
      out_ += fmt::format("{}{} := {};\n", indent, text_.target(one), text_.source(one));
    }
  }

  /// "var t0: 0 .. 3;" for the scratch variables of each of `all`.
  void scratch(const std::vector<std::vector<Update>>& all, const std::string& extra = "") {
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
    for (const auto& assigns : all) {
      for (const OrderedAssign& one : in_order(system_, assigns)) {
        if (!one.to_scratch) continue;
        const Cell& cell = system_.system.at(one.cell);
        if (one.scratch >= ranges.size()) ranges.resize(one.scratch + 1, {cell.lo, cell.hi});
        ranges[one.scratch].first = std::min(ranges[one.scratch].first, cell.lo);
        ranges[one.scratch].second = std::max(ranges[one.scratch].second, cell.hi);
      }
    }
    if (!ranges.empty() || !extra.empty()) out_ += "var\n" + extra;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      out_ += fmt::format("  t{}: {} .. {};\n", i, ranges[i].first, ranges[i].second);
    }
  }

  void settle() {
    settles_ = !system_.floats.empty() || !system_.renamings.empty();
    if (!settles_) return;
    out_ +=
        "-- After every step: what is pinned without a reason floats (3.6); of all states that differ by a renaming "
        "of\n"
        "-- CPUs and activations only (6) the least is taken.\nprocedure settle();\n";
    std::size_t most = 0;
    for (const GuardedRenaming& renaming : system_.renamings) most = std::max(most, renaming.updates.size());
    std::string extra;
    if (!system_.renamings.empty()) extra += "  again: boolean;\n  order: 0 .. 2; -- 1: less, 2: greater\n";
    for (std::size_t i = 0; i < most; ++i) {
      std::int64_t lo = 0, hi = 0;
      for (const GuardedRenaming& renaming : system_.renamings) {
        if (i >= renaming.updates.size()) continue;
        const Cell& cell = system_.system.at(renaming.updates[i].cell);
        lo = std::min(lo, cell.lo);
        hi = std::max(hi, cell.hi);
      }
      extra += fmt::format("  new{}: {} .. {};\n", i, lo, hi);
    }
    scratch({system_.floats}, extra);
    out_ += "begin\n";
    assign(system_.floats, "  ");
    if (!system_.renamings.empty()) {
      out_ += "  again := true;\n  while again do\n    again := false;\n";
      for (const GuardedRenaming& renaming : system_.renamings) rename(renaming);
      out_ += "  end;\n";
    }
    out_ += "end;\n\n";
  }

  /// Small statements rather than one formula: Rumur's time grows fast with the depth of a formula.
  void rename(const GuardedRenaming& renaming) {
    out_ += "    order := 0;\n";
    for (std::size_t i = 0; i < renaming.updates.size(); ++i) {
      const std::string& old_value = text_.name(renaming.updates[i].cell);
      out_ += fmt::format("    new{} := {};\n", i, text_.number(renaming.updates[i].value));
      out_ += fmt::format(
          "    if order = 0 then\n      if new{0} < {1} then order := 1; elsif new{0} > {1} then order := 2; end;\n    "
          "end;\n",
          i, old_value);
    }
    out_ += "    if order = 1 then\n";
    for (std::size_t i = 0; i < renaming.updates.size(); ++i) {
      out_ += fmt::format("      {} := new{};\n", text_.name(renaming.updates[i].cell), i);
    }
    out_ += "      again := true;\n    end;\n";
  }

  void startstates() {
    for (std::size_t s = 0; s < system_.initial.size(); ++s) {
      out_ += fmt::format("startstate \"{}\"\nbegin\n", s + 1);
      for (std::size_t i = 0; i < system_.system.cells.size(); ++i) {
        if (!system_.constant[i]) out_ += fmt::format("  {} := {};\n", text_.name(CellId(i)), system_.initial[s][i]);
      }
      if (!has_cells_) out_ += "  nothing := 0;\n";
      out_ += "end;\n\n";
    }
  }

  void rule(const GuardedCommand& command) {
    ask_patience();
    out_ += fmt::format("rule \"{}\"\n  {}\n==>\n", harmless(name_of(system_, command, options_.sources)),
                        text_.truth(command.guard));
    scratch({command.updates});
    out_ += "begin\n";
    if (!options_.count) {
      for (const GuardedCheck& check : command.checks) {
        out_ += fmt::format("  if !({}) then error \"{}\"; end;\n", text_.truth(check.holds),
                            harmless(name_of(system_, check.broken)));
      }
    }
    if (command.ends_run) {
      out_ += fmt::format("  error \"{}\";\n", harmless(name_of(system_, *command.ends_run)));
    } else {
      assign(command.updates, "  ");
      if (settles_) out_ += "  settle();\n";
    }
    out_ += "end;\n\n";
  }

  void properties() {
    for (const GuardedProperty& property : system_.invariants) {
      out_ +=
          fmt::format("invariant \"{}\" {};\n\n", harmless(name_of(system_, property)), text_.truth(property.formula));
    }
    for (const GuardedProperty& property : system_.reachable) {
      out_ += fmt::format("cover \"{}\" {};\n\n", harmless(name_of(system_, property)), text_.truth(property.formula));
    }
    if (system_.deadlock_free) {
      out_ += fmt::format("-- No deadlock: every thread has ended.\nrule \"all have ended\" {} ==> begin end;\n\n",
                          text_.truth(system_.all_ended));
    }
  }

  const GuardedSystem& system_;
  const ExportOptions& options_;
  FormulaText text_;
  bool has_cells_ = true;
  bool settles_ = false;
  std::string out_;
};

}  // namespace

std::string murphi_text(const GuardedSystem& system, const ExportOptions& options) {
  return MurphiWriter(system, options).write();
}

}  // namespace quiesce::checker
