"""A gateway between a simulated world and real servers: the nodes of the world believe that they speak to a host of it.

It carries octets and knows no protocol. Time of the world follows the clock on the wall, ten times as fast.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from simulator.engine.stream import Stream
from simulator.engine.task import spawn
from tests.nodes.mail_world import MailWorld

__all__ = ["Gateway"]

_PACE = 10
_SECOND = 1_000_000


class Gateway:
    """All that goes between one world and the loopback of this machine."""

    def __init__(self, world: MailWorld) -> None:
        self.world = world
        self._selector = selectors.DefaultSelector()

    def out(self, host: str, ports: dict[int, int]) -> None:
        """Let ports of a host of the world lead to ports of the loopback."""
        for inside, outside in ports.items():
            self.world.network.listen(host, inside, partial(self._accept, outside))

    def into(self, host: str, address: str, port: int) -> int:
        """Let a new port of the loopback lead to a port of the world, as from `host`; returns it."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._selector.register(listener, selectors.EVENT_READ, partial(self._arrive, listener, host, address, port))
        return int(listener.getsockname()[1])

    def run(self, until: Callable[[], object], seconds: float = 30) -> None:
        """Let both sides live until something holds; fails if that takes too long."""
        env, began = self.world.env, time.monotonic()
        start = int(env.now)
        while not until():
            passed = time.monotonic() - began
            assert passed < seconds, list(env.waiting())
            env.advance_to(start + int(passed * _PACE * _SECOND))
            for key, _ in self._selector.select(0.005):
                key.data()

    def close(self) -> None:
        """Close every socket."""
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _accept(self, port: int, stream: Stream) -> None:
        self._join(socket.create_connection(("127.0.0.1", port), 5), stream)

    def _arrive(self, listener: socket.socket, host: str, address: str, port: int) -> None:
        there, _ = listener.accept()

        def story() -> Any:
            stream: Stream = yield self.world.network.connect(host, address, port)
            self._join(there, stream)

        spawn(self.world.env, story())

    def _join(self, there: socket.socket, stream: Stream) -> None:
        cause = self.world.env.cause
        gone: list[bool] = []

        def hear() -> None:
            self.world.env.cause = cause
            try:
                octets = there.recv(65_536)
            except OSError:
                octets = b""
            if octets:
                stream.send(octets)
            else:
                self._selector.unregister(there)
                gone.append(True)
                there.close()
                stream.close()

        def say(octets: bytes) -> None:
            if not gone:
                with suppress(OSError):
                    there.sendall(octets)

        def end(how: str) -> None:
            if not gone:
                with suppress(OSError):
                    there.shutdown(socket.SHUT_WR if how == "fin" else socket.SHUT_RDWR)

        there.settimeout(5)
        stream.on_data, stream.on_close = say, end
        self._selector.register(there, selectors.EVENT_READ, hear)
