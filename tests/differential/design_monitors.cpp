// Random designs: monitors, which watch a box, a worker, an object, something of std, or a function that they are
// given.
#include <algorithm>
#include <utility>

#include "tests/differential/design_writer.h"

namespace quiesce {

using Kind = DesignType::Kind;

namespace {

bool takes_steps(const DesignFunction& f) { return f.form != DesignFunction::Form::Expression; }

/// Whether it can be given for a parameter 'fn()'.
bool is_plain(const DesignFunction& f) { return takes_steps(f) && f.parameters.empty() && !f.result; }

std::string without_dot(const std::string& prefix) { return prefix.substr(0, prefix.size() - 1); }

}  // namespace

/// The events of what can be reached from `here`, as they stand behind 'on' and in formulas.
std::vector<std::string> DesignWriter::events(const DesignPlace& here) {
  std::vector<std::string> found;
  for (const DesignReach& reach : reaches(here)) {
    for (const DesignFunction& f : reach.machine->functions) {
      // A function that a machine is given belongs to another machine.
      if (!takes_steps(f) || (f.name == "notify" && !reach.prefix.empty())) continue;
      const std::string name = "(" + reach.prefix + f.name + ")";
      found.push_back("called" + name);
      found.push_back("returned" + name);
      if (f.result) found.push_back("returned" + name + " == " + constant(f.result->value()));
    }
    for (const std::string& name : reach.machine->handlers) found.push_back("accepted(" + reach.prefix + name + ")");
  }
  return found;
}

/// What a transition does: assigns to what the monitor has, asks, goes over a range, judges.
void DesignWriter::monitor_statements(DesignLines& out, DesignPlace& here, int count) {
  for (int i = 0; i < count; ++i) {
    const DesignVariable& target = random_.any_of(here.own->variables);
    DesignPlace inner = here;
    ++inner.depth;
    switch (random_.between(0, here.depth > 1 ? 3 : 6)) {
      case 0:
      case 1:
        out.push_back(one_line(target.name + " = " + value(target.type, here, 1)));
        break;
      case 2:
        if (target.type.kind != Kind::Int) {
          judge(out, here);
        } else if (random_.chance(8)) {
          out.push_back(one_line(target.name + " += 1"));
        } else {
          out.push_back(
              {"if " + target.name + " < " + std::to_string(target.type.hi), true, {one_line(target.name + " += 1")}});
        }
        break;
      case 3:
        if (!judge(out, here)) out.push_back(one_line("pass"));
        break;
      case 4: {
        const std::string name = fresh("k");
        inner.locals.push_back({name, DesignType::integer(0, 1), false});
        DesignLine loop{"for " + name + " in 0..1", true, {}};
        monitor_statements(loop.inside, inner, 1);
        out.push_back(std::move(loop));
        break;
      }
      default: {
        DesignLine branch{"if " + condition(here, 1), true, {}};
        monitor_statements(branch.inside, inner, 1);
        out.push_back(std::move(branch));
        if (random_.chance(40)) {
          DesignLine otherwise{"else", true, {}};
          monitor_statements(otherwise.inside, inner, 1);
          out.push_back(std::move(otherwise));
        }
        break;
      }
    }
  }
}

DesignLine DesignWriter::transition(DesignMachine& monitor, const std::string& event) {
  DesignPlace here;
  here.own = &monitor;
  here.in_step = true;
  here.in_action = true;
  here.depth = 1;
  here.asks_cpu = false;
  std::string head = "on " + event;
  if (random_.chance(60)) head += " when " + condition(here, 1);
  DesignLine text{head, true, {}};
  monitor_statements(text.inside, here, static_cast<int>(random_.between(1, 2)));
  return text;
}

/// Declares a monitor of what `subject` reaches in the system and returns its name; "" when nothing happens there.
std::string DesignWriter::monitor(const DesignReach* subject, const DesignReach* other) {
  DesignMachine& m = machine(fresh("Watch"));
  std::string parameters = "subject: fn()";
  DesignPlace here;
  here.own = &m;
  if (subject != nullptr) {
    parameters = "subject: ref " + subject->machine->name;
    m.inner.push_back({"subject.", subject->machine});
  } else {
    m.functions.push_back({"subject", DesignFunction::Form::Atomic});
  }
  const std::vector<std::string> watched = events(here);
  if (watched.empty()) return "";
  if (subject == nullptr) m.functions.clear();
  if (other != nullptr) {
    parameters += ", other: ref " + other->machine->name;
    m.inner.push_back({"other.", other->machine});
  }
  DesignLine text{"monitor " + m.name + "(" + parameters + ")", true, {}};
  const auto count = random_.between(1, 2);
  for (std::int64_t i = 0; i < count; ++i) {
    const DesignType type = random_.chance(40)   ? DesignType::of(Kind::Enum, "Colour")
                            : random_.chance(50) ? DesignType::boolean()
                                                 : DesignType::integer(0, random_.between(1, 2));
    const std::string name = fresh("x");
    text.inside.push_back(one_line(name + ": " + type.text() + " = " + constant(type)));
    m.variables.push_back({name, type});
  }
  if (random_.chance(25)) {
    const std::string name = fresh("f");
    text.inside.push_back(one_line("fn " + name + "() -> bool = " + condition(here, 1)));
    m.functions.push_back({name, DesignFunction::Form::Expression, {}, DesignType::boolean()});
  }
  const auto transitions = random_.between(1, 4);
  for (std::int64_t i = 0; i < transitions; ++i) {
    text.inside.push_back(transition(m, random_.any_of(watched)));
  }
  properties(m, text.inside, static_cast<int>(random_.between(0, 2)));
  lines_.push_back(std::move(text));
  return m.name;
}

/// Monitors of the system `m`, which is whole but for its properties.
void DesignWriter::monitors(DesignMachine& m, DesignLines& out) {
  const DesignMachine before = m;
  std::vector<DesignReach> watchers;
  const auto count = random_.between(1, 2);
  for (std::int64_t i = 0; i < count; ++i) {
    std::string given;
    const DesignReach* subject = random_.chance(85) ? &random_.any_of(before.inner) : nullptr;
    if (subject == nullptr) {
      std::vector<std::string> plain;
      for (const DesignFunction& f : before.functions) {
        if (is_plain(f)) plain.push_back(f.name);
      }
      given = plain.empty() ? "told" : random_.any_of(plain);
    } else {
      given = without_dot(subject->prefix);
    }
    const DesignReach* other = !watchers.empty() && random_.chance(50) ? &watchers.front() : nullptr;
    const std::string name = monitor(subject, other);
    if (name.empty()) continue;
    const std::string more = other != nullptr ? ", " + without_dot(other->prefix) : "";
    const std::string instance = fresh("watch");
    const bool is_array = given == "boxes[0]" || given == "workers[0]";
    if (is_array && random_.chance(60)) {
      out.push_back(
          one_line(instance + "[i: int 0..1]: " + name + "(" + given.substr(0, given.size() - 2) + "i]" + more + ")"));
      watchers.push_back({instance + "[0].", machines_.back().get()});
      watchers.push_back({instance + "[1].", machines_.back().get()});
    } else {
      out.push_back(one_line(instance + ": " + name + "(" + given + more + ")"));
      watchers.push_back({instance + ".", machines_.back().get()});
    }
  }
  for (const DesignReach& watcher : watchers) m.inner.push_back(watcher);
}

}  // namespace quiesce
