"""The one widget: the screen as lines, of which only those that changed are painted.

A pane of a hundred thousand events is still only the rows on the screen (Textual's line API), which keeps a key press
at a few milliseconds; and one widget instead of one a pane keeps the first paint near that of an empty application.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from .lines import Line
from .styles import base, style

__all__ = ["Board"]


class Board(Widget, inherit_css=False):
    """The lines of the whole screen."""

    DEFAULT_CSS = """
    Board { width: 100%; height: 100%; background: ansi_default; }
    """
    can_focus = False

    def __init__(self) -> None:
        super().__init__(id="board")
        self.lines: list[Line] = []
        self._theme = ""

    def show(self, lines: list[Line], theme: str) -> None:
        """Show lines; only rows that differ from what is shown are painted."""
        before, self.lines = self.lines, lines
        if theme != self._theme or len(before) != len(lines):
            self._theme = theme
            self.refresh()
            return
        changed = [Region(0, y, self.size.width, 1) for y, made in enumerate(lines) if made.spans != before[y].spans]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return row `y` as a strip of segments."""
        theme = self._theme
        if y >= len(self.lines):
            return Strip.blank(self.size.width, base(theme) if theme else None)
        segments = [Segment(text, style(theme, name)) for text, name in self.lines[y].spans if text]
        return Strip(segments).adjust_cell_length(self.size.width, base(theme))
