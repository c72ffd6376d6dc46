#include "checker/reduce/correspondence.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "checker/reduce/expression_correspondence.h"
#include "checker/reduce/known_facts.h"
#include "checker/reduce/program_correspondence.h"
#include "model/system/cell_set.h"
#include "model/system/may_write.h"

namespace quiesce::checker {

using namespace model;

namespace {

class Proof {
 public:
  Proof(const TransitionSystem& system, const NamingTable& table, InstanceRenaming& renaming, Refusal& refusal)
      : s_(system),
        table_(table),
        r_(renaming),
        refusal_(refusal),
        knowledge_(system),
        expressions_(system, table, renaming, knowledge_),
        programs_(system, table, renaming, knowledge_, expressions_) {
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
    r_.properties.resize(s_.properties.size());
    return prove_tables() && prove_initial() && prove_core_properties() && prove_contexts() && prove_actions() &&
           prove_other_properties() && prove_writes();
  }

 private:
  using Kind = Asymmetry::Kind;

  bool refuse(Asymmetry reason, Span span) {
    if (refusal_.reason.kind == Kind::NotSaid) refusal_ = {std::move(reason), span};
    return false;
  }

  // ----------------------------------------------------------------------------------- tables

  bool prove_tables() {
    for (std::size_t i = 0; i < s_.locks.size(); ++i) {
      const Lock& a = s_.locks[i];
      const bool found = std::any_of(s_.locks.begin(), s_.locks.end(), [&](const Lock& b) {
        return a.is_mutex == b.is_mutex && a.level == b.level && r_.cells[a.holder.value] == b.holder.value &&
               a.saved.has_value() == b.saved.has_value() && (!a.saved || r_.cells[a.saved->value] == b.saved->value);
      });
      if (!found) return refuse({Kind::Locks, a.name}, a.span);
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
      if (!together) return refuse({Kind::CpuArrays}, {});
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
        return refuse({Kind::TwoInitialValues, s_.at(assign.cell).name}, {});
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
          same = r_.named(table_, cell, a) == b && programs_.is_possible(CellId(cell), a);
        } else {
          same = other->second == assign && naming == Naming::Nothing && expressions_.is_untouched(assign->value);
        }
      }
      if (!same) {
        const auto& variable = s_.cells[cell].variable;
        return refuse({Kind::InitialValues, s_.cells[cell].name, s_.cells[r_.cells[cell]].name},
                      variable ? s_.at(*variable).span : Span{});
      }
    }
    Facts facts = knowledge_.nothing();
    if (!expressions_.junction(s_.initial_conditions, s_.initial_conditions, true, facts)) {
      return refuse({Kind::InitialStates}, {});
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
        r_.properties[i] = static_cast<std::uint32_t>(*counterpart);
        if (core) knowledge_.add_core_property(s_.properties[i]);
      }
      if (again.size() == left.size()) {
        const Property& property = s_.properties[left.front()];
        return refuse({Kind::Conditions, s_.at(property.rule).name}, property.span);
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
      Facts facts = knowledge_.of_states();
      if (a.condition.valid() && !expressions_.truth(a.condition, b.condition, facts)) return false;
      facts = knowledge_.of_states();
      return !a.trigger.valid() || expressions_.truth(a.trigger, b.trigger, facts);
    };
    if (fits(i)) return i;
    for (std::size_t j = 0; j < s_.properties.size(); ++j) {
      if (j != i && s_.properties[j].span == a.span && fits(j)) return j;
    }
    return std::nullopt;
  }

  // --------------------------------------------------------------------------------- contexts

  bool prove_contexts() {
    for (std::size_t k = 0; k < s_.contexts.size(); ++k) {
      const Context& a = s_.contexts[k];
      const Context& b = s_.contexts[r_.contexts[k]];
      expressions_.set_context(&a);
      if (a.kind != b.kind || a.start_level != b.start_level || a.urgent != b.urgent ||
          r_.instances[a.instance.value] != b.instance.value || a.condition.valid() != b.condition.valid() ||
          r_.place(k, s_.at(a.entry).number) != s_.at(b.entry).number) {
        return refuse({Kind::Declarations, a.name, b.name}, a.span);
      }
      const Facts facts = knowledge_.of_states();
      if (a.condition.valid() && !expressions_.truth(a.condition, b.condition, facts)) {
        return refuse({Kind::StartConditions, a.name, b.name}, a.span);
      }
      if (!prove_cpus(a, b)) return refuse({Kind::StartCpus, a.name, b.name}, a.span);
      if (a.kind == ContextKind::Handler) {
        Facts begin = facts;
        if (a.condition.valid()) knowledge_.assume(begin, a.condition, true);
        if (!prove_program(a.start, b.start, begin, a.name, a.span)) return false;
      }
      for (const LocationId id : a.locations) {
        const Location& place = s_.at(id);
        if (!prove_location(a, place, s_.at(b.locations[r_.place(k, place.number) - 1]))) return false;
      }
    }
    expressions_.set_context(nullptr);
    return true;
  }

