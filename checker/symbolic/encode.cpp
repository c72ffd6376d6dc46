#include "checker/symbolic/encode.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "checker/symbolic/command_classes.h"
#include "checker/symbolic/formula_bits.h"
#include "checker/symbolic/numbers.h"
#include "checker/symbolic/value_sets.h"
#include "model/base/patience.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {
namespace {

using model::Cell;
using model::CellId;
using model::Context;
using model::GuardedCommand;
using model::GuardedSystem;

std::size_t width_of(const Cell& cell) { return bits_for(cell.hi - cell.lo); }

class Encoder {
 public:
  Encoder(const GuardedSystem& guarded, const EncodeOptions& options)
      : guarded_(guarded), options_(options), arithmetic_(result_.circuit) {
    if (options.value_sets) sets_ = value_sets(guarded);
    sets_.resize(guarded.system.cells.size());
  }

  Encoding encoded() {
    for (std::size_t i = 0; i < guarded_.system.cells.size(); ++i) declare(i);
    result_.given = clauses_of(guarded_, sets_);
    before_.emplace(guarded_, arithmetic_, numbers_of(now_));
    assume();
    choose();
    if (guarded_.stuck) {
      for (std::size_t i = 0; i < guarded_.stuck->members.size(); ++i) result_.members.push_back(circuit().input());
    }
    update();
    judge();
    for (const model::State& state : guarded_.initial) result_.initial.push_back(bits_of(state));
    return std::move(result_);
  }

 private:
  using Bits = std::vector<Signal>;  // of a cell, all of its width

  const Cell& cell(std::size_t i) const { return guarded_.system.cells[i]; }
  Circuit& circuit() { return result_.circuit; }

  /// The bits of a cell: inputs, or constants where no value has another.
  void declare(std::size_t i) {
    Bits bits;
    std::int64_t base = guarded_.constant[i] ? *guarded_.constant[i] : cell(i).lo;
    if (!guarded_.constant[i]) {
      for (std::size_t bit = 0; bit < width_of(cell(i)); ++bit) {
        const auto has = [&](std::int64_t value) { return (((value - cell(i).lo) >> bit) & 1) != 0; };
        const bool any = !sets_[i] || std::any_of(sets_[i]->begin(), sets_[i]->end(), has);
        const bool every = sets_[i] && std::all_of(sets_[i]->begin(), sets_[i]->end(), has);
        if (any && !every) {
          bits.push_back(circuit().input());
          result_.bits.push_back({CellId(i), static_cast<std::uint8_t>(bit), bits.back(), kNever});
        } else {
          bits.push_back(any ? kAlways : kNever);
          base += any ? std::int64_t{1} << bit : 0;
        }
      }
    }
    now_.push_back(std::move(bits));
    result_.base.push_back(base);
    result_.lowest.push_back(cell(i).lo);
  }

  std::vector<Number> numbers_of(const std::vector<Bits>& all) const {
    std::vector<Number> numbers;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (guarded_.constant[i]) {
        numbers.push_back(Arithmetic::constant(*guarded_.constant[i]));
        continue;
      }
      const bool bounded = sets_[i] && !sets_[i]->empty();
      const std::int64_t lo = bounded ? sets_[i]->front() : cell(i).lo;
      const std::int64_t hi = bounded ? sets_[i]->back() : cell(i).hi;
      if (lo == hi) {
        numbers.push_back(Arithmetic::constant(lo));
      } else {
        numbers.push_back({cell(i).lo, all[i], lo, hi});
      }
    }
    return numbers;
  }

  /// (1) to (3) of guarded_system.h.
  void assume() {
    std::vector<Signal> parts;
    for (std::size_t i = 0; i < now_.size(); ++i) {
      if (guarded_.constant[i]) continue;
      // Whatever the bits are: here nothing is known of them yet.
      const std::int64_t most = (std::int64_t{1} << now_[i].size()) - 1;
      const Number any{0, now_[i], 0, most};
      if (most > 0) parts.push_back(!arithmetic_.less(Arithmetic::constant(cell(i).hi - cell(i).lo), any));
    }
    const std::vector<Number> numbers = numbers_of(now_);
    const Number pin = Arithmetic::constant(guarded_.system.pin_level);
    for (const Context& context : guarded_.system.contexts) {
      for (std::uint32_t a = 0; a < context.activations; ++a) {
        const Signal runs = arithmetic_.is_true(numbers[context.location_cell[a].value]);
        const Signal is_pinned = arithmetic_.is_true(numbers[context.cpu_cell[a].value]);
        const Signal pins = !arithmetic_.less(numbers[context.level_cell[a].value], pin);
        parts.push_back(circuit().choice(runs, circuit().disj(!pins, is_pinned), !is_pinned));
        const bool stays =
            context.kind == model::ContextKind::Handler && context.start_level >= guarded_.system.pin_level;
        if (stays) parts.push_back(circuit().disj(!runs, pins));
      }
    }
    result_.assumed = circuit().all_of(std::move(parts));
  }

