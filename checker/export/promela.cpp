// Promela, as SPIN reads it: conditions are macros, each step is an option of one loop. What follows every step stands
// once, behind the options, inside the same atomic sequence: so no state in between is stored.
#include <fmt/format.h>

#include "checker/export/formula_text.h"
#include "checker/export/promela_parts.h"
#include "model/base/patience.h"
#include "model/guarded/print.h"

namespace quiesce::checker {

using namespace model;

namespace {

class PromelaWriter {
 public:
  PromelaWriter(const GuardedSystem& system, const ExportOptions& options)
      : system_(system), options_(options), parts_(system), text_(parts_.text()) {}

  std::string write() {
    settles_ = !system_.floats.empty() || !system_.renamings.empty();
    for (const GuardedCommand& command : system_.commands) body(command);
    const std::string after = settle();
    head();
    out_ += parts_.variables() + "\n" + parts_.conditions();
    out_ += "\nactive proctype system() {\n" + parts_.startstates();
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
      body.statements += parts_.assign(command.updates);
    } else {
      body.statements += fmt::format("assert(false) /* {} */", harmless(name_of(system_, *command.ends_run)));
    }
    bodies_.push_back(std::move(body));
  }

  std::string settle() {
    if (!settles_) return "";
    return "     /* What is pinned without a reason floats (3.6); of all states that differ by a renaming of CPUs and\n"
           "      * activations only (6) the least is taken. */\n     d_step {\n" +
           parts_.settle() + "       skip\n     }\n";
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
  PromelaParts parts_;
  const FormulaText& text_;
  bool settles_ = false;
  std::vector<Body> bodies_;
  std::string out_;
};

}  // namespace

std::string promela_text(const GuardedSystem& system, const ExportOptions& options) {
  return PromelaWriter(system, options).write();
}

}  // namespace quiesce::checker
