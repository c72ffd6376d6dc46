// Random designs: modules, machines, systems, checks.
#include "tests/differential/random_design.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tests/differential/design_writer.h"

namespace quiesce {

using Kind = DesignType::Kind;

namespace {

void render(const DesignLines& lines, int depth, std::string& text) {
  for (const DesignLine& line : lines) {
    text.append(static_cast<std::size_t>(2 * depth), ' ');
    text += line.text;
    if (line.is_block) {
      text += " {\n";
      render(line.inside, depth + 1, text);
      text.append(static_cast<std::size_t>(2 * depth), ' ');
      text += "}";
    }
    text += "\n";
  }
}

DesignLine plain(std::string text) { return {std::move(text), false, {}}; }

}  // namespace

std::string text_of(const DesignLines& lines) {
  std::string text;
  render(lines, 0, text);
  return text;
}

DesignLines random_design(std::uint64_t seed, int size) { return DesignWriter(seed, size).write(); }

DesignLines random_design_with_formulas(std::uint64_t seed, bool counts_steps, bool hands_over) {
  DesignWriter writer(seed, 1, true, counts_steps);
  if (hands_over) writer.use_hand_overs();
  return writer.write();
}

DesignLines random_design_with_hand_overs(std::uint64_t seed, int size) {
  DesignWriter writer(seed, size);
  writer.use_hand_overs();
  return writer.write();
}

// ------------------------------------------------------------------------------------------------------- the module

DesignLines DesignWriter::write() {
  cpus_ = random_.chance(45) ? 2 : random_.chance(60) ? 1 : static_cast<int>(random_.between(3, 4));
  pin_ = random_.chance(92) ? 2 : 3;
  uses_std_ = random_.chance(20);
  has_client_ = random_.chance(45);
  threads_left_ = static_cast<int>(random_.chance(4) ? 0 : random_.chance(15) ? 1 : random_.between(2, 2 + size_ / 2));
  handlers_left_ = static_cast<int>(random_.between(0, 1 + size_));
  module_.name = "";
  event_ = {"std.Event", false, false, {{"signalled", DesignType::boolean(), false}}};
  event_.functions = {{"signal", DesignFunction::Form::Atomic},
                      {"reset", DesignFunction::Form::Atomic},
                      {"wait", DesignFunction::Form::Steps, {}, {}, true}};
  work_item_ = {"std.WorkItem", false, false, {{"queued", DesignType::boolean(), false}}};
  work_item_.functions = {{"submit", DesignFunction::Form::Atomic, {}, DesignType::boolean()},
                          {"cancel", DesignFunction::Form::Atomic, {}, DesignType::boolean()},
                          {"disable", DesignFunction::Form::Atomic},
                          {"flush", DesignFunction::Form::Steps, {}, {}, true}};
  work_item_.handlers = {"run"};
  deferred_ = {"std.DeferredCall", false, false, {{"queued_on", DesignType::cpu().or_null(), false}}};
  deferred_.functions = {{"submit", DesignFunction::Form::Atomic, {}, DesignType::boolean(), false, true},
                         {"cancel", DesignFunction::Form::Atomic, {}, DesignType::boolean()},
                         {"cancel_and_wait", DesignFunction::Form::Steps, {}, {}, true}};
  deferred_.handlers = {"run"};

  lines_.push_back(plain("module random_design"));
  if (uses_std_) lines_.push_back(plain("use std"));
  declarations();
  interface_and_functions();
  box_machine();
  if (random_.chance(35)) object_machine();
  if (random_.chance(60)) worker_machine();
  system();
  checks();
  return std::move(lines_);
}

void DesignWriter::declarations() {
  lines_.push_back(plain("const LIMIT = 2"));
  lines_.push_back(plain("param careful: bool = " + std::string(random_.chance(50) ? "true" : "false")));
  if (random_.chance(40)) {
    lines_.push_back(plain("param amount: int 0..2 = " + std::to_string(random_.between(0, 2))));
    module_.variables.push_back({"amount", DesignType::integer(0, 2), false});
  }
  module_.variables.push_back({"LIMIT", DesignType::integer(2, 2), false});
  module_.variables.push_back({"careful", DesignType::boolean(), false});
  lines_.push_back(plain("enum Colour { red, green, blue }"));
  lines_.push_back(plain("struct Pair { a: int 0..1, b: Colour, c: Cpu? }"));
  const auto count = random_.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    rules_.push_back("random_design.r" + std::to_string(i));
    DesignLine rule{"rule " + rules_.back(), true, {plain("title \"Rule " + std::to_string(i) + "\"")}};
    if (random_.chance(30)) rule.inside.push_back(plain("severity warning"));
    lines_.push_back(std::move(rule));
  }
}

