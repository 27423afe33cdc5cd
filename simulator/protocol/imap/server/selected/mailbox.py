"""The selected mailbox as this session has been told it: which number is which UID, and what has changed since.

Message numbers belong to what the client knows, not to what the store holds, so each session keeps its own list
and tells the difference only where it may. RFC 9051, 7.5.1 (EXPUNGE) and 5.2 (mailbox size and status updates).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from simulator.protocol.imap import sequence
from simulator.protocol.imap.view import Mailbox, Message
from simulator.protocol.imap.writing import SYSTEM_FLAGS


class Changes(NamedTuple):
    """What the client has not been told: `expunged` as EXPUNGE numbers in order, `flagged` as message numbers.

    `exists` and `recent` are None where nothing changed.
    """

    expunged: tuple[int, ...]
    exists: int | None
    recent: int | None
    flagged: tuple[int, ...]
    new_keywords: bool


class SelectedMailbox:
    """One session's view of one mailbox. `uids[n - 1]` is the UID of message number n."""

    __slots__ = (
        "_flags",
        "_live",
        "_recent",
        "_settled",
        "_told",
        "_told_recent",
        "_version",
        "keywords",
        "name",
        "read_only",
        "uids",
        "view",
    )

    def __init__(self, *, name: str, view: Mailbox, read_only: bool) -> None:
        self.name = name
        self.view = view
        self.read_only = read_only
        self.keywords: dict[str, str] = {}
        self._version: int | None = None
        self.look()
        self.uids: list[int] = list(self._live)
        self._told = dict(self._flags)
        self._told_recent = self.recent_count()
        self._settled: int | None = self._version
        self._learn_all()

    def look(self) -> None:
        """Ask the store what there is now, if anything has changed since the last look."""
        version = self.view.version
        if version == self._version:
            return
        self._version = version
        self._live: dict[int, Message] = {message.uid: message for message in self.view.messages()}
        self._flags: dict[int, frozenset[str]] = {uid: message.flags for uid, message in self._live.items()}
        self._recent: frozenset[int] = self.view.recent()

    def message(self, number: int) -> Message | None:
        """Give a message, None if somebody has removed it and this session has not been told yet."""
        return self._live.get(self.uids[number - 1])

    def numbers(self, ranges: sequence.SequenceSet, *, by_uid: bool) -> list[int]:
        """Give the message numbers that a set of numbers or UIDs means."""
        if by_uid:
            return sequence.by_uid(ranges, self.uids)
        return sequence.by_number(ranges, len(self.uids))

    def flags(self, uid: int) -> frozenset[str]:
        r"""Give a live message's flags as the store has them, without `\Recent`."""
        return self._flags[uid]

    def tell_flags(self, uid: int) -> frozenset[str]:
        r"""Give a live message's flags for a FETCH, with `\Recent`; after this they count as told."""
        flags = self._told[uid] = self._flags[uid]
        return flags | {"\\Recent"} if uid in self._recent else flags

    def is_recent(self, uid: int) -> bool:
        r"""Tell whether a message is `\Recent` for this session."""
        return uid in self._recent

    def recent_count(self) -> int:
        r"""Count the `\Recent` messages."""
        return len(self._recent & self._live.keys()) if self._recent else 0

    def first_unseen(self) -> int | None:
        r"""Give the number of the first message without `\Seen`."""
        return next((number for number, uid in enumerate(self.uids, 1) if "\\Seen" not in self._flags[uid]), None)

    def set_flags(self, uid: int, flags: frozenset[str]) -> None:
        """Change the flags of a live message through the view."""
        self.view.set_flags(uid, flags)
        self._flags[uid] = flags

    def spelling(self, flag: str) -> str:
        """Give a keyword in the spelling the mailbox already has (RFC 9051, 2.3.2: case does not matter)."""
        return self.keywords.get(flag.lower(), flag)

    def learn(self, flags: Iterable[str]) -> bool:
        """Note keywords; tell whether one was new."""
        before = len(self.keywords)
        for flag in sorted(flag for flag in flags if not flag.startswith("\\")):
            self.keywords.setdefault(flag.lower(), flag)
        return len(self.keywords) > before

    def _learn_all(self) -> bool:
        return self.learn({flag for flags in set(self._flags.values()) for flag in flags})

    def known_flags(self) -> tuple[str, ...]:
        """Give every flag in use here, for FLAGS and PERMANENTFLAGS."""
        return (*SYSTEM_FLAGS, *self.keywords.values())

    def changes(self, *, may_expunge: bool) -> Changes | None:
        """Take what the client has not been told, None if nothing; after this it counts as told."""
        self.look()
        if self._version == self._settled:
            return None
        live = self._live
        gone = [number for number, uid in enumerate(self.uids, 1) if uid not in live]
        expunged = self._take(gone) if may_expunge else ()
        if may_expunge or not gone:
            self._settled = self._version
        fresh = [uid for uid in live if not self.uids or uid > self.uids[-1]]
        self.uids += fresh
        self._told.update((uid, self._flags[uid]) for uid in fresh)
        recent = self.recent_count()
        tell_recent = recent != self._told_recent or bool(fresh)
        self._told_recent = recent
        return Changes(
            expunged=expunged,
            exists=len(self.uids) if fresh else None,
            recent=recent if tell_recent else None,
            flagged=self._flagged(),
            new_keywords=self._learn_all(),
        )

    def _take(self, gone: list[int]) -> tuple[int, ...]:
        for number in gone:
            del self._told[self.uids[number - 1]]
        self.uids = [uid for uid in self.uids if uid in self._live]
        return tuple(number - removed for removed, number in enumerate(gone))

    def _flagged(self) -> tuple[int, ...]:
        told, flags = self._told, self._flags
        return tuple(number for number, uid in enumerate(self.uids, 1) if uid in flags and told[uid] != flags[uid])
