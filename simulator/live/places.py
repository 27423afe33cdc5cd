"""Which services of a scenario real clients can reach, and which facts of it they need to know.

Taken from the scenario alone, before a socket is opened. The first mail server (or the one asked for) comes first, the
others after it, each with the name server of its domain and the resolver.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulator.errors import UsageError
from simulator.scenario import model
from simulator.text import _

__all__ = ["BLOCK", "House", "Place", "houses"]

DNS_PORT: Final = 53
BLOCK: Final = 1_000
"""Ports of one mail server and what belongs to it."""
_MAIL: Final = ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s")
_RESOLVER_OFFSET: Final = 54
_NOBODY: Final = "nobody"
_ELSEWHERE: Final = "somebody@elsewhere.example"


@dataclass(frozen=True, slots=True)
class Place:
    """A port of the world: host, address and port in it, and how far above the block's base its real port lies."""

    host: str
    address: str
    port: int
    offset: int
    datagrams: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One mail server with what a client needs: `places` by service, accounts, and addresses to try."""

    host: str
    server_name: str
    domain: str
    places: dict[str, Place]
    users: dict[str, str]
    unknown_rcpt: str
    relay_rcpt: str
    outside_sender: str


def houses(scenario: model.Scenario, first: str | None = None) -> tuple[House, ...]:
    """Return every mail server, `first` (an id) before the others. Raises UsageError where live mode cannot serve."""
    if scenario.names != "documentation":
        raise UsageError(
            _("{id} answers with the names of others, so it does not go live; choose another world").format(
                id=scenario.id
            )
        )
    servers = [host for host in scenario.hosts if host.kind == "mail-server" and host.domains]
    if not servers:
        raise UsageError(_("{id} has no mail server to talk to; choose another world").format(id=scenario.id))
    if first is not None and first not in [host.id for host in servers]:
        known = ", ".join(host.id for host in servers)
        raise UsageError(_("there is no mail server {id}; choose one of {known}").format(id=repr(first), known=known))
    servers.sort(key=lambda host: host.id != first)
    return tuple(_house(scenario, host) for host in servers)


def _house(scenario: model.Scenario, host: model.Host) -> House:
    domain = host.domains[0]
    users = {one.address: one.password for one in scenario.people if _domain_of(one.address) in host.domains}
    others = [one.address for one in scenario.people if _domain_of(one.address) not in host.domains]
    names = {address for one in scenario.people for address in (one.address, *one.aliases)}
    unknown = next(name for name in _nobodies(domain) if name not in names)
    return House(
        host=host.id,
        server_name=host.name or host.address,
        domain=domain,
        places=dict(_places(scenario, host)),
        users=users,
        unknown_rcpt=unknown,
        relay_rcpt=others[0] if others else _ELSEWHERE,
        outside_sender=others[0] if others else _ELSEWHERE,
    )


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _nobodies(domain: str) -> Iterator[str]:
    number = 0
    while True:
        yield f"{_NOBODY}{number or ''}@{domain}"
        number += 1


def _places(scenario: model.Scenario, host: model.Host) -> Iterator[tuple[str, Place]]:
    ports = {service.name: service.port for service in host.services}
    for service in _MAIL:
        if service in ports:
            yield service, Place(host.id, host.address, ports[service], _OFFSETS[service])
    zone = _zone_of(scenario, host.domains[0])
    if zone is not None:
        server = scenario.host(zone.servers[0])
        yield "dns", Place(server.id, server.address, DNS_PORT, DNS_PORT, datagrams=True)
    if host.resolver is not None:
        resolver = scenario.host(host.resolver)
        yield "resolver", Place(resolver.id, resolver.address, DNS_PORT, _RESOLVER_OFFSET, datagrams=True)


_OFFSETS: Final = {
    "smtp": 25,
    "submission": 587,
    "submissions": 465,
    "imap": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3s": 995,
}


def _zone_of(scenario: model.Scenario, domain: str) -> model.ZoneText | None:
    """Return the zone that a name lies in: the longest that fits."""
    fitting = [zone for zone in scenario.zones if domain == zone.name or domain.endswith("." + zone.name)]
    return max(fitting, key=lambda zone: len(zone.name), default=None)
