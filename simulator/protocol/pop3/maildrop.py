"""The maildrop as POP3 sees it: a frozen list of messages, numbered from 1.

A protocol for the node to fulfil over its mail store, and the session's marks over it; the marks act at QUIT only.
RFC 1939, 4 (the lock), 5 (DELE) and 6 (UPDATE).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from simulator.errors import ProtocolError
from simulator.protocol.octets import CRLF


class MessageGone(ProtocolError):
    """Somebody removed the message in another way, such as IMAP, which no lock of POP3 keeps out."""


class Maildrop(Protocol):
    """What the node gives at login. It must not change until the session ends (RFC 1939, 4)."""

    def sizes(self) -> Sequence[int]:
        """Give the messages' sizes in octets, CRLFs counted, dots not stuffed."""

    def unique_ids(self) -> Sequence[str]:
        """Give their unique-ids, 1 to 70 characters from 0x21 to 0x7E (RFC 1939, 7, UIDL)."""

    def octets(self, number: int) -> bytes:
        """Give one whole message; `number` counts from 1. Raises `MessageGone` if it is there no more."""


class MarkedMaildrop:
    """A maildrop and which of its messages this session has marked as deleted."""

    __slots__ = ("deleted", "drop", "sizes", "unique_ids")

    def __init__(self, drop: Maildrop) -> None:
        self.drop: Final = drop
        self.sizes = tuple(drop.sizes())
        self.unique_ids = tuple(drop.unique_ids())
        self.deleted: set[int] = set()

    def numbers(self) -> list[int]:
        """Give the numbers of the messages that are not marked."""
        return [number for number in range(1, len(self.sizes) + 1) if number not in self.deleted]

    def total(self) -> tuple[int, int]:
        """Give the count and the octets of the messages that are not marked (STAT)."""
        numbers = self.numbers()
        return len(numbers), sum(self.sizes[number - 1] for number in numbers)

    def top(self, number: int, lines: int) -> bytes:
        """Give a message's header, the empty line, and the first `lines` lines of its body (RFC 1939, 7, TOP)."""
        octets = self.drop.octets(number)
        start = len(CRLF) if octets.startswith(CRLF) else octets.find(CRLF + CRLF) + 4
        if start == 3:
            return octets  # a header and no body
        pieces = octets[start:].split(CRLF, lines)
        return octets if len(pieces) <= lines else octets[: len(octets) - len(pieces[-1])]
