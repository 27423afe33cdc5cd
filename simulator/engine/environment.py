"""The clock: SimPy's environment with bare callbacks, integer microseconds and an ambient cause.

SimPy's own events cost several times what a callback costs, so its queue here takes both; and each entry remembers why
it was made, so that every record can say what explains it. SimPy's own test suite passes in it.
"""

from __future__ import annotations

import gc
import random
from collections import deque
from collections.abc import Callable, Generator, Iterator
from heapq import heapify, heappop, heappush
from itertools import count
from operator import itemgetter
from typing import Any

from simpy import core as simpy_core
from simpy import events as simpy_events
from simpy.core import EmptySchedule, Infinity, StopSimulation

from simulator.engine.kinds import Record
from simulator.engine.randomness import Chance, stream
from simulator.engine.trace import Trace

__all__ = ["Environment", "Token"]

Token = Any
"""What `call_later` gives, for `cancel`."""

_MANY_CANCELLED = 256
_COLLECT_EVERY = 50_000
"""New objects between two looks of the garbage collector, 10 MB at most; more than the records that a trace keeps
unpacked, since to look at each of those costs a tenth of what it costs to keep them."""

_FAR = 1_000_000
"""µs; calls that are made so much ahead are mostly timers, which mostly are cancelled."""

_Entry = list[Any]
"""Of the queue: moment, priority, number, cause, callback, argument. Without a callback it was cancelled or, if its
argument is a delay, it stands for the first of a line."""
_NUMBER, _CALLBACK, _ARGUMENT = 2, 4, 5
_callback = itemgetter(_CALLBACK)