void DesignWriter::interface_and_functions() {
  if (has_client_) {
    lines_.push_back({"interface Client", true, {plain("fn poke(n: int 0..1) -> bool"), plain("fn rest() { pass }")}});
  }
  if (random_.chance(40)) {
    DesignFunction f{"near", DesignFunction::Form::Expression, {DesignType::integer(0, 2)}, DesignType::boolean()};
    lines_.push_back(plain("fn near(n: int 0..2) -> bool = n >= 1"));
    module_.functions.push_back(f);
  }
}

DesignMachine& DesignWriter::machine(const std::string& name) {
  machines_.push_back(std::make_unique<DesignMachine>());
  machines_.back()->name = name;
  return *machines_.back();
}

// ------------------------------------------------------------------------------------------------------- what it holds

std::string DesignWriter::initial(const DesignType& type, bool of_system) {
  if (type.kind == Kind::Cpu && !type.optional) return of_system ? " = Cpu(0)" : " = any";
  if (of_system && random_.chance(6) && (type.kind == Kind::Bool || type.kind == Kind::Int) && !type.optional) {
    return " = any";
  }
  if (type.kind == Kind::Cpu && of_system && random_.chance(8)) return " = Cpu(0)";
  if (type.optional && random_.chance(60)) return " = null";
  if (random_.chance(50)) return "";
  const std::string text = constant(type);
  return text.empty() ? "" : " = " + text;
}

void DesignWriter::variables(DesignMachine& m, DesignLines& out, int count, bool of_system) {
  for (int i = 0; i < count; ++i) {
    const DesignType type = any_type(1, of_system);
    const std::string name = fresh("x");
    const bool wraps = type.kind == Kind::Int && !type.optional && name.back() % 3 == 0;  // a third, without a draw
    std::string text = name + ": " + type.text() + (wraps ? " wrap" : "") + initial(type, of_system);
    if (of_system && text.ends_with("= any") && random_.chance(50))
      text += " where " + name + (type.kind == Kind::Int ? " > " + std::to_string(type.lo) : " || careful");
    out.push_back(plain(text));
    m.variables.push_back({name, type});
  }
}

void DesignWriter::locks(DesignMachine& m, DesignLines& out) {
  const auto count = random_.chance(45) ? random_.between(1, 2) : 0;
  for (std::int64_t i = 0; i < count; ++i) {
    DesignLock lock{fresh("lock")};
    std::string type;
    switch (random_.between(0, 4)) {
      case 0:
        lock.is_mutex = true;
        type = "mutex";
        break;
      case 1:
        lock.is_mutex = true;
        type = "fair mutex";
        break;
      case 2:
        type = "spinlock";
        break;
      case 3:
        lock.level = 5;
        type = "spinlock(5)";
        break;
      default:
        lock.level = 2;
        type = "spinlock(DISPATCH)";
        break;
    }
    out.push_back(plain(lock.name + ": " + type));
    m.locks.push_back(std::move(lock));
  }
}

