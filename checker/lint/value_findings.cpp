#include "checker/lint/value_findings.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checker/lint/value_analysis.h"
#include "checker/search/breadth_first.h"
#include "checker/search/coverage.h"
#include "checker/smt/initial_solver.h"
#include "model/base/patience.h"
#include "model/guarded/guarded_system.h"
#include "model/system/print.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

using Claim = LintClaims::Claim;
using Mark = CoverageMark::Kind;

constexpr std::uint64_t kMostStates = 20'000;
constexpr std::chrono::milliseconds kMostTime{500};        // of one search
constexpr std::chrono::milliseconds kMostQuestions{2000};  // about one system

/// One system with its marks and what the short search did.
struct Searched {
  const TransitionSystem* system = nullptr;
  MarkedSystem marked;
  std::vector<bool> taken;           // in step with marked.marks
  std::set<CoverageMark> all_taken;  // of these, and where threads stand at the beginning
  std::set<PropertyId> seen;         // properties that were witnessed or triggered
  std::set<RuleId> broken;           // core rules
  std::map<CoverageMark, std::size_t> mark_of;

  bool was_taken(const CoverageMark& mark) const { return all_taken.count(mark) != 0; }
};

Searched searched(const TransitionSystem& system) {
  Searched result;
  result.system = &system;
  result.marked = with_marks(system);
  SearchOptions options;
  options.limits.states = kMostStates;
  options.limits.time = kMostTime;
  options.threads = 1;
  options = coverage_search(result.marked.system, options);
  const Exploration exploration = explore_breadth_first(result.marked.system, options);
  const CoverageFacts facts = coverage_facts(result.marked, exploration);
  for (std::size_t i = 0; i < facts.marks.size(); ++i) {  // more than those of the programs
    if (facts.taken[i]) result.all_taken.insert(facts.marks[i]);
  }
  for (const CoverageMark& mark : result.marked.marks) result.taken.push_back(result.was_taken(mark));
  for (const Finding& finding : exploration.findings) {
    if (system.at(finding.rule).core) result.broken.insert(finding.rule);
  }
  result.seen.insert(exploration.witnessed.begin(), exploration.witnessed.end());
  result.seen.insert(exploration.triggered.begin(), exploration.triggered.end());
  for (std::size_t i = 0; i < result.marked.marks.size(); ++i) result.mark_of[result.marked.marks[i]] = i;
  return result;
}

/// The claim that a mark is never taken.
Claim claim_of(const CoverageMark& mark) {
  switch (mark.kind) {
    case Mark::Then:
      return {"W0601", mark.span, ""};
    case Mark::Else:
      return {"W0602", mark.span, ""};
    case Mark::Statement:
      return {"W0603", mark.span, ""};
    case Mark::Start:
      return {"W0604", mark.span, ""};
    case Mark::Action:
      return {"W0605", mark.span, ""};
    case Mark::Choice:
      return {"W0606", mark.span, mark.label};
    case Mark::Standing:
      break;
  }
  return {};
}

std::string message_of(const CoverageMark& mark) {
  switch (mark.kind) {
    case Mark::Then:
      return "this condition is never true";
    case Mark::Else:
      return "this condition is always true";
    case Mark::Statement:
      return "this statement is reached, and never gets further";
    case Mark::Start:
      return "this handler never starts";
    case Mark::Action:
      return "this action is never possible";
    case Mark::Choice:
      return fmt::format("{} is never taken", mark.label);
    case Mark::Standing:
      break;
  }
  return "";
}