class Environment(simpy_core.Environment):
    """An execution environment whose queue takes SimPy events and `(callback, argument)` entries alike.

    `now` is in µs since the start of the scenario. `cause` is the record that explains what is running: scheduling
    remembers it, and running an entry restores it before each callback.
    """

    __slots__ = ("now",)

    now: Any
    """Simulated time in µs; an int unless ordinary SimPy code scheduled by fractions."""

    def __init__(
        self, initial_time: Any = 0, *, seed: int = 0, keep: bool = True, chance: Chance | None = None
    ) -> None:
        """`chance` stands in for the streams of the seed; only live mode has one, where nothing may be foretold."""
        super().__init__(initial_time)
        self.queue: list[_Entry] = []
        self.ids = count()
        """The numbers of the entries. Streams put theirs into `queue` by themselves: no call would be made oftener."""
        self._lines: dict[int, deque[_Entry]] = {}
        """By delay, what is far ahead. What has the same delay is due in the order in which it was made, so one entry
        of the queue stands for a whole line, and the queue stays short."""
        self._cancelled, self._enough = 0, _MANY_CANCELLED
        self._streams: dict[str, random.Random] = {}
        self._chance = chance
        self.seed = seed
        self.cause: Record | None = None
        self.trace = Trace(self, keep=keep)
        self.tasks: dict[Any, None] = {}
        """The tasks that are not finished, in the order in which they began."""

    @property
    def _now(self) -> Any:
        """What SimPy calls `now` inside."""
        return self.now

    @_now.setter
    def _now(self, moment: Any) -> None:
        self.now = moment

    def random(self, name: str) -> random.Random:
        """Return the random stream called `name`; asking twice gives the same stream, further on."""
        found = self._streams.get(name)
        if found is None:
            found = stream(self.seed, name) if self._chance is None else self._chance(name)
            self._streams[name] = found
        return found

    def schedule(self, event: simpy_events.Event, priority: Any = simpy_events.NORMAL, delay: Any = 0) -> None:
        """Queue a SimPy event; it will run for the reason that holds now."""
        heappush(self.queue, [self.now + delay, priority, next(self.ids), self.cause, self._run_event, event])

    def call_later(
        self, delay: int, callback: Callable[[Any], None], argument: Any = None, cause: Record | None = None
    ) -> Token:
        """Call `callback(argument)` in `delay` µs, for the reason `cause` (default: the one that holds now)."""
        entry = [self.now + delay, 1, next(self.ids), cause or self.cause, callback, argument]
        if delay < _FAR:
            heappush(self.queue, entry)
        elif delay in self._lines:
            self._lines[delay].append(entry)
        else:
            self._lines[delay] = deque((entry,))
            self._stand_for(entry, delay)
        return entry

    def _stand_for(self, first: _Entry, delay: int) -> None:
        heappush(self.queue, [first[0], 1, first[_NUMBER], None, None, delay])

    def call_at(self, moment: int, callback: Callable[[Any], None], argument: Any, cause: Record | None) -> None:
        """Call `callback(argument)` at `moment` (µs), not before now, because of `cause`; it cannot be taken back."""
        heappush(self.queue, [moment, 1, next(self.ids), cause, callback, argument])

    def cancel(self, token: Token) -> None:
        """Forget a call that has not run yet, and all that it knows; it will not move the clock.

        When most of a long queue is cancelled it is cleared out.
        """
        token[_CALLBACK] = token[_ARGUMENT] = None
        self._cancelled += 1
        if self._cancelled > self._enough:
            self._clear_out()

    def _clear_out(self) -> None:
        waiting = len(self.queue) + sum(len(line) - 1 for line in self._lines.values())
        if 2 * self._cancelled > waiting:
            left = {delay: deque(filter(_callback, line)) for delay, line in self._lines.items()}
            self._lines = lines = {delay: line for delay, line in left.items() if line}
            self.queue[:] = [entry for entry in self.queue if _callback(entry) or entry[_ARGUMENT] in lines]
            heapify(self.queue)
            waiting -= self._cancelled
            self._cancelled = 0
        self._enough = max(_MANY_CANCELLED, waiting - self._cancelled)

    def _pass_by(self, number: int, delay: int | None) -> None:
        """Deal with an entry without callback: what it stands for comes into the queue, unless that was cancelled."""
        if delay is None:
            self._cancelled -= 1
            return
        line = self._lines[delay]
        while line and (line[0][_CALLBACK] is None or line[0][_NUMBER] == number):
            entry = line.popleft()
            if entry[_CALLBACK] is None:
                self._cancelled -= 1
            else:
                heappush(self.queue, entry)
        if line:
            self._stand_for(line[0], delay)
        else:
            del self._lines[delay]

    def _next_due(self) -> _Entry | None:
        """The next entry that is not cancelled."""
        heap = self.queue
        while heap and heap[0][_CALLBACK] is None:
            _, _, number, _, _, delay = heappop(heap)
            self._pass_by(number, delay)
        return heap[0] if heap else None

    def peek(self) -> Any:
        """Return the time of the next entry in µs, or infinity."""
        entry = self._next_due()
        return Infinity if entry is None else entry[0]

    def step(self) -> None:
        """Run the next entry. Raises `EmptySchedule` if there is none."""
        if self._next_due() is None:
            raise EmptySchedule
        self._run(heappop(self.queue))

    def _run(self, entry: _Entry) -> None:
        due, _, number, cause, callback, argument = entry
        if callback is None:
            self._pass_by(number, argument)
        else:
            self.now = due
            self.cause = cause
            callback(argument)

    def _run_event(self, event: Any) -> None:
        cause = self.cause
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
            if until is None:
                self._run_all()
            else:
                self._run_due(until)
        finally:
            gc.set_threshold(often, *older)

    def advance_to(self, moment: int, ahead: int = 0) -> None:
        """Run what is due up to `moment` + `ahead` µs; the clock shows at least `moment`: time goes by outside."""
        self._run_due(moment + ahead)
        self.now = max(self.now, moment)

    def _run_due(self, last: int) -> None:
        heap = self.queue
        while heap and heap[0][0] <= last:
            self._run(heappop(heap))

    def _run_all(self) -> None:
        """Run each entry as `_run` does, without a call of its own: no loop goes round more often."""
        heap = self.queue
        while heap:
            due, _, number, cause, callback, argument = heappop(heap)
            if callback is None:
                self._pass_by(number, argument)
                continue
            self.now = due
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