/// Writes `f`, whose name, form, parameters and result are given; the rest is what its body turns out to do.
void DesignWriter::handovers(DesignMachine& m, DesignLines& out) {
  if (!hands_over_) return;
  const auto count = random_.between(1, 2);
  for (std::int64_t i = 0; i < count; ++i) {
    DesignHandover one{fresh("o"), {}};
    switch (random_.between(0, 4)) {
      case 0:
        break;
      case 1:
        one.type = DesignType::of(Kind::Struct, "Pair");
        break;
      case 2:
        one.type = DesignType::cpu().or_null();
        break;
      default:
        one.type = random_.chance(50) ? DesignType::integer(0, 2) : DesignType::boolean();
        break;
    }
    out.push_back(plain(one.name + ": handover" + (one.type ? "<" + one.type->text() + ">" : "")));
    m.handovers.push_back(std::move(one));
  }
}

DesignLine DesignWriter::function(DesignMachine* m, const std::string& name, DesignFunction& f) {
  DesignPlace here;
  here.own = m;
  here.executes = true;
  here.in_function = true;
  here.result = f.result;
  std::string list;
  for (std::size_t i = 0; i < f.parameters.size(); ++i) {
    const std::string parameter = fresh("p");
    list += (i > 0 ? ", " : "") + parameter + ": " + f.parameters[i].text();
    here.locals.push_back({parameter, f.parameters[i], false});
  }
  std::string head = "fn " + name + "(" + list + ")" + (f.result ? " -> " + f.result->text() : "");
  writing_ = &f;
  DesignLine result;
  if (f.form == DesignFunction::Form::Expression) {
    here.executes = random_.chance(20);
    result = plain(head + " = " + value(*f.result, here, 2));
    writing_ = nullptr;
    return result;
  }
  if (f.form == DesignFunction::Form::Atomic) {
    head = "atomic " + head;
    here.in_step = true;
    here.may_return = true;
  } else if (random_.chance(25) && !f.result) {
    head = "returns " + head;
  }
  here.may_wait = f.waits;
  here.level = -1;
  result = {head, true, {}};
  statements(result.inside, here, static_cast<int>(random_.between(1, 2)));
  if (f.result) result.inside.push_back(plain("return " + value(*f.result, here, 1)));
  writing_ = nullptr;
  return result;
}

void DesignWriter::functions(DesignMachine& m, DesignLines& out, int count) {
  using Form = DesignFunction::Form;
  for (int i = 0; i < count; ++i) {
    DesignFunction f{fresh("f")};
    f.form = random_.chance(30) ? Form::Expression : random_.chance(45) ? Form::Atomic : Form::Steps;
    if (random_.chance(40))
      f.parameters.push_back(random_.chance(60) ? DesignType::integer(0, 1) : DesignType::cpu().or_null());
    if (f.form == Form::Expression) {
      f.result = DesignType::boolean();
    } else if (random_.chance(55)) {
      f.result = random_.chance(60) ? DesignType::boolean() : DesignType::integer(0, 2);
    }
    f.waits = f.form == Form::Steps && random_.chance(25);
    DesignLine text = function(&m, f.name, f);
    out.push_back(std::move(text));
    m.functions.push_back(std::move(f));
  }
}

std::string DesignWriter::fairness() {
  return random_.chance(90) ? "" : random_.any_of(std::vector<std::string>{" fair", " strong fair", " unfair"});
}

void DesignWriter::thread(DesignMachine& m, DesignLines& out, bool may_begin_pinned) {
  --threads_left_;
  const std::string name = fresh("t");
  DesignPlace here;
  here.own = &m;
  here.executes = true;
  here.in_thread = true;
  here.level = 0;
  std::string level;
  if (random_.chance(12)) {
    here.level = may_begin_pinned && random_.chance(40) ? 2 : 1;
    level = here.level == 1 ? " at APC" : " at DISPATCH";
  }
  here.may_wait = here.level < pin_;
  m.threads.push_back(name);
  DesignLine text{"thread " + name + level + fairness(), true, {}};
  const auto count = random_.between(3, 4 + size_);
  statements(text.inside, here, static_cast<int>(count));
  out.push_back(std::move(text));
}