/// The marked system with marks that stand in guarded commands: a check that certainly holds would be left out, so each
/// holds where a cell that no other context reads is 1.
TransitionSystem with_visible_marks(const Searched& one) {
  TransitionSystem system = one.marked.system;
  const CellId seen(system.cells.size());
  system.cells.push_back({"lint", 0, 1, 0, CellKind::Plain, std::nullopt});
  system.initial.push_back({seen, ExprId(), 0, 1});
  const ExprId holds = system.expressions.load(seen);
  const std::set<RuleId> rules(one.marked.rule_of.begin(), one.marked.rule_of.end());
  const auto change = [&](Program& program) {
    for (Op& op : program.ops) {
      auto* check = std::get_if<CheckOp>(&op);
      if (check != nullptr && rules.count(check->rule) != 0) check->condition = holds;
    }
  };
  for (Context& context : system.contexts) change(context.start);
  for (Location& location : system.locations) change(location.program);
  for (Action& action : system.actions) change(action.program);
  return system;
}

/// Cells that the conditions of a statement, handler or action mention.
class ConditionCells {
 public:
  explicit ConditionCells(const TransitionSystem& system) : system_(system) {
    for (const Context& context : system.contexts) {
      if (context.kind != ContextKind::Handler) continue;
      add(context.span, context.condition);
      if (const auto* one = std::get_if<OnOne>(&context.cpus)) add(context.span, one->cpu);
    }
    for (const Location& location : system.locations) look(location.program, location.span);
    for (const Action& action : system.actions) {
      add(action.span, action.guard);
      look(action.program, action.span);
    }
  }

  const std::set<CellId>& of(Span span) const {
    static const std::set<CellId> none;
    const auto found = cells_.find(span);
    return found != cells_.end() ? found->second : none;
  }

 private:
  void look(const Program& program, Span statement) {
    for (const Op& op : program.ops) {
      if (const auto* next = std::get_if<StatementOp>(&op)) statement = next->span;
      if (const auto* branch = std::get_if<BranchOp>(&op)) add(statement, branch->condition);
      if (const auto* assume = std::get_if<AssumeOp>(&op)) add(statement, assume->condition);
    }
  }

  void add(Span span, ExprId condition) {
    for_each_expr(system_.expressions, condition, [&](ExprId, const Expr& expr) {
      const auto* load = std::get_if<LoadExpr>(&expr);
      if (load == nullptr) return;
      cells_[span].insert(load->place.cells.begin(), load->place.cells.end());
    });
  }

  const TransitionSystem& system_;
  std::map<Span, std::set<CellId>> cells_;
};

/// Asks the value sets of one system about everything that was not seen.
class Examination {
 public:
  Examination(const Searched& searched, const LintScope& scope, LintClaims& claims)
      : searched_(searched), scope_(scope), claims_(claims), conditions_(searched.marked.system) {
    for (const Location& location : searched.system->locations) {
      if (location.wait != WaitKind::None || may_end(location.program)) waits_.insert(location.span);
      if (breaks(location.program)) breaks_.insert(location.span);
    }
  }

  void run(const SearchControl& control) {
    add_triggers();
    Expected<GuardedSystem> guarded;
    std::unique_ptr<ValueAnalysis> analysis;
    const auto cut_short = work_patiently([&] { return control.reason() == LimitKind::None; },
                                          [&] {
                                            guarded = guarded_by_solver(system_);
                                            if (!guarded) return;
                                            guarded_ = std::move(*guarded);
                                            analysis = std::make_unique<ValueAnalysis>(guarded_, control);
                                          });
    if (cut_short || !guarded || !analysis->is_complete()) return refute_all();
    analysis_ = analysis.get();
    find_commands();
    for (std::size_t i = 0; i < marks().size(); ++i) {
      if (is_open(i) || may_always_break(i)) examine(i);
    }
    examine_properties();
  }

  /// Whether something is left to be asked.
  bool has_questions() const {
    for (std::size_t i = 0; i < marks().size(); ++i) {
      if (is_open(i) || may_always_break(i)) return true;
    }
    const auto& properties = searched_.system->properties;
    for (std::size_t p = 0; p < properties.size(); ++p) {
      if (is_open(PropertyId(p))) return true;
    }
    return false;
  }

