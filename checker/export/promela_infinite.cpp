// Rules about infinite runs for SPIN (docs/export.md, Infinite runs). The text has the steps of promela.cpp, and with
// each step what fairness needs: in turn each condition of fairness is waited for, as in the degeneralization of Büchi
// automata; a *round* has passed when all were met. Of what is owed a step strongly the run promises from some point
// on, which it chooses, either to take steps or never to owe one again (Streett acceptance as a Büchi automaton that
// guesses).
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

#include "checker/automata/translate.h"
#include "checker/export/formula_text.h"
#include "checker/export/never_claim.h"
#include "checker/export/promela_parts.h"
#include "checker/liveness/temporal_formula.h"
#include "model/base/patience.h"
#include "model/guarded/print.h"

namespace quiesce::checker {

using model::Actor;
using model::GuardedCommand;
using model::GuardedFairness;
using model::GuardedInfiniteRuns;
using model::GuardedTemporal;

namespace {

// Names of ours end in '_', which no name of a cell or condition does.
constexpr const char* kBetween = "between_";  // the system is in the middle of a step: the claim passes over it
constexpr const char* kRound = "round_";

class InfinitePromelaWriter {
 public:
  InfinitePromelaWriter(const GuardedInfiniteRuns& runs, const ExportOptions& options)
      : runs_(runs), options_(options), parts_(runs.guarded), text_(parts_.text()) {
    for (const GuardedFairness& one : runs.fairness) number_of_.insert({one.taker, number_of_.size() + 1});
    promises_ = std::any_of(runs.fairness.begin(), runs.fairness.end(),
                            [](const GuardedFairness& one) { return one.is_strong; });
    // Without a condition only what is from some point on tells a run that continues from one that is cut off.
    has_point_ = promises_ || !runs.sporadic.empty() || runs.fairness.empty();
  }

  std::string write() {
    const std::string process = system();  // first: it makes scratch variables
    std::string claims;
    for (const GuardedTemporal& temporal : runs_.temporal) claims += claim(temporal);
    return head() + parts_.variables() + own_variables() + "\n" + parts_.conditions() + round() + "\n" + process +
           claims;
  }

 private:
  // ------------------------------------------------------------------------------------------- the head

  std::string head() const {
    std::string out = fmt::format("/* {}\n", harmless(options_.origin));
    out +=
        " * Written by quiesce export --infinite; what its parts mean is in docs/export.md.\n"
        " *\n"
        " *   spin -o2 -a FILE.pml\n"
        " *   cc -O2 -DNOREDUCE -o pan pan.c && ./pan -a -E -m10000000 -w24 -N CLAIM\n"
        " *\n"
        " * An acceptance cycle is a fair run that breaks the rule. The claims:\n";
    for (const auto& [name, rule] : claims_) out += fmt::format(" *   {}: {}\n", name, harmless(rule));
    for (const std::string& left_out : left_out_) out += fmt::format(" * Not in this text: {}.\n", harmless(left_out));
    for (const model::RuleId rule : runs_.always_possible) {
      out += fmt::format(" * Not in this text, since SPIN has no such question: {}.\n",
                         harmless(runs_.guarded.system.at(rule).name));
    }
    return out + " */\n\n";
  }

  std::string own_variables() const {
    std::string out =
        fmt::format("bit {} = {}; /* in the middle of a step, or where no initial state is chosen yet */\n", kBetween,
                    runs_.guarded.initial.size() > 1 ? 1 : 0);
    if (!runs_.fairness.empty()) {
      out += fmt::format("{} = 0; /* whose step it is; 0 between steps */\n", promela_variable("took_", 0, takers()));
      out += fmt::format("{} = 0; /* conditions of fairness that were met in this round */\n",
                         promela_variable("met_", 0, conditions()));
    }
    if (has_point_) out += "bit from_here_ = 0; /* the point is passed from which the run keeps its promises */\n";
    for (std::size_t i = 0; i < runs_.fairness.size(); ++i) {
      if (runs_.fairness[i].is_strong)
        out += fmt::format("bit {} = 0; /* {} is true no more */\n", promise(i), owed(i));
    }
    return out;
  }

