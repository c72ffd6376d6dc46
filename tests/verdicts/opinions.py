#!/usr/bin/env python3
"""The designs of this folder, written a second time by hand for second_opinion.py, one system per cell.

    opinions.py            compares the numbers with the lines '// plain: ...' of the designs
    opinions.py --write    writes those lines
"""
import os
import re
import sys

from second_opinion import Context, System, handler, thread

OPINIONS = {}
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'designs')


def opinion(name, *systems):
    OPINIONS[name] = systems


def dpc(*body, **more):
    more.setdefault('accept', 'home = None')
    return handler('dpc', *body, level=2, urgent=True, on='home', when='home is not None', **more)


RAISE, LOWER = ('raise', 2), ('lower', 0)

opinion('threads_and_levels', *[System(n, [thread('a', RAISE, LOWER), thread('b', 'pass')]) for n in (1, 2, 4)])
opinion('three_threads', *[System(n, [thread(x, RAISE, LOWER) for x in 'abc']) for n in (1, 2, 3, 4)])
opinion('three_activations', *[System(n, [handler('h', 'pass', level=5, when='requests > 0', concurrent=3,
                                                  accept='requests -= 1')], requests=3) for n in (1, 2, 3, 4)])
opinion('raised_thread_shuts_out', *[System(n, [
    thread('a', RAISE, 'inside = True', 'inside = False', LOWER), thread('b', ('if', 'inside', ['seen = True']))],
    inside=False, seen=False) for n in (1, 2)])
opinion('isr_on_dpc_on_thread', *[System(n, [
    dpc('line = True', 'pass'),
    handler('isr', 'pass', level=5, when='line', accept='line = False'),
    thread('t', 'home = cpu()', 'done = True')], home=None, line=False, done=False) for n in (1, 2)])
opinion('isr_beside_dpc', *[System(n, [
    dpc('x = 1', 'x = 0'),
    handler('isr', ('var', 'a', 'x'), ('var', 'b', 'x'), ('check', 'assert.holds', 'a == b'), level=5,
            when='not rung', accept='rung = True'),
    thread('t', 'home = cpu()')], home=None, rung=False, x=0) for n in (1, 2)])
opinion('dpc_on_own_cpu', *[System(n, [dpc('ran = True'), thread(
    't', 'home = cpu()', ('check', 'assert.holds', 'ran'), 'pass')], home=None, ran=False) for n in (1, 2)])


def other_cpu(name, *rest, raised=False):
    return thread(name, *([RAISE] if raised else []), ('var', 'here', 'cpu()'), ('var', 'c', 'other_than(here)'), 'home = c', *rest)


opinion('dpc_on_other_cpu', System(2, [dpc('ran = True'), other_cpu(
    't', ('check', 'assert.holds', 'ran'), 'pass')], home=None, ran=False))
opinion('dpc_removed', *[System(n, [dpc('ran = True'), thread('t', RAISE, 'home = cpu()', 'home = None', LOWER)],
                                home=None, ran=False) for n in (1, 2)])
opinion('dpc_queued_again', *[System(n, [
    dpc('inside += 1', 'inside -= 1', concurrent=2),
    handler('isr', level=5, when='left > 0 and home is None', accept='left -= 1; home = cpu()')],
    home=None, left=2, inside=0) for n in (1, 2)])
opinion('urgent_goes_first', System(1, [
    handler('now', level=2, urgent=True, on='home', when='home is not None', accept='home = None'),
    handler('soon', level=5, when='plain', accept='plain = False'),
    thread('t', 'home = cpu(); plain = True', ('if', 'plain', ['order = 1']))], home=None, plain=False, order=0))


def teardown(drain, caller, n):
    drains = {
        'nothing': [],
        'cancel': ['home = None'],
        'cancel_and_wait': ['home = None', ('spin', "idle('dpc')")],
        'flush': [('label', 'flush', ('spin', "home is None and idle('dpc')"))],
        'every_cpu': [('cpus', 'c', [('on', 'c', ['pass'])])],
    }
    stuck = "at('flush') and home is not None and home == cpu_of('t')" if drain == 'flush' and caller == 2 else None
    return System(n, [
        handler('isr', 'home = cpu()', level=5, when='enabled', accept='enabled = False'),
        dpc('life == 1 or breaks("life.used_after_free")'),
        thread('t', 'life = 1', ('raise', caller), 'enabled = True', 'enabled = False', *drains[drain], 'life = 2',
               ('lower', 0))], stuck=stuck, enabled=False, home=None, life=0)


