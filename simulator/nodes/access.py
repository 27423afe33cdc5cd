"""What IMAP and POP3 servers share: a TLS door, and the record of a letter being read for the first time."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.engine.kinds import Record
from simulator.engine.stream import Stream
from simulator.engine.trace import LETTER
from simulator.limits import REPLY_TIMEOUT_US
from simulator.mailstore.store import MailStore
from simulator.nodes.host import Host, Service
from simulator.nodes.tls_filter import secure_server

__all__ = ["Door", "letter_read"]


@dataclass(slots=True)
class Door(Service):
    """A service behind implicit TLS (RFC 8314, 3): `open` makes a session when the handshake is done.

    A client that does not finish the handshake is cut off after REPLY_TIMEOUT_US.
    """

    host: Host
    store: MailStore
    port: int
    context: ssl.SSLContext
    name: str
    open: Callable[[Host, MailStore, Stream], Any]

    def start(self) -> None:
        """Listen."""
        self.host.network.listen(self.host.name, self.port, self._accept)

    def crash(self) -> None:
        """Nothing here is only in memory: each session gives back what it held."""

    def _accept(self, stream: Stream) -> None:
        timers = stream.timers
        timer = timers.call_later(REPLY_TIMEOUT_US, lambda _: stream.reset())

        def ready() -> None:
            timers.cancel(timer)
            self.open(self.host, self.store, stream)

        def ended(how: str) -> None:
            timers.cancel(timer)
            stream.close()

        stream.on_close = ended
        secure_server(self.host, stream, self.name, self.context, ready)


def letter_read(host: Host, account: str, mailbox: str, uid: int, protocol: str) -> Record | None:
    """Note that a letter is handed to its reader; returns the record that put it into the mailbox."""
    arrival = host.arrivals.get((account, mailbox, uid))
    if arrival is not None:
        letter = arrival[LETTER]
        host.internet.begin_stage("retrieval", account, at=host.name, protocol=protocol, letter=letter, also=(arrival,))
    return arrival