 private:
  /// Whether a step of the program may break a core rule or be impossible.
  bool may_end(const Program& program) const {
    return std::any_of(program.ops.begin(), program.ops.end(), [&](const Op& op) {
      const auto* check = std::get_if<CheckOp>(&op);
      return std::holds_alternative<AssumeOp>(op) || (check != nullptr && searched_.system->at(check->rule).core);
    });
  }

  bool breaks(const Program& program) const {
    return std::any_of(program.ops.begin(), program.ops.end(), [&](const Op& op) {
      const auto* check = std::get_if<CheckOp>(&op);
      return check != nullptr && searched_.broken.count(check->rule) != 0;
    });
  }

  const std::vector<CoverageMark>& marks() const { return searched_.marked.marks; }
  bool is_shown(Span span) const { return span.valid() && scope_.is_shown(span.file); }

  bool is_open(std::size_t mark) const {
    const CoverageMark& one = marks()[mark];
    if (one.kind == Mark::Standing || searched_.taken[mark] || !is_shown(one.span)) return false;
    return (one.kind != Mark::Statement || waits_.count(one.span) != 0) && !claims_.is_refuted(claim_of(one));
  }

  /// Whether the statement is executed, and perhaps only to break a core rule.
  bool may_always_break(std::size_t mark) const {
    const CoverageMark& one = marks()[mark];
    return one.kind == Mark::Statement && searched_.taken[mark] && is_shown(one.span) && breaks_.count(one.span) != 0 &&
           !claims_.is_refuted({"W0607", one.span, ""});
  }

  // ------------------------------------------------------------------------------------------- properties

  static Claim claim_of_property(const Property& property) {
    return {property.kind == PropertyKind::Reachable ? "W0611" : "W0610", property.span, ""};
  }

  bool is_open(PropertyId id) const {
    const Property& property = searched_.system->at(id);
    const bool asks = property.kind == PropertyKind::Reachable || property.trigger.valid();
    return asks && is_shown(property.span) && searched_.seen.count(id) == 0 &&
           !claims_.is_refuted(claim_of_property(property));
  }

  /// Triggers become properties that want a witness.
  void add_triggers() {
    system_ = with_visible_marks(searched_);
    const std::size_t count = system_.properties.size();
    for (std::size_t p = 0; p < count; ++p) {
      const Property property = system_.properties[p];
      if (!is_open(PropertyId(p))) continue;
      system_.checked.push_back(property.rule);
      if (!property.trigger.valid()) continue;
      trigger_of_[PropertyId(system_.properties.size())] = PropertyId(p);
      system_.properties.push_back(
          {PropertyKind::Reachable, property.rule, property.trigger, ExprId(), property.span, ""});
    }
  }

  void examine_properties() {
    for (std::size_t i = 0; i < guarded_.reachable.size(); ++i) {
      const PropertyId asked = guarded_.reachable[i].property;
      const auto trigger = trigger_of_.find(asked);
      const PropertyId id = trigger != trigger_of_.end() ? trigger->second : asked;
      if (!is_open(id)) continue;
      const Property& property = searched_.system->at(id);
      const auto possible = analysis_->may_be_true(guarded_.reachable[i].formula, analysis_->terms().reachable[i]);
      conclude(claim_of_property(property), possible,
               property.kind == PropertyKind::Reachable ? "this is never true, though it is to be reachable"
                                                        : "this says nothing: what stands before '=>' is never true",
               analysis_->reason());
    }
  }

  // ------------------------------------------------------------------------------------------------ marks

  void find_commands() {
    std::map<RuleId, std::size_t> mark_of;
    for (std::size_t i = 0; i < marks().size(); ++i) mark_of[searched_.marked.rule_of[i]] = i;
    commands_.resize(marks().size());
    for (std::size_t c = 0; c < guarded_.commands.size(); ++c) {
      std::set<std::size_t> passed;
      for (const GuardedCheck& check : guarded_.commands[c].checks) {
        const auto mark = mark_of.find(check.broken.rule);
        if (mark != mark_of.end()) passed.insert(mark->second);
      }
      for (const std::size_t mark : passed) commands_[mark].push_back(c);
    }
  }

