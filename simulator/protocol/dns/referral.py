"""Reads one answer of a name server for a resolver: an answer, a denial, a referral, or of no use.

Here is what keeps poison out: nothing outside the zone that was asked is believed, glue only for the servers it was
sent for, and an answer only from a server that says it is authoritative.
Source: RFC 1034, 5.3.3; RFC 2181, 5.4.1 (what to trust); RFC 2308, 2 and 5 (denials); RFC 5452, 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from simulator.protocol.dns.cache import Entry, Negative, Trust
from simulator.protocol.dns.message import AA, AAAA, ANY, CNAME, NS, SOA, A, Message, Name, Question, Rcode, RRset

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Server:
    """A name server, the addresses known for it, and the records of the cache entries that say so."""

    host: Name
    addresses: tuple[str, ...]
    because: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A zone and those who serve it, in the order of its NS records."""

    zone: Name
    servers: tuple[Server, ...]

    @classmethod
    def of(
        cls, rrset: RRset, known: Callable[[Name], tuple[tuple[str, ...], tuple[object, ...]]], *, record: object | None
    ) -> Cut:
        """The cut that a set of NS records makes; `known` finds addresses, `record` says where the set is from."""
        origin = () if record is None else (record,)
        servers = []
        for rdata in rrset.rdatas:
            host: Name = rdata.target  # type: ignore[attr-defined]
            addresses, because = known(host)
            servers.append(Server(host, addresses, origin + because))
        return cls(zone=rrset.name, servers=tuple(servers))


class Keeper(Protocol):
    """What the reader needs of a resolution under way."""

    def keep(self, entry: Entry) -> Entry:
        """Store an entry as of now."""

    def known(self, host: Name) -> tuple[tuple[str, ...], tuple[object, ...]]:
        """Addresses known for a host."""


def interpret(message: Message, cut: Cut, asked: Question, keeper: Keeper) -> Cut | tuple[Entry, ...] | None:
    """What an answer from a server of `cut` means for a question; None if it is lame or an error."""
    if message.rcode not in (Rcode.NOERROR, Rcode.NXDOMAIN):
        return None
    if not message.flags & AA:
        return _referral(message, cut, asked, keeper)
    answers = {rrset.key: rrset for rrset in message.answer if rrset.name.is_subdomain(cut.zone)}
    if asked.type == ANY:
        sets = [rrset for rrset in answers.values() if rrset.name == asked.name]
        if sets:
            return tuple(keeper.keep(_entry(rrset, Trust.AUTHORITATIVE)) for rrset in sets)
        return (_denial(message, cut, asked.name, asked.type, keeper),)
    return _answer(message, cut, asked, answers, keeper)


def _answer(
    message: Message, cut: Cut, asked: Question, answers: dict[tuple[Name, int], RRset], keeper: Keeper
) -> tuple[Entry, ...]:
    """Follow the aliases inside the answer as far as this zone may speak for them."""
    kept: list[Entry] = []
    passed: set[Name] = set()
    name = asked.name
    while name not in passed and name.is_subdomain(cut.zone):
        passed.add(name)
        rrset = answers.get((name, asked.type))
        alias = answers.get((name, CNAME))
        if rrset is not None:
            kept.append(keeper.keep(_entry(rrset, Trust.AUTHORITATIVE)))
            break
        if alias is None:
            if not kept or _soa(message, cut, name) is not None:
                kept.append(_denial(message, cut, name, asked.type, keeper))
            break
        kept.append(keeper.keep(_entry(alias, Trust.AUTHORITATIVE)))
        name = alias.rdatas[0].target  # type: ignore[attr-defined]
    return tuple(kept)


def _denial(message: Message, cut: Cut, name: Name, rtype: int, keeper: Keeper) -> Entry:
    """That there is no such name, or no such type, for as long as the SOA says; without SOA for this once."""
    negative: Negative = "NXDOMAIN" if message.rcode == Rcode.NXDOMAIN else "NODATA"
    soa = _soa(message, cut, name)
    ttl = 0
    if soa is not None:
        ttl = min(soa.ttl, int(soa.rdatas[0].minimum))  # type: ignore[attr-defined]
    return keeper.keep(
        Entry(
            name=name,
            type=ANY if negative == "NXDOMAIN" else rtype,
            ttl=ttl,
            stored_at=0,
            trust=Trust.AUTHORITATIVE,
            rrset=soa,
            negative=negative,
        )
    )


def _soa(message: Message, cut: Cut, name: Name) -> RRset | None:
    for rrset in message.authority:
        if rrset.type == SOA and name.is_subdomain(rrset.name) and rrset.name.is_subdomain(cut.zone):
            return rrset
    return None


def _referral(message: Message, cut: Cut, asked: Question, keeper: Keeper) -> Cut | None:
    """The servers of a zone further down; anything that does not lead down is lame (RFC 1034, 5.3.3 step 4)."""
    for rrset in message.authority:
        below = rrset.name != cut.zone and rrset.name.is_subdomain(cut.zone)
        if rrset.type == NS and below and asked.name.is_subdomain(rrset.name):
            return _follow(message, cut, rrset, keeper)
    return None


def _follow(message: Message, cut: Cut, servers: RRset, keeper: Keeper) -> Cut:
    entry = keeper.keep(_entry(servers, Trust.REFERRAL))
    hosts = {rdata.target for rdata in servers.rdatas}  # type: ignore[attr-defined]
    glue: dict[Name, list[str]] = {}
    records: dict[Name, list[object]] = {}
    for rrset in message.additional:
        if rrset.type not in (A, AAAA) or rrset.name not in hosts or not rrset.name.is_subdomain(cut.zone):
            continue
        kept = keeper.keep(_entry(rrset, Trust.GLUE))
        glue.setdefault(rrset.name, []).extend(map(str, rrset.rdatas))
        if kept.record is not None:
            records.setdefault(rrset.name, []).append(kept.record)

    def known(host: Name) -> tuple[tuple[str, ...], tuple[object, ...]]:
        if host in glue:  # this referral's own glue, even with TTL 0
            return tuple(glue[host]), tuple(records.get(host, ()))
        return keeper.known(host)

    return Cut.of(servers, known, record=entry.record)


def _entry(rrset: RRset, trust: Trust) -> Entry:
    return Entry(name=rrset.name, type=rrset.type, ttl=rrset.ttl, stored_at=0, trust=trust, rrset=rrset)