  bool prove_cpus(const Context& a, const Context& b) {
    if (a.cpus.index() != b.cpus.index()) return false;
    const Facts facts = knowledge_.of_states();
    if (const auto* one = std::get_if<OnOne>(&a.cpus))
      return expressions_.same(one->cpu, std::get<OnOne>(b.cpus).cpu, facts);
    if (const auto* set = std::get_if<OnSet>(&a.cpus)) {
      const auto& other = std::get<OnSet>(b.cpus);
      if (set->allowed.size() != other.allowed.size()) return false;
      for (std::size_t i = 0; i < set->allowed.size(); ++i) {
        if (!expressions_.truth(set->allowed[i], other.allowed[i], facts)) return false;
      }
    }
    return true;
  }

  bool prove_location(const Context& context, const Location& a, const Location& b) {
    Facts facts = knowledge_.of_states();
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
    bool same_wait = a.wait == b.wait && a.guard.valid() == b.guard.valid() &&
                     a.lock.has_value() == b.lock.has_value() && returns(a) == returns(b);
    if (same_wait && a.guard.valid()) same_wait = expressions_.truth(a.guard, b.guard, facts);
    if (same_wait && a.lock) same_wait = expressions_.place_image(*a.lock, *b.lock, facts).has_value();
    if (!same_wait) return refuse({Kind::Waits, context.name}, a.span);
    return prove_program(a.program, b.program, facts, context.name, a.span);
  }

  bool prove_actions() {
    for (std::size_t i = 0; i < s_.actions.size(); ++i) {
      const Action& a = s_.actions[i];
      const Action& b = s_.actions[r_.actions[i]];
      const Facts facts = knowledge_.of_states();
      if (r_.instances[a.instance.value] != b.instance.value || a.guard.valid() != b.guard.valid() ||
          (a.guard.valid() && !expressions_.truth(a.guard, b.guard, facts))) {
        return refuse({Kind::ActionConditions, a.name, b.name}, a.span);
      }
      if (!prove_program(a.program, b.program, facts, a.name, a.span)) return false;
    }
    return true;
  }

  // ----------------------------------------------------------------------------------- writes

  /// core.stuck asks what may still be written, of the text: also of ways that no state takes.
  bool prove_writes() {
    const MayWrite writes(s_);
    for (std::size_t k = 0; k < s_.contexts.size(); ++k) {
      const Context& a = s_.contexts[k];
      const Context& b = s_.contexts[r_.contexts[k]];
      bool same = image(writes.of_start(ContextId(k))) == writes.of_start(ContextId(std::size_t{r_.contexts[k]}));
      for (const LocationId id : a.locations) {
        const LocationId other = b.locations[r_.place(k, s_.at(id).number) - 1];
        same = same && image(writes.from(id)) == writes.from(other);
      }
      if (!same) return refuse({Kind::Writes, a.name, b.name}, a.span);
    }
    for (std::size_t i = 0; i < s_.actions.size(); ++i) {
      if (image(writes.of_action(ActionId(i))) != writes.of_action(ActionId(std::size_t{r_.actions[i]}))) {
        const Action& a = s_.actions[i];
        return refuse({Kind::ActionWrites, a.name}, a.span);
      }
    }
    return true;
  }
  CellSet image(const CellSet& cells) const {
    CellSet result(s_.cells.size());
    cells.for_each([&](CellId cell) { result.insert(CellId(std::size_t{r_.cells[cell.value]})); });
    return result;
  }

  bool prove_program(const Program& a, const Program& b, const Facts& facts, const std::string& name, Span span) {
    return programs_.correspond(a, b, facts, span) || refuse({Kind::Steps, name}, span);
  }

  const TransitionSystem& s_;
  const NamingTable& table_;
  InstanceRenaming& r_;
  Refusal& refusal_;
  Knowledge knowledge_;
  Expressions expressions_;
  Programs programs_;
  std::unordered_map<CellId, ExprId> loads_;
  std::map<std::int64_t, ExprId> constants_;
};

}  // namespace

bool is_automorphism(const TransitionSystem& system, const NamingTable& table, InstanceRenaming& renaming,
                     Refusal& refusal) {
  return Proof(system, table, renaming, refusal).run();
}

}  // namespace quiesce::checker
