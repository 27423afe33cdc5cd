"""What a client says, as a server reads it: a verb and its argument, line by line or a whole chunk at once.

Most chunks are nothing but clean commands, and the same ones come in every session; they are read once. RFC 1939, 3;
RFC 2449, 4.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from simulator import limits
from simulator.errors import RemoteProtocolError
from simulator.protocol.octets import CRLF, newline_fault

Said = tuple[str, str]
"""A verb in capitals and its argument, or ""."""

UNKNOWN: Final = "Unknown command."
_VERB: Final = re.compile(rb"[A-Za-z]{1,16}")
_NOT_AHEAD: Final = frozenset({"APOP", "AUTH", "STLS"})
"""Commands after which the next lines may be none, or must be forgotten."""


def read_line(line: bytes) -> Said:
    """Read a line without its CRLF; raises `RemoteProtocolError`, whose reply says what is wrong with it."""
    word, _, rest = line.partition(b" ")
    verb = _verb(word)
    if verb is None or b"\0" in rest:
        raise RemoteProtocolError("no command of POP3", UNKNOWN)
    try:
        return verb, rest.decode()
    except UnicodeDecodeError:
        raise RemoteProtocolError("an argument that is no UTF-8", "Arguments must be UTF-8.") from None


def read_chunk(octets: bytes) -> tuple[Said, ...] | None:
    """Read a chunk of whole and clean lines, the last one first; None for any other, which is read line by line.

    A chunk is remembered, because what it says hangs on its octets alone, unless a password may be in it.
    """
    if len(octets) > limits.POP3_LINE_OCTETS:
        return None
    return _read_chunk(octets) if b"PASS" in octets.upper() else _read_again(octets)


def _read_chunk(octets: bytes) -> tuple[Said, ...] | None:
    if not octets.endswith(CRLF) or newline_fault(octets):
        return None
    try:
        found = [read_line(line) for line in octets[:-2].split(CRLF)]
    except RemoteProtocolError:
        return None
    found.reverse()
    return tuple(found) if _NOT_AHEAD.isdisjoint([verb for verb, _ in found]) else None


_read_again: Final = lru_cache(maxsize=512)(_read_chunk)


@lru_cache(maxsize=256)
def _verb(word: bytes) -> str | None:
    """Read a verb, in any case, or None; remembered, because it hangs on the word alone, which a line bounds."""
    return word.decode("ascii").upper() if _VERB.fullmatch(word) else None
