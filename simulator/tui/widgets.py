"""The one widget: the screen as lines, of which only those that changed are painted.

A pane of a hundred thousand events is still only the rows on the screen (Textual's line API), which keeps a key press
at a few milliseconds; and one widget instead of one a pane keeps the first paint near that of an empty application.
"""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from .lines import BLANK, Line, Span
from .styles import base, style

__all__ = ["Board"]

_ROWS_KEPT = 512
"""A dozen screens: who steps back and forth sees most rows again."""


@lru_cache(maxsize=_ROWS_KEPT)
def _strip(spans: tuple[Span, ...], theme: str, width: int) -> Strip:
    """Return a row as segments of the terminal; it follows from what it is asked with alone."""
    segments = [Segment(text, style(theme, name)) for text, name in spans if text]
    return Strip(segments).adjust_cell_length(width, base(theme))


class Board(Widget, inherit_css=False):
    """The lines of the whole screen."""

    DEFAULT_CSS = """
    Board { width: 100%; height: 100%; background: ansi_default; }
    """
    can_focus = False

    def __init__(self) -> None:
        super().__init__(id="board")
        self.lines: list[Line] = []
        self._theme = "terminal"

    def show(self, lines: list[Line], theme: str) -> None:
        """Show lines; only rows that differ from what is shown are painted."""
        before, self.lines = self.lines, lines
        if theme != self._theme or len(before) != len(lines):
            self._theme = theme
            self.refresh()
            return
        width = self.size.width
        changed = [Region(0, y, width, 1) for y, made in enumerate(lines) if made.spans != before[y].spans]
        if changed:
            self.refresh(*changed)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return a part of the rows as they are: the board has no border, padding or tint for Textual to look after."""
        width, background = self.size.width, self.background_colors[1]
        strips = [_strip(self._spans(y), self._theme, width) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return [strip.crop(*crop.column_span) for strip in strips]

    def _spans(self, y: int) -> tuple[Span, ...]:
        return self.lines[y].spans if y < len(self.lines) else BLANK.spans
