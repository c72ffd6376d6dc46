// How many pairs of steps commute by their meaning, as Z3 sees it, beyond those that touch no common cell: what a
// reduction could gain by asking (docs/engines.md). An experiment; no search uses it.
//
//     independence FILE...    one line of a Markdown table for the first case of the first check of each file
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "checker/load.h"
#include "checker/result/search_control.h"
#include "checker/smt/initial_solver.h"
#include "checker/smt/smtlib_text.h"
#include "checker/smt/solver.h"
#include "model/guarded/number_width.h"
#include "model/system/traverse.h"

namespace {

using namespace quiesce;
using namespace quiesce::checker;
using namespace quiesce::model;

constexpr std::chrono::milliseconds kPatience{50};
constexpr std::size_t kMostPairs = 4'000;  // asked of one design

/// A command without what the scheduler demands: that a step may have to wait for a CPU is not a matter of its program.
struct Step {
  const GuardedCommand* command = nullptr;
  std::vector<ExprId> guard;  // conjuncts
  std::set<CellId> reads;
  std::set<CellId> writes;
};

class Pairs {
 public:
  explicit Pairs(const GuardedSystem& guarded)
      : guarded_(guarded), width_(number_width(guarded)), control_(Limits{}, nullptr) {
    for (const Context& context : guarded.system.contexts) {
      for (const auto* cells : {&context.location_cell, &context.level_cell, &context.cpu_cell}) {
        scheduling_.insert(cells->begin(), cells->end());
      }
    }
    for (const GuardedCommand& command : guarded.commands) {
      if (!command.ends_run) steps_.push_back(step_of(command));
    }
  }

