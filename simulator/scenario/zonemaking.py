"""Writes the zones that an author left out: MX, A, SPF and NS for each domain, PTR for each named host.

They are zone text like any other, printed by `validate --full`, so that a student can read them and an author can
copy one and change it. RFC 1035 5, RFC 7208 3 (SPF), RFC 1035 3.5 and RFC 3596 2.5 (reverse trees).
"""

from __future__ import annotations

import ipaddress
from typing import Final

from simulator.scenario.draft import Draft, HostDraft, ZoneDraft, domain_of
from simulator.scenario.zones import Zones

_SERIAL: Final = "1 3600 600 86400 300"
Row = tuple[str, str, str]


def complete_zones(draft: Draft, zones: Zones) -> None:
    """Add a zone for each domain of the people, and for each reverse tree, that no zone covers yet."""
    written = [zone.name for zone in draft.zones]
    missing = [domain for domain in _domains(draft) if domain not in written]
    server = _name_server(draft, zones, missing)
    for domain in missing:
        rows = _domain_rows(draft, domain, server) + _cut_rows(zones, domain, [*written, *missing], server)
        _add(draft, zones, domain, rows, _origin_of(draft, domain))
    reverse: dict[str, list[Row]] = {}
    for host in () if draft.real else draft.hosts:
        for address in host.addresses if host.name and not host.implied else ():
            zone, owner = _reverse(address)
            if not _covered(zones, zone):
                reverse.setdefault(zone, []).append((owner, "PTR", f"{host.name}."))
    for zone, rows in reverse.items():
        hostmaster = f"hostmaster.{server.partition('.')[2] or server}."
        apex = [("@", "SOA", f"{server}. {hostmaster} {_SERIAL}"), ("@", "NS", f"{server}.")]
        _add(draft, zones, zone, apex + rows, draft.top)


def _domains(draft: Draft) -> list[str]:
    served = [domain for host in draft.of_kind("mail-server") for domain in host.domains or ()]
    return list(dict.fromkeys([*draft.domains(), *served]))


def _name_server(draft: Draft, zones: Zones, missing: list[str]) -> str:
    """The domain name of the first name server; it gets one in the first made zone if it has none."""
    servers = [host for host in draft.of_kind("name-server") if not host.implied]
    first = servers[0]
    if first.name is None:
        taken = {host.name for host in draft.hosts}
        known = [target for zone in draft.zones for target in zones.targets(zone.name, "NS") if target not in taken]
        first.name = next((name for name in known if first.addresses[0] in zones.addresses(name)), None)
    if first.name is None:
        domain = missing[0] if missing else next(iter(draft.domains()), "invalid")
        first.name = f"ns.{domain}"
    return first.name


def _origin_of(draft: Draft, domain: str) -> str:
    for host in draft.of_kind("mail-server"):
        if domain in (host.domains or ()):
            return host.origin
    return next((person.origin for person in draft.people if domain_of(person.address) == domain), draft.top)


def _domain_rows(draft: Draft, domain: str, server: str) -> list[Row]:
    short = server.removesuffix(f".{domain}") if server.endswith(f".{domain}") else f"{server}."
    rows: list[Row] = [("@", "SOA", f"{short} hostmaster {_SERIAL}"), ("@", "NS", short)]
    preference = 10
    for host in draft.of_kind("mail-server"):
        if domain in (host.domains or ()) and host.name:
            rows.append(("@", "MX", f"{preference} {_relative(host.name, domain)}"))
            preference += 10
    rows.append(("@", "TXT", '"v=spf1 mx -all"'))
    for host in draft.hosts:
        if host.name and not host.implied and (host.name == domain or host.name.endswith(f".{domain}")):
            rows += _address_rows(host, domain)
    return rows


def _cut_rows(zones: Zones, domain: str, names: list[str], server: str) -> list[Row]:
    """Delegations for the zones right below a made one."""
    rows: list[Row] = []
    inside = [name for name in names if name.endswith(f".{domain}")]
    for name in inside:
        if not any(name.endswith(f".{other}") for other in inside):
            for target in zones.targets(name, "NS") or [server]:
                rows.append((_relative(name, domain), "NS", f"{target}."))
    return rows


def _address_rows(host: HostDraft, domain: str) -> list[Row]:
    owner = _relative(host.name or "", domain)
    return [(owner, "AAAA" if ":" in address else "A", address) for address in host.addresses]


def _relative(name: str, domain: str) -> str:
    if name == domain:
        return "@"
    return name.removesuffix(f".{domain}") if name.endswith(f".{domain}") else f"{name}."


def _reverse(address: str) -> tuple[str, str]:
    """The reverse zone of an address for documentation, and its owner name in it."""
    pointer = ipaddress.ip_address(address).reverse_pointer
    zone = ".".join(pointer.split(".")[1 if "." in address else 24 :])
    return zone, pointer.removesuffix(f".{zone}")


def _covered(zones: Zones, zone: str) -> bool:
    above = zones.enclosing(zone)
    return zone in zones.read or above not in (None, ".", "arpa", "in-addr.arpa", "ip6.arpa")


def _add(draft: Draft, zones: Zones, name: str, rows: list[Row], origin: str) -> None:
    text = zone_file(rows, ttl=300)
    zones.add(name, text)
    draft.zones.append(ZoneDraft(name, text, origin, *_base_and_line(origin), made=True))


def _base_and_line(origin: str) -> tuple[str, int]:
    base, _, line = origin.rpartition(":")
    return base, int(line)


def zone_file(rows: list[Row], *, ttl: int) -> str:
    """Rows of owner, type and data as a zone file in even columns."""
    owners = max(len(owner) for owner, _, _ in rows)
    types = max(len(kind) for _, kind, _ in rows)
    lines = [f"{owner:<{owners}}  IN {kind:<{types}}  {data}" for owner, kind, data in rows]
    return "\n".join([f"$TTL {ttl}", *lines, ""])
