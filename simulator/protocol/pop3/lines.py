"""What a client says, as a server reads it: a verb and its argument, line by line or a whole chunk at once.

Most chunks are nothing but clean commands, and the same ones come in every session; they are read once. RFC 1939, 3;
RFC 2449, 4.
"""

from __future__ import annotations

import re
from typing import Final

from simulator import limits
from simulator.errors import RemoteProtocolError
from simulator.protocol.octets import CRLF, newline_fault
from simulator.protocol.pop3.table import COMMANDS, SHOWN

Said = tuple[str, str]
"""A verb in capitals and its argument, or ""."""

UNKNOWN: Final = "Unknown command."
_VERBS: Final = {verb.encode("ascii"): verb for verb in COMMANDS}
_VERB: Final = re.compile(rb"[A-Za-z]{1,16}")
_NOT_AHEAD: Final = frozenset({"APOP", "AUTH", "STLS"})
"""Commands after which the next lines may be none, or must be forgotten."""


_KEPT: Final = 512
_known: dict[bytes, tuple[Said, ...]] = {}


def read_line(line: bytes) -> Said:
    """Read a line without its CRLF; raises `RemoteProtocolError`, whose reply says what is wrong with it."""
    word, _, rest = line.partition(b" ")
    verb = _VERBS.get(word) or _verb(word)
    if verb is None or b"\0" in rest:
        raise RemoteProtocolError("no command of POP3", UNKNOWN)
    try:
        return verb, rest.decode()
    except UnicodeDecodeError:
        raise RemoteProtocolError("an argument that is no UTF-8", "Arguments must be UTF-8.") from None


def read_chunk(octets: bytes) -> tuple[Said, ...] | None:
    """Read a chunk of whole and clean lines, the last one first; None for any other, which is read line by line.

    A chunk in which nothing can be a secret is remembered, because what it says hangs on its octets alone.
    """
    if len(octets) > limits.POP3_LINE_OCTETS:
        return None
    known = _known.get(octets)
    if known is not None:
        return known
    if not octets.endswith(CRLF) or newline_fault(octets):
        return None
    try:
        found = [read_line(line) for line in octets[:-2].split(CRLF)]
    except RemoteProtocolError:
        return None
    verbs = [verb for verb, _ in found]
    if not _NOT_AHEAD.isdisjoint(verbs):
        return None
    found.reverse()
    said = tuple(found)
    if SHOWN.issuperset(verbs):
        _remember(octets, said)
    return said


def _remember(octets: bytes, said: tuple[Said, ...]) -> None:
    if len(_known) >= _KEPT:
        _known.clear()
    _known[octets] = said


def _verb(word: bytes) -> str | None:
    """Read a verb, in any case, or None."""
    return word.decode("ascii").upper() if _VERB.fullmatch(word) else None
