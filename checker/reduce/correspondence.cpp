#include "checker/reduce/correspondence.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "model/system/cell_set.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMaxPairs = 4096;      // numbers an expression is followed over
constexpr std::uint64_t kMaxWork = 4000000;  // comparisons of expressions per renaming

/// The map of numbers under which two expressions correspond. `pairs` (number, image) lists every number that the first
/// can have when `is_finite`; else it can have any and each is its own image.
struct Image {
  bool is_finite = false;
  bool is_identity = true;
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;  // ascending

  static Image any() { return {}; }
  static std::optional<Image> of(std::vector<std::pair<std::int64_t, std::int64_t>> pairs) {
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    Image image;
    image.is_finite = true;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (i > 0 && pairs[i].first == pairs[i - 1].first) return std::nullopt;  // one number, two images
      image.is_identity = image.is_identity && pairs[i].first == pairs[i].second;
    }
    if (pairs.size() > kMaxPairs) return std::nullopt;
    image.pairs = std::move(pairs);
    return image;
  }
  bool operator==(const Image&) const = default;
};

/// The map of an expression that has its number from one of two.
std::optional<Image> united(const Image& a, const Image& b) {
  if (a.is_finite && b.is_finite) {
    auto pairs = a.pairs;
    pairs.insert(pairs.end(), b.pairs.begin(), b.pairs.end());
    return Image::of(std::move(pairs));
  }
  if (a.is_identity && b.is_identity) return Image::any();
  return std::nullopt;
}

bool is_injective(const Image& image) {
  std::set<std::int64_t> images;
  for (const auto& [number, its_image] : image.pairs) {
    if (!images.insert(its_image).second) return false;
  }
  return true;
}

/// A claim about the state: an expression is true, or two are equal, or not.
struct Literal {
  bool is_equation = false;
  ExprId a, b;  // b only for equations; a < b
  bool holds = true;

  bool same_claim(const Literal& other) const {
    return is_equation == other.is_equation && a == other.a && b == other.b;
  }
};

/// A core rule's property, as literals of which one is true in every state that steps leave.
struct Clause {
  std::vector<Literal> literals;
  CellSet reads;
};

struct Facts {
  std::vector<Literal> known;
  CellSet written;                // cells assigned so far in the step: clauses say nothing about them
  std::map<CellId, Image> holds;  // what cells that name something were given in the step
  bool clauses = false;
  bool propagated = false;
};

class Proof {
 public:
  Proof(const TransitionSystem& system, const NamingTable& table, const InstanceRenaming& renaming, Refusal& refusal)
      : s_(system), table_(table), r_(renaming), refusal_(refusal), moved_(system.cells.size()) {
    for (std::size_t i = 0; i < s_.cells.size(); ++i) {
      if (r_.cells[i] != i || table_.naming[i] != Naming::Nothing) moved_.insert(CellId(i));
    }
    for (std::size_t i = 0; i < s_.expressions.size(); ++i) {
      const Expr& expr = s_.at(ExprId(i));
      if (const auto* load = std::get_if<LoadExpr>(&expr); load != nullptr && !load->place.index.valid()) {
        loads_.emplace(load->place.cells.front(), ExprId(i));
      } else if (const auto* constant = std::get_if<ConstantExpr>(&expr)) {
        constants_.emplace(constant->value, ExprId(i));
      }
    }
  }

  bool run() {
    return prove_tables() && prove_initial() && prove_core_properties() && prove_contexts() && prove_actions() &&
           prove_other_properties();
  }

 private:
  bool refuse(std::string reason, Span span) {
    if (refusal_.reason.empty()) refusal_ = {std::move(reason), span};
    return false;
  }
  Facts no_facts() const { return {{}, CellSet(s_.cells.size()), {}, false, false}; }
  Facts state_facts() const { return {{}, CellSet(s_.cells.size()), {}, true, false}; }

  // ----------------------------------------------------------------------------------- tables

  bool prove_tables() {
    for (std::size_t i = 0; i < s_.locks.size(); ++i) {
      const Lock& a = s_.locks[i];
      const bool found = std::any_of(s_.locks.begin(), s_.locks.end(), [&](const Lock& b) {
        return a.is_mutex == b.is_mutex && a.level == b.level && r_.cells[a.holder.value] == b.holder.value &&
               a.saved.has_value() == b.saved.has_value() && (!a.saved || r_.cells[a.saved->value] == b.saved->value);
      });
      if (!found) return refuse(fmt::format("lock '{}' has no counterpart", a.name), a.span);
    }
    // A renaming of CPUs must do the same on both sides.
    std::set<std::pair<std::vector<std::uint32_t>, std::uint32_t>> groups;
    for (const CpuBlocks& blocks : s_.cpu_blocks) groups.insert({firsts(blocks, false), blocks.length});
    for (const CpuBlocks& blocks : s_.cpu_blocks) {
      bool together = groups.count({firsts(blocks, true), blocks.length}) > 0;
      for (const CellId first : blocks.first) {
        for (std::uint32_t i = 0; i < blocks.length; ++i) {
          together = together && r_.cells[first.value + i] == r_.cells[first.value] + i;
        }
      }
      if (!together) return refuse("an array over CPUs is taken apart", {});
    }
    return true;
  }
  std::vector<std::uint32_t> firsts(const CpuBlocks& blocks, bool renamed) const {
    std::vector<std::uint32_t> result;
    for (const CellId first : blocks.first) result.push_back(renamed ? r_.cells[first.value] : first.value);
    return result;
  }