opinion('teardown', *[teardown(*cell) for cell in [
    ('nothing', 0, 1), ('nothing', 0, 2), ('nothing', 2, 1), ('nothing', 2, 2),
    ('cancel', 0, 1), ('cancel', 2, 1), ('cancel_and_wait', 0, 1), ('cancel_and_wait', 2, 1),
    ('cancel', 0, 2), ('cancel', 2, 2), ('cancel_and_wait', 0, 2), ('cancel_and_wait', 2, 2),
    ('flush', 0, 1), ('flush', 0, 2), ('flush', 2, 1), ('flush', 2, 2),
    ('every_cpu', 0, 1), ('every_cpu', 0, 2), ('every_cpu', 2, 1), ('every_cpu', 2, 2)]])
opinion('accept_or_body', *[System(2, [handler(
    'h', 'line = False', level=5, when='line and starts < 2', concurrent=2,
    accept=('line = False; ' if early else '') + 'starts += 1')], line=True, starts=0) for early in (True, False)])
opinion('signal_before_return', *[System(n, [
    handler('isr', 'done = True', level=5, when='line', accept='line = False'),
    thread('t', 'life = 1', 'line = True', ('await', 'done'), *([('await', "idle('isr')")] if wait else []),
           'running("isr") and breaks("life.freed_in_use"); life = 2')],
    line=False, done=False, life=0) for n, wait in ((1, False), (2, False), (2, True))])
opinion('lock_too_low', *[System(n, [
    thread('t', ('acquire', 'lock', level), ('release', 'lock')),
    handler('isr', ('acquire', 'lock', level), ('release', 'lock'), level=5, when='not rung', accept='rung = True')],
    lock=None, rung=False) for level in (2, 5) for n in (1, 2)])
opinion('lock_recursive', System(1, [thread('t', ('acquire', 'lock', 2), ('acquire', 'lock', 2), ('release', 'lock'))],
                                 lock=None))
# 5 Both hold one and stand at the step that takes the other: at the same level already, that is the first step.
opinion('lock_orders', *[System(n, [
    thread('t', ('acquire', 'a', 2), ('label', 'tb', ('acquire', 'b', 2)), 'pass', ('release', 'b'), ('release', 'a')),
    thread('u', ('acquire', 'b', 2), ('label', 'ua', ('acquire', 'a', 2)), 'pass', ('release', 'a'), ('release', 'b'))],
    stuck="at('tb') and at('ua')", a=None, b=None) for n in (1, 2)])
opinion('lock_out_of_order', *[System(1, [thread(
    't', ('acquire', 'a', level), ('acquire', 'b', level), ('release', 'a'), ('release', 'b'))], a=None, b=None)
    for level in (None, 2)])
opinion('lock_not_held', System(1, [thread('t', ('release', 'lock'))], lock=None))
opinion('lock_kept', System(1, [thread('t', ('acquire', 'lock', None))], lock=None))
opinion('lock_questions', System(1, [thread('t', ('acquire', 'l', None), ('release', 'l'))], l=None))
opinion('acquire_later_in_step', System(1, [
    thread('a', ('acquire', 'l', None), 'pass', ('release', 'l')),
    thread('b', "l is None or core('core.lock'); begun = True")], l=None, begun=False))
opinion('stuck_by_holder', System(1, [
    thread('writer', ('acquire', 'w', None), ('label', 'waits', ('await', 'place is None')), ('release', 'w')),
    thread('reader', ('acquire', 'place', None), ('label', 'wants', ('acquire', 'w', None)), ('release', 'w'),
           ('release', 'place')),
    thread('other', ('loop', [('if', 'flag', [('with', 'place', None, ['pass'])]), 'pass']))],
    stuck="at('waits') and at('wants')", w=None, place=None, flag=False))
opinion('isr_interrupts_holder', *[System(n, [
    thread('t', RAISE, ('acquire', 'lock', None), ('release', 'lock'), LOWER),
    handler('isr', ('label', 'spins', ('acquire', 'lock', None)), ('release', 'lock'), level=5, when='not rung',
            accept='rung = True')],
    stuck="at('spins') and lock is not None and cpu_of('isr') == cpu_of('t')", lock=None, rung=False) for n in (1, 2)])
opinion('floating_holder', *[System(n, [
    thread('owner', ('acquire', 'lock', None), ('release', 'lock')),
    thread('spinner', RAISE, ('label', 'spins', ('acquire', 'lock', None)), ('release', 'lock'), LOWER)],
    stuck="at('spins') and lock is not None and lock[1][1] == 'owner'" if n == 1 else None, lock=None) for n in (1, 2)])
