"""The transcript of one session, in `C:`/`S:` notation, derived from the octets on the link.

`C` is the side that opened the connection. Remarks about TLS begin with `~`, about the connection itself with `#`.
Passwords are masked here, as in every view.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..engine.kinds import Record
from ..engine.trace import FROM, KIND, SESSION, TO, N
from ..records.masking import MASK, begins_secret, mask_line, mask_octets
from ..safe import safe_octets, safe_text

__all__ = ["Line", "sealed_transcript", "transcript"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `n` is the record that completed it, `side` is "C", "S", "~" or "#"; `text` is safe to show."""

    n: int
    side: str
    text: str

    def __str__(self) -> str:
        return f"{self.side}: {self.text}" if self.side in "CS" else f"{self.side} {self.text}"


def transcript(records: Iterable[Record], session: int, upto: int | None = None) -> tuple[Line, ...]:
    """Return the lines of a session up to and including the record `upto` (None: to its end).

    `records` may be the whole trace or only those of the session. A line belongs to the chunk that completed it.
    """
    writer = _Writer()
    for record in records:
        if upto is not None and record[N] > upto:
            break
        if record[SESSION] == session:
            writer.take(record)
    writer.finish()
    return tuple(writer.lines)


def sealed_transcript(records: Iterable[Record], session: int, upto: int | None = None) -> tuple[Line, ...]:
    """Return the session as somebody on the way sees it: octets in clear, but TLS records only by size and start."""
    lines: list[Line] = []
    for record in records:
        if upto is not None and record[N] > upto:
            break
        if record[SESSION] == session and record[KIND].name in ("tcp.data", "tcp.connect", "tcp.close", "tcp.lost"):
            lines += _outside(record)
    return tuple(lines)


def _outside(record: Record) -> list[Line]:
    if record[KIND].name != "tcp.data":
        return _remarks(record)
    side, octets = _side(record), _value(record, "octets") or b""
    if not (_value(record, "tls") or _value(record, "flight")):
        return [
            Line(record[N], side, safe_octets(line))
            for line in mask_octets(octets).removesuffix(b"\r\n").split(b"\r\n")
        ]
    sealed = _value(record, "sealed") or b""
    start = f": {sealed[:12].hex(' ')} ..." if sealed else ""
    return [Line(record[N], side, f"[{len(sealed) or _value(record, 'size')}]{start}")]


class _Writer:
    """Cuts both directions into lines; each direction keeps its unfinished line."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._rest = {"C": b"", "S": b""}
        self._last_n = 0
        self._secret = False
        self._content = False

    def take(self, record: Record) -> None:
        if record[KIND].name != "tcp.data":
            self.lines += _remarks(record)
            return
        self._last_n = record[N]
        octets = _value(record, "octets")
        if not octets:
            return
        side = _side(record)
        *whole, self._rest[side] = (self._rest[side] + octets).split(b"\n")
        for line in whole:
            self._add(side, line.removesuffix(b"\r"))

    def _add(self, side: str, octets: bytes) -> None:
        if side == "C" and self._secret:
            text = MASK if octets != b"*" else "*"
        elif side == "C" and not self._content:
            text = _masked(octets)
        else:
            text = safe_octets(octets)
        self.lines.append(Line(self._last_n, side, text))
        self._follow(side, octets)

    def _follow(self, side: str, octets: bytes) -> None:
        if side == "C":
            self._secret = self._secret or (not self._content and begins_secret(octets))
            if octets == b".":
                self._content = False
        elif octets[:3] == b"354":
            self._content = True
        else:
            self._secret = octets[:3] == b"334" or (self._secret and octets[:1] == b"+" and octets[:3] != b"+OK")

    def finish(self) -> None:
        for side, rest in self._rest.items():
            if rest:
                self._add(side, rest)


def _masked(octets: bytes) -> str:
    masked = mask_line(octets)
    if masked == octets:
        return safe_octets(octets)
    return safe_octets(masked.rstrip(b"*")) + MASK


def _side(record: Record) -> str:
    return "S" if _value(record, "direction") == "<" else "C"


def _remarks(record: Record) -> list[Line]:
    remark = _REMARKS.get(record[KIND].name)
    return [] if remark is None else [Line(record[N], remark[0], safe_text(remark[1](record)))]


def _connected(record: Record) -> str:
    target = record[TO] or _value(record, "address")
    return f"{record[FROM]} > {target}:{_value(record, 'port')} {_value(record, 'result')}"


_REMARKS: dict[str, tuple[str, Any]] = {
    "tcp.connect": ("#", _connected),
    "tcp.close": ("#", lambda record: f"{record[FROM] or ''} close: {_value(record, 'how')}".strip()),
    "tcp.changed": ("#", lambda record: f"! changed on the way: {_value(record, 'size')}"),
    "tcp.lost": ("#", lambda record: f"x lost: {_value(record, 'size')}"),
    "tls.established": ("~", lambda record: f"{_value(record, 'version')}, {_value(record, 'subject')} ~"),
    "tls.failed": ("~", lambda record: f"! TLS alert {_value(record, 'alert')} {_value(record, 'name')} ~"),
}


def _value(record: Record, field: str) -> Any:
    position = record[KIND].index(field)
    return None if position is None else record[position]