  bool prove_initial() {
    std::map<std::uint32_t, const InitialAssign*> by_cell;
    for (const InitialAssign& assign : s_.initial) {
      if (!by_cell.emplace(assign.cell.value, &assign).second) {
        return refuse(fmt::format("'{}' has two initial values", s_.at(assign.cell).name), {});
      }
    }
    for (const auto& [cell, assign] : by_cell) {
      const auto other = by_cell.find(r_.cells[cell]);
      const Naming naming = table_.naming[cell];
      bool same = other != by_cell.end() && assign->value.valid() == other->second->value.valid();
      if (same && !assign->value.valid()) {
        same = naming == Naming::Nothing && assign->lo == other->second->lo && assign->hi == other->second->hi;
      } else if (same) {
        std::int64_t a = 0;
        std::int64_t b = 0;
        if (s_.expressions.is_constant(assign->value, &a) && s_.expressions.is_constant(other->second->value, &b)) {
          same = r_.named(naming, a) == b && is_possible(cell, a);
        } else {
          same = other->second == assign && naming == Naming::Nothing && is_untouched(assign->value);
        }
      }
      if (!same) {
        const auto& variable = s_.cells[cell].variable;
        return refuse(fmt::format("'{}' and '{}' begin with different values", s_.cells[cell].name,
                                  s_.cells[r_.cells[cell]].name),
                      variable ? s_.at(*variable).span : Span{});
      }
    }
    Facts facts = no_facts();
    if (!junction(s_.initial_conditions, s_.initial_conditions, true, facts)) {
      return refuse("the initial states differ", {});
    }
    return true;
  }

  // ------------------------------------------------------------------------------- properties

  bool prove_core_properties() { return prove_properties(true); }
  bool prove_other_properties() { return prove_properties(false); }

