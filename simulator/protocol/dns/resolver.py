"""Recursive resolution from the root down, as a generator that asks for messages and never sends any itself.

A generator, because resolution is a story read from top to bottom; it yields `Ask` and is sent `Answered` or
`Unanswered`, so that the same code runs over the simulated network, over sockets, and over a dictionary in a test.
Full names are sent to every server (no QNAME minimisation), as the textbooks draw it.
Source: RFC 1034, 5.3.3; RFC 2181, 5.4.1; RFC 2308; limits against loops as in BIND.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import dns.name

from simulator.limits import DNS_ALIASES, DNS_REFERRALS, SECOND_US
from simulator.protocol.dns.cache import Cache, Entry
from simulator.protocol.dns.message import (
    AAAA,
    ANY,
    CNAME,
    NS,
    TC,
    A,
    DnsFormatError,
    Message,
    Name,
    Question,
    Rcode,
    question_text,
    to_name,
)
from simulator.protocol.dns.referral import Cut, Server, interpret
from simulator.protocol.dns.wire import parse

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

RESOLUTION_US: Final = 10 * SECOND_US
"""How long one question may take before the client is told SERVFAIL (BIND: resolver-query-timeout)."""
ROUNDS: Final = 3
"""How often a server that does not answer is asked."""
QUERIES: Final = 64
"""Queries that one question may cost (BIND: max-recursion-queries has the same purpose)."""
DEPTH: Final = 7
"""Addresses of name servers looked up within each other (BIND: max-recursion-depth)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Send this question, recursion not desired, to port 53 of `address` (host name `server`, which serves `zone`).

    `because` are the records of the cache entries that led to this server.
    """

    address: str
    server: str
    zone: str
    question: Question
    tcp: bool = False
    because: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """Octets that came back and passed `wire.matches`, at `now` µs."""

    octets: bytes
    now: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer came (time-out, refused, unreachable), as of `now` µs."""

    now: int


