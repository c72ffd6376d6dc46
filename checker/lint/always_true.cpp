#include "checker/lint/always_true.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "checker/smt/smtlib_text.h"
#include "checker/smt/solver.h"
#include "model/base/overloaded.h"
#include "model/guarded/guarded_system.h"
#include "model/guarded/number_width.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// A condition that something in the text says is true.
struct Said {
  ExprId condition;
  Span span;
  std::string what;  // "this 'require'"
};

/// Whether a formula consists of constants, loads of single cells and operators.
bool is_plain(const TransitionSystem& system, ExprId formula) {
  bool plain = true;
  for_each_expr(system.expressions, formula, [&](ExprId, const Expr& expr) {
    plain = plain && std::visit(Overloaded{
                                    [](const ConstantExpr&) { return true; },
                                    [](const LoadExpr& e) { return e.place.cells.size() == 1; },
                                    [](const UnaryExpr&) { return true; },
                                    [](const BinaryExpr&) { return true; },
                                    [](const ConditionalExpr&) { return true; },
                                    [](const auto&) { return false; },
                                },
                                expr);
  });
  return plain;
}

class Collector {
 public:
  Collector(TransitionSystem& system, const LintScope& scope) : system_(system), scope_(scope) {}

  std::vector<Said> all() {
    for (const Context& context : system_.contexts) look(context.start);
    for (const Location& location : system_.locations) look(location.program);
    for (const Action& action : system_.actions) look(action.program);
    for (const Property& property : system_.properties) {
      const bool ours = is_shown(property.span) && !system_.at(property.rule).core && !property.trigger.valid();
      if (!ours || !property.condition.valid()) continue;
      if (property.kind == PropertyKind::Invariant) said_.push_back({property.condition, property.span, "invariant"});
      if (property.kind == PropertyKind::Never) {
        said_.push_back({system_.expressions.negation(property.condition), property.span, "never"});
      }
    }
    return std::move(said_);
  }

 private:
  bool is_shown(Span span) const { return span.valid() && scope_.is_shown(span.file); }

  void look(const Program& program) {
    for (const Op& op : program.ops) {
      const auto* check = std::get_if<CheckOp>(&op);
      if (check == nullptr || system_.at(check->rule).core || !is_shown(check->span)) continue;
      said_.push_back({check->condition, check->span, "check"});
    }
  }

  TransitionSystem& system_;
  const LintScope& scope_;
  std::vector<Said> said_;
};

}  // namespace

void find_always_true(const TransitionSystem& system, const LintScope& scope, const SearchControl& control,
                      LintClaims& claims) {
  GuardedSystem guarded;  // no steps, and no constants: only formulas
  guarded.system = system;
  guarded.constant.resize(system.cells.size());
  guarded.all_ended = guarded.system.expressions.constant(0);
  const std::vector<Said> all = Collector(guarded.system, scope).all();
  std::vector<Said> asked;
  for (const Said& one : all) {
    const bool decided = guarded.system.expressions.is_constant(one.condition);
    if (decided || !is_plain(guarded.system, one.condition)) {
      claims.refute({"W0609", one.span, ""});
    } else {
      guarded.reachable.push_back({PropertyId(), one.condition});
      asked.push_back(one);
    }
  }
  if (asked.empty()) return;
  Solver solver(control, Solver::Kind::Incremental);
  SmtLibText text(guarded, number_width(guarded));
  StateTerms state = text.declare("s");
  text.assert_that(text.in_domain(state));
  for (const Said& one : asked) text.assert_that(text.truth(state, one.condition));
  const std::vector<Term> terms = solver.read(text.text());
  solver.assert_that(terms.front());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const LintClaims::Claim claim{"W0609", asked[i].span, ""};
    if (claims.is_refuted(claim)) continue;
    if (solver.check({solver.negation(terms[i + 1])}) == Answer::Unsatisfiable) {
      claims.confirm(claim, fmt::format("this {} cannot fail, whatever its variables hold", asked[i].what));
    } else {
      claims.refute(claim);
    }
  }
}

}  // namespace quiesce::checker
