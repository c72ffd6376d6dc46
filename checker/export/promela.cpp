// Promela, as SPIN reads it: conditions are macros, each step is an option of one loop. What follows every step stands
// once, behind the options, inside the same atomic sequence: so no state in between is stored.
#include <algorithm>

#include <fmt/format.h>

#include "checker/export/formula_text.h"
#include "model/base/patience.h"
#include "model/guarded/print.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// The bits that the numbers 0..hi need.
int bits_for(std::int64_t hi) {
  int bits = 1;
  while (hi >> bits != 0) ++bits;
  return bits;
}

class PromelaWriter {
 public:
  PromelaWriter(const GuardedSystem& system, const ExportOptions& options)
      : system_(system), options_(options), text_(system, ExportLanguage::Promela) {}

  std::string write() {
    settles_ = !system_.floats.empty() || !system_.renamings.empty();
    for (const GuardedCommand& command : system_.commands) body(command);
    const std::string after = settle();
    head();
    variables();
    for (const NamedCondition& condition : system_.conditions) {
      out_ += fmt::format("/* {} */\n#define {} {}\n", harmless(condition.comment), condition.name,
                          text_.truth(condition.formula));
    }
    out_ += "\nactive proctype system() {\n";
    startstates();
    const bool deadlocks = !options_.count && system_.deadlock_free;
    // The label tells SPIN that coming to rest here is no mistake.
    out_ += deadlocks ? "  do\n" : "end_anywhere:\n  do\n";
    if (settles_) out_ += "  :: atomic {\n     if\n";
    for (const auto& [comment, guard, statements] : bodies_) {
      if (settles_) {
        out_ += fmt::format("     /* {} */\n     :: {} -> d_step {{ {} }}\n", comment, guard, statements);
      } else {
        out_ += fmt::format("  /* {} */\n  :: d_step {{ {} -> {} }}\n", comment, guard, statements);
      }
    }
    if (bodies_.empty()) out_ += settles_ ? "     :: false -> skip\n" : "  :: d_step { false -> skip }\n";
    if (settles_) out_ += "     fi;\n" + after + "     }\n";
    if (!options_.count) properties();
    out_ += "  od\n}\n";
    return std::move(out_);
  }

 private:
  struct Body {
    std::string comment;
    std::string guard;
    std::string statements;
  };

  void head() {
    out_ += fmt::format("/* {}\n", harmless(options_.origin));
    out_ +=
        " * Written by quiesce export; what its parts mean is in docs/export.md.\n"
        " *\n"
        " *   spin -o2 -a FILE.pml    (-o2: variables that are only written belong to the state)\n"
        " *   cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m10000000 -w24";
    out_ += options_.count ? " -E\n" : "\n";
    if (system_.initial.size() > 1) out_ += " * It stores one state more: the one before an initial state is chosen.\n";
    for (const RuleId rule : system_.left_out) {
      if (!options_.count) out_ += fmt::format(" * Not in this text: {}.\n", system_.system.at(rule).name);
    }
    if (!options_.count) {
      for (const GuardedProperty& property : system_.reachable) {
        out_ += fmt::format(" * Not in this text, since SPIN has no such question: reachable {}: {}\n",
                            harmless(name_of(system_, property)), harmless(text_.truth(property.formula)));
      }
    }
    out_ += " */\n\n";
  }

  void variables() {
    bool any = false;
    for (std::size_t i = 0; i < system_.system.cells.size(); ++i) {
      if (system_.constant[i]) continue;
      const Cell& cell = system_.system.cells[i];
      const std::string& name = text_.name(CellId(i));
      std::string type = "int " + name;
      if (cell.lo >= 0 && cell.hi <= 1) {
        type = "bit " + name;
      } else if (cell.lo >= 0 && cell.hi < (1 << 16)) {
        type = fmt::format("unsigned {} : {}", name, bits_for(cell.hi));
      } else if (cell.lo >= -32768 && cell.hi <= 32767) {
        type = "short " + name;
      }
      out_ += fmt::format("{} = {}; /* {} */\n", type, system_.initial.front()[i], harmless(cell.name));
      any = true;
    }
    if (!any) out_ += "bit nothing;\n";
    // Not 'hidden', with which SPIN could not search breadth first: 0 again after each use.
    for (std::size_t i = 0; i < scratch_.size(); ++i) {
      out_ += scratch_[i] < 0 ? fmt::format("int t{};\n", i) : fmt::format("unsigned t{} : {};\n", i, scratch_[i]);
    }
    out_ += "\n";
  }

