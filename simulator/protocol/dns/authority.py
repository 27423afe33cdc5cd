"""An authoritative name server without sockets: octets of a query in, octets of the answer out.

Ready answers are kept by the query's own octets (all but the id), so that the second asker costs a look-up in a
dictionary; a changed zone empties them. Sections and order follow BIND with `minimal-responses no`.
Source: RFC 1034, 4.3.2 (the algorithm), RFC 4592 (wildcards), RFC 2308, 3 (denials), RFC 6604 (rcode after CNAME).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import dns.name

from simulator.limits import DNS_ALIASES, DNS_EDNS_OCTETS, DNS_TCP_OCTETS
from simulator.protocol.dns.message import (
    AA,
    AAAA,
    ANY,
    CNAME,
    IN,
    MX,
    NS,
    QR,
    RD,
    SRV,
    A,
    DnsFormatError,
    Edns,
    Message,
    Name,
    Question,
    Rcode,
    RRset,
    Served,
    Transport,
)
from simulator.protocol.dns.wire import error_reply, parse, render, udp_limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from simulator.protocol.dns.zone import Zone

_KEPT_ANSWERS: Final = 4096
_NO_QUESTIONS: Final = frozenset((41, *range(249, 255)))  # OPT, TKEY, TSIG, IXFR, AXFR, MAILB, MAILA: not served here
_TARGETS: Final = {NS: "target", MX: "exchange", SRV: "target"}


class Authority:
    """Answers for a set of zones and for nothing else; never recursive."""

    def __init__(self, zones: Iterable[Zone] = ()) -> None:
        self._zones: dict[Name, Zone] = {zone.origin: zone for zone in zones}
        self._ready: dict[tuple[Transport, bytes], tuple[bytes, Served]] = {}

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones served, in the order in which they were given."""
        return tuple(self._zones.values())

    def load(self, zone: Zone) -> None:
        """Serve a zone from now on, or its new content."""
        self._zones[zone.origin] = zone
        self._ready.clear()

    def respond(self, query: bytes, transport: Transport = "udp") -> tuple[bytes, Served] | None:
        """The answer to a query and what it says; None if the octets deserve none (an answer, or no header)."""
        key = (transport, query[2:])
        ready = self._ready.get(key)
        if ready is None:
            ready = self._make(query, transport)
            if ready is None:
                return None
            if len(self._ready) >= _KEPT_ANSWERS:
                self._ready.clear()
            self._ready[key] = ready
        return query[:2] + ready[0], ready[1]

    def _make(self, query: bytes, transport: Transport) -> tuple[bytes, Served] | None:
        if len(query) < 12 or query[2] & 0x80:
            return None
        if query[2] & 0x78:
            return self._error(query, Rcode.NOTIMP)
        try:
            asked = parse(query)
        except DnsFormatError:
            return self._error(query, Rcode.FORMERR)
        if asked.question is None:
            return self._error(query, Rcode.FORMERR)
        answer, zone = self._answer(asked, asked.question)
        limit = DNS_TCP_OCTETS if transport == "tcp" else udp_limit(asked.edns)
        octets = render(answer, limit)
        served = Served.of(answer, asked.question, octets, zone.name if zone is not None else None)
        return octets[2:], served

    def _error(self, query: bytes, rcode: Rcode) -> tuple[bytes, Served] | None:
        octets = error_reply(query, rcode)
        if octets is None:
            return None
        return octets[2:], Served(rcode=rcode.name)

    def _answer(self, asked: Message, question: Question) -> tuple[Message, Zone | None]:
        edns = Edns(payload=DNS_EDNS_OCTETS) if asked.edns is not None else None
        empty = Message(id=asked.id, flags=QR | asked.flags & RD, rcode=0, question=question, edns=edns)
        if asked.edns is not None and asked.edns.version > 0:
            return replace(empty, rcode=int(Rcode.BADVERS)), None  # RFC 6891, 6.1.3
        zone = self.zone_of(question.name)
        if zone is None or question.rdclass != IN or question.type in _NO_QUESTIONS:
            return replace(empty, rcode=int(Rcode.REFUSED)), None
        search = _Search(self, question.type)
        search.run(zone, question.name)
        flags = empty.flags | (AA if search.authoritative else 0)
        message = replace(
            empty,
            flags=flags,
            rcode=int(search.rcode),
            answer=tuple(search.answer),
            authority=tuple(search.authority),
            additional=search.additional(),
        )
        return message, zone

    def zone_of(self, name: Name) -> Zone | None:
        """The served zone closest above a name."""
        while True:
            zone = self._zones.get(name)
            if zone is not None:
                return zone
            if name == dns.name.root:
                return None
            name = name.parent()


