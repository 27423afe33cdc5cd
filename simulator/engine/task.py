"""Tasks: plain generators that read as a story and cost no engine event of their own.

A generator yields a *starter*, a callable that is given the task and later calls `resume` or `fail` on it, once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Protocol, cast

from simpy.events import Event

from simulator.engine.environment import Environment

__all__ = ["Inbox", "Starter", "Story", "Task", "sleep", "spawn"]

Story = Generator[Any, Any, Any]
Starter = Callable[["Task"], None]


class Owner(Protocol):
    """Whose tasks these are."""

    name: str


class Task:
    """One running generator.

    `name` and `waits_for` are for the report of a run that stands still. An exception that leaves the generator or its
    starter goes to `failed`; without one it is raised where the task was resumed. A starter may set `give_up`, which is
    called once when the task stops waiting, whatever the reason: a timer that lost moves no clock, a reader that left
    takes none.
    """

    __slots__ = (
        "_busy", "_env", "_outcome", "_story", "done", "failed", "finished", "give_up", "name", "owner", "waits_for",
    )  # fmt: skip

    def __init__(
        self,
        env: Environment,
        story: Story,
        name: str,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        owner: Owner | None = None,
    ) -> None:
        self._env = env
        self._story = story
        self._busy = self.finished = False
        self._outcome: tuple[Any, Exception | None] | None = None
        self.name = name
        self.owner = owner
        self.done = done
        self.failed = failed
        self.give_up: Callable[[], None] | None = None
        self.waits_for: object = "its turn"
        env.tasks[self] = None

    def __str__(self) -> str:
        """What the report of a run that stands still says."""
        place = "" if self.owner is None else f" on {self.owner.name}"
        return f"{self.name}{place} waits for {self.waits_for}"

    def resume(self, value: Any = None, failure: Exception | None = None) -> None:
        """Go on with `value` as the result of the step that was waited for, or by raising `failure` there."""
        if self._busy:  # it runs, and goes on with this at once, or it is over
            self._outcome = None if self.finished else (value, failure)
            return
        self._busy, story = True, self._story
        try:
            while True:
                if self.give_up is not None:
                    self._stop_waiting()
                start = story.send(value) if failure is None else story.throw(failure)
                self._outcome = None
                if not self.finished:  # else cancelled by what it did itself
                    (start if callable(start) else _starter(start))(self)
                if self._outcome is None:
                    break
                value, failure = self._outcome
        except StopIteration as stop:
            self._end(self.done, stop.value)
        except Exception as error:  # noqa: BLE001 - it is told, or raised again
            self._end(self.failed or _raised, error)
        finally:
            if self.finished:
                story.close()
            else:
                self._busy = False

    def fail(self, error: Exception) -> None:
        """Go on by raising `error` at the step that was waited for."""
        self.resume(None, error)

    def cancel(self) -> None:
        """End the task now; its generator's `finally` clauses run, nobody is told."""
        if not self.finished:
            self._finish()
            if self.give_up is not None:
                self._stop_waiting()
            if not self._busy:
                self._busy = True
                self._story.close()

    def _stop_waiting(self) -> None:
        give_up, self.give_up = self.give_up, None
        assert give_up is not None
        give_up()

    def _finish(self) -> None:
        self.finished = True
        self.done = self.failed = None  # they know the task, and no cycle should wait for the garbage collector
        del self._env.tasks[self]

    def _end(self, tell: Callable[[Any], None] | None, value: Any) -> None:
        if not self.finished:
            self._finish()
            if tell is not None:
                tell(value)


def _raised(error: Exception) -> None:
    raise error


def _starter(event: Event) -> Starter:
    """Let a task wait for an event of SimPy."""

    def start(task: Task) -> None:
        def happened(done: Event) -> None:
            if done.ok:
                task.resume(done.value)
            else:
                done.defused = True
                task.fail(cast(Exception, done.value))

        if event.callbacks is None:
            happened(event)
        else:
            event.callbacks.append(happened)

    return start


def spawn(
    env: Environment,
    story: Story,
    done: Callable[[Any], None] | None = None,
    failed: Callable[[Exception], None] | None = None,
    *,
    name: str = "a task",
) -> Task:
    """Run `story` as a task, at once, up to its first wait."""
    task = Task(env, story, name, done, failed)
    task.resume()
    return task


def sleep(env: Environment, delay: int) -> Starter:
    """Wait `delay` µs: `yield sleep(env, 5_000_000)`."""

    def start(task: Task) -> None:
        task.waits_for = "a time"
        task.give_up = partial(env.cancel, env.call_later(delay, _over, task))

    return start


def _over(task: Task) -> None:
    task.give_up = None  # the timer is no more
    task.resume()


class Inbox:
    """A queue of things to do for one task; each item remembers why it was put there.

    SimPy's `Store` would blame whoever was served last.
    """

    __slots__ = ("_env", "_items", "_reader", "name")

    def __init__(self, env: Environment, name: str = "an item") -> None:
        self._env = env
        self._items: deque[tuple[Any, Any]] = deque()
        self._reader: Task | None = None
        self.name = name

    def put(self, item: Any) -> None:
        """Add `item`, for the reason that holds now."""
        self._items.append((item, self._env.cause))
        reader, self._reader = self._reader, None
        if reader is not None:
            self._give(reader)

    def get(self) -> Starter:
        """Wait for the next item: `item = yield inbox.get()`."""

        def start(task: Task) -> None:
            task.waits_for = self.name
            if self._items:
                item, self._env.cause = self._items.popleft()
                task.resume(item)
            else:
                self._reader = task
                task.give_up = self._forget_reader

        return start

    def _forget_reader(self) -> None:
        self._reader = None

    def _give(self, task: Task) -> None:
        env = self._env
        before = env.cause
        item, env.cause = self._items.popleft()
        try:
            task.resume(item)
        finally:
            env.cause = before
