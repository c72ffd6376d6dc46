#include "checker/coverage.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "model/base/overloaded.h"

namespace quiesce::checker {

using namespace model;
using Kind = CoverageItem::Kind;
using ItemState = CoverageItem::State;
using Mark = CoverageMark::Kind;

namespace {

/// In which cases a mark was taken.
using Takes = std::map<CoverageMark, std::vector<std::size_t>>;

class Walker {
 public:
  Walker(CoverageReport& report, const std::function<bool(FileId)>& is_shown) : report_(report), is_shown_(is_shown) {
    for (std::size_t c = 0; c < report.cases.size(); ++c) {
      const CoverageFacts& facts = report.cases[c].facts;
      report.complete = report.complete && facts.limit == LimitKind::None;
      for (std::size_t m = 0; m < facts.marks.size(); ++m) {
        std::vector<std::size_t>& cases = takes_[facts.marks[m]];
        if (facts.taken[m]) cases.push_back(c);
      }
      for (const Instance& instance : report.cases[c].system->instances) machines_.insert(instance.machine);
    }
  }

  void walk(const types::Program& program) {
    for (const auto& function : program.functions) walk(*function);
    for (const auto& interface : program.interfaces) {
      for (const auto& function : interface->functions) walk(*function);
    }
    for (const auto& machine : program.machines) {
      if (!is_shown(machine->span)) continue;
      if (machines_.count(machine->name) == 0) {
        if (!machine->is_system) report_.unused.push_back(machine->name);
        continue;
      }
      walk(machine->members);
    }
    arrange();
  }

 private:
  bool is_shown(Span span) const { return span.valid() && is_shown_(span.file); }

  void walk(const std::vector<types::Member>& members) {
    for (const types::Member& member : members) {
      std::visit(Overloaded{
                     [&](const std::unique_ptr<types::FunctionDecl>& function) { walk(*function); },
                     [&](const std::unique_ptr<types::ContextDecl>& context) { walk(*context); },
                     [&](const std::unique_ptr<types::ActionDecl>& action) { walk(*action); },
                     [&](const std::unique_ptr<types::MemberGroup>& group) {
                       walk(group->then_members);
                       walk(group->else_members);
                     },
                     [](const std::unique_ptr<types::VariableDecl>&) {},
                     [](const std::unique_ptr<types::InstanceDecl>&) {},
                     [](const std::unique_ptr<types::PropertyDecl>&) {},
                 },
                 member);
    }
  }

  void walk(const types::FunctionDecl& function) {
    if (!function.has_body || function.body.empty() || !is_shown(function.span)) return;
    const std::size_t owner = add(Kind::Function, function.span, function.name);
    const std::set<std::size_t> begun = walk_block(function.body, owner);
    // It was called where one of its statements was come to.
    report_.items[owner].cases.assign(begun.begin(), begun.end());
  }

  void walk(const types::ContextDecl& context) {
    if (!is_shown(context.span)) return;
    std::size_t owner = SIZE_MAX;
    if (context.is_handler) {
      owner = add(Kind::Handler, context.span, context.name);
      report_.items[owner].cases = taken(Mark::Start, context.span);
    }
    walk_block(context.accept, owner);
    walk_block(context.body, owner);
  }

  void walk(const types::ActionDecl& action) {
    if (action.initially) return;  // no step executes it
    if (!is_shown(action.span)) return;
    if (action.event) {  // no step of its own
      walk_block(action.body, SIZE_MAX);
      return;
    }
    const std::size_t owner = add(Kind::Action, action.span, action.name);
    report_.items[owner].cases = taken(Mark::Action, action.span);
    walk_block(action.body, owner);
  }

  std::size_t add(Kind kind, Span span, std::string label, std::size_t owner = SIZE_MAX) {
    CoverageItem item;
    item.kind = kind;
    item.span = span;
    item.label = std::move(label);
    item.owner = owner;
    report_.items.push_back(std::move(item));
    return report_.items.size() - 1;
  }

