#include "checker/search/coverage.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "model/base/overloaded.h"
#include "model/system/jumps.h"

namespace quiesce::checker {
namespace {

using namespace model;
using Kind = CoverageMark::Kind;

constexpr std::int64_t kMostMarks = 64;  // of a choice; of more values the ends, and ranges between them

struct Range {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};

/// The values of a choice as at most kMostMarks ranges: each alone when they are few, else the least and the greatest
/// alone, since that is where mistakes are, and equal parts between them.
std::vector<Range> marked_ranges(std::int64_t lo, std::int64_t hi) {
  std::vector<Range> ranges;
  if (hi - lo < kMostMarks) {
    for (std::int64_t value = lo; value <= hi; ++value) ranges.push_back({value, value});
    return ranges;
  }
  ranges.push_back({lo, lo});
  const std::int64_t part = (hi - lo - 1 + kMostMarks - 3) / (kMostMarks - 2);
  for (std::int64_t begin = lo + 1; begin < hi; begin += part)
    ranges.push_back({begin, std::min(begin + part, hi) - 1});
  ranges.push_back({hi, hi});
  return ranges;
}

std::string value_text(const ValueType& type, std::int64_t value) {
  const auto name = [&] {
    return value >= 0 && static_cast<std::size_t>(value) < type.names.size()
               ? type.names[static_cast<std::size_t>(value)]
               : fmt::format("{}", value);
  };
  switch (type.kind) {
    case ValueType::Kind::Bool:
      return value != 0 ? "true" : "false";
    case ValueType::Kind::Enum:
    case ValueType::Kind::Ref:  // a choice among references counts the targets from 0
      return name();
    default:
      return fmt::format("{}", value);
  }
}

/// "branch 2 of either", "'s' = STATUS_PENDING", "'n' = 1..16".
std::string choice_text(const ChooseOp& choose, const Range& range) {
  const bool is_branch = choose.type == nullptr && choose.what == "either";
  const auto text = [&](std::int64_t value) {
    return choose.type != nullptr ? value_text(*choose.type, value) : fmt::format("{}", value + (is_branch ? 1 : 0));
  };
  const std::string values =
      range.lo == range.hi ? text(range.lo) : fmt::format("{}..{}", text(range.lo), text(range.hi));
  return is_branch ? fmt::format("branch {} of either", values) : fmt::format("'{}' = {}", choose.what, values);
}

class Marker {
 public:
  explicit Marker(MarkedSystem& marked) : system_(marked.system), marked_(marked) {}

  void run() {
    for (Context& context : system_.contexts) {
      if (context.kind == ContextKind::Handler) {
        mark_program(context.start, CoverageMark{Kind::Start, context.span, "", false});
      }
    }
    for (Location& location : system_.locations) mark_program(location.program, std::nullopt);
    for (Action& action : system_.actions) {
      mark_program(action.program, CoverageMark{Kind::Action, action.span, "", false});
    }
    for (const auto& [mark, rule] : rules_) {
      marked_.marks.push_back(mark);
      marked_.rule_of.push_back(rule);
    }
  }

 private:
  /// An operation of the new program; jumps lead to new positions, or to old ones that move at the end.
  struct NewOp {
    Op op;
    bool leads_to_old = false;
  };

  Op visit(CoverageMark mark) {
    const Span span = mark.span;
    const auto [entry, is_new] = rules_.try_emplace(std::move(mark));
    if (is_new) {
      entry->second = RuleId(system_.rules.size());
      Rule rule;
      rule.name = fmt::format("coverage.{}", system_.rules.size());
      system_.rules.push_back(std::move(rule));
      system_.checked.push_back(entry->second);
    }
    return CheckOp{system_.expressions.constant(1), entry->second, span, ""};
  }

