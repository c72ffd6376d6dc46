#!/usr/bin/env python3
"""A second opinion on the numbers that the designs of this folder pin.

Counts states, steps and depth of small systems, written from docs/semantics.md alone and sharing no code with the
tool: programs are given by hand, as lists of statements (see opinions.py), not read from the .qsm files, so that a
mistake of the tool's front end cannot hide here either. What it does not do: find out what is stuck (5): the
predicate is given by hand where a design needs it.

Statements (each string is one step that executes it as Python; variables of the system and locals by name):
  'x = 1'                       ('var', 't', 'x')               ('choose', 't', 'range(3)')    ('either', [..], [..])
  ('if', c, [..], [..])         ('while', c, [..])              ('loop', [..])   ('break',)    ('for', 't', values, [..])
  ('await', c)  ('spin', c)     ('raise', L)  ('lower', L)      ('at', L, [..])  ('on', c, [..])   ('cpus', 't', [..])
  ('acquire', 'l', L or None)   ('release', 'l')                ('with', 'l', L, [..])  ('mutex', 'l')
  ('call', [..], 'r')           one step that enters, then the body; r: a name for the result, until the block ends
  ('give', 'c', value, guard, [..])   ('take', 'c', 'x', guard, [..])   4.11: value or 'x' may be None, 'c' of a give '=text'
                                for what is the name of one; in the step of a
                                give the taker's guard and statements come before those of the giver
  ('label', 'name', statement)  ('check', rule, c)              no step of their own
Inside a step: cpu(), level(), running(h), idle(h), at(label), core(rule), breaks(rule), wait(condition).
"""
import itertools
import sys

PIN = 2


class Blocked(Exception):
    pass


class Core(Exception):
    def __init__(self, rule):
        self.rule = rule


class More(Exception):
    def __init__(self, width):
        self.width = width


class Location:
    def __init__(self, run, scope, labels):
        self.run, self.scope, self.labels, self.next = run, scope, labels, None
        self.takes = None  # a hand-over, and what is done with the value of it


