#include "checker/successor/state_filter.h"

#include <algorithm>

#include "checker/successor/table_expander.h"
#include "model/system/deadlock.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

bool holds(const Guard& guard, const std::uint64_t* state) {
  for (const WordTest& test : guard) {
    if ((state[test.word] & test.mask) != test.value || (state[test.word] & test.not_mask) == test.not_value) {
      return false;
    }
  }
  return true;
}

bool holds(const WordTest& test, const std::uint64_t* state) { return (state[test.word] & test.mask) == test.value; }

bool mentions_cpu(const TransitionSystem& system, ExprId expr) {
  bool found = false;
  for_each_expr(system.expressions, expr,
                [&](ExprId, const Expr& node) { found = found || std::holds_alternative<CurrentCpuExpr>(node); });
  return found;
}

/// "`cell` holds `number`"; a test that is never true when it cannot.
WordTest is_number(const Packing& packing, CellId cell, std::int64_t number) {
  WordTest test;
  if (!packing.field(cell)) {
    test.value = packing.constant(cell) == number ? 0 : 1;
    return test;
  }
  const auto field = packing.field(cell);
  const bool can = field->encoding == Packing::Encoding::Listed
                       ? std::find(packing.list(*field), packing.list(*field) + (std::size_t{1} << field->bits),
                                   number) != packing.list(*field) + (std::size_t{1} << field->bits)
                       : number >= field->lo && number <= std::int64_t{field->lo} + field->range;
  if (!can) {
    test.value = 1;
    return test;
  }
  test.word = packing.word(cell);
  test.mask = packing.mask(cell);
  test.value = packing.encode(cell, number);
  return test;
}

// Guards beyond these cost as much as the code.
constexpr std::size_t kMostNever = 64;

/// Adds guards that each make `expr` have the truth `wanted`, together nearly all of its states: of a disjunction one
/// side is enough. Of "x is sent => it is in this queue" the states that break it are many masks, and so are disjoint
/// cubes of those that keep it, but not such guards.
void cover(CommandDerivation& derivation, const TransitionSystem& system, const Packing& packing, ExprId expr,
           bool wanted, std::vector<Guard>& guards) {
  const Expr& node = derivation.expressions()[expr];
  if (const auto* unary = std::get_if<UnaryExpr>(&node); unary != nullptr && unary->op == UnaryOp::Not) {
    return cover(derivation, system, packing, unary->operand, !wanted, guards);
  }
  if (const auto* both = std::get_if<BinaryExpr>(&node);
      both != nullptr && both->op == (wanted ? BinaryOp::Or : BinaryOp::And)) {
    const ExprId right = both->right;
    cover(derivation, system, packing, both->left, wanted, guards);
    return cover(derivation, system, packing, right, wanted, guards);
  }
  const auto cubes = derivation.conditions(expr, wanted, LocationId(), 0);
  if (!cubes) return;
  // What fits no guards is left out: then the code is run.
  for (const auto& cube : *cubes) guards_of(packing, system, cube, guards);
}

}  // namespace