opinion('spin_for_own_dpc', *[System(n, [
    dpc('ran = True'), thread('t', RAISE, 'home = cpu()', ('label', 's', ('spin', 'ran')), LOWER)],
    stuck="at('s') and home == cpu_of('t')", home=None, ran=False) for n in (1, 2)],
    System(2, [dpc('ran = True'), other_cpu('t', ('spin', 'ran'), LOWER, raised=True)], home=None, ran=False))
opinion('flush_in_handler', *[System(n, [
    dpc(('call', [('label', 'f', ('spin', "home is None and idle('dpc')"))])), thread('t', 'home = cpu()')],
    stuck="at('f')", home=None) for n in (1, 2)])
opinion('await_at_pinned_level', System(1, [thread('t', RAISE, ('await', 'True'))]),
        System(1, [thread('t', ('await', 'True'))]))
opinion('mutex_at_pinned_level', System(1, [thread('t', RAISE, ('mutex', 'm'), ('release', 'm'), LOWER)], m=None),
        System(2, [thread(x, ('mutex', 'm'), ('release', 'm')) for x in 'tu'], m=None))
opinion('cpu_variable', *[System(n, [thread('t')], initial=[
    {'a': ('c', i), 'b': ('c', j)} for i in range(n) for j in range(n)], a=None, b=None) for n in (3, 1)])


def cpu_array(n):
    def text(value):
        return (f"i = choice({n}, False); old = list(marked); old[i + 1] = {value}; marked = ('arr',) + "
                "(*old[1:],)")
    return System(n, [], [('mark', 'True', text(True)), ('clear', 'True', text(False))], marked=('arr',) + (False,) * n)


opinion('cpu_array', *[cpu_array(n) for n in (1, 2, 3, 4)])
opinion('cpu_constant', System(3, initial=[{'a': ('c', i)} for i in range(3)], fixed_cpus=(0,),
                               a=None, first=('c', 0)))
opinion('visit_every_cpu', *[System(n, [thread('t', ('cpus', 'c', [('on', 'c', ['pass'])]))]) for n in (1, 2, 3)])
opinion('visit_waits', System(2, [
    handler('isr', 'pass', level=5, when='not rung', accept='rung = True'),
    thread('t', ('if', "running('isr')", ['begun = True', ('cpus', 'c', [('on', 'c', ['pass'])]),
                                          ('if', "running('isr')", ['early = True'])]))],
    rung=False, begun=False, early=False))
opinion('on_at_pinned_level',
        System(2, [thread('t', RAISE, ('var', 'here', 'cpu()'), ('var', 'c', 'other_than(here)'),
                          ('on', 'c', ['pass']), LOWER)]),
        System(2, [thread('t', RAISE, ('var', 'here', 'cpu()'), ('var', 'c', 'here'), ('on', 'c', ['pass']), LOWER)]))
opinion('lost_wakeup', *[System(1, [
    thread('sleeper', *(['sleeping = not ready', ('if', 'sleeping', [('await', 'wake')])] if one else
                        [('if', 'not ready', ['sleeping = True', ('await', 'wake')])])),
    thread('waker', 'ready = True; wake = sleeping or wake')], ready=False, sleeping=False, wake=False)
    for one in (False, True)])
opinion('handler_below_pin_level', *[System(n, [
    handler('h', ('if', 'raised', ['beside = True']), level=0, when='not rung', accept='rung = True'),
    thread('t', ('raise', level), 'raised = True', 'raised = False', ('lower', 0))],
    rung=False, raised=False, beside=False) for level, n in ((2, 1), (2, 2), (0, 1))])

# ---- values
opinion('range', System(1, [thread('t', ('loop', ['x += 1; x <= 2 or core("core.range")']))], x=0))
opinion('index', System(1, [thread('t', ('choose', 'i', 'range(3)'),
                                   'i < 2 or core("core.index"); a0 = a0 or i == 0; a1 = a1 or i == 1')],
                        a0=False, a1=False))
opinion('null_reference', System(1, [thread('t', 'core("core.null")')], hit=False),
        System(1, [thread('t', 'hit = False')], hit=False))
opinion('queue_rules', System(1, [thread('t', 'n += 1', 'n += 1', 'core("core.queue")')], n=0),
        System(1, [thread('t', 'n += 1', 'n -= 1', 'core("core.queue")')], n=0))
