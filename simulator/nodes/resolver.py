"""A recursive resolver: a program on port 53 that asks name servers from the root down and remembers the answers.

Hosts ask it and never a name server themselves; what its cache does is recorded, so that "why" can say which earlier
answer was used. RFC 1034, 5.3.3; RFC 2308; RFC 5452, 5 (one question in flight for all who ask the same).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from simulator.engine.transport import Datagram
from simulator.limits import SECOND_US
from simulator.nodes.name_server import Asker, DnsService
from simulator.nodes.stub import DNS_PORT, Sending
from simulator.protocol.dns.cache import Cache, Entry
from simulator.protocol.dns.front import ClientQuery, Front, Ready, Refusal
from simulator.protocol.dns.message import Name, Question, Rcode, Transport
from simulator.protocol.dns.resolver import Answered, Ask, Outcome, Resolution, Unanswered
from simulator.protocol.dns.resolver import Resolver as Core
from simulator.protocol.dns.wire import make_query
from simulator.records.kinds_dns import DNS_CACHE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from simulator.engine.kinds import Record
    from simulator.engine.task import Starter
    from simulator.nodes.host import Host

__all__ = ["SERVER_TIMEOUT_US", "Resolver"]

SERVER_TIMEOUT_US: Final = 2 * SECOND_US
"""How long one name server may take."""
_KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class _Client:
    """Who waits for an answer: the id of the query, and the record of the octets that asked."""

    query: ClientQuery
    ident: bytes
    asker: Asker
    cause: Record | None


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer out of the cache, good for its `version` and before `until` (µs), when an entry expires;
    `records` wrote these down."""

    ready: Ready
    records: tuple[Record, ...]
    version: int
    until: int


class _CacheRecords:
    """Writes down what the cache does; an entry remembers the record that stored it."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def stored(self, entry: Entry) -> Record:
        return self._write(entry, "store", entry.ttl, ())

    def hit(self, entry: Entry, now: int) -> None:
        self._write(entry, "hit", entry.remaining(now), (entry.record,))

    def expired(self, entry: Entry, now: int) -> None:
        self._write(entry, "expire", entry.remaining(now), (entry.record,))

    def _write(self, entry: Entry, action: str, ttl: int, also: tuple[Any, ...]) -> Record:
        qname, qtype, answer = entry.words
        host, negative = self._host, bool(entry.negative)
        return host.trace.write(
            DNS_CACHE, (qname, qtype, action, ttl, negative, answer), at=host.name, also=also, leaf=True
        )


class Resolver(DnsService):
    """The resolver of one host; `roots` are (name, address) of the root servers it knows."""

    def __init__(self, host: Host, roots: Iterable[tuple[str, str]]) -> None:
        super().__init__(host)
        self.cache = Cache(_CacheRecords(host))
        self._core = Core(roots, self.cache)
        self._front = Front()
        self._open: dict[tuple[Name, int], list[_Client]] = {}
        self._known: dict[tuple[Transport, bytes], _Known] = {}

    def crash(self) -> None:
        """Lose the cache, and forget who waited."""
        self._open.clear()
        self.cache.flush(int(self.host.env.now))

    def handle(self, octets: bytes, asker: Asker, transport: Transport) -> None:
        """Answer from the cache, or let the client wait for what the name servers say.

        Asked again, the cache is not searched again until it changes or a TTL runs out.
        """
        host, cache = self.host, self.cache
        now = int(host.env.now)
        known = self._known.get((transport, octets[2:]))
        if known is None or known.version != cache.version or now >= known.until:
            known = self._search(octets, asker, transport, now)
            if known is None:
                return
        elif host.trace.heard:
            for entry in known.ready.entries:
                cache.note_hit(entry, now)
        ready = known.ready
        if now >= ready.until:
            ready.count_down(now)
        answer = octets[:2] + ready.tail
        if isinstance(asker, Datagram) and not host.trace.heard:
            host.network.send_datagram(host.name, answer, asker[1], asker[2], DNS_PORT)
        else:
            self.answer(answer, ready.served, asker, known.records)

    def _search(self, octets: bytes, asker: Asker, transport: Transport, now: int) -> _Known | None:
        """Read a query and search the cache; what is not there is refused, or found out for the client."""
        query = self._front.read(octets, transport)
        if query is None:
            return None
        if isinstance(query, Refusal):
            self.answer(query.octets, query.served, asker)
            return None
        resolution = self._core.cached(query.question, now)
        if resolution is not None:
            return self._remember(query, resolution, now)
        if query.rd:
            self._join(_Client(query, octets[:2], asker, self.host.env.cause))
        else:
            self.answer(*self._front.refuse(query, octets[:2], Rcode.REFUSED), asker)
        return None

    def _remember(self, query: ClientQuery, resolution: Resolution, now: int) -> _Known:
        entries, known = resolution.entries, self._known.get(query.key)
        ready = known.ready if known is not None and known.ready.entries == entries else Ready(query, resolution, now)
        if len(self._known) >= _KEPT:
            self._known.clear()
        until = min(entry.expires_at for entry in entries)
        self._known[query.key] = known = _Known(ready, _records(entries), self.cache.version, until)
        return known

    def _join(self, client: _Client) -> None:
        asked = client.query.question
        key = (asked.name, asked.type)
        waiting = self._open.get(key)
        if waiting is not None:
            waiting.append(client)
            return
        self._open[key] = [client]

        def done(resolution: Resolution) -> None:
            self._finish(key, resolution)

        def failed(error: Exception) -> None:
            self.host.alert(f"{type(error).__name__}: {error}")
            self._finish(key, Resolution(question=asked, rcode=Rcode.SERVFAIL, reason="a fault of ours"))

        self.host.spawn(self._resolve(asked), done, failed, name=f"the search for {asked.qname} {asked.qtype}")

    def _resolve(self, asked: Question) -> Generator[Any, Any, Resolution]:
        env = self.host.env
        work = self._core.resolve(asked, int(env.now))
        outcome: Outcome | None = None
        while True:
            try:
                ask = next(work) if outcome is None else work.send(outcome)
            except StopIteration as stop:
                resolution: Resolution = stop.value
                return resolution
            octets = yield self._sent(ask)
            now = int(env.now)
            outcome = Unanswered(now) if octets is None else Answered(octets, now)

    def _sent(self, ask: Ask) -> Starter:
        because = tuple(record for record in ask.because if isinstance(record, tuple))
        sending = Sending(self.host, ask.question, ask.address, SERVER_TIMEOUT_US, because)
        return sending.send(make_query(ask.question, self.host.next_dns_id(), rd=False), tcp=ask.tcp)

    def _finish(self, key: tuple[Name, int], resolution: Resolution) -> None:
        """Answer all who waited: the first because of what came in, the others because they had asked."""
        env = self.host.env
        arrived = env.cause
        first, *others = self._open.pop(key)
        self._give(first, resolution)
        for client in others:
            env.cause = client.cause
            self._give(client, resolution, arrived)

    def _give(self, client: _Client, resolution: Resolution, *also: Record | None) -> None:
        octets, served = self._front.answer(client.query, client.ident, resolution, int(self.host.env.now))
        self.answer(octets, served, client.asker, also=(*_records(resolution.entries), *also))


def _records(entries: Iterable[Entry]) -> tuple[Record, ...]:
    return tuple(entry.record for entry in entries if isinstance(entry.record, tuple))