void DesignWriter::handler(DesignMachine& m, DesignLines& out) {
  --handlers_left_;
  const std::string name = fresh("h");
  DesignPlace conditions;
  conditions.own = &m;
  DesignPlace here;
  here.own = &m;
  here.executes = true;
  const auto home = find_type(conditions, DesignType::cpu().or_null(), true);
  const bool urgent = home && random_.chance(45);
  const int level = urgent               ? static_cast<int>(random_.between(pin_, 4))
                    : random_.chance(15) ? static_cast<int>(random_.between(0, 1))
                                         : static_cast<int>(random_.between(pin_, 5));
  here.level = level;
  here.may_wait = level < pin_;
  std::string head = std::string(urgent ? "urgent " : "") + "handler " + name + " at " +
                     (level == 2   ? "DISPATCH"
                      : level == 0 ? "PASSIVE"
                                   : std::to_string(level));
  std::string accept;
  if (urgent || (home && level >= pin_ && random_.chance(20))) {
    head += " on " + home->text + " when " + home->text + " != null";
    if (random_.chance(25)) head += " && " + atom(conditions, 0);
    if (!random_.chance(10)) accept = home->text + " = null";
  } else {
    const auto cause = find(
        conditions, [](const DesignType& type) { return type == DesignType::boolean(); }, true);
    if (level >= pin_ && random_.chance(12)) {
      const auto where = find(
          conditions, [](const DesignType& type) { return type.kind == Kind::Set && type.element->kind == Kind::Cpu; },
          false);
      head += " on " + (where ? where->text : "Cpu(0)");
    }
    if (cause && random_.chance(80)) {
      head += " when " + cause->text;
      if (random_.chance(30)) head += " && " + atom(conditions, 0);
      if (!random_.chance(15)) accept = cause->text + " = false";
    } else if (!random_.chance(10)) {
      head += " when " + condition(conditions, 1);
    }
  }
  if (random_.chance(25)) head += " concurrent 2";
  head += fairness();
  DesignLine text{head, true, {}};
  if (!accept.empty()) {
    DesignLine block{"accept", true, {plain(accept)}};
    if (random_.chance(30)) {
      DesignPlace taking = here;
      taking.in_step = true;
      if (const auto also = find_type(taking, DesignType::boolean(), true))
        block.inside.push_back(plain(also->text + " = " + constant(DesignType::boolean())));
    }
    text.inside.push_back(std::move(block));
  }
  m.handlers.push_back(name);
  const auto count = random_.between(1, 2);
  statements(text.inside, here, static_cast<int>(count));
  out.push_back(std::move(text));
}

void DesignWriter::action(DesignMachine& m, DesignLines& out) {
  const std::string name = fresh("a");
  DesignPlace here;
  here.own = &m;
  here.in_step = true;
  here.in_action = true;
  std::string head = "action " + name;
  DesignPlace conditions = here;
  const auto cause = find(
      here, [](const DesignType& type) { return type == DesignType::boolean(); }, true);
  if (cause && random_.chance(60)) {
    head += " when !" + cause->text;
    if (random_.chance(25)) head += " && " + atom(conditions, 0);
    if (random_.chance(15)) head += " sporadic";
    out.push_back({head, true, {plain(cause->text + " = true")}});
    m.actions.push_back(name);
    return;
  }
  if (random_.chance(80)) head += " when " + condition(conditions, 1);
  if (random_.chance(25)) head += random_.chance(60) ? " sporadic" : " fair";
  DesignLine text{head, true, {}};
  here.may_return = false;
  statements(text.inside, here, static_cast<int>(random_.between(1, 2)));
  out.push_back(std::move(text));
  m.actions.push_back(name);
}

