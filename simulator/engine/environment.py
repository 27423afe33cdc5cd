"""The clock: SimPy's environment with bare callbacks, integer microseconds and an ambient cause.

SimPy's own events cost several times what a callback costs, so its queue here takes both; and each entry remembers why
it was made, so that every record can say what explains it. SimPy's own test suite passes in it.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Generator, Iterator
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

from simpy import core as simpy_core
from simpy import events as simpy_events
from simpy.core import EmptySchedule, Infinity, StopSimulation

from simulator.engine.kinds import Record
from simulator.engine.randomness import Chance, stream
from simulator.engine.trace import Trace

__all__ = ["Environment", "Token"]

Token = int
"""What `call_later` gives, for `cancel`."""

_EVENT: Any = object()
_MANY_CANCELLED = 256
_COLLECT_EVERY = 20_000
"""New objects between two looks of the garbage collector; a few MB at most."""
_Entry = tuple[Any, int, int, Any, Any, Any]


class Environment(simpy_core.Environment):
    """An execution environment whose queue takes SimPy events and `(callback, argument)` entries alike.

    `now` is in µs since the start of the scenario. `cause` is the record that explains what is running: scheduling
    remembers it, and running an entry restores it before each callback.
    """

    _now: Any

    def __init__(
        self, initial_time: Any = 0, *, seed: int = 0, keep: bool = True, chance: Chance | None = None
    ) -> None:
        """`chance` stands in for the streams of the seed; only live mode has one, where nothing may be foretold."""
        super().__init__(initial_time)
        self._heap: list[_Entry] = []
        self._ids = count()
        self._cancelled: set[int] = set()
        self._streams: dict[str, random.Random] = {}
        self._chance = chance
        self.seed = seed
        self.cause: Record | None = None
        self.trace = Trace(self, keep=keep)
        self.tasks: dict[Any, None] = {}
        """The tasks that are not finished, in the order in which they began."""

    @property
    def now(self) -> Any:
        """Simulated time in µs; an int unless ordinary SimPy code scheduled by fractions."""
        return self._now

    def random(self, name: str) -> random.Random:
        """Return the random stream called `name`; asking twice gives the same stream, further on."""
        found = self._streams.get(name)
        if found is None:
            found = stream(self.seed, name) if self._chance is None else self._chance(name)
            self._streams[name] = found
        return found

    def schedule(self, event: simpy_events.Event, priority: Any = simpy_events.NORMAL, delay: Any = 0) -> None:
        """Queue a SimPy event; it will run for the reason that holds now."""
        heappush(self._heap, (self._now + delay, priority, next(self._ids), self.cause, _EVENT, event))

    def call_later(
        self, delay: int, callback: Callable[[Any], None], argument: Any = None, *, cause: Record | None = None
    ) -> Token:
        """Call `callback(argument)` in `delay` µs, for the reason `cause` (default: the one that holds now)."""
        token = next(self._ids)
        entry = (self._now + delay, 1, token, self.cause if cause is None else cause, callback, argument)
        heappush(self._heap, entry)
        return token

    def call_at(self, moment: int, callback: Callable[[Any], None], argument: Any, cause: Record | None) -> None:
        """Call `callback(argument)` at `moment` (µs), not before now, because of `cause`; it cannot be taken back."""
        heappush(self._heap, (moment, 1, next(self._ids), cause, callback, argument))

    def cancel(self, token: Token) -> None:
        """Forget a call that has not run yet; it will not move the clock.

        When most of a long queue is cancelled it is cleared out, since each entry keeps a whole session alive.
        """
        heap, cancelled = self._heap, self._cancelled
        cancelled.add(token)
        if len(cancelled) > _MANY_CANCELLED and 2 * len(cancelled) > len(heap):
            heap[:] = [entry for entry in heap if entry[2] not in cancelled]
            heapify(heap)
            cancelled.clear()

    def _drop_cancelled(self) -> None:
        heap, cancelled = self._heap, self._cancelled
        while heap and heap[0][2] in cancelled:
            cancelled.discard(heappop(heap)[2])

    def peek(self) -> Any:
        """Return the time of the next entry in µs, or infinity."""
        if self._cancelled:
            self._drop_cancelled()
        return self._heap[0][0] if self._heap else Infinity

    def step(self) -> None:
        """Run the next entry. Raises `EmptySchedule` if there is none."""
        if self._cancelled:
            self._drop_cancelled()
        if not self._heap:
            raise EmptySchedule
        self._now, _, _, cause, callback, argument = heappop(self._heap)
        if callback is _EVENT:
            self._run_event(argument, cause)
        else:
            self.cause = cause
            callback(argument)

    def _run_event(self, event: Any, cause: Record | None) -> None:
        callbacks, event.callbacks = event.callbacks, None
        waiting = iter(callbacks)
        try:
            for callback in waiting:
                self.cause = cause
                callback(event)
        except StopSimulation:
            event.callbacks = list(waiting)
            self.schedule(event, simpy_events.EventPriority(-1))
            raise
        if not event._ok and not hasattr(event, "_defused"):
            failure = type(event._value)(*event._value.args)
            failure.__cause__ = event._value
            raise failure

    def advance(self, until: int | None = None) -> None:
        """Run all entries, or those due up to and including `until` µs, and leave the clock at the last one run.

        Sessions are cycles of objects that live long enough to be looked at again and again, so the garbage collector
        is asked to look more rarely meanwhile.
        """
        often, *older = gc.get_threshold()
        gc.set_threshold(max(often, _COLLECT_EVERY) if often else 0, *older)
        try:
            self._run_due(Infinity if until is None else until)
        finally:
            gc.set_threshold(often, *older)

    def advance_to(self, moment: int, ahead: int = 0) -> None:
        """Run what is due up to `moment` + `ahead` µs; the clock shows at least `moment`: time goes by outside."""
        self._run_due(moment + ahead)
        self._now = max(self._now, moment)

    def _run_due(self, last: Any) -> None:
        heap, cancelled = self._heap, self._cancelled
        while heap and heap[0][0] <= last:
            due, _, token, cause, callback, argument = heappop(heap)
            if cancelled and token in cancelled:
                cancelled.discard(token)
                continue
            self._now = due
            if callback is _EVENT:
                self._run_event(argument, cause)
            else:
                self.cause = cause
                callback(argument)

    def keep(self, event: simpy_events.Event) -> Generator[simpy_events.Event, Any, Any]:
        """Wait for `event`, but go on for my own reason: `value = yield from env.keep(event)`."""
        cause = self.cause
        outcome = yield event
        self.cause = cause
        return outcome

    def waiting(self) -> Iterator[str]:
        """Name, in the order in which they began, the tasks that are not finished, and what each waits for."""
        return map(str, self.tasks)