opinion('queue_rests', System(1, [thread('t', ('loop', ['n += 1', 'n -= 1']))], n=0))
opinion('recursion', System(1, [thread('t', ('call', ['n += 1', ('call', [('call', [
    'n += 1', ('call', ['core("core.recursion")'])])])]))], n=0))
opinion('invariants', *[System(1, [thread('t', 'x += 1', 'x += 1', 'x += 1')], x=0)] * 4)
opinion('vacuous', System(1, [thread('t', 'pass')]))
opinion('not_exercised', System(1, [thread('t', ('if', 'x == 1', ['pass']), 'pass')], x=0))
opinion('cut_off', System(1, [thread('t', 'x += 1', 'core("core.range")')], x=0))
opinion('require_goes_on', System(1, [thread('t', ('check', 'a', 'False'), 'pass', ('check', 'b', 'False'), 'pass')]))
opinion('require_waits', *[System(1, [
    thread('t', ('check', 'require_waits.quiet', 'not line'), ('await', 'go')),
    thread('u', *(['line = False'] if quiet else []), 'go = True')], line=True, go=False) for quiet in (True, False)])
opinion('deadlock', System(1, [thread('t', ('await', 'go'))], go=False),
        System(1, [thread('t', ('await', 'go'))], [('help', 'not go', 'go = True')], go=False))
opinion('any_where', System(1, [thread('t')], initial=[
    {'x': x, 'y': y} for x in (0, 2) for y in range(x, 3)], x=0, y=0))
opinion('any_where_nothing', System(1, [thread('t', 'pass')], initial=[], x=0))
opinion('instances', System(1, [thread(f't{i}', f'n{i} += {i}') for i in range(3)], n0=0, n1=0, n2=0))
opinion('structs', System(1, [thread('t', 'q = p', 'q = (3, q[1])', 'p = (0, 0)')], p=(1, 2), q=(0, 0)))
opinion('sets', System(1, [thread('t', 'm = 2', 'm = 2', 'm = 0', 'm = 1')], m=0))
opinion('for_queue', System(1, [thread('t', 'q = (1,)', 'q = (1, 2)', ('for', 'x', 'q', ['sum += x']))], q=(), sum=0))
opinion('for_range',
        System(1, [thread('t', 'n = 2', ('for', 'i', 'range(1, n + 1)', ['sum += i']))], n=1, sum=0),
        System(1, [thread('t', 'sum += 1', 'sum += 2')], sum=0))

# ---- functions
opinion('calls', System(1, [thread('t', ('call', ['line = 1', 'result = 5'], 'result'), 'handle = result')],
                        line=0, handle=0))
opinion('atomic_calls', System(1, [thread('t', 'line = 1; handle = 5', 'handle = 8')], line=0, handle=0))
opinion('call_in_if',
        System(1, [thread('t', ('call', ['result = not x'], 'result'), ('if', 'result', ['x = True']))], x=False),
        System(1, [thread('t', ('if', 'not x', ['x = True']))], x=False))
opinion('early_return', System(1, [thread('t', ('call', [('if', 'x', [], ['late = True'])]))],
                               initial=[{'x': False}, {'x': True}], x=False, late=False))
opinion('interfaces', System(1, [thread('t', ('choose', 'd', 'range(2)'), (
    'if', 'd == 0', ['ok = True'], ['tried = True', 'tried = False']))], ok=False, tried=False))

# ---- lives
USE = 'life == 1 or breaks("life.used_before_init" if life == 0 else "life.used_after_free")'
INIT = 'life != 1 or breaks("life.initialised_twice"); life = 1; x = False'
FREE = 'life == 1 or breaks("life.freed_twice"); life = 2'
opinion('used_before_init', System(1, [thread('t', USE + '; x = True', INIT, USE + '; x = False', FREE)],
                                   life=0, x=False))
opinion('used_after_free', System(1, [thread('t', INIT, FREE, USE + '; x = True', ('if', 'x', ['pass']))],
                                  life=0, x=False))
opinion('freed_twice', System(1, [thread('t', INIT, FREE, FREE)], life=0, x=False),
        System(1, [thread('t', FREE)], life=0, x=False), System(1, [thread('t', INIT, INIT, FREE)], life=0, x=False))
opinion('freed_in_use', System(1, [thread('t', INIT, ('acquire', 'lock', None), FREE)], life=0, x=False, lock=None),
        *[System(1, [thread('t', INIT, f'users = {n}', FREE)], life=0, x=False, users=0) for n in (1, 0)])
opinion('leak', System(1, [thread('t', INIT)], life=0, x=False), System(1, [thread('t', INIT, FREE)], life=0, x=False))

