"""A door without TLS: the ports on which STARTTLS (RFC 9051, 6.2.1) and STLS (RFC 2595, 4) are spoken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.engine.stream import Stream
from simulator.nodes.host import Host, Service

__all__ = ["ClearDoor"]


@dataclass(slots=True)
class ClearDoor(Service):
    """A service that takes connections as they come: `open` makes a session of each."""

    host: Host
    port: int
    open: Callable[[Stream], object]

    def start(self) -> None:
        """Listen."""
        self.host.network.listen(self.host.name, self.port, self._accept)

    def crash(self) -> None:
        """Nothing here is only in memory: each session gives back what it held."""

    def _accept(self, stream: Stream) -> None:
        self.open(stream)