  /// Whether some command may be taken that passes the mark. `with_end`: also one that breaks a core rule.
  std::optional<bool> may_pass(std::size_t mark, bool with_end) {
    facts_.clear();
    for (const std::size_t c : commands_[mark]) {
      if (guarded_.commands[c].ends_run && !with_end) continue;
      const std::optional<bool> possible = analysis_->may_happen(c);
      if (!possible || *possible) return possible;
      for (ValueFact& fact : analysis_->reason()) facts_.push_back(std::move(fact));
    }
    return false;
  }

  bool may_pass(const CoverageMark& mark) {
    if (searched_.was_taken(mark)) return true;
    const auto found = searched_.mark_of.find(mark);
    return found != searched_.mark_of.end() && may_pass(found->second, true).value_or(false);
  }

  /// Whether the place before the statement is reached; else it is for another reason that it is not executed.
  bool is_reached(const CoverageMark& mark) {
    switch (mark.kind) {
      case Mark::Start:
      case Mark::Action:
        return true;
      case Mark::Then:
        return may_pass(opposite(mark, Mark::Else));
      case Mark::Else:
        return may_pass(opposite(mark, Mark::Then));
      case Mark::Choice:
      case Mark::Statement:
      case Mark::Standing:
        break;
    }
    if (mark.kind == Mark::Choice) return may_pass({Mark::Statement, mark.span, "", false});
    return may_pass({Mark::Standing, mark.span, "", false});
  }

  static CoverageMark opposite(const CoverageMark& mark, Mark side) {
    CoverageMark other = mark;
    other.kind = side;
    return other;
  }

  void examine(std::size_t number) {
    const CoverageMark& mark = marks()[number];
    const Claim claim = claim_of(mark);
    const std::optional<bool> possible = may_pass(number, false);
    if (!possible || *possible) {
      claims_.refute(claim);
      if (mark.kind == Mark::Statement) claims_.refute({"W0607", mark.span, ""});
      return;
    }
    std::vector<ValueFact> facts = std::move(facts_);
    if (mark.kind == Mark::Statement) {
      if (const auto end = end_of(number)) {
        claims_.refute(claim);
        if (!is_reached(mark)) return;
        claims_.confirm({"W0607", mark.span, ""}, "this statement always breaks " + *end, notes_of(facts));
        return;
      }
    }
    if (!is_reached(mark)) return;
    if (facts.empty()) facts = constants_in(mark.span);
    conclude(claim, false, message_of(mark), facts);
  }

  /// The core rule that the statement may break.
  std::optional<std::string> end_of(std::size_t mark) {
    for (const std::size_t c : commands_[mark]) {
      const auto& end = guarded_.commands[c].ends_run;
      if (!end || !is_shown(end->span)) continue;
      if (!analysis_->may_happen(c).value_or(false)) continue;
      const std::string& rule = guarded_.system.at(end->rule).name;
      return end->message.empty() ? rule : fmt::format("{}: {}", rule, end->message);
    }
    return std::nullopt;
  }

  // ---------------------------------------------------------------------------------------------- reasons

  std::vector<ValueFact> constants_in(Span span) const {
    std::vector<ValueFact> result;
    for (const CellId cell : conditions_.of(span)) {
      if (guarded_.constant[cell.value]) result.push_back({cell, {*guarded_.constant[cell.value]}});
    }
    return result;
  }

  bool is_foreign(CellId id) const {
    if (id.value >= searched_.system->cells.size()) return false;
    const auto variable = searched_.system->at(id).variable;
    if (!variable) return false;  // of the scheduler
    return scope_.is_foreign(searched_.system->at(*variable));
  }

