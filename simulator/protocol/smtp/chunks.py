"""The chunks of a letter that comes by BDAT, and the one that is coming in.

A chunk is read to its end whatever its fate, because its octets must never be taken for commands. RFC 3030, 2.
"""

from dataclasses import dataclass
from typing import Final

from simulator.protocol.octets import CRLF, ChunkReader, LineBuffer
from simulator.protocol.smtp import replies
from simulator.protocol.smtp.replies import Reply
from simulator.protocol.smtp.syntax import Chunk

_NOTHING: Final = 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """A BDAT whose octets are coming in: its words, its reader, and the refusal that waits until they are there."""

    argument: str
    line: bytes
    what: Chunk
    reader: ChunkReader
    refusal: Reply | None


class Chunks:
    """What has come in chunks in the open transaction; `limit` is the largest letter in octets."""

    __slots__ = ("_limit", "_parts", "_size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """Octets so far."""
        return self._size

    def begin(self, argument: str, line: bytes, what: Chunk, refusal: Reply | None) -> Incoming:
        """Read the line of a BDAT; nothing of a chunk that is refused or too big will be kept."""
        room = _NOTHING if refusal is not None else self._limit - self._size
        reader = ChunkReader(what.size, room)
        return Incoming(argument, line, what, reader, refusal or (replies.TOO_BIG if reader.too_big else None))

    def take(self, incoming: Incoming, buffer: LineBuffer) -> bool:
        """Take what waits of a chunk; tells whether it is there."""
        octets = incoming.reader.read(buffer)
        if octets is None:
            return False
        if incoming.refusal is None:
            self._parts.append(octets)
            self._size += len(octets)
        return True

    def whole(self) -> bytes:
        """Give the letter, with a final CRLF where it is missing, as DATA would have made it."""
        content = b"".join(self._parts)
        return content if not content or content.endswith(CRLF) else content + CRLF

    def clear(self) -> None:
        """Forget the letter."""
        self._parts.clear()
        self._size = 0
