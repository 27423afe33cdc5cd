"""Makes the top of the DNS tree: root, top-level and reverse name servers, with real delegations and glue.

A resolver starts from the root as in the real world, so every world has one; authors need not write it. Hosts and
zones made here are marked `implied` and folded on the map. RFC 1034 4.2.1 (delegation, glue), RFC 1035 3.5.
"""

from __future__ import annotations

from typing import Final

from simulator.scenario.addressing import Addresses
from simulator.scenario.draft import Draft, HostDraft, ZoneDraft
from simulator.scenario.model import IMPLIED_TTL
from simulator.scenario.zonemaking import Row, zone_file
from simulator.scenario.zones import Zones

ROOT: Final = ("root-a", "a.root-servers.example")
TOP: Final = ("tld-a", "a.gtld-servers.example")
REVERSE: Final = ("arpa-a", "a.arpa-servers.example")
_REVERSE_TREES: Final = ("in-addr.arpa", "ip6.arpa")
_SERIAL: Final = "1 1800 900 604800 86400"


def add_delegations(draft: Draft, zones: Zones) -> None:
    """Add the servers and zones above those of the author; who writes the root writes all of it."""
    if "." in zones.read:
        return
    tops = _missing_tops(draft, zones)
    trees = [
        tree
        for tree in _REVERSE_TREES
        if tree not in zones.read and any(z.name.endswith(f".{tree}") for z in draft.zones)
    ]
    wanted = [(ROOT, ["."]), (TOP, tops), (REVERSE, trees)]
    pool = Addresses(zones.used() | {address for host in draft.hosts for address in host.addresses})
    made = [_server(draft, pool, names, served) for names, served in wanted if served]
    addresses = {host.name or "": host.addresses[0] for host in made}
    for names, served in reversed(wanted):  # the root comes last: it delegates to the others
        for zone in served:
            _add_zone(draft, zones, zone, names[1], addresses)


def _missing_tops(draft: Draft, zones: Zones) -> list[str]:
    """The top-level domains of the author's zones that no zone of the author covers."""
    names = [zone.name for zone in draft.zones if "." in zone.name.strip(".") and not zone.name.endswith("arpa")]
    tops = dict.fromkeys(name.rpartition(".")[2] for name in names)
    return [top for top in tops if top not in zones.read]


def _server(draft: Draft, pool: Addresses, names: tuple[str, str], served: list[str]) -> HostDraft:
    host_id = names[0]
    while draft.host(host_id) is not None:
        host_id += "-x"
    host = HostDraft(
        id=host_id,
        kind="name-server",
        origin=draft.top,
        name=names[1],
        addresses=(pool.take_last(),),
        serves=tuple(served),
        implied=True,
    )
    draft.hosts.append(host)
    return host


def _add_zone(draft: Draft, zones: Zones, name: str, server: str, servers: dict[str, str]) -> None:
    hostmaster = f"hostmaster.{server.partition('.')[2]}."
    rows: list[Row] = [("@", "SOA", f"{server}. {hostmaster} {_SERIAL}"), ("@", "NS", f"{server}.")]
    glue: dict[str, list[str]] = {known: [address] for known, address in servers.items()}
    for child in _children(draft, zones, name):
        for target in zones.targets(child, "NS"):
            rows.append((_relative(child, name), "NS", f"{target}."))
            glue.setdefault(target, zones.addresses(target))
    for target, addresses in glue.items():
        if name == "." or target == name or target.endswith(f".{name}"):
            rows += [(_relative(target, name), "AAAA" if ":" in a else "A", a) for a in addresses]
    text = zone_file(rows, ttl=IMPLIED_TTL)
    zones.add(name, text)
    base, _, line = draft.top.rpartition(":")
    draft.zones.append(ZoneDraft(name, text, draft.top, base, int(line), implied=True))


def _children(draft: Draft, zones: Zones, name: str) -> list[str]:
    """The zones right below one: those for which it is the nearest zone above."""
    below = []
    for zone in draft.zones:
        if zone.name != name and zones.enclosing(zone.name) is None and _inside(zone.name, name):
            below.append(zone.name)
    return below


def _inside(zone: str, name: str) -> bool:
    return name == "." or zone.endswith(f".{name}")


def _relative(name: str, zone: str) -> str:
    """A name relative to a zone; relative to the root it is the name itself."""
    return name if zone == "." else name.removesuffix(f".{zone}")
