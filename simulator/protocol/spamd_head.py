"""What requests and replies of the spamd protocol begin with, read line by line over any chunking.

Both sides need it only for what does not come in one piece and in the usual form. Source: the file spamd/PROTOCOL of
SpamAssassin.
"""

from __future__ import annotations

import re
from typing import Final

from simulator.errors import LimitExceeded, RemoteProtocolError
from simulator.limits import SPAMD_HEADER_FIELDS, SPAMD_HEADER_OCTETS, SPAMD_MESSAGE_OCTETS

_LENGTH: Final = re.compile(rb"\d{1,12}")


class Head:
    """First line and header fields, collected over any chunking; afterwards the octets that follow."""

    __slots__ = ("buffer", "fields", "length", "position", "scanned", "whole")

    def __init__(self) -> None:
        self.buffer: bytes | bytearray = b""
        self.position = 0
        self.scanned = 0
        self.whole = False
        self.fields: dict[bytes, bytes] = {}
        self.length: int | None = None

    def feed(self, octets: bytes) -> None:
        """Take the next chunk; most often it is the only one, and not copied."""
        if not self.buffer:
            self.buffer = octets
            return
        if isinstance(self.buffer, bytes):
            self.buffer = bytearray(self.buffer)
        self.buffer += octets

    def line(self) -> bytes | None:
        """The next line without its end, None until it is whole. A bare LF ends one too, as spamd has it."""
        end = self.buffer.find(b"\n", self.scanned)
        if (end if end >= 0 else len(self.buffer)) - self.position > SPAMD_HEADER_OCTETS:
            raise LimitExceeded(f"a header line is longer than {SPAMD_HEADER_OCTETS} octets", "header too long")
        if end < 0:
            self.scanned = len(self.buffer)
            return None
        line = bytes(self.buffer[self.position : end]).removesuffix(b"\r")
        self.position = self.scanned = end + 1
        return line

    def read_fields(self) -> bool:
        """Take header fields up to the blank line; whether it has come. Names fold case, the last of a name holds."""
        while not self.whole and (line := self.line()) is not None:
            if not line:
                self._read_length()
                self.whole = True
                break
            name, colon, value = line.partition(b":")
            if not colon or not name.strip():
                raise RemoteProtocolError("a header line has no colon", "header line without a colon")
            if len(self.fields) >= SPAMD_HEADER_FIELDS:
                raise LimitExceeded(
                    f"there are more than {SPAMD_HEADER_FIELDS} header fields", "too many header fields"
                )
            self.fields[name.strip().lower()] = value.strip()
        return self.whole

    def _read_length(self) -> None:
        value = self.fields.get(b"content-length")
        if value is None:
            return
        if not _LENGTH.fullmatch(value):
            raise RemoteProtocolError("Content-length is not a number", "Content-length is not a number")
        self.length = int(value)
        if self.length > SPAMD_MESSAGE_OCTETS:
            raise LimitExceeded(f"the content is longer than {SPAMD_MESSAGE_OCTETS} octets", "message too large")

    def content(self, *, ended: bool) -> bytes | None:
        """The content once it is whole: that many octets, or, without Content-length, all until the end."""
        came = len(self.buffer) - self.position
        if self.length is not None and came >= self.length:
            return bytes(self.buffer[self.position : self.position + self.length])
        if came > SPAMD_MESSAGE_OCTETS:
            raise LimitExceeded(f"the content is longer than {SPAMD_MESSAGE_OCTETS} octets", "message too large")
        if not ended:
            return None
        if self.length is None:
            return bytes(self.buffer[self.position :])
        reply = f"(Content-Length mismatch: Expected {self.length} bytes, got {came} bytes)"
        raise RemoteProtocolError(f"the peer promised {self.length} octets and sent {came}", reply)
