"""The letters that travelled in one session, cut out of the octets on the link.

The wire is the truth: a letter at rest is found again by what was said when it was handed over, so no record has to
hold it twice. DATA and BDAT: RFC 5321, 4.1.1.4, and RFC 3030, 2; literals of IMAP: RFC 9051, 4.3, and RFC 7888.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..engine.base_kinds import TCP_DATA
from ..engine.kinds import Record
from ..engine.trace import KIND, SESSION, N, value
from ..protocol.octets import dot_unstuff

__all__ = ["Content", "appended", "submitted"]

_END: Final = b"\r\n.\r\n"
_LITERAL: Final = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")
_BDAT: Final = re.compile(rb"BDAT +(\d+)( +LAST)?\r\n\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Content:
    """A letter that travelled: the record that completed it, its octets, and (IMAP) the tag of its command."""

    n: int
    octets: bytes
    tag: str = ""


def submitted(records: Iterable[Record], session: int) -> list[Content]:
    """The contents that a client of SMTP or LMTP handed over in a session, in order, dots unstuffed."""
    reader = _Submissions()
    for record in _said(records, session):
        reader.take(record[N], value(record, "octets"), from_client=value(record, "direction") == ">")
    return reader.found


def appended(records: Iterable[Record], session: int) -> list[Content]:
    """The literals that a client of IMAP sent in a session, in order, each with the tag of its command."""
    reader = _Literals()
    for record in _said(records, session):
        reader.take(record[N], value(record, "octets"), from_client=value(record, "direction") == ">")
    return reader.found


def _said(records: Iterable[Record], session: int) -> Iterable[Record]:
    return (record for record in records if record[SESSION] == session and record[KIND] is TCP_DATA)


class _Reader(ABC):
    """What both have in common: the client's octets that are not used up yet."""

    def __init__(self) -> None:
        self.found: list[Content] = []
        self._rest = b""
        self._n = 0

    def take(self, n: int, octets: bytes, *, from_client: bool) -> None:
        """Take what one side said in the record `n`."""
        self._n = n
        if from_client:
            self._rest += octets
        else:
            self._answered(octets)
        while self._step():
            pass

    @abstractmethod
    def _answered(self, octets: bytes) -> None:
        """Learn from the server what the client's octets are."""

    @abstractmethod
    def _step(self) -> bool:
        """Use up one line or one letter, and tell whether there was one."""

    def _line(self) -> bytes:
        """The next whole line with its end, b"" if there is none."""
        line, end, rest = self._rest.partition(b"\n")
        if not end:
            return b""
        self._rest = rest
        return line + end

    def _octets(self, size: int) -> bytes | None:
        if len(self._rest) < size:
            return None
        octets, self._rest = self._rest[:size], self._rest[size:]
        return octets


class _Submissions(_Reader):
    """Reads the client's side of SMTP or LMTP; after a 354 comes content up to its lone dot."""

    def __init__(self) -> None:
        super().__init__()
        self._in_content = False
        self._chunk: tuple[int, bytes | None] | None = None
        self._chunks: list[bytes] = []

    def _answered(self, octets: bytes) -> None:
        self._in_content = self._in_content or octets.startswith(b"354") or b"\n354" in octets

    def _step(self) -> bool:
        if self._in_content:
            return self._content()
        if self._chunk is not None:
            return self._next_chunk(*self._chunk)
        line = self._line()
        bdat = _BDAT.match(line)
        if bdat is not None:
            self._chunk = int(bdat[1]), bdat[2]
        return bool(line)

    def _content(self) -> bool:
        end = (b"\r\n" + self._rest).find(_END)
        if end < 0:
            return False
        self.found.append(Content(self._n, dot_unstuff(self._rest[:end])))
        self._rest = self._rest[end + 3 :]
        self._in_content = False
        return True

    def _next_chunk(self, size: int, last: bytes | None) -> bool:
        octets = self._octets(size)
        if octets is None:
            return False
        self._chunks.append(octets)
        self._chunk = None
        if last is not None:
            self.found.append(Content(self._n, b"".join(self._chunks)))
            self._chunks = []
        return True


class _Literals(_Reader):
    """Reads the client's side of IMAP; a literal comes after a `+` of the server, or at once if the client says so."""

    def __init__(self) -> None:
        super().__init__()
        self._tag = ""
        self._size: int | None = None
        self._goes_on = False

    def _answered(self, octets: bytes) -> None:
        if octets.startswith(b"+") or b"\n+ " in octets:
            self._goes_on = True
        elif self._size is not None and not self._goes_on:  # refused: the literal never comes
            self._size, self._tag = None, ""

    def _step(self) -> bool:
        if self._size is not None:
            octets = self._octets(self._size) if self._goes_on else None
            if octets is None:
                return False
            self.found.append(Content(self._n, octets, self._tag))
            self._size = None
            return True
        line = self._line()
        self._begin(line)
        return bool(line)

    def _begin(self, line: bytes) -> None:
        self._tag = self._tag or line.split(b" ", 1)[0].decode("ascii", "replace")
        literal = _LITERAL.search(line)
        if literal is not None:
            self._size, self._goes_on = int(literal[1]), bool(literal[2])
        elif line:
            self._tag = ""
