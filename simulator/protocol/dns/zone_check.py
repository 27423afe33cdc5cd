"""What a whole zone must have and must not have, once every record in it can be read.

Errors are what a name server would refuse to load, warnings what it loads and mail then stumbles over, so that a
lesson may still show the mistake. Source: RFC 1034, 3.6.2 and 4.2.1; RFC 2181, 5.2 and 10.3; RFC 1912, 2.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.protocol.dns.message import AAAA, CNAME, MX, NS, SOA, SRV, A, Name, type_text
from simulator.protocol.dns.zone_text import ZoneSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulator.protocol.dns.zone import ZoneRecord

_ALLOWED_BESIDE_CNAME = frozenset((CNAME, 46, 47))  # RRSIG, NSEC: RFC 4034, 3
_TARGETS = {MX: "exchange", NS: "target", SRV: "target"}


def check_zone(origin: Name, records: Sequence[ZoneRecord], *, last_line: int) -> list[ZoneSyntaxError]:
    """Everything wrong with the zone as a whole."""
    types: dict[Name, set[int]] = {}
    for record in records:
        types.setdefault(record.owner, set()).add(record.type)
    problems = list(_apex(origin, records, types, last_line))
    problems += _sets(records)
    problems += _aliases(records, types)
    problems += _targets(origin, records, types)
    return problems


def _apex(
    origin: Name, records: Sequence[ZoneRecord], types: dict[Name, set[int]], last_line: int
) -> Iterator[ZoneSyntaxError]:
    at_apex = types.get(origin, set())
    if SOA not in at_apex:
        hint = "write for example: @ IN SOA ns hostmaster 1 3600 600 86400 300"
        yield ZoneSyntaxError(f"zone {origin} has no SOA record", line=1, hint=hint)
    if NS not in at_apex:
        hint = "write for example: @ IN NS ns, and an A record for ns"
        yield ZoneSyntaxError(f"zone {origin} has no NS record", line=last_line, hint=hint)
    seen = 0
    for record in records:
        if record.type != SOA:
            continue
        seen += 1
        if record.owner != origin:
            yield record.at.problem(f"SOA at {record.owner}, which is not the zone's own name", "write @ before IN SOA")
        elif seen > 1:
            yield record.at.problem("a second SOA record", "a zone has one; remove this one")


def _sets(records: Sequence[ZoneRecord]) -> Iterator[ZoneSyntaxError]:
    """Records twice, and sets whose records differ in TTL."""
    first: dict[tuple[Name, int], ZoneRecord] = {}
    seen: dict[tuple[Name, int, object], ZoneRecord] = {}
    for record in records:
        same = seen.setdefault((record.owner, record.type, record.rdata), record)
        if same is not record:
            yield record.at.problem(f"the same record as in line {same.line}", "remove one of them")
        head = first.setdefault((record.owner, record.type), record)
        if head.ttl != record.ttl:
            yield record.at.problem(
                f"TTL {record.ttl} differs from {head.ttl} in line {head.line}",
                f"all {type_text(record.type)} records of {record.owner} have one TTL (RFC 2181, 5.2)",
            )


def _aliases(records: Sequence[ZoneRecord], types: dict[Name, set[int]]) -> Iterator[ZoneSyntaxError]:
    seen: dict[Name, ZoneRecord] = {}
    for record in records:
        if record.type != CNAME:
            continue
        others = sorted(types[record.owner] - _ALLOWED_BESIDE_CNAME)
        if others:
            words = ", ".join(map(type_text, others))
            yield record.at.problem(
                f"{record.owner} has a CNAME and also {words}",
                "a CNAME stands alone (RFC 1034, 3.6.2); use another name",
            )
        first = seen.setdefault(record.owner, record)
        if first is not record:
            yield record.at.problem(
                f"a second CNAME of {record.owner}, after line {first.line}", "a name has one CNAME"
            )


def _targets(origin: Name, records: Sequence[ZoneRecord], types: dict[Name, set[int]]) -> Iterator[ZoneSyntaxError]:
    for record in records:
        if record.type not in _TARGETS:
            continue
        target: Name = getattr(record.rdata, _TARGETS[record.type])
        if not target.is_subdomain(origin) or len(target) == 1:
            continue
        problem = _target(record, target, types, origin)
        if problem is not None:
            yield problem


def _target(record: ZoneRecord, target: Name, types: dict[Name, set[int]], origin: Name) -> ZoneSyntaxError | None:
    word = type_text(record.type)
    found = _types_of(target, types, origin)
    serves_the_zone = record.type == NS and record.owner == origin
    if CNAME in found:
        return record.at.problem(
            f"{word} points to {target}, which is a CNAME",
            "write the name that has the address (RFC 2181, 10.3)",
            "error" if serves_the_zone else "warning",
        )
    needs_glue = record.type == NS and not serves_the_zone and target.is_subdomain(record.owner)
    if found & {A, AAAA} or (_below_a_cut(target, types, origin) and not needs_glue):
        return None
    return record.at.problem(
        f"{word} points to {target}, which has no address in this zone",
        f"write an A record for {target}",
        "error" if serves_the_zone else "warning",
    )


def _types_of(name: Name, types: dict[Name, set[int]], origin: Name) -> set[int]:
    """The types of a name, or those of the wildcard that stands for it."""
    if name in types:
        return types[name]
    while name != origin:
        name = name.parent()
        wild = types.get(Name((b"*", *name.labels)))
        if wild is not None:
            return wild
    return set()


def _below_a_cut(name: Name, types: dict[Name, set[int]], origin: Name) -> bool:
    """Whether another zone answers for the name, so that this one need not know its address."""
    zone = name
    while zone != origin:
        if NS in types.get(zone, ()):
            return True
        zone = zone.parent()
    return False
