"""Reads the zones of a scenario with the DNS package, and maps each mistake to its line in the YAML file.

Zones are real zone text, so what a name server reads is what the author wrote; here they are also asked what other
defaults need: who serves a zone, where its letters go, which address a name has. RFC 1035 5, RFC 1034 4.2.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from simulator import limits
from simulator.scenario import values
from simulator.scenario.include import unsafe_path
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Place, Scalar, Source
from simulator.scenario.values import ValueSyntaxError
from simulator.scenario.words import quoted

if TYPE_CHECKING:
    from simulator.protocol.dns.zone import Zone, ZoneRecord

_SAFE_REVERSE: Final = (
    "2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa", "113.0.203.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa",
)  # fmt: skip
_ADDRESS_TYPES: Final = (1, 28)  # A and AAAA
_TOPS: Final = (".", "arpa", "in-addr.arpa", "ip6.arpa")


class Zones:
    """The zones that could be read, by name without final dot; "." is the root."""

    def __init__(self) -> None:
        self.read: dict[str, Zone] = {}
        self._addresses: dict[str, list[str]] = {}
        self._owners: set[str] = set()

    def add(self, name: str, text: str) -> None:
        """Read a zone that this program wrote; raises ZoneSyntaxError if it wrote it wrong."""
        from simulator.protocol.dns.zone import parse_zone

        self.put(name, parse_zone(text, name if name == "." else f"{name}."))

    def put(self, name: str, zone: Zone) -> None:
        """Take a zone that was read."""
        self.read[name] = zone
        for record in zone.records:
            owner = str(record.owner).rstrip(".").lower()
            self._owners.add(owner)
            if record.type in _ADDRESS_TYPES:
                self._addresses.setdefault(owner, []).append(str(record.rdata))

    def targets(self, zone: str, kind: str) -> list[str]:
        """The names that the apex of a zone points to by NS, or by MX with the smallest preference first."""
        from simulator.protocol.dns.message import MX, NS, name_text

        known = self.read.get(zone)
        rrset = known.rrset(known.origin, NS if kind == "NS" else MX) if known is not None else None
        rdatas = list(rrset.rdatas) if rrset is not None else []
        if kind == "MX":
            rdatas.sort(key=lambda rdata: int(getattr(rdata, "preference")))  # noqa: B009
        return [name_text(getattr(rdata, "target" if kind == "NS" else "exchange")).lower() for rdata in rdatas]

    def addresses(self, name: str) -> list[str]:
        """The addresses that any zone gives to a name."""
        return list(dict.fromkeys(self._addresses.get(name.lower(), ())))

    def owns(self, name: str) -> bool:
        """Whether any zone has a record of that name."""
        return name.lower() in self._owners

    def used(self) -> set[str]:
        """Every address in any zone."""
        return {address for addresses in self._addresses.values() for address in addresses}

    def enclosing(self, name: str) -> str | None:
        """The nearest zone above a name (the name itself does not count), or None; the root counts."""
        above = name
        while above != ".":
            above = above.partition(".")[2] or "."
            if above in self.read:
                return above
        return None


def zone_key(name: Scalar, report: Report, *, real: bool) -> str | None:
    """The name of a zone without final dot, or None when it is reported as wrong."""
    text = name.text.lower()
    bare = text[:-1] if text.endswith(".") and text != "." else text
    if bare in _TOPS or (bare.endswith(".arpa") and any(bare == s or bare.endswith(f".{s}") for s in _SAFE_REVERSE)):
        return bare
    if bare.endswith(".arpa") and not real:
        hint = f"use {', '.join(_SAFE_REVERSE[:3])}"
        report.at("MF034", name, f"{text} is the reverse zone of addresses that belong to somebody", hint)
        return None
    try:
        return values.domain_name(bare, real=real)
    except ValueSyntaxError as problem:
        report.within(problem.rule, name, problem.message, problem.hint, offset=problem.offset, width=problem.width)
        return None


def zone_text(value: Scalar, report: Report) -> Scalar | None:
    """The text of a zone: the value itself, or the content of the `.zone` file that it names."""
    if "\n" in value.text or value.style in ("|", ">"):
        return value
    problem = unsafe_path(value.text, ".zone")
    if problem:
        message = f"{quoted(value.text)} is neither a zone nor a zone file"
        report.at("MF040", value, message, problem + ", or write | and the zone below")
        return None
    try:
        return _zone_file(value)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        message = f"the zone file {value.text} cannot be read: {reason}"
        report.at("MF040", value, message, "the path starts at the folder of the file that names it")
        return None


def _zone_file(value: Scalar) -> Scalar:
    """The content of a zone file, as text whose places lie in that file; raises OSError or ValueError."""
    source = value.place.source
    with (source.folder / value.text).open("rb") as file:
        octets = file.read(limits.YAML_OCTETS + 1)
    if len(octets) > limits.YAML_OCTETS:
        raise ValueError("it is too large")
    text = octets.decode("utf-8").replace("\r\n", "\n")
    shown = str(PurePosixPath(source.shown).parent / value.text)
    path = Path(value.text)
    return Scalar(text, Place(Source(shown, path.name, tuple(text.split("\n")), source.folder), 0, 1), "|")


def read_zone(name: str, text: Scalar, zones: Zones, report: Report, *, real: bool) -> None:
    """Read one zone of the author; its mistakes are reported at their lines."""
    from simulator.protocol.dns.zone import read_zone as read

    reading = read(text.text, name if name == "." else f"{name}.")
    for problem in reading.problems:
        if problem.severity == "error":
            place = text.line_place(problem.line, problem.column or 1)
            message = f"zone {name}, line {problem.line}: {problem.message}"
            report.add("MF041", place, message, problem.hint, problem.width)
    if reading.zone is None:
        return
    zones.put(name, reading.zone)
    if not real:
        for record in reading.zone.records:
            _check_record(name, record, text, report)


def _check_record(zone: str, record: ZoneRecord, text: Scalar, report: Report) -> None:
    """Refuse addresses and names that may belong to somebody."""
    found = _real_target(record)
    if found is None:
        return
    lines = text.text.split("\n")
    line = lines[record.line - 1] if record.line <= len(lines) else ""
    column = line.lower().find(found.lower(), record.at.column) + 1
    place = text.line_place(record.line, column or record.at.column)
    rule, hint = (
        ("MF034", f"use {values.SAFE_WORDS}")
        if record.type in _ADDRESS_TYPES
        else ("MF035", "end it in .example, .test or .invalid")
    )
    message = f"zone {zone}, line {record.line}: {found} may belong to somebody in the real world"
    report.add(rule, place, message, hint, len(found) if column else len(record.at.text))


def _real_target(record: ZoneRecord) -> str | None:
    if record.type in _ADDRESS_TYPES:
        address = str(ipaddress.ip_address(str(record.rdata)))
        return None if values.is_safe_address(address) else address
    target = getattr(record.rdata, "target", None) or getattr(record.rdata, "exchange", None)
    if target is None or len(target) == 1:
        return None
    name = str(target).rstrip(".")
    return None if values.is_safe_name(name) or name.endswith(".arpa") else name


def zone_nodes(tree: Mapping) -> list[tuple[Scalar, Scalar]]:
    """Key and value of each zone of the file."""
    zones = tree.values.get("zones")
    if not isinstance(zones, Mapping):
        return []
    return [(zones.keys[key], value) for key, value in zones.items() if isinstance(value, Scalar)]
