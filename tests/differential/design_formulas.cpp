// Random designs: rules about infinite runs.
#include <algorithm>
#include <utility>

#include "tests/differential/design_writer.h"

namespace quiesce {

std::string DesignWriter::formula(const DesignPlace& here, const std::vector<std::string>& events, int depth) {
  if (depth == 0 || random_.chance(15)) {
    if (!events.empty() && random_.chance(40)) return random_.any_of(events);
    return condition(here, 0);
  }
  static const std::vector<std::string> timeless = {"!",       "always ",      "eventually ", "always eventually ",
                                                    "once ",   "always ",      "eventually ", "eventually always ",
                                                    "always ", "historically "};
  static const std::vector<std::string> counting = {"next ", "previously "};
  static const std::vector<std::string> between = {" && ",         " || ",      " => ",    " until ",
                                                   " weak_until ", " release ", " since ", " leads_to "};
  const std::string right = "(" + formula(here, events, depth - 1) + ")";
  if (counts_steps_ && random_.chance(10)) return random_.any_of(counting) + right;
  if (random_.chance(60)) return random_.any_of(timeless) + right;
  return "(" + formula(here, events, depth - 1) + ")" + random_.any_of(between) + right;
}

/// A monitor that has seen an event when the formula says that it was.
void DesignWriter::agreeing_monitor(DesignMachine& m, DesignLines& out) {
  const DesignReach& subject = random_.any_of(m.inner);
  if (subject.machine->name.starts_with("Watch")) return;
  DesignMachine inside;
  inside.inner.push_back({"subject.", subject.machine});
  DesignPlace here;
  here.own = &inside;
  const std::vector<std::string> watched = events(here);
  if (watched.empty()) return;
  const std::string event = random_.any_of(watched);
  const std::string name = fresh("Seen");
  lines_.push_back({"monitor " + name + "(subject: ref " + subject.machine->name + ")",
                    true,
                    {one_line("seen: bool = false"), {"on " + event, true, {one_line("seen = true")}}}});
  const std::string instance = fresh("seen");
  out.push_back(one_line(instance + ": " + name + "(" + subject.prefix.substr(0, subject.prefix.size() - 1) + ")"));
  std::string of_system = event;
  of_system.replace(of_system.find("subject."), std::string("subject.").size(), subject.prefix);
  const std::string seen = instance + ".seen", was = "once " + of_system;
  out.push_back(
      one_line("ltl agree" + name + ": always ((" + seen + " => " + was + ") && (" + was + " => " + seen + "))"));
}

void DesignWriter::formulas(DesignMachine& m, DesignLines& out) {
  DesignPlace here;
  here.own = &m;
  const std::vector<std::string> all = counts_steps_ ? events(here) : std::vector<std::string>();
  if (counts_steps_ && random_.chance(50)) agreeing_monitor(m, out);
  const auto count = random_.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name = fresh("n") + ": ";
    switch (random_.between(0, 7)) {
      case 0:
        out.push_back(one_line(name + "(" + formula(here, all, 0) + ") leads_to (" + formula(here, all, 0) + ")"));
        break;
      case 1:
        if (!m.threads.empty()) out.push_back(one_line("terminates " + random_.any_of(m.threads)));
        break;
      case 2:
        if (!m.labels.empty()) out.push_back(one_line("progress " + random_.any_of(m.labels)));
        break;
      case 3:
        out.push_back(one_line("always_possible " + name + condition(here, 1)));
        break;
      case 4:
        out.push_back(one_line("ltl " + name + "forall k: Box: always eventually (" + formula(here, all, 0) + ")"));
        break;
      default:
        out.push_back(one_line("ltl " + name + formula(here, all, static_cast<int>(random_.between(1, 3)))));
        break;
    }
  }
}

}  // namespace quiesce
