"""The lines above and below the panes: where we are, the lecture's stages, the message and the key bar.

The key bar shows whole actions by priority and never drops one silently; help and the way out always stay.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from ..records.kinds_message import LECTURE_STAGES, STAGES
from ..text import _
from .actions import ACTIONS, Action, key_bar
from .hints import hint
from .ladder import stage_word
from .lines import Line, Span, clip, fit, line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .view import View

__all__ = ["WIDE", "cut", "key_spans", "keys", "message", "spans_of", "stage_at", "stages", "status"]

WIDE = (100, 32)
"""From this size on, in cells, four panes are open."""

_LECTURE = ("creation", "sending", "relay", "delivery", "receipt")


def status(view: View, width: int) -> Line:
    """Return scenario, stage, time, event, seed and whether it plays."""
    walk = view.walk
    number, name = walk.index.stage_number(walk.cursor), walk.index.stage(walk.cursor)
    stage = f"{number} {stage_word(name)}" if number else _("before the letter")
    event = f"e{walk.cursor}/{walk.total}"
    if width >= WIDE[0]:
        event = _("event {n} of {total}").format(n=walk.cursor, total=walk.total)
    state = _("[playing]") if view.playing else _("[paused]")
    seed = _("seed {n}").format(n=walk.scenario.seed)
    right = f"{walk.clock(walk.record[1])}   {event}   {seed}   {state} "
    left = f" {walk.scenario.id}   {stage}"
    if width >= WIDE[0]:
        left = f" {walk.scenario.id}: {walk.title()}   {stage}"
    left = clip(left, width - cell_len(right) - 1)
    return line((left + " " * max(1, width - cell_len(left) - cell_len(right)) + right, "bar"))


def stages(view: View, width: int) -> Line:
    """The lecture's five stages; the current one is open and shows ours."""
    now = view.walk.index.stage(view.walk.cursor)
    return cut(_stage_line(now, width), width)


def _stage_line(now: str, width: int) -> list[Span]:
    spans = _stage_spans(now, " > ")
    return spans if sum(cell_len(text) for text, _style in spans) <= width else _stage_spans(now, ">")


def _stage_spans(now: str, between: str) -> list[Span]:
    lecture = LECTURE_STAGES.get(now, "")
    spans: list[Span] = [(" ", "")]
    for number, name in enumerate(_LECTURE):
        if number:
            spans.append((between, "dim"))
        if name != lecture:
            spans.append((stage_word(name), "dim" if number > _at(lecture) else ""))
            continue
        own = [stage for stage in STAGES if LECTURE_STAGES[stage] == name]
        inner = " ".join(f"[{stage_word(stage)}]" if stage == now else stage_word(stage) for stage in own)
        spans.append(
            (f"[{stage_word(name)}]" if inner == f"[{stage_word(name)}]" else f"{stage_word(name)}: {inner}", "active")
        )
    return spans


def stage_at(view: View, width: int, x: int) -> str:
    """Return which of the lecture's stages stands at column `x` of the stage bar, "" between them."""
    now = view.walk.index.stage(view.walk.cursor)
    end = 0
    for number, (text, _style) in enumerate(_stage_line(now, width)):
        end += cell_len(text)
        if x < end:
            return _LECTURE[(number - 1) // 2] if number % 2 else ""
    return ""


def _at(lecture: str) -> int:
    return _LECTURE.index(lecture) if lecture in _LECTURE else -1


def message(view: View, width: int) -> Line:
    """Return what was said last, what the event means, or the filter that is being typed."""
    if view.filtering is not None:
        before, under, after = view.filtering.shown(width - 24)
        count = view.walk.visible() if view.walk.filter is not None else 0
        found = _("{n} found so far").format(n=count) if view.walk.filter is not None else ""
        return line((" / ", "key"), before, (under, "cursor"), after, ("   " + found, "dim"))
    text = view.message or hint(view.walk.record) or view.walk.link()
    return line((fit(" " + text, width), "message"))


def keys(view: View, width: int) -> Line:
    """Return the key bar, or the keys of what is open."""
    if view.filtering is not None:
        if view.problem:
            return line((fit(" ! " + view.problem, width), "refusal"))
        return line((fit(" " + _("kind field=value ...   Enter keeps it   Esc shows all"), width), "dim"))
    if view.dialog is not None:
        return line((fit(" " + view.dialog.note, width), "dim"))
    return Line(tuple((text, style) for text, style, _id in key_spans(width)))


def key_spans(width: int) -> list[tuple[str, str, str]]:
    """Return the key bar of the world as (text, style, action id)."""
    return spans_of(width, ACTIONS)


def spans_of(width: int, actions: Iterable[Action]) -> list[tuple[str, str, str]]:
    """Return a key bar as (text, style, action id); the fixed part stands at the right edge."""
    items, hidden, fixed = key_bar(width, _, actions=actions)
    spans: list[tuple[str, str, str]] = [(" ", "bar", "")]
    for item in items:
        spans += [(item.key, "key", item.id), (f" {item.label}", "bar", item.id), ("  ", "bar", "")]
    if hidden:
        spans.append((f"+{hidden}", "bar", "palette"))
    tail: list[tuple[str, str, str]] = []
    for item in fixed:
        tail += [("  ", "bar", ""), (item.key, "key", item.id), (f" {item.label}", "bar", item.id)]
    used = sum(cell_len(text) for text, *_rest in (*spans, *tail))
    return [*spans, (" " * max(0, width - used), "bar", ""), *tail]


def cut(spans: list[Span], width: int) -> Line:
    """Return spans in exactly `width` cells."""
    left, kept = width, []
    for text, style in spans:
        cut = clip(text, left)
        kept.append((cut, style))
        left -= cell_len(cut)
        if left <= 0:
            break
    return line(*kept, " " * left)
