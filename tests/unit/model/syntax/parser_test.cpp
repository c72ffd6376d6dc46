#include "model/syntax/parser.h"

#include <gtest/gtest.h>

#include "tests/unit/model/syntax/support.h"

namespace quiesce::model::syntax {
namespace {

/// The tree of a text that must be right.
std::string tree(const std::string& text) {
  const Parsed parsed(text);
  EXPECT_TRUE(parsed.ok()) << text << "\n" << parsed.findings();
  return parsed.printed();
}

/// The tree of one expression.
std::string expression(const std::string& text) {
  const std::string prefix = "(const c ";
  std::string printed = tree("const c = " + text);
  EXPECT_EQ(printed.substr(0, prefix.size()), prefix);
  return printed.substr(prefix.size(), printed.size() - prefix.size() - 2);
}

std::string type(const std::string& text) {
  const std::string printed = tree("machine M { v: " + text + " }");
  const std::string prefix = "(machine M () \n  (variable v ";
  EXPECT_EQ(printed.substr(0, prefix.size()), prefix) << printed;
  return printed.size() < prefix.size() + 3 ? printed
                                            : printed.substr(prefix.size(), printed.size() - prefix.size() - 3);
}

/// The tree of the statements of a function.
std::string statements(const std::string& text) {
  const std::string printed = tree("fn f() {\n" + text + "\n}");
  const std::string prefix = "(fn f () {";
  return printed.substr(prefix.size(), printed.size() - prefix.size() - 3);
}

/// The trees of the members of a machine, one a line.
std::string members(const std::string& text) {
  const std::string printed = tree("machine M {\n" + text + "\n}");
  const std::string prefix = "(machine M () \n";
  return printed.substr(prefix.size(), printed.size() - prefix.size() - 2);
}

TEST(ParserExpression, Precedence) {
  EXPECT_EQ(expression("a || b && c == d + e * -f"), "(|| a (&& b (== c (+ d (* e (neg f))))))");
  EXPECT_EQ(expression("a => b => c ? d : e ? f : g"), "(? (=> a (=> b c)) d (? e f g))");
  EXPECT_EQ(expression("a - b - c"), "(- (- a b) c)");
  EXPECT_EQ(expression("!a.b[c](d)"), "(! (call (index (. a b) c) d))");
  EXPECT_EQ(expression("(a || b) && c"), "(&& (|| a b) c)");
  EXPECT_EQ(expression("a - -1"), "(- a (neg 1))");
}

TEST(ParserExpression, Membership) {
  EXPECT_EQ(expression("x in {A, B}"), "(in x (set A B))");
  EXPECT_EQ(expression("x in 0..n - 1 && y"), "(&& (in x (range 0 (- n 1))) y)");
  EXPECT_EQ(expression("{}"), "(set)");
}

TEST(ParserExpression, Arrays) {
  EXPECT_EQ(expression("[3, a + 1, [x]]"), "(array 3 (+ a 1) (array x))");
  EXPECT_EQ(expression("[for i: 2 * i]"), "(array-for i (* 2 i))");
  EXPECT_EQ(expression("a == [1] && b[0]"), "(&& (== a (array 1)) (index b 0))");
}

TEST(ParserExpression, FormulasOfEachAndEvents) {
  const Parsed parsed(
      "machine M {\n  ltl p: forall d: D where d.on: always level_of(d.t) == 5\n"
      "  q: exists d: D: called(d.f) leads_to returned(d.f) == OK\n"
      "  always_possible r: accepted(h)\n  invariant s: called(3)\n  ltl t: always called() && next\n}\n");
  EXPECT_EQ(parsed.codes(), "") << parsed.findings();
  EXPECT_EQ(parsed.printed(),
            "(machine M () \n  (ltl p: (forall d D (where (. d on)) (: (always (== (level_of() (. d t)) 5)))))\n"
            "  (ltl q: (exists d D (: (leads_to (called() (. d f)) (== (returned() (. d f)) OK)))))\n"
            "  (always_possible r: (accepted() h))\n  (invariant s: (call called 3))\n"
            "  (ltl t: (&& (always (call called)) next)))\n");
}

TEST(ParserExpression, OperationsOnBits) {
  EXPECT_EQ(expression("a | b ^ c & d << 1 + e"), "(| a (^ b (& c (<< d (+ 1 e)))))");
  EXPECT_EQ(expression("a & b == c && d | 1 != 0"), "(&& (== (& a b) c) (!= (| d 1) 0))");
  EXPECT_EQ(expression("a >> 2 >> b > c"), "(> (>> (>> a 2) b) c)");
  EXPECT_EQ(expression("x in a & 1..a | 8"), "(in x (range (& a 1) (| a 8)))");
  EXPECT_EQ(expression("0x1F + 0Xa"), "(+ 31 10)");
  EXPECT_EQ(Parsed("machine M {\n  a: array<set<int 0..3>, 2>\n}\n").codes(), "");
}

TEST(ParserExpression, SpansHoldTheParenthesesInside) {
  const std::string text = "module m\nmachine M { invariant (a || b) == (c || d) }\n";
  const Parsed parsed(text);
  ASSERT_EQ(parsed.codes(), "");
  const auto& machine = std::get<Machine>(parsed.tree->declarations.at(0).kind);
  const Span span = std::get<Property>(machine.members.at(0)->kind).condition->span;
  EXPECT_EQ(text.substr(span.begin, span.end - span.begin), "(a || b) == (c || d)");
}

TEST(ParserDeclaration, Monitors) {
  const Parsed parsed(
      "monitor W(p: ref P) {\n  n: int 0..3 = 0\n  on returned(p.f) == OK when n < 3 { n += 1 }\n"
      "  on called(p.g) { violate m.r }\n}\nmachine M { monitor: bool }\n");
  EXPECT_EQ(parsed.codes(), "") << parsed.findings();
  EXPECT_EQ(parsed.printed(),
            "(monitor W ((p (ref P))) \n  (variable n (int 0 3) (= 0))\n"
            "  (on (== (returned() (. p f)) OK) (when (< n 3)) {(+= n 1)})\n"
            "  (on (called() (. p g)) {(violate m.r)}))\n(machine M () \n  (variable monitor bool))\n");
}

TEST(ParserExpression, Quantifiers) {
  EXPECT_EQ(expression("forall x: T where p: q && r"), "(forall x T (where p) (: (&& q r)))");
  EXPECT_EQ(expression("exists x: 0..3: y"), "(exists x (range 0 3) (: y))");
  EXPECT_EQ(expression("count d: a.Device where d.on"), "(count d a.Device (where (. d on)))");
  EXPECT_EQ(expression("forall c: Cpu: ok[c]"), "(forall c (type Cpu) (: (index ok c)))");
  EXPECT_EQ(expression("forall x: T?: x == null"), "(forall x (type (? T)) (: (== x null)))");
  EXPECT_EQ(expression("t == level ? exists d: D where d.line == self: d.on : latched"),
            "(? (== t level) (exists d D (where (== (. d line) self)) (: (. d on))) latched)");
}

TEST(ParserExpression, WordsAreSpecialOnlyBeforeTheirParenthesis) {
  EXPECT_EQ(expression("level() == level"), "(== (level()) level)");
  EXPECT_EQ(expression("cpu() == cpu"), "(== (cpu()) cpu)");
  EXPECT_EQ(expression("running(a.b) && idle(c[0]) && cpu_of(d) == Cpu(0)"),
            "(&& (&& (running() (. a b)) (idle() (index c 0))) (== (cpu_of() d) (Cpu 0)))");
  EXPECT_EQ(expression("inside(a.b) && inside"), "(&& (inside() (. a b)) inside)");
  EXPECT_EQ(expression("inside(h) => level() == 5"), "(=> (inside() h) (== (level()) 5))");
  EXPECT_EQ(expression("at m.label && enabled(act)"), "(&& (at (. m label)) (enabled() act))");
  EXPECT_EQ(expression("count + d.idle()"), "(+ count (call (. d idle)))");
}

TEST(ParserExpression, OperatorsThatAreNamesElsewhere) {
  EXPECT_EQ(expression("a.b beside self && within beside beside"), "(&& (beside (. a b) self) (beside within beside))");
  EXPECT_EQ(expression("!(a beside b)"), "(! (beside a b))");
  EXPECT_EQ(expression("a within b => c beside d"), "(=> (within a b) (beside c d))");
}

TEST(ParserExpression, Calls) {
  EXPECT_EQ(expression("Point(x: 1, y: a ? b : c,)"), "(call Point (x: 1) (y: (? a b c)))");
  EXPECT_EQ(expression("f()"), "(call f)");
}

TEST(ParserType, All) {
  EXPECT_EQ(type("bool"), "bool");
  EXPECT_EQ(type("int 0..N - 1"), "(int 0 (- N 1))");
  EXPECT_EQ(type("int 0..255 wrap"), "(int 0 255 wrap)");
  EXPECT_EQ(type("int 0..2\n  wrap: bool").substr(0, 9), "(int 0 2)");
  EXPECT_EQ(type("int -1..3?"), "(? (int (neg 1) 3))");
  EXPECT_EQ(type("Cpu? = null").substr(0, 7), "(? Cpu)");
  EXPECT_EQ(type("array<bool, Cpu>"), "(array bool (type Cpu))");
  EXPECT_EQ(type("array<set<T>, 4>"), "(array (set T) (value 4))");
  EXPECT_EQ(type("array<T, N>"), "(array T N)");
  EXPECT_EQ(type("queue<ref a.B?, MAX + 1>"), "(queue (? (ref a.B)) (+ MAX 1))");
  EXPECT_EQ(type("spinlock(DISPATCH)"), "(spinlock DISPATCH)");
  EXPECT_EQ(type("spinlock"), "spinlock");
  EXPECT_EQ(type("mutex"), "mutex");
  EXPECT_EQ(type("fair mutex"), "fair-mutex");
  EXPECT_EQ(type("fn(bool, T) -> Level"), "(fn-type (bool T) (-> Level))");
  EXPECT_EQ(type("set<Cpu>= {}"), "(set Cpu) (= (set))");
}

TEST(ParserStatement, All) {
  EXPECT_EQ(statements("var x: bool = true\nvar y = f()"), "(var x (: bool) true) (var y (call f))");
  EXPECT_EQ(statements("a = 1 b.c += 2 d[e] -= 3"), "(= a 1) (+= (. b c) 2) (-= (index d e) 3)");
  EXPECT_EQ(statements("self.x = 1\nf(x)\nself.g()"), "(= (. self x) 1) (call f x) (call (. self g))");
  EXPECT_EQ(statements("if a { pass } else if b { pass } else { pass }"), "(if a {(pass)} {(if b {(pass)} {(pass)})})");
  EXPECT_EQ(statements("while a { break } loop { continue }"), "(while a {(break)}) (loop {(continue)})");
  EXPECT_EQ(statements("for c in Cpu { pass } for i in 0..N { pass } for q in m.chain { pass }"),
            "(for c (type Cpu) {(pass)}) (for i (range 0 N) {(pass)}) (for q m.chain {(pass)})");
  EXPECT_EQ(statements("either { pass } or { a = 1 } or { }"), "(either {(pass)} {(= a 1)} {})");
  EXPECT_EQ(statements("choose x: T where x != y"), "(choose x T (where (!= x y)))");
  EXPECT_EQ(statements("await a\nspin until b"), "(await a) (spin-until b)");
  EXPECT_EQ(statements("atomic { a = 1 }"), "(atomic {(= a 1)})");
  EXPECT_EQ(statements("acquire l release self.l with l[0] { pass }"),
            "(acquire l) (release (. self l)) (with (index l 0) {(pass)})");
  EXPECT_EQ(statements("raise 5 lower (PASSIVE) at DISPATCH { pass } on c { pass }"),
            "(raise 5) (lower PASSIVE) (at-level DISPATCH {(pass)}) (on c {(pass)})");
  EXPECT_EQ(statements("assert a\nrequire r.s: b\nviolate r.s"), "(assert a) (require r.s b) (violate r.s)");
  EXPECT_EQ(statements("init m free m.n"), "(init m) (free (. m n))");
  EXPECT_EQ(statements("a: b: pass"), "a: b: (pass)");
}

TEST(ParserStatement, ReturnTakesAValueOnItsLineOnly) {
  EXPECT_EQ(statements("if a { return } return 1"), "(if a {(return)}) (return 1)");
  EXPECT_EQ(statements("return\nx = 1"), "(return) (= x 1)");
  EXPECT_EQ(statements("return -x"), "(return (neg x))");
}

TEST(ParserStatement, WordsThatBeginStatementsAreNamesElsewhere) {
  EXPECT_EQ(statements("release() init(x) free.x = 1 acquire = 2"),
            "(call release) (call init x) (= (. free x) 1) (= acquire 2)");
  EXPECT_EQ(statements("hw.raise() raise() lower: pass"), "(call (. hw raise)) (call raise) lower: (pass)");
  EXPECT_EQ(statements("count = count + 1\nagain: pass"), "(= count (+ count 1)) again: (pass)");
}

TEST(ParserStatement, WordsThatBeginDeclarationsAreNamesWhereNoneCanBegin) {
  EXPECT_EQ(statements("action = handler + 1  thread.use(rule)  check: pass"),
            "(= action (+ handler 1)) (call (. thread use) rule) check: (pass)");
  EXPECT_EQ(statements("var system = module  x = action  y = never"), "(var system module) (= x action) (= y never)");
  EXPECT_EQ(statements("if handler { reachable = true } await enum in struct"),
            "(if handler {(= reachable true)}) (await (in enum struct))");
  EXPECT_EQ(statements("for param in machine { pass }"), "(for param machine {(pass)})");
}

TEST(ParserStatement, SemicolonsAreOptional) { EXPECT_EQ(statements(";; a = 1; b = 2;"), "(= a 1) (= b 2)"); }

TEST(ParserMember, VariablesAndInstances) {
  EXPECT_EQ(members("a: bool = any where a == b\nb: Point = any\nc: lib.Machine(x, y: 1)\nd: lib.Type"),
            "  (variable a bool (any (where (== a b))))\n  (variable b Point (any))\n"
            "  (instance c lib.Machine (x (y: 1)))\n  (variable d lib.Type)");
  EXPECT_EQ(members("n[i: int 0..2]: Nic(i)\nm[4]: Nic()\nk[Cpu]: Nic()"),
            "  (instance n (index i: (type (int 0 2))) Nic (i))\n  (instance m (index (value 4)) Nic ())\n"
            "  (instance k (index (type Cpu)) Nic ())");
}

TEST(ParserMember, WordsThatBeginMembersAreNamesWhereNoneCanBegin) {
  EXPECT_EQ(
      members("action: bool = handler\nhandler: Nic(thread, use: 1)\ninvariant: bool\nrule[2]: Nic()"),
      "  (variable action bool (= handler))\n  (instance handler Nic (thread (use: 1)))\n  (variable invariant bool)\n"
      "  (instance rule (index (value 2)) Nic ())");
  EXPECT_EQ(members("open: bool\nopen action: bool"), "  (variable open bool)\n  (open variable action bool)");
  // What declares still declares, also a thing of such a name, and behind a type on one line.
  EXPECT_EQ(members("x: set<Cpu> action action when x { pass }\ny: Cpu? thread thread { pass }"),
            "  (variable x (set Cpu))\n  (action action (when x) {(pass)})\n  (variable y (? Cpu))\n  (thread thread "
            "{(pass)})");
  EXPECT_EQ(members("x: bool = a\naction ring { pass }\ninvariant (x)\nnever -1 == 2"),
            "  (variable x bool (= a))\n  (action ring {(pass)})\n  (invariant x)\n  (never (== (neg 1) 2))");
}

TEST(ParserMember, Contexts) {
  EXPECT_EQ(members("action a when !b sporadic { b = true }\naction c = d.e()"),
            "  (action a (when (! b)) sporadic {(= b true)})\n  (action c (= (call (. d e))))");
  EXPECT_EQ(
      members(
          "urgent handler h at DISPATCH on home when home != null concurrent 2 fair { accept { home = null } pass }"),
      "  (handler urgent h (at DISPATCH) (on home) (when (!= home null)) (concurrent 2) fair (accept {(= home null)}) "
      "{(pass)})");
  EXPECT_EQ(members("thread t at 1 strong fair { pass }\nthread u { }"),
            "  (thread t (at 1) strong-fair {(pass)})\n  (thread u {})");
}

TEST(ParserMember, Others) {
  EXPECT_EQ(members("invariant a.b: c\nnever d\nreachable e ? f : g\ndeadlock_free\nbusy when x\nbusy: bool"),
            "  (invariant a.b: c)\n  (never d)\n  (reachable (? e f g))\n  (deadlock_free)\n  (busy x)\n  (variable "
            "busy bool)");
  EXPECT_EQ(members("if a { b: C() } else if d { const e = 1 } else { }"),
            "  (if a\n    (instance b C ())\n   else\n    (if d\n      (const e 1)\n     else))");
  EXPECT_EQ(members("atomic returns fn f(a: bool = true,) -> T { return x }\nfn g() = h()"),
            "  (fn atomic returns f ((a bool (= true))) (-> T) {(return x)})\n  (fn g () (= (call h)))");
}

TEST(ParserDeclaration, All) {
  EXPECT_EQ(tree("module a.b\nuse c\nuse d.e"), "(module a.b)\n(use c)\n(use d.e)\n");
  EXPECT_EQ(tree("const a: T = 1 param b: bool = true"), "(const a (: T) 1)\n(param b bool true)\n");
  EXPECT_EQ(tree("enum E { level, edge, }"), "(enum E level edge)\n");
  EXPECT_EQ(tree("struct S { a: bool, b: int 0..1\n c: T }"), "(struct S (a bool) (b (int 0 1)) (c T))\n");
  EXPECT_EQ(tree("rule a.b { title \"t\" severity error because \"b\" cite \"c\", \"d\" cite \"e\" }"),
            "(rule a.b (title \"t\") error (because \"b\") (cite \"c\" \"d\") (cite \"e\"))\n");
  EXPECT_EQ(tree("interface I { fn a()\n fn b() { pass } returns fn c() -> bool = true }"),
            "(interface I (fn a ()) (fn b () {(pass)}) (fn returns c () (-> bool) (= true)))\n");
  EXPECT_EQ(tree("object machine M(a: fn()) implements I, j.K { }"),
            "(machine object M ((a (fn-type ()))) (implements I j.K))\n");
  EXPECT_EQ(tree("system S { cpus 2 pin DISPATCH cpus: bool }"),
            "(system S () \n  (cpus 2)\n  (pin DISPATCH)\n  (variable cpus bool))\n");
}

TEST(ParserDeclaration, Settings) {
  EXPECT_EQ(tree("with a.b = 1, c in {x, y}\nsystem S { with d in 1..2 }\ncheck S\nwith e = 1"),
            "(with (= a.b 1) (in c x y))\n(system S () \n  (with (in d (range 1 2))))\n(check S (with (= e 1)))\n");
}

TEST(ParserDeclaration, Checks) {
  EXPECT_EQ(
      tree("check S\ncheck S for a.b, c.*, * except d with x = 1, y in {a, b}, z in 1..2 expect holds"),
      "(check S)\n(check S (for a.b c.* *) (except d) (with (= x 1) (in y a b) (in z (range 1 2))) (expect holds))\n");
  EXPECT_EQ(tree("check S expect violated a.b, core.null, ...\nexpect vacuous c"),
            "(check S (expect violated a.b core.null ...) (expect vacuous c))\n");
}

// 'assert' is a keyword, and the first part of the names of rules that are built in.
TEST(ParserDeclaration, BuiltInRulesCanBeNamed) {
  EXPECT_EQ(tree("check S for assert.holds, assert.* except assert.deadlock_free\n"
                 "  expect violated assert.holds, a.b, assert.deadlock_free, ...\n  expect vacuous assert.holds"),
            "(check S (for assert.holds assert.*) (except assert.deadlock_free) "
            "(expect violated assert.holds a.b assert.deadlock_free ...) (expect vacuous assert.holds))\n");
  EXPECT_EQ(tree("rule assert.mine { title \"t\" }"), "(rule assert.mine (title \"t\"))\n");
  EXPECT_EQ(statements("require assert.mine: a\nviolate assert.mine\nassert a"),
            "(require assert.mine a) (violate assert.mine) (assert a)");
  EXPECT_EQ(members("invariant assert.mine: a"), "  (invariant assert.mine: a)");
  EXPECT_EQ(Parsed("check S for assert.*, a except assert.holds").formatted(),
            "check S for assert.*, a except assert.holds\n");
}

TEST(ParserDeclaration, AssertAloneIsNoRule) {
  EXPECT_EQ(Parsed("check S expect violated assert").codes(), "E0103");
  EXPECT_EQ(Parsed("check S for assert").codes(), "E0103");
  EXPECT_EQ(Parsed("use assert.holds").codes(), "E0103");
  EXPECT_EQ(Parsed("check S with assert.holds = 1").codes(), "E0103");
}

TEST(Parser, AttachesDocumentation) {
  EXPECT_EQ(tree("/// File.\nmodule m\n\n/// One.\n///   Two.\nmachine M {\n  /// Three.\n  // not this\n  /// Four.\n "
                 " a: bool /// Not this.\n  b: bool\n}\n"),
            "(doc \"File.\")(module m)\n(doc \"One.\\n  Two.\")(machine M () \n  (doc \"Four.\")(variable a bool)\n  "
            "(variable b bool))\n");
}

TEST(Parser, ParenthesisOnANewLineIsNoCall) {
  EXPECT_EQ(Parsed("fn f() {\n  x = a\n  (b)\n}").codes(), "E0100");
  EXPECT_EQ(statements("f(a,\n  b)"), "(call f a b)");
}

TEST(Parser, SpansCoverWhatTheyName) {
  const Parsed parsed("machine M {\n  /// Doc.\n  a: int 0..f(1) = (b + 2)\n}\n");
  const auto& machine = std::get<Machine>(parsed.tree->declarations.at(0).kind);
  const Member& member = *machine.members.at(0);
  EXPECT_EQ(parsed.sources.text(member.span), "a: int 0..f(1) = (b + 2)");
  const auto& variable = std::get<Variable>(member.kind);
  EXPECT_EQ(parsed.sources.text(variable.name.span), "a");
  EXPECT_EQ(parsed.sources.text(variable.type->span), "int 0..f(1)");
  EXPECT_EQ(parsed.sources.text(variable.initial->value->span), "b + 2");
  EXPECT_TRUE(variable.initial->value->parenthesised);
}

}  // namespace
}  // namespace quiesce::model::syntax