class _Search:
    """One walk through the served zones (RFC 1034, 4.3.2)."""

    def __init__(self, authority: Authority, rtype: int) -> None:
        self._source = authority
        self._type = rtype
        self._zone: Zone | None = None
        self.answer: list[RRset] = []
        self.authority: list[RRset] = []
        self.rcode = Rcode.NOERROR
        self.authoritative = True

    def run(self, zone: Zone, name: Name) -> None:
        """Follow aliases from zone to zone until an answer, a referral or a denial."""
        passed: set[Name] = set()
        current: Zone | None = zone
        while current is not None and name not in passed and len(passed) <= DNS_ALIASES:
            passed.add(name)
            alias = self._step(current, name)
            if alias is None:
                return
            name = alias
            current = self._source.zone_of(name)

    def _step(self, zone: Zone, name: Name) -> Name | None:
        """Search one zone; the result is the target of an alias that leads on, or None when the answer is complete."""
        self._zone = zone
        cut = _cut_above(zone, name)
        if cut is not None:
            self.authoritative = bool(self.answer)  # AA speaks of the first owner name (RFC 1035, 4.1.1)
            self.authority.append(zone.nodes[cut][NS])
            return None
        node = zone.nodes.get(name)
        if node is None and name not in zone.existing:
            node = _wildcard(zone, name)
            if node is None:
                self.rcode = Rcode.NXDOMAIN
                self.authority.append(zone.negative)
                return None
        return self._from_node(zone, name, node or {})

    def _from_node(self, zone: Zone, name: Name, node: Mapping[int, RRset]) -> Name | None:
        alias = node.get(CNAME)
        if alias is not None and self._type not in (CNAME, ANY):
            self.answer.append(_named(alias, name))
            target: Name = alias.rdatas[0].target  # type: ignore[attr-defined]
            return target
        wanted = node.keys() if self._type == ANY else (self._type,)
        found = [node[rtype] for rtype in wanted if rtype in node]
        if not found:
            self.authority.append(zone.negative)
            return None
        self.answer += [_named(rrset, name) for rrset in found]
        servers = zone.nodes[zone.origin][NS]
        if not any(rrset.key == servers.key for rrset in self.answer):
            self.authority.append(servers)
        return None

    def additional(self) -> tuple[RRset, ...]:
        """Addresses of the hosts named in the other sections, from the same zone: all A, then all AAAA, as BIND."""
        zone = self._zone
        if zone is None or self._type == ANY:  # BIND adds nothing to ANY either
            return ()
        hosts: dict[Name, None] = {}
        for rrset in (*self.answer, *self.authority):
            what = _TARGETS.get(rrset.type)
            if what is not None:
                hosts.update((getattr(rdata, what), None) for rdata in rrset.rdatas)
        given = {rrset.key for rrset in self.answer}
        found = (zone.rrset(host, rtype) for rtype in (A, AAAA) for host in hosts)
        return tuple(rrset for rrset in found if rrset is not None and rrset.key not in given)


def _cut_above(zone: Zone, name: Name) -> Name | None:
    """The highest delegation on the way from the apex down to a name."""
    if not zone.cuts:
        return None
    found = None
    while name != zone.origin:
        if name in zone.cuts:
            found = name
        name = name.parent()
    return found


def _wildcard(zone: Zone, name: Name) -> Mapping[int, RRset] | None:
    """The node that stands for a name which does not exist: `*` at the closest encloser (RFC 4592, 3.3.1)."""
    encloser = name.parent()
    while encloser not in zone.existing:
        encloser = encloser.parent()
    source = Name((b"*", *encloser.labels))
    if source not in zone.existing:
        return None
    return zone.nodes.get(source, {})


def _named(rrset: RRset, name: Name) -> RRset:
    """A set under the name that was asked for: a wildcard's becomes that name's own, letter case as asked."""
    return rrset if rrset.name.labels == name.labels else replace(rrset, name=name)