class Context:
    """A thread (handler=False) or a handler."""

    def __init__(self, name, body, level=0, handler=False, urgent=False, on=None, when='True', concurrent=1, accept=None):
        self.name, self.body, self.level, self.handler, self.urgent = name, body, level, handler, urgent
        self.on, self.when, self.concurrent, self.accept = on, when, concurrent, accept
        self.locations = []
        self.compile()

    # Each location is a function of a view that executes one step and says where it leads: a number, 0 for the end.
    def new(self, run, scope, labels=()):
        self.locations.append(Location(run, scope, labels))
        return len(self.locations)

    def compile(self):
        self.loops = []
        own = self.level

        def end(v):
            if v._level != own:
                raise Core('core.level')
            if any(isinstance(x, tuple) and x and x[0] == 'held' and x[1] == v._me for x in v._g.values()):
                raise Core('core.lock')
            return 0
        last = self.new(end, frozenset())
        self.entry, self.entry_checks = self.block(self.body, (last, ()), frozenset())

    # A continuation is (location, checks judged in that location's step before its own work).
    def block(self, body, after, scope):
        scopes = []
        for s in body:
            scopes.append(scope)
            if isinstance(s, tuple) and s[0] in ('var', 'choose'):
                scope = scope | {s[1]}
            if isinstance(s, tuple) and s[0] == 'call' and len(s) > 2:
                scope = scope | {s[2]}
        for s, sc in zip(reversed(body), reversed(scopes)):
            after = self.statement(s, after, sc, ())
        return after

    def step(self, work, after, scope, labels, wait=None):
        location, checks = after
        if checks:
            raise NotImplementedError('checks are put into locations')
        return (self.new(lambda v: (work(v), location)[1], scope, labels), ())

    def statement(self, s, after, scope, labels):
        if isinstance(s, str):
            code = compile(s, s, 'exec')
            return self.step(lambda v: v._do(code), after, scope, labels)
        kind = s[0]
        if kind == 'label':
            return self.statement(s[2], after, scope, labels + (s[1],))
        if kind == 'check':
            # 4.4: judged in the step of the next statement, in the state before it.
            rule, code, location = s[1], compile(s[2], s[2], 'eval'), after[0]
            old = self.locations[location - 1]

            def judged(v):
                if not v._get(code):
                    v._breaks(rule)
                return old.run(v)
            return (self.new(judged, old.scope | scope, old.labels), ())
        if kind == 'var':
            code = compile(f'{s[1]} = {s[2]}', s[2], 'exec')

            def declare(v):
                v._names = v._names | {s[1]}
                v._do(code)
            return self.step(declare, after, scope, labels)
        if kind == 'choose':
            code = compile(s[2], s[2], 'eval')

            def pick(v):
                values = list(v._get(code))
                if not values:
                    raise Blocked()
                v._names = v._names | {s[1]}
                v._l[s[1]] = values[v._choice(len(values))]
            return self.step(pick, after, scope, labels)
        if kind == 'either':
            heads = [self.block(b, after, scope)[0] for b in s[1:]]
            return (self.new(lambda v: heads[v._choice(len(heads))], scope, labels), ())
        if kind == 'if':
            code = compile(s[1], s[1], 'eval')
            yes = self.block(s[2], after, scope)[0]
            no = self.block(s[3] if len(s) > 3 else [], after, scope)[0]
            return (self.new(lambda v: yes if v._get(code) else no, scope, labels), ())
        if kind in ('while', 'loop'):
            if kind == 'while':
                code = compile(s[1], s[1], 'eval')
                me = self.new(None, scope, labels)
                self.loops.append(after)
                inside = self.block(s[2], (me, ()), scope)[0]
                self.loops.pop()
                self.locations[me - 1].run = lambda v: inside if v._get(code) else after[0]
                return (me, ())
            head = []
            again = self.new(lambda v: self.locations[head[0] - 1].run(v), scope)
            self.loops.append(after)
            head.append(self.block(s[1], (again, ()), scope)[0])
            self.loops.pop()
            self.locations[again - 1].next = head[0]  # an alias: never stood at
            return (head[0], ())
        if kind == 'break':
            return self.loops[-1]
        if kind == 'for':  # over a queue or a set: fetch, body, ..., the test that fails
            code = compile(s[2], s[2], 'eval')
            n = '_n_' + s[1]
            inner = scope | {s[1], n}
            me = self.new(None, inner, labels)
            self.loops.append(after)
            inside = self.block(s[3], (me, ()), inner)[0]
            self.loops.pop()

            def fetch(v):
                at = v._l.get(n) or 0
                values = list(v._get(code))
                if at >= len(values):
                    return after[0]
                v._l[s[1]], v._l[n] = values[at], at + 1
                v._names = v._names | {s[1], n}
                return inside
            self.locations[me - 1].run = fetch
            return (me, ())
        if kind == 'cpus':
            n = '_seen_' + s[1]
            inner = scope | {s[1], n}
            me = self.new(None, inner, labels)
            inside = self.block(s[2], (me, ()), inner)[0]

            def visit(v):
                seen = v._l.get(n) or frozenset()
                left = [c for c in range(v._s.cpus) if ('c', c) not in seen]
                if not left:
                    return after[0]
                c = ('c', left[v._choice(len(left), counted=False)])
                v._l[s[1]], v._l[n] = c, seen | {c}
                return inside
            self.locations[me - 1].run = visit
            return (me, ())
        if kind in ('await', 'spin'):
            code = compile(s[1], s[1], 'eval')

            def waits(v):
                if kind == 'await' and v._level >= PIN:
                    raise Core('core.wait_at_pinned_level')
                if not v._get(code):
                    raise Blocked()
            return self.step(waits, after, scope, labels)
        if kind in ('raise', 'lower'):
            def change(v):
                if (kind == 'raise' and s[1] < v._level) or (kind == 'lower' and s[1] > v._level):
                    raise Core('core.level')
                if kind == 'lower':
                    v._may_drop_to(s[1])
                v._level = s[1]
            return self.step(change, after, scope, labels)
        if kind == 'at':
            n = f'_old{len(self.locations)}'

            def leave(v):
                v._may_drop_to(v._l[n])
                v._level = v._l[n]
            out = self.step(leave, after, scope | {n}, ())
            inside = self.block(s[2], out, scope | {n})

            def enter(v):
                if s[1] < v._level:
                    raise Core('core.level')
                v._l[n], v._level = v._level, s[1]
            return self.step(enter, inside, scope, labels)
        if kind == 'on':
            code = compile(s[1], s[1], 'eval')
            n = f'_affinity{len(self.locations)}'

            def leave(v):
                v._affinity = v._l.get(n)
            out = self.step(leave, after, scope | {n}, ())
            inside = self.block(s[2], out, scope | {n})

            def enter(v):
                c = v._get(code)
                if v._level >= PIN and c != ('c', v._pinned):
                    raise Core('core.level')
                v._l[n], v._affinity = v._affinity, c[1]
            return self.step(enter, inside, scope, labels)
        if kind == 'acquire':
            lock, level = s[1], s[2]

            def take(v):
                if v._g[lock] is not None:
                    raise Blocked()
                old = v._l.get('_raised_' + lock)
                v._g[lock] = ('held', v._me, v._level if old is None else old, level or 0)

            if level is None:
                def plain(v):
                    v._check_own(lock)
                    take(v)
                return self.step(plain, after, scope, labels)
            second = self.step(take, after, scope | {'_raised_' + lock}, ())

            def first(v):
                v._check_own(lock)
                if v._level > level:
                    raise Core('core.lock')
                if v._level == level:
                    take(v)
                    return after[0]
                v._l['_raised_' + lock], v._level = v._level, level
                return second[0]
            return (self.new(first, scope, labels), ())
        if kind == 'mutex':
            def sleep(v):
                v._check_own(s[1])
                if v._level >= PIN:
                    raise Core('core.wait_at_pinned_level')
                if v._g[s[1]] is not None:
                    raise Blocked()
                v._g[s[1]] = ('held', v._me, v._level, 0)
            return self.step(sleep, after, scope, labels)
        if kind == 'release':
            def give(v):
                held = v._g[s[1]]
                if held is None or held[1] != v._me:
                    raise Core('core.lock')
                v._g[s[1]] = None
                if held[3]:
                    v._may_drop_to(held[2])
                    v._level = held[2]
            return self.step(give, after, scope, labels)
        if kind == 'with':
            return self.block([('acquire', s[1], s[2])] + s[3] + [('release', s[1])], after, scope)
        if kind in ('give', 'take'):
            guard = compile(s[3] if len(s) > 3 else 'True', 'guard', 'eval')
            rest = [compile(text, text, 'exec') for text in (s[4] if len(s) > 4 else [])]

            def may(v):
                if v._level >= PIN:
                    raise Core('core.wait_at_pinned_level')
                if not v._get(guard):
                    raise Blocked()

            def do_rest(v):
                for code in rest:
                    v._do(code)
                return after[0]
            if kind == 'give':
                value = compile(s[2], s[2], 'eval') if s[2] is not None else None

                def give(v):
                    may(v)
                    v._s.meet(v, v._get(s[1][1:]) if s[1][0] == '=' else s[1], v._get(value) if value is not None else None)
                    return do_rest(v)
                return (self.new(give, scope, labels), ())

            def take(v, value):
                may(v)
                if s[2] is not None:
                    v[s[2]] = value
                return do_rest(v)

            def wait(v):
                may(v)
                raise Blocked()
            me = self.new(wait, scope, labels)
            self.locations[me - 1].takes = (s[1], take)
            return (me, ())
        if kind == 'call':
            inner = scope | {s[2]} if len(s) > 2 else scope
            return self.step(lambda v: None, self.block(s[1], after, inner), scope, labels)
        raise ValueError(kind)


