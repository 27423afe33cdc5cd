"""The world screen on a run that goes on: what happens meanwhile is taken in, and who stands at the end goes along.

The panes, the filter and why are those of a finished run; only the trace grows. It is looked at a few times a second,
and less often when it is long, so that a flood of events costs no more than a share of the time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any, Final

from ..engine.kinds import Record
from ..text import set_language
from .view import View
from .walk import Walk
from .wire import Wire

__all__ = ["follow", "live_view", "watch"]

_FRAMES: Final = "60"
_LOOK_SECONDS: Final = 0.3
_SHARE: Final = 10
"""After a look that took t, the next one waits for at least this many times t."""


def live_view(run: Any, *, ascii_only: bool = False, no_color: bool = False, name: str | None = None) -> View:
    """Return the state of a world screen on a run that goes on, at its end and without fog."""
    walk = Walk(run, name=name)
    walk.fog = False
    view = View(walk, ascii_only=ascii_only, no_color=no_color)
    follow(view, run.records)
    walk.go(walk.rows[-1])
    return view


def follow(view: View, records: Sequence[Record]) -> bool:
    """Take in what `records` has more than the view knows; returns whether there was anything."""
    walk = view.walk
    if len(records) == walk.total and walk.records is not records:
        return False
    at_end = not walk.rows or walk.cursor >= walk.rows[-1]
    walk.renew(tuple(records))
    wire = Wire(walk)
    wire.sealed, wire.hex = view.wire.sealed, view.wire.hex
    view.wire = wire
    view.shown.clear()
    if at_end and walk.rows:
        walk.go(walk.rows[-1])
    return True


async def watch(
    run: Any, *, lang: str = "en", ascii_only: bool = False, no_color: bool = False, name: str | None = None
) -> None:
    """Show a run that goes on in the terminal until the person leaves."""
    set_language(lang)
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)  # read when textual is imported
    from .app import WorldApp

    view = live_view(run, ascii_only=ascii_only, no_color=no_color, name=name)

    class LiveApp(WorldApp):
        """A world that goes on."""

        def on_mount(self) -> None:
            """Begin to look."""
            self.set_timer(_LOOK_SECONDS, self._look)

        def _look(self) -> None:
            begin = time.perf_counter()
            if follow(view, run.records):
                self.redraw()
            self.set_timer(max(_LOOK_SECONDS, _SHARE * (time.perf_counter() - begin)), self._look)

    await LiveApp(view).run_async()
