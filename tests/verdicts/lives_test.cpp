// Every use of an object by everything that executes or looks, before its life, in it and after it: which rule it
// breaks (docs/semantics.md, 4.9). A design is made for each combination and judged plainly and reduced, by both
// engines.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/verdicts/agreement.h"

namespace quiesce::checker {
namespace {

using Rules = std::set<std::string>;

const char* const kJudged[] = {"life.used_before_init", "life.used_after_free", "life.initialised_twice",
                               "life.freed_twice"};

/// The rules about lives that the only check of `text` breaks; the same for all engines and reductions.
Rules broken(const std::string& text) {
  const Twice design = load_twice("lives.qsm", text);
  if (design.plain_cases.size() != 1) {
    ADD_FAILURE() << "one case is wanted\n" << text;
    return {};
  }
  const CheckCase& plain = *design.plain_cases[0];
  const CheckCase& reduced = *design.reduced_cases[0];
  const auto found = verdicts(plain, search(plain, Engine::Reference), false);
  EXPECT_EQ(found, verdicts(plain, search(plain, Engine::Explicit), false)) << "plain\n" << text;
  EXPECT_EQ(found, verdicts(reduced, search(reduced, Engine::Explicit), false)) << "reduced\n" << text;
  EXPECT_EQ(found, verdicts(reduced, search(reduced, Engine::Reference), false)) << "reduced reference\n" << text;
  Rules result;
  for (const char* rule : kJudged) {
    const auto verdict = found.find(rule);
    if (verdict != found.end() && verdict->second.find("violated") == 0) result.insert(rule);
  }
  return result;
}

struct Life {
  const char* name;
  const char* made_by;  // by the owner, before the others act
};
const Life kLives[] = {
    {"before", ""},
    {"live", "init memory"},
    {"freed", "init memory  free memory"},
};

/// What a use of an object breaks.
Rules of_use(const std::string& life) {
  if (life == "before") return {"life.used_before_init"};
  if (life == "freed") return {"life.used_after_free"};
  return {};
}

std::string design(const std::string& life, const std::string& actor) {
  return "module lives\n"
         "object machine Memory() {\n"
         "  n: int 0..3 = 0\n"
         "  jobs: queue<int 0..3, 2>\n"
         "  seen: set<int 0..3>\n"
         "  lock: spinlock\n"
         "  atomic fn touch() { pass }\n"
         "  fn peek() -> int 0..3 = n\n"
         "  fn walk() { pass }\n"
         "}\n"
         "system S {\n"
         "  memory: Memory()\n"
         "  name: ref Memory = memory\n"
         "  phase: int 0..2 = 0\n"
         "  r: int 0..3 = 0\n"
         "  b: bool\n"
         "  thread owner { " +
         life + "  phase = 1 }\n" + actor +
         "\n}\n"
         "check S for life.*\n";
}

struct Executor {
  const char* name;
  const char* text;  // DO stands for the use
  bool is_context = true;
  bool only_assigns = false;
};
const Executor kExecutors[] = {
    {"thread", "thread e { await phase == 1  DO  phase = 2 }"},
    {"handler", "handler e at 5 when phase == 1 { accept { phase = 2 }  DO }"},
    {"accept", "handler e at 5 when phase == 1 { accept { phase = 2  DO }  pass }", true, true},
    {"action", "action e when phase == 1 { DO  phase = 2 }", false},
    {"branch of an action", "action e when phase == 1 { if phase == 1 { DO }  phase = 2 }", false},
    {"atomic block", "thread e { await phase == 1  atomic { DO  phase = 2 } }"},
    {"atomic function of a thread", "atomic fn f() { DO }  thread e { await phase == 1  f()  phase = 2 }", false},
    {"atomic function of a handler",
     "atomic fn f() { DO }  handler e at 5 when phase == 1 { accept { phase = 2 }  f() }", false},
    {"atomic function of an action", "atomic fn f() { DO }  action e when phase == 1 { f()  phase = 2 }", false},
};

struct Use {
  const char* name;
  const char* text;
  bool needs_context = false;
  bool is_assignment = false;
};
const Use kUses[] = {
    {"read", "r = memory.n", false, true},
    {"read through a reference", "r = name.n", false, true},
    {"write", "memory.n = 1", false, true},
    {"write through a reference", "name.n = 1", false, true},
    {"call", "memory.touch()"},
    {"call through a reference", "name.touch()"},
    {"call of an expression", "r = memory.peek()", false, true},
    {"call that takes steps", "memory.walk()", true},
    {"push", "memory.jobs.push(1)"},
    {"ask a queue", "b = 1 in memory.jobs", false, true},
    {"add", "memory.seen.add(1)"},
    {"ask a set", "b = 1 in memory.seen", false, true},
    {"lock", "acquire memory.lock  release memory.lock", true},
    {"test", "if memory.n == 0 { pass }"},
    {"choose", "choose x: int 0..1 where x == memory.n"},
    {"assert", "assert memory.n == 0"},
    {"assert, after it", "assert memory.n == 0  pass"},
};

std::string with(std::string text, const std::string& use) {
  for (std::size_t at; (at = text.find("DO")) != std::string::npos;) text.replace(at, 2, use);
  return text;
}

TEST(Lives, UsesByEverythingThatExecutes) {
  int combinations = 0;
  for (const Life& life : kLives) {
    for (const Executor& executor : kExecutors) {
      for (const Use& use : kUses) {
        if (use.needs_context && !executor.is_context) continue;
        if (executor.only_assigns && !use.is_assignment) continue;
        if (use.needs_context && std::string(executor.name) == "atomic block") continue;
        SCOPED_TRACE(std::string(executor.name) + ", " + use.name + ", " + life.name);
        EXPECT_EQ(broken(design(life.made_by, with(executor.text, use.text))), of_use(life.name));
        ++combinations;
      }
    }
  }
  EXPECT_GE(combinations, 3 * 100);
}

TEST(Lives, InitAndFreeByEverythingThatExecutes) {
  for (const Executor& executor : kExecutors) {
    if (executor.only_assigns) continue;
    SCOPED_TRACE(executor.name);
    const auto init = [&](const char* made_by) { return broken(design(made_by, with(executor.text, "init memory"))); };
    const auto free = [&](const char* made_by) { return broken(design(made_by, with(executor.text, "free memory"))); };
    EXPECT_EQ(init(""), Rules{});
    EXPECT_EQ(init("init memory"), Rules{"life.initialised_twice"});
    EXPECT_EQ(init("init memory  free memory"), Rules{});
    EXPECT_EQ(free(""), Rules{"life.freed_twice"});
    EXPECT_EQ(free("init memory"), Rules{});
    EXPECT_EQ(free("init memory  free memory"), Rules{"life.freed_twice"});
  }
}

TEST(Lives, ConditionsThatAreEvaluated) {
  const char* const kConditions[] = {"memory.n >= 0", "name.n >= 0", "memory.peek() >= 0", "!(1 in memory.seen)"};
  const char* const kWhere[] = {
      "thread e { await phase == 1  await COND  phase = 2 }",
      "thread e { await phase == 1  spin until COND  phase = 2 }",
      "thread e { await phase == 1  await !(COND)  phase = 2 }",  // never goes on, and looks all the time
      "thread e { await phase == 1  spin until !(COND)  phase = 2 }",
      "thread e { await phase == 1  atomic { await COND  phase = 2 } }",
      "thread e { await phase == 1  atomic { await !(COND)  phase = 2 } }",
      "thread e { await phase == 1  while COND { if phase == 2 { break }  phase = 2 } }",
      "handler e at 5 when phase == 1 && COND { accept { phase = 2 } }",
      "handler e at PASSIVE when phase == 1 && COND { accept { phase = 2 } }",
      "action e when phase == 1 && COND { phase = 2 }",
  };
  for (const Life& life : kLives) {
    for (const char* where : kWhere) {
      for (const char* condition : kConditions) {
        std::string text = where;
        text.replace(text.find("COND"), 4, condition);
        SCOPED_TRACE(text + ", " + life.name);
        EXPECT_EQ(broken(design(life.made_by, text)), of_use(life.name));
      }
    }
  }
}

TEST(Lives, LookingIsNoUse) {
  const char* const kLooks[] = {
      "invariant memory.n == 0",
      "never memory.peek() == 1",
      "reachable memory.n == 0",
      "action never_taken when memory.n == 1 { phase = 2 }",  // a guard counts where it lets something happen
      "handler never_started at 5 when memory.n == 1 { accept { phase = 2 } }",
      "action other when memory.n == 1 { r = 1 }  thread e { await phase == 1  if enabled(other) { r = 2 } }",
      "thread e { await phase == 1  if phase == 2 && memory.n == 0 { r = 2 } }",  // not evaluated
      "thread e { await phase == 1  b = name == memory }",                        // the name is no part of it
  };
  for (const Life& life : kLives) {
    for (const char* look : kLooks) {
      SCOPED_TRACE(std::string(look) + ", " + life.name);
      EXPECT_EQ(broken(design(life.made_by, look)), Rules{});
    }
  }
}

TEST(Lives, WhatStandsInAnObjectUsesIt) {
  const char* const kInside[] = {
      "handler e at 5 when bell.rung { accept { bell.rung = false } }",
      "handler e at PASSIVE when bell.rung { accept { bell.rung = false } }",
      "action e when bell.rung { bell.rung = false }",
  };
  for (const Life& life : kLives) {
    for (const char* inside : kInside) {
      SCOPED_TRACE(std::string(inside) + ", " + life.name);
      EXPECT_EQ(broken(std::string("module lives\nmachine Bell() { rung: bool }\n"
                                   "object machine Memory(bell: ref Bell) {\n  ") +
                       inside + "\n}\nsystem S {\n  bell: Bell()\n  memory: Memory(bell)\n  thread owner { " +
                       life.made_by + "  bell.rung = true }\n}\ncheck S for life.*\n"),
                of_use(life.name));
    }
  }
}

/// A handler in the object, with a routine that may free it.
std::string routine(const std::string& before, const std::string& after, const std::string& more = "") {
  return "module lives\n"
         "object machine Item() {\n"
         "  queued: bool = false\n"
         "  n: int 0..3 = 0\n"
         "  lock: spinlock\n"
         "  busy when queued\n"
         "  handler run at PASSIVE when queued {\n"
         "    accept { queued = false }\n"
         "    " +
         before + "\n    work()\n    " + after +
         "\n  }\n"
         "  fn work() { done() }\n"
         "}\n"
         "fn free_it(item: ref Item) { free item }\n"
         "system S {\n"
         "  cpus 2\n"
         "  item: Item()\n"
         "  thread owner { init item  item.queued = true }\n" +
         more + "}\ncheck S for life.*\n";
}

std::map<std::string, std::string> lives_of(std::string text, const std::string& done) {
  text.replace(text.find("done()"), 6, done);
  const Twice design = load_twice("routine.qsm", text);
  if (design.plain_cases.size() != 1) return {};
  const auto found = verdicts(*design.plain_cases[0], search(*design.plain_cases[0], Engine::Reference), false);
  EXPECT_EQ(found, verdicts(*design.reduced_cases[0], search(*design.reduced_cases[0], Engine::Explicit), false));
  return found;
}

Rules violated(const std::map<std::string, std::string>& found) {
  Rules result;
  for (const auto& [rule, verdict] : found) {
    if (verdict.find("violated") == 0) result.insert(rule);
  }
  return result;
}

TEST(Lives, AnActivityMayFreeWhatItBelongsTo) {
  const auto frees = [](const char* before, const char* after, const char* more = "") {
    return violated(lives_of(routine(before, after, more), "free self"));
  };
  EXPECT_EQ(frees("", ""), Rules{});
  EXPECT_EQ(frees("n = 1", ""), Rules{}) << "before, it is live";
  EXPECT_EQ(frees("", "pass"), Rules{}) << "nothing of the object is touched";
  EXPECT_EQ(frees("", "n = 1"), Rules{"life.used_after_free"});
  EXPECT_EQ(frees("", "if n == 0 { pass }"), Rules{"life.used_after_free"});
  EXPECT_EQ(frees("", "acquire lock  release lock"), Rules{"life.used_after_free"});
  EXPECT_EQ(frees("acquire lock", "release lock"), (Rules{"life.freed_in_use", "life.used_after_free"}));
  EXPECT_EQ(frees("queued = true", ""), (Rules{"life.freed_in_use", "life.used_after_free", "life.freed_twice"}))
      << "queued again: the second run starts in freed memory and frees it again";
  EXPECT_EQ(frees("", "", "  thread other { await item.queued  await !item.queued }\n").count("life.freed_in_use"), 1u)
      << "someone else waits for a part of it";
}

TEST(Lives, OnlyTheActivationThatFreesMayRun) {
  std::string text = routine("", "");
  text.replace(text.find("when queued {"), 13, "when queued concurrent 2 {");
  EXPECT_EQ(violated(lives_of(text, "free self")), Rules{}) << "it is queued once";
  text.replace(text.find("item.queued = true }"), 20, "item.queued = true  await !item.queued  item.queued = true }");
  EXPECT_EQ(violated(lives_of(text, "free self")).count("life.freed_in_use"), 1u) << "the other activation runs";
}

}  // namespace
}  // namespace quiesce::checker