  /// Every property must say of the renamed state what one of the same rule says of the state. Core properties prove
  /// each other: in the first of them (in the order of the proof) that is broken, the ones before hold.
  bool prove_properties(bool core) {
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < s_.properties.size(); ++i) {
      if (s_.at(s_.properties[i].rule).core == core) left.push_back(i);
    }
    std::set<std::size_t> taken;
    while (!left.empty()) {
      std::vector<std::size_t> again;
      for (const std::size_t i : left) {
        const std::optional<std::size_t> counterpart = counterpart_of(i, taken);
        if (!counterpart) {
          again.push_back(i);
          continue;
        }
        taken.insert(*counterpart);
        if (core) add_clause(s_.properties[i]);
      }
      if (again.size() == left.size()) {
        const Property& property = s_.properties[left.front()];
        return refuse(fmt::format("a condition of '{}' has no counterpart", s_.at(property.rule).name), property.span);
      }
      left = std::move(again);
    }
    return true;
  }

  std::optional<std::size_t> counterpart_of(std::size_t i, const std::set<std::size_t>& taken) {
    const Property& a = s_.properties[i];
    const auto fits = [&](std::size_t j) {
      const Property& b = s_.properties[j];
      if (taken.count(j) > 0 || a.kind != b.kind || a.rule != b.rule || a.condition.valid() != b.condition.valid() ||
          a.trigger.valid() != b.trigger.valid()) {
        return false;
      }
      // A witness is looked for by name: another one's witness would not do.
      if (a.kind == PropertyKind::Reachable && i != j) return false;
      Facts facts = state_facts();
      if (a.condition.valid() && !truth(a.condition, b.condition, facts)) return false;
      facts = state_facts();
      return !a.trigger.valid() || truth(a.trigger, b.trigger, facts);
    };
    if (fits(i)) return i;
    for (std::size_t j = 0; j < s_.properties.size(); ++j) {
      if (j != i && s_.properties[j].span == a.span && fits(j)) return j;
    }
    return std::nullopt;
  }

  void add_clause(const Property& property) {
    if (property.kind != PropertyKind::Invariant && property.kind != PropertyKind::Never) return;
    Clause clause;
    clause.reads = CellSet(s_.cells.size());
    flatten(property.condition, property.kind == PropertyKind::Invariant, clause.literals);
    add_reads(s_, property.condition, clause.reads);
    for (const Literal& literal : clause.literals) {
      subjects_.insert(literal.a);
      if (literal.is_equation) subjects_.insert(literal.b);
    }
    clauses_.push_back(std::move(clause));
  }

  /// The disjuncts of "`expr` is true" (or false).
  void flatten(ExprId expr, bool holds, std::vector<Literal>& literals) const {
    if (const auto* unary = std::get_if<UnaryExpr>(&s_.at(expr)); unary != nullptr && unary->op == UnaryOp::Not) {
      return flatten(unary->operand, !holds, literals);
    }
    if (const auto* binary = std::get_if<BinaryExpr>(&s_.at(expr))) {
      if (binary->op == (holds ? BinaryOp::Or : BinaryOp::And)) {
        flatten(binary->left, holds, literals);
        flatten(binary->right, holds, literals);
        return;
      }
    }
    literals.push_back(literal_of(expr, holds));
  }

  // --------------------------------------------------------------------------------- contexts

  bool prove_contexts() {
    for (std::size_t k = 0; k < s_.contexts.size(); ++k) {
      const Context& a = s_.contexts[k];
      const Context& b = s_.contexts[r_.contexts[k]];
      context_ = &a;
      if (a.kind != b.kind || a.start_level != b.start_level || a.urgent != b.urgent ||
          r_.instances[a.instance.value] != b.instance.value || s_.at(a.entry).number != s_.at(b.entry).number ||
          a.condition.valid() != b.condition.valid()) {
        return refuse(fmt::format("'{}' and '{}' are declared differently", a.name, b.name), a.span);
      }
      const Facts facts = state_facts();
      if (a.condition.valid() && !truth(a.condition, b.condition, facts)) {
        return refuse(fmt::format("'{}' and '{}' start under different conditions", a.name, b.name), a.span);
      }
      if (!prove_cpus(a, b))
        return refuse(fmt::format("'{}' and '{}' start on different CPUs", a.name, b.name), a.span);
      if (a.kind == ContextKind::Handler) {
        Facts begin = facts;
        if (a.condition.valid()) assume(begin, a.condition, true);
        if (!prove_program(a.start, b.start, begin, a.name, a.span)) return false;
      }
      for (std::size_t n = 0; n < a.locations.size(); ++n) {
        if (!prove_location(a, s_.at(a.locations[n]), s_.at(b.locations[n]))) return false;
      }
    }
    context_ = nullptr;
    return true;
  }

  bool prove_cpus(const Context& a, const Context& b) {
    if (a.cpus.index() != b.cpus.index()) return false;
    const Facts facts = state_facts();
    if (const auto* one = std::get_if<OnOne>(&a.cpus)) return same(one->cpu, std::get<OnOne>(b.cpus).cpu, facts);
    if (const auto* set = std::get_if<OnSet>(&a.cpus)) {
      const auto& other = std::get<OnSet>(b.cpus);
      if (set->allowed.size() != other.allowed.size()) return false;
      for (std::size_t i = 0; i < set->allowed.size(); ++i) {
        if (!truth(set->allowed[i], other.allowed[i], facts)) return false;
      }
    }
    return true;
  }

  bool prove_location(const Context& context, const Location& a, const Location& b) {
    Facts facts = state_facts();
    if (context.activations == 1) {
      const auto load = loads_.find(context.location_cell.front());
      const auto number = constants_.find(a.number);
      if (load != loads_.end() && number != constants_.end()) {
        facts.known.push_back(equation(load->second, number->second, true));
      }
    }
    const auto returns = [&](const Location& location) {
      std::vector<bool> result;
      for (const FunctionId function : location.inside) result.push_back(s_.at(function).returns);
      return result;
    };
    bool same_wait = a.number == b.number && a.wait == b.wait && a.guard.valid() == b.guard.valid() &&
                     a.lock.has_value() == b.lock.has_value() && returns(a) == returns(b);
    if (same_wait && a.guard.valid()) same_wait = truth(a.guard, b.guard, facts);
    if (same_wait && a.lock) same_wait = place_image(*a.lock, *b.lock, facts).has_value();
    if (!same_wait) return refuse(fmt::format("a place of '{}' where it waits differs", context.name), a.span);
    return prove_program(a.program, b.program, facts, context.name, a.span);
  }

  bool prove_actions() {
    for (std::size_t i = 0; i < s_.actions.size(); ++i) {
      const Action& a = s_.actions[i];
      const Action& b = s_.actions[r_.actions[i]];
      const Facts facts = state_facts();
      if (r_.instances[a.instance.value] != b.instance.value || a.guard.valid() != b.guard.valid() ||
          (a.guard.valid() && !truth(a.guard, b.guard, facts))) {
        return refuse(fmt::format("actions '{}' and '{}' happen under different conditions", a.name, b.name), a.span);
      }
      if (!prove_program(a.program, b.program, facts, a.name, a.span)) return false;
    }
    return true;
  }

  // --------------------------------------------------------------------------------- programs

  /// What is known before an operation.
  struct Point {
    bool is_reached = false;
    std::vector<std::optional<Image>> temps;
    Facts facts;
  };

  static bool is_told_only(const Op& op) {
    return std::holds_alternative<StatementOp>(op) || std::holds_alternative<EnterOp>(op) ||
           std::holds_alternative<LeaveOp>(op);
  }
  /// Positions of the operations that do something.
  static std::vector<std::size_t> effective(const Program& program) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      if (!is_told_only(program.ops[i])) result.push_back(i);
    }
    return result;
  }

  bool prove_program(const Program& a, const Program& b, const Facts& facts, const std::string& name, Span span) {
    const std::vector<std::size_t> of_a = effective(a);
    const std::vector<std::size_t> of_b = effective(b);
    const auto differ = [&](std::size_t position) {
      Span where = span;
      for (std::size_t i = 0; i < position && i < a.ops.size(); ++i) {
        if (const auto* statement = std::get_if<StatementOp>(&a.ops[i])) where = statement->span;
      }
      return refuse(fmt::format("a step of '{}' has no counterpart", name), where);
    };
    if (of_a.size() != of_b.size() || a.uses_cpu != b.uses_cpu) return differ(0);
    const auto target = [](const std::vector<std::size_t>& positions, std::uint32_t op) {
      return static_cast<std::size_t>(std::lower_bound(positions.begin(), positions.end(), op) - positions.begin());
    };
    std::vector<Point> points(of_a.size() + 1);
    points[0] = {true, std::vector<std::optional<Image>>(std::max(a.temps, b.temps)), facts};
    for (std::size_t i = 0; i < of_a.size(); ++i) {
      const Op& op = a.ops[of_a[i]];
      const Op& other = b.ops[of_b[i]];
      if (op.index() != other.index()) return differ(of_a[i]);
      if (!points[i].is_reached) continue;  // no way leads here
      Point next = points[i];
      temps_ = &points[i].temps;
      bool same_op = true;
      bool goes_on = true;
      const Facts& here = points[i].facts;
      std::visit(Overloaded{
                     [&](const AssignOp& o) {
                       const auto& p = std::get<AssignOp>(other);
                       same_op = assignment(o, p, here);
                       if (!same_op) return;
                       const std::optional<Image> given = infer(o.value, p.value, here);
                       forget_cells(next.facts, o.place);
                       if (o.place.cells.size() == 1 && given && given->is_finite &&
                           table_.naming[o.place.cells.front().value] != Naming::Nothing) {
                         next.facts.holds[o.place.cells.front()] = *given;
                       }
                     },
                     [&](const LetOp& o) {
                       const auto& p = std::get<LetOp>(other);
                       same_op = o.temp == p.temp;
                       if (!same_op) return;
                       next.temps[o.temp.value] = infer(o.value, p.value, here);
                       same_op = next.temps[o.temp.value].has_value();
                       forget_temp(next.facts, o.temp);
                     },
                     [&](const ChooseOp& o) {
                       const auto& p = std::get<ChooseOp>(other);
                       same_op = o.temp == p.temp && o.lo == p.lo && o.hi == p.hi && o.counted == p.counted;
                       if (!same_op) return;
                       next.temps[o.temp.value] = choice(o);
                       forget_temp(next.facts, o.temp);
                     },
                     [&](const BranchOp& o) {
                       const auto& p = std::get<BranchOp>(other);
                       same_op = target(of_a, o.otherwise) == target(of_b, p.otherwise) &&
                                 truth(o.condition, p.condition, here);
                       if (!same_op) return;
                       Point away = points[i];
                       assume(away.facts, o.condition, false);
                       join(points[target(of_a, o.otherwise)], away);
                       assume(next.facts, o.condition, true);
                     },
                     [&](const JumpOp& o) {
                       const std::size_t to = target(of_a, o.target);
                       same_op = to == target(of_b, std::get<JumpOp>(other).target);
                       if (same_op) join(points[to], points[i]);
                       goes_on = false;
                     },
                     [&](const CheckOp& o) {
                       const auto& p = std::get<CheckOp>(other);
                       same_op = o.rule == p.rule && truth(o.condition, p.condition, here);
                       if (s_.at(o.rule).core) assume(next.facts, o.condition, true);
                     },
                     [&](const AssumeOp& o) {
                       same_op = truth(o.condition, std::get<AssumeOp>(other).condition, here);
                       assume(next.facts, o.condition, true);
                     },
                     [&](const StatementOp&) {},
                     [&](const EnterOp&) {},
                     [&](const LeaveOp&) {},
                     [&](const GotoOp& o) {
                       const Location& from = s_.at(o.location);
                       const Location& to = s_.at(std::get<GotoOp>(other).location);
                       same_op = r_.contexts[from.context.value] == to.context.value && from.number == to.number;
                       goes_on = false;
                     },
                     [&](const EndOp&) { goes_on = false; },
                 },
                 op);
      temps_ = nullptr;
      if (!same_op) return differ(of_a[i]);
      if (goes_on) join(points[i + 1], next);
    }
    return true;
  }

  static void join(Point& into, const Point& from) {
    if (!into.is_reached) {
      into = from;
      return;
    }
    for (std::size_t t = 0; t < into.temps.size(); ++t) {
      if (into.temps[t] != from.temps[t]) into.temps[t].reset();
    }
    std::erase_if(into.facts.known, [&](const Literal& literal) { return !is_known(from.facts, literal); });
    into.facts.written.unite(from.facts.written);
    into.facts.propagated = false;
    for (auto held = into.facts.holds.begin(); held != into.facts.holds.end();) {
      const auto other = from.facts.holds.find(held->first);
      const auto both = other == from.facts.holds.end() ? std::nullopt : united(held->second, other->second);
      if (both) held->second = *both;
      held = both ? std::next(held) : into.facts.holds.erase(held);
    }
  }

  bool assignment(const AssignOp& a, const AssignOp& b, const Facts& facts) {
    const std::optional<std::vector<std::pair<CellId, CellId>>> cells = candidates(a.place, b.place, facts);
    if (!cells) return false;
    const std::optional<Image> value = infer(a.value, b.value, facts);
    if (!value) return false;
    for (const auto& candidate : *cells) {
      const Naming naming = table_.naming[candidate.first.value];
      if (naming == Naming::Nothing) {
        if (!value->is_identity) return false;
        continue;
      }
      if (!value->is_finite) return false;
      for (const auto& [number, image] : value->pairs) {
        if (!is_possible(candidate.first.value, number) || r_.named(naming, number) != image) return false;
      }
    }
    return true;
  }

  bool is_possible(std::uint32_t cell, std::int64_t number) const {
    const std::vector<std::int64_t>& numbers = table_.possible[cell];
    return table_.naming[cell] == Naming::Nothing || std::binary_search(numbers.begin(), numbers.end(), number);
  }

  /// Any order of the numbers to choose from will do, as long as what follows corresponds.
  std::optional<Image> choice(const ChooseOp& op) const {
    if (op.hi - op.lo >= static_cast<std::int64_t>(kMaxPairs)) return Image::any();
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
    return Image::of(std::move(pairs));
  }

  // ------------------------------------------------------------------------------------ facts

  static Literal equation(ExprId a, ExprId b, bool holds) {
    return a < b ? Literal{true, a, b, holds} : Literal{true, b, a, holds};
  }

  Literal literal_of(ExprId expr, bool holds) const {
    if (const auto* binary = std::get_if<BinaryExpr>(&s_.at(expr))) {
      if (binary->op == BinaryOp::Equal) return equation(binary->left, binary->right, holds);
      if (binary->op == BinaryOp::NotEqual) return equation(binary->left, binary->right, !holds);
    }
    return {false, expr, ExprId(), holds};
  }

  void assume(Facts& facts, ExprId expr, bool holds) const {
    if (const auto* unary = std::get_if<UnaryExpr>(&s_.at(expr)); unary != nullptr && unary->op == UnaryOp::Not) {
      return assume(facts, unary->operand, !holds);
    }
    if (const auto* binary = std::get_if<BinaryExpr>(&s_.at(expr))) {
      if (binary->op == (holds ? BinaryOp::And : BinaryOp::Or)) {
        assume(facts, binary->left, holds);
        assume(facts, binary->right, holds);
        return;
      }
    }
    const Literal literal = literal_of(expr, holds);
    if (!is_known(facts, literal)) facts.known.push_back(literal);
    facts.propagated = false;
  }

  static bool is_known(const Facts& facts, const Literal& wanted) {
    return std::any_of(facts.known.begin(), facts.known.end(), [&](const Literal& literal) {
      return literal.same_claim(wanted) && literal.holds == wanted.holds;
    });
  }

  /// Whether `expr` is known not to be `number`.
  bool is_excluded(const Facts& facts, ExprId expr, std::int64_t number) const {
    for (const Literal& literal : facts.known) {
      if (!literal.is_equation) {
        if (literal.a == expr && (literal.holds ? number == 0 : number != 0)) return true;
        continue;
      }
      std::int64_t constant = 0;
      const ExprId other = literal.a == expr ? literal.b : literal.b == expr ? literal.a : ExprId();
      if (!other.valid() || !s_.expressions.is_constant(other, &constant)) continue;
      if (literal.holds ? constant != number : constant == number) return true;
    }
    return false;
  }

  bool is_refuted(const Facts& facts, const Literal& literal) const {
    if (is_known(facts, {literal.is_equation, literal.a, literal.b, !literal.holds})) return true;
    if (!literal.is_equation || !literal.holds) return false;
    // a == 3 is refuted by a == 4.
    std::int64_t constant = 0;
    if (s_.expressions.is_constant(literal.b, &constant)) return is_excluded(facts, literal.a, constant);
    if (s_.expressions.is_constant(literal.a, &constant)) return is_excluded(facts, literal.b, constant);
    return false;
  }

  /// Adds what the core rules say in the light of what is known: a clause of which all but one literal are refuted.
  void propagate(Facts& facts) {
    facts.propagated = true;
    if (!facts.clauses) return;
    for (bool changed = true; changed;) {
      changed = false;
      for (const Clause& clause : clauses_) {
        if (clause.reads.intersects(facts.written)) continue;
        const Literal* open = nullptr;
        bool several = false;
        for (const Literal& literal : clause.literals) {
          ++work_;
          if (is_refuted(facts, literal)) continue;
          several = several || open != nullptr;
          open = &literal;
          if (several) break;
        }
        if (several || open == nullptr || is_known(facts, *open)) continue;
        facts.known.push_back(*open);
        changed = true;
      }
    }
  }

  void forget_cells(Facts& facts, const Place& place) {
    CellSet written(s_.cells.size());
    written.insert(place);
    facts.written.unite(written);
    for (const CellId cell : place.cells) facts.holds.erase(cell);
    std::erase_if(facts.known, [&](const Literal& literal) {
      CellSet reads(s_.cells.size());
      add_reads(s_, literal.a, reads);
      if (literal.is_equation) add_reads(s_, literal.b, reads);
      return reads.intersects(written);
    });
  }

  void forget_temp(Facts& facts, TempId temp) {
    std::erase_if(facts.known, [&](const Literal& literal) {
      return mentions(literal.a, temp) || (literal.is_equation && mentions(literal.b, temp));
    });
  }
  bool mentions(ExprId expr, TempId temp) const {
    bool found = false;
    for_each_expr(s_.expressions, expr, [&](ExprId, const Expr& part) {
      const auto* one = std::get_if<TempExpr>(&part);
      found = found || (one != nullptr && one->temp == temp);
    });
    return found;
  }

  // ------------------------------------------------------------------------------ expressions

  /// Nothing in it is renamed, so that it has the same value in the renamed state.
  bool is_untouched(ExprId expr) {
    const auto known = untouched_.find(expr);
    if (known != untouched_.end()) return known->second;
    bool untouched = true;
    for_each_expr(s_.expressions, expr, [&](ExprId, const Expr& part) {
      std::visit(
          Overloaded{
              [&](const LoadExpr& e) {
                for (const CellId cell : e.place.cells) untouched = untouched && !moved_.contains(cell);
              },
              [&](const TempExpr&) { untouched = false; },
              [&](const IdleExpr& e) { untouched = untouched && r_.contexts[e.context.value] == e.context.value; },
              [](const auto&) {},
          },
          part);
    });
    untouched_.emplace(expr, untouched);
    return untouched;
  }

  /// Whether the two correspond and have the same number.
  bool same(ExprId a, ExprId b, const Facts& facts) {
    const std::optional<Image> image = infer(a, b, facts);
    return image && image->is_identity;
  }

  /// Whether one is true exactly when the other is.
  bool truth(ExprId a, ExprId b, const Facts& facts) {
    const std::optional<Image> image = infer(a, b, facts);
    if (!image) return false;
    if (image->is_identity) return true;
    return std::all_of(image->pairs.begin(), image->pairs.end(),
                       [](const auto& pair) { return (pair.first != 0) == (pair.second != 0); });
  }

  std::optional<Image> infer(ExprId a, ExprId b, const Facts& facts) {
    if (++work_ > kMaxWork) return std::nullopt;
    if (a == b && is_untouched(a)) {
      std::int64_t value = 0;
      return s_.expressions.is_constant(a, &value) ? Image::of({{value, value}}) : Image::any();
    }
    if (s_.at(a).index() != s_.at(b).index()) return std::nullopt;
    return std::visit(Overloaded{
                          [&](const ConstantExpr& e) {
                            return Image::of({{e.value, std::get<ConstantExpr>(s_.at(b)).value}});
                          },
                          [&](const LoadExpr& e) {
                            const Place& other = std::get<LoadExpr>(s_.at(b)).place;
                            std::optional<Image> image = place_image(e.place, other, facts);
                            if (image && e.place.cells.size() == 1) {
                              const auto held = facts.holds.find(e.place.cells.front());
                              if (held != facts.holds.end()) image = held->second;
                            }
                            return restricted(a, std::move(image), facts);
                          },
                          [&](const TempExpr& e) -> std::optional<Image> {
                            if (e.temp != std::get<TempExpr>(s_.at(b)).temp || temps_ == nullptr) return std::nullopt;
                            return restricted(a, (*temps_)[e.temp.value], facts);
                          },
                          [&](const UnaryExpr& e) -> std::optional<Image> {
                            const auto& other = std::get<UnaryExpr>(s_.at(b));
                            if (e.op != other.op) return std::nullopt;
                            if (e.op == UnaryOp::Not) {
                              return truth(e.operand, other.operand, facts) ? std::optional(Image::any())
                                                                            : std::nullopt;
                            }
                            return same(e.operand, other.operand, facts) ? std::optional(Image::any()) : std::nullopt;
                          },
                          [&](const BinaryExpr& e) {
                            return restricted(a, binary(a, e, b, std::get<BinaryExpr>(s_.at(b)), facts), facts);
                          },
                          [&](const ConditionalExpr& e) -> std::optional<Image> {
                            const auto& other = std::get<ConditionalExpr>(s_.at(b));
                            if (!truth(e.condition, other.condition, facts)) return std::nullopt;
                            Facts then_facts = facts;
                            assume(then_facts, e.condition, true);
                            const std::optional<Image> then_image = infer(e.then_value, other.then_value, then_facts);
                            if (!then_image) return std::nullopt;
                            Facts else_facts = facts;
                            assume(else_facts, e.condition, false);
                            const std::optional<Image> else_image = infer(e.else_value, other.else_value, else_facts);
                            if (!else_image) return std::nullopt;
                            return united(*then_image, *else_image);
                          },
                          [&](const LookupExpr& e) -> std::optional<Image> {
                            const auto& other = std::get<LookupExpr>(s_.at(b));
                            const std::optional<Image> index = infer(e.index, other.index, facts);
                            if (!index) return std::nullopt;
                            const auto entry = [](const std::vector<std::int64_t>& table, std::int64_t position) {
                              const bool inside = position >= 0 && position < static_cast<std::int64_t>(table.size());
                              return table[inside ? static_cast<std::size_t>(position) : 0];
                            };
                            std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
                            if (index->is_finite) {
                              for (const auto& [number, image] : index->pairs) {
                                pairs.emplace_back(entry(e.table, number), entry(other.table, image));
                              }
                            } else {
                              if (e.table.size() != other.table.size()) return std::nullopt;
                              for (std::size_t i = 0; i < e.table.size(); ++i)
                                pairs.emplace_back(e.table[i], other.table[i]);
                            }
                            return restricted(a, Image::of(std::move(pairs)), facts);
                          },
                          [&](const SelfActivationExpr&) -> std::optional<Image> {
                            if (context_ == nullptr) return Image::any();
                            std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
                            for (std::int64_t i = 0; i < std::int64_t{context_->activations}; ++i)
                              pairs.emplace_back(i, i);
                            return Image::of(std::move(pairs));
                          },
                          [&](const CurrentCpuExpr&) -> std::optional<Image> { return Image::any(); },
                          [&](const IdleExpr& e) -> std::optional<Image> {
                            if (r_.contexts[e.context.value] != std::get<IdleExpr>(s_.at(b)).context.value)
                              return std::nullopt;
                            return Image::any();
                          },
                      },
                      s_.at(a));
  }

  /// `image` without the numbers that `expr` cannot have, given what is known.
  std::optional<Image> restricted(ExprId expr, std::optional<Image> image, const Facts& facts) {
    if (!image || !image->is_finite) return image;
    const Facts* known = &facts;
    Facts more;
    if (!facts.propagated && facts.clauses && subjects_.count(expr) > 0) {
      more = facts;
      propagate(more);
      known = &more;
    }
    std::erase_if(image->pairs, [&](const auto& pair) { return is_excluded(*known, expr, pair.first); });
    return Image::of(std::move(image->pairs));
  }

  std::optional<Image> binary(ExprId a, const BinaryExpr& e, ExprId b, const BinaryExpr& other, const Facts& facts) {
    if (e.op != other.op) return std::nullopt;
    switch (e.op) {
      case BinaryOp::And:
      case BinaryOp::Or: {
        std::vector<ExprId> of_a;
        std::vector<ExprId> of_b;
        operands(a, e.op, of_a);
        operands(b, e.op, of_b);
        Facts here = facts;
        return junction(of_a, of_b, e.op == BinaryOp::And, here) ? std::optional(Image::any()) : std::nullopt;
      }
      case BinaryOp::Equal:
      case BinaryOp::NotEqual:
        if (is_comparison(e.left, other.left, e.right, other.right, facts) ||
            is_comparison(e.left, other.right, e.right, other.left, facts)) {
          return Image::any();
        }
        return std::nullopt;
      case BinaryOp::Less:
      case BinaryOp::LessEqual:
      case BinaryOp::Greater:
      case BinaryOp::GreaterEqual:
        if (same(e.left, other.left, facts) && same(e.right, other.right, facts)) return Image::any();
        return std::nullopt;
      case BinaryOp::Add:
      case BinaryOp::Multiply:
        if (const auto image = arithmetic(e.op, e.left, other.left, e.right, other.right, facts)) return image;
        return arithmetic(e.op, e.left, other.right, e.right, other.left, facts);
      case BinaryOp::Subtract:
      case BinaryOp::Divide:
      case BinaryOp::Modulo:
        return arithmetic(e.op, e.left, other.left, e.right, other.right, facts);
    }
    return std::nullopt;
  }

  void operands(ExprId expr, BinaryOp op, std::vector<ExprId>& result) const {
    const auto* binary = std::get_if<BinaryExpr>(&s_.at(expr));
    if (binary == nullptr || binary->op != op) {
      result.push_back(expr);
      return;
    }
    operands(binary->left, op, result);
    operands(binary->right, op, result);
  }

  /// Whether two conjunctions (disjunctions) correspond, operand by operand in any order. What is proven of some
  /// operands may be used for the others: where one of those proven before is false (true), both sides are decided.
  bool junction(const std::vector<ExprId>& a, const std::vector<ExprId>& b, bool conjunction, Facts& facts) {
    if (a.size() != b.size()) return false;
    std::vector<bool> proven(a.size(), false);
    std::vector<bool> used(b.size(), false);
    std::size_t left = a.size();
    for (bool progress = true; progress && left > 0;) {
      progress = false;
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (proven[i]) continue;
        for (std::size_t n = 0; n < b.size(); ++n) {
          const std::size_t j = n == 0 ? i : n <= i ? n - 1 : n;  // its own place first
          if (used[j] || !truth(a[i], b[j], facts)) continue;
          proven[i] = used[j] = true;
          assume(facts, a[i], conjunction);
          --left;
          progress = true;
          break;
        }
      }
    }
    return left == 0;
  }

  /// Whether a == b exactly when their counterparts are equal.
  bool is_comparison(ExprId a, ExprId a2, ExprId b, ExprId b2, const Facts& facts) {
    const std::optional<Image> left = infer(a, a2, facts);
    if (!left) return false;
    const std::optional<Image> right = infer(b, b2, facts);
    if (!right) return false;
    if (left->is_identity && right->is_identity) return true;
    const std::optional<Image> both = united(*left, *right);
    return both && both->is_finite && is_injective(*both);
  }

  std::optional<Image> arithmetic(BinaryOp op, ExprId a, ExprId a2, ExprId b, ExprId b2, const Facts& facts) {
    const std::optional<Image> left = infer(a, a2, facts);
    if (!left) return std::nullopt;
    const std::optional<Image> right = infer(b, b2, facts);
    if (!right) return std::nullopt;
    if (left->is_identity && right->is_identity) return Image::any();
    if (!left->is_finite || !right->is_finite || left->pairs.size() * right->pairs.size() > kMaxPairs)
      return std::nullopt;
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    for (const auto& x : left->pairs) {
      for (const auto& y : right->pairs) {
        pairs.emplace_back(apply(op, x.first, y.first), apply(op, x.second, y.second));
      }
    }
    return Image::of(std::move(pairs));
  }

  /// The cells that a place can be, each with the one that its counterpart then is.
  std::optional<std::vector<std::pair<CellId, CellId>>> candidates(const Place& a, const Place& b, const Facts& facts) {
    std::vector<std::pair<CellId, CellId>> result;
    const auto add = [&](CellId from, CellId to) {
      result.emplace_back(from, to);
      return r_.cells[from.value] == to.value;
    };
    if (a.index.valid() != b.index.valid()) return std::nullopt;
    if (!a.index.valid()) {
      if (!add(a.cells.front(), b.cells.front())) return std::nullopt;
      return result;
    }
    const std::optional<Image> index = infer(a.index, b.index, facts);
    if (!index) return std::nullopt;
    const auto cell = [](const Place& place, std::int64_t position) {
      const bool inside = position >= 0 && position < static_cast<std::int64_t>(place.cells.size());
      return place.cells[inside ? static_cast<std::size_t>(position) : 0];
    };
    if (index->is_finite) {
      for (const auto& [number, image] : index->pairs) {
        if (!add(cell(a, number), cell(b, image))) return std::nullopt;
      }
      return result;
    }
    if (a.cells.size() != b.cells.size()) return std::nullopt;
    for (std::size_t i = 0; i < a.cells.size(); ++i) {
      if (!add(a.cells[i], b.cells[i])) return std::nullopt;
    }
    return result;
  }

  std::optional<Image> place_image(const Place& a, const Place& b, const Facts& facts) {
    const auto cells = candidates(a, b, facts);
    if (!cells) return std::nullopt;
    std::optional<Image> image = Image::of({});
    for (const auto& candidate : *cells) {
      image = united(*image, cell_image(candidate.first));
      if (!image) return std::nullopt;
    }
    return image;
  }

  Image cell_image(CellId cell) const {
    const Naming naming = table_.naming[cell.value];
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    if (naming == Naming::Nothing) {
      const Cell& description = s_.at(cell);
      if (description.hi - description.lo > 64) return Image::any();
      for (std::int64_t number = description.lo; number <= description.hi; ++number) pairs.emplace_back(number, number);
    } else {
      for (const std::int64_t number : table_.possible[cell.value]) {
        pairs.emplace_back(number, r_.named(naming, number));
      }
    }
    return *Image::of(std::move(pairs));
  }

  const TransitionSystem& s_;
  const NamingTable& table_;
  const InstanceRenaming& r_;
  Refusal& refusal_;
  CellSet moved_;  // cells that move or whose numbers are renamed
  std::unordered_map<CellId, ExprId> loads_;
  std::map<std::int64_t, ExprId> constants_;
  std::vector<Clause> clauses_;
  std::set<ExprId> subjects_;  // expressions about which clauses say something
  std::unordered_map<ExprId, bool> untouched_;
  const Context* context_ = nullptr;                          // whose program is at hand
  const std::vector<std::optional<Image>>* temps_ = nullptr;  // what its scratch registers hold
  std::uint64_t work_ = 0;
};

}  // namespace

bool is_automorphism(const TransitionSystem& system, const NamingTable& table, const InstanceRenaming& renaming,
                     Refusal& refusal) {
  return Proof(system, table, renaming, refusal).run();
}

}  // namespace quiesce::checker
