#include "model/types/flow.h"

#include <algorithm>

#include "model/base/overloaded.h"

namespace quiesce::model::types {
namespace {

/// Whether a 'break' of the loop around `body` is in it.
bool breaks(const std::vector<StmtPtr>& body);

bool breaks(const Stmt& stmt) {
  return std::visit(Overloaded{
                        [](const BreakStmt&) { return true; },
                        [](const IfStmt& node) { return breaks(node.then_body) || breaks(node.else_body); },
                        [](const EitherStmt& node) {
                          return std::any_of(node.branches.begin(), node.branches.end(),
                                             [](const auto& body) { return breaks(body); });
                        },
                        [](const AtomicStmt& node) { return breaks(node.body); },
                        [](const WithLockStmt& node) { return breaks(node.body); },
                        [](const AtLevelStmt& node) { return breaks(node.body); },
                        [](const OnCpuStmt& node) { return breaks(node.body); },
                        // Everything else is no block, or a loop with breaks of its own.
                        [](const AssignStmt&) { return false; },
                        [](const LocalStmt&) { return false; },
                        [](const CallStmt&) { return false; },
                        [](const CollectionStmt&) { return false; },
                        [](const WhileStmt&) { return false; },
                        [](const ForStmt&) { return false; },
                        [](const ChooseStmt&) { return false; },
                        [](const AwaitStmt&) { return false; },
                        [](const SpinStmt&) { return false; },
                        [](const AcquireStmt&) { return false; },
                        [](const ReleaseStmt&) { return false; },
                        [](const GiveStmt&) { return false; },
                        [](const TakeStmt&) { return false; },
                        [](const RaiseStmt&) { return false; },
                        [](const LowerStmt&) { return false; },
                        [](const AssertStmt&) { return false; },
                        [](const RequireStmt&) { return false; },
                        [](const ViolateStmt&) { return false; },
                        [](const ReturnStmt&) { return false; },
                        [](const ContinueStmt&) { return false; },
                        [](const PassStmt&) { return false; },
                        [](const InitStmt&) { return false; },
                        [](const FreeStmt&) { return false; },
                    },
                    stmt.node);
}

bool breaks(const std::vector<StmtPtr>& body) {
  return std::any_of(body.begin(), body.end(), [](const StmtPtr& stmt) { return breaks(*stmt); });
}

}  // namespace

bool ends(const Stmt& stmt) {
  return std::visit(Overloaded{
                        [](const ReturnStmt&) { return true; },
                        [](const BreakStmt&) { return true; },
                        [](const ContinueStmt&) { return true; },
                        [](const IfStmt& node) { return ends(node.then_body) && ends(node.else_body); },
                        [](const EitherStmt& node) {
                          return std::all_of(node.branches.begin(), node.branches.end(),
                                             [](const auto& body) { return ends(body); });
                        },
                        [](const WhileStmt& node) { return !node.condition && !breaks(node.body); },
                        [](const AtomicStmt& node) { return ends(node.body); },
                        [](const WithLockStmt& node) { return ends(node.body); },
                        [](const AtLevelStmt& node) { return ends(node.body); },
                        [](const OnCpuStmt& node) { return ends(node.body); },
                        [](const AssignStmt&) { return false; },
                        [](const LocalStmt&) { return false; },
                        [](const CallStmt&) { return false; },
                        [](const CollectionStmt&) { return false; },
                        [](const ForStmt&) { return false; },
                        [](const ChooseStmt&) { return false; },
                        [](const AwaitStmt&) { return false; },
                        [](const SpinStmt&) { return false; },
                        [](const AcquireStmt&) { return false; },
                        [](const ReleaseStmt&) { return false; },
                        [](const GiveStmt&) { return false; },
                        [](const TakeStmt&) { return false; },
                        [](const RaiseStmt&) { return false; },
                        [](const LowerStmt&) { return false; },
                        [](const AssertStmt&) { return false; },
                        [](const RequireStmt&) { return false; },
                        [](const ViolateStmt&) { return false; },
                        [](const PassStmt&) { return false; },
                        [](const InitStmt&) { return false; },
                        [](const FreeStmt&) { return false; },
                    },
                    stmt.node);
}

bool ends(const std::vector<StmtPtr>& body) {
  return std::any_of(body.begin(), body.end(), [](const StmtPtr& stmt) { return ends(*stmt); });
}

}  // namespace quiesce::model::types
