// Random designs: types and expressions.
#include <utility>

#include "tests/differential/design_writer.h"

namespace quiesce {

using Kind = DesignType::Kind;

namespace {
const std::vector<std::string> kColours = {"red", "green", "blue"};

bool is_number(const DesignType& type) { return type.kind == Kind::Int && !type.optional; }
}  // namespace

// ------------------------------------------------------------------------------------------------------------- types

std::string DesignType::text() const {
  std::string text;
  switch (kind) {
    case Kind::Bool:
      text = "bool";
      break;
    case Kind::Int:
      text = "int " + std::to_string(lo) + ".." + std::to_string(hi);
      break;
    case Kind::Enum:
    case Kind::Struct:
      text = name;
      break;
    case Kind::Level:
      text = "Level";
      break;
    case Kind::Cpu:
      text = "Cpu";
      break;
    case Kind::Array:
      text = "array<" + element->text() + ", " + index->text() + ">";
      break;
    case Kind::Set:
      text = "set<" + element->text() + ">";
      break;
    case Kind::Queue:
      text = "queue<" + element->text() + ", " + std::to_string(hi) + ">";
      break;
    case Kind::Ref:
      text = "ref " + name;
      break;
  }
  return optional ? text + "?" : text;
}

DesignType DesignType::value() const {
  DesignType type = *this;
  type.optional = false;
  return type;
}

DesignType DesignType::or_null() const {
  DesignType type = *this;
  type.optional = true;
  return type;
}

DesignType DesignType::integer(std::int64_t lo, std::int64_t hi) {
  DesignType type;
  type.kind = Kind::Int;
  type.lo = lo;
  type.hi = hi;
  return type;
}

DesignType DesignType::level() { return of(Kind::Level, ""); }
DesignType DesignType::cpu() { return of(Kind::Cpu, ""); }

DesignType DesignType::of(Kind kind, std::string name) {
  DesignType type;
  type.kind = kind;
  type.name = std::move(name);
  return type;
}

/// A type with few values.
DesignType DesignWriter::scalar_type() {
  switch (random_.between(0, 9)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return DesignType::boolean();
    case 4:
    case 5:
      return DesignType::integer(random_.chance(20) ? -1 : 0, random_.between(1, 2));
    case 6:
      return DesignType::of(Kind::Enum, "Colour");
    case 7:
    case 8:
      return DesignType::cpu().or_null();
    default:
      return DesignType::boolean();
  }
}

/// A type of a variable. References to machines only where `of_system`: then all machines are known.
DesignType DesignWriter::any_type(int depth, bool of_system) {
  const auto share = [](DesignType type) { return std::make_shared<const DesignType>(std::move(type)); };
  const auto small = [&] {
    switch (random_.between(0, 3)) {
      case 0:
        return DesignType::of(Kind::Enum, "Colour");
      case 1:
        return DesignType::cpu();
      default:
        return DesignType::integer(0, random_.between(1, 2));
    }
  };
  if (!random_.chance(40)) return scalar_type();
  DesignType type;
  switch (random_.between(0, 8)) {
    case 0:
      return DesignType::of(Kind::Struct, "Pair");
    case 1:
      return DesignType::of(Kind::Struct, "Pair").or_null();
    case 2:
      type.kind = Kind::Array;
      type.index = share(random_.chance(50) ? DesignType::cpu() : small());
      type.element = share(depth > 0 && random_.chance(15) ? any_type(0, of_system) : scalar_type());
      if (type.element->kind == Kind::Array || type.element->kind == Kind::Struct) type.element = share(scalar_type());
      return type;
    case 3:
      type.kind = Kind::Set;
      type.element = share(small());
      return type;
    case 4:
      type.kind = Kind::Queue;
      type.element = share(random_.chance(15) ? DesignType::of(Kind::Struct, "Pair") : small());
      type.hi = random_.between(1, 2);
      return type;
    case 5:
      return DesignType::level();
    case 6:
      if (of_system && has_client_) return DesignType::of(Kind::Ref, "Client").or_null();
      return DesignType::of(Kind::Ref, "Box").or_null();
    case 7:
      return (random_.chance(50) ? DesignType::of(Kind::Enum, "Colour") : DesignType::integer(0, 1)).or_null();
    default:
      if (of_system && has_client_) {
        type.kind = Kind::Queue;
        type.element = share(DesignType::of(Kind::Ref, "Client"));
        type.hi = random_.between(1, 2);
        return type;
      }
      return DesignType::cpu().or_null();
  }
}

// ------------------------------------------------------------------------------------------------ what can be named

/// Everything that a name can begin with here.
std::vector<DesignReach> DesignWriter::reaches(const DesignPlace& here) const {
  std::vector<DesignReach> result;
  if (here.own != nullptr) {
    result.push_back({"", here.own});
    for (const DesignReach& reach : here.own->inner) {
      result.push_back(reach);
      for (const DesignReach& deeper : reach.machine->inner)
        result.push_back({reach.prefix + deeper.prefix, deeper.machine});
    }
  }
  for (const DesignVariable& local : here.locals) {
    if (local.type.kind != Kind::Ref || local.type.optional) continue;
    for (const auto& machine : machines_) {
      if (machine->name == local.type.name && machine.get() != here.own)
        result.push_back({local.name + ".", machine.get()});
    }
  }
  return result;
}

/// A readable or writable place of a wanted type, or none that was found.
std::optional<DesignWriter::Found> DesignWriter::find(const DesignPlace& here,
                                                      const std::function<bool(const DesignType&)>& wanted,
                                                      bool to_write) {
  std::vector<std::pair<std::string, const DesignVariable*>> from;
  for (const DesignVariable& local : here.locals) from.emplace_back("", &local);
  for (const DesignReach& reach : reaches(here)) {
    for (const DesignVariable& variable : reach.machine->variables) from.emplace_back(reach.prefix, &variable);
  }
  if (!to_write) {
    for (const DesignVariable& variable : module_.variables) from.emplace_back("", &variable);
  }
  std::vector<Found> fitting;
  for (const auto& [prefix, variable] : from) {
    if (to_write && !variable->writable) continue;
    const std::string name = prefix + variable->name;
    const DesignType& type = variable->type;
    if (wanted(type)) fitting.push_back({name, type});
    if (type.optional && !random_.chance(6)) continue;  // null breaks core.null, so rarely
    if (type.kind == Kind::Struct) {
      for (const Found& field : std::vector<Found>{{".a", DesignType::integer(0, 1)},
                                                   {".b", DesignType::of(Kind::Enum, "Colour")},
                                                   {".c", DesignType::cpu().or_null()}}) {
        if (wanted(field.type)) fitting.push_back({name + field.text, field.type});
      }
    } else if (type.kind == Kind::Array && wanted(*type.element) && here.depth < 8) {
      if (type.index->kind == Kind::Cpu) {
        // Without something that executes there is no CPU to name.
        const bool asks = here.executes && here.asks_cpu;
        DesignPlace inner = here;
        inner.depth = 8;
        const auto index = find(
            inner, [](const DesignType& t) { return t == DesignType::cpu(); }, false);
        if (!asks && !index) continue;
        if (asks && writing_ != nullptr) writing_->executes = true;
        fitting.push_back(
            {name + "[" + (index && (!asks || random_.chance(50)) ? index->text : "cpu()") + "]", *type.element});
      } else {
        DesignPlace inner = here;
        inner.depth = 8;
        fitting.push_back({name + "[" + value(*type.index, inner, 0) + "]", *type.element});
      }
    } else if (type.kind == Kind::Queue && !to_write && wanted(*type.element) && random_.chance(8)) {
      fitting.push_back({name + (random_.chance(40) ? ".first" : random_.chance(50) ? ".last" : "[0]"), *type.element});
    }
  }
  if (fitting.empty()) return std::nullopt;
  Found found = random_.any_of(fitting);
  if (found.text.find("cpu()") != std::string::npos && writing_ != nullptr) writing_->executes = true;
  return found;
}

std::optional<DesignWriter::Found> DesignWriter::find_type(const DesignPlace& here, const DesignType& type,
                                                           bool to_write) {
  return find(
      here,
      [&](const DesignType& candidate) {
        if (is_number(type) && is_number(candidate)) return candidate.lo >= type.lo && candidate.hi <= type.hi;
        return candidate == type || (type.optional && candidate == type.value());
      },
      to_write);
}

// -------------------------------------------------------------------------------------------------------- expressions

/// A value that needs nothing, or "" when the type has none.
std::string DesignWriter::constant(const DesignType& type) {
  if (type.optional && random_.chance(40)) return "null";
  switch (type.kind) {
    case Kind::Bool:
      return random_.chance(50) ? "true" : "false";
    case Kind::Int:
      return std::to_string(random_.between(type.lo, type.hi));
    case Kind::Enum:
      return (random_.chance(10) ? "Colour." : "") + random_.any_of(kColours);
    case Kind::Level:
      return random_.any_of(std::vector<std::string>{"PASSIVE", "APC", "DISPATCH", "5"});
    case Kind::Struct:
      switch (random_.between(0, 2)) {
        case 0:
          return "Pair()";
        case 1:
          return "Pair(" + std::to_string(random_.between(0, 1)) + ", " + random_.any_of(kColours) + ")";
        default:
          return "Pair(b: " + random_.any_of(kColours) + ", a: " + std::to_string(random_.between(0, 1)) + ")";
      }
    case Kind::Set:
      if (type.element->kind == Kind::Cpu || random_.chance(30)) return "{}";
      return "{" + constant(*type.element) + (random_.chance(40) ? ", " + constant(*type.element) : "") + "}";
    default:
      return type.optional ? "null" : "";
  }
}

/// An expression of a type that is always in its range; "" when there is none.
std::string DesignWriter::value(const DesignType& type, const DesignPlace& here, int depth) {
  if (type.kind == Kind::Bool && !type.optional) return condition(here, depth);
  if (depth > 0 && type.kind != Kind::Array && type.kind != Kind::Queue && type.kind != Kind::Set &&
      random_.chance(12)) {
    const std::string first = value(type, here, depth - 1);
    const std::string second = value(type, here, depth - 1);
    // Two constants leave the type of the whole open.
    if (!first.empty() && !second.empty() && type.kind == Kind::Int && !type.optional)
      return "(" + condition(here, depth - 1) + " ? " + first + " : " + second + ")";
  }
  if (random_.chance(45)) {
    if (const auto found = find_type(here, type, false)) return found->text;
  }
  switch (type.kind) {
    case Kind::Cpu:
      if (here.executes && here.asks_cpu && random_.chance(75)) {
        if (writing_ != nullptr) writing_->executes = true;
        return "cpu()";
      }
      if (type.optional) {
        for (const DesignReach& reach : reaches(here)) {
          if (!reach.machine->handlers.empty() && random_.chance(20))
            return "cpu_of(" + reach.prefix + random_.any_of(reach.machine->handlers) + ")";
        }
      }
      break;
    case Kind::Level:
      if (here.executes && random_.chance(50)) {
        if (writing_ != nullptr) writing_->executes = true;
        return "level()";
      }
      break;
    case Kind::Int:
      if (!type.optional && depth > 0 && type.lo == 0 && random_.chance(30)) {
        const auto found = find(here, is_number, false);
        if (found && found->type.lo >= 0)
          return "(" + found->text + " + " + std::to_string(random_.between(1, 2)) + ") % " +
                 std::to_string(type.hi + 1);
      }
      break;
    case Kind::Ref: {
      std::vector<std::string> instances;
      for (const DesignReach& reach : reaches(here)) {
        const bool fits = reach.machine->name == type.name || (type.name == "Client" && reach.machine->is_client);
        if (fits) instances.push_back(reach.prefix.empty() ? "self" : reach.prefix.substr(0, reach.prefix.size() - 1));
      }
      if (!instances.empty() && (!type.optional || random_.chance(70))) return random_.any_of(instances);
      break;
    }
    case Kind::Set:
      if (type.element->kind == Kind::Cpu && here.executes && here.asks_cpu && random_.chance(70)) {
        if (writing_ != nullptr) writing_->executes = true;
        return "{cpu()}";
      }
      break;
    case Kind::Struct:
      if (random_.chance(50))
        return "Pair(" + value(DesignType::integer(0, 1), here, 0) +
               ", b: " + value(DesignType::of(Kind::Enum, "Colour"), here, 0) + ")";
      break;
    default:
      break;
  }
  std::string text = constant(type);
  if (text.empty()) {
    if (const auto found = find_type(here, type, false)) text = found->text;
  }
  return text;
}

std::string DesignWriter::arguments(const DesignFunction& f, const DesignPlace& here) {
  std::string text = "(";
  for (std::size_t i = 0; i < f.parameters.size(); ++i) {
    const std::string argument = value(f.parameters[i], here, 1);
    if (argument.empty()) return "";
    text += (i > 0 ? ", " : "") + argument;
  }
  return text + ")";
}

/// A number of any range.
std::string DesignWriter::number(const DesignPlace& here, int depth) {
  if (depth > 0 && random_.chance(25)) {
    static const std::vector<std::string> operators = {" + ", " - ", " * "};
    const std::string left = number(here, 0);
    return left + random_.any_of(operators) + number(here, 0);
  }
  if (random_.chance(25)) {
    const auto found = find(
        here, [](const DesignType& t) { return t.kind == Kind::Queue || t.kind == Kind::Set; }, false);
    if (found && !found->type.optional) return found->text + (found->type.kind == Kind::Queue ? ".length" : ".size");
  }
  if (random_.chance(10)) return "(count " + fresh("q") + ": 0..1 where " + atom(here, 0) + ")";
  if (const auto found = find(here, is_number, false)) return found->text;
  return std::to_string(random_.between(0, 2));
}

std::string DesignWriter::condition(const DesignPlace& here, int depth) {
  if (depth > 0 && random_.chance(45)) {
    const std::string left = condition(here, depth - 1);
    switch (random_.between(0, 7)) {
      case 0:
      case 1:
      case 2:
        return "(" + left + " && " + condition(here, depth - 1) + ")";
      case 3:
      case 4:
        return "(" + left + " || " + condition(here, depth - 1) + ")";
      case 5:
        return "(" + left + " => " + condition(here, depth - 1) + ")";
      case 6:
        return "!(" + left + ")";
      default: {
        const std::string middle = condition(here, depth - 1);
        return "(" + left + " ? " + middle + " : " + condition(here, depth - 1) + ")";
      }
    }
  }
  if (random_.chance(10) && here.depth < 8) return quantifier(here, depth);
  return atom(here, depth);
}

std::string DesignWriter::quantifier(const DesignPlace& here, int depth) {
  DesignPlace inner = here;
  const std::string name = fresh("q");
  std::string over;
  DesignVariable variable{name, DesignType::boolean(), false};
  switch (random_.between(0, 4)) {
    case 0:
      over = "Colour";
      variable.type = DesignType::of(Kind::Enum, "Colour");
      break;
    case 1:
      over = "Cpu";
      variable.type = DesignType::cpu();
      break;
    case 2:
      over = "Box";
      variable.type = DesignType::of(Kind::Ref, "Box");
      break;
    default:
      over = "0..1";
      variable.type = DesignType::integer(0, 1);
      break;
  }
  inner.locals.push_back(variable);
  inner.depth = 8;  // one inside another says little
  const std::string where = random_.chance(30) ? " where " + atom(inner, 0) : "";
  switch (random_.between(0, 2)) {
    case 0:
      return "(forall " + name + ": " + over + where + ": " + condition(inner, depth > 0 ? 1 : 0) + ")";
    case 1:
      return "(exists " + name + ": " + over + where + ": " + condition(inner, depth > 0 ? 1 : 0) + ")";
    default:
      return "(count " + name + ": " + over + " where " + atom(inner, 0) + ") " +
             random_.any_of(std::vector<std::string>{"<", "==", ">="}) + " " + std::to_string(random_.between(1, 2));
  }
}

/// A condition without operators between conditions.
std::string DesignWriter::atom(const DesignPlace& here, int depth) {
  static const std::vector<std::string> comparisons = {"==", "!=", "<", "<=", ">", ">="};
  for (int tries = 0; tries < 12; ++tries) {
    switch (random_.between(0, 18)) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (const auto found = find_type(here, DesignType::boolean(), false))
          return (random_.chance(35) ? "!" : "") + found->text;
        break;
      case 4:
      case 5:
        return number(here, depth) + " " + random_.any_of(comparisons) + " " + number(here, 0);
      case 6:
        if (const auto found = find_type(here, DesignType::of(Kind::Enum, "Colour"), false)) {
          if (random_.chance(30)) return found->text + " in {red, " + (random_.chance(50) ? "green" : "blue") + "}";
          return found->text + " " + random_.any_of(comparisons) + " " + random_.any_of(kColours);
        }
        break;
      case 7:
      case 8: {
        const auto found = find(
            here, [](const DesignType& t) { return t.optional && t.kind != Kind::Struct; }, false);
        if (found) return found->text + (random_.chance(50) ? " == null" : " != null");
        break;
      }
      case 9: {
        const auto found = find(
            here, [](const DesignType& t) { return t.kind == Kind::Queue || t.kind == Kind::Set; }, false);
        if (!found || found->type.optional) break;
        if (random_.chance(50)) {
          const std::string element = value(*found->type.element, here, 0);
          if (!element.empty() && found->type.element->kind != Kind::Struct) return element + " in " + found->text;
        }
        return found->text + (found->type.kind == Kind::Queue && random_.chance(50) ? ".full" : ".empty");
      }
      case 10:
      case 11:
        for (const DesignReach& reach : reaches(here)) {
          if (reach.machine->handlers.empty() || !random_.chance(50)) continue;
          return (random_.chance(70) ? "idle(" : "running(") + reach.prefix + random_.any_of(reach.machine->handlers) +
                 ")";
        }
        break;
      case 12:
        for (const DesignReach& reach : reaches(here)) {
          if (reach.machine->actions.empty() || !random_.chance(50)) continue;
          return "enabled(" + reach.prefix + random_.any_of(reach.machine->actions) + ")";
        }
        break;
      case 13: {
        if (!here.executes) break;
        if (here.asks_cpu && random_.chance(50)) {
          if (const auto found = find_type(here, DesignType::cpu().or_null(), false)) {
            if (writing_ != nullptr) writing_->executes = true;
            return found->text + " == cpu()";
          }
        }
        if (writing_ != nullptr) writing_->executes = true;
        return random_.chance(50) ? "level() >= DISPATCH" : "level() in {PASSIVE, 5}";
      }
      case 14: {
        // An expression function.
        std::vector<std::pair<std::string, const DesignFunction*>> callable;
        for (const DesignReach& reach : reaches(here)) {
          for (const DesignFunction& f : reach.machine->functions) {
            if (f.form == DesignFunction::Form::Expression && (!f.executes || (here.executes && here.asks_cpu)) &&
                f.result && *f.result == DesignType::boolean())
              callable.emplace_back(reach.prefix + f.name, &f);
          }
        }
        for (const DesignFunction& f : module_.functions) {
          if (f.form == DesignFunction::Form::Expression) callable.emplace_back(f.name, &f);
        }
        if (callable.empty() || here.depth >= 8) break;
        const auto& [name, f] = random_.any_of(callable);
        if (f->executes && writing_ != nullptr) writing_->executes = true;
        const std::string list = arguments(*f, here);
        if (!list.empty()) return name + list;
        break;
      }
      case 15: {
        // Something, be it the one that asks.
        std::vector<std::string> contexts;
        for (const DesignReach& reach : reaches(here)) {
          for (const std::string& name : reach.machine->threads) contexts.push_back(reach.prefix + name);
          for (const std::string& name : reach.machine->handlers) contexts.push_back(reach.prefix + name);
        }
        if (contexts.empty()) break;
        const std::string context = "(" + random_.any_of(contexts) + ")";
        if (random_.chance(50)) return (random_.chance(50) ? "idle" : "running") + context;
        return "cpu_of" + context + (random_.chance(50) ? " == null" : " != null");
      }
      case 16: {
        const auto found = find(
            here, [](const DesignType& t) { return t.kind == Kind::Queue || t.kind == Kind::Set; }, false);
        if (!found || found->type.optional) break;
        return found->text + (found->type.kind == Kind::Queue ? ".length " : ".size ") + random_.any_of(comparisons) +
               " " + std::to_string(random_.between(0, 2));
      }
      default: {
        // Where something stands, and more often where nothing does: that is true almost always, unless it is never
        // seen.
        std::vector<std::string> labels;
        for (const DesignReach& reach : reaches(here)) {
          for (const std::string& label : reach.machine->labels) labels.push_back(reach.prefix + label);
        }
        if (!labels.empty()) return (random_.chance(60) ? "!at " : "at ") + random_.any_of(labels);
        break;
      }
    }
  }
  return random_.chance(50) ? "careful" : "!careful";
}

}  // namespace quiesce