void DesignWriter::properties(DesignMachine& m, DesignLines& out, int count) {
  DesignPlace here;
  here.own = &m;
  for (int i = 0; i < count; ++i) {
    const std::string name = random_.chance(20)   ? random_.any_of(rules_) + ": "
                             : random_.chance(15) ? ""
                                                  : fresh("n") + ": ";
    switch (random_.between(0, 6)) {
      case 0:
        out.push_back(plain("invariant " + name + atom(here, 0) + " => " + condition(here, 1)));
        break;
      case 1:
      case 2:
        out.push_back(plain("invariant " + name + condition(here, 2)));
        break;
      case 3:
        out.push_back(plain("reachable " + name + condition(here, 2)));
        break;
      case 4:
        out.push_back(plain("never " + name + atom(here, 0) + " && " + atom(here, 0)));
        break;
      case 5:
        out.push_back(plain("never " + name + condition(here, 1)));
        break;
      default:
        if (m.name == "S" && random_.chance(60)) {
          out.push_back(plain("deadlock_free"));
          break;
        }
        out.push_back(plain("reachable " + name + atom(here, 0) + " && " + atom(here, 0)));
        break;
    }
  }
}

// ------------------------------------------------------------------------------------------------------------ machines

/// What others share: a few variables, locks, functions.
void DesignWriter::box_machine() {
  DesignMachine& m = machine("Box");
  DesignLine text{"machine Box(weight: int 0..2 = 1)", true, {}};
  m.variables.push_back({"weight", DesignType::integer(0, 2), false});
  variables(m, text.inside, static_cast<int>(random_.between(1, 3)), false);
  locks(m, text.inside);
  handovers(m, text.inside);
  functions(m, text.inside, static_cast<int>(random_.between(0, 2)));
  if (handlers_left_ > 0 && random_.chance(30)) handler(m, text.inside);
  if (random_.chance(25)) action(m, text.inside);
  properties(m, text.inside, random_.chance(25) ? 1 : 0);
  lines_.push_back(std::move(text));
}

void DesignWriter::object_machine() {
  DesignMachine& m = machine("Request");
  m.is_object = true;
  DesignLine text{"object machine Request()", true, {}};
  variables(m, text.inside, static_cast<int>(random_.between(1, 2)), false);
  DesignPlace here;
  here.own = &m;
  if (random_.chance(50)) text.inside.push_back(plain("busy when " + atom(here, 0)));
  if (handlers_left_ > 0 && random_.chance(50)) handler(m, text.inside);
  functions(m, text.inside, random_.chance(50) ? 1 : 0);
  lines_.push_back(std::move(text));
}

