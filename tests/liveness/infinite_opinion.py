"""A second opinion on infinite runs, written from docs/semantics.md, section 13, alone.

Shares nothing with the tool: states and steps come from tests/verdicts/second_opinion.py, states are not taken up to
renamings, formulas are judged by promises (a tableau) and not by the tool's automata, and each activation of a handler
is owed its own steps.

Formulas: a text (a condition, as in second_opinion.py, where event('name') asks for an event), or
  ('not', f) ('and', f, g) ('or', f, g) ('implies', f, g) ('next', f) ('eventually', f) ('always', f) ('until', f, g)
  ('weak_until', f, g) ('release', f, g) ('leads_to', f, g) ('previously', f) ('once', f) ('historically', f) ('since', f, g)
An event has a name and is given as (context, label): the step that the context takes from that label; ('start', handler):
its start.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'verdicts'))
from second_opinion import PIN, System  # noqa: E402


class Infinite(System):
    """fairness: by name of a context or action: 'fair', 'strong', 'unfair', 'sporadic'."""

    def __init__(self, *args, fairness=None, events=None, **more):
        super().__init__(*args, **more)
        self.fairness, self.events = fairness or {}, events or {}

    def step_on(self, result, actor, state, i, k, a, cpus, work, floating):
        super().step_on(result, actor + (k,) if actor[0] == 'step' else actor, state, i, k, a, cpus, work, floating)

    def events_of(self, actor, state):
        happened = set()
        for event, (context, label) in self.events.items():
            if context == 'start':
                if actor == ('start', label):
                    happened.add(event)
            elif actor[:2] == ('step', context):
                c = self.by_name[context]
                act = state[1][self.index[context]][actor[2]]
                if label in c.locations[act[0] - 1].labels:
                    happened.add(event)
        return frozenset(happened)

    # A node of the graph: (state, events of the step that led to it).
    def graph(self):
        self.steps, self.cut = {}, False
        first = [(s, frozenset()) for s in self.initial()]
        queue = list(first)
        while queue:
            node = queue.pop()
            if node in self.steps:
                continue
            state = node[0]
            self.steps[node] = []
            if self.stuck and self.holds(self.stuck, state):
                self.cut, self.steps[node] = True, None
                continue
            for actor, _, _, after in self.successors(state):
                if after is None:
                    self.cut = True
                    continue
                target = (after, self.events_of(actor, state))
                self.steps[node].append((actor, target))
                queue.append(target)
        self.owed = {node: self.owed_in(node[0]) for node in self.steps if self.steps[node] is not None}
        return first

    def fairness_of(self, actor):
        word = self.fairness.get(actor[1], 'default')
        if actor[0] == 'act':
            return 'unfair' if word == 'default' else word
        has_started = actor[0] == 'step' and self.by_name[actor[1]].handler
        return 'default' if has_started and word == 'sporadic' else word

    def is_unopposed(self, name, state):
        i = self.index[name]
        a = state[1][i][0]
        cpus = [a[2]] if a[2] is not None else self.free_cpus(a[1], a[3], state)
        return any(not any(h.handler and h.level >= PIN and self.may_start(n, cpu, state)
                           for n, h in enumerate(self.contexts)) for cpu in cpus)

    def owed_in(self, state):
        """13.2: (weakly, strongly)."""
        weakly, strongly = set(), set()
        for actor in {actor for actor, *_ in self.successors(state)}:
            how = self.fairness_of(actor)
            if how == 'strong':
                strongly.add(actor)
            elif how in ('default', 'fair'):
                is_thread = actor[0] == 'step' and not self.by_name[actor[1]].handler
                if not is_thread:
                    weakly.add(actor)
                elif self.is_unopposed(actor[1], state):
                    c = self.by_name[actor[1]]
                    location = c.locations[state[1][self.index[actor[1]]][0][0] - 1]
                    (weakly if 'mutex' in location.labels else strongly).add(actor)
        return weakly, strongly

    def truth(self, text, node):
        return bool(self.holds(text, node[0], {'event': lambda name: name in node[1]}))

    def breaks(self, formula):
        """Whether some fair infinite run makes the formula false."""
        first = self.graph()
        tableau = Tableau(plain(('not', formula)))
        edges, todo = {}, []
        initial_memory = frozenset()

        def atoms(node):
            return {text: self.truth(text, node) for text in tableau.texts}

        def nodes_at(node, memory, promised, quiet):
            """The ways to go on promising at a node where exactly the formulas `promised` of all that may be are true."""
            seen = (node[0], frozenset()) if quiet else node
            for promises in tableau.choices():
                values = tableau.values(atoms(seen), promises, memory)
                if promised is None:
                    if values[tableau.whole]:
                        yield (node, quiet, memory, promises), values
                elif all(values[f] == (f in promised) for f in tableau.promised):
                    yield (node, quiet, memory, promises), values

        for node in first:
            todo += [full for full, _ in nodes_at(node, initial_memory, None, False)]
        self.marks = {}
        while todo:
            full = todo.pop()
            if full in edges:
                continue
            node, quiet, memory, promises = full
            values = tableau.values(atoms((node[0], frozenset()) if quiet else node), promises, memory)
            self.marks[full] = frozenset(n for n, f in enumerate(tableau.untils) if not values[f] or values[f[2]])
            remembered = frozenset(f for f in tableau.remembered if values[f])
            edges[full] = []
            if self.steps[node] is None:
                continue
            ways = [] if quiet else [(actor, target, False) for actor, target in self.steps[node]]
            if not any(self.owed[node]):
                ways.append((None, node, True))
            for actor, target, stays in ways:
                for after, _ in nodes_at(target, remembered, promises, stays):
                    edges[full].append((actor, after))
                    todo.append(after)
        self.edges, self.sets = edges, len(tableau.untils)
        return self.has_fair(set(edges))

    def inner(self, node, within):
        return [(actor, to) for actor, to in self.edges[node]
                if to in within and not (actor is not None and self.fairness_of(actor) == 'sporadic')]

    def has_fair(self, nodes):
        return any(self.is_fair(part) for part in self.components(nodes))

    def is_fair(self, part):
        inner = [(node, actor, to) for node in part for actor, to in self.inner(node, part)]
        if not inner or any(all(n not in self.marks[node] for node in part) for n in range(self.sets)):
            return False
        stepped = {actor for _, actor, _ in inner}
        owed = [(set(), set()) if node[1] else self.owed[node[0]] for node in part]
        if set.intersection(*[set(weakly) for weakly, _ in owed]) - stepped:
            return False
        missing = set().union(*[strongly for _, strongly in owed]) - stepped
        if not missing:
            return True
        return self.has_fair({node for node in part if node[1] or not (self.owed[node[0]][1] & missing)})

    def components(self, nodes):
        """By closures forwards and backwards."""
        left = set(nodes)
        while left:
            start = next(iter(left))
            ahead = self.closure(start, left, {n: [to for _, to in self.inner(n, left)] for n in left})
            back = {n: [] for n in ahead}
            for n in ahead:
                for _, to in self.inner(n, ahead):
                    back[to].append(n)
            part = self.closure(start, ahead, back)
            yield part
            left -= part

    @staticmethod
    def closure(start, within, after):
        seen, todo = {start}, [start]
        while todo:
            for to in after[todo.pop()]:
                if to in within and to not in seen:
                    seen.add(to)
                    todo.append(to)
        return seen

    def always_possible(self, text):
        self.graph()
        good = {node for node, steps in self.steps.items() if steps is None or self.truth(text, node)}
        good |= {node for node in self.steps if any(after is None for _, _, _, after in self.successors(node[0]))}
        grown = True
        while grown:
            more = {n for n, steps in self.steps.items() if n not in good and any(to in good for _, to in steps)}
            good, grown = good | more, bool(more)
        return len(good) == len(self.steps)

    def ever(self, text):
        self.graph()
        return any(self.truth(text, node) for node in self.steps)


def plain(f):
    """In terms of not, and, next, until, previously and since."""
    if isinstance(f, str):
        return f
    op, *parts = f
    parts = [plain(p) for p in parts]
    no, both = lambda g: ('not', g), lambda g, h: ('and', g, h)
    either = lambda g, h: no(both(no(g), no(h)))
    eventually, once = lambda g: ('until', 'True', g), lambda g: ('since', 'True', g)
    a, b = parts[0], parts[-1]
    return {'not': lambda: no(a), 'and': lambda: both(a, b), 'or': lambda: either(a, b),
            'implies': lambda: either(no(a), b), 'next': lambda: ('next', a), 'eventually': lambda: eventually(a),
            'always': lambda: no(eventually(no(a))), 'until': lambda: ('until', a, b),
            'weak_until': lambda: either(('until', a, b), no(eventually(no(a)))),
            'release': lambda: no(('until', no(a), no(b))),
            'leads_to': lambda: no(eventually(both(a, no(eventually(b))))),
            'previously': lambda: ('previously', a), 'once': lambda: once(a), 'historically': lambda: no(once(no(a))),
            'since': lambda: ('since', a, b)}[op]()


class Tableau:
    """What is promised of the next state: formulas behind 'next', and each 'until'. What is remembered of the one before:
    formulas behind 'previously', and each 'since'."""

    def __init__(self, formula):
        self.whole, self.parts = formula, []
        self.add(formula)
        self.texts = [f for f in self.parts if isinstance(f, str)]
        self.untils = [f for f in self.parts if f[0] == 'until']
        self.promised = list(dict.fromkeys([f[1] for f in self.parts if f[0] == 'next'] + self.untils))
        self.remembered = list(dict.fromkeys([f[1] for f in self.parts if f[0] == 'previously'] +
                                             [f for f in self.parts if f[0] == 'since']))

    def add(self, f):
        if not isinstance(f, str):
            for part in f[1:]:
                self.add(part)
        if f not in self.parts:
            self.parts.append(f)

    def choices(self):
        for bits in range(1 << len(self.promised)):
            yield frozenset(f for n, f in enumerate(self.promised) if bits >> n & 1)

    def values(self, atoms, promises, memory):
        v = dict(atoms)
        for f in self.parts:
            if isinstance(f, str):
                continue
            v[f] = {'not': lambda: not v[f[1]], 'and': lambda: v[f[1]] and v[f[2]], 'next': lambda: f[1] in promises,
                    'until': lambda: v[f[2]] or (v[f[1]] and f in promises), 'previously': lambda: f[1] in memory,
                    'since': lambda: v[f[2]] or (v[f[1]] and f in memory)}[f[0]]()
        return v
