"""Real sockets joined to a running world: a plug for every connection, and one for every UDP socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from simulator.live.clock import Clock, WallTimers
from simulator.live.datagrams import Datagrams, Ports
from simulator.live.plug import Door, Plug
from simulator.live.sockets import Opened
from simulator.live.world import join
from simulator.nodes.host import Host
from simulator.scenario.world import World

__all__ = ["Joined", "join_sockets"]


_GOODBYE_SECONDS: Final = 1.0
"""How long clients may take to hear that the world ends."""
_LOOK_SECONDS: Final = 0.01


@dataclass(slots=True)
class Joined:
    """A world that real clients can reach."""

    clock: Clock
    hosts: tuple[Host, ...] = ()
    servers: list[asyncio.Server] = field(default_factory=list)
    datagrams: list[asyncio.BaseTransport] = field(default_factory=list)
    plugs: dict[Plug, None] = field(default_factory=dict)

    async def close(self) -> None:
        """Let nobody in any more, and end with everybody who is in."""
        for server in self.servers:
            server.close()
        for transport in self.datagrams:
            transport.close()
        for host in self.hosts:
            self.clock.call(host.stop_sessions)
        end = self.clock.loop.time() + _GOODBYE_SECONDS
        while self.plugs and self.clock.loop.time() < end:
            await asyncio.sleep(_LOOK_SECONDS)
        for plug in tuple(self.plugs):
            plug.cut()
        await asyncio.sleep(0)
        self.clock.stop()


async def join_sockets(world: World, client: str, opened: Iterable[Opened], pace: float) -> Joined:
    """Let real clients in by these sockets, from the host `client` of the world."""
    loop = asyncio.get_running_loop()
    places = tuple(opened)
    host = world.hosts[client]
    clock = Clock(world.network, loop, pace)
    world.network.outside(client, WallTimers(clock))
    join(world, host, {one.place.host for one in places})
    joined = Joined(clock, tuple(world.hosts.values()))
    ports = Ports(host)
    for one in places:
        await _join(joined, one, host, ports)
    clock.call(lambda: None)
    return joined


async def _join(joined: Joined, one: Opened, host: Host, ports: Ports) -> None:
    loop, clock, place = joined.clock.loop, joined.clock, one.place
    door = Door(clock, host, place.address, place.port, joined.plugs)
    joined.servers.append(await loop.create_server(door.plug, sock=one.stream, backlog=1_024))
    if one.datagrams is not None:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Datagrams(clock, host, place.address, place.port, ports), sock=one.datagrams
        )
        joined.datagrams.append(transport)
