"""Which stages of a letter's way were begun; each is recorded once for a letter and a recipient."""

from __future__ import annotations

import sys

from simulator.records.kinds_message import STAGES

__all__ = ["Begun"]

_BITS = {name: 1 << position for position, name in enumerate(STAGES)}


class Begun:
    """The stages that were begun, by letter and recipient.

    A letter is never forgotten, since one may be read again after years; one to a single recipient costs nine octets.
    """

    __slots__ = ("_bits", "_others", "_recipients")

    def __init__(self) -> None:
        self._recipients: list[str | None] = []
        """By letter number, the recipient who was met first."""
        self._bits = bytearray()
        """By letter number, a bit for each stage that was begun for that one."""
        self._others: dict[tuple[int, str], int] = {}

    def begin(self, stage: str, letter: int, recipient: str) -> bool:
        """Note that a stage begins; tell whether it had not yet. Raises KeyError for what is no stage."""
        bit = _BITS[stage]
        missing = letter + 1 - len(self._bits)
        if missing > 0:
            self._bits.extend(bytes(missing))
            self._recipients.extend([None] * missing)
        first = self._recipients[letter]
        if first is None:
            self._recipients[letter] = first = sys.intern(recipient)
        if first == recipient:
            begun = self._bits[letter]
            self._bits[letter] = begun | bit
        else:
            begun = self._others.get((letter, recipient), 0)
            self._others[letter, recipient] = begun | bit
        return not begun & bit
