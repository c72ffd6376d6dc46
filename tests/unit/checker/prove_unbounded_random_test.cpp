// Random small systems with numbers without bounds and open params: what holds for all values is broken with none of
// some, as the reference explorer says of the same text with bounds and with these values.
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load_unbounded.h"
#include "checker/prove_unbounded.h"
#include "checker/report/sentences.h"
#include "model/system/unbounded.h"

namespace quiesce::checker {
namespace {

class Writer {
 public:
  /// Watched: with a monitor that counts, and operations on bits of the number with bounds. Stored: with numbers in an
  /// array, in a struct, and in a local of a thread, that functions take and give.
  enum class Kind { Plain, Watched, Stored };
  explicit Writer(std::uint64_t seed, Kind kind = Kind::Plain)
      : random_(seed), watched_(kind == Kind::Watched), stored_(kind == Kind::Stored) {}

  /// Members with '@n' for the type of numbers, and conditions of the params.
  void write() {
    const int params = below(3);
    for (int i = 0; i < params; ++i) params_.push_back("p" + std::to_string(i));
    names_ = params_;
    const int numbers = 1 + below(2);
    for (int i = 0; i < numbers; ++i) {
      numbers_.push_back("n" + std::to_string(i));
      members_ += "  " + numbers_.back() + ": @n = " + (params > 0 && chance(20) ? "p0" : constant()) + "\n";
    }
    names_.insert(names_.end(), numbers_.begin(), numbers_.end());
    if (watched_ || chance(50)) {
      members_ += "  s: int 0..3 = 1\n";
      names_.emplace_back("s");
    }
    members_ += "  b: bool = false\n";
    if (stored_) store();
    const int actions = 1 + below(3);
    for (int i = 0; i < actions; ++i) action(i);
    if (watched_) watch();
    for (int i = 0; i < 2; ++i) members_ += "  invariant i" + std::to_string(i) + ": " + condition(2) + "\n";
  }

  const std::vector<std::string>& params() const { return params_; }

  std::string unbounded() const {
    std::string heads;
    for (const std::string& param : params_) heads += "param " + param + ": int = any where " + param + " > -3\n";
    return text(heads, "int");
  }
  std::string bounded(int value, int further) const {
    std::string heads;
    for (const std::string& param : params_) {
      heads += "param " + param + ": int -9..9 = " + std::to_string(value) + "\n";
      value += further;
      if (value > 5) value -= 8;
    }
    return text(heads, "int -50..50");
  }

 private:
  int below(int end) { return static_cast<int>(random_() % static_cast<std::uint64_t>(end)); }
  bool chance(int percent) { return below(100) < percent; }
  std::string constant() { return std::vector<std::string>{"-2", "-1", "0", "0", "1", "2", "3", "5"}[below(8)]; }
  std::string name() { return names_[below(static_cast<int>(names_.size()))]; }

  std::string bits() {
    return std::vector<std::string>{"(s & 2)", "(s | 1)", "(s ^ 3)", "(s << 1)", "(s >> 1)", "(3 & s ^ 1)"}[below(6)];
  }
  std::string number(int depth) {
    if (watched_ && chance(20)) return bits();
    if (depth == 0 || chance(30)) return chance(65) ? name() : "(" + constant() + ")";
    const std::string left = number(depth - 1);
    switch (below(8)) {
      case 0:
        return "(" + left + " * 2)";
      case 1:
        return "(" + left + " / " + std::to_string(2 + below(3)) + ")";
      case 2:
        return "(" + left + " % " + std::to_string(2 + below(3)) + ")";
      case 3:
        return "(0 - " + left + ")";
      default:
        return "(" + left + (chance(50) ? " + " : " - ") + number(depth - 1) + ")";
    }
  }
  std::string condition(int depth) {
    if (depth > 0 && chance(30))
      return "(" + condition(depth - 1) + (chance(50) ? " && " : " || ") + condition(depth - 1) + ")";
    if (chance(15)) return chance(50) ? "b" : "!b";
    const std::string op = std::vector<std::string>{"<", "<=", ">", ">=", "==", "!="}[below(6)];
    return number(1) + " " + op + " " + number(1);
  }
  std::string assignment() {
    if (watched_ && chance(35)) return chance(70) ? "    port.hit()\n" : "    port.miss()\n";
    if (watched_ && chance(15)) return "    s = " + bits() + " & 3\n";
    const std::string target = numbers_[below(static_cast<int>(numbers_.size()))];
    if (chance(60)) return "    " + target + " = " + target + (chance(60) ? " + 1" : " - 1") + "\n";
    if (chance(20)) return "    b = " + condition(1) + "\n";
    if (names_.back() == "s" && chance(30))
      return "    if " + target + " >= 0 && " + target + " < 4 { s = " + target + " }\n";
    return "    " + target + " = " + number(2) + "\n";
  }
  void action(int i) {
    members_ += "  action a" + std::to_string(i) + (chance(70) ? " when " + condition(1) : "") + " {\n" + assignment();
    if (chance(40)) members_ += assignment();
    members_ += "  }\n";
  }
  void store() {
    monitor_ = "struct Pair { x: @n, y: @n }\n";
    members_ +=
        "  a: array<@n, 2>\n  r: Pair\n  k: int 0..1 = 0\n  fn next(of: @n) -> @n { pass  return of + 1 }\n"
        "  action turn { k = 1 - k }\n";
    const std::vector<std::string> parts = {"a[k]", "a[1]", "r.x", "r.y"};
    names_.insert(names_.begin(), parts.begin(), parts.end());
    numbers_.insert(numbers_.end(), parts.begin(), parts.end());
    members_ += "  thread t {\n    var l: @n = " + number(1) + "\n    " + parts[below(4)] + " = l + " + constant() +
                "\n    l = next(" + name() + ")\n    " + parts[below(4)] + " = l\n  }\n";
  }
  /// What it has seen is a name for the rules that follow; what is done may not ask.
  void watch() {
    members_ += "  port: Port()\n  watch: Count(port)\n";
    monitor_ =
        "machine Port() {\n  fn hit() { pass }\n  fn miss() { pass }\n}\nmonitor Count(port: ref Port) {\n"
        "  seen: @n = 0\n  missed: @n = " +
        constant() + "\n  on called(port.hit) when seen <= missed + " + std::to_string(below(4)) +
        " { seen += 1 }\n  on called(port.hit) { missed += " + std::to_string(below(3)) +
        " }\n  on called(port.miss) { if seen > missed { missed += 1 } else { seen = " + (chance(50) ? "missed" : "0") +
        " } }\n  invariant of_watch: seen " + (chance(50) ? ">=" : "<=") + " missed + " + std::to_string(below(3)) +
        "\n}\n";
    names_.insert(names_.begin(), {"watch.seen", "watch.missed"});
  }
  std::string text(const std::string& heads, const std::string& type) const {
    std::string text = "module m\n" + heads + monitor_ + "system S {\n" + members_ + "}\ncheck S for m.*\n";
    for (std::size_t at = text.find("@n"); at != std::string::npos; at = text.find("@n")) text.replace(at, 2, type);
    return text;
  }

