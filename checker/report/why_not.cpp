#include "checker/report/why_not.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "checker/report/blocked.h"
#include "checker/report/false_parts.h"
#include "checker/report/layout.h"
#include "checker/report/saved_run.h"
#include "model/base/diagnostic.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/scheduler.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// What a user names: contexts and actions, some by number of activation.
struct Named {
  Actor::Kind kind = Actor::Kind::Step;  // Step: a context; Act: an action
  std::uint32_t index = 0;
  std::optional<std::uint32_t> activation;  // none: all
};

/// "nic.run" and 1 of "nic.run #2".
std::pair<std::string, std::optional<std::uint32_t>> without_number(std::string name) {
  const std::size_t hash = name.find('#');
  if (hash == std::string::npos) return {std::move(name), std::nullopt};
  const std::string digits = name.substr(hash + 1);
  const bool is_number = !digits.empty() && digits.size() < 4 && digits.find_first_not_of("0123456789") == digits.npos;
  if (!is_number || std::stoul(digits) == 0) return {std::move(name), std::nullopt};
  name.erase(hash);
  while (!name.empty() && name.back() == ' ') name.pop_back();
  return {std::move(name), static_cast<std::uint32_t>(std::stoul(digits) - 1)};
}

Expected<Named> named(const TransitionSystem& system, const std::string& given) {
  const auto [name, activation] = without_number(given);
  std::vector<Named> found;
  std::vector<std::string> all;
  std::vector<std::string> names;
  std::optional<Named> exact;
  const auto look_at = [&, wanted = name, number = activation](const std::string& known, Named is) {
    is.activation = number;
    all.push_back(known);
    if (known == wanted) exact = is;
    if (!known.ends_with("." + wanted)) return;
    found.push_back(is);
    names.push_back(known);
  };
  for (std::uint32_t i = 0; i < system.contexts.size(); ++i)
    look_at(system.contexts[i].name, {Actor::Kind::Step, i, {}});
  for (std::uint32_t i = 0; i < system.actions.size(); ++i) look_at(system.actions[i].name, {Actor::Kind::Act, i, {}});
  if (!exact && found.size() > 1)
    return unexpected(fmt::format("'{}' may be any of {}: say more of its name", name, joined(names)));
  if (!exact && found.empty()) {
    const auto near = nearest_name(name, all);
    return unexpected(fmt::format("there is no thread, handler or action '{}'{}", name,
                                  near ? fmt::format("; did you mean '{}'?", *near) : ": there are " + joined(all)));
  }
  const Named chosen = exact ? *exact : found.front();
  const bool is_one_too_many = chosen.activation && (chosen.kind == Actor::Kind::Act ||
                                                     *chosen.activation >= system.contexts[chosen.index].activations);
  if (is_one_too_many) return unexpected(fmt::format("there is no '{}': it has fewer activations", given));
  return chosen;
}

class Asker {
 public:
  Asker(const Interpreter& interpreter, const State& state, const SourceMap& sources)
      : interpreter_(interpreter),
        system_(interpreter.system()),
        state_(state),
        sources_(sources),
        scheduler_(interpreter.system()),
        running_(scheduler_.all_running(state)) {}

  WhyNot step(std::uint32_t index, std::uint32_t activation) const;
  WhyNot start(std::uint32_t index) const;
  WhyNot act(std::uint32_t index) const;

 private:
  bool can(WhyNot& answer, const Actor& actor) const;
  void finish(WhyNot& answer) const;
  void wait(WhyNot& answer, const Location& location, std::uint32_t activation) const;
  void masks(WhyNot& answer, const Context& context, std::int64_t level, std::int32_t pinned, std::int32_t affinity,
             bool floats) const;
  std::vector<std::string> above(const Context* context, std::int64_t least, std::int64_t urgent_above,
                                 std::int32_t cpu) const;
  void condition(WhyNot& answer, ExprId condition, const char* what, std::uint32_t activation) const;
  std::string standing(const Running& one) const;
  std::string level(std::int64_t number) const { return system_.level_names.name(number); }

  const Interpreter& interpreter_;
  const TransitionSystem& system_;
  const State& state_;
  const SourceMap& sources_;
  const Scheduler scheduler_;
  const std::vector<Running> running_;
};

/// "on cpu 0 at DISPATCH", "floating at PASSIVE".
std::string Asker::standing(const Running& one) const {
  const auto [text, place] =
      about_to(system_, state_, {Actor::Kind::Step, one.context.value, one.activation}, sources_);
  const std::string where = one.cpu < 0 ? "floating" : fmt::format("on cpu {}", one.cpu);
  return fmt::format("stands before '{}'{}, {} at {}", text, place.empty() ? "" : fmt::format(" ({})", place), where,
                     level(one.level));
}