class View:
    """What one step sees and changes."""

    def __init__(self, system, state, me, cpu, prefix):
        self._s, self._state, self._me, self._cpu, self._prefix = system, state, me, cpu, prefix
        self._g = dict(zip(system.names, state[0]))
        self._l, self._names = {}, frozenset()
        self._used_cpu, self._choices, self._counted, self._broken = False, [], [], []
        self._level, self._pinned, self._affinity = 0, None, None
        self._partner = None  # the activation that takes in this step: context, number, where it goes, what it sees

    def _choice(self, width, counted=True):
        if len(self._choices) == len(self._prefix):
            raise More(width)
        pick = self._prefix[len(self._choices)]
        self._choices.append(pick)
        if counted:
            self._counted.append(pick)
        return pick

    def _breaks(self, rule):
        if rule.startswith('core.'):
            raise Core(rule)
        self._broken.append(rule)

    def _check_own(self, lock):
        if self._g[lock] is not None and self._g[lock][1] == self._me:
            raise Core('core.lock')

    def _may_drop_to(self, level):
        if any(isinstance(x, tuple) and x and x[0] == 'held' and x[1] == self._me and x[3] > level
               for x in self._g.values()):
            raise Core('core.lock')
        context = self._s.by_name[self._me[1]]
        if context.handler and level < context.level:
            raise Core('core.level')

    def _use_cpu(self):
        self._used_cpu = True
        return ('c', self._cpu)

    def _other_than(self, cpu):
        """Any CPU but this one; which of them is a choice that is not counted."""
        others = [n for n in range(self._s.cpus) if n != cpu[1]]
        return ('c', others[self._choice(len(others), counted=False)])

    def _wait(self, condition):
        if not condition:
            raise Blocked()

    # Names in the text of a step: locals, variables of the system, helpers.
    def __getitem__(self, name):
        if name in self._l:
            return self._l[name]
        if name in self._g:
            return self._g[name]
        helpers = {'cpu': self._use_cpu, 'level': lambda: self._level, 'breaks': self._breaks, 'wait': self._wait,
                   'core': self._core, 'choice': self._choice, 'me': self._me, 'other_than': self._other_than}
        if name in helpers:
            return helpers[name]
        return self._s.query(name, self._state)

    def _core(self, rule):
        raise Core(rule)

    def __setitem__(self, name, value):
        if name in self._g:
            self._g[name] = value
        else:
            self._l[name] = value

    def _do(self, code):
        exec(code, {}, self)

    def _get(self, code):
        return eval(code, {}, self)


