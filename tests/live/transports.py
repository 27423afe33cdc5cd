"""Two ways into the same world, with one shape: the simulated link, and a real socket with a plug behind it.

The world is the one of a seed, so both must give equal octets.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from simulator.engine.kinds import Record
from simulator.engine.stream import Stream
from simulator.engine.trace import KIND
from simulator.live.clock import AT_ONCE
from simulator.live.listening import Joined, join_sockets
from simulator.live.places import houses
from simulator.live.sockets import open_all
from simulator.live.world import CLIENT, client_host
from simulator.scenario.loading import load
from simulator.scenario.world import World, build

SECOND = 1_000_000


def quiet_world(scenario: str = "open-house") -> World:
    """A world in which nothing happens by itself, with the host of real clients in it."""
    found = load(scenario)
    return build(replace(found, hosts=(*found.hosts, client_host(found)), timeline=(), faults=()))


class Talk:
    """One connection as a client sees it."""

    async def say(self, octets: bytes) -> None:
        """Send octets."""
        raise AssertionError

    async def hear(self, octets: int | None = None) -> bytes:
        """Read that many octets; all that comes now, or with None until the other side has ended."""
        raise AssertionError

    async def end(self) -> None:
        """Say that nothing more will come."""
        raise AssertionError

    async def cut(self) -> None:
        """Break the connection."""
        raise AssertionError

    def read_no_more(self) -> None:
        """Take nothing from the connection any more."""
        raise AssertionError


class LinkTalk(Talk):
    """A connection inside the simulated network."""

    def __init__(self, world: World, host: str, port: int) -> None:
        self.world = world
        self.heard = b""
        self.ended: str | None = None
        self.stream: Stream | None = None
        world.hosts[CLIENT].spawn(self._open(world.scenario.host(host).address, port), name="the test")
        self._pass()

    def _open(self, address: str, port: int) -> Any:
        stream: Stream = yield self.world.network.connect(CLIENT, address, port)
        self.stream = stream
        stream.on_data = self._hear
        stream.on_close = self._end

    def _hear(self, octets: bytes) -> None:
        self.heard += octets

    def _end(self, how: str) -> None:
        self.ended = how
        if self.stream is not None:
            self.stream.close()

    def _pass(self, seconds: int = 5) -> None:
        self.world.env.advance(self.world.env.now + seconds * SECOND)

    async def say(self, octets: bytes) -> None:
        assert self.stream is not None
        self.stream.send(octets)
        self._pass()

    async def hear(self, octets: int | None = None) -> bytes:
        if octets is None:
            self._pass(3_600)
            assert self.ended is not None
        got, self.heard = (self.heard, b"") if octets is None else (self.heard[:octets], self.heard[octets:])
        return got

    async def end(self) -> None:
        assert self.stream is not None
        self.stream.close()
        self._pass()

    async def cut(self) -> None:
        assert self.stream is not None
        self.stream.reset()
        self._pass()

    def read_no_more(self) -> None:
        assert self.stream is not None
        self.stream.hold()


class SocketTalk(Talk):
    """A connection through a real socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def hear(self, octets: int | None = None) -> bytes:
        wanted = self.reader.read() if octets is None else self.reader.readexactly(octets)
        try:
            return await asyncio.wait_for(wanted, 20)
        except ConnectionResetError:
            return b""

    async def end(self) -> None:
        self.writer.write_eof()

    async def cut(self) -> None:
        self.writer.transport.abort()

    def read_no_more(self) -> None:
        transport = self.writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()


class Way:
    """A world and a way in: `talk(host, port)` connects."""

    def __init__(self, world: World, ports: dict[tuple[str, int], int], joined: Joined | None = None) -> None:
        self.world = world
        self.ports = ports
        self.joined = joined

    async def talk(self, host: str, port: int) -> Talk:
        """Connect to a port of a host of the world."""
        if self.joined is None:
            return LinkTalk(self.world, host, port)
        return SocketTalk(*await asyncio.open_connection("127.0.0.1", self.ports[(host, port)]))

    def records(self, kind: str) -> list[Record]:
        """The records of one kind, so far."""
        return [record for record in self.world.env.trace.records if record[KIND].name == kind]

    async def until(self, true: Callable[[], bool], seconds: float = 10) -> None:
        """Let the world go on until something holds."""
        if self.joined is None:
            self.world.env.advance(self.world.env.now + 10 * SECOND)
        end = asyncio.get_running_loop().time() + seconds
        while not true():
            assert asyncio.get_running_loop().time() < end, "it did not become true"
            await asyncio.sleep(0.01)


@asynccontextmanager
async def way_in(kind: str, world: World | None = None, pace: float = AT_ONCE) -> AsyncIterator[Way]:
    """A world with a way in of the kind `link` or `socket`."""
    world = world or quiet_world()
    if kind == "link":
        yield Way(world, {})
        return
    opened = open_all(houses(world.scenario), 0)
    joined = await join_sockets(world, CLIENT, opened.values(), pace)
    try:
        yield Way(world, {(place.host, place.port): one.port for place, one in opened.items()}, joined)
    finally:
        await joined.close()
        for one in opened.values():
            one.close()


__all__ = ["LinkTalk", "SocketTalk", "Talk", "Way", "quiet_world", "way_in"]
