#!/usr/bin/env python3
"""The designs of tests/liveness/designs, written a second time by hand for infinite_opinion.py.

    opinions.py            compares the verdicts with the lines 'expect ...' of the designs, check by check

Each check has the systems of its cases; each of them is to have what is expected. A property is a formula,
('possible', text), or ('stuck',): what the second opinion does not judge, and believes.
"""
import os
import re
import sys

from infinite_opinion import Infinite
from second_opinion import handler, thread

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'designs')
OPINIONS = {}


def opinion(name, *checks):
    OPINIONS[name] = checks


def one(properties, *args, **more):
    return (properties, Infinite(*args, **more))


def always(f):
    return ('always', f)


def eventually(f):
    return ('eventually', f)


def again(f):
    return always(eventually(f))


def ends(name):
    return eventually(f'not running("{name}")')


RAISE, LOWER = ('raise', 2), ('lower', 0)
ENDS = {'terminates_1': ends('t')}


def counting():
    body = ('while', 'not go', ['n = 1 - n'])
    return one(ENDS, 1, [thread('t', body)], go=False, n=0)


def nic(spin):
    wait = ('spin', 'answered') if spin else ('while', 'not answered', ['pass'])
    return one({'core.stuck': ('stuck',)}, 2, [
        thread('shutdown', 'alive = False'), thread('multicast', RAISE, 'asked = True', wait, LOWER)],
        [('answer', 'alive and asked and not answered', 'answered = True')], alive=True, asked=False, answered=False)


opinion('busy_loop', [nic(True), nic(False)], [counting()])


def action(how):
    names = ['plain', 'fair', 'sporadic', 'strong']
    return one(ENDS, 1, [thread('t', ('await', 'done'))], [('a', 'not done', 'done = True')], done=False,
               fairness={} if how == 0 else {'a': names[how]})


def now_and_then(strong):
    return one({'happens': eventually('done')}, 1, [], [
        ('blink', 'True', 'open = not open'), ('act', 'open and not done', 'done = True')], open=False, done=False,
        fairness={'blink': 'fair', 'act': 'strong' if strong else 'fair'})


def contended(by_mutex):
    greedy = ([('label', 'mutex', ('mutex', 'm')), 'pass', ('release', 'm')] if by_mutex else
              ['wait(free); free = False', 'pass', 'free = True'])
    waiting = [('label', 'mutex', ('mutex', 'm')), ('release', 'm')] if by_mutex else [('await', 'free')]
    return one({'terminates_1': ends('waiting')}, 1, [thread('greedy', ('loop', greedy)), thread('waiting', *waiting)],
               m=None, free=True)


opinion(
    'fairness',
    [action(0), action(2)], [action(1), action(3)],
    [now_and_then(True)], [now_and_then(False)],
    [one({'terminates_1': ends('other')}, n, [
        thread('busy', ('loop', [RAISE, 'x = 1 - x', LOWER])), thread('other', 'pass')], x=0) for n in (1, 2)],
    *[[one(ENDS, n, [handler('isr', 'pass', level=5), thread('t', 'pass')])] for n in (1, 2)],
    [contended(True)], [contended(False)],
    *[[one({'moves': eventually('x')}, 1, [thread('t', 'x = True')], x=False, fairness=fairness)]
      for fairness in ({'t': 'unfair'}, {})])


def light(breaks):
    broken = [('either', ['broken = True', ('await', 'not broken')], ['pass'])] if breaks else []
    turn = thread('turn', ('loop', ['colour = "yellow"', 'colour = "red"', *broken, ('label', 'resting', 'pass'),
                                    'colour = "green"']))
    green, yellow, red = [f'colour == "{c}"' for c in ('green', 'yellow', 'red')]
    resting = 'at("resting")'
    return one({
        'green_comes': again(green), 'answered': ('leads_to', red, green),
        'in_order': always(('implies', yellow, ('next', ('not', green)))),
        'at_first': ('until', green, yellow), 'until_broken': ('weak_until', ('not', red), yellow),
        'released': ('release', yellow, ('not', red)),
        'before_red': always(('implies', red, ('once', yellow))),
        'just_before': always(('implies', yellow, ('previously', green))),
        'since_yellow': always(('implies', red, ('since', ('not', green), yellow))),
        'whole_so': eventually(('and', red, ('not', ('historically', green)))),
        'mixed': ('and', ('not', eventually(always(green))), ('implies', 'True', always('True'))),
        'progress_1': ('and', again(resting), again(('not', resting))),
        'recovers': ('possible', green)}, 1, [turn], colour='green', broken=False)