  std::string round() const {
    const std::string met = runs_.fairness.empty() ? "from_here_" : fmt::format("(met_ == {})", conditions());
    return fmt::format("/* every condition of fairness was met once more */\n#define {} {}\n", kRound, met);
  }

  // ----------------------------------------------------------------------------------------- the system

  std::int64_t conditions() const { return static_cast<std::int64_t>(runs_.fairness.size()); }
  std::int64_t takers() const { return static_cast<std::int64_t>(number_of_.size()); }
  static std::string promise(std::size_t condition) { return fmt::format("promise_{}_", condition); }
  std::string owed(std::size_t condition) const { return text_.truth(runs_.fairness[condition].owed); }

  std::string system() {
    std::string out = "active proctype system() {\n" + parts_.startstates(fmt::format("{} = 0", kBetween));
    out += "  do\n  :: atomic {\n     if\n";
    for (const GuardedCommand& command : runs_.guarded.commands) out += step(command);
    if (runs_.guarded.commands.empty()) out += "     :: false -> skip\n";
    out += "     fi;\n" + after_step() + "     }\n" + promise_now() + stop();
    out += "  :: else -> goto over /* a core rule ends the run */\n  od;\n";
    out += fmt::format("over:\n  skip;\n  d_step {{ {} = 0{}{} }};\n", kBetween,
                       runs_.fairness.empty() ? "" : "; met_ = 0", has_point_ ? "; from_here_ = 0" : "");
    return out +
           fmt::format("  do\n  :: {} == 0\n  od;\nstopped:\n  do\n  :: {} == 0\n  od\n}}\n\n", kBetween, kBetween);
  }

  std::string step(const GuardedCommand& command) {
    model::ask_patience();
    if (command.ends_run) return "";
    const Actor taker = taker_of(command);
    const bool is_sporadic = std::find(runs_.sporadic.begin(), runs_.sporadic.end(), taker) != runs_.sporadic.end();
    const auto number = number_of_.find(taker);
    return fmt::format("     /* {} */\n     :: {}{} -> d_step {{ {} = 1; {}{} }}\n",
                       harmless(name_of(runs_.guarded, command, options_.sources)),
                       is_sporadic ? "!from_here_ && " : "", text_.truth(command.guard), kBetween,
                       number == number_of_.end() ? "" : fmt::format("took_ = {}; ", number->second),
                       parts_.assign(command.updates));
  }

  /// What follows each step: contexts float, the least renaming is taken, conditions of fairness are counted.
  std::string after_step() {
    std::string out = "     d_step {\n" + parts_.settle();
    if (!runs_.fairness.empty()) {
      out += fmt::format("       if :: met_ == {} -> met_ = 0 :: else -> skip fi;\n", conditions());
      out += promises_ ? "       if\n       :: from_here_ ->\n" : "";
      for (std::size_t i = 0; i < runs_.fairness.size(); ++i) out += count(i);
      out += promises_ ? "       skip\n       :: else -> skip\n       fi;\n" : "";
      out += "       took_ = 0;\n";
    }
    if (!promises_) return out + fmt::format("       {} = 0\n     }}\n", kBetween);
    out += "       skip\n     };\n";
    std::string broken;
    for (std::size_t i = 0; i < runs_.fairness.size(); ++i) {
      if (!runs_.fairness[i].is_strong) continue;
      broken += fmt::format("{}({} && {})", broken.empty() ? "" : " || ", promise(i), owed(i));
    }
    return out + fmt::format("     if :: {} -> goto over :: else -> {} = 0 fi\n", broken, kBetween);
  }

  std::string count(std::size_t condition) const {
    const GuardedFairness& one = runs_.fairness[condition];
    const std::string or_else = one.is_strong ? promise(condition) : fmt::format("!({})", owed(condition));
    return fmt::format("       if :: met_ == {} && (took_ == {} || {}) -> met_ = {} :: else -> skip fi;\n", condition,
                       number_of_.at(one.taker), or_else, condition + 1);
  }

