"""Cuts a stream of octets into CRLF lines and dot-terminated content, whatever the chunks it comes in.

Every line-based protocol here (SMTP, LMTP, POP3) needs the same strictness: only CRLF ends a line and only
CRLF.CRLF ends content, because two servers that disagree about a bare CR or LF are how letters are smuggled.
RFC 5321, 2.3.8, 4.1.1.4, 4.5.2 and 4.5.3.1; RFC 1939, 3.
"""

import re
from functools import lru_cache
from typing import Final

from simulator import limits
from simulator.errors import LimitExceeded, RemoteProtocolError

CRLF: Final = b"\r\n"
END_MARK: Final = b".\r\n"
"""The line that ends content, once the line before it has been ended."""

_CR: Final = 13
_DOT: Final = b"."
_END_OF_DATA: Final = b"\r\n.\r\n"
_KEEP: Final = len(_END_OF_DATA) - 1
_SHORT: Final = 65_536
_NEWLINE: Final = re.compile(rb"\r\n|\r|\n")
_BARE_CR: Final = re.compile(rb"\r(?!\n)")
_DOTTED: Final = re.compile(rb"\r\n\.")  # a compiled search takes half the time of `find` here


def newline_fault(octets: bytes) -> str | None:
    """Name the newline that is not CRLF: `"<LF>"`, `"<CR>"`, or None when every CR and LF belongs to a CRLF."""
    bare_cr = _BARE_CR.search(octets) is not None
    if not bare_cr and octets.count(b"\n") == octets.count(b"\r"):
        return None
    return "<LF>" if octets.count(b"\n") != octets.count(CRLF) else "<CR>"


def has_line_over(octets: bytes, limit: int) -> bool:
    """Whether a line is longer than `limit` octets, its CRLF counted. Goes in steps of `limit`, not line by line."""
    start, last = 0, len(octets) - limit
    while start <= last:
        end = octets.rfind(b"\n", start, start + limit)
        if end < 0:
            return True
        start = end + 1
    return False


def content_fault(octets: bytes) -> str | None:
    """Name what no letter may hold: `"<LF>"` or `"<CR>"` that stands alone, or `"line"` for one that is too long.

    Each hop asks twice, the client before it sends a letter and the server when it has it: short ones are remembered.
    RFC 5321, 2.3.8 and 4.5.3.1.6.
    """
    return _content_fault(octets) if len(octets) > _SHORT else _short_content_fault(octets)


def _content_fault(octets: bytes) -> str | None:
    fault = newline_fault(octets)
    return "line" if fault is None and has_line_over(octets, limits.TEXT_LINE_OCTETS) else fault


_short_content_fault: Final = lru_cache(maxsize=64)(_content_fault)


def dot_stuff(content: bytes) -> bytes:
    """Double the dot that begins a line (RFC 5321, 4.5.2; RFC 1939, 3). Adds neither a final CRLF nor the end mark."""
    stuffed = content.replace(b"\r\n.", b"\r\n..") if _DOTTED.search(content) is not None else content
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def dot_unstuff(stuffed: bytes) -> bytes:
    """Take away the first dot of each line that begins with one: the inverse of `dot_stuff`."""
    content = stuffed.replace(b"\r\n.", CRLF) if b"\r\n." in stuffed else stuffed
    return content[1:] if stuffed.startswith(b".") else content


def encode_data(content: bytes) -> bytes:
    """Dot-stuff whole content and end it: a final CRLF where it is missing, then the end mark."""
    stuffed = dot_stuff(content)
    if not stuffed or stuffed.endswith(CRLF):
        return stuffed + END_MARK
    return stuffed + _END_OF_DATA