  Signal enabled_name(std::size_t number) {
    std::vector<Signal> bits = result_.choices;
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (((number >> i) & 1) == 0) bits[i] = !bits[i];
    }
    return circuit().all_of(std::move(bits));
  }

  /// Guards, classes, and which command fires.
  void choose() {
    for (const GuardedCommand& command : guarded_.commands) {
      model::ask_patience();
      guards_.push_back(before_->truth(command.guard));
    }
    std::vector<std::size_t> classes(guards_.size());
    for (std::size_t c = 0; c < classes.size(); ++c) classes[c] = c;
    if (options_.classes) classes = command_classes(guarded_, circuit(), guards_, result_.assumed);
    for (const std::size_t one : classes) result_.classes = std::max(result_.classes, one + 1);
    const std::size_t width = result_.classes > 1 ? bits_for(static_cast<std::int64_t>(result_.classes) - 1) : 0;
    for (std::size_t i = 0; i < width; ++i) result_.choices.push_back(circuit().input());
    for (std::size_t c = 0; c < guards_.size(); ++c) {
      model::ask_patience();
      std::vector<Signal> parts = {enabled_name(classes[c]), guards_[c]};
      for (const model::Update& one : guarded_.commands[c].updates) parts.push_back(fits(one));
      result_.fires.push_back(circuit().all_of(std::move(parts)));
    }
  }

  /// The update stays within the domain of its cell.
  Signal fits(const model::Update& one) {
    const Cell& target = guarded_.system.at(one.cell);
    const Number& value = before_->number(one.value);
    return circuit().conj(!arithmetic_.less(value, Arithmetic::constant(target.lo)),
                          !arithmetic_.less(Arithmetic::constant(target.hi), value));
  }

  void update() {
    std::vector<Signal> steps;
    // By cell: bits that some commands write, with the conditions under which.
    std::vector<std::map<Bits, std::vector<Signal>>> written(now_.size());
    for (std::size_t c = 0; c < guarded_.commands.size(); ++c) {
      model::ask_patience();
      const GuardedCommand& command = guarded_.commands[c];
      if (command.ends_run) continue;
      steps.push_back(result_.fires[c]);
      for (const model::Update& one : command.updates) {
        const std::size_t i = one.cell.value;
        if (guarded_.constant[i]) continue;
        written[i][arithmetic_.bits_from(before_->number(one.value), cell(i).lo, now_[i].size())].push_back(
            result_.fires[c]);
      }
    }
    result_.steps = circuit().any_of(std::move(steps));
    std::vector<Bits> after;
    for (std::size_t i = 0; i < now_.size(); ++i) after.push_back(written_bits(i, written[i]));
    float_contexts(after);
    for (StateBit& bit : result_.bits) bit.next = after[bit.cell.value][bit.bit];
  }

  Bits written_bits(std::size_t i, const std::map<Bits, std::vector<Signal>>& written) {
    std::vector<std::vector<Signal>> cases(now_[i].size());
    std::vector<Signal> any;
    for (const auto& [bits, conditions] : written) {
      const Signal when = circuit().any_of(conditions);
      any.push_back(when);
      for (std::size_t bit = 0; bit < bits.size(); ++bit) cases[bit].push_back(circuit().conj(when, bits[bit]));
    }
    const Signal stays = !circuit().any_of(std::move(any));
    Bits result;
    for (std::size_t bit = 0; bit < cases.size(); ++bit) {
      if (now_[i][bit].is_constant()) {
        result.push_back(now_[i][bit]);
        continue;
      }
      cases[bit].push_back(circuit().conj(stays, now_[i][bit]));
      result.push_back(circuit().any_of(std::move(cases[bit])));
    }
    return result;
  }

  void float_contexts(std::vector<Bits>& after) {
    FormulaBits formulas(guarded_, arithmetic_, numbers_of(after));
    std::vector<std::pair<std::size_t, Bits>> floated;  // all at once
    for (const model::Update& one : guarded_.floats) {
      const std::size_t i = one.cell.value;
      if (guarded_.constant[i]) continue;
      floated.emplace_back(i, arithmetic_.bits_from(formulas.number(one.value), cell(i).lo, now_[i].size()));
    }
    for (auto& [i, bits] : floated) after[i] = std::move(bits);
  }

  void judge() {
    std::map<model::RuleId, std::vector<Signal>> bad;
    for (const model::GuardedProperty& one : guarded_.invariants) {
      const model::RuleId rule = guarded_.system.at(one.property).rule;
      bad[rule].push_back(!before_->truth(one.formula));
    }
    for (std::size_t c = 0; c < guarded_.commands.size(); ++c) {
      const GuardedCommand& command = guarded_.commands[c];
      if (command.ends_run) bad[command.ends_run->rule].push_back(result_.fires[c]);
      for (const model::GuardedCheck& check : command.checks)
        bad[check.broken.rule].push_back(circuit().conj(result_.fires[c], !before_->truth(check.holds)));
    }
    if (guarded_.deadlock_free) judge_deadlocks(bad);
    if (guarded_.leak) {
      bad[guarded_.leak->rule].push_back(circuit().conj(before_->truth(guarded_.leak->condition), nothing_steps()));
    }
    if (guarded_.stuck) {
      FormulaBits formulas(guarded_, arithmetic_, numbers_of(now_), result_.members);
      bad[guarded_.stuck->rule].push_back(formulas.truth(guarded_.stuck->formula));
    }
    for (auto& [rule, signals] : bad) result_.bad.push_back({rule, circuit().any_of(std::move(signals))});
  }

  /// No command is enabled, and no core rule is broken by the state.
  Signal nothing_steps() {
    std::vector<Signal> parts;
    for (const Signal guard : guards_) parts.push_back(!guard);
    for (const model::GuardedProperty& one : guarded_.invariants) {
      if (guarded_.system.at(guarded_.system.at(one.property).rule).core) parts.push_back(before_->truth(one.formula));
    }
    return circuit().all_of(std::move(parts));
  }

  /// No step is possible, and not all has ended.
  void judge_deadlocks(std::map<model::RuleId, std::vector<Signal>>& bad) {
    const Signal deadlock = circuit().conj(!before_->truth(guarded_.all_ended), nothing_steps());
    for (const model::Property& property : guarded_.system.properties) {
      const auto& checked = guarded_.system.checked;
      const bool wanted = std::find(checked.begin(), checked.end(), property.rule) != checked.end();
      if (property.kind == model::PropertyKind::DeadlockFree && wanted) bad[property.rule].push_back(deadlock);
    }
  }

  std::vector<bool> bits_of(const model::State& state) const {
    std::vector<bool> bits;
    for (const StateBit& bit : result_.bits) {
      const std::size_t i = bit.cell.value;
      bits.push_back((((state[i] - cell(i).lo) >> bit.bit) & 1) != 0);
    }
    return bits;
  }

  const GuardedSystem& guarded_;
  const EncodeOptions& options_;
  Encoding result_;
  Arithmetic arithmetic_;
  ValueSets sets_;
  std::vector<Bits> now_;
  std::optional<FormulaBits> before_;
  std::vector<Signal> guards_;  // by command
};

}  // namespace

model::Expected<Encoding> encode(const GuardedSystem& guarded, const EncodeOptions& options) {
  if (!model::unbounded_cells(guarded.system).empty()) return model::unexpected("numbers without bounds have no bits");
  try {
    return Encoder(guarded, options).encoded();
  } catch (const NotEncodable& limit) {
    return model::unexpected(limit.why);
  }
}

model::State state_of(const Encoding& encoding, const std::vector<bool>& bits) {
  model::State state;
  for (const std::int64_t base : encoding.base) state.push_back(static_cast<std::int32_t>(base));
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) state[encoding.bits[i].cell.value] += std::int32_t{1} << encoding.bits[i].bit;
  }
  return state;
}

}  // namespace quiesce::checker
