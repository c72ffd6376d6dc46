// Random designs: statements. A level is known where a thread or handler stands in its own text; a function is called
// from anywhere, so that in it nothing waits that must be below the pin level, unless it says so.
#include <algorithm>
#include <utility>

#include "tests/differential/design_writer.h"

namespace quiesce {

using Kind = DesignType::Kind;

/// What stands in bodies, how often, and whether it may stand inside one step.
const std::vector<DesignWriter::Statement>& DesignWriter::kinds_of_statements() {
  static const std::vector<Statement> kinds = {
      {26, true, &DesignWriter::assign},
      {12, true, &DesignWriter::count_up},
      {10, true, &DesignWriter::change_collection},
      {6, true, &DesignWriter::declare_local},
      {14, false, &DesignWriter::call},
      {8, false, &DesignWriter::call_reference},
      {14, true, &DesignWriter::branch},
      {4, false, &DesignWriter::while_loop},
      {4, false, &DesignWriter::endless_loop},
      {4, true, &DesignWriter::for_constant},
      {6, false, &DesignWriter::for_collection},
      {3, false, &DesignWriter::for_cpus},
      {6, true, &DesignWriter::either},
      {4, true, &DesignWriter::choose},
      {8, false, &DesignWriter::await},
      {6, false, &DesignWriter::spin},
      {10, false, &DesignWriter::atomic},
      {12, false, &DesignWriter::with_lock},
      {8, false, &DesignWriter::change_level},
      {4, false, &DesignWriter::on_cpu},
      {6, true, &DesignWriter::judge},
      {7, false, &DesignWriter::leave},
      {4, true, &DesignWriter::pass},
      {8, false, &DesignWriter::life},
      {40, false, &DesignWriter::hand_over, true},
  };
  return kinds;
}

void DesignWriter::line(DesignLines& out, const DesignPlace& here, std::string text) {
  // Labels stand where contexts stand: in their own text, outside of steps.
  if (!here.in_step && !here.in_function && here.own != nullptr && here.depth < 3 && random_.chance(14)) {
    const std::string label = fresh("l");
    here.own->labels.push_back(label);
    text = label + ": " + text;
  }
  out.push_back({std::move(text), false, {}});
}

void DesignWriter::statement(DesignLines& out, DesignPlace& here) {
  int total = 0;
  for (const Statement& kind : kinds_of_statements()) total += may_stand(kind, here) ? kind.weight : 0;
  for (int tries = 0; tries < 10; ++tries) {
    std::int64_t at = random_.between(1, total);
    for (const Statement& kind : kinds_of_statements()) {
      if (!may_stand(kind, here)) continue;
      at -= kind.weight;
      if (at > 0) continue;
      if ((this->*kind.write)(out, here)) return;
      break;
    }
  }
  line(out, here, "pass");
}

/// Some statements in a scope of their own.
void DesignWriter::statements(DesignLines& out, DesignPlace& here, int count) {
  const std::size_t locals = here.locals.size();
  for (int i = 0; i < count; ++i) statement(out, here);
  here.locals.resize(locals);
}

DesignLine DesignWriter::block(const std::string& head, const DesignPlace& here, int count) {
  DesignLine result{head, true, {}};
  DesignPlace inner = here;
  ++inner.depth;
  statements(result.inside, inner, count);
  return result;
}

bool DesignWriter::pass(DesignLines& out, DesignPlace& here) {
  line(out, here, "pass");
  return true;
}

bool DesignWriter::assign(DesignLines& out, DesignPlace& here) {
  // Requests for deferred calls are made where handlers wait for them.
  if (here.executes && random_.chance(12)) {
    if (const auto found = find_type(here, DesignType::cpu().or_null(), true)) {
      if (writing_ != nullptr) writing_->executes = true;
      line(out, here, found->text + " = cpu()");
      return true;
    }
  }
  const auto found = find(
      here, [](const DesignType& type) { return type.kind != Kind::Queue && type.kind != Kind::Array; }, true);
  if (!found) return false;
  std::string text = value(found->type, here, 1);
  if (text.empty() || text == found->text) return false;
  // A null stored where a null is allowed; a null read where a value is wanted breaks core.null, so rarely.
  line(out, here, found->text + " = " + text);
  return true;
}

bool DesignWriter::count_up(DesignLines& out, DesignPlace& here) {
  const auto found = find(
      here, [](const DesignType& type) { return type.kind == Kind::Int && !type.optional; }, true);
  if (!found) return false;
  const bool up = random_.chance(60);
  const std::string change = found->text + (up ? " += 1" : " -= 1");
  if (random_.chance(6)) {
    line(out, here, change);  // leaves the range one day
    return true;
  }
  const std::string guard =
      up ? found->text + " < " + std::to_string(found->type.hi) : found->text + " > " + std::to_string(found->type.lo);
  const DesignLine guarded{"if " + guard, true, {{change, false, {}}}};
  if (here.in_step || random_.chance(30)) {
    // Between the test and the change others may change it too, outside of a step.
    out.push_back(guarded);
  } else {
    out.push_back({"atomic", true, {guarded}});
  }
  return true;
}

bool DesignWriter::change_collection(DesignLines& out, DesignPlace& here) {
  const auto found = find(
      here, [](const DesignType& type) { return type.kind == Kind::Queue || type.kind == Kind::Set; }, true);
  if (!found) return false;
  const std::string element = value(*found->type.element, here, 0);
  if (element.empty()) return false;
  if (found->type.kind == Kind::Set) {
    static const std::vector<std::string> changes = {".add(", ".add(", ".remove("};
    line(out, here,
         random_.chance(10) ? found->text + ".clear()" : found->text + random_.any_of(changes) + element + ")");
    return true;
  }
  if (random_.chance(20)) {
    line(out, here, random_.chance(40) ? found->text + ".clear()" : found->text + ".remove(" + element + ")");
    return true;
  }
  const bool push = random_.chance(60);
  const std::string change = found->text + (push ? ".push(" + element + ")" : ".pop()");
  if (random_.chance(8)) {
    line(out, here, change);
    return true;
  }
  const std::string room = "!" + found->text + (push ? ".full" : ".empty");
  if (!here.in_step && here.may_wait && random_.chance(40)) {
    out.push_back({"atomic", true, {{"await " + room, false, {}}, {change, false, {}}}});
  } else if (here.in_step) {
    out.push_back({"if " + room, true, {{change, false, {}}}});
  } else {
    out.push_back({"atomic", true, {{"if " + room, true, {{change, false, {}}}}}});
  }
  return true;
}

bool DesignWriter::declare_local(DesignLines& out, DesignPlace& here) {
  const DesignType type = random_.chance(20) ? any_type(0, false) : scalar_type();
  if (type.kind == Kind::Array || type.kind == Kind::Queue || type.kind == Kind::Set) return false;
  const std::string text = value(type, here, 1);
  if (text.empty()) return false;
  const std::string name = fresh("v");
  line(out, here, "var " + name + ": " + type.text() + " = " + text);
  here.locals.push_back({name, type});
  return true;
}

/// A call of an atomic function or of one that takes steps, alone or with its result.
bool DesignWriter::call(DesignLines& out, DesignPlace& here) {
  std::vector<std::pair<std::string, const DesignFunction*>> callable;
  const auto add = [&](const std::string& prefix, const DesignFunction& f) {
    if (f.form == DesignFunction::Form::Expression) return;
    if (f.executes && !here.executes) return;
    if (f.waits && !here.may_wait && !random_.chance(3)) return;
    if (f.locks && (!here.held.empty() || no_locks_)) return;
    callable.emplace_back(prefix + f.name, &f);
  };
  for (const DesignReach& reach : reaches(here)) {
    // Functions do not call those of their own machine, which might call them.
    if (here.in_function && reach.prefix.empty()) continue;
    for (const DesignFunction& f : reach.machine->functions) add(reach.prefix, f);
  }
  if (!here.in_function) {
    for (const DesignFunction& f : module_.functions) add("", f);
  }
  if (callable.empty()) return false;
  const auto [name, f] = random_.any_of(callable);
  const std::string list = arguments(*f, here);
  if (list.empty()) return false;
  if (writing_ != nullptr) {
    writing_->executes |= f->executes;
    writing_->waits |= f->waits;
    writing_->locks |= f->locks;
  }
  const std::string text = name + list;
  if (!f->result) {
    line(out, here, text);
    return true;
  }
  if (*f->result == DesignType::boolean() && random_.chance(40)) {
    out.push_back(block("if " + text, here, 1));
    return true;
  }
  if (random_.chance(50)) {
    if (const auto found = find(
            here, [&](const DesignType& type) { return type == *f->result; }, true)) {
      line(out, here, found->text + " = " + text);
      return true;
    }
  }
  const std::string local = fresh("v");
  line(out, here,
       "var " + local + (random_.chance(50) && f->result->kind == Kind::Bool ? "" : ": " + f->result->text()) + " = " +
           text);
  here.locals.push_back({local, *f->result});
  return true;
}

/// A call through a reference to an interface, which is mostly seen not to be null before.
bool DesignWriter::call_reference(DesignLines& out, DesignPlace& here) {
  if (!has_client_ || here.in_function || !here.executes) return false;
  const auto found = find(
      here, [](const DesignType& type) { return type.kind == Kind::Ref && type.name == "Client"; }, false);
  if (!found) return false;
  const std::string argument = std::to_string(random_.between(0, 1));
  const std::string local = fresh("v");
  DesignLines calls;
  calls.push_back(random_.chance(30)
                      ? DesignLine{found->text + ".rest()", false, {}}
                      : DesignLine{"var " + local + " = " + found->text + ".poke(" + argument + ")", false, {}});
  if (found->type.optional && !random_.chance(10)) {
    out.push_back({"if " + found->text + " != null", true, calls});
  } else {
    out.push_back(calls.front());
  }
  return true;
}

bool DesignWriter::branch(DesignLines& out, DesignPlace& here) {
  if (here.depth > 2) return false;
  out.push_back(block("if " + condition(here, 1), here, static_cast<int>(random_.between(1, 2))));
  if (random_.chance(15)) out.push_back(block("else if " + condition(here, 0), here, 1));
  if (random_.chance(40)) out.push_back(block("else", here, 1));
  return true;
}

bool DesignWriter::while_loop(DesignLines& out, DesignPlace& here) {
  if (here.depth > 1) return false;
  DesignPlace inner = here;
  inner.in_loop = true;
  out.push_back(block("while " + condition(here, 1), inner, static_cast<int>(random_.between(1, 2))));
  return true;
}

bool DesignWriter::endless_loop(DesignLines& out, DesignPlace& here) {
  if (here.depth > 1 || here.in_function) return false;
  DesignLine loop{"loop", true, {}};
  DesignPlace inner = here;
  inner.in_loop = true;
  ++inner.depth;
  // Something in it takes a step whatever the rest does.
  if (here.may_wait) {
    await(loop.inside, inner);
  } else {
    pass(loop.inside, inner);
  }
  statements(loop.inside, inner, static_cast<int>(random_.between(1, 2)));
  if (here.may_return || random_.chance(80)) {
    loop.inside.push_back({"if " + condition(here, 0), true, {{"break", false, {}}}});
  }
  out.push_back(std::move(loop));
  return true;
}

bool DesignWriter::for_constant(DesignLines& out, DesignPlace& here) {
  if (here.depth > 1) return false;
  const std::string name = fresh("k");
  DesignPlace inner = here;
  inner.in_loop = !here.in_step;
  DesignVariable variable{name, DesignType::integer(0, 1), false};
  std::string over = "0..1";
  switch (random_.between(0, 3)) {
    case 0:
      over = "Colour";
      variable.type = DesignType::of(Kind::Enum, "Colour");
      break;
    case 1:
      over = "Box";
      variable.type = DesignType::of(Kind::Ref, "Box");
      break;
    case 2:
      if (!here.in_step) {
        // The bound is known only as it runs.
        if (const auto found = find_type(here, DesignType::integer(0, 2), false)) over = "0.." + found->text;
        variable.type = DesignType::integer(0, 2);
      }
      break;
    default:
      break;
  }
  inner.locals.push_back(variable);
  DesignLine loop{"for " + name + " in " + over, true, {}};
  ++inner.depth;
  statements(loop.inside, inner, 1);
  out.push_back(std::move(loop));
  return true;
}

bool DesignWriter::for_collection(DesignLines& out, DesignPlace& here) {
  if (here.depth > 1) return false;
  const auto found = find(
      here, [](const DesignType& type) { return type.kind == Kind::Queue || type.kind == Kind::Set; }, false);
  if (!found || found->type.optional) return false;
  const std::string name = fresh("k");
  DesignPlace inner = here;
  inner.in_loop = true;
  inner.locals.push_back({name, *found->type.element, false});
  ++inner.depth;
  DesignLine loop{"for " + name + " in " + found->text, true, {}};
  statements(loop.inside, inner, 1);
  out.push_back(std::move(loop));
  return true;
}

bool DesignWriter::for_cpus(DesignLines& out, DesignPlace& here) {
  if (here.depth > 1) return false;
  const std::string name = fresh("c");
  DesignLine loop{"for " + name + " in Cpu", true, {}};
  DesignPlace inner = here;
  inner.locals.push_back({name, DesignType::cpu(), false});
  inner.in_loop = true;
  inner.depth += 1;
  if (here.may_wait && random_.chance(60)) {
    inner.may_return = false;
    inner.in_loop = false;
    DesignLine visit{"on " + name, true, {}};
    statements(visit.inside, inner, 1);
    loop.inside.push_back(std::move(visit));
  } else {
    statements(loop.inside, inner, 1);
  }
  out.push_back(std::move(loop));
  return true;
}

bool DesignWriter::either(DesignLines& out, DesignPlace& here) {
  if (here.depth > 2) return false;
  out.push_back(block("either", here, 1));
  out.push_back(block("or", here, 1));
  if (random_.chance(25)) out.push_back({"or", true, {{"pass", false, {}}}});
  return true;
}

bool DesignWriter::choose(DesignLines& out, DesignPlace& here) {
  const std::string name = fresh("v");
  const DesignType type = random_.chance(50)   ? DesignType::integer(0, random_.between(1, 2))
                          : random_.chance(50) ? DesignType::of(Kind::Enum, "Colour")
                          : random_.chance(50) ? DesignType::boolean()
                                               : DesignType::cpu();
  std::string where;
  if (random_.chance(35)) {
    DesignPlace inner = here;
    inner.asks_cpu = false;
    inner.locals.push_back({name, type, false});
    if (type.kind == Kind::Int) where = " where " + name + " != " + std::to_string(random_.between(0, 1));
    if (type.kind == Kind::Enum) where = " where " + name + " >= green";
    if (!where.empty() && !here.in_step && random_.chance(50)) where += " && " + atom(inner, 0);
  }
  line(out, here, "choose " + name + ": " + type.text() + where);
  here.locals.push_back({name, type});
  return true;
}

bool DesignWriter::await(DesignLines& out, DesignPlace& here) {
  if (here.in_step) return false;
  if (!here.may_wait && !random_.chance(3)) return false;
  DesignPlace inner = here;
  inner.asks_cpu = false;
  line(out, here, "await " + condition(inner, 1));
  return true;
}

bool DesignWriter::spin(DesignLines& out, DesignPlace& here) {
  DesignPlace inner = here;
  inner.asks_cpu = false;
  line(out, here, "spin until " + condition(inner, 1));
  return true;
}

bool DesignWriter::atomic(DesignLines& out, DesignPlace& here) {
  DesignLine step{"atomic", true, {}};
  DesignPlace inner = here;
  inner.in_step = true;
  inner.in_loop = false;
  inner.may_return = false;
  ++inner.depth;
  if (random_.chance(35)) {
    DesignPlace waiting = here;
    waiting.asks_cpu = false;
    if (here.may_wait) {
      step.inside.push_back({"await " + condition(waiting, 1), false, {}});
    } else {
      step.inside.push_back({"spin until " + condition(waiting, 1), false, {}});
    }
  }
  statements(step.inside, inner, static_cast<int>(random_.between(1, 3)));
  out.push_back(std::move(step));
  return true;
}

std::string DesignWriter::give_or_take(const DesignPlace& here, bool gives, const std::string& name,
                                       const DesignHandover& one) {
  if (gives) return "give " + name + (one.type ? ", " + value(*one.type, here, 1) : "");
  if (!one.type || random_.chance(15)) return "take " + name;
  const auto target = find(
      here,
      [&](const DesignType& type) {
        return type == *one.type || (type.kind == Kind::Int && one.type->kind == Kind::Int && !type.optional);
      },
      true);
  return target ? target->text + " = take " + name : "take " + name;
}

/// One side of a hand-over: alone, or in a step with a condition before it and statements behind it.
bool DesignWriter::hand_over(DesignLines& out, DesignPlace& here) {
  if (!here.may_wait && !random_.chance(3)) return false;
  std::vector<std::pair<std::string, const DesignHandover*>> known;
  for (const DesignReach& reach : reaches(here)) {
    for (const DesignHandover& one : reach.machine->handovers) known.emplace_back(reach.prefix + one.name, &one);
  }
  if (known.empty()) return false;
  const auto [name, one] = random_.any_of(known);
  const bool gives = random_.chance(50);
  if (random_.chance(55)) {
    line(out, here, give_or_take(here, gives, name, *one));
    return true;
  }
  DesignLine step{"atomic", true, {}};
  DesignPlace inner = here;
  inner.in_step = true;
  inner.in_loop = inner.may_return = false;
  ++inner.depth;
  if (!gives) inner.asks_cpu = inner.executes = false;  // what takes is on no CPU
  DesignPlace waiting = here;
  waiting.asks_cpu = false;
  if (random_.chance(50)) step.inside.push_back({"await " + condition(waiting, 1), false, {}});
  step.inside.push_back({give_or_take(inner, gives, name, *one), false, {}});
  statements(step.inside, inner, static_cast<int>(random_.between(0, 2)));
  out.push_back(std::move(step));
  return true;
}

bool DesignWriter::with_lock(DesignLines& out, DesignPlace& here) {
  if (here.depth > 2 || no_locks_) return false;
  std::vector<std::pair<std::string, const DesignLock*>> free;
  for (const DesignReach& reach : reaches(here)) {
    for (const DesignLock& lock : reach.machine->locks) {
      const std::string name = reach.prefix + lock.name;
      if (std::find(here.held.begin(), here.held.end(), name) != here.held.end() && !random_.chance(3)) continue;
      if (lock.is_mutex && !here.may_wait && !random_.chance(3)) continue;
      if (lock.level >= 0 && (here.level < 0 || here.level > lock.level) && !random_.chance(3)) continue;
      free.emplace_back(name, &lock);
    }
  }
  if (free.empty()) return false;
  const auto [name, lock] = random_.any_of(free);
  if (writing_ != nullptr) writing_->locks = true;
  DesignPlace inner = here;
  inner.held.push_back(name);
  inner.in_loop = false;
  inner.may_return = false;
  ++inner.depth;
  if (lock->level >= 0) {
    inner.level = std::max(inner.level, lock->level);
    inner.may_wait = inner.may_wait && inner.level < pin_;
  }
  const int count = static_cast<int>(random_.between(1, 2));
  if (random_.chance(60)) {
    DesignLine with{"with " + name, true, {}};
    statements(with.inside, inner, count);
    out.push_back(std::move(with));
  } else {
    line(out, here, "acquire " + name);
    statements(out, inner, count);
    if (!random_.chance(4)) line(out, here, "release " + name);
  }
  return true;
}

bool DesignWriter::change_level(DesignLines& out, DesignPlace& here) {
  if (here.depth > 2) return false;
  std::vector<std::pair<std::string, int>> levels;
  for (const auto& [name, level] : std::vector<std::pair<std::string, int>>{{"APC", 1}, {"DISPATCH", 2}, {"5", 5}}) {
    if (here.level <= level && (here.level >= 0 || level == 5)) levels.emplace_back(name, level);
  }
  if (levels.empty()) return false;
  const auto [name, level] = random_.any_of(levels);
  DesignPlace inner = here;
  inner.level = level;
  inner.may_wait = here.may_wait && level < pin_;
  inner.in_loop = false;
  inner.may_return = false;
  ++inner.depth;
  if (random_.chance(60)) {
    DesignLine at{"at " + name, true, {}};
    statements(at.inside, inner, static_cast<int>(random_.between(1, 2)));
    out.push_back(std::move(at));
    return true;
  }
  const std::string old = fresh("v");
  if (writing_ != nullptr) writing_->executes = true;
  const bool keep = here.level < 0 || random_.chance(50);
  if (keep) line(out, here, "var " + old + ": Level = level()");
  line(out, here, "raise " + name);
  statements(out, inner, static_cast<int>(random_.between(1, 2)));
  if (!random_.chance(4)) line(out, here, "lower " + (keep ? old : std::to_string(here.level)));
  return true;
}

bool DesignWriter::on_cpu(DesignLines& out, DesignPlace& here) {
  if (here.depth > 1 || !here.may_wait) return false;
  std::string cpu = "Cpu(0)";
  if (!random_.chance(15)) {
    const auto found = find(
        here, [](const DesignType& type) { return type.kind == Kind::Cpu; }, false);
    if (!found) return false;
    if (found->type.optional) {
      DesignLine on{"on " + found->text, true, {{"pass", false, {}}}};
      out.push_back({"if " + found->text + " != null", true, {on}});
      return true;
    }
    cpu = found->text;
  }
  DesignPlace inner = here;
  inner.in_loop = false;
  inner.may_return = false;
  out.push_back(block("on " + cpu, inner, 1));
  return true;
}

bool DesignWriter::judge(DesignLines& out, DesignPlace& here) {
  DesignPlace inner = here;
  inner.asks_cpu = false;
  switch (random_.between(0, 3)) {
    case 0:
      out.push_back({"assert " + condition(inner, 1), false, {}});
      break;
    case 1:
      if (here.depth == 0) return false;  // nothing would decide whether
      out.push_back({"violate " + random_.any_of(rules_), false, {}});
      break;
    default:
      out.push_back({"require " + random_.any_of(rules_) + ": " + condition(inner, 1), false, {}});
      break;
  }
  return true;
}

bool DesignWriter::leave(DesignLines& out, DesignPlace& here) {
  if (here.depth == 0) return false;
  if (here.in_loop && random_.chance(60)) {
    out.push_back({random_.chance(60) ? "break" : "continue", false, {}});
    return true;
  }
  if (!here.may_return) return false;
  std::string text = "return";
  if (here.result) text += " " + value(*here.result, here, 0);
  out.push_back({text, false, {}});
  return true;
}

/// The life of an object, or a part of it.
bool DesignWriter::life(DesignLines& out, DesignPlace& here) {
  if (here.in_function || !here.in_thread) return false;
  std::vector<DesignReach> objects;
  for (const DesignReach& reach : reaches(here)) {
    if (reach.machine->is_object && !reach.prefix.empty()) objects.push_back(reach);
  }
  if (objects.empty()) return false;
  const DesignReach& object = random_.any_of(objects);
  const std::string name = object.prefix.substr(0, object.prefix.size() - 1);
  if (!random_.chance(10)) line(out, here, "init " + name);
  statements(out, here, 1);
  if (here.may_wait && random_.chance(50) && !object.machine->handlers.empty())
    line(out, here, "await idle(" + object.prefix + object.machine->handlers.front() + ")");
  if (!random_.chance(10)) line(out, here, "free " + name);
  return true;
}

}  // namespace quiesce
