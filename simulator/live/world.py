"""A scenario as a live world: today's date, real keys and chance, and a host that stands for real clients.

Its timeline and faults are left out unless asked for, since the person at the real client is the story now.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from typing import Final

from simulator.engine.kinds import Record
from simulator.engine.topology import LOOPBACK_LATENCY, Link
from simulator.keys.live_authority import LiveAuthority
from simulator.nodes.host import Host
from simulator.nodes.reality import Keeper, Reality
from simulator.scenario import model
from simulator.scenario.world import World, build

__all__ = ["CLIENT", "authority", "build_live", "client_host", "join", "live_scenario"]

CLIENT: Final = "live-client"
"""The host that stands for real clients."""

_ADDRESSES: Final = ("198.51.100.254", "2001:db8:ffff::254")
_DAY_US: Final = 86_400 * 1_000_000
_YEAR_DAYS: Final = 365


def authority(kept: bytes | None = None) -> LiveAuthority:
    """Return the authority whose certificates this world shows, the one that was kept or a new one."""
    now = time.time_ns() // 1_000
    return LiveAuthority(now - _DAY_US, now + 10 * _YEAR_DAYS * _DAY_US, kept=kept)


def live_scenario(scenario: model.Scenario, *, timeline: bool) -> model.Scenario:
    """Return the scenario as it is now, with the host of real clients in it."""
    offset = time.localtime().tm_gmtoff // 60
    return replace(
        scenario,
        start_us=time.time_ns() // 1_000,
        offset_minutes=offset,
        hosts=(*scenario.hosts, client_host(scenario)),
        timeline=scenario.timeline if timeline else (),
        faults=scenario.faults if timeline else (),
    )


def client_host(scenario: model.Scenario) -> model.Host:
    """Return the host of real clients, with a name and addresses that nobody has."""
    taken = {address for host in scenario.hosts for address in host.addresses}
    addresses = []
    for wanted in _ADDRESSES:
        address = ip_address(wanted)
        while str(address) in taken:
            address -= 1
        addresses.append(str(address))
    name = CLIENT
    while name in {host.id for host in scenario.hosts}:
        name += "-"
    return model.Host(id=name, kind="client", addresses=tuple(addresses), origin="mailflow live")


def build_live(
    scenario: model.Scenario,
    issuer: LiveAuthority,
    *,
    keeper: Keeper | None = None,
    sink: Callable[[Record], None] | None = None,
    keep: bool = True,
) -> World:
    """Set up a world of a scenario that `live_scenario` made."""
    reality = Reality(
        seed=secrets.randbits(128), chance=lambda name: secrets.SystemRandom(), authority=issuer, keeper=keeper
    )
    return build(scenario, sink=sink, keep=keep, reality=reality)


def join(world: World, host: Host, others: set[str]) -> None:
    """Put the host of real clients beside those that it can reach: it is this machine, so nothing lies between."""
    for other in sorted(others):
        world.network.topology.add_link(Link((host.name, other), LOOPBACK_LATENCY))
