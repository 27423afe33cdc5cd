"""Remembering what was worked out before, but for texts so long that a letter could fill the memory with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar

__all__ = ["SHORT", "remembers_short"]

SHORT: Final = 4_000
"""Octets or characters up to which a field's value is remembered; hardly one of real letters is longer."""

Text = TypeVar("Text", bytes, str)
Result = TypeVar("Result")


def remembers_short(maxsize: int) -> Callable[[Callable[[Text], Result]], Callable[[Text], Result]]:
    """Make a pure function of one text remember its last `maxsize` results, those of long texts not among them."""

    def wrap(function: Callable[[Text], Result]) -> Callable[[Text], Result]:
        again = lru_cache(maxsize)(function)

        @wraps(function)
        def call(text: Text) -> Result:
            return again(text) if len(text) <= SHORT else function(text)

        return call

    return wrap