class LineBuffer:
    """Octets that have come in and are not yet used, given out line by line.

    `limit` is the longest line in octets, its CRLF counted; it may be changed between lines. A line ends at LF. One
    that is too long or holds a bare CR or LF is taken out whole and refused by an exception, so that the next line
    starts where it should; of an overlong line no more than `limit` octets are ever kept.
    """

    __slots__ = ("_head", "_octets", "_start", "limit", "refused")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.refused = b""
        """The line that the last exception was about, newline included, cut at `limit` octets."""
        self._octets = b""
        self._start = 0
        self._head = b""  # the first `limit` octets of a line already known to be too long

    def feed(self, octets: bytes) -> None:
        """Append what came in."""
        start = self._start
        if start == len(self._octets):
            self._octets = octets
        else:
            self._octets = self._octets[start:] + octets
        self._start = 0

    def __len__(self) -> int:
        """Octets waiting."""
        return len(self._octets) - self._start

    @property
    def holds(self) -> bool:
        """Whether anything waits, be it only that the end of an overlong line is still to come."""
        return bool(self._head) or self._start < len(self._octets)

    @property
    def overlong(self) -> bool:
        """Whether more octets of one line have come than `limit`, and not its end."""
        return bool(self._head)

    def next_line(self) -> bytes | None:
        """Give the next line without its CRLF, or None until it is complete.

        Raises `LimitExceeded` for a line over `limit` and `RemoteProtocolError` for a bare CR or LF; either way the
        line is gone and `refused` holds it.
        """
        octets, start = self._octets, self._start
        if start == len(octets):
            return None
        end = octets.find(b"\n", start)
        if end < 0:
            if len(octets) - start > self.limit:
                self._drop_excess()
            return None
        self._start = after = end + 1
        if self._head or after - start > self.limit:
            self._refuse_overlong(octets[start:after])
        if end == start or octets[end - 1] != _CR:
            self.refused = octets[start:after]
            raise RemoteProtocolError("bare <LF> received")
        line = octets[start : end - 1]
        if _CR in line:
            self.refused = octets[start:after]
            raise RemoteProtocolError("bare <CR> received")
        return line

    def take(self, count: int) -> bytes | None:
        """Give exactly `count` octets, or None until they are there."""
        start = self._start
        if len(self._octets) - start < count:
            return None
        self._start = start + count
        return self._octets[start : start + count]

    def take_up_to(self, count: int) -> bytes:
        """Give at most `count` octets of those that wait."""
        start = self._start
        taken = self._octets[start : start + count]
        self._start = start + len(taken)
        return taken

    def take_plain_content(self) -> bytes | None:
        """Give content if it is all there and no line of it begins with a dot; take nothing and give None if not."""
        octets, start = self._octets, self._start
        dotted = _DOTTED.search(octets, start)
        if dotted is None or octets.startswith(_DOT, start):
            return None
        end = dotted.end() - 1
        if not octets.startswith(END_MARK, end):
            return None
        self._start = end + 3
        return octets[start:end]

    def take_all(self) -> bytes:
        """Give every octet that waits."""
        octets = self._octets[self._start :] if self._start else self._octets
        self.clear()
        return octets

    def give_back(self, octets: bytes) -> None:
        """Put octets back in front, as if they had not been taken."""
        self._octets = octets + self._octets[self._start :]
        self._start = 0

    def clear(self) -> None:
        """Forget every octet (STARTTLS drops what came in clear: RFC 3207, 4.2)."""
        self._octets = b""
        self._start = 0
        self._head = b""

    def _drop_excess(self) -> None:
        self._head = (self._head + self._octets[self._start :])[: self.limit]
        self._octets = b""
        self._start = 0

    def _refuse_overlong(self, rest: bytes) -> None:
        self.refused = (self._head + rest)[: self.limit]
        self._head = b""
        raise LimitExceeded(f"line longer than {self.limit} octets")


class DotReader:
    """Collects dot-stuffed content out of a `LineBuffer` up to CRLF.CRLF and nothing like it.

    Content over `limit` octets (counted without stuffing) is read to its end but not kept. One reader, one content.
    """

    __slots__ = ("_collected", "limit", "too_big")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.too_big = False
        self._collected = bytearray()

    def read(self, buffer: LineBuffer) -> bytes | None:
        """Take what waits; give the content without stuffing at its end (b"" when `too_big`), None until then."""
        collected = self._collected
        if not collected:
            content = buffer.take_plain_content()
            if content is not None and len(content) <= self.limit:
                return content
            if content is not None:
                return self._judged(content)
            if not len(buffer):
                return None
            collected += CRLF  # the line before the first one counts as ended: "." CRLF alone is the end
        seen = max(0, len(collected) - _KEEP)
        collected += buffer.take_all()
        end = collected.find(_END_OF_DATA, seen)
        if end < 0:
            self._drop_excess()
            return None
        after = end + len(_END_OF_DATA)
        if after < len(collected):
            buffer.give_back(bytes(collected[after:]))
        content = dot_unstuff(bytes(collected[2 : end + 2]))
        collected.clear()
        return self._judged(content)

    def _judged(self, content: bytes) -> bytes:
        self.too_big = self.too_big or len(content) > self.limit
        return b"" if self.too_big else content

    def _drop_excess(self) -> None:
        # "." CRLF is stuffed to four octets for three: more than this is over the limit however it was stuffed.
        if self.too_big or len(self._collected) > self.limit + self.limit // 3 + 2 * len(_END_OF_DATA):
            self.too_big = True
            del self._collected[:-_KEEP]


class ChunkReader:
    """Takes the `size` octets of one chunk out of a `LineBuffer`: no dots, no end mark (RFC 3030, 2).

    A chunk over `room` octets is read to its end but not kept. One reader, one chunk.
    """

    __slots__ = ("_left", "_parts", "too_big")

    def __init__(self, size: int, room: int) -> None:
        self._left = size
        self._parts: list[bytes] = []
        self.too_big = size > room

    def read(self, buffer: LineBuffer) -> bytes | None:
        """Take what waits; give the chunk at its end (b"" when `too_big`), None until then."""
        part = buffer.take_up_to(self._left)
        self._left -= len(part)
        if not self.too_big:
            self._parts.append(part)
        return None if self._left else b"".join(self._parts)


def with_crlf_only(octets: bytes) -> bytes:
    """Make every newline a CRLF: what a server does that normalises instead of refusing (RFC 5321, 2.3.8)."""
    return octets if newline_fault(octets) is None else _NEWLINE.sub(CRLF, octets)