FilterTable::FilterTable(const CompiledSystem& compiled, const Packing& packing, CommandDerivation& derivation,
                         VectorTarget target)
    : functions(match_functions(target)) {
  const TransitionSystem& system = compiled.system();
  std::vector<bool> is_judged(system.rules.size());
  for (std::size_t rule = 0; rule < system.rules.size(); ++rule) is_judged[rule] = system.rules[rule].core;
  for (RuleId rule : system.checked) is_judged[rule.value] = true;

  /// Whether the cubes are known and all fit guards.
  const auto add_guards = [&](const std::optional<std::vector<std::vector<CellCondition>>>& cubes,
                              std::vector<Guard>& guards) {
    return cubes && std::all_of(cubes->begin(), cubes->end(),
                                [&](const auto& cube) { return guards_of(packing, system, cube, guards); });
  };
  const auto add = [&](const CompiledProperty& property, ExprId expr, BlockId condition, bool wanted,
                       bool is_trigger = false) {
    Watch watch;
    watch.is_trigger = is_trigger;
    watch.is_witness = !is_trigger && property.kind == PropertyKind::Reachable;
    watch.property = property.id;
    watch.condition = condition;
    watch.wanted = wanted;
    watch.on_code = !add_guards(derivation.conditions(expr, wanted, LocationId(), 0), watch.guards);
    if (!watch.on_code && watch.guards.empty()) return;  // certainly never
    if (watch.on_code) {
      watch.guards.clear();
      cover(derivation, system, packing, expr, !wanted, watch.never);
      if (watch.never.size() > kMostNever) watch.never.resize(kMostNever);
    }
    watches.push_back(watch);
  };
  for (const CompiledProperty& property : compiled.properties) {
    const Property& source = system.at(property.id);
    if (property.has_trigger) add(property, source.trigger, property.trigger, true, true);
    if (property.kind == PropertyKind::Reachable) add(property, source.condition, property.condition, true);
    if (!is_judged[property.rule.value]) continue;
    if (property.kind == PropertyKind::Invariant) add(property, source.condition, property.condition, false);
    if (property.kind == PropertyKind::Never) add(property, source.condition, property.condition, true);
    if (property.kind == PropertyKind::DeadlockFree) judges_deadlock = true;
  }

  for (std::size_t rule = 0; rule < system.rules.size(); ++rule) {
    if (system.rules[rule].name != "life.leaked" || !is_judged[rule]) continue;
    for (const Instance& instance : system.instances) {
      if (instance.life) lives.push_back(is_number(packing, *instance.life, 1));
    }
  }

  can_end = model::can_end(system);
  judges_stuck = system.stuck_rule.valid() && !compiled.activations.empty();
  for (std::uint32_t s = 0; s < compiled.activations.size(); ++s) {
    const CompiledActivation& activation = compiled.activations[s];
    const Context& context = system.contexts[activation.context];
    Slot slot;
    slot.location = cell_reader(packing, context.location_cell[activation.activation]);
    slot.cpu = cell_reader(packing, context.cpu_cell[activation.activation]);
    slot.is_handler = activation.is_handler;
    for (const Lock& lock : system.locks) slot.holds_lock.push_back(is_number(packing, lock.holder, s + 1));
    slot.waits.resize(1);
    for (LocationId id : context.locations) {
      const Location& location = system.at(id);
      Wait wait;
      wait.waits = location.lock.has_value() || location.guard.valid();
      wait.always_bad = location.wait == WaitKind::Spin ||
                        std::any_of(location.inside.begin(), location.inside.end(),
                                    [&](FunctionId function) { return system.at(function).returns; });
      if (wait.waits) {
        ExprTable& table = derivation.expressions();
        // As StuckDetector: the guard decides where there is one, else whether the lock is taken.
        const bool by_lock = !location.guard.valid();
        const ExprId free = by_lock ? table.equal(table.load(*location.lock), table.constant(0)) : location.guard;
        wait.on_code = !derivation.is_reached(id) || (!by_lock && mentions_cpu(system, location.guard)) ||
                       !add_guards(derivation.conditions(free, false, id, activation.activation), wait.blocked);
      }
      slot.waits.push_back(std::move(wait));
    }
    slots.push_back(std::move(slot));
  }
}

StateFilter::StateFilter(const PackedSystem& system)
    : system_(system),
      table_(system.filter()),
      generator_(system.compiled()),
      stuck_(system.compiled()),
      cells_(system.packing().cells()) {
  system.packing().unpack_constants(cells_.data());
  if (system.table() != nullptr) expander_ = std::make_unique<TableExpander>(system, *system.table());
  for (std::uint32_t w = 0; w < table_.watches.size(); ++w) {
    (table_.watches[w].on_code ? coded_ : guarded_).push_back(w);
  }
  list_guards();
}

StateFilter::~StateFilter() = default;

void StateFilter::list_guards() {
  guards_ = {};
  for (std::uint32_t w : guarded_) {
    for (const Guard& guard : table_.watches[w].guards) guards_.add(guard);
  }
  never_.assign(coded_.size(), {});
  for (std::size_t i = 0; i < coded_.size(); ++i) {
    for (const Guard& guard : table_.watches[coded_[i]].never) never_[i].add(guard);
  }
}

