// Random designs around the ends of handlers: rules and checks that look at them while threads stand at labels, before
// and behind waits for the end and visits of CPUs (docs/reductions.md, Movers, E1). QUIESCE_FIRST_SEED moves on.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/differential/engines_agree.h"
#include "tests/differential/random.h"

namespace quiesce {
namespace {

class EndsDesign {
 public:
  explicit EndsDesign(std::uint64_t seed) : random_(seed) {}

  std::string text() {
    std::string result = "module c\nsystem S {\n  cpus " + std::to_string(random_.between(1, 2)) +
                         "\n  go: int 0..2 = " + std::to_string(random_.between(1, 2)) +
                         "\n  x: bool = false  y: bool = false  home: Cpu? = null  l: spinlock(5)\n";
    result += handler("h");
    if (random_.chance(40)) result += handler("i");
    result += thread("t");
    if (random_.chance(40)) result += thread("u");
    for (std::int64_t n = random_.between(1, 2); n > 0; --n) result += rule(n);
    return result + "}\ncheck S\n";
  }

 private:
  std::string flag() { return random_.chance(60) ? "x" : "y"; }

  std::string any_handler() { return handlers_.size() == 1 ? handlers_.front() : random_.any_of(handlers_); }

  std::string handler(const std::string& name) {
    handlers_.push_back(name);
    const bool urgent = random_.chance(35);
    const bool floats = !urgent && random_.chance(25);
    const std::string when = urgent ? "home != null" : random_.chance(70) ? "go > 0" : "go > 0 && " + flag();
    std::string result = std::string("  ") + (urgent ? "urgent " : "") + "handler " + name + " at " +
                         (floats               ? "PASSIVE"
                          : random_.chance(50) ? "DISPATCH"
                                               : "5") +
                         (urgent ? " on home" : "") + " when " + when + (random_.chance(20) ? " concurrent 2" : "") +
                         " {\n    accept { " + (urgent ? "home = null" : "go -= 1") + " }\n";
    for (std::int64_t n = random_.between(0, 2); n > 0; --n) {
      result += random_.chance(25) ? "    with l { " + flag() + " = true }\n"
                                   : "    " + flag() + (random_.chance(75) ? " = true\n" : " = false\n");
    }
    return result + "    " + flag() + " = true\n  }\n";
  }

  std::string thread(const std::string& name) {
    std::string result = "  thread " + name + " {\n";
    for (std::int64_t n = random_.between(2, 5); n > 0; --n) result += statement(true);
    return result + label() + "  }\n";
  }

  std::string label() {
    labels_.push_back("l" + std::to_string(labels_.size()));
    return "    " + labels_.back() + ": pass\n";
  }

  std::string statement(bool outside) {
    const std::string h = any_handler();
    switch (random_.between(0, outside ? 13 : 9)) {
      case 0:
      case 1:
        return "    await " + flag() + "\n";
      case 2:
        return "    await idle(" + h + ")\n";
      case 3:
        return "    await idle(" + h + ")" + (random_.chance(50) ? " || " : " && ") + flag() + "\n";
      case 4:
      case 5:
        return "    for c in Cpu { on c { pass } }\n";
      case 6:
        return "    " + flag() + (random_.chance(40) ? " = true\n" : " = false\n");
      case 7:
        return "    home = cpu()\n";
      case 8:
        return "    with l { " + flag() + " = false }\n";
      case 9:
        return random_.chance(50) ? "    if idle(" + h + ") { " + flag() + " = true }\n"
                                  : "    assert idle(" + h + ")\n";
      case 10:
        return "    if true { choose one: Cpu  on one { pass } }\n";
      case 11:
        return label();
      case 12:
        return "    if " + flag() + " {\n" + statement(false) + "    }\n";
      default:
        return "    raise DISPATCH\n" + std::string(random_.chance(50) ? "    " + flag() + " = true\n" : "") +
               "    lower PASSIVE\n";
    }
  }

  std::string rule(std::int64_t n) {
    const std::string runs = "running(" + any_handler() + ")";
    const std::string at = "at " + random_.any_of(labels_);
    const std::string name = (random_.chance(70) ? "  never r" : "  reachable r") + std::to_string(n) + ": ";
    switch (random_.between(0, 4)) {
      case 0:
        return name + "(" + flag() + " || " + runs + ") && " + at + "\n";
      case 1:
        return name + runs + " && (" + at + " || at " + random_.any_of(labels_) + ")\n";
      case 2:
        return name + runs + " && " + flag() + " && !" + at + "\n";
      default:
        return name + runs + " && " + at + "\n";
    }
  }

  Random random_;
  std::vector<std::string> handlers_;
  std::vector<std::string> labels_;
};

TEST(RandomEnds, AreMergedWhereNothingCanTell) {
  const char* from = std::getenv("QUIESCE_FIRST_SEED");
  const char* how_many = std::getenv("QUIESCE_SEEDS");
  const std::uint64_t first = from == nullptr ? 1 : std::strtoull(from, nullptr, 10);
  const std::uint64_t count = how_many == nullptr ? 300 : std::strtoull(how_many, nullptr, 10);
  int compared = 0;
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + count && failures < 3; ++seed) {
    const std::string text = EndsDesign(seed).text();
    std::string problem;
    const std::vector<DesignCase> cases = cases_of_text("ends", text, &problem);
    ASSERT_EQ(cases.size(), 1U) << problem << "\n" << text;
    const Agreement agreement = reductions_agree(cases.front().system, 3000);
    EXPECT_EQ(agreement.difference, "") << "seed " << seed << ":\n" << text;
    compared += agreement.compared ? 1 : 0;
    failures += agreement.difference.empty() ? 0 : 1;
  }
  EXPECT_GT(compared, static_cast<int>(count / 2));
}

}  // namespace
}  // namespace quiesce
