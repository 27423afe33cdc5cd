"""Pane 3, the wire: the transcript of the session of the current event, sealed or plain, as text or octets.

A transcript is made once for each session and cut at the cursor, so that stepping through a long one stays cheap.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import overload

from ..engine.kinds import Record
from ..engine.trace import FROM, KIND, TO, VALUES
from ..export.hexdump import hexdump
from ..export.transcript import Line as Said
from ..export.transcript import sealed_transcript, transcript
from ..records.describe import describe, mask_octets
from ..text import N_, _
from .inside import octets_of
from .lines import Content, Line, line, plain
from .walk import Walk

__all__ = ["Wire"]

_NEAR = 2_000
"""How many lines back the line of the current event is searched for."""

_REFUSAL = re.compile(r"[45]\d\d[ -]|-ERR|(?!\*)\S+ (?:NO|BAD) ")
_STYLES = {"~": "tls", "#": "dim"}


class Wire:
    """The wire pane of a walk, with its two switches."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._made: dict[tuple[int, bool], tuple[tuple[Said, ...], list[int]]] = {}
        self.sealed = False
        self.hex = False

    def content(self, width: int) -> Content:
        """Return the pane for the event under the cursor."""
        walk = self._walk
        session = walk.index.session(walk.cursor)
        if self.hex:
            return self._octets(width)
        if session is None:
            return Content(_("Wire"), self._datagrams(), (self._hint(),))
        said, ends = self._lines(session)
        count = bisect_right(ends, walk.upto())
        current = self._current(said, count)
        lines = _Shown(said, count, current)
        return Content(self._title(session), lines, (self._hint(),), current if current is not None else count - 1)

    def _lines(self, session: int) -> tuple[tuple[Said, ...], list[int]]:
        key = (session, self.sealed)
        if key not in self._made:
            make = sealed_transcript if self.sealed else transcript
            said = make(self._walk.session_records(session), session)
            self._made[key] = (said, [item.n for item in said])
        return self._made[key]

    def _title(self, session: int) -> str:
        opened = self._walk.records[self._walk.index.sessions[session][0] - 1]
        if opened[KIND].name != "tcp.connect":
            return _("Wire")
        return f"{_('Wire')}  {opened[FROM]} > {opened[TO] or opened[VALUES + 1]}:{opened[VALUES]}"

    def _hint(self) -> Line:
        now = N_("sealed, as a listener sees it") if self.sealed else N_("plain text")
        if self.hex:
            now = N_("the octets of this event")
        return line((_(now) + "   " + _("t sealed   x hex"), "dim"))

    def _current(self, said: tuple[Said, ...], count: int) -> int | None:
        """Return which line the current event is about: the last of its side that begins with its words."""
        record = self._walk.record
        carrier = self._walk.index.carrier(self._walk.cursor)
        if carrier is None or carrier > self._walk.upto():
            return None
        start = _first_word(record)
        for at in range(count - 1, max(-1, count - _NEAR), -1):
            if said[at].n == carrier and (not start or said[at].text.upper().startswith(start)):
                return at
        return None

    def _octets(self, width: int) -> Content:
        columns = 16 if width >= 76 else 8
        octets = octets_of(self._walk, self._walk.cursor)
        lines = (
            plain(hexdump(mask_octets(octets), columns=columns))
            if octets
            else plain([_("this event carries no octets")])
        )
        return Content(_("Wire"), lines, (self._hint(),))

    def _datagrams(self) -> list[Line]:
        walk = self._walk
        name = walk.record[KIND].name
        if not name.startswith(("dns.", "udp.")):
            return list(plain([_("nothing is on the wire at this event")]))
        hosts = f"{walk.record[FROM] or ''} > {walk.record[TO] or ''}"
        return [
            line((hosts, "title")),
            line(describe(walk.record)),
            *plain(hexdump(octets_of(walk, walk.cursor), columns=8)),
        ]


class _Shown(Sequence[Line]):
    """The first `count` lines of a transcript, made when asked for: a letter may have a hundred thousand."""

    def __init__(self, said: tuple[Said, ...], count: int, current: int | None) -> None:
        self._said = said
        self._count = count
        self._current = current

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(self._count))]
        if not 0 <= at < self._count:
            raise IndexError(at)
        return _shown(self._said[at], current=at == self._current)


def _shown(item: Said, *, current: bool) -> Line:
    style = "strong" if current else _STYLES.get(item.side, "")
    refused = item.side == "S" and _REFUSAL.match(item.text)
    return line((("> " if current else "  ") + str(item), "refusal" if refused else style), target=item.n)


def _first_word(record: Record) -> str:
    for field in ("code", "verb", "status"):
        position = record[KIND].index(field)
        if position is not None and record[position] and (field != "verb" or record[KIND].name.endswith(".command")):
            value = str(record[position]).upper()
            tag = record[KIND].index("tag")
            return f"{record[tag]} {value}" if tag is not None and record[tag] else value
    return ""