  std::string assign(const std::vector<Update>& assigns, const std::string& separator = "; ") {
    std::string result;
    for (const OrderedAssign& one : in_order(system_, assigns)) {
      if (!result.empty()) result += separator;
      result += fmt::format("{} = {}", text_.target(one), text_.source(one));
      if (one.to_scratch) {
        const Cell& cell = system_.system.at(one.cell);
        if (one.scratch >= scratch_.size()) scratch_.resize(one.scratch + 1, 1);
        int& bits = scratch_[one.scratch];
        bits = bits < 0 || cell.lo < 0 || cell.hi >= (1 << 16) ? -1 : std::max(bits, bits_for(cell.hi));
      }
      if (!one.value.valid()) result += fmt::format("{}t{} = 0", separator, one.scratch);
    }
    return result.empty() ? "skip" : result;
  }

  void body(const GuardedCommand& command) {
    ask_patience();
    Body body{harmless(name_of(system_, command, options_.sources)), text_.truth(command.guard), ""};
    if (!options_.count) {
      for (const GuardedCheck& check : command.checks) {
        body.statements +=
            fmt::format("assert({}) /* {} */; ", text_.truth(check.holds), harmless(name_of(system_, check.broken)));
      }
    }
    if (!command.ends_run) {
      body.statements += assign(command.updates);
    } else {
      body.statements += fmt::format("assert(false) /* {} */", harmless(name_of(system_, *command.ends_run)));
    }
    bodies_.push_back(std::move(body));
  }

  std::string settle() {
    if (!settles_) return "";
    std::string result =
        "     /* What is pinned without a reason floats (3.6); of all states that differ by a renaming of CPUs and\n"
        "      * activations only (6) the least is taken. */\n     d_step {\n";
    if (!system_.floats.empty()) result += "       " + assign(system_.floats, ";\n       ") + ";\n";
    if (!system_.renamings.empty()) {
      result += "       do\n";
      for (const GuardedRenaming& renaming : system_.renamings) {
        result += fmt::format("       :: {} -> {}\n", text_.truth(renaming.is_less), assign(renaming.updates));
      }
      result += "       :: else -> break\n       od;\n";
    }
    return result + "       skip\n     }\n";
  }

  void startstates() {
    if (system_.initial.size() < 2) return;
    out_ += "  if\n";
    for (const State& state : system_.initial) {
      std::string statements;
      for (std::size_t i = 0; i < state.size(); ++i) {
        if (state[i] == system_.initial.front()[i]) continue;
        statements += fmt::format("{}{} = {}", statements.empty() ? "" : "; ", text_.name(CellId(i)), state[i]);
      }
      out_ += fmt::format("  :: d_step {{ true -> {} }}\n", statements.empty() ? "skip" : statements);
    }
    out_ += "  fi;\n";
  }

  void properties() {
    for (const GuardedProperty& property : system_.invariants) {
      out_ += fmt::format("  /* {} */\n  :: d_step {{ !({}) -> assert(false) }}\n",
                          harmless(name_of(system_, property)), text_.truth(property.formula));
    }
    if (system_.deadlock_free) {
      out_ += fmt::format("  /* No deadlock: every thread has ended. */\n  :: d_step {{ {} -> skip }}\n",
                          text_.truth(system_.all_ended));
    }
  }

  const GuardedSystem& system_;
  const ExportOptions& options_;
  FormulaText text_;
  bool settles_ = false;
  std::vector<int> scratch_;  // bits of each scratch variable; -1: not a small number
  std::vector<Body> bodies_;
  std::string out_;
};

}  // namespace

std::string promela_text(const GuardedSystem& system, const ExportOptions& options) {
  return PromelaWriter(system, options).write();
}

}  // namespace quiesce::checker
