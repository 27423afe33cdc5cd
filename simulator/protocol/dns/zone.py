"""Reads the text of a zone file into a Zone, and tells every mistake in it with its line and column.

All mistakes at once, so that a student mends a zone in one go; rdata are dnspython's, so that whatever it knows may
stand in a zone. Source: RFC 1035, 5 (master files); RFC 2308, 4 ($TTL); RFC 2181, 5.2 (one TTL for a set).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from simulator.protocol.dns.message import NS, SOA, Name, RRset, name_text, to_name
from simulator.protocol.dns.zone_check import check_zone
from simulator.protocol.dns.zone_fields import check_fields, check_owner, is_ttl, ttl_seconds, zone_name
from simulator.protocol.dns.zone_text import Entry, Word, ZoneSyntaxError, entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TYPES: Final = ("A", "AAAA", "MX", "TXT", "PTR", "NS", "SOA", "CNAME", "SRV", "CAA", "TLSA")
_CLASSES: Final = ("IN", "CH", "HS", "CS")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRecord:
    """One record of a zone as read: `line` is where it starts in the zone's text, `ttl` is in seconds."""

    owner: Name
    type: int
    ttl: int
    rdata: dns.rdata.Rdata
    at: Word

    @property
    def line(self) -> int:
        """The line of the record's type in the zone's text."""
        return self.at.line


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Zone:
    """A zone ready to be served; sets and their records are in the order of the zone file.

    `existing` also holds names that have no record of their own but lie above one (RFC 4592, 2.2.2);
    `cuts` are the names below the apex that are delegated; `negative` is the SOA with the TTL of a denial.
    """

    origin: Name
    nodes: Mapping[Name, Mapping[int, RRset]]
    existing: frozenset[Name]
    cuts: frozenset[Name]
    negative: RRset
    records: tuple[ZoneRecord, ...]
    text: str

    @property
    def name(self) -> str:
        """The origin without the final dot."""
        return name_text(self.origin)

    @property
    def serial(self) -> int:
        """The serial of the SOA record."""
        return int(self.nodes[self.origin][SOA].rdatas[0].serial)  # type: ignore[attr-defined]

    def rrset(self, name: Name, rtype: int) -> RRset | None:
        """The set of that name and type, glue below a cut included."""
        node = self.nodes.get(name)
        return node.get(rtype) if node is not None else None


@dataclass(frozen=True, slots=True)
class ZoneReading:
    """What came of reading: the zone, or None if an error is among the problems (warnings alone do not hinder it)."""

    zone: Zone | None
    problems: tuple[ZoneSyntaxError, ...]


def parse_zone(text: str, origin: str) -> Zone:
    """The zone of that origin; raises the first error as ZoneSyntaxError, lets warnings pass."""
    reading = read_zone(text, origin)
    if reading.zone is None:
        raise next(problem for problem in reading.problems if problem.severity == "error")
    return reading.zone


def read_zone(text: str, origin: str) -> ZoneReading:
    """The zone of that origin with all errors and warnings, in the order of the lines."""
    reader = _Reader(to_name(origin))
    try:
        for entry in entries(text):
            reader.read(entry)
    except ZoneSyntaxError as problem:
        reader.problems.append(problem)
    problems = reader.problems
    readable = not any(problem.severity == "error" for problem in problems)
    problems += check_zone(reader.origin, reader.records, last_line=text.count("\n") + 1) if readable else ()
    problems.sort(key=lambda problem: (problem.line, problem.column or 0))
    if any(problem.severity == "error" for problem in problems):
        return ZoneReading(None, tuple(problems))
    return ZoneReading(_zone(reader.origin, reader.records, text), tuple(problems))


