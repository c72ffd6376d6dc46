#include "checker/reduce/program_correspondence.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

bool is_told_only(const Op& op) {
  return std::holds_alternative<StatementOp>(op) || std::holds_alternative<EnterOp>(op) ||
         std::holds_alternative<LeaveOp>(op);
}

}  // namespace

std::size_t Programs::Side::target(std::uint32_t op) const {
  return static_cast<std::size_t>(std::lower_bound(positions.begin(), positions.end(), op) - positions.begin());
}

Programs::Side Programs::side_of(const Program& program) {
  Side side;
  side.program = &program;
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    if (!is_told_only(program.ops[i])) side.positions.push_back(i);
  }
  return side;
}

bool Programs::correspond(const Program& a, const Program& b, const Facts& facts, Span& span) {
  a_ = side_of(a);
  b_ = side_of(b);
  open_.clear();
  if (a.uses_cpu != b.uses_cpu) return false;
  go(0, 0, {std::vector<std::optional<NumberMap>>(std::max(a.temps, b.temps)), facts, {}});
  while (!open_.empty()) {
    const auto [place, here] = std::move(*open_.begin());
    open_.erase(open_.begin());
    const auto [sum, i, j] = place;
    expressions_.set_temps(&here.temps);
    const bool fine = i < a_.positions.size() && j < b_.positions.size() && step(i, j, here);
    expressions_.set_temps(nullptr);
    if (fine) continue;
    for (std::size_t k = 0; i < a_.positions.size() && k < a_.positions[i]; ++k) {
      if (const auto* statement = std::get_if<StatementOp>(&a.ops[k])) span = statement->span;
    }
    return false;
  }
  return true;
}

/// One or both go on from operations i and j; false when what they do does not correspond.
bool Programs::step(std::size_t i, std::size_t j, const Point& here) {
  const Op& op = a_.op(i);
  const Op& other = b_.op(j);
  const Facts& facts = here.facts;
  if (const auto* jump = std::get_if<JumpOp>(&op)) {
    go(a_.target(jump->target), j, here);
    return true;
  }
  if (const auto* jump = std::get_if<JumpOp>(&other)) {
    go(i, b_.target(jump->target), here);
    return true;
  }
  const auto* check = std::get_if<CheckOp>(&op);
  const auto* other_check = std::get_if<CheckOp>(&other);
  if (check != nullptr && other_check != nullptr && checks(i, j, here)) return true;
  if (check != nullptr && is_repeated(*check, here) && knowledge_.value_of(facts, check->condition) == true) {
    go(i + 1, j, here);
    return true;
  }
  if (other_check != nullptr && is_repeated(*other_check, here) &&
      expressions_.decide(other_check->condition, facts) == true) {
    go(i, j + 1, here);
    return true;
  }
  const auto* branch = std::get_if<BranchOp>(&op);
  const auto* other_branch = std::get_if<BranchOp>(&other);
  if (branch != nullptr && other_branch != nullptr &&
      expressions_.truth(branch->condition, other_branch->condition, facts)) {
    go_assuming(i + 1, j + 1, here, branch->condition, true);
    go_assuming(a_.target(branch->otherwise), b_.target(other_branch->otherwise), here, branch->condition, false);
    return true;
  }
  if (other_branch != nullptr) {
    if (const std::optional<bool> taken = expressions_.decide(other_branch->condition, facts)) {
      go(i, *taken ? j + 1 : b_.target(other_branch->otherwise), here);
      return true;
    }
  }
  if (branch != nullptr) {
    go_assuming(i + 1, j, here, branch->condition, true);
    go_assuming(a_.target(branch->otherwise), j, here, branch->condition, false);
    return true;
  }
  if (op.index() != other.index()) return false;
  return std::visit(Overloaded{
                        [&](const AssignOp&) { return assignments(i, j, here); },
                        [&](const LetOp& o) {
                          const auto& p = std::get<LetOp>(other);
                          if (o.temp != p.temp) return false;
                          Point next = here;
                          next.temps[o.temp.value] = expressions_.infer(o.value, p.value, facts);
                          if (!next.temps[o.temp.value]) return false;
                          knowledge_.forget_temp(next.facts, o.temp);
                          go(i + 1, j + 1, next);
                          return true;
                        },
                        [&](const ChooseOp& o) {
                          const auto& p = std::get<ChooseOp>(other);
                          if (o.temp != p.temp || o.lo != p.lo || o.hi != p.hi || o.counted != p.counted) return false;
                          Point next = here;
                          next.temps[o.temp.value] = choice(o);
                          knowledge_.forget_temp(next.facts, o.temp);
                          go(i + 1, j + 1, next);
                          return true;
                        },
                        [&](const BranchOp&) { return false; },
                        [&](const JumpOp&) { return false; },
                        [&](const CheckOp&) { return false; },
                        [&](const AssumeOp& o) {
                          if (!expressions_.truth(o.condition, std::get<AssumeOp>(other).condition, facts))
                            return false;
                          go_assuming(i + 1, j + 1, here, o.condition, true);
                          return true;
                        },
                        [&](const StatementOp&) { return false; },
                        [&](const EnterOp&) { return false; },
                        [&](const LeaveOp&) { return false; },
                        [&](const GotoOp& o) {
                          const Location& from = s_.at(o.location);
                          const Location& to = s_.at(std::get<GotoOp>(other).location);
                          return r_.contexts[from.context.value] == to.context.value &&
                                 r_.place(from.context.value, from.number) == to.number;
                        },
                        [&](const EndOp&) { return true; },
                    },
                    op);
}

