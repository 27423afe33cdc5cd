"""The clock, its causes, and ordinary SimPy code in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from simpy.core import EmptySchedule

from simulator.engine import environment
from simulator.engine.base_kinds import NOTE
from simulator.engine.environment import Environment
from simulator.engine.kinds import Record
from simulator.engine.randomness import below, stream
from simulator.engine.trace import ALSO, CAUSE, LETTER, STAGE


def note(env: Environment, text: str, **more: Any) -> Record:
    return env.trace.write(NOTE, (text,), **more)


def test_a_callback_runs_for_the_reason_that_held_when_it_was_scheduled() -> None:
    env = Environment()
    causes: list[object] = []
    first = note(env, "first", cause=None, origin="x:1")
    env.call_later(20, lambda _: causes.append(env.cause))
    second = note(env, "second")
    env.call_later(10, lambda _: causes.append(env.cause))
    env.call_later(30, lambda _: causes.append(env.cause), cause=first)
    env.advance()
    assert causes == [second, first, first]
    assert second[CAUSE] == first[0]


def test_a_leaf_explains_nothing_that_follows() -> None:
    env = Environment()
    first = note(env, "first")
    note(env, "by-product", leaf=True)
    assert note(env, "second")[CAUSE] == first[0]


@pytest.mark.parametrize("letter", [None, 8])
@pytest.mark.parametrize("caused", [True, False])
def test_leaves_written_together_are_those_written_one_by_one(caused: bool, letter: int | None) -> None:
    together, alone = Environment(), Environment()
    seen: list[Record] = []
    together.trace.sink = seen.append
    for env in (together, alone):
        if caused:
            note(env, "cause", letter=7, stage="routing")
        env.call_later(5, lambda _: None)
        env.advance()
    together.trace.write_leaves(NOTE, [("a",), ("b",)], at="x", letter=letter)
    for text in ("a", "b"):
        note(alone, text, at="x", letter=letter, leaf=True)
    assert list(together.trace.records) == list(alone.trace.records) == seen
    assert note(together, "after") == note(alone, "after")


@pytest.mark.parametrize("caused", [True, False])
def test_the_short_ways_to_write_say_what_the_long_one_says(caused: bool) -> None:
    short, long = Environment(), Environment()
    for env in (short, long):
        if caused:
            note(env, "cause", letter=7, stage="routing")
    short.trace.write_leaf(NOTE, ("a",), "x", "y", "z", 3)
    short.trace.write_next(NOTE, ("b",), "x")
    short.trace.write_next(NOTE, ("c",), "x", "y", "z", 3)
    note(long, "a", at="x", frm="y", to="z", session=3, leaf=True)
    note(long, "b", at="x")
    note(long, "c", at="x", frm="y", to="z", session=3)
    assert list(short.trace.records) == list(long.trace.records)
    assert note(short, "after") == note(long, "after")


def test_letter_and_stage_are_inherited_unless_given() -> None:
    env = Environment()
    note(env, "a", letter=7, stage="routing")
    child = note(env, "b")
    other = note(env, "c", letter=8)
    assert (child[LETTER], child[STAGE], other[LETTER], other[STAGE]) == (7, "routing", 8, "routing")


@pytest.mark.parametrize("also", [(), [], (None,), iter([None])])
def test_also_is_a_tuple_of_numbers_whatever_was_given(also: Any) -> None:
    assert note(Environment(), "x", also=also)[ALSO] == ()


def test_also_takes_records_and_numbers() -> None:
    env = Environment()
    first = note(env, "a")
    assert note(env, "b", also=[first, None, 1])[ALSO] == (1, 1)


def test_where_nobody_hears_a_record_that_only_hands_on_is_its_cause() -> None:
    env = Environment(keep=False)
    action = note(env, "action", cause=None, origin="x:1")
    assert note(env, "handed on", leaf=True) is action and env.cause is action
    letter = note(env, "a letter begins", letter=7)
    assert letter is not action and letter[LETTER] == 7 and env.cause is letter
    assert note(env, "about it")[LETTER] == 7
    assert note(env, "another action", origin="x:2") is not letter
    env.trace.write_leaves(NOTE, [("nothing",)], at="x")
    assert not env.trace.records and not env.trace.heard


def test_a_trace_is_heard_as_soon_as_it_has_a_sink() -> None:
    env = Environment(keep=False)
    heard: list[Record] = []
    env.trace.sink = heard.append
    first = note(env, "first", cause=None)
    assert env.trace.heard and heard == [first, note(env, "second")]
    env.trace.sink = None
    note(env, "third")
    assert not env.trace.heard and len(heard) == 2


def test_a_kept_trace_may_have_a_sink_too() -> None:
    env = Environment()
    heard: list[Record] = []
    env.trace.sink = heard.append
    note(env, "first")
    env.trace.write_next(NOTE, ("second",), "x")
    assert heard == list(env.trace.records) and len(heard) == 2


def test_every_callback_of_a_simpy_event_runs_for_the_reason_of_the_event() -> None:
    env = Environment()
    causes: list[object] = []
    event = env.event()
    first = note(env, "why")
    event.callbacks.append(lambda _: causes.append(note(env, "a")[CAUSE]))
    event.callbacks.append(lambda _: causes.append(note(env, "b")[CAUSE]))
    event.succeed()
    note(env, "other")
    env.advance()
    assert causes == [first[0], first[0]]


def test_a_cancelled_call_neither_runs_nor_moves_the_clock() -> None:
    env = Environment()
    ran: list[int] = []
    tokens = [env.call_later(1_000 * number, ran.append, number) for number in range(1, 6)]
    for token in (tokens[1], tokens[3], tokens[4]):
        env.cancel(token)
    assert env.peek() == 1_000
    env.advance()
    assert (ran, env.now, env.peek()) == ([1, 3], 3_000, float("inf"))


@pytest.mark.parametrize("delay", [lambda number: 10_000 + number, lambda number: 10**9 + number, lambda _: 10**9])
def test_many_cancelled_calls_take_no_room(delay: Callable[[int], int]) -> None:
    env = Environment()
    kept: list[int] = []
    env.call_later(10**9, kept.append, 1)
    for number in range(5_000):
        env.cancel(env.call_later(delay(number), lambda _: None))
    assert len(env.queue) + sum(map(len, env._lines.values())) < 1_000
    env.advance()
    assert (env.now, kept, env.queue, env._lines) == (10**9, [1], [], {})


DELAYS = st.sampled_from((0, 7, 999_999, 10**6, 10**6, 10**6 + 7, 3 * 10**6, 3 * 10**6))
STEPS = st.lists(st.tuples(DELAYS, st.integers(0, 30), st.booleans()), max_size=60)


def course(steps: list[tuple[int, int, bool]], pace: int | None) -> list[tuple[int, ...]]:
    """When which call ran: each step makes two calls, the second of which goes on, and may cancel an earlier one."""
    env, log, tokens = Environment(), [], []

    def go_on(number: int) -> None:
        log.append((env.now, number))
        if number < len(steps):
            delay, which, cancels = steps[number]
            tokens.append(env.call_later(delay, lambda which: log.append((env.now, -which)), number))
            if cancels:
                env.cancel(tokens[which % len(tokens)])
            env.call_later(steps[which % len(steps)][0] // 2, go_on, number + 1)

    go_on(0)
    while (due := env.peek()) < float("inf"):
        log.append((due,))
        if pace is None:
            env.advance()
        elif pace:
            env.advance(due + pace)
        else:
            env.step()
    return [*log, (env.now,)]


@given(steps=STEPS, pace=st.sampled_from((None, 0, 1, 10**6)))
def test_calls_far_ahead_run_in_the_order_of_all_others(steps: list[tuple[int, int, bool]], pace: int | None) -> None:
    with patch.object(environment, "_FAR", float("inf")), patch.object(environment, "_MANY_CANCELLED", 10**9):
        expected = course(steps, pace)
    assert course(steps, pace) == expected
    with patch.object(environment, "_MANY_CANCELLED", 3):
        assert course(steps, pace) == expected


def test_calls_at_one_time_run_in_the_order_in_which_they_were_asked_for() -> None:
    env = Environment()
    ran: list[int] = []
    for number in range(5):
        env.call_later(7, ran.append, number)
    env.advance()
    assert ran == [0, 1, 2, 3, 4]


def test_advance_stops_at_the_time_given_and_leaves_the_clock_at_the_last_call() -> None:
    env = Environment()
    ran: list[int] = []
    for time in (10, 20, 30):
        env.call_later(time, ran.append, time)
    env.advance(20)
    assert (ran, env.now) == ([10, 20], 20)
    env.advance(25)
    assert env.now == 20
    env.advance()
    with pytest.raises(EmptySchedule):
        env.step()


def test_keep_waits_but_goes_on_for_its_own_reason() -> None:
    env = Environment()
    found: list[object] = []

    def patient(event: simpy.Event) -> Any:
        mine = env.cause
        value = yield from env.keep(event)
        found.append((value, env.cause is mine))

    event = env.event()
    note(env, "mine")
    env.process(patient(event))
    env.advance()
    note(env, "other")
    event.succeed("done")
    env.advance()
    assert found == [("done", True)]


def test_random_streams_are_named_seeded_and_do_not_disturb_each_other() -> None:
    one, two, other = Environment(seed=1), Environment(seed=1), Environment(seed=2)
    two.random("noise").random()
    values = [env.random("mx").getrandbits(64) for env in (one, two, other)]
    assert values[0] == values[1] != values[2]
    assert one.random("mx") is one.random("mx")


def test_a_number_below_a_limit_is_the_one_that_the_standard_library_draws() -> None:
    ours, theirs = stream(7, "dice"), stream(7, "dice")
    limits = [1, 2, 3, 6, 16_384, 65_535, 65_536] * 50
    assert [below(ours, limit) for limit in limits] == [theirs.randrange(limit) for limit in limits]


def test_ordinary_simpy_code_runs() -> None:
    env = Environment()
    log: list[tuple[int, str]] = []

    def clock(name: str, tick: int) -> Any:
        while True:
            log.append((env.now, name))
            yield env.timeout(tick)

    def interrupted() -> Any:
        try:
            yield env.timeout(100)
        except simpy.Interrupt as interrupt:
            log.append((env.now, str(interrupt.cause)))

    env.process(clock("fast", 2))
    env.process(clock("slow", 5))
    victim = env.process(interrupted())

    def rude() -> Any:
        yield env.timeout(3)
        victim.interrupt("wake up")

    env.process(rude())
    env.run(until=6)
    assert log == [(0, "fast"), (0, "slow"), (2, "fast"), (3, "wake up"), (4, "fast"), (5, "slow")]


def test_resources_conditions_and_failures_of_simpy_work() -> None:
    env = Environment()
    store: simpy.Store = simpy.Store(env)
    got: list[object] = []

    def consumer() -> Any:
        item = yield store.get()
        both = yield env.timeout(1, "a") & env.timeout(2, "b")
        got.extend([item, list(both.values()), env.now])
        raise ValueError("as asked")

    env.process(consumer())
    store.put("thing")
    with pytest.raises(ValueError, match="as asked"):
        env.run()
    assert got == ["thing", ["a", "b"], 2]


def test_run_until_an_event_gives_its_value() -> None:
    env = Environment()
    assert env.run(env.timeout(5, "value")) == "value"
    assert env.now == 5