class _Reader:
    """Holds what one line of a zone file hands on to the next: origin, owner, TTL."""

    def __init__(self, origin: Name) -> None:
        self.origin = origin
        self.here = origin
        self.owner: Name | None = None
        self.default_ttl: int | None = None
        self.last_ttl: int | None = None
        self.records: list[ZoneRecord] = []
        self.problems: list[ZoneSyntaxError] = []

    def read(self, entry: Entry) -> None:
        """Take one entry; a mistake in it is noted and the rest of the zone is still read."""
        try:
            if entry.words[0].text.startswith("$") and not entry.indented:
                self._directive(entry.words)
            else:
                self._record(entry)
        except ZoneSyntaxError as problem:
            self.problems.append(problem)

    def _directive(self, words: list[Word]) -> None:
        what = words[0].text.upper()
        if what not in ("$ORIGIN", "$TTL"):
            raise words[0].problem(
                f"{words[0].text} is not supported", "write the records out; $ORIGIN and $TTL may be used"
            )
        if len(words) != 2:
            raise words[0].problem(
                f"{what} takes one word", "write for example: $TTL 300" if what == "$TTL" else "write a name"
            )
        if what == "$TTL":
            self.default_ttl = ttl_seconds(words[1])
        else:
            self.here = zone_name(words[1], self.here)

    def _record(self, entry: Entry) -> None:
        words = list(entry.words)
        if not entry.indented:
            owner = words.pop(0)
            self.owner = zone_name(owner, self.here)
            self._note(check_owner(owner, self.owner, self.here))
        if self.owner is None:
            raise words[0].problem("the first record has no name", "start the line with @ for the zone's own name")
        if not self.owner.is_subdomain(self.origin):
            outside = entry.words[0]
            raise outside.problem(
                f"{self.owner} lies outside zone {self.origin}", f"only names under {self.origin} belong here"
            )
        ttl, rest = self._ttl_and_class(words, entry)
        self._typed(rest, ttl, entry)

    def _note(self, problem: ZoneSyntaxError | None) -> None:
        if problem is not None:
            self.problems.append(problem)

    def _ttl_and_class(self, words: list[Word], entry: Entry) -> tuple[int | None, list[Word]]:
        """TTL and class, each at most once and in either order (RFC 1035, 5.1)."""
        ttl: int | None = None
        seen_class = False
        while words:
            word = words[0]
            if is_ttl(word.text) and ttl is None:
                ttl = ttl_seconds(word)
            elif word.text.upper() in _CLASSES and not seen_class:
                seen_class = True
                if word.text.upper() != "IN":
                    raise word.problem(f"class {word.text} is not the Internet's", "write IN")
            else:
                return ttl, words
            words = words[1:]
        raise entry.words[-1].problem("the record has no type", "write for example: www IN A 192.0.2.25")

    def _typed(self, words: list[Word], ttl: int | None, entry: Entry) -> None:
        at, fields = words[0], words[1:]
        number = self._type(at, entry)
        problems = list(check_fields(at.text.upper(), fields, at, self.here))
        self.problems += problems
        if any(problem.severity == "error" for problem in problems):
            return
        rdata = self._rdata(number, at, fields)
        if ttl is None:
            ttl = self._ttl(rdata, at)
        self.last_ttl = ttl
        assert self.owner is not None
        self.records.append(ZoneRecord(owner=self.owner, type=number, ttl=ttl, rdata=rdata, at=at))

    def _type(self, word: Word, entry: Entry) -> int:
        text = word.text.upper()
        first = entry.words[0].text.upper()
        try:
            number = dns.rdatatype.from_text(text)
        except (dns.exception.DNSException, ValueError):
            if first in _TYPES and not entry.indented:
                hint = f"start the line with a name, with @ or with a space before {first}"
            else:
                near = difflib.get_close_matches(text, _TYPES, 1)
                hint = f"did you mean {near[0]}?" if near else "known are " + ", ".join(_TYPES)
            raise word.problem(f'"{word.text}" is not a record type', hint) from None
        if dns.rdatatype.is_metatype(number):
            raise word.problem(f"{text} is not a type of a record in a zone", "known are " + ", ".join(_TYPES))
        return int(number)

    def _rdata(self, number: int, at: Word, fields: list[Word]) -> dns.rdata.Rdata:
        text = " ".join(word.text for word in fields)
        try:
            return dns.rdata.from_text(
                dns.rdataclass.IN, dns.rdatatype.RdataType.make(number), text, self.here, relativize=False
            )
        except (dns.exception.DNSException, ValueError) as error:
            where = fields[0] if fields else at
            raise where.problem(f"{at.text.upper()} cannot be read: {error or type(error).__name__}") from error

    def _ttl(self, rdata: dns.rdata.Rdata, at: Word) -> int:
        """$TTL, else the last TTL, else the SOA's own minimum, as BIND does (RFC 2308, 4; RFC 1035, 5.1)."""
        if self.default_ttl is not None:
            return self.default_ttl
        if self.last_ttl is not None:
            return self.last_ttl
        if rdata.rdtype == SOA:
            return int(rdata.minimum)  # type: ignore[attr-defined]
        raise at.problem("the record has no TTL", "write $TTL 300 on the first line")


def _zone(origin: Name, records: list[ZoneRecord], text: str) -> Zone:
    gathered: dict[Name, dict[int, list[ZoneRecord]]] = {}
    for record in records:
        gathered.setdefault(record.owner, {}).setdefault(record.type, []).append(record)
    nodes = {
        name: {
            rtype: RRset(name=name, type=rtype, ttl=group[0].ttl, rdatas=tuple(record.rdata for record in group))
            for rtype, group in types.items()
        }
        for name, types in gathered.items()
    }
    soa = nodes[origin][SOA]
    minimum = int(soa.rdatas[0].minimum)  # type: ignore[attr-defined]
    return Zone(
        origin=origin,
        nodes=nodes,
        existing=frozenset(above for name in nodes for above in _up_to(name, origin)),
        cuts=frozenset(name for name, types in nodes.items() if NS in types and name != origin),
        negative=RRset(name=origin, type=SOA, ttl=min(soa.ttl, minimum), rdatas=soa.rdatas),  # RFC 2308, 3
        records=tuple(records),
        text=text,
    )


def _up_to(name: Name, origin: Name) -> Iterator[Name]:
    while name != origin:
        yield name
        name = name.parent()
    yield origin