/// What works on a box: threads, handlers, perhaps behind an interface, calling a function that it is given.
void DesignWriter::worker_machine() {
  const DesignMachine* box = machines_.front().get();
  const DesignMachine* request = machines_.size() > 1 && machines_.back()->is_object ? machines_.back().get() : nullptr;
  DesignMachine& m = machine("Worker");
  m.is_client = has_client_ && random_.chance(85);
  m.inner.push_back({"box.", box});
  const bool notifies = random_.chance(50);
  DesignLine text{"machine Worker(box: ref Box, id: int 0..2 = 0" + std::string(notifies ? ", notify: fn()" : "") +
                      ")" + (m.is_client ? " implements Client" : ""),
                  true,
                  {}};
  if (notifies) m.functions.push_back({"notify", DesignFunction::Form::Steps, {}, {}, true, true, true});
  m.variables.push_back({"id", DesignType::integer(0, 2), false});
  variables(m, text.inside, static_cast<int>(random_.between(0, 2)), false);
  locks(m, text.inside);
  handovers(m, text.inside);
  if (random_.chance(25)) {
    text.inside.push_back(plain("mine: Box(weight: 2)"));
    m.inner.push_back({"mine.", box});
  }
  if (request != nullptr && random_.chance(60)) {
    text.inside.push_back(plain("request: Request()"));
    m.inner.push_back({"request.", request});
  }
  if (m.is_client) {
    DesignFunction poke{"poke",
                        random_.chance(50) ? DesignFunction::Form::Atomic : DesignFunction::Form::Steps,
                        {DesignType::integer(0, 1)},
                        DesignType::boolean()};
    no_locks_ = true;
    text.inside.push_back(function(&m, "poke", poke));
    no_locks_ = false;
    if (random_.chance(40)) {
      DesignFunction rest{"rest", DesignFunction::Form::Steps};
      no_locks_ = true;
      text.inside.push_back(function(&m, "rest", rest));
      no_locks_ = false;
    }
  }
  functions(m, text.inside, random_.chance(50) ? 1 : 0);
  if (threads_left_ > 1 && random_.chance(60)) thread(m, text.inside, false);
  if (handlers_left_ > 0 && random_.chance(60)) handler(m, text.inside);
  if (random_.chance(30)) {
    DesignLine only{"if id == " + std::to_string(random_.between(0, 1)), true, {}};
    // What is not there in every instance has no name.
    DesignMachine hidden = m;
    if (handlers_left_ > 0 && random_.chance(60)) {
      handler(hidden, only.inside);
    } else {
      action(hidden, only.inside);
    }
    text.inside.push_back(std::move(only));
  }
  if (random_.chance(25)) action(m, text.inside);
  properties(m, text.inside, random_.chance(30) ? 1 : 0);
  lines_.push_back(std::move(text));
}

