"""The screen as plain text: drawn without a terminal, or read from a running application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from simulator.tui.app import WorldApp
from simulator.tui.frame import paint
from simulator.tui.view import View


def drawn(view: View, width: int, height: int) -> str:
    """What the view draws in a window of that size."""
    grid = [[" "] * width for _ in range(height)]
    for area, lines in paint(view, width, height):
        assert len(lines) == area.rect.height, area
        for y, made in enumerate(lines, start=area.rect.y):
            assert len(made.text) <= area.rect.width, (area.id, made.text)
            grid[y][area.rect.x : area.rect.x + len(made.text)] = made.text
    return "\n".join("".join(row).rstrip() for row in grid) + "\n"


def seen(app: WorldApp) -> str:
    """What the running application shows, read from Textual's compositor."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips) + "\n"


@asynccontextmanager
async def running(view: View, width: int = 80, height: int = 24) -> AsyncIterator[tuple[WorldApp, Pilot[Any]]]:
    """Run the application in a window of that size without a terminal."""
    app = WorldApp(view)
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause()
        yield app, pilot
