"""The clock of a live world: simulated time follows the clock on the wall, at a pace.

It has no task of its own. After each outside event it runs what is due, then asks the loop to call back at the next
due time; whatever breaks in between ends one session and never the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any, Final

from simulator.engine.environment import Environment
from simulator.engine.trace import AT, SESSION
from simulator.engine.transport import Network
from simulator.records.kinds_queue import ALERT

__all__ = ["AT_ONCE", "Clock", "WallTimers"]

AT_ONCE: Final = 0.0
"""The pace at which nothing waits for the clock on the wall."""

_MICROSECONDS: Final = 1_000_000
_NEVER: Final = float("inf")
_GRAIN_US: Final = 1_000
"""What is due within a millisecond is due: no loop wakes up more exactly, and a chain of short hops would crawl."""
_LEAP_US: Final = 100_000
"""How much simulated time goes by between two looks at the clock on the wall, at the pace AT_ONCE."""
_TURN_SECONDS: Final = 0.02
"""How long the world may run on, at the pace AT_ONCE, before sockets are looked at again."""


class Clock:
    """Runs one world; `pace` is simulated seconds a second, or AT_ONCE."""

    def __init__(self, network: Network, loop: asyncio.AbstractEventLoop, pace: float) -> None:
        self.loop = loop
        self._network = network
        self._env: Environment = network.env
        self._pace = pace
        self._began = loop.time()
        self._start = int(self._env.now)
        self._armed: asyncio.TimerHandle | None = None
        self._soon = False
        self._grain = int(_GRAIN_US * pace)

    def call(self, act: Callable[..., object], *arguments: Any) -> None:
        """Let an outside event happen: bring the world up to now, `act`, and run what follows from it."""
        self._bring_up()
        try:
            act(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one session's
            self._broke(error)
        self._run()
        self._arm()

    def stop(self) -> None:
        """Call back no more."""
        if self._armed is not None:
            self._armed.cancel()
            self._armed = None

    def _run(self) -> None:
        """Run what is due now; at the pace AT_ONCE that is everything."""
        if self._pace == AT_ONCE:
            self._run_on()
        else:
            self._bring_up()

    def _bring_up(self) -> None:
        """Run what is due by the clock on the wall, and let the world's show the same."""
        now = self._start + int((self.loop.time() - self._began) * _MICROSECONDS * (self._pace or 1))
        while not self._advanced(now, self._grain):
            pass

    def _run_on(self) -> None:
        """Run everything, for a while at most."""
        env = self._env
        end = 0.0
        while (due := env.peek()) < _NEVER:
            if not end:
                end = self.loop.time() + _TURN_SECONDS
            elif self.loop.time() > end:
                self._soon = True
                return
            self._advanced(int(due), _LEAP_US)

    def _advanced(self, moment: int, ahead: int) -> bool:
        """Run what is due up to a moment and a little ahead; false if something broke, and there may be more."""
        try:
            self._env.advance_to(moment, ahead)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one session's
            self._broke(error)
            return False
        return True

    def _broke(self, error: Exception) -> None:
        """Record a fault of ours, and end the session in which it happened."""
        cause = self._env.cause
        session = None if cause is None else cause[SESSION]
        at = None if cause is None else cause[AT]
        self._env.trace.write(ALERT, (f"{type(error).__name__}: {error}",), at=at, session=session, leaf=True)
        for stream in self._network.open_sessions.get(session or 0, ()):
            stream.reset()

    def _arm(self) -> None:
        """Ask the loop to call back when something is due."""
        if self._soon:
            self._soon = False
            self.loop.call_soon(self._tick)
            return
        due = self._env.peek()
        if due == _NEVER:
            return
        when = self._began + (due - self._start) / _MICROSECONDS / (self._pace or 1)
        if self._armed is not None:
            if self._armed.when() <= when:
                return
            self._armed.cancel()
        self._armed = self.loop.call_at(when, self._wake)

    def _wake(self) -> None:
        self._armed = None
        self._tick()

    def _tick(self) -> None:
        self._run()
        self._arm()


class WallTimers:
    """Timers that measure the silence of real clients: µs on the wall, whatever the pace."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens = count(1)
        self._handles: dict[int, asyncio.TimerHandle] = {}

    @property
    def now(self) -> int:
        """µs of the loop's clock."""
        return int(self._clock.loop.time() * _MICROSECONDS)

    def call_later(self, delay: int, callback: Callable[[Any], None], argument: Any = None) -> int:
        """Call `callback(argument)` in `delay` µs as an outside event."""
        token = next(self._tokens)

        def due() -> None:
            del self._handles[token]
            self._clock.call(callback, argument)

        self._handles[token] = self._clock.loop.call_later(delay / _MICROSECONDS, due)
        return token

    def cancel(self, token: int) -> None:
        """Forget a call; one that has run already is no error."""
        handle = self._handles.pop(token, None)
        if handle is not None:
            handle.cancel()
