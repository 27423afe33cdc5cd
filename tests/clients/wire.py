"""A client core on a real socket: it sends what the core wants to say and gives the core what comes. No protocol here."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

__all__ = ["Wire"]


class Wire:
    """One connection of a core to a port of the loopback; whatever is waited for takes 10 s at most."""

    def __init__(self, core: Any, port: int, context: ssl.SSLContext) -> None:
        self.core = core
        self._context = context
        self._socket: socket.socket = socket.create_connection(("127.0.0.1", port), 20)

    def event(self) -> Any:
        """Say what waits, and give the core's next event."""
        end = time.monotonic() + 10
        while True:
            self._flush()
            event = self.core.next_event()
            self._flush()  # what came may have been a "go on" in the middle of a command
            if event is not None:
                return event
            self._socket.settimeout(max(end - time.monotonic(), 0.001))
            octets = self._socket.recv(65_536)
            assert octets, "the server hung up"
            self.core.receive_data(octets)

    def secure(self, name: str) -> None:
        """Shake hands, and tell the core."""
        self._socket = self._context.wrap_socket(self._socket, server_hostname=name)
        self.core.tls_started()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _flush(self) -> None:
        octets = self.core.data_to_send()
        if octets:
            self._socket.sendall(octets)