  void count() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      for (std::size_t j = i + 1; j < steps_.size(); ++j) {
        if (steps_[i].command->step.actor == steps_[j].command->step.actor) continue;
        ++pairs;
        if (are_disjoint(steps_[i], steps_[j])) {
          ++disjoint;
        } else {
          touching_.emplace_back(i, j);
        }
      }
    }
    // Of very many pairs some are asked, evenly.
    const std::size_t stride = touching_.size() / kMostPairs + 1;
    for (std::size_t k = 0; k < touching_.size(); k += stride)
      ask(steps_[touching_[k].first], steps_[touching_[k].second]);
  }

  std::size_t pairs = 0;
  std::size_t disjoint = 0;
  std::size_t asked = 0;
  std::size_t commute = 0;
  std::size_t unknown = 0;

 private:
  void conjuncts(ExprId formula, std::vector<ExprId>& out) const {
    const auto* binary = std::get_if<BinaryExpr>(&guarded_.system.expressions[formula]);
    if (binary != nullptr && binary->op == BinaryOp::And) {
      conjuncts(binary->left, out);
      conjuncts(binary->right, out);
    } else if (!mentions_scheduling(formula)) {
      out.push_back(formula);
    }
  }

  bool mentions_scheduling(ExprId formula) const {
    bool found = false;
    for_each_expr(guarded_.system.expressions, formula, [&](ExprId, const Expr& part) {
      const auto* load = std::get_if<LoadExpr>(&part);
      found = found || (load != nullptr && load->place.cells.front().value >= guarded_.system.cells.size());
    });
    return found;
  }

  Step step_of(const GuardedCommand& command) const {
    Step step;
    step.command = &command;
    conjuncts(command.guard, step.guard);
    for (const ExprId part : step.guard) add_reads(part, step.reads);
    for (const Update& update : command.updates) {
      add_reads(update.value, step.reads);
      step.writes.insert(update.cell);
    }
    for (const GuardedCheck& check : command.checks) add_reads(check.holds, step.reads);
    for (const CellId cell : scheduling_) step.writes.erase(cell);
    return step;
  }

  void add_reads(ExprId formula, std::set<CellId>& reads) const {
    for_each_expr(guarded_.system.expressions, formula, [&](ExprId, const Expr& part) {
      const auto* load = std::get_if<LoadExpr>(&part);
      if (load != nullptr && !scheduling_.contains(load->place.cells.front())) reads.insert(load->place.cells.front());
    });
  }

  static bool meet(const std::set<CellId>& a, const std::set<CellId>& b) {
    return std::any_of(a.begin(), a.end(), [&](CellId cell) { return b.contains(cell); });
  }
  static bool are_disjoint(const Step& a, const Step& b) {
    return !meet(a.writes, b.reads) && !meet(a.writes, b.writes) && !meet(b.writes, a.reads);
  }

  /// Whether some state within the domains tells the two orders apart.
  void ask(const Step& a, const Step& b) {
    SmtLibText text(guarded_, width_);
    StateTerms before = text.declare("s");
    StateTerms after_a = text.after(before, a.command->updates);
    StateTerms after_b = text.after(before, b.command->updates);
    StateTerms a_then_b = text.after(after_a, b.command->updates);
    StateTerms b_then_a = text.after(after_b, a.command->updates);
    const std::string can_a = guard(text, a, before);
    const std::string can_b = guard(text, b, before);
    std::vector<std::string> differs;
    const auto not_same = [](const std::string& one, const std::string& other) {
      return fmt::format("(not (= {} {}))", one, other);
    };
    // Each makes the other possible or impossible, or changes a check of it.
    differs.push_back(SmtLibText::all_of({can_a, not_same(can_b, guard(text, b, after_a))}));
    differs.push_back(SmtLibText::all_of({can_b, not_same(can_a, guard(text, a, after_b))}));
    std::vector<std::string> effects;
    checks(text, a, before, after_b, effects);
    checks(text, b, before, after_a, effects);
    for (std::size_t i = 0; i < a_then_b.cells.size(); ++i) {
      if (a_then_b.cells[i] != b_then_a.cells[i]) effects.push_back(not_same(a_then_b.cells[i], b_then_a.cells[i]));
    }
    differs.push_back(SmtLibText::all_of({can_a, can_b, SmtLibText::any_of(effects)}));
    text.assert_that(text.in_domain(before));
    // What leaves a domain is no step.
    text.assert_that(text.in_domain(after_a));
    text.assert_that(text.in_domain(after_b));
    text.assert_that(SmtLibText::any_of(differs));
    if (asked % 500 == 0) solver_.emplace(control_, Solver::Kind::Incremental);
    const Answer answer = solver_->check(solver_->read(text.text()), kPatience);
    ++asked;
    commute += answer == Answer::Unsatisfiable ? 1 : 0;
    unknown += answer == Answer::Unknown ? 1 : 0;
  }

  static std::string guard(SmtLibText& text, const Step& step, StateTerms& state) {
    std::vector<std::string> parts;
    for (const ExprId part : step.guard) parts.push_back(text.truth(state, part));
    return SmtLibText::all_of(parts);
  }

  static void checks(SmtLibText& text, const Step& step, StateTerms& before, StateTerms& after,
                     std::vector<std::string>& out) {
    for (const GuardedCheck& check : step.command->checks) {
      out.push_back(fmt::format("(not (= {} {}))", text.truth(before, check.holds), text.truth(after, check.holds)));
    }
  }

  const GuardedSystem& guarded_;
  unsigned width_;
  const SearchControl control_;
  std::set<CellId> scheduling_;
  std::vector<Step> steps_;
  std::vector<std::pair<std::size_t, std::size_t>> touching_;
  std::optional<Solver> solver_;
};

void measure(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  const auto design = load_design(file, text.str(), {});
  if (!design->ok() || design->checks.empty()) return;
  const auto guarded = guarded_by_solver(design->checks.front().cases.front().system);
  if (!guarded) return;
  const auto begin = std::chrono::steady_clock::now();
  Pairs pairs(*guarded);
  pairs.count();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::string name = file.substr(file.rfind('/') + 1);
  fmt::print("| {} | {} | {} | {} | {} | {} | {:.1f} |\n", name.substr(0, name.find('.')), pairs.pairs, pairs.disjoint,
             pairs.asked, pairs.commute, pairs.unknown, seconds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  fmt::print(
      "| design | pairs of steps | no common cell | of the others asked | commute | no answer | s |\n"
      "|---|---|---|---|---|---|---|\n");
  for (int i = 1; i < argc; ++i) measure(argv[i]);
}
