"""How far a long run is, on the terminal of whoever waits for it; a pipe or a log is told nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TextIO, TypeVar

from ..text import _, ngettext

__all__ = ["counted"]

_PATIENCE_SECONDS = 1.0
"""Nobody waits for less."""

T = TypeVar("T")


def counted(things: Sequence[T], screen: TextIO | None = None) -> Iterator[T]:
    """Give the things one by one, and say on the error stream how many are done and how long the rest may take."""
    screen = screen or sys.stderr
    return _told(things, screen) if screen.isatty() else iter(things)


def _told(things: Sequence[T], screen: TextIO) -> Iterator[T]:
    begun = time.monotonic()
    try:
        for done, thing in enumerate(things):
            gone = time.monotonic() - begun
            if done and gone > _PATIENCE_SECONDS:
                screen.write(f"\r\x1b[K{_words(done, len(things), gone)}")
                screen.flush()
            yield thing
    finally:
        screen.write("\r\x1b[K")
        screen.flush()


def _words(done: int, total: int, gone: float) -> str:
    left = round(gone / done * (total - done))
    rest = ngettext("{count} second left", "{count} seconds left", left).format(count=left)
    return _("{done} of {total}, about {rest}").format(done=done, total=total, rest=rest)
