"""Pane 1, the map: hosts in columns along the letter's way, what lies on each, and the link in use drawn as used.

An own layout, because every ready-made one needs numpy: mail programs left and right, mail servers between them, DNS
below; root and top-level name servers are folded into a count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import Any

from rich.cells import cell_len

from ..engine.trace import AT, FROM, KIND, TO
from ..records.describe import describe_parts
from ..records.moment import Moment
from ..text import N_, _, ngettext
from .canvas import Canvas, Route
from .lines import BLANK, Content, Line, clip, line
from .walk import Walk

__all__ = ["KINDS", "atlas", "rows_needed", "spoken"]

_MIN_GAP = 4
"""Cells between two columns: room for a port and an arrow head."""

KINDS = {
    "client": N_("mail program"), "mail-server": N_("mail server"), "resolver": N_("resolver"),
    "name-server": N_("name server"), "filter": N_("filter"), "tap": N_("listener"),
}  # fmt: skip
"""What each kind of host is called."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """One host on the map: its name and what lies on it."""

    host: str
    name: str
    note: str
    style: str
    telling: bool


@dataclass(slots=True)
class _Column:
    """Hosts one below the other."""

    hosts: list[Any]
    cells: list[_Cell] = field(default_factory=list)

    def width(self) -> int:
        return max((max(cell_len(cell.name), cell_len(cell.note)) for cell in self.cells), default=0)


def atlas(walk: Walk, width: int, height: int) -> Content:
    """Return the map in `width` x `height` cells."""
    moment = walk.moment()
    active = _active(walk)
    columns = [_Column(hosts) for hosts in _columns(walk.scenario) if hosts]
    for column in columns:
        column.cells = [_cell(walk, moment, host, active) for host in column.hosts]
    tallest = max((len(column.hosts) for column in columns), default=0)
    room = max(1, height - 2)
    compact = tallest * 2 > room
    if compact:
        _shorten(columns, width)
    lines = _draw(columns, moment, active, width, 1 if compact else 2)
    dns = _dns(walk, moment, active, width)
    return Content(_("Map"), [*lines[: max(room, len(lines) if tallest > room else 0)], dns, _now(walk, width)])


def spoken(walk: Walk) -> Content:
    """Return the map as sentences, one a host, for whoever hears it."""
    moment, lines = walk.moment(), []
    for host in walk.scenario.hosts:
        if not _is_upper(host):
            notes = ", ".join(_notes(moment, host)) or _("nothing")
            down = f"  {_('x down')}" if _is_down(walk, host.id) else ""
            lines.append(line(f"{host.id}, {_kind(host)}: {notes}{down}"))
    return Content(_("Map"), lines)


def rows_needed(scenario: Any) -> int:
    """Return how many rows the whole map takes: two for each host of the tallest column, DNS, and what happens now."""
    return 2 * max((len(hosts) for hosts in _columns(scenario)), default=0) + 2


def _shorten(columns: list[_Column], width: int) -> None:
    """Put what lies on a host beside its name: on all where there is room, else on servers, else on none."""
    for kinds in (KINDS.keys(), KINDS.keys() - {"client"}, frozenset[str]()):
        made = [
            [
                _beside(cell) if host.kind in kinds else replace(cell, note="")
                for host, cell in zip(column.hosts, column.cells, strict=True)
            ]
            for column in columns
        ]
        used = sum(max((cell_len(cell.name) for cell in cells), default=0) for cells in made)
        if used + _MIN_GAP * (len(columns) - 1) < width:
            break
    for column, cells in zip(columns, made, strict=True):
        column.cells = cells


def _beside(cell: _Cell) -> _Cell:
    return replace(cell, name=f"{cell.name} {cell.note}" if cell.telling else cell.name, note="")


def _active(walk: Walk) -> tuple[str, str]:
    record = walk.record
    if record[FROM] and record[TO]:
        return record[FROM], record[TO]
    here = record[AT] or record[FROM] or ""
    return here, here


# Where each host stands


def _columns(scenario: Any) -> list[list[Any]]:
    """Put hosts in columns: the first writer's device, the servers in the order of the way, the readers' devices."""
    clients = [host for host in scenario.hosts if host.kind == "client"]
    servers = [host for host in scenario.hosts if host.kind == "mail-server"]
    filters = [host for host in scenario.hosts if host.kind == "filter"]
    taps = [host for host in scenario.hosts if host.kind == "tap"]
    writer = next((action.who for action in scenario.timeline if action.do == "send"), None)
    left = [host for host in clients if host.user == writer and writer is not None] or clients[:1]
    domain = (writer or (left[0].user if left else "") or "").partition("@")[2]
    near = [host for host in servers if domain in host.domains]
    far = [host for host in servers if host not in near]
    right = [host for host in clients if host not in left]
    return [left, near + taps, far + filters, right] if near else [left, far + filters + taps, right]


def _cell(walk: Walk, moment: Moment, host: Any, active: tuple[str, str]) -> _Cell:
    notes = "  ".join(_notes(moment, host))
    note = notes or _kind(host)
    style = "strong" if host.id in active else ""
    name = f"({host.id})" if _is_down(walk, host.id) else f"[{host.id}]"
    if name[0] == "(":
        note, style = _("x down"), "lost"
    return _Cell(host.id, name, note, style, telling=bool(notes) or style == "lost")


def _kind(host: Any) -> str:
    word = KINDS.get(host.kind, host.kind)
    return _(word)


def _is_down(walk: Walk, host: str) -> bool:
    """Tell whether the latest fault of a host up to now has begun and not ended."""
    down = False
    for n in walk.index.kinds.get("fault", ()):
        if n > walk.upto():
            break
        record = walk.records[n - 1]
        if record[12] == "host-down" and record[13] == host:
            down = record[14] == "begins"
    return down


def _notes(moment: Moment, host: Any) -> list[str]:
    notes = []
    states = [recipient.state for entry in moment.queues.get(host.id, ()) for recipient in entry.recipients]
    if states:
        waiting = states.count("deferred") + states.count("failed")
        notes.append(_("queue {n}").format(n=len(moment.queues[host.id])) + (f" !{waiting}" if waiting else ""))
    stored = [
        letter
        for address, named in moment.mailboxes.items()
        if address.partition("@")[2] in host.domains
        for letters in named.values()
        for letter in letters
    ]
    stored += [letter for letters in moment.devices.get(host.id, {}).values() for letter in letters]
    if stored:
        notes.append(ngettext("{n} letter", "{n} letters", len(stored)).format(n=len(stored)))
    cached = len(moment.caches.get(host.id, ()))
    if cached:
        notes.append(_("{n} cached").format(n=cached))
    return notes


# Drawing


def _draw(columns: list[_Column], moment: Moment, active: tuple[str, str], width: int, step: int) -> list[Line]:
    canvas = Canvas(width)
    places: dict[str, Route] = {}
    for x, column in zip(_lefts(columns, width), columns, strict=True):
        size = column.width()
        for row, cell in enumerate(column.cells):
            y = row * step
            note = cell.note if step == 2 else ""
            canvas.put(x, y, cell.name, cell.style)
            canvas.put(x + 1, y + 1, note, "dim" if cell.style == "" else cell.style)
            places[cell.host] = Route(x, x + cell_len(cell.name), x + size, y)
    for one, other in _paths(columns):
        canvas.connect(places[one], places[other], "", "·", "border", head=False)
    for session in sorted(moment.sessions.values(), key=lambda found: {found.opener, found.answerer} == set(active)):
        _connect(canvas, places, session, active)
    return canvas.lines()


def _paths(columns: list[_Column]) -> Iterator[tuple[str, str]]:
    """Give the ways that letters can take: each mail program and its server, each server and those of other domains."""
    for left, right in pairwise(columns):
        for one, other in product(left.hosts, right.hosts):
            client, server = (one, other) if one.kind == "client" else (other, one)
            domain = (client.user or "").partition("@")[2]
            if client.kind != "client" or domain in server.domains:
                yield one.id, other.id


def _lefts(columns: list[_Column], width: int) -> list[int]:
    used = sum(column.width() for column in columns)
    gap = max(_MIN_GAP, min(18, (width - 1 - used) // max(1, len(columns) - 1)))
    lefts, x = [], 1
    for column in columns:
        lefts.append(x)
        x += column.width() + gap
    return lefts


def _connect(canvas: Canvas, places: dict[str, Route], session: Any, active: tuple[str, str]) -> None:
    one, other = places.get(session.opener), places.get(session.answerer)
    if one is None or other is None or one is other:
        return
    lit = {session.opener, session.answerer} == set(active)
    rule = "═" if session.tls else "─"
    canvas.connect(one, other, f"{session.port}", rule, "active" if lit else "dim")


def _dns(walk: Walk, moment: Moment, active: tuple[str, str], width: int) -> Line:
    spans: list[tuple[str, str]] = [(" DNS ", "dim")]
    folded = 0
    lit = False
    for host in walk.scenario.hosts:
        if host.kind not in ("resolver", "name-server"):
            continue
        if _is_upper(host):
            folded += 1
            lit = lit or host.id in active
            continue
        note = " ".join(_notes(moment, host))
        spans.append((f" [{host.id}]", "strong" if host.id in active else ""))
        spans.append((f" {note}", "dim"))
    if folded:
        spans.append(
            (" " + _("+{n} root and top-level").format(n=folded) + (" <" if lit else ""), "strong" if lit else "dim")
        )
    return _cut(spans, width) if len(spans) > 1 else BLANK


def _is_upper(host: Any) -> bool:
    """Tell whether the loader made this name server for the root, a top-level domain or reverse names only."""
    return host.kind == "name-server" and host.implied and bool(host.serves) and all(
        "." not in zone.strip(".") or zone.rstrip(".").endswith("arpa") for zone in host.serves
    )  # fmt: skip


def _now(walk: Walk, width: int) -> Line:
    parts = describe_parts(walk.record)
    here, there = _active(walk)
    tls = walk.index.under_tls(walk.cursor)
    arrow = "═>" if tls else "─>"
    hosts = f"{here} {arrow} {there}" if here != there else here
    style = {"!": "refusal", "x": "lost"}.get(parts.mark, "active")
    mark = f"{parts.mark} " if parts.mark else ""
    kind = walk.record[KIND].name
    return line((" " + _("now") + "  ", "dim"), (clip(f"{hosts}  {mark}{parts.label or kind}", width - 7), style))


def _cut(spans: list[tuple[str, str]], width: int) -> Line:
    left, kept = width, []
    for text, style in spans:
        kept.append((clip(text, left), style))
        left -= cell_len(kept[-1][0])
        if left <= 0:
            break
    return line(*kept)
