"""Named random streams, all from one seed.

Each user of chance has a stream of its own, so that one more draw in one place changes nothing in another.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from hashlib import sha256

__all__ = ["Chance", "below", "stream"]

Chance = Callable[[str], random.Random]
"""Where the random stream of a name comes from."""


def stream(seed: int, name: str) -> random.Random:
    """Return the random stream called `name` of the world with this `seed`.

    Only `random()`, `getrandbits()` and `randrange()` are promised to give equal values on every Python version.
    """
    digest = sha256(f"{seed}/{name}".encode()).digest()
    return random.Random(int.from_bytes(digest[:16], "big"))


def below(chance: random.Random, limit: int) -> int:
    """Draw a number from 0 to below `limit`: what `randrange(limit)` gives, in fewer calls."""
    bits = limit.bit_length()
    drawn = chance.getrandbits(bits)
    while drawn >= limit:
        drawn = chance.getrandbits(bits)
    return drawn