  std::string promise_now() const {
    if (!has_point_) return "";
    std::string out = fmt::format(
        "  :: atomic {{ /* from here on promises are kept */\n     d_step {{ !from_here_ -> from_here_ = 1; {} = 1 "
        "}};\n",
        kBetween);
    for (std::size_t i = 0; i < runs_.fairness.size(); ++i) {
      if (!runs_.fairness[i].is_strong) continue;
      out += fmt::format("     if :: !({}) -> {} = 1 :: true -> skip fi;\n", owed(i), promise(i));
    }
    return out + "     skip\n     }\n";
  }

  /// The run stops: its last state repeats, without events.
  std::string stop() const {
    std::string then = fmt::format("{} = 0", kBetween);
    if (!runs_.fairness.empty()) then += fmt::format("; met_ = {}", conditions());
    if (has_point_) then += "; from_here_ = 1";
    for (std::size_t i = 0; i < runs_.fairness.size(); ++i) {
      if (runs_.fairness[i].is_strong) then += fmt::format("; {} = 0", promise(i));
    }
    for (const model::CellId cell : runs_.observers) {
      if (!runs_.guarded.constant[cell.value]) then += fmt::format("; {} = 0", text_.name(cell));
    }
    return fmt::format("  :: d_step {{ {} -> {} }} -> goto stopped\n", text_.truth(runs_.may_stop), then);
  }

  // ----------------------------------------------------------------------------------------- the claims

  std::string claim(const GuardedTemporal& temporal) {
    model::ask_patience();
    const model::TemporalProperty& property = runs_.guarded.system.temporal[temporal.property];
    const std::string rule =
        runs_.guarded.system.at(property.rule).name + (property.message.empty() ? "" : ", " + property.message);
    FormulaTable table;
    model::TemporalProperty with_formulas = property;
    with_formulas.formula = temporal.formula;
    const FormulaWithAtoms wanted = formula_of(with_formulas, table);
    Translation negated;
    negated.is_too_large = wanted.atoms.size() > 64;
    if (!negated.is_too_large) {
      negated = translate(table, table.negation(wanted.formula), static_cast<std::uint32_t>(wanted.atoms.size()));
    }
    if (negated.is_too_large) {
      left_out_.push_back(rule + ", whose formula is too large");
      return "";
    }
    const std::string name = name_of_claim(runs_.guarded.system.at(property.rule).name);
    claims_.push_back({name, rule});
    std::string out = fmt::format("/* {} */\n", harmless(rule));
    std::vector<std::string> atoms;
    for (const model::ExprId atom : wanted.atoms) {
      atoms.push_back(fmt::format("{}{}_", name, atoms.size()));
      out += fmt::format("#define {} {}\n", atoms.back(), text_.truth(atom));
    }
    return out + never_claim(name, negated.automaton, atoms, kBetween, kRound) + "\n";
  }

  std::string name_of_claim(const std::string& rule) {
    std::string base;
    for (const char c : rule) base += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    std::string name = base + "_";
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{}_{}_", base, i);
    return name;
  }

  const GuardedInfiniteRuns& runs_;
  const ExportOptions& options_;
  PromelaParts parts_;
  const FormulaText& text_;
  std::map<Actor, std::size_t> number_of_;                   // of takers that are owed anything, from 1
  bool promises_ = false;                                    // something is owed strongly
  bool has_point_ = false;                                   // a run has a point from which it keeps what it promises
  std::set<std::string> names_;                              // of claims
  std::vector<std::pair<std::string, std::string>> claims_;  // with the rule
  std::vector<std::string> left_out_;
};

}  // namespace

std::string promela_of_infinite_runs(const GuardedInfiniteRuns& runs, const ExportOptions& options) {
  return InfinitePromelaWriter(runs, options).write();
}

}  // namespace quiesce::checker