# ---- levels, CPUs
opinion('low_importance', *[System(1, [
    handler('h', level=2, urgent=urgent, on='home', when='home is not None', accept='home = None'),
    thread('t', 'home = cpu()', ('if', 'home is not None', ['early = True']))], home=None, early=False)
    for urgent in (True, False)])


def set_of_cpus(n):
    from second_opinion import tuple_set
    s = System(n, [
        handler('isr', level=5, on='allowed', when='not rung', accept='rung = True; ran = cpu()'),
        thread('t', ('var', 'c', 'C(choice(2, False))'), 'allowed = allowed | {c}')],
        allowed=tuple_set(), rung=False, ran=None)
    return s


opinion('on_a_set', set_of_cpus(2))
opinion('thread_at_dispatch', System(2, [thread('a', 'pass', level=2), thread('b', 'pass', level=2)]))
opinion('stays_pinned', *[System(n, [dpc('ran = True'), thread(
    't', RAISE, 'home = cpu()', LOWER, ('check', 'assert.holds', 'ran'), 'pass')], home=None, ran=False)
    for n in (1, 2)])
opinion('taken_back', System(2, [dpc('ran = True'), thread('t', 'home = cpu()', 'pass'), thread('u', 'home = None')],
                             home=None, ran=False))

# ---- callbacks, stuck
opinion('unregister_in_callback', *[System(1, [thread('t', ('call', [('if', 'registered', [
    'inside = True', ('call', [('call', ['registered = False'] + (
        [('label', 'w', ('await', 'not inside'))] if wait else []))]), 'inside = False'])]))],
    stuck="at('w')" if wait else None, registered=True, inside=False) for wait in (True, False)])
opinion('unregister_through_callback', System(1, [thread('t', ('call', [('if', 'registered', [('call', [
    'registered = False', ('call', [('if', 'registered', ['pass'])])])])]))], registered=True))
opinion('empty_hands', System(1, [thread('t', ('await', 'go'))], go=False),
        System(1, [thread('t', ('call', [('label', 'w', ('await', 'go'))]))], stuck="at('w')", go=False))
opinion('stuck_while_others_go_on',
        System(2, [thread('t', ('spin', 'go')), thread('u', ('loop', ['x = not x']))], stuck='True', go=False, x=False),
        System(2, [thread('t', ('spin', 'go')), thread('u', ('loop', ['x = not x']))], [('help', 'not go', 'go = True')],
               go=False, x=False))
opinion('level_rules', System(1, [thread('t', RAISE, ('raise', 0))]), System(1, [thread('t', ('lower', 2))]),
        System(1, [thread('t', RAISE)]))
opinion('handler_levels', *[System(1, [handler('isr', *body, level=5, when='not rung', accept='rung = True')], rung=False)
                            for body in ([('lower', 2), ('raise', 5)], [('raise', 6), ('lower', 5)])])
opinion('at_block', System(1, [thread('t', ('at', 2, ['pass']))]), System(1, [thread('t', ('at', 2, [('at', 2, ['pass'])]))]))
opinion('acquire_steps',
        System(1, [thread('t', ('acquire', 'l', 2), ('release', 'l'))], l=None),
        System(1, [thread('t', RAISE, ('acquire', 'l', 2), ('release', 'l'), LOWER)], l=None),
        System(1, [thread('t', ('acquire', 'l', None), ('release', 'l'))], l=None),
        System(1, [thread('t', 'pass')], l=None))
opinion('atomic_waits',
        System(1, [thread(x, 'wait(not locked); locked = True', 'inside += 1') for x in 'tu'], locked=False, inside=0),
        System(1, [thread(x, ('await', 'not locked'), 'locked = True', 'inside += 1') for x in 'tu'],
               locked=False, inside=0))
opinion('choices', System(1, [thread('t', ('call', [('choose', 'x', 'range(3)'), 'pass']), ('either', ['pass'], ['pass']))]))
opinion('loops', System(1, [thread('t', ('while', 'n < 2', ['n += 1']))], n=0),
        System(1, [thread('t', ('loop', ['n += 1', ('if', 'n == 2', [('break',)])]))], n=0),
        System(1, [thread('t', ('while', 'n < 3', ['n += 1', ('if', 'n == 1', [], ['pass'])]))], n=0))
opinion('scopes', System(1, [thread('t', 'x = x', 'x = False')], initial=[{'x': False}, {'x': True}], x=False))
opinion('actions', System(1, [thread('t', ('loop', ['pass']), level=2)], [
    ('ring', 'not line', 'line = True'), ('drop', 'line', 'line = False')], line=False))
