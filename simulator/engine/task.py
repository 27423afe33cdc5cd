"""Tasks: plain generators that read as a story and cost no engine event of their own.

A generator yields a *starter*, a callable that is given the task and later calls `resume` or `fail` on it, once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any, cast

from simpy.events import Event

from simulator.engine.environment import Environment

__all__ = ["Cancelled", "Inbox", "Starter", "Story", "Task", "sleep", "spawn"]

Story = Generator[Any, Any, Any]
Starter = Callable[["Task"], None]

_NOTHING: Any = object()


class Cancelled(Exception):
    """Thrown into a task whose host went down or whose owner gave it up."""


class Task:
    """One running generator.

    `name` and `waits_for` are for the report of a run that stands still. An exception that leaves the generator goes
    to `failed`; without one it is raised where the task was resumed. A starter may set `give_up`, which is called once
    when the task stops waiting, whatever the reason: a timer that lost moves no clock, a reader that left takes none.
    """

    __slots__ = (
        "_env", "_ident", "_outcome", "_owner", "_running", "_story", "done", "failed", "finished", "give_up", "name",
        "waits_for",
    )  # fmt: skip

    def __init__(
        self,
        env: Environment,
        story: Story,
        *,
        name: str,
        done: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
        owner: dict[Task, None] | None = None,
    ) -> None:
        """`owner` is a table of tasks, in which this one stands until it ends."""
        self._env = env
        self._owner = owner
        self._story = story
        self.failed = failed
        self._running = False
        self._outcome: Any = _NOTHING
        self._ident = next(env.task_ids)
        self.name = name
        self.done = done
        self.finished = False
        self.give_up: Callable[[], None] | None = None
        self.waits_for: object = "its turn"
        env.tasks[self._ident] = self
        if owner is not None:
            owner[self] = None

    def resume(self, value: Any = None) -> None:
        """Go on with `value` as the result of the step that was waited for."""
        self._go(value, None)

    def fail(self, error: Exception) -> None:
        """Go on by raising `error` at the step that was waited for."""
        self._go(None, error)

    def cancel(self) -> None:
        """End the task now; its generator's `finally` clauses run, nobody is told."""
        if not self.finished:
            self._finish()
            self._leave()
            if not self._running:
                self._story.close()

    def _leave(self) -> None:
        """Stop waiting."""
        give_up, self.give_up = self.give_up, None
        if give_up is not None:
            give_up()

    def _finish(self) -> None:
        self.finished = True
        self.done = self.failed = None  # they know the task, and no cycle should wait for the garbage collector
        self._env.tasks.pop(self._ident, None)
        if self._owner is not None:
            self._owner.pop(self, None)

    def _go(self, value: Any, error: Exception | None) -> None:
        if self.finished:
            return
        if self._running:
            self._outcome = value, error
            return
        if self.give_up is not None:
            self._leave()
        self._running = True
        try:
            self._loop(value, error)
        finally:
            self._running = False

    def _loop(self, value: Any, failure: Exception | None) -> None:
        story = self._story
        while True:
            try:
                start = story.send(value) if failure is None else story.throw(failure)
            except StopIteration as stop:
                self._end(self.done, stop.value)
                return
            except Exception as error:
                if self.failed is None and not self.finished:
                    self._finish()
                    raise
                self._end(self.failed, error)
                return
            self._outcome = _NOTHING
            if not self.finished:
                self._wait(start)
            if self.finished:  # cancelled by what it did itself
                story.close()
                return
            if self._outcome is _NOTHING:
                return
            value, failure = self._outcome

    def _wait(self, start: Any) -> None:
        """Begin the wait that the generator asked for; its result may be there at once."""
        if isinstance(start, Event):
            _wait_for(start, self)
        else:
            start(self)
        if self._outcome is not _NOTHING and self.give_up is not None:
            self._leave()

    def _end(self, tell: Callable[[Any], None] | None, value: Any) -> None:
        if not self.finished:
            self._finish()
            if tell is not None:
                tell(value)


def _wait_for(event: Event, task: Task) -> None:
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


def spawn(
    env: Environment,
    story: Story,
    done: Callable[[Any], None] | None = None,
    failed: Callable[[Exception], None] | None = None,
    *,
    name: str = "a task",
) -> Task:
    """Run `story` as a task, at once, up to its first wait."""
    task = Task(env, story, name=name, done=done, failed=failed)
    task.resume(None)
    return task


def sleep(env: Environment, delay: int) -> Starter:
    """Wait `delay` µs: `yield sleep(env, 5_000_000)`."""

    def start(task: Task) -> None:
        def over(_: object) -> None:
            task.give_up = None
            task.resume()

        task.waits_for = "a time"
        token = env.call_later(delay, over)
        task.give_up = lambda: env.cancel(token)

    return start


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