void StateFilter::look_for(const Interest& interest) {
  guarded_.clear();
  coded_.clear();
  for (std::uint32_t w = 0; w < table_.watches.size(); ++w) {
    const FilterTable::Watch& watch = table_.watches[w];
    const RuleId rule = system_.system().at(watch.property).rule;
    const bool is_wanted = watch.is_trigger   ? interest.triggers[watch.property.value]
                           : watch.is_witness ? interest.witnesses[watch.property.value]
                                              : system_.system().at(rule).core || interest.rules[rule.value];
    if (is_wanted) (watch.on_code ? coded_ : guarded_).push_back(w);
  }
  list_guards();
}

void StateFilter::may_show(const std::uint64_t* states, std::size_t count, std::uint8_t* maybe) {
  const std::size_t words = system_.packing().words();
  std::fill_n(maybe, count, std::uint8_t{0});
  if (!guards_.ends.empty()) table_.functions.any(guards_, states, words, count, maybe);
  run_coded(states, count, maybe);
  if (!table_.judges_stuck && !table_.judges_deadlock && table_.lives.empty()) return;
  for (std::size_t i = 0; i < count; ++i) {
    if (maybe[i] == 0 && may_show_more(states + i * words)) maybe[i] = 1;
  }
}

void StateFilter::run_coded(const std::uint64_t* states, std::size_t count, std::uint8_t* maybe) {
  if (coded_.empty()) return;
  const std::size_t words = system_.packing().words();
  is_never_.assign(coded_.size() * count, 0);
  for (std::size_t c = 0; c < coded_.size(); ++c) {
    if (!never_[c].ends.empty()) table_.functions.any(never_[c], states, words, count, is_never_.data() + c * count);
  }
  unpacked_ = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < coded_.size() && maybe[i] == 0; ++c) {
      if (is_never_[c * count + i] != 0) continue;
      const FilterTable::Watch& watch = table_.watches[coded_[c]];
      if (generator_.is_true(watch.condition, cells_of(states + i * words)) == watch.wanted) maybe[i] = 1;
    }
  }
}

const std::int32_t* StateFilter::cells_of(const std::uint64_t* state) {
  if (unpacked_ != state) system_.packing().unpack_fields(state, cells_.data());
  unpacked_ = state;
  return cells_.data();
}

bool StateFilter::can_step(const std::uint64_t* state) {
  return expander_ != nullptr ? expander_->can_step(state) : generator_.can_step(cells_of(state));
}

/// What does not fit groups of cubes.
bool StateFilter::may_show_more(const std::uint64_t* state) {
  unpacked_ = nullptr;
  if (table_.judges_stuck && may_be_stuck(state)) return true;
  if (!table_.judges_deadlock && table_.lives.empty()) return false;
  const bool all_ended = std::all_of(table_.slots.begin(), table_.slots.end(),
                                     [&](const FilterTable::Slot& slot) { return slot.location.number(state) == 0; });
  if (table_.judges_deadlock && !(all_ended && table_.can_end) && !can_step(state)) return true;
  return all_ended &&
         std::any_of(table_.lives.begin(), table_.lives.end(),
                     [&](const WordTest& is_live) { return holds(is_live, state); }) &&
         !can_step(state);
}

/// The first look of StuckDetector::is_stuck.
bool StateFilter::may_be_stuck(const std::uint64_t* state) {
  for (const FilterTable::Slot& slot : table_.slots) {
    const auto location = static_cast<std::size_t>(slot.location.number(state));
    if (location == 0) continue;
    const FilterTable::Wait& wait = slot.waits[location];
    if (!wait.waits) continue;
    const bool bad = wait.always_bad || slot.is_handler || slot.cpu.bits(state) != 0 ||
                     std::any_of(slot.holds_lock.begin(), slot.holds_lock.end(),
                                 [&](const WordTest& test) { return holds(test, state); });
    if (!bad) continue;
    if (wait.on_code) return stuck_.is_stuck(cells_of(state));
    const bool blocked =
        std::any_of(wait.blocked.begin(), wait.blocked.end(), [&](const Guard& guard) { return holds(guard, state); });
    if (blocked) return stuck_.is_stuck(cells_of(state));
  }
  return false;
}

}  // namespace quiesce::checker