/// Whether it can act, and then what it can do.
bool Asker::can(WhyNot& answer, const Actor& actor) const {
  const std::vector<Successor> all = interpreter_.successors(state_, actor);
  if (all.empty()) return false;
  answer.can_act = true;
  std::vector<std::string> cpus;
  for (const Successor& one : all) {
    const std::string cpu = fmt::format("cpu {}", one.step.cpu);
    if (one.step.cpu >= 0 && std::find(cpus.begin(), cpus.end(), cpu) == cpus.end()) cpus.push_back(cpu);
  }
  const auto [text, place] = about_to(system_, state_, actor, sources_);
  answer.reasons = {fmt::format("'{}'{}{}", text, place.empty() ? "" : fmt::format(" ({})", place),
                                cpus.empty() ? "" : ", on " + joined(cpus, " or "))};
  return true;
}

/// What is left where no part is to blame: a choice.
void Asker::finish(WhyNot& answer) const {
  if (answer.can_act || !answer.reasons.empty()) return;
  answer.reasons.push_back("nothing that it may choose there is allowed");
}

void Asker::condition(WhyNot& answer, ExprId condition, const char* what, std::uint32_t activation) const {
  if (!condition.valid()) return;
  for (const std::string& part : false_parts(condition, {system_, state_, activation})) {
    answer.reasons.push_back(fmt::format("{} is false: {}", what, part));
  }
}

/// What the statement before which it stands waits for.
void Asker::wait(WhyNot& answer, const Location& location, std::uint32_t activation) const {
  if (location.lock) {
    const CellId holder = resolve(*location.lock, {system_, state_, activation});
    const bool is_taken = state_[holder.value] != 0;
    if (!is_taken) return;
    std::string name = system_.at(holder).name;
    for (const Lock& known : system_.locks) {
      if (known.holder == holder) name = known.name;
    }
    const std::int64_t slot = state_[holder.value] - 1;
    std::string where;
    for (const Running& one : running_) {
      if (system_.at(one.context).first_slot + one.activation == slot) where = ", which " + standing(one);
    }
    answer.reasons.push_back(fmt::format("waits for {} '{}', held by {}{}",
                                         location.wait == WaitKind::Mutex ? "mutex" : "lock", name,
                                         name_of_slot(system_, slot), where));
    return;
  }
  condition(answer, location.guard, location.wait == WaitKind::Spin ? "what it spins for" : "what it waits for",
            activation);
}

/// What keeps a CPU from one of a lower level: those pinned there at `least` or above, and urgent handlers that may
/// start.
std::vector<std::string> Asker::above(const Context* context, std::int64_t least, std::int64_t urgent_above,
                                      std::int32_t cpu) const {
  std::vector<std::string> all;
  for (const Running& other : running_) {
    if (other.cpu != cpu || other.level < least) continue;
    all.push_back(fmt::format("{} at {}", name_of(system_.at(other.context), other.activation), level(other.level)));
  }
  for (std::uint32_t i = 0; i < system_.contexts.size(); ++i) {
    const Context& other = system_.contexts[i];
    const bool is_first = other.kind == ContextKind::Handler && other.urgent && &other != context &&
                          other.start_level > urgent_above && scheduler_.may_start_on(ContextId(i), cpu, state_);
    if (is_first)
      all.push_back(fmt::format("{}, which is urgent and starts at {} first", other.name, level(other.start_level)));
  }
  return all;
}

/// Which levels and CPUs keep it from acting. `pinned`: its CPU, if any.
void Asker::masks(WhyNot& answer, const Context& context, std::int64_t own, std::int32_t pinned, std::int32_t affinity,
                  bool floats) const {
  if (pinned >= 0) {
    const auto all = above(&context, own + 1, own, pinned);
    if (!all.empty()) answer.reasons.push_back(fmt::format("is buried on cpu {} under {}", pinned, joined(all)));
    return;
  }
  std::vector<std::string> lines;
  for (std::int32_t cpu = 0; cpu < static_cast<std::int32_t>(system_.cpus); ++cpu) {
    if (affinity >= 0 && affinity != cpu) continue;
    const auto all = above(&context, floats ? 0 : own, own, cpu);
    if (all.empty()) return;  // a CPU is free
    lines.push_back(
        fmt::format("{} cpu {}: {}", floats ? "gets no turn on" : "its level is masked on", cpu, joined(all)));
  }
  if (affinity >= 0) answer.reasons.push_back(fmt::format("is bound to cpu {} there", affinity));
  answer.reasons.insert(answer.reasons.end(), lines.begin(), lines.end());
}

