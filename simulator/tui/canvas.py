"""A small grid of characters on which the map is drawn.

Lines are drawn around what is written already, so a link never crosses out a host.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len

from ..safe import safe_text
from .lines import Line

__all__ = ["Canvas", "Route"]

_FREE = " ·"
_RULES = "─═·"
"""What a line may be drawn over."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a host stands: its left edge, the end of its name, the end of its column, its row."""

    left: int
    end: int
    right: int
    row: int


class Canvas:
    """Cells (text of one character, style) in rows; rows appear as they are needed."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._rows: list[list[tuple[str, str]]] = []

    def put(self, x: int, y: int, text: str, style: str = "", *, over: str | None = None) -> None:
        """Write text at a cell; what does not fit is cut. Cells that hold anything but blanks and `over` are kept."""
        while len(self._rows) <= y:
            self._rows.append([(" ", "")] * self._width)
        row = self._rows[y]
        for char in safe_text(text):
            if not char.isascii() and cell_len(char) != 1:
                char = "?"
            if 0 <= x < self._width and (over is None or row[x][0] in over):
                row[x] = (char, style)
            x += 1

    def connect(self, one: Route, other: Route, label: str, rule: str, style: str, *, head: bool = True) -> None:
        """Draw a line from `one` to `other`, with an arrow head at `other` and the label on it."""
        forward = one.left <= other.left
        a, b = (one, other) if forward else (other, one)
        start, stop = a.end, b.left - 1
        if stop <= start:
            return
        bend = a.right + max(1, (b.left - a.right) // 2)
        if a.row == b.row:
            self._level(start, stop, a.row, rule, style)
        else:
            self._level(start, bend, a.row, rule, style)
            self._upright(bend, a.row, b.row, style)
            self._level(bend, stop, b.row, rule, style)
        if head:
            self._head(start, stop, a.row, b.row, style, forward=forward)
        middle = (bend if a.row != b.row else start) + max(
            1, (stop - (bend if a.row != b.row else start) - len(label)) // 2
        )
        arrow = stop - len(label) if forward else start + 1
        place = self._room_for(label, [middle, *sorted(range(start, stop), key=lambda x: abs(x - arrow))], b.row)
        if place is not None:
            self.put(place, b.row, label, style)

    def _room_for(self, label: str, places: list[int], y: int) -> int | None:
        """Return the first place at which a label has only the line itself under it; None where there is none."""
        return next((x for x in places if all(self._at(x + at, y) in _RULES for at in range(len(label)))), None)

    def _level(self, start: int, stop: int, y: int, rule: str, style: str) -> None:
        self.put(start, y, rule * (stop - start + 1), style, over=_FREE)

    def _upright(self, x: int, top: int, bottom: int, style: str) -> None:
        down = bottom > top
        goes_on, comes_in = self._at(x + 1, top) in _RULES, self._at(x - 1, bottom) in _RULES
        self.put(x, top, ("┬" if down else "┴") if goes_on else ("┐" if down else "┘"), style)
        for y in range(min(top, bottom) + 1, max(top, bottom)):
            self.put(x, y, "│", style, over=_FREE)
        self.put(x, bottom, ("┴" if down else "┬") if comes_in else ("└" if down else "┌"), style)

    def _at(self, x: int, y: int) -> str:
        return self._rows[y][x][0] if y < len(self._rows) and 0 <= x < self._width else " "

    def _head(self, start: int, stop: int, first: int, last: int, style: str, *, forward: bool) -> None:
        if forward:
            self.put(stop, last, ">", style)
        else:
            self.put(start, first, "<", style)

    def lines(self) -> list[Line]:
        """Return the rows as lines."""
        made = []
        for row in self._rows:
            spans = tuple(
                ("".join(char for char, _ in group), style) for style, group in groupby(row, key=lambda cell: cell[1])
            )
            made.append(Line(spans))
        return made
