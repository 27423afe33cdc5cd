"""Changing good input at random, the same way in every run, and cutting it into chunks."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["CONTROL", "NEWLINES", "Mutator", "attempt", "cut", "kept_of", "rounds"]

CONTROL = (b"\0", b"\x07", b"\x08", b"\x1b[2J", b"\x1b]52;c;AA\x07", b"\x7f", b"\x80", b"\x9b", b"\xff", b"\xc0\xaf")
NEWLINES = (b"\r\n", b"\n", b"\r", b"\r\n.\r\n", b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n\r\n", b"\r\n ")
USUAL = (
    *CONTROL,
    *NEWLINES,
    b" ",
    b'"',
    b"\\",
    b"(",
    b")",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b":",
    b";",
    b"=",
    b"x" * 300,
)
_MILLION = 1_000_000


def rounds(long: bool, usual: int) -> int:
    """How many pieces of input a test tries."""
    return _MILLION if long else usual


@dataclass(frozen=True, slots=True)
class Mutator:
    """Good input, and pieces that parsers of it may stumble over."""

    seeds: Sequence[bytes]
    pieces: Sequence[bytes] = ()

    def inputs(self, count: int, seed: int = 1) -> Iterator[tuple[bytes, random.Random]]:
        """Give `count` changed inputs, each with the chance that made it."""
        chance = random.Random(seed)
        for _ in range(count):
            yield self.changed(chance.choice(self.seeds), chance), chance

    def changed(self, seed: bytes, chance: random.Random) -> bytes:
        """Change an input in none to five places."""
        octets = bytearray(seed)
        for _ in range(chance.randrange(6)):
            start = chance.randrange(len(octets) + 1)
            end = min(len(octets), start + chance.randrange(12))
            octets[start:end] = self._instead(bytes(octets[start:end]), chance)
        return bytes(octets[:200_000])

    def _instead(self, octets: bytes, chance: random.Random) -> bytes:
        what = chance.randrange(6)
        if what == 0:
            return b""
        if what == 1:
            return octets * chance.randint(2, 30)
        if what == 2:
            return chance.choice(USUAL)
        if what == 3 and self.pieces:
            return chance.choice(self.pieces)
        if what == 4:
            other = chance.choice(self.seeds)
            begin = chance.randrange(len(other) + 1)
            return other[begin : begin + chance.randrange(80)]
        return bytes(octet ^ 1 << chance.randrange(8) for octet in octets[:3]) + octets[3:]


def cut(octets: bytes, chance: random.Random) -> list[bytes]:
    """Cut a stream anywhere."""
    chunks, start = [], 0
    while start < len(octets):
        end = start + chance.choice([1, 2, 3, 7, 40, 500, 5000])
        chunks.append(octets[start:end])
        start = end
    return chunks


def attempt(kind: type[Exception], act: Callable[..., Any], *arguments: Any) -> tuple[Any, Exception | None]:
    """What comes of an act, or the error of that kind; any other error is raised."""
    try:
        return act(*arguments), None
    except kind as error:
        return None, error


def kept_of(feed: Callable[[bytes], object], piece: bytes, total: int) -> int:
    """Octets of memory that are held after a peer said `piece` over and over, `total` octets in all.

    `feed` gives true when the session is over.
    """
    chunk = piece * max(1, 65_536 // len(piece))
    feed(piece)
    tracemalloc.start()
    try:
        for _ in range(total // len(chunk)):
            if feed(chunk):
                break
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