WhyNot Asker::step(std::uint32_t index, std::uint32_t activation) const {
  const Context& context = system_.contexts[index];
  WhyNot answer;
  answer.who =
      fmt::format("{} ({})", name_of(context, activation), context.kind == ContextKind::Thread ? "thread" : "handler");
  const auto one = scheduler_.running(ContextId(index), activation, state_);
  if (!one) {
    answer.reasons.push_back("has ended");
    return answer;
  }
  answer.stands = standing(*one);
  if (can(answer, {Actor::Kind::Step, index, activation})) return answer;
  wait(answer, *location_of(system_, state_, context, activation), activation);
  masks(answer, context, one->level, one->cpu, one->affinity, one->cpu < 0);
  finish(answer);
  return answer;
}

WhyNot Asker::start(std::uint32_t index) const {
  const Context& handler = system_.contexts[index];
  WhyNot answer;
  answer.who = handler.name + " (handler)";
  answer.stands = "starts at " + level(handler.start_level);
  const auto free = scheduler_.free_activation(ContextId(index), state_);
  if (free && can(answer, {Actor::Kind::Start, index, *free})) return answer;
  condition(answer, handler.condition, "its condition", 0);
  if (!free) answer.reasons.push_back(handler.activations > 1 ? "all its activations run already" : "it runs already");
  if (!scheduler_.pins(handler.start_level)) {
    masks(answer, handler, handler.start_level, -1, -1, true);
  } else {
    for (std::int32_t cpu = 0; cpu < static_cast<std::int32_t>(system_.cpus); ++cpu) {
      const auto all = above(&handler, handler.start_level, handler.start_level, cpu);
      if (!scheduler_.is_allowed_on(ContextId(index), cpu, state_)) {
        answer.reasons.push_back(fmt::format("its 'on' does not name cpu {}", cpu));
      } else if (!all.empty()) {
        answer.reasons.push_back(fmt::format("its level is masked on cpu {} by {}", cpu, joined(all)));
      }
    }
  }
  finish(answer);
  return answer;
}

WhyNot Asker::act(std::uint32_t index) const {
  const Action& action = system_.actions[index];
  WhyNot answer;
  answer.who = action.name + " (action)";
  if (can(answer, {Actor::Kind::Act, index, 0})) return answer;
  condition(answer, action.guard, "its condition", 0);
  finish(answer);
  return answer;
}

/// Why nothing at all happens, where a core rule is broken.
std::optional<std::string> why_over(const TransitionSystem& system, const std::vector<Violation>& shown) {
  for (const Violation& one : shown) {
    if (system.at(one.rule).core)
      return fmt::format("{} is broken in this state: the run ends", system.at(one.rule).name);
  }
  return std::nullopt;
}

/// Of each activation, or of the action.
std::vector<WhyNot> asked(const Interpreter& interpreter, const State& state, const Named& who,
                          const SourceMap& sources) {
  const Asker asker(interpreter, state, sources);
  if (who.kind == Actor::Kind::Act) return {asker.act(who.index)};
  const TransitionSystem& system = interpreter.system();
  const Context& context = system.contexts[who.index];
  std::vector<WhyNot> all;
  for (std::uint32_t a = 0; a < context.activations; ++a) {
    if (who.activation && *who.activation != a) continue;
    const bool runs = location_of(system, state, context, a) != nullptr;
    if (runs || context.kind == ContextKind::Thread) all.push_back(asker.step(who.index, a));
  }
  const Scheduler scheduler(system);
  const bool asks_for_start = all.empty() || scheduler.free_activation(ContextId(who.index), state).has_value();
  if (context.kind == ContextKind::Handler && asks_for_start) all.push_back(asker.start(who.index));
  return all;
}

}  // namespace

Expected<std::vector<WhyNot>> why_not(const Interpreter& interpreter, const State& state, const std::string& name,
                                      const SourceMap& sources) {
  const TransitionSystem& system = interpreter.system();
  const Expected<Named> who = named(system, name);
  if (!who) return unexpected(who.error());
  std::vector<WhyNot> all = asked(interpreter, state, *who, sources);
  const auto over = why_over(system, interpreter.violations_of(state));
  if (!over) return all;
  for (WhyNot& one : all) {
    if (one.can_act) one.reasons.clear();
    one.can_act = false;
    one.reasons.push_back(*over);
  }
  return all;
}

std::string why_not_text(const std::vector<WhyNot>& all) {
  std::string text;
  for (const WhyNot& one : all) {
    text += fmt::format("  {} {}{}\n", one.who, one.can_act ? "can act" : "cannot act",
                        one.stands.empty() ? "" : fmt::format(": it {}", one.stands));
    for (const std::string& reason : one.reasons) text += fmt::format("    {}\n", reason);
  }
  return text;
}

}  // namespace quiesce::checker