  std::mt19937_64 random_;
  bool watched_;
  bool stored_;
  std::string monitor_;
  std::vector<std::string> params_, numbers_, names_;
  std::string members_;
};

std::map<std::string, Verdict> by_name(const model::TransitionSystem& system, const SearchResult& result) {
  std::map<std::string, Verdict> verdicts;
  for (const RuleResult& one : result.rules) verdicts[system.at(one.rule).name] = one.verdict;
  return verdicts;
}

struct Proved {
  std::map<std::string, Verdict> verdicts;
  std::string warning;
};

Proved proved(const std::string& text) {
  const auto design = load_unbounded("m.qsm", text, {});
  if (!design->ok()) return {};
  CheckCase case_ = design->checks.front().cases.front();
  ProveOptions options;
  options.check.search.limits.time = std::chrono::seconds(10);
  const model::TransitionSystem& system = design->checks.front().cases.front().system;
  const bool has_bounds = model::unbounded_cells(case_.system).empty();
  const SearchResult result = has_bounds ? prove(case_.system, options) : prove_unbounded(case_, options).result;
  return {by_name(system, result), trouble_text(result.warning)};
}

std::map<std::string, Verdict> searched(const std::string& text) {
  LoadOptions plain;
  plain.plain = true;
  const auto design = load_design("m.qsm", text, plain);
  if (!design->ok()) return {};
  const model::TransitionSystem& system = design->checks.front().cases.front().system;
  CheckOptions options;
  options.engine = Engine::Reference;
  return by_name(system, check(system, options));
}

struct Counts {
  int held = 0;
  int broken = 0;
  int undecided = 0;
};

Counts compare(std::uint64_t first, std::uint64_t last, Writer::Kind kind) {
  Counts counts;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Writer design(seed, kind);
    design.write();
    SCOPED_TRACE(design.unbounded());
    const Proved all = proved(design.unbounded());
    EXPECT_EQ(all.warning.find("internal error"), std::string::npos) << all.warning;
    EXPECT_FALSE(all.verdicts.empty()) << "the text is refused";
    bool some_hold = false;
    for (const auto& [rule, verdict] : all.verdicts) {
      counts.held += verdict == Verdict::Holds ? 1 : 0;
      counts.broken += verdict == Verdict::Violated ? 1 : 0;
      counts.undecided += verdict == Verdict::Unknown ? 1 : 0;
      some_hold = some_hold || verdict == Verdict::Holds || verdict == Verdict::Vacuous;
    }
    for (int value = -2; some_hold && value <= (design.params().empty() ? -2 : 4); value += 2) {
      for (const auto& [rule, verdict] : searched(design.bounded(value, 3))) {
        const auto found = all.verdicts.find(rule);
        const bool holds = found != all.verdicts.end() && found->second == Verdict::Holds;
        EXPECT_FALSE(holds && verdict == Verdict::Violated) << rule << " with " << value;
      }
    }
  }
  return counts;
}

TEST(UnboundedRandom, WhatHoldsIsBrokenWithNoValues) {
  const Counts counts = compare(1, 40, Writer::Kind::Plain);
  EXPECT_GT(counts.held, 8);
  EXPECT_GT(counts.broken, 20);
  EXPECT_LT(counts.undecided, 30);
}

TEST(UnboundedRandom, MonitorsAndBitsBesideNumbersWithoutBounds) {
  const Counts counts = compare(1001, 1012, Writer::Kind::Watched);
  EXPECT_GT(counts.held, 2);
  EXPECT_GT(counts.broken, 6);
  EXPECT_LT(counts.undecided, 24);
}

TEST(UnboundedRandom, NumbersWithoutBoundsInArraysStructsAndLocals) {
  const Counts counts = compare(2001, 2006, Writer::Kind::Stored);
  EXPECT_GT(counts.held + counts.broken, 3);
}

}  // namespace
}  // namespace quiesce::checker