opinion('idle_and_running', System(2, [
    handler('isr', 'pass', level=5, when='not rung', accept='rung = True'), thread('t', 'pass')], rung=False))
opinion('enabled_actions', System(1, [thread('t', ('await', 'n != 0'))], [('up', 'n == 0', 'n = 1')], n=0))
opinion('edge_and_level', *[System(1, [handler(
    'isr', *(['cause = False'] if acknowledge else []), 'pass', level=5,
    when=('cause' if level else 'latched') + ' and starts < 2', accept='latched = False; starts += 1')],
    [('ring', 'not cause and starts == 0', 'cause = True; latched = True')], cause=False, latched=False, starts=0)
    for level, acknowledge in ((True, True), (True, False), (False, False))])

opinion('waits_that_break',
        System(1, [thread('t', ('mutex', 'm'), ('mutex', 'm'))], m=None),
        System(1, [thread('t', 'core("core.null")')]),
        System(1, [thread('t', RAISE, ('await', 'go'))], go=False),
        System(1, [thread('t', ('acquire', 'l', None), 'core("core.lock")')], l=None))
opinion('handler_after_free', System(1, [
    handler('isr', level=5, when='line', accept=USE + '; line = False'),
    thread('t', INIT, 'line = True', FREE)], life=0, line=False, x=False))
opinion('init_resets', System(1, [thread('t', INIT, 'x = True', FREE, INIT, FREE)], life=0, x=False))
opinion('choose_waits', System(1, [thread('t', ('choose', 'x', 'range(n)'), 'pass')], [('up', 'n == 0', 'n = 2')], n=0))
opinion('same_level', *[System(n, [
    handler('a', 'pass', level=5, when='not a_rung', accept='a_rung = True'),
    handler('b', 'pass', level=5, when='not b_rung', accept='b_rung = True')], a_rung=False, b_rung=False)
    for n in (1, 2)])
opinion('urgent_levels', System(1, [
    handler('low', level=2, urgent=True, on='low_on', when='low_on is not None', accept='low_on = None'),
    handler('high', level=3, urgent=True, on='high_on', when='high_on is not None', accept='high_on = None'),
    thread('t', 'low_on = cpu(); high_on = cpu()', 'pass')], low_on=None, high_on=None))
opinion('for_set', System(1, [thread('t', 's = (3,)', 's = (1, 3)', ('for', 'x', 's', ['sum += x']))], s=(), sum=0))
opinion('loops_over_cpus', *[System(n, [thread('t', ('cpus', 'c', [
    "old = list(visited); old[c[1] + 1] = True; visited = ('arr',) + (*old[1:],)"]))], visited=('arr',) + (False,) * n)
    for n in (1, 2, 3, 4)])
opinion('queue_of_cpus', System(2, [
    thread('fills', 'q = (cpu(),) * 2'),
    thread('reads', ('await', 'q'), ('for', 'c', 'q', ['last = c']))], q=(), last=None))
opinion('set_element_stuck', System(1, [thread('t', ('mutex', 'm'), ('await', 'blue'))], [('add', 'not red', 'green = True')],
                                    stuck="m is not None", red=False, green=False, blue=False, m=None))
opinion('labels', System(1, [thread('t', 'x = 1', 'x = 2', 'x = 0')], x=0))

opinion('deadlock_of_actions',
        System(1, [], [('inc', 'n < 3', 'n += 1')], n=0),
        System(1, [], [('inc', 'True', 'n = n + 1 if n < 3 else 0')], n=0),
        System(1, [thread('t', 'pass')], [('inc', 'n < 3', 'n += 1')], n=0),
        System(1, [handler('h', 'pass', level=5, when='go', accept='go = False')], go=True))
opinion('runs_in_accept', *[System(1, [handler('h', 'pass', level=level, when='line', accept='line = False')], line=True)
                            for level in (5, 0)])

opinion('decided_conditions', System(1, [thread('t', 'n = 1', 'n = 2', 'pass', 'n = 1', 'pass', 'pass')], n=0))

CHOOSES_ONE_OF_FIVE = thread('t', ('choose', 'p', 'range(5)'), 'chosen = p')

opinion('containment', System(1, [CHOOSES_ONE_OF_FIVE], chosen=None),
        System(1, [CHOOSES_ONE_OF_FIVE], stuck='chosen is None', chosen=None))  # null ends the run at its beginning
