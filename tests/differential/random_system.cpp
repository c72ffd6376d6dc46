#include "tests/differential/random_system.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "model/system/print.h"
#include "model/system/traverse.h"

namespace quiesce {

using namespace model;

namespace {

constexpr std::int64_t kPin = 2;

class Builder {
 public:
  Builder(std::uint64_t seed, int size, ConditionKind kind) : random_(seed), size_(size), kind_(kind) {}

  TransitionSystem build() {
    s_.name = "random";
    tight_ = random_.chance(35);
    s_.cpus = static_cast<std::uint32_t>(random_.chance(40) ? 2 : random_.chance(40) ? 1 : random_.between(3, 4));
    s_.pin_level = kPin;
    s_.instances.push_back({"", "Random", std::nullopt, std::nullopt, {}});
    rules();
    variables();
    const int threads = static_cast<int>(random_.between(1, 2 + size_ / 2));
    const int handlers = static_cast<int>(random_.between(0, 2 + size_ / 2));
    const int actions = static_cast<int>(random_.between(0, 2));
    // All contexts first: conditions mention their idleness.
    for (int i = 0; i < threads; ++i) declare(ContextKind::Thread, "thread" + std::to_string(i));
    for (int i = 0; i < handlers; ++i) declare(ContextKind::Handler, "handler" + std::to_string(i));
    for (std::size_t k = 0; k < s_.contexts.size(); ++k) body(k);
    for (int i = 0; i < actions; ++i) action("action" + std::to_string(i));
    properties();
    // Location cells reach as far as there are locations; Slot cells as far as there are slots.
    for (const Context& context : s_.contexts) {
      for (CellId cell : context.location_cell)
        s_.cells[cell.value].hi = static_cast<std::int64_t>(context.locations.size());
    }
    for (Cell& cell : s_.cells) {
      if (cell.kind == CellKind::Slot) cell.hi = s_.slots;
    }
    for (const Context& context : s_.contexts) {
      if (context.kind != ContextKind::Thread) continue;
      s_.initial.push_back({context.location_cell[0], number(1), 0, 0});
      s_.initial.push_back({context.level_cell[0], number(context.start_level), 0, 0});
    }
    return std::move(s_);
  }

 private:
  // --------------------------------------------------------------------------------- declarations

  RuleId rule(const std::string& name, bool core) {
    Rule r;
    r.name = name;
    r.core = core;
    s_.rules.push_back(r);
    const RuleId id(s_.rules.size() - 1);
    if (!core || random_.chance(70)) s_.checked.push_back(id);
    return id;
  }

  void rules() {
    const RuleId stuck = rule("core.stuck", true);
    if (tight_ || random_.chance(50)) s_.stuck_rule = stuck;
    core_rule_ = rule("core.random", true);
    for (int i = 0; i < 4; ++i) rules_.push_back(rule("random.rule" + std::to_string(i), false));
    deadlock_rule_ = rule("random.deadlock", false);
    if (random_.chance(30)) rule("life.leaked", false);
  }

  CellId cell(const std::string& name, std::int64_t lo, std::int64_t hi, CellKind kind = CellKind::Plain) {
    Cell c;
    c.name = name;
    c.lo = lo;
    c.hi = hi;
    c.rest = lo > 0 || hi < 0 ? lo : 0;
    c.kind = kind;
    s_.cells.push_back(c);
    return CellId(s_.cells.size() - 1);
  }