Outcome = Answered | Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What came of a question: the chain of entries that answers it (aliases first), or why there is none.

    `rcode` is NOERROR, NXDOMAIN or SERVFAIL; `queries` is how many messages were needed (0: all from the cache);
    `reason` explains a SERVFAIL.
    """

    question: Question
    rcode: Rcode
    entries: tuple[Entry, ...] = ()
    queries: int = 0
    reason: str = ""

    @property
    def records(self) -> tuple[object, ...]:
        """The records of the entries, as the watcher of the cache gave them."""
        return tuple(entry.record for entry in self.entries if entry.record is not None)


class _Failed(Exception):
    """This question cannot be answered; the text says why. Never leaves this module."""


class Resolver:
    """Finds answers for any name, from the root servers in `hints` (host name, address) and what its cache knows."""

    def __init__(self, hints: Iterable[tuple[str, str]], cache: Cache | None = None) -> None:
        self.cache = cache if cache is not None else Cache()
        servers = tuple(Server(to_name(host), (address,)) for host, address in hints)
        self.root = Cut(zone=dns.name.root, servers=servers)

    def resolve(self, question: Question, now: int) -> Generator[Ask, Outcome, Resolution]:
        """Answer one question; `now` is µs, and each outcome sent in brings the time on."""
        job = _Job(self, now)
        try:
            entries = yield from job.run(question.name, question.type, 0)
        except _Failed as failure:
            return Resolution(question=question, rcode=Rcode.SERVFAIL, queries=job.queries, reason=str(failure))
        last = entries[-1].negative
        rcode = Rcode.NXDOMAIN if last == "NXDOMAIN" else Rcode.NOERROR
        return Resolution(question=question, rcode=rcode, entries=entries, queries=job.queries)

    def cached(self, question: Question, now: int) -> Resolution | None:
        """The answer if the cache alone has it; else None, and nothing is noted as a hit."""
        job = _Job(self, now)
        entries = job.from_cache(question.name, question.type)
        if entries is None:
            return None
        rcode = Rcode.NXDOMAIN if entries[-1].negative == "NXDOMAIN" else Rcode.NOERROR
        return Resolution(question=question, rcode=rcode, entries=entries)


class _Job:
    """One question on its way: the time, what it cost, and what it waits for."""

    def __init__(self, resolver: Resolver, now: int) -> None:
        self.resolver = resolver
        self.cache = resolver.cache
        self.now = now
        self.deadline = now + RESOLUTION_US
        self.queries = 0
        self.fresh: set[int] = set()
        self.waiting: list[Name] = []

    def from_cache(self, name: Name, rtype: int) -> tuple[Entry, ...] | None:
        """The whole chain from the cache, each entry noted as a hit."""
        chain: list[Entry] = []
        while True:
            entry = None if rtype == ANY else self.cache.find(name, rtype, self.now)
            if entry is None or len(chain) > DNS_ALIASES:
                return None
            chain.append(entry)
            target = _alias(entry, rtype)
            if target is None:
                break
            name = target
        for entry in chain:
            self.cache.note_hit(entry, self.now)
        return tuple(chain)

    def run(self, name: Name, rtype: int, depth: int) -> Generator[Ask, Outcome, tuple[Entry, ...]]:
        """The entries that answer a question: from the cache, else from the servers; aliases are followed."""
        chain: list[Entry] = []
        passed = {name}
        while True:
            found = yield from self._one(name, rtype, depth)
            chain += found
            target = _alias(found[-1], rtype)
            if target is None:
                return tuple(chain)
            if target in passed:
                raise _Failed(f"{target} is an alias that leads back to itself")
            if len(passed) > DNS_ALIASES:
                raise _Failed(f"more than {DNS_ALIASES} aliases one after another")
            passed.add(target)
            name = target

    def _one(self, name: Name, rtype: int, depth: int) -> Generator[Ask, Outcome, tuple[Entry, ...]]:
        entry = None if rtype == ANY else self.cache.find(name, rtype, self.now)
        if entry is None:
            return (yield from self._fetch(name, rtype, depth))
        if entry.number not in self.fresh:
            self.cache.note_hit(entry, self.now)
        return (entry,)

    def _fetch(self, name: Name, rtype: int, depth: int) -> Generator[Ask, Outcome, tuple[Entry, ...]]:
        """Walk down from the closest servers known."""
        cut = self._closest(name)
        for _ in range(DNS_REFERRALS):
            outcome = yield from self._ask_zone(cut, Question(name, rtype), depth)
            if not isinstance(outcome, Cut):
                return outcome
            cut = outcome
        raise _Failed(f"more than {DNS_REFERRALS} referrals for {name}")

    def _closest(self, name: Name) -> Cut:
        """The deepest zone above a name whose servers are known and can be reached without asking that zone."""
        while name != dns.name.root:
            entry = self.cache.peek(name, NS, self.now)
            if entry is not None and not entry.negative and entry.rrset is not None:
                cut = Cut.of(entry.rrset, self.known, record=entry.record)
                if any(server.addresses or not server.host.is_subdomain(name) for server in cut.servers):
                    return cut
            name = name.parent()
        return self.resolver.root

    def known(self, host: Name) -> tuple[tuple[str, ...], tuple[object, ...]]:
        """Addresses of a host that the cache knows, glue included, and the records of those entries."""
        entries = [self.cache.peek(host, rtype, self.now) for rtype in (A, AAAA)]
        good = [entry for entry in entries if entry is not None and not entry.negative and entry.rrset is not None]
        addresses = tuple(str(rdata) for entry in good if entry.rrset is not None for rdata in entry.rrset.rdatas)
        return addresses, tuple(entry.record for entry in good if entry.record is not None)

    def _ask_zone(self, cut: Cut, asked: Question, depth: int) -> Generator[Ask, Outcome, Cut | tuple[Entry, ...]]:
        """Ask the servers of a zone in turn until one is of use: all once, then the silent ones again."""
        servers = [server for server in cut.servers if server.addresses]
        without = [server for server in cut.servers if not server.addresses]
        for _ in range(ROUNDS):
            silent: list[Server] = []
            while servers or without:
                server = servers.pop(0) if servers else (yield from self._with_addresses(without.pop(0), depth))
                outcome = yield from self._ask_addresses(cut, server, asked, silent)
                if outcome is not None:
                    return outcome
            servers = silent
        raise _Failed(f"no server of zone {cut.zone} gave a usable answer for {question_text(asked)}")

    def _ask_addresses(
        self, cut: Cut, server: Server, asked: Question, silent: list[Server]
    ) -> Generator[Ask, Outcome, Cut | tuple[Entry, ...] | None]:
        """Ask one server at each of its addresses; those that do not answer go to `silent`."""
        for address in server.addresses:
            outcome = yield from self._ask_server(cut, server, address, asked)
            if outcome == "silent":
                silent.append(Server(server.host, (address,), server.because))
            elif not isinstance(outcome, str):
                return outcome
        return None

    def _with_addresses(self, server: Server, depth: int) -> Generator[Ask, Outcome, Server]:
        """A server whose address came with no referral: look it up, unless that is what we are doing already."""
        if depth >= DEPTH or server.host in self.waiting:
            return server
        self.waiting.append(server.host)
        try:
            entries = yield from self.run(server.host, A, depth + 1)
        except _Failed:
            return server  # the next server is tried; if all fail, _ask_zone says so
        finally:
            self.waiting.pop()
        last = entries[-1]
        if last.negative or last.rrset is None or len(entries) > 1:  # an alias is no name server: RFC 2181, 10.3
            return server
        because = tuple(entry.record for entry in entries if entry.record is not None)
        return Server(server.host, tuple(map(str, last.rrset.rdatas)), server.because + because)

    def _ask_server(
        self, cut: Cut, server: Server, address: str, asked: Question
    ) -> Generator[Ask, Outcome, Cut | tuple[Entry, ...] | str]:
        """Ask one server; "silent" if it does not answer, "lame" if its answer is of no use."""
        message = yield from self._exchange(cut, server, address, asked, tcp=False)
        if isinstance(message, Message) and message.flags & TC:
            message = yield from self._exchange(cut, server, address, asked, tcp=True)
        if isinstance(message, str):
            return message
        outcome = interpret(message, cut, asked, self)
        return "lame" if outcome is None else outcome

    def _exchange(
        self, cut: Cut, server: Server, address: str, asked: Question, *, tcp: bool
    ) -> Generator[Ask, Outcome, Message | str]:
        if self.queries >= QUERIES:
            raise _Failed(f"{QUERIES} queries were not enough")
        if self.now >= self.deadline:
            raise _Failed(f"no answer within {RESOLUTION_US // SECOND_US} seconds")
        self.queries += 1
        outcome = yield Ask(
            address=address,
            server=server.host.to_text(),
            zone=cut.zone.to_text(),
            question=asked,
            tcp=tcp,
            because=server.because,
        )
        self.now = max(self.now, outcome.now)
        if isinstance(outcome, Unanswered):
            return "silent"
        try:
            return parse(outcome.octets)
        except DnsFormatError:
            return "lame"

    def keep(self, entry: Entry) -> Entry:
        """Store an entry as of now, and remember that it is this question's own."""
        entry.stored_at = self.now
        self.cache.store(entry, self.now)
        self.fresh.add(entry.number)
        return entry


def _alias(entry: Entry, rtype: int) -> Name | None:
    """Where an alias leads, if the question was not for the alias itself."""
    if entry.type != CNAME or entry.negative or rtype in (CNAME, ANY) or entry.rrset is None:
        return None
    target: Name = entry.rrset.rdatas[0].target  # type: ignore[attr-defined]
    return target