class System:
    """variables: dict of initial values; contexts; actions: list of (name, guard, statement)."""

    def __init__(self, cpus=1, contexts=(), actions=(), initial=None, stuck=None, fixed_cpus=(), cut=None, **variables):
        self.cpus, self.contexts, self.actions, self.stuck = cpus, list(contexts), list(actions), stuck
        self.names = list(variables)
        self.by_name = {c.name: c for c in self.contexts}
        self.index = {c.name: i for i, c in enumerate(self.contexts)}
        self.starts = initial if initial is not None else [{}]
        self.variables, self.fixed = variables, set(fixed_cpus)

    # A state: (values of variables, per context per activation (location, level, cpu, affinity, locals)).
    REST = (0, 0, None, None, ())

    def initial(self):
        result = set()
        for given in self.starts:
            values = tuple({**self.variables, **given}[n] for n in self.names)
            acts, pinned = [], []
            for i, c in enumerate(self.contexts):
                if c.handler:
                    acts.append((self.REST,) * c.concurrent)
                else:
                    acts.append(((c.entry, c.level, None, None, ()),))
                    if c.level >= PIN:
                        pinned.append(i)
            for cpus in itertools.permutations(range(self.cpus), len(pinned)):
                placed = list(acts)
                for i, cpu in zip(pinned, cpus):
                    a = placed[i][0]
                    placed[i] = ((a[0], a[1], cpu, a[3], a[4]),)
                result.add(self.canonical(self.settle((values, tuple(placed)))))
        return result

    def query(self, name, state):
        def running(h):
            return any(a[0] for a in state[1][self.index[h]])

        def at(label):
            return any(a[0] and label in c.locations[a[0] - 1].labels
                       for c, acts in zip(self.contexts, state[1]) for a in acts)

        def cpu_of(h):
            for a in state[1][self.index[h]]:
                if a[0] and a[2] is not None:
                    return ('c', a[2])
            return None
        table = {'running': running, 'idle': lambda h: not running(h), 'at': at, 'cpu_of': cpu_of,
                 'C': lambda n: ('c', n), 'ended': lambda n: not running(n)}
        if name in table:
            return table[name]
        raise KeyError(name)

    def holds(self, text, state, extra=None):
        view = View(self, state, None, None, ())
        view._l = dict(extra or {})
        return eval(text, {}, view)

    def running(self, state):
        return [(i, k, a) for i, acts in enumerate(state[1]) for k, a in enumerate(acts) if a[0]]

    def may_start(self, h, cpu, state):
        c = self.contexts[h]
        if all(a[0] for a in state[1][h]) or not self.holds(c.when, state):
            return False
        if c.on is not None:
            on = self.holds(c.on, state)
            if on is None or not (on == ('c', cpu) or (isinstance(on, frozenset) and ('c', cpu) in on)):
                return False
        if any(a[2] == cpu and a[1] >= c.level for _, _, a in self.running(state)):
            return False
        return not self.urgent_above(c.level, cpu, state)

    def urgent_above(self, level, cpu, state):
        return any(c.handler and c.urgent and c.level > level and self.may_start(i, cpu, state)
                   for i, c in enumerate(self.contexts))

    def free_cpus(self, level, affinity, state):
        busy = {a[2] for _, _, a in self.running(state)}
        return [c for c in range(self.cpus) if c not in busy and (affinity is None or affinity == c)
                and not self.urgent_above(level, c, state)]

    def settle(self, state):
        """3.6"""
        acts = [list(a) for a in state[1]]
        for i, k, a in self.running(state):
            if a[2] is None or a[1] >= PIN:
                continue
            above = any(self.contexts[j].handler and b[2] == a[2] and b[1] > a[1] for j, _, b in self.running(state))
            if not above and not self.urgent_above(a[1], a[2], state):
                acts[i][k] = (a[0], a[1], None, a[3], a[4])
        return (state[0], tuple(tuple(a) for a in acts))

    def execute(self, state, i, k, a, cpu, work):
        """All outcomes of one step: (choices, counted choices, broken rules, used cpu, next act or None, values)."""
        todo = [()]
        while todo:
            prefix = todo.pop()
            v = View(self, state, ('ctx', self.contexts[i].name, k) if i is not None else None, cpu, prefix)
            if a is not None:
                v._level, v._pinned, v._affinity = a[1], a[2], a[3]
                v._l = dict(a[4])
            try:
                where = work(v)
            except More as more:
                todo += [prefix + (n,) for n in range(more.width)]
                continue
            except Blocked:
                continue
            except Core as core:
                yield tuple(v._counted), v._broken + [core.rule], v._used_cpu, None, None, None
                continue
            yield tuple(v._counted), v._broken, v._used_cpu, where, v, tuple(v._g[n] for n in self.names)

    def meet(self, v, name, value):
        """4.11: some activation that stands at a take of the hand-over does its part; which one is a choice."""
        own = (self.index[v._me[1]], v._me[2])
        sides = [i for i, c in enumerate(self.contexts) if any(x.takes and x.takes[0] == name for x in c.locations)
                 and (i != own[0] or c.concurrent > 1)]
        if not sides:
            raise Blocked()
        i = sides[v._choice(len(sides))] if len(sides) > 1 else sides[0]
        many = self.contexts[i].concurrent
        k = v._choice(many, counted=False) if many > 1 else 0
        a = v._state[1][i][k]
        takes = self.contexts[i].locations[a[0] - 1].takes if a[0] else None
        if (i, k) == own or takes is None or takes[0] != name:
            raise Blocked()
        w = View(self, v._state, ('ctx', self.contexts[i].name, k), None, ())
        w._g, w._level, w._pinned, w._affinity, w._l = v._g, a[1], a[2], a[3], dict(a[4])
        v._partner = (i, k, takes[1](w, value), w)

    def stands(self, i, where, v, cpu):
        if where == 0:
            return self.REST
        location = self.contexts[i].locations[where - 1]
        while location.next:
            where = location.next
            location = self.contexts[i].locations[where - 1]
        kept = tuple(sorted((n, x) for n, x in v._l.items() if n in location.scope and x is not None))
        return (where, v._level, cpu, v._affinity, kept)

    def after(self, state, i, k, where, v, values, cpu):
        acts = list(state[1])
        acts[i] = acts[i][:k] + (self.stands(i, where, v, cpu),) + acts[i][k + 1:]
        if v._partner is not None:
            j, n, to, w = v._partner
            acts[j] = acts[j][:n] + (self.stands(j, to, w, w._pinned),) + acts[j][n + 1:]
        return self.settle((values, tuple(acts)))

    def successors(self, state):
        """(actor, counted choices, broken rules, next state or None)"""
        result = []
        for i, k, a in self.running(state):
            c = self.contexts[i]
            location = c.locations[a[0] - 1]
            if a[2] is not None:
                blocked = any(b[2] == a[2] and b[1] > a[1] for _, _, b in self.running(state))
                cpus = [] if blocked or self.urgent_above(a[1], a[2], state) else [a[2]]
            else:
                cpus = self.free_cpus(a[1], a[3], state)
            self.step_on(result, ('step', c.name), state, i, k, a, cpus, location.run, a[2] is None)
        for i, c in enumerate(self.contexts):
            if not c.handler or all(x[0] for x in state[1][i]):
                continue
            k = next(n for n, x in enumerate(state[1][i]) if not x[0])
            accept = compile(c.accept or 'pass', 'accept', 'exec')

            def begin(v, c=c, accept=accept):
                v._do(accept)
                return c.entry
            if c.level >= PIN:
                cpus = [n for n in range(self.cpus) if self.may_start(i, n, state)]
            else:
                cpus = self.free_cpus(c.level, None, state) if self.holds(c.when, state) else []
            for n in cpus:
                if c.level >= PIN:
                    self.step_on(result, ('start', c.name), state, i, k, (0, c.level, n, None, ()), [n], begin, False)
            if c.level < PIN:
                self.step_on(result, ('start', c.name), state, i, k, (0, c.level, None, None, ()), cpus, begin, True)
        for name, guard, text in self.actions:
            if self.holds(guard, state):
                code = compile(text, text, 'exec')
                for choices, broken, _, where, v, values in self.execute(
                        state, None, 0, None, None, lambda v: v._do(code)):
                    nxt = None if v is None else self.settle((values, state[1]))
                    result.append((('act', name), choices, tuple(broken), nxt))
        return result

    def step_on(self, result, actor, state, i, k, a, cpus, work, floating):
        plain = False
        for cpu in cpus:
            for choices, broken, used, where, v, values in self.execute(state, i, k, a, cpu, work):
                if v is None:
                    result.append((actor, choices, tuple(broken), None))
                    continue
                pins = used or (where != 0 and v._level >= PIN)
                if floating and not pins:
                    if plain and cpu != cpus[0]:
                        continue
                    plain = True
                    nxt = self.after(state, i, k, where, v, values, None)
                else:
                    nxt = self.after(state, i, k, where, v, values, cpu)
                result.append((actor, choices, tuple(broken), nxt))

    # 6: the least of all renamings of CPUs and of the activations of each handler
    def canonical(self, state):
        free = [c for c in range(self.cpus) if c not in self.fixed]
        many = [i for i, c in enumerate(self.contexts) if c.concurrent > 1]
        best = None
        for order in itertools.permutations(free):
            cpu_map = {**{c: c for c in self.fixed}, **dict(zip(free, order))}
            for orders in itertools.product(*[list(itertools.permutations(range(self.contexts[i].concurrent)))
                                              for i in many]):
                act_map = {self.contexts[i].name: o for i, o in zip(many, orders)}
                renamed = self.rename(state, cpu_map, act_map)
                key = repr(renamed)
                if best is None or key < best[0]:
                    best = (key, renamed)
        return best[1]

    def rename(self, state, cpus, acts):
        def value(x):
            if isinstance(x, frozenset):
                return tuple_set(value(y) for y in x)
            if not isinstance(x, tuple):
                return x
            if x and x[0] == 'c':
                return ('c', cpus[x[1]])
            if x and x[0] == 'ctx':
                return ('ctx', x[1], acts[x[1]][x[2]] if x[1] in acts else x[2])
            if x and x[0] == 'arr':
                moved = [None] * len(cpus)
                for n, y in enumerate(x[1:]):
                    moved[cpus[n]] = value(y)
                return ('arr',) + tuple(moved)
            return tuple(value(y) for y in x)
        values = tuple(value(x) for x in state[0])
        contexts = []
        for c, activations in zip(self.contexts, state[1]):
            new = [None] * len(activations)
            for k, a in enumerate(activations):
                to = acts[c.name][k] if c.name in acts else k
                new[to] = (a[0], a[1], None if a[2] is None else cpus[a[2]], None if a[3] is None else cpus[a[3]],
                           tuple((n, value(x)) for n, x in a[4]))
            contexts.append(tuple(new))
        return (values, tuple(contexts))

    def explore(self):
        seen, frontier, steps, depth = {}, [], set(), 0
        broken = {}
        for s in self.initial():
            seen[s] = 0
            frontier.append(s)
        queue = list(frontier)
        self.quiet = []
        while queue:
            state = queue.pop(0)
            d = seen[state]
            depth = max(depth, d)
            if self.stuck and self.holds(self.stuck, state):
                broken.setdefault('core.stuck', d)
                continue
            following = self.successors(state)
            if not following and self.running(state):
                self.quiet.append(state)
            for actor, choices, rules, nxt in following:
                for r in rules:
                    broken.setdefault(r, d + 1)
                if nxt is None:
                    continue
                nxt = self.canonical(nxt)
                steps.add((state, actor, choices, rules, nxt))
                if nxt not in seen:
                    seen[nxt] = d + 1
                    queue.append(nxt)
        self.seen, self.broken = seen, broken
        return len(seen), len(steps), depth


class tuple_set(frozenset):
    """A set with one spelling, so that states can be compared by their text."""

    def __repr__(self):
        return '{' + ', '.join(sorted(map(repr, self))) + '}'


def thread(name, *body, level=0):
    return Context(name, list(body), level)


def handler(name, *body, level, **more):
    return Context(name, list(body), level, handler=True, **more)
