"""A plug: octets between one real socket and one connection inside the simulated network, both ways.

The connection is opened from the host that stands for real clients; whoever reads too slowly on one side holds the
other. Nothing here knows what the octets mean; under TLS they pass sealed from the real client to the simulated server.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final, cast

from simulator.engine.stream import Stream
from simulator.engine.task import Story, Task
from simulator.engine.transport import ConnectFailed
from simulator.limits import (
    LIVE_CONNECTIONS_PER_ADDRESS,
    LIVE_LINGER_US,
    LIVE_UNREAD_US,
    SECOND_US,
    UNREAD_OUTPUT_OCTETS,
)
from simulator.live.clock import Clock
from simulator.nodes.host import Host

__all__ = ["Door", "Plug"]

_UNREAD_SECONDS: Final = LIVE_UNREAD_US / SECOND_US
_LINGER_SECONDS: Final = LIVE_LINGER_US / SECOND_US


@dataclass(slots=True)
class Door:
    """Where a listening socket leads: an address and port of the world, from the host that stands for real clients."""

    clock: Clock
    host: Host
    address: str
    port: int
    plugs: dict[Plug, None] = field(default_factory=dict)
    """Those that are in, over all doors of one server."""

    def plug(self) -> Plug:
        """Make the plug for one more client."""
        return Plug(self)


class Plug(asyncio.Protocol):
    """One real client."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._clock = door.clock
        self._env = door.host.env
        self._cause = door.host.record
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._task: Task | None = None
        self._stream: Stream | None = None
        self._paused = True
        self._patience: asyncio.TimerHandle | None = None

    # What the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the connection inside; until it is there the client waits."""
        self._transport = cast(asyncio.Transport, transport)
        if len(self._door.plugs) >= LIVE_CONNECTIONS_PER_ADDRESS:
            self._transport.abort()
            return
        self._door.plugs[self] = None
        self._transport.pause_reading()
        self._transport.set_write_buffer_limits(high=UNREAD_OUTPUT_OCTETS)
        self._clock.call(self._open)

    def data_received(self, data: bytes) -> None:
        """Carry octets inside."""
        self._clock.call(self._say, data)

    def eof_received(self) -> bool:
        """Tell that the client has said everything; it may still listen."""
        self._clock.call(self._shut)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the client is gone."""
        self._door.plugs.pop(self, None)
        self._wait_no_more()
        self._clock.call(self._gone)

    def pause_writing(self) -> None:
        """Hold the server: the client does not read; after a while it is cut off."""
        if self._stream is not None:
            self._stream.hold()
        self._wait(_UNREAD_SECONDS)

    def resume_writing(self) -> None:
        """Let the server go on."""
        self._wait_no_more()
        if self._stream is not None and not self._transport.is_closing():
            self._clock.call(self._stream.release)

    def cut(self) -> None:
        """End at once, because live mode ends."""
        self._transport.abort()

    # Inside the world

    def _open(self) -> None:
        self._env.cause = self._cause
        self._task = self._door.host.spawn(self._connected(), name="a real client")

    def _connected(self) -> Story:
        door = self._door
        try:
            stream: Stream = yield door.host.network.connect(door.host.name, door.address, door.port)
        except ConnectFailed:  # a real listener cannot refuse any more: it has accepted
            self._transport.abort()
            return
        self._cause = self._env.cause
        self._stream = stream
        stream.on_data = self._hear
        stream.on_close = self._ended
        stream.on_drained = self._drained
        self._paused = False
        self._transport.resume_reading()

    def _say(self, octets: bytes) -> None:
        stream = self._stream
        if stream is None:
            return
        self._env.cause = self._cause
        stream.send(octets)
        if stream.unsent >= UNREAD_OUTPUT_OCTETS and not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def _drained(self) -> None:
        """Read on: the server has taken most of what was said."""
        stream = self._stream
        small = stream is not None and stream.unsent < UNREAD_OUTPUT_OCTETS
        if self._paused and small and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def _hear(self, octets: bytes) -> None:
        self._cause = self._env.cause
        self._transport.write(octets)

    def _ended(self, how: str) -> None:
        """The server ended: what it said last still goes out, but for a client that reads it."""
        if how != "fin":
            self._transport.abort()
            return
        self._transport.close()
        self._wait(_LINGER_SECONDS)
        if self._stream is not None:
            self._stream.close()

    def _shut(self) -> None:
        if self._stream is not None:
            self._env.cause = self._cause
            self._stream.close()

    def _gone(self) -> None:
        self._env.cause = self._cause
        if self._task is not None:
            self._task.cancel()
        stream = self._stream
        if stream is not None and stream.ended is None:
            self._silence(stream)

    def _silence(self, stream: Stream) -> None:
        """Take what the server still says to nobody, and let it see that its client is gone."""
        stream.on_data = _nowhere
        if stream.closed:
            stream.release()
        else:
            stream.reset()

    # Patience

    def _wait(self, seconds: float) -> None:
        self._wait_no_more()
        self._patience = self._clock.loop.call_later(seconds, self._transport.abort)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _nowhere(octets: bytes) -> None:
    """Nobody listens any more."""