/// Assignments that follow each other, from operations i and j on, and of which none touches what another one writes:
/// as few as correspond in some order.
bool Programs::assignments(std::size_t i, std::size_t j, const Point& here) {
  const std::size_t most = std::min(independent_assignments(a_, i), independent_assignments(b_, j));
  for (std::size_t count = 1; count <= most; ++count) {
    Point next = here;
    std::vector<bool> used(count, false);
    const auto has_counterpart = [&](const AssignOp& a) {
      for (std::size_t m = 0; m < count; ++m) {
        const auto& b = std::get<AssignOp>(b_.op(j + m));
        if (used[m] || !assignment(a, b, here.facts)) continue;
        note_assignment(a, expressions_.infer(a.value, b.value, here.facts), next.facts);
        return static_cast<bool>(used[m] = true);
      }
      return false;
    };
    std::size_t n = 0;
    while (n < count && has_counterpart(std::get<AssignOp>(a_.op(i + n)))) ++n;
    if (n < count) continue;
    go(i + count, j + count, next);
    return true;
  }
  return false;
}

/// How many operations from i on are assignments of which none touches what another one writes.
std::size_t Programs::independent_assignments(const Side& side, std::size_t i) const {
  CellSet reads(s_.cells.size());
  CellSet writes(s_.cells.size());
  std::size_t count = 0;
  for (; i + count < side.positions.size(); ++count) {
    const auto* assign = std::get_if<AssignOp>(&side.op(i + count));
    if (assign == nullptr) break;
    CellSet written(s_.cells.size());
    CellSet read(s_.cells.size());
    written.insert(assign->place);
    add_reads(s_, assign->value, read);
    if (assign->place.index.valid()) add_reads(s_, assign->place.index, read);
    if (written.intersects(writes) || written.intersects(reads) || read.intersects(writes)) break;
    writes.unite(written);
    reads.unite(read);
  }
  return count;
}

void Programs::note_assignment(const AssignOp& assign, const std::optional<NumberMap>& given, Facts& facts) {
  knowledge_.forget_cells(facts, assign.place);
  if (assign.place.cells.size() != 1 || !given || !given->is_finite) return;
  const CellId cell = assign.place.cells.front();
  if (table_.naming[cell.value] != Naming::Nothing) facts.holds[cell] = *given;
}

/// Checks that follow each other, from operations i and j on.
bool Programs::checks(std::size_t i, std::size_t j, const Point& here) {
  const RuleId rule = std::get<CheckOp>(a_.op(i)).rule;
  const bool is_core = s_.at(rule).core;
  const auto run = [&](const Side& side, std::size_t from) {
    std::vector<const CheckOp*> result;
    for (; from < side.positions.size(); ++from) {
      const auto* check = std::get_if<CheckOp>(&side.op(from));
      if (check == nullptr || (is_core ? check->rule != rule : s_.at(check->rule).core)) break;
      result.push_back(check);
    }
    return result;
  };
  std::vector<const CheckOp*> of_a = run(a_, i);
  std::vector<const CheckOp*> of_b = run(b_, j);
  // On other ways one of the two may come to more checks: what both have can be compared.
  const std::size_t count = std::min(of_a.size(), of_b.size());
  of_a.resize(count);
  of_b.resize(count);
  Point next = here;
  for (const CheckOp* check : of_a) {
    const auto fits = [&](const CheckOp* other) {
      return other != nullptr && other->rule == check->rule &&
             expressions_.truth(check->condition, other->condition, next.facts);
    };
    const auto found = std::find_if(of_b.begin(), of_b.end(), fits);
    if (found == of_b.end()) return false;
    *found = nullptr;
    if (is_core) knowledge_.assume(next.facts, check->condition, true);
    next.passed.insert(check->rule);
  }
  go(i + count, j + count, next);
  return count > 0;
}