ASKED = {'answer': ('leads_to', 'asked', 'done'), 'again': always(('implies', 'asked', eventually('done')))}
opinion('formulas', [light(False)], [light(True)],
        [one(ASKED, 1, [thread('t', 'done = True')], asked=False, done=False)])


def storm(cpus, clears):
    isr = ['cause = False' if clears else 'pass', ('if', 'home is None', ['home = cpu()'])]
    if not clears:
        isr = isr[1:]
    dpc = handler('dpc', 'cause = False', level=2, urgent=True, on='home', when='home is not None', accept='home = None')
    return one({'served': ('leads_to', 'cause', 'not cause')}, cpus, [
        handler('isr', *isr, level=5, when='cause'), dpc], [('event', 'not cause', 'cause = True')],
        cause=False, home=None, fairness={'event': 'sporadic'})


opinion('interrupt_storm', [storm(n, False) for n in (1, 2)], [storm(n, True) for n in (1, 2)])
opinion('two_routines', [one({
    'terminates_1': ends('t'), 'ends': eventually(always('idle("h")'))}, n, [
        handler('h', 'pass', level=5, when='left > 0', concurrent=2, accept='left -= 1'),
        thread('t', ('await', 'left == 0 and idle("h")'))], left=2) for n in (1, 2)])


def devices(deaf):
    def isr(d, deaf):
        return handler('isr' + d, 'pass' if deaf else f'cause{d} = False', level=5, when='cause' + d)
    served = {d: ('leads_to', 'cause' + d, 'not cause' + d) for d in 'ab'}
    both = ('and', served['a'], served['b'])
    return one({'served': both, 'fast': again('not causea'), 'slow': served['b'], 'inside': both,
                'one': always(('implies', 'causea', eventually('idle("isra")'))), 'nested': eventually('True')},
               1, [isr('a', False), isr('b', deaf)],
               [(f'event{d}', f'not cause{d}', f'cause{d} = True') for d in 'ab'], causea=False, causeb=False,
               fairness={'eventa': 'sporadic', 'eventb': 'sporadic'})


TURNS = {'each': ('and', ('and', again('turn == 0'), again('turn == 1')), again('turn == 2')),
         'some': ('or', ('or', *[eventually(always(f'turn == {i}')) for i in (0, 1)]), eventually(always('turn == 2')))}
opinion('instances', [devices(False)], [devices(True)], [one({'none_is_slow': 'False'}, 1)],
        [one(TURNS, 1, [thread('t', ('loop', ['turn = (turn + 1) % 3']))], turn=0)])


