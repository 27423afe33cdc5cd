"""A resolver's face to its clients: reads their queries, writes the answers with TTLs counted down.

An answer out of the cache can be made ready: given again it costs its id, and a patch of the TTLs when a second has
gone by. Sections are minimal, as home routers answer (and as the lecture's dig shows).
Source: RFC 1035, 4.1.1 (RD, RA) and 7.4; RFC 2308, 6 (SOA in a cached denial).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from simulator.limits import DNS_EDNS_OCTETS, DNS_TCP_OCTETS, SECOND_US
from simulator.protocol.dns.message import (
    IN,
    QR,
    RA,
    RD,
    DnsFormatError,
    Edns,
    Message,
    Question,
    Rcode,
    RRset,
    Served,
    Transport,
    rcode_text,
)
from simulator.protocol.dns.resolver import Resolution
from simulator.protocol.dns.wire import around_ttls, error_reply, parse, render, ttl_places, udp_limit, with_ttls

if TYPE_CHECKING:
    from simulator.protocol.dns.cache import Entry

_KEPT: Final = 4096
_NO_QUESTIONS: Final = frozenset((41, 249, 250, 251, 252, 253, 254))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientQuery:
    """A query that can be resolved, whoever sent it: what is asked, whether recursion is desired, how large the answer
    may be. `key` is the transport and all octets but the id."""

    key: tuple[Transport, bytes]
    question: Question
    rd: bool
    limit: int
    edns: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that needs no resolution: FORMERR, NOTIMP, REFUSED, BADVERS."""

    octets: bytes
    served: Served


class Ready:
    """An answer made of entries of the cache, ready to be given as long as they are there: only id and TTLs change.

    `tail` is what follows the id, and `served` what it says, before `until` (µs); then `count_down` comes first.
    """

    __slots__ = ("_octets", "_pieces", "entries", "served", "tail", "until")

    def __init__(self, query: ClientQuery, resolution: Resolution, now: int) -> None:
        self._octets, self.served = _whole(query, b"\0\0", resolution, now)
        self._pieces = around_ttls(self._octets)
        self.entries = resolution.entries
        self.count_down(now)

    def count_down(self, now: int) -> None:
        """Bring the TTLs up to `now` µs, which never goes back; they hold until the next second of an entry begins."""
        if len(self.entries) > 1:
            self._count_each_down(now)
            return
        entry = self.entries[0]
        ttl = entry.remaining(now)
        self.tail = ttl.to_bytes(4, "big").join(self._pieces)
        self.served.ttl = ttl if entry.rrset is not None else 0
        self.until = now + SECOND_US - (now - entry.stored_at) % SECOND_US

    def _count_each_down(self, now: int) -> None:
        """The same for entries that each have a TTL of their own."""
        ttls = _ttls(self.entries, now)
        self.tail = with_ttls(self._octets, ttl_places(self._octets), ttls)[2:]
        self.served.ttl = min(ttls, default=0)
        self.until = now + min([SECOND_US - (now - entry.stored_at) % SECOND_US for entry in self.entries])


class Front:
    """Queries of clients in, answers out."""

    def __init__(self) -> None:
        self._queries: dict[tuple[Transport, bytes], ClientQuery] = {}
        self._last: tuple[ClientQuery, Resolution, int, bytes, Served] | None = None
        """The latest answer, since many may wait for it."""

    def read(self, octets: bytes, transport: Transport = "udp") -> ClientQuery | Refusal | None:
        """A client's query, or the answer to what cannot be resolved; None if the octets deserve no answer."""
        known = self._queries.get((transport, octets[2:]))
        if known is not None:
            return known
        if len(octets) < 12 or octets[2] & 0x80:
            return None
        if octets[2] & 0x78:
            return _error(octets, Rcode.NOTIMP)
        try:
            message = parse(octets)
        except DnsFormatError:
            return _error(octets, Rcode.FORMERR)
        asked = message.question
        if asked is None:
            return _error(octets, Rcode.FORMERR)
        if message.edns is not None and message.edns.version > 0:
            return _refused(message, asked, Rcode.BADVERS)
        if asked.rdclass != IN or asked.type in _NO_QUESTIONS:
            return _refused(message, asked, Rcode.REFUSED)
        return self._remember(octets, transport, message, asked)

    def _remember(self, octets: bytes, transport: Transport, message: Message, asked: Question) -> ClientQuery:
        query = ClientQuery(
            key=(transport, octets[2:]),
            question=asked,
            rd=bool(message.flags & RD),
            limit=DNS_TCP_OCTETS if transport == "tcp" else udp_limit(message.edns),
            edns=message.edns is not None,
        )
        if len(self._queries) >= _KEPT:
            self._queries.clear()
        self._queries[query.key] = query
        return query

    def answer(self, query: ClientQuery, ident: bytes, resolution: Resolution, now: int) -> tuple[bytes, Served]:
        """The octets of the answer at `now` µs, under the two octets of the client's id, and what it says."""
        last = self._last
        if last is None or last[0] is not query or last[1] is not resolution or last[2] != now:
            self._last = last = (query, resolution, now, *_whole(query, ident, resolution, now))
        return ident + last[3][2:], last[4]

    def refuse(self, query: ClientQuery, ident: bytes, rcode: Rcode) -> tuple[bytes, Served]:
        """An empty answer with this rcode, for example REFUSED when recursion is not desired."""
        return _whole(query, ident, Resolution(question=query.question, rcode=rcode), 0)


def _error(octets: bytes, rcode: Rcode) -> Refusal | None:
    answer = error_reply(octets, rcode)
    return None if answer is None else Refusal(answer, Served(rcode=rcode.name))


def _refused(message: Message, asked: Question, rcode: Rcode) -> Refusal:
    edns = Edns(payload=DNS_EDNS_OCTETS) if message.edns is not None else None
    answer = Message(id=message.id, flags=QR | RA | message.flags & RD, rcode=int(rcode), question=asked, edns=edns)
    octets = render(answer)
    return Refusal(octets, Served.of(answer, asked, octets))


def _whole(query: ClientQuery, ident: bytes, resolution: Resolution, now: int) -> tuple[bytes, Served]:
    answer = Message(
        id=int.from_bytes(ident, "big"),
        flags=QR | RA | (RD if query.rd else 0),
        rcode=int(resolution.rcode),
        question=query.question,
        answer=tuple(_counted(entry, now) for entry in resolution.entries if not entry.negative),
        authority=tuple(_counted(entry, now) for entry in resolution.entries if entry.negative and entry.rrset),
        edns=Edns(payload=DNS_EDNS_OCTETS) if query.edns else None,
    )
    octets = render(answer, query.limit)
    served = Served.of(answer, query.question, octets)
    ttls = _ttls(resolution.entries, now)
    return octets, replace(served, rcode=rcode_text(resolution.rcode), ttl=min(ttls, default=0))


def _counted(entry: Entry, now: int) -> RRset:
    assert entry.rrset is not None
    return replace(entry.rrset, ttl=entry.remaining(now))


def _ttls(entries: tuple[Entry, ...], now: int) -> list[int]:
    """The TTL of every record in the order of the answer: records first, then the SOA of a denial."""
    if len(entries) > 1:
        entries = tuple(sorted(entries, key=_is_denial))
    return [entry.remaining(now) for entry in entries if entry.rrset is not None for _ in entry.rrset.rdatas]


def _is_denial(entry: Entry) -> bool:
    return bool(entry.negative)