  void mark_program(Program& program, std::optional<CoverageMark> first) {
    std::vector<NewOp> ops;
    std::vector<std::uint32_t> moved(program.ops.size() + 1);
    const auto here = [&] { return static_cast<std::uint32_t>(ops.size()); };
    Span statement;              // the last one begun
    bool before_branch = false;  // nothing but checks stands between its begin and here
    const auto keep = [&](const Op& op) {
      before_branch = false;
      ops.push_back({op});
    };
    if (first) ops.push_back({visit(*first)});
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const Op& op = program.ops[i];
      moved[i] = here();
      std::visit(Overloaded{
                     [&](const StatementOp& o) {
                       statement = o.span;
                       before_branch = true;
                       ops.push_back({op});
                       if (statement.valid()) ops.push_back({visit({Kind::Statement, statement, "", false})});
                     },
                     [&](const CheckOp& o) {
                       // `require` and the like are no steps, so their check is all there is of them.
                       if (o.span.valid() && o.span != statement && !system_.at(o.rule).core) {
                         ops.push_back({visit({Kind::Statement, o.span, "", false})});
                       }
                       ops.push_back({op});
                     },
                     [&](const LetOp&) { ops.push_back({op}); },
                     [&](const BranchOp& o) {
                       if (!before_branch || !statement.valid()) {
                         ops.push_back({op, true});
                         before_branch = false;
                         return;
                       }
                       const bool tests_a_result = std::holds_alternative<LoadExpr>(system_.at(o.condition));
                       const std::uint32_t at = here();
                       ops.push_back({BranchOp{o.condition, at + 2}});
                       ops.push_back({JumpOp{at + 4}});
                       ops.push_back({visit({Kind::Else, statement, "", tests_a_result})});
                       ops.push_back({JumpOp{o.otherwise}, true});
                       ops.push_back({visit({Kind::Then, statement, "", tests_a_result})});
                       before_branch = false;
                     },
                     [&](const JumpOp&) {
                       ops.push_back({op, true});
                       before_branch = false;
                     },
                     [&](const ChooseOp& o) {
                       before_branch = false;
                       ops.push_back({op});
                       if (!o.counted || !statement.valid()) return;
                       ExprTable& exprs = system_.expressions;
                       const ExprId chosen = exprs.temp(o.temp);
                       for (const Range& range : marked_ranges(o.lo, o.hi)) {
                         const ExprId from = exprs.binary(BinaryOp::GreaterEqual, chosen, exprs.constant(range.lo));
                         const ExprId to = exprs.binary(BinaryOp::LessEqual, chosen, exprs.constant(range.hi));
                         ops.push_back({BranchOp{exprs.conjunction(from, to), here() + 2}});
                         ops.push_back({visit({Kind::Choice, statement, choice_text(o, range), false, range.lo})});
                       }
                     },
                     [&](const GotoOp& o) {
                       before_branch = false;
                       const Span to = system_.at(o.location).span;
                       if (to.valid()) ops.push_back({visit({Kind::Standing, to, "", false})});
                       ops.push_back({op});
                     },
                     [&](const AssignOp&) { keep(op); },
                     [&](const AssumeOp&) { keep(op); },
                     [&](const EnterOp&) { keep(op); },
                     [&](const LeaveOp&) { keep(op); },
                     [&](const EndOp&) { keep(op); },
                 },
                 op);
    }
    moved[program.ops.size()] = here();
    program.ops.clear();
    for (NewOp& one : ops) {
      if (std::uint32_t* target = one.leads_to_old ? model::target_of(one.op) : nullptr) *target = moved[*target];
      program.ops.push_back(std::move(one.op));
    }
  }

  TransitionSystem& system_;
  MarkedSystem& marked_;
  std::map<CoverageMark, RuleId> rules_;
};

bool chooses_instances(const Program& program) {
  return std::any_of(program.ops.begin(), program.ops.end(), [](const Op& op) {
    const auto* choose = std::get_if<ChooseOp>(&op);
    return choose != nullptr && choose->type != nullptr && choose->type->kind == ValueType::Kind::Ref;
  });
}

}  // namespace

MarkedSystem with_marks(const TransitionSystem& system) {
  MarkedSystem marked;
  marked.system = system;
  Marker(marked).run();
  return marked;
}

SearchOptions coverage_search(const TransitionSystem& system, const SearchOptions& options) {
  SearchOptions search = options;
  search.stop_at_first = false;
  search.after_first.reset();
  search.storage = Storage::Exact;
  search.order = Order::BreadthFirst;
  search.partial_order = false;
  search.successors = Successors::Bytecode;
  search.measure_multipliers = false;
  search.checkpoint.clear();
  search.resume.clear();
  const auto has_choice = [](const auto& part) { return chooses_instances(part.program); };
  if (std::any_of(system.locations.begin(), system.locations.end(), has_choice) ||
      std::any_of(system.actions.begin(), system.actions.end(), has_choice)) {
    search.symmetry = false;
  }
  return search;
}

CoverageFacts coverage_facts(const MarkedSystem& marked, const Exploration& exploration) {
  CoverageFacts facts;
  facts.marks = marked.marks;
  std::vector<bool> exercised(marked.system.rules.size());
  for (const RuleId rule : exploration.exercised) exercised[rule.value] = true;
  for (const RuleId rule : marked.rule_of) facts.taken.push_back(exercised[rule.value]);
  if (exploration.statistics.distinct_states > 0) {  // threads stand at their first statement from the beginning
    for (const Context& context : marked.system.contexts) {
      if (context.kind != ContextKind::Thread || !context.entry.valid()) continue;
      const CoverageMark mark{Kind::Standing, marked.system.at(context.entry).span, "", false};
      const auto at = std::lower_bound(facts.marks.begin(), facts.marks.end(), mark);
      const auto position = at - facts.marks.begin();
      if (at != facts.marks.end() && *at == mark) {
        facts.taken[static_cast<std::size_t>(position)] = true;
      } else {
        facts.marks.insert(at, mark);
        facts.taken.insert(facts.taken.begin() + position, true);
      }
    }
  }
  facts.statistics = exploration.statistics;
  facts.limit = exploration.limit;
  return facts;
}

}  // namespace quiesce::checker