void DesignWriter::system() {
  DesignMachine& m = machine("S");
  const DesignMachine* box = nullptr;
  const DesignMachine* request = nullptr;
  const DesignMachine* worker = nullptr;
  for (const auto& one : machines_) {
    if (one->name == "Box") box = one.get();
    if (one->name == "Request") request = one.get();
    if (one->name == "Worker") worker = one.get();
  }
  DesignLine text{"system S(processors: int 1..4 = " + std::to_string(cpus_) + ", mode: bool = false)", true, {}};
  m.variables.push_back({"mode", DesignType::boolean(), false});
  text.inside.push_back(plain("cpus processors"));
  if (pin_ != 2) text.inside.push_back(plain("pin " + std::to_string(pin_)));
  variables(m, text.inside, static_cast<int>(random_.between(1, 2 + size_)), true);
  locks(m, text.inside);
  handovers(m, text.inside);
  if (random_.chance(20)) {
    text.inside.push_back(plain("boxes[2]: Box(0)"));
    m.inner.push_back({"boxes[0].", box});
    m.inner.push_back({"boxes[1].", box});
  } else if (random_.chance(10)) {
    text.inside.push_back(plain("boxes[c: Colour]: Box(c == red ? 1 : 0)"));
    m.inner.push_back({"boxes[red].", box});
    m.inner.push_back({"boxes[blue].", box});
  } else {
    text.inside.push_back(plain("box: Box()"));
    m.inner.push_back({"box.", box});
  }
  const std::string a_box = m.inner.front().prefix.substr(0, m.inner.front().prefix.size() - 1);
  if (request != nullptr) {
    text.inside.push_back(plain("request: Request()"));
    m.inner.push_back({"request.", request});
  }
  if (uses_std_) {
    switch (random_.between(0, pin_ == 2 ? 2 : 1)) {
      case 0:
        text.inside.push_back(plain("event: std.Event()"));
        m.inner.push_back({"event.", &event_});
        break;
      case 1:
        text.inside.push_back(plain("item: std.WorkItem(told)"));
        m.inner.push_back({"item.", &work_item_});
        break;
      default:
        text.inside.push_back(plain("deferred: std.DeferredCall(told)"));
        m.inner.push_back({"deferred.", &deferred_});
        break;
    }
  }
  // What workers and deferred calls call back.
  DesignFunction told{"told", random_.chance(50) ? DesignFunction::Form::Atomic : DesignFunction::Form::Steps};
  {
    DesignMachine without = m;  // it calls nothing that might call it
    without.functions.clear();
    std::erase_if(without.inner, [&](const DesignReach& reach) { return reach.machine != box; });
    no_locks_ = true;
    text.inside.push_back(function(&without, "told", told));
    no_locks_ = false;
  }
  if (worker != nullptr) {
    const auto notifies = std::any_of(worker->functions.begin(), worker->functions.end(),
                                      [](const auto& f) { return f.name == "notify"; });
    const std::string notify = notifies ? ", notify: told" : "";
    if (random_.chance(35)) {
      text.inside.push_back(plain("workers[i: int 0..1]: Worker(" + a_box + ", i" + notify + ")"));
      m.inner.push_back({"workers[0].", worker});
      m.inner.push_back({"workers[1].", worker});
    } else {
      text.inside.push_back(plain("worker: Worker(" + a_box + (random_.chance(50) ? ", 1" : "") + notify + ")"));
      m.inner.push_back({"worker.", worker});
    }
    if (random_.chance(15)) {
      text.inside.push_back({"if mode", true, {plain("extra: Worker(" + a_box + ", id: 2" + notify + ")")}});
    }
  }
  if (has_client_ && (worker == nullptr || !worker->is_client)) {
    // Something must implement it for references to it to have values.
    lines_.push_back(
        {"machine Idle() implements Client", true, {plain("fn poke(n: int 0..1) -> bool { return n == 1 }")}});
    text.inside.push_back(plain("idler: Idle()"));
  }
  if (has_client_) {
    // Whom to call is mostly known, and may change.
    const std::string name = fresh("x");
    const std::string somebody = worker == nullptr ? "idler" : worker->is_client ? m.inner.back().prefix : "idler.";
    text.inside.push_back(plain(
        name + ": ref Client? = " + (somebody.ends_with(".") ? somebody.substr(0, somebody.size() - 1) : somebody)));
    m.variables.push_back({name, DesignType::of(Kind::Ref, "Client").or_null()});
  }
  functions(m, text.inside, random_.chance(30) ? 1 : 0);
  bool may_begin_pinned = true;
  while (threads_left_ > 0) {
    thread(m, text.inside, may_begin_pinned);
    may_begin_pinned = false;
  }
  while (handlers_left_ > 0) {
    if (random_.chance(60)) {
      handler(m, text.inside);
    } else {
      --handlers_left_;
    }
  }
  const auto actions = random_.between(0, 2);
  for (std::int64_t i = 0; i < actions; ++i) action(m, text.inside);
  if (random_.chance(40)) monitors(m, text.inside);
  if (has_formulas_) formulas(m, text.inside);
  properties(m, text.inside, static_cast<int>(random_.between(1, 3)));
  if (random_.chance(25)) text.inside.push_back(plain("deadlock_free"));
  lines_.push_back(std::move(text));
}

void DesignWriter::checks() {
  std::string text = "check S";
  if (random_.chance(15)) text += random_.chance(50) ? " for random_design.*, core.*" : " for *";
  if (random_.chance(8)) text += " except " + rules_.front();
  switch (random_.between(0, 5)) {
    case 0:
      text += " with mode in {false, true}";
      break;
    case 1:
      text += " with processors in 1..2";
      break;
    case 2:
      text += " with careful = " + std::string(random_.chance(50) ? "true" : "false");
      break;
    default:
      break;
  }
  lines_.push_back(plain(text));
}

// --------------------------------------------------------------------------------------------------------- its
// features