  /// The cases in which some statement of the block was come to.
  std::set<std::size_t> walk_block(const std::vector<types::StmtPtr>& body, std::size_t owner) {
    std::set<std::size_t> come_to;
    for (const types::StmtPtr& stmt : body) come_to.merge(walk(*stmt, owner));
    return come_to;
  }

  std::set<std::size_t> walk(const types::Stmt& stmt, std::size_t owner) {
    const bool is_known = knows(Mark::Statement, stmt.span);
    // A statement that only says where to go on takes no step; one that parameters decided, or a loop whose iterations
    // are all written out, is nothing but its blocks.
    const bool is_no_step = std::holds_alternative<types::BreakStmt>(stmt.node) ||
                            std::holds_alternative<types::ContinueStmt>(stmt.node) || is_bare_return(stmt) ||
                            is_endless(stmt);
    const bool is_compound = std::holds_alternative<types::IfStmt>(stmt.node) ||
                             std::holds_alternative<types::WhileStmt>(stmt.node) ||
                             std::holds_alternative<types::ForStmt>(stmt.node);
    const bool is_item = is_known || !(is_no_step || is_compound);
    const std::size_t item = is_item ? add(Kind::Statement, stmt.span, "", owner) : SIZE_MAX;
    const std::vector<std::size_t> executed = taken(Mark::Statement, stmt.span);
    std::set<std::size_t> done(executed.begin(), executed.end());

    bool calls = false;
    if (const auto* node = std::get_if<types::IfStmt>(&stmt.node)) {
      calls = is_step_call(*node->condition);
      conditions(stmt.span, calls, owner);
    } else if (const auto* loop = std::get_if<types::WhileStmt>(&stmt.node); loop != nullptr && loop->condition) {
      conditions(stmt.span, false, owner);
    }
    choices(stmt.span, owner);
    std::visit(Overloaded{
                   [&](const types::IfStmt& node) {
                     done.merge(walk_block(node.then_body, owner));
                     done.merge(walk_block(node.else_body, owner));
                   },
                   [&](const types::WhileStmt& node) { done.merge(walk_block(node.body, owner)); },
                   [&](const types::ForStmt& node) { done.merge(walk_block(node.body, owner)); },
                   [&](const types::EitherStmt& node) {
                     for (const auto& branch : node.branches) done.merge(walk_block(branch, owner));
                   },
                   [&](const types::AtomicStmt& node) { done.merge(walk_block(node.body, owner)); },
                   [&](const types::WithLockStmt& node) { done.merge(walk_block(node.body, owner)); },
                   [&](const types::AtLevelStmt& node) { done.merge(walk_block(node.body, owner)); },
                   [&](const types::OnCpuStmt& node) { done.merge(walk_block(node.body, owner)); },
                   [](const types::AssignStmt&) {},
                   [](const types::LocalStmt&) {},
                   [](const types::CallStmt&) {},
                   [](const types::CollectionStmt&) {},
                   [](const types::ChooseStmt&) {},
                   [](const types::AwaitStmt&) {},
                   [](const types::SpinStmt&) {},
                   [](const types::AcquireStmt&) {},
                   [](const types::ReleaseStmt&) {},
                   [](const types::GiveStmt&) {},
                   [](const types::TakeStmt&) {},
                   [](const types::RaiseStmt&) {},
                   [](const types::LowerStmt&) {},
                   [](const types::AssertStmt&) {},
                   [](const types::RequireStmt&) {},
                   [](const types::ViolateStmt&) {},
                   [](const types::ReturnStmt&) {},
                   [](const types::BreakStmt&) {},
                   [](const types::ContinueStmt&) {},
                   [](const types::PassStmt&) {},
                   [](const types::InitStmt&) {},
                   [](const types::FreeStmt&) {},
               },
               stmt.node);
    const std::vector<std::size_t> stood = taken(Mark::Standing, stmt.span);
    if (item != SIZE_MAX) {
      report_.items[item].cases.assign(done.begin(), done.end());
      if (done.empty() && !stood.empty()) report_.items[item].state = ItemState::Stood;
    }
    done.insert(stood.begin(), stood.end());
    return done;
  }

