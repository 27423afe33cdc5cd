"""What runs inside the bench's terminal: an empty Textual application, or the stepping screen on a long trace."""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["READY"]

READY = "@application begins@"
"""Printed when everything but `App.run()` is done: imports, the world, the walk. Then a line is waited for."""

os.environ["TEXTUAL_FPS"] = "500"  # as `mailflow play` sets it, and fair to the empty application too
gc.set_threshold(100_000, 20, 20)  # likewise


def _wait() -> None:
    print(READY, flush=True)
    sys.stdin.readline()


def _empty() -> None:
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Empty(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("@painted@")

    app = Empty()
    _wait()
    app.run()


def _world(records: int, cursor: int | None) -> None:
    from simulator.scenario.world import Run
    from simulator.tui.app import WorldApp
    from simulator.tui.view import View
    from simulator.tui.walk import Walk
    from tests.bench.worlds import plain_world

    plain = plain_world(keep=True)
    while plain.world.env.trace.count < records:
        plain.deliver(10)
    app = WorldApp(View(Walk(Run(plain.world.scenario, plain.world, ()), cursor=cursor)))
    _wait()
    app.run()


if __name__ == "__main__":
    what, _sep, at = sys.argv[1].partition("@")
    _empty() if what == "empty" else _world(int(what), int(at) if at else None)