  /// "'n' is never anything but 0, 1", each variable once.
  std::vector<std::string> notes_of(const std::vector<ValueFact>& facts) const {
    std::map<CellId, std::set<std::int64_t>> values;
    for (const ValueFact& fact : facts) values[fact.cell].insert(fact.values.begin(), fact.values.end());
    std::vector<std::string> result;
    for (const auto& [cell, set] : values) {
      if (cell.value >= searched_.system->cells.size()) continue;
      const Cell& one = searched_.system->at(cell);
      if (!one.variable || searched_.system->at(*one.variable).hidden) continue;
      const bool whole = static_cast<std::int64_t>(set.size()) > one.hi - one.lo;
      if (!whole) result.push_back(fmt::format("'{}' is only ever {}", one.name, text_of(cell, set)));
    }
    return result;
  }

  std::string text_of(CellId cell, const std::set<std::int64_t>& values) const {
    const ValueTypePtr type = type_of_cell(*searched_.system, cell);
    std::string result;
    std::size_t left = values.size();
    for (const std::int64_t value : values) {
      const auto number = static_cast<std::int32_t>(value);
      if (!result.empty()) result += left == 1 ? " or " : ", ";
      --left;
      result += type != nullptr ? format_value(*type, &number) : fmt::format("{}", value);
    }
    return result;
  }

  void conclude(const Claim& claim, std::optional<bool> possible, const std::string& message,
                const std::vector<ValueFact>& facts) {
    const bool foreign =
        std::any_of(facts.begin(), facts.end(), [&](const ValueFact& fact) { return is_foreign(fact.cell); });
    if (!possible || *possible || foreign) return claims_.refute(claim);
    claims_.confirm(claim, message, notes_of(facts));
  }

  void refute_all() {
    for (std::size_t i = 0; i < marks().size(); ++i) {
      if (is_open(i)) claims_.refute(claim_of(marks()[i]));
    }
    for (std::size_t p = 0; p < searched_.system->properties.size(); ++p) {
      if (is_open(PropertyId(p))) claims_.refute(claim_of_property(searched_.system->properties[p]));
    }
  }

  const Searched& searched_;
  const LintScope& scope_;
  LintClaims& claims_;
  ConditionCells conditions_;
  std::set<Span> waits_;     // statements that need not get further
  std::set<Span> breaks_;    // statements that may break a core rule that the search found broken
  TransitionSystem system_;  // with visible marks
  GuardedSystem guarded_;
  ValueAnalysis* analysis_ = nullptr;
  std::map<PropertyId, PropertyId> trigger_of_;     // the property that asks for a trigger, whose trigger it is
  std::vector<std::vector<std::size_t>> commands_;  // by mark
  std::vector<ValueFact> facts_;                    // of the last question
};

}  // namespace

void find_impossible(const std::vector<const TransitionSystem*>& systems, const LintScope& scope,
                     const SearchControl& control, LintClaims& claims) {
  std::vector<Searched> all;
  for (const TransitionSystem* system : systems) {
    if (control.reason() != LimitKind::None) return;
    all.push_back(searched(*system));
    const Searched& one = all.back();
    for (std::size_t i = 0; i < one.taken.size(); ++i) {
      const CoverageMark& mark = one.marked.marks[i];
      if (!one.taken[i] || mark.kind == Mark::Standing) continue;
      claims.refute(claim_of(mark));
    }
    for (const PropertyId id : one.seen) {
      const Property& property = system->at(id);
      claims.refute({property.kind == PropertyKind::Reachable ? "W0611" : "W0610", property.span, ""});
    }
  }
  for (const Searched& one : all) {
    if (control.reason() != LimitKind::None) return;
    Limits limits;
    limits.time = kMostQuestions;
    const SearchControl own(limits, scope.interrupt);
    if (Examination examination(one, scope, claims); examination.has_questions()) examination.run(own);
  }
}

}  // namespace quiesce::checker
