"""Datagrams between a real UDP socket and a port of the simulated network.

Each real address gets a port of the host that stands for real clients, so that an answer finds its way back; the one
that was silent longest gives its port up.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, cast

from simulator.engine.transport import Datagram
from simulator.live.clock import Clock
from simulator.nodes.host import Host

__all__ = ["Datagrams", "Ports"]

_FIRST_PORT: Final = 1_024
_ADDRESSES: Final = 4_096

_Real = tuple[Any, ...]


class Datagrams(asyncio.DatagramProtocol):
    """One real UDP socket; its datagrams go to `address` and `port` of the world. `ports` is shared by all sockets."""

    def __init__(self, clock: Clock, host: Host, address: str, port: int, ports: Ports) -> None:
        self._clock = clock
        self._host = host
        self._address = address
        self._port = port
        self._ports = ports
        self._transport: asyncio.DatagramTransport = cast(asyncio.DatagramTransport, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: _Real) -> None:
        """Carry a datagram inside."""
        self._clock.call(self._inside, data, addr)

    def error_received(self, exc: Exception) -> None:
        """Nothing depends on a datagram: that one did not arrive, its sender will ask again."""

    def _inside(self, octets: bytes, real: _Real) -> None:
        host = self._host
        host.env.cause = host.record

        def answer(datagram: Datagram) -> None:
            self._transport.sendto(datagram.octets, real)

        port = self._ports.of((self._port, self._address, real), answer)
        host.network.send_datagram(host.name, octets, self._address, self._port, port)


class Ports:
    """Which port of the host stands for which real address."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._taken: OrderedDict[object, int] = OrderedDict()
        self._next = _FIRST_PORT

    def of(self, key: object, answer: Callable[[Datagram], None]) -> int:
        """Return the port for `key`; datagrams to it are given to `answer`."""
        port = self._taken.get(key)
        if port is None:
            port = self._taken[key] = self._free()
            self._host.network.bind(self._host.name, port, answer)
        self._taken.move_to_end(key)
        return port

    def _free(self) -> int:
        if len(self._taken) >= _ADDRESSES:
            _, port = self._taken.popitem(last=False)
            self._host.network.unbind(self._host.name, port)
            return port
        self._next += 1
        return self._next - 1