  void conditions(Span span, bool calls, std::size_t owner) {
    for (const Mark side : {Mark::Then, Mark::Else}) {
      // Where a call decides, the branch in front of it may be about whose function it is.
      const bool is_known = knows(side, span, calls ? std::optional<bool>(true) : std::nullopt);
      if (!is_known) continue;
      const std::size_t item = add(Kind::Condition, span, side == Mark::Then ? "true" : "false", owner);
      report_.items[item].cases = taken(side, span, calls ? std::optional<bool>(true) : std::nullopt);
    }
  }

  void choices(Span span, std::size_t owner) {
    for (auto at = takes_.lower_bound({Mark::Choice, span, "", false});
         at != takes_.end() && at->first.kind == Mark::Choice && at->first.span == span; ++at) {
      report_.items[add(Kind::Choice, span, at->first.label, owner)].cases = at->second;
    }
  }

  bool knows(Mark kind, Span span, std::optional<bool> tests_a_result = std::nullopt) const {
    bool found = false;
    for_each_mark(kind, span, tests_a_result, [&](const auto&) { found = true; });
    return found;
  }

  std::vector<std::size_t> taken(Mark kind, Span span, std::optional<bool> tests_a_result = std::nullopt) const {
    std::set<std::size_t> cases;
    for_each_mark(kind, span, tests_a_result,
                  [&](const std::vector<std::size_t>& some) { cases.insert(some.begin(), some.end()); });
    return {cases.begin(), cases.end()};
  }

  template <class Use>
  void for_each_mark(Mark kind, Span span, std::optional<bool> tests_a_result, const Use& use) const {
    for (auto at = takes_.lower_bound({kind, span, "", false});
         at != takes_.end() && at->first.kind == kind && at->first.span == span; ++at) {
      if (!tests_a_result || at->first.tests_a_result == *tests_a_result) use(at->second);
    }
  }

  static bool is_bare_return(const types::Stmt& stmt) {
    const auto* node = std::get_if<types::ReturnStmt>(&stmt.node);
    return node != nullptr && node->value == nullptr;
  }
  static bool is_endless(const types::Stmt& stmt) {
    const auto* node = std::get_if<types::WhileStmt>(&stmt.node);
    return node != nullptr && node->condition == nullptr;
  }
  static bool is_step_call(const types::Expr& expr) {
    const auto* call = std::get_if<types::CallExpr>(&expr.node);
    return call != nullptr &&
           (call->function == nullptr || call->function->kind != types::FunctionDecl::Kind::Expression);
  }

  /// States, and the order of the text.
  void arrange() {
    std::vector<CoverageItem>& items = report_.items;
    for (CoverageItem& item : items) {
      if (!item.cases.empty()) item.state = ItemState::Happened;
    }
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto key = [&](std::size_t i) { return std::tuple(items[i].span, items[i].kind); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    std::vector<std::size_t> place(items.size());
    std::vector<CoverageItem> sorted;
    for (const std::size_t i : order) {
      place[i] = sorted.size();
      sorted.push_back(std::move(items[i]));
    }
    for (CoverageItem& item : sorted) {
      if (item.owner != SIZE_MAX) item.owner = place[item.owner];
    }
    items = std::move(sorted);
    std::sort(report_.unused.begin(), report_.unused.end());
  }

  CoverageReport& report_;
  const std::function<bool(FileId)>& is_shown_;
  Takes takes_;
  std::set<std::string> machines_;  // with an instance in some case
};

}  // namespace

CoverageReport coverage_of(const types::Program& program, std::vector<CoverageCase> cases,
                           const std::function<bool(FileId)>& is_shown) {
  CoverageReport report;
  report.cases = std::move(cases);
  Walker(report, is_shown).walk(program);
  return report;
}

}  // namespace quiesce::checker
