"""Tasks: generators that wait for starters, and what happens when nobody waits any more."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.engine.base_kinds import NOTE
from simulator.engine.environment import Environment
from simulator.engine.task import Inbox, Task, sleep, spawn


def now(value: Any) -> Any:
    """A starter that answers at once."""
    return lambda task: task.resume(value)


def test_a_task_runs_up_to_its_first_wait_at_once_and_tells_its_end() -> None:
    env = Environment()
    log: list[object] = []

    def story() -> Any:
        log.append("begins")
        yield sleep(env, 5_000)
        log.append(env.now)
        return "value"

    spawn(env, story(), log.append)
    assert log == ["begins"]
    env.advance()
    assert log == ["begins", 5_000, "value"]
    assert list(env.waiting()) == []


def test_a_hundred_thousand_answers_at_once_need_no_stack() -> None:
    env = Environment()

    def story() -> Any:
        total = 0
        for number in range(100_000):
            total += yield now(number)
        return total

    results: list[int] = []
    spawn(env, story(), results.append)
    assert results == [sum(range(100_000))]


def test_an_error_is_raised_at_the_step_that_was_waited_for_and_may_be_caught() -> None:
    env = Environment()
    caught: list[str] = []

    def story() -> Any:
        try:
            yield lambda task: task.fail(KeyError("no"))
        except KeyError as error:
            caught.append(str(error))
        return (yield now("on"))

    spawn(env, story(), caught.append)
    assert caught == ["'no'", "on"]


def test_an_error_that_leaves_the_task_is_told_or_raised() -> None:
    env = Environment()

    def story() -> Any:
        yield now(1)
        raise OSError("gone")

    told: list[Exception] = []
    spawn(env, story(), failed=told.append)
    assert [str(error) for error in told] == ["gone"]
    with pytest.raises(OSError, match="gone"):
        spawn(env, story())
    assert list(env.waiting()) == []


def test_simpy_events_may_be_waited_for_also_when_they_are_over_or_failed() -> None:
    env = Environment()
    done = env.timeout(1, "one")
    failed = env.event()
    failed.fail(ValueError("bad"))
    failed.defused = True
    env.advance()
    got: list[object] = []

    def story() -> Any:
        got.append((yield done))
        got.append((yield env.timeout(5, "later")))
        try:
            yield failed
        except ValueError as error:
            got.append(str(error))

    spawn(env, story())
    env.advance()
    assert got == ["one", "later", "bad"]


def test_a_cancelled_task_cleans_up_tells_nobody_and_moves_no_clock() -> None:
    env = Environment()
    log: list[object] = []

    def story() -> Any:
        try:
            yield sleep(env, 1_000_000)
        finally:
            log.append("cleaned up")

    task = spawn(env, story(), log.append, log.append)
    task.cancel()
    task.resume("late")
    task.cancel()
    env.advance()
    assert (log, env.now, list(env.waiting())) == (["cleaned up"], 0, [])


def test_a_task_may_cancel_itself_by_what_it_does() -> None:
    env = Environment()
    log: list[str] = []
    tasks: list[Task] = []

    def story() -> Any:
        yield sleep(env, 1)
        tasks[0].cancel()
        log.append("until the next wait")
        try:
            yield sleep(env, 1_000)
        finally:
            log.append("closed")
        log.append("never")

    tasks.append(spawn(env, story(), lambda _: log.append("done")))
    env.advance()
    assert (log, env.now) == (["until the next wait", "closed"], 1)


def test_a_wait_that_was_left_for_another_reason_gives_up_its_timer() -> None:
    env = Environment()
    log: list[object] = []

    def story() -> Any:
        try:
            yield sleep(env, 1_000_000)
        except TimeoutError:
            log.append((yield now("went on")))

    task = spawn(env, story())
    task.fail(TimeoutError())
    env.advance()
    assert (log, env.now) == (["went on"], 0)


def test_items_of_an_inbox_keep_their_causes_and_the_putter_keeps_its_own() -> None:
    env = Environment()
    inbox = Inbox(env, "work")
    log: list[object] = []

    def worker() -> Any:
        while True:
            item = yield inbox.get()
            log.append((item, env.cause))
            env.trace.write(NOTE, ("worked",))

    spawn(env, worker(), name="the worker")
    one = env.trace.write(NOTE, ("one",))
    inbox.put("first")
    assert env.cause is one
    two = env.trace.write(NOTE, ("two",))
    inbox.put("second")
    assert log == [("first", one), ("second", two)]
    assert list(env.waiting()) == ["the worker waits for work"]


def test_a_reader_that_left_takes_nothing_out_of_an_inbox() -> None:
    env = Environment()
    inbox = Inbox(env)

    def reader(log: list[object]) -> Any:
        log.append((yield inbox.get()))

    gone: list[object] = []
    there: list[object] = []
    spawn(env, reader(gone)).cancel()
    inbox.put("item")
    spawn(env, reader(there))
    assert (gone, there) == ([], ["item"])


def test_the_report_names_what_waits_for_ever() -> None:
    env = Environment()

    def story() -> Any:
        yield lambda task: setattr(task, "waits_for", "Godot")

    spawn(env, story(), name="Vladimir")
    env.advance()
    assert list(env.waiting()) == ["Vladimir waits for Godot"]
