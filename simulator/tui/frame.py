"""Where everything stands on the screen, and the whole screen as lines of styled text.

Pure functions of the view and a size: a resize only draws anew, and a snapshot test needs no terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

from rich.cells import cell_len

from ..text import N_, _
from .atlas import rows_needed
from .bars import WIDE, cut, keys, message, stages, status
from .lines import BLANK, Content, Line, Span, clip, fit, line
from .panes import dialog_lines, foot, framed, in_ascii, rules
from .view import View

__all__ = ["MINIMUM", "Area", "Rect", "areas", "merged", "paint", "tabs_of"]

MINIMUM = (60, 18)
"""The smallest window, in cells."""

NAMES = {
    1: N_("Map"), 2: N_("Ladder"), 3: N_("Wire"), 4: N_("Log"), 5: N_("Boxes"), 6: N_("Look inside"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the screen: `panes` are the tabs it can show, `shown` is the one it does; 0 is a dialog."""

    id: str
    rect: Rect
    panes: tuple[int, ...] = ()
    shown: int = 0


def areas(view: View, width: int, height: int) -> list[Area]:
    """Return the parts of the screen; the first is the top, the last is the bottom."""
    if width < MINIMUM[0] or height < MINIMUM[1]:
        return [Area("small", Rect(0, 0, width, height))]
    middle = Rect(0, 2, width, height - 4)
    if view.dialog is not None:
        panes = [Area("dialog", middle)]
    elif view.zoomed or view.telling:
        panes = [Area("main", middle, (view.active,), view.active)]
    elif width >= WIDE[0] and height >= WIDE[1]:
        panes = _wide(view, middle)
    else:
        panes = _narrow(view, middle)
    return [Area("top", Rect(0, 0, width, 2)), *panes, Area("bottom", Rect(0, height - 2, width, 2))]


def _narrow(view: View, middle: Rect) -> list[Area]:
    outer = 6 if middle.height >= 20 else 4
    upper = min(rows_needed(view.walk.scenario) + 2, 10) if middle.height >= 28 else outer
    tabs = middle.height - outer - upper
    x, y, width = middle.x, middle.y, middle.width
    return [
        Area("map", Rect(x, y, width, upper), (1,), 1),
        Area("main", Rect(x, y + upper, width, tabs), (2, 3, 4, 5), view.tab),
        Area("inside", Rect(x, y + upper + tabs, width, outer), (6,), 6),
    ]


def _wide(view: View, middle: Rect) -> list[Area]:
    left = middle.width * 53 // 100
    right = middle.width - left
    top, low = min(rows_needed(view.walk.scenario) + 2, middle.height // 3), max(10, middle.height // 4)
    centre = middle.height - top - low
    y = middle.y
    return [
        Area("map", Rect(0, y, middle.width, top), (1,), 1),
        Area("main", Rect(0, y + top, left, centre), (2,), 2),
        Area("wire", Rect(left, y + top, right, centre), (3,), 3),
        Area("inside", Rect(0, y + top + centre, left, low), (6,), 6),
        Area("side", Rect(left, y + top + centre, right, low), (4, 5), view.side),
    ]


def paint(view: View, width: int, height: int) -> list[tuple[Area, list[Line]]]:
    """Return each area with its lines, as many as it is high."""
    view.resize(width, height)
    painted = [(area, _paint(view, area)) for area in areas(view, width, height)]
    if not view.ascii_only:
        return painted
    return [(area, [in_ascii(made) for made in lines]) for area, lines in painted]


def merged(painted: list[tuple[Area, list[Line]]], height: int) -> list[Line]:
    """Return the rows of the whole screen: areas that stand side by side are joined."""
    rows: list[tuple[Span, ...]] = [()] * height
    for area, lines in painted:
        for y, made in enumerate(lines, start=area.rect.y):
            if y < height:
                rows[y] += made.spans
    return [Line(spans) for spans in rows]


def _paint(view: View, area: Area) -> list[Line]:
    if area.id == "top":
        return [status(view, area.rect.width), stages(view, area.rect.width)]
    if area.id == "bottom":
        return [message(view, area.rect.width), keys(view, area.rect.width)]
    if area.id == "small":
        return _too_small(view, area.rect)
    if area.id == "dialog":
        return _dialog(view, area)
    return _pane(view, area)


def _too_small(view: View, rect: Rect) -> list[Line]:
    texts = [
        _("This window is {width} x {height}.").format(width=rect.width, height=rect.height),
        _("The world needs {width} x {height}.").format(width=MINIMUM[0], height=MINIMUM[1]),
        _("Make it larger, or use plain mode:"),
        f"mailflow play {quote(view.walk.name)} --plain",
        _("q leaves"),
    ]
    lines = [line(fit(text, rect.width)) for text in texts[: rect.height]]
    return lines + [line(" " * rect.width)] * (rect.height - len(lines))


# Panes


def tabs_of(area: Area) -> list[tuple[int, int, int]]:
    """Return (pane, first column, end column) of each tab in the title of an area."""
    places, x = [], 2
    for pane in area.panes:
        width = cell_len(_tab(area, pane))
        places.append((pane, x, x + width))
        x += width + 1
    return places


def _tab(area: Area, pane: int) -> str:
    name = NAMES[pane]
    text = f"{pane} {_(name)}"
    return f"[{text}]" if pane == area.shown and len(area.panes) > 1 else f" {text} "


def _pane(view: View, area: Area) -> list[Line]:
    pane, rect = area.shown, area.rect
    content = view.content(pane, rect.width - 3, rect.height - 2)
    active = pane == view.active
    rows = rect.height - 2 - len(content.header)
    top = _scroll(view, pane, content, rows)
    selected = view.selected.get(pane)
    body = []
    for at in range(top, top + rows):
        made = content.lines[at] if at < len(content.lines) else BLANK
        cursor = made.target == view.walk.cursor if pane == 2 else (at == selected and active)
        body.append(framed(made, rect.width, active=active, cursor=cursor))
    header = [framed(made, rect.width, active=active, cursor=False) for made in content.header]
    below = len(content.lines) - top - rows
    return [_title(area, content, active=active), *header, *body, foot(rect.width, top, below, active=active)]


def _scroll(view: View, pane: int, content: Content, rows: int) -> int:
    """Return the first line shown: as before, moved only as far as the current line needs."""
    anchor = view.selected.get(pane, content.current)
    top = view.tops.get(pane, 0)
    if anchor is not None and view.scrolled != pane:
        margin = min(1, rows - 1)
        top = min(max(top, anchor + margin - rows + 1), anchor)
    top = max(0, min(top, len(content.lines) - rows))
    view.tops[pane] = top
    return top


def _title(area: Area, content: Content, *, active: bool) -> Line:
    corners, width = rules(active=active), area.rect.width
    style = "border-active" if active else "border"
    spans: list[Span] = [(corners[0] + corners[1], style)]
    for pane in area.panes:
        shown = pane == area.shown
        spans += [(_tab(area, pane), "title" if shown else "border"), (corners[1], style)]
    used = sum(cell_len(text) for text, _style in spans)
    name = NAMES[area.shown]
    detail = content.title.removeprefix(_(name)).strip()
    if detail and width - used > 8:
        detail = f" {clip(detail, width - used - 4)} "
        spans.append((detail, "title"))
        used += cell_len(detail)
    spans.append((corners[1] * max(0, width - used - 1) + corners[2], style))
    return cut(spans, width)


def _dialog(view: View, area: Area) -> list[Line]:
    assert view.dialog is not None
    lines, view.tops[0] = dialog_lines(view.dialog, area.rect.width, area.rect.height)
    return lines