std::vector<std::string> features_of(const std::string& text) {
  static const std::vector<std::pair<std::string, std::string>> marks = {
      {"param", "param amount"},
      {"std", "use std"},
      {"enum order", ">= green"},
      {"struct", ": Pair"},
      {"struct value", "Pair("},
      {"optional", "?"},
      {"array", "array<"},
      {"array over CPUs", ", Cpu>"},
      {"set", "set<"},
      {"set of CPUs", "set<Cpu>"},
      {"queue", "queue<"},
      {"queue of references", "queue<ref"},
      {"reference", ": ref Box?"},
      {"reference to an interface", "ref Client"},
      {"any", "= any"},
      {"any where", "= any where"},
      {"object", "object machine"},
      {"init", "init "},
      {"free", "free "},
      {"busy", "busy when"},
      {"interface", "implements Client"},
      {"interface call", ".poke("},
      {"expression function", "-> bool = "},
      {"atomic function", "atomic fn"},
      {"returns function", "returns fn"},
      {"function parameter", "notify()"},
      {"thread at a level", " at APC"},
      {"pinned thread", "at DISPATCH {"},
      {"handler", "handler "},
      {"urgent handler", "urgent handler"},
      {"accept", "accept {"},
      {"concurrent", "concurrent 2"},
      {"on a set or CPU", " on Cpu(0)"},
      {"action", "action "},
      {"sporadic", "sporadic"},
      {"raise", "raise "},
      {"lower", "lower "},
      {"at level", "at DISPATCH {"},
      {"on", " on "},
      {"acquire", "acquire "},
      {"release", "release "},
      {"with", "with "},
      {"hand-over", ": handover"},
      {"hand-over of a struct", "handover<Pair>"},
      {"give", "give "},
      {"take", "take "},
      {"mutex", ": mutex"},
      {"fair mutex", "fair mutex"},
      {"spin lock", ": spinlock"},
      {"spin lock with level", "spinlock("},
      {"atomic", "atomic {"},
      {"either", "either {"},
      {"choose", "choose "},
      {"choose where", " where "},
      {"choose a CPU", ": Cpu where"},
      {"await", "await "},
      {"spin until", "spin until"},
      {"while", "while "},
      {"loop", "loop {"},
      {"for over an enum", "in Colour {"},
      {"for over instances", "in Box {"},
      {"for over CPUs", "in Cpu {"},
      {"for over a collection", "in x"},
      {"for over a range", "in 0..1 {"},
      {"for over a variable range", "in 0..x"},
      {"break", "break"},
      {"continue", "continue"},
      {"return", "return"},
      {"label", "at l"},
      {"not at a label", "!at "},
      {"cpu_of null", ") == null"},
      {"length", ".length"},
      {"size", ".size"},
      {"require", "require "},
      {"assert", "assert "},
      {"violate", "violate "},
      {"invariant", "invariant "},
      {"implication", "=> "},
      {"never", "never "},
      {"reachable", "reachable "},
      {"deadlock_free", "deadlock_free"},
      {"forall", "forall "},
      {"exists", "exists "},
      {"count", "count "},
      {"conditional", " ? "},
      {"level()", "level()"},
      {"cpu()", "cpu()"},
      {"running", "running("},
      {"idle", "idle("},
      {"cpu_of", "cpu_of("},
      {"enabled", "enabled("},
      {"array of instances", "workers["},
      {"instance in an instance", "mine: Box"},
      {"constant if", "if mode {"},
      {"pin", "pin 3"},
      {"matrix", " in {false, true}"},
      {"monitor", "monitor "},
      {"monitor of a monitor", "other: ref Watch"},
      {"monitor of a function", "subject: fn()"},
      {"monitors in an array", "]: Watch"},
      {"call watched", "on called("},
      {"return watched", "on returned("},
      {"start watched", "on accepted("},
  };
  std::vector<std::string> features;
  for (const auto& [feature, mark] : marks) {
    if (text.find(mark) != std::string::npos) features.push_back(feature);
  }
  return features;
}

}  // namespace quiesce
