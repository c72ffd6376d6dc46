// Monitors: machines that watch. What happens in the system changes their variables, and nothing of theirs changes the
// system: they have no contexts and no actions, assign to nothing but their own, and only properties and other
// monitors asks them.
#include <fmt/format.h>

#include "model/base/overloaded.h"
#include "model/types/checker.h"

namespace quiesce::model::types {
namespace {

/// What a member is that no monitor has; null: it may have it.
const char* no_part_of_monitor(const syntax::Member& member) {
  constexpr const char* it_may = nullptr;
  return std::visit(
      Overloaded{
          [](const syntax::Instance&) { return "an instance"; },
          [](const syntax::Action&) { return "an action"; },
          [](const syntax::Handler&) { return "a handler"; },
          [](const syntax::Thread&) { return "a thread"; },
          [](const syntax::Busy&) { return "'busy'"; },
          [](const syntax::Initially&) { return "'initially'"; },
          [&](const syntax::Function& function) { return function.block ? "a function that takes steps" : it_may; },
          [&](const syntax::Variable&) { return it_may; },
          [&](const syntax::Property&) { return it_may; },
          [&](const syntax::Reaction&) { return it_may; },
          [&](const syntax::ConditionalMembers&) { return it_may; },
          [&](const syntax::Constant&) { return it_may; },
          // Refused elsewhere: they stand in systems and modules.
          [&](const syntax::Cpus&) { return it_may; },
          [&](const syntax::Pin&) { return it_may; },
          [&](const syntax::Settings&) { return it_may; },
      },
      member.kind);
}

}  // namespace

bool Checker::may_be_in_monitor(const MachineInfo& info, const syntax::Member& member) {
  if (!info.decl->is_monitor) return true;
  const char* what = no_part_of_monitor(member);
  if (what == nullptr) return true;
  error("E0421", member.span,
        fmt::format("a monitor only watches, so '{}' cannot have {}", short_name(info.decl->name), what))
      .notes.push_back("it has variables, 'on event { ... }', functions that are an expression, and properties");
  return false;
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Reaction& node,
                           std::vector<Member>& out, const Expr*) {
  if (!info.decl->is_monitor) {
    error("E0421", node.event->span, "'on' stands in a monitor, which watches; a machine acts")
        .notes.push_back("declare 'monitor Name(...) { ... }', and put an instance of it here: 'name: Name(...)'");
    return;
  }
  auto reaction = std::make_unique<ActionDecl>();
  reaction->name = "on " + source_text(node.event->span);
  reaction->doc = member.doc;
  reaction->span = Span{member.span.file, member.span.begin, node.event->span.end};
  ActionDecl* decl = reaction.get();
  out.push_back(std::move(reaction));
  bodies_.push_back([this, &info, decl, &node] {
    Environment environment;
    environment.module = info.module;
    environment.machine = &info;
    environment.no_context = "a monitor";
    Within within(*this, environment);
    decl->event = check_observed(*node.event);
    if (node.when) decl->when = check_condition(*node.when, "'when'");
    env().in_action = true;
    env().in_monitor = true;
    env().atomic_body = true;
    BodyFacts& facts = other_facts_[decl];
    facts.name = decl->name;
    current_facts_ = &facts;
    check_body(node.block, decl->body);
    current_facts_ = &loose_facts_;
  });
}

/// The event behind 'on', and nothing else.
ExprPtr Checker::check_observed(const syntax::Expression& event) {
  ExprPtr observed = check_condition(event, "'on'");
  if (!observed || std::holds_alternative<EventExpr>(observed->node)) return observed;
  error("E0421", event.span, fmt::format("'{}' is no event", source_text(event.span)))
      .notes.push_back(
          "events are 'called(f)', 'returned(f)', 'returned(f) == value' and 'accepted(h)'; a condition stands behind "
          "'when'");
  return nullptr;
}

bool Checker::allowed_in_monitor(const syntax::Statement& statement) {
  const auto refused = [&](const char* what) {
    error("E0421", statement.span, fmt::format("{} would change the system, which a monitor only watches", what))
        .notes.push_back("it assigns to variables of its own, asks 'if', and says 'require', 'assert' or 'violate'");
    return false;
  };
  return std::visit(Overloaded{
                        [](const syntax::LocalStatement&) { return true; },
                        [](const syntax::AssignmentStatement&) { return true; },  // of whose variables: check_ownership
                        [](const syntax::CallStatement&) { return true; },        // of what: only_watches
                        [](const syntax::IfStatement&) { return true; },
                        [](const syntax::ForStatement&) { return true; },
                        [](const syntax::AssertStatement&) { return true; },
                        [](const syntax::RequireStatement&) { return true; },
                        [](const syntax::ViolateStatement&) { return true; },
                        [](const syntax::ReturnStatement&) { return true; },
                        [](const syntax::BreakStatement&) { return true; },
                        [](const syntax::ContinueStatement&) { return true; },
                        [](const syntax::PassStatement&) { return true; },
                        [&](const syntax::WhileStatement&) { return refused("a loop that takes steps"); },
                        [&](const syntax::LoopStatement&) { return refused("a loop that takes steps"); },
                        [&](const syntax::EitherStatement&) { return refused("a choice"); },
                        [&](const syntax::ChooseStatement&) { return refused("a choice"); },
                        [&](const syntax::AwaitStatement&) { return refused("a wait"); },
                        [&](const syntax::SpinUntilStatement&) { return refused("a wait"); },
                        [](const syntax::AtomicStatement&) { return true; },
                        [&](const syntax::AcquireStatement&) { return refused("a lock that is taken"); },
                        [&](const syntax::ReleaseStatement&) { return refused("a lock that is released"); },
                        [&](const syntax::WithStatement&) { return refused("a lock that is taken"); },
                        [&](const syntax::GiveStatement&) { return refused("a hand-over"); },
                        [&](const syntax::TakeStatement&) { return refused("a hand-over"); },
                        [&](const syntax::RaiseStatement&) { return refused("another level"); },
                        [&](const syntax::LowerStatement&) { return refused("another level"); },
                        [&](const syntax::AtLevelStatement&) { return refused("another level"); },
                        [&](const syntax::OnCpuStatement&) { return refused("another CPU"); },
                        [&](const syntax::InitStatement&) { return refused("a life that begins"); },
                        [&](const syntax::FreeStatement&) { return refused("a life that ends"); },
                    },
                    statement.kind);
}

/// Whether a call may stand where it does: a monitor calls nothing that takes a step.
bool Checker::only_watches(const std::string& name, Span call) {
  if (!env().in_monitor) return true;
  error("E0421", call, fmt::format("'{}' takes a step, and a monitor only watches those of others", name))
      .notes.push_back("functions that are an expression ('fn f() -> T = ...') may be called");
  return false;
}

/// Whether the text at hand may ask for a part of an instance of `machine`.
bool Checker::may_ask(const MachineDecl& machine, Span span) {
  if (!machine.is_monitor) return true;
  const bool watches = env().machine != nullptr && env().machine->decl->is_monitor;
  if (watches || env().no_context == "a property") return true;
  error("E0421", span,
        fmt::format("'{}' is a monitor: only properties and other monitors ask what it has seen",
                    short_name(machine.name)))
      .labels.push_back({machine.span, "declared here"});
  return false;
}

}  // namespace quiesce::model::types