/// Whether a check of its core rule was passed by both before: another one that does not fail changes nothing, not
/// even which rules are exercised.
bool Programs::is_repeated(const CheckOp& check, const Point& here) const {
  return s_.at(check.rule).core && here.passed.count(check.rule) > 0;
}

void Programs::go(std::size_t i, std::size_t j, const Point& point) {
  const auto [found, is_new] = open_.emplace(Place(i + j, i, j), point);
  if (!is_new) join(found->second, point);
}

void Programs::go_assuming(std::size_t i, std::size_t j, const Point& point, ExprId condition, bool holds) {
  if (knowledge_.value_of(point.facts, condition) == !holds) return;  // no state comes here
  Point next = point;
  knowledge_.assume(next.facts, condition, holds);
  go(i, j, next);
}

void Programs::join(Point& into, const Point& from) {
  for (std::size_t t = 0; t < into.temps.size(); ++t) {
    if (into.temps[t] != from.temps[t]) into.temps[t].reset();
  }
  std::erase_if(into.facts.known, [&](const Literal& literal) { return !is_known(from.facts, literal); });
  std::erase_if(into.passed, [&](RuleId rule) { return from.passed.count(rule) == 0; });
  std::erase_if(into.facts.excluded, [&](const auto& one) { return from.facts.excluded.count(one) == 0; });
  into.facts.written.unite(from.facts.written);
  into.facts.propagated = false;
  for (auto held = into.facts.holds.begin(); held != into.facts.holds.end();) {
    const auto other = from.facts.holds.find(held->first);
    const auto both = other == from.facts.holds.end() ? std::nullopt : united(held->second, other->second);
    if (both) held->second = *both;
    held = both ? std::next(held) : into.facts.holds.erase(held);
  }
}

bool Programs::assignment(const AssignOp& a, const AssignOp& b, const Facts& facts) {
  const std::optional<std::vector<std::pair<CellId, CellId>>> cells = expressions_.candidates(a.place, b.place, facts);
  if (!cells) return false;
  const std::optional<NumberMap> value = expressions_.infer(a.value, b.value, facts);
  if (!value) return false;
  for (const auto& candidate : *cells) {
    const Naming naming = table_.naming[candidate.first.value];
    if (naming == Naming::Nothing) {
      if (!value->is_identity) return false;
      continue;
    }
    if (!value->is_finite) return false;
    for (const auto& [number, image] : value->pairs) {
      if (!is_possible(candidate.first, number) || r_.named(table_, candidate.first.value, number) != image)
        return false;
    }
  }
  return true;
}

bool Programs::is_possible(CellId cell, std::int64_t number) const {
  const std::vector<std::int64_t>& numbers = table_.possible[cell.value];
  return table_.naming[cell.value] == Naming::Nothing || std::binary_search(numbers.begin(), numbers.end(), number);
}

/// Any order of the numbers to choose from will do, as long as what follows corresponds.
std::optional<NumberMap> Programs::choice(const ChooseOp& op) const {
  if (op.hi - op.lo >= static_cast<std::int64_t>(kMaxPairs)) return NumberMap::any();
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  std::set<std::int64_t> images;
  const bool by_instance = op.type != nullptr && op.type->kind == ValueType::Kind::Ref &&
                           op.hi - op.lo + 1 == static_cast<std::int64_t>(op.type->targets.size());
  for (std::int64_t number = op.lo; number <= op.hi; ++number) {
    std::int64_t image = number;
    if (by_instance) {
      const auto& targets = op.type->targets;
      const std::uint32_t instance = r_.instances[targets[static_cast<std::size_t>(number - op.lo)]];
      const auto found = std::find(targets.begin(), targets.end(), instance);
      if (found == targets.end()) return std::nullopt;
      image = op.lo + (found - targets.begin());
    }
    pairs.emplace_back(number, image);
    if (!images.insert(image).second) return std::nullopt;
  }
  return NumberMap::of(std::move(pairs));
}

}  // namespace quiesce::checker