opinion('beside', System(1, [CHOOSES_ONE_OF_FIVE], chosen=None))
opinion('inside_handler', System(1, [
    *[handler(f'isr{d}', f'by{d} = 1', level=5, when=f'cause{d}', accept=f'cause{d} = False; by{d} = 1') for d in (1, 2)],
    thread('t', 'by1 = 3', 'pass')],
    [(f'pulse{d}', f'not cause{d} and by{d} == 0', f'by{d} = 2; cause{d} = True') for d in (1, 2)],
    cause1=False, by1=0, cause2=False, by2=0))
opinion('array_values', System(1, [thread('t', 'squares = (k, 1 + k, 4 + k, 9 + k)',
                                          'sum = (0, 1, k, squares[3])[k] + (2, 3, 5, 7)[k]')],
                               initial=[{'k': k} for k in range(4)], k=0, squares=(0,) * 4, sum=0))
opinion('emptied_loops',
        System(1, [thread('t', ('call', [('loop', ['pass'])]))]),
        System(1, [thread('t', ('call', [('loop', ['x = 1 - x'])]))], x=0),
        System(1, [thread('t', ('loop', ['pass']))]))
opinion('initially',
        System(1, [thread('t', 'pass')], initial=[{'users': 2}, {'users': 3}], users=0),
        *[System(1, [thread('t', 'pass')], initial=[{'loud': False}, {'loud': True}], loud=False) for _ in range(2)],
        System(1, [thread('t', 'pass')], initial=[{'loud': False}, {'loud': True}], stuck='loud', loud=False))

opinion('monitors',
        *[System(n, [thread('a', 'inside += 1', 'x = 1', 'x = 0', 'wait(go); inside -= 1', 'pass'),
                     thread('b', 'inside += 1', 'x = 1', 'x = 0', 'inside -= 1; go = True')],
                 x=0, inside=0, go=False) for n in (1, 2)],
        System(1, [handler('isr', 'pass', level=5, when='left > 0',
                           accept='left -= 1; count, odd = (count + 1, False) if odd else (count, True)'),
                   thread('t', *[step for a in (0, 1) for step in (f'a = {a}', f'a = 0; answers += {1 + a}', 'said = 0')],
                          'pass')], left=3, odd=False, count=0, a=0, answers=0, said=1))

opinion('bits', System(1, [thread('t', 'flags = flags | x << 1', 'flags = flags | x & y & 6', 'flags = flags & 14 ^ 2')],
                       initial=[{'x': x, 'y': y} for x in range(8) for y in range(8)], x=0, y=0, flags=0))
opinion('wrap', System(1, [thread(
    't', 'sequence = (sequence + step) % 8', 'low = (low - step + 2) % 6 - 2', 'high = (100 * step - 50 - 5) % 3 + 5',
    'ring = ring[:step % 2] + ((2 * sequence + 1) % 5,) + ring[step % 2 + 1:]', 'sent = step % 3',
    ('var', 'local', '(step - 1) % 4 + 1'), 'low = (local * local * local + 2) % 6 - 2',
    'local = (((8 + local) % 8 + 1) % 4 - 1) % 4 + 1', 'sequence = (step % 8 + 1) % 4')],
    initial=[{'step': n} for n in range(10)], sequence=6, low=0, high=5, ring=(0, 4), sent=None, step=0))

# ------------------------------------------------------------------------------------------------- hand-overs (4.11)
opinion('hand_over', *[System(n, [
    thread('giver', ('give', 'c', '2'), 'pass', ('give', 'c', 'x + 1')),
    thread('taker', ('take', 'c', 'x'), ('take', 'c', 'x'))], x=0) for n in (1, 2)])


def of_ring(me, following, has):
    gives = [('give', following, '0')] if has else []
    n = 'n_' + me
    return thread(me, *gives, ('loop', [('take', me, n), ('give', following, f'({n} + 1) % 3'), f'{n} = 0']))


opinion('hand_over_ring', System(1, [of_ring('a', 'b', True), of_ring('b', 'c', False), of_ring('c', 'a', False)],
                                 n_a=0, n_b=0, n_c=0))
opinion('hand_over_chosen', System(1, [
    thread('giver', ('choose', 'i', 'range(2)'), ('give', '="gate%d" % i', 'i + 1'), 'desk = 1',
           ('give', '="desk%d" % desk', '2')),
    *[thread(n, ('take', f'gate{i}', None, 'True', [f'got = {put}']))
      for i, (n, put) in enumerate([('first', '(1, got[1])'), ('second', '(got[0], 2)')])],
    *[thread(n, ('take', f'desk{i}', 'seen')) for i, n in enumerate(['third', 'fourth'])]],
    desk=0, got=(0, 0), seen=0))
