"""Frames: the pieces of boxes, titles and lists from which every screen is put together.

One set for all screens, so that the cursor, the active frame and "more below" look the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from ..text import _
from .dialogs import Dialog
from .lines import BLANK, Line, Lines, Span, ascii_line, clip, line

__all__ = ["beside", "box", "dialog_lines", "foot", "framed", "in_ascii", "padded", "rules", "scrolled", "top_rule"]


def rules(*, active: bool) -> str:
    """Return the six strokes of a frame; the active one is double."""
    return "╔═╗║╚╝" if active else "┌─┐│└┘"


def in_ascii(made: Line) -> Line:
    """Return a line with its strokes in ASCII."""
    return Line(tuple((ascii_line(text), style) for text, style in made.spans), made.target)


def foot(width: int, above: int, below: int, *, active: bool, note: str = "") -> Line:
    """Return the lower stroke of a frame, which says how much more there is, or a note."""
    corners, style = rules(active=active), "border-active" if active else "border"
    text = ""
    if below > 0:
        text = _(" {n} more below ").format(n=below)
    elif above > 0:
        text = _(" {n} more above ").format(n=above)
    note = clip(note, max(0, width - 6 - cell_len(text)))
    rest = corners[1] * max(0, width - 5 - cell_len(text) - cell_len(note))
    return line((corners[4] + corners[1], style), (note, "title"), (rest + text + corners[1] * 2 + corners[5], style))


def top_rule(left: str, right: str, width: int, *, active: bool) -> Line:
    """Return the upper stroke of a frame with a title at each end; the left one gives way."""
    corners, style = rules(active=active), "border-active" if active else "border"
    right = f" {right} " if right else ""
    left = clip(left, max(0, width - 8 - cell_len(right)))
    left = f" {left} " if left else ""
    rest = corners[1] * max(0, width - 4 - cell_len(left) - cell_len(right))
    return line(
        (corners[0] + corners[1], style),
        (left, "title"),
        (rest, style),
        (right, "title"),
        (corners[1] + corners[2], style),
    )


def framed(made: Line, width: int, *, active: bool, cursor: bool) -> Line:
    """Return a line between the sides of its frame, in exactly `width` cells; the cursor's line has `>`."""
    side = ("║" if active else "│", "border-active" if active else "border")
    room = width - 3
    spans: list[Span] = [side, (">" if cursor else " ", "cursor" if cursor else "")]
    for text, style in made.spans:
        if room <= 0:
            break
        cut = clip(text, room)
        spans.append((cut, "cursor" if cursor and not style else style))
        room -= cell_len(cut)
    spans += [(" " * max(0, room), "cursor" if cursor else ""), side]
    return Line(tuple(spans), made.target)


def scrolled(top: int, selected: int | None, total: int, rows: int) -> int:
    """Return the first line to show: as before, moved only as far as the selected line needs."""
    if selected is not None:
        margin = min(1, rows - 1)
        top = min(max(top, selected + margin - rows + 1), max(0, selected - margin))
    return max(0, min(top, total - rows))


def box(
    title: tuple[str, str],
    lines: Lines,
    size: tuple[int, int],
    *,
    active: bool = False,
    selected: int | None = None,
    top: int = 0,
    note: str = "",
) -> list[Line]:
    """Return a frame of `size` (width, height) with lines from `top` on; `title` stands at its two ends."""
    width, height = size
    rows = max(0, height - 2)
    made = [top_rule(*title, width, active=active)]
    for at in range(top, top + rows):
        shown = lines[at] if at < len(lines) else BLANK
        made.append(framed(shown, width, active=active, cursor=at == selected))
    return [*made, foot(width, top, len(lines) - top - rows, active=active, note=note)][:height]


def beside(*columns: Sequence[Line]) -> list[Line]:
    """Return columns of equal height side by side."""
    return [Line(tuple(span for made in row for span in made.spans)) for row in zip(*columns, strict=True)]


def padded(lines: Iterable[Line], width: int, height: int) -> list[Line]:
    """Return exactly `height` lines; what is missing is blank."""
    kept = list(lines)[:height]
    return kept + [line(" " * width)] * (height - len(kept))


def dialog_lines(dialog: Dialog, width: int, height: int) -> tuple[list[Line], int]:
    """Return a dialog in a frame of that size, and the first of its lines that is shown."""
    found = dialog.lines(width - 3)
    header: tuple[Line, ...] = ()
    if dialog.editor is not None:
        before, under, after = dialog.editor.shown(width - 8)
        header = (line((" > ", "key"), before, (under, "cursor"), after),)
    rows = height - 2 - len(header)
    top = max(0, min(dialog.selected - rows // 2, len(found) - rows))
    body = [
        framed(
            found[at] if at < len(found) else BLANK,
            width,
            active=True,
            cursor=at == dialog.selected and at < len(found),
        )
        for at in range(top, top + rows)
    ]
    title = f"╔═ {clip(dialog.title, width - 8)} "
    top_line = line((title + "═" * (width - cell_len(title) - 1) + "╗", "border-active"))
    lines = [top_line, *(framed(made, width, active=True, cursor=False) for made in header), *body]
    return [*lines, foot(width, top, len(found) - top - rows, active=True)], top
