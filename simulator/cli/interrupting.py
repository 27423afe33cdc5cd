"""Ctrl+C that is not lost: the interpreter drops an interruption that comes inside a finalizer or a callback from C.

So the first one is followed by others, a second apart, until the command has ended.
"""

from __future__ import annotations

import signal
from types import FrameType

__all__ = ["Interruptible"]

_AGAIN_SECONDS = 1.0


class Interruptible:
    """A stretch of work that Ctrl+C ends; `happened` tells whether somebody pressed it."""

    __slots__ = ("_before", "happened")

    def __init__(self) -> None:
        self.happened = False
        self._before: object = None

    def __enter__(self) -> Interruptible:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._remind(0)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.happened = True
        self._remind(_AGAIN_SECONDS)
        raise KeyboardInterrupt

    def _remind(self, seconds: float) -> None:
        if not hasattr(signal, "setitimer"):  # Windows has no interval timers
            return
        if seconds:
            signal.signal(signal.SIGALRM, self._interrupt)
        signal.setitimer(signal.ITIMER_REAL, seconds)