MINE = [('var', 'mine', '0'), ('take', 'c', 'mine'), 'total += mine']
opinion('hand_over_to_many', System(2, [
    thread('giver', *[('give', 'c', '1')] * 3), thread('taker', *MINE),
    handler('worker', *MINE, level=0, when='started < 2', concurrent=2, accept='started += 1')], started=0, total=0))
opinion('hand_over_needs_one_cpu', *[System(n, [
    thread('high', RAISE, 'home = cpu()', 'home = None', LOWER), thread('giver', ('give', 'c', None)),
    thread('taker', ('on', 'C(0)', [('take', 'c', None), 'pass']))], fixed_cpus=(0,), home=None) for n in (1, 2)])
opinion('hand_over_guarded', System(1, [
    thread('giver', ('give', 'c', '1', 'got == 0', ['order = order * 10 + 2'])),
    thread('taker', ('take', 'c', 'got', 'open', ['order = order * 10 + 1'])), thread('opener', 'open = True')],
    open=False, got=0, order=0))
opinion('hand_over_at_pinned_level',
        System(2, [thread('giver', RAISE, ('give', 'c', None), LOWER), thread('taker', ('take', 'c', None))]),
        System(2, [thread('giver', ('give', 'c', None)), thread('taker', RAISE, ('take', 'c', None), LOWER)]))
LOCKED = [('mutex', 'lock'), ('take', 'c', None), ('release', 'lock')]
opinion('hand_over_stuck',
        System(1, [thread('giver', 'pass'), thread('taker', ('mutex', 'lock'), ('label', 'there', LOCKED[1]), LOCKED[2])],
               stuck="at('there')", lock=None),
        System(1, [thread('giver', ('label', 'm', ('mutex', 'lock')), ('label', 'g', ('give', 'c', None)), LOCKED[2]),
                   thread('taker', ('label', 'n', LOCKED[0]), ('label', 't', LOCKED[1]), LOCKED[2])],
               stuck="(at('g') and at('n')) or (at('t') and (at('m') or ended('giver')))", lock=None),
        System(1, [thread('giver', ('give', 'c', None)), thread('taker', *LOCKED)], lock=None),
        System(1, [thread('giver', ('mutex', 'lock'), ('label', 'g', ('give', 'c', None)), LOCKED[2]),
                   thread('taker', ('take', 'c', None, 'open'))], stuck="at('g')", lock=None, open=False))
opinion('hand_over_moves_what_has_no_cpu',
        System(2, [thread('spinner', ('on', 'C(0)', [RAISE, ('spin', "not at('waiting')"), LOWER])),
                   thread('taker', ('on', 'C(0)', [('label', 'waiting', ('take', 'c', None))])),
                   thread('giver', ('give', 'c', None))], fixed_cpus=(0,)))
opinion('hand_over_between_activations', System(2, [handler(
    'h', ('var', 'mine', '0'), 'mine = turn; turn += 1',
    ('if', 'mine == 0', [('give', 'c', '2')], [('take', 'c', 'got')]),
    level=0, when='started < 2', concurrent=2, accept='started += 1')], started=0, turn=0, got=0))
opinion('waits_for_a_start', System(2, [
    thread('t', ('mutex', 'm'), ('await', "running('h')"), ('release', 'm')), handler('h', 'pass', level=5, when='True')], m=None))


def main():
    write = '--write' in sys.argv
    wrong = 0
    for name, systems in OPINIONS.items():
        path = os.path.join(HERE, name + '.qsm')
        text = open(path).read()
        lines = []
        for system in systems:
            states, steps, depth = system.explore()
            lines.append(f'// plain: states {states} steps {steps} depth {depth}')
            if '--verbose' in sys.argv:
                print(name, lines[-1], system.broken)
        present = re.findall(r'^// plain: .*$', text, re.M)
        if write:
            text = re.sub(r'^// plain: .*\n', '', text, flags=re.M).rstrip() + '\n\n' + '\n'.join(lines) + '\n'
            open(path, 'w').write(text)
        elif present != lines:
            wrong += 1
            print(f'{name}: design says {present}, second opinion {lines}')
    designs = {f[:-4] for f in os.listdir(HERE) if f.endswith('.qsm')}
    for name in sorted(designs - set(OPINIONS)):
        wrong += 1
        print(f'{name}: no second opinion')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
