"""Mutates streams of octets, the same way in every run, for the fuzzing of IMAP and POP3."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

PIECES = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\x1b[2J",
        b"\xff",
        b'"',
        b"\\",
        b"(",
        b")",
        b"*",
        b"%",
        b"{",
        b"}",
        b" ",
        b"<",
        b">",
    ),
    *(
        b"{0}\r\n",
        b"{3}\r\n",
        b"{3+}\r\nabc",
        b"{99999999999}\r\n",
        b"{99999999999+}\r\n",
        b"~{3+}\r\n",
        b"{4294967296}\r\n",
    ),
    *(
        b"a IDLE\r\n",
        b"DONE\r\n",
        b"a STARTTLS\r\n",
        b"a AUTHENTICATE PLAIN\r\n",
        b"AUTH PLAIN\r\n",
        b"*\r\n",
        b"STLS\r\n",
    ),
    *(
        b"a SELECT INBOX\r\n",
        b"a CLOSE\r\n",
        b"a EXPUNGE\r\n",
        b"1:*",
        b"4294967295",
        b"0",
        b"NIL",
        b"BODY[1.2.3.MIME]<0.1>",
    ),
    *(
        b"\xd0\xbf",
        b"&BB8-",
        b"(" * 300,
        b"NOT " * 300,
        b"x" * 9000,
        b"QUIT\r\n",
        b"RETR 1\r\n",
        b"TOP 1 0\r\n",
        b"DELE 1\r\n",
    ),
)


def mutants(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[tuple[bytes, random.Random]]:
    """Give `count` streams, each with the chance that made it."""
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        yield _mutated(chance.choice(seeds), seeds, chance), chance


def cut(octets: bytes, chance: random.Random) -> list[bytes]:
    """Cut a stream into chunks."""
    places = sorted({0, len(octets), *(chance.randrange(len(octets) + 1) for _ in range(chance.randrange(1, 30)))})
    return [octets[start:end] for start, end in pairwise(places)]


def _mutated(stream: bytes, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    octets = bytearray(stream)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(octets) + 1)
        end = min(len(octets), start + chance.randrange(12))
        match chance.randrange(5):
            case 0:
                octets[start:end] = b""
            case 1:
                octets[start:start] = octets[start:end] * chance.randint(1, 20)
            case 2:
                octets[start:end] = chance.choice(PIECES)
            case 3 if start < len(octets):
                octets[start] ^= 1 << chance.randrange(8)
            case _:
                other = chance.choice(seeds)
                octets[start:start] = other[chance.randrange(len(other) + 1) :][:200]
    return bytes(octets)