def driver(may_fail, forgets):
    def answer(ok):  # stands for a return of its own, so that it has a label
        return ('label', 'success' if ok else 'failure', f's = {ok}')
    start = ['started = True', answer(True)]
    if may_fail:
        start = [('either', [answer(False)], start)]
    stop = ('label', 'stopping', 'pass' if forgets else 'started = False')
    manager = thread('manager', ('label', 'start', 'pass'), *start,
                     ('if', 's', [('label', 'stop', 'pass'), stop]), ('label', 'poke', 'pass'), 'done = 1')
    started, succeeds, fails, stops, poked, accepted = [
        f'event("{e}")' for e in ('started', 'succeeds', 'fails', 'stops', 'poked', 'accepted')]
    returned = f'{succeeds} or {fails}'
    return one({
        'returns_': ('leads_to', started, returned), 'succeeds': eventually(succeeds),
        'never_both': always(f'not ({succeeds} and {fails})'),
        'in_order': ('weak_until', 'not event("stop")', succeeds),
        'once_only': always(('implies', started, ('next', always(f'not {started}')))),
        'at_once': always(('implies', poked, poked)), 'cleared': always(('implies', stops, 'not started')),
        'not_for_ever': eventually(always(f'not {poked}')), 'seen_once': always(('implies', poked, ('next', f'not {poked}'))),
        'asked': always(('implies', accepted, ('previously', 'request'))),
        'served': always(('implies', 'request', eventually(accepted))),
        'pokes': ('possible', f'{poked} or done == 1')},
        1, [handler('isr', 'pass', level=5, when='request', accept='request = False'), manager],
        [('ask', 'not request', 'request = True')], started=False, request=False, done=0, s=False,
        fairness={'ask': 'sporadic'},
        events={'started': ('manager', 'start'), 'succeeds': ('manager', 'success'), 'fails': ('manager', 'failure'),
                'stop': ('manager', 'stop'), 'stops': ('manager', 'stopping'), 'poked': ('manager', 'poke'),
                'accepted': ('start', 'isr')})


def last():
    f = 'event("f")'
    return one({'again': again(f), 'at_last': eventually(f), 'passes': always(('implies', f, ('next', ('not', f)))),
                'stays': always(('implies', f, ('next', ('once', f))))},
               1, [thread('t', ('label', 'here', 'x = 1'))], x=0, events={'f': ('t', 'here')})


def dynamic(yes):
    events = {'work': ('t', 'call'), 'serve': ('t', 'serve'), 'says': ('t', 'return')}
    body = [('label', 'call', 'pass'), 'x = 1', ('label', 'serve', 'pass'), 'n = 1', ('label', 'return', 'pass'), 'pass']
    wanted = 'True' if yes else 'False'
    return one({'Caller.works': eventually('event("work")'), 'Caller.says_yes': eventually(f'event("says") and {wanted}'),
                'Caller.one_of': eventually('event("serve")'), 'a_serves': eventually(f'event("serve") and {wanted}')},
               1, [thread('t', *body)], x=0, n=0, events=events)


opinion('events', [driver(False, False)], [driver(True, False)], [driver(False, True)], [last()],
        [dynamic(True)], [dynamic(False)],
        [one({'answer': ('leads_to', 'event("never")', 'event("f")')}, 1, [thread('t', ('label', 'f', 'pass'), 'pass')],
             events={'f': ('t', 'f'), 'never': ('t', 'nowhere')})])


def trigger(f):
    if isinstance(f, str):
        return None
    inner = f[1] if f[0] == 'always' else f
    is_one = f[0] == 'leads_to' or (f[0] == 'always' and inner[0] == 'implies')
    return inner[1] if is_one and isinstance(inner[1], str) else None


def verdict(system, f):
    if f[0] == 'possible':
        return 'holds' if system.always_possible(f[1]) else 'violated'
    if system.breaks(f):
        return 'violated'
    return 'vacuous' if trigger(f) and not system.ever(trigger(f)) else 'holds'


def short(rule):
    """The rules of a system are written without its name, and with it where they have no name of their own."""
    return rule.split('.')[-1]


def expectations(text):
    """Of each check, {rule: verdict} and whether other rules may be broken too."""
    found = []
    for line in re.findall(r'^check .*|^ *expect .*', text, re.M):
        words = line.split('expect', 1)
        if line.startswith('check'):
            found.append({})
        if len(words) > 1 and not words[1].strip().startswith('holds'):
            kind, rules = words[1].split(None, 1)
            found[-1].update({short(r.strip()): kind for r in rules.split(',') if r.strip() != '...'})
    return found


def refined(again_):
    place, hit = ('place == 0', 'place == 1', 'place == 2'), eventually('hit')
    strong = ('each', place[2], 'hit = not hit') if again_ else ('once', place[2] + ' and not hit', 'hit = True')
    return one({'hits': hit, 'visits': again(place[2]), 'hits_where_visited': ('implies', again(place[2]), hit),
                'moves': again(place[1]), 'stays_there': eventually(always(place[0]))}, 1, [], [
        ('forth', place[0], 'place = 1'), *[('on', place[1], f'place = {n}') for n in (0, 2)],
        ('back', place[2], 'place = 1'), strong], place=0, hit=False,
        fairness={'forth': 'fair', 'on': 'fair', 'back': 'fair', strong[0]: 'strong'})


