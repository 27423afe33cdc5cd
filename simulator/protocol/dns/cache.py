"""The cache of a recursive resolver: sets of records and denials, each until its TTL has run out.

Its content is data (`entries(now)`), and a watcher hears of every store, hit and expiry, so that a trace of those
is enough to rebuild the cache as of any time. There is no timer: what has expired is dropped when it is met.
Source: RFC 1035, 7.4; RFC 2181, 5.4.1 (trust) and 8 (TTL); RFC 2308, 5 (denials).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Literal, Protocol

from simulator.limits import DNS_NEGATIVE_TTL_SECONDS, DNS_TTL_SECONDS, SECOND_US
from simulator.protocol.dns.message import ANY, CNAME, Name, RRset, name_text, rrset_text, type_text

if TYPE_CHECKING:
    from collections.abc import Iterator

Negative = Literal["", "NXDOMAIN", "NODATA"]

CACHE_ENTRIES: Final = 50_000
"""Entries that a cache holds; the one stored first makes room (it counts as expired)."""


class Trust(IntEnum):
    """How far data are believed; less never replaces more (RFC 2181, 5.4.1). Clients get AUTHORITATIVE data only."""

    GLUE = 1
    REFERRAL = 2
    AUTHORITATIVE = 3


@dataclass(slots=True, eq=False, kw_only=True)
class Entry:
    """One thing that the resolver knows: a set of records, or that there is none.

    `ttl` in seconds counts from `stored_at` (µs). `rrset` holds the records, for a denial the SOA record that came
    with it, or None. A denial of the whole name has type ANY. `number` is unique in its cache; `record` is whatever
    the watcher gave back when the entry was stored.
    """

    name: Name
    type: int
    ttl: int
    stored_at: int
    trust: Trust
    rrset: RRset | None
    negative: Negative = ""
    number: int = 0
    record: object | None = None
    _words: tuple[str, str, str] | None = field(default=None, repr=False)

    @property
    def expires_at(self) -> int:
        """The first microsecond at which the entry must not be used any more."""
        return self.stored_at + self.ttl * SECOND_US

    def remaining(self, now: int) -> int:
        """The TTL in seconds that an answer given now carries."""
        left = self.ttl - (now - self.stored_at) // SECOND_US
        return left if left > 0 else 0

    @property
    def words(self) -> tuple[str, str, str]:
        """Name, type and records as records write them; for a denial NXDOMAIN or NODATA stands for the records."""
        if self._words is None:
            text = self.negative or ("" if self.rrset is None else rrset_text(self.rrset))
            self._words = (name_text(self.name), type_text(self.type), text)
        return self._words

    @property
    def qname(self) -> str:
        """The name as records write it."""
        return self.words[0]

    @property
    def qtype(self) -> str:
        """The type as a word."""
        return self.words[1]

    @property
    def answer(self) -> str:
        """The records as text; for a denial NXDOMAIN or NODATA."""
        return self.words[2]


class CacheWatcher(Protocol):
    """Who writes the records of a cache."""

    def stored(self, entry: Entry) -> object | None:
        """An entry came in; what is given back is kept as `entry.record`."""

    def hit(self, entry: Entry, now: int) -> None:
        """An entry answered a question at `now` µs."""

    def expired(self, entry: Entry, now: int) -> None:
        """An entry was found to have expired, or made room, at `now` µs."""


class Cache:
    """Entries by name and type."""

    __slots__ = ("_entries", "_next_number", "_watcher", "version")

    def __init__(self, watcher: CacheWatcher | None = None) -> None:
        self._entries: dict[tuple[Name, int], Entry] = {}
        self._watcher = watcher
        self._next_number = 1
        self.version = 0
        """Counts the changes: what was found holds while it stays the same and no TTL runs out."""

    def entries(self, now: int) -> tuple[Entry, ...]:
        """What the cache knows at `now` µs, in the order of storing."""
        return tuple(entry for entry in self._entries.values() if now < entry.expires_at)

    def peek(self, name: Name, rtype: int, now: int) -> Entry | None:
        """The live entry of exactly that name and type."""
        entry = self._entries.get((name, rtype))
        if entry is None or now < entry.expires_at:
            return entry
        del self._entries[name, rtype]
        self.version += 1
        if self._watcher is not None:
            self._watcher.expired(entry, now)
        return None

    def find(self, name: Name, rtype: int, now: int) -> Entry | None:
        """What may answer a client: the set, the alias that stands for it, or the denial of the name."""
        for wanted in (rtype, CNAME, ANY):
            entry = self.peek(name, wanted, now)
            if entry is None or entry.trust < Trust.AUTHORITATIVE:
                continue
            if wanted == CNAME and entry.negative and rtype != CNAME:
                continue
            return entry
        return None

    def note_hit(self, entry: Entry, now: int) -> None:
        """Tell the watcher that an entry was used."""
        if self._watcher is not None:
            self._watcher.hit(entry, now)

    def store(self, entry: Entry, now: int) -> bool:
        """Take an entry in, unless it holds for no time or better data are there; whether it was taken."""
        longest = DNS_NEGATIVE_TTL_SECONDS if entry.negative else DNS_TTL_SECONDS
        entry.ttl = min(entry.ttl, longest)
        entry.number = self._next_number
        self._next_number += 1
        present = self.peek(entry.name, entry.type, now)
        if entry.ttl <= 0 or (present is not None and present.trust > entry.trust):
            return False
        self._entries.pop((entry.name, entry.type), None)
        for oldest in self._without_room():
            self.forget(oldest, now)
        self._entries[entry.name, entry.type] = entry
        self.version += 1
        if self._watcher is not None:
            entry.record = self._watcher.stored(entry)
        return True

    def _without_room(self) -> Iterator[Entry]:
        if len(self._entries) >= CACHE_ENTRIES:
            yield next(iter(self._entries.values()))

    def forget(self, entry: Entry, now: int) -> None:
        """Drop an entry before its time; the watcher hears of it as expired."""
        if self._entries.pop((entry.name, entry.type), None) is None:
            return
        self.version += 1
        if self._watcher is not None:
            self._watcher.expired(entry, now)

    def flush(self, now: int) -> None:
        """Drop everything, as after a restart."""
        for entry in tuple(self._entries.values()):
            self.forget(entry, now)
