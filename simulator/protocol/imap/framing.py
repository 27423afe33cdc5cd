"""Cuts a stream of octets into whole IMAP commands or responses, with the literals inside them.

Both sides need it: a line may go on after `{n}` and n octets of anything, and only the stream's content, never
its chunks, may decide where a unit ends. RFC 9051, 4.3; RFC 7888 for `{n+}`.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LITERAL_AT_END: Final = re.compile(rb"\{(\d{1,19})(\+?)\}\r\n\Z")
_MARK_END: Final = b"}\r\n"
_MARK_OCTETS: Final = 26
_HEAD_OCTETS: Final = 128


class LiteralAnnounced(NamedTuple):
    """A line ended in `{size}`: the owner of the framer must now `accept` or `refuse` it.

    `head` is the unit so far (at most 128 octets of it), for its tag; `waits` is true if the peer waits for `+`.
    """

    size: int
    waits: bool
    head: bytes


class Overlong(NamedTuple):
    """A unit whose text (literals not counted) passed the line limit; the framer skips to its next LF."""

    head: bytes


class Framer:
    """Octets in, whole units out. `line_limit` counts a unit's text in octets without its literals.

    While `literals` is false every line is a unit, whatever it ends in: an authentication's responses, DONE.
    """

    __slots__ = (
        "_announced",
        "_at",
        "_buffer",
        "_literal_end",
        "_scan",
        "_skipping",
        "_text",
        "line_limit",
        "literals",
    )

    def __init__(self, *, line_limit: int) -> None:
        self.line_limit = line_limit
        self.literals = True
        self._buffer = bytearray()
        self._at = 0  # where the unit's last line begins
        self._scan = 0  # where the search for its LF goes on
        self._text = 0  # octets of text before _at
        self._literal_end = 0
        self._announced = 0
        self._skipping = False

    def feed(self, octets: bytes) -> None:
        """Append what came in."""
        self._buffer += octets

    def __len__(self) -> int:
        """Octets waiting, used up in no unit yet."""
        return len(self._buffer)

    def clear(self) -> None:
        """Forget every octet: what was said in clear before TLS (RFC 9051, 6.2.1)."""
        self._forget(len(self._buffer))
        self._skipping = False

    def accept(self) -> None:
        """Take the literal announced last into the unit."""
        self._literal_end = self._at + self._announced

    def refuse(self) -> None:
        """Forget the unit whose literal was announced last; right only if the peer waits (RFC 9051, 4.3)."""
        self._forget(self._at)

    def next_unit(self) -> bytes | LiteralAnnounced | Overlong | None:
        """Give the next unit with its final newline, or what to decide first, or None until more octets are here."""
        if not self._buffer or (self._skipping and not self._skip()):
            return None
        if self._literal_end:
            if len(self._buffer) < self._literal_end:
                return None
            self._at = self._scan = self._literal_end
            self._literal_end = 0
        return self._next_line()

    def _next_line(self) -> bytes | LiteralAnnounced | Overlong | None:
        end = self._buffer.find(b"\n", self._scan) + 1
        line_end = end or len(self._buffer)
        if self._text + line_end - self._at > self.line_limit:
            return self._overlong()
        if not end:
            self._scan = line_end
            return None
        mark = None
        if self.literals and self._buffer.endswith(_MARK_END, self._at, end):
            mark = _LITERAL_AT_END.search(self._buffer, max(self._at, end - _MARK_OCTETS), end)
        if mark is None:
            unit = bytes(self._buffer[:end])
            self._forget(end)
            return unit
        self._text += end - self._at
        self._at = self._scan = end
        self._announced = int(mark[1])
        return LiteralAnnounced(self._announced, not mark[2], bytes(self._buffer[: min(end, _HEAD_OCTETS)]))

    def _overlong(self) -> Overlong:
        head = bytes(self._buffer[:_HEAD_OCTETS])
        scan = self._scan
        self._forget(scan)
        self._skipping = True
        return Overlong(head)

    def _skip(self) -> bool:
        end = self._buffer.find(b"\n") + 1
        self._forget(end or len(self._buffer))
        self._skipping = not end
        return not self._skipping

    def _forget(self, count: int) -> None:
        del self._buffer[:count]
        self._at = self._scan = self._text = self._literal_end = 0