def stays(owed):
    return one({'leaves': eventually('x'), 'never_leaves': always('not x')}, 1, [], [
        ('stay', 'not x', 'y = False'), ('leave', 'not x', 'x = True')], x=False, y=False,
        fairness={'stay': 'fair', **({'leave': 'fair'} if owed else {})})


def moved(way, steps, f):
    return (way, moved(way, steps - 1, f)) if steps else f


def wide(stops):
    turn = ['x = True', 'x = False', *([('await', 'n == 0')] if stops else [])]
    no = ('not', 'x')
    never = ('and', no, 'x')
    return one({
        'five': eventually(('and', 'x', moved('next', 5, no))), 'four': eventually(('and', no, moved('next', 4, no))),
        'never_four': eventually(('and', no, moved('next', 4, never))),
        'six': eventually(('and', no, moved('previously', 6, no))),
        'never_six': eventually(('and', no, moved('previously', 6, never))),
        'seven': eventually(('and', no, moved('previously', 7, 'x'))),
        'never_seven': eventually(('and', no, moved('previously', 7, never))), 'turns': again('x'), 'soon': eventually('x')},
        1, [thread('t', ('loop', turn))], initial=[{'n': n} for n in (0, 1)], n=0, x=False)


DONE = eventually('done')
opinion(
    'shared_search', [refined(False), refined(True)], [stays(True)], [stays(False)],
    [one({'ends_done': DONE, 'ends_or_67': ('or', 'n == 67', DONE), 'not_both': ('not', ('and', 'n == 67', DONE)),
          'first_67': ('or', 'n == 67', eventually(always('done'))),
          'never_69': ('not', ('and', 'n == 69', eventually(always('done')))), 'terminates_1': ends('t')},
         1, [thread('t', ('if', 'n != 67', ['done = True'], []))], initial=[{'n': n} for n in range(71)], n=0, done=False)],
    [wide(False)], [wide(True)])


def meeting(names, fairness):
    """Takers of one giver; of the first it is asked whether it comes past its label again and again."""
    takers = [thread(x, ('loop', [('take', 'c', None), ('label', 'served_' + x, f'n_{x} = 1 - n_{x}')])) for x in names]
    served = f'at("served_{names[0]}")'
    return one({'progress_1': ('and', again(served), again(('not', served)))}, 1,
               [thread('giver', ('loop', [('give', 'c', None)])), *takers], fairness=fairness,
               **{'n_' + x: 0 for x in names})


opinion('hand_over', [meeting(['a'], {})], [meeting(['a', 'b'], {})], [meeting(['a'], {'giver': 'unfair'})])


def main():
    wrong = 0
    for name, checks in OPINIONS.items():
        expected = expectations(open(os.path.join(HERE, name + '.qsm')).read())
        if len(expected) != len(checks):
            wrong += 1
            print(f'{name}: {len(expected)} checks, and the second opinion has {len(checks)}')
        for number, (cells, wanted) in enumerate(zip(checks, expected)):
            for properties, system in cells:
                said = {short(rule): verdict(system, f) for rule, f in properties.items() if f != ('stuck',)}
                believed = {short(rule) for rule, f in properties.items() if f == ('stuck',)}
                said = {rule: v for rule, v in said.items() if v != 'holds'}
                if said != {rule: v for rule, v in wanted.items() if rule not in believed}:
                    wrong += 1
                    print(f'{name}, check {number + 1}: design expects {wanted}, second opinion {said}')
    designs = {f[:-4] for f in os.listdir(HERE) if f.endswith('.qsm')}
    for name in sorted(designs - set(OPINIONS)):
        wrong += 1
        print(f'{name}: no second opinion')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
