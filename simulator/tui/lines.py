"""Lines of styled text, without any terminal library: what every pane is made of.

Panes are pure functions of the world and a width; this keeps them testable as text and lets plain mode use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from ..safe import safe_text

__all__ = ["BLANK", "Content", "Line", "Lines", "Span", "ascii_line", "clip", "fit", "line", "plain", "wrap"]

Span = tuple[str, str]
"""Text that is safe to show, and the name of its style: "", dim, strong, refusal, tls, lost, cursor, title, link."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a pane; `target` is the n of the event that Enter or a click opens."""

    spans: tuple[Span, ...]
    target: int | None = None

    @property
    def text(self) -> str:
        """The line without its styles."""
        return "".join(text for text, _ in self.spans)


Lines = Sequence[Line]
BLANK = Line(())
_ASCII = str.maketrans("─│┌┐└┘├┤┬┴┼═║╔╗╚╝·…▸▾↑↓«»—", "-|+++++++++=|++++..>v^v<>-")


def line(*spans: Span | str, target: int | None = None) -> Line:
    """Make a line of spans; a bare text has the ordinary style. Every text is made safe to show."""
    made = tuple((safe_text(span), "") if isinstance(span, str) else (safe_text(span[0]), span[1]) for span in spans)
    return Line(made, target)


def plain(texts: Iterable[str]) -> tuple[Line, ...]:
    """Make a line of each text."""
    return tuple(line(text) for text in texts)


def clip(text: str, width: int) -> str:
    """Return `text` in at most `width` cells; what was cut is marked by an ellipsis."""
    if len(text) <= width and (text.isascii() or cell_len(text) <= width):
        return text
    if width <= 1:
        return set_cell_size(text, max(0, width))
    return set_cell_size(text, width - 1).rstrip() + "…"


def fit(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells."""
    cut = clip(text, width)
    return cut + " " * (width - cell_len(cut))


def wrap(text: str, width: int, indent: int = 0) -> list[str]:
    """Break text at spaces into lines of at most `width` cells; all but the first are indented."""
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        tried = f"{current} {word}" if current.strip() else current + word
        if cell_len(tried) > width and current.strip():
            lines.append(current)
            tried = " " * indent + word
        current = tried
    return [*lines, current]


def ascii_line(text: str) -> str:
    """Return text with boxes and ornaments drawn in ASCII; letters of any script stay."""
    return text if text.isascii() else text.translate(_ASCII)


@dataclass(frozen=True, slots=True)
class Content:
    """What a pane shows: a title, lines that stay on top, lines that scroll, and which of those is the current one."""

    title: str
    lines: Lines
    header: tuple[Line, ...] = ()
    current: int | None = None
