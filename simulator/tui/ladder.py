"""Pane 2, the ladder: a sequence diagram of the two sides that speak now, one row an event, folded runs counted.

Only rows that are on the screen are ever made, so its cost does not grow with the trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

from rich.cells import cell_len

from ..engine.kinds import Record
from ..engine.trace import AT, FROM, KIND, SESSION, TO, VALUES
from ..records.describe import Parts, describe_parts
from ..records.kinds_message import LECTURE_STAGES, STAGES
from ..text import N_, _
from .index import SPOKEN, Pair
from .lines import BLANK, Content, Line, clip, fit, line
from .walk import Walk

__all__ = ["STAGE_NAMES", "ladder", "stage_word"]

STAGE_NAMES = {
    "compose": N_("compose"), "submission": N_("submission"), "routing": N_("routing"), "transfer": N_("transfer"),
    "filtering": N_("filtering"), "delivery": N_("delivery"), "retrieval": N_("retrieval"), "reading": N_("reading"),
    "creation": N_("creation"), "sending": N_("sending"), "relay": N_("relay"), "receipt": N_("receipt"),
}  # fmt: skip
"""The names of our eight stages and of the lecture's five."""

_TAGS = {
    "smtp": "SMTP",
    "lmtp": "LMTP",
    "imap": "IMAP",
    "pop3": "POP3",
    "dns": "DNS",
    "tls": "TLS",
    "tcp": "TCP",
    "udp": "UDP",
}
_LABEL = 8
_TAG = 5
_FOLD = 6


def ladder(walk: Walk, width: int) -> Content:
    """Return the ladder in `width` cells; its lines are made when they are asked for."""
    title = _("Ladder") + (f" / {walk.filter_text}" if walk.filter is not None else "")
    here = walk.position() if walk.rows else None
    return Content(title, _Rows(walk, width), (_heads(walk.pair(), width),), here)


class _Rows(Sequence[Line]):
    """Row i of the ladder, then a line that tells of the fog or of an empty filter."""

    def __init__(self, walk: Walk, width: int) -> None:
        self._walk = walk
        self._width = width
        self._pair = walk.pair()
        self._count = walk.visible()

    def __len__(self) -> int:
        return self._count + 1

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        if not 0 <= at <= self._count:
            raise IndexError(at)
        if at == self._count:
            return _after(self._walk, self._count)
        return _row(self._walk, self._walk.rows[at], self._pair, self._width)


def _after(walk: Walk, count: int) -> Line:
    if count < len(walk.rows):
        return line((" " * _LABEL + _("... fog: later events are hidden until you reach them"), "dim"))
    if walk.filter is not None and not walk.rows:
        return line((" " * _LABEL + _("nothing found; Esc shows all events again"), "dim"))
    return line((" " * _LABEL + _("the end"), "dim"))


def _heads(pair: Pair | None, width: int) -> Line:
    if pair is None:
        return BLANK
    right = f"{pair.right}:{pair.port}" if pair.port else pair.right
    room = width - _LABEL - _TAG - _FOLD
    left = clip(pair.left, room // 2)
    right = clip(right, room - cell_len(left) - 2)
    return line((" " * (_LABEL + _TAG) + left + " " * max(1, room - cell_len(left) - cell_len(right)) + right, "title"))


def _row(walk: Walk, n: int, pair: Pair | None, width: int) -> Line:
    record = walk.records[n - 1]
    name: str = record[KIND].name
    label = fit(("*" if n in walk.marks else " ") + f"e{n}", _LABEL)
    if name == "stage":
        return _stage(record, label, width, n)
    parts = describe_parts(record)
    if name == "world":
        parts = replace(parts, label=_("the world is set up"))
    tag = fit(_TAGS.get(name.split(".")[0], ""), _TAG)
    room = width - _LABEL - _TAG - _FOLD
    body, style = _body(record, parts, pair, room, under_tls=walk.index.under_tls(n))
    count = walk.folded(n)
    fold = fit(f" [+{count}]" if count else " [-]" if n in walk.opened else "", _FOLD)
    return line((label, ""), (tag, "dim"), (body, style), (fold, "dim"), target=n)


def _stage(record: Record, label: str, width: int, n: int) -> Line:
    name = str(record[VALUES])
    own, lecture = stage_word(name), stage_word(LECTURE_STAGES.get(name, ""))
    text = f"── {STAGES.index(name) + 1 if name in STAGES else '?'} {own}"
    text += f" ({lecture})" if lecture and lecture != own else ""
    text += f" ── {record[VALUES + 1]} " if record[VALUES + 1] else " "
    room = width - _LABEL
    return line((label, ""), (clip(text, room) + "─" * max(0, room - cell_len(text)), "title"), target=n)


def _body(record: Record, parts: Parts, pair: Pair | None, room: int, *, under_tls: bool) -> tuple[str, str]:
    style = {"!": "refusal", "x": "lost"}.get(parts.mark, "")
    if pair is None:
        return fit(" " + parts.label, room), style
    name = record[KIND].name
    inner = room - 2
    if name.startswith(SPOKEN) and _between(record, pair):
        return "│" + _arrow(parts, name, inner, under_tls=under_tls) + "│", style or ("tls" if under_tls else "")
    here = record[AT] or record[FROM]
    mark = parts.mark or "*"
    if here == pair.left and not name.startswith(SPOKEN):
        return f"│{fit(f' {mark} {parts.label}', inner)}│", style
    if here == pair.right and not name.startswith(SPOKEN):
        text = f"{clip(parts.label, inner - 3)} {mark} "
        return f"│{' ' * (inner - cell_len(text))}{text}│", style
    return f"│{fit(_elsewhere(record, parts), inner)}│", style or "dim"


def _elsewhere(record: Record, parts: Parts) -> str:
    who = f"{parts.sender} > {parts.receiver}" if parts.receiver else parts.sender or record[AT] or ""
    mark = f" {parts.mark}" if parts.mark else ""
    return f"   {who}:{mark} {parts.label}" if who else f"  {mark} {parts.label}"


def _between(record: Record, pair: Pair) -> bool:
    if pair.session:
        return bool(record[SESSION] == pair.session)
    return record[SESSION] is None and {record[FROM], record[TO]} == {pair.left, pair.right}


def _arrow(parts: Parts, name: str, inner: int, *, under_tls: bool) -> str:
    rule = "═" if under_tls else "─"
    mark = parts.mark or rule
    text = clip(parts.label, max(4, inner - 8))
    rest = rule * max(0, inner - cell_len(text) - 6)
    if parts.mark == "x":
        return f"{rule}{rule}x {text} " + " " * max(0, inner - cell_len(text) - 5)
    if name == "tls.established":
        return f"{rule * 3} {text} {rest}{rule}"
    if parts.answer:
        return f"<{rule}{mark} {text} {rest}{rule}"
    return f"{rule}{rule}{mark} {text} {rest}>"


def stage_word(name: str) -> str:
    """Return the name of a stage in the reader's language."""
    word = STAGE_NAMES.get(name, name)
    return _(word)