  void variables() {
    const int flags = static_cast<int>(random_.between(2, 3));
    for (int i = 0; i < flags; ++i) flags_.push_back(cell("flag" + std::to_string(i), 0, 1));
    const int numbers = static_cast<int>(random_.between(0, 2));
    for (int i = 0; i < numbers; ++i)
      numbers_.push_back(cell("number" + std::to_string(i), random_.between(-2, 1), random_.between(2, 3)));
    const int cpus = static_cast<int>(random_.between(tight_ ? 1 : 0, 2));
    for (int i = 0; i < cpus; ++i) cpu_cells_.push_back(cell("cpu" + std::to_string(i), 0, s_.cpus, CellKind::Cpu));
    if (random_.chance(40)) {
      CpuBlocks blocks;
      for (std::uint32_t c = 0; c < s_.cpus; ++c) {
        per_cpu_.push_back(cell("per_cpu[" + std::to_string(c) + "]", 0, 1));
        blocks.first.push_back(per_cpu_.back());
      }
      s_.cpu_blocks.push_back(blocks);
    }
    if (s_.cpus > 1 && random_.chance(15)) {
      // array<array<Cpu?, Cpu>, Cpu>: blocks inside blocks, with CPUs in them.
      CpuBlocks outer;
      outer.length = s_.cpus;
      std::vector<CpuBlocks> inner;
      for (std::uint32_t c = 0; c < s_.cpus; ++c) {
        CpuBlocks row;
        matrix_.emplace_back();
        for (std::uint32_t d = 0; d < s_.cpus; ++d) {
          matrix_[c].push_back(cell("matrix[" + std::to_string(c) + "][" + std::to_string(d) + "]", 0, 1));
          row.first.push_back(matrix_[c][d]);
        }
        outer.first.push_back(matrix_[c][0]);
        inner.push_back(row);
      }
      s_.cpu_blocks.push_back(outer);
      s_.cpu_blocks.insert(s_.cpu_blocks.end(), inner.begin(), inner.end());
    }
    if (random_.chance(20)) s_.fixed_cpus = 1u << random_.between(0, s_.cpus - 1);
    const int locks = static_cast<int>(random_.chance(tight_ ? 80 : 50) ? random_.between(1, 2) : 0);
    for (int i = 0; i < locks; ++i) {
      Lock lock;
      lock.name = "lock" + std::to_string(i);
      lock.is_mutex = random_.chance(30);
      lock.holder = cell(lock.name, 0, 1, CellKind::Slot);
      s_.locks.push_back(lock);
    }
    if (random_.chance(30)) {
      Instance object;
      object.path = "object";
      object.machine = "Object";
      object.parent = InstanceId(0);
      object.life = cell("object.life", 0, 2);
      s_.instances.push_back(object);
    }
    Function plain{"plain", false, {}};
    Function returns{"drain", true, {}};
    s_.functions = {plain, returns};
    for (CellId flag : flags_) {
      if (random_.chance(30))
        s_.initial.push_back({flag, ExprId(), 0, 1});
      else if (random_.chance(40))
        s_.initial.push_back({flag, number(1), 0, 0});
    }
    if (flags_.size() > 1 && random_.chance(20)) {
      const ExprId some = s_.expressions.disjunction(load(flags_[0]), load(flags_[1]));
      s_.initial.push_back({flags_[0], number(1), 0, 0});
      s_.initial_conditions.push_back(some);
    }
  }

  void declare(ContextKind kind, const std::string& name) {
    Context k;
    k.name = name;
    k.kind = kind;
    k.instance = InstanceId(0);
    k.start_level = kind == ContextKind::Thread
                        ? (random_.chance(85)   ? 0
                           : random_.chance(50) ? 1
                                                : kPin)
                        : (random_.chance(20) ? random_.between(0, 1) : random_.between(kPin, 4));
    k.activations =
        kind == ContextKind::Handler && random_.chance(40) ? static_cast<std::uint32_t>(random_.between(2, 3)) : 1;
    k.first_slot = s_.slots;
    s_.slots += k.activations;
    const bool has_affinity = random_.chance(tight_ ? 60 : 25) && !cpu_cells_.empty();
    const int locals = static_cast<int>(random_.chance(40) ? random_.between(1, 2) : 0);
    for (std::uint32_t a = 0; a < k.activations; ++a) {
      const std::string prefix = name + "#" + std::to_string(a) + ".";
      k.location_cell.push_back(cell(prefix + "location", 0, 1, CellKind::Location));
      k.level_cell.push_back(cell(prefix + "level", 0, 31));
      k.cpu_cell.push_back(cell(prefix + "cpu", 0, s_.cpus, CellKind::Cpu));
      if (has_affinity) k.affinity_cell.push_back(cell(prefix + "affinity", 0, s_.cpus, CellKind::Cpu));
      k.local_cells.emplace_back();
      for (int l = 0; l < locals; ++l) k.local_cells.back().push_back(cell(prefix + "local" + std::to_string(l), 0, 1));
    }
    s_.contexts.push_back(std::move(k));
  }

