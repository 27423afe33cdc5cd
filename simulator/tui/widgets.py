"""The one widget: a rectangle of lines that repaints only the rows that changed.

A pane of a hundred thousand events is still only the rows on the screen (Textual's line API), which keeps a key press
at a few milliseconds.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from .frame import Rect
from .lines import Line
from .styles import base, style

__all__ = ["Board"]


class Board(Widget):
    """Lines at a place on the screen."""

    DEFAULT_CSS = """
    Board { position: absolute; width: 1; height: 1; display: none; background: ansi_default; }
    """
    can_focus = False

    def __init__(self, area: str) -> None:
        super().__init__(id=f"area-{area}")
        self.area = area
        self.lines: list[Line] = []
        self._theme = ""
        self._rect: Rect | None = None

    def place(self, rect: Rect) -> None:
        """Put the board at a rectangle of the screen."""
        if rect == self._rect:
            return
        self._rect = rect
        styles = self.styles
        styles.offset = (rect.x, rect.y)
        styles.width = rect.width
        styles.height = rect.height
        styles.display = "block"

    def hide(self) -> None:
        """Take the board off the screen."""
        if self._rect is not None:
            self._rect = None
            self.lines = []
            self.styles.display = "none"

    def show(self, lines: list[Line], theme: str) -> None:
        """Show lines; only rows that differ from what is shown are painted."""
        before, self.lines = self.lines, lines
        if theme != self._theme or len(before) != len(lines):
            self._theme = theme
            self.refresh()
            return
        changed = [y for y, made in enumerate(lines) if made.spans != before[y].spans]
        if changed:
            width = self._rect.width if self._rect is not None else self.size.width
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Return row `y` as a strip of segments."""
        theme = self._theme
        if y >= len(self.lines):
            return Strip.blank(self.size.width, base(theme) if theme else None)
        segments = [Segment(text, style(theme, name)) for text, name in self.lines[y].spans if text]
        return Strip(segments).adjust_cell_length(self.size.width, base(theme))
