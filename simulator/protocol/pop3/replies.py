"""POP3 replies as they go on the wire: one line, or a line and dot-terminated lines.

RFC 1939, 3; RFC 2449, 8 for response codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from simulator.protocol.octets import CRLF, END_MARK, encode_data
from simulator.protocol.sasl import encode_base64


class Answer(NamedTuple):
    """One whole reply: `first` is its first line, `wire` everything, `octets` the size of what follows the first,
    `lines` the number of lines in that without the final dot."""

    is_ok: bool
    first: str
    wire: bytes
    octets: int = 0
    lines: int = 0


@lru_cache(maxsize=512)
def ok(text: str = "") -> Answer:
    """Write a single-line +OK; remembered, because it hangs on the text alone."""
    first = f"+OK {text}" if text else "+OK"
    return Answer(is_ok=True, first=first, wire=first.encode("ascii") + CRLF)


def err(text: str, code: str | None = None) -> Answer:
    """Write -ERR with a response code or none."""
    first = f"-ERR [{code}] {text}" if code else f"-ERR {text}"
    return Answer(is_ok=False, first=first, wire=first.encode("ascii") + CRLF)


def content(text: str, octets: bytes) -> Answer:
    """Write +OK and a message, dot-stuffed and ended."""
    return _followed(text, encode_data(octets))


def multi_line(text: str, lines: Iterable[bytes]) -> Answer:
    """Write +OK and lines that are known not to begin with a dot."""
    return _followed(text, CRLF.join((*lines, END_MARK)))


def _followed(text: str, body: bytes) -> Answer:
    head = ok(text)
    return Answer(True, head.first, head.wire + body, len(body), body.count(b"\n") - 1)


def challenge(octets: bytes) -> bytes:
    """Write what a server asks in an authentication exchange (RFC 5034, 4)."""
    return b"+ %b\r\n" % encode_base64(octets)


OK: Final = ok()