  // ---------------------------------------------------------------------------------- expressions

  ExprId number(std::int64_t value) { return s_.expressions.constant(value); }
  ExprId load(CellId c) { return s_.expressions.load(c); }
  template <class T>
  const T& any_of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(list.size()) - 1))];
  }
  Place own(const std::vector<CellId>& per_activation) {
    Place place{per_activation, {}};
    if (per_activation.size() > 1) place.index = s_.expressions.add(SelfActivationExpr{});
    return place;
  }
  Place own_local(std::size_t k) {
    const Context& context = s_.contexts[k];
    const auto field =
        static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(context.local_cells[0].size()) - 1));
    std::vector<CellId> cells;
    for (const auto& locals : context.local_cells) cells.push_back(locals[field]);
    return own(cells);
  }

  /// A CPU that is known not to be none: an index into per_cpu_ (from 0).
  ExprId index_of(ExprId cpu) { return s_.expressions.binary(BinaryOp::Subtract, cpu, number(1)); }

  /// A condition. `self`: the context that evaluates it, if its locals may be read.
  ExprId condition(int depth, std::optional<std::size_t> self) {
    ExprTable& e = s_.expressions;
    if (kind_ == ConditionKind::AboutContexts && random_.chance(25)) return about_contexts();
    if (depth > 0 && random_.chance(45)) {
      const ExprId left = condition(depth - 1, self);
      const ExprId right = condition(depth - 1, self);
      switch (random_.between(0, 3)) {
        case 0:
          return e.disjunction(left, right);
        case 1:
          return e.add(ConditionalExpr{left, right, e.negation(right)});
        default:
          return e.conjunction(left, right);
      }
    }
    switch (random_.between(0, 9)) {
      case 0:
      case 1:
        return load(any_of(flags_));
      case 2:
        return e.negation(load(any_of(flags_)));
      case 3:
        if (numbers_.empty()) return e.equal(load(flags_[0]), load(flags_[1]));
        return e.binary(static_cast<BinaryOp>(random_.between(static_cast<int>(BinaryOp::Equal),
                                                              static_cast<int>(BinaryOp::GreaterEqual))),
                        load(any_of(numbers_)), number(random_.between(-1, 3)));
      case 4:
        if (cpu_cells_.empty()) return load(any_of(flags_));
        if (random_.chance(50)) return e.equal(load(any_of(cpu_cells_)), number(0));
        return e.equal(load(any_of(cpu_cells_)), load(any_of(cpu_cells_)));
      case 5:
        if (cpu_cells_.empty() || per_cpu_.empty()) return e.negation(load(any_of(flags_)));
        {
          const ExprId cpu = load(any_of(cpu_cells_));
          return e.conjunction(e.negation(e.equal(cpu, number(0))),
                               per_cpu_.size() == 1 ? load(per_cpu_[0]) : e.load(Place{per_cpu_, index_of(cpu)}));
        }
      case 6: {
        const ExprId idle = e.add(IdleExpr{ContextId(
            static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(s_.contexts.size()) - 1)))});
        return random_.chance(60) ? idle : e.negation(idle);
      }
      case 7:
        if (self && !s_.contexts[*self].local_cells[0].empty()) return e.load(own_local(*self));
        if (!s_.locks.empty()) return e.equal(load(any_of(s_.locks).holder), number(0));
        return load(any_of(flags_));
      case 8: {
        std::vector<std::int64_t> table = {random_.between(0, 1), random_.between(0, 1), random_.between(0, 1)};
        return e.add(LookupExpr{table, load(numbers_.empty() ? flags_[0] : any_of(numbers_))});
      }
      default: {
        // Where a thread stands, or where it does not.
        for (const Context& context : s_.contexts) {
          if (context.kind == ContextKind::Thread && random_.chance(60)) {
            const ExprId stands = e.equal(load(context.location_cell[0]), number(random_.between(0, 3)));
            return random_.chance(50) ? stands : e.negation(stands);
          }
        }
        return load(any_of(flags_));
      }
    }
  }

  /// A condition about any activation of any context, or about an element that a value chooses.
  ExprId about_contexts() {
    ExprTable& e = s_.expressions;
    const Context& context = any_of(s_.contexts);
    const auto a = static_cast<std::size_t>(random_.between(0, context.activations - 1));
    switch (random_.between(0, 5)) {
      case 0: {
        const ExprId floats = e.equal(load(context.cpu_cell[a]), number(0));
        return random_.chance(50) ? floats : e.negation(floats);
      }
      case 1:
        if (!is_waiting_) return e.equal(load(context.cpu_cell[a]), load(any_of(any_of(s_.contexts).cpu_cell)));
        return e.equal(load(context.cpu_cell[a]), e.add(CurrentCpuExpr{}));
      case 2:
        return e.binary(BinaryOp::GreaterEqual, load(context.level_cell[a]), number(random_.between(1, 5)));
      case 3: {
        const ExprId stands = e.equal(load(context.location_cell[a]), number(random_.between(0, 2)));
        return random_.chance(50) ? stands : e.negation(stands);
      }
      case 4:
        if (context.affinity_cell.empty()) return e.negation(e.equal(load(context.location_cell[a]), number(0)));
        return e.equal(load(context.affinity_cell[a]), number(0));
      default:
        return e.load(Place{{flags_[0], flags_[1]}, load(any_of(flags_))});
    }
  }

  // ------------------------------------------------------------------------------------- programs

  /// Effects without level changes, locks or waits.
  void effects(Program& program, std::optional<std::size_t> self, bool may_use_cpu) {
    const int count = static_cast<int>(random_.between(1, 2));
    for (int i = 0; i < count; ++i) effect(program, self, may_use_cpu);
  }

  void effect(Program& program, std::optional<std::size_t> self, bool may_use_cpu) {
    ExprTable& e = s_.expressions;
    const auto assign = [&](Place place, ExprId value) { program.ops.push_back(AssignOp{std::move(place), value}); };
    const auto assign_cell = [&](CellId c, ExprId value) { assign(Place{{c}, {}}, value); };
    switch (random_.between(0, 13)) {
      case 0:
      case 1:
        return assign_cell(any_of(flags_), number(random_.between(0, 1)));
      case 2: {
        const CellId flag = any_of(flags_);
        return assign_cell(flag, e.negation(load(flag)));
      }
      case 3: {
        if (numbers_.empty()) return assign_cell(flags_[0], condition(1, self));
        const CellId c = any_of(numbers_);
        const Cell& cell = s_.at(c);
        return assign_cell(c, e.conditional(e.binary(BinaryOp::Less, load(c), number(cell.hi)),
                                            e.binary(BinaryOp::Add, load(c), number(1)), number(cell.lo)));
      }
      case 4: {
        // choose x: lo..hi
        if (numbers_.empty()) return assign_cell(any_of(flags_), condition(1, self));
        const CellId c = any_of(numbers_);
        const TempId temp(program.temps++);
        program.ops.push_back(ChooseOp{temp, s_.at(c).lo, s_.at(c).hi, true, "x", nullptr});
        if (random_.chance(30)) program.ops.push_back(AssumeOp{e.negation(e.equal(e.add(TempExpr{temp}), load(c)))});
        return assign_cell(c, e.add(TempExpr{temp}));
      }
      case 5: {
        if (cpu_cells_.empty()) return assign_cell(any_of(flags_), number(0));
        if (may_use_cpu && random_.chance(60)) {
          program.uses_cpu = true;
          return assign_cell(any_of(cpu_cells_), e.add(CurrentCpuExpr{}));
        }
        return assign_cell(any_of(cpu_cells_), random_.chance(50) ? number(0) : load(any_of(cpu_cells_)));
      }
      case 6: {
        if (cpu_cells_.empty()) return assign_cell(any_of(flags_), number(1));
        const TempId temp(program.temps++);
        program.ops.push_back(ChooseOp{temp, 1, static_cast<std::int64_t>(s_.cpus), false, "c", nullptr});
        return assign_cell(any_of(cpu_cells_), e.add(TempExpr{temp}));
      }
      case 7: {
        if (per_cpu_.empty() || !may_use_cpu) return assign_cell(any_of(flags_), condition(1, self));
        program.uses_cpu = true;
        const ExprId value = random_.chance(60) ? number(1) : number(0);
        if (per_cpu_.size() == 1) return assign_cell(per_cpu_[0], value);
        return assign(Place{per_cpu_, index_of(e.add(CurrentCpuExpr{}))}, value);
      }
      case 8: {
        program.ops.push_back(CheckOp{condition(2, self), random_.chance(90) ? any_of(rules_) : core_rule_, {}, ""});
        return;
      }
      case 9: {
        // if c { flag = 1 } else { flag = 0 }
        const CellId flag = any_of(flags_);
        const auto branch = program.ops.size();
        program.ops.push_back(BranchOp{condition(1, self), 0});
        assign_cell(flag, number(1));
        const auto jump = program.ops.size();
        program.ops.push_back(JumpOp{0});
        std::get<BranchOp>(program.ops[branch]).otherwise = static_cast<std::uint32_t>(program.ops.size());
        assign_cell(flag, number(0));
        std::get<JumpOp>(program.ops[jump]).target = static_cast<std::uint32_t>(program.ops.size());
        return;
      }
      case 10: {
        if (!self || s_.contexts[*self].local_cells[0].empty()) return assign_cell(any_of(flags_), condition(1, self));
        return assign(own_local(*self), condition(1, self));
      }
      case 11: {
        if (matrix_.empty() || !may_use_cpu || cpu_cells_.empty()) return assign_cell(any_of(flags_), number(1));
        // matrix[cpu()][c] = 1 for a chosen c
        program.uses_cpu = true;
        const TempId temp(program.temps++);
        program.ops.push_back(ChooseOp{temp, 0, static_cast<std::int64_t>(s_.cpus) - 1, false, "c", nullptr});
        std::vector<CellId> cells;
        for (const auto& row : matrix_) cells.insert(cells.end(), row.begin(), row.end());
        const ExprId row = e.binary(BinaryOp::Multiply, index_of(e.add(CurrentCpuExpr{})), number(s_.cpus));
        return assign(Place{cells, e.binary(BinaryOp::Add, row, e.add(TempExpr{temp}))}, number(1));
      }
      case 12: {
        for (const Instance& instance : s_.instances) {
          if (!instance.life) continue;
          return assign_cell(*instance.life, random_.chance(60) ? number(1) : number(2));
        }
        return assign_cell(any_of(flags_), number(0));
      }
      default: {
        const TempId temp(program.temps++);
        program.ops.push_back(LetOp{temp, condition(1, self)});
        return assign_cell(any_of(flags_), e.negation(e.add(TempExpr{temp})));
      }
    }
  }

  /// 0 raise, 1 acquire, 2 and 3 wait, 4 on a CPU, 9 close a bracket, else effects.
  int pick_statement() {
    if (tight_ && random_.chance(50)) return static_cast<int>(random_.between(0, 4));
    return static_cast<int>(random_.between(0, 9));
  }

  /// The statements of a context: a bracketed sequence, so that levels and locks nest.
  void body(std::size_t k) {
    const ContextKind kind = s_.contexts[k].kind;
    std::vector<Location> statements;
    std::int64_t level = s_.contexts[k].start_level;
    std::vector<std::int64_t> levels;  // to return to
    std::optional<std::size_t> lock;   // held
    bool has_affinity = false;         // inside on c { }
    const int wanted = static_cast<int>(random_.between(1, 3 + size_));
    const bool in_returns = random_.chance(15);
    const auto fresh = [&] {
      Location location;
      location.context = ContextId(k);
      if (in_returns) location.inside = {FunctionId(1)};
      return location;
    };
    const auto set_level = [&](Location& location, std::int64_t to) {
      location.program.ops.push_back(AssignOp{own(s_.contexts[k].level_cell), number(to)});
      level = to;
    };
    const auto me = [&] {
      const ExprId first = number(s_.contexts[k].first_slot + 1);
      if (s_.contexts[k].activations == 1) return first;
      return s_.expressions.binary(BinaryOp::Add, s_.expressions.add(SelfActivationExpr{}), first);
    };
    for (int i = 0; i < wanted || !levels.empty() || lock || has_affinity; ++i) {
      Location location = fresh();
      const bool closing = i >= wanted;
      const int kind_of_statement = closing ? 9 : pick_statement();
      if (kind_of_statement == 0 && level < 5) {
        levels.push_back(level);
        set_level(location, random_.between(level + 1, 5));
        if (random_.chance(20)) effects(location.program, k, true);
      } else if (kind_of_statement == 1 && !lock && !s_.locks.empty()) {
        lock = static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(s_.locks.size()) - 1));
        const CellId holder = s_.locks[*lock].holder;
        location.wait = s_.locks[*lock].is_mutex ? WaitKind::Mutex : WaitKind::Lock;
        location.lock = Place{{holder}, {}};
        const ExprId is_free = s_.expressions.equal(load(holder), number(0));
        std::vector<Op>& ops = location.program.ops;
        if (random_.chance(25)) {
          // As for a lock with a level, whose acquirer first raises: the guard holds although the lock is taken. Here a
          // flag lets the context go on without the lock.
          location.guard = s_.expressions.disjunction(load(any_of(flags_)), is_free);
          ops.push_back(AssumeOp{location.guard});
          ops.push_back(BranchOp{is_free, static_cast<std::uint32_t>(ops.size() + 2)});
        } else {
          location.guard = is_free;
          ops.push_back(AssumeOp{location.guard});
        }
        ops.push_back(AssignOp{Place{{holder}, {}}, me()});
      } else if (kind_of_statement == 2 || kind_of_statement == 3) {
        location.wait = random_.chance(50) ? WaitKind::Await : WaitKind::Spin;
        is_waiting_ = true;
        location.guard = condition(2, random_.chance(70) ? std::optional<std::size_t>(k) : std::nullopt);
        is_waiting_ = false;
        if (random_.chance(20)) location.program.ops.push_back(CheckOp{condition(1, k), any_of(rules_), {}, ""});
        location.program.ops.push_back(AssumeOp{location.guard});
        if (random_.chance(40)) effects(location.program, k, true);
        location.program.uses_cpu = location.program.uses_cpu || use_of(s_, location.program).current_cpu;
      } else if (kind_of_statement == 4 && !s_.contexts[k].affinity_cell.empty() && !has_affinity &&
                 !cpu_cells_.empty()) {
        has_affinity = true;
        if (random_.chance(50) && s_.cpus > 1) {
          const TempId temp(location.program.temps++);
          location.program.ops.push_back(ChooseOp{temp, 1, static_cast<std::int64_t>(s_.cpus), false, "c", nullptr});
          location.program.ops.push_back(
              AssignOp{own(s_.contexts[k].affinity_cell), s_.expressions.add(TempExpr{temp})});
        } else {
          location.program.ops.push_back(AssignOp{own(s_.contexts[k].affinity_cell), load(any_of(cpu_cells_))});
        }
      } else if (kind_of_statement == 9 && (!levels.empty() || lock || has_affinity)) {
        if (lock && random_.chance(60)) {
          location.program.ops.push_back(AssignOp{Place{{s_.locks[*lock].holder}, {}}, number(0)});
          lock.reset();
        } else if (!levels.empty()) {
          set_level(location, levels.back());
          levels.pop_back();
          if (random_.chance(10)) effects(location.program, k, true);
        } else if (has_affinity) {
          location.program.ops.push_back(AssignOp{own(s_.contexts[k].affinity_cell), number(0)});
          has_affinity = false;
        }
      } else if (!random_.chance(20)) {  // else nothing, which merging leaves out unless something looks
        effects(location.program, k, true);
      }
      statements.push_back(std::move(location));
    }
    // An activation gives its locals back as it ends, as elaboration would have it.
    Context& context = s_.contexts[k];
    const bool loops = kind == ContextKind::Thread && random_.chance(40);
    const std::size_t first = s_.locations.size();
    for (std::size_t i = 0; i < statements.size(); ++i) {
      Location& location = statements[i];
      location.number = static_cast<std::uint32_t>(i + 1);
      location.mergeable = location.wait == WaitKind::None && !location.program.uses_cpu && is_plain(location);
      if (i + 1 < statements.size()) {
        if (random_.chance(10) && i + 2 < statements.size() && is_plain(location) && is_plain(statements[i + 1])) {
          // A branch over the next statement.
          location.program.ops.push_back(
              BranchOp{condition(1, k), static_cast<std::uint32_t>(location.program.ops.size() + 2)});
          location.program.ops.push_back(GotoOp{LocationId(first + i + 2)});
        }
        location.program.ops.push_back(GotoOp{LocationId(first + i + 1)});
      } else if (loops) {
        location.program.ops.push_back(GotoOp{LocationId(first)});
      } else {
        for (std::size_t field = 0; field < context.local_cells[0].size(); ++field) {
          std::vector<CellId> cells;
          for (const auto& locals : context.local_cells) cells.push_back(locals[field]);
          location.program.ops.push_back(AssignOp{own(cells), number(0)});
        }
        location.program.ops.push_back(EndOp{});
      }
      context.locations.push_back(LocationId(s_.locations.size()));
      s_.locations.push_back(std::move(location));
    }
    context.entry = LocationId(first);
    if (kind == ContextKind::Handler) start(k);
  }

  /// No level change, lock or affinity: may be left out.
  bool is_plain(const Location& location) const {
    if (location.lock) return false;
    for (const Op& op : location.program.ops) {
      const auto* assign = std::get_if<AssignOp>(&op);
      if (assign == nullptr) continue;
      for (CellId cell : assign->place.cells) {
        const std::string& name = s_.at(cell).name;
        if (name.find(".level") != std::string::npos || name.find("affinity") != std::string::npos ||
            s_.at(cell).kind == CellKind::Slot) {
          return false;
        }
      }
    }
    return true;
  }

  void start(std::size_t k) {
    // By index: building expressions does not move contexts, but be safe about references.
    s_.contexts[k].condition = condition(1, std::nullopt);
    const bool pins = s_.contexts[k].start_level >= kPin;
    Program program;
    if (pins && random_.chance(70)) {
      switch (random_.between(0, 2)) {
        case 0:
          if (!cpu_cells_.empty()) {
            const CellId home = any_of(cpu_cells_);
            s_.contexts[k].cpus = OnOne{load(home)};
            s_.contexts[k].urgent = random_.chance(80);
            if (random_.chance(70)) {
              s_.contexts[k].condition = s_.expressions.negation(s_.expressions.equal(load(home), number(0)));
              program.ops.push_back(AssignOp{Place{{home}, {}}, number(0)});
            }
          }
          break;
        case 1:
          if (!per_cpu_.empty()) {
            OnSet set;
            for (CellId c : per_cpu_) set.allowed.push_back(load(c));
            s_.contexts[k].cpus = set;
            s_.contexts[k].urgent = random_.chance(50);
          }
          break;
        default:
          for (std::uint32_t c = 0; c < s_.cpus; ++c) {
            if ((s_.fixed_cpus >> c & 1u) == 0) continue;
            s_.contexts[k].cpus = OnOne{number(c + 1)};
            s_.contexts[k].urgent = random_.chance(50);
          }
      }
    }
    if (random_.chance(50)) effects(program, k, pins || random_.chance(50));
    program.ops.push_back(GotoOp{s_.contexts[k].entry});
    s_.contexts[k].start = std::move(program);
  }

  void action(const std::string& name) {
    Action action;
    action.name = name;
    action.instance = InstanceId(0);
    action.guard = condition(1, std::nullopt);
    action.program.ops.push_back(AssumeOp{action.guard});
    effects(action.program, std::nullopt, false);
    action.program.ops.push_back(EndOp{});
    s_.actions.push_back(std::move(action));
  }

  void properties() {
    const int count = static_cast<int>(random_.between(0, 4));
    for (int i = 0; i < count; ++i) {
      Property property;
      property.rule = any_of(rules_);
      switch (random_.between(0, 3)) {
        case 0: {
          const ExprId trigger = condition(1, std::nullopt);
          property.trigger = trigger;
          property.condition = s_.expressions.disjunction(s_.expressions.negation(trigger), condition(1, std::nullopt));
          break;
        }
        case 1:
          property.kind = PropertyKind::Never;
          property.condition = s_.expressions.conjunction(condition(1, std::nullopt), condition(2, std::nullopt));
          break;
        case 2:
          property.kind = PropertyKind::Reachable;
          property.condition = s_.expressions.conjunction(condition(1, std::nullopt), condition(2, std::nullopt));
          break;
        default:
          property.condition = s_.expressions.disjunction(condition(2, std::nullopt), condition(2, std::nullopt));
          if (random_.chance(10)) property.rule = core_rule_;
      }
      s_.properties.push_back(property);
    }
    if (random_.chance(40)) {
      Property property;
      property.kind = PropertyKind::DeadlockFree;
      property.rule = deadlock_rule_;
      s_.properties.push_back(property);
    }
  }

  TransitionSystem s_;
  Random random_;
  int size_;
  ConditionKind kind_;
  bool is_waiting_ = false;  // what is made is the condition of a wait, which may read the own CPU
  bool tight_ = false;       // much waiting, pinning and naming of CPUs: systems that get stuck in part
  RuleId core_rule_;
  RuleId deadlock_rule_;
  std::vector<RuleId> rules_;
  std::vector<CellId> flags_;
  std::vector<CellId> numbers_;
  std::vector<CellId> cpu_cells_;
  std::vector<CellId> per_cpu_;
  std::vector<std::vector<CellId>> matrix_;
};

}  // namespace

TransitionSystem random_system(std::uint64_t seed, int size, ConditionKind kind) {
  return Builder(seed, size, kind).build();
}

std::optional<TransitionSystem> system_of_named_seed() {
  const char* seed = std::getenv("QUIESCE_SEED");
  if (seed == nullptr) return std::nullopt;
  const char* size = std::getenv("QUIESCE_SIZE");
  TransitionSystem system = random_system(std::strtoull(seed, nullptr, 10), size == nullptr ? 1 : std::atoi(size));
  std::cout << model::print_system(system);
  return system;
}

}  // namespace quiesce
